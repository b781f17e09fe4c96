"""Facts as plain JSON and back, so that a verdict can be recomputed from what was kept of its moment."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, tzinfo
from functools import lru_cache
from typing import Any

from baitie.domain.risk.facts import CallFacts, GateStage
from baitie.domain.risk.history import CalleeHistory, Freeze, Refusal, RefusalChannel
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
from baitie.kernel.journal import JsonValue
from baitie.kernel.purpose import NumberClass, Purpose
from baitie.kernel.time import Window

SAME_KEPT_MAX = 256
"""Of what all calls of a campaign have in common so many are kept as they are written."""


def facts_to_json(facts: CallFacts) -> dict[str, JsonValue]:
    """All facts of one verdict. They hold ids and the enterprise's own numbers, none of the callee."""
    return {
        "callee": facts.callee_id,
        "number_class": facts.number_class.value,
        "region": facts.region,
        "zones": [str(zone) for zone in facts.zones],
        "purpose": facts.purpose.value,
        "at": facts.civil_now.isoformat(),
        "history": facts.history.to_json(),
        "refusals": [[_iso(r.at), r.channel.value, r.actor, _plain(r.evidence)] for r in facts.refusals],
        "freezes": [[_iso(f.at), _iso(f.frozen_until), f.reason, f.rule_id, f.actor] for f in facts.freezes],
        "calls_in_flight": facts.calls_in_flight,
        "is_on_allow_list": facts.is_on_allow_list,
        "windows": [[*row] for row in _window_rows(facts.campaign_windows)],
        "stage": facts.stage.value,
        "campaign": facts.campaign_id,
        "presented": facts.presented,
        "debt": facts.debt_key,
        "callee_role": None if facts.callee_role is None else facts.callee_role.value,
        "line_classes": None if facts.line_classes is None else [*_line_rows(facts.line_classes)],
        "consents": None if facts.consents is None else [_consent_row(consent) for consent in facts.consents],
        "complaints": [[_iso(c.received_at), c.source] for c in facts.complaints],
        "shares": [[s.of.value, s.per.value, s.days, s.numerator, s.denominator] for s in facts.shares],
        "content": None if facts.content is None else [*_content_words(facts.content)],
        "preference": None if facts.preference is None else _preference_row(facts.preference),
        "cards_sent": [_iso(at) for at in facts.cards_sent],
        "language": facts.language,
        "trade": facts.trade,
        **({} if facts.series is None else {"series": [facts.series.key, facts.series.basis.value]}),
        **({} if facts.segment is None else {"segment": facts.segment}),
        "suspended": [*facts.suspended],
        "registries": [[r.registry, r.as_of.isoformat(), r.is_listed] for r in facts.registries],
        "qualifications": None
        if facts.qualifications is None
        else [_qualification_row(q) for q in facts.qualifications],
    }


def facts_from_json(body: Mapping[str, Any], zone_of: Callable[[str], tzinfo]) -> CallFacts:
    """The inverse of `facts_to_json`; `zone_of` gives the zone of a name."""
    callee_id = CalleeId(body["callee"])
    return CallFacts(
        callee_id=callee_id,
        number_class=NumberClass(body["number_class"]),
        region=body["region"],
        zones=tuple(zone_of(name) for name in body["zones"]),
        purpose=Purpose(body["purpose"]),
        civil_now=datetime.fromisoformat(body["at"]),
        history=CalleeHistory.from_json(body["history"]),
        refusals=tuple(
            Refusal(callee_id, _at(at), RefusalChannel(channel), actor, evidence)
            for at, channel, actor, evidence in body["refusals"]
        ),
        freezes=tuple(Freeze(callee_id, _at(at), _at(until), *rest) for at, until, *rest in body["freezes"]),
        calls_in_flight=body["calls_in_flight"],
        is_on_allow_list=body["is_on_allow_list"],
        campaign_windows=_windows(body["windows"]),
        stage=GateStage(body["stage"]),
        campaign_id=body["campaign"],
        presented=body["presented"],
        debt_key=body["debt"],
        callee_role=None if body["callee_role"] is None else CalleeRole(body["callee_role"]),
        line_classes=None if body["line_classes"] is None else frozenset(map(LineClass, body["line_classes"])),
        consents=None if body["consents"] is None else tuple(_consent(row) for row in body["consents"]),
        complaints=tuple(ComplaintFact(_at(at), source) for at, source in body["complaints"]),
        shares=tuple(ShareFact(ShareOf(of), Scope(per), *rest) for of, per, *rest in body["shares"]),
        content=None if body["content"] is None else _content(body["content"]),
        preference=None if body.get("preference") is None else _preference_of(body["preference"]),
        cards_sent=tuple([_at(at) for at in body.get("cards_sent", ())]),
        registries=tuple(
            [RegistryFact(name, date.fromisoformat(on), is_in) for name, on, is_in in body.get("registries", ())]
        ),
        language=body.get("language"),
        trade=body.get("trade"),
        series=_series(body.get("series")),
        segment=body.get("segment"),
        suspended=tuple(body.get("suspended", ())),
        qualifications=_qualifications(body.get("qualifications")),
    )


def _consent_row(consent: ConsentFact) -> list[JsonValue]:
    ends = [None if at is None else _iso(at) for at in (consent.withdrawn_at, consent.expires_at)]
    flags = (consent.has_evidence, consent.is_spoken)
    return [consent.purpose.value, consent.channel.value, _iso(consent.granted_at), *ends, *flags]


def _consent(row: list[Any]) -> ConsentFact:
    purpose, channel, granted, withdrawn, expires, has_evidence, is_spoken = row
    return ConsentFact(
        purpose=Purpose(purpose),
        channel=ConsentChannel(channel),
        granted_at=_at(granted),
        withdrawn_at=None if withdrawn is None else _at(withdrawn),
        expires_at=None if expires is None else _at(expires),
        has_evidence=has_evidence,
        is_spoken=is_spoken,
    )


def _series(row: Sequence[str] | None) -> SeriesFact | None:
    return None if row is None else SeriesFact(row[0], SeriesBasis(row[1]))


def _qualification_row(held: QualificationFact) -> list[JsonValue]:
    return [held.kind, held.valid_from.isoformat(), None if held.valid_until is None else held.valid_until.isoformat()]


def _qualifications(rows: Sequence[Sequence[Any]] | None) -> tuple[QualificationFact, ...] | None:
    if rows is None:
        return None
    return tuple(
        [
            QualificationFact(kind, date.fromisoformat(begins), None if ends is None else date.fromisoformat(ends))
            for kind, begins, ends in rows
        ]
    )


def _preference_row(wish: PreferenceFact) -> list[JsonValue]:
    purposes: list[JsonValue] | None = None if wish.purposes is None else [*sorted(p.value for p in wish.purposes)]
    return [
        [[*row] for row in _window_rows(wish.windows)],
        purposes,
        wish.accepts_voice,
        wish.accepts_message,
        wish.language,
    ]


def _preference_of(row: Sequence[Any]) -> PreferenceFact:
    windows, purposes, accepts_voice, accepts_message, language = [*row, True, None][:5]
    wished = None if purposes is None else frozenset(map(Purpose, purposes))
    return PreferenceFact(_windows(windows), wished, accepts_voice, accepts_message, language)


@lru_cache(maxsize=SAME_KEPT_MAX)
def _content_words(content: ContentFact) -> tuple[str, ...]:
    return content.disclosure.value, *sorted(element.value for element in content.elements)


@lru_cache(maxsize=SAME_KEPT_MAX)
def _line_rows(classes: frozenset[LineClass]) -> tuple[str, ...]:
    return tuple(sorted(line.value for line in classes))


def _content(row: list[str]) -> ContentFact:
    return ContentFact(Disclosure(row[0]), frozenset(map(ContentElement, row[1:])))


@lru_cache(maxsize=SAME_KEPT_MAX)
def _window_rows(windows: tuple[Window, ...]) -> tuple[tuple[str, str], ...]:
    return tuple([(window.opens_from.isoformat(), window.closes_until.isoformat()) for window in windows])


def _windows(rows: list[list[str]]) -> tuple[Window, ...]:
    return tuple(Window(*map(time.fromisoformat, row)) for row in rows)


def _plain(evidence: Mapping[str, JsonValue] | None) -> JsonValue:
    return None if evidence is None else dict(evidence)


def _iso(at: datetime) -> str:
    return at.isoformat()


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
