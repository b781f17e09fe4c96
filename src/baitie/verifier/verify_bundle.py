#!/usr/bin/env python3
"""Checks an audit bundle of Baitie (审计包校验) with nothing but Python's standard library: one file, to be read.

    python3 -I -S verify_bundle.py BUNDLE [--key HEX ...] [--anchor SEQ:HASH ...] [--json]

Give `--key` the organisation's published public key, and `--anchor` what was noted outside earlier; without a key the
bundle vouches for itself only. Exit code 0: whole; 1: altered, cut off or signed by somebody else; 2: no bundle.

A bundle is JSON lines: a header, the entries, and after the entry it speaks of each checkpoint. An entry's hash is the
SHA-256 of the hash before it (in hex) and its text. A checkpoint signs number, place and hash with Ed25519 (RFC 8032)
and names the checkpoint before it. Keys sign their own statement, and the key before endorses the next.

A verdict may be written once and referred to afterwards: `verdict_digest` in an entry's facts is the SHA-256 of the
verdict's canonical JSON. The verdict stands beside it, in an earlier entry, or came along in a line of its own where
that earlier entry is not in this piece. What the entries say of clock and carrier is told after the verdict.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, NoReturn

BUNDLE_FORMATS = ("baitie-audit-bundle/1", "baitie-audit-bundle/2")
JOURNAL_FORMATS = (1, 2)
CHECKPOINT_FORMAT = "baitie-checkpoint/1"
KEY_FORMAT = "baitie-signing-key/1"
GENESIS = "0" * 64
LINE_OCTETS_MAX = 1 << 20
LINES_MAX = 100_000_000
KEYS_MAX = 1_000
FINDINGS_MAX = 100
SIGNATURES_WRONG_MAX = 100  # after so many wrong ones no further one is tried: each takes time
REMARKS_MAX = 100
VERDICTS_MAX = 1_000_000
CLOCK_BACK_S = 5.0
SIMULATED_SPEED_MAX = 1_000  # whose entries swap places by as many times more
SHOWN_MAX = 200
HEX = set("0123456789abcdef")
NUMBER_MAX = 2**53
CHECKPOINT_FIELDS = ("number", "seq", "hash", "day", "signed_at", "key_id", "previous")


# --- Ed25519, RFC 8032 §5.1 ---

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)

# A point is (X, Y, Z, T) with x = X/Z, y = Y/Z, x·y = T/Z (§5.1.4).
Point = tuple[int, int, int, int]
NEUTRAL: Point = (0, 1, 1, 0)


def add(left: Point, right: Point) -> Point:
    """The sum of two points; complete, so it doubles as well (§5.1.4)."""
    a = (left[1] - left[0]) * (right[1] - right[0]) % P
    b = (left[1] + left[0]) * (right[1] + right[0]) % P
    c = 2 * left[3] * right[3] * D % P
    d = 2 * left[2] * right[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(factor: int, point: Point) -> Point:
    """The point added to itself so many times."""
    total = NEUTRAL
    while factor:
        if factor & 1:
            total = add(total, point)
        point = add(point, point)
        factor >>= 1
    return total


def encode(point: Point) -> bytes:
    """The 32 octets of a point (§5.1.2)."""
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decode(octets: bytes) -> Point | None:
    """The point of 32 octets, or None where there is none (§5.1.3)."""
    if len(octets) != 32:
        return None
    number = int.from_bytes(octets, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * v**3 * pow(u * v**7, (P - 5) // 8, P) % P
    if (v * x * x + u) % P == 0:
        x = x * ROOT_OF_MINUS_1 % P
    if (v * x * x - u) % P != 0 or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = decode((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")) or NEUTRAL  # y = 4/5, x even


def verify_signature(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is the key's over the message (§5.1.7, without the cofactor)."""
    point = decode(public_key)
    if point is None or len(signature) != 64:
        return False
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(r + public_key + message).digest(), "little") % ORDER
    minus = (P - point[0], point[1], point[2], P - point[3])
    return encode(add(times(s, BASE), times(k, minus))) == r


# --- reading ---


class BundleError(Exception):
    """The file is no bundle."""


def refuse(line: int, cause: str) -> NoReturn:
    """Say where and why."""
    raise BundleError(f"line {line}: {cause}")


def parse(number: int, line: bytes) -> dict[str, Any]:
    """The JSON object of one line."""
    if number > LINES_MAX or len(line) > LINE_OCTETS_MAX:
        refuse(number, "too long")
    try:
        body = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        refuse(number, "no JSON")
    if not isinstance(body, dict):
        refuse(number, "no JSON object")
    return body


COUNT, TEXT, TIME, DAY = "a whole number", "text", "a time", "a day"
# A number stands for so many hexadecimal digits; a negative one may be lacking.
KEY = {"public_key": 64, "previous_key": -64, "organisation": TEXT, "made_at": TIME}
SHAPES: dict[str, dict[str, Any]] = {
    "header": dict.fromkeys(("first_seq", "last_seq", "entries", "checkpoints", "verdicts"), COUNT)
    | {"organisation": TEXT, "made_at": TIME, "previous_hash": 64},
    "key": KEY | {"signature": 128, "endorsement": -128},
    "entry": {"seq": COUNT, "canonical": TEXT, "hash": 64},
    "checkpoint": {"number": COUNT, "seq": COUNT, "day": DAY, "signed_at": TIME}
    | {"hash": 64, "key_id": 16, "previous": 64, "signature": 128},
}


def is_time(text: str) -> bool:
    """Whether it is a time with its zone, written as Baitie writes it."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return False
    return at.tzinfo is not None and at.isoformat() == text


def is_day(text: str) -> bool:
    """Whether it is a day, written as Baitie writes it."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def in_shape(number: int, body: Any, shape: str) -> None:
    """Refuse a line whose fields cannot be right."""
    if not isinstance(body, dict):
        refuse(number, shape)
    for name, kind in SHAPES[shape].items():
        value = body.get(name)
        if kind is COUNT:
            is_right = type(value) is int and 0 <= value <= NUMBER_MAX
        elif not isinstance(value, str):
            is_right = value is None and isinstance(kind, int) and kind < 0
        elif kind is TEXT:
            is_right = not any("\ud800" <= char <= "\udfff" for char in value)  # halves of a pair are no text
        elif kind is TIME or kind is DAY:
            is_right = is_time(value) if kind is TIME else is_day(value)
        else:
            is_right = len(value) == abs(kind) and set(value) <= HEX
        if not is_right:
            refuse(number, name)


def read_header(body: dict[str, Any]) -> dict[str, Any]:
    """The header, checked for form."""
    keys = body.get("keys")
    if body.get("type") != "header" or body.get("format") not in BUNDLE_FORMATS:
        refuse(1, "header")
    if body["format"] == BUNDLE_FORMATS[0]:
        body["verdicts"] = 0
    if not isinstance(keys, list) or len(keys) > KEYS_MAX:
        refuse(1, "keys")
    in_shape(1, body, "header")
    for key in keys:
        in_shape(1, key, "key")
    return body


def read_items(numbered: Iterable[tuple[int, bytes]]) -> Iterator[dict[str, Any]]:
    """Entries and checkpoints, checked for form."""
    for number, line in numbered:
        body = parse(number, line)
        if body.get("type") not in ("entry", "checkpoint", "verdict"):
            refuse(number, "type")
        if body["type"] != "verdict":
            in_shape(number, body, body["type"])
        elif digest_of(body.get("verdict")) is None:
            refuse(number, "verdict")
        yield body


def digest_of(verdict: Any) -> str | None:
    """What a verdict is referred to by; None where it is none."""
    try:
        return hashlib.sha256(canonical(verdict)).hexdigest() if isinstance(verdict, dict) else None
    except (ValueError, RecursionError):
        return None


def canonical(body: dict[str, Any]) -> bytes:
    """Sorted keys, no white space, UTF-8."""
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def checkpoint_bytes(checkpoint: dict[str, Any]) -> bytes:
    """What a checkpoint's signature is over."""
    return canonical({"format": CHECKPOINT_FORMAT, **{name: checkpoint[name] for name in CHECKPOINT_FIELDS}})


def checkpoint_digest(checkpoint: dict[str, Any]) -> str:
    """What the next checkpoint names."""
    return hashlib.sha256(checkpoint_bytes(checkpoint) + checkpoint["signature"].encode()).hexdigest()


def key_id(public_key: str) -> str:
    """The short name of a key."""
    return hashlib.sha256(bytes.fromhex(public_key)).hexdigest()[:16]


def has_signed(public_key: str, message: bytes, signature: str) -> bool:
    """Whether the key in hex signed the message."""
    return verify_signature(bytes.fromhex(public_key), message, bytes.fromhex(signature))


def word(value: Any, length_max: int = 40) -> str:
    """A word of a journal, cut short."""
    return value[:length_max] if isinstance(value, str) else "unstated"


def run_of(seq: int, body: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    """What a run stood on that began here."""
    clock, packs = facts.get("clock"), facts.get("packs")
    told: dict[str, Any] = {}
    if isinstance(clock, dict):
        told = {name: word(clock[name]) for name in ("kind", "civil_start", "real_start") if name in clock}
        speed = clock.get("speed")
        if isinstance(speed, (int, float)) and abs(speed) < 1e9:
            told["speed"] = speed
    return {
        "seq": seq,
        "campaign_id": word(body.get("campaign_id")),
        "carrier": word(facts.get("carrier")),
        "clock": told,
        "packs": [pack_word(pack) for pack in packs if isinstance(pack, dict)] if isinstance(packs, list) else [],
        "settings": word(facts.get("settings"), 64),
    }


def speed_of(clock: Any) -> float:
    """How many times faster than real time a simulated clock runs; a real one never does."""
    speed = clock.get("speed") if isinstance(clock, dict) and clock.get("kind") == "simulated" else None
    return float(max(1, min(speed, SIMULATED_SPEED_MAX))) if isinstance(speed, (int, float)) else 1.0


def pack_word(pack: dict[str, Any]) -> str:
    """Name, version and digest of a rule pack."""
    version = pack.get("version")
    number = version if type(version) is int and 0 <= version < 10**9 else 0
    return f"{word(pack.get('name'))} {number} {word(pack.get('digest'))}"


class Remarks:
    """What entries say (说明登记) beside their hashes: format, clock, carrier, and verdicts that are referred to."""

    def __init__(self) -> None:
        self.formats: Counter[str] = Counter()
        self.carriers: Counter[str] = Counter()
        self.runs: list[dict[str, Any]] = []
        self.back: list[dict[str, Any]] = []
        self.more = {"runs": 0, "clock_back": 0}
        self.newest: datetime | None = None
        self.speed = 1.0
        self.known: set[str] = set()
        self.attached: dict[str, bool] = {}  # by digest, and whether an entry refers to it

    def on_entry(self, seq: int, body: dict[str, Any]) -> str | None:
        """One entry whose text is what was hashed; gives what is wrong with its content."""
        number = body.get("format", 1)
        if type(number) is not int or number not in JOURNAL_FORMATS:
            return "format-unknown"
        self.formats[str(number)] += 1
        self.look_at_clock(seq, body.get("at"))
        facts = body.get("facts")
        if not isinstance(facts, dict):
            return None
        if body.get("kind") == "InviteSent":
            self.carriers[word(facts.get("carrier"))] += 1
        elif body.get("kind") in ("CampaignStarted", "CampaignResumed"):
            self.speed = speed_of(facts.get("clock"))
            self.note("runs", self.runs, run_of(seq, body, facts))
        return self.verdict_fault(facts) if "verdict_digest" in facts else None

    def note(self, name: str, among: list[dict[str, Any]], place: dict[str, Any]) -> None:
        """Keep a remark, or count it."""
        if len(among) < REMARKS_MAX:
            among.append(place)
        else:
            self.more[name] += 1

    def verdict_fault(self, facts: dict[str, Any]) -> str | None:
        """Whether the verdict that is referred to is here."""
        digest, verdict = facts["verdict_digest"], facts.get("verdict")
        if not isinstance(digest, str) or len(digest) != 64 or not set(digest) <= HEX:
            return "verdict-missing"
        if isinstance(verdict, dict):
            if digest_of(verdict) != digest:
                return "verdict-differs"
            if len(self.known) < VERDICTS_MAX:
                self.known.add(digest)
            return None
        if digest in self.attached:
            self.attached[digest] = True
        return None if digest in self.attached or digest in self.known else "verdict-missing"

    def look_at_clock(self, seq: int, text: Any) -> None:
        """Note where civil time goes back by more than seconds."""
        try:
            at = datetime.fromisoformat(text)
            before, self.newest = self.newest, at
            back_s = 0.0 if before is None else (before - at).total_seconds()
        except (TypeError, ValueError, OverflowError):
            return
        if back_s > CLOCK_BACK_S * self.speed:
            self.note("clock_back", self.back, {"seq": seq, "back_s": round(back_s, 3)})


class Check:
    """One pass (单遍校验) over a bundle; each fault is kept with its place."""

    def __init__(self, header: dict[str, Any], pinned: set[str], anchors: dict[int, str]) -> None:
        self.header, self.pinned, self.anchors = header, pinned, anchors
        self.findings: list[dict[str, Any]] = []
        self.more = 0
        self.signatures_wrong = self.verdicts = 0
        self.remarks = Remarks()
        self.seq: int = header["first_seq"] - 1
        self.hash: str = header["previous_hash"]
        self.entries = self.checkpoints = self.sealed_until_seq = 0
        self.sealed_at: str | None = None
        self.last: dict[str, Any] | None = None
        self.ahead: dict[str, Any] | None = None  # a checkpoint over entries that are not here yet
        self.met: set[int] = set()
        self.used: dict[str, None] = {}
        self.keys = {key_id(key["public_key"]): key["public_key"] for key in header["keys"]}
        self.trusted = self.check_keys()
        if self.seq == 0 and self.hash != GENESIS:
            self.find("link-broken", seq=1)
        self.meet_anchor()

    def find(self, fault: str, **place: Any) -> None:
        """Keep one fault."""
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append({"fault": fault, **place})
        else:
            self.more += 1

    def check_keys(self) -> set[str]:
        """The public keys that may be believed."""
        stated, before = [], None
        for key in self.header["keys"]:
            message = canonical({"format": KEY_FORMAT, **{name: key.get(name) for name in KEY}})
            may_try = self.signatures_wrong < SIGNATURES_WRONG_MAX and key.get("previous_key") == before
            if may_try and has_signed(key["public_key"], message, key["signature"]):
                stated.append((key, message))
            else:
                self.note_wrong_signature()
                self.find("key-statement-wrong", key_id=key_id(key["public_key"]))
            before = key["public_key"]
        if self.header["keys"] and self.header["keys"][-1]["organisation"] != self.header["organisation"]:
            self.find("organisation-disagrees", key_id=key_id(before or ""))
        public_keys = [key["public_key"] for key, _ in stated]
        believed = self.pinned & set(public_keys) if self.pinned else set(public_keys[:1])
        for key, message in stated:
            previous, endorsement = key.get("previous_key"), key.get("endorsement")
            if previous in believed and endorsement is not None and has_signed(previous, message, endorsement):
                believed.add(key["public_key"])
        for key, _ in reversed(stated):
            if key["public_key"] in believed and key.get("previous_key") is not None:
                believed.add(key["previous_key"])
        return believed

    def note_wrong_signature(self) -> None:
        """Count it; after many of them no more are tried."""
        self.signatures_wrong += 1
        if self.signatures_wrong == SIGNATURES_WRONG_MAX:
            self.find("signatures-too-many", tried=SIGNATURES_WRONG_MAX)

    def on_verdict(self, attached: dict[str, Any]) -> None:
        """A verdict that came along."""
        self.verdicts += 1
        self.remarks.attached[digest_of(attached["verdict"]) or ""] = False

    def on_entry(self, entry: dict[str, Any]) -> None:
        """An entry must follow from the one before."""
        expected = self.seq + 1
        self.entries += 1
        if entry["seq"] < expected:
            self.find("row-order", seq=entry["seq"])
            return
        if entry["seq"] > expected:
            self.find("row-missing", seq=expected, until=entry["seq"] - 1)
        else:
            fault = self.entry_fault(entry)
            if fault is not None:
                self.find(fault, seq=entry["seq"])
        self.seq, self.hash = entry["seq"], entry["hash"]
        self.meet_anchor()

    def entry_fault(self, entry: dict[str, Any]) -> str | None:
        """What is wrong with an entry at its place."""
        text = entry["canonical"].encode()
        if hashlib.sha256(self.hash.encode() + text).hexdigest() != entry["hash"]:
            return "content-altered"
        try:
            body = json.loads(text)
            if body["seq"] != entry["seq"]:
                return "columns-altered"
        except (ValueError, KeyError, TypeError, RecursionError):
            return "content-altered"
        return self.remarks.on_entry(entry["seq"], body)

    def meet_anchor(self) -> None:
        """Compare with what was noted outside."""
        if self.seq in self.anchors:
            self.met.add(self.seq)
            if self.anchors[self.seq] != self.hash:
                self.find("anchor-disagrees", seq=self.seq)

    def on_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """A checkpoint must follow from the one before, be signed, and say what stands here."""
        self.checkpoints += 1
        self.check_link(checkpoint)
        self.last = checkpoint
        if not self.is_signed(checkpoint):
            return
        if checkpoint["seq"] > self.seq:
            self.ahead = checkpoint
        else:
            self.compare(checkpoint)

    def check_link(self, checkpoint: dict[str, Any]) -> None:
        """Compare with the checkpoint before; a piece of the journal may begin with any."""
        number = checkpoint["number"]
        expected = 1
        if self.last is not None:
            expected = self.last["number"] + 1
        elif self.header["first_seq"] > 1 and number > 1:
            expected = number
        if number != expected:
            self.find("checkpoint-missing", checkpoint=expected, seq=checkpoint["seq"], found=number)
        elif self.last is not None or number == 1:
            previous = GENESIS if self.last is None else checkpoint_digest(self.last)
            if checkpoint["previous"] != previous:
                self.find("checkpoint-link-broken", checkpoint=number, seq=checkpoint["seq"])

    def is_signed(self, checkpoint: dict[str, Any]) -> bool:
        """Whether a trusted key signed it."""
        name = checkpoint["key_id"]
        place = {"checkpoint": checkpoint["number"], "seq": checkpoint["seq"], "key_id": name}
        if name not in self.keys:
            self.find("key-unknown", **place)
            return False
        if self.signatures_wrong >= SIGNATURES_WRONG_MAX:
            return False
        if not has_signed(self.keys[name], checkpoint_bytes(checkpoint), checkpoint["signature"]):
            self.find("signature-wrong", **place)
            self.note_wrong_signature()
            return False
        is_first = name not in self.used
        self.used[name] = None
        if self.keys[name] not in self.trusted:
            if is_first:
                self.find("key-not-trusted", **place)
            return False
        return True

    def compare(self, checkpoint: dict[str, Any]) -> None:
        """Compare what was signed with what stands here."""
        number, seq = checkpoint["number"], checkpoint["seq"]
        if seq != self.seq:
            self.find("checkpoint-misplaced", checkpoint=number, seq=seq)
        elif checkpoint["hash"] != self.hash:
            after_seq = self.sealed_until_seq or self.header["first_seq"] - 1
            self.find("checkpoint-disagrees", checkpoint=number, seq=seq, after_seq=after_seq)
        else:
            self.sealed_until_seq, self.sealed_at = seq, checkpoint["signed_at"]

    def finish(self) -> dict[str, Any]:
        """What it comes to."""
        header = self.header
        ahead = self.ahead
        if ahead is not None and ahead["seq"] > self.seq:
            self.find("end-cut-off", checkpoint=ahead["number"], seq=self.seq + 1, until=ahead["seq"])
        elif ahead is not None:
            self.find("checkpoint-misplaced", checkpoint=ahead["number"], seq=ahead["seq"])
        elif header["last_seq"] != self.seq:
            self.find("end-cut-off", seq=self.seq + 1, until=header["last_seq"])
        counts = {"entries": self.entries, "checkpoints": self.checkpoints, "verdicts": self.verdicts}
        for name, counted in counts.items():
            if header[name] != counted:
                self.find("count-wrong", of=name, stated=header[name], counted=counted)
        for seq in sorted(self.anchors.keys() - self.met):
            self.find("anchor-not-covered", seq=seq)
        for digest, is_used in self.remarks.attached.items():
            if not is_used:
                self.find("verdict-unasked", digest=digest)
        if self.pinned and not self.sealed_until_seq and not self.findings:  # anybody can chain entries
            self.find("nothing-signed")
        return {
            "is_whole": not self.findings,
            "organisation": header["organisation"],
            "entries": self.entries,
            "first_seq": header["first_seq"],
            "last_seq": self.seq,
            "last_hash": self.hash,
            "checkpoints": self.checkpoints,
            "sealed_until_seq": self.sealed_until_seq,
            "sealed_at": self.sealed_at,
            "unsealed": max(0, self.seq - max(self.sealed_until_seq, header["first_seq"] - 1)),
            "key_ids": [name for name in self.keys if name in self.used],
            "is_pinned": bool(self.pinned),
            "findings": self.findings,
            "findings_more": self.more,
            "formats": dict(self.remarks.formats),
            "carriers": dict(self.remarks.carriers),
            "runs": self.remarks.runs,
            "clock_back": self.remarks.back,
            "newest_at": None if self.remarks.newest is None else self.remarks.newest.isoformat(),
            "remarks_more": self.remarks.more,
        }


def verify_lines(
    lines: Iterable[bytes], pinned: Iterable[str] = (), anchors: dict[int, str] | None = None
) -> dict[str, Any]:
    """The verdict over a bundle's lines. Raises `BundleError`."""
    numbered = enumerate(lines, start=1)
    first = next(numbered, None)
    if first is None:
        refuse(1, "empty")
    check = Check(read_header(parse(*first)), set(pinned), anchors or {})
    for item in read_items(numbered):
        if item["type"] == "checkpoint":
            check.on_checkpoint(item)
        elif item["type"] == "verdict":
            check.on_verdict(item)
        else:
            check.on_entry(item)
    return check.finish()


def shown(value: Any) -> str:
    """What comes from a bundle, for a terminal: nothing in it can move the cursor, hide text or turn its direction."""
    text = str(value)
    cut = text if len(text) <= SHOWN_MAX else text[:SHOWN_MAX] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in cut)


def show(verdict: dict[str, Any]) -> None:
    """The verdict for people: what it comes to stands first."""
    print("Whole 完整" if verdict["is_whole"] else "NOT whole 不完整")
    for finding in verdict["findings"]:
        print("  x " + ", ".join(f"{name}={shown(value)}" for name, value in finding.items()))
    if verdict["findings_more"]:
        print(f"  … and {verdict['findings_more']} more 另有 {verdict['findings_more']} 处")
    if not verdict["is_pinned"]:
        print("The keys are the bundle's own; compare with the published one. 请与公布的公钥比对: --key")
    for name, value in verdict.items():
        if not name.startswith(("findings", "is_", "runs", "clock_back")):
            print(f"{name}: {shown(value)}")
    for run in verdict["runs"]:
        print(
            "run began 运行开始: "
            + shown(", ".join(f"{name}={value}" for name, value in run.items() if name != "packs"))
        )
    for place in verdict["clock_back"]:
        print(f"clock set back 时钟回拨: seq={place['seq']}, {place['back_s']} s")


def anchor(text: str) -> tuple[int, str]:
    """SEQ:HASH."""
    seq, _, noted = text.partition(":")
    if not seq.isdigit() or len(noted) != 64:
        raise argparse.ArgumentTypeError("SEQ:HASH")
    return int(seq), noted.lower()


def main(arguments: list[str] | None = None) -> int:
    """Check a bundle; gives the exit code."""
    parser = argparse.ArgumentParser(description="Check an audit bundle of Baitie. 校验拜帖审计包。")
    parser.add_argument("bundle")
    parser.add_argument("--key", action="append", default=[], metavar="HEX", help="public key to trust 信任的公钥")
    parser.add_argument("--anchor", action="append", default=[], type=anchor, metavar="SEQ:HASH")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    try:
        with open(given.bundle, "rb") as stream:
            lines = iter(lambda: stream.readline(LINE_OCTETS_MAX + 1), b"")
            verdict = verify_lines(lines, [key.strip().lower() for key in given.key], dict(given.anchor))
    except (OSError, BundleError) as error:
        print(f"{shown(given.bundle)}: {shown(error)}", file=sys.stderr)
        return 2
    if given.json:
        print(json.dumps(verdict, indent=2))
    else:
        show(verdict)
    return 0 if verdict["is_whole"] else 1


if __name__ == "__main__":
    sys.exit(main())
