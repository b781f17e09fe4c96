"""The first schema: callees, leads, attempts, histories, refusals, freezes, the chained journal, commands."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create everything."""
    _create_people()
    _create_attempts()
    _create_bars()
    op.create_table(
        "journal",
        sa.Column("seq", _SERIAL, primary_key=True, autoincrement=False),
        sa.Column("campaign_id", sa.Text),
        sa.Column("canonical", sa.Text, nullable=False),
        sa.Column("prev_hash", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    op.create_index("journal_by_campaign", "journal", ["campaign_id", "seq"])
    op.create_table(
        "commands",
        sa.Column("command_id", _SERIAL, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("is_taken", sa.Integer, nullable=False),
    )
    op.create_index("commands_by_taken", "commands", ["is_taken"])


def _create_people() -> None:
    op.create_table(
        "meta",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "callees",
        sa.Column("callee_id", sa.Text, primary_key=True),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("number_hmac", sa.LargeBinary, nullable=False),
        sa.Column("number_class", sa.Text, nullable=False),
        sa.Column("region", sa.Text),
        sa.Column("zone_names", sa.Text, nullable=False),
    )
    op.create_index("callees_by_number", "callees", ["number_hmac"], unique=True)
    op.create_table(
        "leads",
        sa.Column("lead_id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("campaign_id", "callee_id")),
        sa.Column("row", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("name", "slots", "source", "legal_basis", "segment")),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("not_before", sa.Text),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("last_outcome", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_index("leads_by_campaign", "leads", ["campaign_id"])


def _create_attempts() -> None:
    known = ("lead_id", "campaign_id", "callee_id", "presented_number", "trunk", "state", "planned_at")
    card = ("card_text_hash", "card_submitted_at", "card_delivered_at", "card_outcome")
    call = ("invite_sent_at", "rang_at", "answered_at", "ended_at", "outcome", "failure_cause")
    op.create_table(
        "attempts",
        sa.Column("attempt_id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in known),
        *(sa.Column(name, sa.Text) for name in card),
        *(sa.Column(name, sa.Integer) for name in ("card_receipt_ms", "card_lead_ms")),
        *(sa.Column(name, sa.Text) for name in call),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("evidence", "answers")),
        sa.Column("recording", sa.Text),
    )
    op.create_index("attempts_by_campaign", "attempts", ["campaign_id"])


def _create_bars() -> None:
    op.create_table(
        "histories",
        sa.Column("callee_id", sa.Text, primary_key=True),
        sa.Column("history", sa.Text, nullable=False),
    )
    op.create_table(
        "refusals",
        sa.Column("refusal_id", _SERIAL, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("callee_id", "at", "channel", "actor")),
        sa.Column("evidence", sa.Text),
    )
    op.create_index("refusals_by_callee", "refusals", ["callee_id"])
    op.create_table(
        "freezes",
        sa.Column("freeze_id", _SERIAL, primary_key=True),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("callee_id", "at", "frozen_until", "reason", "rule_id", "actor")
        ),
    )
    op.create_index("freezes_by_callee", "freezes", ["callee_id"])
