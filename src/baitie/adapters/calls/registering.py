"""Registration of trunks when the gateway starts: what the carrier says of it is said at once."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from baitie.adapters.calls.trunk import RegistrationRefusedError, RegistrationUnansweredError, TrunkError, TrunkRoute
from baitie.adapters.sip.endpoint import SipEndpoint
from baitie.app.ports.calls import TrunkEvent, TrunkRegistered, TrunkUnregistered
from baitie.kernel.outcome import CallFailure
from baitie.wire.sip import effects as sip
from baitie.wire.sip.failures import Local, from_local
from baitie.wire.sip.settings import RegisterRequest

REGISTER_WAIT_S: Final = 15.0
SILENT: Final = from_local(Local.NO_RESPONSE)

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Held:
    route: TrunkRoute
    answered: asyncio.Future[CallFailure | None]
    stands_until: float = 0.0  # on the loop's clock
    lost_for: CallFailure | None = None


@dataclass(slots=True)
class TrunkRegistrations:
    """Registrations (注册) of the trunks that want one. `tell` hears of those that are lost later, and come back."""

    endpoint: SipEndpoint
    tell: Callable[[TrunkEvent], None]
    _held: dict[sip.TrunkKey, _Held] = field(default_factory=dict)

    async def join(self, route: TrunkRoute) -> None:
        """Make a trunk ready: registered, or its way kept open. Raises TrunkError and its kinds."""
        if not route.registers:
            if route.keep_alive_s:
                self.endpoint.keep_alive(route.flow, route.keep_alive_s)
            return
        if route.credentials is None:
            raise TrunkError("A trunk that registers needs a user name and a password.", trunk=route.name)
        key = self.endpoint.register(
            RegisterRequest(
                registrar_uri=f"sip:{route.domain}",
                address_of_record=f"sip:{route.credentials.username}@{route.domain}",
                flow=route.flow,
                credentials=route.credentials,
            )
        )
        held = self._held[key] = _Held(route, asyncio.get_running_loop().create_future())
        try:
            failure = await asyncio.wait_for(held.answered, REGISTER_WAIT_S)
        except TimeoutError:
            failure = SILENT
        if failure is not None:
            raise _registration_error(route, failure)

    def leave(self) -> None:
        """Take every registration back."""
        for key in list(self._held):
            self.endpoint.unregister(key)

    def on_event(self, event: sip.Registered | sip.RegistrationFailed) -> None:
        """What became of a registration: at the start whoever joins hears of it, later whoever listens."""
        held = self._held.get(event.trunk)
        if held is None:
            return
        failure = None if isinstance(event, sip.Registered) else event.failure
        if isinstance(event, sip.Registered):
            held.stands_until = asyncio.get_running_loop().time() + event.expires_s
        if not held.answered.done():
            held.answered.set_result(failure)
        elif failure is not None:
            self._on_lost(held, failure)
        elif held.lost_for is not None:
            held.lost_for = None
            _log.warning("trunk %s: registered again", held.route.name)
            self.tell(TrunkRegistered(held.route.name))

    def tell_lost(self) -> None:
        """Tell of those that are lost in this instant, for a listener who comes later."""
        for held in self._held.values():
            if held.lost_for is not None:
                self._tell_lost(held, held.lost_for)

    def _on_lost(self, held: _Held, failure: CallFailure) -> None:
        name, status = held.route.name, failure.sip_status
        _log.warning("trunk %s: registration not renewed: %s, SIP status %s", name, failure.cause, status)
        held.lost_for = failure
        self._tell_lost(held, failure)

    def _tell_lost(self, held: _Held, failure: CallFailure) -> None:
        is_refused = failure.sip_status is not None and not failure.may_redial
        stands_s = 0.0 if is_refused else max(0.0, held.stands_until - asyncio.get_running_loop().time())
        self.tell(TrunkUnregistered(held.route.name, failure.cause, failure.sip_status, stands_s))


def _registration_error(route: TrunkRoute, failure: CallFailure) -> TrunkError:
    """What the operator is told: where we asked, and what was said, or that nothing was."""
    where = f"{route.flow.transport.lower()} {route.flow.host}:{route.flow.port}"
    if failure.sip_status is None:
        waited = {"waited_s": REGISTER_WAIT_S} if failure is SILENT else {"cause": failure.cause}
        return RegistrationUnansweredError(trunk=route.name, address=where, **waited)
    said = f"{failure.sip_status} {failure.details.get('phrase', '')}".strip()
    details = {"trunk": route.name, "address": where, "answer": said, "cause": failure.cause}
    if failure.reason_header:
        details["reason"] = failure.reason_header
    return RegistrationRefusedError(**details)
