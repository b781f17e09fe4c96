"""Shipped packs and plain facts for the tests of the gate."""

import tomllib
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from baitie.domain.risk.calendar_files import parse_calendar_untrusted
from baitie.domain.risk.facts import CallFacts
from baitie.domain.risk.history import CalleeHistory
from baitie.domain.risk.rulebook import RuleBook, load_rulebook
from baitie.domain.risk.rulepack import parse_pack_untrusted
from baitie.domain.risk.workdays import OfficialCalendar, calendars_of
from baitie.kernel.ids import CalleeId
from baitie.kernel.purpose import NumberClass, Purpose
from baitie.rules import CALENDARS, SHIPPED_PACKS

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
CALLEE = CalleeId("callee_1")


def pack_text(name: str) -> str:
    return (files("baitie.rules") / name).read_text("utf-8")


def pack_tables() -> list[dict[str, Any]]:
    return [tomllib.loads(pack_text(name)) for name in SHIPPED_PACKS]


def calendar_tables() -> dict[str, list[dict[str, Any]]]:
    tables = [tomllib.loads(pack_text(f"calendars/{name}")) for name in CALENDARS]
    return {table["country"]: [t for t in tables if t["country"] == table["country"]] for table in tables}


@cache
def calendars() -> dict[str, OfficialCalendar]:
    folder = files("baitie.rules") / "calendars"
    return calendars_of([parse_calendar_untrusted(name, (folder / name).read_text("utf-8")) for name in CALENDARS])


@cache
def shipped() -> RuleBook:
    return load_rulebook([parse_pack_untrusted(name, pack_text(name)) for name in SHIPPED_PACKS], calendars())


def facts(now: datetime, **changes: Any) -> CallFacts:
    plain: dict[str, Any] = {
        "callee_id": CALLEE,
        "number_class": NumberClass.MOBILE,
        "region": "CN",
        "zones": (SHANGHAI,),
        "purpose": Purpose.CARE,
        "civil_now": now.astimezone(UTC),
        "history": CalleeHistory(),
    }
    return CallFacts(**(plain | changes))
