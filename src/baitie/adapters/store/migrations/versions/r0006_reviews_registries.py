"""Suspects under review, suspended numbers, qualifications, and registries of refused calls as pages of hashes."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "suspects",
        sa.Column("suspect_id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("callee_id", "state", "quote", "record")),
    )
    op.create_index("suspects_by_callee", "suspects", ["callee_id"])
    op.create_index("suspects_by_state", "suspects", ["state", "suspect_id"])
    op.create_table(
        "suspensions",
        sa.Column("suspension_id", sa.Text, primary_key=True),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("is_active", sa.Integer, nullable=False),
        sa.Column("record", sa.Text, nullable=False),
    )
    op.create_index("suspensions_by_active", "suspensions", ["is_active", "number"])
    op.create_table(
        "qualifications",
        sa.Column("qualification_id", sa.Text, primary_key=True),
        sa.Column("record", sa.Text, nullable=False),
    )
    op.create_table(
        "registries",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("generation", sa.BigInteger, nullable=False),
        sa.Column("record", sa.Text, nullable=False),
    )
    op.create_table(
        "registry_pages",
        sa.Column("generation", _SERIAL, primary_key=True, autoincrement=False),
        sa.Column("page", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("hashes", sa.LargeBinary, nullable=False),
    )
