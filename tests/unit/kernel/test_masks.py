"""Numbers of people are masked so that those who know them recognise them; numbers that are nobody's are shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baitie.kernel.phone import PhoneNumber

SHOWN = {
    "+8610086": "10086",
    "+86110": "110",
    "+8612345": "12345",
    "+8612315": "12315",
    "+8695588": "95588",
    "+8695012345": "95012345",
    "+852999": "999",
    "+1911": "911",
    "+8613800001234": "138****1234",
    "+8657188061234": "0571****1234",
    "+862150000100": "021****0100",
    "+861065551234": "010****1234",
    "+863167001234": "0316****234",
    "+864008001234": "400***1234",
    "+85291234567": "852****4567",
    "+14155550187": "141****0187",
    "+6831234": "*******",
}


@pytest.mark.parametrize("e164", SHOWN)
def test_each_kind_of_number_is_shown_as_people_may_see_it(e164: str) -> None:
    assert PhoneNumber(e164).masked() == str(PhoneNumber(e164)) == SHOWN[e164]


@given(st.sampled_from(["13", "18", "10", "21", "571", "755", "316"]), st.integers(0, 10**8 - 1))
def test_of_a_person_s_number_in_china_four_digits_stay_hidden(begin: str, rest: int) -> None:
    length = 11 if begin in ("13", "18") else len(begin) + 8
    national = f"{begin}{rest:0{length - len(begin)}d}"[:length]
    masked = PhoneNumber(f"+86{national}").masked()
    assert masked.count("*") == 4
    assert national not in masked
