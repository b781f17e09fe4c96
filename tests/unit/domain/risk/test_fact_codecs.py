"""Each fact of a call says beside its field how it is kept, read and made up; a half-done one cannot be imported."""

import importlib.util
import json
import typing
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType, UnionType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from baitie.app.gate.call_facts import complete
from baitie.domain.risk import facts as facts_module
from baitie.domain.risk.facts import FACT_CODECS, CallFacts
from baitie.domain.risk.facts_json import facts_from_json, facts_to_json
from baitie.domain.risk.history import Freeze, Refusal
from baitie.kernel.ids import CalleeId
from baitie.kernel.journal import JsonValue

FACTS_FILE = Path(facts_module.__file__)
LAST = "    segment: str | None ="
CALLEE = CalleeId("callee_1")
WHOLE = {
    "key": '"planted_fact"',
    "write": "None",
    "read": "as_it_is",
    "example": 'lambda case: case.table.optional("planted_fact", str)',
    "is_left_out": "True",
}


def planted(metadata: str | None) -> ModuleType:
    """The module of facts with one fact more, `planted_fact`; without a codec where `metadata` is None."""
    text = FACTS_FILE.read_text("utf-8")
    assert text.count(LAST) == 1
    more = "None" if metadata is None else f"field(default=None, metadata={metadata})"
    text = text.replace(LAST, f"    planted_fact: str | None = {more}\n{LAST}")
    spec = importlib.util.spec_from_loader("planted_facts", loader=None)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    module.__dict__["__name__"] = facts_module.__name__  # dataclasses look for their module by name
    exec(compile(text, str(FACTS_FILE), "exec"), module.__dict__)
    return module


def test_a_fact_without_a_codec_cannot_be_imported() -> None:
    with pytest.raises(TypeError, match="planted_fact"):
        planted(None)


@pytest.mark.parametrize("left_out", ["key", "write", "read", "example"])
def test_a_fact_that_does_not_say_how_it_is_written_read_or_made_up_cannot_be_imported(left_out: str) -> None:
    said = ", ".join(f"{name}={value}" for name, value in WHOLE.items() if name != left_out)
    with pytest.raises(TypeError, match=left_out):
        planted(f"fact({said})")


def test_a_fact_under_the_key_of_another_cannot_be_imported() -> None:
    with pytest.raises(TypeError, match="one key"):
        planted('text("trade")')


def test_a_whole_fact_that_nobody_builds_cannot_be_imported() -> None:
    codecs = planted(f"fact({', '.join(f'{name}={value}' for name, value in WHOLE.items())})").FACT_CODECS
    assert [*codecs][-2:] == ["planted_fact", "segment"]
    built: dict[str, Any] = dict.fromkeys(FACT_CODECS, lambda call: None)
    with pytest.raises(TypeError, match="planted_fact"):
        complete(built, codecs)
    with pytest.raises(TypeError, match="planted_field"):
        complete({**built, "planted_field": built["trade"]}, FACT_CODECS)
    assert [*complete({**built, "planted_fact": built["trade"]}, codecs)] == [*codecs]


ZONES = st.sampled_from([ZoneInfo("Asia/Shanghai"), ZoneInfo("America/Denver"), ZoneInfo("UTC")])
TIMES = st.integers(0, 10**9).map(lambda s: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=s))
TEXTS = st.text("abcæ北京", max_size=5)
NUMBERS = st.integers(0, 99)
PLAIN: dict[type, st.SearchStrategy[Any]] = {
    str: TEXTS,
    int: NUMBERS,
    float: NUMBERS.map(float),
    bool: st.booleans(),
    datetime: TIMES,
}


def values_of(kind: Any) -> st.SearchStrategy[Any]:
    """Values of the type that a field says: a new fact is among them without anybody naming it here."""
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin in (UnionType, typing.Union):
        return st.one_of([st.none() if part is type(None) else values_of(part) for part in args])
    if origin is tuple:
        return st.lists(values_of(args[0]), max_size=2).map(tuple)
    if origin is frozenset:
        return st.frozensets(values_of(args[0]))
    if origin is not None and issubclass(origin, typing.cast(Any, typing.Mapping)):
        return st.dictionaries(TEXTS, TEXTS, max_size=2)
    if getattr(kind, "__name__", "") == "tzinfo":
        return ZONES
    if isinstance(kind, typing.NewType):
        return st.just(CALLEE)
    if is_dataclass(kind):
        return wholes_of(typing.cast(Any, kind))
    return PLAIN[kind] if kind in PLAIN else st.from_type(kind)


def wholes_of(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Values of a dataclass, none of its fields left at its default."""
    hints = typing.get_type_hints(kind)
    return st.builds(kind, **{each.name: values_of(hints[each.name]) for each in fields(kind) if each.init})


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(wholes_of(CallFacts))
def test_every_fact_comes_back_from_the_journal_as_it_was(facts: CallFacts) -> None:
    kept = json.loads(json.dumps(facts_to_json(facts)))
    assert facts_from_json(kept, ZoneInfo) == facts


def test_every_fact_but_those_left_out_is_written_though_nobody_knows_it() -> None:
    plain = {each.name: each.default for each in fields(CallFacts) if each.default is not MISSING}
    body = facts_to_json(facts_from_json(FIRST_FORMAT, ZoneInfo))
    for name, codec in FACT_CODECS.items():
        if codec.is_left_out:
            assert plain[name] is None
            assert codec.key not in body
        else:
            assert codec.key in body


FIRST_FORMAT: dict[str, JsonValue] = {
    "callee": CALLEE,
    "number_class": "mobile",
    "region": "CN",
    "zones": ["Asia/Shanghai"],
    "purpose": "care",
    "at": "2026-03-02T04:00:00+00:00",
    "history": [["2026-03-01T04:00:00+00:00", 1, 0, 0]],
    "refusals": [["2026-03-01T04:00:00+00:00", "page", "callee", None]],
    "freezes": [["2026-03-01T04:00:00+00:00", "2026-03-09T04:00:00+00:00", "rejected-and-short", "R", "gate"]],
    "calls_in_flight": 0,
    "is_on_allow_list": None,
    "windows": [["09:00:00", "18:00:00"]],
    "stage": "ring",
    "campaign": "campaign_1",
    "presented": "+861088880000",
    "debt": None,
    "callee_role": None,
    "line_classes": ["other"],
    "consents": None,
    "complaints": [],
    "shares": [],
    "content": ["identity", "contact"],
}
"""As the first version of the journal kept them."""


def test_an_entry_of_the_first_format_is_read_and_what_came_later_is_not_known() -> None:
    facts = facts_from_json(FIRST_FORMAT, ZoneInfo)
    later = [name for name, codec in FACT_CODECS.items() if codec.key not in FIRST_FORMAT]
    assert {"preference", "cards_sent", "trade", "segment"} <= {*later}
    defaults = {each.name: each.default for each in fields(CallFacts)}
    assert {name: getattr(facts, name) for name in later} == {name: defaults[name] for name in later}
    assert facts.refusals == (
        Refusal(CALLEE, datetime(2026, 3, 1, 4, tzinfo=UTC), facts.refusals[0].channel, "callee"),
    )
    assert isinstance(facts.freezes[0], Freeze)


@pytest.mark.parametrize("key", sorted(FIRST_FORMAT))
def test_an_entry_that_lacks_what_every_entry_has_is_not_read_as_if_nothing_spoke_against_the_call(key: str) -> None:
    with pytest.raises(KeyError, match=key):
        facts_from_json({name: value for name, value in FIRST_FORMAT.items() if name != key}, ZoneInfo)
