"""The callee's page in Chromium at the size of a telephone, with scripts switched off."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from tests.web.chromium import Chromium
from tests.web.pages import World

from baitie.domain.namecard.page_code import PageCode
from baitie.kernel.ids import CalleeId

pytestmark = pytest.mark.peers

OPEN_ALL = "document.querySelectorAll('details').forEach(each => each.open = true)"
OUTSIDE = """[...document.querySelectorAll('main *, header *')].filter(each => {
  const box = each.getBoundingClientRect();
  return box.width && (box.left < -1 || box.right > innerWidth + 1) }).length"""
SMALL = """[...document.querySelectorAll('button, a.button, summary, select, input')]
  .filter(each => !['hidden', 'checkbox'].includes(each.type))
  .filter(each => each.getBoundingClientRect().height < 44).map(each => each.outerHTML)"""
CONTRAST = """(() => {
  const parse = text => { const n = text.match(/[\\d.]+/g).map(Number); return n.length > 3 && n[3] === 0 ? null : n };
  const light = c => c.slice(0, 3).map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = e => { for (; e; e = e.parentElement) {
    const c = parse(getComputedStyle(e).backgroundColor); if (c) return c } return [255, 255, 255] };
  return Math.min(...[...document.querySelectorAll('body *')]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) && e.getClientRects().length)
    .map(e => { const [a, b] = [light(parse(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
      return (a + 0.05) / (b + 0.05) })) })()"""
CONTRAST_LEAST = 4.5  # WCAG 2.2, 1.4.3 at level AA


@contextmanager
def served(world: World) -> Iterator[str]:
    """The site on a port of its own; gives its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(world.site.app, log_level="error", lifespan="off"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def address(world: World) -> Iterator[str]:
    with served(world) as there:
        yield there


@pytest.fixture(scope="module")
def telephone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with Chromium(tmp_path_factory.mktemp("profile")) as browser:
        browser.without_scripts()
        yield browser


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("is_dark", [False, True])
def test_nothing_hangs_over_the_edge_and_everything_can_be_read_and_touched(
    telephone: Chromium, world: World, address: str, lang: str, is_dark: bool
) -> None:
    telephone.in_dark(is_dark)
    for path in (world.place(), "/", world.place(PageCode("Z" * 13))):
        telephone.open(f"{address}{path}?lang={lang}")
        telephone.value(OPEN_ALL)
        assert telephone.value("[innerWidth, document.documentElement.scrollWidth]") == [390, 390]
        assert telephone.value(OUTSIDE) == 0
        assert telephone.value(SMALL) == []
        assert telephone.value(CONTRAST) >= CONTRAST_LEAST
        assert telephone.value("document.documentElement.lang") == {"zh": "zh-CN", "en": "en"}[lang]


def test_the_page_asks_for_nothing_but_the_enterprise_s_own_pictures(
    telephone: Chromium, world: World, address: str
) -> None:
    telephone.open(f"{address}{world.place()}")
    names = telephone.value("performance.getEntriesByType('resource').map(each => new URL(each.name).pathname)")
    assert set(names) <= {"/pictures/logo.png", "/pictures/1.png"}
    assert (
        telephone.value("getComputedStyle(document.querySelector('button.main')).fontWeight") == "600"
    )  # style applied


def test_a_code_is_typed_and_calls_are_stopped_without_a_script(
    telephone: Chromium, world: World, address: str
) -> None:
    code = world.card("t")
    telephone.open(f"{address}/?lang=zh")
    telephone.value(f"document.querySelector('#code').value = '{code.grouped().lower()}'")
    telephone.press("form button")
    assert "云杉优选商城" in telephone.value("document.querySelector('h1').textContent + document.body.textContent")
    telephone.press("form[action*='/stop'] button")
    assert "已登记：不再来电" in telephone.value("document.querySelector('[role=status]').textContent")
    assert world.store.standing(CalleeId("ca_t")).refusals


def test_wishes_are_set_by_touch(telephone: Chromium, world: World, address: str) -> None:
    code = world.card("w")
    telephone.open(f"{address}{world.place(code)}?lang=en")
    telephone.value(OPEN_ALL)
    telephone.value("document.querySelector('#from').value = '10:00'; document.querySelector('#until').value = '12:00'")
    telephone.value("document.querySelector('input[value=acquisition]').click()")
    telephone.press("form[action*='/wish'] button")
    wish = world.store.standing(CalleeId("ca_w")).preference
    assert wish is not None
    assert wish.purposes is not None
    assert wish.windows[0].opens_from.hour == 10
    assert "acquisition" not in {purpose.value for purpose in wish.purposes}


def test_pictures_of_the_page_can_be_taken(telephone: Chromium, world: World, address: str, tmp_path: Path) -> None:
    telephone.open(f"{address}{world.place()}")
    telephone.picture(tmp_path / "page.png")
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")


def test_a_view_is_one_small_answer(telephone: Chromium, world: World, address: str) -> None:
    """A slow network carries 50 kB in a second."""
    telephone.open(f"{address}{world.place()}")
    sizes = telephone.value("performance.getEntriesByType('navigation').map(each => each.transferSize)")
    assert 0 < sizes[0] < 20_000
