"""How many verdicts a second the gate gives on one core, with all shipped packs and full facts.

A share of the time goes to the interpreter's own calls; a loop that calls a function which does nothing, in the
same run, is the limit that no gate in Python passes.
"""

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from importlib.resources import files
from zoneinfo import ZoneInfo

from baitie.domain.risk.calendar_files import parse_calendar_untrusted
from baitie.domain.risk.explain import explain
from baitie.domain.risk.facts import CallFacts, GateStage
from baitie.domain.risk.history import CalleeHistory, Freeze, PastAttempt, Refusal, RefusalChannel
from baitie.domain.risk.rulebook import RuleBook, load_rulebook
from baitie.domain.risk.rulepack import parse_pack_untrusted
from baitie.domain.risk.standing import (
    CalleeRole,
    ComplaintFact,
    ConsentChannel,
    ConsentFact,
    ContentElement,
    ContentFact,
    LineClass,
    Scope,
    ShareFact,
    ShareOf,
)
from baitie.domain.risk.verdict import Decision
from baitie.domain.risk.workdays import calendars_of
from baitie.kernel.disclosure import Disclosure
from baitie.kernel.ids import CalleeId
from baitie.kernel.purpose import NumberClass, Purpose
from baitie.kernel.time import Window
from baitie.rules import CALENDARS, SHIPPED_PACKS
from benchmarks.figures import Figure, Report, run_and_show

TARGET_PER_S = 20_000
ROUNDS = 5  # the best of some rounds: others share the machine

NOON = datetime(2026, 3, 20, 4, tzinfo=UTC)
EVENING = NOON + timedelta(hours=6)
"""Six o'clock, when no shipped rule advises anything: noon is lunch, the morning and the afternoon are work."""
NIGHT = NOON + timedelta(hours=11)
CALLEE = CalleeId("callee_bench")
PRESENTED = "+861088880000"
SALES = Purpose.ACQUISITION
US_ZONES = tuple(ZoneInfo(f"America/{city}") for city in ("New_York", "Chicago", "Denver", "Los_Angeles"))


NEVER = "denied, hours that never meet"
"""Asked once for each lead, and a campaign of such hours is not started: measured without a target."""


def shipped() -> RuleBook:
    """All shipped packs."""
    folder = files("baitie.rules")
    packs = [parse_pack_untrusted(name, (folder / name).read_text("utf-8")) for name in SHIPPED_PACKS]
    years = [(name, (folder / "calendars" / name).read_text("utf-8")) for name in CALENDARS]
    return load_rulebook(packs, calendars_of([parse_calendar_untrusted(name, text) for name, text in years]))


def full_facts() -> CallFacts:
    """Somebody with seven attempts and two talks in thirty days, an old freeze and an old complaint, all else known."""
    history = CalleeHistory(
        tuple(
            PastAttempt(
                NOON - timedelta(days=days),
                is_contact := days in (28, 9),
                False,
                False,
                talk_s=60.0 if is_contact else None,
                purpose=Purpose.COLLECTION,
                campaign_id="campaign_bench",
                presented=PRESENTED,
                debt_key="loan-1",
            )
            for days in (28, 24, 21, 18, 9, 5, 1)
        )
    )
    lifted = Freeze(CALLEE, NOON - timedelta(days=20), NOON - timedelta(days=13), "rejected-and-short", "R", "gate")
    return CallFacts(
        callee_id=CALLEE,
        number_class=NumberClass.MOBILE,
        region="CN",
        zones=(ZoneInfo("Asia/Shanghai"),),
        purpose=Purpose.COLLECTION,
        civil_now=EVENING,
        history=history,
        freezes=(lifted,),
        is_on_allow_list=True,
        campaign_windows=(Window(NOON.time().replace(hour=9), NOON.time().replace(hour=19)),),
        stage=GateStage.RING,
        campaign_id="campaign_bench",
        presented=PRESENTED,
        debt_key="loan-1",
        callee_role=CalleeRole.DEBTOR,
        line_classes=frozenset({LineClass.OTHER}),
        consents=tuple(
            ConsentFact(purpose, ConsentChannel.VOICE, NOON - timedelta(days=90)) for purpose in (Purpose.CARE, SALES)
        ),
        complaints=(ComplaintFact(NOON - timedelta(days=120)),),
        shares=(
            ShareFact(ShareOf.COMPLAINT, Scope.CAMPAIGN, 30, 1, 40_000),
            ShareFact(ShareOf.ABANDONMENT, Scope.CAMPAIGN, 30, 20, 4_000),
        ),
        content=ContentFact(Disclosure.IDENTITY, frozenset(ContentElement)),
    )


def variants() -> dict[str, tuple[CallFacts, Decision]]:
    """Facts of each kind, with the decision that they must get."""
    plain = full_facts()
    attempts = plain.history.attempts
    busy_day = CalleeHistory((*attempts, replace(attempts[-1], at=NOON - timedelta(hours=2))))
    refused = Refusal(CALLEE, NOON, RefusalChannel.KEYPAD, "callee")
    weary = tuple(EVENING - timedelta(hours=hours) for hours in range(12, 0, -1))
    american = replace(plain, region="US", zones=US_ZONES, civil_now=NOON + timedelta(hours=15))
    return {
        "allowed": (plain, Decision.ALLOW),
        "allowed, four possible zones": (replace(american, campaign_windows=()), Decision.ALLOW),
        "allowed, marketing": (
            replace(plain, purpose=SALES, civil_now=NOON + timedelta(hours=6)),
            Decision.ALLOW,
        ),
        "allowed with advice": (replace(plain, civil_now=NOON - timedelta(hours=2)), Decision.ALLOW),
        "delayed by four rules of hours": (replace(plain, civil_now=NIGHT), Decision.DELAY),
        "delayed by a cap": (replace(plain, history=busy_day), Decision.DELAY),
        "denied by a refusal": (replace(plain, refusals=(refused,)), Decision.DENY),
        "allowed, weary callee": (replace(plain, cards_sent=weary), Decision.ALLOW),
        NEVER: (replace(plain, campaign_windows=(Window(clock_time(2), clock_time(3)),)), Decision.DENY),
    }


def per_s(act: Callable[[CallFacts], object], facts: CallFacts, count: int) -> float:
    """Calls per second of this thread's processor time."""
    best = 0.0
    for _ in range(ROUNDS):
        begun = time.thread_time()
        for _ in range(count):
            act(facts)
        best = max(best, count / (time.thread_time() - begun))
    return best


def run(arguments: argparse.Namespace) -> list[Report]:
    """Measures each kind of verdict, and what comes with it."""
    book, count = shipped(), arguments.count
    limit = per_s(lambda facts: None, full_facts(), count * 10)
    load = f"{len(book.rules)} rules of {len(SHIPPED_PACKS)} packs, best of {ROUNDS} x {count} verdicts, processor time"
    report = Report("gate", load)
    for name, (facts, decision) in variants().items():
        verdict = book.judge(facts)
        if verdict.decision is not decision:
            raise AssertionError(f"{name}: {verdict}")
        report.figures.append(
            Figure(
                f"verdicts, {name}",
                per_s(book.judge, facts, count),
                "1/s",
                None if name == NEVER else TARGET_PER_S,
                True,
                "empty call",
                limit,
            )
        )
    delayed = book.judge(variants()["delayed by four rules of hours"][0])
    for name, act in {
        "verdicts with facts built anew, allowed": lambda facts: book.judge(replace(facts, civil_now=EVENING)),
        "explanations for why": lambda facts: explain(book, facts),
        "delays as JSON text": lambda facts: json.dumps(delayed.to_json()),
    }.items():
        report.figures.append(Figure(name, per_s(act, full_facts(), count), "1/s"))
    return [report]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000, help="verdicts in one round")
    raise SystemExit(run_and_show(run, parser))
