"""Puts the agents of a campaign beside its run: pool, pace, and what was abandoned before."""

from baitie.app.agents.agent_calls import AgentCalls, DrivesAttempts
from baitie.app.agents.pacing import AgentPace
from baitie.app.agents.team import AgentTeam
from baitie.app.calling.run_context import RunContext
from baitie.app.campaign.campaign import Campaign
from baitie.app.ports.agents import AgentsNeedRehearsalError, AgentWorkstation
from baitie.domain.dialing.pacing.abandonment import AbandonmentBudget
from baitie.domain.risk.standing import Scope, ShareFact, ShareOf
from baitie.kernel.time import Instant


def abandonment_budget(campaign: Campaign, now: Instant) -> AbandonmentBudget | None:
    """How many calls of a campaign may still be abandoned; None where the bot speaks with everybody."""
    return None if campaign.agents is None else AbandonmentBudget(campaign.agents.ceiling, now)


def agent_calls(
    context: RunContext,
    at: AgentTeam | AgentWorkstation | None,
    driver: DrivesAttempts,
    budget: AbandonmentBudget | None,
) -> AgentCalls | None:
    """The agents of a campaign, at a team that it shares or at a workstation of its own; None where the bot speaks with
    everybody. Raises `AgentsNeedRehearsalError`."""
    campaign, plan = context.campaign, context.campaign.agents
    if plan is None or budget is None:
        return None
    if at is None:
        raise AgentsNeedRehearsalError()
    team = at if isinstance(at, AgentTeam) else AgentTeam(context.clock, at)
    return AgentCalls(
        plan=plan,
        campaign_id=campaign.campaign_id,
        clock=context.clock,
        committer=context.committer,
        team=team,
        pace=AgentPace(plan, campaign.campaign_id, team.pool, context.channels_free, budget),
        limits=plan.limits(campaign.policy),
        driver=driver,
        request_run=context.scheduler.request_run,
        leads_ready=context.scheduler.leads_ready,
    )


class AbandonmentShares:
    """What the gate is told of abandoned calls (呼损份额), for each span of days that its rules ask about.

    The budget's window is that of the strictest rule; a longer span is told the same counts.
    """

    __slots__ = ("_budget", "_facts", "_spans")

    def __init__(self, campaign: Campaign, budget: AbandonmentBudget | None) -> None:
        self._budget = budget
        self._facts: tuple[ShareFact, ...] = ()
        self._spans = sorted(
            {
                check.days
                for check in campaign.rules.ceilings(campaign.purpose)
                if check.of is ShareOf.ABANDONMENT and check.per is Scope.CAMPAIGN
            }
        )

    def now(self, now: Instant) -> tuple[ShareFact, ...]:
        """The counts as they stand; none where the campaign has no agents."""
        budget = self._budget
        if budget is None or not self._spans:
            return ()
        budget.remaining(now)  # what has left the window is forgotten
        answers, abandoned = budget.answers, budget.abandoned
        told = self._facts
        if not told or told[0].denominator != answers or told[0].numerator != abandoned:
            told = self._facts = tuple(
                ShareFact(ShareOf.ABANDONMENT, Scope.CAMPAIGN, days, abandoned, answers) for days in self._spans
            )
        return told
