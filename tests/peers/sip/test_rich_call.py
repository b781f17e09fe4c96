"""The callee's side gets who calls and why, signed, and can prove it."""

import time
from pathlib import Path

from tests.peers.peers import until_async
from tests.peers.sip.phone import in_loop
from tests.peers.sip.sipp import Sipp

from baitie.adapters.calls import EmbeddedCallGateway, TrunkRoute
from baitie.adapters.clock import LoopClock, SystemRng
from baitie.adapters.media import MediaEngine
from baitie.adapters.signing.es256 import signer_of, verify_es256
from baitie.adapters.sip.endpoint import SipEndpoint
from baitie.adapters.sip.settings import EndpointSettings
from baitie.app.campaign.rich_call import plan_rich_call
from baitie.app.ports.calls import CallAnswered, CallEnded, CallEvent, PlaceCall
from baitie.app.ports.signing import CardSigning
from baitie.kernel.ids import AttemptId
from baitie.kernel.phone import PhoneNumber
from baitie.wire.passport import RichCallData, read_call_info_untrusted, read_identity_untrusted, verify_call
from baitie.wire.sip.effects import Flow

HOST = "127.0.0.1"
LOGO = "https://cards.example/logo-256x256.png"
CALLED, CALLER = PhoneNumber("+8613800000001"), PhoneNumber("+862150000100")


@in_loop
async def test_a_peer_receives_identity_and_call_info_and_the_token_verifies(tmp_path: Path) -> None:
    signer = signer_of(3)
    signing = CardSigning(signer, "https://cards.example/passport.pem", "云杉优选")
    plan = plan_rich_call(RichCallData("云杉优选", icn=LOGO), '订单"回访"', {LOGO: b"picture"})
    headers = plan.headers(signing, CALLER, CALLED, LoopClock().civil_now())
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
            gateway.place(
                PlaceCall(AttemptId("at_1"), CALLED, CALLER, "云杉优选", "main", 10.0, 30.0, None, headers=headers)
            )
            await until_async(lambda: any(isinstance(event, CallAnswered) for event in seen), 10, "an answer")
            gateway.hang_up(AttemptId("at_1"))
            await until_async(lambda: any(isinstance(event, CallEnded) for event in seen), 10, "the end")
        finally:
            await gateway.close()
        await sipp.succeeded()
        (invite,) = sipp.received("INVITE")
    identity = read_identity_untrusted(invite.header("Identity") or "")
    verdict = verify_call(
        identity.token,
        [signer.public_key],
        verify_es256,
        caller=CALLER.e164(),
        callee=CALLED.e164(),
        unix_s=int(time.time()),
        contents={LOGO: b"picture"},
    )
    assert verdict.is_genuine
    assert verdict.contents == ()
    reason, icon = read_call_info_untrusted(invite.header("Call-Info") or "")
    assert (reason.call_reason, icon.uri, icon.purpose) == ('订单"回访"', LOGO, "icon")
