"""Unit: digest authentication as caller and as challenger (RFC 7616, RFC 8760)."""

import hashlib

import pytest
from tests.fuzzing import fuzz
from tests.unit.wire.sip.desk import ANSWER, CONTACT, Desk, invite_text

from baitie.kernel.time import Instant
from baitie.wire.sip.auth import Credentials
from baitie.wire.sip.challenger import DigestServer
from baitie.wire.sip.digest import (
    DigestFloor,
    challenges_untrusted,
    digest_response,
    digest_secret,
    parse_digest_untrusted,
    parse_schemes_untrusted,
)
from baitie.wire.sip.effects import CallEnded, CallFailed, CallKey, CallOffered
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
    (challenge,) = [found for found in challenges_untrusted(offered) if found.realm in ("carrier", "r")]
    assert challenge.algorithm == algorithm


@pytest.mark.parametrize("offered", [[], ["Basic realm=x"], ['Digest realm="r", nonce="n", qop="token"']])
def test_a_challenge_that_we_cannot_answer_is_none(offered: list[str]) -> None:
    assert challenges_untrusted(offered) == []


@pytest.mark.parametrize(
    ("floor", "algorithms"),
    [
        (DigestFloor.ANY, ["MD5", "MD5", "SHA-256"]),
        (DigestFloor.MD5_COUNTED, ["MD5", "SHA-256"]),
        (DigestFloor.SHA_256, ["SHA-256"]),
    ],
)
def test_a_floor_leaves_weaker_challenges_unanswered(floor: DigestFloor, algorithms: list[str]) -> None:
    offered = ['Digest realm="old", nonce="n"', MD5, SHA.replace("carrier", "new")]
    assert [challenge.algorithm for challenge in challenges_untrusted(offered, floor)] == algorithms


def test_several_challenges_in_one_line_are_read_as_in_several() -> None:
    lines = [
        f'Basic realm="x, y", {MD5}, {SHA.replace("carrier", "other")}',
        'Digest realm="third",nonce=q,algorithm="MD5"',
    ]
    assert [challenge.realm for challenge in challenges_untrusted(lines)] == ["carrier", "other", "third"]
    assert [scheme for scheme, _ in parse_schemes_untrusted(lines[0])] == ["basic", "digest", "digest"]


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
    assert given(bye, "proxy-authorization")["nc"] == "00000002"
    desk.reply(bye, 407, extra=f"Proxy-Authenticate: {MD5.replace('n1', 'n5')}\r\n")
    desk.events()
    desk.reply(desk.request("BYE"), 200)
    desk.event(CallEnded)


# Several challengers

PROXY = 'Digest realm="edge", nonce="p1", qop="auth"'


def authenticated(desk: Desk) -> tuple[CallKey, Request]:
    """An INVITE of ours that a proxy and then the trunk have challenged, sent the third time."""
    key, invite = desk.place(credentials=SECRET)
    desk.reply(invite, 407, extra=f"Proxy-Authenticate: {PROXY}\r\n")
    desk.reply(desk.request("INVITE"), 401, extra=f"WWW-Authenticate: {SHA}\r\n")
    desk.sent("ACK")
    return key, desk.request("INVITE")


def test_after_a_proxy_and_the_trunk_have_asked_each_request_has_both_credentials() -> None:
    desk = Desk()
    key, invite = authenticated(desk)
    assert (given(invite, "proxy-authorization")["nc"], given(invite, "authorization")["nc"]) == (
        "00000002",
        "00000001",
    )
    desk.reply(invite, 200, extra=CONTACT, body=ANSWER)
    desk.sent("ACK")
    desk.agent.hang_up(key, desk.now)
    bye = desk.request("BYE")
    assert (given(bye, "proxy-authorization")["nc"], given(bye, "authorization")["nc"]) == ("00000003", "00000002")


def test_both_kinds_of_challenge_in_one_answer_are_answered_together() -> None:
    desk = Desk()
    _, invite = desk.place(credentials=SECRET)
    other = PROXY.replace("edge", "second edge").replace("p1", "p2")
    lines = f"Proxy-Authenticate: {PROXY}\r\nProxy-Authenticate: {other}\r\nWWW-Authenticate: {MD5}\r\n"
    desk.reply(invite, 401, extra=lines)
    again = desk.request("INVITE")
    realms = [parse_digest_untrusted(line)["realm"] for line in again.every("proxy-authorization")]
    assert (realms, given(again, "authorization")["realm"]) == (["edge", "second edge"], "carrier")


def test_two_proxies_of_one_realm_get_an_answer_each() -> None:
    desk = Desk()
    _, invite = desk.place(credentials=SECRET)
    desk.reply(invite, 407, extra=f"Proxy-Authenticate: {PROXY}\r\nProxy-Authenticate: {PROXY.replace('p1', 'p2')}\r\n")
    lines = desk.request("INVITE").every("proxy-authorization")
    assert [parse_digest_untrusted(line)["nonce"] for line in lines] == ["p1", "p2"]


@pytest.mark.parametrize(
    ("refusing", "status"), [(f"Proxy-Authenticate: {PROXY}\r\n", 407), (f"WWW-Authenticate: {SHA}\r\n", 401)]
)
def test_of_several_challengers_the_one_that_refuses_is_asked_once_more_at_most(refusing: str, status: int) -> None:
    desk = Desk()
    _, invite = authenticated(desk)
    for _ in range(2):
        desk.reply(invite, status, extra=refusing)
        failed = desk.events()
        if failed:
            break
        invite = desk.request("INVITE")
    assert isinstance(failed[0], CallFailed)
    assert (failed[0].failure.cause, failed[0].failure.sip_status) == ("credentials-refused", status)


def test_proxies_that_ask_in_turn_for_ever_are_given_up() -> None:
    desk = Desk()
    _, invite = desk.place(credentials=SECRET)
    for number in range(20):
        kind = ("Proxy-Authenticate", "WWW-Authenticate")[number % 2]
        desk.reply(invite, 407 if number % 2 == 0 else 401, extra=f"{kind}: {PROXY.replace('p1', f'p{number}')}\r\n")
        left = desk.sent("INVITE")
        if not left:
            break
        (found,) = left
        assert isinstance(found, Request)
        invite = found
    assert number == 6
    assert desk.event(CallFailed).failure.cause == "credentials-refused"


def test_an_ack_has_the_very_credentials_of_its_invite() -> None:
    desk = Desk()
    _, invite = authenticated(desk)
    desk.reply(invite, 486)
    refused = desk.request("ACK")
    _, invite = authenticated(desk)
    desk.reply(invite, 200, extra=CONTACT, body=ANSWER)
    for ack, its in ((refused, None), (desk.request("ACK"), invite)):
        assert ack.every("proxy-authorization")
        if its is not None:
            assert ack.every("authorization") == its.every("authorization")
            assert ack.every("proxy-authorization") == its.every("proxy-authorization")


@pytest.mark.parametrize("mark", ["", ", stale=true"])
def test_a_challenged_prack_is_repeated_with_the_same_rack(mark: str) -> None:
    desk = Desk()
    _, invite = authenticated(desk)
    desk.reply(invite, 183, extra=f"{CONTACT}Require: 100rel\r\nRSeq: 7\r\n")
    prack = desk.request("PRACK")
    assert prack.every("proxy-authorization")
    desk.reply(prack, 407, extra=f"Proxy-Authenticate: {PROXY.replace('p1', 'p9')}{mark}\r\n")
    again = desk.request("PRACK")
    assert given(again, "proxy-authorization")["nonce"] == "p9"
    assert again.first("rack") == prack.first("rack")
    assert again.first("cseq") != prack.first("cseq")
    desk.reply(again, 200)
    assert desk.sent("PRACK") == []


@pytest.mark.parametrize("method", ["UPDATE", "INVITE"])
def test_a_challenged_refresh_is_repeated_once_for_each_challenger(method: str) -> None:
    desk = Desk()
    allow = "Allow: INVITE, ACK, BYE, UPDATE\r\n" if method == "UPDATE" else "Allow: INVITE, ACK, BYE\r\n"
    _, invite = desk.place(credentials=SECRET)
    desk.reply(invite, 200, extra=f"{CONTACT}{allow}Session-Expires: 600;refresher=uac\r\n", body=ANSWER)
    desk.sent()
    desk.wait(300.2)
    asked = desk.request(method)
    desk.reply(asked, 407, extra=f"Proxy-Authenticate: {PROXY}\r\n")
    asked = desk.request(method)
    desk.reply(asked, 401, extra=f"WWW-Authenticate: {SHA}\r\n")
    both = desk.request(method)
    assert (given(both, "proxy-authorization")["nc"], given(both, "authorization")["nc"]) == ("00000002", "00000001")
    assert both.first("session-expires") == asked.first("session-expires") == "600;refresher=uac"
    desk.sent("ACK")
    body = ANSWER if method == "INVITE" else b""
    desk.reply(both, 200, extra=f"{CONTACT}Session-Expires: 600;refresher=uac\r\n", body=body)
    if method == "INVITE":
        assert desk.request("ACK").every("authorization") == both.every("authorization")
    desk.events()
    desk.wait(10)
    assert desk.events() == []


def test_a_session_form_keeps_the_key_and_cnonce_of_its_first_request() -> None:
    desk = Desk()
    key, invite = desk.place(credentials=SECRET)
    desk.reply(invite, 401, extra=f"WWW-Authenticate: {SHA.replace('SHA-256', 'SHA-256-sess')}\r\n")
    again = desk.request("INVITE")
    desk.reply(again, 200, extra=CONTACT, body=ANSWER)
    desk.agent.hang_up(key, desk.now)
    bye = desk.request("BYE")
    first, then = given(again, "authorization"), given(bye, "authorization")
    assert (then["cnonce"], first["nc"], then["nc"]) == (first["cnonce"], "00000001", "00000002")
    secret = digest_secret("SHA-256-SESS", "alice", "carrier", "open sesame", "n2", first["cnonce"])
    for request, params in ((again, first), (bye, then)):
        assert params["response"] == digest_response(
            "SHA-256-SESS", "", "", "", request.method, request.uri, "n2", params["nc"], first["cnonce"], "auth",
            secret=secret,
        )  # fmt: skip


def test_a_server_that_wants_the_body_signed_gets_auth_int() -> None:
    desk = Desk()
    _, invite = desk.place(credentials=SECRET)
    desk.reply(
        invite, 401, extra='WWW-Authenticate: Digest realm="r", nonce="n", algorithm=SHA-256, qop="auth-int"\r\n'
    )
    again = desk.request("INVITE")
    params = given(again, "authorization")
    assert params["qop"] == "auth-int"
    body = hashlib.sha256(again.body).hexdigest()
    keyed = hashlib.sha256(b"alice:r:open sesame").hexdigest()
    act = hashlib.sha256(f"INVITE:{again.uri}:{body}".encode()).hexdigest()
    text = f"{keyed}:n:{params['nc']}:{params['cnonce']}:auth-int:{act}"
    assert params["response"] == hashlib.sha256(text.encode()).hexdigest()


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
        challenges_untrusted([text])
        parse_schemes_untrusted(text)
        server.check_untrusted([text + ', realm="carrier", username="alice"'], "INVITE", Instant(1.0))
        parse_digest_untrusted(text)

    fuzz(read, SipParseError, seeds)


def test_an_authenticated_offer_needs_no_tag_of_the_challenge() -> None:
    callee = Desk(challenger=challenger())
    callee.receive(invite_text())
    assert callee.response(401).first("www-authenticate").startswith("Digest realm")
