"""Keeps an anchor of journal and registers beside the signing key, and holds the store against it when a run starts."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice, takewhile

from baitie.app.ports.audit_store import AnchorKeeping, AnchorStore
from baitie.app.ports.signing import Signer
from baitie.app.proof.list_mending import compare_lists
from baitie.app.proof.register_mending import Mending, compare_registers
from baitie.app.records.register_rows import AFTER_THE_LAST, RegisterEvents, RegisterRow
from baitie.domain.audit import (
    Anchor,
    Checkpoint,
    RegisterDifference,
    RegisterState,
    RegisterSum,
    VerifySignature,
    key_id_of,
)
from baitie.domain.audit.list_marks import list_change
from baitie.domain.audit.registers import LIST_KINDS, change_of, tagged
from baitie.kernel.errors import BaitieError, Party
from baitie.kernel.journal import GENESIS_HASH, JournalEntry, JournalKind, link_hash

ROWS_AT_START_MAX = 250_000
"""Registers with no more rows are compared whole before a run begins, within a second; of larger ones the counts are,
and the rest beside the run."""

LINES_AT_ONCE = 5_000
"""So many acts are kept beside the key at a time, where a journal is taken over."""

NOTE_EVERY_S = 10.0
"""How soon after an act that bars calls the anchor covers it, while a run goes on."""


class JournalCutError(BaitieError):
    """The journal of this store is not the one that was anchored beside the signing key: its end was cut off, entries
    were altered, or the store was replaced, as by a back-up. What callees said may be missing, so nothing is dialled.
    Put the right store in place; if there is none any more, `baitie audit restore --reason TEXT` enters again what was
    kept beside the key."""

    code = "journal-cut"
    party = Party.ENTERPRISE


class RegistryAlteredError(BaitieError):
    """The copy of a registry of refused calls is not the one that was imported: somebody altered or removed it in the
    store, so nothing is dialled. Import it again with `baitie registry import`, or drop it with a reason."""

    code = "registry-altered"
    party = Party.ENTERPRISE


@dataclass(frozen=True, slots=True)
class StartCheck:
    """Result of holding the store against its anchor (启动核对). `rest` compares what was left for later."""

    differences: tuple[RegisterDifference, ...] = ()
    is_anchor_missing: bool = False
    rest: Callable[[datetime], "StartCheck"] | None = None

    @property
    def is_alarm(self) -> bool:
        """Whether somebody must be told."""
        return bool(self.differences) or self.is_anchor_missing


@dataclass(frozen=True, slots=True)
class Reentered:
    """What was entered again (补录结果) after the store was replaced: entries by the place that they had, and those of
    people whom this store does not know."""

    entered: tuple[int, ...]
    strangers: tuple[int, ...]


@dataclass(slots=True)
class Anchors:
    """Anchor keeper (锚点保管). `keys` are the public keys in hex whose word counts, `verify` checks signatures."""

    store: AnchorStore
    signer: Signer
    file: AnchorKeeping
    keys: Sequence[str]
    verify: VerifySignature

    # At a start

    def begin(self, civil_now: datetime) -> StartCheck:
        """Hold the store against the anchor; mend what differs. Raises `JournalCutError`, `AnchorFileError`."""
        with self.file.locked():
            anchor = self._read()
            if anchor is None:
                return self._in_full(civil_now, None, is_anchor_missing=self.store.was_anchored())
            self._hold_against(anchor)
            self.store.was_anchored(now=True)
            total = sum(self.store.registers_checked(anchor.seq, None)[1].values())
            if total <= ROWS_AT_START_MAX:
                return StartCheck() if self._agrees(anchor) else self._in_full(civil_now, anchor)
            if not self._counts_agree(anchor):
                return self._in_full(civil_now, anchor)
        return StartCheck(rest=self._rest)

    def _rest(self, civil_now: datetime) -> StartCheck:
        with self.file.locked():
            anchor = self._read()
            return StartCheck() if anchor is not None and self._agrees(anchor) else self._in_full(civil_now, anchor)

    def _hold_against(self, anchor: Anchor) -> None:
        if self._is_cut(anchor):
            newest = self.store.register_events(AFTER_THE_LAST).seq
            raise JournalCutError(anchored=anchor.seq, anchored_at=anchor.at.isoformat(), newest=newest)

    def _is_cut(self, anchor: Anchor) -> bool:
        """Whether the anchored entry is not there, or what follows does not follow from it."""
        if anchor.seq > 0 and self.store.hash_at(anchor.seq) != anchor.hash:
            return True
        links = self.store.journal_links(anchor.seq)
        return _broken_at(links, anchor.seq, anchor.hash, is_excused=False) is not None

    def _hold_journal(self, anchor: Anchor | None) -> None:
        """Rows are about to be made after the journal: it must be what was anchored, or signed, from its beginning on,
        or from where somebody took the store as it was. What says so after the anchor could have been appended by
        whoever may write the store: links are followed as far as the anchor."""
        links: Iterable[tuple[int, object, object, object]] = self.store.journal_links(0)
        if anchor is not None:
            links = takewhile(lambda link: link[0] <= anchor.seq, links)
        broken_at = _broken_at(links, 0, GENESIS_HASH)
        last = self.store.last_checkpoint() if anchor is None else None
        if last is not None and self._is_own(last) and self.store.hash_at(last.seq) != last.hash:
            broken_at = last.seq
        if broken_at is not None:
            raise JournalCutError(altered=broken_at)

    def _is_own(self, checkpoint: Checkpoint) -> bool:
        return any(
            key_id_of(key) == checkpoint.key_id
            and self.verify(bytes.fromhex(key), checkpoint.signed_bytes(), bytes.fromhex(checkpoint.signature))
            for key in self.keys
        )

    def _agrees(self, anchor: Anchor) -> bool:
        stands, told = RegisterSum(self.store.registers_key()), self._sum_of(anchor)
        events, _ = self.store.registers_checked(anchor.seq, stands.add_all)
        self._apply(told, {}, events)
        return stands.value == told.value

    def _counts_agree(self, anchor: Anchor) -> bool:
        events, counts = self.store.registers_checked(anchor.seq, None)
        told = dict(anchor.counts)
        self._apply(self._sum_of(anchor), told, events)
        return all(told.get(name, 0) == count for name, count in counts.items())

    def _in_full(self, civil_now: datetime, anchor: Anchor | None, *, is_anchor_missing: bool = False) -> StartCheck:
        """Compare row by row with the whole journal, mend, and anchor what stands then."""
        self._hold_journal(anchor)
        mending = self.compare()
        if mending.has_work:
            mending.batch.journal = mending.entries(civil_now)
            self.store.give_numbers_back(mending.numbers)
            self.store.mend_registers(mending.batch, mending.unlift)
        if mending.registries:  # and no anchor is made: the next start finds them again
            raise RegistryAlteredError(registry=", ".join(mending.registries))
        self._anchor_anew(civil_now, 0 if anchor is None else anchor.seq)
        return StartCheck(tuple(mending.differences), is_anchor_missing)

    def compare(self) -> Mending:
        """How the registers differ from the journal, read in full; writes nothing."""
        state = RegisterState()
        for seq, entry in self.store.register_history():
            state.on_entry(seq, entry)
        mending = compare_registers(state, self.store.register_rows())
        compare_lists(state, self.store.list_rows(), mending)
        mending.numbers = numbers_moved(state.people(), self.file.read_bars(), self.store.number_tags)
        mending.differences += [RegisterDifference("number", "altered", callee) for callee, _ in mending.numbers]
        return mending

    def _anchor_anew(self, civil_now: datetime, after_seq: int) -> None:
        """Anchor the rows as they stand, once the acts after a place are kept beside the key."""
        known = {text for _, _, text in _kept(self.file.read_bars())} if after_seq == 0 else set[str]()
        fresh = (event for event in self.store.register_texts(after_seq) if event[2] not in known)
        while some := tuple(islice(fresh, LINES_AT_ONCE)):
            self.file.append_bars(self._lines(some))
        stands = RegisterSum(self.store.registers_key())
        events, counts = self.store.registers_checked(AFTER_THE_LAST, stands.add_all)
        self.store.was_anchored(now=True)
        self.file.write(self._signed(Anchor(events.seq, events.hash or "0" * 64, civil_now, stands.hex(), "", counts)))

    # While it goes on

    def note(self, civil_now: datetime) -> None:
        """Anchor what has come since. Does nothing where no anchor was begun: the first start begins it."""
        with self.file.locked():
            anchor = self._read()
            if anchor is None:
                return
            events = self.store.register_events(anchor.seq)
            if events.seq <= anchor.seq or self._is_cut(anchor):
                return  # a store that was replaced: its next start must find that out
            told, counts = self._sum_of(anchor), dict(anchor.counts)
            self._apply(told, counts, events)
            self.file.append_bars(self._lines(events.entries))
            self.file.write(self._signed(Anchor(events.seq, events.hash, civil_now, told.hex(), "", counts)))

    def sign_anew(self) -> None:
        """Sign what is kept with the key of now, which may have changed."""
        with self.file.locked():
            anchor = self._read()
            if anchor is not None:
                self.file.write(self._signed(anchor))

    def _lines(self, events: Sequence[tuple[int, JournalEntry, str]]) -> list[str]:
        tags = self.store.number_tags(entry.callee_id for _, entry, _ in events if entry.callee_id is not None)
        return [
            json.dumps({"seq": seq, "tag": tags.get(str(entry.callee_id)), "entry": text}, ensure_ascii=False)
            for seq, entry, text in events
        ]

    # After the store was replaced

    def reenter(
        self,
        civil_now: datetime,
        read: Callable[[str], JournalEntry],
        closing: Callable[[Reentered, Anchor], JournalEntry],
    ) -> Reentered:
        """Enter again what was kept beside the key and the journal lacks; `closing` is the entry that says so.

        What was lifted since stays lifted. `read` makes an entry of its text.
        """
        with self.file.locked():
            anchor = self._read()
            state, strangers, lost = RegisterState(), list[int](), dict[int, tuple[int, JournalEntry]]()
            seen = set[str]()  # a store that was replaced before has had other entries at the same places
            for place, (seq, tag, text) in enumerate(_kept(self.file.read_bars())):
                if text in seen or self.store.canonical_at(seq) == text:
                    continue
                seen.add(text)
                entry = read(text)
                callee_id = None if entry.callee_id is None else self._callee(entry.callee_id, tag)
                if callee_id is None and entry.callee_id is not None:
                    strangers.append(seq)
                    continue
                said_at = entry.at.astimezone(UTC).isoformat()
                facts = {**entry.facts, "said_at": said_at}
                lost[place] = seq, replace(entry, at=civil_now, callee_id=callee_id, facts=facts)
                state.on_entry(place, lost[place][1])
            again = [lost[place] for place in sorted(lost.keys() & state.standing_seqs())]
            entries = [entry for _, entry in again]
            done = Reentered(tuple([seq for seq, _ in again]), tuple(strangers))
            mending = compare_registers(state, self._rows_about(state))
            none = Anchor(0, "0" * 64, civil_now, "0" * 32, "")
            mending.batch.journal = [*entries, closing(done, anchor or none)]
            self.store.mend_registers(mending.batch, {})
            self._in_full(civil_now, None)
        return done

    def _rows_about(self, state: RegisterState) -> Iterator[RegisterRow]:
        """Rows with an id of their own that stand already; a bar is entered once more at any rate."""
        own = {"consent": state.withdrawn, "complaint": state.complaints}
        return (row for row in self.store.register_rows() if row.key in own.get(row.kind, ()))

    def _callee(self, callee_id: str | None, tag: str | None) -> str | None:
        if callee_id is not None and self.store.number_tags([callee_id]).get(callee_id) == tag and tag is not None:
            return callee_id
        return None if tag is None else self.store.callee_of_tag(tag)

    # Parts

    def _read(self) -> Anchor | None:
        anchor = self.file.read()
        if anchor is None:
            return None
        for key in self.keys:
            if key_id_of(key) == anchor.key_id and self.verify(
                bytes.fromhex(key), anchor.signed_bytes(), bytes.fromhex(anchor.signature)
            ):
                return anchor
        raise AnchorForgedError(seq=anchor.seq, key_id=anchor.key_id)

    def _apply(self, total: RegisterSum, counts: dict[str, int], events: RegisterEvents) -> None:
        tags = self.store.number_tags(str(entry.callee_id) for _, entry, _ in events.entries)
        for _, entry, _ in events.entries:
            brings, takes = list_change(entry) if entry.kind in LIST_KINDS else change_of(entry)
            tag = tags.get(str(entry.callee_id))
            for mark in brings:
                total.add(tagged(mark, tag))
                kind = mark.split("|", 1)[0]
                counts[kind] = counts.get(kind, 0) + 1
            for mark in takes:
                total.take(tagged(mark, tag))
                kind = mark.split("|", 1)[0]
                counts[kind] = max(0, counts.get(kind, 0) - 1)

    def _sum_of(self, anchor: Anchor) -> RegisterSum:
        return RegisterSum(self.store.registers_key(), int(anchor.registers, 16))

    def _signed(self, anchor: Anchor) -> Anchor:
        named = replace(anchor, at=anchor.at.astimezone(UTC), key_id=key_id_of(self.signer.public_key))
        return replace(named, signature=self.signer.sign(named.signed_bytes()).hex())


class AnchorForgedError(BaitieError):
    """The anchor beside the signing key was not signed by this organisation's key. Put back the file as it was; if
    nobody has it, delete it: the next run then compares everything anew, and says so."""

    code = "anchor-forged"
    party = Party.ENTERPRISE


def _broken_at(
    links: Iterable[tuple[int, object, object, object]], seq: int, last: object, *, is_excused: bool = True
) -> int | None:
    """The last place whose entry does not follow from the one before; with `is_excused` unless the store was taken as
    it is after it. None where there is none."""
    broken_at: int | None = None
    for place, text, previous, own in links:
        follows = isinstance(text, str) and isinstance(own, str) and previous == last and place == seq + 1
        if not follows or link_hash(str(last), str(text).encode()) != own:
            broken_at = place
        elif is_excused and broken_at is not None and _RESTORED in str(text):
            broken_at = None
        seq, last = place, own
    return broken_at


_RESTORED = f'"kind":"{JournalKind.STORE_RESTORED.value}"'


def numbers_moved(
    people: Iterable[str], lines: Iterable[str], tags_of: Callable[[Iterable[str]], Mapping[str, str]]
) -> list[tuple[str, str]]:
    """Callees whose number is another than when something was first kept of them beside the key, with how that number
    is looked up. `lines` are those beside the key."""
    wanted, kept = set(people), dict[str, str]()
    for _, tag, text in _kept(lines):
        callee_id = json.loads(text).get("callee_id") if tag is not None else None
        if tag is not None and callee_id in wanted:
            kept.setdefault(callee_id, tag)
    stands = tags_of(kept)
    return [(callee_id, tag) for callee_id, tag in kept.items() if stands.get(callee_id) != tag]


def _kept(lines: Iterable[str]) -> Iterator[tuple[int, str | None, str]]:
    """What the lines beside the key hold; one that a crash cut off is passed over."""
    for line in lines:
        try:
            body = json.loads(line)
            seq, tag, text = body["seq"], body["tag"], body["entry"]
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
        if isinstance(seq, int) and isinstance(text, str) and (tag is None or isinstance(tag, str)):
            yield seq, tag, text
