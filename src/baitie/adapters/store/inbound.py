"""Calls that came in, as rows. Answers stand apart from the record, so that they can be destroyed with the person."""

import json
from collections.abc import Sequence

import sqlalchemy as sa

from baitie.adapters.store import tables
from baitie.domain.inbound.record import InboundRecord
from baitie.kernel.ids import CampaignId


def inbound_row(record: InboundRecord) -> tuple[object, ...]:
    """A call that came in, in the order of the columns."""
    body = record.to_json()
    answers = body.pop("answers")
    return (
        record.inbound_id,
        record.campaign_id,
        record.callee_id,
        int(record.is_open),
        json.dumps(answers, ensure_ascii=False),
        json.dumps(body, ensure_ascii=False),
    )


def read_inbound(connection: sa.Connection, campaign_id: CampaignId | None, open_only: bool) -> Sequence[InboundRecord]:
    """Calls that came in, in the order of their arrival."""
    table = tables.inbound_calls
    query = sa.select(table.c.record, table.c.answers).order_by(table.c.inbound_id)
    if campaign_id is not None:
        query = query.where(table.c.campaign_id == campaign_id)
    if open_only:
        query = query.where(table.c.is_open == 1)
    rows = connection.execute(query).fetchall()
    return tuple([InboundRecord.from_json({**json.loads(row[0]), "answers": json.loads(row[1])}) for row in rows])
