"""What authorities have on record, as the gate sees it, and the rules that ask for it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from baitie.domain.risk.checks import Building, Check, RuleKind, Spoken
from baitie.domain.risk.facts import CallFacts, Moment
from baitie.domain.risk.plain_checks import SuppressionCheck
from baitie.domain.risk.standing import ConsentChannel, LineClass, RegistryFact
from baitie.domain.risk.table_reader import ASK_AGAIN_MAX_S, TableReader

REGISTRY_AGE_MAX_DAYS = 366

REGISTRY_ASK_AGAIN_S = 3600
"""A newer copy may be imported any time, so that a call waits rather than ends; after this it is asked again."""


class RegistryCheck:
    """Spares whoever is on a registry of refused calls (谢绝来电名录).

    The copy's age counts from the day whose state it shows, to the callee's latest possible date. Without a copy, or
    with one that is older than `age_days_max`, nobody can know who refused: by the fail direction, and asked again
    later, for a newer copy may come. With `except_consent` a proven, written consent to calls for this purpose goes
    before the registry.
    """

    only_relaxes = False
    is_same_daily = False
    __slots__ = ("_age_days_max", "_except_consent", "_fail_closed", "registry")

    def __init__(self, registry: str, age_days_max: int | None, except_consent: bool, fail_closed: bool) -> None:
        self.registry = registry
        self._age_days_max = age_days_max
        self._except_consent = except_consent
        self._fail_closed = fail_closed

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        known = self._known(facts)
        if known is not None and known.is_listed:
            return self._except_consent and _has_written_consent(facts, moment.at)
        if known is not None and not self._is_old(known, facts):
            return True
        return not self._fail_closed or moment.at >= _ask_again_at(facts)

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        known = self._known(facts)
        if known is None or not known.is_listed:
            return _ask_again_at(facts)
        if not self._except_consent:
            return None
        return min((c.granted_at for c in facts.consents or () if c.granted_at > moment.at), default=None)

    def asks_again(self, facts: CallFacts) -> bool:
        known = self._known(facts)
        return known is None or not known.is_listed

    def spoken(self, facts: CallFacts, moment: Moment) -> Spoken:
        known = self._known(facts)
        if known is None:
            return "registry-unknown", {"registry": self.registry}
        said = {"registry": self.registry, "as_of": known.as_of.isoformat()}
        if known.is_listed:
            return "registry-listed", {**said}
        if self._is_old(known, facts):
            return "registry-old", {**said, "age_days": _age_days(known, facts), "age_days_max": self._age_days_max}
        return "registry-free", {**said}

    def _known(self, facts: CallFacts) -> RegistryFact | None:
        for fact in facts.registries:
            if fact.registry == self.registry:
                return fact
        return None

    def _is_old(self, known: RegistryFact, facts: CallFacts) -> bool:
        return self._age_days_max is not None and _age_days(known, facts) > self._age_days_max


class SuspendedNumberCheck:
    """Waits while every number that this call may present is suspended after a complaint (外显号码停用).

    When somebody will lift it cannot be known: the delay is a time to ask again, not a promise.
    """

    only_relaxes = True
    is_same_daily = False
    __slots__ = ("_ask_again",)

    def __init__(self, ask_again_s: int) -> None:
        self._ask_again = timedelta(seconds=ask_again_s)

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        return not facts.suspended or moment.at >= facts.civil_now + self._ask_again

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        return facts.civil_now + self._ask_again

    def asks_again(self, facts: CallFacts) -> bool:
        return True

    def spoken(self, facts: CallFacts, moment: Moment) -> Spoken:
        return "number-suspended", {"presented": ", ".join(facts.suspended)}


class QualificationCheck:
    """Requires qualifications of the enterprise on file and in their term (资质要求).

    With `lines` it asks only where a number of such a class may be presented; unknown classes, and an organisation
    that keeps no qualifications on file: by the fail direction.
    """

    only_relaxes = False
    is_same_daily = False
    __slots__ = ("_fail_closed", "_lines", "_required")

    def __init__(self, required: tuple[str, ...], lines: frozenset[LineClass] | None, fail_closed: bool) -> None:
        self._required = required
        self._lines = lines
        self._fail_closed = fail_closed

    def speaks_to(self, line_classes: frozenset[LineClass] | None) -> bool:
        """Whether it may object to calls over such lines; to unknown ones it may."""
        return self._lines is None or line_classes is None or not self._lines.isdisjoint(line_classes)

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        if self._lines is not None:
            if facts.line_classes is None:
                return not self._fail_closed
            if self._lines.isdisjoint(facts.line_classes):
                return True
        if facts.qualifications is None:
            return not self._fail_closed
        return not self._lacking(facts, moment)

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        lacking = self._lacking(facts, moment)
        begins = [q.valid_from for q in facts.qualifications or () if q.kind in lacking and q.valid_from > _day(moment)]
        return datetime.combine(min(begins), datetime.min.time(), UTC) if begins else None

    def spoken(self, facts: CallFacts, moment: Moment) -> Spoken:
        required = ", ".join(self._required)
        if facts.qualifications is None:
            return "qualification-unknown", {"qualification": required}
        lacking = self._lacking(facts, moment)
        ended = [q.valid_until for q in facts.qualifications if q.kind in lacking and q.valid_until is not None]
        if lacking and ended:
            said = {"qualification": ", ".join(lacking), "over_on": max(ended).isoformat()}
            return "qualification-over", {**said}
        if lacking:
            return "qualification-lacking", {"qualification": ", ".join(lacking)}
        return "qualification-lacking", {"qualification": required}

    def _lacking(self, facts: CallFacts, moment: Moment) -> tuple[str, ...]:
        day = _day(moment)
        held = {
            fact.kind
            for fact in facts.qualifications or ()
            if fact.valid_from <= day and (fact.valid_until is None or day <= fact.valid_until)
        }
        return tuple([kind for kind in self._required if kind not in held])


class TradeCheck:
    """Refuses campaigns about certain trades (限制行业): all of them, or those without qualifications on file.

    A campaign that declares no trade goes by the fail direction. With `require` the named qualifications must be on
    file and in their term; an organisation that files none has none of them.
    """

    only_relaxes = False
    is_same_daily = False
    __slots__ = ("_fail_closed", "_held", "_refused")

    def __init__(self, refused: frozenset[str], required: tuple[str, ...], fail_closed: bool) -> None:
        self._refused = refused
        self._held = QualificationCheck(required, None, fail_closed=True) if required else None
        self._fail_closed = fail_closed

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        if facts.trade is None:
            return not self._fail_closed
        if facts.trade not in self._refused:
            return True
        return self._held is not None and self._held.holds(facts, moment)

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        is_waiting = facts.trade in self._refused and self._held is not None
        return self._held.earliest(facts, moment) if is_waiting and self._held is not None else None

    def spoken(self, facts: CallFacts, moment: Moment) -> Spoken:
        if facts.trade is None:
            return "trade-unknown", {}
        if self._held is not None and facts.trade in self._refused:
            return self._held.spoken(facts, moment)
        return "trade", {"trade": facts.trade}

    @property
    def trades(self) -> frozenset[str]:
        """The trades that it restricts."""
        return self._refused

    @property
    def asks_for_qualifications(self) -> bool:
        """Whether it needs to be told what is on file."""
        return self._held is not None


def _has_written_consent(facts: CallFacts, at: datetime) -> bool:
    return any(
        consent.purpose is facts.purpose
        and consent.channel is ConsentChannel.VOICE
        and consent.has_evidence
        and not consent.is_spoken
        and consent.granted_at <= at
        and (consent.withdrawn_at is None or at < consent.withdrawn_at)
        and (consent.expires_at is None or at < consent.expires_at)
        for consent in facts.consents or ()
    )


def _ask_again_at(facts: CallFacts) -> datetime:
    return facts.civil_now + timedelta(seconds=REGISTRY_ASK_AGAIN_S)


def _age_days(known: RegistryFact, facts: CallFacts) -> int:
    zones = facts.zones or (UTC,)
    return (max(facts.civil_now.astimezone(zone).date() for zone in zones) - known.as_of).days


def _day(moment: Moment) -> date:
    """The latest date that it may be: a licence that ends today is not stretched over the date line."""
    return max((wall.date() for wall in moment.walls), default=moment.at.astimezone(UTC).date())


def _suppression(reader: TableReader, building: Building) -> Check:
    registry = reader.optional("registry", str)
    if registry is None:
        return SuppressionCheck()
    return RegistryCheck(
        registry=reader.name_of("registry", registry),
        age_days_max=reader.count_or_none("age_days_max", 1, REGISTRY_AGE_MAX_DAYS),
        except_consent=reader.optional("except_consent", bool) or False,
        fail_closed=building.is_closed,
    )


def _qualification(reader: TableReader, building: Building) -> Check:
    required = tuple(reader.name_of("require", word) for word in reader.texts("require"))
    if not required:
        raise reader.error("The rule asks for nothing.", "require", "Name a kind of qualification.")
    return QualificationCheck(required, reader.words("lines", LineClass), building.is_closed)


def _trade(reader: TableReader, building: Building) -> Check:
    refused = frozenset(reader.name_of("refuse", word) for word in reader.texts("refuse"))
    if not refused:
        raise reader.error("The rule refuses nothing.", "refuse", "Name a trade.")
    required = tuple(reader.name_of("unless", word) for word in reader.texts("unless"))
    return TradeCheck(refused, required, building.is_closed)


KINDS: Mapping[str, RuleKind] = {
    "suppression": RuleKind(
        _suppression,
        {
            "callee-refused": frozenset({"refused_on", "channel"}),
            "registry-listed": frozenset({"registry", "as_of"}),
            "registry-free": frozenset({"registry", "as_of"}),
            "registry-old": frozenset({"registry", "as_of", "age_days", "age_days_max"}),
            "registry-unknown": frozenset({"registry"}),
        },
    ),
    "qualification": RuleKind(
        _qualification,
        {
            "qualification-lacking": frozenset({"qualification"}),
            "qualification-over": frozenset({"qualification", "over_on"}),
            "qualification-unknown": frozenset({"qualification"}),
        },
    ),
    "trade": RuleKind(_trade, {"trade": frozenset({"trade"}), "trade-unknown": frozenset()}),
    "suspended_number": RuleKind(
        lambda reader, building: SuspendedNumberCheck(reader.count("ask_again_s", 1, ASK_AGAIN_MAX_S)),
        {"number-suspended": frozenset({"presented"})},
    ),
}
