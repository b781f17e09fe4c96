"""Cards by channel and trunk: what each handed in, delivered, and delivered before the ring."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from baitie.domain.metrics.definitions import METRICS, MetricValue
from baitie.domain.metrics.facts import CampaignFacts
from baitie.kernel.journal import JournalKind
from baitie.kernel.records import AttemptRecord

_COUNTED = {
    JournalKind.CARD_SUBMITTED: "submitted",
    JournalKind.CARD_DELIVERED: "delivered",
    JournalKind.CARD_REFUSED: "refused",
    JournalKind.CARD_UNDELIVERED: "undelivered",
    JournalKind.CARD_LATE: "late",
}


@dataclass(frozen=True, slots=True)
class ChannelFigures:
    """Figures of one channel of cards (通道统计) for calls over one trunk.

    Cards are counted one by one: an attempt whose first card failed has one on each of two channels. A late card may be
    delivered too. `before_ring` and `receipt_ms` are registered metrics over the attempts whose card counted here.
    """

    channel: str
    trunk: str
    submitted: int
    delivered: int
    refused: int
    undelivered: int
    late: int
    before_ring: MetricValue
    receipt_ms: MetricValue


def by_channel(facts: CampaignFacts) -> list[ChannelFigures]:
    """All channels over which a card was handed in, the most used first."""
    trunks: dict[str, str] = {attempt.attempt_id: attempt.trunk for attempt in facts.attempts}
    counts: Counter[tuple[str, str, str]] = Counter()
    delivered = {
        (entry.attempt_id, entry.facts.get("channel"))
        for entry in facts.journal
        if entry.kind is JournalKind.CARD_DELIVERED
    }
    for entry in facts.journal:
        kind, channel = _COUNTED.get(entry.kind), entry.facts.get("channel")
        was_doubt = entry.kind is JournalKind.CARD_UNDELIVERED and entry.facts.get("state") == "unknown"
        if was_doubt and (entry.attempt_id, channel) in delivered:
            continue  # the centre had no word at first
        if kind is not None and isinstance(channel, str):
            counts[channel, trunks.get(entry.attempt_id or "", ""), kind] += 1
    keys = {(channel, trunk) for channel, trunk, _ in counts}
    found = [_figures(facts, channel, trunk, counts) for channel, trunk in keys]
    return sorted(found, key=lambda figures: (-figures.submitted, figures.channel, figures.trunk))


def _figures(facts: CampaignFacts, channel: str, trunk: str, counts: Counter[tuple[str, str, str]]) -> ChannelFigures:
    own: Sequence[AttemptRecord] = [
        attempt for attempt in facts.attempts if attempt.card_channel == channel and attempt.trunk == trunk
    ]
    among = CampaignFacts((), own)
    return ChannelFigures(
        channel,
        trunk,
        **{kind: counts[channel, trunk, kind] for kind in _COUNTED.values()},
        before_ring=METRICS["card_before_ring_rate"].compute(among),
        receipt_ms=METRICS["card_receipt_ms_p50"].compute(among),
    )
