"""The client machine loses nothing and repeats nothing, whatever the centre and the network do (virtual time)."""

import itertools
import random
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.wire.smpp.samples import HANDSET, RECEIPT_TEXT, SHORT_CODE
from tests.unit.wire.smpp.simulation import ACCOUNT, PASSWORD, Network, World, civil_at

from baitie.kernel.errors import Party
from baitie.kernel.time import Instant
from baitie.wire.smpp.centre import CentreSettings, MessageShown
from baitie.wire.smpp.client import UNACKNOWLEDGED_MAX, SmppClient
from baitie.wire.smpp.codec import encode_pdu, parse_pdu_untrusted
from baitie.wire.smpp.constants import SEQUENCE_MAX, Command, MessageState, Status, Tag
from baitie.wire.smpp.events import (
    CloseConnection,
    LinkDown,
    LinkUp,
    MessageArrived,
    ReceiptArrived,
    ReceiptUnmatched,
    SendBytes,
    SubmitAccepted,
    SubmitFateUnknown,
    SubmitRefused,
)
from baitie.wire.smpp.pdu import BindResp, DataMessage, MessageResp, ShortMessage, Signal, SmppFieldError
from baitie.wire.smpp.receipt import MessageIdForm
from baitie.wire.smpp.rulings import Accept, Drop, Ignore, Refuse, Ruling, Submission, SubmitPolicy, accept_all
from baitie.wire.smpp.session import ClientSession
from baitie.wire.smpp.settings import ClientSettings


def client_settings(**changes: object) -> ClientSettings:
    return ClientSettings(ACCOUNT, PASSWORD, **changes)  # type: ignore[arg-type]


def counted(policy: SubmitPolicy, taken: Counter[str]) -> SubmitPolicy:
    """The same policy, and how often the centre was given each text."""

    def rule(submission: Submission, now: Instant) -> Ruling:
        ruling = policy(submission, now)
        if not isinstance(ruling, Refuse):
            taken[submission.text] += 1
        return ruling

    return rule


def hostile(seed: int) -> SubmitPolicy:
    """A centre that accepts, throttles, refuses, loses and breaks off, by chance."""
    rng = random.Random(seed)

    def rule(submission: Submission, now: Instant) -> Ruling:
        chance = rng.random()
        if chance < 0.60:
            return Accept(
                done_after_s=rng.random() * 5,
                answer_after_s=rng.choice((0.0, 0.0, 0.3, 15.0)),
                receipt_lag_s=rng.random(),
                receipts=rng.choice((0, 1, 1, 2, 3)),
                state=rng.choice((MessageState.DELIVERED, MessageState.UNDELIVERABLE)),
            )
        if chance < 0.85:
            return Refuse(rng.choice((Status.ESME_RTHROTTLED, Status.ESME_RMSGQFUL)), rng.choice((0.0, 0.2)))
        if chance < 0.92:
            return Refuse(Status.ESME_RINVDSTADR)
        return Ignore() if chance < 0.97 else Drop()

    return rule


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    window_max=st.integers(1, 8),
    piece_octets_max=st.sampled_from((1, 7, 100, 10_000)),
    breaks_at=st.lists(st.floats(0, 30), max_size=4).map(tuple),
    refused_until=st.floats(0, 3),
    closes_at=st.sampled_from((5.0, 100.0)),
)
def test_every_submit_ends_exactly_once_and_none_is_given_to_the_centre_twice(
    seed: int,
    window_max: int,
    piece_octets_max: int,
    breaks_at: tuple[float, ...],
    refused_until: float,
    closes_at: float,
) -> None:
    taken: Counter[str] = Counter()
    network = Network(0.01, piece_octets_max, breaks_at, refused_until)
    world = World(counted(hostile(seed), taken), client_settings(window_max=window_max), network=network, seed=seed)
    rng = random.Random(seed)
    keys = [f"card-{number}" for number in range(40)]
    world.start()

    def submit(key: str) -> None:
        world.submit(key, key, validity_s=rng.choice((2.0, 60.0)))

    for key in keys:
        world.at(rng.random() * 10, partial(submit, key))
    world.at(closes_at, world.close)
    world.run(200.0)
    ends = world.ends()
    assert sorted(ends) == sorted(keys)
    assert {key: found for key, found in ends.items() if len(found) != 1} == {}
    assert [key for key, times in taken.items() if times > 1] == []
    for key, found in ends.items():
        if isinstance(found[0], SubmitRefused):
            assert taken[key] == 0
        elif isinstance(found[0], SubmitAccepted):
            assert taken[key] == 1
    receipts = Counter(event.key for event in world.events(ReceiptArrived) if isinstance(event, ReceiptArrived))
    assert all(times == 1 for times in receipts.values())
    assert world.client.is_finished
    assert world.client.unfinished == 0


def test_the_same_seed_gives_the_same_log_and_another_seed_another() -> None:
    def log(seed: int) -> str:
        world = World(hostile(seed), client_settings(window_max=4), network=Network(breaks_at=(3.0,)), seed=seed)
        world.start()
        for number in range(30):
            world.submit(f"card-{number}")
        world.run(60.0)
        return repr(world.log)

    assert log(1) == log(1)
    assert log(1) != log(2)


def test_a_card_is_accepted_shown_and_receipted() -> None:
    world = World(lambda submission, now: Accept(done_after_s=2.0))
    world.start()
    world.submit("card", "【某某】来电")
    world.run(10.0)
    assert world.events(LinkUp, SubmitAccepted, ReceiptArrived) == [event for _, event in world.log]
    assert [fate.submission.is_flash for fate in world.fates if isinstance(fate, MessageShown)] == [True]


def test_a_late_card_expires_in_the_network_by_its_validity() -> None:
    world = World(lambda submission, now: Accept(done_after_s=30.0))
    world.start()
    world.submit("card", validity_s=8.0)
    world.run(60.0)
    (receipt,) = world.events(ReceiptArrived)
    assert isinstance(receipt, ReceiptArrived)
    assert receipt.receipt.state is MessageState.EXPIRED
    assert not [fate for fate in world.fates if isinstance(fate, MessageShown)]


def test_absolute_validity_names_the_same_end() -> None:
    ours = client_settings(uses_absolute_validity=True, civil_at=civil_at)
    world = World(lambda submission, now: Accept(done_after_s=30.0), ours)
    world.start()
    world.submit("card", validity_s=8.0)
    world.run(60.0)
    at = next(at for at, event in world.log if isinstance(event, ReceiptArrived))
    assert at == pytest.approx(8.0, abs=0.2)


def test_what_waits_in_our_queue_beyond_its_validity_never_leaves() -> None:
    taken: Counter[str] = Counter()
    world = World(counted(accept_all, taken), network=Network(refused_until=20.0))
    world.start()
    world.submit("card", validity_s=8.0)
    world.run(60.0)
    (end,) = world.ends()["card"]
    assert isinstance(end, SubmitRefused)
    assert end.failure.cause == "expired-before-submit"
    assert not taken


def test_the_validity_that_is_sent_is_what_is_left_of_it() -> None:
    submissions: list[Submission] = []

    def rule(submission: Submission, now: Instant) -> Ruling:
        submissions.append(submission)
        return Accept()

    world = World(rule, network=Network(refused_until=5.0))
    world.start()
    world.submit("card", validity_s=20.0)
    world.run(60.0)
    assert submissions[0].validity_s is not None
    assert submissions[0].validity_s <= 15.0


def test_throttled_messages_go_again_later_in_their_order() -> None:
    order: list[str] = []
    refusals = iter([True] * 6)

    def rule(submission: Submission, now: Instant) -> Ruling:
        if next(refusals, False):
            return Refuse(Status.ESME_RTHROTTLED)
        order.append(submission.text)
        return Accept()

    world = World(rule, client_settings(window_max=4))
    world.start()
    for number in range(10):
        world.submit(f"card-{number}", str(number))
    world.run(60.0)
    assert order == [str(number) for number in range(10)]
    assert len(world.events(SubmitAccepted)) == 10


def test_after_throttling_nothing_is_sent_for_the_pause_which_doubles() -> None:
    sent_at: list[float] = []

    def rule(submission: Submission, now: Instant) -> Ruling:
        sent_at.append(now)
        return Refuse(Status.ESME_RTHROTTLED)

    world = World(rule, client_settings(window_max=4, throttle_pause_first_s=1.0, throttle_pause_max_s=4.0))
    world.start()
    world.submit("card", validity_s=100.0)
    world.run(20.0)
    pauses = [later - earlier for earlier, later in itertools.pairwise(sent_at)]
    assert pauses[:4] == pytest.approx([1.02, 2.02, 4.02, 4.02], abs=0.02)


def test_endless_throttling_ends_in_a_refusal_that_blames_the_carrier() -> None:
    ours = client_settings(throttled_times_max=5, throttle_pause_max_s=0.5)
    world = World(lambda submission, now: Refuse(Status.ESME_RTHROTTLED), ours)
    world.start()
    world.submit("card", validity_s=1_000.0)
    world.run(100.0)
    (end,) = world.ends()["card"]
    assert isinstance(end, SubmitRefused)
    assert (end.failure.cause, end.failure.party, end.failure.may_resubmit) == ("throttled", Party.CARRIER, True)


@given(st.integers(1, 12))
@settings(max_examples=20, deadline=None)
def test_the_window_is_never_exceeded(window_max: int) -> None:
    world = World(lambda submission, now: Accept(answer_after_s=1.0), client_settings(window_max=window_max))
    world.start()
    for number in range(40):
        world.submit(f"card-{number}", str(number))
    world.run(0.5)
    submits = [piece for piece in world.to_centre if piece[4:8] == b"\0\0\0\4"]
    assert len(submits) == window_max


def test_submits_per_second_are_what_the_contract_allows() -> None:
    sent_at: list[float] = []

    def rule(submission: Submission, now: Instant) -> Ruling:
        sent_at.append(now)
        return Accept()

    world = World(rule, client_settings(submits_per_s=20.0, window_max=1_000))
    world.start()
    for number in range(200):
        world.submit(f"card-{number}")
    world.run(60.0)
    assert len(sent_at) == 200
    busiest = max(sum(1 for at in sent_at if start <= at < start + 1.0) for start in sent_at)
    assert busiest <= 22  # a second's worth and a tenth of a second's burst


def test_the_pace_holds_late_in_the_life_of_a_machine_that_never_restarts() -> None:
    world = World(accept_all, client_settings(submits_per_s=997.0, window_max=1_000))
    world.run(3e7)  # a year
    world.start()
    world.run(3e7 + 1)
    for number in range(300):
        world.submit(f"card-{number}")
    world.run(3e7 + 60)
    assert len(world.events(SubmitAccepted)) == 300


def test_no_answer_is_an_unknown_fate_and_the_message_never_goes_again() -> None:
    taken: Counter[str] = Counter()
    world = World(counted(lambda submission, now: Ignore(), taken), client_settings(response_timeout_s=2.0))
    world.start()
    world.submit("card", "card")
    world.run(100.0)
    assert world.ends() == {"card": [SubmitFateUnknown("card", "response-timeout")]}
    assert taken == {"card": 1}


def test_a_receipt_still_finds_a_message_whose_answer_came_too_late() -> None:
    world = World(lambda submission, now: Accept(answer_after_s=5.0), client_settings(response_timeout_s=2.0))
    world.start()
    world.submit("card")
    world.run(20.0)
    assert [type(event) for _, event in world.log] == [LinkUp, SubmitFateUnknown, ReceiptArrived]


def test_a_connection_that_breaks_mid_submit_leaves_an_unknown_fate_and_the_rest_goes_on_the_next() -> None:
    taken: Counter[str] = Counter()
    drops = iter([True])
    policy = counted(lambda submission, now: Drop() if next(drops, False) else Accept(), taken)
    world = World(policy, client_settings(window_max=1))
    world.start()
    world.submit("first", "first")
    world.submit("second", "second")
    world.run(60.0)
    (first,), (second,) = world.ends()["first"], world.ends()["second"]
    assert first == SubmitFateUnknown("first", "connection-lost")
    assert isinstance(second, SubmitAccepted)
    assert taken == {"first": 1, "second": 1}
    assert [type(event) for event in world.events(LinkUp, LinkDown)] == [LinkUp, LinkDown, LinkUp]


def test_reconnection_waits_twice_as_long_each_time_up_to_the_most() -> None:
    ours = client_settings(reconnect_first_s=1.0, reconnect_max_s=5.0)
    world = World(accept_all, ours, network=Network(refused_until=30.0))
    world.start()
    world.run(40.0)
    downs = [at for at, event in world.log if isinstance(event, LinkDown)]
    waits = [later - earlier for earlier, later in itertools.pairwise(downs)]
    assert waits[:4] == pytest.approx([1.01, 2.01, 4.01, 5.01])
    assert world.client.is_bound


@pytest.mark.parametrize(
    ("account", "password", "cause"), [(ACCOUNT, "wrong", "password-wrong"), ("nobody", "x", "system-id-unknown")]
)
def test_a_refused_bind_says_why_and_whose_fault_it_is(account: str, password: str, cause: str) -> None:
    world = World(accept_all, ClientSettings(account, password))
    world.start()
    world.run(1.0)
    down = world.events(LinkDown)[0]
    assert isinstance(down, LinkDown)
    assert down.failure is not None
    assert (down.failure.cause, down.failure.party) == (cause, Party.ENTERPRISE)


def test_a_silent_link_is_asked_and_then_given_up() -> None:
    client = SmppClient(client_settings(enquire_every_s=30.0, response_timeout_s=10.0))
    bound_client(client)
    assert client.next_deadline() == 30.0
    (enquiry,) = sent(client.tick(Instant(30.0)))
    assert enquiry.command == Command.ENQUIRE_LINK
    effects = client.tick(Instant(40.0))
    assert [type(effect) for effect in effects] == [CloseConnection, LinkDown]


def test_a_unit_from_the_centre_keeps_the_link_alive() -> None:
    client = SmppClient(client_settings())
    bound_client(client)
    (enquiry,) = sent(client.tick(Instant(30.0)))
    client.receive_untrusted(encode_pdu(Signal(Command.ENQUIRE_LINK_RESP, enquiry.sequence)), Instant(31.0))
    assert client.next_deadline() == 61.0


def test_receipts_that_come_twice_or_before_the_answer_are_reported_once() -> None:
    early = World(lambda submission, now: Accept(answer_after_s=1.0, receipts=3))
    early.start()
    early.submit("card")
    early.run(10.0)
    assert len(early.events(ReceiptArrived)) == 1
    assert not early.events(ReceiptUnmatched)
    client = SmppClient(client_settings())
    bound_client(client)
    submit(client, "card")
    receipt = encode_pdu(ShortMessage(Command.DELIVER_SM, 9, HANDSET, SHORT_CODE, RECEIPT_TEXT, esm_class=4))
    assert len(client.receive_untrusted(receipt, Instant(1.0))) == 1  # only its answer
    effects = client.receive_untrusted(encode_pdu(MessageResp(Command.SUBMIT_SM_RESP, 2, 0, "0a1b")), Instant(2.0))
    assert [type(effect) for effect in effects] == [SubmitAccepted, ReceiptArrived]


def test_a_receipt_of_an_earlier_life_is_reported_as_unmatched() -> None:
    client = SmppClient(client_settings())
    bound_client(client)
    receipt = encode_pdu(ShortMessage(Command.DELIVER_SM, 9, HANDSET, SHORT_CODE, RECEIPT_TEXT, esm_class=4))
    assert [type(effect) for effect in client.receive_untrusted(receipt, Instant(1.0))] == [SendBytes, ReceiptUnmatched]


@pytest.mark.parametrize("has_tlvs", [True, False])
def test_hex_ids_in_answers_match_decimal_ids_in_receipts(has_tlvs: bool) -> None:
    centre = CentreSettings({ACCOUNT: PASSWORD}, receipts_have_tlvs=has_tlvs, text_id_is_decimal=True)
    ours = client_settings(message_id_form=MessageIdForm.HEX_THEN_DECIMAL)
    world = World(accept_all, ours, centre)
    world.start()
    for number in range(30):
        world.submit(f"card-{number}")
    world.run(10.0)
    assert len(world.events(ReceiptArrived)) == 30


def test_an_intermediate_state_is_no_receipt() -> None:
    client = SmppClient(client_settings())
    bound_client(client)
    text = RECEIPT_TEXT.replace(b"DELIVRD", b"ACCEPTD")
    receipt = encode_pdu(ShortMessage(Command.DELIVER_SM, 9, HANDSET, SHORT_CODE, text, esm_class=4))
    (answer,) = sent(client.receive_untrusted(receipt, Instant(1.0)))
    assert (answer.command, answer.status) == (Command.DELIVER_SM_RESP, Status.ESME_ROK)


def test_a_message_of_a_handset_is_acknowledged_only_when_it_is_kept() -> None:
    world = World(accept_all)
    world.start()
    world.run(1.0)
    effects = world.centre.originate(ACCOUNT, "8613812345678", "10690001", "R 退订")
    assert isinstance(effects, list)
    world.acknowledges = False
    world.follow_centre(effects)
    world.run(1.5)
    world.acknowledges = True
    world.run(5.0)
    arrived = world.events(MessageArrived)
    assert [event.text for event in arrived if isinstance(event, MessageArrived)] == ["R 退订", "R 退订"]


def test_a_message_in_a_data_sm_arrives_and_is_answered_as_data_sm() -> None:
    client = SmppClient(client_settings())
    bound_client(client)
    payload = ((Tag.MESSAGE_PAYLOAD, "退订".encode("utf-16-be")),)
    data = encode_pdu(DataMessage(Command.DATA_SM, 9, HANDSET, SHORT_CODE, 8, tlvs=payload))
    (arrived,) = client.receive_untrusted(data, Instant(1.0))
    assert isinstance(arrived, MessageArrived)
    assert arrived.text == "退订"
    (answer,) = sent(client.acknowledge(arrived.ticket, is_kept=True))
    assert (answer.command, answer.sequence, answer.status) == (Command.DATA_SM_RESP, 9, 0)
    assert client.acknowledge(arrived.ticket, is_kept=True) == []


def test_more_unacknowledged_messages_than_the_bound_are_left_to_the_centre() -> None:
    client = SmppClient(client_settings())
    bound_client(client)
    statuses = []
    for sequence in range(1, UNACKNOWLEDGED_MAX + 3):
        message = ShortMessage(Command.DELIVER_SM, sequence, HANDSET, SHORT_CODE, b"R")
        statuses += [pdu.status for pdu in sent(client.receive_untrusted(encode_pdu(message), Instant(1.0)))]
    assert statuses == [Status.ESME_RX_T_APPN] * 2


@pytest.mark.parametrize("bind", [Command.BIND_TRANSMITTER, Command.BIND_RECEIVER])
def test_a_bind_in_one_direction_only_does_what_the_centre_allows(bind: int) -> None:
    world = World(accept_all, client_settings(bind_command=bind))
    world.start()
    world.submit("card")
    world.run(10.0)
    (end,) = world.ends()["card"]
    if bind == Command.BIND_TRANSMITTER:
        assert isinstance(end, SubmitAccepted)
        assert not world.events(ReceiptArrived)
    else:
        assert isinstance(end, SubmitRefused)
        assert end.failure.cause == "not-bound-for-sending"


def test_sequence_numbers_begin_again_after_the_largest() -> None:
    session = ClientSession(client_settings())
    session.open(Instant(0.0))
    session._sequence = SEQUENCE_MAX
    session.receive_untrusted(encode_pdu(BindResp(Command.BIND_TRANSCEIVER_RESP, 1, 0, "centre")), Instant(0.0))
    (unbind,) = session.unbind(Instant(1.0))
    assert isinstance(unbind, bytes)
    assert parse_pdu_untrusted(unbind).sequence == 1


def test_a_full_queue_refuses_at_once() -> None:
    world = World(accept_all, client_settings(queue_max=3), network=Network(refused_until=10.0))
    world.start()
    for number in range(4):
        world.submit(f"card-{number}")
    (end,) = world.ends()["card-3"]
    assert isinstance(end, SubmitRefused)
    assert (end.failure.cause, end.failure.party) == ("queue-full", Party.PLATFORM)


def test_closing_refuses_what_waits_and_waits_for_what_left() -> None:
    world = World(lambda submission, now: Accept(answer_after_s=1.0), client_settings(window_max=1))
    world.start()
    world.submit("left", "left")
    world.submit("waiting", "waiting")
    world.run(0.5)
    world.close()
    world.submit("too-late", "too late")
    world.run(10.0)
    ends = {key: type(found[0]) for key, found in world.ends().items()}
    assert ends == {"left": SubmitAccepted, "waiting": SubmitRefused, "too-late": SubmitRefused}
    assert world.client.is_finished


def test_a_nack_of_a_submit_is_a_refusal() -> None:
    client = SmppClient(client_settings())
    bound_client(client)
    submit(client, "card")
    effects = client.receive_untrusted(encode_pdu(Signal(Command.GENERIC_NACK, 2, 0x03)), Instant(1.0))
    assert [type(effect) for effect in effects] == [SubmitRefused]


def test_an_answer_that_cannot_be_read_is_an_unknown_fate() -> None:
    client = SmppClient(client_settings())
    bound_client(client)
    submit(client, "card")
    body = b"i" * 300 + b"\0"  # an id longer than any may be
    answer = (16 + len(body)).to_bytes(4, "big") + encode_pdu(MessageResp(Command.SUBMIT_SM_RESP, 2, 0))[4:] + body
    assert client.receive_untrusted(answer, Instant(1.0)) == [SubmitFateUnknown("card", "answer-malformed")]


def test_unknown_and_misplaced_requests_get_a_nack_and_enquiries_an_answer() -> None:
    client = SmppClient(client_settings())
    bound_client(client)
    requests = [Signal(Command.ENQUIRE_LINK, 70), Signal(Command.UNBIND_RESP, 71)]
    unknown = (16).to_bytes(4, "big") + (0x1234).to_bytes(4, "big") + bytes(4) + (72).to_bytes(4, "big")
    alert = (16).to_bytes(4, "big") + (0x102).to_bytes(4, "big") + bytes(4) + (73).to_bytes(4, "big")
    data = b"".join(encode_pdu(pdu) for pdu in requests) + unknown + alert
    answers = sent(client.receive_untrusted(data, Instant(1.0)))
    assert answers == [
        Signal(Command.ENQUIRE_LINK_RESP, 70),
        Signal(Command.GENERIC_NACK, 72, Status.ESME_RINVCMDID),
    ]


def test_the_centre_may_unbind_and_we_come_back() -> None:
    client = SmppClient(client_settings())
    bound_client(client)
    effects = client.receive_untrusted(encode_pdu(Signal(Command.UNBIND, 5)), Instant(1.0))
    assert [type(effect) for effect in effects] == [SendBytes, CloseConnection, LinkDown]
    assert client.next_deadline() == 1.5


def test_a_stream_that_cannot_be_followed_is_closed() -> None:
    client = SmppClient(client_settings())
    bound_client(client)
    submit(client, "card")
    effects = client.receive_untrusted(b"\xff" * 20, Instant(1.0))
    assert [type(effect) for effect in effects] == [SendBytes, SubmitFateUnknown, CloseConnection, LinkDown]


@pytest.mark.parametrize(
    "changes",
    [
        {"window_max": 0},
        {"queue_max": 0},
        {"submits_per_s": 0.0},
        {"bind_command": 4},
        {"uses_absolute_validity": True},
    ],
)
def test_settings_that_cannot_work_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(SmppFieldError):
        client_settings(**changes)


def test_a_password_beyond_eight_characters_is_refused() -> None:
    with pytest.raises(SmppFieldError):
        ClientSettings(ACCOUNT, "123456789")


def bound_client(client: SmppClient) -> None:
    client.start(Instant(0.0))
    client.connected(Instant(0.0))
    client.receive_untrusted(encode_pdu(BindResp(Command.BIND_TRANSCEIVER_RESP, 1, 0, "centre")), Instant(0.0))
    assert client.is_bound


def submit(client: SmppClient, key: str) -> None:
    client.submit(key, "10690001", "+8613812345678", "Acme calls you", True, 60.0, Instant(0.0))


def sent(effects: Sequence[object]) -> list[Any]:
    return [parse_pdu_untrusted(effect.data) for effect in effects if isinstance(effect, SendBytes)]
