"""Our message centre with independent clients: smpplib and Kannel."""

import asyncio
import socket
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from operator import contains
from pathlib import Path

import pytest
from tests.peers.peers import Program, free_port, require, until_async
from tests.peers.smpp.harness import ACCOUNT, PASSWORD, SCRIPTS, Facts, centre

from baitie.kernel.time import Instant
from baitie.wire.smpp.centre import CentreSettings, MessageDone, MessageShown
from baitie.wire.smpp.constants import MessageState, Status
from baitie.wire.smpp.rulings import Accept, Refuse, Ruling, Submission

WITHIN_S = 20.0
SMPPLIB_TEXT = "【某某保险】将就车险报案回访"


@contextmanager
def smpplib_client(folder: Path, port: int, count: int, data_coding: int) -> Iterator[Facts]:
    python = require("smpplib")
    command = [python, str(SCRIPTS / "smpplib_client.py"), str(port), str(count), hex(data_coding)]
    with Program(command, folder, name="smpplib_client") as program:
        yield Facts(program)


def test_smpplib_submits_a_flash_and_reads_our_receipt(tmp_path: Path) -> None:
    async def run() -> None:
        async with centre() as (_, port, fates):
            with smpplib_client(tmp_path, port, 1, 0x18) as facts:
                assert await facts.program.ended(WITHIN_S) == 0, facts.program.output
            (shown,) = fates
            assert isinstance(shown, MessageShown)
            submission = shown.submission
            assert (submission.text, submission.data_coding, submission.is_flash) == (SMPPLIB_TEXT, 0x18, True)
            assert submission.validity_s == 30.0
            (answer,), (receipt,) = facts.having("answer"), facts.having("delivered")
            assert answer == {"answer": 0, "message_id": submission.message_id}
            assert (receipt["esm_class"], receipt["state"]) == (4, MessageState.DELIVERED)
            assert receipt["receipted"] == submission.message_id
            assert f"id:{submission.message_id} " in receipt["delivered"]
            assert "stat:DELIVRD" in receipt["delivered"]

    asyncio.run(run())


def test_smpplib_hears_refusals_throttling_and_undeliverable_messages(tmp_path: Path) -> None:
    rulings: Iterator[Ruling] = iter(
        [Refuse(Status.ESME_RTHROTTLED), Refuse(Status.ESME_RINVDSTADR), Accept(state=MessageState.UNDELIVERABLE)]
    )

    def policy(submission: Submission, now: Instant) -> Ruling:
        return next(rulings)

    async def run() -> None:
        async with centre(policy) as (_, port, fates):
            with smpplib_client(tmp_path, port, 3, 0x00) as facts:
                assert await facts.program.ended(WITHIN_S) == 0, facts.program.output
            assert [fact["answer"] for fact in facts.having("answer")] == [0x58, 0x0B, 0]
            assert "stat:UNDELIV" in facts.having("delivered")[0]["delivered"]
            assert [type(fate) for fate in fates] == [MessageDone]

    asyncio.run(run())


def test_smpplib_with_a_wrong_password_is_not_bound(tmp_path: Path) -> None:
    async def run() -> None:
        async with centre(settings=CentreSettings({ACCOUNT: "other"})) as (_, port, _fates):
            with smpplib_client(tmp_path, port, 1, 0x18) as facts:
                assert await facts.program.ended(WITHIN_S) == 1
            assert facts.having("bind_error") == [{"bind_error": Status.ESME_RINVPASWD}]

    asyncio.run(run())


def test_smpplib_sends_a_hundred_and_has_a_hundred_receipts(tmp_path: Path) -> None:
    async def run() -> None:
        async with centre() as (_, port, fates):
            with smpplib_client(tmp_path, port, 100, 0x08) as facts:
                assert await facts.program.ended(WITHIN_S) == 0, facts.program.output
            assert len(fates) == len(facts.having("delivered")) == 100
            assert len({fact["receipted"] for fact in facts.having("delivered")}) == 100

    asyncio.run(run())


class Kannel:
    """bearerbox and smsbox as one client, ordered by HTTP."""

    def __init__(self, folder: Path, centre_port: int, callback_port: int) -> None:
        self.admin_port, self.box_port, self.http_port = (free_port_tcp() for _ in range(3))
        self.callback_port = callback_port
        self.configuration = folder / "kannel.conf"
        self.configuration.write_text(
            f"""
group = core
admin-port = {self.admin_port}
admin-password = secret
admin-interface = 127.0.0.1
smsbox-port = {self.box_port}
smsbox-interface = 127.0.0.1
log-level = 0
dlr-storage = internal
box-allow-ip = "127.0.0.1"

group = smsc
smsc = smpp
smsc-id = ours
host = 127.0.0.1
port = {centre_port}
transceiver-mode = true
smsc-username = {ACCOUNT}
smsc-password = {PASSWORD}
system-type = VMA
source-addr-ton = 0
source-addr-npi = 1
dest-addr-ton = 1
dest-addr-npi = 1

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {self.box_port}
sendsms-port = {self.http_port}
sendsms-interface = 127.0.0.1
log-level = 0

group = sendsms-user
username = u
password = p
max-messages = 1

group = sms-service
keyword = default
get-url = "http://127.0.0.1:{callback_port}/reply?text=%b"
max-messages = 0
"""
        )

    async def send(self, text: bytes, coding: int, mclass: int | None, key: str) -> str:
        """Order one message; the receipt comes to `/receipt?key=…&kind=…` of the callback port."""
        receipt_url = f"http://127.0.0.1:{self.callback_port}/receipt?key={key}&kind=%d"
        query = {
            "username": "u",
            "password": "p",
            "from": "10690001",
            "to": "8613812345678",
            "text": text,
            "coding": coding,
            "dlr-mask": 31,
            "dlr-url": receipt_url,
            **({} if mclass is None else {"mclass": mclass}),
        }
        return await http_get(self.http_port, "/cgi-bin/sendsms?" + urllib.parse.urlencode(query))


def free_port_tcp() -> int:
    return free_port(socket.SOCK_STREAM)


async def http_get(port: int, path: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.read(65_536), WITHIN_S)
    writer.close()
    return answer.decode("latin-1")


class Callbacks:
    """A tiny HTTP server that keeps the paths it was asked for."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    async def start(self) -> int:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = self.server.sockets[0].getsockname()[1]
        return port

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        self.paths.append(request.split(b" ", 2)[1].decode())
        writer.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()


def test_kannel_submits_flash_as_0x18_and_0xf0_and_takes_receipts_and_replies(tmp_path: Path) -> None:
    bearerbox = require("kannel")
    smsbox = str(Path(bearerbox).with_name("smsbox"))

    async def run() -> None:
        callbacks = Callbacks()
        callback_port = await callbacks.start()
        async with centre() as (ours, port, fates):
            kannel = Kannel(tmp_path, port, callback_port)
            configuration = str(kannel.configuration)
            with Program([bearerbox, configuration], tmp_path, name="bearerbox") as box:
                await until_async(lambda: ours.is_bound(ACCOUNT), WITHIN_S, f"Kannel binds:\n{box.output[-2000:]}")
                with Program([smsbox, configuration], tmp_path, name="smsbox") as boxed:
                    await until_async(
                        lambda: boxed.has_written("Connected to bearerbox"), WITHIN_S, "smsbox is connected"
                    )
                    wide = "【某某保险】来电".encode("utf-16-be")
                    assert "202" in await kannel.send(wide, 2, 0, "wide")
                    assert "202" in await kannel.send(b"Acme calls you", 0, 0, "narrow")
                    assert "202" in await kannel.send(b"Plain", 0, None, "plain")
                    await until_async(lambda: len(fates) == 3, WITHIN_S, "three messages")
                    for key in ("wide", "narrow", "plain"):
                        wanted = f"/receipt?key={key}&kind=1"
                        await until_async(partial(contains, callbacks.paths, wanted), WITHIN_S, wanted)
                    assert ours.originate(ACCOUNT, "8613812345678", "10690001", "STOP") is None
                    await until_async(
                        lambda: any(path.startswith("/reply?text=STOP") for path in callbacks.paths),
                        WITHIN_S,
                        "the reply",
                    )
        seen = [(fate.submission.text, fate.submission.data_coding, fate.submission.is_flash) for fate in fates]
        assert seen == [("【某某保险】来电", 0x18, True), ("Acme calls you", 0xF0, True), ("Plain", 0x00, False)]
        callbacks.server.close()

    asyncio.run(run())


@pytest.mark.parametrize("drops", [1, 3])
def test_smpplib_is_dropped_without_harm_to_the_centre(tmp_path: Path, drops: int) -> None:
    async def run() -> None:
        async with centre() as (ours, port, fates):
            for _ in range(drops):
                with smpplib_client(tmp_path, port, 100_000, 0x18):
                    await until_async(lambda: ours.is_bound(ACCOUNT), WITHIN_S, "bound")
                    ours.drop_connections()
                    await until_async(lambda: not ours.is_bound(ACCOUNT), WITHIN_S, "not bound")
            before = len(fates)
            with smpplib_client(tmp_path, port, 1, 0x18) as facts:
                await until_async(lambda: facts.having("answer"), WITHIN_S, "an answer")
                await until_async(lambda: len(fates) > before, WITHIN_S, "a message that was shown")

    asyncio.run(run())
