"""Each promise of a rehearsed day is broken by a day of its own, and kept by the same day one step short of it."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from baitie.app.ports.calls import CallAnswered, CallEnded, CallEvent, CallFailed, CallRinging, KeyPressed, PlaceCall
from baitie.app.ports.messages import MessageAccepted, MessageReceipt, MessageReceived, OutgoingMessage, ReceiptState
from baitie.bootstrap.folders import read_folder
from baitie.bootstrap.rehearsing import read_scenario
from baitie.domain.dialing.pacing.abandonment import AbandonmentCeiling
from baitie.domain.dialing.policy import OnLateCard
from baitie.kernel.errors import Party
from baitie.kernel.ids import AttemptId, CampaignId, CardId, LeadId
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.outcome import CallFailure, EndedBy, Outcome
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import AttemptRecord, AttemptState, CalleeRecord, LeadRecord, LeadState
from baitie.rehearsal.crowd import with_leads
from baitie.rehearsal.invariants import Invariant, Invariants, Promise, books_of
from baitie.rehearsal.scenario import Scenario

EXAMPLE = Path(__file__).parents[3] / "examples" / "order-followup"
TEN_AGENTS = Path(__file__).parents[2] / "rehearsal" / "ten-agents"
MORNING = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)  # ten o'clock in Shanghai
OURS = PhoneNumber("+862150000100")
MINUTE, DAY_S = 60.0, 86_400.0


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return with_leads(read_scenario(read_folder(EXAMPLE, dict(os.environ))), 6)


@dataclass
class FakeClock:
    """Both clocks, moved by the test."""

    at_s: float = 0.0

    def now(self) -> float:
        return self.at_s

    def civil_now(self) -> datetime:
        return MORNING + timedelta(seconds=self.at_s)


@dataclass
class FakeLeases:
    held: dict[str, int] = field(default_factory=dict)

    def holders(self) -> dict[str, int]:
        return self.held


@dataclass
class FakePorts:
    clock: FakeClock


@dataclass
class FakeRun:
    """What the watch asks of a run: who holds leases, who is alive, and its clock."""

    ports: FakePorts
    leases: FakeLeases = field(default_factory=FakeLeases)
    live: set[str] = field(default_factory=set)

    def live_attempts(self) -> set[str]:
        return self.live


@dataclass
class FakeStage:
    clock: FakeClock
    run: FakeRun


@dataclass
class Day:
    """A day told event by event to the watch, as the simulated world does."""

    scenario: Scenario
    clock: FakeClock = field(default_factory=FakeClock)
    promise: Promise = field(default_factory=Promise)

    def __post_init__(self) -> None:
        self.run = FakeRun(FakePorts(self.clock))
        self.watch = Invariants(self.scenario, self.promise)
        stage: Any = FakeStage(self.clock, self.run)
        self.watch.begin(stage)
        self._calls = 0

    def callee(self, place: int = 0) -> PhoneNumber:
        return self.scenario.callees[place].number

    def later(self, seconds: float) -> None:
        self.clock.at_s += seconds

    def place(self, number: PhoneNumber, presented: PhoneNumber = OURS, attempt_id: str = "") -> AttemptId:
        self._calls += 1
        key = AttemptId(attempt_id or f"at_{self._calls}")
        self.watch.placed(PlaceCall(key, number, presented, "", "t", 30.0, 60.0, None))
        return key

    def happens(self, *events: CallEvent) -> None:
        for event in events:
            self.watch.happened(event)
            self.watch.told(event)

    def ring(self, number: PhoneNumber) -> None:
        """A call that rings and is not answered."""
        key = self.place(number)
        self.happens(CallRinging(key, 180, False), failed(key, Outcome.NO_ANSWER))

    def talk(self, number: PhoneNumber) -> None:
        """A call that is answered."""
        key = self.place(number)
        self.happens(CallAnswered(key), CallEnded(key, EndedBy.CALLEE))

    def broken(self) -> set[Invariant]:
        return {violation.invariant for violation in self.watch.violations}


def failed(key: AttemptId, outcome: Outcome) -> CallFailed:
    return CallFailed(key, CallFailure("some-cause", Party.CALLEE, True, outcome))


@pytest.fixture
def day(scenario: Scenario) -> Day:
    return Day(scenario)


# --- what is watched while it happens ---


def test_one_ring_more_a_day_than_promised_breaks_the_caps(day: Day) -> None:
    for _ in range(day.promise.attempts_max_per_day):
        day.ring(day.callee())
        day.later(MINUTE)
    assert day.broken() == set()
    day.ring(day.callee())
    assert day.broken() == {Invariant.CAPS}


def test_rings_of_another_day_and_of_another_callee_are_counted_apart(day: Day) -> None:
    for _ in range(day.promise.attempts_max_per_day):
        day.ring(day.callee())
        day.ring(day.callee(1))
    day.later(DAY_S)
    day.ring(day.callee())
    assert day.broken() == set()


def test_one_attempt_that_rings_twice_rang_once(day: Day) -> None:
    for _ in range(day.promise.attempts_max_per_day):
        key = day.place(day.callee())
        day.happens(CallRinging(key, 183, True), CallRinging(key, 180, False), failed(key, Outcome.NO_ANSWER))
    assert day.broken() == set()


@pytest.mark.parametrize("way", ["answered", "rejected"])
def test_one_contact_more_than_promised_breaks_the_caps(day: Day, way: str) -> None:
    def meet() -> None:
        if way == "answered":
            day.talk(day.callee())
        else:
            day.happens(failed(day.place(day.callee()), Outcome.REJECTED))
        day.later(DAY_S)

    for _ in range(day.promise.contacts_max_per_30_days):
        meet()
    assert day.broken() == set()
    meet()
    assert day.broken() == {Invariant.CAPS}


def test_calls_that_found_nobody_are_no_contacts(day: Day) -> None:
    for _ in range(day.promise.contacts_max_per_30_days + 2):
        day.happens(failed(day.place(day.callee()), Outcome.BUSY))
        day.later(DAY_S)
    assert day.broken() == set()


@pytest.mark.parametrize(("hours_later", "is_broken"), [(-2.0, False), (-2.001, True), (10.99, False), (11.0, True)])
def test_a_call_outside_the_promised_hours_breaks_them(scenario: Scenario, hours_later: float, is_broken: bool) -> None:
    day = Day(scenario)
    day.later(hours_later * 3600)
    day.place(day.callee())
    assert (Invariant.HOURS in day.broken()) is is_broken


def test_a_call_after_a_reply_that_was_told_breaks_the_refusal(day: Day) -> None:
    day.watch.told(MessageReceived(day.callee(), "R"))
    day.place(day.callee(1))
    assert day.broken() == set()
    day.place(day.callee())
    assert day.broken() == {Invariant.REFUSED}


def test_a_call_after_the_key_of_refusal_breaks_it_and_after_another_key_does_not(day: Day) -> None:
    refuse_key = day.scenario.campaign.script.refuse_key
    assert refuse_key is not None
    other_key = next(key for key in "0123456789" if key != refuse_key)
    for place, key in ((0, other_key), (1, refuse_key)):
        attempt = day.place(day.callee(place))
        day.happens(CallAnswered(attempt), KeyPressed(attempt, key), CallEnded(attempt, EndedBy.US))
        day.place(day.callee(place))
        assert (Invariant.REFUSED in day.broken()) is (key == refuse_key)


def test_a_key_before_the_answer_and_a_refusal_that_the_store_could_not_keep_are_none(day: Day) -> None:
    attempt = day.place(day.callee())
    day.happens(KeyPressed(attempt, day.scenario.campaign.script.refuse_key or "9"), failed(attempt, Outcome.BUSY))
    day.watch.has_store_failed = lambda: True
    day.watch.told(MessageReceived(day.callee(1), "R"))
    day.place(day.callee())
    day.place(day.callee(1))
    assert day.broken() == set()


def test_a_call_to_who_complained_or_with_the_number_complained_of_breaks_it(day: Day) -> None:
    day.watch.complaint_entered(day.callee().e164(), OURS.e164())
    other = PhoneNumber("+862150000101")
    day.place(day.callee(1), other)
    assert day.broken() == set()
    day.place(day.callee(), other)
    assert day.broken() == {Invariant.COMPLAINED}
    day.watch.violations.clear()
    day.place(day.callee(2), OURS)
    assert day.broken() == {Invariant.COMPLAINED}


def test_two_calls_to_one_callee_at_a_time_break_it_and_one_after_the_other_do_not(day: Day) -> None:
    day.ring(day.callee())
    day.place(day.callee())
    assert day.broken() == set()
    day.place(day.callee())
    assert day.broken() == {Invariant.AT_ONCE}


def test_an_invite_sent_twice_breaks_it(day: Day) -> None:
    key = day.place(day.callee())
    day.happens(failed(key, Outcome.BUSY))
    day.place(day.callee(), attempt_id=str(key))
    assert day.broken() == {Invariant.TWICE}


def test_a_call_after_one_of_unknown_fate_breaks_it_unless_the_carrier_had_lost_that_one(day: Day) -> None:
    lost, unknown = day.place(day.callee()), day.place(day.callee(1))
    day.watch.cut_off(lost)
    day.watch.crashed()
    day.place(day.callee())
    assert day.broken() == set()
    assert unknown in day.watch.placed_once
    day.place(day.callee(1))
    assert day.broken() == {Invariant.TWICE}


def card_to(number: PhoneNumber) -> OutgoingMessage:
    return OutgoingMessage(CardId(f"ca_{number.e164()}"), number, "10690000", "text", True, 60.0)


def test_a_ring_before_the_fate_of_the_card_breaks_it_until_the_wait_is_over(day: Day) -> None:
    wait_s = day.scenario.campaign.policy.receipt_wait_s
    for place, (seconds, is_broken) in enumerate([(wait_s, False), (wait_s - 0.01, True)]):
        card = card_to(day.callee(place))
        day.watch.submitted(card)
        day.watch.told(MessageAccepted(card.card_id, "1"))
        day.later(seconds)
        day.place(day.callee(place))
        assert (Invariant.CARD in day.broken()) is is_broken


def test_a_receipt_unknown_allows_no_ring_before_the_wait_is_over(day: Day) -> None:
    card = card_to(day.callee())
    day.watch.submitted(card)
    day.watch.told(MessageReceipt(card.card_id, ReceiptState.UNKNOWN))
    day.later(day.scenario.campaign.policy.receipt_wait_s - 1.0)
    day.place(day.callee())
    assert Invariant.CARD in day.broken()


def test_a_ring_after_the_receipt_of_its_card_keeps_it(day: Day) -> None:
    card = card_to(day.callee())
    day.watch.submitted(card)
    day.watch.told(MessageReceipt(card.card_id, ReceiptState.DELIVERED))
    day.later(day.scenario.campaign.policy.receipt_wait_s - 1.0)
    day.place(day.callee())
    assert Invariant.CARD not in day.broken()


def test_leases_of_an_attempt_that_is_over_break_it_at_the_next_call_and_once(day: Day) -> None:
    day.run.leases.held = {"at_9": 1, "ag_1": 1}
    day.run.live = {"at_9"}
    day.place(day.callee())
    assert day.broken() == set()
    day.run.live = set()
    day.place(day.callee(1))
    day.place(day.callee(2))
    assert [violation.invariant for violation in day.watch.violations] == [Invariant.LEASES]


def test_leases_that_are_over_are_found_at_a_crash_too(day: Day) -> None:
    day.run.leases.held = {"at_9": 1}
    day.watch.crashed()
    assert day.broken() == {Invariant.LEASES}


# --- what is counted when the day is over ---


@dataclass
class FakeStanding:
    refusals: tuple[object, ...] = ()


@dataclass
class FakeState:
    leads: Sequence[LeadRecord]
    open_attempts: tuple[AttemptRecord, ...] = ()


@dataclass
class FakeVerdict:
    is_whole: bool


@dataclass
class Books:
    """What the store would say of a day: changed by each test in one thing."""

    scenario: Scenario
    leads: list[LeadRecord]
    attempt_records: list[AttemptRecord] = field(default_factory=list)
    entries: list[JournalEntry] = field(default_factory=list)
    open_attempts: tuple[AttemptRecord, ...] = ()
    is_whole: bool = True
    has_refusals: bool = False

    def campaign_state(self, campaign_id: CampaignId) -> FakeState:
        return FakeState(self.leads, self.open_attempts)

    def attempts(self, campaign_id: CampaignId) -> Sequence[AttemptRecord]:
        return self.attempt_records

    def journal(self, campaign_id: CampaignId) -> Iterator[tuple[int, JournalEntry]]:
        return iter(enumerate(self.entries, 1))

    def standing(self, callee_id: object) -> FakeStanding:
        return FakeStanding((object(),) if self.has_refusals else ())

    def verify_chain(self) -> FakeVerdict:
        return FakeVerdict(self.is_whole)


@dataclass
class FakeRehearsed:
    scenario: Scenario
    store: Books
    stage: FakeStage


ALLOWED = {"decision": "allow"}


def entry_of(kind: JournalKind, attempt: AttemptRecord, at_s: float = 0.0, **facts: Any) -> JournalEntry:
    return JournalEntry(kind, MORNING + timedelta(seconds=at_s), attempt_id=attempt.attempt_id, facts=facts)


class WholeDay:
    """A day of two attempts whose books are right."""

    def __init__(self, scenario: Scenario) -> None:
        self.day = Day(scenario)
        self.books = Books(scenario, [replace(lead, state=LeadState.FINISHED) for lead in scenario.leads])
        for place in range(2):
            self.add(place, Outcome.ANSWERED)

    def add(self, place: int, outcome: Outcome, **changed: Any) -> AttemptRecord:
        scenario, key = self.day.scenario, AttemptId(f"at_b{len(self.books.attempt_records)}")
        callee: CalleeRecord = scenario.callees[place % len(scenario.callees)]
        record = AttemptRecord(
            key, LeadId("le_1"), scenario.campaign.campaign_id, callee.callee_id, OURS, "t", AttemptState.ENDED,
            MORNING, card_outcome="delivered", invite_sent_at=MORNING, ended_at=MORNING, outcome=outcome,
        )  # fmt: skip
        record = replace(record, **changed)
        self.books.attempt_records.append(record)
        self.books.entries.append(entry_of(JournalKind.RING_ALLOWED, record, verdict=ALLOWED))
        self.books.entries.append(entry_of(JournalKind.ATTEMPT_ENDED, record))
        self.day.watch.placed_once.add(key)
        return record

    def change(self, place: int, **changed: Any) -> None:
        self.books.attempt_records[place] = replace(self.books.attempt_records[place], **changed)

    def judged(self) -> set[Invariant]:
        stage = FakeStage(self.day.clock, self.day.run)
        run: Any = FakeRehearsed(self.day.scenario, self.books, stage)
        books_of(run, self.day.watch)
        return self.day.broken()


def _other_callees_refused(whole: WholeDay) -> None:
    whole.day.watch.refused_at_s["+8613900000000"] = 1.0


def test_a_day_whose_books_are_right_breaks_nothing(scenario: Scenario) -> None:
    whole = WholeDay(scenario)
    _other_callees_refused(whole)
    assert whole.judged() == set()


def _lose_a_lead(whole: WholeDay) -> None:
    whole.books.leads.pop()


def _leave_a_lead_in_progress(whole: WholeDay) -> None:
    whole.books.leads[0] = replace(whole.books.leads[0], state=LeadState.IN_PROGRESS)


def _leave_an_attempt_open(whole: WholeDay) -> None:
    whole.books.open_attempts = (whole.books.attempt_records[0],)


def _end_without_outcome(whole: WholeDay) -> None:
    whole.change(0, outcome=None)


def _never_end(whole: WholeDay) -> None:
    whole.change(0, state=AttemptState.ANSWERED)


def _journal_an_outcome_twice(whole: WholeDay) -> None:
    whole.books.entries.append(entry_of(JournalKind.ATTEMPT_ENDED, whole.books.attempt_records[0]))


def _journal_no_outcome(whole: WholeDay) -> None:
    whole.books.entries.pop()


def _lose_an_attempt(whole: WholeDay) -> None:
    whole.day.watch.placed_once.add(AttemptId("at_lost"))


def _place_before_it_is_kept(whole: WholeDay) -> None:
    whole.change(0, invite_sent_at=None)


def _hold_leases_at_the_end(whole: WholeDay) -> None:
    whole.day.run.leases.held = {"at_b0": 1}


def _forget_a_refusal(whole: WholeDay) -> None:
    whole.day.watch.refused_at_s[whole.day.callee().e164()] = 1.0


def _break_the_chain(whole: WholeDay) -> None:
    whole.books.is_whole = False


def _ring_without_a_verdict(whole: WholeDay) -> None:
    whole.books.entries = [each for each in whole.books.entries if each.kind is not JournalKind.RING_ALLOWED]


def _ring_on_the_verdict_of_another_attempt(whole: WholeDay) -> None:
    first, second = whole.books.attempt_records
    whole.books.entries[0] = replace(whole.books.entries[0], attempt_id=second.attempt_id)
    assert first.attempt_id != second.attempt_id


def _ring_on_a_verdict_that_forbids(whole: WholeDay) -> None:
    whole.books.entries[0] = replace(whole.books.entries[0], facts={"verdict": {"decision": "delay"}})


def _ring_on_an_entry_of_another_kind(whole: WholeDay) -> None:
    whole.books.entries[0] = replace(whole.books.entries[0], kind=JournalKind.ATTEMPT_PLANNED)


def _ring_and_know_nothing_of_the_card(whole: WholeDay) -> None:
    whole.change(0, card_outcome=None)


BROKEN_BOOKS: tuple[tuple[Invariant, Callable[[WholeDay], None]], ...] = (
    (Invariant.BOOKS, _lose_a_lead),
    (Invariant.BOOKS, _leave_a_lead_in_progress),
    (Invariant.BOOKS, _leave_an_attempt_open),
    (Invariant.OUTCOMES, _end_without_outcome),
    (Invariant.OUTCOMES, _never_end),
    (Invariant.OUTCOMES, _journal_an_outcome_twice),
    (Invariant.OUTCOMES, _journal_no_outcome),
    (Invariant.OUTCOMES, _lose_an_attempt),
    (Invariant.OUTCOMES, _place_before_it_is_kept),
    (Invariant.LEASES, _hold_leases_at_the_end),
    (Invariant.FORGOTTEN, _forget_a_refusal),
    (Invariant.CHAIN, _break_the_chain),
    (Invariant.VERDICT, _ring_without_a_verdict),
    (Invariant.VERDICT, _ring_on_the_verdict_of_another_attempt),
    (Invariant.VERDICT, _ring_on_a_verdict_that_forbids),
    (Invariant.VERDICT, _ring_on_an_entry_of_another_kind),
    (Invariant.CARD, _ring_and_know_nothing_of_the_card),
)


@pytest.mark.parametrize(("invariant", "spoil"), BROKEN_BOOKS, ids=lambda each: getattr(each, "__name__", str(each)))
def test_books_that_are_wrong_in_one_thing_break_that_promise_alone(
    scenario: Scenario, invariant: Invariant, spoil: Callable[[WholeDay], None]
) -> None:
    whole = WholeDay(scenario)
    spoil(whole)
    assert whole.judged() == {invariant}


def test_a_refusal_that_was_heard_and_kept_breaks_nothing(scenario: Scenario) -> None:
    whole = WholeDay(scenario)
    _forget_a_refusal(whole)
    whole.books.has_refusals = True
    assert whole.judged() == set()


def test_an_attempt_of_unknown_fate_needs_neither_verdict_nor_card(scenario: Scenario) -> None:
    whole = WholeDay(scenario)
    whole.change(0, outcome=Outcome.UNKNOWN, card_outcome=None)
    del whole.books.entries[0]
    assert whole.judged() == set()


@pytest.mark.parametrize(("on_late", "is_broken"), [(OnLateCard.GIVE_UP, True), (OnLateCard.RING_ANYWAY, False)])
def test_a_ring_without_its_card_breaks_it_where_the_campaign_gives_up(
    scenario: Scenario, on_late: OnLateCard, is_broken: bool
) -> None:
    campaign = scenario.campaign
    strict = replace(campaign, policy=replace(campaign.policy, on_late_card=on_late))
    whole = WholeDay(replace(scenario, campaign=strict))
    whole.change(0, card_outcome="late")
    assert (whole.judged() == {Invariant.CARD}) is is_broken


# --- abandoned calls ---


@pytest.mark.parametrize("abandoned", [3, 4])
def test_one_abandoned_call_more_than_the_promised_share_breaks_it(scenario: Scenario, abandoned: int) -> None:
    whole = WholeDay(scenario)
    promise = whole.day.promise
    assert (promise.abandoned_max_share, promise.answers_min) == (0.03, 100)
    for place in range(98 - abandoned):
        whole.add(place, Outcome.ANSWERED)
    for place in range(abandoned):
        whole.add(place, Outcome.ABANDONED)
    assert (whole.judged() == {Invariant.ABANDONED}) is (abandoned == 4)


def test_a_share_of_fewer_answers_than_promised_is_not_judged(scenario: Scenario) -> None:
    whole = WholeDay(scenario)
    for place in range(50):
        whole.add(place, Outcome.ABANDONED)
    assert whole.judged() == set()


@pytest.fixture(scope="module")
def with_agents() -> Scenario:
    """Agents whose ceiling allows one abandoned call in a hundred answers of an hour, none before ten answers."""
    scenario = with_leads(read_scenario(read_folder(TEN_AGENTS, dict(os.environ))), 6)
    plan = scenario.campaign.agents
    assert plan is not None
    ceiling = AbandonmentCeiling(max_per_10000=100, window_s=3600.0, answers_min=10)
    return replace(scenario, campaign=replace(scenario.campaign, agents=replace(plan, ceiling=ceiling)))


def abandon(whole: WholeDay, at_s: float, cause: str = "no-agent") -> None:
    record = whole.books.attempt_records[0]
    whole.books.entries.append(entry_of(JournalKind.CALL_ABANDONED, record, at_s, cause=cause))


def answer(whole: WholeDay, count: int, at_s: float) -> None:
    for place in range(count):
        record = whole.add(place, Outcome.ANSWERED)
        whole.books.entries[-1] = entry_of(JournalKind.ATTEMPT_ENDED, record, at_s)


def lose_an_agent(whole: WholeDay, at_s: float, cause: str) -> None:
    facts = {"cause": cause}
    whole.books.entries.append(
        JournalEntry(JournalKind.AGENT_STATE_CHANGED, MORNING + timedelta(seconds=at_s), facts=facts)
    )


@pytest.mark.parametrize(
    ("answers", "abandoned_at_s", "is_broken"),
    [
        (99, [60.0], False),  # the hundredth answer pays for itself
        (96, [60.0], True),  # with the two of every day, 99 answers
        (99, [60.0, 61.0], True),
        (199, [60.0, 61.0], False),
        (99, [3600.0], False),  # an hour after: just inside
        (99, [3601.0], True),  # the answers have left the window
    ],
)
def test_a_ceiling_is_judged_over_its_window_at_each_abandoned_call(
    with_agents: Scenario, answers: int, abandoned_at_s: list[float], is_broken: bool
) -> None:
    whole = WholeDay(with_agents)
    answer(whole, answers, 0.0)
    for at_s in abandoned_at_s:
        abandon(whole, at_s)
    assert (whole.judged() == {Invariant.ABANDONED}) is is_broken


@pytest.mark.parametrize(("others", "abandoned", "is_broken"), [(98, 1, False), (98, 2, True), (97, 2, False)])
def test_a_ceiling_holds_over_the_whole_day_from_as_many_answers_as_are_judged(
    with_agents: Scenario, others: int, abandoned: int, is_broken: bool
) -> None:
    whole = WholeDay(with_agents)  # which has two answers
    for place in range(others - abandoned):
        whole.add(place, Outcome.ANSWERED)
    for place in range(abandoned):
        whole.add(place, Outcome.ABANDONED)
    assert (whole.judged() == {Invariant.ABANDONED}) is is_broken


def test_answers_that_come_later_do_not_pay_for_an_abandoned_call(with_agents: Scenario) -> None:
    whole = WholeDay(with_agents)
    answer(whole, 50, 0.0)
    abandon(whole, 60.0)
    answer(whole, 100, 120.0)
    assert whole.judged() == {Invariant.ABANDONED}


@pytest.mark.parametrize(("cause", "is_excused"), [("vanished", True), ("declined", True), ("logged_in", False)])
def test_an_agent_who_left_excuses_one_abandoned_call(with_agents: Scenario, cause: str, is_excused: bool) -> None:
    whole = WholeDay(with_agents)
    lose_an_agent(whole, 30.0, cause)
    abandon(whole, 60.0)
    assert (whole.judged() == set()) is is_excused
    abandon(whole, 61.0)
    assert whole.judged() == {Invariant.ABANDONED}


def test_an_agent_lost_long_ago_excuses_nothing(with_agents: Scenario) -> None:
    whole = WholeDay(with_agents)
    lose_an_agent(whole, 0.0, "vanished")
    abandon(whole, 3601.0)
    assert whole.judged() == {Invariant.ABANDONED}


def test_who_hangs_up_before_the_time_was_not_abandoned(with_agents: Scenario) -> None:
    whole = WholeDay(with_agents)
    abandon(whole, 60.0, cause="hung-up")
    assert whole.judged() == set()


def test_every_promise_has_a_day_that_breaks_it() -> None:
    told = {
        Invariant.CAPS, Invariant.HOURS, Invariant.REFUSED, Invariant.COMPLAINED, Invariant.AT_ONCE, Invariant.TWICE,
        Invariant.CARD, Invariant.LEASES, Invariant.ABANDONED,
    }  # fmt: skip
    planted = {Invariant.STANDS}  # tests/rehearsal/test_fault_days.py: a dialler that falls over
    assert told | planted | {invariant for invariant, _ in BROKEN_BOOKS} == set(Invariant)
