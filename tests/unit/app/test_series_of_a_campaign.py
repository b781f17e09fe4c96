"""Which series a lead's call is part of, and what the history keeps of a call for rules about series and freezes."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.rehearsal.world import campaign, lead
from tests.unit.app.test_closing import NOW, POLICY, SENT_AT, live_attempt

from baitie.app.calling.attempt_end import close_attempt
from baitie.app.campaign.campaign import SeriesPlan
from baitie.domain.dialing.attempt import EndAttempt
from baitie.domain.dialing.conclude import Conclusion
from baitie.domain.risk.history import CalleeHistory, PastAttempt
from baitie.domain.risk.standing import SeriesBasis, SeriesFact
from baitie.kernel.journal import JournalKind
from baitie.kernel.outcome import EndedBy, Evidence, Outcome

ORDERS = SeriesPlan("order", SeriesBasis.ORDERED)


def test_a_series_is_named_by_a_hash_of_callee_and_value() -> None:
    chosen = campaign(series=ORDERS)
    first, second = lead(1, slots={"order": "A-1024"}), lead(1, slots={"order": "A-1025"})
    named = chosen.series_of(first)
    assert named == chosen.series_of(first)
    assert named is not None
    assert "1024" not in named.key
    others = {chosen.series_of(second), chosen.series_of(lead(2, slots=first.slots))}
    assert named not in others


def test_a_lead_without_a_value_and_a_campaign_without_series_have_none() -> None:
    assert campaign(series=ORDERS).series_of(lead(1, slots={"order": " "})) is None
    assert campaign(series=ORDERS).series_of(lead(1)) is None
    assert campaign().series_of(lead(1, slots={"order": "A-1024"})) is None


def test_only_segments_that_some_rule_names_are_told() -> None:
    assert campaign().segment_of(lead(1, segment="Freelance")) == "freelance"
    assert campaign().segment_of(lead(1, segment="上班族")) == "上班族"
    assert campaign().segment_of(lead(1, segment="owes us money")) is None


def test_the_history_tells_series_agent_refusal_and_who_hung_up() -> None:
    live = live_attempt()
    live.has_refused, live.agent_id = True, "ag_1"  # type: ignore[assignment]
    assert live.facts is not None
    live.facts = replace(live.facts, series=SeriesFact("visits", SeriesBasis.ORDERED))
    evidence = Evidence(ring_ms=3000, talk_ms=9_000, ended_by=EndedBy.CALLEE)
    end = EndAttempt(Conclusion(Outcome.ANSWERED, evidence, may_redial=False), invite_left=True)
    ((_, history),) = close_attempt(live, end, NOW, POLICY, campaign().rules).batch.histories
    past = history.attempts[-1]
    assert (past.series, past.agent_id, past.said_no, past.hung_up) == ("visits", "ag_1", True, True)


def test_the_third_rejected_call_of_a_week_over_several_campaigns_freezes() -> None:
    before = [SENT_AT - timedelta(days=5), SENT_AT - timedelta(days=2)]
    history = CalleeHistory(tuple(PastAttempt(at, True, True, False, campaign_id=f"cp_{at.day}") for at in before))
    live = live_attempt(history=history)
    end = EndAttempt(Conclusion(Outcome.REJECTED, Evidence(ring_ms=9000)), invite_left=True)
    batch = close_attempt(live, end, NOW, POLICY, campaign().rules).batch
    (freeze,) = batch.freezes
    assert (freeze.rule_id, freeze.reason) == ("ADVICE-FREEZE-WEEK", "freeze-indicators")
    assert freeze.frozen_until == NOW + timedelta(days=3)
    assert JournalKind.CALLEE_FROZEN in {entry.kind for entry in batch.journal}


@pytest.mark.parametrize("written", [" A-1024", "a-1024", "Ａ－１０２４", "A - 1024"])
def test_how_an_order_is_written_begins_no_series_anew(written: str) -> None:
    chosen = campaign(series=ORDERS)
    assert chosen.series_of(lead(1, slots={"order": written})) == chosen.series_of(lead(1, slots={"order": "A-1024"}))


@pytest.mark.parametrize("written", ["", "-", "--", "/", "无", "暂无", "N/A", "none", "NULL", "0", "0.0", "—"])
def test_a_sign_for_no_order_names_no_series(written: str) -> None:
    assert campaign(series=ORDERS).series_of(lead(1, slots={"order": written})) is None
