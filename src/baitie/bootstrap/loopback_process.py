"""The loopback carrier as a process of its own: `python -m baitie.bootstrap.loopback_process`.

Reads one line of JSON (`LoopbackOrder`) from standard input, opens its sockets on 127.0.0.1, answers with one line
of JSON (`{"sip_port": …, "smpp_port": …, "vendor_port": …, "proof_port": …, "proof_secret": …}`) and serves until
standard input closes: when its parent is gone, so is it. Where the order says so, civil time stands still until the
next line comes, so that both sides begin the day together.
"""

import asyncio
import json
import os
import signal
import sys
import tomllib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TextIO

from baitie.adapters.clock import ScaledCivilClock, SystemRng
from baitie.adapters.media.process import MediaProcess
from baitie.adapters.sip.endpoint import SipEndpoint
from baitie.adapters.sip.settings import EndpointSettings
from baitie.adapters.smpp.centre_server import SmppCentreServer
from baitie.bootstrap.loopback_proof import serve_proof
from baitie.bootstrap.loopback_vendor import loopback_vendor
from baitie.bootstrap.loops import run
from baitie.domain.voicebot.script import parse_script
from baitie.files.bounded_files import open_private
from baitie.files.profile_files import DEFAULT_PROFILE
from baitie.files.zones import hour_by_number
from baitie.kernel.foreign_text import shown_json
from baitie.rehearsal.listening import HeardFlow
from baitie.rehearsal.loopback.carrier import CENTRE_ACCOUNT, LoopbackCarrier
from baitie.rehearsal.loopback.handset import HELLO, MAILBOX
from baitie.rehearsal.population import Population
from baitie.rehearsal.profile import Profile, parse_profile
from baitie.wire.smpp.centre import CentreSettings

ADDRESS = "127.0.0.1"
SOUNDS = Path(__file__).parents[1] / "rehearsal" / "sounds"


@dataclass(frozen=True, slots=True)
class LoopbackOrder:
    """What the carrier is to simulate. `segments` by number; `log`: file for what it saw; ports of 0: any free one;
    `waits_for_begin`: civil time stands still until a line comes; `script`: file of the flow that callees hear, with
    `prompt_s`, the length of each prompt; without it they answer one question."""

    seed: int
    civil_start: str
    civil_speed: float
    profile: str = str(DEFAULT_PROFILE)
    segments: dict[str, str] = field(default_factory=dict)
    log: str | None = None
    sip_port: int = 0
    smpp_port: int = 0
    waits_for_begin: bool = False
    script: str | None = None
    prompt_s: dict[str, float] = field(default_factory=dict)


async def serve(
    order: LoopbackOrder,
    profile: Profile,
    clock: ScaledCivilClock,
    log_file: TextIO | None,
    report: Callable[[str], None],
    until: asyncio.Event,
) -> None:
    """Serve until the event is set."""
    loop = asyncio.get_running_loop()
    media = MediaProcess(ADDRESS)
    carrier = LoopbackCarrier(
        population=Population(profile, order.seed, order.segments, _flow(order)),
        clock=clock,
        media=media,
        address=ADDRESS,
        hour_of_week=hour_by_number(clock.civil_now),
        note=_note_into(log_file, loop.time),
    )
    carrier.population.on_complaint = lambda number, attempt, after_s: carrier.note(
        {"kind": "complaint", "from": number, "attempt": attempt, "after_s": round(after_s)}
    )
    endpoint = SipEndpoint(EndpointSettings(bind_host=ADDRESS, udp_port=order.sip_port), SystemRng(), carrier.on_sip)
    carrier.exchange = endpoint
    centre = SmppCentreServer(
        CentreSettings(accounts=dict([CENTRE_ACCOUNT])), clock, carrier.rule, carrier.on_message_fate
    )
    carrier.write = partial(centre.originate, CENTRE_ACCOUNT[0])
    await media.start()
    await media.load_prompts({name: SOUNDS / f"{name}.pcma" for name in (HELLO, MAILBOX)})
    await endpoint.start()
    smpp_port = await centre.start(ADDRESS, order.smpp_port)
    vendor = loopback_vendor(carrier.population, clock, carrier.note)
    vendor_port = await vendor.start(ADDRESS)
    found = {"sip_port": endpoint.addresses["UDP"][1], "smpp_port": smpp_port, "vendor_port": vendor_port}
    proof, told = await serve_proof(ADDRESS, found)
    report(json.dumps({**found, **told}))
    try:
        await until.wait()
    finally:
        proof.close()
        await vendor.close()
        await centre.close()
        await endpoint.close()
        await media.stop()


def _note_into(log_file: TextIO | None, now: Callable[[], float]) -> Callable[[dict[str, object]], None]:
    def note(what: dict[str, object]) -> None:
        if log_file is not None:
            line = json.dumps({"at_s": round(now(), 4), **what}, ensure_ascii=False)
            log_file.write(shown_json(line) + "\n")

    return note


def main() -> None:
    """Entry of the process."""
    # Ctrl-C in the terminal is meant for the dialler, which lets calls end first.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    order = LoopbackOrder(**json.loads(sys.stdin.readline()))
    profile_file = Path(order.profile)
    profile = parse_profile(tomllib.loads(profile_file.read_text("utf-8")), profile_file.name)
    with ExitStack() as stack:
        log_file = None
        if order.log is not None:
            log_file = stack.enter_context(open(order.log, "a", encoding="utf-8", buffering=1, opener=open_private))
        run(_main(order, profile, log_file))


def _flow(order: LoopbackOrder) -> HeardFlow | None:
    if order.script is None:
        return None
    file = Path(order.script)
    return HeardFlow(parse_script(tomllib.loads(file.read_text("utf-8")), file.name), order.prompt_s)


async def _main(order: LoopbackOrder, profile: Profile, log_file: TextIO | None) -> None:
    until = asyncio.Event()
    loop = asyncio.get_running_loop()
    civil_start = datetime.fromisoformat(order.civil_start)
    clock = ScaledCivilClock(civil_start, order.civil_speed, is_standing=order.waits_for_begin)
    loop.add_reader(sys.stdin.fileno(), _on_stdin, clock, until)
    loop.add_signal_handler(signal.SIGTERM, until.set)
    await serve(order, profile, clock, log_file, _print_line, until)


def _on_stdin(clock: ScaledCivilClock, until: asyncio.Event) -> None:
    if os.read(sys.stdin.fileno(), 4096):
        clock.begin()
    else:
        until.set()


def _print_line(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
