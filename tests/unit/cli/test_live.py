"""What a run shows while it goes on."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from baitie.app.calling.progress import Progress, TrunkLoss
from baitie.cli.live import RunView, named
from baitie.cli.shared import Shell
from baitie.kernel.time import Instant
from baitie.locale.catalogue import LANGUAGES, catalogue


@dataclass
class StillClock:
    at: float = 100.0

    def now(self) -> Instant:
        return Instant(self.at)

    def civil_now(self) -> datetime:
        return datetime(2026, 3, 3, 2, 0, tzinfo=UTC)


@dataclass
class StillPorts:
    clock: StillClock = field(default_factory=StillClock)


@dataclass
class StillRun:
    """A run that stands still: its ports and progress as a real one has them."""

    ports: StillPorts = field(default_factory=StillPorts)
    progress: Progress = field(default_factory=Progress)


def view_of(run: StillRun, lang: str) -> RunView:
    return RunView(Shell(lang, catalogue("cli", lang), {}), cast(Any, run), UTC)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_count_of_a_run_is_on_the_screen(lang: str) -> None:
    run = StillRun()
    view = view_of(run, lang)
    run.ports.clock.at += 10
    run.progress = Progress(
        leads=90,
        leads_closed=45,
        cards_submitted=61,
        cards_delivered=52,
        awaiting_card=3,
        ringing=14,
        talking=25,
        attempts=70,
        outcomes=Counter(answered=36),
        refused_by_rule=Counter(RULE_X=7),
        delayed_by_rule=Counter(RULE_Y=8),
        waiting=19,
        next_at=datetime(2026, 3, 3, 5, 30, tzinfo=UTC),
        is_stopping=True,
    )
    shown = "\n".join(f"{label} {text}" for label, text in view.lines())
    for said in (
        "90",
        "45",
        "61",
        "52",
        "3",
        "14",
        "25",
        "70",
        "7.0",
        "36",
        "RULE_X 7",
        "RULE_Y 8",
        "19",
        "05:30",
        "0:10",
    ):
        assert said in shown, said
    assert view.share_closed() == 0.5


@pytest.mark.parametrize("lang", LANGUAGES)
def test_leads_without_a_card_are_told_once_and_in_words(lang: str) -> None:
    progress = Progress(
        delayed_by_rule=Counter({"card-amount-shown": 371, "RULE_Y": 2}),
        without_card=Counter({("card-amount-shown", "amount"): 371}),
    )
    shown = dict(view_of(StillRun(progress=progress), lang).lines())
    assert "RULE_Y 2" in shown.values()
    assert not any("card-" in text for text in shown.values())
    (told,) = [text for text in shown.values() if "371" in text]
    assert told.startswith("371 ")


def test_before_enough_is_known_no_end_is_foretold() -> None:
    run = StillRun(progress=Progress(leads=100, leads_closed=4))
    lines = dict(view_of(run, "en").lines())
    assert "about – remaining" in lines["Leads"]


def test_the_last_calls_are_never_said_to_be_over() -> None:
    run = StillRun(progress=Progress(leads=1001, leads_closed=500))
    view = view_of(run, "en")
    view.lines()
    run.ports.clock.at += 10
    run.progress.leads_closed = 1000
    assert "about <0:10 remaining" in dict(view.lines())["Leads"]


def test_rare_kinds_are_summed_up() -> None:
    assert named(Counter(a=5, b=4, c=3), named_max=2) == "a 5 · b 4 · … 3"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("status", [403, None])
def test_a_lost_registration_stands_on_a_line_until_it_returns(lang: str, status: int | None) -> None:
    run = StillRun()
    view = view_of(run, lang)
    before = len(view.lines())
    run.progress.trunk_loss = TrunkLoss("north", "forbidden-by-carrier", status)
    shown = "\n".join(f"{label} {text}" for label, text in view.lines())
    assert all(said in shown for said in ("north", "forbidden-by-carrier", str(status or "–")))
    run.progress.trunk_loss = None
    assert len(view.lines()) == before
