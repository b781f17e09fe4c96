"""All exchanges of descriptions in one call, as our side sees them (RFC 3264): the newest one holds."""

from collections.abc import Mapping
from dataclasses import replace

from baitie.wire.sdp.description import Direction, SdpError, parse_sdp_untrusted
from baitie.wire.sdp.negotiation import (
    LocalMedia,
    MediaAgreement,
    MediaRefusal,
    accept_answer,
    answer_to_removal,
    make_answer,
    make_offer,
    takes_away,
)

UNREADABLE = MediaRefusal("description-unreadable")


class MediaTalks:
    """Media talks (媒体协商过程) of one call: what we last said, and what was last agreed on.

    A refusal changes nothing. Once `is_answered` the far end may also take the audio away, in an offer or an answer:
    then nothing is sent or received until it gives some back. A refusal with a `host` means that the peer gave a name
    in place of an address: find the address, and take the same description again with it in `hosts`.
    """

    __slots__ = ("_has_spoken", "agreed", "is_answered", "local")

    def __init__(self, local: LocalMedia) -> None:
        self.local = local
        self.agreed: MediaAgreement | None = None
        self.is_answered = False  # set by the owner once both sides talk
        self._has_spoken = False

    def offer(self) -> bytes:
        """Our next offer: all that we can, and a version above that of what we said before (RFC 3264 §8)."""
        self.local = self._next()
        self._has_spoken = True
        return make_offer(self.local)

    def take_answer_untrusted(self, sdp: bytes, hosts: Mapping[str, str]) -> MediaAgreement | MediaRefusal:
        """The far end's answer to our last offer. Raises nothing."""
        try:
            answer = parse_sdp_untrusted(sdp)
        except SdpError:
            return UNREADABLE
        agreed = accept_answer(self.local, answer, hosts)
        if self.is_answered and self.agreed is not None and takes_away(answer, self.local):
            agreed = replace(self.agreed, direction=Direction.INACTIVE)
        if isinstance(agreed, MediaAgreement):
            self.agreed = agreed
        return agreed

    def take_offer_untrusted(self, sdp: bytes, hosts: Mapping[str, str]) -> bytes | MediaRefusal:
        """The far end's offer: our answer to it, after which `agreed` holds. Raises nothing."""
        local = self._next()
        try:
            offer = parse_sdp_untrusted(sdp)
        except SdpError:
            return UNREADABLE
        answer: bytes | None
        agreed: MediaAgreement | MediaRefusal
        answer, agreed = make_answer(offer, local, hosts)
        if answer is None and self.is_answered and self.agreed is not None:
            answer = answer_to_removal(offer, local)
            agreed = agreed if answer is None else replace(self.agreed, direction=Direction.INACTIVE)
        if answer is None or not isinstance(agreed, MediaAgreement):
            return agreed if isinstance(agreed, MediaRefusal) else UNREADABLE
        self.local, self.agreed, self._has_spoken = local.following(answer), agreed, True
        return answer

    def resume_offer_untrusted(self, sdp: bytes, hosts: Mapping[str, str]) -> MediaAgreement | MediaRefusal:
        """An offer of theirs that we answered before: what was agreed by it is in force again. Raises nothing."""
        try:
            _, agreed = make_answer(parse_sdp_untrusted(sdp), self.local, hosts)
        except SdpError:
            return UNREADABLE
        if isinstance(agreed, MediaAgreement):
            self.agreed = agreed
        return agreed

    def _next(self) -> LocalMedia:
        return self.local.changed() if self._has_spoken else self.local
