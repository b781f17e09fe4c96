"""What an attempt concludes where a human agent was promised."""

import pytest

from baitie.domain.dialing.attempt import Attempt, EndAttempt, Phase
from baitie.domain.dialing.policy import DialingPolicy
from baitie.kernel.outcome import EndedBy, Outcome
from baitie.kernel.time import Instant

POLICY = DialingPolicy(voicemail_ring_min_s=20)


def answered(after_s: float = 5.0) -> Attempt:
    attempt = Attempt(POLICY)
    attempt.start(has_card=False, now=Instant(0))
    attempt.on_permit(Instant(0))
    attempt.on_kept(Instant(0))
    attempt.on_gate(True, "", Instant(0))
    attempt.on_ringing(False, Instant(0))
    attempt.on_answered(Instant(after_s))
    assert attempt.phase is Phase.TALKING
    return attempt


def conclusion(attempt: Attempt, ended_by: EndedBy = EndedBy.US) -> tuple[Outcome, str | None]:
    [end] = attempt.on_ended(ended_by, 0, Instant(100))
    assert isinstance(end, EndAttempt)
    return end.conclusion.outcome, end.conclusion.cause


@pytest.mark.parametrize("after_s", [5.0, 25.0])
@pytest.mark.parametrize("ended_by", [EndedBy.US, EndedBy.CALLEE])
def test_without_an_agent_the_call_is_abandoned_whoever_spoke_and_whoever_ended_it(
    after_s: float, ended_by: EndedBy
) -> None:
    attempt = answered(after_s)
    attempt.promise_agent()
    assert conclusion(attempt, ended_by) == (Outcome.ABANDONED, "no-agent")


def test_with_an_agent_it_is_answered_even_where_timing_sounds_like_a_mailbox() -> None:
    attempt = answered(after_s=25.0)
    attempt.promise_agent()
    attempt.on_agent()
    assert conclusion(attempt)[0] is Outcome.ANSWERED


def test_an_agent_who_hears_a_machine_decides_before_any_timing() -> None:
    attempt = answered(after_s=5.0)
    attempt.promise_agent()
    attempt.on_agent()
    attempt.on_machine_heard()
    assert conclusion(attempt)[0] is Outcome.VOICEMAIL


def test_a_carrier_that_says_nothing_of_the_end_leaves_it_abandoned() -> None:
    attempt = answered()
    attempt.promise_agent()
    attempt.hang_up(Instant(10))
    due = attempt.next_deadline()
    assert due is not None
    [end] = attempt.on_deadline(due)
    assert isinstance(end, EndAttempt)
    assert end.conclusion.outcome is Outcome.ABANDONED


def test_where_no_agent_was_promised_nothing_changes() -> None:
    assert conclusion(answered(5.0))[0] is Outcome.ANSWERED
    assert conclusion(answered(25.0))[0] is Outcome.VOICEMAIL
