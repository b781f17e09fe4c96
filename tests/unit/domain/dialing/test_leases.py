"""Leases: taken all or nothing, never beyond what there is, and all back when everybody has given back."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from baitie.domain.dialing.leases import LeaseBook, ResourceKey

KINDS: list[ResourceKey] = [("slot", "a"), ("number", "x"), ("number", "y"), ("budget", "day")]


class Leases(RuleBasedStateMachine):
    """Random takers, spenders and returners against a plain count."""

    @initialize(capacities=st.lists(st.integers(0, 4), min_size=len(KINDS), max_size=len(KINDS)))
    def begin(self, capacities: list[int]) -> None:
        self.capacity = dict(zip(KINDS, capacities, strict=True))
        self.book = LeaseBook(self.capacity)
        self.held: dict[str, list[ResourceKey]] = {}
        self.next_holder = 0

    @rule(wanted=st.sets(st.sampled_from(KINDS), min_size=1))
    def take(self, wanted: set[ResourceKey]) -> None:
        holder = f"attempt-{self.next_holder}"
        self.next_holder += 1
        before = {key: self.book.free(key) for key in KINDS}
        lacking = self.book.try_take(holder, tuple(sorted(wanted)))
        if lacking is None:
            assert all(before[key] > 0 for key in wanted)
            self.held[holder] = sorted(wanted)
        else:
            assert before[lacking] <= 0
            assert before == {key: self.book.free(key) for key in KINDS}, "nothing is half taken"

    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        if self.held:
            holder = data.draw(st.sampled_from(sorted(self.held)))
            del self.held[holder]
            self.book.give_back(holder)
            self.book.give_back(holder)

    @rule(data=st.data())
    def spend(self, data: st.DataObject) -> None:
        if self.held:
            holder = data.draw(st.sampled_from(sorted(self.held)))
            spent = [key for key in self.held[holder] if key[0] == "budget"]
            self.book.spend(holder, "budget")
            for key in spent:
                self.capacity[key] -= 1
            self.held[holder] = [key for key in self.held[holder] if key[0] != "budget"]

    @invariant()
    def free_is_capacity_less_what_is_held(self) -> None:
        for key in KINDS:
            taken = sum(key in keys for keys in self.held.values())
            assert self.book.free(key) == self.capacity[key] - taken >= 0
        assert self.book.holders() == frozenset(self.held)


TestLeases = Leases.TestCase


@given(st.text(min_size=1))
def test_resource_that_nobody_declared_has_one_unit(name: str) -> None:
    book = LeaseBook({})
    assert book.try_take("first", (("callee", name),)) is None
    assert book.try_take("second", (("callee", name),)) == ("callee", name)
    book.give_back("first")
    assert book.try_take("second", (("callee", name),)) is None
