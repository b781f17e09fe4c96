"""What a campaign says of its agents, and the ceiling of abandoned calls that its rules set."""

from collections.abc import Collection
from dataclasses import dataclass, field

from baitie.domain.agents import AgentLimits
from baitie.domain.dialing.pacing.abandonment import AbandonmentCeiling, WindowKind
from baitie.domain.dialing.pacing.controllers import PacingMode
from baitie.domain.dialing.policy import DialingPolicy
from baitie.domain.risk.rulebook import RuleBook
from baitie.domain.risk.standing import Scope, ShareOf
from baitie.domain.voicebot.script import Script
from baitie.kernel.ids import AgentId
from baitie.kernel.purpose import Purpose

CONNECT_MAX_S = 2.0
"""No campaign may let a callee wait longer: 16 CFR 310.4(b)(1)(iv), counted here from the answer itself, which is
stricter than from the end of the callee's greeting."""

TALK_MARGIN_S = 60.0
"""A talk is over so long after the longest call at the latest: then an event was lost."""

HOUSE_CEILING = AbandonmentCeiling(window_kind=WindowKind.ROLLING, window_s=86_400.0, agent_within_s=CONNECT_MAX_S)
"""Where an organisation has taken every rule on abandoned calls out: three in a hundred in any 24 hours, and none among
the first fifty, as in the advice pack."""

Roster = Collection[AgentId]
"""Who serves the campaign, in order. The same id on another campaign's roster is the same person."""


@dataclass(frozen=True, slots=True)
class AgentPlan:
    """Agents of a campaign (坐席方案). `mode` is never `bot`. Lengths are monotonic."""

    mode: PacingMode
    roster: Roster
    connect_max_s: float = CONNECT_MAX_S  # from the answer; then the call counts as abandoned, and somebody speaks
    accept_max_s: float = 1.0  # then the next agent is asked, and this one is away
    wrap_up_max_s: float = 120.0
    preview_max_s: float = 60.0
    absent_max_s: float = 1800.0  # with nobody logged in for so long the run ends
    announcement: Script | None = None  # for callees whom no agent takes; None: the bot follows the script
    ceiling: AbandonmentCeiling = field(default=HOUSE_CEILING)
    weight: float = 1.0  # of the campaign among those that share its agents

    @property
    def is_by_hand(self) -> bool:
        """Whether each attempt has its agent before it begins."""
        return self.mode in (PacingMode.PREVIEW, PacingMode.MANUAL)

    def limits(self, policy: DialingPolicy) -> AgentLimits:
        """The deadlines of the agents' states. A reservation outlasts whatever its attempt may last unanswered."""
        card_max_s = 2 * policy.receipt_wait_s + policy.ring_after_receipt_s
        unanswered_max_s = card_max_s + policy.setup_timeout_s + policy.ring_timeout_s
        return AgentLimits(
            reserved_max_s=self.preview_max_s + unanswered_max_s + TALK_MARGIN_S,
            accept_max_s=self.accept_max_s,
            talk_max_s=policy.call_max_s + TALK_MARGIN_S,
            wrap_up_max_s=self.wrap_up_max_s,
        )


def ceiling_of(rules: RuleBook, purpose: Purpose) -> AbandonmentCeiling:
    """The strictest ceiling on abandoned calls among the rules; the house's where none speaks.

    A rule's span of days is counted as any such span, so that it holds in each period that the law may mean.
    """
    found = [
        check for check in rules.ceilings(purpose) if check.of is ShareOf.ABANDONMENT and check.per is Scope.CAMPAIGN
    ]
    if not found:
        return HOUSE_CEILING
    strictest = min(found, key=lambda check: (check.max_per_10000, check.days))
    return AbandonmentCeiling(
        max_per_10000=strictest.max_per_10000,
        window_kind=WindowKind.ROLLING,
        window_s=strictest.days * 86_400.0,
        agent_within_s=CONNECT_MAX_S,
        answers_min=strictest.denominator_min,
    )
