"""The callee's page: what it shows, to whom, and what may be done there."""

import re
from dataclasses import replace
from datetime import time, timedelta
from functools import partial
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fuzzing import fuzz
from tests.web.pages import NAME, NOW, NUMBER, PNG, World

from baitie.app.page.callee_page import BrandState
from baitie.app.proof.journal_verifier import Soundness
from baitie.bootstrap.page_pictures import media_type_untrusted
from baitie.domain.consent.register import ReachChannel
from baitie.domain.namecard.page_code import PageCode, make_page_code, read_page_code_untrusted
from baitie.kernel.errors import StoreError
from baitie.kernel.ids import CalleeId
from baitie.kernel.purpose import Purpose
from baitie.kernel.time import Window
from baitie.web.callee.forms import FORM_OCTETS_MAX, FormError, read_form_untrusted
from baitie.web.callee.guard import ADDRESSES_MAX, Allowances
from baitie.web.callee.languages import language_wanted

FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def world() -> World:
    return World()


# What it shows


def test_the_page_says_who_called_why_when_and_where_the_number_came_from(world: World) -> None:
    page = world.get(world.place())
    assert page.status_code == 200
    for said in (
        "云杉优选商城",
        "售后与服务回访",
        "订单回访",
        "+862150000100",
        "2026-03-03 12:00",
        "商城订单",
        "购物合同",
        "已接通",
    ):
        assert said in page.text
    assert "已核实：" in page.text
    assert f"即将致电回访尾号1542的订单。查验码{world.code.text()}" in page.text


def test_the_page_speaks_english_to_whoever_reads_it(world: World) -> None:
    page = world.get(world.place(), headers={"accept-language": "en-GB,en;q=0.9"})
    assert "Verified: this call card was sent by" in page.text
    assert '<html lang="en">' in page.text
    assert page.headers["content-language"] == "en"
    switched = world.get(f"{world.place()}?lang=zh", headers={"accept-language": "en"})
    assert '<html lang="zh-CN">' in switched.text


@pytest.mark.parametrize(
    ("accepted", "lang"),
    [(None, "zh"), ("", "zh"), ("fr", "zh"), ("fr, en;q=0.2", "en"), ("en;q=0.5, zh-TW;q=0.8", "zh-HK"),
     ("en;q=0", "zh"), ("zh;q=nonsense, en;q=0.1", "en")],
)  # fmt: skip
def test_the_language_is_the_first_of_ours_that_the_browser_accepts(accepted: str | None, lang: str) -> None:
    assert language_wanted(None, accepted) == lang


def test_what_is_not_sealed_yet_is_called_on_record_and_not_genuine(world: World) -> None:
    world.soundness = Soundness(checked_until_seq=100)
    assert "有记录" in world.get(world.place()).text
    assert "已核实：" not in world.get(world.place()).text


def test_a_journal_that_contradicts_itself_proves_nothing(world: World) -> None:
    world.soundness = replace(world.soundness, is_broken=True)
    page = world.get(world.place()).text
    assert "暂时无法核实" in page
    assert "contact.vcf" not in page


def test_a_card_whose_text_is_not_what_the_journal_has_proves_nothing(world: World) -> None:
    attempt = next(iter(world.store.disk.attempts.values()))
    world.store.disk.attempts[attempt.attempt_id] = replace(attempt, card_text_hash="0" * 64)
    page = world.get(world.place()).text
    assert "暂时无法核实" in page
    assert "即将致电" not in page


@pytest.mark.parametrize("brand", [BrandState.REVOKED, BrandState.EXPIRED])
def test_a_saved_card_of_a_revoked_or_expired_enterprise_says_so(world: World, brand: BrandState) -> None:
    world.brand = brand
    page = world.get(world.place()).text
    assert "请不要再相信" in page
    assert "已核实：" not in page


def test_the_contact_to_save_leads_back_to_the_page_and_is_a_vcard_of_version_4(world: World) -> None:
    answer = world.get(f"{world.place()}/contact.vcf")
    assert answer.headers["content-type"] == "text/vcard; charset=utf-8"
    lines = answer.content.replace(b"\r\n ", b"").decode().split("\r\n")
    assert lines[:2] == ["BEGIN:VCARD", "VERSION:4.0"]
    assert "FN;LANGUAGE=zh-CN:云杉优选商城" in lines
    assert 'TEL;VALUE=uri;TYPE="work,voice":tel:+862150000100' in lines
    assert f"URL:https://card.example/c/{world.code.text()}" in lines


def test_pictures_come_with_their_type_and_others_do_not_come(world: World) -> None:
    answer = world.get("/pictures/logo.png")
    assert (answer.content, answer.headers["content-type"]) == (PNG, "image/png")
    assert world.get("/pictures/..%2Fbaitie.key").status_code == 404


# To whom


def test_unknown_expired_forgotten_and_mistyped_codes_are_answered_alike(world: World) -> None:
    unknown = world.get(world.place(make_page_code(lambda _: 1)))
    mistyped = world.get("/c/hello")
    expired_code = world.card("b")
    forgotten_code = world.card("c")
    assert world.send("forget", forgotten_code, sure="yes").status_code == 200
    world.now = NOW + timedelta(days=90)
    expired, forgotten = world.get(world.place(expired_code)), world.get(world.place(forgotten_code))
    bodies = {re.sub(r"/c/[^?\"]*", "/c/", answer.text) for answer in (unknown, mistyped, expired, forgotten)}
    assert len(bodies) == 1
    assert {answer.status_code for answer in (unknown, mistyped, expired, forgotten)} == {404}
    assert len({frozenset(dict(answer.headers) | {"content-length": ""}) for answer in (unknown, expired)}) == 1


def test_nobody_without_a_code_learns_a_name_a_number_or_a_code(world: World) -> None:
    world.card("b")
    said = ""
    for method, path in (("GET", "/"), ("GET", "/c/"), ("GET", "/c/0000000000000"), ("GET", "/robots.txt"),
                         ("GET", "/openapi.json"), ("GET", "/docs"), ("POST", "/c/0000000000000/stop"), ("POST", "/"),
                         ("GET", "/c/0000000000000/contact.vcf"), ("PUT", "/"), ("GET", "/c/%00")):  # fmt: skip
        answer = world.ask(method, path, headers=FORM)
        assert answer.status_code != 500
        said += answer.text + str(answer.headers)
    for secret in (NAME, NUMBER.e164(), NUMBER.e164()[1:], NUMBER.masked(), world.code.text(), "ca_a", "at_a", "1542"):
        assert secret not in said


def test_the_page_shows_neither_name_nor_number_of_its_callee(world: World) -> None:
    """Whoever finds the telephone, or is shown the page, learns no more than the card says."""
    page = world.get(world.place()).text
    for secret in (NAME, NUMBER.e164()[3:], NUMBER.masked(), "ca_a", "at_a", "ld_a"):
        assert secret not in page


def test_no_address_holds_a_telephone_number_of_the_callee(world: World) -> None:
    page = world.get(world.place()).text
    for address in re.findall(r'(?:href|action|src)="([^"]*)"', page):
        assert NUMBER.e164()[3:] not in address


def test_names_with_markup_are_shown_as_they_are_written() -> None:
    evil = '<script>alert("1")</script>\'"><img src=x>'
    world = World(enterprise=evil, campaign_name=evil)
    page = world.get(world.place())
    assert "<script" not in page.text
    assert "<img src=x" not in page.text
    assert "&lt;script&gt;" in page.text


def test_markup_in_a_query_or_a_code_comes_back_harmless(world: World) -> None:
    for path in ("/?lang=%22%3E%3Cscript%3E", "/c/%3Cscript%3E", f"{world.place()}?done=%3Cscript%3E&lang=xx"):
        assert "<script" not in world.get(path).text.lower()


def test_browsers_are_told_to_run_keep_frame_and_pass_on_nothing(world: World) -> None:
    for answer in (world.get("/"), world.get(world.place()), world.get("/nothing"), world.ask("PUT", "/")):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert "noindex" in answer.headers["x-robots-tag"]
        assert "set-cookie" not in answer.headers
        assert "<script" not in answer.text


# What may be done


def test_stop_calling_is_kept_and_said(world: World) -> None:
    answer = world.send("stop")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{world.place()}?done=stop")
    assert world.store.standing(CalleeId("ca_a")).refusals
    assert "已登记：不再来电" in world.get(answer.headers["location"]).text
    assert "您已要求不再来电" in world.get(world.place()).text


def test_wishes_are_kept_as_they_are_ticked_and_shown_again(world: World) -> None:
    sent: dict[str, Any] = {
        "from": "09:30",
        "until": "18:00",
        "purpose": ["care", "information"],
        "channel": "voice",
        "language": "en",
    }
    assert world.send("wish", **sent).status_code == 303
    wish = world.store.standing(CalleeId("ca_a")).preference
    assert wish is not None
    assert wish.windows == (Window(time(9, 30), time(18)),)
    assert wish.purposes == {Purpose.CARE, Purpose.INFORMATION}
    assert wish.channels == {ReachChannel.VOICE}
    assert wish.language == "en"
    page = world.get(world.place()).text
    assert 'value="09:30"' in page
    assert page.count(" checked") == 3


def test_everything_ticked_and_no_hours_leave_all_to_the_rules(world: World) -> None:
    everything: dict[str, Any] = {"purpose": [purpose.value for purpose in Purpose], "channel": ["voice", "message"]}
    assert world.send("wish", **everything).status_code == 303
    wish = world.store.standing(CalleeId("ca_a")).preference
    assert wish is not None
    assert (wish.windows, wish.purposes, wish.channels, wish.language) == ((), None, None, None)


def test_a_call_back_is_wanted_within_hours_that_are_still_to_come(world: World) -> None:
    assert world.send("call-back", on="2026-03-03", part="afternoon").status_code == 303
    ((_, wish),) = world.acts.told
    assert wish.wanted_from.isoformat() == "2026-03-03T14:00:00+08:00"
    assert wish.wanted_until.isoformat() == "2026-03-03T18:00:00+08:00"


@pytest.mark.parametrize(
    ("act", "fields"),
    [
        ("call-back", {"on": "2026-03-03", "part": "morning"}),  # past
        ("call-back", {"on": "2026-03-18", "part": "morning"}),  # too far away
        ("call-back", {"on": "tomorrow", "part": "morning"}),
        ("call-back", {"on": "2026-03-04", "part": "midnight"}),
        ("wish", {"from": "25:00", "until": "26:00"}),
        ("wish", {"from": "09:00", "until": "09:00"}),
        ("wish", {"from": "09:00"}),
        ("wish", {"purpose": "everything"}),
        ("wish", {"language": "tlh"}),
        ("complain", {"about": "<script>"}),
        ("complain", {}),
        ("forget", {}),
    ],
)
def test_what_is_not_one_of_the_answers_is_shown_again_and_nothing_is_kept(
    world: World, act: str, fields: dict[str, Any]
) -> None:
    answer = world.send(act, **fields)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert world.acts.told == []


def test_a_complaint_is_kept_with_what_it_is_about(world: World) -> None:
    assert world.send("complain", about="too_often").status_code == 303
    assert world.acts.told == [("complain", "too_often")]


def test_who_is_forgotten_is_told_by_when_and_the_page_is_gone(world: World) -> None:
    answer = world.send("forget", sure="yes")
    assert answer.status_code == 200
    assert "2026-03-24" in answer.text
    assert world.get(world.place()).status_code == 404


def test_a_form_without_the_page_s_own_token_does_nothing(world: World) -> None:
    other = world.card("b")
    for token in ("", "0" * 32, world.token("wish"), world.token("stop", other), "ü"):
        answer = world.ask("POST", f"{world.place()}/stop", data={"token": token})
        assert answer.status_code == 403
    assert world.acts.told == []


def test_a_form_that_another_site_sends_does_nothing(world: World) -> None:
    data = {"token": world.token("stop")}
    answer = world.ask("POST", f"{world.place()}/stop", data=data, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert world.acts.told == []


def test_a_form_that_lay_open_for_hours_is_renewed(world: World) -> None:
    token = world.token("wish")
    world.now += timedelta(hours=2)
    assert world.ask("POST", f"{world.place()}/wish", data={"token": token}).status_code == 303
    world.now += timedelta(hours=2)
    assert world.ask("POST", f"{world.place()}/wish", data={"token": token}).status_code == 403


def test_looking_never_acts(world: World) -> None:
    """Mail scanners and previews follow links."""
    for act in ("stop", "wish", "call-back", "complain", "forget"):
        assert world.get(f"{world.place()}/{act}").status_code == 405
    assert world.acts.told == []


def test_a_code_that_was_typed_leads_to_its_page(world: World) -> None:
    written = world.code.grouped().lower().replace("0", "o").replace("1", "l")
    answer = world.ask("POST", "/?lang=en", data={"code": f" {written} "})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{world.place()}?lang=en")
    assert world.ask("POST", "/", data={"code": "not a code"}).status_code == 404


# How much


def test_bodies_are_bounded_and_of_one_kind(world: World) -> None:
    place = f"{world.place()}/stop"
    assert world.ask("POST", place, content=b"x=" + b"y" * FORM_OCTETS_MAX, headers=FORM).status_code == 413
    assert world.ask("POST", place, content=b"&".join([b"a=1"] * 50), headers=FORM).status_code == 400
    assert world.ask("POST", place, content=b"\xff\xfe", headers=FORM).status_code == 400
    assert world.ask("POST", place, json={"token": "x"}).status_code == 415


def test_one_address_may_not_ask_without_end_and_others_are_not_held_up() -> None:
    world = World(burst=10)
    codes = [world.get(world.place()).status_code for _ in range(12)]
    assert codes == [200] * 10 + [429] * 2
    assert world.get(world.place(), address="203.0.113.8").status_code == 200
    assert "retry-after" in world.get(world.place()).headers
    world.clock_s += 1.0
    assert world.get(world.place()).status_code == 200


def test_trying_codes_uses_an_allowance_up_sooner_than_looking_at_cards() -> None:
    world = World(burst=12)

    def drawn(bits: int, _: int) -> int:
        return bits

    codes = [world.get(world.place(make_page_code(partial(drawn, n)))).status_code for n in range(4)]
    assert codes == [404, 404, 429, 429]


def test_all_telephones_of_one_ipv6_network_share_an_allowance() -> None:
    world = World(burst=1)
    assert world.get(world.place(), address="2001:db8::1").status_code == 200
    assert world.get(world.place(), address="2001:db8::2").status_code == 429
    assert world.get(world.place(), address="2001:db8:0:1::1").status_code == 200


def test_everybody_together_may_not_ask_without_end() -> None:
    allowances = Allowances(per_s=5, per_s_per_address=5, burst_per_address=5, now=lambda: 0.0)
    assert [allowances.take(f"203.0.113.{n}") for n in range(6)] == [True] * 5 + [False]


def test_so_many_addresses_are_remembered_and_no_more() -> None:
    allowances = Allowances(per_s=1e9, per_s_per_address=1, burst_per_address=1, now=lambda: 0.0)
    for n in range(ADDRESSES_MAX + 10):
        allowances.take(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}")
    assert len(allowances._by_address) == ADDRESSES_MAX


def test_a_page_under_a_path_of_its_own_points_to_nothing_outside_it() -> None:
    world = World(address="https://example.com/card/")
    page = world.get(f"/card/c/{world.code.text()}")
    assert page.status_code == 200
    for address in re.findall(r'(?:action|src)="([^"]*)"', page.text):
        assert address.startswith("/card/")
    assert world.get(world.place()).status_code == 404


# For everybody


class _Controls(HTMLParser):
    """Which controls have a name that is read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.named: set[str] = set()
        self.controls: list[tuple[str | None, bool]] = []
        self.labels = 0
        self.pictures: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "label":
            self.labels += 1
            self.named.add(said.get("for") or "")
        if tag in ("input", "select") and said.get("type") != "hidden":
            self.controls.append((said.get("id"), self.labels > 0))
        if tag == "img":
            self.pictures.append(said.get("alt"))

    def handle_endtag(self, tag: str) -> None:
        self.labels -= tag == "label"


@pytest.mark.parametrize("place", ["entrance", "card"])
def test_every_control_has_a_label_and_every_picture_a_text(world: World, place: str) -> None:
    reader = _Controls()
    reader.feed(world.get("/" if place == "entrance" else world.place()).text)
    assert reader.controls
    assert [each for each in reader.controls if each[0] not in reader.named and not each[1]] == []
    assert None not in reader.pictures


# What comes from outside


def test_read_form_untrusted_raises_nothing_but_its_own_error_when_fuzzed() -> None:
    seeds = [b"token=1&from=09%3A00", b"a=%FF", b"purpose=care&purpose=survey"]
    fuzz(read_form_untrusted, FormError, seeds)


def test_media_type_untrusted_knows_three_kinds_and_nothing_else_when_fuzzed() -> None:
    seeds = [PNG, b"\xff\xd8\xff\xe0", b"RIFF\x00\x00\x00\x00WEBPVP8 ", b"<svg onload=alert(1)>"]
    assert [media_type_untrusted(seed) for seed in seeds] == ["image/png", "image/jpeg", "image/webp", None]
    fuzz(media_type_untrusted, ValueError, seeds)


@given(st.integers(0, 2**65 - 1))
def test_every_code_is_read_back_from_its_groups_and_masks_itself(bits: int) -> None:
    code = make_page_code(lambda count: bits if count == 65 else 0)
    assert read_page_code_untrusted(code.grouped().lower()) == code
    assert code.text() not in f"{code} {code!r}"


@given(st.text(max_size=60))
def test_read_page_code_untrusted_gives_a_code_or_nothing(written: str) -> None:
    assert isinstance(read_page_code_untrusted(written), PageCode | None)


def test_read_page_code_untrusted_raises_nothing_when_fuzzed() -> None:
    seeds = [b"BZ7H-KDR8-2JHN-M", b"bz7hkdr82jhnm", "ＢＺ７Ｈ ".encode()]
    fuzz(lambda data: read_page_code_untrusted(data.decode("utf-8", "replace")), ZeroDivisionError, seeds)


@pytest.mark.parametrize(
    ("act", "fields"),
    [("stop", {}), ("complain", {"about": "rude"}), ("forget", {"sure": "yes"}),
     ("call-back", {"on": "2026-03-05", "part": "morning"}), ("wish", {})],
)  # fmt: skip
def test_what_the_store_could_not_keep_is_never_said_to_be_done(world: World, act: str, fields: dict[str, str]) -> None:
    token = world.token(act)
    world.site.acts = _DeskWithoutDisk()
    answer = world.ask("POST", f"{world.place()}/{act}", data={"token": token, **fields})
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
    assert "location" not in answer.headers
    assert not world.store.standing(CalleeId("ca_a")).refusals


class _DeskWithoutDisk:
    """Fulfils `CalleeDesk`, and can keep nothing."""

    def __getattr__(self, name: str) -> Any:
        def fail(*given: object) -> None:
            raise StoreError(cause="no space left on device")

        return fail


@pytest.mark.parametrize("act", ["stop", "wish", "complain", "call-back", "forget"])
def test_who_refuses_on_a_page_that_lay_open_is_not_asked_to_do_it_again(act: str) -> None:
    world = World()
    token = world.token(act)
    world.now += timedelta(days=2)
    response = world.ask("POST", f"{world.place()}/{act}", data={"token": token})
    assert response.status_code == (303 if act == "stop" else 403)
    assert bool(world.acts.told) is (act == "stop")
    other = world.card("b")
    assert world.ask("POST", f"/c/{other.text()}/{act}", data={"token": token}).status_code == 403
