"""Units that do not follow SMPP: what is legible of them counts, what is not stays with the centre, nothing is lost."""

import pytest
from tests.fuzzing import fuzz
from tests.unit.wire.smpp.samples import HANDSET, PDUS, RECEIPT_TEXT, SHORT_CODE
from tests.unit.wire.smpp.test_receipts_of_centres import client_with

from baitie.domain.consent.optout import refusal_in
from baitie.kernel.errors import Party
from baitie.kernel.time import Instant
from baitie.wire.smpp.client import SmppClient
from baitie.wire.smpp.codec import encode_pdu, parse_pdu_untrusted
from baitie.wire.smpp.constants import Command, MessageState, Status, Tag
from baitie.wire.smpp.events import (
    ClientEffect,
    CloseConnection,
    LinkDown,
    LinkUp,
    MessageArrived,
    MessageUnreadable,
    ReceiptArrived,
    ReceiptUnmatched,
    SendBytes,
    SubmitAccepted,
    SubmitRefused,
)
from baitie.wire.smpp.pdu import BindResp, DataMessage, MessageResp, Pdu, ShortMessage, Signal, SmppError
from baitie.wire.smpp.salvage import salvage_untrusted
from baitie.wire.smpp.settings import ClientSettings

OPT_OUT = "退订".encode("utf-16-be")


def framed(data: bytes) -> bytes:
    """The same unit with the length that it has."""
    return len(data).to_bytes(4, "big") + data[4:]


def deliver(text: bytes = OPT_OUT, *tlvs: tuple[int, bytes], esm_class: int = 0) -> bytes:
    pdu = ShortMessage(
        Command.DELIVER_SM, 9, HANDSET, SHORT_CODE, text, data_coding=8, esm_class=esm_class, tlvs=tuple(tlvs)
    )
    return encode_pdu(pdu)


def take(client: SmppClient, data: bytes) -> tuple[list[Pdu], list[ClientEffect]]:
    """Our answers, and what else a unit causes that the codec refuses."""
    with pytest.raises(SmppError):
        parse_pdu_untrusted(data)
    effects = client.receive_untrusted(data, Instant(1.0))
    answers = [parse_pdu_untrusted(effect.data) for effect in effects if isinstance(effect, SendBytes)]
    return answers, [effect for effect in effects if not isinstance(effect, SendBytes)]


@pytest.mark.parametrize(
    "data",
    [
        framed(deliver(OPT_OUT, (0x1400, b"vendor"))[:-3]),  # the last parameter cut
        framed(deliver(OPT_OUT, (Tag.USER_MESSAGE_REFERENCE, b"\x00\x07"), (0x1400, b"vendor"))[:-3]),
        framed(deliver(OPT_OUT) + b"\x14"),  # octets that are none
        framed(deliver(OPT_OUT)[:-1]),  # a length that says one more than there is
        framed(deliver(b"", (Tag.MESSAGE_PAYLOAD, OPT_OUT))[:-1]),
        framed(deliver(b"") + OPT_OUT),  # a length of nothing
    ],
)
def test_the_legible_text_of_a_message_is_handed_on_and_a_refusal_in_it_understood(data: bytes) -> None:
    answers, (event,) = take(client_with(), data)
    assert answers == []  # it waits for its acknowledgement
    assert isinstance(event, MessageArrived)
    assert event.sender == HANDSET.digits
    assert refusal_in((event.text, *event.other_readings)) is not None


def test_the_legible_text_of_a_data_sm_is_handed_on() -> None:
    pdu = DataMessage(
        Command.DATA_SM, 9, HANDSET, SHORT_CODE, 8, tlvs=((Tag.MESSAGE_PAYLOAD, OPT_OUT), (0x1400, b"xy"))
    )
    _, (event,) = take(client_with(), framed(encode_pdu(pdu)[:-1]))
    assert isinstance(event, MessageArrived)
    assert event.text == "退订"


@pytest.mark.parametrize("size", range(17, 47))
def test_a_message_without_any_legible_text_stays_with_the_centre_and_is_counted(size: int) -> None:
    answers, events = take(client_with(), framed(deliver(b"\x90")[:size]))
    assert answers == [MessageResp(Command.DELIVER_SM_RESP, 9, Status.ESME_RX_T_APPN, "")]
    assert events == [MessageUnreadable(9)]


def test_a_cut_data_sm_is_answered_as_data_sm() -> None:
    pdu = DataMessage(Command.DATA_SM, 9, HANDSET, SHORT_CODE, 8, tlvs=((0x1400, b"xy"),))
    answers, events = take(client_with(), framed(encode_pdu(pdu)[:-1]))
    assert answers == [MessageResp(Command.DATA_SM_RESP, 9, Status.ESME_RX_T_APPN, "")]
    assert events == [MessageUnreadable(9)]


def test_a_receipt_with_a_cut_parameter_is_a_receipt() -> None:
    answers, (event,) = take(client_with("0a1b"), framed(deliver(RECEIPT_TEXT, (0x1400, b"vendor"))[:-3]))
    assert [answer.status for answer in answers] == [Status.ESME_ROK]
    assert isinstance(event, ReceiptArrived)
    assert event.receipt.state is MessageState.DELIVERED


def test_a_receipt_of_which_nothing_is_legible_is_counted_and_not_brought_for_ever() -> None:
    answers, (event,) = take(client_with("0a1b"), framed(deliver(b"", (0x1400, b"vendor"), esm_class=4)[:-3]))
    assert [answer.status for answer in answers] == [Status.ESME_ROK]
    assert isinstance(event, ReceiptUnmatched)


@pytest.mark.parametrize("ending", [b"0a1b", b"0a1b\0\0", b"0a1b\0\x14", b"0a1b\0\x00\x1e\x00\x09x"])
def test_an_acceptance_whose_id_or_parameters_are_cut_is_an_acceptance(ending: bytes) -> None:
    client = client_with()
    client.submit("card", "10690001", "+8613812345678", "Hi", True, 60.0, Instant(0.0))
    answer = framed(encode_pdu(MessageResp(Command.SUBMIT_SM_RESP, 2, 0)) + ending)
    assert take(client, answer) == ([], [SubmitAccepted("card", "0a1b")])
    receipt = client.receive_untrusted(deliver(RECEIPT_TEXT), Instant(2.0))
    assert [type(effect) for effect in receipt] == [SendBytes, ReceiptArrived]


def test_a_refusal_whose_body_is_malformed_is_a_refusal() -> None:
    client = client_with()
    client.submit("card", "10690001", "+8613812345678", "Hi", True, 60.0, Instant(0.0))
    answer = framed(encode_pdu(MessageResp(Command.SUBMIT_SM_RESP, 2, Status.ESME_RINVDSTADR)) + b"x" * 400)
    _, (event,) = take(client, answer)
    assert isinstance(event, SubmitRefused)
    assert event.failure.cause == "callee-number-invalid"


def test_a_bind_answer_without_its_last_octet_binds() -> None:
    client = SmppClient(ClientSettings("baitie", "secret"))
    client.start(Instant(0.0))
    client.connected(Instant(0.0))
    answer = framed(encode_pdu(BindResp(Command.BIND_TRANSCEIVER_RESP, 1, 0, "centre"))[:-1])
    assert take(client, answer) == ([], [LinkUp("centre")])


@pytest.mark.parametrize("body", [b"\0", b"x", b"\0" * 200])
def test_an_enquiry_with_a_body_is_answered(body: bytes) -> None:
    enquiry = framed(encode_pdu(Signal(Command.ENQUIRE_LINK, 70)) + body)
    assert take(client_with(), enquiry) == ([Signal(Command.ENQUIRE_LINK_RESP, 70)], [])


def test_a_goodbye_with_a_body_is_answered_and_ends_the_connection() -> None:
    answers, events = take(client_with(), framed(encode_pdu(Signal(Command.UNBIND, 5)) + b"\0"))
    assert answers == [Signal(Command.UNBIND_RESP, 5)]
    assert [type(event) for event in events] == [CloseConnection, LinkDown]


def test_other_malformed_requests_get_a_nack() -> None:
    answers, events = take(client_with(), framed(encode_pdu(Signal(Command.QUERY_SM, 7)) + b"x"))
    assert (answers, events) == ([Signal(Command.GENERIC_NACK, 7, Status.ESME_RINVCMDLEN)], [])


def test_a_nack_without_a_status_is_no_acceptance() -> None:
    client = client_with()
    client.submit("card", "10690001", "+8613812345678", "Hi", True, 60.0, Instant(0.0))
    (event,) = client.receive_untrusted(encode_pdu(Signal(Command.GENERIC_NACK, 2, 0)), Instant(1.0))
    assert isinstance(event, SubmitRefused)
    assert (event.failure.cause, event.failure.party) == ("centre-unknown-error", Party.CARRIER)
    assert not event.failure.may_resubmit


def test_a_nack_of_the_bind_without_a_status_binds_nobody() -> None:
    client = SmppClient(ClientSettings("baitie", "secret"))
    client.start(Instant(0.0))
    client.connected(Instant(0.0))
    effects = client.receive_untrusted(encode_pdu(Signal(Command.GENERIC_NACK, 1, 0)), Instant(0.5))
    assert [type(effect) for effect in effects] == [CloseConnection, LinkDown]
    assert not client.is_bound


def test_single_octets_of_a_unit_do_not_prove_that_the_link_is_alive() -> None:
    client = client_with()
    unit = deliver(b"R" * 200)
    for place in range(29):
        assert client.receive_untrusted(unit[place : place + 1], Instant(1.0 + place)) == []
    effects = client.tick(Instant(30.0))
    assert [type(effect) for effect in effects] == [SendBytes]  # the enquiry
    client.receive_untrusted(unit[29:30], Instant(35.0))
    assert [type(effect) for effect in client.tick(Instant(40.0))] == [CloseConnection, LinkDown]


def test_a_whole_unit_proves_it_even_where_it_is_malformed() -> None:
    client = client_with()
    client.tick(Instant(30.0))
    client.receive_untrusted(framed(deliver()[:30]), Instant(35.0))
    assert client.next_deadline() == 65.0


def test_no_octets_upset_the_salvaging() -> None:
    class NoError(Exception):
        pass

    def salvage(data: bytes) -> None:
        frame = framed(data.ljust(16, b"\0"))
        pdu = salvage_untrusted(frame)
        if pdu is not None:
            assert (pdu.command, pdu.sequence) == (
                int.from_bytes(frame[4:8], "big"),
                int.from_bytes(frame[12:16], "big"),
            )

    fuzz(salvage, NoError, [encode_pdu(pdu) for pdu in PDUS])
