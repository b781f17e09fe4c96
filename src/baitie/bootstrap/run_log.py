"""A campaign's runs on both clocks, one JSON line each at its beginning and its end: `runs.jsonl` in its folder.

Civil times of the journal may run faster than real time on the loopback carrier; the report shows both.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from baitie.adapters.report import RunNote

RUN_LOG = "runs.jsonl"
RUNS_READ_MAX = 10_000
"""The newest lines that are read."""


@dataclass(frozen=True, slots=True)
class RunLog:
    """Run log (运行记录) of one campaign folder."""

    folder: Path

    def note_begin(self, real_at: datetime, civil_at: datetime) -> None:
        """A run begins."""
        self._append({"begin": True, "real_at": real_at.isoformat(), "civil_at": civil_at.isoformat()})

    def note_end(self, real_at: datetime, civil_at: datetime, end: str) -> None:
        """The run that began last has ended in order."""
        self._append({"begin": False, "real_at": real_at.isoformat(), "civil_at": civil_at.isoformat(), "end": end})

    def runs(self) -> "list[RunNote]":
        """All runs; one without an end was cut off, or is still going on."""
        from baitie.adapters.report import RunNote  # brings the page's templates, which a dialler never needs

        found: list[RunNote] = []
        for line in self._lines():
            real_at, civil_at = datetime.fromisoformat(line["real_at"]), datetime.fromisoformat(line["civil_at"])
            if line["begin"]:
                found.append(RunNote(real_at, None, civil_at, None, "unknown"))
            elif found:
                last = found[-1]
                found[-1] = RunNote(last.real_from, real_at, last.civil_from, civil_at, str(line["end"]))
        return found

    def _append(self, line: dict[str, Any]) -> None:
        with (self.folder / RUN_LOG).open("a", encoding="utf-8") as out:
            out.write(json.dumps(line) + "\n")

    def _lines(self) -> list[dict[str, Any]]:
        try:
            text = (self.folder / RUN_LOG).read_text("utf-8")
        except OSError:
            return []
        found = []
        for line in text.splitlines()[-RUNS_READ_MAX:]:
            try:
                body = json.loads(line)
            except ValueError:  # cut off in the middle of a line by a crash
                continue
            if isinstance(body, dict) and {"begin", "real_at", "civil_at"} <= body.keys():
                found.append(body)
        return found
