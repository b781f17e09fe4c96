"""The vendor's HTTP channel where networks and vendors fail: nothing is sent twice, and every failure has its party."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

import httpx
import pytest
from tests.fuzzing import fuzz

from baitie.adapters.clock import LoopClock
from baitie.adapters.vendor_http.callbacks import CallbackListener
from baitie.adapters.vendor_http.gateway import VendorAccount, VendorGateway
from baitie.adapters.vendor_http.ledger import Ledger
from baitie.adapters.vendor_http.serving import HttpAnswer, HttpRequest, HttpServer
from baitie.adapters.vendor_http.vendor_server import VendorMessage, VendorRuling, VendorServer
from baitie.app.ports.messages import (
    MessageAccepted,
    MessageEvent,
    MessageFateUnknown,
    MessageReceipt,
    MessageRefused,
    OutgoingMessage,
    ReceiptState,
)
from baitie.kernel.errors import Party
from baitie.kernel.ids import CardId
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.time import Instant
from baitie.wire.vendor import Receipt, VendorAnswerError, signature_of
from baitie.wire.vendor.submissions import SIGNATURE_HEADER

HOST, KEY, WITHIN_S = "127.0.0.1", "secret-key", 10.0
CARD = CardId("at_1")
MESSAGE = OutgoingMessage(CARD, PhoneNumber("+8613800000001"), "10690000", "【云杉优选】即将致电回访", True, 60.0)
ACCOUNT = VendorAccount("", KEY, pause_s=0.02, receipts_every_s=0.02, response_timeout_s=1.0)


class Vendor:
    """A vendor that rules message by message, in turn; the last ruling stays."""

    def __init__(self, *rulings: VendorRuling) -> None:
        self.rulings = list(rulings)
        self.asked = 0
        self.server: VendorServer

    async def start(self) -> int:
        self.server = VendorServer(KEY, LoopClock(), self.rule)
        return await self.server.start(HOST)

    def rule(self, message: VendorMessage, now: Instant) -> VendorRuling:
        self.asked += 1
        return self.rulings.pop(0) if len(self.rulings) > 1 else self.rulings[0]


class Line:
    """A gateway and what it has reported."""

    def __init__(self, account: VendorAccount) -> None:
        self.gateway = VendorGateway(account, LoopClock())
        self.seen: list[MessageEvent] = []
        self.gateway.listen(self.seen.append)

    async def until(self, kind: type) -> MessageEvent:
        end = asyncio.get_running_loop().time() + WITHIN_S
        while not (found := [event for event in self.seen if isinstance(event, kind)]):
            assert asyncio.get_running_loop().time() < end, f"no {kind}; seen {self.seen}"
            await asyncio.sleep(0.01)
        return found[0]


def with_vendor(
    vendor: Vendor, scenario: Callable[[Line], Awaitable[None]], account: VendorAccount = ACCOUNT
) -> list[MessageEvent]:
    async def main() -> list[MessageEvent]:
        port = await vendor.start()
        line = Line(replace(account, url=f"http://{HOST}:{port}"))
        await line.gateway.start()
        try:
            await scenario(line)
        finally:
            await line.gateway.close()
            await vendor.server.close()
        return line.seen

    return asyncio.run(main())


async def send_and_wait(line: Line) -> None:
    line.gateway.submit(MESSAGE)
    await line.until(MessageAccepted | MessageRefused | MessageFateUnknown)  # type: ignore[arg-type]


def test_vendor_gets_sign_and_content_apart_and_the_handset_the_approved_bytes() -> None:
    vendor = Vendor(VendorRuling())
    with_vendor(vendor, send_and_wait)
    (got,) = vendor.server.messages
    assert (got.to_e164, got.text, got.is_flash) == (MESSAGE.to.e164(), MESSAGE.text, True)


def test_connection_that_breaks_in_place_of_an_answer_is_tried_again_and_the_message_goes_once() -> None:
    vendor = Vendor(VendorRuling(drops=True), VendorRuling())

    async def scenario(line: Line) -> None:
        await send_and_wait(line)
        await line.until(MessageReceipt)

    seen = with_vendor(vendor, scenario)
    assert [type(event) for event in seen] == [MessageAccepted, MessageReceipt]
    assert len(vendor.server.messages) == vendor.asked == 1


def test_without_idempotency_a_lost_answer_leaves_the_fate_unknown_and_nothing_is_sent_again() -> None:
    vendor = Vendor(VendorRuling(drops=True, receipts=0))
    seen = with_vendor(vendor, send_and_wait, replace(ACCOUNT, honours_idempotency_key=False))
    assert seen == [MessageFateUnknown(CARD, "connection-lost")]
    assert vendor.asked == 1


def test_receipt_still_counts_for_a_message_whose_fate_was_unknown() -> None:
    vendor = Vendor(VendorRuling(drops=True, receipt_after_s=0.1))

    async def scenario(line: Line) -> None:
        await send_and_wait(line)
        await line.until(MessageReceipt)

    seen = with_vendor(vendor, scenario, replace(ACCOUNT, honours_idempotency_key=False))
    assert [type(event) for event in seen] == [MessageFateUnknown, MessageReceipt]


def test_vendor_that_cannot_be_reached_is_tried_within_bounds_and_the_card_may_be_sent_again() -> None:
    async def main() -> list[MessageEvent]:
        line = Line(replace(ACCOUNT, url=f"http://{HOST}:1"))
        await line.gateway.start()
        await send_and_wait(line)
        await line.gateway.close()
        return line.seen

    assert asyncio.run(main()) == [MessageRefused(CARD, "vendor-unreachable", Party.CARRIER, may_resubmit=True)]


@pytest.mark.parametrize(
    ("ruling", "cause", "party", "may_resubmit", "asked"),
    [
        (VendorRuling("key-wrong"), "key-wrong", Party.ENTERPRISE, False, 1),
        (VendorRuling("balance-exhausted"), "balance-exhausted", Party.ENTERPRISE, True, 1),
        (VendorRuling("template-not-approved"), "template-not-approved", Party.ENTERPRISE, False, 1),
        (VendorRuling("callee-number-invalid"), "callee-number-invalid", Party.CALLEE, False, 1),
        (VendorRuling("blocked-by-callee"), "blocked-by-callee", Party.CALLEE, False, 1),
        (VendorRuling("throttled"), "throttled", Party.CARRIER, True, 3),
        (VendorRuling("vendor-system-error"), "vendor-system-error", Party.CARRIER, True, 3),
        (VendorRuling(http_status=503), "vendor-system-error", Party.CARRIER, True, 3),
        (VendorRuling(http_status=429), "throttled", Party.CARRIER, True, 3),
        (VendorRuling(http_status=401), "key-wrong", Party.ENTERPRISE, False, 1),
        (VendorRuling(http_status=422), "request-refused", Party.PLATFORM, False, 1),
        (VendorRuling(http_status=418), "vendor-refused", Party.CARRIER, False, 1),
    ],
    ids=lambda value: value.meaning if isinstance(value, VendorRuling) else str(value),
)
def test_each_failure_has_its_cause_its_party_and_its_number_of_tries(
    ruling: VendorRuling, cause: str, party: Party, may_resubmit: bool, asked: int
) -> None:
    vendor = Vendor(ruling)
    assert with_vendor(vendor, send_and_wait) == [MessageRefused(CARD, cause, party, may_resubmit)]
    assert vendor.asked == asked


def test_card_that_would_come_too_late_is_not_tried_any_longer() -> None:
    vendor = Vendor(VendorRuling(http_status=503))

    async def scenario(line: Line) -> None:
        line.gateway.submit(replace(MESSAGE, validity_s=0.01))
        await line.until(MessageRefused)

    seen = with_vendor(vendor, scenario, replace(ACCOUNT, tries_max=50, pause_s=0.05))
    assert [type(event) for event in seen] == [MessageRefused]
    assert vendor.asked <= 1


def test_long_text_is_refused_before_anything_leaves() -> None:
    vendor = Vendor(VendorRuling())

    async def scenario(line: Line) -> None:
        line.gateway.submit(replace(MESSAGE, text="长" * 71))
        await line.until(MessageRefused)

    seen = with_vendor(vendor, scenario)
    assert seen == [MessageRefused(CARD, "more-than-one-segment", Party.ENTERPRISE, may_resubmit=False)]
    assert vendor.asked == 0


def test_answer_that_cannot_be_read_leaves_the_fate_unknown() -> None:
    async def main() -> list[MessageEvent]:
        async def answer(request: HttpRequest) -> HttpAnswer:
            return HttpAnswer(200, b"<html>busy</html>")

        server = HttpServer(answer)
        line = Line(replace(ACCOUNT, url=f"http://{HOST}:{await server.start(HOST)}"))
        await line.gateway.start()
        await send_and_wait(line)
        await line.gateway.close()
        await server.close()
        return line.seen

    assert asyncio.run(main()) == [MessageFateUnknown(CARD, "answer-malformed")]


def test_close_gives_every_message_its_end() -> None:
    vendor = Vendor(VendorRuling(answer_after_s=30.0))

    async def scenario(line: Line) -> None:
        for n in range(30):
            line.gateway.submit(replace(MESSAGE, card_id=CardId(f"at_{n}")))
        while not vendor.asked:
            await asyncio.sleep(0.01)

    seen = with_vendor(
        vendor, scenario, replace(ACCOUNT, response_timeout_s=0.3, requests_in_flight_max=2, tries_max=1)
    )
    ended = [event.card_id for event in seen if isinstance(event, MessageRefused | MessageFateUnknown)]
    assert sorted(ended) == sorted(f"at_{n}" for n in range(30))


# Callbacks


def callback_body(reference: str, state: str) -> bytes:
    return f'{{"receipts":[{{"reference":"{reference}","uid":"v1","stat":"{state}","err":"001"}}]}}'.encode()


def test_callback_counts_when_it_is_signed_and_never_else(caplog: pytest.LogCaptureFixture) -> None:
    vendor = Vendor(VendorRuling(receipts=0))
    secret = "callback-secret"

    async def scenario(line: Line) -> None:
        await send_and_wait(line)
        listener = CallbackListener(line.gateway, "/receipts", secret)
        port = await listener.start(HOST)
        url, body = f"http://{HOST}:{port}/receipts", callback_body(CARD, "UNDELIV")
        async with httpx.AsyncClient(trust_env=False) as client:
            assert (await client.post(url, content=body)).status_code == 403
            wrong = {SIGNATURE_HEADER: signature_of(body, "other")}
            assert (await client.post(url, content=body, headers=wrong)).status_code == 403
            assert not [event for event in line.seen if isinstance(event, MessageReceipt)]
            right = {SIGNATURE_HEADER: signature_of(body, secret)}
            assert (await client.post(url + "x", content=body, headers=right)).status_code == 404
            assert (await client.post(url, content=body, headers=right)).status_code == 200
            assert (await client.post(url, content=body, headers=right)).status_code == 200
            rubbish = {SIGNATURE_HEADER: signature_of(b"{", secret)}
            assert (await client.post(url, content=b"{", headers=rubbish)).status_code == 400
        await listener.close()
        assert listener.refused == 3

    with caplog.at_level(logging.WARNING):
        seen = with_vendor(vendor, scenario)
    assert seen[1:] == [MessageReceipt(CARD, ReceiptState.UNDELIVERABLE, "001")]
    causes = ("signature-wrong", "vendor-answer-malformed")  # each is told once, however many come
    assert caplog.messages == [f"callbacks of a vendor to /receipts are refused: {cause}" for cause in causes]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("UNKNOWN", "DELIVRD"), [ReceiptState.UNKNOWN, ReceiptState.DELIVERED]),
        (("UNKNOWN", "UNKNOWN", "EXPIRED", "DELIVRD"), [ReceiptState.UNKNOWN, ReceiptState.EXPIRED]),
        (("ENROUTE", "Accepted", "Delivered", "UNDELIV"), [ReceiptState.DELIVERED]),
        (("UNDELIVERED", "UNKNOWN"), [ReceiptState.UNDELIVERABLE]),
        (("Rejected",), [ReceiptState.REJECTED]),
    ],
)
def test_unknown_is_told_once_and_gives_way_to_what_the_vendor_learns(
    words: tuple[str, ...], told: list[ReceiptState]
) -> None:
    async def scenario(line: Line) -> None:
        await send_and_wait(line)
        for word in words:
            line.gateway.on_callback_untrusted(callback_body(CARD, word))

    seen = with_vendor(Vendor(VendorRuling(receipts=0)), scenario)
    assert [event.state for event in seen if isinstance(event, MessageReceipt)] == told


@pytest.mark.parametrize("words", [("unknown", "delivered"), ("delivered", "unknown")])
def test_receipts_before_the_vendors_answer_end_as_those_behind_it(words: tuple[str, str]) -> None:
    ledger = Ledger(10, 60.0)
    ledger.begin(CARD)
    for word in words:
        assert ledger.card_of(Receipt(CARD, None, word)) is None
    assert ledger.accepted(CARD, "v1", Instant(0.0)) == Receipt(CARD, None, "delivered")
    assert not ledger.awaits_receipts
    ledger.begin(CardId("next"))
    assert ledger.card_of(Receipt("next", None, "unknown")) is None
    assert ledger.accepted(CardId("next"), "v2", Instant(0.0)) == Receipt("next", None, "unknown")
    assert ledger.card_of(Receipt("next", None, "delivered")) == "next"


def test_fuzzed_callbacks_raise_one_error_only() -> None:
    async def main() -> None:
        gateway = VendorGateway(ACCOUNT, LoopClock())
        seeds = [callback_body(CARD, "DELIVRD"), b"{}", b"[]"]
        fuzz(gateway.on_callback_untrusted, VendorAnswerError, seeds)

    asyncio.run(main())
