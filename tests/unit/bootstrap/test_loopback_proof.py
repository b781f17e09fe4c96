"""Simulated days go to a loopback carrier alone: what an attach file names must prove to be one."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.example_folders import use_card

from baitie.bootstrap.carriers import open_carrier
from baitie.bootstrap.folders import read_folder
from baitie.bootstrap.loopback_proof import LoopbackForeignError, prove_loopback, serve_proof
from baitie.files.examples import copy_example

HOST = "127.0.0.1"
PORTS = {"sip_port": 5062, "smpp_port": 2776, "vendor_port": 8081}


def proved(**others: Any) -> dict[str, int]:
    """What a run takes for the ports when a carrier listens on PORTS and the file says something else besides."""

    async def attempt() -> dict[str, int]:
        server, told = await serve_proof(HOST, PORTS)
        try:
            return await prove_loopback(HOST, {**PORTS, **told, **others})
        finally:
            server.close()
            await server.wait_closed()

    return asyncio.run(attempt())


def test_a_loopback_carrier_proves_its_own_ports() -> None:
    assert proved() == PORTS


@pytest.mark.parametrize(
    "others",
    [{"sip_port": 5060}, {"smpp_port": 2775}, {"vendor_port": 1}, {"proof_secret": "0" * 64}, {"proof_port": 1},
     {"proof_port": "x"}, {"proof_port": 10**9}, {"sip_port": None}, {"proof_secret": None}],
    ids=str,
)  # fmt: skip
def test_ports_of_somebody_else_are_refused(others: dict[str, Any]) -> None:
    with pytest.raises(LoopbackForeignError):
        proved(**others)


def test_whoever_answers_something_else_is_refused() -> None:
    async def attempt(said: bytes) -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\n")
            writer.write(said)
            writer.close()

        server = await asyncio.start_server(answer, HOST, 0)
        port = server.sockets[0].getsockname()[1]
        try:
            with pytest.raises(LoopbackForeignError):
                await prove_loopback(HOST, {**PORTS, "proof_port": port, "proof_secret": "0" * 64})
        finally:
            server.close()

    for said in (b"SIP/2.0 400 Bad Request\r\n", b"", b"\xff\n", b"x" * 100_000):
        asyncio.run(attempt(said))


@pytest.mark.parametrize("text", ["", "[]", "{", '{"sip_port": 5060, "smpp_port": 2775}', "[" * 100_000])
def test_an_attach_file_of_old_or_none_opens_no_carrier(tmp_path: Path, text: str) -> None:
    copy_example("order-followup", tmp_path / "c")
    use_card(tmp_path / "c")
    (tmp_path / "c" / "carrier.json").write_text(text)
    with (tmp_path / "c" / "campaign.toml").open("a", encoding="utf-8") as file:
        file.write('attach_file = "carrier.json"\n')
    settings = read_folder(tmp_path / "c", {})
    with pytest.raises(LoopbackForeignError):
        asyncio.run(open_carrier(settings, "2026-03-03T10:00:00+08:00", {}))
