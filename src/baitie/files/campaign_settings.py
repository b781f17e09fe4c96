"""A campaign's settings, `campaign.toml`: why we call, whom, with which card and script, how often and when."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BeforeValidator, Field

from baitie.domain.contacts.columns import ColumnMapping
from baitie.domain.contacts.encodings import Encoding
from baitie.domain.dialing.policy import DEFAULT_RETRIES, DialingPolicy, OnLateCard
from baitie.domain.namecard.dimensions import CalleeSegment, Industry
from baitie.domain.risk.standing import CalleeRole, SeriesBasis
from baitie.files.agent_settings import AgentSettings, PacingSettings
from baitie.files.channel_settings import RichCallSettings
from baitie.files.fields import DayWindow, FileIn, FromCommas, Number, Section
from baitie.kernel.outcome import Outcome, RetryRule
from baitie.kernel.purpose import Purpose

CAMPAIGN_FILE = "campaign.toml"

CIVIL_START_MIN, CIVIL_START_MAX = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""A scaled clock that starts between them does not leave the calendar within any run."""


class AboutSettings(Section):
    """Campaign (任务): its name and purpose."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    name: str = Field(min_length=1, max_length=80)
    purpose: Purpose
    trade: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9-]{0,47}$")
    presented_numbers: Annotated[list[Number], FromCommas] = []
    trunk: str | None = None


class ColumnSettings(Section):
    """Columns (列) of the contact file: which holds what."""

    number: str | None = None
    name: str | None = None
    source: str | None = None
    legal_basis: str | None = None
    segment: str | None = None
    priority: str | None = None
    zone: str | None = None
    state: str | None = None
    postal_code: str | None = None
    slots: dict[str, str] | None = None
    required: Annotated[list[str], FromCommas] = []

    def mapping(self) -> ColumnMapping:
        """The same as the import takes it."""
        return ColumnMapping(**{**dict(self), "required": tuple(self.required)})


class ContactSettings(Section):
    """Contact list (名单): the file, what its columns mean, and where the numbers come from."""

    file: FileIn = Path("contacts.csv")
    encoding: Encoding | None = None
    source: str = Field(min_length=1, max_length=200)
    legal_basis: str = Field(min_length=1, max_length=200)
    columns: ColumnSettings = ColumnSettings()
    callee_role: CalleeRole | None = None


class LibraryCardSettings(Section):
    """Card of the library (库内名片): by id, or the most specific one for the cell of the matrix."""

    id: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    language: Literal["zh-CN", "zh-HK", "en"] | None = None
    industry: Industry = Industry.ANY
    segment: CalleeSegment = CalleeSegment.ANY

    @property
    def is_used(self) -> bool:
        """Whether the card comes from the library rather than from a file."""
        return self.id is not None or self.language is not None


class CardSettings(Section):
    """Name card (来电名片): the template, and what to do when its receipt is late."""

    file: FileIn = Path("card.toml")
    library: LibraryCardSettings = LibraryCardSettings()
    values: dict[str, str] = {}
    channels: Annotated[list[str], FromCommas, Field(max_length=4)] = []
    on_late: OnLateCard = OnLateCard.RING_ANYWAY
    after_last: Literal["ring_anyway", "give_up"] = "ring_anyway"
    receipt_wait_s: float = Field(default=5.0, ge=0, le=120)
    ring_after_receipt_s: float = Field(default=3.0, ge=0, le=60)
    validity_s: float = Field(default=60.0, ge=5, le=3600)


class ScriptSettings(Section):
    """Script (话术): what the bot follows, and the folder of its approved prompts."""

    file: FileIn = Path("script.toml")
    prompts_folder: FileIn = Path("prompts")


_POLICY = DialingPolicy()


def _over_default_retries(value: Any) -> Any:
    """Rules in the file stand over the default rules, outcome by outcome."""
    if not isinstance(value, Mapping):
        return value
    defaults = {
        outcome.value: {"wait_s": rule.wait_s, "attempts_max": rule.attempts_max}
        for outcome, rule in DEFAULT_RETRIES.items()
    }
    return {**defaults, **value}


class RetrySettings(Section):
    """Retry rule (重试规则) of one outcome."""

    wait_s: float = Field(ge=60, le=90 * 86_400)
    attempts_max: int = Field(ge=1, le=20)


class DialingSettings(Section):
    """Dialling (外呼): how long it rings, how often and when it is tried."""

    ring_timeout_s: float = Field(default=_POLICY.ring_timeout_s, ge=5, le=120)
    setup_timeout_s: float = Field(default=_POLICY.setup_timeout_s, ge=1, le=120)
    call_max_s: float = Field(default=_POLICY.call_max_s, ge=5, le=3600)
    short_call_max_s: float = Field(default=_POLICY.short_call_max_s, ge=0, le=60)
    voicemail_ring_min_s: float = Field(default=_POLICY.voicemail_ring_min_s, ge=1, le=120)
    attempts_max: int = Field(default=_POLICY.attempts_max, ge=1, le=20)
    idle_wait_max_s: float = Field(default=14_400.0, ge=0, le=30 * 86_400)
    windows: Annotated[list[DayWindow], FromCommas] = []
    retry: Annotated[dict[Outcome, RetrySettings], BeforeValidator(_over_default_retries)] = {}

    def policy(self, card: CardSettings) -> DialingPolicy:
        """The same as the attempt machine and the lead queue take it."""
        return DialingPolicy(
            ring_timeout_s=self.ring_timeout_s,
            setup_timeout_s=self.setup_timeout_s,
            call_max_s=self.call_max_s,
            attempts_max=self.attempts_max,
            retries={outcome: RetryRule(rule.wait_s, rule.attempts_max) for outcome, rule in self.retry.items()},
            receipt_wait_s=card.receipt_wait_s,
            ring_after_receipt_s=card.ring_after_receipt_s,
            on_late_card=card.on_late,
            after_last_channel=OnLateCard(card.after_last),
            short_call_max_s=self.short_call_max_s,
            voicemail_ring_min_s=self.voicemail_ring_min_s,
        )


class BudgetSettings(Section):
    """Budget (预算): how much the whole campaign may dial."""

    attempts_max_per_day: int = Field(default=10_000, ge=1, le=10_000_000)


class RecordingSettings(Section):
    """Recording (录音): whether calls are kept, and where."""

    is_on: bool = False
    folder: FileIn = Path("recordings")


class AnsweringSettings(Section):
    """Answering (接听): whether and when those who call back are answered, and with which announcements."""

    is_on: bool = False
    file: FileIn = Path("answering.toml")
    windows: Annotated[list[DayWindow], FromCommas] = []
    looks_back_days: int = Field(default=30, ge=1, le=365)
    calls_in_flight_max: int = Field(default=10, ge=1, le=2000)
    ring_s: float = Field(default=1.0, ge=0, le=30)


SERIES_PURPOSES = (Purpose.INFORMATION, Purpose.CARE)
"""Purposes whose calls may be part of a series."""


class SeriesSettings(Section):
    """Series (系列来电): what callees ordered or agreed to be called about several times, which has caps of its own."""

    slot: str | None = Field(default=None, min_length=1, max_length=64)
    basis: SeriesBasis = SeriesBasis.ORDERED


class LoopbackSettings(Section):
    """Loopback carrier (模拟线路): simulated people, and a civil clock that starts in working hours and runs fast."""

    profile: FileIn | None = None
    civil_start: AwareDatetime | None = Field(default=None, ge=CIVIL_START_MIN, le=CIVIL_START_MAX)
    civil_speed: float = Field(default=60.0, ge=1, le=3600)
    seed: int = Field(default=1, ge=0, le=2**32 - 1)
    attempts_per_s: float = Field(default=8.0, gt=0, le=2000)
    calls_in_flight_max: int = Field(default=80, ge=1, le=2000)
    attach_file: FileIn | None = None


class CampaignSettings(Section):
    """Settings of a campaign (任务设置)."""

    campaign: AboutSettings
    contacts: ContactSettings
    card: CardSettings = CardSettings()
    script: ScriptSettings = ScriptSettings()
    dialing: DialingSettings = DialingSettings()
    budget: BudgetSettings = BudgetSettings()
    recording: RecordingSettings = RecordingSettings()
    agents: AgentSettings = AgentSettings()
    pacing: PacingSettings = PacingSettings()
    rich_call: RichCallSettings = RichCallSettings()
    answering: AnsweringSettings = AnsweringSettings()
    series: SeriesSettings = SeriesSettings()
    loopback: LoopbackSettings = LoopbackSettings()


def civil_start_of(settings: LoopbackSettings, now: datetime, zone: tzinfo) -> datetime:
    """Where the loopback's civil clock starts: as set, else at ten in the morning of today, both on the enterprise's
    clock."""
    return settings.civil_start or now.astimezone(zone).replace(hour=10, minute=0, second=0, microsecond=0)
