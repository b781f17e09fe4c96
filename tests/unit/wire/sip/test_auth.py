"""Unit: digest authentication as caller and as challenger (RFC 7616, RFC 8760)."""

import pytest
from tests.fuzzing import fuzz
from tests.unit.wire.sip.desk import ANSWER, CONTACT, Desk, invite_text

from baitie.kernel.time import Instant
from baitie.wire.sip.auth import (
    Credentials,
    DigestServer,
    digest_response,
    parse_digest_untrusted,
    strongest_challenge_untrusted,
)
from baitie.wire.sip.effects import CallEnded, CallFailed, CallOffered
from baitie.wire.sip.errors import SipParseError
from baitie.wire.sip.message import Request

SECRET = Credentials("alice", "open sesame")
MD5 = 'Digest realm="carrier", nonce="n1", algorithm=MD5, qop="auth", opaque="o"'
SHA = 'Digest realm="carrier", nonce="n2", algorithm=SHA-256, qop="auth,auth-int"'


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_rfc_7616_come_out(algorithm: str, response: str) -> None:
    nonce, cnonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    got = digest_response(
        algorithm, "Mufasa", "http-auth@example.org", "Circle of Life", "GET", "/dir/index.html", nonce, "00000001",
        cnonce, "auth",
    )  # fmt: skip
    assert got == response


def test_the_form_of_rfc_2617_without_qop_comes_out() -> None:
    got = digest_response(
        "MD5", "Mufasa", "testrealm@host.com", "Circle Of Life", "GET", "/dir/index.html",
        "dcd98b7102dd2f0e8b11d0f600bfb0c093", "", "", "",
    )  # fmt: skip
    assert got == "670fd8c2df070c60b045671b8b24ff02"


@pytest.mark.parametrize(
    ("offered", "algorithm"),
    [
        ([MD5], "MD5"),
        ([MD5, SHA], "SHA-256"),
        ([SHA, MD5], "SHA-256"),
        ([MD5.replace("MD5", "MD5-sess"), MD5], "MD5"),
        ([MD5.replace("MD5", "SHA-256-sess"), MD5], "SHA-256-SESS"),
        ([MD5.replace("algorithm=MD5, ", "")], "MD5"),
        (['Digest realm="r", nonce="n", algorithm=SHA-999', MD5], "MD5"),
        (["Basic realm=x", "Digest ;;;", MD5], "MD5"),
    ],
)
def test_the_strongest_challenge_that_we_can_answer_is_taken(offered: list[str], algorithm: str) -> None:
    challenge = strongest_challenge_untrusted(offered)
    assert challenge is not None
    assert challenge.algorithm == algorithm


@pytest.mark.parametrize("offered", [[], ["Basic realm=x"], ['Digest realm="r", nonce="n", qop="auth-int"']])
def test_a_challenge_that_we_cannot_answer_is_none(offered: list[str]) -> None:
    assert strongest_challenge_untrusted(offered) is None


def given(request: Request, name: str) -> dict[str, str]:
    return parse_digest_untrusted(request.first(name))


@pytest.mark.parametrize(
    ("status", "asked", "answered"),
    [(401, "WWW-Authenticate", "authorization"), (407, "Proxy-Authenticate", "proxy-authorization")],
)
def test_a_challenged_invite_leaves_once_more_with_the_right_answer(status: int, asked: str, answered: str) -> None:
    desk = Desk()
    _, invite = desk.place(credentials=SECRET)
    desk.reply(invite, status, extra=f"{asked}: {MD5}\r\n{asked}: {SHA}\r\n")
    desk.request("ACK")
    again = desk.request("INVITE")
    params = given(again, answered)
    assert (params["algorithm"], params["nc"], params["qop"]) == ("SHA-256", "00000001", "auth")
    assert params["response"] == digest_response(
        "SHA-256", "alice", "carrier", "open sesame", "INVITE", invite.uri, "n2", "00000001", params["cnonce"], "auth"
    )
    assert (again.first("cseq"), again.first("call-id")) == ("2 INVITE", invite.first("call-id"))


def test_wrong_credentials_are_tried_once_only() -> None:
    desk = Desk()
    _, invite = desk.place(credentials=SECRET)
    desk.reply(invite, 407, extra=f"Proxy-Authenticate: {MD5}\r\n")
    again = desk.sent("INVITE")[0]
    assert isinstance(again, Request)
    desk.reply(again, 407, extra=f"Proxy-Authenticate: {MD5.replace('n1', 'n9')}\r\n")
    assert desk.event(CallFailed).failure.cause == "credentials-refused"
    desk.wait(60)
    assert desk.sent("INVITE") == []


def test_a_stale_nonce_is_answered_with_the_next_one() -> None:
    desk = Desk()
    _, invite = desk.place(credentials=SECRET)
    desk.reply(invite, 407, extra=f"Proxy-Authenticate: {MD5}\r\n")
    again = desk.request("INVITE")
    desk.reply(again, 407, extra=f"Proxy-Authenticate: {MD5.replace('n1', 'n9')}, stale=TRUE\r\n")
    assert given(desk.request("INVITE"), "proxy-authorization")["nonce"] == "n9"


def test_without_credentials_a_challenge_is_a_failure_of_the_enterprise() -> None:
    desk = Desk()
    _, invite = desk.place()
    desk.reply(invite, 407, extra=f"Proxy-Authenticate: {MD5}\r\n")
    assert desk.event(CallFailed).failure.cause == "credentials-missing"


def test_what_follows_in_the_call_carries_the_same_nonce_and_a_fresh_challenge_is_answered() -> None:
    desk = Desk()
    key, invite = desk.place(credentials=SECRET)
    desk.reply(invite, 407, extra=f"Proxy-Authenticate: {MD5}\r\n")
    desk.sent("ACK")
    desk.reply(desk.request("INVITE"), 200, extra=CONTACT, body=ANSWER)
    assert given(desk.request("ACK"), "proxy-authorization")["nonce"] == "n1"
    desk.agent.hang_up(key, desk.now)
    bye = desk.request("BYE")
    assert given(bye, "proxy-authorization")["nc"] == "00000003"
    desk.reply(bye, 407, extra=f"Proxy-Authenticate: {MD5.replace('n1', 'n5')}\r\n")
    desk.events()
    desk.reply(desk.request("BYE"), 200)
    desk.event(CallEnded)


# As challenger


def challenger(**changes: object) -> DigestServer:
    fields: dict[str, object] = {"realm": "carrier", "password_of": {"alice": "open sesame"}.get, "key": b"k"}
    return DigestServer(**(fields | changes))  # type: ignore[arg-type]


def test_two_user_agents_authenticate_each_other() -> None:
    caller, callee = Desk(seed=1), Desk(seed=2, challenger=challenger())
    _, invite = caller.place(credentials=SECRET)
    callee.receive(invite.to_bytes())
    caller.receive(callee.response(401).to_bytes())
    callee.receive(caller.request("ACK").to_bytes())
    again = caller.request("INVITE")
    assert given(again, "authorization")["algorithm"] == "SHA-256"
    callee.receive(again.to_bytes())
    callee.event(CallOffered)


@pytest.mark.parametrize(
    "change",
    [("response=", "response=0"), ('username="alice"', 'username="eve"'), ("SHA-256", "SHA-512"), ("uri=", "u=")],
)
def test_a_wrong_answer_is_challenged_again(change: tuple[str, str]) -> None:
    caller, callee = Desk(seed=1), Desk(seed=2, challenger=challenger())
    _, invite = caller.place(credentials=SECRET)
    callee.receive(invite.to_bytes())
    caller.receive(callee.response(401).to_bytes())
    again = caller.request("INVITE").to_bytes().decode().replace(*change)
    callee.receive(again)
    callee.response(401)
    assert callee.events() == []


def test_a_count_that_goes_back_and_an_old_nonce_are_stale() -> None:
    server = challenger(nonce_life_s=10)
    nonce = parse_digest_untrusted(server.challenge_lines(Instant(5.0)).split("\r\n")[0].partition(": ")[2])["nonce"]

    def answer(count: str, nonce: str = nonce) -> list[str]:
        response = digest_response(
            "SHA-256", "alice", "carrier", "open sesame", "INVITE", "sip:x", nonce, count, "c", "auth"
        )
        return [
            f'Digest username="alice", realm="carrier", nonce="{nonce}", uri="sip:x", response="{response}", '
            f'algorithm=SHA-256, cnonce="c", nc={count}, qop=auth'
        ]

    assert server.check_untrusted(answer("00000001"), "INVITE", Instant(6.0)) == "ok"
    assert server.check_untrusted(answer("00000001"), "INVITE", Instant(6.0)) == "stale"
    assert server.check_untrusted(answer("00000002"), "INVITE", Instant(6.0)) == "ok"
    assert server.check_untrusted(answer("00000003"), "INVITE", Instant(16.0)) == "stale"
    assert server.check_untrusted(answer("00000001", "5-forged"), "INVITE", Instant(6.0)) == "stale"
    assert "stale=true" in server.challenge_lines(Instant(7.0), stale=True)


def test_the_password_is_never_shown() -> None:
    assert "sesame" not in repr(SECRET)


def test_fuzzed_digest_values_cause_nothing_but_the_one_error() -> None:
    server = challenger()
    seeds = [MD5.encode(), SHA.encode(), server.challenge_lines(Instant(1.0)).partition(": ")[2].encode()]

    def read(data: bytes) -> None:
        text = data.decode("utf-8", "surrogateescape")
        strongest_challenge_untrusted([text])
        server.check_untrusted([text + ', realm="carrier", username="alice"'], "INVITE", Instant(1.0))
        parse_digest_untrusted(text)

    fuzz(read, SipParseError, seeds)


def test_an_authenticated_offer_needs_no_tag_of_the_challenge() -> None:
    callee = Desk(challenger=challenger())
    callee.receive(invite_text())
    assert callee.response(401).first("www-authenticate").startswith("Digest realm")
