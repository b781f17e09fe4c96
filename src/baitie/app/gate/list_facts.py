"""Facts that come from lists beside the callee: suspended numbers, registries of refused calls, qualifications."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from baitie.app.campaign.campaign import Campaign
from baitie.domain.registries import DoNotCallRegistry, Qualification
from baitie.domain.risk.checks import ANYWHERE
from baitie.domain.risk.official import QualificationCheck, RegistryCheck, SuspendedNumberCheck, TradeCheck
from baitie.domain.risk.rulebook import RuleBook
from baitie.domain.risk.standing import LineClass, QualificationFact, RegistryFact
from baitie.domain.risk.territories import jurisdictions_of
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.purpose import Purpose
from baitie.kernel.records import CalleeRecord

_NONE: frozenset[str] = frozenset()


class ListStore(Protocol):
    """The lists of a store that the gate reads (附属名单). Each read is one quick indexed statement."""

    def suspended_numbers(self) -> frozenset[str]: ...
    def registries_about(self, number: PhoneNumber) -> Sequence[tuple[DoNotCallRegistry, bool]]: ...
    def qualifications(self) -> Sequence[Qualification]: ...


@dataclass(slots=True)
class ListFacts:
    """List facts (名单事实): what lists say of a call, reading those that a rule of it asks for."""

    campaign: Campaign
    lists: ListStore | None
    _asked: dict[str | None, frozenset[type]] = field(default_factory=dict)
    _in_use: tuple[frozenset[str], frozenset[str]] | None = None  # what was suspended, and what was left

    def suspended(self, callee: CalleeRecord, presented: str | None = None) -> tuple[str, ...]:
        """Suspended numbers, where the call may show no other. `presented` is the number of this very call; without it
        every number of the campaign counts, and they are suspended where all of them are."""
        if self.lists is None or SuspendedNumberCheck not in self._asked_of(callee.region):
            return ()
        return self._suspended(self.lists.suspended_numbers(), presented)

    def registries(self, callee: CalleeRecord) -> tuple[RegistryFact, ...]:
        """What the copies of registries say of the callee's number."""
        if self.lists is None or RegistryCheck not in self._asked_of(callee.region):
            return ()
        return _registry_facts(self.lists.registries_about(callee.number))

    def qualifications(self, callee: CalleeRecord) -> tuple[QualificationFact, ...] | None:
        """What the enterprise has on file; where nothing was ever filed nobody keeps them, and nobody can know."""
        if self.lists is None or QualificationCheck not in self._asked_of(callee.region):
            return None
        held = self.lists.qualifications()
        return _qualification_facts(held) if held else None

    def _asked_of(self, region: str | None) -> frozenset[type]:
        asked = self._asked.get(region)
        if asked is None:
            asked = self._asked[region] = _kinds_asked(
                self.campaign.rules, region, self.campaign.purpose, self.campaign.line_classes
            )
        return asked

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


def _kinds_asked(
    rules: RuleBook, region: str | None, purpose: Purpose, lines: frozenset[LineClass] | None
) -> frozenset[type]:
    """Which of these kinds of check may speak to such a call; of licences for lines only where such a line is shown."""
    found = set()
    for rule in rules.rules:
        is_spoken_here = region is None or rule.jurisdiction in (ANYWHERE, *jurisdictions_of(region))
        if purpose in rule.purposes and is_spoken_here:
            is_moot = isinstance(rule.check, QualificationCheck) and not rule.check.speaks_to(lines)
            if not is_moot:
                found.add(type(rule.check))
            if isinstance(rule.check, TradeCheck) and rule.check.asks_for_qualifications:
                found.add(QualificationCheck)
    return frozenset(found & {SuspendedNumberCheck, RegistryCheck, QualificationCheck})


def _registry_facts(about: Iterable[tuple[DoNotCallRegistry, bool]]) -> tuple[RegistryFact, ...]:
    return tuple([RegistryFact(registry.name, registry.as_of, is_listed) for registry, is_listed in about])


def _qualification_facts(held: Sequence[Qualification]) -> tuple[QualificationFact, ...]:
    return tuple([QualificationFact(one.kind, one.valid_from, one.valid_until) for one in held if one.ended_at is None])
