"""Verdicts in the journal: written once, referred to by digest afterwards, and put back where entries are read.

What differs from one instant to the next is kept apart from a verdict, or hardly two would be equal: its `at` stands
in `verdict_facts`, and the wall-clock times that its findings tell stand in `verdict_local_times`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from baitie.domain.audit import verdict_digest
from baitie.kernel.canonical_json import to_json
from baitie.kernel.fast_replace import fast_replace
from baitie.kernel.journal import JournalEntry, JsonValue

VERDICTS_KNOWN_MAX = 10_000
"""So many verdicts are remembered as written; then they are written once more. A campaign has some dozens."""

_VERDICT, _DIGEST, _FACTS, _TIMES = "verdict", "verdict_digest", "verdict_facts", "verdict_local_times"
Verdicts = Mapping[str, Mapping[str, Any]]


class VerdictReferrer:
    """Verdict referrer (校验结论引用): knows which verdicts this store has written, and writes no equal one again.

    It must be asked in the order of the journal, and by one who writes whatever it gives, or nothing any more.
    """

    __slots__ = ("_written",)

    def __init__(self) -> None:
        self._written: dict[str, str] = {}  # the digest of each, by its text

    def referring(self, entry: JournalEntry) -> JournalEntry:
        """The entry as it is written: with its verdict and the digest, or with the digest alone."""
        facts = entry.facts
        if _VERDICT not in facts:  # as most
            return entry
        verdict, told = facts[_VERDICT], facts.get(_FACTS)
        if not isinstance(verdict, dict) or not isinstance(told, dict) or _DIGEST in facts:
            return entry
        if "at" not in verdict or verdict["at"] != told.get("at"):
            return entry
        lasting, times = _apart(verdict)
        text = to_json(lasting)
        digest, written = self._written.get(text), dict(facts)
        if digest is None:
            digest = verdict_digest(lasting)
            written[_VERDICT] = lasting
            if len(self._written) >= VERDICTS_KNOWN_MAX:
                self._written.clear()
            self._written[text] = digest
        else:
            del written[_VERDICT]
        written[_DIGEST] = digest
        if times:
            written[_TIMES] = times
        return fast_replace(entry, facts=written)


def with_verdicts(
    rows: Iterable[tuple[int, JournalEntry]], earlier: Callable[[Collection[str], int], Verdicts]
) -> list[tuple[int, JournalEntry]]:
    """The entries as they were handed to the store. `earlier` looks up the verdicts of these digests that entries
    before a place wrote, by their digests: only those that none of the rows has are asked for, all at once."""
    found = list(rows)
    known: dict[str, Mapping[str, Any]] = {}
    missing: dict[str, int] = {}
    for seq, entry in found:
        digest = entry.facts.get(_DIGEST)
        if isinstance(digest, str) and digest not in known:
            verdict = entry.facts.get(_VERDICT)
            if isinstance(verdict, dict):
                known[digest] = verdict
            else:
                missing.setdefault(digest, seq)
    if missing:
        known |= earlier(missing.keys(), max(missing.values()))
    return [(seq, _whole(entry, known) if _DIGEST in entry.facts else entry) for seq, entry in found]


def _apart(verdict: dict[str, Any]) -> tuple[dict[str, Any], list[JsonValue]]:
    """What of a verdict lasts, and the wall-clock times of its findings in their order."""
    lasting = {name: value for name, value in verdict.items() if name != "at"}
    times: list[JsonValue] = []
    if any("local_time" in finding["values"] for finding in verdict["findings"]):
        findings = []
        for finding in verdict["findings"]:
            values = dict(finding["values"])
            times.append(values.pop("local_time", None))
            findings.append({**finding, "values": values})
        lasting["findings"] = findings
    return lasting, times


def _whole(entry: JournalEntry, known: Verdicts) -> JournalEntry:
    facts = dict(entry.facts)
    lasting = known.get(str(facts[_DIGEST]))
    if lasting is None:  # nobody wrote it: an audit tells of that
        return entry
    verdict = dict(lasting)
    told = facts.get(_FACTS)
    if "at" not in verdict and isinstance(told, dict) and "at" in told:
        verdict["at"] = told["at"]
        times = facts.pop(_TIMES, None)
        del facts[_DIGEST]
        findings = verdict.get("findings")
        if isinstance(times, list) and isinstance(findings, list) and len(times) == len(findings):
            verdict["findings"] = [_told(finding, at) for finding, at in zip(findings, times, strict=True)]
    return fast_replace(entry, facts={**facts, _VERDICT: verdict})


def _told(finding: Any, local_time: Any) -> Any:
    """The finding with its wall-clock time; as it stands where it has none, or is none of ours."""
    values = finding.get("values") if isinstance(finding, dict) else None
    if local_time is None or not isinstance(values, dict):
        return finding
    return {**finding, "values": {**values, "local_time": local_time}}
