"""PASSporTs between us and PyJWT, an independent reader of JSON Web Tokens."""

from dataclasses import replace

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from baitie.adapters.signing.es256 import signer_of, verify_es256
from baitie.wire.passport import MSG, RCD, Passport, RichCallData, message_digest, verify_call, verify_message

SCALAR = 0xBA17_1E
SIGNER = signer_of(SCALAR)
X5U = "https://cards.example/passport.pem"
CALLER, CALLEE, SENT_AT = "861055550100", "8613800000001", 1_772_500_000
TEXT = "【云杉优选】将就您的订单致电回访,约2分钟"

CALL = Passport(RCD, X5U, CALLER, (CALLEE,), SENT_AT, RichCallData("云杉优选"), {}, "订单回访")
MESSAGE = Passport(MSG, X5U, "10690000", (CALLEE,), SENT_AT, RichCallData("云杉优选"), msgi=message_digest(TEXT))


@pytest.mark.parametrize("passport", [CALL, MESSAGE], ids=["rcd", "msg"])
def test_it_verifies_our_tokens_and_reads_their_claims(passport: Passport) -> None:
    token = passport.signed(SIGNER.sign)
    claims = jwt.decode(token, SIGNER.public_pem(), algorithms=["ES256"], options={"verify_iat": False})
    assert claims["rcd"] == {"nam": "云杉优选"}
    assert claims["dest"] == {"tn": [CALLEE]}
    assert jwt.get_unverified_header(token) == {"alg": "ES256", "typ": "passport", "ppt": passport.ppt, "x5u": X5U}


def test_it_refuses_a_token_of_ours_that_was_changed() -> None:
    token = CALL.signed(SIGNER.sign)
    other = replace(CALL, crn="中奖通知").signing_input().decode()
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(f"{other}.{token.rpartition('.')[2]}", SIGNER.public_pem(), algorithms=["ES256"])


@pytest.mark.parametrize("kind", [RCD, MSG])
def test_we_verify_tokens_that_it_signed(kind: str) -> None:
    """It neither sorts keys nor leaves Chinese as it is: we verify the octets as they came."""
    claims = {"rcd": {"nam": "云杉优选"}, "orig": {"tn": CALLER}, "iat": SENT_AT, "dest": {"tn": [CALLEE]}}
    if kind == MSG:
        claims["msgi"] = message_digest(TEXT)
    private = ec.derive_private_key(SCALAR, ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    headers = {"typ": "passport", "ppt": kind, "x5u": X5U}
    token = jwt.encode(claims, private, algorithm="ES256", headers=headers)
    if kind == MSG:
        verdict = verify_message(token, [SIGNER.public_key], verify_es256, text=TEXT, callee=CALLEE)
    else:
        verdict = verify_call(token, [SIGNER.public_key], verify_es256, caller=CALLER, callee=CALLEE, unix_s=SENT_AT)
    assert verdict.is_genuine
    assert verdict.passport is not None
    assert verdict.passport.rcd == RichCallData("云杉优选")
