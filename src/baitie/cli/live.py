"""What a run shows while it goes on: the same lines for a terminal that is redrawn and for a plain log."""

import asyncio
from collections import Counter
from datetime import timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from baitie.cli.shared import Shell, put
from baitie.domain.namecard.rendering import CardRefusalCode, reason_without_card
from baitie.kernel.foreign_text import shown

if TYPE_CHECKING:
    from baitie.app.calling.campaign_run import CampaignRun
    from baitie.app.calling.progress import Progress

REDRAWN_EVERY_S = 0.25
LOGGED_EVERY_S = 10.0
NAMED_MAX = 4
"""So many outcomes or rules are named on a line."""
LAST_CALLS_S = 10.0
"""Nothing shorter is foretold: the last calls last as long as people talk, whatever the pace was before them."""
CLOSED_FOR_PACE_MIN = 5
"""So many leads must have closed before a pace is told from them."""


class RunView:
    """View (视图) of one run: its progress as labelled lines."""

    def __init__(self, shell: Shell, run: "CampaignRun", zone: tzinfo) -> None:
        self._shell = shell
        self._run = run
        self._zone = zone
        self._started_at = run.ports.clock.now()
        self._paced_from: tuple[float, int] | None = None  # seconds and leads closed when the first had closed

    def share_closed(self) -> float:
        """The part of the leads that need no further attempt."""
        progress = self._run.progress
        return progress.leads_closed / progress.leads if progress.leads else 0.0

    def lines(self) -> list[tuple[str, str]]:
        """Label and text of each line."""
        say, progress = self._shell.texts.text, self._run.progress
        elapsed_s = max(self._run.ports.clock.now() - self._started_at, 0.001)
        civil = self._shell.clock(self._run.ports.clock.civil_now(), self._zone)
        rows = [
            (
                say("run.leads"),
                say(
                    "run.leads-line",
                    closed=progress.leads_closed,
                    leads=progress.leads,
                    elapsed=_clock(elapsed_s),
                    eta=self._eta(elapsed_s),
                    civil=civil,
                ),
            ),
            (
                say("run.cards"),
                say(
                    "run.cards-line",
                    submitted=progress.cards_submitted,
                    delivered=progress.cards_delivered,
                    awaiting=progress.awaiting_card,
                ),
            ),
            (
                say("run.calls"),
                say(
                    "run.calls-line",
                    attempts=progress.attempts,
                    ringing=progress.ringing,
                    talking=progress.talking,
                    per_s=f"{progress.attempts / elapsed_s:.1f}",
                ),
            ),
            (say("run.outcomes"), self._outcomes(progress.outcomes) or "–"),
        ]
        if progress.refused_by_rule:
            rows.append((say("run.denied"), named(progress.refused_by_rule)))
        if delayed := delayed_by_rule(progress):
            rows.append((say("run.delayed"), named(delayed)))
        if progress.without_card:
            rows.append((say("run.cardless"), say("run.cardless-line", count=progress.without_card.total())))
        if progress.waiting:
            until = self._shell.clock(progress.next_at, self._zone) if progress.next_at else "–"
            rows.append((say("run.waiting"), say("run.waiting-line", waiting=progress.waiting, until=until)))
        if (lost := progress.trunk_loss) is not None:
            status = lost.sip_status or "–"
            rows.append((say("run.trunk"), say("run.trunk-line", trunk=lost.trunk, cause=lost.cause, status=status)))
        if progress.is_stopping:
            rows.append((say("run.stopping"), say("run.stopping-line")))
        return rows

    def _outcomes(self, outcomes: Counter[str]) -> str:
        return named(Counter({self._shell.texts.text(f"outcome.{name}"): count for name, count in outcomes.items()}))

    def _eta(self, elapsed_s: float) -> str:
        """By the pace since the first leads closed: before that calls are under way, and none can have ended."""
        progress = self._run.progress
        left = progress.leads - progress.leads_closed
        if self._paced_from is None and progress.leads_closed > 0:
            self._paced_from = elapsed_s, progress.leads_closed
        from_s, from_closed = self._paced_from or (0.0, 0)
        closed = progress.leads_closed - from_closed
        if left <= 0 or closed < CLOSED_FOR_PACE_MIN:
            return "–"
        left_s = (elapsed_s - from_s) / closed * left
        return _clock(left_s) if left_s >= LAST_CALLS_S else f"<{_clock(LAST_CALLS_S)}"


def named(counter: Counter[str], named_max: int = NAMED_MAX) -> str:
    """The most frequent of a counter, in words."""
    shown = [f"{name} {count}" for name, count in counter.most_common(named_max)]
    rest = sum(counter.values()) - sum(count for _, count in counter.most_common(named_max))
    return " · ".join([*shown, f"… {rest}"] if rest else shown)


def delayed_by_rule(progress: "Progress") -> Counter[str]:
    """What put leads off, without those for whom no card can be made: a line of their own says why."""
    cardless = {reason_without_card(CardRefusalCode(code)) for code, _ in progress.without_card}
    return Counter({rule: count for rule, count in progress.delayed_by_rule.items() if rule not in cardless})


async def watch(shell: Shell, view: RunView) -> None:
    """Show the run until cancelled: redrawn on a terminal, else a line now and then."""
    from baitie.cli.shared import is_terminal

    if shell.as_json:
        return
    if not is_terminal():
        while True:
            await asyncio.sleep(LOGGED_EVERY_S)  # noqa: TID251 - people read in real time
            put(" | ".join(f"{label}: {text}" for label, text in view.lines()))
    from rich.live import Live

    with Live(_drawn(view), refresh_per_second=4, transient=True) as live:
        while True:
            await asyncio.sleep(REDRAWN_EVERY_S)  # noqa: TID251 - people read in real time
            live.update(_drawn(view))


def _drawn(view: RunView) -> Any:
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    grid.add_row("", ProgressBar(total=1.0, completed=view.share_closed(), width=60))
    for label, text in view.lines():
        grid.add_row(label, Text(shown(text)))
    return grid


def _clock(seconds: float) -> str:
    whole = timedelta(seconds=round(seconds))
    return str(whole) if whole >= timedelta(hours=1) else f"{whole.seconds // 60}:{whole.seconds % 60:02d}"
