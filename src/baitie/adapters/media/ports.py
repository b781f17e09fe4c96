"""UDP port pairs: RTP on an even port, RTCP on the next one (RFC 3550 §11)."""

from baitie.adapters.datagrams import SYSTEM_DATAGRAMS, Datagrams, DatagramSocket
from baitie.adapters.media.errors import MediaError

TRIES_MAX = 64
_EXPEDITED = 0xB8  # DSCP EF, as voice is marked (RFC 4594)


class PortPairs:
    """Takes pairs of sockets on one address: from `ports`, or anywhere where that is None.

    A range is gone through in a circle, so that a port rests before it serves another call.
    """

    def __init__(self, address: str, ports: range | None = None, datagrams: Datagrams = SYSTEM_DATAGRAMS) -> None:
        self._address = address
        self._datagrams = datagrams
        self._ports = None if ports is None else range(ports.start + ports.start % 2, ports.stop - 1, 2)
        self._cursor = 0

    def take(self) -> tuple[DatagramSocket, DatagramSocket]:
        """The RTP and the RTCP socket, bound and non-blocking. Raises MediaError."""
        error: OSError | None = None
        tries = TRIES_MAX if self._ports is None else len(self._ports)
        for _ in range(tries):
            try:
                pair = self._try(self._next_port())
            except OSError as problem:
                error = problem
                continue
            if pair is not None:
                return pair
        raise MediaError("No pair of UDP ports is free.", address=self._address, cause=error and error.strerror)

    def _next_port(self) -> int:
        if self._ports is None:
            return 0
        port = self._ports[self._cursor % len(self._ports)]
        self._cursor += 1
        return port

    def _try(self, port: int) -> tuple[DatagramSocket, DatagramSocket] | None:
        rtp = self._bound(port)
        number: int = rtp.getsockname()[1]
        try:
            if number % 2 == 0:
                return rtp, self._bound(number + 1)
            rtcp, rtp = rtp, self._bound(number - 1)  # the system gave an odd one: take the even one before it
            return rtp, rtcp
        except OSError:
            rtp.close()
            if port:
                raise
            return None

    def _bound(self, port: int) -> DatagramSocket:
        return self._datagrams.bind(self._address, port, type_of_service=_EXPEDITED)
