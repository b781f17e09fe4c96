"""Numbers of command_status are those that an independent implementation has (SMPP v3.4 §5.1.3)."""

import pytest
from smpplib import consts

from baitie.wire.smpp.constants import Status

THEIRS = {name.replace("_", "").removeprefix("SMPP"): value for name, value in vars(consts).items()}


@pytest.mark.parametrize("name", list(Status.__members__))
def test_a_status_has_the_number_that_others_give_it(name: str) -> None:
    assert Status[name].value == THEIRS[name.replace("_", "")]


def test_no_two_names_stand_for_one_status() -> None:
    assert len(set(Status)) == len(Status.__members__)
