"""The enterprise's numbers at the desk: how each stands, and flagging one that telephones mark as spam."""

from datetime import date

from baitie.app.campaign.campaign import PresentedNumber
from baitie.app.records.batch import Batch
from baitie.app.registers.number_use import use_of
from baitie.app.registers.registers import Registers
from baitie.app.registers.suspensions import resumed_batch
from baitie.domain.complaints import NumberSuspension, SuspensionObjection
from baitie.domain.numberpool import SCORED_DAYS, NumberCandidate, bars, score
from baitie.files.number_terms import presented_number, settings_of_number
from baitie.files.organisation_settings import zone_of
from baitie.kernel.errors import InputError
from baitie.kernel.journal import JournalKind, JsonValue

FLAGGED = "flagged"
SCORE_DIGITS = 3


class NumberNotOursError(InputError):
    """This is none of the enterprise's presented numbers. `baitie numbers list` shows them."""

    code = "number-not-ours"


def rows_of_numbers(desk: Registers, written: str | None = None) -> list[dict[str, JsonValue]]:
    """All presented numbers, or one, as they stand now. Raises `NumberNotOursError`."""
    numbers = desk.settings.enterprise.presented_numbers
    shown = [presented_number(desk.settings, number) for number in numbers]
    if written is not None:
        shown = [_ours(desk, written)]
    reasons: dict[str, set[str]] = {}
    for one in desk.store.suspensions():
        if one.is_active:
            reasons.setdefault(one.number, set()).add(one.reason)
    return [_row(desk, one, frozenset(reasons.get(one.number.e164(), ()))) for one in shown]


def flag_number(desk: Registers, written: str, note: str) -> bool:
    """Put a number out of use because telephones mark it; False where it is flagged already."""
    number = _ours(desk, written).number.e164()
    if any(one.number == number and one.reason == FLAGGED and one.is_active for one in desk.store.suspensions()):
        return False
    said: dict[str, JsonValue] = {"number": number, "reason": FLAGGED, "note": note, "actor": desk.actor}
    suspension = NumberSuspension(desk.new_id("ns"), number, desk.now, FLAGGED, desk.actor)
    desk.keep(Batch(suspensions=[suspension], journal=[desk.entry(JournalKind.NUMBER_SUSPENDED, None, said)]))
    return True


def unflag_number(desk: Registers, written: str, reason: str) -> SuspensionObjection | None:
    """Put a flagged number into use again once its cause is mended, or say why not."""
    number = _ours(desk, written).number.e164()
    lifters = desk.settings.desk.lifters
    found = resumed_batch(desk.store, number, desk.actor, reason, lifters, desk.now, of_reason=FLAGGED)
    if isinstance(found, SuspensionObjection):
        return found
    desk.keep(found)
    return None


def _ours(desk: Registers, written: str) -> PresentedNumber:
    read = desk.presented(written)
    for number in desk.settings.enterprise.presented_numbers:
        if number.e164() == read:
            return presented_number(desk.settings, number)
    raise NumberNotOursError()


def _row(desk: Registers, shown: PresentedNumber, out_of_use: frozenset[str]) -> dict[str, JsonValue]:
    zone, own = zone_of(desk.settings), settings_of_number(desk.settings, shown.number)
    today: date = desk.now.astimezone(zone).date()
    use = use_of(desk.store, shown, lambda at: at.astimezone(zone).date(), desk.now)
    candidate = NumberCandidate(
        shown.number.e164(),
        shown.terms,
        use,
        is_suspended=bool(out_of_use - {FLAGGED}),
        is_flagged=FLAGGED in out_of_use,
    )
    limits = [shown.terms.attempts_max_per_day, shown.terms.warm_up_max(use.first_used_on, today)]
    against: list[JsonValue] = [*sorted(bar.value for bar in bars(candidate, desk.now, today))]
    return {
        "number": candidate.number,
        "state": against or ["in-use"],
        "attempts_today": use.attempts_today(today),
        "attempts_max_today": min((limit for limit in limits if limit is not None), default=None),
        "scored_days": SCORED_DAYS,
        "attempts": sum(day.attempts for day in use.days),
        "answered": sum(day.answered for day in use.days),
        "complaints": use.complaints,
        "score": round(score(use, today), SCORE_DIGITS),
        "first_used_on": None if use.first_used_on is None else use.first_used_on.isoformat(),
        "region": shown.terms.region,
        "certification": own.certification,
        "display": own.display,
    }
