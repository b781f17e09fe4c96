"""Registration of trunks when the gateway starts: what the carrier says of it is said at once."""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Final

from baitie.adapters.calls.trunk import RegistrationRefusedError, RegistrationUnansweredError, TrunkError, TrunkRoute
from baitie.adapters.sip.endpoint import SipEndpoint
from baitie.kernel.outcome import CallFailure
from baitie.wire.sip import effects as sip
from baitie.wire.sip.failures import Local, from_local
from baitie.wire.sip.settings import RegisterRequest

REGISTER_WAIT_S: Final = 15.0
SILENT: Final = from_local(Local.NO_RESPONSE)

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class TrunkRegistrations:
    """Registrations (注册) of the trunks that want one."""

    endpoint: SipEndpoint
    _held: dict[sip.TrunkKey, tuple[TrunkRoute, asyncio.Future[CallFailure | None]]] = field(default_factory=dict)

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
        answered = asyncio.get_running_loop().create_future()
        self._held[key] = route, answered
        try:
            failure = await asyncio.wait_for(answered, REGISTER_WAIT_S)
        except TimeoutError:
            failure = SILENT
        if failure is not None:
            raise _registration_error(route, failure)

    def leave(self) -> None:
        """Take every registration back."""
        for key in list(self._held):
            self.endpoint.unregister(key)

    def on_event(self, event: sip.Registered | sip.RegistrationFailed) -> None:
        """What became of a registration; that one which stood is lost while calls are placed stands in the log."""
        held = self._held.get(event.trunk)
        if held is None:
            return
        route, answered = held
        failure = None if isinstance(event, sip.Registered) else event.failure
        if not answered.done():
            answered.set_result(failure)
        elif failure is not None:
            _log.warning(
                "trunk %s: registration lost: %s, SIP status %s", route.name, failure.cause, failure.sip_status
            )


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
