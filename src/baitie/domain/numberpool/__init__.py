"""Number pool (号码池): which of the enterprise's own numbers an attempt presents, and how each is used. Pure."""

from baitie.domain.numberpool.choosing import NumberBar, NumberCandidate, bars, choose, free_at
from baitie.domain.numberpool.terms import NumberTerms
from baitie.domain.numberpool.use import SCORED_DAYS, NumberUse, score

__all__ = [
    "SCORED_DAYS",
    "NumberBar",
    "NumberCandidate",
    "NumberTerms",
    "NumberUse",
    "bars",
    "choose",
    "free_at",
    "score",
]
