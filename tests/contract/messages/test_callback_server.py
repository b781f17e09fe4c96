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
