"""`baitie run`: runs a campaign to its end, or goes on where it stopped."""

import asyncio
import contextlib
import signal
from collections import Counter
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from baitie.cli.answering import inbound_words
from baitie.cli.shared import ExitCode, Shell, TaughtCommand, campaign_argument, common, is_terminal, put

if TYPE_CHECKING:
    from collections.abc import Callable

    from baitie.app.calling.progress import Progress, RunSummary
    from baitie.bootstrap.assemble import Started
    from baitie.bootstrap.run_log import RunLog
    from baitie.files.campaign_folder import CampaignFolder


@click.command("run", cls=TaughtCommand)
@campaign_argument
@common
def command(shell: Shell, campaign: Path) -> int:
    """Run a campaign."""
    from baitie.app.calling.progress import RunEnd
    from baitie.bootstrap.folders import read_folder
    from baitie.bootstrap.loops import run
    from baitie.files.organisation_settings import zone_of

    folder = read_folder(campaign, shell.environ)
    zone = zone_of(folder.organisation.settings)
    if folder.organisation.settings.carrier.kind == "loopback":
        shell.say("run.loopback")
    summary = run(_Conductor(shell, folder, zone).conduct())
    if summary is None:
        return ExitCode.STOPPED
    _show_summary(shell, summary, folder, campaign, zone)
    return {
        RunEnd.FINISHED: ExitCode.OK,
        RunEnd.WAITING: ExitCode.OK,
        RunEnd.STOPPED: ExitCode.STOPPED,
        RunEnd.STORE_FAILED: ExitCode.STORE,
        RunEnd.CARRIER_LOST: ExitCode.CARRIER,
        RunEnd.RED_LINE: ExitCode.STOPPED,
    }[summary.end]


ALARMS_TOLD_MAX = 20


class _Conductor:
    """Starts the run, shows it, and hands it the operator's Ctrl-C."""

    def __init__(self, shell: Shell, folder: "CampaignFolder", zone: tzinfo) -> None:
        self._shell = shell
        self._folder = folder
        self._started: Started | None = None
        self._watching: asyncio.Task[None] | None = None
        self._interrupts = 0
        self._told = 0
        self._zone = zone

    async def conduct(self) -> "RunSummary | None":
        """The summary of the run; None where it was interrupted before it began."""
        from baitie.bootstrap.assemble import run_folder
        from baitie.bootstrap.environment import real_now

        task = asyncio.ensure_future(run_folder(self._folder, self._shell.lang, self._on_started))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._on_interrupt, task)
        try:
            summary = await task
        except asyncio.CancelledError:
            return None
        finally:
            await self._stop_watching()
            self._tell_alarms()
            self._tell_unkept()
        self._note(lambda log: log.note_end(real_now(), summary.civil_until, summary.end.value))
        return summary

    def _note(self, write: "Callable[[RunLog], None]") -> None:
        """Note the run; a full disk takes nothing from it but its times in the report."""
        from baitie.bootstrap.run_log import RUN_LOG, RunLog

        try:
            write(RunLog(self._folder.folder))
        except OSError as error:
            put(self._shell.texts.text("run-log.failed", file=RUN_LOG, reason=error.strerror), err=True)

    def _on_started(self, started: "Started") -> None:
        from baitie.bootstrap.environment import real_now
        from baitie.cli.live import RunView, watch

        self._started = started
        civil_now = started.run.ports.clock.civil_now()
        self._note(lambda log: log.note_begin(real_now(), civil_now))
        imported = started.imported
        if imported is None:
            self._shell.say("run.resumed")
        else:
            self._shell.say(
                "run.imported",
                rows=imported.rows,
                leads=imported.leads,
                merged=imported.merged,
                rejected=imported.rejected,
            )
        self._tell_alarms()
        if started.packs_left_out:
            self._shell.say("packs.left-out", packs=", ".join(started.packs_left_out))
        self._watching = asyncio.ensure_future(watch(self._shell, RunView(self._shell, started.run, self._zone)))

    def _tell_alarms(self) -> None:
        """Whom the registers had lost, on standard error: it must not be missed, whoever reads the output."""
        alarms = [] if self._started is None else self._started.alarms
        texts = self._shell.texts
        for alarm in alarms[self._told : self._told + ALARMS_TOLD_MAX]:
            if not alarm.register:
                put(texts.text("alarm.anchor-missing"), err=True)
                continue
            said = texts.text(f"alarm.{alarm.what}", seq=alarm.seq or "–")
            after = texts.text("alarm.mended" if alarm.is_mended else "alarm.kept")
            register = texts.text(f"alarm.register.{alarm.register}")
            put(texts.text("alarm.line", number=alarm.number, register=register, said=said, after=after), err=True)
        if len(alarms) - self._told > ALARMS_TOLD_MAX:
            put(texts.text("alarm.more", count=len(alarms) - self._told - ALARMS_TOLD_MAX), err=True)
        self._told = len(alarms)

    def _tell_unkept(self) -> None:
        """The whole numbers of whoever refused in vain: nothing else has them any more."""
        held = [] if self._started is None else self._started.run.held_refusals()
        if held:
            numbers = ", ".join(dict.fromkeys(one.number.e164() for one in held))
            put(self._shell.texts.text("alarm.refusals-unkept", count=len(held), numbers=numbers), err=True)

    def _on_interrupt(self, task: "asyncio.Task[RunSummary]") -> None:
        self._interrupts += 1
        if self._started is None:
            task.cancel()
            return
        self._started.run.stop(hang_up=self._interrupts > 1)
        if not self._shell.as_json and not is_terminal():  # a terminal shows it in its own line
            put(self._shell.texts.text("run.interrupt" if self._interrupts == 1 else "run.interrupt-again"))

    async def _stop_watching(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching


def _show_summary(shell: Shell, summary: "RunSummary", folder: "CampaignFolder", campaign: Path, zone: tzinfo) -> None:
    from baitie.cli.live import delayed_by_rule, named
    from baitie.files.card_readiness import refusal_text

    progress = summary.progress
    outcomes = {shell.texts.text(f"outcome.{name}"): count for name, count in progress.outcomes.items()}
    shell.say(
        "run.ended",
        end=shell.texts.text(f"run-end.{summary.end.value}"),
        elapsed=f"{summary.elapsed_s:.0f}",
        civil_from=shell.clock(summary.civil_from, zone),
        civil_until=shell.clock(summary.civil_until, zone),
    )
    shell.say("run.total", leads=progress.leads, closed=progress.leads_closed, waiting=progress.waiting)
    shell.say(
        "run.total-cards",
        submitted=progress.cards_submitted,
        delivered=progress.cards_delivered,
        before=progress.cards_before_ring,
    )
    shell.say(
        "run.total-calls",
        attempts=progress.attempts,
        per_s=f"{progress.attempts / summary.elapsed_s:.1f}" if summary.elapsed_s else "–",
        outcomes=named(type(progress.outcomes)(outcomes), len(outcomes)) or "–",
    )
    delayed = delayed_by_rule(progress)
    if progress.refused_by_rule or delayed:
        shell.say(
            "run.total-gate",
            denied=named(progress.refused_by_rule, 10) or "–",
            delayed=named(delayed, 10) or "–",
        )
    for (code, slot), count in progress.without_card.most_common():
        shell.say("run.total-cardless", count=count, text=refusal_text(code, {"slot": slot}, shell.lang))
    if progress.answers:
        shell.say("run.total-answers", answers=named(progress.answers, 10))
    if progress.refusals:
        shell.say(
            "run.total-refusals",
            refusals=progress.refusals,
            ways=named(_ways(shell, progress), 10),
            stopped=progress.stopped_for_callee,
        )
    if progress.inbound.arrived:
        shell.say("run.total-inbound", **inbound_words(shell, progress.inbound))
    if progress.trunk_losses:
        shell.say("run.total-trunk", losses=progress.trunk_losses)
    if summary.problem:
        problem = shell.texts.text_or(f"run-problem.{summary.problem}", summary.problem, campaign=campaign)
        shell.say("run.problem", problem=problem)
    _show_next(shell, summary, folder, campaign, zone)
    shell.give(_body(summary))


def _show_next(shell: Shell, summary: "RunSummary", folder: "CampaignFolder", campaign: Path, zone: tzinfo) -> None:
    """What comes next; of a run that waits: until when, for what, and what makes it go on."""
    progress, dialing = summary.progress, folder.settings.settings.dialing
    if summary.end.value == "waiting" and progress.waits_for is not None:
        is_simulated = folder.organisation.settings.carrier.kind == "loopback"
        at = progress.next_at
        shell.say(
            f"run.waits-for-{progress.waits_for.value}",
            waiting=progress.waiting,
            at=shell.clock(at, zone) if at is not None else "–",
            campaign=campaign,
        )
        if at is not None:
            hours = f"{dialing.idle_wait_max_s / 3600:g}"
            shell.say("run.go-on-simulated" if is_simulated else "run.go-on", hours=hours, campaign=campaign)
        shell.say("run.next", campaign=campaign)
        return
    shell.say("run.next-again" if summary.end.value in ("stopped", "waiting") else "run.next", campaign=campaign)


def _ways(shell: Shell, progress: "Progress") -> Counter[str]:
    """How those who refused said so first, in words."""
    ways = ("called-back" if way is None else way.value for way in progress.refused_by.values())
    return Counter(shell.texts.text(f"refusal-way.{way}") for way in ways)


def _body(summary: "RunSummary") -> dict[str, Any]:
    progress = summary.progress
    return {
        "end": summary.end.value,
        "elapsed_s": round(summary.elapsed_s, 3),
        "civil_from": summary.civil_from.isoformat(),
        "civil_until": summary.civil_until.isoformat(),
        "leads": progress.leads,
        "leads_closed": progress.leads_closed,
        "waiting": progress.waiting,
        "next_at": progress.next_at.isoformat() if progress.next_at else None,
        "waits_for": progress.waits_for.value if progress.waits_for else None,
        "attempts": progress.attempts,
        "cards_submitted": progress.cards_submitted,
        "cards_delivered": progress.cards_delivered,
        "cards_before_ring": progress.cards_before_ring,
        "outcomes": dict(progress.outcomes),
        "denied_by_rule": dict(progress.refused_by_rule),
        "delayed_by_rule": dict(progress.delayed_by_rule),
        "without_card": [
            {"code": code, "slot": slot, "count": count} for (code, slot), count in progress.without_card.most_common()
        ],
        "answers": dict(progress.answers),
        "refusals": progress.refusals,
        "refusals_by_message": progress.refusals_by_message,
        "refusals_unkept": progress.refusals_unkept,
        "stopped_for_callee": progress.stopped_for_callee,
        "inbound": progress.inbound.to_json(),
        "registrations_lost": progress.trunk_losses,
        "problem": summary.problem,
    }
