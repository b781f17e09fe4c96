"""Checkpoints and key statements: what is signed, how they are written and read, and whom to believe."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.signed_journal import BEGIN, NEW_KEY, OLD_KEY, ORGANISATION, STRANGE_KEY

from baitie.adapters.signing import verify_signature
from baitie.app.proof.checkpoint_signer import state_key
from baitie.domain.audit import Checkpoint, SigningKey, next_checkpoint, trusted_keys
from baitie.kernel.journal import GENESIS_HASH

hexes = st.text("0123456789abcdef", min_size=64, max_size=64)
times = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
checkpoints = st.builds(
    Checkpoint,
    st.integers(1, 2**53),
    st.integers(1, 2**53),
    hexes,
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    times,
    hexes.map(lambda text: text[:16]),
    hexes,
    hexes.map(lambda text: text * 2),
)
FIRST = state_key(OLD_KEY, ORGANISATION, BEGIN, None, None)
SECOND = state_key(NEW_KEY, ORGANISATION, BEGIN, FIRST, OLD_KEY)
THIRD = state_key(STRANGE_KEY, ORGANISATION, BEGIN, SECOND, NEW_KEY)


@given(checkpoints)
def test_a_checkpoint_comes_back_equal(checkpoint: Checkpoint) -> None:
    assert Checkpoint.from_json(checkpoint.to_json()) == checkpoint


@given(checkpoints, checkpoints)
def test_two_checkpoints_never_share_what_is_signed_or_named(one: Checkpoint, other: Checkpoint) -> None:
    assert (one.signed_bytes() == other.signed_bytes()) == (replace(one, signature="") == replace(other, signature=""))
    assert (one.digest() == other.digest()) == (one == other)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("number", -1),
        ("number", True),
        ("number", "1"),
        ("seq", 2**53 + 1),
        ("seq", 1.0),
        ("hash", "a" * 63),
        ("hash", "A" * 64),
        ("day", "20260303"),
        ("day", None),
        ("signed_at", "2026-03-03T10:00:00"),
        ("signed_at", "2026-03-03T10:00:00Z"),
        ("signature", "g" * 128),
        ("key_id", 5),
    ],
)
def test_a_field_that_cannot_be_right_is_named(name: str, value: Any) -> None:
    good = next_checkpoint(None, 5, "a" * 64, date(2026, 3, 3), BEGIN, FIRST.key_id)
    with pytest.raises(ValueError, match=name):
        Checkpoint.from_json({**good.to_json(), "signature": "0" * 128, name: value})


def test_the_first_checkpoint_names_nothing_and_the_next_names_it() -> None:
    first = next_checkpoint(None, 5, "a" * 64, date(2026, 3, 3), BEGIN, FIRST.key_id)
    second = next_checkpoint(first, 9, "b" * 64, date(2026, 3, 4), BEGIN, FIRST.key_id)
    assert (first.number, first.previous) == (1, GENESIS_HASH)
    assert (second.number, second.previous) == (2, first.digest())


def test_a_signature_over_a_key_statement_never_passes_for_a_checkpoints() -> None:
    checkpoint = next_checkpoint(None, 5, "a" * 64, date(2026, 3, 3), BEGIN, FIRST.key_id)
    assert b'"format":"baitie-checkpoint/1"' in checkpoint.signed_bytes()
    assert b'"format":"baitie-signing-key/1"' in FIRST.signed_bytes()


def test_a_key_statement_comes_back_equal() -> None:
    for key in (FIRST, SECOND):
        assert SigningKey.from_json(key.to_json()) == key


@pytest.mark.parametrize("pinned", [[], [OLD_KEY.public_key], [NEW_KEY.public_key], [STRANGE_KEY.public_key]])
def test_belief_in_one_key_of_an_endorsed_row_is_belief_in_all(pinned: list[str]) -> None:
    keys = [FIRST, SECOND, THIRD]
    assert trusted_keys(keys, pinned, verify_signature) == {key.public_key for key in keys}


def test_belief_does_not_go_forward_over_a_missing_or_foreign_endorsement() -> None:
    for endorsement in (None, FIRST.signature):
        cut = [FIRST, replace(SECOND, endorsement=endorsement), THIRD]
        assert trusted_keys(cut, [OLD_KEY.public_key], verify_signature) == {OLD_KEY.public_key}
        assert trusted_keys(cut, [NEW_KEY.public_key], verify_signature) == {key.public_key for key in cut}


def test_a_pinned_key_that_is_not_there_believes_nothing() -> None:
    assert trusted_keys([FIRST, SECOND], [STRANGE_KEY.public_key], verify_signature) == frozenset()
