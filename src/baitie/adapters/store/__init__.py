"""The organisation's store: SQLite in one file, or PostgreSQL. Start with `SqlStore`."""

from baitie.adapters.store.chain import ChainVerdict, verify_chain
from baitie.adapters.store.sql_store import SqlStore

__all__ = ["ChainVerdict", "SqlStore", "verify_chain"]
