"""SIP over UDP, TCP and TLS sockets of asyncio (or uvloop): carries what `wire.sip` wants to send and say."""

from baitie.adapters.sip.endpoint import SipEndpoint
from baitie.adapters.sip.settings import EndpointSettings, SipSocketError, TlsSettings

__all__ = ["EndpointSettings", "SipEndpoint", "SipSocketError", "TlsSettings"]
