"""The message gateway over a vendor's HTTP interface: a request for each message, receipts by question or callback."""

import asyncio
import logging
import ssl
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import httpx

from baitie.adapters.vendor_http.ledger import Ledger
from baitie.app.ports.clock import Clock
from baitie.app.ports.messages import (
    MessageAccepted,
    MessageEvent,
    MessageFateUnknown,
    MessageReceipt,
    MessageRefused,
    OutgoingMessage,
    ReceiptState,
)
from baitie.kernel.ids import CardId
from baitie.kernel.sms_text import SmsMeasure, measure
from baitie.kernel.time import Instant
from baitie.wire.vendor import (
    DEFAULT_DIALECT,
    AskedAgain,
    Receipt,
    Submission,
    Taken,
    Turned,
    VendorAnswerError,
    VendorDialect,
    VendorFailure,
    failure_of,
    read_answer_untrusted,
    read_receipts_untrusted,
    receipts_request,
    submission_body,
)
from baitie.wire.vendor.submissions import IDEMPOTENCY_HEADER

_log = logging.getLogger(__name__)

JSON_TYPE = {"Content-Type": "application/json; charset=utf-8"}
ANSWER_OCTETS_MAX = 1_048_576
RECEIPTS_PER_QUESTION = 500
RECEIPTS_KEPT_S = 72 * 3600.0
LEDGER_MAX = 100_000

_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""Nothing of the request reached the vendor."""


@dataclass(frozen=True, slots=True)
class VendorAccount:
    """Account at a vendor (供应商账户). `key` is a secret. `url` is the interface's base address.

    `honours_idempotency_key` says that the vendor takes two requests with one key for one message: then a request that
    got no answer is sent again; else nobody can know what became of it.
    """

    url: str
    key: str = field(repr=False)
    dialect: VendorDialect = DEFAULT_DIALECT
    honours_idempotency_key: bool = True
    tries_max: int = 3
    pause_s: float = 0.5
    connect_timeout_s: float = 5.0
    response_timeout_s: float = 10.0
    requests_in_flight_max: int = 20
    waiting_max: int = 2_000
    receipts_every_s: float = 0.5
    tls: ssl.SSLContext | None = None


End: TypeAlias = MessageAccepted | MessageRefused | MessageFateUnknown


class VendorGateway:
    """Message gateway (短信网关) to one account at one vendor. Fulfils `MessageGateway`; events come from the loop."""

    def __init__(self, account: VendorAccount, clock: Clock) -> None:
        self._account = account
        self._clock = clock
        self._on_event: Callable[[MessageEvent], None] = _ignore
        self._client: httpx.AsyncClient | None = None
        self._room = asyncio.Semaphore(account.requests_in_flight_max)
        self._ledger = Ledger(LEDGER_MAX, RECEIPTS_KEPT_S)
        self._deliveries: dict[CardId, asyncio.Task[None]] = {}
        self._asking: asyncio.Task[None] | None = None
        self._is_closing = False

    @property
    def unmatched_receipts(self) -> int:
        """Receipts of messages that nobody waits for: doubled, or of another system with the same account."""
        return self._ledger.unmatched

    def listen(self, on_event: Callable[[MessageEvent], None]) -> None:
        self._on_event = on_event

    async def start(self) -> None:
        """Open the pool of connections. The vendor is not asked anything before the first message."""
        account = self._account
        self._client = httpx.AsyncClient(
            base_url=account.url,
            timeout=httpx.Timeout(account.response_timeout_s, connect=account.connect_timeout_s),
            limits=httpx.Limits(max_connections=account.requests_in_flight_max + 1),
            verify=account.tls if account.tls is not None else True,
            headers=JSON_TYPE,
            trust_env=False,
        )
        if account.receipts_every_s > 0:
            self._asking = asyncio.get_running_loop().create_task(self._ask_for_receipts())

    async def close(self) -> None:
        """Take nothing more, wait for answers within the limits of one try, then disconnect."""
        self._is_closing = True
        if self._asking is not None:
            self._asking.cancel()
        if self._deliveries:
            await asyncio.wait(self._deliveries.values(), timeout=self._account.response_timeout_s)
        for task in list(self._deliveries.values()):
            task.cancel()
        if self._deliveries:
            await asyncio.wait(self._deliveries.values())
        if self._client is not None:
            await self._client.aclose()

    def submit(self, message: OutgoingMessage) -> None:
        """Send a message; its end comes as an event."""
        self._spawn(message.card_id, self._deliver(message))

    def on_callback_untrusted(self, body: bytes) -> None:
        """Receipts that the vendor sent to us by itself; its signature was checked. Raises only `VendorAnswerError`."""
        for receipt in read_receipts_untrusted(body, self._account.dialect):
            self._on_receipt(receipt)

    # One message

    async def _deliver(self, message: OutgoingMessage) -> None:
        end: End = MessageFateUnknown(message.card_id, "gateway-closing")  # where we are cancelled in the midst
        try:
            end = await self._try_to_the_end(message)
        finally:
            self._report(message.card_id, end)

    async def _try_to_the_end(self, message: OutgoingMessage) -> End:
        found = measure(message.text)
        if not isinstance(found, SmsMeasure) or not found.fits_one_segment:
            return _refused(message, failure_of("more-than-one-segment"))
        if self._is_closing:
            return _refused(message, failure_of("gateway-closing"))
        if len(self._deliveries) > self._account.waiting_max:
            return _refused(message, failure_of("queue-full"))
        expires_at = Instant(self._clock.now() + message.validity_s)
        async with self._room:
            if self._is_closing:
                return _refused(message, failure_of("gateway-closing"))
            self._ledger.begin(message.card_id)
            return await self._try_often(message, expires_at)

    async def _try_often(self, message: OutgoingMessage, expires_at: Instant) -> End:
        """The same request until there is an answer, the tries are used up, or the card would come too late."""
        failure, may_have_left = failure_of("expired-before-submit"), False
        for try_number in range(1, self._account.tries_max + 1):
            left_s = expires_at - self._clock.now()
            if left_s <= 0:
                break
            pause_s = self._account.pause_s * 2 ** (try_number - 1)
            try:
                answer = await self._post_once(message, left_s)
            except _NEVER_LEFT:
                failure = failure_of("vendor-unreachable")
            except (httpx.HTTPError, TimeoutError) as error:
                if not self._account.honours_idempotency_key:
                    return MessageFateUnknown(message.card_id, _cause_of(error))
                may_have_left, failure = True, failure_of("vendor-unreachable")
            except VendorAnswerError:
                return MessageFateUnknown(message.card_id, "answer-malformed")
            else:
                match answer:
                    case Taken(uid):
                        return MessageAccepted(message.card_id, uid)
                    case Turned(found):
                        return _refused(message, found)
                    case AskedAgain(found, asked_s):
                        failure, may_have_left = found, False
                        pause_s = asked_s if asked_s is not None else pause_s
            if try_number < self._account.tries_max:
                await asyncio.sleep(min(pause_s, max(0.0, expires_at - self._clock.now())))
        return MessageFateUnknown(message.card_id, "no-answer") if may_have_left else _refused(message, failure)

    async def _post_once(self, message: OutgoingMessage, left_s: float) -> Taken | Turned | AskedAgain:
        account, dialect = self._account, self._account.dialect
        submission = Submission(
            message.card_id, message.to.e164(), message.text, message.sender, message.is_flash, left_s
        )
        body = submission_body(submission, account.key, dialect)
        status, answer, retry_after = await self._post(dialect.submit_path, body, {IDEMPOTENCY_HEADER: message.card_id})
        return read_answer_untrusted(status, answer, retry_after, dialect)

    async def _post(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, str | None]:
        """One request; of the answer no more than a bounded part is read."""
        assert self._client is not None
        async with (
            asyncio.timeout(self._account.connect_timeout_s + self._account.response_timeout_s),
            self._client.stream("POST", path, content=body, headers=headers) as answer,
        ):
            octets = bytearray()
            async for piece in answer.aiter_bytes():
                octets += piece
                if len(octets) > ANSWER_OCTETS_MAX:
                    raise VendorAnswerError("A vendor's answer is too long.")
            return answer.status_code, bytes(octets), answer.headers.get("Retry-After")

    def _report(self, card_id: CardId, end: End) -> None:
        """The one end of a message, and its receipt where that came first."""
        self._deliveries.pop(card_id, None)
        if isinstance(end, MessageRefused):
            self._ledger.ends_unsent(card_id)
            self._on_event(end)
            return
        uid = end.message_id if isinstance(end, MessageAccepted) else f"?{card_id}"  # a receipt may still follow
        early = self._ledger.accepted(card_id, uid, self._clock.now())
        self._on_event(end)
        if early is not None:
            self._on_event(_receipt(card_id, early))

    # Receipts

    async def _ask_for_receipts(self) -> None:
        """Ask while messages wait; a vendor that does not answer is asked again."""
        account = self._account
        question = receipts_request(account.key, RECEIPTS_PER_QUESTION, account.dialect)
        while True:
            await asyncio.sleep(account.receipts_every_s)
            if not self._ledger.awaits_receipts:
                continue
            try:
                status, answer, _ = await self._post(account.dialect.receipts_path, question, {})
                if status == httpx.codes.OK:
                    self.on_callback_untrusted(answer)
                else:
                    _log.warning("a vendor answered a question for receipts with %d", status)
            except (httpx.HTTPError, TimeoutError, VendorAnswerError) as error:
                _log.warning("no receipts from a vendor: %s", type(error).__name__)

    def _on_receipt(self, receipt: Receipt) -> None:
        card_id = self._ledger.card_of(receipt)
        if card_id is not None:
            self._on_event(_receipt(card_id, receipt))

    def _spawn(self, card_id: CardId, work: Coroutine[Any, Any, None]) -> None:
        self._deliveries[card_id] = asyncio.get_running_loop().create_task(work)


def _refused(message: OutgoingMessage, failure: VendorFailure) -> MessageRefused:
    return MessageRefused(message.card_id, failure.cause, failure.party, failure.may_resubmit)


def _receipt(card_id: CardId, receipt: Receipt) -> MessageReceipt:
    state = ReceiptState(receipt.state)
    return MessageReceipt(card_id, state, None if state is ReceiptState.DELIVERED else receipt.error)


def _cause_of(error: Exception) -> str:
    return "no-answer" if isinstance(error, httpx.TimeoutException | TimeoutError) else "connection-lost"


def _ignore(event: MessageEvent) -> None:
    return None
