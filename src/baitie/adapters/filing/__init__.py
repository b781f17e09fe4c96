"""The filing register in a file of the organisation's folder."""

from baitie.adapters.filing.book import FilingBookFile

__all__ = ["FilingBookFile"]
