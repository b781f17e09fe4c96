"""The organisation's settings, `baitie.toml`: who calls, over what, with which store and rules.

What each setting means stands in `locale/settings.{zh,en}.toml`; its unit is the last part of its name.
"""

from datetime import tzinfo
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from baitie.files.channel_settings import VENDOR_NAME, PassportSettings, VendorSettings
from baitie.files.fields import (
    DatabaseAddress,
    FileIn,
    FromCommas,
    Number,
    OneLine,
    Region,
    Section,
    WebAddress,
    ZoneName,
)

ORGANISATION_FILE = "baitie.toml"

RESERVED_TRUNK = "loopback"
"""What the journal calls the trunk of simulated people: no real one may bear that name."""


class EnterpriseSettings(Section):
    """Enterprise (企业): who calls."""

    name: OneLine = Field(min_length=1, max_length=64)
    sign: OneLine = Field(min_length=2, max_length=16)
    default_region: Region = "CN"
    zone: ZoneName = "Asia/Shanghai"
    presented_numbers: Annotated[list[Number], FromCommas, Field(min_length=1, max_length=1000)]
    calls_in_flight_max_per_number: int = Field(default=100, ge=1, le=10_000)


class NumberSettings(Section):
    """Presented number (外显号码): how much it may be used, and what is known of it at the carriers."""

    attempts_max_per_day: int | None = Field(default=None, ge=1, le=1_000_000)
    warm_up_attempts_per_day: int | None = Field(default=None, ge=1, le=1_000_000)
    rest_after_attempts: int | None = Field(default=None, ge=1, le=1_000_000)
    rest_s: float = Field(default=3600.0, ge=1, le=30 * 86_400)
    region: Region | None = None
    certification: OneLine | None = Field(default=None, max_length=120)
    display: OneLine | None = Field(default=None, max_length=120)


class StoreSettings(Section):
    """Store (数据库): SQLite beside the file, or a PostgreSQL database."""

    path: FileIn = Path("baitie.sqlite")
    url: DatabaseAddress | None = None
    key_file: FileIn = Path("baitie.key")


class CarrierSettings(Section):
    """Carrier (运营商): where calls and messages go."""

    kind: Literal["loopback", "trunks"] = "loopback"


class TrunkSettings(Section):
    """Trunk (中继): one SIP connection to a carrier."""

    transport: Literal["udp", "tcp", "tls"] = "udp"
    host: str = Field(min_length=1, max_length=253)
    port: int | None = Field(default=None, ge=1, le=65535)
    username: str | None = None
    password: SecretStr | None = None
    password_file: FileIn | None = None
    registers: bool = False
    weakest_digest: Literal["any", "md5", "sha-256"] = "any"
    attempts_per_s: float = Field(default=5.0, gt=0, le=2000)
    calls_in_flight_max: int = Field(default=30, ge=1, le=10_000)
    session_expires_s: int = Field(default=1800, ge=0, le=86_400)
    codecs: Annotated[list[Literal["PCMA", "PCMU"]], FromCommas, Field(min_length=1)] = ["PCMA", "PCMU"]
    local_host: str = "0.0.0.0"
    local_port: int = Field(default=0, ge=0, le=65535)
    rtp_port_min: int = Field(default=16_384, ge=1024, le=65_534)
    rtp_port_max: int = Field(default=32_766, ge=1025, le=65_535)
    ca_file: FileIn | None = None
    allow_list: Annotated[list[Number], FromCommas] = []
    answers_from: Annotated[list[str], FromCommas] = []
    busy_after_ringing: Literal["rejected", "busy"] = "rejected"

    @model_validator(mode="after")
    def _check(self) -> "TrunkSettings":
        if self.password is not None and self.password_file is not None:
            raise PydanticCustomError("one-of-two", "give one", {"first": "password", "second": "password_file"})
        if self.rtp_port_max <= self.rtp_port_min:
            raise PydanticCustomError("end-before-start", "", {"first": "rtp_port_min", "second": "rtp_port_max"})
        return self

    def port_or_default(self) -> int:
        """The port, or what the transport is known for: 5060, with TLS 5061 (RFC 3261 §19.1.2)."""
        return self.port or (5061 if self.transport == "tls" else 5060)


class MessageCentreSettings(Section):
    """Message centre (短信中心): where name cards are handed in, over SMPP 3.4."""

    host: str = Field(default="127.0.0.1", min_length=1, max_length=253)
    port: int = Field(default=2775, ge=1, le=65535)
    system_id: str = Field(default="baitie", min_length=1, max_length=15)
    password: SecretStr | None = None
    password_file: FileIn | None = None
    sender_address: str = Field(default="106900000000", min_length=1, max_length=20)
    window_max: int = Field(default=10, ge=1, le=1000)
    submits_per_s: float = Field(default=50.0, gt=0, le=5000)
    enquire_link_s: float = Field(default=30.0, ge=1, le=3600)
    response_timeout_s: float = Field(default=10.0, ge=0.1, le=120)
    gsm7_flash_coding: Literal["0x10", "0xF0"] = "0xF0"
    uses_tls: bool = False
    ca_file: FileIn | None = None

    @model_validator(mode="after")
    def _check(self) -> "MessageCentreSettings":
        if self.password is not None and self.password_file is not None:
            raise PydanticCustomError("one-of-two", "give one", {"first": "password", "second": "password_file"})
        return self

    def gsm7_flash_octet(self) -> int:
        """The data_coding of class 0 in the seven-bit alphabet."""
        return int(self.gsm7_flash_coding, 16)


class RuleSettings(Section):
    """Rules (规则): which packs the gate asks."""

    packs: Annotated[list[str], FromCommas] = []
    folder: FileIn | None = None
    blocking: Annotated[list[str], FromCommas] = []


class FilingSettings(Section):
    """Filing (报备): whether campaigns hold to the register, its file, and the carrier that cards go over."""

    is_on: bool = False
    file: FileIn = Path("filing.jsonl")
    carrier: str = Field(default="default", pattern=r"^[a-z0-9-]{1,32}$")


class RegisterSettings(Section):
    """Registers (登记台账): who may lift what stands against a callee, and how long a complaint freezes."""

    lifters: Annotated[list[str], FromCommas] = []
    complaint_freeze_days: int = Field(default=90, ge=1, le=3660)


class RegistrySettings(Section):
    """Registries of refused calls (谢绝来电名录): how those behind an address are fetched."""

    proxy: WebAddress | None = Field(default=None, pattern=r"^https?://[A-Za-z0-9.:\[\]-]+/?$", max_length=200)
    allows_private_addresses: bool = False


class AuditSettings(Section):
    """Audit (审计): how soon a running dialler signs its journal."""

    checkpoint_every_s: float = Field(default=300.0, ge=1, le=86_400)
    checkpoint_every_entries: int = Field(default=10_000, ge=1, le=10_000_000)


class PageFileSettings(Section):
    """Callee's page (查验页): where callees look up who called, and how much they may ask of it."""

    address: WebAddress = Field(
        default="http://127.0.0.1:8620/", pattern=r"^https?://[a-z0-9.:-]+(/[a-z0-9/-]*)?/$", max_length=60
    )
    host: str = Field(default="127.0.0.1", min_length=1, max_length=253)
    port: int = Field(default=8620, ge=0, le=65535)
    trusted_proxies: Annotated[list[str], FromCommas] = []
    code_valid_days: int = Field(default=90, ge=1, le=730)
    hotline: OneLine | None = Field(default=None, max_length=30)
    website: WebAddress | None = Field(default=None, pattern=r"^https://[^\s\"<>]+$", max_length=200)
    logo: FileIn | None = None
    pictures: Annotated[list[FileIn], FromCommas, Field(max_length=6)] = []
    requests_per_s: float = Field(default=500.0, gt=0, le=100_000)
    requests_per_address_per_s: float = Field(default=5.0, gt=0, le=100_000)
    burst_per_address: int = Field(default=40, ge=1, le=100_000)
    answer_after_ms: int = Field(default=20, ge=0, le=1000)


class OrganisationSettings(Section):
    """Settings of the organisation (组织设置)."""

    enterprise: EnterpriseSettings
    numbers: dict[Annotated[str, Field(pattern=r"^[1-9][0-9]{3,14}$")], NumberSettings] = {}
    store: StoreSettings = StoreSettings()
    carrier: CarrierSettings = CarrierSettings()
    trunks: dict[Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")], TrunkSettings] = {}
    message_centre: MessageCentreSettings = MessageCentreSettings()
    rules: RuleSettings = RuleSettings()
    filing: FilingSettings = FilingSettings()
    desk: RegisterSettings = RegisterSettings()
    registries: RegistrySettings = RegistrySettings()
    vendors: dict[Annotated[str, Field(pattern=VENDOR_NAME)], VendorSettings] = {}
    passport: PassportSettings = PassportSettings()
    page: PageFileSettings = PageFileSettings()
    audit: AuditSettings = AuditSettings()

    @model_validator(mode="after")
    def _check(self) -> "OrganisationSettings":
        if self.carrier.kind == "trunks" and not self.trunks:
            raise PydanticCustomError("trunk-missing", "carrier.kind is trunks, but no trunk is given")
        if RESERVED_TRUNK in self.trunks:
            raise PydanticCustomError("trunk-name-taken", "", {"value": RESERVED_TRUNK})
        ours = {number.e164().removeprefix("+") for number in self.enterprise.presented_numbers}
        for unknown in sorted(self.numbers.keys() - ours):
            raise PydanticCustomError("number-not-filed", "", {"value": f"+{unknown}"})
        return self


def secret_of(password: SecretStr | None, password_file: Path | None) -> str | None:
    """The password from the settings or from its file, without the line's end. Raises OSError for an absent file."""
    if password is not None:
        return password.get_secret_value()
    return password_file.read_text("utf-8").strip() if password_file is not None else None


def zone_of(settings: OrganisationSettings) -> tzinfo:
    """The time zone of the enterprise."""
    return ZoneInfo(settings.enterprise.zone)
