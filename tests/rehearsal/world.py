"""A small world for whole runs under virtual time: store in memory, simulated people, one campaign."""

import asyncio
import random
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.fakes.store import MemoryStore

from baitie.app.calling.campaign_run import CampaignRun, Ports
from baitie.app.calling.progress import RunSummary
from baitie.app.campaign.campaign import Campaign, CardPlan, PresentedNumber, TrunkPlan
from baitie.app.inbound.campaign_host import InboundPorts
from baitie.app.ports.arrivals import InboundGateway
from baitie.app.ports.calls import CallGateway
from baitie.app.ports.messages import MessageGateway
from baitie.app.ports.run_store import RunStore
from baitie.app.ports.signing import CardSigning
from baitie.domain.dialing.policy import DialingPolicy
from baitie.domain.namecard.parsing import parse_template
from baitie.domain.namecard.words import NO_WORDS
from baitie.domain.risk.rulebook import RuleBook, load_rulebook
from baitie.domain.voicebot.script import parse_script
from baitie.kernel.ids import CalleeId, CampaignId, LeadId
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.purpose import NumberClass, Purpose
from baitie.kernel.records import CalleeRecord, LeadRecord
from baitie.rehearsal.fast.callers import SimulatedCallers
from baitie.rehearsal.fast.calls import SimulatedCalls
from baitie.rehearsal.fast.messages import SimulatedMessages
from baitie.rehearsal.population import Population
from baitie.rehearsal.profile import Profile, parse_profile
from baitie.rehearsal.virtual_clock import VirtualClock
from baitie.rehearsal.virtual_time import run_virtually

PACKAGE = Path(__file__).parents[2] / "src" / "baitie"
TEN_IN_SHANGHAI = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
CAMPAIGN_ID = CampaignId("cp_test")

SCRIPT = parse_script(
    {
        "script": {"id": "t", "start": "hello", "refused_node": "bye"},
        "nodes": {
            "hello": {"prompts": ["hello"], "next": "ask"},
            "ask": {
                "prompts": ["ask"],
                "collects": "received",
                "keys": {"1": {"value": "yes", "next": "bye"}, "2": {"value": "no", "next": "bye"}},
            },
            "bye": {"prompts": ["bye"]},
        },
    }
)
TEMPLATE = parse_template(
    {
        "template_id": "t",
        "version": 1,
        "purpose": "care",
        "channel": "flash",
        "language": "zh-CN",
        "sign": "云杉优选",
        "text": "就您尾号{tail}的订单回访，约1分钟。",
        "slots": {"tail": {"type": "phone_tail"}},
    },
    "card.toml",
)


def rules(*names: str) -> RuleBook:
    """The rule packs of these names."""
    packs = names or ("core", "cn-core", "advice")
    return load_rulebook([tomllib.loads((PACKAGE / "rules" / f"{name}.toml").read_text()) for name in packs])


def profile() -> Profile:
    """The shipped profile."""
    path = PACKAGE / "rehearsal" / "profiles" / "cn-callback.toml"
    return parse_profile(tomllib.loads(path.read_text()), path.name)


def zones(names: tuple[str, ...]) -> tuple[tzinfo, ...]:
    """The zone data base of this machine."""
    return tuple(ZoneInfo(name) for name in names)


def campaign(**changes: object) -> Campaign:
    """The campaign of these tests, with changes."""
    base = Campaign(
        campaign_id=CAMPAIGN_ID,
        name="test",
        enterprise="云杉优选",
        purpose=Purpose.CARE,
        policy=DialingPolicy(ring_timeout_s=20),
        script=SCRIPT,
        rules=rules(),
        trunk=TrunkPlan("main", attempts_per_s=20, calls_in_flight_max=30),
        presented_numbers=(
            PresentedNumber(PhoneNumber("+8657188880000"), 20),
            PresentedNumber(PhoneNumber("+8657188880001"), 20),
        ),
        card=CardPlan(TEMPLATE, NO_WORDS, "10690000", is_flash=True, validity_s=60),
        idle_wait_max_s=6 * 3600,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def callee(number: int, number_class: NumberClass = NumberClass.MOBILE) -> CalleeRecord:
    """The n-th person."""
    e164 = PhoneNumber(f"+8613{number:09d}")
    return CalleeRecord(CalleeId(f"ce_{number:05d}"), e164, number_class, "CN", ("Asia/Shanghai",))


def lead(number: int, **changes: object) -> LeadRecord:
    """The n-th person's lead."""
    base = LeadRecord(
        LeadId(f"ld_{number:05d}"),
        CAMPAIGN_ID,
        CalleeId(f"ce_{number:05d}"),
        number + 2,
        "某人",
        {"tail": f"{number:04d}"[-4:]},
        "shop",
        "contract",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def fill(store: RunStore, count: int) -> None:
    """Import `count` leads."""
    entry = JournalEntry(JournalKind.CONTACTS_IMPORTED, TEN_IN_SHANGHAI, CAMPAIGN_ID, facts={"accepted": count})
    store.import_leads(CAMPAIGN_ID, [callee(n) for n in range(count)], [lead(n) for n in range(count)], entry)


@dataclass
class World:
    """One run under virtual time. `meddle` is called with the run before it begins."""

    store: MemoryStore
    campaign: Campaign = field(default_factory=campaign)
    seed: int = 1
    civil_start: datetime = TEN_IN_SHANGHAI
    meddle: Callable[["World", CampaignRun], None] = lambda world, run: None
    wrap_calls: Callable[[SimulatedCalls], CallGateway] = lambda calls: calls
    wrap_messages: Callable[[SimulatedMessages], MessageGateway] = lambda messages: messages
    signing: CardSigning | None = None
    wrap_callers: Callable[[SimulatedCallers], InboundGateway] = lambda callers: callers
    people: Profile = field(default_factory=lambda: profile())  # by its name, which tests replace
    calls: SimulatedCalls = field(init=False)
    callers: SimulatedCallers = field(init=False)
    messages: SimulatedMessages = field(init=False)
    make_clock: Callable[[asyncio.AbstractEventLoop, datetime], VirtualClock] = VirtualClock
    clock: VirtualClock = field(init=False)
    run_object: CampaignRun = field(init=False)

    def run(self) -> RunSummary:
        """Run the campaign to its end."""
        return run_virtually(self._main())

    async def _main(self) -> RunSummary:
        self.clock = self.make_clock(asyncio.get_running_loop(), self.civil_start)
        population = Population(self.people, self.seed)
        self.calls = SimulatedCalls(self.clock, population, lambda prompt: 2.0, self._hour)
        self.messages = SimulatedMessages(self.clock, population)
        self.callers = SimulatedCallers(self.clock, population, lambda prompt: 2.0)
        self.calls.on_over = self.callers.on_call_over
        ports = Ports(
            self.clock,
            random.Random(self.seed),
            self.store,
            self.wrap_calls(self.calls),
            self.wrap_messages(self.messages),
            zones,
            inbound=InboundPorts(self.wrap_callers(self.callers), self.store),
            signing=self.signing,
        )
        run = CampaignRun(self.campaign, ports)
        self.run_object = run
        self.meddle(self, run)
        return await run.run()

    def _hour(self, number: str) -> int:
        return self.clock.civil_now().astimezone(ZoneInfo("Asia/Shanghai")).hour


def outcomes(attempts: Sequence[object]) -> list[str]:
    """The outcomes of these attempts."""
    return [attempt.outcome.value for attempt in attempts if attempt.outcome]  # type: ignore[attr-defined]
