"""What a user agent wants done, and what it has to tell: the values that `UserAgent.take_effects` returns."""

from enum import StrEnum
from typing import NamedTuple, NewType

from baitie.kernel.outcome import CallFailure, EndedBy
from baitie.wire.sip.message import Request

CallKey = NewType("CallKey", str)
"""Names one call of one user agent; it is the local tag of its dialogs."""
TrunkKey = NewType("TrunkKey", str)
"""Names one registration of one user agent; it is the Call-ID of its REGISTER requests."""


class Flow(NamedTuple):
    """The way to and from one far end: transport (UDP, TCP, TLS) and address. `host` may be a name when sending."""

    transport: str
    host: str
    port: int

    @property
    def reliable(self) -> bool:
        """Whether the transport itself repeats what is lost."""
        return self.transport != "UDP"


class SendBytes(NamedTuple):
    """Send one message to the far end; on TCP and TLS over the open connection, opened if there is none."""

    data: bytes
    flow: Flow


class MediaMethod(StrEnum):
    """The request that brought a session description in an existing call."""

    REINVITE = "INVITE"
    UPDATE = "UPDATE"
    PRACK = "PRACK"


class CallProgressed(NamedTuple):
    """A provisional answer above 100 to our INVITE. `reliable`: it had an RSeq.

    `sdp` is empty without early media, and where a newer exchange has already taken its place.
    """

    call: CallKey
    status: int
    reason: str
    sdp: bytes
    reliable: bool


class CallAnswered(NamedTuple):
    """Our INVITE was answered and the ACK has left. `sdp` is the far end's description that is in force.

    `is_offer`: it is not the answer to our offer, but an offer of theirs that we accepted while it rang. `takes_info`:
    its Allow lists INFO, by which such a peer may send keys as well.
    """

    call: CallKey
    sdp: bytes
    is_offer: bool = False
    takes_info: bool = False


class CallFailed(NamedTuple):
    """Our INVITE did not lead to a call, and why. The last event of that call."""

    call: CallKey
    failure: CallFailure


class CallEnded(NamedTuple):
    """An answered or offered call is over: by whom, with the far end's Reason header. The last event of that call.

    `by` is `CALLEE` when the far end hung up or cancelled. `failure` says what broke it off, if something did.
    """

    call: CallKey
    by: EndedBy
    reason_header: str | None
    failure: CallFailure | None


class CallOffered(NamedTuple):
    """An INVITE came in: ring, answer or reject. Addresses are URI texts; `sdp` is empty when there is no offer."""

    call: CallKey
    request_uri: str
    from_uri: str
    to_uri: str
    sdp: bytes
    request: Request
    flow: Flow


class CallConfirmed(NamedTuple):
    """The far end acknowledged our answer. `sdp` is its description when our answer made the offer."""

    call: CallKey
    sdp: bytes


class MediaOffered(NamedTuple):
    """The far end offers another description: `accept_media` or `refuse_media`. Empty `sdp`: it asks for our offer."""

    call: CallKey
    method: MediaMethod
    sdp: bytes


class MediaAnswered(NamedTuple):
    """Our offer was answered with this description: that of a re-INVITE, or that for which one of theirs asked."""

    call: CallKey
    sdp: bytes


class MediaRefused(NamedTuple):
    """Our re-INVITE was refused; the call goes on as it was."""

    call: CallKey
    status: int


class KeyByInfo(NamedTuple):
    """The far end told a key, one of `0-9*#A-D`, by an INFO request, which was answered with 200."""

    call: CallKey
    key: str


class RequestReceived(NamedTuple):
    """A request outside calls, of a method in `extra_methods`: answer it with `respond`."""

    token: str
    request: Request
    flow: Flow


class Registered(NamedTuple):
    """The trunk is registered for that many seconds; it is renewed by itself."""

    trunk: TrunkKey
    expires_s: int


class RegistrationFailed(NamedTuple):
    """The trunk is not registered. `retry_s` says when the next attempt leaves by itself; `None`: no more attempts."""

    trunk: TrunkKey
    failure: CallFailure
    retry_s: float | None


class Unregistered(NamedTuple):
    """The trunk's registration was taken back."""

    trunk: TrunkKey


class TrunkReachable(NamedTuple):
    """An OPTIONS keep-alive was answered, or not, after it had been the other way."""

    flow: Flow
    reachable: bool


Event = (
    CallProgressed
    | CallAnswered
    | CallFailed
    | CallEnded
    | CallOffered
    | CallConfirmed
    | MediaOffered
    | MediaAnswered
    | MediaRefused
    | KeyByInfo
    | RequestReceived
    | Registered
    | RegistrationFailed
    | Unregistered
    | TrunkReachable
)
Effect = SendBytes | Event
