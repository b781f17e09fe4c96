"""Our client with independent message centres: npm `smpp` and Net::SMPP."""

import asyncio
from pathlib import Path

import pytest
from tests.peers.peers import until_async
from tests.peers.smpp.harness import ACCOUNT, CALLEE, CARD, card, gateway, node_centre, perl_centre

from baitie.adapters.clock.loop_clock import LoopClock
from baitie.adapters.smpp.gateway import Endpoint, MessageCentreError, SmppGateway
from baitie.app.ports.messages import (
    MessageAccepted,
    MessageEvent,
    MessageFateUnknown,
    MessageReceipt,
    MessageReceived,
    MessageRefused,
    ReceiptState,
)
from baitie.domain.consent.optout import refusal_in
from baitie.wire.smpp.message import Dialect
from baitie.wire.smpp.receipt import MessageIdForm
from baitie.wire.smpp.settings import ClientSettings

WITHIN_S = 10.0


def of(events: list[MessageEvent], kind: type) -> list[MessageEvent]:
    return [event for event in events if isinstance(event, kind)]


def data_coding_octet(raw: str, text: bytes) -> int:
    """data_coding found without our parser: two octets stand between it and the text."""
    data = bytes.fromhex(raw)
    return data[data.index(text) - 3]


def test_node_sees_a_flash_card_as_0x18_and_its_receipt_comes_back(tmp_path: Path) -> None:
    async def run() -> None:
        with node_centre(tmp_path) as facts:
            async with gateway(facts.port()) as (ours, events):
                ours.submit(card("card"))
                await until_async(lambda: of(events, MessageReceipt), WITHIN_S, "the receipt")
            assert events == [
                MessageAccepted(card("card").card_id, "000000a1"),
                MessageReceipt(card("card").card_id, ReceiptState.DELIVERED),
            ]
            (seen,) = facts.having("submit")
            assert (seen["submit"], seen["dataCoding"], seen["text"]) == (CALLEE.e164()[1:], 0x18, CARD)
            raw = "".join(fact["raw"] for fact in facts.having("raw"))
            assert data_coding_octet(raw, CARD.encode("utf-16-be")) == 0x18
            assert b"000000000030000R" in bytes.fromhex(raw)
            assert facts.having("unbound")

    asyncio.run(run())


@pytest.mark.parametrize(("settings_coding", "octet"), [(0xF0, 0xF0), (0x10, 0x10)])
def test_node_sees_a_seven_bit_flash_card_as_the_setting_says(tmp_path: Path, settings_coding: int, octet: int) -> None:
    async def run() -> None:
        with node_centre(tmp_path) as facts:
            dialect = Dialect(gsm7_flash_data_coding=settings_coding)
            async with gateway(facts.port(), dialect=dialect) as (ours, events):
                ours.submit(card("card", "Acme Insurance calls you"))
                await until_async(lambda: of(events, MessageReceipt), WITHIN_S, "the receipt")
            raw = "".join(fact["raw"] for fact in facts.having("raw"))
            assert data_coding_octet(raw, b"Acme Insurance calls you") == octet

    asyncio.run(run())


def test_perl_sees_a_flash_card_as_0x18_and_its_receipt_without_tlvs_comes_back(tmp_path: Path) -> None:
    async def run() -> None:
        with perl_centre(tmp_path) as facts:
            async with gateway(facts.port()) as (ours, events):
                ours.submit(card("card"))
                ours.submit(card("plain", "Hello", is_flash=False))
                await until_async(lambda: len(of(events, MessageReceipt)) == 2, WITHIN_S, "two receipts")
            flash, plain = facts.having("submit")
            assert (flash["dataCoding"], bytes.fromhex(flash["text"]).decode("utf-16-be")) == (0x18, CARD)
            assert (plain["dataCoding"], bytes.fromhex(plain["text"])) == (0x00, b"Hello")
            raw = next(fact["raw"] for fact in facts.having("command") if fact["command"] == 4)
            assert data_coding_octet(raw, CARD.encode("utf-16-be")) == 0x18

    asyncio.run(run())


@pytest.mark.parametrize("peer", ["node", "perl"])
def test_a_wrong_password_is_refused_with_its_cause(tmp_path: Path, peer: str) -> None:
    async def run() -> None:
        with (node_centre if peer == "node" else perl_centre)(tmp_path) as facts:
            endpoint = Endpoint("127.0.0.1", facts.port())
            ours = SmppGateway(endpoint, ClientSettings(ACCOUNT, "wrong"), LoopClock())
            with pytest.raises(MessageCentreError) as caught:
                await ours.start()
            assert caught.value.details == {"address": f"127.0.0.1:{endpoint.port}", "cause": "password-wrong"}

    asyncio.run(run())


def test_a_throttling_centre_gets_every_card_in_the_end(tmp_path: Path) -> None:
    async def run() -> None:
        with node_centre(tmp_path, "throttle") as facts:
            async with gateway(facts.port(), throttle_pause_first_s=0.05) as (ours, events):
                for number in range(20):
                    ours.submit(card(f"card-{number}"))
                await until_async(lambda: len(of(events, MessageReceipt)) == 20, WITHIN_S, "all receipts")
            assert len(of(events, MessageAccepted)) == 20
            assert not of(events, MessageRefused)
            assert len(facts.having("submit")) == 23

    asyncio.run(run())


def test_a_connection_dropped_mid_submit_is_an_unknown_fate_and_the_next_card_goes_on_a_fresh_one(
    tmp_path: Path,
) -> None:
    async def run() -> None:
        with node_centre(tmp_path, "drop") as facts:
            async with gateway(facts.port(), window_max=1, reconnect_first_s=0.05) as (ours, events):
                ours.submit(card("first", "First card"))
                ours.submit(card("second", "Second card"))
                await until_async(lambda: of(events, MessageReceipt), WITHIN_S, "the receipt of the second")
            assert of(events, MessageFateUnknown) == [MessageFateUnknown(card("first").card_id, "connection-lost")]
            assert [fact["text"] for fact in facts.having("submit")] == ["First card", "Second card"]

    asyncio.run(run())


@pytest.mark.parametrize(
    ("manner", "receipts"), [("doubled", 1), ("late", 1), ("early", 1), ("never", 0), ("decimal", 1)]
)
def test_receipts_late_doubled_early_never_or_in_decimal_are_counted_right(
    tmp_path: Path, manner: str, receipts: int
) -> None:
    async def run() -> None:
        form = MessageIdForm.HEX_THEN_DECIMAL if manner == "decimal" else MessageIdForm.SAME
        with node_centre(tmp_path, manner) as facts:
            async with gateway(facts.port(), message_id_form=form) as (ours, events):
                ours.submit(card("card"))
                await until_async(lambda: of(events, MessageAccepted), WITHIN_S, "the answer")
                answers = {"doubled": 3, "never": 0}.get(manner, 1)
                await until_async(
                    lambda: len(facts.having("receiptAnswered")) == answers, WITHIN_S, "answers to receipts"
                )
            assert len(of(events, MessageReceipt)) == receipts
            assert ours.unmatched_receipts == 0

    asyncio.run(run())


def test_a_silent_centre_leaves_an_unknown_fate_and_gets_the_card_once(tmp_path: Path) -> None:
    async def run() -> None:
        with node_centre(tmp_path, "silent") as facts:
            async with gateway(facts.port(), response_timeout_s=0.3) as (ours, events):
                ours.submit(card("card"))
                await until_async(lambda: events, WITHIN_S, "the end of the submit")
            assert events == [MessageFateUnknown(card("card").card_id, "response-timeout")]
            assert len(facts.having("submit")) == 1

    asyncio.run(run())


def test_a_reply_of_a_handset_comes_in_and_is_acknowledged(tmp_path: Path) -> None:
    async def run() -> None:
        with node_centre(tmp_path) as facts:
            async with gateway(facts.port()) as (_, events):
                facts.program.write_line("退订 R")
                await until_async(lambda: facts.having("replyAnswered"), WITHIN_S, "our answer")
            assert events == [MessageReceived(CALLEE, "退订 R")]
            assert facts.having("replyAnswered") == [{"replyAnswered": 0}]

    asyncio.run(run())


@pytest.mark.parametrize("manner", ["unmarked", "textonly", "lean", "utf16le"])
def test_receipts_of_node_without_their_mark_are_receipts_and_no_replies(tmp_path: Path, manner: str) -> None:
    async def run() -> None:
        with node_centre(tmp_path, manner) as facts:
            async with gateway(facts.port()) as (ours, events):
                ours.submit(card("card"))
                await until_async(lambda: facts.having("receiptAnswered"), WITHIN_S, "our answer")
            assert events == [
                MessageAccepted(card("card").card_id, "000000a1"),
                MessageReceipt(card("card").card_id, ReceiptState.DELIVERED),
            ]
            assert ours.unmatched_receipts == 0

    asyncio.run(run())


@pytest.mark.parametrize(
    ("coding", "octets"),
    [
        (8, "退订".encode("utf-16-le")),
        (8, "退订".encode("utf-16-be") + b"\0"),
        (0x48, "退订".encode("utf-16-be")),
        (0, "退订".encode("gb18030")),
        (4, "退订".encode("utf-16")),
        (8, "退订".encode()),
    ],
)
def test_a_refusal_of_a_handset_is_understood_in_the_octets_that_node_sends(
    tmp_path: Path, coding: int, octets: bytes
) -> None:
    async def run() -> None:
        with node_centre(tmp_path) as facts:
            async with gateway(facts.port()) as (_, events):
                facts.program.write_line(f"hex {coding} {octets.hex()}")
                await until_async(lambda: facts.having("replyAnswered"), WITHIN_S, "our answer")
            (event,) = events
            assert isinstance(event, MessageReceived)
            found = refusal_in((event.text, *event.other_readings))
            assert found is not None
            assert found.word == "退订"

    asyncio.run(run())


def test_receipts_and_replies_of_perl_are_told_apart(tmp_path: Path) -> None:
    async def run() -> None:
        with perl_centre(tmp_path, "replying") as facts:
            async with gateway(facts.port()) as (ours, events):
                ours.submit(card("card"))
                await until_async(lambda: len(events) == 3, WITHIN_S, "receipt and reply")
            assert events == [
                MessageAccepted(card("card").card_id, "p00001"),
                MessageReceipt(card("card").card_id, ReceiptState.DELIVERED),
                MessageReceived(CALLEE, "退订"),
            ]

    asyncio.run(run())


def test_a_silent_link_is_asked_and_node_answers(tmp_path: Path) -> None:
    async def run() -> None:
        with node_centre(tmp_path) as facts:
            async with gateway(facts.port(), enquire_every_s=0.1) as (ours, _):
                await until_async(lambda: len(facts.having("enquired")) >= 3, WITHIN_S, "three enquiries")
                assert ours.is_bound

    asyncio.run(run())
