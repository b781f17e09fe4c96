"""The gate: all rules together, and the verdict that follows from facts and rules alone."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from baitie.domain.risk.checks import Spoken
from baitie.domain.risk.civil import day_start
from baitie.domain.risk.facts import CallFacts, Moment
from baitie.domain.risk.freezing import FreezeAfterCheck, strictest_freeze
from baitie.domain.risk.history import Freeze
from baitie.domain.risk.kinds import compile_rule
from baitie.domain.risk.rulepack import ANYWHERE, Force, Rule, RulePackError, sequence_of_rules
from baitie.domain.risk.verdict import Decision, Finding, Knowledge, RuleEvidence, RuleStatus, Says, Verdict
from baitie.kernel.purpose import Purpose

ROUNDS_MAX = 128
"""How many times the search for a callable time may be thrown back: two windows that never meet do so twice a day."""

NO_TIME_RULE_ID = "GATE-NO-CALLABLE-TIME"
"""Speaks where each rule alone would allow some time, but never all at once."""

_NO_TIME_EVIDENCE = RuleEvidence(Knowledge.READ, "Baitie", date(2026, 11, 23), "the search for a time in the gate")
_STRICTNESS = {Says.DENY: 0, Says.DELAY: 1, Says.ADVISE: 2, Says.ALLOW: 3}
_NEVER = datetime.max.replace(tzinfo=UTC)


class _Plan:
    """The rules that may speak to one purpose in one region."""

    __slots__ = ("blocking", "dated", "ids", "rules")

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.rules = rules
        self.blocking = tuple(rule for rule in rules if rule.force is Force.BLOCK)
        self.ids = tuple(rule.rule_id for rule in rules)
        self.dated = any(rule.effective_from or rule.effective_until for rule in rules)


class RuleBook:
    """Rule book (规则库): rules of all packs in use. Judges facts; keeps nothing between two calls.

    A rule of `ANYWHERE` always applies; one of a country where the callee's region is that country or unknown.
    The strictest wins. `digest` names exactly these rules.
    """

    def __init__(self, rules: Sequence[Rule], digest: str) -> None:
        self.rules = tuple(rules)
        self.digest = digest
        self._by_id = {rule.rule_id: rule for rule in self.rules}
        regions = {rule.jurisdiction for rule in self.rules} | {ANYWHERE}
        self._plans = {(purpose, region): self._plan(purpose, region) for purpose in Purpose for region in regions}
        self._plans_unknown = {purpose: self._plan(purpose, None) for purpose in Purpose}

    def rule(self, rule_id: str) -> Rule | None:
        """The rule of this id."""
        return self._by_id.get(rule_id)

    @property
    def short_call_max_s(self) -> int:
        """The longest talk that any rule calls a short call; 0 where no rule does."""
        return max((check.short_call_max_s for _, check in self._freezing(self.rules)), default=0)

    def judge(self, facts: CallFacts) -> Verdict:
        """May this call be placed? The findings name the rules that object or advise."""
        plan, moment = self._begin(facts)
        against = [rule for rule in plan.rules if not _allows(rule, facts, moment)]
        if not against and not plan.dated:
            return Verdict(Decision.ALLOW, moment.at, None, (), plan.ids, self.digest)
        passed = tuple(rule.rule_id for rule in plan.rules if rule not in against and _is_in_force(rule, moment))
        return self._conclude(plan, facts, moment, against, passed, [])

    def explain(self, facts: CallFacts) -> Verdict:
        """As `judge`, with a finding also of each rule that allows."""
        plan, moment = self._begin(facts)
        against = [rule for rule in plan.rules if not _allows(rule, facts, moment)]
        mild = [rule for rule in plan.rules if rule not in against and _is_in_force(rule, moment)]
        allowing = [_finding(rule, Says.ALLOW, rule.check.spoken(facts, moment), None) for rule in mild]
        return self._conclude(plan, facts, moment, against, tuple(rule.rule_id for rule in mild), allowing)

    def freezes_after(self, facts: CallFacts) -> Freeze | None:
        """The freeze that the newest attempt brings about, to be kept in the same batch as its end.

        `facts.history` includes that attempt as it ended; `facts.civil_now` is when the freeze begins.
        """
        plan, moment = self._begin(facts)
        in_force = [rule for rule in plan.blocking if _is_in_force(rule, moment)]
        return strictest_freeze(facts, self._freezing(in_force))

    def _begin(self, facts: CallFacts) -> tuple[_Plan, Moment]:
        if facts.civil_now.tzinfo is None:
            raise ValueError("civil_now must be aware: a naive time has no place on any wall clock")
        if facts.region is None:
            plan = self._plans_unknown[facts.purpose]
        else:
            plan = self._plans.get((facts.purpose, facts.region)) or self._plans[facts.purpose, ANYWHERE]
        return plan, Moment(facts.civil_now, facts.zones)

    def _conclude(
        self,
        plan: _Plan,
        facts: CallFacts,
        moment: Moment,
        against: Sequence[Rule],
        passed: tuple[str, ...],
        allowing: Sequence[Finding],
    ) -> Verdict:
        findings = [_objection(rule, facts, moment) for rule in against]
        decision, until = Decision.ALLOW, None
        if any(finding.says is Says.DENY for finding in findings):
            decision = Decision.DENY
        elif delays := [finding.until for finding in findings if finding.says is Says.DELAY and finding.until]:
            # No rule allows before the end of its own delay, so the search for all begins at the last of these.
            until = _clear_from(plan.blocking, facts, max(delays))
            decision = Decision.DELAY if until is not None else Decision.DENY
            if until is None:
                findings.append(_no_time())
        findings.sort(key=_strictest_first)
        return Verdict(decision, moment.at, until, (*findings, *allowing), passed, self.digest)

    def _plan(self, purpose: Purpose, region: str | None) -> _Plan:
        places = (ANYWHERE, region)
        return _Plan(
            tuple(
                rule
                for rule in self.rules
                if purpose in rule.purposes and (region is None or rule.jurisdiction in places)
            )
        )

    @staticmethod
    def _freezing(rules: Iterable[Rule]) -> list[tuple[str, FreezeAfterCheck]]:
        return [(rule.rule_id, rule.check) for rule in rules if isinstance(rule.check, FreezeAfterCheck)]


def load_rulebook(packs: Sequence[Mapping[str, Any]]) -> RuleBook:
    """The rule book of these packs, each as its TOML tables. Raises `RulePackError`."""
    rules: list[Rule] = []
    owners: dict[str, str] = {}
    for tables in packs:
        pack, rows = sequence_of_rules(tables)
        for row in rows:
            rule = compile_rule(pack, row)
            if rule.rule_id in owners:
                problem = f"The pack {owners[rule.rule_id]!r} already has a rule of this id. Rename one of them."
                raise RulePackError(problem, pack=pack, rule=rule.rule_id, field="id")
            owners[rule.rule_id] = pack
            rules.append(rule)
    if not rules:
        raise RulePackError("There is no rule at all, and without rules nothing may be called. Name some packs.")
    canonical = json.dumps(packs, default=str, sort_keys=True, ensure_ascii=False)
    return RuleBook(rules, hashlib.sha256(canonical.encode()).hexdigest()[:16])


def _allows(rule: Rule, facts: CallFacts, moment: Moment) -> bool:
    return rule.check.holds(facts, moment) or not _is_in_force(rule, moment)


def _is_in_force(rule: Rule, moment: Moment) -> bool:
    """Whether the rule holds on the date of any of the callee's possible zones (UTC where none is known)."""
    if rule.effective_from is None and rule.effective_until is None:
        return True
    dates = [wall.date() for wall in moment.walls] or [moment.at.astimezone(UTC).date()]
    begins, ends = rule.effective_from or date.min, rule.effective_until or date.max
    return any(begins <= day < ends for day in dates)


def _earliest(rule: Rule, facts: CallFacts, moment: Moment) -> datetime | None:
    """When it may help to ask the objecting rule again: by its check, or when it goes out of force."""
    by_check = rule.check.earliest(facts, moment)
    if by_check is None or rule.effective_until is None:
        return by_check
    ends = max((day_start(rule.effective_until, zone) for zone in moment.zones), default=_NEVER)
    return min(by_check, ends) if ends > moment.at else by_check


def _clear_from(rules: Sequence[Rule], facts: CallFacts, at: datetime) -> datetime | None:
    """The earliest time from `at` on at which none of the rules objects; `None` where the search finds none."""
    for _ in range(ROUNDS_MAX):
        moment = Moment(at, facts.zones)
        later = [_earliest(rule, facts, moment) for rule in rules if not _allows(rule, facts, moment)]
        if not later:
            return at
        ends = [end for end in later if end is not None]
        if len(ends) < len(later):
            return None
        at = max(at + timedelta(microseconds=1), *ends)
    return None


def _objection(rule: Rule, facts: CallFacts, moment: Moment) -> Finding:
    first = _earliest(rule, facts, moment)
    until = _clear_from((rule,), facts, first) if first is not None else None
    if rule.force is Force.ADVISE:
        says = Says.ADVISE
    else:
        says = Says.DENY if until is None else Says.DELAY
    return _finding(rule, says, rule.check.spoken(facts, moment), until)


def _finding(rule: Rule, says: Says, spoken: Spoken, until: datetime | None) -> Finding:
    reason, values = spoken
    return Finding(rule.rule_id, says, reason, values, until, rule.status, rule.source, rule.evidence)


def _no_time() -> Finding:
    source = "Baitie: no time satisfies all rules at once"
    return Finding(
        NO_TIME_RULE_ID, Says.DENY, "no-callable-time", {}, None, RuleStatus.HOUSE, source, _NO_TIME_EVIDENCE
    )


def _strictest_first(finding: Finding) -> tuple[int, float]:
    until_s = finding.until.timestamp() if finding.until is not None else 0.0
    return (_STRICTNESS[finding.says], -until_s)
