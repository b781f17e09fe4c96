"""The report: masked, self-contained, honest about what it does not know, the same numbers in HTML and JSON."""

import json
import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from baitie.adapters.report import (
    AdviceLine,
    Figure,
    FreezeLine,
    ReportData,
    RuleText,
    RunNote,
    charts,
    render_html,
    render_json,
)
from baitie.adapters.report.charts import card_funnel, funnel
from baitie.adapters.report.data import count
from baitie.adapters.report.svg import nice_top
from baitie.domain.metrics import CampaignFacts, FunnelStage, campaign_figures
from baitie.domain.risk.verdict import RuleStatus
from baitie.kernel.ids import AttemptId, CalleeId, CampaignId, LeadId
from baitie.kernel.journal import JournalEntry, JournalKind, JsonValue
from baitie.kernel.outcome import Outcome
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.purpose import NumberClass, Purpose
from baitie.kernel.records import AttemptRecord, AttemptState, CalleeRecord, LeadRecord, LeadState
from baitie.locale.catalogue import LANGUAGES, catalogue

SAY = catalogue("report", "zh").text
TEN = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
CHINA = ZoneInfo("Asia/Shanghai")
CAMPAIGN, CALLEE, LEAD = CampaignId("c"), CalleeId("ca_1"), LeadId("le_1")
REFUSED_LEAD = LeadId("le_2")


def attempt() -> AttemptRecord:
    return AttemptRecord(
        attempt_id=AttemptId("at_1"),
        lead_id=LEAD,
        campaign_id=CAMPAIGN,
        callee_id=CALLEE,
        presented_number=PhoneNumber("+862150000100"),
        trunk="loopback",
        state=AttemptState.ENDED,
        planned_at=TEN,
        card_submitted_at=TEN,
        card_delivered_at=TEN,
        card_outcome="delivered",
        card_lead_ms=1234,
        invite_sent_at=TEN + timedelta(seconds=2),
        rang_at=TEN + timedelta(seconds=3),
        answered_at=TEN + timedelta(seconds=9),
        ended_at=TEN + timedelta(seconds=20),
        outcome=Outcome.ANSWERED,
        answers={"received": "<b>yes</b>"},
    )


def lead(lead_id: LeadId, state: LeadState) -> LeadRecord:
    return LeadRecord(lead_id, CAMPAIGN, CALLEE, 2, "王小明", {}, "订单", "合同", state=state, reason="number-class")


def report(**changes: object) -> ReportData:
    finding: dict[str, JsonValue] = {
        "rule": "CORE-X",
        "says": "deny",
        "reason": "number-class",
        "status": "house",
        "source": "<i>house</i>",
    }
    journal = [
        (1, JournalEntry(JournalKind.CONTACTS_IMPORTED, TEN, CAMPAIGN, facts={"rows": 4, "rejected": 1, "merged": 1})),
        (
            2,
            JournalEntry(
                JournalKind.LEAD_REFUSED, TEN, CAMPAIGN, REFUSED_LEAD, facts={"verdict": {"findings": [finding]}}
            ),
        ),
    ]
    leads = [replace(lead(LEAD, LeadState.FINISHED), last_outcome=Outcome.ANSWERED, attempts=1),
             lead(REFUSED_LEAD, LeadState.REFUSED)]  # fmt: skip
    facts = CampaignFacts(leads, [attempt()], [entry for _, entry in journal])
    data = ReportData(
        campaign_id="c",
        name="回访 & <script>",
        enterprise="云杉优选",
        purpose="care",
        is_loopback=True,
        zone=CHINA,
        made_at=TEN,
        runs=[RunNote(TEN, TEN + timedelta(seconds=10), TEN, TEN + timedelta(seconds=2000), "finished")],
        leads=leads,
        callees={CALLEE: CalleeRecord(CALLEE, PhoneNumber("+8613812345678"), NumberClass.MOBILE, "CN", ())},
        attempts=[attempt()],
        journal=journal,
        numbers=campaign_figures(facts, lambda _: CHINA),
        figures=[Figure("a", "接通率", "50 %", "1 / 2", "a ÷ b", 0.5), Figure("b", "投诉率", "未知", "", "c", None)],
        tiles=1,
        rules={"CORE-X": RuleText("house", "不呼 <u>", "本企业")},
    )
    return replace(data, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_loads_nothing_and_runs_nothing(lang: str) -> None:
    page = render_html(report(), catalogue("report", lang))
    assert not re.findall(r"(?:src|href)\s*=|url\(|@import|<script|<iframe|<link", page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_numbers_and_names_are_masked_and_texts_escaped(lang: str) -> None:
    page = render_html(report(), catalogue("report", lang)) + render_json(report())
    assert "13812345678" not in page
    assert "小明" not in page
    assert "138****5678" in page
    assert "<i>house" not in page.split('"format"')[0]
    assert "<b>yes" not in page.split('"format"')[0]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_report_of_nothing_says_so_instead_of_failing(lang: str) -> None:
    empty = CampaignFacts([], [], [])
    nothing = report(
        runs=[], leads=[], callees={}, attempts=[], journal=[], numbers=campaign_figures(empty, lambda _: CHINA)
    )
    page = render_html(nothing, catalogue("report", lang))
    assert page.count(catalogue("report", lang).text("nothing")) >= 5


def test_the_loopback_carrier_is_named_as_proof_of_nothing_and_a_trunk_is_not() -> None:
    texts = catalogue("report", "en")
    assert texts.text("loopback.text") in render_html(report(), texts)
    assert texts.text("loopback.text") not in render_html(report(is_loopback=False), texts)


def test_both_clocks_are_shown_with_their_ratio() -> None:
    page = render_html(report(), catalogue("report", "en"))
    assert "2026-03-03 10:00:00 – 10:33:20" in page
    assert "200.0 times faster" in page


def test_a_figure_that_cannot_be_known_is_no_number_in_either_file() -> None:
    assert "未知" in render_html(report(tiles=2), catalogue("report", "zh"))
    metrics = json.loads(render_json(report(runs=[], attempts=[])))["metrics"]
    assert metrics["card_before_ring_rate"]["among"] == 1
    assert all(("undefined" in metric) for metric in metrics.values())


def test_html_and_json_tell_the_same_funnel() -> None:
    body = json.loads(render_json(report()))
    assert body["funnel"]["leads"] == 2
    assert body["funnel"]["answered"] == 1
    assert body["refusals"][0]["denied"] == 1
    assert body["leads"][0]["number"] == "138****5678"


def test_the_json_names_each_attempt_by_the_id_that_its_story_is_asked_by() -> None:
    called, refused = json.loads(render_json(report()))["leads"]
    assert (called["attempts"], called["attempt_ids"]) == (1, ["at_1"])
    assert refused["attempt_ids"] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_that_a_report_may_show_has_words(lang: str) -> None:
    texts = catalogue("report", lang).keys()
    assert {f"outcome.{outcome.value}" for outcome in Outcome} <= texts
    assert {f"purpose.{purpose.value}" for purpose in Purpose} <= texts
    assert {f"lead-state.{state.value}" for state in LeadState} <= texts
    assert {f"status.{status.value}" for status in RuleStatus} <= texts


def test_no_bar_of_the_funnel_is_longer_than_the_one_before_it() -> None:
    numbers = replace(
        report().numbers,
        funnel=dict(zip(FunnelStage, (320, 110, 109, 103, 107, 95, 96, 40), strict=True)),
    )
    widths = [
        float(width) for width in re.findall(r'class="(?:path|main)"[^>]* width="([\d.]+)"', funnel(numbers, SAY))
    ]
    assert len(widths) == 6
    assert widths == sorted(widths, reverse=True)
    cards = [float(width) for width in re.findall(r'class="card"[^>]* width="([\d.]+)"', card_funnel(numbers, SAY))]
    assert len(cards) == 2
    assert cards[0] < widths[0], "cards are drawn to the same measure"


def test_several_runs_are_folded_behind_the_newest() -> None:
    first = report().runs[0]
    runs = [replace(first, civil_from=first.civil_from + timedelta(days=day)) for day in range(4)]
    page = render_html(report(runs=runs), catalogue("report", "zh"))
    head, _, folded = page.partition('<details class="runs">')
    assert (head.count("任务时间"), head.count("2026-03-06")) == (1, 1)
    assert folded.partition("</details>")[0].count("任务时间") == 4
    assert "全部 4 次运行" in folded


def test_the_list_of_people_stands_before_the_definitions_which_are_folded() -> None:
    page = render_html(report(), catalogue("report", "zh"))
    assert page.index("客户明细") < page.index('<details class="definitions">')
    assert "a ÷ b" in page.partition('<details class="definitions">')[2]


def test_the_figures_at_the_top_stand_by_weight() -> None:
    names = (
        "human_answer_rate",
        "lead_answer_rate",
        "reply_rate",
        "reach_rate",
        "talk_s_mean",
        "card_before_ring_rate",
    )
    figures = [Figure(name, f"<{name}>", "1", "", "d", 1.0) for name in names]
    page = render_html(report(figures=figures, tiles=len(names)), catalogue("report", "zh"))
    first, cards, calls = (page.partition(f'<section class="tiles {group}">')[2].partition("</section>")[0]
                           for group in ("first", "cards", "calls"))  # fmt: skip
    assert [re.findall(r"&lt;(\w+)&gt;", part) for part in (first, cards, calls)] == [
        ["human_answer_rate", "lead_answer_rate", "reply_rate"],
        ["reach_rate", "card_before_ring_rate"],
        ["talk_s_mean"],
    ]


def test_a_metric_that_says_nothing_of_the_campaign_is_not_defined_at_length() -> None:
    assert "投诉率" not in render_html(report(hidden=frozenset({"b"})), catalogue("report", "zh"))


def test_every_cell_of_a_table_names_its_column_where_lines_are_stacked() -> None:
    page = render_html(report(), catalogue("report", "zh"))
    bodies = re.findall(r"<tbody>(.*?)</tbody>", page, re.DOTALL)
    cells = [cell for body in bodies for cell in re.findall(r"<td[^>]*>", body)]
    assert cells
    assert [cell for cell in cells if "data-label=" not in cell and 'class="id"' not in cell] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_picture_with_colours_says_what_they_mean(lang: str) -> None:
    page = render_html(report(), catalogue("report", lang))
    for figure in re.findall(r"<figure.*?</figure>", page, re.DOTALL):
        has_parts = catalogue("report", lang).text("title.hours") in figure
        if has_parts or re.search(r'class="(?:bad|quiet|line \w+)"', figure):
            assert 'class="legend"' in figure


def test_every_clock_is_the_enterprise_s_and_named_and_over_a_trunk_there_is_one() -> None:
    simulated = render_html(report(), catalogue("report", "zh"))
    assert "2026-03-03 10:00:00 – 10:33:20 (北京时间)" in simulated
    assert "2026-03-03 10:00:00 – 10:00:10 (北京时间)" in simulated
    assert "2026-03-03 10:00 (北京时间)" in simulated, "when the report was made"
    run = RunNote(TEN, TEN + timedelta(seconds=10), TEN + timedelta(seconds=1), TEN + timedelta(seconds=11), "finished")
    real = render_html(report(is_loopback=False, runs=[run]), catalogue("report", "zh"))
    assert SAY("clock.civil") not in real.partition("</section>")[0].rpartition('class="clocks"')[2]
    assert "10:00:00 – 10:00:10 (北京时间)" in real


def test_a_chart_of_a_few_seconds_names_each_second_once_and_counts_in_whole_numbers() -> None:
    chart = charts.timeline(count(report()), CHINA, SAY)
    labels = re.findall(r"\d\d:\d\d:\d\d", chart)
    assert len(labels) == len(set(labels)) > 1
    assert "0.01" not in chart
    assert "秒" in chart


@pytest.mark.parametrize("value", [0, 1, 4, 5, 6, 9, 10, 11, 41, 60, 99, 101, 1234, 100_001])
def test_the_quarters_of_an_axis_of_counts_are_whole(value: int) -> None:
    top = nice_top(value)
    assert value <= top <= max(4, 2 * value)
    assert top % 4 == 0


ACTING = "\x1b[2J\x07\u202egnp\u2066x\u200b\ufeff\u2028\U000e0041"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_that_controls_or_hides_stands_in_a_report(lang: str) -> None:
    data = report(name=f"夜{ACTING}", enterprise=f"云{ACTING}")
    for text in (render_html(data, catalogue("report", lang)), render_json(data)):
        assert not [char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") and char != "\n"]
        assert "\\u202egnp" in text
    assert json.loads(render_json(data))["campaign"]["name"] == f"夜{ACTING}"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_freezes_and_advice_are_shown_where_there_are_any_and_their_absence_is_said(lang: str) -> None:
    texts = catalogue("report", lang)
    none = render_html(report(), texts)
    assert texts.text("freezes.none") in none
    assert texts.text("advice.none") in none
    freezes = [
        FreezeLine(f"138****{place:04d}", TEN, TEN + timedelta(days=7), "拒接 <b>", "HOUSE-F") for place in range(60)
    ]
    advice = [AdviceLine("HOUSE-FATIGUE", 7, "打扰度 <i>", "本企业")]
    page = render_html(report(freezes=freezes, advice=advice), texts)
    assert "138****0000" in page
    assert "2026-03-10 10:00" in page
    assert "拒接 &lt;b&gt;" in page
    assert "打扰度 &lt;i&gt;" in page
    assert texts.text("freezes.more", count=10) in page
    told = json.loads(render_json(report(freezes=freezes, advice=advice)))
    assert len(told["freezes"]) == 60
    assert told["advice"][0]["callees"] == 7
