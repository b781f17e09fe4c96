"""SIPp and baresip call the number that called them: answered with the script, busy when full, and let go on CANCEL."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.fakes.store import MemoryStore
from tests.peers.peers import until_async
from tests.peers.sip.baresip import Baresip
from tests.peers.sip.phone import in_loop
from tests.peers.sip.sipp import Sipp

from baitie.adapters.calls import EmbeddedCallGateway, TrunkRoute
from baitie.adapters.clock import LoopClock, SystemRng
from baitie.adapters.media.engine import MediaEngine
from baitie.adapters.sip.endpoint import SipEndpoint
from baitie.adapters.sip.settings import EndpointSettings
from baitie.app.campaign.answering_plan import AnsweringPlan, checked_announcements
from baitie.app.inbound.answer_run import AnswerRun
from baitie.app.inbound.campaign_host import InboundPorts
from baitie.app.records.batch import Batch
from baitie.domain.inbound.call import InboundOutcome
from baitie.domain.inbound.decision import AnsweringPolicy, Treatment
from baitie.domain.voicebot.script import parse_script
from baitie.kernel.ids import AttemptId, CalleeId, CampaignId, LeadId
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.purpose import NumberClass
from baitie.kernel.records import AttemptRecord, AttemptState, CalleeRecord, LeadRecord
from baitie.wire.sip.effects import Flow

CAMPAIGN = CampaignId("care")
SHOWN = PhoneNumber("+8657188880000")
CALLEE = PhoneNumber("+8613800000001")
PROMPT = Path(__file__).parents[3] / "src" / "baitie" / "rehearsal" / "sounds" / "hello.pcma"
NODES = ("greeting", "called-by", "closed", "opted-out")
ANNOUNCEMENTS = checked_announcements(
    parse_script(
        {"script": {"id": "a", "start": "greeting"}, "nodes": {name: {"prompts": ["hello"]} for name in NODES}}
    ),
    "answering.toml",
)
LONG_SCRIPT = parse_script(
    {
        "script": {"id": "s", "start": "ask"},
        "nodes": {
            "ask": {
                "prompts": ["hello"], "collects": "got", "key_wait_s": 20,
                "keys": {"1": {"value": "yes", "next": "bye"}},
            },
            "bye": {"prompts": ["hello"]},
        },
    }
)  # fmt: skip


@dataclass
class Desk:
    """Answering over real SIP and RTP, and what it kept."""

    store: MemoryStore
    run: AnswerRun
    address: tuple[str, int]
    gateway: EmbeddedCallGateway


def filled() -> MemoryStore:
    """A store that knows of one call to one callee."""
    store = MemoryStore()
    at = datetime.now(UTC)
    callee = CalleeRecord(CalleeId("ce_1"), CALLEE, NumberClass.MOBILE, "CN", ("Asia/Shanghai",))
    lead = LeadRecord(LeadId("ld_1"), CAMPAIGN, callee.callee_id, 2, "某人", {}, "shop", "contract")
    store.import_leads(CAMPAIGN, [callee], [lead], JournalEntry(JournalKind.CONTACTS_IMPORTED, at, CAMPAIGN))
    attempt = AttemptRecord(
        AttemptId("at_1"), lead.lead_id, CAMPAIGN, callee.callee_id, SHOWN, "main", AttemptState.ENDED, at,
        invite_sent_at=at, ended_at=at,
    )  # fmt: skip
    store.disk.keep(Batch(attempts=[attempt]))
    return store


@asynccontextmanager
async def answering(calls_in_flight_max: int = 10, host: str = "127.0.0.1") -> AsyncIterator[Desk]:
    """Answer at a free port until the block ends."""
    route = TrunkRoute("main", Flow("UDP", host, 5060), host)
    gateway = EmbeddedCallGateway(
        make_endpoint=lambda listener: SipEndpoint(
            EndpointSettings(bind_host="127.0.0.1", udp_port=0, answer_to_source=True), SystemRng(), listener
        ),
        media=MediaEngine("127.0.0.1"),
        media_address="127.0.0.1",
        routes={"main": route},
        prompts={"hello": PROMPT},
    )
    await gateway.start()
    store = filled()
    policy = AnsweringPolicy(calls_in_flight_max=calls_in_flight_max, ring_s=0.3)
    plan = AnsweringPlan(policy, ANNOUNCEMENTS, {CAMPAIGN: LONG_SCRIPT}, frozenset({SHOWN}))
    run = AnswerRun(plan, LoopClock(), random.Random(1), InboundPorts(gateway.answering, store))
    task = asyncio.ensure_future(run.run())
    try:
        yield Desk(store, run, gateway.answering.endpoint.addresses["UDP"], gateway)
    finally:
        run.stop(hang_up=True)
        await asyncio.wait_for(task, 20)
        await gateway.close()


def caller(folder: Path, desk: Desk, scenario: str, dialled: PhoneNumber = SHOWN, status: str = "486",
           calls: int = 1, pause_ms: int = 500) -> Sipp:  # fmt: skip
    """SIPp as the callee who dials the number that was shown."""
    arguments = ["-s", dialled.e164(), "-d", str(pause_ms)]
    fill_in = {"caller": CALLEE.e164(), "status": status}
    return Sipp(
        folder, scenario, remote=desk.address, arguments=arguments, fill_in=fill_in, calls=calls, calls_per_s=100
    )


@in_loop
async def test_who_calls_back_is_answered_with_the_script_of_the_campaign_that_called(tmp_path: Path) -> None:
    async with answering() as desk:
        with caller(tmp_path, desk, "caller_hangs_up", pause_ms=800) as sipp:
            await sipp.succeeded()
        await until_async(lambda: not desk.run.answerer.live, 5, "the call is kept")
        assert desk.run.leases.holders() == frozenset()
    (record,) = desk.store.inbound_calls()
    assert (record.treatment, record.attempt_id, record.outcome) == (Treatment.SCRIPT, "at_1", InboundOutcome.ANSWERED)
    assert [len(sipp.received(f"SIP/2.0 {status}")) for status in (180, 200)] == [1, 2]
    kinds = [entry.kind for _, entry in desk.store.journal() if entry.kind.value.startswith("Inbound")]
    assert kinds == [
        JournalKind.INBOUND_CALL_ARRIVED,
        JournalKind.INBOUND_CALL_ANSWERED,
        JournalKind.INBOUND_CALL_ENDED,
    ]


@in_loop
async def test_caller_who_gives_up_while_it_rings_is_let_go_and_the_line_comes_back(tmp_path: Path) -> None:
    async with answering() as desk:
        with caller(tmp_path, desk, "caller_cancels") as sipp:
            await sipp.succeeded()
        await until_async(lambda: not desk.run.answerer.live, 5, "the call is kept")
        assert desk.run.leases.holders() == frozenset()
    (record,) = desk.store.inbound_calls()
    assert (record.outcome, record.cause) == (InboundOutcome.ABANDONED, "caller-gave-up")


@in_loop
async def test_when_all_lines_talk_the_next_caller_gets_486_and_is_kept(tmp_path: Path) -> None:
    async with answering(calls_in_flight_max=1) as desk:
        with caller(tmp_path, desk, "caller_hangs_up", pause_ms=3000) as first:
            await until_async(lambda: bool(desk.run.counts.answered), 5, "the first is answered")
            with caller(tmp_path, desk, "caller_is_refused") as second:
                await second.succeeded()
            await first.succeeded()
        await until_async(lambda: not desk.run.answerer.live, 5, "the calls are kept")
    outcomes = sorted(str(record.outcome) for record in desk.store.inbound_calls())
    assert outcomes == ["answered", "busy"]


@in_loop
async def test_calls_from_elsewhere_than_the_trunk_get_403_and_leave_nothing(tmp_path: Path) -> None:
    async with answering(host="192.0.2.1") as desk:
        with caller(tmp_path, desk, "caller_is_refused", status="403") as sipp:
            await sipp.succeeded()
    assert desk.store.inbound_calls() == ()


@in_loop
async def test_number_that_is_not_ours_gets_404(tmp_path: Path) -> None:
    async with answering() as desk:
        stranger = PhoneNumber("+861065550000")
        with caller(tmp_path, desk, "caller_is_refused", dialled=stranger, status="404") as sipp:
            await sipp.succeeded()
    assert desk.store.inbound_calls() == ()


@in_loop
async def test_a_hundred_callers_at_once_have_one_end_each_and_leave_no_lease(tmp_path: Path) -> None:
    async with answering(calls_in_flight_max=200) as desk:
        with caller(tmp_path, desk, "caller_hangs_up", calls=100) as sipp:
            await sipp.succeeded(within_s=40)
        await until_async(lambda: not desk.run.answerer.live, 10, "all calls are kept")
        assert desk.run.leases.holders() == frozenset()
    assert len(desk.store.inbound_calls()) == 100
    assert {record.outcome for record in desk.store.inbound_calls()} == {InboundOutcome.ANSWERED}


@in_loop
async def test_baresip_that_shows_no_number_hears_the_greeting(tmp_path: Path) -> None:
    async with answering() as desk:
        with Baresip(tmp_path, answers=False) as phone:
            target = f"sip:{SHOWN.e164()}@{desk.address[0]}:{desk.address[1]}"
            await asyncio.to_thread(phone.command, "dial", target)
            await until_async(lambda: bool(desk.run.counts.answered), 10, "it is answered")
            await asyncio.to_thread(phone.command, "hangup")
        await until_async(lambda: not desk.run.answerer.live, 10, "the call is kept")
    (record,) = desk.store.inbound_calls()
    assert record.treatment is Treatment.GREETING  # baresip shows a name, and no number
    assert record.outcome is InboundOutcome.ANSWERED


pytestmark = pytest.mark.peers
