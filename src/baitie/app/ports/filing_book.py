"""The register of filings, as the use cases need it."""

from collections.abc import Callable
from typing import Protocol

from baitie.domain.filing import FilingEvent, FilingRefusal, FilingRegister


class FilingBook(Protocol):
    """Filing book (报备记录存放处): reads the register as it is now, and keeps one more event."""

    def read(self) -> FilingRegister:
        """The register; cheap where nothing changed since the last reading. Raises `FilingRegisterError`."""

    def keep(self, propose: Callable[[FilingRegister], FilingEvent]) -> FilingEvent | FilingRefusal:
        """Check the event that `propose` makes of the register and keep it durably, nobody else writing meanwhile."""
