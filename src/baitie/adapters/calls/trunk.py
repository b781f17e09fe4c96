"""One trunk as the embedded gateway dials it: where INVITEs go, under which name, with which audio."""

from dataclasses import dataclass

from baitie.kernel.errors import BaitieError, Party
from baitie.kernel.phone import PhoneNumber
from baitie.wire.g711 import Codec
from baitie.wire.sip.auth import Credentials
from baitie.wire.sip.effects import Flow

ATTEMPT_HEADER = "X-Baitie-Attempt"
"""Carries the attempt's random id, so that a carrier's log and our journal can be laid side by side."""


class TrunkError(BaitieError):
    """The trunk cannot be used. Check host, port, user name and password with the carrier; the cause is shown."""

    code = "trunk-unusable"
    party = Party.CARRIER
    retryable = True


class RegistrationRefusedError(TrunkError):
    """The carrier answered and refused our registration. With 401, 403, 404 or 407 check user name and password;
    with another status ask the carrier: its answer is shown."""

    code = "registration-refused"


class RegistrationUnansweredError(TrunkError):
    """Nobody answered our registration. Check host, port and transport of the trunk, and what stands between."""

    code = "registration-unanswered"


@dataclass(frozen=True, slots=True)
class TrunkRoute:
    """Trunk (中继): the way to a carrier. `session_expires_s` of 0 asks for no session timer.

    Calls are taken from `inbound_hosts`, IP addresses; where there are none, from the host that INVITEs go to.
    """

    name: str
    flow: Flow
    domain: str
    credentials: Credentials | None = None
    registers: bool = False
    session_expires_s: int = 0
    codecs: tuple[Codec, ...] = (Codec.PCMA, Codec.PCMU)
    keep_alive_s: float = 0.0
    inbound_hosts: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    """The IP addresses of the host that INVITEs go to, where it is a name."""

    def uri_of(self, number: PhoneNumber) -> str:
        """The SIP URI of a number at this carrier."""
        port = f":{self.flow.port}" if self.domain == self.flow.host else ""
        return f"sip:{number.e164()}@{self.domain}{port}"

    def takes_from(self, host: str) -> bool:
        """Whether a call from this IP address may be the carrier's."""
        return host.removeprefix("::ffff:") in self.hosts

    @property
    def hosts(self) -> frozenset[str]:
        """The IP addresses that calls may come from."""
        return self.inbound_hosts or frozenset({self.flow.host})

    @property
    def known_hosts(self) -> frozenset[str]:
        """The IP addresses of the carrier: who speaks from elsewhere, other than within a call, is a stranger."""
        return self.hosts | self.addresses | {self.flow.host}
