"""Every metric has one definition, is documented, and is undefined where nothing counts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baitie.domain.metrics import (
    METRICS,
    CampaignFacts,
    FunnelStage,
    MetricKind,
    MetricUnit,
    by_answer,
    by_hour,
    by_outcome,
    campaign_figures,
    funnel,
    refusals_by_rule,
)
from baitie.domain.metrics.definitions import NOTHING_COUNTED, TOO_FEW, percentile
from baitie.kernel.ids import AttemptId, CalleeId, CampaignId, LeadId
from baitie.kernel.journal import JournalEntry, JournalKind, JsonValue
from baitie.kernel.outcome import EndedBy, Evidence, Outcome
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import AttemptRecord, AttemptState, LeadRecord, LeadState
from baitie.kernel.undefined import Undefined
from baitie.locale.catalogue import LANGUAGES, catalogue

DOCS = Path(__file__).parents[4] / "docs" / "reference" / "metrics.md"
BEGINS_AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
CHINA = timezone(timedelta(hours=8))


def lead(number: int, state: LeadState = LeadState.FINISHED) -> LeadRecord:
    return LeadRecord(
        LeadId(f"l{number}"), CampaignId("c"), CalleeId(f"p{number}"), number + 1, "某", {}, "s", "b", state=state
    )


def attempt(number: int, outcome: Outcome | None, lead_number: int | None = None, **facts: Any) -> AttemptRecord:
    """An attempt that was placed `number` seconds after the first; evidence by name, other fields as they are."""
    evidence = {name: facts.pop(name) for name in ("ring_ms", "talk_ms", "ended_by") if name in facts}
    record = AttemptRecord(
        AttemptId(f"a{number}"),
        LeadId(f"l{number if lead_number is None else lead_number}"),
        CampaignId("c"),
        CalleeId("p"),
        PhoneNumber("+862150001234"),
        "trunk",
        AttemptState.ENDED,
        BEGINS_AT,
        invite_sent_at=BEGINS_AT + timedelta(seconds=number),
        outcome=outcome,
        evidence=Evidence(**evidence),
    )
    return replace(record, **facts)


def card(submitted: bool = True, receipt_ms: int | None = None, lead_ms: int | None = None) -> dict[str, Any]:
    return {
        "card_submitted_at": BEGINS_AT if submitted else None,
        "card_delivered_at": BEGINS_AT if receipt_ms is not None else None,
        "card_receipt_ms": receipt_ms,
        "card_lead_ms": lead_ms,
        "rang_at": BEGINS_AT,
    }


def entry(kind: JournalKind, lead_id: str, attempt_id: str | None = None, **facts: JsonValue) -> JournalEntry:
    return JournalEntry(kind, BEGINS_AT, "c", lead_id, attempt_id, "p", facts)


def agent(before: str, lasted_ms: int, **facts: JsonValue) -> JournalEntry:
    changed: dict[str, JsonValue] = {"before": before, "lasted_ms": lasted_ms, **facts}
    return JournalEntry(JournalKind.AGENT_STATE_CHANGED, BEGINS_AT, "c", facts=changed)


ATTEMPTS = [
    attempt(0, Outcome.ANSWERED, talk_ms=15_000, ring_ms=4_000, ended_by=EndedBy.CALLEE, answers={"got": "1"},
            **card(receipt_ms=900, lead_ms=2_000)),
    attempt(1, Outcome.ANSWERED, talk_ms=45_000, ring_ms=8_000, ended_by=EndedBy.US, **card(receipt_ms=1_500)),
    attempt(2, Outcome.VOICEMAIL, talk_ms=15_001, ring_ms=30_000, ended_by=EndedBy.US, **card()),
    attempt(3, Outcome.REJECTED, ring_ms=2_000, **card(submitted=False)),
    attempt(4, Outcome.BUSY),
    attempt(5, Outcome.UNALLOCATED, lead_number=5),
    attempt(6, Outcome.POWERED_OFF, lead_number=5),
    attempt(8, Outcome.NO_ANSWER, lead_number=6, ring_ms=30_000),
    attempt(9, Outcome.CANCELLED, lead_number=7, invite_sent_at=None),
    attempt(9, None, lead_number=8, state=AttemptState.INVITE_SENT),
]  # fmt: skip
FACTS = CampaignFacts(
    leads=[*(lead(n) for n in range(9)), lead(9, LeadState.REFUSED)],
    attempts=ATTEMPTS,
    journal=[
        entry(JournalKind.CALLEE_REFUSED, "l1", "a1"),
        entry(JournalKind.CALLEE_REFUSED, "l0", "a0", inbound_id="in_2"),
        entry(JournalKind.INBOUND_CALL_ARRIVED, "l6", "a8", inbound_id="in_1"),
        entry(JournalKind.INBOUND_CALL_ENDED, "l6", "a8", inbound_id="in_1", talk_ms=None),
        entry(JournalKind.INBOUND_CALL_ARRIVED, "l6", "a8", inbound_id="in_2"),
        entry(JournalKind.INBOUND_CALL_ENDED, "l6", "a8", inbound_id="in_2", talk_ms=9_000),
        agent("offline", 0),
        agent("ready", 60_000),
        agent("ringing", 400, answer_to_agent_ms=700),
        agent("talking", 120_000),
        agent("wrap_up", 19_600),
        agent("away", 100_000),
    ],
    refused_callees=frozenset({CalleeId("p4"), CalleeId("p9")}),
)
EXPECTED = {
    "answer_rate": 3 / 8,
    "human_answer_rate": 2 / 8,
    "reject_rate": 1 / 8,
    "busy_rate": 1 / 8,
    "no_answer_rate": 1 / 8,
    "voicemail_rate": 1 / 8,
    "out_of_reach_rate": 1 / 8,
    "invalid_number_rate": 1 / 8,
    "failed_rate": 0.0,
    "unknown_rate": 0.0,
    "reach_rate": 2 / 8,
    "short_call_rate": 1 / 3,
    "hang_up_rate": 1 / 2,
    "early_hang_up_rate": 1 / 2,
    "reply_rate": 1 / 2,
    "opt_out_rate": 1 / 2,
    "card_delivered_rate": 2 / 3,
    "card_before_ring_rate": 1 / 3,
    "card_receipt_ms_p50": 900,
    "card_receipt_ms_p95": 1_500,
    "card_lead_ms_p50": 2_000,
    "ring_s_mean": (4 + 8 + 30 + 2 + 30) / 5,
    "talk_s_mean": 30.0,
    "lead_answer_rate": 2 / 7,
    "lead_opt_out_rate": 3 / 7,
    "lead_refused_rate": 1 / 10,
    "call_back_rate": 1 / 7,
    "call_back_answer_rate": 1 / 2,
    "abandonment_rate": 0.0,
    "occupancy": 140 / 200,
    "utilisation": 140 / 300,
    "talk_min_per_agent_h": 60 * 120 / 200,
    "answer_to_agent_ms_p95": 700,
    "attempts_per_lead": 8 / 7,
    "attempts_per_s": 7 / 8,
}


@pytest.mark.parametrize("name", METRICS)
def test_each_metric_counts_what_its_definition_says(name: str) -> None:
    assert METRICS[name].compute(FACTS).value == pytest.approx(EXPECTED[name])


@pytest.mark.parametrize("name", METRICS)
def test_each_metric_is_undefined_and_not_0_where_nothing_counts(name: str) -> None:
    found = METRICS[name].compute(CampaignFacts([], []))
    assert found.value in (NOTHING_COUNTED, TOO_FEW)
    assert found.among == 0


@given(st.lists(st.sampled_from(ATTEMPTS), max_size=12), st.integers(0, 9))
def test_a_share_lies_within_0_and_1_and_agrees_with_its_counts(some: list[AttemptRecord], leads: int) -> None:
    facts = replace(FACTS, leads=FACTS.leads[:leads], attempts=some)
    for metric in METRICS.values():
        found = metric.compute(facts)
        if metric.kind is MetricKind.SHARE:
            assert metric.unit is MetricUnit.FRACTION
            assert found.counted is not None
            assert 0 <= found.counted <= found.among
            assert found.value == (found.counted / found.among if found.among else NOTHING_COUNTED)


@given(st.lists(st.integers(0, 100), min_size=1), st.floats(0.01, 1))
def test_a_percentile_is_the_smallest_value_that_the_share_does_not_exceed(values: list[int], at: float) -> None:
    found = percentile(values, at)
    assert not isinstance(found, Undefined)
    assert sum(value <= found for value in values) >= at * len(values) - 1e-9
    assert sum(value < found for value in values) < at * len(values) + 1e-9


def test_attempts_per_second_are_counted_among_the_seconds_that_they_took() -> None:
    found = METRICS["attempts_per_s"].compute(FACTS)
    assert (found.counted, found.among) == (7, 8)


def test_a_callee_who_said_no_anywhere_counts_once_and_only_where_somebody_tried() -> None:
    keyed = replace(FACTS, refused_callees=frozenset())
    also_by_reply = replace(FACTS, refused_callees=frozenset({CalleeId("p1"), CalleeId("p7")}))
    found = [METRICS["lead_opt_out_rate"].compute(facts).counted for facts in (keyed, also_by_reply, FACTS)]
    assert found == [2, 2, 3]
    only_card = attempt(30, None, lead_number=9, invite_sent_at=None, **card())
    seen = METRICS["lead_opt_out_rate"].compute(replace(FACTS, attempts=[*ATTEMPTS, only_card]))
    assert (seen.counted, seen.among) == (4, 8)


def test_the_short_call_maximum_is_a_parameter() -> None:
    wider = replace(FACTS, short_call_max_s=15.001)
    assert METRICS["short_call_rate"].compute(wider).value == pytest.approx(2 / 3)


def test_the_funnel_counts_leads_once_per_stage_and_attempts_under_way_too() -> None:
    again = CampaignFacts(FACTS.leads, [*ATTEMPTS, attempt(20, Outcome.ANSWERED, lead_number=0)])
    assert list(funnel(again).items()) == [
        (FunnelStage.LEADS, 10),
        (FunnelStage.ALLOWED, 9),
        (FunnelStage.CARD_SUBMITTED, 3),
        (FunnelStage.CARD_DELIVERED, 2),
        (FunnelStage.DIALLED, 8),
        (FunnelStage.RANG, 4),
        (FunnelStage.ANSWERED, 2),
        (FunnelStage.REPLIED, 1),
    ]


def test_hours_are_those_of_the_callees_wall_clock() -> None:
    hours = by_hour(FACTS, lambda attempt: CHINA if attempt.attempt_id != "a0" else UTC)
    assert [(h.hour, h.placed, h.answered) for h in hours if h.placed] == [(1, 1, 1), (9, 7, 1)]
    assert len(hours) == 24


def test_outcomes_and_answers_are_counted_over_ended_attempts() -> None:
    assert by_outcome(FACTS)["answered"] == 2
    assert sum(by_outcome(FACTS).values()) == 8
    assert by_answer(FACTS) == {"got": {"1": 1}}


def test_a_lead_counts_once_per_rule_however_often_it_was_refused() -> None:
    def verdict(rule: str, says: str) -> JsonValue:
        return {"findings": [{"rule": rule, "says": says, "reason": f"why-{rule}", "source": "law"}, {"rule": "other"}]}

    journal = [
        entry(JournalKind.LEAD_DELAYED, "l1", verdict=verdict("quiet-hours", "delay")),
        entry(JournalKind.LEAD_DELAYED, "l1", verdict=verdict("quiet-hours", "delay")),
        entry(JournalKind.LEAD_DELAYED, "l2", verdict=verdict("quiet-hours", "delay")),
        entry(JournalKind.LEAD_REFUSED, "l3", verdict=verdict("emergency", "deny")),
        entry(JournalKind.RING_FORBIDDEN, "l4", "a4", verdict=verdict("emergency", "deny")),
        entry(JournalKind.ATTEMPT_ENDED, "l5", verdict=verdict("emergency", "deny")),
        entry(JournalKind.LEAD_REFUSED, "l6"),
    ]
    counts = [(r.rule_id, r.reason, r.denied, r.delayed) for r in refusals_by_rule(journal)]
    assert counts == [("emergency", "why-emergency", 2, 0), ("quiet-hours", "why-quiet-hours", 0, 2)]


def test_all_figures_are_plain_json_and_undefined_is_null_with_its_reason() -> None:
    import json

    figures = json.loads(json.dumps(campaign_figures(CampaignFacts([], []), lambda _: UTC).to_json()))
    assert set(figures["metrics"]) == set(METRICS)
    assert figures["metrics"]["answer_rate"] == {
        "value": None, "undefined": "nothing-counted", "unit": "fraction", "kind": "share", "counted": 0, "among": 0,
    }  # fmt: skip
    assert campaign_figures(FACTS, lambda _: CHINA).to_json()["funnel"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_metric_is_described_in_each_language(lang: str) -> None:
    wanted = {f"metric.{name}.{part}" for name in METRICS for part in ("label", "counted", "among")}
    wanted |= {f"undefined.{code.reason}.text" for code in (NOTHING_COUNTED, TOO_FEW)} | {"window", "excluded"}
    assert catalogue("metrics", lang).keys() == wanted


def test_the_reference_page_holds_each_metric_as_it_is_registered() -> None:
    english, chinese = catalogue("metrics", "en"), catalogue("metrics", "zh")
    page = DOCS.read_text("utf-8")
    for name, metric in METRICS.items():
        words = [chinese.text(f"metric.{name}.label"), metric.unit.value, metric.kind.value]
        words += [english.text(f"metric.{name}.{part}") for part in ("counted", "among")]
        assert f"| `{name}` | {' | '.join(words)} |" in page
    assert page.count("\n| `") == len(METRICS) + 5
