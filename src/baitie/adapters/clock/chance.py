"""Chance of the operating system, for ids and secrets of real runs."""

import random


class SystemRng:
    """Source of chance (随机源) that nobody can foretell; fulfils `baitie.app.ports.clock.Rng`."""

    __slots__ = ("_source",)

    def __init__(self) -> None:
        self._source = random.SystemRandom()

    def random(self) -> float:
        """A float from 0 up to but not including 1."""
        return self._source.random()

    def getrandbits(self, k: int, /) -> int:
        """`k` random bits as a number."""
        return self._source.getrandbits(k)
