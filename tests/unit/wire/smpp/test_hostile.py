"""Neither machine ever raises or grows without bound, whatever bytes come."""

import random
from collections.abc import Callable

from tests.fuzzing import fuzz
from tests.unit.wire.smpp.samples import PDUS
from tests.unit.wire.smpp.simulation import ACCOUNT, PASSWORD, civil_at

from baitie.kernel.time import Instant
from baitie.wire.smpp.centre import CentreSettings, MessageCentre
from baitie.wire.smpp.client import SmppClient
from baitie.wire.smpp.codec import encode_pdu
from baitie.wire.smpp.constants import Command
from baitie.wire.smpp.events import MessageArrived, SubmitAccepted, SubmitFateUnknown, SubmitRefused
from baitie.wire.smpp.pdu import Bind, BindResp
from baitie.wire.smpp.rulings import accept_all
from baitie.wire.smpp.settings import ClientSettings

SEEDS = [encode_pdu(pdu) for pdu in PDUS]
PIECES = 3


class NoError(Exception):
    """Nothing may be raised."""


def in_pieces(data: bytes, take: Callable[[bytes], object]) -> None:
    rng = random.Random(len(data))
    for _ in range(PIECES - 1):
        cut = rng.randint(0, len(data))
        take(data[:cut])
        data = data[cut:]
    take(data)


def test_a_hostile_centre_breaks_no_client_and_every_submit_still_ends_once() -> None:
    def attack(data: bytes) -> None:
        client = SmppClient(ClientSettings(ACCOUNT, PASSWORD, window_max=2))
        ends: dict[str, int] = {}

        def follow(effects: list[object]) -> None:
            for effect in effects:
                if isinstance(effect, SubmitAccepted | SubmitRefused | SubmitFateUnknown):
                    ends[effect.key] = ends.get(effect.key, 0) + 1
                if isinstance(effect, MessageArrived):
                    follow(list(client.acknowledge(effect.ticket, is_kept=True)))

        def take(piece: bytes) -> None:
            follow(list(client.receive_untrusted(piece, Instant(1.0))))

        follow(list(client.start(Instant(0.0))))
        follow(list(client.connected(Instant(0.0))))
        take(encode_pdu(BindResp(Command.BIND_TRANSCEIVER_RESP, 1, 0, "centre")))
        for key in "abcd":
            follow(list(client.submit(key, "10690001", "+8613812345678", "Hi", True, 9.0, Instant(0.0))))
        in_pieces(data, take)
        follow(list(client.tick(Instant(5.0))))
        follow(list(client.disconnected("connection-lost", Instant(6.0))))
        follow(list(client.tick(Instant(20.0))))
        assert ends == dict.fromkeys("abcd", 1), ends

    fuzz(attack, NoError, SEEDS)


def test_a_hostile_client_breaks_no_centre() -> None:
    bind = encode_pdu(Bind(Command.BIND_TRANSCEIVER, 1, ACCOUNT, PASSWORD))

    def attack(data: bytes) -> None:
        centre = MessageCentre(CentreSettings({ACCOUNT: PASSWORD}), accept_all, civil_at)
        centre.connected(1, Instant(0.0))
        centre.receive_untrusted(1, bind, Instant(0.0))
        in_pieces(data, lambda piece: centre.receive_untrusted(1, piece, Instant(1.0)))
        for at in (1.0, 2.0, 1e6):
            centre.tick(Instant(at))
        centre.disconnected(1)

    fuzz(attack, NoError, SEEDS)
