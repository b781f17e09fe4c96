"""The time of an answer does not tell whether a code exists.

The claim is about time, so time is measured: existing and unknown codes are asked for in turn, in random order, and the
medians of 2,000 each are compared. Both kinds meet the same load at the same moments. A leak shows in every round; a
machine so busy that the work takes longer than answers are held gets another, in which they are held twice as long.
"""

import asyncio
import random
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest
from tests.web.pages import World

from baitie.adapters.store import SqlStore
from baitie.domain.namecard.page_code import make_page_code
from baitie.kernel.ids import CampaignId
from baitie.web.callee import CalleeSite

EACH = 2000
AT_ONCE = 8
"""Together far less work than the time after which answers leave."""

ROUNDS_MAX = 3
APART_MAX = 0.05


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A page on a store in a file, with a hundred cards."""
    store = SqlStore(tmp_path / "store.db", tmp_path / "key", inline=True, is_durable=False)
    world = World(store=store, burst=10**9)  # type: ignore[arg-type]
    yield world
    store.close()


def site_of(world: World, answer_after_s: float) -> CalleeSite:
    world.answer_after_s = answer_after_s
    settings = world.settings()
    return CalleeSite(world.page, world.acts, settings, lambda: world.now, time.monotonic)


async def asked(site: CalleeSite, path: str) -> tuple[int, float]:
    """Status, and how long the answer took."""
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "https",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": [],
        "client": ("203.0.113.7", 1), "server": ("card.example", 443),
    }  # fmt: skip
    status = 0

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, object]) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = int(str(message["status"]))

    began = time.perf_counter()
    await site.app(scope, receive, send)  # type: ignore[arg-type]
    return status, time.perf_counter() - began


async def medians(world: World, site: CalleeSite, each: int, rng: random.Random) -> tuple[float, float]:
    """The median times of codes that exist and of codes that do not."""
    known = [
        world.card(f"x{n}") for n in range(20 if len(world.store.attempts(CampaignId("order-followup"))) < 20 else 0)
    ]
    known = known or [world.code]
    took: dict[int, list[float]] = {200: [], 404: []}
    paths = [world.place(rng.choice(known)) for _ in range(each)]
    paths += [world.place(make_page_code(rng.getrandbits)) for _ in range(each)]
    rng.shuffle(paths)
    for start in range(0, len(paths), AT_ONCE):
        for status, took_s in await asyncio.gather(*(asked(site, path) for path in paths[start : start + AT_ONCE])):
            took[status].append(took_s)
    assert [len(times) for times in took.values()] == [each, each]
    return median(took[200]), median(took[404])


def apart(of_known: float, of_unknown: float) -> float:
    return abs(of_known - of_unknown) / max(of_known, of_unknown)


def test_2000_codes_that_exist_and_2000_that_do_not_take_the_same_time(world: World) -> None:
    seen = []
    for place in range(ROUNDS_MAX):
        site = site_of(world, answer_after_s=0.02 * 2**place)
        seen.append(apart(*asyncio.run(medians(world, site, EACH, random.Random(place)))))
        if seen[-1] <= APART_MAX:
            break
    assert min(seen) <= APART_MAX, f"medians apart by {seen}"


def test_the_measurement_would_show_it_if_answers_left_at_once(world: World) -> None:
    site = site_of(world, answer_after_s=0.0)
    assert apart(*asyncio.run(medians(world, site, 200, random.Random(9)))) > APART_MAX
