"""Settings of a SIP endpoint: sockets, certificates, bounds; and what may go wrong with them."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path

from baitie.kernel.errors import BaitieError, InputError, Party
from baitie.wire.sip.challenger import DigestServer


class SipSocketError(BaitieError):
    """The address for SIP cannot be opened. Choose a free port, or stop the program that holds this one."""

    code = "sip-socket-unavailable"
    party = Party.PLATFORM


class TlsSettingsError(InputError):
    """The certificate, its key or the file of authorities cannot be used. Check the files that the details name."""

    code = "tls-settings-invalid"


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """Certificates for TLS. A server needs the first two; `ca_file` of `None` means the authorities of the system.

    `server_name` is what the far end's certificate must name; empty: the host connected to.
    """

    certificate_file: Path | None = None
    key_file: Path | None = None
    ca_file: Path | None = None
    verify: bool = True
    server_name: str = ""

    def client_context(self) -> ssl.SSLContext:
        """For connections that we open. Raises `TlsSettingsError`."""
        try:
            context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=self.ca_file)
            if self.certificate_file is not None:
                context.load_cert_chain(self.certificate_file, self.key_file)
        except OSError as error:
            raise TlsSettingsError(ca_file=self.ca_file, certificate_file=self.certificate_file) from error
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def server_context(self) -> ssl.SSLContext:
        """For connections that we take. Raises `TlsSettingsError`."""
        if self.certificate_file is None:
            raise TlsSettingsError(
                "To take TLS connections a certificate is needed. Set certificate_file and key_file."
            )
        try:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(self.certificate_file, self.key_file)
        except OSError as error:
            raise TlsSettingsError(certificate_file=self.certificate_file, key_file=self.key_file) from error
        return context


@dataclass(frozen=True, slots=True)
class EndpointSettings:
    """One SIP endpoint. A port of 0 takes any free one, `None` leaves that transport closed.

    `advertised_host` stands in Via and Contact; empty: the bound address. The other fields are those of
    `wire.sip.settings.UserAgentSettings` of the same name.
    """

    bind_host: str = "127.0.0.1"
    udp_port: int | None = 0
    tcp_port: int | None = None
    tls_port: int | None = None
    tls: TlsSettings = field(default_factory=TlsSettings)
    advertised_host: str = ""
    contact_user: str = "baitie"
    min_session_expires_s: int = 90
    reliable_provisionals: bool = True
    answer_to_source: bool = False
    extra_methods: frozenset[str] = frozenset()
    challenger: DigestServer | None = None
    known_hosts: frozenset[str] | None = None
    stranger_answers_per_s: float = 20.0
    max_calls: int = 20_000
    max_transactions: int = 200_000
    connect_timeout_s: float = 8.0
    idle_connection_s: float = 3600.0
    max_connections: int = 2_000
    """Connections that we open, and as many again that trunk addresses (`known_hosts`; else everybody) open to us."""
    max_stranger_connections: int = 64
    max_connections_per_stranger: int = 4
    """Connections of all other addresses together, and of one of them."""
    stranger_idle_s: float = 32.0
    message_within_s: float = 10.0
    """A message that has begun must be whole by then, and a TLS handshake be done; else the connection is closed."""
    max_queued_messages: int = 2_000
    """Messages that wait for one connection to open, or for one name to be resolved."""
    timer_slack_s: float = 0.01
    """Deadlines are served this much late at most, so that one wake-up serves many."""
