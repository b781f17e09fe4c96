"""Refusals that come while the store fails: held and barred for the process, told, kept as soon as it works again."""

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.store import MemoryStore
from tests.rehearsal import world as here
from tests.rehearsal.world import CAMPAIGN_ID, World, callee, fill

from baitie.adapters.store import SqlStore
from baitie.app.calling.campaign_run import CampaignRun
from baitie.app.calling.persistence import HeldRefusal
from baitie.app.calling.progress import RunEnd
from baitie.app.ports.calls import KeyPressed
from baitie.app.ports.messages import MessageReceived
from baitie.bootstrap import assemble
from baitie.domain.risk.facts import GateStage
from baitie.domain.risk.history import RefusalChannel
from baitie.files.organisation_settings import OrganisationSettings, StoreSettings
from baitie.kernel.errors import StoreError

answering = replace(here.profile(), answer=replace(here.profile().answer, rate_by_hour=(1.0,) * 24))


def pressing(world: World, run: CampaignRun) -> None:
    """Whoever talks presses "do not call me again", half a second after the other."""

    def press() -> None:
        for attempt_id in list(run.live_attempts()):
            run.events.on_call(KeyPressed(attempt_id, "9"))
        world.clock.loop.call_later(0.5, press)

    world.clock.loop.call_later(0.5, press)


class Failing(MemoryStore):
    """The disk is full from the first refusal on."""

    def commit(self, batch: Any) -> Any:
        if batch.refusals and self.failure is None:
            self._fail_at_commit = self.commits + 1 + len(self._pending)
        return super().commit(batch)


def test_a_refusal_by_key_on_a_full_disk_is_held_bars_and_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(here, "profile", lambda: answering)
    store = Failing()
    fill(store, 30)
    world = World(store, meddle=pressing)
    summary = world.run()
    held = world.run_object.held_refusals()
    assert summary.end is RunEnd.STORE_FAILED
    assert store.disk.refusals == []
    by_key = [one for one in held if one.channel is RefusalChannel.KEYPAD]
    assert by_key
    assert len(by_key) == summary.progress.refusals - summary.progress.refusals_by_message, "nobody is left out"
    first = next(callee(n) for n in range(30) if callee(n).number == held[0].number)
    verdict = world.run_object._gate.ask(first, GateStage.RING)
    assert verdict.deciding is not None
    assert verdict.deciding.rule_id == "CORE-REFUSAL"


def test_a_reply_that_cannot_be_kept_is_held_once_and_brought_again() -> None:
    raised: list[StoreError] = []

    def meddle(world: World, run: CampaignRun) -> None:
        def receive() -> None:
            try:
                run.events.on_message(MessageReceived(callee(0).number, "退订"))
            except StoreError as error:
                raised.append(error)

        def fail() -> None:
            store.failure = StoreError(cause="disk full")
            receive()
            receive()

        world.clock.loop.call_later(1.0, fail)

    store = MemoryStore()
    fill(store, 1)
    world = World(store, meddle=meddle)
    summary = world.run()
    assert summary.end is RunEnd.STORE_FAILED
    assert len(raised) == 2, "the gateway asks the centre to keep it, each time"
    assert [(one.number, one.channel) for one in world.run_object.held_refusals()] == [
        (callee(0).number, RefusalChannel.MESSAGE)
    ]
    assert world.calls.placed == []


def test_what_was_held_is_kept_when_there_is_room_again(tmp_path: Path) -> None:
    enterprise: Any = {"name": "云杉优选商城", "sign": "云杉优选", "presented_numbers": ["+862150000100"]}
    settings = OrganisationSettings(
        enterprise=enterprise, store=StoreSettings(path=tmp_path / "s.sqlite", key_file=tmp_path / "s.key")
    )
    store = SqlStore(settings.store.path, settings.store.key_file)
    fill(store, 1)
    at = here.TEN_IN_SHANGHAI
    held = [
        HeldRefusal(callee(0).number, callee(0).callee_id, RefusalChannel.KEYPAD, "bot", at, {"attempt_id": "at_1"}),
        HeldRefusal(callee(7).number, None, RefusalChannel.MESSAGE, "callee", at),
    ]
    assemble.keep_held(settings, held, random.Random(1))
    assert held == []
    ids = store.callee_ids([callee(0).number, callee(7).number])
    assert store.standing(ids[callee(0).number]).refusals[0].channel is RefusalChannel.KEYPAD
    assert store.standing(ids[callee(7).number]).refusals[0].channel is RefusalChannel.MESSAGE
    assert store.campaign_state(CAMPAIGN_ID) is not None
    store.close()


def test_what_can_still_not_be_kept_stays_in_the_list(tmp_path: Path) -> None:
    enterprise: Any = {"name": "云杉优选商城", "sign": "云杉优选", "presented_numbers": ["+862150000100"]}
    (tmp_path / "s.sqlite").write_text("no database at all, but a file of that name")
    settings = OrganisationSettings(
        enterprise=enterprise, store=StoreSettings(path=tmp_path / "s.sqlite", key_file=tmp_path / "s.key")
    )
    held = [HeldRefusal(callee(0).number, None, RefusalChannel.KEYPAD, "bot", here.TEN_IN_SHANGHAI)]
    assemble.keep_held(settings, held, random.Random(1))
    assert len(held) == 1
