"""The callee's side sees who calls, in the enterprise's own script."""

import re
from pathlib import Path

import pytest
from tests.peers.peers import until_async
from tests.peers.sip.phone import in_loop
from tests.peers.sip.sipp import Sipp

from baitie.adapters.calls import EmbeddedCallGateway, TrunkRoute
from baitie.adapters.clock import SystemRng
from baitie.adapters.media import MediaEngine
from baitie.adapters.sip.endpoint import SipEndpoint
from baitie.adapters.sip.settings import EndpointSettings
from baitie.app.ports.calls import CallAnswered, CallEnded, CallEvent, PlaceCall
from baitie.kernel.ids import AttemptId
from baitie.kernel.phone import PhoneNumber
from baitie.wire.sip.effects import Flow

HOST = "127.0.0.1"


@pytest.mark.parametrize(
    ("name", "quoted"),
    [("云杉优选商城", '"云杉优选商城"'), ('𠮷田"商店"\\', '"𠮷田\\"商店\\"\\\\"'), ("", None)],
)
@in_loop
async def test_the_name_of_the_enterprise_reaches_the_peer_whole(tmp_path: Path, name: str, quoted: str | None) -> None:
    seen: list[CallEvent] = []
    with Sipp(tmp_path, "callee_answers") as sipp:
        gateway = EmbeddedCallGateway(
            make_endpoint=lambda listener: SipEndpoint(EndpointSettings(bind_host=HOST), SystemRng(), listener),
            media=MediaEngine(HOST),
            media_address=HOST,
            routes={"main": TrunkRoute("main", Flow("UDP", HOST, sipp.port), HOST)},
            prompts={},
        )
        gateway.listen(seen.append)
        await gateway.start()
        try:
            called, caller = PhoneNumber("+8613800000001"), PhoneNumber("+862150000100")
            gateway.place(PlaceCall(AttemptId("at_1"), called, caller, name, "main", 10.0, 30.0, None))
            await until_async(lambda: any(isinstance(event, CallAnswered) for event in seen), 10, "an answer")
            gateway.hang_up(AttemptId("at_1"))
            await until_async(lambda: any(isinstance(event, CallEnded) for event in seen), 10, "the end")
        finally:
            await gateway.close()
        await sipp.succeeded()
        (invite,) = sipp.received("INVITE")
    sender = re.search(r"^(\".*\")?\s*<sip:\+862150000100@", invite.header("From") or "")
    assert sender is not None, invite
    assert sender[1] == quoted
