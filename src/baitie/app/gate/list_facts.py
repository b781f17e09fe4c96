"""Facts that come from lists beside the callee: suspended numbers, registries of refused calls, qualifications."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from baitie.app.campaign.campaign import Campaign
from baitie.domain.registries import DoNotCallRegistry, Qualification
from baitie.domain.risk.facts import CallFacts
from baitie.domain.risk.official import QualificationCheck, RegistryCheck, SuspendedNumberCheck, TradeCheck
from baitie.domain.risk.rulebook import RuleBook
from baitie.domain.risk.rulepack import ANYWHERE
from baitie.domain.risk.standing import QualificationFact, RegistryFact
from baitie.domain.risk.territories import jurisdictions_of
from baitie.kernel.fast_replace import fast_replace
from baitie.kernel.phone import PhoneNumber

_NONE: frozenset[str] = frozenset()


class ListStore(Protocol):
    """The lists of a store that the gate reads (附属名单). Each read is one quick indexed statement."""

    def suspended_numbers(self) -> frozenset[str]: ...
    def registries_about(self, number: PhoneNumber) -> Sequence[tuple[DoNotCallRegistry, bool]]: ...
    def qualifications(self) -> Sequence[Qualification]: ...


@dataclass(slots=True)
class ListFacts:
    """List facts (名单事实): adds to the facts of a call what lists say, reading those that a rule of it asks for."""

    campaign: Campaign
    lists: ListStore | None
    _asked: dict[str | None, frozenset[type]] = field(default_factory=dict)
    _in_use: tuple[frozenset[str], frozenset[str]] | None = None  # what was suspended, and what was left

    def added_to(self, facts: CallFacts, number: PhoneNumber, presented: str | None = None) -> CallFacts:
        """The facts with the lists in them. `presented` is the number of this very call; without it every number of
        the campaign counts, and they are suspended where all of them are."""
        if self.lists is None:
            return facts
        asked = self._asked.get(facts.region)
        if asked is None:
            asked = self._asked[facts.region] = _kinds_asked(self.campaign.rules, facts)
        if SuspendedNumberCheck in asked:
            suspended = self._suspended(self.lists.suspended_numbers(), presented)
            if suspended:
                facts = fast_replace(facts, suspended=suspended)
        if RegistryCheck in asked:
            facts = fast_replace(facts, registries=_registry_facts(self.lists.registries_about(number)))
        if QualificationCheck in asked:  # where nothing was ever filed nobody keeps them, and nobody can know
            held = self.lists.qualifications()
            facts = fast_replace(facts, qualifications=_qualification_facts(held)) if held else facts
        return facts

    def in_use(self) -> frozenset[str]:
        """E.164 of the campaign's numbers that nobody has suspended."""
        suspended = _NONE if self.lists is None else self.lists.suspended_numbers()
        if self._in_use is None or self._in_use[0] is not suspended:
            mine = {shown.number.e164() for shown in self.campaign.presented_numbers}
            self._in_use = (suspended, frozenset(mine - suspended))
        return self._in_use[1]

    def _suspended(self, suspended: frozenset[str], presented: str | None) -> tuple[str, ...]:
        if not suspended:
            return ()
        if presented is not None:
            return (presented,) if presented in suspended else ()
        mine = {shown.number.e164() for shown in self.campaign.presented_numbers}
        return tuple(sorted(mine)) if mine <= suspended else ()


def _kinds_asked(rules: RuleBook, facts: CallFacts) -> frozenset[type]:
    """Which of these kinds of check may speak to such a call; of licences for lines only where such a line is shown."""
    found = set()
    for rule in rules.rules:
        is_spoken_here = facts.region is None or rule.jurisdiction in (ANYWHERE, *jurisdictions_of(facts.region))
        if facts.purpose in rule.purposes and is_spoken_here:
            is_moot = isinstance(rule.check, QualificationCheck) and not rule.check.speaks_to(facts.line_classes)
            if not is_moot:
                found.add(type(rule.check))
            if isinstance(rule.check, TradeCheck) and rule.check.asks_for_qualifications:
                found.add(QualificationCheck)
    return frozenset(found & {SuspendedNumberCheck, RegistryCheck, QualificationCheck})


def _registry_facts(about: Iterable[tuple[DoNotCallRegistry, bool]]) -> tuple[RegistryFact, ...]:
    return tuple([RegistryFact(registry.name, registry.as_of, is_listed) for registry, is_listed in about])


def _qualification_facts(held: Sequence[Qualification]) -> tuple[QualificationFact, ...]:
    return tuple([QualificationFact(one.kind, one.valid_from, one.valid_until) for one in held if one.ended_at is None])
