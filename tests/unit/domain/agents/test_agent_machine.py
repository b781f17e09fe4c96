"""The agent's machine: what is allowed, what is kept for later, and what its deadlines mend."""

import pytest

from baitie.domain.agents.agent import HOLDING, TRANSITIONS, AgentEvent, AgentLimits, HumanAgent
from baitie.domain.agents.agent import AgentEventKind as Kind
from baitie.domain.agents.agent import AgentState as State
from baitie.kernel.ids import AgentId
from baitie.kernel.time import Instant

LIMITS = AgentLimits(reserved_max_s=100, accept_max_s=1, talk_max_s=300, wrap_up_max_s=60)
PATHS = {
    State.OFFLINE: [],
    State.READY: [Kind.LOGGED_IN],
    State.RESERVED: [Kind.LOGGED_IN, Kind.RESERVED],
    State.RINGING: [Kind.LOGGED_IN, Kind.OFFERED],
    State.TALKING: [Kind.LOGGED_IN, Kind.OFFERED, Kind.ACCEPTED],
    State.WRAP_UP: [Kind.LOGGED_IN, Kind.OFFERED, Kind.ACCEPTED, Kind.CALL_ENDED],
    State.AWAY: [Kind.LOGGED_IN, Kind.WENT_AWAY],
}


def agent_in(state: State) -> HumanAgent:
    agent = HumanAgent(AgentId("a"), LIMITS)
    for kind in PATHS[state]:
        agent.on_event(AgentEvent(kind, "call"), Instant(0))
    assert agent.state is state
    return agent


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("state", State)
def test_every_event_in_every_state_does_what_the_table_says_or_nothing(state: State, kind: Kind) -> None:
    agent = agent_in(state)
    changed = agent.on_event(AgentEvent(kind, "call"), Instant(1000))
    if (state, kind) not in TRANSITIONS:
        assert changed is None
        assert agent.state is state
        return
    assert changed is not None
    assert changed.before is state
    assert agent.state is (TRANSITIONS[(state, kind)] or State.READY)
    assert (agent.holder is not None) == (agent.state in HOLDING)
    assert changed.lost == ("call" if state in HOLDING and agent.state not in HOLDING else None)


@pytest.mark.parametrize("state", sorted(HOLDING))
def test_a_call_that_holds_an_agent_gives_the_agent_back_at_its_deadline(state: State) -> None:
    agent = agent_in(state)
    due = agent.next_deadline()
    assert due is not None
    early = agent.on_event(AgentEvent(Kind.TIMED_OUT), Instant(due - 0.01))
    changed = agent.on_event(AgentEvent(Kind.TIMED_OUT), due)
    assert early is None
    assert changed is not None
    assert changed.lost == "call"


def test_an_event_about_another_call_changes_nothing() -> None:
    for state in HOLDING:
        agent = agent_in(state)
        for kind in (Kind.ACCEPTED, Kind.DECLINED, Kind.CALL_ENDED, Kind.OFFERED):
            assert agent.on_event(AgentEvent(kind, "an earlier call"), Instant(1)) is None


@pytest.mark.parametrize(("wish", "goes_to"), [(Kind.LOGGED_OUT, State.OFFLINE), (Kind.WENT_AWAY, State.AWAY)])
def test_who_wants_to_leave_during_a_call_leaves_after_its_wrap_up(wish: Kind, goes_to: State) -> None:
    agent = agent_in(State.TALKING)
    assert agent.on_event(AgentEvent(wish), Instant(1)) is None
    assert agent.is_leaving
    agent.on_event(AgentEvent(Kind.CALL_ENDED, "call"), Instant(2))
    assert agent.state is State.WRAP_UP
    agent.on_event(AgentEvent(Kind.WRAPPED_UP), Instant(3))
    assert agent.state is goes_to
    assert not agent.is_leaving


def test_a_wish_to_leave_can_be_taken_back() -> None:
    agent = agent_in(State.TALKING)
    agent.on_event(AgentEvent(Kind.WENT_AWAY), Instant(1))
    agent.on_event(AgentEvent(Kind.CAME_BACK), Instant(2))
    agent.on_event(AgentEvent(Kind.CALL_ENDED, "call"), Instant(3))
    agent.on_event(AgentEvent(Kind.WRAPPED_UP), Instant(4))
    assert agent.state is State.READY


def test_who_does_not_take_an_offer_is_put_away_and_not_asked_again() -> None:
    agent = agent_in(State.RINGING)
    agent.on_event(AgentEvent(Kind.TIMED_OUT), Instant(1))
    assert agent.state is State.AWAY
