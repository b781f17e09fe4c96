"""The message centre machine answers as SMPP 3.4 says, and delivers what it owes."""

from dataclasses import replace

import pytest
from tests.unit.wire.smpp.samples import HANDSET, PDUS, SHORT_CODE
from tests.unit.wire.smpp.simulation import ACCOUNT, PASSWORD, civil_at

from baitie.kernel.sms_text import TextRefusal
from baitie.kernel.time import Instant
from baitie.wire.smpp.centre import CentreEffect, CentreSettings, CloseTo, MessageCentre, MessageDone, SendTo
from baitie.wire.smpp.codec import encode_pdu, parse_pdu_untrusted
from baitie.wire.smpp.constants import Command, MessageState, Status, Tag
from baitie.wire.smpp.pdu import (
    Address,
    Bind,
    BindResp,
    Cancel,
    DataMessage,
    MessageResp,
    Pdu,
    Query,
    QueryResp,
    ShortMessage,
    Signal,
    UnknownPdu,
)
from baitie.wire.smpp.receipt import parse_receipt_untrusted
from baitie.wire.smpp.rulings import Accept, Drop, Ignore, Refuse, Ruling, SubmitPolicy, accept_all

SUBMIT = next(pdu for pdu in PDUS if isinstance(pdu, ShortMessage) and pdu.command == Command.SUBMIT_SM)


class Desk:
    """A centre with one connection, and what it sent."""

    def __init__(
        self, policy: SubmitPolicy = accept_all, bind: int | None = Command.BIND_TRANSCEIVER, **settings: int
    ) -> None:
        centre_settings = CentreSettings({ACCOUNT: PASSWORD}, **settings)  # type: ignore[arg-type]
        self.centre = MessageCentre(centre_settings, policy, civil_at)
        self.effects: list[CentreEffect] = []
        self.connect(1)
        if bind is not None:
            self.ask(Bind(bind, 1, ACCOUNT, PASSWORD))

    def connect(self, connection: int, now: float = 0.0) -> None:
        self.connection = connection
        self.centre.connected(connection, Instant(now))

    def ask(self, pdu: Pdu, now: float = 0.0) -> list[Pdu]:
        return self.send(encode_pdu(pdu), now)

    def send(self, data: bytes, now: float = 0.0) -> list[Pdu]:
        self.effects = self.centre.receive_untrusted(self.connection, data, Instant(now))
        return self.sent()

    def tick(self, now: float) -> list[Pdu]:
        self.effects = self.centre.tick(Instant(now))
        return self.sent()

    def sent(self) -> list[Pdu]:
        return [parse_pdu_untrusted(effect.data) for effect in self.effects if isinstance(effect, SendTo)]


@pytest.mark.parametrize(
    ("system_id", "password", "status"),
    [(ACCOUNT, PASSWORD, 0), (ACCOUNT, "wrong", Status.ESME_RINVPASWD), ("nobody", "x", Status.ESME_RINVSYSID)],
)
@pytest.mark.parametrize("command", [Command.BIND_TRANSCEIVER, Command.BIND_TRANSMITTER, Command.BIND_RECEIVER])
def test_a_bind_is_judged_by_the_account(command: int, system_id: str, password: str, status: int) -> None:
    (answer,) = Desk(bind=None).ask(Bind(command, 1, system_id, password))
    assert isinstance(answer, BindResp)
    assert (answer.command, answer.status) == (command | 0x80000000, status)


def test_a_second_bind_is_refused() -> None:
    (answer,) = Desk().ask(Bind(Command.BIND_TRANSCEIVER, 2, ACCOUNT, PASSWORD))
    assert answer.status == Status.ESME_RALYBND


@pytest.mark.parametrize("bind", [None, Command.BIND_RECEIVER])
def test_who_is_not_bound_for_sending_may_not_submit(bind: int | None) -> None:
    (answer,) = Desk(bind=bind).ask(SUBMIT)
    assert answer == MessageResp(Command.SUBMIT_SM_RESP, SUBMIT.sequence, Status.ESME_RINVBNDSTS)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"validity_period": "tomorrow"}, Status.ESME_RINVEXPIRY),
        ({"short_message": b"", "tlvs": ((Tag.MESSAGE_PAYLOAD, bytes(300)),)}, Status.ESME_RINVMSGLEN),
    ],
)
def test_a_submit_that_is_wrong_is_refused_with_its_status(change: dict[str, object], status: int) -> None:
    (answer,) = Desk().ask(replace(SUBMIT, **change))  # type: ignore[arg-type]
    assert answer.status == status


def test_a_data_sm_is_taken_and_receipted() -> None:
    desk = Desk()
    payload = ((Tag.MESSAGE_PAYLOAD, "来电".encode("utf-16-be")),)
    (answer,) = desk.ask(DataMessage(Command.DATA_SM, 6, SHORT_CODE, HANDSET, 0x18, 0, 1, tlvs=payload))
    assert isinstance(answer, MessageResp)
    assert (answer.command, answer.status) == (Command.DATA_SM_RESP, 0)
    (receipt,) = desk.tick(0.0)
    assert receipt.command == Command.DELIVER_SM


def test_an_address_that_no_receipt_could_carry_back_is_refused() -> None:
    pdu = DataMessage(Command.DATA_SM, 6, SHORT_CODE, Address(1, 1, "1" * 40), 0, 0, 1)
    (answer,) = Desk().ask(pdu)
    assert answer.status == Status.ESME_RINVDSTADR


@pytest.mark.parametrize(
    ("ruling", "status"), [(Accept(), 0), (Refuse(Status.ESME_RTHROTTLED), 0x58), (Refuse(0x0B), 0x0B)]
)
def test_a_ruling_becomes_the_answer(ruling: Ruling, status: int) -> None:
    (answer,) = Desk(lambda submission, now: ruling).ask(SUBMIT)
    assert answer.status == status


def test_an_ignored_submit_has_no_answer_and_a_dropped_one_no_connection() -> None:
    assert Desk(lambda submission, now: Ignore()).ask(SUBMIT) == []
    dropped = Desk(lambda submission, now: Drop())
    assert dropped.ask(SUBMIT) == []
    assert dropped.effects == [CloseTo(1)]


def test_answer_delivery_and_receipt_come_at_their_times() -> None:
    desk = Desk(lambda submission, now: Accept(done_after_s=2.0, receipt_lag_s=1.0, answer_after_s=0.5))
    assert desk.ask(SUBMIT) == []
    assert desk.centre.next_deadline() == 0.5
    assert [pdu.command for pdu in desk.tick(0.5)] == [Command.SUBMIT_SM_RESP]
    assert desk.tick(2.4) == []
    desk.tick(2.5)
    assert len(desk.effects) == 1
    (receipt,) = desk.tick(3.5)
    assert receipt.command == Command.DELIVER_SM


def test_a_receipt_waits_for_an_account_that_is_away_and_is_repeated_until_answered() -> None:
    desk = Desk(lambda submission, now: Accept(done_after_s=5.0))
    desk.ask(SUBMIT)
    desk.centre.disconnected(1)
    desk.tick(5.0)
    assert desk.sent() == []
    desk.connect(2, 6.0)
    _, receipt = desk.ask(Bind(Command.BIND_TRANSCEIVER, 1, ACCOUNT, PASSWORD), 6.0)
    assert isinstance(receipt, ShortMessage)
    desk.centre.disconnected(2)
    desk.connect(3, 7.0)
    _, again = desk.ask(Bind(Command.BIND_RECEIVER, 1, ACCOUNT, PASSWORD), 7.0)
    assert isinstance(again, ShortMessage)
    assert parse_receipt_untrusted(again) == parse_receipt_untrusted(receipt)
    desk.ask(MessageResp(Command.DELIVER_SM_RESP, again.sequence, 0, ""), 7.0)
    desk.centre.disconnected(3)
    desk.connect(4, 8.0)
    assert len(desk.ask(Bind(Command.BIND_TRANSCEIVER, 1, ACCOUNT, PASSWORD), 8.0)) == 1


def test_a_transmitter_gets_no_receipt_but_the_receiver_of_the_same_account_does() -> None:
    desk = Desk(lambda submission, now: Accept(done_after_s=1.0), bind=Command.BIND_TRANSMITTER)
    desk.ask(SUBMIT)
    desk.connect(2)
    desk.ask(Bind(Command.BIND_RECEIVER, 1, ACCOUNT, PASSWORD))
    desk.tick(1.0)
    assert [effect.connection for effect in desk.effects if isinstance(effect, SendTo)] == [2]


def test_no_more_deliveries_are_under_way_than_the_window_allows() -> None:
    desk = Desk(deliver_window_max=2)
    for _ in range(5):
        desk.ask(SUBMIT)
    assert len(desk.tick(0.0)) == 2
    (third,) = desk.ask(MessageResp(Command.DELIVER_SM_RESP, 1, 0, ""))
    assert third.sequence == 3


def test_a_full_schedule_refuses_further_messages() -> None:
    desk = Desk(lambda submission, now: Accept(done_after_s=10.0), scheduled_max=3)
    statuses = [desk.ask(SUBMIT)[0].status for _ in range(4)]
    assert statuses == [0, 0, 0, Status.ESME_RMSGQFUL]


def test_a_message_may_be_queried_and_cancelled_while_it_is_on_its_way() -> None:
    desk = Desk(lambda submission, now: Accept(done_after_s=10.0))
    (answer,) = desk.ask(SUBMIT)
    assert isinstance(answer, MessageResp)
    message_id = answer.message_id or ""
    query = Query(Command.QUERY_SM, 7, message_id, SHORT_CODE)
    cancel = Cancel(Command.CANCEL_SM, 8, "", message_id, SHORT_CODE, HANDSET)
    assert desk.ask(query) == [QueryResp(Command.QUERY_SM_RESP, 7, message_id, "", MessageState.ENROUTE, 0)]
    assert desk.ask(cancel) == [Signal(Command.CANCEL_SM_RESP, 8, 0)]
    assert desk.ask(cancel) == [Signal(Command.CANCEL_SM_RESP, 8, Status.ESME_RCANCELFAIL)]
    assert desk.ask(query) == [QueryResp(Command.QUERY_SM_RESP, 7, message_id, "", MessageState.DELETED, 0)]
    assert desk.ask(replace(query, message_id="x")) == [Signal(Command.QUERY_SM_RESP, 7, Status.ESME_RQUERYFAIL)]
    assert desk.tick(20.0) == []


def test_enquiries_unbinds_and_strangers_are_answered() -> None:
    desk = Desk()
    assert desk.ask(Signal(Command.ENQUIRE_LINK, 5)) == [Signal(Command.ENQUIRE_LINK_RESP, 5)]
    assert desk.ask(UnknownPdu(0x1234, 6, 0, b"x")) == [Signal(Command.GENERIC_NACK, 6, Status.ESME_RINVCMDID)]
    assert desk.ask(UnknownPdu(0x80001234, 6, 0, b"x")) == []
    assert desk.send(b"\0\0\0\x11" + bytes.fromhex("00000004000000000000000941")) == [
        Signal(Command.GENERIC_NACK, 9, Status.ESME_RINVCMDLEN)
    ]
    assert desk.ask(Signal(Command.UNBIND, 7)) == [Signal(Command.UNBIND_RESP, 7)]
    assert CloseTo(1) in desk.effects
    assert desk.ask(Signal(Command.ENQUIRE_LINK, 8)) == []


def test_a_stream_that_cannot_be_followed_is_closed() -> None:
    desk = Desk()
    assert desk.send(b"GET / HTTP/1.0\r\n\r\n") == [Signal(Command.GENERIC_NACK, 0, Status.ESME_RINVCMDLEN)]
    assert CloseTo(1) in desk.effects


def test_a_silent_connection_is_closed() -> None:
    desk = Desk(silence_max_s=60)
    assert desk.centre.next_deadline() == 60.0
    desk.tick(60.0)
    assert desk.effects == [CloseTo(1)]


def test_a_message_that_expires_is_reported_as_done() -> None:
    desk = Desk(lambda submission, now: Accept(done_after_s=100.0))
    desk.ask(SUBMIT)  # valid for 8 s
    desk.tick(8.0)
    assert [type(effect) for effect in desk.effects if not isinstance(effect, SendTo)] == [MessageDone]


@pytest.mark.parametrize("text", ["R", "退订", "长" * 200])
def test_a_handset_may_write_any_text(text: str) -> None:
    desk = Desk()
    effects = desk.centre.originate(ACCOUNT, "8613812345678", "10690001", text)
    assert not isinstance(effects, TextRefusal)
    desk.effects = effects
    (pdu,) = desk.sent()
    assert pdu.command == Command.DELIVER_SM


def test_a_text_with_control_characters_is_no_message_of_a_handset() -> None:
    assert isinstance(Desk().centre.originate(ACCOUNT, "1", "2", "\x00"), TextRefusal)


def test_values_that_hold_numbers_and_texts_do_not_show_them() -> None:
    assert "13812345678" not in repr(SUBMIT)
    assert "13812345678" not in repr(HANDSET)
