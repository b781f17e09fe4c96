"""How much a card, an opening line or a script tells whoever happens to see or hear it."""

from enum import StrEnum


class Disclosure(StrEnum):
    """Disclosure (披露级别): how much whoever looks at the lock screen may read, from least to most."""

    IDENTITY = "identity"  # who calls, and that there is an account or a matter
    MATTER = "matter"  # what kind of matter it is
    REFERENCE = "reference"  # which one: a word or number that the callee knows

    @property
    def rank(self) -> int:
        """0 for the least."""
        return tuple(Disclosure).index(self)
