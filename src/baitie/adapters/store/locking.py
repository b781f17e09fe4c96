"""What every read and write of a store stands in: its errors told as the store's own, and one reader at a time."""

import threading
from collections.abc import Callable
from types import TracebackType

import sqlalchemy as sa

from baitie.adapters.store.errors import store_error


class StoreErrors:
    """Tells errors of data base and disk as `StoreError`. Without state, so that one serves all."""

    __slots__ = ()

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, sa.exc.SQLAlchemyError | OSError):
            raise store_error(error) from error


class ReadersTurn:
    """One reader at a time. `first` is done before each read, where there is anything to do."""

    __slots__ = ("_first", "_lock")

    def __init__(self, first: Callable[[], None] | None = None) -> None:
        self._lock = threading.Lock()
        self._first = first

    def without_first(self) -> "ReadersTurn":
        """The same turn for what is the same whether `first` is done or not."""
        other = ReadersTurn()
        other._lock = self._lock
        return other

    def __enter__(self) -> None:
        if self._first is not None:
            self._first()
        self._lock.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()


class Reader:
    """Gives the connection for reading, in turn and with the store's own errors. Without state, so that one serves
    all."""

    __slots__ = ("_connection", "_turn")

    def __init__(self, turn: ReadersTurn, connection: sa.Connection) -> None:
        self._turn, self._connection = turn, connection

    def __enter__(self) -> sa.Connection:
        self._turn.__enter__()
        return self._connection

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._turn.__exit__(kind, error, trace)
        if isinstance(error, sa.exc.SQLAlchemyError | OSError):
            raise store_error(error) from error
