"""The agent's machine (坐席状态机): one person at work, from log-in to log-out.

    offline -> ready -> ringing -> talking -> wrap_up -> ready …      progressive and predictive
               ready -> reserved -> ringing -> talking -> wrap_up …   preview and by hand
               ready <-> away

A call holds its agent from `reserved` or `ringing` on until it has ended: that is the lease. It comes back by the
end of the call, by the agent's own act, by vanishing, or at the latest by the deadline of its state.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from baitie.kernel.ids import AgentId, CampaignId
from baitie.kernel.time import Instant


class AgentState(StrEnum):
    """State of an agent (坐席状态)."""

    OFFLINE = "offline"
    READY = "ready"
    RESERVED = "reserved"  # looks at a lead, or waits for the call that was placed for this agent alone
    RINGING = "ringing"  # a callee is on the line, and the agent's own telephone rings
    TALKING = "talking"
    WRAP_UP = "wrap_up"
    AWAY = "away"


class AgentEventKind(StrEnum):
    """What happens to an agent (坐席事件)."""

    LOGGED_IN = "logged_in"
    LOGGED_OUT = "logged_out"
    WENT_AWAY = "went_away"
    CAME_BACK = "came_back"
    RESERVED = "reserved"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CALL_ENDED = "call_ended"
    WRAPPED_UP = "wrapped_up"
    VANISHED = "vanished"  # the connection to the workstation is gone
    TIMED_OUT = "timed_out"  # the deadline of the state


@dataclass(frozen=True, slots=True)
class AgentEvent:
    """Event (坐席事件). `holder` is the call that it is about: events about another call than the agent's are late,
    and mean nothing."""

    kind: AgentEventKind
    holder: str | None = None


@dataclass(frozen=True, slots=True)
class AgentLimits:
    """Longest stays in states (状态时限), in seconds. None: without end."""

    reserved_max_s: float = 180.0
    accept_max_s: float = 1.0
    talk_max_s: float = 3600.0
    wrap_up_max_s: float = 120.0


@dataclass(frozen=True, slots=True)
class StateChanged:
    """An agent's state changed (坐席状态变更). `lost` is the call whose agent this was and is not any more."""

    agent_id: AgentId
    before: AgentState
    after: AgentState
    lasted_s: float
    cause: AgentEventKind
    holder: str | None = None
    lost: str | None = None
    campaign_id: CampaignId | None = None  # whose agent it was; the pool says it


_S, _E = AgentState, AgentEventKind

AFTER_WORK = None
"""Where the agent goes who is free again: ready, or where the agent asked to go meanwhile."""

TRANSITIONS: Mapping[tuple[AgentState, AgentEventKind], AgentState | None] = MappingProxyType(
    {
        (_S.OFFLINE, _E.LOGGED_IN): _S.READY,
        (_S.READY, _E.LOGGED_OUT): _S.OFFLINE,
        (_S.READY, _E.WENT_AWAY): _S.AWAY,
        (_S.READY, _E.RESERVED): _S.RESERVED,
        (_S.READY, _E.OFFERED): _S.RINGING,
        (_S.READY, _E.VANISHED): _S.OFFLINE,
        (_S.AWAY, _E.CAME_BACK): _S.READY,
        (_S.AWAY, _E.LOGGED_OUT): _S.OFFLINE,
        (_S.AWAY, _E.VANISHED): _S.OFFLINE,
        (_S.RESERVED, _E.OFFERED): _S.RINGING,
        (_S.RESERVED, _E.DECLINED): AFTER_WORK,
        (_S.RESERVED, _E.CALL_ENDED): AFTER_WORK,
        (_S.RESERVED, _E.TIMED_OUT): _S.AWAY,
        (_S.RESERVED, _E.VANISHED): _S.OFFLINE,
        (_S.RINGING, _E.ACCEPTED): _S.TALKING,
        (_S.RINGING, _E.DECLINED): _S.AWAY,
        (_S.RINGING, _E.CALL_ENDED): AFTER_WORK,
        (_S.RINGING, _E.TIMED_OUT): _S.AWAY,
        (_S.RINGING, _E.VANISHED): _S.OFFLINE,
        (_S.TALKING, _E.CALL_ENDED): _S.WRAP_UP,
        (_S.TALKING, _E.TIMED_OUT): _S.WRAP_UP,
        (_S.TALKING, _E.VANISHED): _S.OFFLINE,
        (_S.WRAP_UP, _E.WRAPPED_UP): AFTER_WORK,
        (_S.WRAP_UP, _E.TIMED_OUT): AFTER_WORK,
        (_S.WRAP_UP, _E.VANISHED): _S.OFFLINE,
    }
)
"""Every move of the machine. What is not here is not done; a wish to leave while a call holds the agent is kept."""

HOLDING = frozenset({_S.RESERVED, _S.RINGING, _S.TALKING})
"""States in which a call holds the agent."""

_WISHES = {_E.LOGGED_OUT: _S.OFFLINE, _E.WENT_AWAY: _S.AWAY, _E.CAME_BACK: _S.READY, _E.LOGGED_IN: _S.READY}
_TAKES = frozenset({_E.RESERVED, _E.OFFERED})
_ABOUT_A_CALL = frozenset({_E.OFFERED, _E.ACCEPTED, _E.DECLINED, _E.CALL_ENDED})


class HumanAgent:
    """Agent (坐席). Feed it events in order; it answers with what changed, and is updated in place."""

    __slots__ = ("_wish", "agent_id", "holder", "limits", "since", "state")

    def __init__(self, agent_id: AgentId, limits: AgentLimits) -> None:
        self.agent_id = agent_id
        self.limits = limits  # of the campaign whose call it is
        self._wish: AgentState | None = None
        self.state = AgentState.OFFLINE
        self.since = Instant(0.0)
        self.holder: str | None = None

    @property
    def is_leaving(self) -> bool:
        """Whether the agent takes no further call after this one."""
        return self._wish is not None

    def next_deadline(self) -> Instant | None:
        """When `TIMED_OUT` is due."""
        limits = self.limits
        stay_max_s = {
            AgentState.RESERVED: limits.reserved_max_s,
            AgentState.RINGING: limits.accept_max_s,
            AgentState.TALKING: limits.talk_max_s,
            AgentState.WRAP_UP: limits.wrap_up_max_s,
        }.get(self.state)
        return None if stay_max_s is None else Instant(self.since + stay_max_s)

    def on_event(self, event: AgentEvent, now: Instant) -> StateChanged | None:
        """What changes by this event; None where nothing does."""
        kind = event.kind
        if kind is AgentEventKind.TIMED_OUT:
            deadline = self.next_deadline()
            if deadline is None or now < deadline:
                return None
        if (self.state, kind) not in TRANSITIONS:
            self._note_wish(kind)
            return None
        if kind in _TAKES and event.holder is None:
            return None
        if self.state in HOLDING and kind in _ABOUT_A_CALL and event.holder != self.holder:
            return None
        return self._move(TRANSITIONS[(self.state, kind)], event, now)

    def _note_wish(self, kind: AgentEventKind) -> None:
        """Whoever wants to leave while a call or its wrap-up lasts leaves after it."""
        wish = _WISHES.get(kind)
        if wish is not None and (self.state in HOLDING or self.state is AgentState.WRAP_UP):
            self._wish = None if wish is AgentState.READY else wish

    def _move(self, target: AgentState | None, event: AgentEvent, now: Instant) -> StateChanged:
        before, lasted_s, held = self.state, now - self.since, self.holder
        after = target if target is not None else self._wish or AgentState.READY
        if after not in HOLDING and after is not AgentState.WRAP_UP:
            self._wish = None
        self.state, self.since = after, now
        if event.kind in _TAKES:
            self.holder = event.holder
        elif after not in HOLDING:
            self.holder = None
        lost = held if held is not None and self.holder is None else None
        return StateChanged(self.agent_id, before, after, lasted_s, event.kind, self.holder or held, lost)
