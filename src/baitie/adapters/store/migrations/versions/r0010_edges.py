"""Callees in area codes of several time zones: all of the zones, where an older import kept one of them."""

import json

import sqlalchemy as sa
from alembic import op

from baitie.domain.contacts.area_zones import SPLIT_AREA_CODES

revision = "0010"
down_revision = "0009"

_CALLEES = sa.table("callees", sa.column("callee_id"), sa.column("number"), sa.column("zone_names"))


def upgrade() -> None:
    """Widen the zones of numbers of country code 1; a list that says where somebody is narrows them again."""
    connection = op.get_bind()
    query = sa.select(_CALLEES).where(_CALLEES.c.number.like("+1%"))
    for callee_id, number, written in connection.execute(query).fetchall():
        zones, known = SPLIT_AREA_CODES.get(number[2:5], ()), json.loads(written)
        if not set(zones) <= set(known):
            widened = json.dumps(sorted({*zones, *known}), ensure_ascii=False, separators=(",", ":"))
            change = sa.update(_CALLEES).where(_CALLEES.c.callee_id == callee_id).values(zone_names=widened)
            connection.execute(change)
