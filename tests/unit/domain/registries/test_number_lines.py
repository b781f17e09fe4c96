"""Numbers of a registry's file: whatever its borders and bytes, one error class and no more than a line in memory."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fuzzing import fuzz

from baitie.domain.registries import (
    LINE_BYTES_MAX,
    NumberLines,
    RegistryFileError,
    RegistryFileFault,
    number_digits_untrusted,
)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"13800001000", (False, "13800001000")),
        (b"+86 138-0000-1000\r", (True, "8613800001000")),
        (b"\xef\xbb\xbf13800001000,x,y", (False, "13800001000")),
        (b"201,5550100", (False, "2015550100")),
        (b'"201";"5550100"', (False, "2015550100")),
        (b"(201) 555-0100\tjunk", (False, "2015550100")),
        (b"201,555", None),
        (b"number", None),
        (b"1234567890123456", None),
        (b"", None),
        ("１３８".encode(), None),
    ],
)
def test_the_number_of_a_line_is_its_first_column(line: bytes, expected: tuple[bool, str] | None) -> None:
    assert number_digits_untrusted(line) == expected


LINES = st.lists(st.sampled_from((b"1", b"138", b"\r", b"\n", b"\r\n", b"\x01")), max_size=60).map(b"".join)


@given(LINES | st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=6))
def test_lines_do_not_depend_on_where_the_pieces_end(data: bytes, cuts: list[int]) -> None:
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[a:b] for a, b in pairwise(places)]
    whole = re.split(rb"\r\n|\r|\n", data)
    assert list(NumberLines().lines(pieces)) == (whole if whole[-1] else whole[:-1])


def test_a_line_without_an_end_is_refused_before_it_fills_the_memory() -> None:
    with pytest.raises(RegistryFileError) as caught:
        list(NumberLines().lines([b"1" * 1000] * 10))
    assert caught.value.fault is RegistryFileFault.LINE_TOO_LONG
    with pytest.raises(RegistryFileError):
        number_digits_untrusted(b"1" * (LINE_BYTES_MAX + 1))


def test_no_bytes_break_the_reading_of_a_line() -> None:
    fuzz(number_digits_untrusted, RegistryFileError, [b"+86 138-0000-1000", b"201,5550100", b"\xef\xbb\xbf1,2;3\t4"])
