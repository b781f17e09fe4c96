"""One of each protocol data unit, and Hypothesis strategies for any."""

from hypothesis import strategies as st

from baitie.wire.smpp.constants import Command, Tag
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

HANDSET = Address(1, 1, "8613812345678")
SHORT_CODE = Address(0, 1, "10690001")
RECEIPT_TEXT = b"id:0a1b sub:001 dlvrd:001 submit date:2611231700 done date:2611231701 stat:DELIVRD err:000 text:"

PDUS: tuple[Pdu, ...] = (
    Bind(Command.BIND_TRANSCEIVER, 1, "baitie", "secret", "VMA", 0x34, 1, 1, "106*"),
    Bind(Command.BIND_TRANSMITTER, 2, "baitie", "secret"),
    Bind(Command.BIND_RECEIVER, 3, "baitie", "secret"),
    BindResp(Command.BIND_TRANSCEIVER_RESP, 1, 0, "centre", ((Tag.SC_INTERFACE_VERSION, b"\x34"),)),
    BindResp(Command.BIND_TRANSMITTER_RESP, 2, 0x0E),
    BindResp(Command.BIND_RECEIVER_RESP, 3, 0, ""),
    ShortMessage(
        Command.SUBMIT_SM,
        4,
        SHORT_CODE,
        HANDSET,
        "【某某】即将来电".encode("utf-16-be"),
        data_coding=0x18,
        registered_delivery=1,
        validity_period="000000000008000R",
        tlvs=((Tag.USER_MESSAGE_REFERENCE, b"\x00\x07"), (Tag.DEST_ADDR_SUBUNIT, b"\x01")),
    ),
    ShortMessage(
        Command.DELIVER_SM,
        5,
        HANDSET,
        SHORT_CODE,
        RECEIPT_TEXT,
        esm_class=4,
        tlvs=((Tag.RECEIPTED_MESSAGE_ID, b"0a1b\0"), (Tag.MESSAGE_STATE, b"\x02")),
    ),
    MessageResp(Command.SUBMIT_SM_RESP, 4, 0, "0a1b"),
    MessageResp(Command.SUBMIT_SM_RESP, 4, 0x58),
    MessageResp(Command.DELIVER_SM_RESP, 5, 0, ""),
    DataMessage(Command.DATA_SM, 6, SHORT_CODE, HANDSET, 8, tlvs=((Tag.MESSAGE_PAYLOAD, b"\x4f\x60"),)),
    MessageResp(Command.DATA_SM_RESP, 6, 0, "0a1c"),
    Query(Command.QUERY_SM, 7, "0a1b", SHORT_CODE),
    QueryResp(Command.QUERY_SM_RESP, 7, "0a1b", "", 2, 0),
    Signal(Command.QUERY_SM_RESP, 7, 0x67),
    Cancel(Command.CANCEL_SM, 8, "", "0a1b", SHORT_CODE, HANDSET),
    Signal(Command.CANCEL_SM_RESP, 8, 0x11),
    Signal(Command.UNBIND, 9),
    Signal(Command.UNBIND_RESP, 9),
    Signal(Command.ENQUIRE_LINK, 10),
    Signal(Command.ENQUIRE_LINK_RESP, 10),
    Signal(Command.GENERIC_NACK, 0, 3),
    UnknownPdu(0x00010200, 11, 0, b"vendor"),
)

_octet = st.integers(0, 255)
_sequence = st.integers(0, 0xFFFFFFFF)


def _text(size_max: int) -> st.SearchStrategy[str]:
    return st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=size_max)


_address = st.builds(Address, _octet, _octet, _text(20))
_tlvs = st.lists(st.tuples(st.integers(0, 0xFFFF), st.binary(max_size=40)), max_size=4).map(tuple)
_message_commands = st.sampled_from((Command.SUBMIT_SM, Command.DELIVER_SM))
_response_commands = st.sampled_from((Command.SUBMIT_SM_RESP, Command.DELIVER_SM_RESP, Command.DATA_SM_RESP))
_bind_commands = st.sampled_from((Command.BIND_TRANSCEIVER, Command.BIND_TRANSMITTER, Command.BIND_RECEIVER))

any_pdu: st.SearchStrategy[Pdu] = st.one_of(
    st.sampled_from(PDUS),
    st.builds(
        ShortMessage,
        command=_message_commands,
        sequence=_sequence,
        source=_address,
        destination=_address,
        short_message=st.binary(max_size=255),
        data_coding=_octet,
        esm_class=_octet,
        registered_delivery=_octet,
        validity_period=_text(16),
        schedule_delivery_time=_text(16),
        service_type=_text(5),
        protocol_id=_octet,
        priority_flag=_octet,
        replace_if_present_flag=_octet,
        sm_default_msg_id=_octet,
        tlvs=_tlvs,
        status=_sequence,
    ),
    st.builds(
        MessageResp,
        command=_response_commands,
        sequence=_sequence,
        status=_sequence,
        message_id=_text(64),
        tlvs=_tlvs,
    ),
    st.builds(
        DataMessage,
        command=st.just(Command.DATA_SM),
        sequence=_sequence,
        source=_address,
        destination=_address,
        data_coding=_octet,
        esm_class=_octet,
        registered_delivery=_octet,
        service_type=_text(5),
        tlvs=_tlvs,
        status=_sequence,
    ),
    st.builds(
        Bind,
        command=_bind_commands,
        sequence=_sequence,
        system_id=_text(15),
        password=_text(8),
        system_type=_text(12),
        interface_version=_octet,
        addr_ton=_octet,
        addr_npi=_octet,
        address_range=_text(40),
        status=_sequence,
    ),
)
