"""The inbound side of a run: callers are answered, and those who asked for it are called back."""

from dataclasses import dataclass

from baitie.app.calling.attempt_driver import AttemptDriver
from baitie.app.calling.live_attempt import LiveAttempt
from baitie.app.calling.run_context import RunContext
from baitie.app.inbound.answerer import Answerer
from baitie.app.inbound.call_backs import CallBacks
from baitie.app.inbound.campaign_host import CampaignHost, InboundPorts
from baitie.kernel.ids import InboundId, LeadId
from baitie.kernel.records import LeadRecord


@dataclass(frozen=True, slots=True)
class InboundSide:
    """Inbound side (呼入侧) of a run; both parts are None where nothing is known of callers."""

    answerer: Answerer | None = None
    call_backs: CallBacks | None = None

    def start(self) -> None:
        """Take calls and requests from now on. Raises `StoreError`."""
        if self.call_backs is not None:
            self.call_backs.look()
        if self.answerer is not None:
            self.answerer.start()

    def look(self, has_changed: bool) -> None:
        """Take what callees have asked for meanwhile; where nothing has changed, what time alone has brought."""
        if self.call_backs is not None:
            if has_changed or self.call_backs.has_put_off:
                self.call_backs.look()
            else:
                self.call_backs.let_go_late()

    @property
    def must_look(self) -> bool:
        """Whether time alone may bring something."""
        return self.call_backs is not None and self.call_backs.must_look

    @property
    def is_busy(self) -> bool:
        """Whether somebody is on the line."""
        return self.answerer is not None and bool(self.answerer.live)

    def on_closed(self, live: LiveAttempt, lead: LeadRecord) -> None:
        """An attempt ended."""
        if self.call_backs is not None:
            self.call_backs.on_closed(lead, lead.last_outcome if live.machine.placed_at is not None else None)

    def stop(self, *, calls_too: bool) -> None:
        """Take no further calls."""
        if self.answerer is not None:
            self.answerer.stop(calls_too=calls_too)

    def leave(self) -> None:
        """Answer nobody any more."""
        if self.answerer is not None:
            self.answerer.leave()


def inbound_side(context: RunContext, inbound: InboundPorts | None, driver: AttemptDriver) -> InboundSide:
    """The inbound side of a run, as far as its ports and its campaign want one."""
    if inbound is None:
        return InboundSide()
    campaign, clock, committer = context.campaign, context.clock, context.committer
    held: dict[InboundId, LeadRecord] = {}

    def is_live(lead_id: LeadId) -> bool:
        on_the_line = any(lead.lead_id == lead_id for lead in held.values())
        return on_the_line or any(live.lead.lead_id == lead_id for live in driver.live.values())

    call_backs = CallBacks(
        campaign_id=campaign.campaign_id,
        clock=clock,
        committer=committer,
        store=inbound.store,
        queue=context.queue,
        wishes=context.wishes,
        is_live=is_live,
        may_call=context.callees.__contains__,
        request_run=context.scheduler.request_run,
        progress=context.progress,
    )
    if campaign.answering is None:
        return InboundSide(None, call_backs)
    host = CampaignHost(
        campaign_id=campaign.campaign_id,
        clock=clock,
        committer=committer,
        driver=driver,
        store=inbound.store,
        in_flight=context.in_flight,
        queue=context.queue,
        request_run=context.scheduler.request_run,
        progress=context.progress,
        look_at_requests=call_backs.look,
        held=held,
    )
    answerer = Answerer(
        plan=campaign.answering,
        clock=clock,
        rng=context.rng,
        store=inbound.store,
        committer=committer,
        gateway=inbound.gateway,
        leases=context.leases,
        host=host,
        counts=context.progress.inbound,
    )
    return InboundSide(answerer, call_backs)
