"""What is registered about a callee, as the gate is told of it. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from baitie.app.records.standing import CalleeStanding
from baitie.domain.consent.register import Consent, ReachChannel
from baitie.domain.consent.requests import CalleeRequest
from baitie.domain.risk.facts import CallFacts
from baitie.domain.risk.history import Freeze
from baitie.domain.risk.standing import ComplaintFact, ConsentChannel, ConsentFact, PreferenceFact

FOREVER = datetime.max.replace(tzinfo=UTC)
BLOCK_LIST = "block-list"
"""Rule and reason of a freeze without end, which is what a block is to the gate."""


def _freezes(standing: CalleeStanding) -> tuple[Freeze, ...]:
    blocks = [
        Freeze(block.callee_id, block.at, FOREVER, BLOCK_LIST, BLOCK_LIST, block.actor) for block in standing.blocks
    ]
    return (*standing.freezes, *blocks)


def _preference(standing: CalleeStanding) -> PreferenceFact | None:
    wish = standing.preference
    if wish is None:
        return None
    return PreferenceFact(
        wish.windows,
        wish.purposes,
        wish.channels is None or ReachChannel.VOICE in wish.channels,
        wish.channels is None or ReachChannel.MESSAGE in wish.channels,
        wish.language,
    )


def _consent_fact(consent: Consent) -> ConsentFact:
    return ConsentFact(
        purpose=consent.purpose,
        channel=ConsentChannel(consent.channel.value),
        granted_at=consent.granted_at,
        withdrawn_at=consent.withdrawn_at,
        expires_at=consent.expires_at,
        has_evidence=consent.has_evidence,
        is_spoken=consent.is_spoken,
    )


STANDING_FACTS: Mapping[str, Callable[[CalleeStanding], Any]] = {
    "history": lambda standing: standing.history,
    "refusals": lambda standing: standing.refusals,
    "freezes": _freezes,
    "consents": lambda standing: tuple(map(_consent_fact, standing.consents)),
    "complaints": lambda standing: tuple([ComplaintFact(c.received_at, c.source.value) for c in standing.complaints]),
    "preference": _preference,
    "cards_sent": lambda standing: standing.cards_sent,
}
"""What a standing says of a call, by the names of the facts.

The store is the organisation's register of consents, so they are never unknown here: a callee of whom it has none
has not agreed, and each rule that asks for consent takes that silence for a refusal.
"""


def with_request(facts: CallFacts, standing: CalleeStanding, request: CalleeRequest | None) -> CallFacts:
    """The facts with what an explicit request says: a wish for these hours, and consent for this purpose in them.

    It speaks as long as its hours last and nothing newer speaks against it; refusals, blocks and freezes it leaves
    as they are.
    """
    if request is None or request.wanted_from is None or request.wanted_until is None:
        return facts
    if not request.wanted_from <= facts.civil_now < request.wanted_until:
        return facts
    consents = facts.consents or ()
    if any(c.purpose is facts.purpose and c.withdrawn_at is not None and c.withdrawn_at >= request.made_at
           for c in consents):  # fmt: skip
        return facts
    wish = standing.preference
    given = ConsentFact(facts.purpose, ConsentChannel.VOICE, request.made_at, expires_at=request.wanted_until)
    is_newest_wish = wish is None or wish.set_at <= request.made_at
    return replace(facts, consents=(*consents, given), preference=None if is_newest_wish else facts.preference)
