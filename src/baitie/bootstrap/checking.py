"""Reads a whole campaign and asks the gate about everybody, without dialling anybody: what `baitie check` shows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from baitie.adapters.store import SqlStore
from baitie.app.calling.contact_import import ContactList, lead_of
from baitie.app.gate.complaint_red_line import complaint_shares
from baitie.app.gate.lawful_start import main_region, unlawful_for_all
from baitie.app.gate.list_facts import ListFacts
from baitie.app.gate.number_facts import NO_STANDING, NOBODY_YET, facts_about
from baitie.bootstrap.agent_workstations import line_problems
from baitie.bootstrap.civil_time import civil_now_of
from baitie.bootstrap.starting import rule_problems
from baitie.bootstrap.stores import open_store, store_exists
from baitie.domain.contacts import Contact
from baitie.domain.namecard import CardRefusal, RenderedCard
from baitie.domain.risk.explain import Catalogue, ExplanationRow
from baitie.domain.risk.facts import CallFacts
from baitie.domain.risk.official import TradeCheck
from baitie.domain.risk.rulebook import RuleBook
from baitie.domain.risk.verdict import Decision, Says, Verdict
from baitie.files.campaign_folder import CampaignFolder, read_contacts
from baitie.files.card_readiness import card_for, cardless_problems
from baitie.files.filing_files import check_filed, unfiled_numbers
from baitie.files.page_reach import page_problems
from baitie.files.problems import Problem
from baitie.files.rule_files import packs_left_out, verdict_texts
from baitie.files.samples import sample_problems
from baitie.files.side_files import vendor_file_problems
from baitie.files.zones import zones
from baitie.kernel.ids import LeadId
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import LeadState

OPEN_STATES = frozenset({LeadState.WAITING, LeadState.IN_PROGRESS})
EXAMPLES_MAX = 3
"""So many people are named, masked, for each rule or fault."""


_NO_LEAD_YET = LeadId("")

SENTENCES_MAX = 8
"""So many sentences of one rule, each of those whom it is true of; what differs beyond is told without its details."""

ASKS_AGAIN = "ask-again"
"""What a rule says whose delay ends at no known time, beside `Says`."""


@dataclass(slots=True)
class RuleVerdicts:
    """What one rule said in the same words, and of how many (规则校验)."""

    rule_id: str
    says: str
    sentence: str  # true of each of them; empty where they are too different
    source: str
    count: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass(slots=True)
class CheckResult:
    """Check result (检查结果) of a campaign that can be read."""

    contacts: ContactList
    civil_now: datetime
    allowed: int = 0
    later: int = 0  # may not be called now, and not never
    asked_again: int = 0  # of these: when they may cannot be known
    closed: int = 0  # had their outcome in an earlier run, and are not called again
    strangers: int = 0  # on the list and not among the campaign's leads, which were imported before it changed
    by_rule: dict[str, dict[str, RuleVerdicts]] = field(default_factory=dict)  # and by what the rule says of them
    card_refusals: Counter[tuple[str, str]] = field(default_factory=Counter)
    card_refusal_rows: dict[tuple[str, str], list[int]] = field(default_factory=dict)  # in the contact file
    card_refusal_values: dict[tuple[str, str], Mapping[str, str | int]] = field(default_factory=dict)  # of the first
    card_example: RenderedCard | None = None
    no_card_rows: list[int] = field(default_factory=list)  # numbers that receive no messages: called without a card
    without_rules: Counter[str] = field(default_factory=Counter)  # people by region for which no pack in use has rules
    trades: Sequence[str] = ()  # that the rules restrict, where the campaign declares another
    unfiled: list[Problem] = field(default_factory=list)  # numbers that are not shown, while others are
    vendor_files: list[Problem] = field(default_factory=list)  # what only real vendors need
    packs_left_out: Sequence[str] = ()  # shipped, and with rules for the regions of the list
    forbidden: list[Problem] = field(default_factory=list)  # why the campaign cannot be started, whoever is called

    @property
    def is_over(self) -> bool:
        """Whether everybody whom the campaign was for has had an outcome."""
        return self.closed > 0 and self.closed + self.strangers == len(self.contacts.result.accepted)

    @property
    def has_anybody(self) -> bool:
        """Whether anybody may be called, now or later; a campaign that is over needs nobody."""
        return self.allowed > 0 or self.later > 0 or self.is_over

    @property
    def rules(self) -> list[RuleVerdicts]:
        """What speaks against whom, that which speaks against most first."""
        found = [verdicts for sentences in self.by_rule.values() for verdicts in sentences.values()]
        return sorted(found, key=lambda verdicts: -verdicts.count)


def check_campaign(folder: CampaignFolder, lang: str) -> CheckResult:
    """Import in memory, judge everybody, make every card. Raises `SettingsError` or `StoreError`."""
    contacts = read_contacts(folder)
    store = open_store(folder.organisation.settings) if store_exists(folder.organisation.settings) else None
    try:
        civil_now = civil_now_of(folder.organisation.settings, store, folder.settings.settings.loopback)
        check_filed(folder.campaign, civil_now)
        result = CheckResult(contacts, civil_now)
        unfiled = unfiled_numbers(folder.campaign, civil_now).values()
        result.unfiled = [problem for problems in unfiled for problem in problems]
        result.vendor_files = vendor_file_problems(folder.settings.settings, folder.organisation.settings)
        texts = verdict_texts(lang)
        everybody = everybody_of(folder, contacts, store, civil_now)
        region = main_region(facts.region for _, facts in everybody)
        of_region = (facts for _, facts in everybody if facts.region == region)
        forbidden = unlawful_for_all(folder.campaign.rules, of_region)
        if forbidden is not None:
            result.forbidden = rule_problems(folder.campaign.rules, forbidden, lang)
        regions = Counter(facts.region for _, facts in everybody if facts.region is not None)
        result.without_rules = Counter(
            {region: count for region, count in regions.items() if not folder.campaign.rules.has_rules_of(region)}
        )
        result.packs_left_out = packs_left_out(folder.campaign.rules, {facts.region for _, facts in everybody})
        trades = _restricted_trades(folder.campaign.rules)
        if folder.campaign.trade is not None and folder.campaign.trade not in trades:
            result.trades = trades
        result.forbidden += line_problems(folder)
        result.forbidden += page_problems(folder)
        result.forbidden += _series_problems(folder, [facts for _, facts in everybody])
        result.forbidden += sample_problems(folder, contacts.result.accepted)
        result.forbidden += cardless_problems(folder.campaign, contacts.result.accepted, lang)
        leads = {} if store is None else _leads(folder, store)
        for contact, facts in everybody:
            if leads and contact.number not in leads:
                result.strangers += 1
                continue
            if contact.number in leads and leads[contact.number] not in OPEN_STATES:
                result.closed += 1
                continue
            verdict = folder.campaign.rules.judge(facts)
            if verdict.deciding is None:
                result.allowed += 1
                _note_card(folder, contact, result)
            else:
                _note_objection(result, contact, facts, verdict, texts)
        if result.card_example is None and contacts.result.accepted:  # where nobody may be called, too
            card = card_for(folder.campaign, contacts.result.accepted[0])
            result.card_example = card if isinstance(card, RenderedCard) else None
        return result
    finally:
        if store is not None:
            store.close()


def _series_problems(folder: CampaignFolder, everybody: Sequence[CallFacts]) -> list[Problem]:
    """A series that no row names is a slot by a wrong name: its calls would be held to the caps of offers."""
    plan = folder.campaign.series
    if plan is None or not everybody or any(facts.series is not None for facts in everybody):
        return []
    return [Problem("campaign.toml", "series.slot", "series-empty", None, {"value": plan.slot})]


def _leads(folder: CampaignFolder, store: SqlStore) -> dict[PhoneNumber, LeadState]:
    """How each lead of the campaign stands, by number; none before its first run."""
    state = store.campaign_state(folder.campaign.campaign_id)
    return {} if state is None else {state.callees[lead.callee_id].number: lead.state for lead in state.leads}


def _note_objection(
    result: CheckResult, contact: Contact, facts: CallFacts, verdict: Verdict, texts: Catalogue
) -> None:
    """Count whom the gate forbids to call now, among those of whom the deciding rule says the same."""
    deciding = verdict.deciding
    assert deciding is not None
    is_asked_again = verdict.decision is Decision.DELAY and verdict.asks_again
    result.later += deciding.says is not Says.DENY
    result.asked_again += is_asked_again
    zone = facts.zones[0] if facts.zones else UTC
    until = deciding.until.astimezone(zone) if deciding.until is not None else None
    sentences = result.by_rule.setdefault(deciding.rule_id, {})
    sentence = texts.sentence(ExplanationRow(deciding, until, "", "", ()))
    if sentence not in sentences and len(sentences) >= SENTENCES_MAX:
        sentence = ""
    rule = sentences.get(sentence)
    if rule is None:
        says = ASKS_AGAIN if is_asked_again else deciding.says.value
        rule = sentences[sentence] = RuleVerdicts(deciding.rule_id, says, sentence, texts.source(deciding))
    rule.count += 1
    if len(rule.examples) < EXAMPLES_MAX:
        rule.examples.append(f"#{contact.row} {contact.number.masked()}")


def _restricted_trades(rules: RuleBook) -> list[str]:
    checks = [rule.check for rule in rules.rules]
    return sorted({trade for check in checks if isinstance(check, TradeCheck) for trade in check.trades})


def everybody_of(
    folder: CampaignFolder, contacts: ContactList, store: SqlStore | None, civil_now: datetime
) -> list[tuple[Contact, CallFacts]]:
    """Everybody on the list, with what the gate is told of them now."""
    accepted = contacts.result.accepted
    known = store.callee_ids([contact.number for contact in accepted]) if store is not None else {}
    shares = complaint_shares(folder.campaign, store, civil_now) if store is not None else ()
    list_facts = ListFacts(folder.campaign, store)
    found = []
    for contact in accepted:
        callee_id = known.get(contact.number)
        standing = store.standing(callee_id) if store is not None and callee_id is not None else NO_STANDING
        facts = facts_about(
            folder.campaign,
            zones,
            contact.number,
            contact.number_class,
            contact.region,
            contact.zone_names,
            civil_now,
            standing,
            shares,
            list_facts,
            lead_of(_NO_LEAD_YET, folder.campaign.campaign_id, callee_id or NOBODY_YET, contact),
        )
        found.append((contact, facts))
    return found


def _note_card(folder: CampaignFolder, contact: Contact, result: CheckResult) -> None:
    card = card_for(folder.campaign, contact)
    if not contact.number_class.receives_messages and folder.campaign.card is not None:
        result.no_card_rows.append(contact.row)
    if isinstance(card, CardRefusal):
        result.card_refusals[card.code.value, card.slot] += 1
        result.card_refusal_rows.setdefault((card.code.value, card.slot), []).append(contact.row)
        result.card_refusal_values.setdefault((card.code.value, card.slot), {"slot": card.slot, **card.values})
    elif result.card_example is None:
        result.card_example = card
