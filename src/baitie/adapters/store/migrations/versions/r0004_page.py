"""Codes of the callee's page, facts of campaigns, requests of callees; attempts found by callee."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables; cards that were sent before have no code."""
    op.create_table(
        "page_cards",
        sa.Column("code_hmac", sa.LargeBinary, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("attempt_id", "callee_id", "made_at", "expires_at")),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("journal_from_seq", "journal_until_seq")),
    )
    op.create_index("page_cards_by_callee", "page_cards", ["callee_id"])
    op.create_index("page_cards_by_expiry", "page_cards", ["expires_at"])
    op.create_table(
        "campaigns",
        sa.Column("campaign_id", sa.Text, primary_key=True),
        sa.Column("record", sa.Text, nullable=False),
    )
    op.create_table(
        "callee_requests",
        sa.Column("request_id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("callee_id", "kind", "due_on")),
        sa.Column("is_open", sa.Integer, nullable=False),
        sa.Column("record", sa.Text, nullable=False),
    )
    op.create_index("callee_requests_by_callee", "callee_requests", ["callee_id"])
    op.create_index("callee_requests_by_open", "callee_requests", ["is_open", "due_on"])
    op.create_index("attempts_by_callee", "attempts", ["callee_id", "attempt_id"])
