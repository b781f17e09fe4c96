"""How each number of a campaign stands follows its use, its leases and its suspension at once."""

from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from baitie.app.calling.number_choice import NumberBook, Numbers
from baitie.app.campaign.campaign import Campaign, PresentedNumber
from baitie.app.gate.list_facts import ListFacts
from baitie.app.registers.number_use import NumberStore
from baitie.domain.dialing.leases import LeaseBook
from baitie.domain.numberpool import NumberCandidate, NumberUse
from baitie.kernel.phone import PhoneNumber

SHOWN = tuple(PresentedNumber(PhoneNumber(f"+8657112340{index:03}"), 2) for index in range(3))
E164S = [shown.number.e164() for shown in SHOWN]


class _NumbersOnly:
    """What `Numbers` asks of a campaign here."""

    presented_numbers = SHOWN


class _Suspended:
    def __init__(self) -> None:
        self.numbers: set[str] = set()

    def in_use(self) -> frozenset[str]:
        return frozenset(set(E164S) - self.numbers)


_acts = st.lists(st.tuples(st.sampled_from(["begin", "lease", "return", "suspend", "resume"]), st.integers(0, 2)))


@given(_acts)
def test_what_stands_is_what_would_be_found_anew(acts: list[tuple[str, int]]) -> None:
    leases, official, book = LeaseBook({("number", e164): 2 for e164 in E164S}), _Suspended(), NumberBook()
    campaign = cast(Campaign, _NumbersOnly())
    numbers = Numbers(campaign, cast(NumberStore, None), cast(ListFacts, official), leases, book)
    for turn, (act, index) in enumerate(acts):
        e164 = E164S[index]
        match act:
            case "begin":
                numbers.begin(SHOWN[index])
            case "lease":
                leases.try_take(f"{e164}/{turn}", (("number", e164),))
            case "return":
                for holder in sorted(leases.holders()):
                    leases.give_back(holder)
                    break
            case "suspend":
                official.numbers.add(e164)
            case "resume":
                official.numbers.discard(e164)
        assert numbers.standing() == [
            NumberCandidate(
                number=one,
                terms=SHOWN[place].terms,
                use=book.uses.get(one, NumberUse()),
                calls_free=leases.free(("number", one)),
                is_suspended=one in official.numbers,
            )
            for place, one in enumerate(E164S)
        ]
