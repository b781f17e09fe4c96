"""SIPp as peer: one scenario run as callee or caller, judged by SIPp's own exit code, statistics and message log."""

from __future__ import annotations

import csv
import re
import socket
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from tests.peers.peers import Program, free_port, require

TRANSCRIPT_LINES = 40
SCENARIOS = Path(__file__).parent / "scenarios"
_HEAD = re.compile(r"^-{20,}[^\n]*\n(UDP|TCP) message (sent|received) [^\n]*\n\n", re.MULTILINE)


class SippMessage(NamedTuple):
    """One message as SIPp logged it; `was_received` is seen from SIPp."""

    was_received: bool
    text: str

    @property
    def first_line(self) -> str:
        return self.text.partition("\n")[0].rstrip()

    @property
    def cseq_method(self) -> str:
        found = re.search(r"^CSeq: *\d+ +(\w+)", self.text, re.MULTILINE | re.IGNORECASE)
        return found[1] if found else ""

    def header(self, name: str) -> str | None:
        """Value of the first header of this name, None when there is none."""
        found = re.search(rf"^{name}: *(.*?)\r?$", self.text, re.MULTILINE | re.IGNORECASE)
        return found[1] if found else None


class Sipp:
    """One SIPp process running one scenario for `calls` calls.

    `fill_in` replaces `{{name}}` in the scenario. As caller it starts its calls at once, towards `remote`.
    """

    def __init__(
        self,
        folder: Path,
        scenario: str,
        *,
        transport: str = "UDP",
        calls: int = 1,
        calls_per_s: int = 10,
        remote: tuple[str, int] | None = None,
        fill_in: dict[str, str] | None = None,
        arguments: Sequence[str] = (),
    ) -> None:
        binary = require("sipp")
        self.folder = folder / f"sipp-{scenario}"
        self.folder.mkdir(parents=True)
        self.scenario = scenario
        self.kind = socket.SOCK_DGRAM if transport == "UDP" else socket.SOCK_STREAM
        self.port = free_port(self.kind)
        text = (SCENARIOS / f"{scenario}.xml").read_text()
        for name, value in {"caller": "caller", "status": "486", **(fill_in or {})}.items():
            text = text.replace("{{" + name + "}}", value)
        path = self.folder / f"{scenario}.xml"
        path.write_text(text)
        is_callee = remote is None
        command = [binary] if remote is None else [binary, f"{remote[0]}:{remote[1]}"]
        command += ["-sf", str(path), "-i", "127.0.0.1", "-p", str(self.port)]
        # SIPp looks for free media and control ports by itself when it is given none.
        command += ["-m", str(calls), "-nostdin", "-bind_local"]
        command += ["-t", {"UDP": "u1", "TCP": "t1"}[transport]]
        if not is_callee:
            command += ["-r", str(calls_per_s)]
        command += ["-trace_msg", "-message_file", str(self.folder / "message.log")]
        command += ["-trace_err", "-error_file", str(self.folder / "error.log")]
        command += ["-trace_stat", "-stf", str(self.folder / "stat.csv"), "-fd", "1", *arguments]
        self._is_callee = is_callee
        self.program = Program(command, self.folder, name="sipp")

    def __enter__(self) -> Sipp:
        self.program.__enter__()
        if self._is_callee:
            self.program.wait_until_bound(self.port, self.kind)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.program.stop()

    @property
    def messages(self) -> list[SippMessage]:
        """All messages so far, in order."""
        path = self.folder / "message.log"
        if not path.exists():
            return []
        parts = _HEAD.split(path.read_text(errors="replace"))[1:]
        return [
            SippMessage(direction == "received", text) for _, direction, text in zip(*[iter(parts)] * 3, strict=True)
        ]

    def received(self, start: str) -> list[SippMessage]:
        """Messages it received whose first line begins so (`BYE`, `SIP/2.0 200`)."""
        return [message for message in self.messages if message.was_received and message.first_line.startswith(start)]

    def sent(self, start: str) -> list[SippMessage]:
        return [
            message for message in self.messages if not message.was_received and message.first_line.startswith(start)
        ]

    def received_by_call(self) -> dict[str, set[str]]:
        """Methods that it received, for each Call-ID."""
        methods: dict[str, set[str]] = {}
        for message in self.messages:
            if message.was_received:
                methods.setdefault(message.header("Call-ID") or "", set()).add(message.first_line.partition(" ")[0])
        return methods

    @property
    def errors(self) -> str:
        """What SIPp found unexpected; empty when all went by the scenario."""
        path = self.folder / "error.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def counted(self, name: str) -> int:
        """A column of the last line of its statistics, such as `SuccessfulCall(C)` or `Retransmissions(C)`."""
        with (self.folder / "stat.csv").open() as file:
            rows = list(csv.DictReader(file, delimiter=";"))
        return int(rows[-1][name])

    async def succeeded(self, within_s: float = 15.0) -> Sipp:
        """Wait for its end; AssertionError with its log unless every call went by the scenario."""
        try:
            code = await self.program.ended(within_s)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.transcript}\n{self.errors}") from None
        assert code == 0, f"{self.scenario} failed with {code}:\n{self.transcript}\n{self.errors}"
        return self

    @property
    def transcript(self) -> str:
        """First lines of what passed last (of the first call that SIPp complains of), for messages of failed tests."""
        messages, errors = self.messages, self.errors
        blamed = next((m.header("Call-ID") for m in messages if (m.header("Call-ID") or "-") in errors), None)
        shown = [m for m in messages if blamed is None or m.header("Call-ID") == blamed][-TRANSCRIPT_LINES:]
        return "\n".join(f"{'<' if m.was_received else '>'} {m.first_line} [{m.cseq_method}]" for m in shown)
