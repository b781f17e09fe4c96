"""Puts the agents of a campaign beside its run: floor, pace, and what was abandoned before."""

from collections.abc import Callable

from baitie.app.agents.answers import AgentCalls, DrivesAttempts
from baitie.app.agents.desk import AgentDesk, AgentsNeedRehearsalError
from baitie.app.agents.pacing import AgentPace
from baitie.app.campaign import Campaign
from baitie.app.keeping import Keeper
from baitie.app.ports import Clock
from baitie.domain.agents import AgentFloor
from baitie.domain.dialing.pacing.abandonment import AbandonmentBudget
from baitie.domain.risk.standing import Scope, ShareFact, ShareOf
from baitie.kernel.time import Instant


def agent_calls(
    campaign: Campaign,
    desk: AgentDesk | None,
    clock: Clock,
    keeper: Keeper,
    driver: DrivesAttempts,
    want_pump: Callable[[], None],
    channels_free: Callable[[], int],
) -> AgentCalls | None:
    """The agents of a campaign; None where the bot speaks with everybody. Raises `AgentsNeedRehearsalError`."""
    plan = campaign.agents
    if plan is None:
        return None
    if desk is None:
        raise AgentsNeedRehearsalError()
    floor = AgentFloor(plan.limits(campaign.policy), plan.roster)
    budget = AbandonmentBudget(plan.ceiling, clock.now())
    pace = AgentPace(plan, campaign.campaign_id, floor, channels_free, budget)
    return AgentCalls(
        plan=plan,
        campaign_id=campaign.campaign_id,
        clock=clock,
        keeper=keeper,
        floor=floor,
        desk=desk,
        pace=pace,
        driver=driver,
        want_pump=want_pump,
    )


def abandonment_shares(campaign: Campaign, agents: AgentCalls | None, now: Instant) -> tuple[ShareFact, ...]:
    """What the gate is told of abandoned calls, for each span of days that its rules ask about.

    The budget's window is that of the strictest rule; a longer span is told the same counts.
    """
    if agents is None:
        return ()
    budget = agents.pace.budget
    budget.remaining(now)  # what has left the window is forgotten
    spans = sorted(
        {
            check.days
            for check in campaign.rules.ceilings(campaign.purpose)
            if check.of is ShareOf.ABANDONMENT and check.per is Scope.CAMPAIGN
        }
    )
    answers, abandoned = budget.answers, budget.abandoned
    return tuple(ShareFact(ShareOf.ABANDONMENT, Scope.CAMPAIGN, days, abandoned, answers) for days in spans)
