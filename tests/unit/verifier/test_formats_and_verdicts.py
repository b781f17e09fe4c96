"""Two formats of the journal under both verifiers: verdicts referred to, clocks and carriers told, hostile texts."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.signed_journal import BEGIN, OLD_KEY, ORGANISATION, SHANGHAI, SignedJournal, changed, place_of
from tests.fakes.store import MemoryStore
from tests.unit.verifier.test_verify_bundle import both, faults

from baitie.adapters.signing import verify_signature
from baitie.app.proof import journal_verifier
from baitie.app.proof.checkpoint_signer import CheckpointSigner, state_key
from baitie.app.proof.journal_verifier import IncrementalVerifier
from baitie.app.records.batch import Batch
from baitie.domain.audit import (
    AttachedVerdict,
    AuditItem,
    BundleHeader,
    in_order,
    verdict_digest,
    verdicts_missing,
    write_bundle,
)
from baitie.kernel.journal import GENESIS_HASH, JournalEntry, JournalKind, JsonValue
from baitie.verifier import verify_bundle as alone

OLD_BUNDLE = Path(__file__).parents[2] / "data" / "journal_1" / "bundle.jsonl"
VERDICT: dict[str, JsonValue] = {
    "decision": "allow",
    "passed": ["CORE-REFUSAL"],
    "note": "时间合适",
}
DIGEST = verdict_digest(VERDICT)


def journal(*facts: dict[str, JsonValue], at: Sequence[datetime] = ()) -> MemoryStore:
    """One entry for each, signed at the end."""
    store = MemoryStore(is_inline=True)
    store.keep_signing_key(state_key(OLD_KEY, ORGANISATION, BEGIN, None, None))
    for n, one in enumerate(facts):
        when = at[n] if at else BEGIN + timedelta(seconds=n)
        kind = JournalKind.CAMPAIGN_STARTED if "clock" in one else JournalKind.RING_ALLOWED
        store.commit(Batch(journal=[JournalEntry(kind, when, "cp_1", facts=one)]))
    CheckpointSigner(store, OLD_KEY, SHANGHAI).sign(BEGIN + timedelta(hours=1))
    return store


def bundle(store: MemoryStore, first: int = 1, attached: Sequence[AttachedVerdict] | None = None) -> list[bytes]:
    """The entries from `first` on, with the verdicts that they need from before unless told otherwise."""
    rows = list(store.journal_rows())
    if attached is None:
        attached = [AttachedVerdict(VERDICT) for _ in verdicts_missing(rows[first - 1 :])]
    header = BundleHeader(
        ORGANISATION,
        BEGIN,
        first,
        len(rows),
        rows[first - 2].hash if first > 1 else GENESIS_HASH,
        len(rows) - first + 1,
        len(store.checkpoints()),
        tuple(store.signing_keys()),
        len(attached),
    )

    def items() -> Iterator[AuditItem]:
        yield from attached
        yield from in_order(rows[first - 1 :], store.checkpoints())

    return list(write_bundle(header, items()))


WRITTEN: dict[str, JsonValue] = {"verdict": VERDICT, "verdict_digest": DIGEST}
REFERRED: dict[str, JsonValue] = {"verdict_digest": DIGEST}


def test_a_bundle_of_format_1_is_whole_under_both_verifiers_of_today() -> None:
    verdict = both(OLD_BUNDLE.read_bytes().splitlines(keepends=True), pinned=[OLD_KEY.public_key])
    assert (verdict["is_whole"], verdict["formats"], verdict["carriers"]) == (True, {"1": 20}, {"unstated": 20})


def test_a_verdict_is_written_once_and_referred_to_by_later_entries() -> None:
    verdict = both(bundle(journal(WRITTEN, REFERRED, {}, REFERRED)))
    assert (verdict["findings"], verdict["formats"]) == ([], {"2": 4})


def test_a_verdict_that_no_entry_up_to_there_wrote_is_missing() -> None:
    assert faults(bundle(journal(REFERRED, WRITTEN), attached=())) == ["verdict-missing"]
    assert faults(bundle(journal({"verdict_digest": 7}), attached=())) == ["verdict-missing"]
    assert faults(bundle(journal({"verdict_digest": "f" * 63 + "G"}), attached=())) == ["verdict-missing"]


def test_a_piece_brings_along_the_verdicts_that_stand_before_it() -> None:
    store = journal(WRITTEN, {}, REFERRED)
    assert faults(bundle(store, 3)) == []
    assert faults(bundle(store, 3, attached=())) == ["verdict-missing"]
    forged = AttachedVerdict({**VERDICT, "decision": "deny"})
    assert faults(bundle(store, 3, attached=[forged])) == ["verdict-missing", "verdict-unasked"]
    assert faults(bundle(store, 3, attached=[AttachedVerdict(VERDICT), forged])) == ["verdict-unasked"]
    assert faults([line for line in bundle(store, 3) if b'"type":"verdict"' not in line]) == [
        "verdict-missing",
        "count-wrong",
    ]


def test_a_verdict_that_is_not_what_its_digest_names_is_found() -> None:
    assert faults(bundle(journal({"verdict": {**VERDICT, "decision": "deny"}, "verdict_digest": DIGEST}))) == [
        "verdict-differs"
    ]


def test_an_entry_of_a_format_to_come_is_not_taken_for_one_of_today() -> None:
    lines = SignedJournal(days=1).lines()
    place = place_of(lines, "entry", seq=2)

    def of_format(number: object) -> list[bytes]:
        return changed(
            lines, place, lambda e: e.update(canonical=e["canonical"].replace('"format":2', f'"format":{number}'))
        )

    assert "content-altered" in faults(of_format(1))
    chained = [json.loads(line) for line in of_format(3)]
    last = GENESIS_HASH
    for item in chained:
        if item["type"] == "entry":
            last = item["hash"] = alone.hashlib.sha256(last.encode() + item["canonical"].encode()).hexdigest()
    assert {"fault": "format-unknown", "seq": 2} in both([json.dumps(item).encode() + b"\n" for item in chained])[
        "findings"
    ]


def test_a_clock_that_was_set_back_is_told_and_is_no_fault() -> None:
    at = [BEGIN, BEGIN + timedelta(hours=2), BEGIN + timedelta(hours=2, seconds=-3), BEGIN + timedelta(hours=1)]
    verdict = both(bundle(journal({}, {}, {}, {}, at=at)))
    assert verdict["is_whole"]
    assert verdict["clock_back"] == [{"seq": 4, "back_s": 3597.0}]


@pytest.mark.parametrize(
    ("clock", "told"),
    [
        ({"kind": "simulated", "speed": 200}, [4]),
        ({"kind": "simulated", "speed": 1e12}, []),
        ({"kind": "simulated", "speed": 0}, [3, 4]),
        ({"kind": "simulated", "speed": "200"}, [3, 4]),
        ({"kind": "real", "speed": 200}, [3, 4]),
        ({"kind": "real"}, [3, 4]),
    ],
)
def test_a_simulated_clock_steps_back_in_its_own_seconds(clock: dict[str, JsonValue], told: list[int]) -> None:
    at = [BEGIN, BEGIN + timedelta(hours=2), BEGIN + timedelta(hours=2, seconds=-14), BEGIN + timedelta(hours=1)]
    verdict = both(bundle(journal({"clock": clock}, {}, {}, {}, at=at)))
    assert [place["seq"] for place in verdict["clock_back"]] == told


def test_a_bundle_says_on_which_clock_and_carrier_its_runs_and_calls_were() -> None:
    store = MemoryStore(is_inline=True)
    store.keep_signing_key(state_key(OLD_KEY, ORGANISATION, BEGIN, None, None))
    clock: dict[str, JsonValue] = {"kind": "simulated", "civil_start": "2026-03-03T02:00:00+00:00", "speed": 60}
    pack: JsonValue = {"name": "core", "version": 1, "digest": "ab" * 16}
    begun: dict[str, JsonValue] = {"carrier": "loopback", "clock": clock, "packs": [pack], "settings": "c" * 64}
    facts: list[tuple[JournalKind, dict[str, JsonValue]]] = [
        (JournalKind.CAMPAIGN_STARTED, begun),
        (JournalKind.INVITE_SENT, {"carrier": "loopback"}),
        (JournalKind.INVITE_SENT, {"carrier": "trunks"}),
        (JournalKind.INVITE_SENT, {}),
        (JournalKind.CAMPAIGN_RESUMED, {"carrier": ["x"], "clock": 3, "packs": "y", "settings": None}),
    ]
    for kind, said in facts:
        store.commit(Batch(journal=[JournalEntry(kind, BEGIN, "cp_1", facts=said)]))
    verdict = both(bundle(store))
    assert verdict["carriers"] == {"loopback": 1, "trunks": 1, "unstated": 1}
    assert verdict["runs"][0] == {
        "seq": 1,
        "campaign_id": "cp_1",
        "carrier": "loopback",
        "clock": clock,
        "packs": [f"core 1 {'ab' * 16}"],
        "settings": "c" * 64,
    }
    assert (verdict["runs"][1]["carrier"], verdict["runs"][1]["packs"]) == ("unstated", [])


HOSTILE = "Whole 完整\n\x1b[8m\x1b]0;x\x07\x9b2J\u202e\u2066云杉\r\x00\u2028" + "x" * 150


@pytest.mark.parametrize("place", ["organisation", "finding", "carrier", "campaign"])
def test_nothing_of_a_bundle_moves_the_cursor_or_says_whole(tmp_path: Path, place: str) -> None:
    lines = SignedJournal(days=1).lines()
    if place == "organisation":
        lines = changed(lines, 0, lambda header: header.update(organisation=HOSTILE))
    elif place == "finding":
        lines = changed(lines, 0, lambda header: header.update(entries=19))
    else:
        facts: dict[str, JsonValue] = {"carrier": HOSTILE, "clock": {"kind": HOSTILE, "civil_start": HOSTILE}}
        store = MemoryStore(is_inline=True)
        kind = JournalKind.INVITE_SENT if place == "carrier" else JournalKind.CAMPAIGN_STARTED
        store.commit(Batch(journal=[JournalEntry(kind, BEGIN, HOSTILE, facts=facts)]))
        lines = [*bundle(store)[:-1]]
    file = tmp_path / "b.jsonl"
    file.write_bytes(b"".join(lines))
    done = subprocess.run(
        [sys.executable, "-I", "-S", alone.__file__, str(file)], capture_output=True, check=False, text=True
    )
    assert done.returncode == 1
    printed = done.stdout.splitlines()
    assert printed[0] == "NOT whole 不完整", "the verdict stands first"
    assert all(line.isprintable() for line in printed)
    assert not any(line.startswith("Whole") for line in printed)


def test_twenty_thousand_wrong_signatures_are_not_all_tried() -> None:
    lines = SignedJournal(days=1).lines()
    one = json.loads(lines[place_of(lines, "checkpoint", number=1)])
    many = [json.dumps({**one, "number": n, "day": "2026-03-09"}).encode() + b"\n" for n in range(1, 20_001)]
    tried: list[bytes] = []
    original = alone.verify_signature

    def counting(public_key: bytes, message: bytes, signature: bytes) -> bool:
        tried.append(signature)
        return original(public_key, message, signature)

    alone.verify_signature = counting
    try:
        verdict: dict[str, Any] = alone.verify_lines([*lines[:-1], *many])
    finally:
        alone.verify_signature = original
    assert not verdict["is_whole"]
    assert len(tried) <= alone.SIGNATURES_WRONG_MAX + 10
    assert verdict["findings_more"] > 1000


@pytest.mark.parametrize(
    ("entries", "is_broken"), [((WRITTEN, {}, REFERRED, {}, REFERRED), False), (({}, {}, REFERRED, {}), True)]
)
def test_who_looks_piece_by_piece_knows_the_verdicts_of_earlier_pieces(
    entries: tuple[dict[str, JsonValue], ...], is_broken: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_verifier, "ROWS_PER_LOOK_MAX", 2)
    watch = IncrementalVerifier(journal(*entries), verify_signature)
    while watch.look():
        pass
    assert watch.is_broken is is_broken
    assert is_broken or watch.sealed_until_seq == len(entries)
