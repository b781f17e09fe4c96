"""Progress of rehearsed days: a bar where somebody watches, else a line for each tenth on the standard error."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from baitie.cli.shared import Shell, is_terminal, put

LINES_MAX = 10
"""So many lines tell how far the days have come where there is no terminal."""


@contextmanager
def days_progress(shell: Shell, label: str, days: int) -> Iterator[Callable[[], None]]:
    """What to call after each day. With `--json` nothing is shown."""
    if shell.as_json:
        yield lambda: None
        return
    if not is_terminal():
        yield told_in_tenths(label, days, lambda line: put(line, err=True))
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, transient=True) as bar:
        task = bar.add_task(label, total=days)
        yield lambda: bar.advance(task)


def told_in_tenths(label: str, days: int, say: Callable[[str], None]) -> Callable[[], None]:
    """What to call after each day, so that every tenth of the way is said once; few days say nothing."""
    done = 0

    def on_day() -> None:
        nonlocal done
        before, done = done * LINES_MAX // days, done + 1
        if days >= LINES_MAX and done * LINES_MAX // days > before:
            say(f"{label} {done}/{days} ({done / days:.0%})")

    return on_day
