"""The page beside a real run: processes, store, carrier and browser's requests, as an enterprise has them."""

import json
import re
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from tests.rehearsal.real_runs import STORE, Program, change, ended, make_folder, start_run, until

CARD = 'text = "语音机器人即将致电回访：确认尾号{order_tail}的订单是否收到，约半分钟。查验码{code}"'
NUMBER = "13800000000"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A campaign whose card carries a code, and whose only callee is called again until somebody says no."""
    made = make_folder(tmp_path_factory.mktemp("page") / "campaign", 1, {"receipt_wait_s": "60"})
    card = made / "card.toml"
    text = re.sub(r"(?m)^text = .*$", CARD, card.read_text("utf-8"))
    card.write_text(text + 'code = { type = "code" }\n', "utf-8")
    profile = made / "profile.toml"
    slow = {"receipt_median_s": "50", "receipt_sigma": "0.0", "lost_receipt_rate": "0.0", "refused_rate": "0.0"}
    change(profile, {**slow, "throttled_rate": "0.0"})  # the ring waits: there is time to open the page
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    settings = made / "baitie.toml"
    page = f'\n[page]\nport = {port}\naddress = "http://127.0.0.1:{port}/"\nburst_per_address = 1000\n'
    settings.write_text(settings.read_text("utf-8") + page, "utf-8")
    return made


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[httpx.Client]:
    """`baitie serve`, and somebody who looks at it."""
    with ended(Program(folder.with_name("serve"), ("serve", "--campaign", str(folder)))) as served:
        until(lambda: "http://" in served.output() or served.has_ended, "the page is served")
        address = re.search(r"http://[0-9.:]+/", served.output())
        assert address is not None, served.errors()
        with httpx.Client(base_url=address[0]) as visitor:
            until(lambda: is_there(visitor), "the page answers")
            yield visitor


def is_there(visitor: httpx.Client) -> bool:
    try:
        return visitor.get("/").status_code == 200
    except httpx.TransportError:
        return False


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    if not (folder / STORE).exists():
        return []
    with closing(sqlite3.connect(folder / STORE)) as store:
        return store.execute(query).fetchall()


def run_to_end(folder: Path, *arguments: str) -> dict[str, object]:
    with ended(Program(folder.with_name("acts"), (*arguments, "--json"))) as program:
        assert program.wait() == 0, program.errors()
        return dict(json.loads(program.output()))


def token(page: str, act: str) -> str:
    found = re.search(rf'/{act}[^"]*"><input type="hidden" name="token" value="(\w+)"', page)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def stopped(folder: Path, client: httpx.Client) -> None:
    """A run, and a callee who stopped the calls on the page while the card was out."""
    with ended(start_run(folder)) as run:
        until(lambda: rows(folder, "SELECT 1 FROM page_cards"), "a card with a code is out")
        link = str(run_to_end(folder, "requests", "link", NUMBER, "--campaign", str(folder))["link"])
        place = "/c/" + link.rpartition("/")[2]
        page = client.get(place)
        assert page.status_code == 200
        answer = client.post(f"{place}/stop", data={"token": token(page.text, "stop")})
        assert answer.headers["location"] == f"{place}?done=stop"
        assert run.wait() == 0, run.errors()


@pytest.mark.usefixtures("stopped")
def test_who_stops_the_calls_on_the_page_while_the_card_is_out_is_not_rung(folder: Path) -> None:
    ((state, reason),) = rows(folder, "SELECT state, reason FROM leads")
    assert (state, reason) == ("refused", "callee-refused")
    assert rows(folder, "SELECT invite_sent_at FROM attempts WHERE invite_sent_at IS NOT NULL") == []
    ((channel, actor),) = rows(folder, "SELECT channel, actor FROM refusals")
    assert (channel, actor) == ("page", "callee")


@pytest.mark.usefixtures("stopped")
def test_the_signed_journal_proves_the_card_once_the_run_has_ended(folder: Path, client: httpx.Client) -> None:
    link = str(run_to_end(folder, "requests", "link", NUMBER, "--campaign", str(folder))["link"])
    place = "/c/" + link.rpartition("/")[2]
    until(lambda: "已核实：" in client.get(place).text, "the checkpoint is seen", 20)


@pytest.mark.usefixtures("stopped")
def test_what_is_asked_on_the_page_waits_at_the_desk_and_forgetting_leaves_no_name(
    folder: Path, client: httpx.Client
) -> None:
    link = str(run_to_end(folder, "requests", "link", NUMBER, "--campaign", str(folder))["link"])
    place = "/c/" + link.rpartition("/")[2]
    page = client.get(place).text
    day = re.search(r'name="on"[^>]*max="([0-9-]+)"', page)
    assert day is not None
    wanted = {"token": token(page, "call-back"), "on": day[1], "part": "morning"}
    assert client.post(f"{place}/call-back", data=wanted).status_code == 303
    assert client.post(f"{place}/complain", data={"token": token(page, "complain"), "about": "rude"}).status_code == 303
    assert client.post(f"{place}/forget", data={"token": token(page, "forget"), "sure": "yes"}).status_code == 200
    assert client.get(place).status_code == 404
    asked = run_to_end(folder, "requests", "list", "--campaign", str(folder))["requests"]
    assert isinstance(asked, list)
    assert sorted(each["kind"] for each in asked) == ["call_back", "erasure"]
    assert rows(folder, "SELECT name, slots FROM leads") == [("", "{}")]
    ((complaint,),) = rows(folder, "SELECT record FROM complaints")
    assert (json.loads(str(complaint))["source"], json.loads(str(complaint))["about"]) == ("page", "rude")
    erasure = next(each for each in asked if each["kind"] == "erasure")
    run_to_end(folder, "requests", "done", erasure["request"], "--campaign", str(folder))
    left = run_to_end(folder, "requests", "list", "--campaign", str(folder))["requests"]
    assert isinstance(left, list)
    assert [each["kind"] for each in left] == ["call_back"]
    entries = "".join(str(row[0]) for row in rows(folder, "SELECT canonical FROM journal"))
    assert "某人" not in entries
    assert NUMBER not in entries
