"""Pacing (节拍): how many attempts to place, and no faster than the trunk was agreed to carry."""

from baitie.domain.dialing.pacing.permits import AttemptPacer

__all__ = ["AttemptPacer"]
