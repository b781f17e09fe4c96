"""Fetches a registry of refused calls over https, piece by piece; nothing but https, and no more than a bound."""

import http.client
import ipaddress
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Generator
from typing import IO, Any
from urllib.parse import urlsplit

from baitie.kernel.errors import InputError

FEED_BYTES_MAX = 2 * 1024**3
"""Ten million numbers of some twenty octets are a tenth of this."""

PIECE_BYTES = 1 << 20
ANSWER_WAIT_S = 60.0
REDIRECTS_MAX = 3


class RegistryFeedError(InputError):
    """The registry could not be fetched. Look at the address; only https is used, and 2 GiB at most are read."""

    code = "registry-feed"
    retryable = True


class RegistryAddressError(InputError):
    """The registry's address, or where it leads to, is in a private network or not https: nothing was fetched. Name
    the public address; for a server in one's own network set registries.allows_private_addresses."""

    code = "registry-address"


def https_pieces(
    address: str,
    *,
    proxy: str | None = None,
    allows_private_addresses: bool = False,
    context: ssl.SSLContext | None = None,
) -> Generator[bytes, None, None]:
    """The body of the answer. Raises `RegistryFeedError`, `RegistryAddressError`.

    The environment's proxies are not used: who sets them could empty a list of refusals. Without `proxy` the server's
    address must be public unless `allows_private_addresses`; with it the proxy knows the address and nobody checks.
    """
    if urlsplit(address).scheme != "https":
        raise RegistryFeedError(address=address)
    checks_address = proxy is None and not allows_private_addresses
    handlers: list[urllib.request.BaseHandler] = [
        urllib.request.ProxyHandler({} if proxy is None else {"https": proxy}),
        _StaysOnHttps(),
        _CheckedHandler(context or ssl.create_default_context(), checks_address),
    ]
    opener = urllib.request.OpenerDirector()
    for handler in (*handlers, urllib.request.HTTPDefaultErrorHandler(), urllib.request.HTTPErrorProcessor()):
        opener.add_handler(handler)
    request = urllib.request.Request(address, headers={"Accept": "text/plain, text/csv"})
    octets = 0
    try:
        with opener.open(request, timeout=ANSWER_WAIT_S) as answer:
            while piece := answer.read(PIECE_BYTES):
                octets += len(piece)
                if octets > FEED_BYTES_MAX:
                    raise RegistryFeedError(address=address, octets_max=FEED_BYTES_MAX)
                yield piece
    except urllib.error.URLError as error:
        if isinstance(error.reason, _PrivateAddress):
            raise RegistryAddressError(address=address, found=str(error.reason)) from error
        raise RegistryFeedError(address=address, cause=error) from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise RegistryFeedError(address=address, cause=error) from error


class _PrivateAddress(OSError):
    """The server is not in the public network."""


class _StaysOnHttps(urllib.request.HTTPRedirectHandler):
    """Follows a few redirects, never away from https."""

    max_redirections = REDIRECTS_MAX

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if urlsplit(newurl).scheme != "https":
            raise RegistryAddressError(address=req.full_url, found=newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _CheckedHandler(urllib.request.HTTPSHandler):
    """Opens https over connections that look at where they lead before they say a word."""

    def __init__(self, context: ssl.SSLContext, checks_address: bool) -> None:
        super().__init__(context=context)
        self._tls, self._checks = context, checks_address

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        def connection(host: str, **settings: Any) -> "_CheckedConnection":
            return _CheckedConnection(host, context=self._tls, checks_address=self._checks, **settings)

        do_open: Callable[..., http.client.HTTPResponse] = self.do_open
        return do_open(connection, req)


class _CheckedConnection(http.client.HTTPSConnection):
    def __init__(self, host: str, *, context: ssl.SSLContext, checks_address: bool, **settings: Any) -> None:
        super().__init__(host, context=context, **settings)
        self._tls, self._checks = context, checks_address

    def connect(self) -> None:
        """To the first address of the host that answers; each is looked at, not only the name."""
        if not self._checks:
            super().connect()
            return
        plain = _public_socket(self.host, self.port, ANSWER_WAIT_S)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)


def _public_socket(host: str, port: int, wait_s: float) -> socket.socket:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    private = [where[0] for *_, where in found if not ipaddress.ip_address(str(where[0]).partition("%")[0]).is_global]
    if private:
        raise _PrivateAddress(str(private[0]))
    last: OSError | None = None
    for *_, where in found:
        try:
            return socket.create_connection((str(where[0]), port), timeout=wait_s)
        except OSError as error:
            last = error
    raise last or OSError("no address")
