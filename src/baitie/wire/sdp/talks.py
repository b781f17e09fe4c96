"""All exchanges of descriptions in one call, as our side sees them (RFC 3264): the newest one holds."""

from collections.abc import Mapping

from baitie.wire.sdp.description import SdpError, parse_sdp_untrusted
from baitie.wire.sdp.negotiation import (
    LocalMedia,
    MediaAgreement,
    MediaRefusal,
    accept_answer,
    make_answer,
    make_offer,
)

UNREADABLE = MediaRefusal("description-unreadable")


class MediaTalks:
    """Media talks (媒体协商过程) of one call: what we last said, and what was last agreed on.

    A refusal changes nothing. One with a `host` means that the peer gave a name in place of an address: find the
    address, and take the same description again with it in `hosts`.
    """

    __slots__ = ("_has_spoken", "agreed", "local")

    def __init__(self, local: LocalMedia) -> None:
        self.local = local
        self.agreed: MediaAgreement | None = None
        self._has_spoken = False

    def offer(self) -> bytes:
        """Our next offer: all that we can, and a version above that of what we said before (RFC 3264 §8)."""
        self.local = self._next()
        self._has_spoken = True
        return make_offer(self.local)

    def take_answer_untrusted(self, sdp: bytes, hosts: Mapping[str, str]) -> MediaAgreement | MediaRefusal:
        """The far end's answer to our last offer. Raises nothing."""
        try:
            agreed = accept_answer(self.local, parse_sdp_untrusted(sdp), hosts)
        except SdpError:
            return UNREADABLE
        if isinstance(agreed, MediaAgreement):
            self.agreed = agreed
        return agreed

    def take_offer_untrusted(self, sdp: bytes, hosts: Mapping[str, str]) -> bytes | MediaRefusal:
        """The far end's offer: our answer to it, after which `agreed` holds. Raises nothing."""
        local = self._next()
        try:
            answer, agreed = make_answer(parse_sdp_untrusted(sdp), local, hosts)
        except SdpError:
            return UNREADABLE
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
