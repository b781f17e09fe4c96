"""The driver below SQLAlchemy, for what runs many times in each attempt: text, plain tuples, no result object."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa


def execute(connection: sa.Connection, sql: str, values: Sequence[Any] = ()) -> Any:
    """Run one statement; gives the driver's cursor. Errors are those that SQLAlchemy raises for the same statement."""
    try:
        below: Any = connection.connection.dbapi_connection
        # Without values the driver must not look for places in the text.
        return below.execute(sql, values) if values else below.execute(sql)
    except connection.dialect.loaded_dbapi.Error as error:
        base = connection.dialect.loaded_dbapi.Error
        raise sa.exc.DBAPIError.instance(sql, None, error, base, hide_parameters=True) from error
