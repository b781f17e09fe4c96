"""Migrations of installed stores, run by Alembic from the program; see `baitie.adapters.store.schema`."""
