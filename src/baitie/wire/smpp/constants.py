"""Numbers of SMPP 3.4 under the names of the specification (SMPP v3.4 Issue 1.2, chapter 5)."""

from enum import IntEnum
from typing import Final

HEADER_OCTETS: Final = 16
PDU_OCTETS_MAX: Final = 66 * 1024  # a message_payload of 65,535 octets and the mandatory fields beside it
SEQUENCE_MAX: Final = 0x7FFFFFFF
RESPONSE: Final = 0x80000000
SHORT_MESSAGE_OCTETS_MAX: Final = 254
INTERFACE_VERSION: Final = 0x34


class Command(IntEnum):
    """command_id (§5.1.2.1)."""

    GENERIC_NACK = 0x80000000
    BIND_RECEIVER = 0x00000001
    BIND_RECEIVER_RESP = 0x80000001
    BIND_TRANSMITTER = 0x00000002
    BIND_TRANSMITTER_RESP = 0x80000002
    QUERY_SM = 0x00000003
    QUERY_SM_RESP = 0x80000003
    SUBMIT_SM = 0x00000004
    SUBMIT_SM_RESP = 0x80000004
    DELIVER_SM = 0x00000005
    DELIVER_SM_RESP = 0x80000005
    UNBIND = 0x00000006
    UNBIND_RESP = 0x80000006
    CANCEL_SM = 0x00000008
    CANCEL_SM_RESP = 0x80000008
    BIND_TRANSCEIVER = 0x00000009
    BIND_TRANSCEIVER_RESP = 0x80000009
    ENQUIRE_LINK = 0x00000015
    ENQUIRE_LINK_RESP = 0x80000015
    ALERT_NOTIFICATION = 0x00000102
    DATA_SM = 0x00000103
    DATA_SM_RESP = 0x80000103


class Status(IntEnum):
    """command_status (§5.1.3): those that we send or judge; others stay plain numbers."""

    ESME_ROK = 0x00
    ESME_RINVMSGLEN = 0x01
    ESME_RINVCMDLEN = 0x02
    ESME_RINVCMDID = 0x03
    ESME_RINVBNDSTS = 0x04
    ESME_RALYBND = 0x05
    ESME_RINVPRTFLG = 0x06
    ESME_RINVREGDLVFLG = 0x07
    ESME_RSYSERR = 0x08
    ESME_RINVSRCADR = 0x0A
    ESME_RINVDSTADR = 0x0B
    ESME_RINVMSGID = 0x0C
    ESME_RBINDFAIL = 0x0D
    ESME_RINVPASWD = 0x0E
    ESME_RINVSYSID = 0x0F
    ESME_RCANCELFAIL = 0x11
    ESME_RMSGQFUL = 0x14
    ESME_RINVSERTYP = 0x15
    ESME_RINVESMCLASS = 0x43
    ESME_RSUBMITFAIL = 0x45
    ESME_RINVSRCTON = 0x48
    ESME_RINVSRCNPI = 0x49
    ESME_RINVDSTTON = 0x50
    ESME_RINVDSTNPI = 0x51
    ESME_RTHROTTLED = 0x58
    ESME_RINVSCHED = 0x61
    ESME_RINVEXPIRY = 0x62
    ESME_RX_T_APPN = 0x64
    ESME_RX_P_APPN = 0x65
    ESME_RX_R_APPN = 0x66
    ESME_RQUERYFAIL = 0x67
    ESME_RINVOPTPARSTREAM = 0xC0
    ESME_RINVPARLEN = 0xC2
    ESME_RMISSINGOPTPARAM = 0xC3
    ESME_RDELIVERYFAILURE = 0xFE
    ESME_RUNKNOWNERR = 0xFF


class Tag(IntEnum):
    """Tags of optional parameters (§5.3.2)."""

    DEST_ADDR_SUBUNIT = 0x0005
    RECEIPTED_MESSAGE_ID = 0x001E
    USER_MESSAGE_REFERENCE = 0x0204
    SAR_MSG_REF_NUM = 0x020C
    SAR_TOTAL_SEGMENTS = 0x020E
    SAR_SEGMENT_SEQNUM = 0x020F
    SC_INTERFACE_VERSION = 0x0210
    NETWORK_ERROR_CODE = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    MESSAGE_STATE = 0x0427
    ALERT_ON_MESSAGE_DELIVERY = 0x130C
    MS_VALIDITY = 0x1204


class MessageState(IntEnum):
    """message_state (§5.2.28): what became of a message that the centre took."""

    ENROUTE = 1
    DELIVERED = 2
    EXPIRED = 3
    DELETED = 4
    UNDELIVERABLE = 5
    ACCEPTED = 6
    UNKNOWN = 7
    REJECTED = 8

    @property
    def is_underway(self) -> bool:
        """Whether the message has not come to an end: nothing is told of it yet."""
        return self in (MessageState.ENROUTE, MessageState.ACCEPTED)

    @property
    def is_final(self) -> bool:
        """Whether no other state can follow. UNKNOWN is what a centre says that does not know; it may learn."""
        return not self.is_underway and self is not MessageState.UNKNOWN


ESM_CLASS_TYPE_MASK: Final = 0x3C
ESM_CLASS_RECEIPT: Final = 0x04
ESM_CLASS_INTERMEDIATE: Final = 0x20
ESM_CLASS_UDHI: Final = 0x40

DATA_CODING_DEFAULT: Final = 0x00
DATA_CODING_UCS2: Final = 0x08
DATA_CODING_UCS2_CLASS0: Final = 0x18
DATA_CODING_GSM7_CLASS0: Final = 0x10
DATA_CODING_GSM7_CLASS0_ALTERNATIVE: Final = 0xF0

TON_UNKNOWN: Final = 0
TON_INTERNATIONAL: Final = 1
TON_ALPHANUMERIC: Final = 5
NPI_UNKNOWN: Final = 0
NPI_E164: Final = 1


def is_ucs2(data_coding: int) -> bool:
    """Whether a data_coding says UCS-2 (3GPP TS 23.038 §4): groups 00xx and 01xx by their alphabet, 1110 as a whole."""
    return data_coding & 0x8C == DATA_CODING_UCS2 or data_coding & 0xF0 == 0xE0
