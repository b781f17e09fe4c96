"""How a loopback carrier that runs already proves that it is one: so that no settings aim simulated days at real lines.

It knows a secret that stands in its attach file, and answers a challenge with an HMAC over the challenge and the ports
that it listens on itself. A file that names somebody else's ports, such as those of a telephone exchange, fails.
"""

import asyncio
import hmac
import json
import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from baitie.kernel.errors import InputError

PROOF_WAIT_S = 5.0
CHALLENGE_DIGITS = 32
LINE_OCTETS_MAX = 256
_PORTS = ("sip_port", "smpp_port", "vendor_port")


class LoopbackForeignError(InputError):
    """What `loopback.attach_file` names does not prove to be a loopback carrier of Baitie: simulated days go nowhere
    else. Start `python -m baitie.bootstrap.loopback_process` and take the line that it prints as the file."""

    code = "loopback-foreign"


async def serve_proof(address: str, ports: Mapping[str, int]) -> tuple[asyncio.Server, dict[str, Any]]:
    """Answer challenges for these ports; gives what the attach file must hold besides them."""
    secret = secrets.token_hex(32)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = await asyncio.wait_for(reader.readuntil(b"\n"), PROOF_WAIT_S)
            writer.write(answer_to(secret, line.strip().decode("ascii"), ports).encode() + b"\n")
            await writer.drain()
        except (TimeoutError, ValueError, OSError, EOFError, asyncio.LimitOverrunError):
            pass  # whoever that was, it was not one of ours
        finally:
            writer.close()

    server = await asyncio.start_server(answer, address, 0, limit=LINE_OCTETS_MAX)
    return server, {"proof_port": server.sockets[0].getsockname()[1], "proof_secret": secret}


async def prove_loopback(address: str, told: Mapping[str, Any]) -> dict[str, int]:
    """The ports of an attach file, proved to be those of a loopback carrier. Raises `LoopbackForeignError`."""
    try:
        ports = {name: int(told[name]) for name in _PORTS if name in told}
        secret, challenge = str(told["proof_secret"]), secrets.token_hex(CHALLENGE_DIGITS // 2)
        async with asyncio.timeout(PROOF_WAIT_S):
            reader, writer = await asyncio.open_connection(address, int(told["proof_port"]), limit=LINE_OCTETS_MAX)
            try:
                writer.write(challenge.encode() + b"\n")
                said = (await reader.readuntil(b"\n")).strip().decode("ascii")
            finally:
                writer.close()
    except KeyError as error:
        raise LoopbackForeignError(missing=error.args[0]) from error
    except (OSError, ValueError, TypeError, EOFError, OverflowError, asyncio.LimitOverrunError) as error:
        raise LoopbackForeignError(cause=type(error).__name__) from error
    if {"sip_port", "smpp_port"} - ports.keys() or not hmac.compare_digest(said, answer_to(secret, challenge, ports)):
        raise LoopbackForeignError(cause="other ports")
    return ports


def answer_to(secret: str, challenge: str, ports: Mapping[str, int]) -> str:
    """What proves these ports to whoever set the challenge."""
    stated = json.dumps({name: ports[name] for name in _PORTS if name in ports}, sort_keys=True)
    return hmac.new(secret.encode(), f"baitie loopback {challenge} {stated}".encode(), sha256).hexdigest()
