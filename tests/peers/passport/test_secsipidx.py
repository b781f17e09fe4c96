"""PASSporTs between us and Debian's `secsipidx`, which knows the kind `shaken`: each believes what the other signed."""

import json
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest
from tests.peers.peers import require

from baitie.adapters.signing.es256 import Es256Signer, open_signer, verify_es256
from baitie.wire.passport import (
    RCD,
    IdentityHeader,
    Passport,
    PassportFault,
    RichCallData,
    read_identity_untrusted,
    read_passport_untrusted,
    verify_call,
)

X5U = "https://cards.example/passport.pem"
CALLER, CALLEE = "861055550100", "8613800000001"
FRESH_S = "3600"
WITHIN_S = 20


class Secsipidx:
    """The program with our key, in files as it wants them."""

    def __init__(self, folder: Path) -> None:
        self.program = require("secsipidx")
        self.private = folder / "key.pem"
        self.signer: Es256Signer = open_signer(self.private)
        self.public = folder / "public.pem"
        self.public.write_text(self.signer.public_pem())

    def check(self, identity: str) -> int:
        """Its exit code: 0 where it believes the header."""
        command = [self.program, "-check", "-identity", identity, "-p", str(self.public), "-expire", FRESH_S]
        return subprocess.run(command, capture_output=True, timeout=WITHIN_S, check=False).returncode

    def sign(self, *arguments: str) -> str:
        """What it signs."""
        command = [self.program, *arguments, "-k", str(self.private)]
        return subprocess.run(command, capture_output=True, text=True, timeout=WITHIN_S, check=True).stdout.strip()


@pytest.fixture
def peer(tmp_path: Path) -> Secsipidx:
    return Secsipidx(tmp_path)


def shaken() -> Passport:
    """A SHAKEN token (RFC 8588) that carries rich call data, as RFC 9795 allows any kind to."""
    attested = {"attest": "A", "origid": "123e4567-e89b-12d3-a456-426655440000"}
    rcd = RichCallData("云杉优选")
    return Passport("shaken", X5U, CALLER, (CALLEE,), int(time.time()), rcd, crn="订单回访", others=attested)


def test_it_believes_our_identity_header_with_rich_call_data(peer: Secsipidx) -> None:
    identity = IdentityHeader(shaken().signed(peer.signer.sign), X5U, "shaken").to_text()
    assert peer.check(identity) == 0


def test_it_does_not_believe_a_header_whose_reason_was_changed(peer: Secsipidx) -> None:
    ours = shaken()
    token = ours.signed(peer.signer.sign)
    other = replace(ours, crn="中奖通知").signing_input().decode()
    forged = f"{other}.{token.rpartition('.')[2]}"
    assert peer.check(IdentityHeader(forged, X5U, "shaken").to_text()) != 0


def test_we_believe_the_identity_header_that_it_signs_and_none_that_was_changed(peer: Secsipidx) -> None:
    text = peer.sign("-sign-full", "-o", CALLER, "-d", CALLEE, "-a", "A", "-x5u", X5U)
    header = read_identity_untrusted(text.removeprefix("Identity:"))
    keys, now = [peer.signer.public_key], int(time.time())
    verdict = verify_call(header.token, keys, verify_es256, caller=CALLER, callee=CALLEE, unix_s=now)
    assert verdict.is_genuine
    assert verdict.passport is not None
    assert verdict.passport.others["attest"] == "A"
    stranger = verify_call(header.token, keys, verify_es256, caller="861055550199", callee=CALLEE, unix_s=now)
    assert stranger.faults == (PassportFault.ANOTHER_CALLER,)


def test_we_believe_the_rich_call_data_that_it_signs(peer: Secsipidx) -> None:
    now = int(time.time())
    head = {"alg": "ES256", "typ": "passport", "ppt": RCD, "x5u": X5U}
    claims = {
        "orig": {"tn": CALLER},
        "dest": {"tn": [CALLEE]},
        "iat": now,
        "rcd": {"nam": "Acme Insurance", "icn": "https://a.example/logo-256x256.png"},
        "crn": "Your motor claim",
    }
    token = peer.sign("-sign", "-header", json.dumps(head), "-payload", json.dumps(claims))
    found = read_passport_untrusted(token)
    assert found.passport.rcd == RichCallData("Acme Insurance", icn="https://a.example/logo-256x256.png")
    verdict = verify_call(token, [peer.signer.public_key], verify_es256, caller=CALLER, callee=CALLEE, unix_s=now)
    assert verdict.is_genuine
    assert [finding.pointer for finding in verdict.contents] == ["/icn"]
