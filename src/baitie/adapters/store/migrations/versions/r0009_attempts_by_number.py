"""How each presented number was used, by index; and open attempts in their order, so that their index always wins."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create the first index and replace the other; on large stores this takes some minutes."""
    op.create_index("attempts_by_number", "attempts", ["presented_number", "invite_sent_at", "outcome"])
    op.drop_index("attempts_open", "attempts")
    is_open = sa.text("state <> 'ended'")
    columns = ["campaign_id", "attempt_id"]
    op.create_index("attempts_open", "attempts", columns, sqlite_where=is_open, postgresql_where=is_open)
