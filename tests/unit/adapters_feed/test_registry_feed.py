"""A registry behind an address: fetched over https only, from public addresses only, whatever a server answers."""

import http.server
import ssl
import threading
from collections.abc import Iterator

import pytest
from tests.peers.sip.conftest import Authority, make_authority

from baitie.adapters.registry_feed import RegistryAddressError, RegistryFeedError, https_pieces


class Answers(http.server.BaseHTTPRequestHandler):
    """`/list` is a list; `/to?ADDRESS` redirects there; `/loop` to itself."""

    def do_GET(self) -> None:
        if self.path == "/list":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"13800138000\n")
            return
        self.send_response(302)
        self.send_header("Location", "/loop" if self.path == "/loop" else self.path.partition("?")[2])
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"))


def serving(server: http.server.HTTPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def plain() -> Iterator[int]:
    yield from serving(http.server.HTTPServer(("127.0.0.1", 0), Answers))


@pytest.fixture
def secure(authority: Authority) -> Iterator[int]:
    server = http.server.HTTPServer(("127.0.0.1", 0), Answers)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.certificate_file, authority.key_file)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    yield from serving(server)


@pytest.fixture
def trusting(authority: Authority) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(authority.ca_file))


def fetched(address: str, context: ssl.SSLContext, **settings: bool) -> bytes:
    return b"".join(https_pieces(address, context=context, **settings))  # type: ignore[arg-type]


def test_a_private_address_is_refused_before_a_word_is_said(secure: int, trusting: ssl.SSLContext) -> None:
    for host in ("127.0.0.1", "localhost"):
        with pytest.raises(RegistryAddressError):
            fetched(f"https://{host}:{secure}/list", trusting)


@pytest.mark.parametrize(
    "address", ["https://169.254.169.254/", "https://10.0.0.1/", "https://[::1]/", "https://[fe80::1]/"]
)
def test_addresses_of_private_networks_are_refused(address: str, trusting: ssl.SSLContext) -> None:
    with pytest.raises((RegistryAddressError, RegistryFeedError)) as caught:
        fetched(address, trusting)
    assert isinstance(caught.value, RegistryAddressError)


def test_a_server_of_ones_own_network_may_be_allowed(secure: int, trusting: ssl.SSLContext) -> None:
    assert fetched(f"https://localhost:{secure}/list", trusting, allows_private_addresses=True) == b"13800138000\n"
    with pytest.raises(RegistryFeedError):
        fetched(f"https://localhost:{secure}/list", ssl.create_default_context(), allows_private_addresses=True)


def test_a_redirect_that_leaves_https_is_refused(secure: int, plain: int, trusting: ssl.SSLContext) -> None:
    for target in (f"http://127.0.0.1:{plain}/list", "file:///etc/passwd", "ftp://example.com/list"):
        with pytest.raises((RegistryAddressError, RegistryFeedError)):
            fetched(f"https://localhost:{secure}/to?{target}", trusting, allows_private_addresses=True)


def test_a_redirect_within_https_is_followed_and_a_circle_is_not(secure: int, trusting: ssl.SSLContext) -> None:
    there = f"https://localhost:{secure}/list"
    assert (
        fetched(f"https://localhost:{secure}/to?{there}", trusting, allows_private_addresses=True) == b"13800138000\n"
    )
    with pytest.raises(RegistryFeedError):
        fetched(f"https://localhost:{secure}/loop", trusting, allows_private_addresses=True)


def test_the_proxies_of_the_environment_are_not_asked(
    secure: int, plain: int, trusting: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{plain}")
    assert fetched(f"https://localhost:{secure}/list", trusting, allows_private_addresses=True) == b"13800138000\n"


@pytest.mark.parametrize(
    "address", ["http://example.com/", "file:///etc/passwd", "ftp://example.com/", "//example.com"]
)
def test_nothing_but_https_is_fetched(address: str, trusting: ssl.SSLContext) -> None:
    with pytest.raises(RegistryFeedError):
        fetched(address, trusting)
