"""Rows of the lists beside the callees as marks: suspended numbers, qualifications, registries and their pages."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from baitie.adapters.store import tables
from baitie.app.records.register_rows import RegisterRow
from baitie.domain.audit.list_marks import (
    mark_of_registry,
    mark_of_resuming,
    marks_of_qualification,
    marks_of_suspension,
)

PAGES_PER_READ = 4_096


def list_rows(connection: sa.Connection) -> Iterator[RegisterRow]:
    """Every row, reduced to what is compared. One that its columns and its record tell differently is of no number."""
    table = tables.suspensions.c
    query = sa.select(table.suspension_id, table.number, table.is_active, table.record)
    for key, number, is_active, record in connection.execute(query.order_by(table.suspension_id)):
        body = json_object_of(record)
        is_lifted = is_active != 1 or body.get("lifted_at") is not None
        content = body if body.get("number") == number else {}
        yield RegisterRow("suspension", str(key), "", "", is_lifted, content)
    held = tables.qualifications.c
    for key, record in connection.execute(
        sa.select(held.qualification_id, held.record).order_by(held.qualification_id)
    ):
        body = json_object_of(record)
        content = body if body.get("qualification_id") == key else {}
        yield RegisterRow("qualification", str(key), "", "", content.get("ended_at") is not None, content)
    copies = tables.registries.c
    for name, generation, record in connection.execute(
        sa.select(copies.name, copies.generation, copies.record).order_by(copies.name)
    ).fetchall():
        body = json_object_of(record)
        digest = pages_digest(connection, generation) if body.get("digest") else ""
        mark = mark_of_registry(body.get("name"), body.get("as_of"), digest)
        yield RegisterRow("registry", str(name), "", mark)


def marks_of_lists(connection: sa.Connection) -> Iterator[str]:
    """The marks of all of them."""
    resumed = set[str]()
    for row in list_rows(connection):
        if row.kind == "registry":
            yield row.mark
        elif row.kind == "qualification":
            yield from marks_of_qualification({**row.content, "qualification_id": row.key})
        else:
            yield from marks_of_suspension(row.content)
            if row.is_lifted:
                about = row.content
                resumed.add(mark_of_resuming(about.get("number"), about.get("reason"), about.get("lifted_at")))
    yield from resumed


def pages_digest(connection: sa.Connection, generation: int) -> str:
    """The digest of a copy's pages in their order: ten million numbers are 80 MB of them."""
    table, total, after = tables.registry_pages.c, hashlib.sha256(), -1
    while True:
        query = sa.select(table.page, table.hashes).where(table.generation == generation, table.page > after)
        rows = connection.execute(query.order_by(table.page).limit(PAGES_PER_READ)).fetchall()
        if not rows:
            return total.hexdigest()
        for page, hashes in rows:
            total.update(f"{page}:{len(hashes)}:".encode() + bytes(hashes))
        after = rows[-1][0]


def json_object_of(record: object) -> dict[str, Any]:
    """The object in a column; an empty one where somebody wrote anything else there."""
    try:
        body = json.loads(record) if isinstance(record, str) else None
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}
