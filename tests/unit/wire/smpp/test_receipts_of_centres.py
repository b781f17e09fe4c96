"""Receipts as centres really write them: found whatever esm_class says, and never taken for a callee's words."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.fuzzing import fuzz
from tests.unit.wire.smpp.samples import HANDSET, RECEIPT_TEXT, SHORT_CODE
from tests.unit.wire.smpp.simulation import ACCOUNT, PASSWORD, TO

from baitie.adapters.smpp.mapping import message_event
from baitie.app.ports.messages import MessageReceipt, ReceiptState
from baitie.domain.consent.optout import reads_as_optout
from baitie.kernel.time import Instant
from baitie.wire.smpp.client import SmppClient
from baitie.wire.smpp.codec import encode_pdu, parse_pdu_untrusted
from baitie.wire.smpp.constants import Command, MessageState, Status, Tag
from baitie.wire.smpp.events import ClientEffect, MessageArrived, ReceiptArrived, ReceiptUnmatched, SendBytes
from baitie.wire.smpp.pdu import BindResp, DataMessage, MessageResp, ShortMessage, Tlvs
from baitie.wire.smpp.receipt import MessageIdForm, Receipt, is_receipt_untrusted
from baitie.wire.smpp.receiptbook import ReceiptBook
from baitie.wire.smpp.settings import ClientSettings

QUOTING = RECEIPT_TEXT + b"To unsubscribe reply STOP"
ID_TLV = (Tag.RECEIPTED_MESSAGE_ID, b"0a1b\0")
DELIVERED_TLV = (Tag.MESSAGE_STATE, b"\x02")


def client_with(*message_ids: str, form: MessageIdForm = MessageIdForm.SAME) -> SmppClient:
    """A bound client whose messages were accepted under these ids; each message has its id for a key."""
    client = SmppClient(ClientSettings(ACCOUNT, PASSWORD, message_id_form=form))
    client.start(Instant(0.0))
    client.connected(Instant(0.0))
    client.receive_untrusted(encode_pdu(BindResp(Command.BIND_TRANSCEIVER_RESP, 1, 0, "centre")), Instant(0.0))
    for sequence, message_id in enumerate(message_ids, start=2):
        client.submit(message_id, "10690001", TO, "Acme calls you", True, 60.0, Instant(0.0))
        answer = MessageResp(Command.SUBMIT_SM_RESP, sequence, 0, message_id)
        client.receive_untrusted(encode_pdu(answer), Instant(0.0))
    return client


def deliver(text: bytes, *tlvs: tuple[int, bytes], esm_class: int = 0, data_coding: int = 0) -> ShortMessage:
    return ShortMessage(
        Command.DELIVER_SM, 9, HANDSET, SHORT_CODE, text, data_coding=data_coding, esm_class=esm_class, tlvs=tlvs
    )


def told(client: SmppClient, *pdus: ShortMessage | DataMessage) -> list[ClientEffect]:
    """What these units cause, our answers left out; every unit is answered, or waits for its acknowledgement."""
    events: list[ClientEffect] = []
    for pdu in pdus:
        effects = client.receive_untrusted(encode_pdu(pdu), Instant(1.0))
        answers = [parse_pdu_untrusted(effect.data) for effect in effects if isinstance(effect, SendBytes)]
        found = [effect for effect in effects if not isinstance(effect, SendBytes)]
        assert [answer.status for answer in answers] == [Status.ESME_ROK] * (not has_message(found))
        events += found
    return events


def has_message(effects: Sequence[ClientEffect]) -> bool:
    return any(isinstance(effect, MessageArrived) for effect in effects)


def states(effects: list[ClientEffect]) -> list[tuple[str, MessageState]]:
    assert all(isinstance(effect, ReceiptArrived) for effect in effects)
    return [(effect.key, effect.receipt.state) for effect in effects if isinstance(effect, ReceiptArrived)]


@pytest.mark.parametrize(
    ("text", "tlvs", "esm_class"),
    [
        (QUOTING, (ID_TLV, DELIVERED_TLV), 0),
        (QUOTING, (), 0),
        (b"", (ID_TLV, DELIVERED_TLV), 0),
        (b"To unsubscribe reply STOP", (ID_TLV, DELIVERED_TLV), 0),
        (b"id:0a1b stat:DELIVRD", (DELIVERED_TLV,), 0),
        (b"id:0a1b stat:DELIVRD", (), 0),
        (b"id:0a1b stat:DELIVRD text:STOP", (), 0),
        (b"ID: 0A1B STAT: delivered TEXT: STOP", (), 0),
        (QUOTING, (), 0x04),
        (QUOTING, (), 0x40 | 0x04),
        (b"\x05\x00\x03\x01\x01\x01" + QUOTING, (), 0x40),
        (QUOTING, (), 0x08),
        (QUOTING.decode("ascii").encode("utf-16-be"), (), 0),
        (QUOTING.decode("ascii").encode("utf-16-le"), (), 0x04),
        (b"\xff\xfe" + QUOTING.decode("ascii").encode("utf-16-le"), (), 0),
        (RECEIPT_TEXT.decode("ascii").encode("utf-16-be") + "回T退订".encode("utf-16-be"), (), 0),
        (RECEIPT_TEXT + "回T退订".encode("gb18030"), (), 0),
    ],
)
@pytest.mark.parametrize("data_coding", [0, 8])
def test_a_receipt_is_a_receipt_whatever_its_esm_class_and_its_coding(
    text: bytes, tlvs: Tlvs, esm_class: int, data_coding: int
) -> None:
    pdu = deliver(text, *tlvs, esm_class=esm_class, data_coding=data_coding)
    assert states(told(client_with("0a1b"), pdu)) == [("0a1b", MessageState.DELIVERED)]


def test_a_receipt_in_message_payload_or_in_a_data_sm_is_a_receipt() -> None:
    payload = ((Tag.MESSAGE_PAYLOAD, QUOTING),)
    in_data = DataMessage(Command.DATA_SM, 9, HANDSET, SHORT_CODE, tlvs=payload)
    assert states(told(client_with("0a1b"), deliver(b"", *payload))) == [("0a1b", MessageState.DELIVERED)]
    assert states(told(client_with("0a1b"), in_data)) == [("0a1b", MessageState.DELIVERED)]


@pytest.mark.parametrize(
    "form", [QUOTING, b"id:7 stat:DELIVRD text:To unsubscribe reply STOP", b"id:7 stat:X err:STOP"]
)
def test_a_receipt_from_before_a_restart_never_reads_as_the_callees_refusal(form: bytes) -> None:
    (event,) = told(client_with(), deliver(form))
    assert isinstance(event, ReceiptUnmatched)


@pytest.mark.parametrize(
    "form",
    [
        b"id=%b&stat=DELIVRD&text=reply STOP",
        b"message id:%b status:DELIVRD text:to unsubscribe reply TD",
        b"msgid:%b status:DELIVRD unsubscribe",
        b"MessageId=%b;Status=DELIVRD;Error=000 STOP",
        b"stat:DELIVRD id:%b reply STOP",
        b"id:'%b' stat:'DELIVRD' text:'STOP'",
        b"id:%b submit_date:2412010800 done_date:2412010801 stat:DELIVRD text:STOP",
    ],
)
def test_a_receipt_in_words_of_a_vendors_own_is_a_receipt(form: bytes) -> None:
    (unmatched,) = told(client_with(), deliver(form % b"77"))
    assert isinstance(unmatched, ReceiptUnmatched)
    if b"'" not in form:
        assert states(told(client_with("0a1b"), deliver(form % b"0a1b"))) == [("0a1b", MessageState.DELIVERED)]


def test_a_bare_receipt_that_overtakes_its_answer_waits_for_it() -> None:
    client = client_with()
    client.submit("card", "10690001", TO, "Acme calls you", True, 60.0, Instant(0.0))
    assert told(client, deliver(b"id:77 stat:DELIVRD")) == []
    answer = encode_pdu(MessageResp(Command.SUBMIT_SM_RESP, 2, 0, "77"))
    assert [type(effect) for effect in client.receive_untrusted(answer, Instant(1.0))][1:] == [ReceiptArrived]


@pytest.mark.parametrize("word", ["MA:0001", " mk:0010 ", "DB:0141"])
def test_a_code_that_is_the_whole_text_says_that_the_message_failed(word: str) -> None:
    (event,) = told(client_with("0a1b"), deliver(word.encode(), ID_TLV, esm_class=4))
    assert isinstance(event, ReceiptArrived)
    port_event = message_event(event)
    assert isinstance(port_event, MessageReceipt)
    assert port_event.state is ReceiptState.UNDELIVERABLE


@pytest.mark.parametrize(
    "text",
    [
        b"id: please call me back",
        b"id:0a1b",
        b"stat: STOP",
        b"my id: 12, when do you call?",
        b"STOP",
        b"text: STOP",
        b"your message id:0a1b says what",
        b"id:unheard stat:of",
    ],
)
def test_what_a_person_writes_stays_a_message(text: bytes) -> None:
    (event,) = told(client_with("0a1b"), deliver(text))
    assert isinstance(event, MessageArrived)
    assert event.text == text.decode("ascii")
    assert (reads_as_optout(event.text) is not None) == (text == b"STOP")


@pytest.mark.parametrize(
    ("stat", "state"),
    [
        *((word, MessageState.DELIVERED) for word in ("DELIVRD", "DELIVERED", "Delivered", "DELIVERD", "DELIVRD:000")),
        *((word, MessageState.REJECTED) for word in ("REJECTD", "REJECTED", "rejected")),
        *((word, MessageState.EXPIRED) for word in ("EXPIRED", "Expired", "EXPIRD")),
        *((word, MessageState.DELETED) for word in ("DELETED", "DELETD", "CANCELLED")),
        *((word, MessageState.UNDELIVERABLE) for word in ("UNDELIV", "UNDELIVERABLE", "UNDELIVERED", "FAILED")),
        *((word, MessageState.UNKNOWN) for word in ("UNKNOWN", "MK:0012", "DB:0141", "DELIVERY_FAILED", "X")),
        *((word, MessageState.DELIVERED) for word in ("SUCCESS", "DELIVERED_TO_HANDSET")),
        *(
            (word, MessageState.UNDELIVERABLE)
            for word in ("FAIL", "NOT_DELIVERED", "NOROUTE", "UNKNOWN_SUBSCRIBER", "BLACK")
        ),
    ],
)
def test_each_word_of_a_final_receipt_has_its_state(stat: str, state: MessageState) -> None:
    pdu = deliver(f"id:0a1b stat:{stat} err:001 text:".encode(), esm_class=4)
    assert states(told(client_with("0a1b"), pdu)) == [("0a1b", state)]


@pytest.mark.parametrize(
    ("stat", "esm_class", "tlvs"),
    [
        *((word, 0x04, ()) for word in ("ACCEPTD", "ACCEPTED", "ENROUTE", "EN_ROUTE", "BUFFERED", "SCHEDULED")),
        *((word, 0x20, ()) for word in ("MK:0012", "DELIVRD", "UNDELIV", "UNKNOWN", "EXPIRED")),
        *(("X", 0x00, ((Tag.MESSAGE_STATE, bytes([state])),)) for state in (0, 1, 6)),
        ("X", 0x20, (DELIVERED_TLV,)),
    ],
)
def test_an_intermediate_word_ends_nothing_and_what_follows_is_told(stat: str, esm_class: int, tlvs: Tlvs) -> None:
    passing = deliver(f"id:0a1b stat:{stat} err:000 text:".encode(), *tlvs, esm_class=esm_class)
    final = deliver(RECEIPT_TEXT, esm_class=4)
    events = told(client_with("0a1b"), passing, passing, final, final)
    assert states(events) == [("0a1b", MessageState.DELIVERED)]


def test_unknown_is_told_once_and_gives_way_to_what_the_centre_learns() -> None:
    unknown, final = deliver(b"id:0a1b stat:UNKNOWN err:0"), deliver(RECEIPT_TEXT)
    events = told(client_with("0a1b"), unknown, unknown, final, unknown, final)
    assert states(events) == [("0a1b", MessageState.UNKNOWN), ("0a1b", MessageState.DELIVERED)]


def test_a_state_that_says_nothing_leaves_the_word_to_the_text() -> None:
    for number in (7, 10, 200):
        pdu = deliver(RECEIPT_TEXT, (Tag.MESSAGE_STATE, bytes([number])))
        assert states(told(client_with("0a1b"), pdu)) == [("0a1b", MessageState.DELIVERED)]


@pytest.mark.parametrize(
    ("answered", "written"),
    [
        ("00B8BE19", "B8BE19"),
        ("23", "0000000023"),
        ("0221067780", "221067780"),
        ("a1b2", "A1B2"),
        ("0", "00"),
        ("0a1b", "A1B"),
    ],
)
@pytest.mark.parametrize("where", ["text", "tlv"])
def test_an_id_is_found_without_its_zeros_and_its_case(answered: str, written: str, where: str) -> None:
    tlv = (Tag.RECEIPTED_MESSAGE_ID, written.encode() + b"\0")
    pdu = deliver(f"id:{written} stat:DELIVRD".encode()) if where == "text" else deliver(b"", tlv, DELIVERED_TLV)
    assert states(told(client_with(answered, "9" + answered), pdu, pdu)) == [(answered, MessageState.DELIVERED)]


def test_ids_written_alike_and_otherwise_are_forgotten_with_their_message() -> None:
    book = ReceiptBook(MessageIdForm.SAME, remembered_max=2, early_max=2)
    for message_id in ("0023", "a1", "00A1", "0042"):
        book.remember(message_id, message_id)
    assert [book.match(Receipt(MessageState.DELIVERED, written, None)) for written in ("23", "a1", "42", "0A1")] == [
        None,
        "00A1",
        "0042",
        None,
    ]
    assert book._spellings == {}


def test_an_id_that_fits_two_messages_is_booked_for_neither() -> None:
    client = client_with("0023", "023")
    (event,) = told(client, deliver(b"id:23 stat:DELIVRD err:0"))
    assert isinstance(event, ReceiptUnmatched)
    assert states(told(client, deliver(b"id:023 stat:DELIVRD"))) == [("023", MessageState.DELIVERED)]


@pytest.mark.parametrize(
    ("form", "text_id", "tlv_id", "key"),
    [
        (MessageIdForm.HEX_THEN_DECIMAL, "12", "12", "0c"),  # as the text has it
        (MessageIdForm.HEX_THEN_DECIMAL, "0012", "12", "0c"),
        (MessageIdForm.HEX_THEN_DECIMAL, "12", "c", "0c"),  # each in its own form
        (MessageIdForm.HEX_THEN_DECIMAL, None, "12", "12"),  # alone it has the form of the answer
        (MessageIdForm.HEX_THEN_DECIMAL, "18", "12", "12"),
        (MessageIdForm.HEX_THEN_DECIMAL, "0C", None, "0c"),  # no decimal number
        (MessageIdForm.DECIMAL_THEN_HEX, "c", "C", "12"),
        (MessageIdForm.DECIMAL_THEN_HEX, "c", "12", "12"),
    ],
)
def test_an_id_beside_the_text_has_the_form_of_the_text_where_both_are_equal(
    form: MessageIdForm, text_id: str | None, tlv_id: str | None, key: str
) -> None:
    text = b"" if text_id is None else f"id:{text_id} stat:DELIVRD".encode()
    tlvs = [] if tlv_id is None else [(Tag.RECEIPTED_MESSAGE_ID, tlv_id.encode())]
    client = client_with("0c", "12", form=form)
    assert states(told(client, deliver(text, *tlvs, esm_class=4))) in (
        [(key, MessageState.DELIVERED)],
        [(key, MessageState.UNKNOWN)],
    )


@pytest.mark.parametrize("text", [b"", b"delivered", b"\x90\x00\x8b", b"sub:001 dlvrd:001 stat:DELIVRD"])
def test_a_receipt_that_cannot_be_read_is_answered_and_counted(text: bytes) -> None:
    (event,) = told(client_with("0a1b"), deliver(text, esm_class=4))
    assert isinstance(event, ReceiptUnmatched)
    assert (event.receipt.text_id, event.receipt.tlv_id) == (None, None)


def test_no_octets_upset_the_question_whether_they_are_a_receipt() -> None:
    class NoError(Exception):
        pass

    def ask(data: bytes) -> None:
        pdu = deliver(data, (Tag.MESSAGE_PAYLOAD, data[3:]), esm_class=data[0] if data else 0)
        for asked in (pdu, replace(pdu, short_message=b""), replace(pdu, tlvs=())):
            is_receipt_untrusted(asked, lambda receipt: receipt.text_id == "0a1b")

    fuzz(ask, NoError, [RECEIPT_TEXT, QUOTING, b"@\x05\x00\x03\x01\x02\x01id:1 stat:x", b""])


@pytest.mark.parametrize(
    ("text", "tlvs"),
    [
        (b"", (ID_TLV, (Tag.MESSAGE_STATE, b"\0\x02"))),
        (b"", (ID_TLV, (Tag.MESSAGE_STATE, b"2"))),
        (b"", (DELIVERED_TLV, (Tag.RECEIPTED_MESSAGE_ID, b"0a1b"))),
        (b"", (ID_TLV, ID_TLV, DELIVERED_TLV, DELIVERED_TLV)),
        (b"", ((Tag.MESSAGE_PAYLOAD, b"id:0a1b"), DELIVERED_TLV)),
        (b"DELIVRD", (ID_TLV,)),
        (b"stat:DELIVRD", (ID_TLV,)),
        (b"id:0a1b stat:DELIVRD", ((Tag.RECEIPTED_MESSAGE_ID, b"\0"), (Tag.MESSAGE_STATE, b""))),
    ],
)
@pytest.mark.parametrize("esm_class", [0, 4])
def test_a_receipt_that_is_divided_between_text_and_parameters_is_put_together(
    text: bytes, tlvs: Tlvs, esm_class: int
) -> None:
    assert states(told(client_with("0a1b"), deliver(text, *tlvs, esm_class=esm_class))) == [
        ("0a1b", MessageState.DELIVERED)
    ]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("between", [b" ", b"  ", b"\r\n", b", ", b";", b"|", b"\t"])
def test_the_fields_of_a_receipt_may_stand_in_any_order(seed: int, between: bytes) -> None:
    rng = random.Random(seed)
    fields = [b"sub:001", b"dlvrd:001", b"submit date:2611231700", b"done date:2611231701", b"err:000"]
    fields = [*rng.sample(fields, rng.randrange(len(fields) + 1)), b"id:0a1b", b"stat:DELIVRD"]
    rng.shuffle(fields)
    pdu = deliver(between.join([*fields, b"text:STOP"]), esm_class=rng.choice((0, 4)))
    assert states(told(client_with("0a1b"), pdu)) == [("0a1b", MessageState.DELIVERED)]


def test_a_code_of_the_network_is_told_as_a_failure_and_gives_way_to_a_delivery() -> None:
    client = client_with("0a1b")
    effects = told(client, *(deliver(b"id:0a1b stat:" + stat, esm_class=4) for stat in (b"MK:0012", b"DELIVRD")))
    seen = [event.state for effect in effects if isinstance(event := message_event(effect), MessageReceipt)]
    assert seen == [ReceiptState.UNDELIVERABLE, ReceiptState.DELIVERED]
    (unknown,) = told(client_with("0a1b"), deliver(b"id:0a1b stat:UNKNOWN", esm_class=4))
    event = message_event(unknown)
    assert isinstance(event, MessageReceipt)
    assert event.state is ReceiptState.UNKNOWN
