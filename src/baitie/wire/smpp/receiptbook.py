"""Which receipt belongs to which message: ids remembered, early receipts kept, doubled ones dropped."""

from collections import OrderedDict

from baitie.wire.smpp.constants import MessageState
from baitie.wire.smpp.receipt import MessageIdForm, Receipt, answer_key, loose_id, receipt_keys


class ReceiptBook:
    """Remembers accepted messages by id, the newest `remembered_max`. A receipt may overtake its submit_sm_resp.

    An id is looked for as it is written; where none is found so, without case and zeros in front, if exactly one of
    the remembered ones fits. UNKNOWN is told once and ends nothing: a definite state may follow.
    """

    def __init__(self, form: MessageIdForm, remembered_max: int, early_max: int) -> None:
        self._form = form
        self._remembered_max = remembered_max
        self._early_max = early_max
        self._keys: OrderedDict[str | int, str] = OrderedDict()
        self._spellings: dict[str, list[str]] = {}  # by their loose form the ids in `_keys` that are written otherwise
        self._doubted: set[str | int] = set()  # ids in `_keys` of which UNKNOWN was told
        self._finished: OrderedDict[str, None] = OrderedDict()  # loose forms
        self._early: OrderedDict[str, Receipt] = OrderedDict()  # by loose form

    def remember(self, message_id: str, key: str) -> Receipt | None:
        """Keep the id of an accepted message. Returns the receipt that came before it, if one did."""
        answer = answer_key(message_id, self._form)
        self._finished.pop(loose_id(answer), None)  # centres use an id again after a while
        early = self._early.get(loose_id(answer))
        if early is not None:
            self._drop_early(early)
            if early.state.is_final:
                self._finish(answer)
                return early
        self._forget(answer)
        self._keys[answer] = key
        loose = loose_id(answer)
        if isinstance(answer, str) and answer != loose:
            self._spellings.setdefault(loose, []).append(answer)
        if early is not None:
            self._doubted.add(answer)
        if len(self._keys) > self._remembered_max:
            self._forget(next(iter(self._keys)))
        return early

    def match(self, receipt: Receipt) -> str | None:
        """The key of the message of a receipt; None where it is doubled, early or not ours."""
        answer = self._find(receipt)
        if answer is None or (receipt.state is MessageState.UNKNOWN and answer in self._doubted):
            return None
        key = self._keys[answer]
        if receipt.state is MessageState.UNKNOWN:
            self._doubted.add(answer)
        else:
            self._forget(answer)
            self._finish(answer)
        return key

    def knows(self, receipt: Receipt) -> bool:
        """Whether its id is one of ours, also where the message has had its receipt."""
        return self._find(receipt) is not None or self.is_doubled(receipt)

    def is_doubled(self, receipt: Receipt) -> bool:
        """Whether the message of this receipt has had its final receipt, or its UNKNOWN."""
        if any(loose_id(candidate) in self._finished for candidate in receipt_keys(receipt, self._form)):
            return True
        return receipt.state is MessageState.UNKNOWN and self._find(receipt) in self._doubted

    def keep_early(self, receipt: Receipt) -> Receipt | None:
        """Keep a receipt whose message is not known yet. Returns the oldest kept one when there is no room."""
        for candidate in receipt_keys(receipt, self._form):
            kept = self._early.get(loose_id(candidate))
            if kept is None or not kept.state.is_final:
                self._early[loose_id(candidate)] = receipt
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

    def _find(self, receipt: Receipt) -> str | int | None:
        candidates = receipt_keys(receipt, self._form)
        for candidate in candidates:
            if candidate in self._keys:
                return candidate
        for candidate in candidates:
            loose = loose_id(candidate)
            spellings: list[str] = [*self._spellings.get(loose, ()), *([loose] if loose in self._keys else ())]
            if len(spellings) == 1:
                return spellings[0]
        return None

    def _forget(self, answer: str | int) -> None:
        if self._keys.pop(answer, None) is None:
            return
        self._doubted.discard(answer)
        spellings = self._spellings.get(loose_id(answer), [])
        if answer in spellings:
            spellings.remove(answer)
            if not spellings:
                del self._spellings[loose_id(answer)]

    def _drop_early(self, receipt: Receipt) -> None:
        for candidate in receipt_keys(receipt, self._form):
            self._early.pop(loose_id(candidate), None)

    def _finish(self, answer: str | int) -> None:
        self._finished[loose_id(answer)] = None
        if len(self._finished) > self._remembered_max:
            self._finished.popitem(last=False)
