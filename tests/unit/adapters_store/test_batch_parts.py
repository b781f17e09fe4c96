"""No part of a batch is forgotten on its way into the store."""

from dataclasses import fields

from baitie.adapters.store import batch_sql, rows
from baitie.app.records.batch import Batch

PARTS = {field.name for field in fields(Batch)}
WRITTEN_APART = {"journal", "page_cards", "forgotten", "lifts"}
"""Chained, placed, and what is not a row."""


def test_every_part_of_a_batch_is_encoded() -> None:
    assert {*rows._ENCODED, "page_cards"} == PARTS


def test_every_part_of_a_batch_is_written() -> None:
    assert {part for part, _, _ in batch_sql._PARTS} == PARTS - WRITTEN_APART
