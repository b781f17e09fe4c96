"""Settings of a user agent: its addresses, its timers, its bounds."""

from dataclasses import dataclass, field

from baitie.wire.sip.auth import Credentials
from baitie.wire.sip.challenger import DigestServer
from baitie.wire.sip.effects import Flow


@dataclass(frozen=True, slots=True)
class UserAgentSettings:
    """How one user agent presents and bounds itself. Lengths of time in seconds, as RFC 3261 §17 names them.

    `addresses` holds, by transport, the host and port that stand in Via and Contact.
    """

    addresses: dict[str, tuple[str, int]]
    contact_user: str = "baitie"
    product: str = "Baitie"
    t1_s: float = 0.5
    t2_s: float = 4.0
    t4_s: float = 5.0
    ringing_notice_s: float = 0.2
    """After this long without any answer of ours to an INVITE, 100 leaves."""
    min_session_expires_s: int = 90
    reliable_provisionals: bool = True
    answer_to_source: bool = False
    """Send requests within a call to where its messages come from, not to the Contact (far end behind NAT)."""
    extra_methods: frozenset[str] = frozenset()
    """Methods outside calls that the owner answers itself, such as REGISTER."""
    challenger: DigestServer | None = None
    """When set, INVITE and the extra methods from outside must be authenticated."""
    known_hosts: frozenset[str] | None = None
    """IP addresses that may ask something outside a call; `None`: everybody may. Others get one answer, no state."""
    stranger_answers_per_s: float = 20.0
    """Answers to all who are not known together; what is beyond is dropped."""
    max_offer_s: float = 300.0
    """An INVITE that was neither answered nor rejected for so long is refused with 480."""
    max_calls: int = 20_000
    max_transactions: int = 200_000
    max_forks: int = 8
    max_redirects_shown: int = 8


@dataclass(frozen=True, slots=True)
class InviteRequest:
    """One call to place. `to_uri` and `from_uri` are URI texts; `flow` says where the INVITE goes: the trunk.

    `ring_timeout_s` counts from the INVITE; then the call is cancelled. `session_expires_s` of 0: no session timer.
    """

    to_uri: str
    from_uri: str
    flow: Flow
    sdp: bytes
    from_display: str = ""
    credentials: Credentials | None = None
    ring_timeout_s: float = 60.0
    session_expires_s: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    routes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class RegisterRequest:
    """One trunk to register: `registrar_uri` (`sip:example.net`), the address of record, and where REGISTER goes.

    `keep_alive_s` of 0 means none.
    """

    registrar_uri: str
    address_of_record: str
    flow: Flow
    credentials: Credentials | None = None
    expires_s: int = 3600
    keep_alive_s: float = 25.0
    contact_user: str = ""
    learn_public_address: bool = False
    """Behind NAT: show the address that the registrar saw us at (received, rport) in Contact, and register again."""
