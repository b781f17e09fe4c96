"""What a gateway knows of its messages: which wait for a receipt, and receipts that came before the answer."""

from collections import OrderedDict

from baitie.kernel.ids import CardId
from baitie.kernel.time import Instant
from baitie.wire.vendor import Receipt


class Ledger:
    """Ledger (回执台账) of messages in flight. All of it is bounded: the oldest goes first."""

    def __init__(self, entries_max: int, kept_s: float) -> None:
        self._entries_max = entries_max
        self._kept_s = kept_s
        self._sending: set[CardId] = set()
        self._awaiting: OrderedDict[CardId, tuple[str, Instant]] = OrderedDict()
        self._by_uid: dict[str, CardId] = {}
        self._early: OrderedDict[CardId, Receipt] = OrderedDict()
        self._doubted: set[CardId] = set()  # of `_awaiting` those of which `unknown` was told
        self.unmatched = 0

    def begin(self, card_id: CardId) -> None:
        """The message is about to leave."""
        self._sending.add(card_id)

    def ends_unsent(self, card_id: CardId) -> None:
        """It did not go: no receipt is awaited."""
        self._sending.discard(card_id)
        self._early.pop(card_id, None)

    def accepted(self, card_id: CardId, uid: str, now: Instant) -> Receipt | None:
        """The vendor took it; gives the receipt where that was quicker than the answer."""
        self._sending.discard(card_id)
        early = self._early.pop(card_id, None)
        if early is not None and early.is_definite:
            return early
        self._awaiting[card_id] = (uid, now)
        self._by_uid[uid] = card_id
        if early is not None:
            self._doubted.add(card_id)
        self._forget_old(now)
        return early

    def card_of(self, receipt: Receipt) -> CardId | None:
        """The message that a receipt speaks of, once; None where it waits for none, or its answer is still awaited.

        `unknown` is told once and ends nothing: a definite state may follow.
        """
        card_id = CardId(receipt.reference) if receipt.reference is not None else self._by_uid.get(receipt.uid or "")
        if card_id is not None and card_id in self._awaiting:
            if receipt.is_definite:
                self._drop(card_id)
            elif card_id in self._doubted:
                return None
            else:
                self._doubted.add(card_id)
            return card_id
        if card_id is not None and card_id in self._sending:
            kept = self._early.get(card_id)
            if kept is None or not kept.is_definite:
                self._early[card_id] = receipt
            while len(self._early) > self._entries_max:
                self._early.popitem(last=False)
        else:
            self.unmatched += 1
        return None

    @property
    def awaits_receipts(self) -> bool:
        """Whether any message waits for its receipt."""
        return bool(self._awaiting)

    def _forget_old(self, now: Instant) -> None:
        while self._awaiting:
            card_id, (_, since) = next(iter(self._awaiting.items()))
            if len(self._awaiting) <= self._entries_max and now - since <= self._kept_s:
                return
            self._drop(card_id)

    def _drop(self, card_id: CardId) -> None:
        uid, _ = self._awaiting.pop(card_id)
        self._by_uid.pop(uid, None)
        self._doubted.discard(card_id)
