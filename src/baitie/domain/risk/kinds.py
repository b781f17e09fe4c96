"""Every rule kind by its word. Each stands beside its check, with how it is read and the reasons that it gives."""

from collections.abc import Mapping
from types import MappingProxyType

from baitie.domain.risk import (
    calendar_checks,
    counting,
    duties,
    freezing,
    official,
    permission,
    plain_checks,
    wishes,
)
from baitie.domain.risk.checks import RuleKind


def merged(*tables: Mapping[str, RuleKind]) -> Mapping[str, RuleKind]:
    """All kinds of all tables. Raises TypeError where two have one word: the first would never be asked."""
    found: dict[str, RuleKind] = {}
    for table in tables:
        if twice := found.keys() & table.keys():
            raise TypeError(f"two kinds of rules by one word: {sorted(twice)}")
        found |= table
    return MappingProxyType(found)


KINDS = merged(
    calendar_checks.KINDS,
    counting.KINDS,
    freezing.KINDS,
    plain_checks.KINDS,
    official.KINDS,
    permission.KINDS,
    duties.KINDS,
    wishes.KINDS,
)

REASONS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "no-callable-time": frozenset(),  # of the rule book itself
        **{code: values for kind in KINDS.values() for code, values in kind.reasons.items()},
    }
)
"""Every reason code that a finding may carry, and the keys of its values."""
