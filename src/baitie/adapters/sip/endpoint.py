"""One SIP endpoint: a `UserAgent` with sockets, one timer and a listener for its events."""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import replace

from baitie.adapters.datagrams import SYSTEM_DATAGRAMS, Datagrams
from baitie.adapters.sip.settings import EndpointSettings
from baitie.adapters.sip.stream import CHECK_S, Streams
from baitie.adapters.sip.udp import UdpSocket
from baitie.kernel.time import Instant
from baitie.wire.sip.agent import UserAgent
from baitie.wire.sip.auth import Credentials, RandomBits
from baitie.wire.sip.core import Counts
from baitie.wire.sip.effects import CallKey, Event, Flow, SendBytes, TrunkKey
from baitie.wire.sip.settings import InviteRequest, RegisterRequest, UserAgentSettings


class SipEndpoint:
    """SIP endpoint (SIP 端点) on the running loop. `on_event` is called in order, never from within itself.

    `clock` gives monotonic seconds, as `loop.time` does. Every method that concerns a call may be called from
    `on_event`; what it causes follows after the events already under way.
    """

    def __init__(
        self,
        settings: EndpointSettings,
        rng: RandomBits,
        on_event: Callable[[Event], None],
        clock: Callable[[], float] | None = None,
        datagrams: Datagrams = SYSTEM_DATAGRAMS,
    ) -> None:
        self._settings = settings
        self._rng = rng
        self._on_event = on_event
        self._given_clock = clock
        self._datagrams = datagrams
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = float("inf")
        self._idle_timer: asyncio.TimerHandle | None = None
        self._flushing = False
        self._closed = False
        self._udp: UdpSocket | None = None
        self.addresses: dict[str, tuple[str, int]] = {}
        """Where each transport is bound, by name."""

    # Life

    def know(self, hosts: frozenset[str]) -> None:
        """Before `start`: who may ask something outside a call, where the settings do not say."""
        if self._settings.known_hosts is None:
            self._settings = replace(self._settings, known_hosts=hosts)

    async def start(self) -> None:
        """Opens the sockets. Raises `SipSocketError`, `TlsSettingsError`."""
        settings = self._settings
        self._loop = asyncio.get_running_loop()
        self._clock = self._given_clock or self._loop.time
        self._streams = Streams(self._loop, settings, self._receive, self._flush, self._failed, self._broken)
        host = settings.bind_host
        try:
            if settings.udp_port is not None:
                self._udp = UdpSocket(
                    self._loop, host, settings.udp_port, self._receive, self._flush, self._unreachable,
                    settings.max_queued_messages, self._datagrams,
                )  # fmt: skip
                self.addresses["UDP"] = (self._udp.host, self._udp.port)
            if settings.tcp_port is not None:
                self.addresses["TCP"] = await self._streams.listen("TCP", host, settings.tcp_port)
            if settings.tls_port is not None:
                self.addresses["TLS"] = await self._streams.listen("TLS", host, settings.tls_port)
        except BaseException:
            await self.close()
            raise
        self.agent = UserAgent(self._agent_settings(), self._rng)
        self._check_idle()

    def _agent_settings(self) -> UserAgentSettings:
        settings = self._settings
        shown = settings.advertised_host or _shown_host(settings.bind_host)
        addresses = {transport: (shown, port) for transport, (_, port) in self.addresses.items()}
        return UserAgentSettings(
            addresses=addresses or {"TCP": (shown, 5060)},
            contact_user=settings.contact_user,
            min_session_expires_s=settings.min_session_expires_s,
            reliable_provisionals=settings.reliable_provisionals,
            answer_to_source=settings.answer_to_source,
            extra_methods=settings.extra_methods,
            challenger=settings.challenger,
            known_hosts=settings.known_hosts,
            stranger_answers_per_s=settings.stranger_answers_per_s,
            max_calls=settings.max_calls,
            max_transactions=settings.max_transactions,
        )

    async def close(self) -> None:
        """Closes the sockets at once. Calls that are up are not ended: hang up first, and wait for `CallEnded`."""
        self._closed = True
        for timer in (self._timer, self._idle_timer):
            if timer is not None:
                timer.cancel()
        if self._udp is not None:
            self._udp.close()
            self._udp = None
        await self._streams.close()

    @property
    def counts(self) -> Counts:
        """What the user agent has seen."""
        return self.agent.counts

    @property
    def unsent(self) -> int:
        """Datagrams that the kernel did not take."""
        return 0 if self._udp is None else self._udp.unsent

    # Calls and trunks: see `UserAgent`, whose methods these are with the time filled in

    def invite(self, request: InviteRequest) -> CallKey:
        """Places a call."""
        key = self.agent.invite(request, self._now())
        self._flush()
        return key

    def ring(self, call: CallKey, status: int = 180, sdp: bytes = b"", reliable: bool = False) -> None:
        """A provisional answer to an offered call."""
        self.agent.ring(call, self._now(), status, sdp, reliable)
        self._flush()

    def answer(self, call: CallKey, sdp: bytes) -> None:
        """Takes an offered call."""
        self.agent.answer(call, sdp, self._now())
        self._flush()

    def reject(self, call: CallKey, status: int, reason: str = "", headers: tuple[tuple[str, str], ...] = ()) -> None:
        """Refuses an offered call."""
        self.agent.reject(call, status, self._now(), reason, headers)
        self._flush()

    def hang_up(self, call: CallKey) -> None:
        """Ends a call in whatever state."""
        self.agent.hang_up(call, self._now())
        self._flush()

    def reinvite(self, call: CallKey, sdp: bytes) -> None:
        """Offers another session description."""
        self.agent.reinvite(call, sdp, self._now())
        self._flush()

    def accept_media(self, call: CallKey, sdp: bytes) -> None:
        """Answers a `MediaOffered`."""
        self.agent.accept_media(call, sdp, self._now())
        self._flush()

    def refuse_media(self, call: CallKey, status: int = 488) -> None:
        """Refuses a `MediaOffered`."""
        self.agent.refuse_media(call, self._now(), status)
        self._flush()

    def register(self, request: RegisterRequest) -> TrunkKey:
        """Registers a trunk and keeps it registered."""
        key = self.agent.register(request, self._now())
        self._flush()
        return key

    def unregister(self, trunk: TrunkKey) -> None:
        """Takes a registration back."""
        self.agent.unregister(trunk, self._now())
        self._flush()

    def keep_alive(
        self, flow: Flow, every_s: float, options_uri: str = "", credentials: Credentials | None = None
    ) -> None:
        """Keeps the way to a trunk open."""
        self.agent.keep_alive(flow, every_s, self._now(), options_uri, credentials)
        self._flush()

    def respond(self, token: str, status: int, headers: tuple[tuple[str, str], ...] = (), body: bytes = b"") -> None:
        """Answers a `RequestReceived`."""
        self.agent.respond(token, status, self._now(), headers, body)
        self._flush()

    # Between agent and sockets

    def _now(self) -> Instant:
        return Instant(self._clock())

    def _receive(self, data: bytes, flow: Flow) -> None:
        self.agent.receive_untrusted(data, flow, Instant(self._clock()))

    def _broken(self, rest: bytes, flow: Flow) -> None:
        self.agent.refuse_untrusted(rest, flow, self._now())

    def _failed(self, flow: Flow, sent: bool) -> None:
        self.agent.on_transport_failed(flow, sent, self._now())
        self._flush()

    def _unreachable(self, flow: Flow) -> None:
        self._failed(flow, False)

    def _flush(self) -> None:
        """Carries out what the agent wants, until it wants nothing more; then sets the timer."""
        if self._flushing:
            return
        self._flushing = True
        try:
            agent = self.agent
            effects = agent.take_effects()
            while effects:
                for effect in effects:
                    if isinstance(effect, SendBytes):
                        self._send(effect.data, effect.flow)
                    else:
                        self._tell(effect)
                effects = agent.take_effects()
        finally:
            self._flushing = False
        self._set_timer()

    def _tell(self, event: Event) -> None:
        """Tells the owner. An owner that fails must not keep the messages that follow from leaving."""
        try:
            self._on_event(event)
        except Exception as error:
            self._loop.call_exception_handler({"message": "a listener of SIP events failed", "exception": error})

    def _send(self, data: bytes, flow: Flow) -> None:
        if flow.transport == "UDP":
            if self._udp is not None:
                self._udp.send(data, flow)
        else:
            self._streams.send(data, flow)

    def _set_timer(self) -> None:
        at = self.agent.next_deadline()
        if at is None or at >= self._timer_at or self._closed:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = at
        wait_s = max(at - self._clock(), 0.0) + self._settings.timer_slack_s
        self._timer = self._loop.call_later(wait_s, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        self._timer_at = float("inf")
        self.agent.on_deadline(self._now())
        self._flush()

    def _check_idle(self) -> None:
        self._streams.close_idle()
        self._idle_timer = self._loop.call_later(CHECK_S, self._check_idle)


def _shown_host(bind_host: str) -> str:
    """The bound address; for a wildcard, the one that packets to elsewhere would leave from (none is sent)."""
    if bind_host not in ("0.0.0.0", "::", ""):
        return bind_host
    family, elsewhere = (socket.AF_INET6, "2001:db8::1") if bind_host == "::" else (socket.AF_INET, "192.0.2.1")
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((elsewhere, 9))
        except OSError:
            return "::1" if bind_host == "::" else "127.0.0.1"
        return str(probe.getsockname()[0])
