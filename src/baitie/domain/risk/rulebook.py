"""The gate: all rules together, and the verdict that follows from facts and rules alone."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from baitie.domain.risk.checks import Spoken
from baitie.domain.risk.facts import CallFacts, Moment
from baitie.domain.risk.freezing import FreezeAfterCheck, strictest_freeze
from baitie.domain.risk.history import Freeze
from baitie.domain.risk.kinds import compile_rule
from baitie.domain.risk.rulepack import ANYWHERE, Force, Rule, RulePackError, sequence_of_rules
from baitie.domain.risk.search import Moments, RuleSet
from baitie.domain.risk.verdict import Decision, Finding, Knowledge, RuleEvidence, RuleStatus, Says, Verdict
from baitie.kernel.purpose import Purpose

NO_TIME_RULE_ID = "GATE-NO-CALLABLE-TIME"
"""Speaks where each rule alone would allow some time, but never all at once."""

_NO_TIME_EVIDENCE = RuleEvidence(Knowledge.READ, "Baitie", date(2026, 11, 23), "the search for a time in the gate")
_STRICTNESS = {Says.DENY: 0, Says.DELAY: 1, Says.ADVISE: 2, Says.ALLOW: 3}


_FOREVER = datetime.max.replace(tzinfo=UTC)
_NOTHING = timedelta()


class _Plan(RuleSet):
    """The rules that may speak to one purpose in one region."""

    __slots__ = ("blocking", "ids")

    def __init__(self, rules: Sequence[Rule]) -> None:
        super().__init__(rules)
        self.ids = tuple(rule.rule_id for rule in rules)
        self.blocking = RuleSet([rule for rule in rules if rule.force is Force.BLOCK])


class RuleBook:
    """Rule book (规则库): rules of all packs in use. Judges facts; keeps nothing between two calls.

    A rule of `ANYWHERE` always applies; one of a country where the callee's region is that country or unknown.
    The strictest wins. `digest` names exactly these rules.
    """

    def __init__(self, rules: Sequence[Rule], digest: str) -> None:
        self.rules = tuple(rules)
        self.digest = digest
        self._alone = {rule.rule_id: RuleSet((rule,)) for rule in self.rules}
        regions = {rule.jurisdiction for rule in self.rules} | {ANYWHERE}
        self._plans = {(purpose, region): self._plan(purpose, region) for purpose in Purpose for region in regions}
        self._plans_unknown = {purpose: self._plan(purpose, None) for purpose in Purpose}

    def rule(self, rule_id: str) -> Rule | None:
        """The rule of this id."""
        alone = self._alone.get(rule_id)
        return alone.rules[0] if alone is not None else None

    @property
    def short_call_max_s(self) -> int:
        """The longest talk that any rule calls a short call; 0 where no rule does."""
        return max((check.short_call_max_s for _, check in self._freezing(self.rules)), default=0)

    def judge(self, facts: CallFacts) -> Verdict:
        """May this call be placed? The findings name the rules that object or advise."""
        plan, moment = self._begin(facts)
        against = plan.against(facts, moment)
        in_force = plan.in_force(moment)
        if not against and in_force is plan.rules:
            return Verdict(Decision.ALLOW, moment.at, None, (), plan.ids, self.digest)
        passed = tuple([rule.rule_id for rule in in_force if rule not in against])
        return self._conclude(plan, facts, moment, against, passed, [])

    def explain(self, facts: CallFacts) -> Verdict:
        """As `judge`, with a finding also of each rule that allows."""
        plan, moment = self._begin(facts)
        against = plan.against(facts, moment)
        mild = [rule for rule in plan.in_force(moment) if rule not in against]
        allowing = [_finding(rule, Says.ALLOW, rule.check.spoken(facts, moment), None) for rule in mild]
        return self._conclude(plan, facts, moment, against, tuple(rule.rule_id for rule in mild), allowing)

    def freezes_after(self, facts: CallFacts) -> Freeze | None:
        """The freeze that the newest attempt brings about, to be kept in the same batch as its end.

        `facts.history` includes that attempt as it ended; `facts.civil_now` is when the freeze begins.
        """
        plan, moment = self._begin(facts)
        return strictest_freeze(facts, self._freezing(plan.blocking.in_force(moment)))

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
        moments = Moments(moment)
        findings = []
        for rule in against:
            alone = self._alone[rule.rule_id].clear_after((rule,), facts, moment, moments)
            findings.append(_objection(rule, alone, rule.check.spoken(facts, moment)))
        decision, until = Decision.ALLOW, None
        if any(finding.says is Says.DENY for finding in findings):
            decision = Decision.DENY
        elif delays := [finding.until for finding in findings if finding.says is Says.DELAY and finding.until]:
            # Each rule objects until the end of its own delay, so the search for all begins at the last of these.
            until = plan.blocking.clear_from(facts, moments.at(max(delays)), moments)
            decision = Decision.DELAY if until is not None else Decision.DENY
            if until is None:
                findings.append(_no_time())
        if len(findings) > 1:
            findings.sort(key=_strictest_first)
        return Verdict(decision, moment.at, until, (*findings, *allowing), passed, self.digest)

    def _plan(self, purpose: Purpose, region: str | None) -> _Plan:
        places = (ANYWHERE, region)
        return _Plan(
            [
                rule
                for rule in self.rules
                if purpose in rule.purposes and (region is None or rule.jurisdiction in places)
            ]
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


def _objection(rule: Rule, until: datetime | None, spoken: Spoken) -> Finding:
    if rule.force is Force.ADVISE:
        says = Says.ADVISE
    else:
        says = Says.DENY if until is None else Says.DELAY
    return _finding(rule, says, spoken, until)


def _finding(rule: Rule, says: Says, spoken: Spoken, until: datetime | None) -> Finding:
    reason, values = spoken
    return Finding(rule.rule_id, says, reason, values, until, rule.status, rule.source, rule.evidence)


def _no_time() -> Finding:
    source = "Baitie: no time satisfies all rules at once"
    return Finding(
        NO_TIME_RULE_ID, Says.DENY, "no-callable-time", {}, None, RuleStatus.HOUSE, source, _NO_TIME_EVIDENCE
    )


def _strictest_first(finding: Finding) -> tuple[int, timedelta]:
    remaining = _FOREVER - finding.until if finding.until is not None else _NOTHING
    return (_STRICTNESS[finding.says], remaining)
