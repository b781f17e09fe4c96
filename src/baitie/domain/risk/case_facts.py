"""Facts of an example: from the tables of a rule pack to what the gate is told."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, tzinfo
from typing import Any

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


def facts_of_case(case: TableReader, rule: Rule, zone: tzinfo, is_zone_known: bool) -> CallFacts:
    """The facts of one example of a rule; what the example leaves out is plain or unknown."""
    now = instant(case.need("now", datetime), zone)
    frozen = case.optional("frozen_until", list) or []
    role, content = case.optional("callee_role", str), case.optional("content", dict)
    preference = case.optional("preference", dict)
    lines, consents = case.words("line_classes", LineClass), case.optional("consents", list)
    held = case.optional("qualifications", list)
    return CallFacts(
        callee_id=_CALLEE,
        number_class=NumberClass(case.optional("number_class", str) or NumberClass.MOBILE),
        region=case.optional("region", str) or (rule.jurisdiction if len(rule.jurisdiction) == 2 else None),
        zones=(zone,) if is_zone_known else (),
        purpose=Purpose(case.optional("purpose", str) or Purpose.CARE),
        civil_now=now,
        history=CalleeHistory(tuple(_attempt(row, zone) for row in case.tables("history"))),
        refusals=tuple(_refusal(row, zone) for row in case.tables("refused")),
        freezes=tuple(_freeze(until, now, zone) for until in frozen),
        calls_in_flight=case.optional("calls_in_flight", int) or 0,
        is_on_allow_list=case.optional("is_on_allow_list", bool),
        campaign_windows=tuple(_window(row) for row in case.tables("campaign_windows")),
        campaign_id=case.optional("campaign", str),
        presented=case.optional("presented", str),
        debt_key=case.optional("debt", str),
        callee_role=CalleeRole(role) if role is not None else None,
        line_classes=lines,
        consents=None if consents is None else tuple(_consent(row, zone) for row in consents),
        complaints=tuple(ComplaintFact(instant(at, zone)) for at in case.optional("complaints", list) or []),
        shares=tuple(_share(row) for row in case.tables("shares")),
        content=None if content is None else _content(content),
        preference=None if preference is None else _preference(preference),
        cards_sent=tuple(instant(at, zone) for at in case.optional("cards_sent", list) or []),
        language=case.optional("language", str),
        trade=case.optional("trade", str),
        series=_series(case.optional("series", dict)),
        segment=case.optional("segment", str),
        suspended=tuple(case.texts("suspended")),
        registries=tuple(RegistryFact(r["name"], r["as_of"], r["is_listed"]) for r in case.tables("registries")),
        qualifications=None
        if held is None
        else tuple(QualificationFact(row["kind"], row["valid_from"], row.get("valid_until")) for row in held),
    )


def _series(row: Mapping[str, Any] | None) -> SeriesFact | None:
    return None if row is None else SeriesFact(row["key"], SeriesBasis(row["basis"]))


def _attempt(row: Mapping[str, Any], zone: tzinfo) -> PastAttempt:
    is_contact, is_rejected, is_short = (bool(row.get(flag, False)) for flag in ("contact", "rejected", "short"))
    purpose = Purpose(row["purpose"]) if "purpose" in row else None
    return PastAttempt(
        instant(row["at"], zone),
        is_contact,
        is_rejected,
        is_short,
        row.get("talk_s"),
        purpose,
        row.get("campaign"),
        row.get("presented"),
        row.get("debt"),
        row.get("series"),
        row.get("agent"),
        row.get("said_no"),
        row.get("hung_up"),
    )


def _consent(row: Mapping[str, Any], zone: tzinfo) -> ConsentFact:
    withdrawn, expires = row.get("withdrawn_at"), row.get("expires_at")
    return ConsentFact(
        purpose=Purpose(row["purpose"]),
        channel=ConsentChannel(row["channel"]),
        granted_at=instant(row["granted_at"], zone),
        withdrawn_at=None if withdrawn is None else instant(withdrawn, zone),
        expires_at=None if expires is None else instant(expires, zone),
        has_evidence=row.get("evidence", True),
        is_spoken=row.get("spoken", False),
    )


def _share(row: Mapping[str, Any]) -> ShareFact:
    return ShareFact(ShareOf(row["of"]), Scope(row["per"]), row["days"], row["numerator"], row["denominator"])


def _preference(row: Mapping[str, Any]) -> PreferenceFact:
    purposes = row.get("purposes")
    return PreferenceFact(
        windows=tuple(_window(window) for window in row.get("windows", ())),
        purposes=None if purposes is None else frozenset(Purpose(purpose) for purpose in purposes),
        accepts_voice=row.get("accepts_voice", True),
        accepts_message=row.get("accepts_message", True),
        language=row.get("language"),
    )


def _content(row: Mapping[str, Any]) -> ContentFact:
    elements = frozenset(ContentElement(element) for element in row.get("elements", ()))
    return ContentFact(Disclosure(row["disclosure"]), elements)


def instant(wall: datetime, zone: tzinfo) -> datetime:
    """The instant at which the clock of the zone shows this."""
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _refusal(row: Mapping[str, Any], zone: tzinfo) -> Refusal:
    return Refusal(_CALLEE, instant(row["at"], zone), RefusalChannel(row["channel"]), _NOBODY)


def _freeze(until: datetime, now: datetime, zone: tzinfo) -> Freeze:
    return Freeze(_CALLEE, now, instant(until, zone), _NOBODY, _NOBODY, _NOBODY)


def _window(row: Mapping[str, time]) -> Window:
    return Window(row["from"], row["until"])
