"""Addresses on the callee's page: none leads to a foreign host, each form of a path is served, no receipt is forged."""

import re
from typing import Any

import pytest
from tests.web.pages import World

ODD_PATHS = [
    "//evil.example/x",
    "///evil.example/",
    "/\\evil.example/x",
    "/%5Cevil.example/x",
    "/%5C%5Cevil.example",
    "//evil.example/c/ABC",
    "/%2Fevil.example/",
    "/https://evil.example/",
    "/c//evil.example/stop",
    "/nowhere?x=//evil.example",
]


@pytest.fixture
def world() -> World:
    return World()


def links(page: str) -> list[str]:
    return re.findall(r'(?:href|action|src)="([^"]*)"', page)


@pytest.mark.parametrize("path", ODD_PATHS)
def test_no_link_of_a_page_leads_to_another_host(world: World, path: str) -> None:
    page = world.get(f"https://card.example{path}")
    for link in links(page.text):
        assert link == "https://example.com/" or link.startswith("tel:") or re.match(r"/(?![/\\])", link), link
    assert "location" not in page.headers


def test_a_page_of_no_route_offers_the_entrance_in_other_languages(world: World) -> None:
    assert '<a href="/?lang=en"' in world.get("/nowhere/at/all").text


def test_a_card_keeps_its_address_when_the_language_is_switched(world: World) -> None:
    assert f'<a href="{world.place()}?lang=en"' in world.get(world.place()).text


@pytest.mark.parametrize("host", ["card.example", "evil.example"])
@pytest.mark.parametrize("written", ["{}/", "{}//", "/{}", "{}\\"])
def test_a_path_with_more_slashes_is_served_without_a_redirect(world: World, written: str, host: str) -> None:
    path = f"https://card.example{written.format(world.place())}"
    page = world.get(path, headers={"host": host})
    assert page.status_code == 200
    assert "location" not in page.headers
    assert "evil.example" not in page.text


def test_a_form_that_is_sent_with_a_closing_slash_does_what_it_says(world: World) -> None:
    data = {"token": world.token("stop")}
    answer = world.ask("POST", f"{world.place()}/stop/", data=data, headers={"host": "evil.example"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{world.place()}?done=stop")
    assert [act for act, _ in world.acts.told] == ["stop"]


@pytest.mark.parametrize("path", ["/q/p", "/q/p/", "//q//p"])
def test_the_entrance_under_a_prefix_is_served_in_both_forms(path: str) -> None:
    world = World(address="https://card.example/q/p/")
    page = world.get(f"https://card.example{path}")
    assert page.status_code == 200
    assert 'action="/q/p/"' in page.text


@pytest.mark.parametrize("done", ["stop", "wish", "call-back", "complain", "forget", "complain~x~2026-01-01~1~00"])
def test_nothing_is_said_to_be_done_that_was_not(world: World, done: str) -> None:
    page = world.get(f"{world.place()}?done={done}")
    assert page.status_code == 200
    assert 'role="status"' not in page.text


@pytest.mark.parametrize(
    ("act", "fields", "said"),
    [
        ("wish", {"from": "09:00", "until": "11:00"}, "您的来电偏好已保存"),
        ("call-back", {"on": "2026-03-04", "part": "morning"}, "已登记回电"),
        ("complain", {"about": "rude"}, "已收到您的投诉"),
    ],
)
def test_what_was_done_is_said_to_who_did_it_and_to_nobody_with_another_card(
    world: World, act: str, fields: dict[str, Any], said: str
) -> None:
    place = world.send(act, **fields).headers["location"]
    assert said in world.get(place).text
    other = world.card("b")
    assert 'role="status"' not in world.get(place.replace(world.code.text(), other.text())).text
    assert 'role="status"' not in world.get(place[:-1] + ("0" if place[-1] != "0" else "1")).text


def test_a_receipt_is_over_after_some_hours(world: World) -> None:
    place = world.send("complain", about="rude").headers["location"]
    world.now = world.now.replace(day=world.now.day + 1)
    assert 'role="status"' not in world.get(place).text


def test_calls_are_said_to_be_stopped_only_while_they_are(world: World) -> None:
    place = world.send("stop").headers["location"]
    assert "已登记：不再来电" in world.get(place).text
    world.store.disk.refusals.clear()
    assert 'role="status"' not in world.get(place).text
