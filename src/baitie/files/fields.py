"""The kinds of value that settings hold: numbers, paths, windows, lists, secrets."""

import typing
import unicodedata
from datetime import time
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainSerializer, PlainValidator, SecretStr
from pydantic import ValidationInfo as Info
from pydantic_core import PydanticCustomError

from baitie.kernel.phone import PhoneNumber, PhoneNumberError
from baitie.kernel.time import Window, is_zone_everywhere


class Section(BaseModel):
    """A table of a settings file: unknown names are refused, and nothing changes after reading."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        validate_default=True,
        revalidate_instances="always",  # so that paths of default sections are taken from the file that was read
        allow_inf_nan=False,
    )


DEFAULT_REGION = "CN"
"""Where numbers without a country code are dialled unless `enterprise.default_region` says otherwise."""


def model_within(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """The model that a field holds, and whether it stands under a free name (a table of tables)."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    if typing.get_origin(annotation) is dict:
        below = typing.get_args(annotation)[1]
        if isinstance(below, type) and issubclass(below, BaseModel):
            return below, True
    return None, False


def _number(value: Any, info: Info) -> PhoneNumber:
    if isinstance(value, PhoneNumber):
        return value
    try:
        return PhoneNumber("".join(c for c in str(value) if c not in " -()"))
    except PhoneNumberError:
        number = _everyday_number(str(value), info)
    if number is None:
        raise PydanticCustomError("number-invalid", "not a number in E.164 form") from None
    return number


def _everyday_number(written: str, info: Info) -> PhoneNumber | None:
    """A number as it is written in the enterprise's region, such as 0571-26880100; one with an extension is none."""
    from baitie.domain.contacts import RejectReason, read_number

    region_of = (info.context or {}).get("region_of")
    reading = read_number(written, region_of() if region_of else DEFAULT_REGION)
    return None if isinstance(reading, RejectReason) or reading.extension else reading.number


def _from_base(value: Path, info: Info) -> Path:
    base = (info.context or {}).get("base")
    return Path(base) / value if base else value


def _window(value: Any) -> Window:
    if isinstance(value, Window):
        return value
    try:
        opens, closes = (_clock(part) for part in str(value).split("-"))
    except (ValueError, OverflowError):
        raise PydanticCustomError("window-invalid", "not a window such as 09:00-12:00") from None
    return Window(opens, closes)


def _clock(text: str) -> time:
    hour, minute = (int(part) for part in text.strip().split(":"))
    return time(0 if (hour, minute) == (24, 0) else hour, minute)


def window_text(window: Window) -> str:
    """The window as it stands in a file: `09:00-12:00`."""
    return f"{window.opens_from:%H:%M}-{window.closes_until:%H:%M}"


def _region(value: str) -> str:
    from phonenumbers import SUPPORTED_REGIONS

    if value not in SUPPORTED_REGIONS:
        raise PydanticCustomError("region-invalid", "no such region")
    return value


def _zone_name(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PydanticCustomError("zone-invalid", "no such zone") from None
    if not is_zone_everywhere(value):
        raise PydanticCustomError("zone-invalid", "no zone on other machines")
    return value


_DATABASE_SCHEMES = ("postgresql", "postgresql+psycopg", "postgres")


def _database_address(value: SecretStr) -> SecretStr:
    """The address of a PostgreSQL database; anything else would be taken for the path of a file."""
    scheme, sign, rest = value.get_secret_value().partition("://")
    try:
        is_address = scheme in _DATABASE_SCHEMES and sign == "://" and rest.isprintable()
        is_address = is_address and urlsplit(f"//{rest}").port != 0
    except ValueError:
        is_address = False
    if not is_address:
        raise PydanticCustomError("database-invalid", "no address of a PostgreSQL database")
    return SecretStr(f"postgresql+psycopg://{rest}")


def _one_line(value: str) -> str:
    if any(unicodedata.category(char) in ("Cc", "Zl", "Zp") for char in value):
        raise PydanticCustomError("control-character", "a line break or another control character")
    return value


def _split(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


Number = Annotated[PhoneNumber, PlainValidator(_number), PlainSerializer(lambda number: number.e164())]
"""E.164, or as contact lists write it in the enterprise's default region."""

FileIn = Annotated[Path, AfterValidator(_from_base)]
"""A path, relative to the settings file that names it."""

DayWindow = Annotated[Window, PlainValidator(_window), PlainSerializer(window_text)]
"""`HH:MM-HH:MM`, the end exclusive."""

Region = Annotated[str, AfterValidator(_region)]
"""ISO 3166-1 alpha-2, as `phonenumbers` knows it."""


def _web_address(value: str) -> str:
    """An address that a client can call: with a host that a name server may know, and a port that is one."""
    try:
        parts = urlsplit(value)
        is_address = bool(parts.hostname) and parts.port != 0 and value.isprintable()
        (parts.hostname or "").encode("idna")
    except ValueError:
        is_address = False
    if not is_address:
        raise PydanticCustomError("bad-form", "no address", {"example": "https://www.example.com/"})
    return value


WebAddress = Annotated[str, AfterValidator(_web_address)]
"""An address on the web whose host and port can be read; its scheme is the setting's own."""

DatabaseAddress = Annotated[SecretStr, AfterValidator(_database_address)]
"""`postgresql+psycopg://name:password@host/database`; also with the schemes that others write."""

ZoneName = Annotated[str, AfterValidator(_zone_name)]
"""A time zone by its IANA name."""

OneLine = Annotated[str, AfterValidator(_one_line)]
"""Text without line breaks and other control characters: it is sent in messages and headers."""

FromCommas = BeforeValidator(_split)
"""Lets an environment variable give a list as `a, b, c`."""
