"""The stand-alone verifier: Ed25519 as RFC 8032 has it, and the same verdicts as the package's own."""

import ast
import contextlib
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes.signed_journal import NEW_KEY, OLD_KEY, STRANGE_KEY, SignedJournal, changed, checked, place_of
from tests.fuzzing import fuzz

from baitie.adapters.signing import Ed25519Signer, verify_signature
from baitie.domain.audit import AuditFault, BundleError, Checkpoint, SigningKey, key_id_of, read_bundle_untrusted
from baitie.kernel.journal import link_hash
from baitie.locale.catalogue import LANGUAGES, catalogue
from baitie.verifier import verify_bundle as alone

DATA = Path(__file__).parents[2] / "data" / "rfc8032_ed25519.json"
VECTORS = json.loads(DATA.read_text("utf-8"))["vectors"]
SCRIPT = Path(alone.__file__)
JOURNAL = SignedJournal()
LINES = JOURNAL.lines()

Change = Callable[[list[bytes]], list[bytes]]


# --- Ed25519 ---


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
@pytest.mark.parametrize("verify", [alone.verify_signature, verify_signature], ids=["alone", "package"])
def test_every_vector_of_rfc_8032_section_7_1_holds(vector: dict[str, str], verify: Any) -> None:
    public_key, message, signature = (bytes.fromhex(vector[name]) for name in ("public_key", "message", "signature"))
    assert verify(public_key, message, signature)
    assert not verify(public_key, message + b"\x00", signature)
    assert not verify(public_key, message, signature[:-1] + bytes([signature[-1] ^ 1]))
    assert not verify(public_key, message, bytes([signature[0] ^ 1]) + signature[1:])


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_signer_makes_the_signatures_of_rfc_8032(vector: dict[str, str]) -> None:
    signer = Ed25519Signer(bytes.fromhex(vector["seed"]))
    assert signer.public_key == vector["public_key"]
    assert signer.sign(bytes.fromhex(vector["message"])).hex() == vector["signature"]


def test_both_verifiers_agree_on_good_and_damaged_signatures() -> None:
    rng = random.Random(8032)
    for turn in range(60):
        signer = Ed25519Signer(rng.randbytes(32))
        message = rng.randbytes(rng.randrange(200))
        given_ = [bytearray.fromhex(signer.public_key), bytearray(message), bytearray(signer.sign(message))]
        if turn % 3:
            octets = given_[rng.choice([0, 2]) if not message else rng.randrange(3)]
            octets[rng.randrange(len(octets))] ^= 1 << rng.randrange(8)
        public_key, message, signature = map(bytes, given_)
        expected = verify_signature(public_key, message, signature)
        assert alone.verify_signature(public_key, message, signature) == expected
        assert expected == (turn % 3 == 0)


def test_a_signature_whose_scalar_is_not_reduced_is_refused() -> None:
    signature = OLD_KEY.sign(b"x")
    scalar = int.from_bytes(signature[32:], "little") + alone.ORDER
    again = signature[:32] + scalar.to_bytes(32, "little")
    for verify in (alone.verify_signature, verify_signature):
        assert not verify(bytes.fromhex(OLD_KEY.public_key), b"x", again)


def test_what_is_no_point_or_no_signature_is_no() -> None:
    good = OLD_KEY.sign(b"x")
    for public_key in (b"", b"\xff" * 32, bytes(31) + b"\x80", (2).to_bytes(32, "little")):
        assert not alone.verify_signature(public_key, b"x", good)
    assert not alone.verify_signature(bytes.fromhex(OLD_KEY.public_key), b"x", good[:-1])


# --- verdicts ---


def both(lines: Sequence[bytes], **known: Any) -> dict[str, Any]:
    """The verdict, which must be the same by both verifiers."""
    own = checked(lines, **known).to_json()
    for finding in cast(list[dict[str, Any]], own["findings"]):
        values = finding.pop("values")
        for name in [name for name, value in finding.items() if value is None]:
            del finding[name]
        finding.update(values)
    foreign = alone.verify_lines(lines, known.get("pinned", ()), known.get("anchors"))
    assert {name: value for name, value in foreign.items() if name != "organisation"} == own
    return foreign


def faults(lines: Sequence[bytes], **known: Any) -> list[str]:
    return [finding["fault"] for finding in both(lines, **known)["findings"]]


@pytest.mark.parametrize("pinned", [(), (OLD_KEY.public_key,), (NEW_KEY.public_key,)], ids=["none", "old", "new"])
def test_a_bundle_as_it_was_written_is_whole_whichever_key_is_trusted(pinned: tuple[str, ...]) -> None:
    verdict = both(LINES, pinned=pinned)
    assert (verdict["is_whole"], verdict["entries"], verdict["checkpoints"], verdict["unsealed"]) == (True, 20, 4, 0)
    assert verdict["is_pinned"] == bool(pinned)


@pytest.mark.parametrize(("first", "last"), [(6, 20), (8, 15), (1, 10), (11, 20)])
def test_a_piece_of_the_journal_is_whole_in_itself(first: int, last: int) -> None:
    verdict = both(JOURNAL.lines(first, last), pinned=[OLD_KEY.public_key])
    assert verdict["findings"] == []
    assert verdict["unsealed"] == 0


def test_entries_after_the_last_checkpoint_are_counted_as_unsealed() -> None:
    verdict = both(JOURNAL.lines(1, 12))
    assert (verdict["is_whole"], verdict["sealed_until_seq"], verdict["unsealed"]) == (True, 10, 2)


@pytest.mark.parametrize("kept", [20, 0])
@pytest.mark.parametrize("has_keys", [True, False])
def test_nothing_is_whole_under_a_given_key_that_signed_nothing_of_it(kept: int, has_keys: bool) -> None:
    header, *items = map(json.loads, LINES)
    entries = [item for item in items if item["type"] == "entry"][:kept]
    header |= {"entries": kept, "last_seq": kept, "checkpoints": 0, "keys": header["keys"] if has_keys else []}
    lines = [json.dumps(line).encode() + b"\n" for line in (header, *entries)]
    assert faults(lines, pinned=[OLD_KEY.public_key]) == ["nothing-signed"]
    assert both(lines)["is_whole"], "whoever gives no key is told that nobody vouches for it"


@pytest.mark.parametrize(
    "text", ["", "x", "2026-03-03", "2026-03-03T02:00:00", "2026-03-03 02:00:00+00:00", "2026-3-3"]
)
@pytest.mark.parametrize("place", [("header", "made_at"), ("checkpoint", "signed_at"), ("checkpoint", "day")])
def test_a_time_that_is_none_is_refused_by_both_verifiers(place: tuple[str, str], text: str) -> None:
    kind, name = place
    lines = list(LINES)
    at = next(number for number, line in enumerate(lines) if json.loads(line)["type"] == kind)
    if name == "day" and text == "2026-03-03":
        text = "2026-03-03T02:00:00+00:00"
    lines[at] = json.dumps({**json.loads(lines[at]), name: text}).encode() + b"\n"
    with pytest.raises(BundleError):
        checked(lines)
    with pytest.raises(alone.BundleError):
        alone.verify_lines(lines)


def entry(lines: Sequence[bytes], seq: int) -> int:
    return place_of(lines, "entry", seq=seq)


def checkpoint(lines: Sequence[bytes], number: int) -> int:
    return place_of(lines, "checkpoint", number=number)


def without(place: int) -> Change:
    return lambda lines: [*lines[:place], *lines[place + 1 :]]


def with_field(place: int, name: str, value: Any) -> Change:
    return lambda lines: changed(lines, place, lambda body: body.__setitem__(name, value))


def rewritten(lines: list[bytes]) -> list[bytes]:
    """Entry 7 says something else, and every hash after it is computed anew: the chain is whole again."""
    out, last = list(lines), "0" * 64
    for place, line in enumerate(lines):
        body = json.loads(line)
        if body["type"] == "entry":
            if body["seq"] == 7:
                body["canonical"] = body["canonical"].replace("InviteSent", "LeadClosed")
            last = body["hash"] = link_hash(last, body["canonical"].encode())
            out[place] = json.dumps(body, ensure_ascii=False).encode() + b"\n"
    return out


def swapped(first: int, second: int) -> Change:
    def swap(lines: list[bytes]) -> list[bytes]:
        out = list(lines)
        out[first], out[second] = lines[second], lines[first]
        return out

    return swap


def resigned(lines: list[bytes]) -> list[bytes]:
    """Checkpoint 2 with another hash, signed by a key that is nobody's but names itself as the organisation's."""

    def change(body: dict[str, Any]) -> None:
        forged = Checkpoint.from_json({**body, "hash": "f" * 64})
        body.update(replace(forged, signature=STRANGE_KEY.sign(forged.signed_bytes()).hex()).to_json())

    return changed(lines, checkpoint(lines, 2), change)


def with_key(**fields: Any) -> Change:
    return lambda lines: changed(lines, 0, lambda header: header["keys"][1].update(fields))


def with_strange_key(lines: list[bytes]) -> list[bytes]:
    """The second key is replaced by a stranger's, who signs its statement and the checkpoints, but is not endorsed."""
    header = json.loads(lines[0])
    stated = SigningKey.from_json({**header["keys"][1], "public_key": STRANGE_KEY.public_key})
    stated = replace(stated, signature=STRANGE_KEY.sign(stated.signed_bytes()).hex())
    out = changed(lines, 0, lambda body: body["keys"].__setitem__(1, stated.to_json()))
    last: Checkpoint | None = None
    for place, line in enumerate(lines):
        body = json.loads(line)
        if body["type"] == "checkpoint":
            one = Checkpoint.from_json(body)
            if one.number > 2 and last is not None:
                one = replace(one, key_id=stated.key_id, previous=last.digest())
                one = replace(one, signature=STRANGE_KEY.sign(one.signed_bytes()).hex())
                out[place] = json.dumps({"type": "checkpoint", **one.to_json()}).encode() + b"\n"
            last = one
    return out


TAMPERINGS: dict[str, tuple[Change, str, dict[str, Any]]] = {
    "entry-altered": (
        with_field(entry(LINES, 4), "canonical", json.loads(LINES[entry(LINES, 4)])["canonical"].replace("ld", "lx")),
        "content-altered",
        {"seq": 4},
    ),
    "hash-altered": (with_field(entry(LINES, 4), "hash", "0" * 64), "content-altered", {"seq": 4}),
    "entry-taken-out": (without(entry(LINES, 9)), "row-missing", {"seq": 9, "until": 9}),
    "entry-doubled": (lambda lines: [*lines[:5], lines[4], *lines[5:]], "row-order", {"seq": 4}),
    "entries-swapped": (swapped(entry(LINES, 3), entry(LINES, 4)), "row-missing", {"seq": 3, "until": 3}),
    "entry-renumbered": (with_field(entry(LINES, 20), "seq", 21), "row-missing", {"seq": 20, "until": 20}),
    "past-rewritten": (rewritten, "checkpoint-disagrees", {"checkpoint": 2, "seq": 10, "after_seq": 5}),
    "end-cut-off": (lambda lines: lines[:-3], "end-cut-off", {"seq": 19, "until": 20}),
    "end-cut-off-but-for-the-checkpoint": (
        lambda lines: [*lines[:-4], lines[-1]],
        "end-cut-off",
        {"seq": 18, "until": 20, "checkpoint": 4},
    ),
    "checkpoint-altered": (
        with_field(checkpoint(LINES, 2), "day", "2026-03-09"),
        "signature-wrong",
        {"checkpoint": 2, "seq": 10, "key_id": JOURNAL.store.signing_keys()[0].key_id},
    ),
    "checkpoint-taken-out": (
        without(checkpoint(LINES, 2)),
        "checkpoint-missing",
        {"checkpoint": 2, "seq": 15, "found": 3},
    ),
    "first-checkpoint-taken-out": (
        without(checkpoint(LINES, 1)),
        "checkpoint-missing",
        {"checkpoint": 1, "seq": 10, "found": 2},
    ),
    "last-checkpoint-taken-out": (
        lambda lines: lines[:-1],
        "count-wrong",
        {"of": "checkpoints", "stated": 4, "counted": 3},
    ),
    "checkpoint-moved": (
        swapped(checkpoint(LINES, 2), entry(LINES, 11)),
        "checkpoint-misplaced",
        {"checkpoint": 2, "seq": 10},
    ),
    "checkpoint-forged": (
        resigned,
        "signature-wrong",
        {"checkpoint": 2, "seq": 10, "key_id": JOURNAL.store.signing_keys()[0].key_id},
    ),
    "checkpoint-of-an-unknown-key": (
        with_field(checkpoint(LINES, 1), "key_id", "f" * 16),
        "key-unknown",
        {"checkpoint": 1, "seq": 5, "key_id": "f" * 16},
    ),
    "key-replaced": (
        with_strange_key,
        "key-not-trusted",
        {"checkpoint": 3, "seq": 15, "key_id": key_id_of(STRANGE_KEY.public_key)},
    ),
    "key-statement-altered": (
        with_key(made_at="2026-01-01T00:00:00+00:00"),
        "key-statement-wrong",
        {"key_id": JOURNAL.store.signing_keys()[1].key_id},
    ),
    "endorsement-taken-out": (
        with_key(endorsement=None),
        "key-not-trusted",
        {"checkpoint": 3, "seq": 15, "key_id": JOURNAL.store.signing_keys()[1].key_id},
    ),
    "organisation-renamed": (
        with_field(0, "organisation", "另一家"),
        "organisation-disagrees",
        {"key_id": JOURNAL.store.signing_keys()[1].key_id},
    ),
    "beginning-renamed": (with_field(0, "previous_hash", "1" * 64), "link-broken", {"seq": 1}),
    "count-altered": (with_field(0, "entries", 19), "count-wrong", {"of": "entries", "stated": 19, "counted": 20}),
}


@pytest.mark.parametrize("name", list(TAMPERINGS))
def test_each_tampering_is_found_by_both_with_its_place(name: str) -> None:
    change, fault, place = TAMPERINGS[name]
    verdict = both(change(list(LINES)), pinned=[OLD_KEY.public_key])
    assert {"fault": fault, **place} in verdict["findings"]


def test_a_key_from_elsewhere_that_signed_nothing_here_trusts_nothing_here() -> None:
    assert set(faults(LINES, pinned=[STRANGE_KEY.public_key])) == {"key-not-trusted"}


def test_a_cut_that_also_takes_the_checkpoints_is_told_by_an_anchor_alone() -> None:
    whole = list(JOURNAL.store.journal_rows())
    short = JOURNAL.lines(1, 15)
    assert faults(short) == []
    assert faults(short, anchors={20: whole[19].hash}) == ["anchor-not-covered"]
    assert faults(LINES, anchors={20: whole[19].hash, 3: whole[2].hash}) == []
    assert faults(LINES, anchors={3: "0" * 64}) == ["anchor-disagrees"]


def test_more_findings_than_the_bound_are_counted() -> None:
    long = SignedJournal(days=1, entries_per_day=150).lines()
    spoilt = [line.replace(b"InviteSent", b"LeadClosed") for line in long]
    verdict = both(spoilt)
    assert (len(verdict["findings"]), verdict["findings_more"]) == (alone.FINDINGS_MAX, 50)


@settings(deadline=None, max_examples=150)
@given(st.integers(1, len(LINES) - 1), st.data())
def test_no_value_of_an_entry_or_checkpoint_can_be_changed_unseen(place: int, data: st.DataObject) -> None:
    body = json.loads(LINES[place])
    name = data.draw(st.sampled_from(sorted(body.keys() - {"type"})))
    value = body[name]
    if isinstance(value, int):
        other = data.draw(st.integers(0, 40).filter(lambda n: n != value))
    else:
        at = data.draw(st.integers(0, len(value) - 1))
        char = data.draw(st.sampled_from("0123456789abcdef").filter(lambda c: c != value[at]))
        other = value[:at] + char + value[at + 1 :]
    spoilt = changed(LINES, place, lambda line: line.__setitem__(name, other))
    with contextlib.suppress(BundleError):
        assert not checked(spoilt, [OLD_KEY.public_key]).is_whole
    with contextlib.suppress(alone.BundleError):
        assert not alone.verify_lines(spoilt, [OLD_KEY.public_key])["is_whole"]


# --- reading ---

SEEDS = [b"".join(JOURNAL.lines(4, 11)), b"".join(LINES[:3]), LINES[0], b'{"type":"entry"}\n']


def read_with_package(data: bytes) -> object:
    _, items = read_bundle_untrusted(data.splitlines(keepends=True))
    return list(items)


def test_fuzz_read_bundle_untrusted() -> None:
    fuzz(read_with_package, BundleError, SEEDS)


def test_fuzz_the_check_of_damaged_bundles() -> None:
    fuzz(lambda data: checked(data.splitlines(keepends=True)), BundleError, SEEDS[:1])


def test_fuzz_the_stand_alone_verifier() -> None:
    fuzz(lambda data: alone.verify_lines(data.splitlines(keepends=True)), alone.BundleError, SEEDS[:1], 200)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\xff\n",
        b"[]\n",
        b"[" * 200_000,
        b'{"type":"entry","seq":1,"canonical":"\\ud800","hash":"' + b"0" * 64 + b'"}\n',
        b'{"type":["entry"]}\n',
        b"{}" + b" " * (1 << 20),
    ],
)
def test_lines_that_are_none_are_refused_by_both(line: bytes) -> None:
    for lines in ([line], [LINES[0], line]):
        with pytest.raises(BundleError):
            checked(lines)
        with pytest.raises(alone.BundleError):
            alone.verify_lines(lines)


# --- the program ---


def run_alone(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = shutil.copy(SCRIPT, folder / SCRIPT.name)
    command = [sys.executable, "-I", "-S", "-W", "error", str(script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)


def test_it_imports_the_standard_library_only() -> None:
    tree = ast.parse(SCRIPT.read_text("utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def test_it_is_written_for_python_3_9_and_later() -> None:
    ast.parse(SCRIPT.read_text("utf-8"), feature_version=(3, 9))


def test_every_fault_is_described_and_both_verifiers_know_the_same() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "audit.md").read_text("utf-8")
    script = SCRIPT.read_text("utf-8")
    for fault in AuditFault:
        assert f"| `{fault.value}` |" in page
        in_stores_only = fault in (AuditFault.COLUMNS_ALTERED, AuditFault.LINK_BROKEN, AuditFault.TABLE_DIFFERS)
        assert f'"{fault.value}"' in script or in_stores_only
        for lang in LANGUAGES:
            assert catalogue("audit", lang).text(f"fault.{fault.value}")


def test_it_runs_alone_and_isolated_with_exit_codes(tmp_path: Path) -> None:
    (tmp_path / "good.jsonl").write_bytes(b"".join(LINES))
    (tmp_path / "bad.jsonl").write_bytes(b"".join(rewritten(LINES)))
    (tmp_path / "none.jsonl").write_bytes(b"hello")
    good = run_alone(tmp_path, "good.jsonl", "--key", NEW_KEY.public_key)
    assert (good.returncode, good.stderr) == (0, "")
    assert "Whole 完整" in good.stdout
    bad = run_alone(tmp_path, "bad.jsonl", "--json")
    assert bad.returncode == 1
    assert json.loads(bad.stdout)["findings"][0]["fault"] == "checkpoint-disagrees"
    for name in ("none.jsonl", "absent.jsonl"):
        assert run_alone(tmp_path, name).returncode == 2
