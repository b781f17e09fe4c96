"""Submissions of cards with their proof, and the channel whose card counted for an attempt."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the table; of cards that were sent before no proof is kept."""
    op.create_table(
        "card_submissions",
        sa.Column("card_id", sa.Text, primary_key=True),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("attempt_id", "campaign_id", "callee_id", "channel", "submitted_at")
        ),
        sa.Column("outcome", sa.Text),
        sa.Column("receipt_ms", sa.Integer),
        sa.Column("token", sa.Text),
        sa.Column("public_key", sa.LargeBinary),
    )
    for name in ("attempt", "campaign", "callee"):
        op.create_index(f"card_submissions_by_{name}", "card_submissions", [f"{name}_id"])
    op.add_column("attempts", sa.Column("card_channel", sa.Text))
