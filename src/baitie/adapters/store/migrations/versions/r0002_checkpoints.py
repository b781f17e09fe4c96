"""Signed checkpoints of the journal, and the public keys under which they were signed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create both tables; checkpoints begin with the next run."""
    op.create_table(
        "signing_keys",
        sa.Column("place", _SERIAL, primary_key=True, autoincrement=False),
        sa.Column("statement", sa.Text, nullable=False),
    )
    op.create_table(
        "checkpoints",
        sa.Column("number", _SERIAL, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("hash", "day", "signed_at", "key_id", "previous", "signature")
        ),
    )
