"""Refuses to start a campaign that its rules forbid, whoever is on the list, and says which rule and why."""

from sys import maxsize

from baitie.app.gate.complaint_red_line import complaint_shares
from baitie.app.gate.gate import Gate
from baitie.app.gate.lawful_start import main_region, unlawful_for_all
from baitie.app.ports.clock import Clock
from baitie.app.ports.run_store import RunStore
from baitie.domain.risk.explain import explain
from baitie.domain.risk.facts import CallFacts, GateStage
from baitie.domain.risk.rulebook import RuleBook
from baitie.domain.risk.verdict import Says
from baitie.files.campaign_folder import CampaignFolder
from baitie.files.problems import Problem, SettingsError
from baitie.files.rule_files import verdict_texts
from baitie.files.samples import holds_sample_people, people_problem
from baitie.files.zones import zones


def refuse_unlawful(folder: CampaignFolder, store: RunStore, clock: Clock, lang: str) -> frozenset[str | None]:
    """The regions of the imported list.

    Raises `SettingsError` where nobody of the region that most of it lives in may ever be called for this campaign,
    and where a real line would call the sample's people, imported while there was none.
    """
    campaign = folder.campaign
    shares = complaint_shares(campaign, store, clock.civil_now())
    gate = Gate(campaign, store, clock, zones, lambda callee: 0, lambda: shares)
    callees = store.callees_of(campaign.campaign_id, maxsize)
    if folder.organisation.settings.carrier.kind != "loopback" and holds_sample_people(each.number for each in callees):
        raise SettingsError([people_problem(folder)])
    region = main_region(callee.region for callee in callees)
    of_region = (gate.facts(callee, GateStage.PLAN) for callee in callees if callee.region == region)
    forbidden = unlawful_for_all(campaign.rules, of_region)
    if forbidden is not None:
        raise SettingsError(rule_problems(campaign.rules, forbidden, lang))
    return frozenset(callee.region for callee in callees)


def rule_problems(rules: RuleBook, forbidden: CallFacts, lang: str) -> list[Problem]:
    """One problem for each rule that denies these facts, in words."""
    texts = verdict_texts(lang)
    denying = [row for row in explain(rules, forbidden).rows if row.finding.says is Says.DENY]
    return [
        Problem(
            "campaign.toml",
            "",
            "campaign-forbidden",
            None,
            {
                "rule": row.finding.rule_id,
                "region": forbidden.region or "?",
                "sentence": "\n    ".join([texts.sentence(row), *texts.remedies(row)]),
                "source": texts.source(row.finding),
            },
        )
        for row in denying
    ]
