"""Unit: which addresses count as the carrier's, for calls that come in and for everything else."""

from typing import Any

import pytest

from baitie.bootstrap.carriers import _trunk_carrier
from baitie.files.organisation_settings import MessageCentreSettings, TrunkSettings
from baitie.wire.sip.digest import DigestFloor


@pytest.mark.parametrize(
    ("trunk", "calls_from", "known"),
    [
        ({"host": "127.0.0.9"}, {"127.0.0.9"}, {"127.0.0.9"}),
        ({"host": "127.0.0.9", "answers_from": ["127.0.0.7"]}, {"127.0.0.7"}, {"127.0.0.7", "127.0.0.9"}),
        ({"host": "127.0.0.9", "answers_from": ["[2001:DB8:0::7]"]}, {"2001:db8::7"}, {"2001:db8::7", "127.0.0.9"}),
    ],
)
def test_the_carrier_is_known_by_what_it_calls_from_and_by_where_we_call(
    trunk: dict[str, Any], calls_from: set[str], known: set[str]
) -> None:
    settings = TrunkSettings(**trunk, local_host="127.0.0.1")
    route = _trunk_carrier("main", settings, MessageCentreSettings()).routes["main"]
    assert (route.hosts, route.known_hosts) == (calls_from, known)
    assert all(route.takes_from(host) for host in calls_from)
    assert not route.takes_from("203.0.113.1")


def test_a_host_by_name_is_known_by_its_addresses() -> None:
    settings = TrunkSettings(host="localhost", local_host="127.0.0.1")
    route = _trunk_carrier("main", settings, MessageCentreSettings()).routes["main"]
    assert "127.0.0.1" in route.known_hosts
    assert route.takes_from("::ffff:127.0.0.1")


def test_the_weakest_digest_of_a_trunk_goes_with_its_credentials() -> None:
    settings = TrunkSettings(host="127.0.0.9", local_host="127.0.0.1", username="u", weakest_digest="sha-256")
    credentials = _trunk_carrier("main", settings, MessageCentreSettings()).routes["main"].credentials
    assert credentials is not None
    assert credentials.weakest is DigestFloor.SHA_256
