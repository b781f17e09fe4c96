"""Cards by SMPP: CPU per card on either side, cards per second, time from submit to receipt at a steady load.

`python -m benchmarks.cards [--cards 10000] [--offered-per-s 200] [--json]`

The message centre is our own, in a second process. A card is submit_sm, its answer, the receipt and its answer.
The peer of the same run is smpplib sending the same cards to the same centre, where it is installed (`make peers`).
Besides: what it costs to sign a card before it leaves, and to prove it afterwards.
"""

import argparse
import asyncio
import json
import multiprocessing
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import uvloop
from tests.peers.peers import locate

from baitie.adapters.clock.loop_clock import LoopClock
from baitie.adapters.signing.es256 import signer_of, verify_es256
from baitie.adapters.smpp.centre_server import SmppCentreServer
from baitie.adapters.smpp.gateway import Endpoint, SmppGateway
from baitie.app.ports.messages import MessageEvent, MessageReceipt, OutgoingMessage
from baitie.app.ports.signing import CardSigning
from baitie.app.proof.card_signatures import sign_card
from baitie.domain.dialing.attempt import Attempt, CardOutcome, Phase
from baitie.domain.dialing.policy import DialingPolicy
from baitie.kernel.ids import CardId
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.time import Instant
from baitie.wire.passport import verify_message
from baitie.wire.smpp.centre import CentreSettings
from baitie.wire.smpp.settings import ClientSettings
from benchmarks.figures import Figure, Report, percentile, run_and_show

CPU_TARGET_MS = 0.3
ACCOUNT = PASSWORD = "bench"
STEADY_S = 5.0
PEER_CARDS = 2_000
PROOFS = 2_000
READ_S = 3.0
"""The figures before are of cards alone; one more card is left to be read, as long as is usual."""

SENDER = Path(__file__).parent / "peer_callers/smpplib_sender.py"
TEXT = "【某某保险】将就车险报案(尾号0371)回访,约2分钟。核验码3917,勿告知他人"
TO = PhoneNumber("+8613812345678")


def serve(pipe: Connection) -> None:
    """The message centre in its own process: tells its port, then its CPU seconds each time it is asked."""
    uvloop.run(_serve(pipe))


async def _serve(pipe: Connection) -> None:
    centre = SmppCentreServer(CentreSettings({ACCOUNT: PASSWORD}), LoopClock())
    pipe.send(await centre.start())
    asked, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_reader(pipe.fileno(), asked.set)
    while True:
        await asked.wait()
        asked.clear()
        if pipe.recv() == "end":
            break
        pipe.send(time.process_time())
    await centre.close()


class Sender:
    """Our gateway, and when each card was submitted and receipted."""

    def __init__(self, gateway: SmppGateway) -> None:
        self.gateway = gateway
        self.submitted_at: dict[str, float] = {}
        self.receipt_ms: list[float] = []
        self._wanted = 0
        self._done = asyncio.Event()
        gateway.listen(self._on_event)

    def submit(self, number: int) -> None:
        key = CardId(f"card-{number}")
        self.submitted_at[key] = time.monotonic()
        self.gateway.submit(OutgoingMessage(key, TO, "10690001", TEXT, is_flash=True, validity_s=60.0))

    async def receipts(self, count: int) -> None:
        self._wanted = count
        await self._done.wait()
        self._done.clear()

    def _on_event(self, event: MessageEvent) -> None:
        if isinstance(event, MessageReceipt):
            self.receipt_ms.append((time.monotonic() - self.submitted_at.pop(event.card_id)) * 1000)
            if len(self.receipt_ms) >= self._wanted > 0:
                self._done.set()


async def measure(port: int, cards: int, offered_per_s: float, pipe: Connection) -> list[Figure]:
    gateway = SmppGateway(Endpoint("127.0.0.1", port), ClientSettings(ACCOUNT, PASSWORD, queue_max=cards), LoopClock())
    sender = Sender(gateway)
    await gateway.start()
    pipe.send("cpu")
    centre_cpu = pipe.recv()
    begun, cpu = time.monotonic(), time.process_time()
    for number in range(cards):
        sender.submit(number)
    await sender.receipts(cards)
    own_ms, cards_per_s = (time.process_time() - cpu) * 1000 / cards, cards / (time.monotonic() - begun)
    pipe.send("cpu")
    centre_ms = (pipe.recv() - centre_cpu) * 1000 / cards
    sender.receipt_ms.clear()
    steady = int(offered_per_s * STEADY_S)
    waiter = asyncio.ensure_future(sender.receipts(steady))
    for number in range(steady):
        sender.submit(cards + number)
        await asyncio.sleep(1 / offered_per_s)
    await waiter
    steady_ms = list(sender.receipt_ms)
    to_permit_ms = await permitted(sender, cards + steady)
    await gateway.close()
    theirs = smpplib(port)
    return [
        Figure("CPU per card, gateway", own_ms, "ms", CPU_TARGET_MS, False, "smpplib", theirs and theirs[0]),
        Figure("CPU per card, message centre", centre_ms, "ms", CPU_TARGET_MS),
        Figure(
            "cards per second, gateway and centre", cards_per_s, "1/s", None, False, "smpplib", theirs and theirs[1]
        ),
        Figure(f"submit to receipt p50 at {offered_per_s:.0f}/s", percentile(steady_ms, 0.5), "ms"),
        Figure(f"submit to receipt p99 at {offered_per_s:.0f}/s", percentile(steady_ms, 0.99), "ms"),
        Figure(f"submit to permit, {READ_S:.0f} s to read", to_permit_ms, "ms"),
    ]


async def permitted(sender: Sender, number: int) -> float:
    """From the submission of one card until its attempt asks the trunk, with time to read: by the attempt's machine."""
    machine, loop = Attempt(DialingPolicy(ring_after_receipt_s=READ_S)), asyncio.get_running_loop()
    begun = loop.time()
    machine.start(True, Instant(begun))
    machine.on_kept(Instant(begun))
    waiter = asyncio.ensure_future(sender.receipts(len(sender.receipt_ms) + 1))
    sender.submit(number)
    await waiter
    machine.on_card(CardOutcome.DELIVERED, Instant(loop.time()))
    while machine.phase is Phase.CARD_READING:
        await asyncio.sleep((machine.next_deadline() or 0.0) - loop.time())
        machine.on_deadline(Instant(loop.time()))
    return (loop.time() - begun) * 1000


def proof() -> list[Figure]:
    """CPU of signing one card before it leaves, and of proving it afterwards; PyJWT signs the same claims."""
    import jwt
    from cryptography.hazmat.primitives.asymmetric import ec

    signing, at = (
        CardSigning(signer_of(3), "https://cards.example/passport.pem", "某某保险"),
        datetime(2026, 3, 3, tzinfo=UTC),
    )
    public_key, verify = [signing.signer.public_key], verify_es256
    token = sign_card(signing, TEXT, "10690001", TO, at)
    claims = jwt.decode(token, options={"verify_signature": False})
    private = ec.derive_private_key(3, ec.SECP256R1())
    signed_ms = _cpu_ms(lambda: sign_card(signing, TEXT, "10690001", TO, at))
    theirs_ms = _cpu_ms(lambda: jwt.encode(claims, private, algorithm="ES256"))
    proved_ms = _cpu_ms(lambda: verify_message(token, public_key, verify, text=TEXT, callee=TO.e164()))
    return [
        Figure("CPU per card signed", signed_ms, "ms", None, False, "PyJWT", theirs_ms),
        Figure("CPU per card proved", proved_ms, "ms"),
    ]


def _cpu_ms(act: Callable[[], object]) -> float:
    begun = time.process_time()
    for _ in range(PROOFS):
        act()
    return (time.process_time() - begun) * 1000 / PROOFS


def smpplib(port: int) -> tuple[float, float] | None:
    """CPU ms per card and cards per second of the peer, or None where it is absent."""
    python = locate("smpplib")
    if python is None:
        return None
    command = [python, str(SENDER), str(port), str(PEER_CARDS)]
    said = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=120).stdout)
    return said["cpu_s"] * 1000 / said["cards"], said["cards"] / said["elapsed_s"]


def run(arguments: argparse.Namespace) -> list[Report]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs,))
    process.start()
    try:
        figures = uvloop.run(measure(ours.recv(), arguments.cards, arguments.offered_per_s, ours))
    finally:
        ours.send("end")
        process.join(10)
    load = f"{arguments.cards} flash cards as fast as a window of 32 lets, then {arguments.offered_per_s:.0f}/s for 5 s"
    return [Report("cards", load, figures + proof())]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cards", type=int, default=10_000)
    parser.add_argument("--offered-per-s", type=float, default=200.0)
    return run_and_show(run, parser)


if __name__ == "__main__":
    raise SystemExit(main())
