"""Facts as plain JSON and back, so that a verdict can be recomputed from what was kept of its moment."""

from collections.abc import Callable, Mapping
from datetime import tzinfo
from operator import attrgetter
from typing import Any

from baitie.domain.risk.fact_codec import KeptFacts
from baitie.domain.risk.facts import FACT_CODECS, CallFacts
from baitie.kernel.ids import CalleeId
from baitie.kernel.journal import JsonValue

_FIRST = frozenset(
    {
        *("callee", "number_class", "region", "zones", "purpose", "at", "history", "refusals", "freezes"),
        *("calls_in_flight", "is_on_allow_list", "windows", "stage", "campaign", "presented", "debt", "callee_role"),
        *("line_classes", "consents", "complaints", "shares", "content"),
    }
)
"""What every entry of a journal has. A fact that came later is missing in those written before, and then not known."""

_KEYS = tuple([codec.key for codec in FACT_CODECS.values()])
_values_of = attrgetter(*FACT_CODECS)
_WRITES = tuple([(codec.key, codec.write) for codec in FACT_CODECS.values() if codec.write is not None])
_NOTHING: tuple[()] = ()
_LEFT_OUT = tuple([codec.key for codec in FACT_CODECS.values() if codec.is_left_out])


def facts_to_json(facts: CallFacts) -> dict[str, JsonValue]:
    """All facts of one verdict. They hold ids and the enterprise's own numbers, none of the callee."""
    body: dict[str, Any] = dict(zip(_KEYS, _values_of(facts), strict=True))
    for key, write in _WRITES:
        found = body[key]
        if found is _NOTHING:  # as most facts of several are
            body[key] = []
        elif found is not None:
            body[key] = write(found)
    for key in _LEFT_OUT:
        if body[key] is None:
            del body[key]
    return body


def facts_from_json(body: Mapping[str, Any], zone_of: Callable[[str], tzinfo]) -> CallFacts:
    """The inverse of `facts_to_json`; `zone_of` gives the zone of a name."""
    kept = KeptFacts(CalleeId(body["callee"]), zone_of)
    found: dict[str, Any] = {}
    for name, codec in FACT_CODECS.items():
        if codec.key in body or codec.key in _FIRST:
            value = body[codec.key]
            found[name] = None if value is None else codec.read(value, kept)
    return CallFacts(**found)
