"""Calls that came in."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the table; nobody was answered before."""
    op.create_table(
        "inbound_calls",
        sa.Column("inbound_id", sa.Text, primary_key=True),
        sa.Column("campaign_id", sa.Text),
        sa.Column("callee_id", sa.Text),
        sa.Column("is_open", sa.Integer, nullable=False),
        sa.Column("answers", sa.Text, nullable=False),
        sa.Column("record", sa.Text, nullable=False),
    )
    op.create_index("inbound_calls_by_campaign", "inbound_calls", ["campaign_id", "inbound_id"])
    op.create_index("inbound_calls_by_callee", "inbound_calls", ["callee_id"])
    op.create_index("inbound_calls_by_open", "inbound_calls", ["is_open", "inbound_id"])
