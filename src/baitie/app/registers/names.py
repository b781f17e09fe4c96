"""Names that somebody writes in a register: of campaigns, attempts and presented numbers. Unknown ones are refused,
with the nearest that are known, for an act about a name that nobody has is an act about nothing."""

import difflib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from baitie.app.ports.register_store import RegisterStore
from baitie.app.registers.callers import attempts_seen
from baitie.kernel.errors import InputError
from baitie.kernel.ids import AttemptId, CalleeId
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import AttemptRecord

NEAREST_MAX = 3
NEAR_ENOUGH = 0.3
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


class NameUnknownError(InputError):
    """Nobody knows this name. Write one of those that are known."""

    code = "name-unknown"
    column = ""
    """Of the register's file in which such a name stands."""


class CampaignNameUnknownError(NameUnknownError):
    """There is no campaign of this id or name. Write the id that stands as campaign.id in its campaign.toml."""

    code = "campaign-name-unknown"
    column = "campaign"


class AttemptNameUnknownError(NameUnknownError):
    """The store has no such attempt to this number. `baitie report` writes their ids into report.json."""

    code = "attempt-name-unknown"
    column = "attempt"


class PresentedNumberUnknownError(NameUnknownError):
    """This number is none of the enterprise's and was never shown. Write one of enterprise.presented_numbers."""

    code = "presented-number-unknown"
    column = "presented"


class ProofFileMissingError(NameUnknownError):
    """There is no such file. Name the file that proves it, from here or from the campaign's folder."""

    code = "proof-file-missing"
    column = "proof_file"


def campaign_named(written: str, known: Mapping[str, str]) -> str:
    """The id of the campaign with this id or name; `known` are names by id. Raises `CampaignNameUnknownError`."""
    if written in known:
        return written
    by_name = [campaign_id for campaign_id, name in known.items() if name == written]
    if len(by_name) == 1:
        return by_name[0]
    ids = {**{name: campaign_id for campaign_id, name in known.items()}, **{name: name for name in known}}
    meant = dict.fromkeys(ids[word] for word in nearest(written, ids))
    raise CampaignNameUnknownError(
        campaign=written, known=", ".join(f"{each} ({known[each]})" for each in meant) or "–"
    )


def attempt_named(store: RegisterStore, written: str, callee_id: CalleeId | None) -> AttemptRecord:
    """The attempt to this callee whose id is, or alone ends like, this. Raises `AttemptNameUnknownError`."""
    own = [] if callee_id is None else list(attempts_seen(store, callee_id))
    ids = store.attempt_ids_like(written)
    found = store.caller_of(AttemptId(ids[0])) if len(ids) == 1 else None
    if found is None or found.attempt.callee_id != callee_id:
        raise AttemptNameUnknownError(
            attempt=written, known=", ".join(each.attempt_id for each in own[:NEAREST_MAX]) or "–"
        )
    return found.attempt


def presented_named(store: RegisterStore, number: str, filed: Iterable[PhoneNumber]) -> str:
    """The number, where it is the enterprise's or was ever shown. Raises `PresentedNumberUnknownError`."""
    own = {each.e164() for each in filed}
    if number not in own and store.attempts_showing(number, _EVER)[0] is None:
        raise PresentedNumberUnknownError(presented=number, known=", ".join(nearest(number, own)) or "–")
    return number


def nearest(written: str, known: Iterable[str]) -> list[str]:
    """The known names most like what was written, the likest first; the first few where none is like it."""
    names = sorted(set(known))
    return difflib.get_close_matches(written, names, n=NEAREST_MAX, cutoff=NEAR_ENOUGH) or names[:NEAREST_MAX]
