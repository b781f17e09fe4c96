"""Offer and answer in one dialog (RFC 3264, RFC 3261 §13.2.1, RFC 3262 §5, RFC 3311): the newest exchange holds."""


class Exchange:
    """Offer/answer state (会话协商状态) of one dialog: the two descriptions in force, as bodies.

    `by_peer`: the far end's description is the offer, ours the answer. `is_settled`: no further answer to the first
    INVITE says anything, because its answer came reliably or a later exchange has taken its place.
    """

    __slots__ = ("by_peer", "is_settled", "local", "remote")

    def __init__(self, local: bytes = b"", remote: bytes = b"") -> None:
        self.local = local
        self.remote = remote
        self.by_peer = bool(remote)
        self.is_settled = False

    def take_answer(self, sdp: bytes, is_reliable: bool) -> bytes:
        """The description in an answer to our first INVITE; gives what of it is new: all or nothing.

        Once the answer is known, descriptions in later answers are ignored (RFC 3261 §13.2.1). What a provisional
        answer without 100rel says is a preview: border controllers play announcements by it and describe the callee in
        the 200, so the newest counts until one came reliably.
        """
        if self.is_settled or not sdp:
            return b""
        self.remote = sdp
        self.by_peer = False
        self.is_settled = is_reliable
        return sdp

    def offered_and_answered(self, remote: bytes, local: bytes) -> None:
        """We answered an offer of theirs."""
        self.remote, self.local = remote, local
        self.by_peer = self.is_settled = True

    def answered(self, remote: bytes, local: bytes) -> None:
        """They answered an offer of ours, of a re-INVITE or in answer to one of theirs."""
        self.remote, self.local = remote, local
        self.by_peer = False
        self.is_settled = True
