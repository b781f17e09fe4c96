"""Leases (占用): what an attempt takes for its life, all or nothing, and gives back whatever happens."""

from collections.abc import Mapping
from typing import TypeAlias

ResourceKey: TypeAlias = tuple[str, str]
"""Kind and name of a resource, such as ("slot", "main-trunk") or ("number", "+8657112345678")."""


class LeaseBook:
    """Lease book (占用登记): who holds what.

    One holder (an attempt id) takes all its resources in one step and returns them in one step.
    """

    __slots__ = ("_capacity", "_held_by", "_taken")

    def __init__(self, capacity: Mapping[ResourceKey, int]) -> None:
        self._capacity = dict(capacity)
        self._taken: dict[ResourceKey, int] = {}
        self._held_by: dict[str, tuple[ResourceKey, ...]] = {}

    def try_take(self, holder: str, resources: tuple[ResourceKey, ...]) -> ResourceKey | None:
        """Take one unit of each for `holder`; None when taken, else the first resource that is exhausted.

        A resource that was never declared has one unit: two attempts never share what nobody counted.
        """
        assert holder not in self._held_by, "a holder takes once"
        for resource in resources:
            if self.free(resource) <= 0:
                return resource
        for resource in resources:
            self._taken[resource] = self._taken.get(resource, 0) + 1
        self._held_by[holder] = resources
        return None

    def declare(self, resource: ResourceKey, units: int) -> None:
        """Say how many units there are, where nobody has said so yet."""
        self._capacity.setdefault(resource, units)

    def give_back(self, holder: str) -> None:
        """Return all that `holder` has. Doing it twice is harmless."""
        for resource in self._held_by.pop(holder, ()):
            self._return_one(resource)

    def free(self, resource: ResourceKey) -> int:
        """How many units nobody holds."""
        return self._capacity.get(resource, 1) - self._taken.get(resource, 0)

    def spend(self, holder: str, kind: str) -> None:
        """Use up for good what `holder` has of this kind: a budget unit of which the INVITE has left."""
        held = self._held_by.get(holder, ())
        for resource in [r for r in held if r[0] == kind]:
            self._return_one(resource)
            self._capacity[resource] = self._capacity.get(resource, 1) - 1
        self._held_by[holder] = tuple(r for r in held if r[0] != kind)

    def holders(self) -> frozenset[str]:
        """Those who hold anything; empty when all work is done."""
        return frozenset(self._held_by)

    def _return_one(self, resource: ResourceKey) -> None:
        left = self._taken[resource] - 1
        if left:
            self._taken[resource] = left
        else:
            del self._taken[resource]
