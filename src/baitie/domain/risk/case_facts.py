"""Facts of an example: from the tables of a rule pack to what the gate is told."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, tzinfo
from typing import TypeVar

from baitie.domain.risk.facts import CallFacts
from baitie.domain.risk.history import CalleeHistory, Freeze, PastAttempt, Refusal, RefusalChannel
from baitie.domain.risk.rulepack import Rule, TableReader
from baitie.domain.risk.standing import (
    CalleeRole,
    ComplaintFact,
    ConsentChannel,
    ConsentFact,
    ContentElement,
    ContentFact,
    LineClass,
    PreferenceFact,
    QualificationFact,
    RegistryFact,
    Scope,
    SeriesBasis,
    SeriesFact,
    ShareFact,
    ShareOf,
)
from baitie.kernel.disclosure import Disclosure
from baitie.kernel.ids import CalleeId
from baitie.kernel.purpose import NumberClass, Purpose
from baitie.kernel.time import Window

_CALLEE = CalleeId("callee_example")
_NOBODY = "example"
CALLS_IN_FLIGHT_MAX = 1000
COUNT_MAX = 10**9

_Fact = TypeVar("_Fact")


def facts_of_case(case: TableReader, rule: Rule, zone: tzinfo, is_zone_known: bool) -> CallFacts:
    """The facts of one example of a rule; what the example leaves out is plain or unknown. Raises `RulePackError`."""
    now = instant(case.need("now", datetime), zone)
    content, preference, series = case.row("content"), case.row("preference"), case.row("series")
    consents = case.rows("consents") if case.has("consents") else None
    held = case.rows("qualifications") if case.has("qualifications") else None
    facts = CallFacts(
        callee_id=_CALLEE,
        number_class=case.choice_or_none("number_class", NumberClass) or NumberClass.MOBILE,
        region=case.optional("region", str) or (rule.jurisdiction if len(rule.jurisdiction) == 2 else None),
        zones=(zone,) if is_zone_known else (),
        purpose=case.choice_or_none("purpose", Purpose) or Purpose.CARE,
        civil_now=now,
        history=CalleeHistory(_read_all(case.rows("history"), lambda row: _attempt(row, zone))),
        refusals=_read_all(case.rows("refused"), lambda row: _refusal(row, zone)),
        freezes=tuple(_freeze(until, now, zone) for until in case.values("frozen_until", datetime)),
        calls_in_flight=case.count_or_none("calls_in_flight", 0, CALLS_IN_FLIGHT_MAX) or 0,
        is_on_allow_list=case.optional("is_on_allow_list", bool),
        campaign_windows=_read_all(case.rows("campaign_windows"), _window),
        campaign_id=case.optional("campaign", str),
        presented=case.optional("presented", str),
        debt_key=case.optional("debt", str),
        callee_role=case.choice_or_none("callee_role", CalleeRole),
        line_classes=case.words("line_classes", LineClass),
        consents=None if consents is None else _read_all(consents, lambda row: _consent(row, zone)),
        complaints=tuple(ComplaintFact(instant(at, zone)) for at in case.values("complaints", datetime)),
        shares=_read_all(case.rows("shares"), _share),
        content=None if content is None else _content(content),
        preference=None if preference is None else _preference(preference),
        cards_sent=tuple(instant(at, zone) for at in case.values("cards_sent", datetime)),
        language=case.optional("language", str),
        trade=case.optional("trade", str),
        series=None if series is None else _series(series),
        segment=case.optional("segment", str),
        suspended=case.texts("suspended"),
        registries=_read_all(case.rows("registries"), _registry),
        qualifications=None if held is None else _read_all(held, _qualification),
    )
    for table in (content, preference, series):
        if table is not None:
            table.done()
    return facts


def _read_all(rows: Iterable[TableReader], read: Callable[[TableReader], _Fact]) -> tuple[_Fact, ...]:
    """Every row as a fact. What nobody took of a row is refused: a misspelt flag must not be silently absent."""
    found = []
    for row in rows:
        found.append(read(row))
        row.done()
    return tuple(found)


def _series(row: TableReader) -> SeriesFact:
    return SeriesFact(row.text("key"), row.choice("basis", SeriesBasis))


def _attempt(row: TableReader, zone: tzinfo) -> PastAttempt:
    is_contact, is_rejected, is_short = (row.optional(flag, bool) or False for flag in ("contact", "rejected", "short"))
    campaign, presented, debt, series, agent = (
        row.optional(name, str) for name in ("campaign", "presented", "debt", "series", "agent")
    )
    return PastAttempt(
        instant(row.need("at", datetime), zone),
        is_contact,
        is_rejected,
        is_short,
        row.number("talk_s"),
        row.choice_or_none("purpose", Purpose),
        campaign,
        presented,
        debt,
        series,
        agent,
        row.optional("said_no", bool),
        row.optional("hung_up", bool),
    )


def _consent(row: TableReader, zone: tzinfo) -> ConsentFact:
    ends = {name: row.optional(name, datetime) for name in ("withdrawn_at", "expires_at")}
    has_evidence = row.optional("evidence", bool)
    return ConsentFact(
        purpose=row.choice("purpose", Purpose),
        channel=row.choice("channel", ConsentChannel),
        granted_at=instant(row.need("granted_at", datetime), zone),
        **{name: None if at is None else instant(at, zone) for name, at in ends.items()},
        has_evidence=True if has_evidence is None else has_evidence,
        is_spoken=row.optional("spoken", bool) or False,
    )


def _share(row: TableReader) -> ShareFact:
    counts = (row.count(name, 0, COUNT_MAX) for name in ("days", "numerator", "denominator"))
    return ShareFact(row.choice("of", ShareOf), row.choice("per", Scope), *counts)


def _preference(row: TableReader) -> PreferenceFact:
    voice, message = (row.optional(name, bool) for name in ("accepts_voice", "accepts_message"))
    return PreferenceFact(
        windows=_read_all(row.rows("windows"), _window),
        purposes=row.words("purposes", Purpose),
        accepts_voice=voice is not False,
        accepts_message=message is not False,
        language=row.optional("language", str),
    )


def _content(row: TableReader) -> ContentFact:
    return ContentFact(row.choice("disclosure", Disclosure), row.words("elements", ContentElement) or frozenset())


def _registry(row: TableReader) -> RegistryFact:
    return RegistryFact(row.text("name"), row.need("as_of", date), row.need("is_listed", bool))


def _qualification(row: TableReader) -> QualificationFact:
    return QualificationFact(row.text("kind"), row.need("valid_from", date), row.optional("valid_until", date))


def instant(wall: datetime, zone: tzinfo) -> datetime:
    """The instant at which the clock of the zone shows this."""
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _refusal(row: TableReader, zone: tzinfo) -> Refusal:
    at = instant(row.need("at", datetime), zone)
    return Refusal(_CALLEE, at, row.choice("channel", RefusalChannel), _NOBODY)


def _freeze(until: datetime, now: datetime, zone: tzinfo) -> Freeze:
    return Freeze(_CALLEE, now, instant(until, zone), _NOBODY, _NOBODY, _NOBODY)


def _window(row: TableReader) -> Window:
    return Window(row.need("from", time), row.need("until", time))
