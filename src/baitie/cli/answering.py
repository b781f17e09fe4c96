"""What is said of calls that came in, by `baitie run` and `baitie answer`."""

from typing import TYPE_CHECKING

from baitie.cli.shared import Shell

if TYPE_CHECKING:
    from baitie.app.inbound.counts import InboundCounts


def inbound_words(shell: Shell, counts: "InboundCounts") -> dict[str, object]:
    """The values of the line about calls that came in."""
    from baitie.cli.live import named

    treatments = {shell.texts.text(f"inbound.{name}"): count for name, count in counts.treatments.items()}
    return {
        "arrived": counts.arrived,
        "answered": counts.answered,
        "busy": counts.busy,
        "stopping": counts.stopping,
        "treatments": named(type(counts.treatments)(treatments), len(treatments)) or "–",
        "answers": named(counts.answers, 10) or "–",
        "refusals": counts.refusals,
        "wanted": counts.call_backs_requested,
    }
