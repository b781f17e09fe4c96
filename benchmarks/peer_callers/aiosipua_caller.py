"""Offers calls with aiosipua on uvloop. To be run with `python -O`: it asserts a class that uvloop does not have."""

from __future__ import annotations

import asyncio
import contextlib
import time

import uvloop
from aiosipua import SipUAC, SipUAS, build_sdp
from aiosipua.transport import UdpSipTransport
from tally import Order, Tally, order_from_arguments

SETTLE_S = 1.0
ANSWER_WITHIN_S = 20.0


async def main(order: Order) -> None:
    transport = UdpSipTransport(local_addr=("127.0.0.1", 0))
    uac = SipUAC(transport)
    uas = SipUAS(transport, uac=uac)
    await uas.start()
    offer = build_sdp(local_ip="127.0.0.1", rtp_port=40000, payload_type=8, codec_name="PCMA")
    tally = Tally()
    begin = time.monotonic()
    waiting = set()

    async def one_call() -> None:
        called_at = time.monotonic()
        call = uac.send_invite("sip:caller@127.0.0.1", f"sip:callee@{order.host}", (order.host, order.port), offer)
        tally.placed += 1
        try:
            await call.wait_answered(ANSWER_WITHIN_S)
        except (TimeoutError, RuntimeError):
            tally.failed += 1
            return
        tally.take_answer(time.monotonic() - called_at)
        call.hangup(uac)

    for number in range(order.calls):
        due = begin + number / order.calls_per_s
        wait_s = due - time.monotonic()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        elif number % 20 == 0:
            await asyncio.sleep(0)
        task = asyncio.create_task(one_call())
        waiting.add(task)
        task.add_done_callback(waiting.discard)
    while waiting:
        await asyncio.sleep(0.05)
    await asyncio.sleep(SETTLE_S)
    tally.say()
    with contextlib.suppress(Exception):
        await uas.stop()


if __name__ == "__main__":
    uvloop.run(main(order_from_arguments()))
