"""Canonical JSON: the text that the standard encoder gives, and an error for what is not JSON."""

from json import JSONEncoder

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baitie.kernel.canonical_json import to_json

STANDARD = JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=30)


@given(values)
def test_it_is_what_the_standard_encoder_writes(value: object) -> None:
    assert to_json(value) == STANDARD(value)


@pytest.mark.parametrize("value", [object(), {"at": {1, 2}}, [b"bytes"]])
def test_what_is_not_json_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        to_json(value)


def test_a_circle_is_refused() -> None:
    circle: list[object] = []
    circle.append(circle)
    with pytest.raises(RecursionError):
        to_json({"facts": circle})
