"""Tables of the store (数据库表). Civil times are ISO 8601 text in UTC, JSON is text.

Personal data stands in `callees`, `leads` and the tokens of `card_submissions` only; all else refers to it by ids.
"""

import sqlalchemy as sa

SCHEMA_REVISION = "0010"
"""The newest migration in `migrations/versions`: what this version of Baitie reads and writes."""

metadata = sa.MetaData()

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # SQLite counts only INTEGER keys by itself

meta = sa.Table(
    "meta",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

callees = sa.Table(
    "callees",
    metadata,
    sa.Column("callee_id", sa.Text, primary_key=True),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("number_hmac", sa.LargeBinary, nullable=False),
    sa.Column("number_class", sa.Text, nullable=False),
    sa.Column("region", sa.Text),
    sa.Column("zone_names", sa.Text, nullable=False),
    sa.Index("callees_by_number", "number_hmac", unique=True),
)

leads = sa.Table(
    "leads",
    metadata,
    sa.Column("lead_id", sa.Text, primary_key=True),
    sa.Column("campaign_id", sa.Text, nullable=False),
    sa.Column("callee_id", sa.Text, nullable=False),
    sa.Column("row", sa.Integer, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("slots", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("legal_basis", sa.Text, nullable=False),
    sa.Column("segment", sa.Text, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("not_before", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("last_outcome", sa.Text),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Index("leads_by_campaign", "campaign_id", "row"),
)

_IS_OPEN = sa.text("state <> 'ended'")
"""Few attempts are open at a time, and a start must find them among millions that ended."""

attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("attempt_id", sa.Text, primary_key=True),
    sa.Column("lead_id", sa.Text, nullable=False),
    sa.Column("campaign_id", sa.Text, nullable=False),
    sa.Column("callee_id", sa.Text, nullable=False),
    sa.Column("presented_number", sa.Text, nullable=False),
    sa.Column("trunk", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("planned_at", sa.Text, nullable=False),
    sa.Column("card_text_hash", sa.Text),
    sa.Column("card_submitted_at", sa.Text),
    sa.Column("card_delivered_at", sa.Text),
    sa.Column("card_outcome", sa.Text),
    sa.Column("card_receipt_ms", sa.Integer),
    sa.Column("card_lead_ms", sa.Integer),
    sa.Column("invite_sent_at", sa.Text),
    sa.Column("rang_at", sa.Text),
    sa.Column("answered_at", sa.Text),
    sa.Column("ended_at", sa.Text),
    sa.Column("outcome", sa.Text),
    sa.Column("failure_cause", sa.Text),
    sa.Column("evidence", sa.Text, nullable=False),
    sa.Column("answers", sa.Text, nullable=False),
    sa.Column("recording", sa.Text),
    sa.Column("card_channel", sa.Text),
    sa.Index("attempts_by_campaign", "campaign_id", "invite_sent_at"),
    sa.Index("attempts_open", "campaign_id", "attempt_id", sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
    sa.Index("attempts_by_callee", "callee_id", "attempt_id"),
    sa.Index("attempts_by_number", "presented_number", "invite_sent_at", "outcome"),
)

histories = sa.Table(
    "histories",
    metadata,
    sa.Column("callee_id", sa.Text, primary_key=True),
    sa.Column("history", sa.Text, nullable=False),
)

refusals = sa.Table(
    "refusals",
    metadata,
    sa.Column("refusal_id", _SERIAL, primary_key=True),
    sa.Column("callee_id", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("evidence", sa.Text),
    sa.Column("lifted_at", sa.Text),
    sa.Column("lifted_by", sa.Text),
    sa.Column("lift_reason", sa.Text),
    sa.Index("refusals_by_callee", "callee_id"),
)

freezes = sa.Table(
    "freezes",
    metadata,
    sa.Column("freeze_id", _SERIAL, primary_key=True),
    sa.Column("callee_id", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("frozen_until", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("rule_id", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("lifted_at", sa.Text),
    sa.Column("lifted_by", sa.Text),
    sa.Column("lift_reason", sa.Text),
    sa.Index("freezes_by_callee", "callee_id"),
)

consents = sa.Table(
    "consents",
    metadata,
    sa.Column("consent_id", sa.Text, primary_key=True),
    sa.Column("callee_id", sa.Text, nullable=False),
    sa.Column("record", sa.Text, nullable=False),
    sa.Index("consents_by_callee", "callee_id"),
)

preferences = sa.Table(
    "preferences",
    metadata,
    sa.Column("callee_id", sa.Text, primary_key=True),
    sa.Column("record", sa.Text, nullable=False),
)

blocks = sa.Table(
    "blocks",
    metadata,
    sa.Column("block_id", _SERIAL, primary_key=True),
    sa.Column("callee_id", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("lifted_at", sa.Text),
    sa.Column("lifted_by", sa.Text),
    sa.Column("lift_reason", sa.Text),
    sa.Index("blocks_by_callee", "callee_id"),
)

complaints = sa.Table(
    "complaints",
    metadata,
    sa.Column("complaint_id", sa.Text, primary_key=True),
    sa.Column("callee_id", sa.Text, nullable=False),
    sa.Column("campaign_id", sa.Text),
    sa.Column("received_at", sa.Text, nullable=False),
    sa.Column("due_on", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("record", sa.Text, nullable=False),
    sa.Index("complaints_by_callee", "callee_id"),
    sa.Index("complaints_by_campaign", "campaign_id", "received_at"),
)

cards_sent = sa.Table(
    "cards_sent",
    metadata,
    sa.Column("card_id", _SERIAL, primary_key=True),
    sa.Column("callee_id", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Index("cards_sent_by_callee", "callee_id", "at"),
)

card_submissions = sa.Table(
    "card_submissions",
    metadata,
    sa.Column("card_id", sa.Text, primary_key=True),
    sa.Column("attempt_id", sa.Text, nullable=False),
    sa.Column("campaign_id", sa.Text, nullable=False),
    sa.Column("callee_id", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("submitted_at", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text),
    sa.Column("receipt_ms", sa.Integer),
    sa.Column("token", sa.Text),
    sa.Column("public_key", sa.LargeBinary),
    sa.Index("card_submissions_by_attempt", "attempt_id"),
    sa.Index("card_submissions_by_campaign", "campaign_id"),
    sa.Index("card_submissions_by_callee", "callee_id"),
)

page_cards = sa.Table(
    "page_cards",
    metadata,
    sa.Column("code_hmac", sa.LargeBinary, primary_key=True),
    sa.Column("attempt_id", sa.Text, nullable=False),
    sa.Column("callee_id", sa.Text, nullable=False),
    sa.Column("made_at", sa.Text, nullable=False),
    sa.Column("expires_at", sa.Text, nullable=False),
    sa.Column("journal_from_seq", sa.BigInteger, nullable=False),  # the entry about the card is one of these
    sa.Column("journal_until_seq", sa.BigInteger, nullable=False),
    sa.Index("page_cards_by_callee", "callee_id"),
    sa.Index("page_cards_by_expiry", "expires_at"),
)

campaigns = sa.Table(
    "campaigns",
    metadata,
    sa.Column("campaign_id", sa.Text, primary_key=True),
    sa.Column("record", sa.Text, nullable=False),
)

callee_requests = sa.Table(
    "callee_requests",
    metadata,
    sa.Column("request_id", sa.Text, primary_key=True),
    sa.Column("callee_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("due_on", sa.Text, nullable=False),
    sa.Column("is_open", sa.Integer, nullable=False),
    sa.Column("record", sa.Text, nullable=False),
    sa.Index("callee_requests_by_callee", "callee_id"),
    sa.Index("callee_requests_by_open", "is_open", "due_on"),
)

suspects = sa.Table(
    "suspects",
    metadata,
    sa.Column("suspect_id", sa.Text, primary_key=True),
    sa.Column("callee_id", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("quote", sa.Text, nullable=False),  # what was said: personal, and destroyed with the person's names
    sa.Column("record", sa.Text, nullable=False),
    sa.Index("suspects_by_callee", "callee_id"),
    sa.Index("suspects_by_state", "state", "suspect_id"),
)

suspensions = sa.Table(
    "suspensions",
    metadata,
    sa.Column("suspension_id", sa.Text, primary_key=True),
    sa.Column("number", sa.Text, nullable=False),  # a presented number: the enterprise's own
    sa.Column("is_active", sa.Integer, nullable=False),
    sa.Column("record", sa.Text, nullable=False),
    sa.Index("suspensions_by_active", "is_active", "number"),
)

qualifications = sa.Table(
    "qualifications",
    metadata,
    sa.Column("qualification_id", sa.Text, primary_key=True),
    sa.Column("record", sa.Text, nullable=False),
)

registries = sa.Table(
    "registries",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("generation", sa.BigInteger, nullable=False),
    sa.Column("record", sa.Text, nullable=False),
)

registry_pages = sa.Table(
    "registry_pages",
    metadata,
    sa.Column("generation", _SERIAL, primary_key=True, autoincrement=False),
    sa.Column("page", sa.Integer, primary_key=True, autoincrement=False),  # the first two octets of the hashes
    sa.Column("hashes", sa.LargeBinary, nullable=False),  # keyed, eight octets each, in their order
)

inbound_calls = sa.Table(
    "inbound_calls",
    metadata,
    sa.Column("inbound_id", sa.Text, primary_key=True),
    sa.Column("campaign_id", sa.Text),
    sa.Column("callee_id", sa.Text),
    sa.Column("is_open", sa.Integer, nullable=False),
    sa.Column("answers", sa.Text, nullable=False),  # personal, and destroyed with the person's names
    sa.Column("record", sa.Text, nullable=False),
    sa.Index("inbound_calls_by_campaign", "campaign_id", "inbound_id"),
    sa.Index("inbound_calls_by_callee", "callee_id"),
    sa.Index("inbound_calls_by_open", "is_open", "inbound_id"),
)

journal = sa.Table(
    "journal",
    metadata,
    sa.Column("seq", _SERIAL, primary_key=True, autoincrement=False),
    sa.Column("campaign_id", sa.Text),
    sa.Column("canonical", sa.Text, nullable=False),
    sa.Column("prev_hash", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Index("journal_by_campaign", "campaign_id", "seq"),
)

signing_keys = sa.Table(
    "signing_keys",
    metadata,
    sa.Column("place", _SERIAL, primary_key=True, autoincrement=False),  # counted from 1, in their order
    sa.Column("statement", sa.Text, nullable=False),
)

checkpoints = sa.Table(
    "checkpoints",
    metadata,
    sa.Column("number", _SERIAL, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("day", sa.Text, nullable=False),
    sa.Column("signed_at", sa.Text, nullable=False),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("signature", sa.Text, nullable=False),
)

commands = sa.Table(
    "commands",
    metadata,
    sa.Column("command_id", _SERIAL, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("is_taken", sa.Integer, nullable=False),
    sa.Index("commands_by_taken", "is_taken"),
)

schema_version = sa.Table(
    "alembic_version",  # the name that Alembic looks for
    metadata,
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
