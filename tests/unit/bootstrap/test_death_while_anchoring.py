"""A process that dies at any step of keeping the anchor, or whose disk is full then, loses nothing and rings nobody."""

import errno
import io
import os
import threading
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Any

import pytest
from tests.unit.bootstrap.test_anchoring import (
    BLOCKED,
    FREE,
    FROZEN,
    LIFTED,
    REFUSED,
    WISHING,
    T,
    acting,
    filled,
    number,
    standing,
    started,
)
from tests.unit.bootstrap.test_anchoring import organisation as organisation

from baitie.app.proof.anchors import StartCheck
from baitie.app.registers.registers import Registers
from baitie.bootstrap import evidence, stores
from baitie.bootstrap.registers import registers_in
from baitie.bootstrap.signing_files import anchor_file_of
from baitie.files.organisation_settings import OrganisationSettings
from baitie.kernel.errors import BaitieError

assert filled  # a fixture

STEPS = ((os, "open"), (os, "fsync"), (os, "replace"), (io, "open"))
"""Whatever reaches the disk of the anchor's files goes through one of these."""
STEPS_MAX = 200


def counting(at_step: Callable[[int], None], plant: Callable[[Any, str, Any], None]) -> None:
    """Let `at_step` see the number of each step before it is taken. Other threads, as of the store, are let alone."""
    taken, here = 0, threading.get_ident()

    def wrapped(step: Callable[..., Any]) -> Callable[..., Any]:
        def take(*args: Any, **named: Any) -> Any:
            nonlocal taken
            if threading.get_ident() == here:
                taken += 1
                at_step(taken)
            return step(*args, **named)

        return take

    for module, name in STEPS:
        plant(module, name, wrapped(getattr(module, name)))


def died(at: int, act: Callable[[], object]) -> bool:
    """Whether a process of its own that does this died before its `at`-th step, without any clearing up."""
    child = os.fork()
    if child == 0:
        try:
            counting(lambda step: os._exit(9) if step == at else None, setattr)
            act()
            os._exit(0)
        finally:
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, 9)
    return code == 9


def holds(settings: OrganisationSettings) -> None:
    """What callees said before stands, and no alarm is given."""
    for minute in (600, 601):
        found: StartCheck = started(settings, minute)
        assert not found.differences
    assert standing(settings, REFUSED).refusals
    assert standing(settings, BLOCKED).blocks
    assert standing(settings, FROZEN).freezes
    assert standing(settings, WISHING).preference is not None
    assert not evidence.verify_store(settings).findings


def test_who_dies_at_any_step_of_an_act_loses_neither_act_nor_anchor(filled: OrganisationSettings) -> None:
    said = []
    for step in range(1, STEPS_MAX):
        who = f"+8613800002{step:03d}"

        def refuse(d: Registers, who: str = who) -> None:
            d.refusals.enter(number(d, who))

        was_killed = died(step, lambda n=step, act=refuse: acting(filled, 20 + n / 1000, act))  # type: ignore[misc]
        holds(filled)
        if knows(filled, who):
            assert standing(filled, who).refusals
            said.append(who)
        if not was_killed:
            break
    assert 5 < step < STEPS_MAX
    assert len(said) > 5, "its entry is durable before the anchor is touched"
    acting(filled, 40, lambda d: d.refusals.enter(number(d, FREE)))
    kept = {line for line in anchor_file_of(filled).read_bars() if "CalleeRefused" in line}
    assert len(kept) == len(said) + 3, "what a death kept from being written beside the key follows, perhaps twice"


def knows(settings: OrganisationSettings, written: str) -> bool:
    with closing(stores.open_existing_store(settings)) as store:
        opened = registers_in(store, settings, "x", T)
        return opened.known(opened.reading(written).number) is not None


def test_who_dies_at_any_step_of_the_first_anchor_begins_it_again(filled: OrganisationSettings) -> None:
    file = anchor_file_of(filled)
    for step in range(1, STEPS_MAX):
        file.path.unlink(missing_ok=True)
        file.bars.unlink(missing_ok=True)
        was_killed = died(step, lambda: started(filled, 30))
        holds(filled)
        if not was_killed:
            break
    assert step > 5
    lines = [line for line in file.read_bars() if "CalleeRefused" in line]
    assert len(lines) == len(set(lines))


def test_a_disk_that_is_full_at_any_step_is_told_and_loses_nothing(
    filled: OrganisationSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = anchor_file_of(filled)
    step, is_over = 0, False
    while not is_over and step < STEPS_MAX:
        step += 1
        file.path.unlink(missing_ok=True)
        with monkeypatch.context() as patch:
            counting(partial(refuse_from, step), patch.setattr)
            try:
                started(filled, 30)
                is_over = True
            except BaitieError:
                pass
        holds(filled)
    assert 5 < step < STEPS_MAX
    assert standing(filled, LIFTED).refusals == ()


def refuse_from(first: int, step: int) -> None:
    if step >= first:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
