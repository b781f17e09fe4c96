"""Dialogs: the peer-to-peer relation that requests inside a call travel in (RFC 3261 §12)."""

from typing import Final

from baitie.wire.sip.core import Core, RequestHead
from baitie.wire.sip.effects import Flow
from baitie.wire.sip.errors import SipParseError
from baitie.wire.sip.exchange import Exchange
from baitie.wire.sip.headers import Address, parse_address_untrusted, split_list, tag_of
from baitie.wire.sip.message import Message, Request, Response
from baitie.wire.sip.uri import parse_uri_untrusted

MAX_ACKS: Final = 4
"""ACKs kept for 2xx that may come again: a 2xx is repeated for half a minute, and few re-INVITEs fit into that."""
MAX_ROUTES: Final = 20
"""Record-Route entries that a dialog follows; no real path is longer."""


class Dialog:
    """Dialog (会话) of one call with one far end. `local` and `remote` are From and To values with their tags.

    `acks` are the ACKs of the last 2xx by the number of their INVITE, to be repeated with them; `flow` is where
    requests go; `exchange` is what both sides have said of their media.
    """

    __slots__ = ("_first_flow", "acks", "call_id", "exchange", "flow", "last_rseq", "local", "local_cseq", "remote",
                 "remote_cseq", "remote_tag", "request_uri", "routes", "target", "to_source")  # fmt: skip

    def __init__(
        self, call_id: str, local: str, remote: str, remote_tag: str, local_cseq: int, flow: Flow, to_source: bool
    ) -> None:
        self.call_id = call_id
        self.local = local
        self.remote = remote
        self.remote_tag = remote_tag
        self.local_cseq = local_cseq
        self.remote_cseq = -1
        self.flow = flow
        self._first_flow = flow
        self.to_source = to_source
        self.target = ""
        self.request_uri = ""
        self.routes = ""
        self.exchange = Exchange()
        self.acks: dict[int, bytes] = {}
        self.last_rseq = 0

    def keep_ack(self, cseq: int, ack: bytes) -> None:
        """Keeps the ACK of a 2xx to the INVITE of this number."""
        while len(self.acks) >= MAX_ACKS:
            del self.acks[next(iter(self.acks))]
        self.acks[cseq] = ack

    def next_head(self, core: Core) -> RequestHead:
        """The head of the next request, with a sequence number and a branch of its own."""
        self.local_cseq += 1
        return self.head(core, self.local_cseq)

    def head(self, core: Core, cseq: int) -> RequestHead:
        """A head with a given sequence number, as an ACK needs it."""
        via = core.via(self.flow.transport)
        return RequestHead(self.request_uri, via, self.routes, self.local, self.remote, self.call_id, cseq)

    def set_route(self, record_routes: list[str]) -> None:
        """Takes the route set, the nearest hop first, and the target; see `set_target`."""
        routes = record_routes[:MAX_ROUTES]
        if not routes:
            self.request_uri = self.target
            self._point_at(self.target)
            return
        nearest = parse_address_untrusted(routes[0])
        if "lr" in _uri_params(nearest):
            self.request_uri = self.target
        else:
            self.request_uri = nearest.uri
            routes = [*routes[1:], f"<{self.target}>"]
        self.routes = "".join(f"Route: {route}\r\n" for route in routes)
        self._point_at(nearest.uri)

    def set_target(self, message: Message) -> None:
        """Takes the far end's Contact as the target, if there is a usable one (RFC 3261 §12.2)."""
        contact = contact_uri(message)
        if not contact or contact == self.target:
            return
        if not self.routes:
            self._point_at(contact)
            self.request_uri = contact
        elif self.request_uri == self.target:
            self.request_uri = contact
        self.target = contact

    def _point_at(self, uri: str) -> None:
        """Requests go where the next hop's URI says; over TCP and TLS they keep the connection of the first request."""
        if self.to_source or self._first_flow.reliable:
            return
        try:
            hop = parse_uri_untrusted(uri)
        except SipParseError:
            return
        flow = Flow(hop.transport, hop.host.strip("[]"), hop.effective_port)
        self.flow = self._first_flow if flow == self._first_flow else flow


def contact_uri(message: Message) -> str:
    """The URI of the first Contact, or the empty text if it is missing, unreadable or not for a request line."""
    values = message.headers.get("contact")
    if not values:
        return ""
    value = values[0]
    if '"' not in value and "," not in value:
        uri = value[value.find("<") + 1 : value.rfind(">")] if "<" in value else value.partition(";")[0]
    else:
        try:
            uri = parse_address_untrusted(split_list(value)[0]).uri
        except (SipParseError, IndexError):
            return ""
    return "" if not uri or " " in uri or "\t" in uri or "<" in uri or ">" in uri else uri


def dialog_from_response(response: Response, head: RequestHead, flow: Flow, to_source: bool) -> Dialog:
    """The dialog that an answer above 100 to our INVITE makes. Raises `SipParseError`."""
    remote = response.first("to")
    dialog = Dialog(head.call_id, head.from_, remote, tag_of(remote), head.cseq, flow, to_source)
    dialog.target = contact_uri(response) or head.uri
    routes = record_routes(response)
    if routes or contact_uri(response):
        dialog.set_route(routes[::-1])
    else:
        dialog.request_uri = dialog.target
        dialog.routes = head.routes
    return dialog


def dialog_to_leave(response: Response, head: RequestHead, flow: Flow) -> Dialog:
    """As much of a dialog as ACK and BYE need, for an answer of which `dialog_from_response` can make none. Raises
    nothing. They go where the INVITE went."""
    remote = response.first("to")
    dialog = Dialog(head.call_id, head.from_, remote, remote, head.cseq, flow, to_source=True)
    dialog.target = dialog.request_uri = contact_uri(response) or head.uri
    dialog.routes = head.routes
    return dialog


def dialog_from_request(request: Request, local_tag: str, cseq: int, source: Flow, to_source: bool) -> Dialog:
    """The dialog that an INVITE from outside makes once we answer it. Raises `SipParseError`."""
    remote = request.first("from")
    local = f"{request.first('to')};tag={local_tag}"
    dialog = Dialog(request.first("call-id"), local, remote, tag_of(remote), 0, source, to_source)
    dialog.remote_cseq = cseq
    dialog.target = contact_uri(request) or parse_address_untrusted(remote).uri
    dialog.set_route(record_routes(request))
    return dialog


def record_routes(message: Message) -> list[str]:
    """The Record-Route elements in the order written."""
    return [route for line in message.every("record-route") for route in split_list(line) if route.strip()]


def _uri_params(address: Address) -> dict[str, str]:
    try:
        return parse_uri_untrusted(address.uri).params
    except SipParseError:
        return {}
