"""One user agent on a desk: its messages come out parsed, and the test plays the far end by hand."""

import random
from typing import Any, TypeVar

from baitie.kernel.time import Instant
from baitie.wire.sip.agent import UserAgent
from baitie.wire.sip.effects import CallKey, CallOffered, Effect, Flow, SendBytes
from baitie.wire.sip.message import Request, Response, parse_message_untrusted
from baitie.wire.sip.settings import InviteRequest, UserAgentSettings

FAR = Flow("UDP", "10.0.0.2", 5060)
FAR_TCP = Flow("TCP", "10.0.0.2", 5060)
OFFER = b"v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\n"
ANSWER = b"v=0\r\no=- 2 2 IN IP4 10.0.0.2\r\ns=-\r\n"

E = TypeVar("E")


class Desk:
    """`now` is the time on the desk; `wait` lets it pass."""

    def __init__(self, seed: int = 1, **settings: Any) -> None:
        addresses = {"UDP": ("10.0.0.1", 5060), "TCP": ("10.0.0.1", 5060)}
        self.agent = UserAgent(UserAgentSettings(addresses, **settings), random.Random(seed))
        self.now = Instant(100.0)
        self._effects: list[tuple[float, Effect]] = []

    def _collect(self) -> None:
        self._effects += [(self.now, effect) for effect in self.agent.take_effects()]

    def wait(self, seconds: float) -> None:
        """Time passes; deadlines are served exactly when they come."""
        self._collect()
        end = self.now + seconds
        while (at := self.agent.next_deadline()) is not None and at <= end:
            self.now = Instant(max(at, self.now))
            self.agent.on_deadline(self.now)
            self._collect()
        self.now = Instant(end)

    def sent(self, kind: str = "") -> list[Request | Response]:
        """Messages sent since the last look, all or of one method or status, taken off the desk."""
        return [message for _, message in self.sent_at(kind)]

    def sent_at(self, kind: str = "") -> list[tuple[float, Request | Response]]:
        """The same with the time of each."""
        self._collect()
        out, kept = [], []
        for at, effect in self._effects:
            if isinstance(effect, SendBytes) and len(effect.data) > 4:
                message = parse_message_untrusted(effect.data)
                name = message.method if isinstance(message, Request) else str(message.status)
                if kind in ("", name):
                    out.append((at, message))
                    continue
            kept.append((at, effect))
        self._effects = kept
        return out

    def request(self, method: str) -> Request:
        """The one request of this method that was sent since the last look."""
        (message,) = self.sent(method)
        assert isinstance(message, Request)
        return message

    def response(self, status: int) -> Response:
        """The one response with this status that was sent since the last look."""
        (message,) = self.sent(str(status))
        assert isinstance(message, Response)
        return message

    def sent_to(self) -> list[tuple[Flow, Request]]:
        """Requests sent since the last look and where each went; takes them off the desk."""
        self._collect()
        sent = [effect for _, effect in self._effects if isinstance(effect, SendBytes)]
        self._effects = [(at, effect) for at, effect in self._effects if not isinstance(effect, SendBytes)]
        parsed = [(effect.flow, parse_message_untrusted(effect.data)) for effect in sent]
        return [(flow, message) for flow, message in parsed if isinstance(message, Request)]

    def flows(self) -> list[Flow]:
        """Where everything sent since the last look went; takes it off the desk."""
        self._collect()
        flows = [effect.flow for _, effect in self._effects if isinstance(effect, SendBytes)]
        self._effects = [(at, effect) for at, effect in self._effects if not isinstance(effect, SendBytes)]
        return flows

    def events(self) -> list[Any]:
        """Events since the last look, taken off the desk."""
        self._collect()
        events = [effect for _, effect in self._effects if not isinstance(effect, SendBytes)]
        self._effects = [(at, effect) for at, effect in self._effects if isinstance(effect, SendBytes)]
        return events

    def event(self, kind: type[E]) -> E:
        """The one event since the last look."""
        (event,) = self.events()
        assert isinstance(event, kind), event
        return event

    # The far end

    def receive(self, data: bytes | str, flow: Flow = FAR) -> None:
        """Bytes from the far end."""
        self.agent.receive_untrusted(data.encode() if isinstance(data, str) else data, flow, self.now)

    def reply(
        self, request: Request, status: int, tag: str = "far", extra: str = "", body: bytes = b"", flow: Flow = FAR
    ) -> None:
        """The far end answers."""
        self.receive(reply_bytes(request, status, tag, extra, body), flow)

    def place(self, flow: Flow = FAR, **changes: Any) -> tuple[CallKey, Request]:
        """Places a call; gives its key and the INVITE that left."""
        fields: dict[str, Any] = {"to_uri": "sip:+8613800000000@far.example", "from_uri": "sip:1000@near.example"}
        key = self.agent.invite(InviteRequest(**(fields | {"flow": flow, "sdp": OFFER} | changes)), self.now)
        return key, self.request("INVITE")

    def talk(self, **changes: Any) -> tuple[CallKey, Request, Request]:
        """An answered call of ours; gives key, INVITE and ACK."""
        key, invite = self.place(**changes)
        self.reply(invite, 180, extra=CONTACT)
        self.reply(invite, 200, extra=CONTACT, body=ANSWER)
        ack = self.request("ACK")
        self.events()
        return key, invite, ack

    def offered(self, **changes: str) -> tuple[CallKey, str]:
        """A call that came in; gives its key and the text of the INVITE."""
        text = invite_text(**changes)
        self.receive(text)
        return self.event(CallOffered).call, text

    def taken(self, **changes: str) -> tuple[CallKey, Response]:
        """A call that came in, was answered and acknowledged; gives its key and our 200."""
        key, _ = self.offered(**changes)
        self.agent.answer(key, ANSWER, self.now)
        ok = self.response(200)
        self.receive(inside("ACK", 1, ok))
        self.events()
        return key, ok

    def is_empty(self) -> bool:
        """Whether nothing is held any more."""
        return not any(self.agent.held().values())


CONTACT = "Contact: <sip:callee@10.0.0.2:5060>\r\n"


def kind_line(extra: str, body: str | bytes) -> str:
    """The Content-Type of a session description, unless `extra` has one, perhaps in its compact form."""
    lines = [line.partition(":")[0].strip().lower() for line in extra.split("\r\n")]
    return "" if not body or "content-type" in lines or "c" in lines else "Content-Type: application/sdp\r\n"


def reply_bytes(request: Request, status: int, tag: str = "far", extra: str = "", body: bytes = b"") -> bytes:
    """A response such as a plain far end makes."""
    to = request.first("to")
    if tag and "tag=" not in to:
        to += f";tag={tag}"
    vias = "".join(f"Via: {via}\r\n" for via in request.every("via"))
    kind = kind_line(extra, body)
    return (
        f"SIP/2.0 {status} Whatever\r\n{vias}From: {request.first('from')}\r\nTo: {to}\r\n"
        f"Call-ID: {request.first('call-id')}\r\nCSeq: {request.first('cseq')}\r\n{extra}{kind}"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def invite_text(
    branch: str = "z9hG4bKone", extra: str = "", body: str = OFFER.decode(), call_id: str = "in@far",
    tag: str = "fartag", cseq: str = "1 INVITE", uri: str = "sip:me@10.0.0.1", via: str = "10.0.0.2:5060;rport",
) -> str:  # fmt: skip
    """An INVITE from the far end."""
    kind = kind_line(extra, body)
    return (
        f"INVITE {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {via};branch={branch}\r\nMax-Forwards: 70\r\n"
        f'From: "Far" <sip:far@10.0.0.2>;tag={tag}\r\nTo: <sip:me@10.0.0.1>\r\nCall-ID: {call_id}\r\nCSeq: {cseq}\r\n'
        f"Contact: <sip:far@10.0.0.2:5060>\r\n{extra}{kind}Content-Length: {len(body)}\r\n\r\n{body}"
    )


def inside(method: str, cseq: int, ok: Response, branch: str = "", extra: str = "", body: bytes = b"") -> str:
    """A request of the far end within the dialog that our response `ok` to its INVITE made."""
    kind = kind_line(extra, body)
    return (
        f"{method} sip:baitie@10.0.0.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2:5060;branch="
        f"{branch or f'z9hG4bK{method}{cseq}'}\r\nMax-Forwards: 70\r\n"
        f"From: {ok.first('from')}\r\nTo: {ok.first('to')}\r\nCall-ID: {ok.first('call-id')}\r\n"
        f"CSeq: {cseq} {method}\r\n{extra}{kind}Content-Length: {len(body)}\r\n\r\n"
        f"{body.decode()}"
    )


def from_callee(method: str, cseq: int, invite: Request, tag: str = "far", extra: str = "", body: bytes = b"") -> str:
    """A request of the callee within the dialog of a call that we placed."""
    kind = kind_line(extra, body)
    return (
        f"{method} sip:baitie@10.0.0.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bKc{method}{cseq}\r\n"
        f"Max-Forwards: 70\r\nFrom: {invite.first('to')};tag={tag}\r\nTo: {invite.first('from')}\r\n"
        f"Call-ID: {invite.first('call-id')}\r\nCSeq: {cseq} {method}\r\n"
        f"Contact: <sip:callee@10.0.0.2:5060>\r\n{extra}{kind}Content-Length: {len(body)}\r\n\r\n{body.decode()}"
    )
