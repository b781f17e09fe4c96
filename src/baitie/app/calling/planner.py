"""Plans attempts: takes leads from the queue, asks the gate, takes the leases, prepares the card."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from baitie.app.calling.attempt_end import GATE_RETRY_S
from baitie.app.calling.live_attempt import LiveAttempt
from baitie.app.calling.number_choice import NUMBER_UNFILED, Numbers
from baitie.app.calling.persistence import BatchCommitter
from baitie.app.calling.progress import Progress
from baitie.app.campaign.campaign import Campaign, CardRoute, template_over
from baitie.app.gate.gate import Gate, on_record
from baitie.app.ports.clock import Clock, Rng
from baitie.app.records.batch import Batch
from baitie.domain.dialing.attempt import Attempt
from baitie.domain.dialing.leases import LeaseBook, ResourceKey
from baitie.domain.dialing.pacing import AttemptPacer
from baitie.domain.dialing.queue import LeadQueue
from baitie.domain.filing import FilingVerdict
from baitie.domain.namecard.page_code import SAMPLE_PAGE_CODE, PageCode, make_page_code
from baitie.domain.namecard.rendering import CardRefusal, RenderedCard, reason_without_card, render
from baitie.domain.numberpool import NumberCandidate
from baitie.domain.risk.facts import CallFacts, GateStage
from baitie.domain.risk.verdict import Decision, Verdict
from baitie.kernel.fast_replace import fast_replace
from baitie.kernel.ids import AttemptId, CalleeId, LeadId, time_ordered
from baitie.kernel.journal import JournalEntry, JournalKind, JsonValue
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import AttemptRecord, AttemptState, CalleeRecord, LeadRecord, LeadState
from baitie.kernel.time import Instant

PLANNED_PER_TURN_MAX = 50
"""So many leads are looked at before other events have their turn."""

STAND_ASIDE_MAX = 32
"""So many leads in a row are set aside for a better hour; then whoever is next is called all the same."""

STAND_ASIDE_AGAIN_S = 900.0
"""Civil: where nobody was found for whom this hour is good, nobody is set aside again for so long."""

_HOURS = frozenset({"quiet-hours", "quiet-hours-on-days"})

FILING_RULE = "filing"
FILING_RETRY_S = 3600.0
"""Carriers answer in hours or days; the register is asked again after this long."""


@dataclass(slots=True)
class Planner:
    """Planner (呼叫计划): turns waiting leads into attempts that hold their leases."""

    campaign: Campaign
    clock: Clock
    rng: Rng
    committer: BatchCommitter
    gate: Gate
    queue: LeadQueue
    leases: LeaseBook
    numbers: Numbers
    pacer: (
        AttemptPacer  # attempts begin no faster than the trunk takes them, so that a card is not long ahead of its ring
    )
    callees: dict[CalleeId, CalleeRecord]
    progress: Progress
    budget_spent: Callable[[str], int]
    """How many attempts of a local date (ISO) were made already."""
    begin: Callable[[LiveAttempt], None]
    places: Callable[[Instant], int]
    """How many attempts may begin now, by the campaign's pacing."""
    lacks_places: bool = False
    """Whether it was the pacing alone that ended the last planning."""
    set_aside_in_row: int = 0
    may_set_aside_from: datetime | None = None
    delayed: defaultdict[str, set[LeadId]] = field(default_factory=lambda: defaultdict(set))
    """Who was put off by what: a lead that is asked again and again is one lead. At most leads times rules."""

    def plan_some(self, now: Instant, civil_now: datetime) -> bool:
        """Plan until something is exhausted or the turn is over; True when it should go on at once.

        Both times stand still for the turn, so that the caller can tell afterwards what it was that was exhausted.
        """
        self.lacks_places = False
        if self.pacer.free_at() > now or not self.queue.has_ready(civil_now):
            return False
        places_left = self.places(now)
        for _ in range(PLANNED_PER_TURN_MAX):
            if self.pacer.free_at() > now:
                return False
            if places_left <= 0:
                self.lacks_places = True
                return False
            shared = self._shared_resources(civil_now)
            if shared is None:
                return False
            standing = self.numbers.standing()
            if not self.numbers.may_plan(standing, civil_now):
                return False
            lead = self.queue.take(civil_now)
            if lead is None:
                return False
            places_left -= self._plan(lead, shared, standing, now, civil_now)
        return True

    def _plan(
        self,
        lead: LeadRecord,
        shared: tuple[ResourceKey, ...],
        standing: Sequence[NumberCandidate],
        now: Instant,
        civil_now: datetime,
    ) -> bool:
        """Whether an attempt began."""
        callee = self.callees[lead.callee_id]
        gate_facts = self.gate.facts(callee, GateStage.PLAN, lead=lead)
        verdict = self.campaign.rules.judge(gate_facts)
        if verdict.decision is not Decision.ALLOW:
            self._do_not_call(lead, verdict, gate_facts, civil_now)
            return False
        if verdict.findings and self._stands_aside(lead, verdict, civil_now):
            return False
        code = make_page_code(self.rng.getrandbits) if self._has_code else None
        # Who wishes no messages is called without a card, and so are numbers that receive none.
        is_card_welcome = gate_facts.preference is None or gate_facts.preference.accepts_message
        has_card = is_card_welcome and callee.number_class.receives_messages
        card = self._card(lead, code) if has_card else None
        if isinstance(card, CardRefusal):
            self._wait_for_card(lead, card, civil_now)
            return False
        unfiled = self._unfiled_numbers(lead, civil_now)
        shown = self.numbers.choose(standing, callee.region, civil_now, unfiled)
        # Where no number is filed, the register's own answer about the first says what is missing.
        asked = shown or (self.campaign.presented_numbers[0] if len(unfiled) == len(standing) else None)
        routes = () if asked is None else self._filed_routes(lead, asked.number, civil_now)
        if isinstance(routes, FilingVerdict):
            self._wait_for_filing(lead, routes, civil_now)
            return False
        attempt_id = AttemptId(self._new_id("at", civil_now))
        if shown is None or self._lacks_lease(attempt_id, (*shared, ("number", shown.number.e164())), lead):
            again_at = civil_now + timedelta(seconds=GATE_RETRY_S)
            self.queue.add(fast_replace(lead, not_before=again_at), civil_now)
            return False
        self.pacer.try_take(now)
        lead = fast_replace(lead, state=LeadState.IN_PROGRESS, not_before=None, reason="")
        record = AttemptRecord(
            attempt_id=attempt_id,
            lead_id=lead.lead_id,
            campaign_id=lead.campaign_id,
            callee_id=lead.callee_id,
            presented_number=shown.number,
            trunk=self.campaign.trunk.name,
            state=AttemptState.PLANNED,
            planned_at=civil_now,
            card_outcome=None,
        )
        facts = on_record(verdict, gate_facts)
        entry = JournalEntry(
            JournalKind.ATTEMPT_PLANNED, civil_now, lead.campaign_id, lead.lead_id, attempt_id, lead.callee_id, facts
        )
        self.committer.commit(Batch(attempts=[record], leads=[lead], journal=[entry]))
        machine = Attempt(self.campaign.policy, channels=len(routes))
        self.numbers.begin(shown)
        self.begin(LiveAttempt(record, lead, callee, machine, card, page_code=code, routes=routes))
        return True

    def _stands_aside(self, lead: LeadRecord, verdict: Verdict, civil_now: datetime) -> bool:
        """Whether the lead, who may be called, was put behind others since rules advise another hour for it."""
        ends = [finding.until for finding in verdict.findings if finding.reason in _HOURS and finding.until is not None]
        if not ends:
            self.set_aside_in_row = 0
            return False
        is_too_early = self.may_set_aside_from is not None and civil_now < self.may_set_aside_from
        if self.queue.took_from_aside or is_too_early or not self.queue.has_others_ready():
            return False
        self.set_aside_in_row += 1
        if self.set_aside_in_row > STAND_ASIDE_MAX:
            self.set_aside_in_row, self.may_set_aside_from = 0, civil_now + timedelta(seconds=STAND_ASIDE_AGAIN_S)
            return False
        self.queue.set_aside(lead, len(ends), max(ends))
        return True

    # Resources that do not depend on the lead

    def _shared_resources(self, civil_now: datetime) -> tuple[ResourceKey, ...] | None:
        slot: ResourceKey = ("slot", self.campaign.trunk.name)
        if self.leases.free(slot) <= 0:
            return None
        resources: tuple[ResourceKey, ...] = (slot,)
        if self.campaign.attempts_max_per_day is not None:
            budget = self.budget_key(civil_now)
            if self.leases.free(budget) <= 0:
                return None
            resources = (*resources, budget)
        return resources

    def budget_key(self, civil_now: datetime) -> ResourceKey:
        """The campaign's budget of this day, declared on first use."""
        day = self.campaign.budget_day(civil_now).isoformat()
        key: ResourceKey = ("budget", day)
        self.leases.declare(key, (self.campaign.attempts_max_per_day or 0) - self.budget_spent(day))
        return key

    def _lacks_lease(self, attempt_id: AttemptId, resources: tuple[ResourceKey, ...], lead: LeadRecord) -> bool:
        """Take all that the attempt needs, or nothing; whether something was lacking."""
        return self.leases.try_take(attempt_id, (*resources, ("callee", lead.callee_id))) is not None

    # Leads that are not called

    @property
    def _has_code(self) -> bool:
        return self.campaign.card is not None and self.campaign.card.has_code

    def _card(self, lead: LeadRecord, code: PageCode | None) -> RenderedCard | CardRefusal | None:
        plan = self.campaign.card
        if plan is None:
            return None
        values = self.campaign.card_values(lead.slots, lead.name, code or SAMPLE_PAGE_CODE)
        return render(plan.template, values, plan.words)

    def _unfiled_numbers(self, lead: LeadRecord, civil_now: datetime) -> frozenset[str]:
        """E.164 of the numbers that the register does not let this campaign show; none where it asks no register."""
        plan, card = self.campaign.filing, self.campaign.card
        if plan is None or card is None:
            return frozenset()
        values, route = self.campaign.card_values(lead.slots, lead.name), card.routes[0]
        shape = template_over(card.template, route)
        return frozenset(
            shown.number.e164()
            for shown in self.campaign.presented_numbers
            if not NUMBER_UNFILED.isdisjoint(plan.ask(shape, values, shown.number, civil_now, route.vendor).reasons)
        )

    def _filed_routes(
        self, lead: LeadRecord, number: PhoneNumber, civil_now: datetime
    ) -> tuple[CardRoute, ...] | FilingVerdict:
        """The ways that this card may take to somebody who will see this number, by the filing register as it is now;
        where there is none, what speaks against the first."""
        plan, card = self.campaign.filing, self.campaign.card
        if card is None or plan is None:
            return () if card is None else card.routes
        values = self.campaign.card_values(lead.slots, lead.name)
        verdicts = {
            route: plan.ask(template_over(card.template, route), values, number, civil_now, route.vendor)
            for route in card.routes
        }
        filed = tuple(route for route, verdict in verdicts.items() if verdict.may_send)
        return filed or next(iter(verdicts.values()))

    def _wait_for_filing(self, lead: LeadRecord, verdict: FilingVerdict, civil_now: datetime) -> None:
        """A filing may be approved any time, so the lead waits; nothing of it is sent meanwhile."""
        self._count_delayed(FILING_RULE, lead)
        facts: dict[str, JsonValue] = {"rule": FILING_RULE, **verdict.to_json()}
        lead = fast_replace(lead, state=LeadState.WAITING, not_before=civil_now + timedelta(seconds=FILING_RETRY_S))
        self.committer.commit(
            Batch(leads=[lead], journal=[self._lead_entry(JournalKind.LEAD_DELAYED, lead, civil_now, facts)])
        )
        self.queue.add(lead, civil_now)

    def _wait_for_card(self, lead: LeadRecord, refusal: CardRefusal, civil_now: datetime) -> None:
        """Nothing changes within the run, so the lead leaves the queue and stays open for a run with better values."""
        reason = reason_without_card(refusal.code)
        self.progress.without_card[refusal.code.value, refusal.slot] += 1
        self._count_delayed(reason, lead)
        facts: dict[str, JsonValue] = {"rule": reason, "slot": refusal.slot}
        lead = fast_replace(lead, state=LeadState.WAITING, reason=reason, not_before=None)
        entry = self._lead_entry(JournalKind.LEAD_DELAYED, lead, civil_now, facts)
        self.committer.commit(Batch(leads=[lead], journal=[entry]))

    def _do_not_call(self, lead: LeadRecord, verdict: Verdict, gate_facts: CallFacts, civil_now: datetime) -> None:
        rule = verdict.deciding.rule_id if verdict.deciding is not None else verdict.reason
        facts: dict[str, JsonValue] = {**on_record(verdict, gate_facts), "rule": rule}
        if verdict.decision is Decision.DENY:
            self.progress.refused_by_rule[rule] += 1
            self._close_lead(lead, verdict.reason, civil_now, LeadState.REFUSED, JournalKind.LEAD_REFUSED, facts)
            return
        self._count_delayed(rule, lead)
        until = verdict.until or civil_now + timedelta(seconds=GATE_RETRY_S)
        lead = fast_replace(lead, state=LeadState.WAITING, not_before=until)
        entry = self._lead_entry(JournalKind.LEAD_DELAYED, lead, civil_now, facts)
        self.committer.commit(Batch(leads=[lead], journal=[entry]))
        self.queue.add(lead, civil_now)

    def _count_delayed(self, rule: str, lead: LeadRecord) -> None:
        if lead.lead_id not in self.delayed[rule]:
            self.delayed[rule].add(lead.lead_id)
            self.progress.delayed_by_rule[rule] += 1

    def _close_lead(
        self,
        lead: LeadRecord,
        reason: str,
        civil_now: datetime,
        state: LeadState = LeadState.FINISHED,
        kind: JournalKind = JournalKind.LEAD_CLOSED,
        facts: dict[str, JsonValue] | None = None,
    ) -> None:
        lead = fast_replace(lead, state=state, reason=reason, not_before=None)
        self.progress.leads_closed += 1
        entry = self._lead_entry(kind, lead, civil_now, facts or {"reason": reason})
        self.committer.commit(Batch(leads=[lead], journal=[entry]))

    def _lead_entry(
        self, kind: JournalKind, lead: LeadRecord, at: datetime, facts: dict[str, JsonValue]
    ) -> JournalEntry:
        return JournalEntry(kind, at, lead.campaign_id, lead.lead_id, None, lead.callee_id, facts)

    def _new_id(self, prefix: str, civil_now: datetime) -> str:
        return time_ordered(prefix, int(civil_now.timestamp() * 1000), self.rng.getrandbits)
