"""Facts that rules ask for besides hours and counts: consents, complaints, roles, lines, contents, shares."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from baitie.kernel.disclosure import Disclosure
from baitie.kernel.purpose import Purpose
from baitie.kernel.time import Window


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


@dataclass(frozen=True, slots=True)
class ComplaintFact:
    """Complaint (投诉) of this callee: when it was received; lifted ones are not handed in."""

    received_at: datetime
    source: str = ""


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


@dataclass(frozen=True, slots=True)
class ShareFact:
    """A share (比率) as it stands: numerator and denominator over the last `days` days within one scope."""

    of: ShareOf
    per: Scope
    days: int
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class ContentFact:
    """What the approved card and script of this call disclose and contain (内容事实)."""

    disclosure: Disclosure
    elements: frozenset[ContentElement] = frozenset()


@dataclass(frozen=True, slots=True)
class RegistryFact:
    """What the copy of a registry of refused calls (谢绝来电名录) says: its day, and whether it names the callee."""

    registry: str
    as_of: date
    is_listed: bool


@dataclass(frozen=True, slots=True)
class QualificationFact:
    """A qualification (资质) of the enterprise as the gate sees it: its kind and term, both days included."""

    kind: str
    valid_from: date
    valid_until: date | None = None


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
