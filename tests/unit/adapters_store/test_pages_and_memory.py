"""A hash is found where a hash begins; what a store in memory did not commit is undone when it lets go."""

import pytest

from baitie.adapters.store.memory_engine import MemoryEngine
from baitie.adapters.store.registries import HASH_BYTES, holds

ALIKE = b"a" * HASH_BYTES


@pytest.mark.parametrize(
    ("page", "is_held"),
    [
        (b"b" * (HASH_BYTES - 1) + b"a" * (HASH_BYTES + 1), True),
        (b"b" * (HASH_BYTES - 1) + b"a" * HASH_BYTES + b"b", False),
        (ALIKE + b"b" * HASH_BYTES, True),
        (b"b" * HASH_BYTES + ALIKE, True),
        (b"", False),
        (None, False),
    ],
)
def test_a_hash_counts_only_where_a_hash_begins(page: bytes | None, is_held: bool) -> None:
    assert holds(page, ALIKE) is is_held


def test_what_a_store_in_memory_did_not_commit_is_undone() -> None:
    engine = MemoryEngine()
    connection = engine.connect()
    connection.exec_driver_sql("CREATE TABLE kept (n INTEGER)")
    connection.commit()
    below = connection.connection.dbapi_connection
    assert below is not None
    below.execute("BEGIN")
    below.execute("INSERT INTO kept VALUES (1)")
    below.close()
    assert connection.exec_driver_sql("SELECT count(*) FROM kept").scalar() == 0
