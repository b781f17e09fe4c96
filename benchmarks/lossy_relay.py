"""A UDP relay in a process of its own that loses a share of the packets each way, from a seed."""

import multiprocessing
import random
import selectors
import socket
from multiprocessing.connection import Connection

MAX_DATAGRAM_BYTES = 65_535


def free_udp_port() -> int:
    """A port of 127.0.0.1 that was free a moment ago, for programs that cannot choose one themselves."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class LossyRelay:
    """Relays between one caller and the callee at `callee_port`. The caller sends to `port`.

    The callee's Contact names its own port, so its far end is told by rewriting: the relay puts its own port in the
    place of the callee's in what the callee sends, as an address-translating gateway would.
    """

    def __init__(self, callee_port: int, loss_share: float, seed: int) -> None:
        ours, theirs = multiprocessing.Pipe()
        self._stop: Connection = ours
        self._process = multiprocessing.get_context("spawn").Process(
            target=_relay, args=(theirs, callee_port, loss_share, seed), daemon=True
        )
        self._process.start()
        if not ours.poll(20):
            raise RuntimeError("the relay did not start")
        self.port: int = ours.recv()

    def close(self) -> dict[str, int]:
        """Ends it; gives how many packets passed and how many were lost."""
        self._stop.send(None)
        counts: dict[str, int] = self._stop.recv() if self._stop.poll(5) else {}
        self._process.join(5)
        return counts


def _relay(control: Connection, callee_port: int, loss_share: float, seed: int) -> None:
    rng = random.Random(seed)
    callee = ("127.0.0.1", callee_port)
    near, far = _socket(), _socket()
    port = near.getsockname()[1]
    caller: tuple[str, int] | None = None
    old, shown = f":{callee_port}".encode(), f":{port}".encode()
    passed = lost = 0
    control.send(port)
    with selectors.DefaultSelector() as selector:
        for readable in (near, far, control):
            selector.register(readable, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is control:
                    control.send({"passed": passed, "lost": lost})
                    return
                while True:
                    source = key.fileobj
                    try:
                        data, address = source.recvfrom(MAX_DATAGRAM_BYTES)  # type: ignore[union-attr]
                    except BlockingIOError:
                        break
                    if source is near:
                        caller = address
                    if rng.random() < loss_share:
                        lost += 1
                        continue
                    passed += 1
                    if source is near:
                        far.sendto(data, callee)
                    elif caller is not None:
                        near.sendto(data.replace(old, shown), caller)


def _socket() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
    made.bind(("127.0.0.1", 0))
    made.setblocking(False)
    return made
