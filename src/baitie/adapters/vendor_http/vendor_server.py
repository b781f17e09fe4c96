"""The vendor's side of the HTTP interface, for the loopback carrier and for tests: takes messages, gives receipts."""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from baitie.adapters.vendor_http.serving import HttpAnswer, HttpRequest, HttpServer
from baitie.app.ports.clock import Clock
from baitie.kernel.time import Instant
from baitie.wire.vendor import DEFAULT_DIALECT, VendorDialect
from baitie.wire.vendor.dialect import SMSTYPE_FLASH, word_of
from baitie.wire.vendor.submissions import IDEMPOTENCY_HEADER

JSON_TYPE = {"content-type": "application/json"}
KEPT_MAX = 100_000
"""Answers by idempotency key, and receipts that nobody has fetched."""


@dataclass(frozen=True, slots=True)
class VendorMessage:
    """A message as the vendor got it (供应商收到的短信), its text put together again."""

    to_e164: str
    text: str
    is_flash: bool


@dataclass(frozen=True, slots=True)
class VendorRuling:
    """What becomes of a message (供应商裁定). `meaning` is `ok` or a cause of `wire.vendor.failures`.

    The answer leaves after `answer_after_s`, or the connection breaks where it `drops`; `receipts` receipts of `state`
    can be fetched `receipt_after_s` after that.
    """

    meaning: str = "ok"
    answer_after_s: float = 0.0
    state: str = "delivered"
    receipt_after_s: float = 0.0
    receipts: int = 1
    error: str = ""
    drops: bool = False
    http_status: int = 200


VendorPolicy: TypeAlias = Callable[[VendorMessage, Instant], VendorRuling]


class VendorServer:
    """Vendor (短信供应商) that listens on this machine. `on_shown` hears of messages that a handset shows.

    Two requests with one idempotency key are one message. Receipts wait until they are fetched.
    """

    def __init__(
        self,
        key: str,
        clock: Clock,
        policy: VendorPolicy,
        on_shown: Callable[[VendorMessage], None] | None = None,
        dialect: VendorDialect = DEFAULT_DIALECT,
    ) -> None:
        self._key = key
        self._clock = clock
        self._policy = policy
        self._on_shown = on_shown
        self._dialect = dialect
        self._server = HttpServer(self._answer)
        self._answers: dict[str, HttpAnswer] = {}
        self._receipts: deque[dict[str, Any]] = deque(maxlen=KEPT_MAX)
        self.messages: deque[VendorMessage] = deque(maxlen=KEPT_MAX)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen; returns the port. Raises OSError when it is taken."""
        return await self._server.start(host, port)

    async def close(self) -> None:
        """Stop listening and break every connection."""
        await self._server.close()

    async def _answer(self, request: HttpRequest) -> HttpAnswer:
        try:
            body = json.loads(request.body)
        except ValueError:
            return HttpAnswer(400)
        if not isinstance(body, dict) or request.method != "POST":
            return HttpAnswer(400)
        if body.get(self._dialect.name_of("key")) != self._key:
            return self._said("key-wrong")
        if request.path == self._dialect.receipts_path:
            return self._fetched(body)
        if request.path != self._dialect.submit_path:
            return HttpAnswer(404)
        return await self._submitted(body, request.headers.get(IDEMPOTENCY_HEADER.lower(), ""))

    async def _submitted(self, body: dict[str, Any], idempotency_key: str) -> HttpAnswer:
        known = self._answers.get(idempotency_key)
        if known is not None:
            return known
        name = self._dialect.name_of
        sign = str(body.get(name("sign"), ""))
        text = (f"【{sign}】" if sign else "") + str(body.get(name("content"), ""))
        to_e164 = self._dialect.e164(str(body.get(name("mobile"), "")))
        message = VendorMessage(to_e164, text, body.get(name("type")) == SMSTYPE_FLASH)
        ruling = self._policy(message, self._clock.now())
        answer = HttpAnswer(ruling.http_status)
        if ruling.http_status == 200:
            self.messages.append(message)
            uid = f"v{len(self.messages)}"
            answer = self._said(ruling.meaning, {name("uid"): uid})
            if ruling.meaning == "ok":
                if len(self._answers) < KEPT_MAX and idempotency_key:
                    self._answers[idempotency_key] = answer
                self._schedule(message, ruling, {name("uid"): uid, name("reference"): body.get(name("reference"))})
        await asyncio.sleep(ruling.answer_after_s)
        return HttpAnswer(0, drops=True) if ruling.drops else answer

    def _schedule(self, message: VendorMessage, ruling: VendorRuling, names: dict[str, Any]) -> None:
        receipt = {
            **names,
            self._dialect.name_of("state"): word_of(ruling.state),
            self._dialect.name_of("error"): ruling.error,
        }
        due = Instant(self._clock.now() + ruling.answer_after_s + ruling.receipt_after_s)
        self._clock.call_at(due, partial(self._is_done, message, ruling, receipt))

    def _is_done(self, message: VendorMessage, ruling: VendorRuling, receipt: dict[str, Any]) -> None:
        if ruling.state == "delivered" and self._on_shown is not None:
            self._on_shown(message)
        self._receipts.extend([receipt] * ruling.receipts)

    def _fetched(self, body: dict[str, Any]) -> HttpAnswer:
        wanted = body.get(self._dialect.name_of("count_max"))
        count = min(len(self._receipts), wanted if isinstance(wanted, int) and wanted > 0 else 100)
        listed = [self._receipts.popleft() for _ in range(count)]
        return self._said("ok", {self._dialect.name_of("receipts"): listed})

    def _said(self, meaning: str, more: dict[str, Any] | None = None) -> HttpAnswer:
        code = self._dialect.code_of(meaning)
        body = {self._dialect.name_of("code"): code, self._dialect.name_of("message"): meaning, **(more or {})}
        return HttpAnswer(200, json.dumps(body, ensure_ascii=False).encode(), JSON_TYPE)
