"""Who has come in by TCP or TLS: how many from where, so that strangers take no room of the trunk's."""

from collections import Counter
from ipaddress import ip_address

from baitie.adapters.sip.settings import EndpointSettings


class Guests:
    """Accepted connections by source address. Those of the trunk's addresses have room of their own."""

    def __init__(self, settings: EndpointSettings) -> None:
        self._settings = settings
        self._known = 0
        self._strangers = 0
        self._by_host: Counter[str] = Counter()

    def is_known(self, host: str) -> bool:
        """Whether the address is the trunk's; where none are named, everybody is."""
        known = self._settings.known_hosts
        return known is None or host.removeprefix("::ffff:") in known

    def may_be_called(self, host: str) -> bool:
        """Whether a connection may be opened to it: not to a stranger who has hung up."""
        try:
            ip_address(host)
        except ValueError:
            return True
        return self.is_known(host)

    def enter(self, host: str) -> bool:
        """Whether there is room for one more from this address; then it counts until `leave`."""
        settings = self._settings
        if self.is_known(host):
            if self._known >= settings.max_connections:
                return False
            self._known += 1
            return True
        is_full = self._strangers >= settings.max_stranger_connections
        if is_full or self._by_host[host] >= settings.max_connections_per_stranger:
            return False
        self._strangers += 1
        self._by_host[host] += 1
        return True

    def leave(self, host: str) -> None:
        """One of its connections is gone."""
        if self.is_known(host):
            self._known -= 1
            return
        self._strangers -= 1
        self._by_host[host] -= 1
        if not self._by_host[host]:
            del self._by_host[host]
