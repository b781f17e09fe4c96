"""Runs that sign their journal: at the change of day, at the end, and what a crash left behind."""

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.fakes.signed_journal import OLD_KEY
from tests.fakes.store import MemoryStore
from tests.rehearsal.world import TEN_IN_SHANGHAI, World, campaign, fill

from baitie.adapters.signing import verify_signature
from baitie.app.calling.campaign_run import CampaignRun
from baitie.app.calling.progress import RunEnd
from baitie.app.proof.checkpoint_signer import CheckpointSigner, state_key
from baitie.domain.audit import AuditScope, AuditVerdict, Checkpoint, in_order, verify_audit
from baitie.rehearsal.virtual_time import SimulatedCrash

SHANGHAI = ZoneInfo("Asia/Shanghai")


def with_notary(world: World, run: CampaignRun) -> None:
    run.ports = replace(run.ports, checkpoint_signer=CheckpointSigner(world.store, OLD_KEY, SHANGHAI))


def signed_store(leads: int, **options: object) -> MemoryStore:
    store = MemoryStore(**options)  # type: ignore[arg-type]
    fill(store, leads)
    store.keep_signing_key(state_key(OLD_KEY, "云杉优选", TEN_IN_SHANGHAI, None, None))
    return store


def verdict_of(store: MemoryStore) -> AuditVerdict:
    scope = AuditScope(keys=store.signing_keys(), pinned=[OLD_KEY.public_key])
    return verify_audit(scope, in_order(store.journal_rows(), store.checkpoints()), verify_signature)


def test_a_run_ends_with_its_whole_journal_signed() -> None:
    store = signed_store(40)
    summary = World(store, meddle=with_notary).run()
    verdict = verdict_of(store)
    assert summary.problem is None
    assert (verdict.findings, verdict.unsealed) == ((), 0)
    assert verdict.sealed_until_seq == len(store.journal())


def test_a_run_over_midnight_signs_each_of_the_enterprises_days() -> None:
    store = signed_store(60)
    evening = datetime(2026, 3, 3, 12, 40, tzinfo=UTC)  # 20:40 in Shanghai, twenty minutes before the quiet hours
    patient = campaign(idle_wait_max_s=24 * 3600.0, rules=campaign().rules)

    def once_a_day(world: World, run: CampaignRun) -> None:
        run.ports = replace(run.ports, checkpoint_signer=CheckpointSigner(world.store, OLD_KEY, SHANGHAI, every_s=1e9))

    World(store, patient, civil_start=evening, meddle=once_a_day).run()
    days = [one.day for one in store.checkpoints()]
    assert set(days) >= {date(2026, 3, 3), date(2026, 3, 4)}
    assert days == sorted(days)
    midnight = datetime(2026, 3, 4, tzinfo=SHANGHAI)
    at_midnight = [one for one in store.checkpoints() if midnight <= one.signed_at < midnight + timedelta(seconds=1)]
    assert [one.day for one in at_midnight] == [date(2026, 3, 3)]
    assert verdict_of(store).is_whole


def test_same_seed_gives_the_same_signatures() -> None:
    def signatures() -> list[str]:
        store = signed_store(20)
        World(store, meddle=with_notary).run()
        return [one.signature for one in store.checkpoints()]

    assert signatures() == signatures()


def test_what_a_crash_left_unsigned_is_signed_when_the_run_goes_on() -> None:
    store = signed_store(40)

    def crash_soon(world: World, run: CampaignRun) -> None:
        with_notary(world, run)

        def crash() -> None:
            raise SimulatedCrash

        world.clock.call_at(run.ports.clock.now() + 30, crash)  # type: ignore[arg-type]

    with pytest.raises(SimulatedCrash):
        World(store, meddle=crash_soon).run()
    store = store.crash()
    assert verdict_of(store).unsealed > 0
    entries = len(store.journal())
    World(store, meddle=with_notary, civil_start=TEN_IN_SHANGHAI + timedelta(minutes=5)).run()
    assert any(entries <= one.seq <= entries + 5 for one in store.checkpoints())
    assert verdict_of(store).unsealed == 0


def test_a_store_that_fails_is_the_runs_problem_and_not_the_notarys() -> None:
    store = signed_store(40, fail_at_commit=60)
    summary = World(store, meddle=with_notary).run()
    assert summary.end is RunEnd.STORE_FAILED
    assert verdict_of(store).is_whole


@pytest.mark.parametrize(
    ("every", "unsigned_max_s", "unsigned_max"), [({"every_s": 10.0}, 11.0, None), ({"every_entries": 30}, None, 130)]
)
def test_no_entry_of_a_run_stays_unsigned_for_long(
    every: dict[str, Any], unsigned_max_s: float | None, unsigned_max: int | None
) -> None:
    def often(world: World, run: CampaignRun) -> None:
        run.ports = replace(run.ports, checkpoint_signer=CheckpointSigner(world.store, OLD_KEY, SHANGHAI, **every))

    store = signed_store(60)
    World(store, meddle=often).run()
    made = store.checkpoints()
    assert len(made) > 3
    for before, after in itertools.pairwise(made):
        assert unsigned_max is None or after.seq - before.seq <= unsigned_max
    for seq, entry in store.journal():
        covering = next(one for one in made if one.seq >= seq)
        assert unsigned_max_s is None or (covering.signed_at - entry.at).total_seconds() <= unsigned_max_s
    assert verdict_of(store).is_whole


def test_a_rehearsed_run_is_signed_at_the_same_places_each_time() -> None:
    def often(world: World, run: CampaignRun) -> None:
        run.ports = replace(run.ports, checkpoint_signer=CheckpointSigner(world.store, OLD_KEY, SHANGHAI, every_s=5.0))

    def signed() -> list[Checkpoint]:
        store = signed_store(40)
        World(store, meddle=often).run()
        return list(store.checkpoints())

    assert signed() == signed()
