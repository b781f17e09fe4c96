"""What was said in a call, as text: whoever recognises speech hands it in like this."""

from dataclasses import dataclass
from enum import StrEnum

UTTERANCES_MAX = 2000
"""An hour of talk has about half as many; what comes after is not read."""

UTTERANCE_CHARS_MAX = 2000


class Speaker(StrEnum):
    """Who speaks (说话人): known where the two directions were recorded apart."""

    CALLEE = "callee"
    AGENT = "agent"
    BOT = "bot"
    UNKNOWN = "unknown"  # one channel only


@dataclass(frozen=True, slots=True)
class Utterance:
    """Utterance (话语): one turn of one speaker, as recognised."""

    speaker: Speaker
    text: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """Transcript (通话转写) of one call, the utterances in their order.

    `recogniser` names what made it, with its version; `attempt_id` is None where the call is not one of ours.
    """

    utterances: tuple[Utterance, ...]
    recogniser: str
    attempt_id: str | None = None
