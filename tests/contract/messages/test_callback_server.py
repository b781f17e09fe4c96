"""The server of vendors' callbacks on real sockets: a request that drips holds no connection for ever."""

import asyncio
import contextlib

import pytest

from baitie.adapters.vendor_http.serving import HttpAnswer, HttpRequest, HttpServer

WITHIN_S = 30
HEAD = b"POST /callback HTTP/1.1\r\nHost: x\r\n"


async def answering(request: HttpRequest) -> HttpAnswer:
    return HttpAnswer(200, request.body)


@pytest.mark.parametrize(
    "beginning", [HEAD + b"X-Slow: ", HEAD + b"Content-Length: 4000\r\n\r\n"], ids=["head", "body"]
)
def test_octets_that_drip_do_not_lengthen_a_request(beginning: bytes) -> None:
    async def drip() -> bytes:
        server = HttpServer(answering, request_max_s=0.2)
        port = await server.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        said = b"?"
        with contextlib.suppress(ConnectionError):
            writer.write(beginning)
            async with asyncio.timeout(WITHIN_S):
                while said == b"?":
                    with contextlib.suppress(TimeoutError):
                        said = await asyncio.wait_for(reader.read(1), 0.02)
                    writer.write(b"a")
        writer.close()
        await server.close()
        return said

    assert asyncio.run(drip()) in (b"", b"?")


def test_two_requests_of_one_connection_have_a_time_each() -> None:
    async def ask_twice() -> list[bytes]:
        server = HttpServer(answering, request_max_s=WITHIN_S)
        port = await server.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        said = []
        for body in (b"one", b"two"):
            writer.write(HEAD + b"Content-Length: 3\r\n\r\n" + body)
            async with asyncio.timeout(WITHIN_S):
                await reader.readuntil(b"\r\n\r\n")
                said.append(await reader.readexactly(3))
        writer.close()
        await server.close()
        return said

    assert asyncio.run(ask_twice()) == [b"one", b"two"]


REST = b" /callback HTTP/1.1\r\nHost: x\r\n"
ODD = {
    "HEAD": (b"HEAD" + REST + b"\r\n", b"200"),
    "CONNECT": (b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", b""),
    "upgrade": (b"POST" + REST + b"Upgrade: h2c\r\nConnection: upgrade\r\nContent-Length: 0\r\n\r\n", b"200"),
    "two lengths": (b"POST" + REST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", b""),
    "no length": (b"POST" + REST + b"Content-Length: -1\r\n\r\n", b""),
    "a chunk that is none": (b"POST" + REST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", b""),
    "a zero": (b"POST" + REST + b"X: \x00\r\n\r\n", b""),
    "a long head": (b"POST" + REST + b"X: " + b"a" * 200_000 + b"\r\n\r\n", b""),
    "another protocol": (b"\x16\x03\x01" + bytes(50), b""),
}


@pytest.mark.parametrize(("octets", "status"), ODD.values(), ids=ODD)
def test_an_odd_request_is_answered_or_its_connection_broken_and_no_task_fails(octets: bytes, status: bytes) -> None:
    async def ask() -> tuple[bytes, list[object]]:
        failed: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: failed.append(context))
        server = HttpServer(answering, request_max_s=0.5)
        port = await server.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        said = b""
        with contextlib.suppress(ConnectionError):
            writer.write(octets)
            async with asyncio.timeout(WITHIN_S):
                said = await reader.read(64)
        writer.close()
        await server.close()
        return said, failed

    said, failed = asyncio.run(ask())
    assert said.split(b" ")[1:2] == ([status] if status else [])
    assert failed == []


def test_who_waits_to_be_told_to_go_on_is_told() -> None:
    async def ask() -> tuple[bytes, bytes]:
        server = HttpServer(answering, request_max_s=WITHIN_S)
        port = await server.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        async with asyncio.timeout(WITHIN_S):
            first = await reader.readuntil(b"\r\n\r\n")
            writer.write(b"one")
            await reader.readuntil(b"\r\n\r\n")
            body = await reader.readexactly(3)
        writer.close()
        await server.close()
        return first, body

    first, body = asyncio.run(ask())
    assert first.startswith(b"HTTP/1.1 100")
    assert body == b"one"
