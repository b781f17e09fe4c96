"""Runs a campaign from its first lead to its last outcome: contacts, gate, card, ring, talk, outcome, journal."""

import asyncio
from collections import Counter
from collections.abc import Set
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from baitie.app.agents.campaign_agents import AbandonmentShares, abandonment_budget, agent_calls
from baitie.app.agents.pacing import BotPace
from baitie.app.agents.team import AgentTeam
from baitie.app.calling.attempt_driver import AttemptDriver
from baitie.app.calling.attempt_end import STOPPED
from baitie.app.calling.gateway_events import GatewayEvents
from baitie.app.calling.live_attempt import LiveAttempt
from baitie.app.calling.number_choice import NumberBook, Numbers
from baitie.app.calling.persistence import BatchCommitter, HeldRefusal
from baitie.app.calling.planner import Planner
from baitie.app.calling.progress import Progress, RunEnd, RunSummary
from baitie.app.calling.recovery import recover
from baitie.app.calling.replies import Replies
from baitie.app.calling.run_context import RunContext
from baitie.app.calling.run_ground import REHEARSED, RunGround
from baitie.app.calling.scheduler import CallScheduler, Scheduled
from baitie.app.calling.store_watch import StoreWatch
from baitie.app.calling.trunk_watch import REGISTRATION_LOST, TrunkWatch
from baitie.app.campaign.campaign import Campaign
from baitie.app.campaign.facts import campaign_facts
from baitie.app.gate.complaint_red_line import RED_LINE, RedLine
from baitie.app.gate.gate import Gate
from baitie.app.inbound.campaign_host import InboundPorts
from baitie.app.inbound.controller import inbound_side
from baitie.app.ports.agents import AgentWorkstation
from baitie.app.ports.calls import CallGateway, Trunks
from baitie.app.ports.clock import Clock, Rng, ZoneTable
from baitie.app.ports.messages import MessageGateway
from baitie.app.ports.run_store import RunStore
from baitie.app.ports.signing import CardSigning
from baitie.app.proof.checkpoint_signer import CheckpointSigner
from baitie.app.records.batch import Batch
from baitie.app.records.commands import CommandKind
from baitie.app.records.standing import CampaignState
from baitie.domain.dialing.leases import LeaseBook
from baitie.domain.dialing.pacing import AttemptPacer
from baitie.domain.risk.facts import GateStage
from baitie.domain.risk.standing import ShareFact
from baitie.kernel.errors import BaitieError, InputError, StoreError
from baitie.kernel.ids import AttemptId, CalleeId
from baitie.kernel.journal import JournalEntry, JournalKind, JsonValue
from baitie.kernel.records import LeadRecord, LeadState

CARRIER_LOST_FAILURES = 20
"""So many attempts in a row that the carrier could not carry: the run stops rather than burn the list."""


NUMBERS_ALTERED = "numbers-altered"
"""Some callees' numbers are not those that they are looked up by: their leads are left alone."""


class UnknownCampaignError(InputError):
    """This campaign has no leads in the store. Import its contacts first (`baitie run` does it)."""

    code = "campaign-unknown"


@dataclass(frozen=True, slots=True)
class Ports:
    """Ports of a run (运行端口): the outside, as one run needs it."""

    clock: Clock
    rng: Rng
    store: RunStore
    calls: CallGateway
    messages: MessageGateway
    zones: ZoneTable
    checkpoint_signer: CheckpointSigner | None = None  # None signs nothing: rehearsals
    inbound: InboundPorts | None = None  # None: the carrier hears that nobody is here
    signing: CardSigning | None = None  # of cards and calls
    workstation: AgentWorkstation | None = None  # of the campaign's human agents
    team: AgentTeam | None = None  # instead of a workstation: agents whom several runs share
    in_flight: Counter[CalleeId] = field(default_factory=Counter)  # calls to each callee; all runs share one
    numbers: NumberBook = field(default_factory=NumberBook)  # all runs share one
    ground: RunGround = REHEARSED
    trunks: Trunks | None = None  # None: a carrier that wants no registration


class CampaignRun:
    """One run (运行) of one campaign. Construct, `await run()`; `stop` may be called at any time."""

    def __init__(self, campaign: Campaign, ports: Ports) -> None:
        self.campaign = campaign
        self.ports = ports
        self.progress = Progress()
        self.leases = LeaseBook(_capacities(campaign))
        self._committer = BatchCommitter(ports.store, self._on_store_failed)
        self._scheduler = CallScheduler(campaign, ports.clock, self.progress)
        self._request_run = self._scheduler.request_run
        context = self._context = RunContext(
            campaign, ports.clock, ports.rng, self._committer, self.progress, self._scheduler, self.leases,
            ports.in_flight,
        )  # fmt: skip
        self._red_line = RedLine(campaign, ports.store, ports.clock)
        budget = abandonment_budget(campaign, ports.clock.now())
        self._abandonment = AbandonmentShares(campaign, budget)
        self._gate = Gate(
            campaign, ports.store, ports.clock, ports.zones, context.in_flight.__getitem__, self._shares,
            wish_of=context.wishes.get, held_of=self._committer.held_of,
        )  # fmt: skip
        self._numbers = Numbers(campaign, ports.store, self._gate.list_facts, self.leases, ports.numbers)
        self._driver = AttemptDriver(
            campaign=campaign,
            clock=ports.clock,
            committer=self._committer,
            gate=self._gate,
            calls=ports.calls,
            messages=ports.messages,
            progress=self.progress,
            on_closed=self._on_closed,
            on_permit_requested=self._scheduler.request_permit,
            signing=ports.signing,
            carrier=ports.ground.carrier,
        )
        self.agents = agent_calls(context, ports.team or ports.workstation, self._driver, budget)
        self._inbound = inbound_side(context, ports.inbound, self._driver)
        self._trunk = TrunkWatch(campaign, ports.clock, self.progress, self._request_run, self._on_trunk_gone)
        self.events = GatewayEvents(self._driver, Replies(self._driver, ports.store, ports.rng))
        self._spent_by_day: Counter[str] = Counter()
        self._failures_in_a_row = 0
        self._bars_seen: int | None = None
        self._broken: Exception | None = None
        self._has_altered = False

    async def run(self) -> RunSummary:
        """Run until every lead is finished, or what is left must wait too long, or somebody stops it."""
        clock, civil_from = self.ports.clock, self.ports.clock.civil_now()
        started_at = self.progress.started_at = clock.now()
        self.ports.calls.listen(self.events.on_call)
        self.ports.messages.listen(self.events.on_message)
        self._start(self._load())
        if self.ports.trunks is not None:
            self.ports.trunks.listen_to_trunks(self._trunk.on_event)
        loop = asyncio.get_running_loop()
        handler = loop.get_exception_handler()
        loop.set_exception_handler(self._on_loop_error)
        watch = StoreWatch(self.ports.store, clock, self._look, self._committer.fail)
        watching = asyncio.ensure_future(watch.run())
        try:
            self._request_run()
            await self._scheduler.done.wait()
        finally:
            watching.cancel()
            self._trunk.leave()
            loop.set_exception_handler(handler)
        if self._broken is not None:
            # Attempts in flight are closed as unknown by the next run: what they came to is not known here any more.
            raise self._broken
        self._inbound.leave()
        if self.agents is not None:
            self.agents.leave()
        end = self._scheduler.end or RunEnd.FINISHED
        self._note(_KIND_OF_END[end], self._of_end(end))
        await self._committer.drain()
        if self._committer.failed is not None:  # in the last moment: however it meant to end, that was not kept
            end = RunEnd.STORE_FAILED
        self._sign(is_end=True)
        elapsed_s = clock.now() - started_at
        problem = self.progress.problem or (NUMBERS_ALTERED if self._has_altered else None)
        return RunSummary(end, self.progress, civil_from, clock.civil_now(), elapsed_s, problem)

    def stop(self, *, hang_up: bool) -> None:
        """Begin nothing more. Calls in progress end by themselves, or with `hang_up` at once."""
        self._stop_with(RunEnd.STOPPED, STOPPED, hang_up=hang_up)

    def held_refusals(self) -> list[HeldRefusal]:
        """Refusals that the store could not keep. Whoever keeps one takes it out."""
        return self._committer.held

    def live_attempts(self) -> Set[AttemptId]:
        """The attempts under way in this instant: they alone hold leases for calls that we place."""
        return self._driver.live.keys()

    def _of_end(self, end: RunEnd) -> dict[str, JsonValue]:
        """What the journal says of the end: of a run that waits, until when at the earliest."""
        next_at = self.progress.next_at if end is RunEnd.WAITING else None
        return {"end": end.value} if next_at is None else {"end": end.value, "next_at": next_at.isoformat()}

    def _on_loop_error(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """A callback raised what nobody expected: end the run rather than wait for ever for what it would have done."""
        error = context.get("exception")
        if isinstance(error, Exception) and not isinstance(error, OSError) and self._broken is None:
            self._broken = error
            self._scheduler.done.set()
        loop.default_exception_handler(context)

    def on_clock_jump(self) -> None:
        """The civil clock was set: ask anew when leads are due. No call needs stopping, for the gate is asked with
        the clock as it is in the instant before each INVITE."""
        self._scheduler.wake()

    # Start

    def _load(self) -> CampaignState:
        state = self.ports.store.campaign_state(self.campaign.campaign_id)
        if state is None:
            raise UnknownCampaignError(campaign=self.campaign.campaign_id)
        return state

    def _start(self, state: CampaignState) -> None:
        store, clock = self.ports.store, self.ports.clock
        context = self._context
        recovered, queue = recover(self.campaign, state, self._gate, context.queue)
        context.callees.update({key: callee for key, callee in state.callees.items() if key not in state.altered})
        self._has_altered = bool(state.altered)
        is_resumed = any(lead.state is not LeadState.WAITING or lead.attempts for lead in state.leads)
        self._note(
            JournalKind.CAMPAIGN_RESUMED if is_resumed else JournalKind.CAMPAIGN_STARTED,
            {
                "leads": len(state.leads),
                "waiting": len(queue),
                "closed_as_unknown": len(recovered.attempts),
                **self.ports.ground.facts(self.campaign.rules),
            },
        )
        self._committer.commit(Batch(campaigns=[campaign_facts(self.campaign)]))
        if recovered.attempts:
            self._committer.commit(recovered)
        if self.campaign.attempts_max_per_day is not None:
            today = self.campaign.budget_day(clock.civil_now())
            begins = datetime.combine(today, time.min, self.campaign.zone)
            self._spent_by_day[today.isoformat()] = store.complaint_share(self.campaign.campaign_id, begins)[1]
        self.progress.leads = len(state.leads)
        self.progress.leads_closed = len(state.leads) - len(queue)
        self._numbers.load(clock.civil_now())
        planner = Planner(
            campaign=self.campaign,
            clock=clock,
            rng=self.ports.rng,
            committer=self._committer,
            gate=self._gate,
            queue=queue,
            leases=self.leases,
            numbers=self._numbers,
            pacer=AttemptPacer(self.campaign.trunk.attempts_per_s),
            callees=context.callees,
            progress=self.progress,
            budget_spent=self._spent_by_day.__getitem__,
            begin=self._begin,
            places=(self.agents.pace if self.agents else BotPace(context.channels_free)).places,
        )
        self._scheduler.begin(Scheduled(planner, self._driver, self.agents, self._inbound, self._trunk.may_plan))
        if self.agents is not None:
            self.agents.start(store.attempts(self.campaign.campaign_id))
        self._look_at_red_line()
        self._inbound.start()

    # Attempts begin and end

    def _begin(self, live: LiveAttempt) -> None:
        self._context.in_flight[live.callee.callee_id] += 1
        (self.agents or self._driver).begin(live)

    def _on_closed(self, live: LiveAttempt, lead: LeadRecord) -> None:
        attempt_id, callee_id = live.record.attempt_id, live.callee.callee_id
        self._context.in_flight[callee_id] -= 1
        if not self._context.in_flight[callee_id]:
            del self._context.in_flight[callee_id]
        if live.machine.placed_at is not None and self.campaign.attempts_max_per_day is not None:
            self.leases.spend(attempt_id, "budget")
        self.leases.give_back(attempt_id)
        self._numbers.over(live.record, lead.last_outcome)
        if lead.state is LeadState.WAITING:
            self._context.queue.add(lead, self.ports.clock.civil_now())
        else:
            self.progress.leads_closed += 1
        self._inbound.on_closed(live, lead)
        self._watch_carrier(live)
        self._request_run()

    def _watch_carrier(self, live: LiveAttempt) -> None:
        """Many failures of the trunk in a row mean that it is gone, not that people do not answer."""
        if live.machine.placed_at is None:
            return
        is_answer_of_carrier = live.machine.ringing_at is not None or live.machine.answered_at is not None
        self._failures_in_a_row = 0 if is_answer_of_carrier or live.reached_network else self._failures_in_a_row + 1
        if self._failures_in_a_row >= CARRIER_LOST_FAILURES:
            self.progress.problem = self.progress.problem or "carrier-lost"
            self._stop_with(RunEnd.CARRIER_LOST, "carrier-lost", hang_up=False)

    def _on_trunk_gone(self) -> None:
        self.progress.problem = self.progress.problem or REGISTRATION_LOST
        self._stop_with(RunEnd.CARRIER_LOST, REGISTRATION_LOST, hang_up=False)

    # Stopping

    def _stop_with(self, end: RunEnd, cause: str, *, hang_up: bool) -> None:
        self._scheduler.end = self._scheduler.end or end
        self.progress.is_stopping = True
        self._driver.stop_all(cause, calls_too=hang_up)
        self._inbound.stop(calls_too=hang_up)
        self._request_run()

    def _on_store_failed(self, problem: StoreError) -> None:
        self.progress.problem = str(problem)
        self._stop_with(RunEnd.STORE_FAILED, "store-unavailable", hang_up=False)

    def _look(self, has_changed: bool) -> bool:
        """Heed what others have written. Gives whether time alone may bring something to heed."""
        if has_changed:
            for command in self.ports.store.take_commands():
                self._note(JournalKind.COMMAND_RECEIVED, {"command": command.kind.value, "actor": command.actor})
                self.stop(hang_up=command.kind is CommandKind.STOP_NOW)
            self._stop_the_barred()
        self._inbound.look(has_changed)
        self._sign(has_changed=has_changed)
        return self._inbound.must_look or self.ports.checkpoint_signer is not None

    def _stop_the_barred(self) -> None:
        """Ask again about callees of whom somebody has written something: their card or ring may have to stop."""
        self._bars_seen, touched = self.ports.store.callees_barred_after(self._bars_seen)
        if touched:
            self._look_at_red_line()
        for live in list(self._driver.live.values()) if touched else ():
            if live.callee.callee_id in touched:
                verdict = self._gate.ask(live.callee, GateStage.RING, own_calls=1, lead=live.lead)
                if not verdict.is_allowed:
                    self._driver.stop_callee(live.callee.callee_id, f"gate-{verdict.reason}")

    def _shares(self) -> tuple[ShareFact, ...]:
        return (*self._red_line.now(self.progress.attempts), *self._abandonment.now(self.ports.clock.now()))

    def _look_at_red_line(self) -> None:
        """Too many complaints: the campaign pauses by itself, and somebody has to look before it goes on."""
        self._red_line.count(self.progress.attempts)
        if self._red_line.is_passed() and self._scheduler.end is None:
            self.progress.problem = self.progress.problem or RED_LINE
            self._stop_with(RunEnd.RED_LINE, RED_LINE, hang_up=False)

    def _sign(self, *, is_end: bool = False, has_changed: bool = False) -> None:
        """A checkpoint where it is time for one, or at the end. A store that does not keep it is named, no more."""
        checkpoint_signer, civil_now = self.ports.checkpoint_signer, self.ports.clock.civil_now()
        if checkpoint_signer is None or self._committer.failed is not None:
            return
        try:
            if is_end:
                checkpoint_signer.sign(civil_now)
            else:
                checkpoint_signer.on_time(civil_now, self.ports.clock.now(), has_changed=has_changed)
        except BaitieError as error:  # of the store, or of the anchor beside the key
            self.progress.problem = self.progress.problem or str(error)

    def _note(self, kind: JournalKind, facts: dict[str, JsonValue]) -> None:
        if self._committer.failed is None:
            entry = JournalEntry(kind, self.ports.clock.civil_now(), self.campaign.campaign_id, facts=facts)
            self._committer.commit(Batch(journal=[entry]))


_KIND_OF_END = {
    RunEnd.FINISHED: JournalKind.CAMPAIGN_FINISHED,
    RunEnd.WAITING: JournalKind.CAMPAIGN_PAUSED,
    RunEnd.STOPPED: JournalKind.CAMPAIGN_STOPPED,
    RunEnd.STORE_FAILED: JournalKind.CAMPAIGN_STOPPED,
    RunEnd.CARRIER_LOST: JournalKind.CAMPAIGN_STOPPED,
    RunEnd.RED_LINE: JournalKind.CAMPAIGN_PAUSED,
}


def _capacities(campaign: Campaign) -> dict[tuple[str, str], int]:
    capacity = {("slot", campaign.trunk.name): campaign.trunk.calls_in_flight_max}
    for presented in campaign.presented_numbers:
        capacity[("number", presented.number.e164())] = presented.calls_in_flight_max
    return capacity
