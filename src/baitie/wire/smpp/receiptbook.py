"""Which receipt belongs to which message: ids remembered, early receipts kept, doubled ones dropped."""

from collections import OrderedDict

from baitie.wire.smpp.receipt import MessageIdForm, Receipt, answer_key, receipt_keys


class ReceiptBook:
    """Remembers accepted messages by id, the newest `remembered_max`. A receipt may overtake its submit_sm_resp."""

    def __init__(self, form: MessageIdForm, remembered_max: int, early_max: int) -> None:
        self._form = form
        self._remembered_max = remembered_max
        self._early_max = early_max
        self._keys: OrderedDict[str | int, str] = OrderedDict()
        self._finished: OrderedDict[str | int, None] = OrderedDict()
        self._early: OrderedDict[str | int, Receipt] = OrderedDict()

    def remember(self, message_id: str, key: str) -> Receipt | None:
        """Keep the id of an accepted message. Returns the final receipt that came before it, if one did."""
        answer = answer_key(message_id, self._form)
        self._finished.pop(answer, None)  # centres use an id again after a while
        early = self._early.get(answer)
        if early is not None:
            self._drop_early(early)
            self._finish(answer)
            return early
        self._keys[answer] = key
        if len(self._keys) > self._remembered_max:
            self._keys.popitem(last=False)
        return None

    def match(self, receipt: Receipt) -> str | None:
        """The key of the message of a final receipt; None where it is doubled, early or not ours."""
        candidates = receipt_keys(receipt, self._form)
        for candidate in candidates:
            key = self._keys.pop(candidate, None)
            if key is not None:
                self._finish(candidate)
                return key
        return None

    def is_doubled(self, receipt: Receipt) -> bool:
        """Whether the message of this receipt has had its final receipt."""
        return any(candidate in self._finished for candidate in receipt_keys(receipt, self._form))

    def keep_early(self, receipt: Receipt) -> Receipt | None:
        """Keep a receipt whose message is not known yet. Returns the oldest kept one when there is no room."""
        for candidate in receipt_keys(receipt, self._form):
            self._early[candidate] = receipt
        if len(self._early) <= self._early_max:
            return None
        oldest = next(iter(self._early.values()))
        self._drop_early(oldest)
        return oldest

    def forget_early(self) -> list[Receipt]:
        """Give up the early receipts: nothing is outstanding that they could belong to."""
        receipts = list(dict.fromkeys(self._early.values()))
        self._early.clear()
        return receipts

    def _drop_early(self, receipt: Receipt) -> None:
        for candidate in receipt_keys(receipt, self._form):
            self._early.pop(candidate, None)

    def _finish(self, answer: str | int) -> None:
        self._finished[answer] = None
        if len(self._finished) > self._remembered_max:
            self._finished.popitem(last=False)
