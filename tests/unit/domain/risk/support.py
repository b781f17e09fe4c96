"""Shipped packs and plain facts for the tests of the gate."""

from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from baitie.domain.risk.facts import CallFacts
from baitie.domain.risk.history import CalleeHistory
from baitie.domain.risk.rulebook import RuleBook, load_rulebook
from baitie.domain.risk.rulepack import parse_pack_untrusted
from baitie.kernel.ids import CalleeId
from baitie.kernel.purpose import NumberClass, Purpose
from baitie.rules import SHIPPED_PACKS

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
CALLEE = CalleeId("callee_1")


def pack_text(name: str) -> str:
    return (files("baitie.rules") / name).read_text("utf-8")


@cache
def shipped() -> RuleBook:
    return load_rulebook([parse_pack_untrusted(name, pack_text(name)) for name in SHIPPED_PACKS])


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
