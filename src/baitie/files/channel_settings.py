"""Settings of a card's channels beyond the message centre: vendors, signatures, rich call data."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_core import PydanticCustomError

from baitie.files.fields import FileIn, OneLine, Section, WebAddress
from baitie.wire.passport import REASON_LENGTH_MAX
from baitie.wire.vendor.dialect import known_fields
from baitie.wire.vendor.failures import known_causes

VENDOR_NAME = r"^[a-z0-9-]{1,32}$"
HTTPS = r"^https://[^\s\"<>;,]{3,900}$"


class VendorSettings(Section):
    """Vendor (短信供应商): one account at a vendor's HTTP interface."""

    url: WebAddress = Field(pattern=r"^(https://|http://(127\.0\.0\.1|localhost)(:|/|$))[^\s\"<>]*$", max_length=200)
    key: SecretStr | None = None
    key_file: FileIn | None = None
    sender: str = Field(default="", pattern=r"^[0-9A-Za-z]{0,20}$")
    kind: Literal["flash", "sms"] = "flash"
    country_code: str = Field(default="86", pattern=r"^[0-9]{0,3}$")
    submit_path: str = Field(default="/messages", pattern=r"^/[!-~]{0,200}$")
    receipts_path: str = Field(default="/receipts", pattern=r"^/[!-~]{0,200}$")
    fields: dict[str, Annotated[str, Field(min_length=1, max_length=64)]] = {}
    codes: dict[str, str] = {}
    honours_idempotency_key: bool = True
    tries_max: int = Field(default=3, ge=1, le=10)
    connect_timeout_s: float = Field(default=5.0, gt=0, le=60)
    response_timeout_s: float = Field(default=10.0, gt=0, le=120)
    requests_in_flight_max: int = Field(default=20, ge=1, le=500)
    receipts_every_s: float = Field(default=0.5, ge=0, le=60)
    callback_host: str = Field(default="127.0.0.1", min_length=1, max_length=253)
    callback_port: int | None = Field(default=None, ge=0, le=65535)
    callback_path: str = Field(default="/receipts", pattern=r"^/[!-~]{0,200}$")
    callback_secret_file: FileIn | None = None

    @field_validator("fields")
    @classmethod
    def _known(cls, value: dict[str, str]) -> dict[str, str]:
        return _only(value, value, known_fields())

    @field_validator("codes")
    @classmethod
    def _explained(cls, value: dict[str, str]) -> dict[str, str]:
        return _only(value, value.values(), ("ok", *known_causes()))

    @model_validator(mode="after")
    def _check(self) -> "VendorSettings":
        if self.key is not None and self.key_file is not None:
            raise PydanticCustomError("one-of-two", "give one", {"first": "key", "second": "key_file"})
        if self.callback_port is not None and self.callback_secret_file is None:
            raise PydanticCustomError(
                "needs-other", "give both", {"first": "callback_port", "second": "callback_secret_file"}
            )
        return self


def _only(value: dict[str, str], found: Iterable[str], known: tuple[str, ...]) -> dict[str, str]:
    for name in found:
        if name not in known:
            raise PydanticCustomError("name-unknown", "unknown", {"value": name, "known": ", ".join(known)})
    return value


class PassportSettings(Section):
    """Signatures of cards and calls (名片与来电签名): the key, where its certificate lies, what handsets may show."""

    key_file: FileIn | None = None
    certificate_url: WebAddress | None = Field(default=None, pattern=HTTPS)
    logo_url: WebAddress | None = Field(default=None, pattern=HTTPS)
    logo_file: FileIn | None = None
    card_url: WebAddress | None = Field(default=None, pattern=HTTPS)
    card_file: FileIn | None = None

    @model_validator(mode="after")
    def _check(self) -> "PassportSettings":
        for url, file in (("logo_url", "logo_file"), ("card_url", "card_file")):
            if (getattr(self, url) is None) != (getattr(self, file) is None):
                raise PydanticCustomError("needs-other", "give both", {"first": url, "second": file})
        return self


class RichCallSettings(Section):
    """Rich call data (富呼叫): whether the INVITE states, signed, who calls and why."""

    is_on: bool = False
    call_reason: OneLine = Field(default="", max_length=REASON_LENGTH_MAX)
