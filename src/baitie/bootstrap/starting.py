"""Refuses to start a campaign that its rules forbid, whoever is on the list, and says which rule and why."""

from collections.abc import Iterator
from sys import maxsize

from baitie.app.gate import Gate
from baitie.app.lawful_start import unlawful_for_all
from baitie.app.ports import Clock, Store
from baitie.app.red_line import complaint_shares
from baitie.bootstrap.campaign_files import CampaignFolder
from baitie.bootstrap.problems import Problem, SettingsError
from baitie.bootstrap.rule_files import verdict_texts
from baitie.bootstrap.zones import zones
from baitie.domain.risk.explain import explain
from baitie.domain.risk.facts import CallFacts, GateStage
from baitie.domain.risk.rulebook import RuleBook
from baitie.domain.risk.verdict import Says

CALLEES_ASKED_FIRST = 100
"""Nearly always one of so many may be called; only where none may is the whole list asked."""


def refuse_unlawful(folder: CampaignFolder, store: Store, clock: Clock, lang: str) -> None:
    """Raises `SettingsError` where nobody on the imported list may ever be called for this campaign."""
    campaign = folder.campaign
    shares = complaint_shares(campaign, store, clock.civil_now())
    gate = Gate(campaign, store, clock, zones, lambda callee: 0, lambda: shares)

    def everybody(count_max: int) -> Iterator[CallFacts]:
        for callee in store.callees_of(campaign.campaign_id, count_max):
            yield gate.facts(callee, GateStage.PLAN)

    if unlawful_for_all(campaign.rules, everybody(CALLEES_ASKED_FIRST)) is None:
        return
    forbidden = unlawful_for_all(campaign.rules, everybody(maxsize))
    if forbidden is not None:
        raise SettingsError(rule_problems(campaign.rules, forbidden, lang))


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
                "sentence": "\n    ".join([texts.sentence(row), *texts.remedies(row)]),
                "source": texts.source(row.finding),
            },
        )
        for row in denying
    ]
