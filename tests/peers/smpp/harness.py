"""Gateway, message centre and independent peers brought together on 127.0.0.1."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from tests.peers.peers import PEERS, Program, require, until

from baitie.adapters.clock.loop_clock import LoopClock
from baitie.adapters.smpp.centre_server import SmppCentreServer
from baitie.adapters.smpp.gateway import Endpoint, SmppGateway
from baitie.app.ports.messages import MessageEvent, OutgoingMessage
from baitie.kernel.ids import CardId
from baitie.kernel.phone import PhoneNumber
from baitie.wire.smpp.centre import CentreSettings, MessageDone, MessageShown
from baitie.wire.smpp.rulings import SubmitPolicy, accept_all
from baitie.wire.smpp.settings import ClientSettings

SCRIPTS = Path(__file__).parent / "scripts"
ACCOUNT, PASSWORD = "baitie", "secret"
CALLEE = PhoneNumber("+8613812345678")
CARD = "【某某保险】将就车险报案(尾号0371)回访,约2分钟"


def card(key: str, text: str = CARD, is_flash: bool = True, validity_s: float = 30.0) -> OutgoingMessage:
    return OutgoingMessage(CardId(key), CALLEE, "10690001", text, is_flash, validity_s)


class Facts:
    """What a peer has said: one JSON object a line."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def all(self) -> list[dict[str, Any]]:
        lines = self.program.output.splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("\n")]

    def having(self, key: str) -> list[dict[str, Any]]:
        return [fact for fact in self.all() if key in fact]

    def port(self) -> int:
        return int(until(lambda: self.having("port"), 10.0, "the peer listens")[0]["port"])


@contextmanager
def node_centre(folder: Path, manner: str = "plain") -> Iterator[Facts]:
    node = require("node-smpp")
    package = str(PEERS / "node/node_modules/smpp")
    command = [node, str(SCRIPTS / "node_centre.js"), package, manner]
    with Program(command, folder, name="node_centre", with_stdin=True) as program:
        yield Facts(program)


@contextmanager
def perl_centre(folder: Path, *manner: str) -> Iterator[Facts]:
    perl = require("net-smpp-perl")
    with Program([perl, str(SCRIPTS / "perl_centre.pl"), *manner], folder, name="perl_centre") as program:
        yield Facts(program)


@asynccontextmanager
async def gateway(port: int, **settings: Any) -> AsyncIterator[tuple[SmppGateway, list[MessageEvent]]]:
    """Our gateway, bound, and the events that it reports."""
    ours = SmppGateway(Endpoint("127.0.0.1", port), ClientSettings(ACCOUNT, PASSWORD, **settings), LoopClock())
    events: list[MessageEvent] = []
    ours.listen(events.append)
    await ours.start()
    try:
        yield ours, events
    finally:
        await ours.close()


@asynccontextmanager
async def centre(
    policy: SubmitPolicy = accept_all, settings: CentreSettings | None = None
) -> AsyncIterator[tuple[SmppCentreServer, int, list[MessageShown | MessageDone]]]:
    """Our message centre, its port, and what became of the messages."""
    fates: list[MessageShown | MessageDone] = []
    ours = SmppCentreServer(settings or CentreSettings({ACCOUNT: PASSWORD}), LoopClock(), policy, fates.append)
    port = await ours.start()
    try:
        yield ours, port, fates
    finally:
        await ours.close()
