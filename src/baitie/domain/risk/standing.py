"""Facts that rules ask for besides hours and counts: consents, complaints, roles, lines, contents, shares."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Self

from baitie.domain.risk.fact_codec import (
    SAME_KEPT_MAX,
    ExampleCase,
    KeptFacts,
    read_windows,
    window_of_example,
    written_windows,
)
from baitie.domain.risk.table_reader import TableReader
from baitie.kernel.disclosure import Disclosure
from baitie.kernel.journal import JsonValue
from baitie.kernel.purpose import Purpose
from baitie.kernel.time import Window

COUNT_MAX = 10**9


class CalleeRole(StrEnum):
    """What the callee is in the matter (被叫身份)."""

    DEBTOR = "debtor"  # 债务人
    AGREED_GUARANTOR = "agreed_guarantor"  # 同意被联系的担保人
    GUARANTOR = "guarantor"  # 担保人
    CONTACT = "contact"  # 债务人的联系人
    OTHER = "other"


class LineClass(StrEnum):
    """Class of a presented number (外显号码类别) by the Chinese numbering plan."""

    CALL_CENTRE = "call_centre"  # 950, 951, 952, 954, 957: call-centre services
    SERVICE_95 = "service_95"  # 953, 955, 956: one large enterprise's own service number
    SERVICE_96 = "service_96"  # service numbers of a province
    OTHER = "other"


class ConsentChannel(StrEnum):
    """By which channel the callee agreed to be reached (同意的联系渠道)."""

    VOICE = "voice"
    MESSAGE = "message"


class ContentElement(StrEnum):
    """What cards, scripts and the call itself may have to contain (内容要素)."""

    IDENTITY = "identity"  # who calls, truthfully
    CONTACT = "contact"  # how to reach the caller
    REFUSAL_WAY = "refusal_way"  # how to say no
    SPOKEN_CONSENT = "spoken_consent"  # the pitch goes on only after a spoken yes
    RECORDING = "recording"  # the whole call is recorded


class ShareOf(StrEnum):
    """What a ceiling limits as a share (比率对象). The denominator is part of the definition."""

    COMPLAINT = "complaint"  # complaints ÷ attempts placed
    ABANDONMENT = "abandonment"  # abandoned ÷ answered by a person


class SeriesBasis(StrEnum):
    """Why a call belongs to a series (系列依据)."""

    ORDERED = "ordered"  # the callee ordered what is called about: a delivery, an installation
    AGREED = "agreed"  # the callee agreed to be called several times: visits, certification; a consent must stand


@dataclass(frozen=True, slots=True)
class SeriesFact:
    """Series (系列来电): what the callee ordered or agreed to, of which this call is a part, by a name of its own."""

    key: str
    basis: SeriesBasis

    def to_json(self) -> list[JsonValue]:
        """As a row of the facts of a call."""
        return [self.key, self.basis.value]

    @classmethod
    def from_json(cls, row: Any, kept: KeptFacts) -> Self:
        """The inverse of `to_json`."""
        return cls(row[0], SeriesBasis(row[1]))

    @classmethod
    def of_example(cls, row: TableReader, case: ExampleCase) -> Self:
        """From a table of an example. Raises `RulePackError`."""
        return cls(row.text("key"), row.choice("basis", SeriesBasis))


class Scope(StrEnum):
    """Over what is counted (统计范围), always within the attempts to one callee where a cap counts."""

    CALLEE = "callee"
    SERIES = "series"  # the same order or course; says nothing about calls outside of one
    NUMBER = "number"  # the same presented number
    DEBT = "debt"
    CAMPAIGN = "campaign"
    PURPOSE = "purpose"
    ORGANISATION = "organisation"


@dataclass(frozen=True, slots=True)
class ConsentFact:
    """Consent (同意) as the gate sees it: for one purpose and channel, from when, until when, and whether proven."""

    purpose: Purpose
    channel: ConsentChannel
    granted_at: datetime
    withdrawn_at: datetime | None = None
    expires_at: datetime | None = None
    has_evidence: bool = True
    is_spoken: bool = False

    def to_json(self) -> list[JsonValue]:
        """As a row of the facts of a call."""
        return [
            self.purpose.value,
            self.channel.value,
            self.granted_at.isoformat(),
            None if self.withdrawn_at is None else self.withdrawn_at.isoformat(),
            None if self.expires_at is None else self.expires_at.isoformat(),
            self.has_evidence,
            self.is_spoken,
        ]

    @classmethod
    def from_json(cls, row: Any, kept: KeptFacts) -> Self:
        """The inverse of `to_json`."""
        purpose, channel, granted, withdrawn, expires, has_evidence, is_spoken = row
        return cls(
            purpose=Purpose(purpose),
            channel=ConsentChannel(channel),
            granted_at=datetime.fromisoformat(granted),
            withdrawn_at=None if withdrawn is None else datetime.fromisoformat(withdrawn),
            expires_at=None if expires is None else datetime.fromisoformat(expires),
            has_evidence=has_evidence,
            is_spoken=is_spoken,
        )

    @classmethod
    def of_example(cls, row: TableReader, case: ExampleCase) -> Self:
        """From a table of an example. Raises `RulePackError`."""
        withdrawn, expires = (row.optional(name, datetime) for name in ("withdrawn_at", "expires_at"))
        has_evidence = row.optional("evidence", bool)
        return cls(
            purpose=row.choice("purpose", Purpose),
            channel=row.choice("channel", ConsentChannel),
            granted_at=case.instant(row.need("granted_at", datetime)),
            withdrawn_at=case.instant_or_none(withdrawn),
            expires_at=case.instant_or_none(expires),
            has_evidence=True if has_evidence is None else has_evidence,
            is_spoken=row.optional("spoken", bool) or False,
        )


@dataclass(frozen=True, slots=True)
class ComplaintFact:
    """Complaint (投诉) of this callee: when it was received; lifted ones are not handed in."""

    received_at: datetime
    source: str = ""

    def to_json(self) -> list[JsonValue]:
        """As a row of the facts of a call."""
        return [self.received_at.isoformat(), self.source]

    @classmethod
    def from_json(cls, row: Any, kept: KeptFacts) -> Self:
        """The inverse of `to_json`."""
        at, source = row
        return cls(datetime.fromisoformat(at), source)


@dataclass(frozen=True, slots=True)
class PreferenceFact:
    """Preference (来电偏好) of the callee: welcome hours on the own wall clock, kinds of call, channels, language.

    No windows, and purposes and a language of `None`, mean that nothing was wished about them. Who accepts no
    messages gets no card; the app sees to that.
    """

    windows: tuple[Window, ...] = ()
    purposes: frozenset[Purpose] | None = None
    accepts_voice: bool = True
    accepts_message: bool = True
    language: str | None = None  # BCP 47, such as zh or zh-HK

    def to_json(self) -> list[JsonValue]:
        """As a row of the facts of a call."""
        purposes: list[JsonValue] | None = None if self.purposes is None else [*sorted(p.value for p in self.purposes)]
        return [written_windows(self.windows), purposes, self.accepts_voice, self.accepts_message, self.language]

    @classmethod
    def from_json(cls, row: Any, kept: KeptFacts) -> Self:
        """The inverse of `to_json`; shorter rows of earlier versions are read too."""
        windows, purposes, accepts_voice, accepts_message, language = [*row, True, None][:5]
        wished = None if purposes is None else frozenset(map(Purpose, purposes))
        return cls(read_windows(windows), wished, accepts_voice, accepts_message, language)

    @classmethod
    def of_example(cls, row: TableReader, case: ExampleCase) -> Self:
        """From a table of an example. Raises `RulePackError`."""
        voice, message = (row.optional(name, bool) for name in ("accepts_voice", "accepts_message"))
        return cls(
            windows=ExampleCase.rows(replace(case, table=row), "windows", window_of_example),
            purposes=row.words("purposes", Purpose),
            accepts_voice=voice is not False,
            accepts_message=message is not False,
            language=row.optional("language", str),
        )


@dataclass(frozen=True, slots=True)
class ShareFact:
    """A share (比率) as it stands: numerator and denominator over the last `days` days within one scope."""

    of: ShareOf
    per: Scope
    days: int
    numerator: int
    denominator: int

    def to_json(self) -> list[JsonValue]:
        """As a row of the facts of a call."""
        return [self.of.value, self.per.value, self.days, self.numerator, self.denominator]

    @classmethod
    def from_json(cls, row: Any, kept: KeptFacts) -> Self:
        """The inverse of `to_json`."""
        of, per, *rest = row
        return cls(ShareOf(of), Scope(per), *rest)

    @classmethod
    def of_example(cls, row: TableReader, case: ExampleCase) -> Self:
        """From a table of an example. Raises `RulePackError`."""
        counts = [row.count(name, 0, COUNT_MAX) for name in ("days", "numerator", "denominator")]
        return cls(row.choice("of", ShareOf), row.choice("per", Scope), *counts)


@dataclass(frozen=True, slots=True)
class ContentFact:
    """What the approved card and script of this call disclose and contain (内容事实)."""

    disclosure: Disclosure
    elements: frozenset[ContentElement] = frozenset()

    def to_json(self) -> list[JsonValue]:
        """As a row of the facts of a call."""
        return [*_content_words(self)]

    @classmethod
    def from_json(cls, row: Any, kept: KeptFacts) -> Self:
        """The inverse of `to_json`."""
        return cls(Disclosure(row[0]), frozenset(map(ContentElement, row[1:])))

    @classmethod
    def of_example(cls, row: TableReader, case: ExampleCase) -> Self:
        """From a table of an example. Raises `RulePackError`."""
        return cls(row.choice("disclosure", Disclosure), row.words("elements", ContentElement) or frozenset())


@lru_cache(maxsize=SAME_KEPT_MAX)
def _content_words(content: ContentFact) -> tuple[str, ...]:
    return content.disclosure.value, *sorted([element.value for element in content.elements])


@dataclass(frozen=True, slots=True)
class RegistryFact:
    """What the copy of a registry of refused calls (谢绝来电名录) says: its day, and whether it names the callee."""

    registry: str
    as_of: date
    is_listed: bool

    def to_json(self) -> list[JsonValue]:
        """As a row of the facts of a call."""
        return [self.registry, self.as_of.isoformat(), self.is_listed]

    @classmethod
    def from_json(cls, row: Any, kept: KeptFacts) -> Self:
        """The inverse of `to_json`."""
        registry, as_of, is_listed = row
        return cls(registry, date.fromisoformat(as_of), is_listed)

    @classmethod
    def of_example(cls, row: TableReader, case: ExampleCase) -> Self:
        """From a table of an example. Raises `RulePackError`."""
        return cls(row.text("name"), row.need("as_of", date), row.need("is_listed", bool))


@dataclass(frozen=True, slots=True)
class QualificationFact:
    """A qualification (资质) of the enterprise as the gate sees it: its kind and term, both days included."""

    kind: str
    valid_from: date
    valid_until: date | None = None

    def to_json(self) -> list[JsonValue]:
        """As a row of the facts of a call."""
        ends = None if self.valid_until is None else self.valid_until.isoformat()
        return [self.kind, self.valid_from.isoformat(), ends]

    @classmethod
    def from_json(cls, row: Any, kept: KeptFacts) -> Self:
        """The inverse of `to_json`."""
        kind, begins, ends = row
        return cls(kind, date.fromisoformat(begins), None if ends is None else date.fromisoformat(ends))

    @classmethod
    def of_example(cls, row: TableReader, case: ExampleCase) -> Self:
        """From a table of an example. Raises `RulePackError`."""
        return cls(row.text("kind"), row.need("valid_from", date), row.optional("valid_until", date))


_CALL_CENTRE = ("950", "951", "952", "954", "957")
_COUNTRY = "+86"
_SERVICE_DIGITS_MAX = 9
"""Service numbers have five digits and up to four of an extension; with ten, 951 to 955 are area codes of Ningxia."""


def line_class_of(presented: str) -> LineClass:
    """Class of a presented number in E.164. Source: MIIT interview of August 2020 on 95 numbers."""
    national = presented.removeprefix(_COUNTRY) if presented.startswith(_COUNTRY) else ""
    if national.startswith("950"):  # no area code begins so, whatever the length
        return LineClass.CALL_CENTRE
    if len(national) > _SERVICE_DIGITS_MAX:
        return LineClass.OTHER
    if national.startswith(_CALL_CENTRE):
        return LineClass.CALL_CENTRE
    if national.startswith("95"):
        return LineClass.SERVICE_95
    return LineClass.SERVICE_96 if national.startswith("96") else LineClass.OTHER
