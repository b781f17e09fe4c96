"""The gate: all rules together, and the verdict that follows from facts and rules alone."""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from baitie.domain.risk.calendar_checks import ForbidWindowCheck
from baitie.domain.risk.checks import ANYWHERE, AsksAgain, Spoken
from baitie.domain.risk.compiling import NO_CALENDARS, compile_rule
from baitie.domain.risk.duties import (
    Answer,
    ContractTerm,
    Duty,
    DutyCheck,
    Kept,
    KeptFrom,
    ResponseDuty,
    RetentionDuty,
    answer_by,
    keep_until,
)
from baitie.domain.risk.facts import CallFacts, Moment
from baitie.domain.risk.freezing import FreezeAfterCheck, strictest_freeze
from baitie.domain.risk.history import Freeze
from baitie.domain.risk.permission import ShareCheck
from baitie.domain.risk.rulepack import Force, Rule, sequence_of_rules
from baitie.domain.risk.search import Clearing, Moments, RuleSet, clear_alone
from baitie.domain.risk.table_reader import RulePackError
from baitie.domain.risk.territories import TERRITORIES, jurisdictions_of
from baitie.domain.risk.verdict import Decision, Finding, Knowledge, RuleEvidence, RuleStatus, Says, Verdict
from baitie.domain.risk.workdays import OfficialCalendar
from baitie.kernel.journal import JsonValue
from baitie.kernel.purpose import Purpose
from baitie.kernel.undefined import Undefined

NO_TIME_RULE_ID = "GATE-NO-CALLABLE-TIME"
"""Speaks where each rule alone would allow some time, but never all at once."""

_NO_TIME_EVIDENCE = RuleEvidence(Knowledge.READ, "Baitie", date(2026, 11, 23), "the search for a time in the gate")
# In Python 3.11 a member of an enumeration is slow to reach and to hash, and these are asked for in each verdict.
_ADVISE, _DENIES, _DELAYS, _ADVISES = Force.ADVISE, Says.DENY, Says.DELAY, Says.ADVISE


_FOREVER = datetime.max.replace(tzinfo=UTC)
_NOTHING = timedelta()


class _Plan(RuleSet):
    """The rules that may speak to one purpose in one region."""

    __slots__ = ("blocking", "freezing")

    def __init__(self, rules: Sequence[Rule]) -> None:
        super().__init__(rules)
        blocking = [rule for rule in rules if rule.force is Force.BLOCK]
        self.blocking = RuleSet([rule for rule in blocking if not isinstance(rule.check, FreezeAfterCheck)])
        self.freezing = RuleSet([rule for rule in blocking if isinstance(rule.check, FreezeAfterCheck)])


@dataclass(frozen=True, slots=True)
class PackStamp:
    """Pack stamp (规则包标识): which pack a rule book was made of. `digest`: half the SHA-256 of its tables, in hex."""

    name: str
    version: int
    digest: str

    def to_json(self) -> dict[str, JsonValue]:
        """As plain JSON."""
        return {"name": self.name, "version": self.version, "digest": self.digest}


class RuleBook:
    """Rule book (规则库): rules of all packs in use. Judges facts; keeps nothing of them between two calls.

    A rule of `ANYWHERE` always applies; one of a country where the callee's region is that country, a territory of
    it (`territories`) or unknown.
    The strictest wins. `digest` names exactly these rules.
    """

    def __init__(self, rules: Sequence[Rule], digest: str, packs: Sequence[PackStamp] = ()) -> None:
        self.rules = tuple(rules)
        self.digest = digest
        self.packs = tuple(packs)
        self._by_id = {rule.rule_id: rule for rule in self.rules}
        self._asks = {rule.rule_id: type(rule.check) for rule in self.rules}
        self._asking = {r.rule_id: r.check.asks_again for r in self.rules if isinstance(r.check, AsksAgain)}
        self._places = frozenset(rule.jurisdiction for rule in self.rules)
        self._plans: dict[tuple[Purpose, str | None], _Plan] = {}
        self.short_call_max_s = max((check.short_call_max_s for _, check in self._freezing(self.rules)), default=0)
        """The longest talk that any rule calls a short call; 0 where no rule does."""
        windows = [rule.check for rule in self.rules if isinstance(rule.check, ForbidWindowCheck)]
        self.segments = frozenset[str]().union(*[window.segments for window in windows])
        """The segments of callees that some rule names, in small letters."""

    def rule(self, rule_id: str) -> Rule | None:
        """The rule of this id."""
        return self._by_id.get(rule_id)

    def has_rules_of(self, region: str | None) -> bool:
        """Whether any rule is of this region's own law. Where none is, only what holds everywhere is asked."""
        return region is None or not self._places.isdisjoint(jurisdictions_of(region))

    def judge(self, facts: CallFacts) -> Verdict:
        """May this call be placed? The findings name the rules that object or advise."""
        plan, moment = self._begin(facts)
        objecting = plan.objecting(facts, moment)
        if not objecting:
            return Verdict(Decision.ALLOW, moment.at, None, (), plan.ids_in_force(moment), self.digest)
        against = frozenset(objecting)
        passed = tuple([rule.rule_id for rule in plan.in_force(moment) if rule not in against])
        return self._conclude(plan, facts, moment, objecting, passed, [])

    def explain(self, facts: CallFacts) -> Verdict:
        """As `judge`, with a finding also of each rule that allows."""
        plan, moment = self._begin(facts)
        objecting = plan.objecting(facts, moment)
        mild = [rule for rule in plan.in_force(moment) if rule not in objecting]
        allowing = [_finding(rule, Says.ALLOW, rule.check.spoken(facts, moment), None) for rule in mild]
        return self._conclude(plan, facts, moment, objecting, tuple(rule.rule_id for rule in mild), allowing)

    def freezes_after(self, facts: CallFacts) -> Freeze | None:
        """The freeze that the newest attempt brings about, to be kept in the same batch as its end.

        `facts.history` includes that attempt as it ended; `facts.civil_now` is when the freeze begins.
        """
        plan, moment = self._begin(facts)
        return strictest_freeze(facts, self._freezing(plan.freezing.in_force(moment)))

    def ceilings(self, purpose: Purpose) -> list[ShareCheck]:
        """The ceilings on shares that block calls of this purpose, in whatever region."""
        rules = [rule for rule in self.rules if purpose in rule.purposes and rule.force is Force.BLOCK]
        return [rule.check for rule in rules if isinstance(rule.check, ShareCheck)]

    def keep_until(
        self,
        kept: Kept,
        purpose: Purpose,
        region: str | None,
        event_on: Callable[[KeptFrom], date | None],
        contract_term: ContractTerm | None = None,
    ) -> Duty | Undefined:
        """Until when something of a call must be kept; see `duties.keep_until`. An unknown region: every country's."""
        duties = [(r.rule_id, r.check) for r in self._speaking(purpose, region) if isinstance(r.check, RetentionDuty)]
        return keep_until(duties, kept, event_on, contract_term)

    def answer_by(self, answer: Answer, purpose: Purpose, region: str | None, received_on: date) -> Duty | Undefined:
        """By which day something must be done; see `duties.answer_by`. An unknown region: every country's rules."""
        rules = [rule for rule in self._speaking(purpose, region) if rule.is_dated_for(received_on)]
        return answer_by(
            [(r.rule_id, r.check) for r in rules if isinstance(r.check, ResponseDuty)], answer, received_on
        )

    def _speaking(self, purpose: Purpose, region: str | None) -> list[Rule]:
        places = (ANYWHERE,) if region is None else (ANYWHERE, *jurisdictions_of(region))
        return [r for r in self.rules if purpose in r.purposes and (region is None or r.jurisdiction in places)]

    def _begin(self, facts: CallFacts) -> tuple[_Plan, Moment]:
        if facts.civil_now.tzinfo is None:
            raise ValueError("civil_now must be aware: a naive time has no place on any wall clock")
        plan = self._plans.get((facts.purpose, facts.region))
        if plan is None:  # a campaign needs one or two of some hundreds
            plan = self._plans[facts.purpose, facts.region] = self._plan(facts.purpose, facts.region)
        return plan, Moment(facts.civil_now, facts.zones)

    def _conclude(
        self,
        plan: _Plan,
        facts: CallFacts,
        moment: Moment,
        objecting: list[Rule],
        passed: tuple[str, ...],
        allowing: Sequence[Finding],
    ) -> Verdict:
        moments = Moments(moment)
        findings: list[Finding] = []
        is_denied, last_relaxing, last_changing = False, None, None
        for rule in plan.among_in_force(objecting, moment):
            check = rule.check
            alone = clear_alone(rule, facts, moment, moments)
            asked = self._asking.get(rule.rule_id) if alone is not None else None
            asks_again = asked is not None and asked(facts)
            findings.append(_objection(rule, alone, check.spoken(facts, moment), asks_again=asks_again))
            if rule.force is _ADVISE or isinstance(check, FreezeAfterCheck):
                continue
            if alone is None:
                is_denied = True
            elif check.only_relaxes:
                last_relaxing = alone if last_relaxing is None else max(alone, last_relaxing)
            else:
                last_changing = alone if last_changing is None else max(alone, last_changing)
        decision, until = Decision.ALLOW, None
        if is_denied:
            decision = Decision.DENY
        elif last_relaxing is not None or last_changing is not None:
            until, is_found = _joined(plan.blocking, facts, moments, objecting, last_changing, last_relaxing)
            decision = Decision.DENY if until is None else Decision.DELAY
            if not is_found:
                findings.append(_no_time(until))
        if len(findings) > 1:
            findings.sort(key=_strictest_first)
        overruled = self._overruled(findings, passed) if findings else ()
        return Verdict(decision, moment.at, until, (*findings, *allowing), passed, self.digest, overruled)

    def _overruled(self, findings: Sequence[Finding], passed: Sequence[str]) -> tuple[str, ...]:
        """Ids of the rules that lost against the strictest: milder objections, and its own kind where it allows."""
        deciding = findings[0]
        if deciding.says is _ADVISES:
            return ()
        losing = [f.rule_id for f in findings[1:] if f.until != deciding.until or f.says is not deciding.says]
        asked = self._asks.get(deciding.rule_id)
        if asked is not None:
            losing += [rule_id for rule_id in passed if self._asks[rule_id] is asked]
        return tuple(losing)

    def _plan(self, purpose: Purpose, region: str | None) -> _Plan:
        # Duties speak of records and answers, never of the call.
        return _Plan([rule for rule in self._speaking(purpose, region) if not isinstance(rule.check, DutyCheck)])

    @staticmethod
    def _freezing(rules: Iterable[Rule]) -> list[tuple[str, FreezeAfterCheck]]:
        return [(rule.rule_id, rule.check) for rule in rules if isinstance(rule.check, FreezeAfterCheck)]


def load_rulebook(
    packs: Sequence[Mapping[str, Any]],
    calendars: Mapping[str, OfficialCalendar] = NO_CALENDARS,
    blocking: Collection[str] = (),
) -> RuleBook:
    """The rule book of these packs, each as its TOML tables, with official calendars by country.

    The rules whose ids are in `blocking` block, though their pack lets them advise only. Raises `RulePackError`.
    """
    rules: list[Rule] = []
    owners: dict[str, str] = {}
    for tables in packs:
        pack, rows = sequence_of_rules(tables)
        for row in rows:
            rule = compile_rule(pack, row, calendars)
            if rule.rule_id in blocking:
                rule = compile_rule(pack, {**row, "force": "block"}, calendars)
            if rule.rule_id in owners:
                problem = f"The pack {owners[rule.rule_id]!r} already has a rule of this id. Rename one of them."
                raise RulePackError(problem, pack=pack, rule=rule.rule_id, field="id")
            owners[rule.rule_id] = pack
            rules.append(rule)
    if not rules:
        raise RulePackError("There is no rule at all, and without rules nothing may be called. Name some packs.")
    known = [calendars[country].to_json() for country in sorted(calendars)]
    places = {region: territory.country for region, territory in TERRITORIES.items()}
    changed = [sorted(blocking)] if blocking else []
    canonical = json.dumps([*packs, *known, places, *changed], default=str, sort_keys=True, ensure_ascii=False)
    return RuleBook(rules, hashlib.sha256(canonical.encode()).hexdigest()[:16], [_stamp(tables) for tables in packs])


def _stamp(tables: Mapping[str, Any]) -> PackStamp:
    canonical = json.dumps(tables, default=str, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(canonical.encode()).hexdigest()[:32]
    return PackStamp(str(tables["pack"]), int(tables["version"]), digest)


def _objection(rule: Rule, until: datetime | None, spoken: Spoken, *, asks_again: bool) -> Finding:
    if rule.force is _ADVISE or isinstance(rule.check, FreezeAfterCheck):
        says = _ADVISES
    else:
        says = _DENIES if until is None else _DELAYS
    return _finding(rule, says, spoken, until, asks_again=asks_again)


def _finding(rule: Rule, says: Says, spoken: Spoken, until: datetime | None, *, asks_again: bool = False) -> Finding:
    reason, values = spoken
    return Finding(rule.rule_id, says, reason, values, until, rule.status, rule.source, rule.evidence, asks_again)


def _joined(
    blocking: RuleSet,
    facts: CallFacts,
    moments: Moments,
    objecting: Sequence[Rule],
    last_changing: datetime | None,
    last_relaxing: datetime | None,
) -> Clearing:
    """When all rules together allow; each objects until the end of its own delay, so the search begins at the last.

    Whether hours, wishes and consents ever meet is asked first, and of the present moment: what speaks against a
    callee besides, such as a freeze, would else let the search begin, and end, late enough to find a time.
    """
    begins = last_relaxing
    if last_changing is not None:
        met_at, is_found = blocking.clear_of_changing(facts, moments.at(last_changing), moments)
        if met_at is None or not is_found:
            return None, False
        if last_relaxing is None:
            return met_at, True
        begins = max(met_at, last_relaxing)
    assert begins is not None
    return blocking.clear_of_all(facts, moments.at(begins), moments, objecting)


def _no_time(until: datetime | None) -> Finding:
    source = "Baitie: no time satisfies all rules at once"
    says = Says.DENY if until is None else Says.DELAY
    return Finding(
        NO_TIME_RULE_ID,
        says,
        "no-callable-time",
        {},
        until,
        RuleStatus.HOUSE,
        source,
        _NO_TIME_EVIDENCE,
        asks_again=until is not None,
    )


def _strictest_first(finding: Finding) -> tuple[int, timedelta]:
    remaining = _FOREVER - finding.until if finding.until is not None else _NOTHING
    says = finding.says
    return (0 if says is _DENIES else 1 if says is _DELAYS else 2, remaining)
