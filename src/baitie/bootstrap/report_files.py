"""Gathers what a report needs from store and catalogues, and writes `report.html` and `report.json`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from baitie.adapters.report import Figure, ReportData, RuleText, render_html, render_json
from baitie.adapters.store import SqlStore
from baitie.bootstrap.environment import real_now
from baitie.bootstrap.report_freezes import advice_lines, freeze_lines, frozen_of, on_own_clock
from baitie.bootstrap.run_log import RunLog
from baitie.bootstrap.stores import NoStoreError, open_store, store_exists
from baitie.domain.metrics import (
    METRICS,
    CampaignFacts,
    CampaignFigures,
    MetricKind,
    MetricUnit,
    MetricValue,
    campaign_figures,
)
from baitie.domain.risk.explain import ExplanationRow
from baitie.domain.risk.verdict import Finding
from baitie.files.campaign_folder import CampaignFolder
from baitie.files.organisation_settings import zone_of
from baitie.files.rule_files import verdict_texts
from baitie.files.zones import zones
from baitie.kernel.errors import InputError
from baitie.kernel.ids import CalleeId
from baitie.kernel.journal import JournalEntry
from baitie.kernel.records import AttemptRecord, CalleeRecord, LeadRecord
from baitie.kernel.undefined import Undefined
from baitie.locale.catalogue import Catalogue, catalogue

TILES = (
    "human_answer_rate",
    "lead_answer_rate",
    "reply_rate",
    "reach_rate",
    "card_before_ring_rate",
    "card_lead_ms_p50",
    "talk_s_mean",
    "lead_opt_out_rate",
)
AGENT_TILES = (
    "human_answer_rate",
    "lead_answer_rate",
    "occupancy",
    "talk_min_per_agent_h",
    "abandonment_rate",
    "answer_to_agent_ms_p95",
    "card_before_ring_rate",
    "lead_opt_out_rate",
)
"""The metrics at the top of the page, of a campaign of the bot and of one with agents; all are defined in one list."""


class NothingToReportError(InputError):
    """Nothing is known of this campaign yet. Run it first (`baitie run`)."""

    code = "nothing-to-report"


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """The files of a report, and its figures."""

    html: Path
    json: Path
    numbers: CampaignFigures


def write_report(folder: CampaignFolder, lang: str, out: Path) -> ReportFiles:
    """Write both files into the folder `out`. Raises `NoStoreError`, `NothingToReportError`, `StoreError`."""
    data = gather(folder, lang)
    out.mkdir(parents=True, exist_ok=True)
    files = ReportFiles(out / "report.html", out / "report.json", data.numbers)
    write_whole(files.html, render_html(data, catalogue("report", lang)))
    write_whole(files.json, render_json(data))
    return files


def gather(folder: CampaignFolder, lang: str) -> ReportData:
    """What the report is made from."""
    settings, campaign = folder.organisation.settings, folder.campaign
    if not store_exists(settings):
        raise NoStoreError(path=str(settings.store.path))
    store = open_store(settings)
    try:
        state = store.campaign_state(campaign.campaign_id)
        attempts = store.attempts(campaign.campaign_id)
        journal = store.journal(campaign.campaign_id)
        refused = _refused(store, () if state is None else state.leads)
        frozen = frozen_of(store, () if state is None else state.leads)
    finally:
        store.close()
    if state is None:
        raise NothingToReportError(campaign=campaign.campaign_id)
    zone = zone_of(settings)
    entries = [entry for _, entry in journal]
    facts = CampaignFacts(state.leads, attempts, entries, campaign.policy.short_call_max_s, refused)
    numbers = campaign_figures(facts, _zone_of(state.callees, zone))
    tiles = TILES if campaign.agents is None else AGENT_TILES
    return ReportData(
        campaign_id=campaign.campaign_id,
        name=campaign.name,
        enterprise=campaign.enterprise,
        purpose=campaign.purpose.value,
        is_loopback=settings.carrier.kind == "loopback",
        zone=zone,
        made_at=real_now(),
        runs=RunLog(folder.folder).runs(),
        leads=state.leads,
        callees=state.callees,
        attempts=attempts,
        journal=journal,
        numbers=numbers,
        figures=_figures(numbers, tiles, catalogue("metrics", lang)),
        tiles=len(tiles),
        rules=_rule_texts(journal, lang),
        freezes=freeze_lines(frozen, state.callees, lang),
        advice=advice_lines(journal, lang),
        hidden=frozenset() if campaign.agents is not None else _of_agents_only(numbers),
    )


def _refused(store: SqlStore, leads: Sequence[LeadRecord]) -> frozenset[CalleeId]:
    """Which of these callees have a refusal on record, by whatever way it came in and nobody lifted."""
    listed = {lead.callee_id for lead in leads}
    barred = (callee.callee_id for callee in store.barred_callees() if callee.callee_id in listed)
    return frozenset(callee_id for callee_id in barred if store.standing(callee_id).refusals)


def _zone_of(callees: Mapping[CalleeId, CalleeRecord], otherwise: tzinfo) -> Callable[[AttemptRecord], tzinfo]:
    def zone_of(attempt: AttemptRecord) -> tzinfo:
        callee = callees.get(attempt.callee_id)
        found = zones(callee.zone_names) if callee is not None else ()
        return found[0] if found else otherwise

    return zone_of


_OF_AGENTS = ("occupancy", "utilisation", "talk_min_per_agent_h", "answer_to_agent_ms_p95", "abandonment_rate")


def _of_agents_only(numbers: CampaignFigures) -> frozenset[str]:
    """The metrics of agents that have nothing to tell."""
    values = {name: numbers.metrics[name].value for name in _OF_AGENTS}
    return frozenset(name for name, value in values.items() if isinstance(value, Undefined) or not value)


def _figures(numbers: CampaignFigures, tiles: Sequence[str], texts: Catalogue) -> list[Figure]:
    names = [*tiles, *(name for name in METRICS if name not in tiles)]
    return [_figure(name, numbers.metrics[name], texts) for name in names]


def _figure(name: str, found: MetricValue, texts: Catalogue) -> Figure:
    definition = f"{texts.text(f'metric.{name}.counted')} ÷ {texts.text(f'metric.{name}.among')}"
    if METRICS[name].unit is MetricUnit.MILLISECONDS:
        definition = f"{texts.text(f'metric.{name}.counted')}; {texts.text(f'metric.{name}.among')}"
    label = texts.text(f"metric.{name}.label")
    if isinstance(found.value, Undefined):
        return Figure(name, label, texts.text(f"undefined.{found.value.reason}.text"), "", definition, None)
    is_over = METRICS[name].kind in (MetricKind.SHARE, MetricKind.RATIO) and found.counted is not None
    basis = f"{found.counted:g} / {found.among}" if is_over else f"n = {found.among}"
    return Figure(name, label, _shown(METRICS[name].unit, found), basis, definition, found.value)


def _shown(unit: MetricUnit, found: MetricValue) -> str:
    assert not isinstance(found.value, Undefined)
    match unit:
        case MetricUnit.FRACTION:
            return f"{found.value:.1%}"
        case MetricUnit.MILLISECONDS:
            return f"{found.value / 1000:.2f} s"
        case MetricUnit.SECONDS:
            return f"{found.value:.1f} s"
        case MetricUnit.PER_SECOND:
            return f"{found.value:.3g} /s"
        case MetricUnit.MINUTES_PER_HOUR:
            return f"{found.value:.1f} min/h"
        case MetricUnit.COUNT:
            return f"{found.value:.2f}"


def _rule_texts(journal: Sequence[tuple[int, JournalEntry]], lang: str) -> dict[str, RuleText]:
    """The first verdict of each rule, in words."""
    texts = verdict_texts(lang)
    said: dict[str, RuleText] = {}
    for _, entry in journal:
        verdict = entry.facts.get("verdict")
        findings = verdict.get("findings") if isinstance(verdict, dict) else None
        if not isinstance(findings, list) or not findings or not isinstance(findings[0], dict):
            continue
        finding = Finding.from_json(findings[0])
        if finding.rule_id not in said:
            row = ExplanationRow(finding, on_own_clock(finding), "", "", ())
            said[finding.rule_id] = RuleText(finding.status.value, texts.sentence(row), texts.source(finding))
    return said


def write_whole(target: Path, text: str) -> None:
    """Write beside and rename, so that a reader never sees half a file."""
    part = target.with_name(f".{target.name}.part")
    part.write_text(text, "utf-8")
    part.replace(target)
