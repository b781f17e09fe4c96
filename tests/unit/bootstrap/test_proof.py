"""Keys, checkpoints, bundles and verification as commands use them, on a store of a campaign folder."""

import stat
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from baitie.adapters.signing import Ed25519Signer, KeyFile, SigningKeyError
from baitie.adapters.store import SqlStore
from baitie.app.proof.checkpoint_signer import CheckpointSigner
from baitie.app.proof.evidence_bundle import NothingToProveError
from baitie.app.records.batch import Batch
from baitie.bootstrap import evidence
from baitie.bootstrap.stores import NoStoreError, open_store
from baitie.domain.audit import AuditFault, BundleError, Checkpoint
from baitie.files.examples import copy_example
from baitie.files.organisation_settings import OrganisationSettings, zone_of
from baitie.files.settings_files import load_organisation
from baitie.kernel.errors import StoreError
from baitie.kernel.journal import JournalEntry, JournalKind, JsonValue
from baitie.verifier import verify_bundle as alone

MORNING = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)  # ten o'clock in Shanghai


@pytest.fixture
def organisation(tmp_path: Path) -> OrganisationSettings:
    copy_example("order-followup", tmp_path / "c")
    return load_organisation(tmp_path / "c" / "baitie.toml", {}).settings


def write(organisation: OrganisationSettings, count: int, begin: datetime = MORNING) -> None:
    """So many entries, a minute apart."""
    with closing(open_store(organisation)) as store:
        for n in range(count):
            entry = JournalEntry(JournalKind.INVITE_SENT, begin + timedelta(minutes=n), "cp_1", facts={"n": n})
            store.record_refusal_or_freeze(Batch(journal=[entry]))


def tamper(organisation: OrganisationSettings, statement: str) -> None:
    import sqlite3

    with closing(sqlite3.connect(organisation.store.path)) as connection:
        connection.execute(statement)
        connection.commit()


# --- keys ---


def test_the_key_is_made_at_first_use_beside_the_stores_key_for_its_owner_only(
    organisation: OrganisationSettings,
) -> None:
    keys = evidence.signing_keys(organisation, MORNING)
    file = evidence.key_file_of(organisation).path
    assert file.parent == organisation.store.key_file.parent
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [key.organisation for key in keys] == [organisation.enterprise.name]
    assert evidence.signing_keys(organisation, MORNING) == keys


def test_a_store_made_anew_goes_on_with_the_key_that_lies_there(organisation: OrganisationSettings) -> None:
    first = evidence.signing_keys(organisation, MORNING)[0]
    organisation.store.path.unlink()
    assert evidence.signing_keys(organisation, MORNING)[0].public_key == first.public_key


def test_a_missing_or_foreign_key_file_is_refused_with_the_remedy(organisation: OrganisationSettings) -> None:
    evidence.signing_keys(organisation, MORNING)
    write(organisation, 1)
    file = evidence.key_file_of(organisation).path
    file.unlink()
    with pytest.raises(SigningKeyError, match="rotate --lost"):
        evidence.make_checkpoint(organisation, MORNING)
    for text in ("ab" * 32, "ab", "not hexadecimal"):
        file.write_text(text)
        with pytest.raises(SigningKeyError):
            evidence.make_checkpoint(organisation, MORNING)


def test_what_the_old_key_signed_stays_valid_and_the_new_one_is_endorsed(organisation: OrganisationSettings) -> None:
    write(organisation, 3)
    old = evidence.signing_keys(organisation, MORNING)[0]
    new = evidence.rotate_key(organisation, MORNING, is_lost=False)
    write(organisation, 3)
    assert evidence.make_checkpoint(organisation, MORNING) is not None
    for pinned in (old.public_key, new.public_key):
        verdict = evidence.verify_store(organisation, [pinned])
        assert (verdict.findings, verdict.unsealed, verdict.checkpoints) == ((), 0, 2)
    assert verdict.key_ids == (old.key_id, new.key_id)


def test_a_key_after_a_lost_one_is_not_believed_by_the_lost_ones_word(
    organisation: OrganisationSettings, tmp_path: Path
) -> None:
    write(organisation, 2)
    evidence.make_checkpoint(organisation, MORNING)
    old = evidence.signing_keys(organisation, MORNING)[0]
    evidence.key_file_of(organisation).path.unlink()
    new = evidence.rotate_key(organisation, MORNING, is_lost=True)
    write(organisation, 2)
    evidence.make_checkpoint(organisation, MORNING)
    evidence.export_bundle(organisation, tmp_path / "b.jsonl", MORNING)
    _, by_old = evidence.verify_bundle(tmp_path / "b.jsonl", [old.public_key])
    assert [finding.fault for finding in by_old.findings] == [AuditFault.KEY_NOT_TRUSTED]
    assert evidence.verify_bundle(tmp_path / "b.jsonl", [new.public_key])[1].is_whole


def test_a_crash_between_store_and_file_loses_no_key(organisation: OrganisationSettings) -> None:
    write(organisation, 2)
    file = evidence.key_file_of(organisation)
    with closing(open_store(organisation)) as store:
        checkpoint_signer = evidence.open_checkpoint_signer(organisation, store, MORNING)
        previous = store.signing_keys()[0]
        fresh = file.prepare_next()
        stated = evidence.state_key(fresh, "x", MORNING, previous, checkpoint_signer.signer)
        store.keep_signing_key(stated)
    # The process dies here: the file still holds the old key, the coming one lies beside it.
    assert file.signer().public_key == previous.public_key
    made = evidence.make_checkpoint(organisation, MORNING)
    assert made is not None
    assert made.key_id == stated.key_id
    assert file.signer().public_key == fresh.public_key


def test_a_prepared_key_that_the_store_never_heard_of_is_forgotten(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "k")
    first = file.signer()
    stray = file.prepare_next()
    assert file.prepare_next().public_key != stray.public_key
    assert file.signer(first.public_key).public_key == first.public_key


def test_a_signer_shows_its_public_key_only() -> None:
    signer = Ed25519Signer(b"\x07" * 32)
    assert repr(signer) == f"Ed25519Signer(public_key={signer.public_key})"


# --- checkpoints ---


def test_a_checkpoint_is_signed_once_and_again_when_something_was_added(organisation: OrganisationSettings) -> None:
    with pytest.raises(NoStoreError):
        evidence.make_checkpoint(organisation, MORNING)
    write(organisation, 3)
    first = evidence.make_checkpoint(organisation, MORNING)
    assert evidence.make_checkpoint(organisation, MORNING) is None
    write(organisation, 1)
    second = evidence.make_checkpoint(organisation, MORNING)
    assert first is not None
    assert second is not None
    assert (first.number, first.seq, second.number, second.seq) == (1, 3, 2, 4)
    assert second.previous == first.digest()


def test_the_notary_signs_when_the_enterprises_day_changes(organisation: OrganisationSettings) -> None:
    write(organisation, 1)
    before_midnight = datetime(2026, 3, 3, 15, 59, 59, tzinfo=UTC)  # 23:59:59 in Shanghai
    with closing(open_store(organisation)) as store:
        checkpoint_signer = evidence.open_checkpoint_signer(organisation, store, MORNING)
        first = checkpoint_signer.on_time(MORNING)
        assert first is not None  # what an earlier run left unsigned
        write(organisation, 1, before_midnight)
        assert checkpoint_signer.on_time(before_midnight) is None
        second = checkpoint_signer.on_time(before_midnight + timedelta(seconds=1))
        assert second is not None
        assert (second.seq, second.day) == (2, date(2026, 3, 3))
        assert checkpoint_signer.on_time(before_midnight + timedelta(days=1)) is None  # nothing happened meanwhile


def test_two_notaries_at_once_leave_one_chain_of_checkpoints(organisation: OrganisationSettings) -> None:
    write(organisation, 2)
    with closing(open_store(organisation)) as store, closing(open_store(organisation)) as other:
        checkpoint_signer = evidence.open_checkpoint_signer(organisation, store, MORNING)
        rival = evidence.open_checkpoint_signer(organisation, other, MORNING)

        class Overtaken:
            """The first look comes before the rival's checkpoint, the writing after it."""

            def __getattr__(self, name: str) -> object:
                return getattr(store, name)

            def keep_checkpoint(self, checkpoint: Checkpoint) -> None:
                rival.sign(MORNING)
                write(organisation, 1)
                store.keep_checkpoint(checkpoint)

        overtaken = CheckpointSigner(Overtaken(), checkpoint_signer.signer, zone_of(organisation))  # type: ignore[arg-type]
        with pytest.raises(StoreError):
            overtaken.sign(MORNING)  # the rival is faster every time
        assert checkpoint_signer.sign(MORNING) is not None
        numbers = [one.number for one in store.checkpoints()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert evidence.verify_store(organisation).is_whole


# --- verification of the store ---


@pytest.mark.parametrize(
    ("statement", "fault", "seq", "checkpoint"),
    [
        (
            "UPDATE journal SET canonical = replace(canonical, 'Invite', 'invite') WHERE seq = 3",
            "content-altered",
            3,
            None,
        ),
        ("UPDATE journal SET campaign_id = 'cp_2' WHERE seq = 3", "columns-altered", 3, None),
        ("UPDATE journal SET prev_hash = hash WHERE seq = 3", "link-broken", 3, None),
        ("DELETE FROM journal WHERE seq = 3", "row-missing", 3, None),
        ("DELETE FROM journal WHERE seq > 5", "end-cut-off", 6, 2),
        ("UPDATE checkpoints SET day = '2026-03-09' WHERE number = 1", "signature-wrong", 4, 1),
        ("UPDATE checkpoints SET seq = 3 WHERE number = 1", "signature-wrong", 3, 1),
        ("DELETE FROM checkpoints WHERE number = 1", "checkpoint-missing", 8, 1),
        ("DELETE FROM signing_keys", "key-unknown", 4, 1),
    ],
)
def test_a_tampered_store_is_found_with_its_place(
    organisation: OrganisationSettings, statement: str, fault: str, seq: int, checkpoint: int | None
) -> None:
    for _ in range(2):
        write(organisation, 4)
        evidence.make_checkpoint(organisation, MORNING)
    assert evidence.verify_store(organisation).is_whole
    tamper(organisation, statement)
    found = [(one.fault.value, one.seq, one.checkpoint) for one in evidence.verify_store(organisation).findings]
    assert (fault, seq, checkpoint) in found


def test_a_stranger_who_rewrites_store_and_keys_is_told_by_the_key_file(organisation: OrganisationSettings) -> None:
    write(organisation, 4)
    evidence.make_checkpoint(organisation, MORNING)
    own_key = evidence.key_file_of(organisation).path.read_text()
    organisation.store.path.unlink()
    evidence.key_file_of(organisation).path.unlink()
    write(organisation, 4)
    evidence.make_checkpoint(organisation, MORNING)  # under a key of the stranger's own
    assert evidence.verify_store(organisation).is_whole
    evidence.key_file_of(organisation).path.write_text(own_key)
    assert AuditFault.KEY_NOT_TRUSTED in {one.fault for one in evidence.verify_store(organisation).findings}


# --- bundles ---


def test_a_bundle_of_everything_is_whole_for_both_verifiers(organisation: OrganisationSettings, tmp_path: Path) -> None:
    write(organisation, 5)
    made = evidence.make_checkpoint(organisation, MORNING)
    assert made is not None
    target = tmp_path / "all.jsonl"
    done = evidence.export_bundle(organisation, target, MORNING, with_verifier=True)
    assert done.octets == target.stat().st_size
    assert done.verifier == tmp_path / "verify_bundle.py"
    header, verdict = evidence.verify_bundle(target, anchors={made.seq: made.hash})
    assert (header.organisation, verdict.entries, verdict.findings) == (organisation.enterprise.name, 5, ())
    with target.open("rb") as lines:
        assert alone.verify_lines(lines)["is_whole"]
    with pytest.raises(evidence.FileTakenError):
        evidence.export_bundle(organisation, target, MORNING)


def test_a_piece_ends_at_the_checkpoint_that_covers_it(organisation: OrganisationSettings, tmp_path: Path) -> None:
    for day in range(3):
        write(organisation, 4, MORNING + timedelta(days=day))
        evidence.make_checkpoint(organisation, MORNING)
    second_day = MORNING + timedelta(days=1)
    for target, until in ((tmp_path / "day.jsonl", MORNING + timedelta(days=2)), (tmp_path / "hour.jsonl", None)):
        until = until or second_day + timedelta(minutes=2)
        evidence.export_bundle(organisation, target, MORNING, time_from=second_day, time_until=until)
        header, verdict = evidence.verify_bundle(target)
        assert (header.first_seq, header.last_seq, verdict.unsealed, verdict.findings) == (5, 8, 0, ())
    with pytest.raises(NothingToProveError):
        evidence.export_bundle(organisation, tmp_path / "none.jsonl", MORNING, time_from=MORNING + timedelta(days=9))


def test_a_piece_is_whole_without_the_entries_that_wrote_its_verdicts(
    organisation: OrganisationSettings, tmp_path: Path
) -> None:
    times = [MORNING + timedelta(days=n // 2, seconds=n) for n in range(4)]
    with closing(SqlStore(organisation.store.path, organisation.store.key_file, inline=True)) as store:
        for at in times:
            verdict: JsonValue = {"at": at.isoformat(), "decision": "allow", "findings": [], "passed": ["CORE-REFUSAL"]}
            facts: dict[str, JsonValue] = {"verdict": verdict, "verdict_facts": {"at": at.isoformat()}}
            store.commit(Batch(journal=[JournalEntry(JournalKind.RING_ALLOWED, at, "cp_1", facts=facts)]))
    target = tmp_path / "second-day.jsonl"
    evidence.export_bundle(organisation, target, MORNING, time_from=MORNING + timedelta(days=1))
    header, found = evidence.verify_bundle(target)
    assert (header.first_seq, header.verdicts, found.entries) == (3, 1, 2)
    assert found.findings == ()
    with target.open("rb") as lines:
        assert alone.verify_lines(lines)["findings"] == []
    without = [line for line in target.read_bytes().splitlines(keepends=True) if b'"type":"verdict"' not in line]
    assert "verdict-missing" in [one["fault"] for one in alone.verify_lines(iter(without))["findings"]]


def test_what_is_no_bundle_is_refused(tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(b"{" * 3_000_000)
    for name in ("long", "absent"):
        with pytest.raises(BundleError):
            evidence.verify_bundle(tmp_path / name)
