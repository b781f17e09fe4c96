"""Consents, preferences, blocks, complaints and sent cards; when refusals and freezes were lifted, and by whom."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the tables; what stands against anybody stays."""
    for table in ("refusals", "freezes"):
        for name in ("lifted_at", "lifted_by", "lift_reason"):
            op.add_column(table, sa.Column(name, sa.Text))
    op.create_table(
        "consents",
        *(
            sa.Column(name, sa.Text, primary_key=name == "consent_id", nullable=False)
            for name in ("consent_id", "callee_id", "record")
        ),
    )
    op.create_index("consents_by_callee", "consents", ["callee_id"])
    op.create_table(
        "preferences",
        sa.Column("callee_id", sa.Text, primary_key=True),
        sa.Column("record", sa.Text, nullable=False),
    )
    op.create_table(
        "blocks",
        sa.Column("block_id", _SERIAL, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("callee_id", "at", "reason", "actor")),
        *(sa.Column(name, sa.Text) for name in ("lifted_at", "lifted_by", "lift_reason")),
    )
    op.create_index("blocks_by_callee", "blocks", ["callee_id"])
    op.create_table(
        "complaints",
        sa.Column("complaint_id", sa.Text, primary_key=True),
        sa.Column("callee_id", sa.Text, nullable=False),
        sa.Column("campaign_id", sa.Text),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("received_at", "due_on", "state", "record")),
    )
    op.create_index("complaints_by_callee", "complaints", ["callee_id"])
    op.create_index("complaints_by_campaign", "complaints", ["campaign_id", "received_at"])
    op.create_table(
        "cards_sent",
        sa.Column("card_id", _SERIAL, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("callee_id", "at")),
    )
    op.create_index("cards_sent_by_callee", "cards_sent", ["callee_id", "at"])
