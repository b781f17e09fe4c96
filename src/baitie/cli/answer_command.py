"""`baitie answer`: answers those who call back while no campaign runs."""

import asyncio
import signal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from baitie.cli.answering import inbound_words
from baitie.cli.shared import ExitCode, Shell, TaughtCommand, common

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baitie.app.inbound.answer_run import AnswerRun
    from baitie.bootstrap.answering import AnsweringResult
    from baitie.files.campaign_folder import CampaignFolder


@click.command("answer", cls=TaughtCommand)
@click.argument("campaigns", type=click.Path(path_type=Path), metavar="CAMPAIGN…", nargs=-1, required=True)
@common
def command(shell: Shell, campaigns: tuple[Path, ...]) -> int:
    """Answer calls."""
    from baitie.bootstrap.folders import read_folder
    from baitie.bootstrap.loops import run

    folders = [read_folder(campaign, shell.environ) for campaign in campaigns]
    answered = run(_conduct(shell, folders))
    if answered is None:
        return ExitCode.STOPPED
    shell.say("answer.ended")
    shell.say("run.total-inbound", **inbound_words(shell, answered.counts))
    shell.give({"end": "stopped", "inbound": answered.counts.to_json(), "problem": _words(answered)})
    if answered.problem is not None:
        shell.say("run.problem", problem=_words(answered))
        return ExitCode.STORE
    return ExitCode.OK


async def _conduct(shell: Shell, folders: "Sequence[CampaignFolder]") -> "AnsweringResult | None":
    """Answer until Ctrl-C or `baitie stop`; None where it was interrupted before it began."""
    from baitie.bootstrap.answering import answer_for

    begun: list[AnswerRun] = []
    interrupts = 0

    def on_started(run: "AnswerRun") -> None:
        begun.append(run)
        shell.say("answer.listening", campaigns=", ".join(folder.campaign.campaign_id for folder in folders))

    def on_interrupt(task: "asyncio.Task[AnsweringResult]") -> None:
        nonlocal interrupts
        interrupts += 1
        if not begun:
            task.cancel()
            return
        begun[0].stop(hang_up=interrupts > 1)

    task = asyncio.ensure_future(answer_for(folders, on_started))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, partial(on_interrupt, task))
    try:
        return await task
    except asyncio.CancelledError:
        return None


def _words(answered: "AnsweringResult") -> str | None:
    return None if answered.problem is None else str(answered.problem)
