"""The report in a real browser: it fits a telephone and a screen, and asks the network for nothing."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.peers.peers import require

MEASURE = """<script>addEventListener('load', () => { parent.postMessage(JSON.stringify({
  wide: document.documentElement.scrollWidth, view: innerWidth,
  outside: [...document.querySelectorAll('figure svg text')].filter(t => {
    const box = t.getBoundingClientRect(), frame = t.closest('figure').getBoundingClientRect();
    return box.left < frame.left - 1 || box.right > frame.right + 1;
  }).length,
  cut: [...document.querySelectorAll('td, th, .tile, .legend')].filter(t => {
    const box = t.getBoundingClientRect();
    return box.width && (box.right > innerWidth + 1 || t.scrollWidth > t.clientWidth + 1);
  }).length,
  loaded: performance.getEntriesByType('resource').length, pictures: document.querySelectorAll('svg').length }), '*') })
</script>"""

pytestmark = pytest.mark.peers


@pytest.fixture(scope="module", params=["zh", "en"])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with every picture, made from the unit tests' data."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "report"))
    try:
        from test_page import report  # type: ignore[import-not-found]
    finally:
        sys.path.pop(0)
    from baitie.adapters.report import render_html
    from baitie.locale.catalogue import catalogue

    file = tmp_path_factory.mktemp("page") / "report.html"
    page = render_html(report(), catalogue("report", request.param)).replace("<details", "<details open")
    file.write_text(page + MEASURE, "utf-8")
    return file


@pytest.mark.parametrize("width", [390, 820, 1280])
def test_nothing_hangs_over_the_edge_and_nothing_is_fetched(page: Path, width: int, tmp_path: Path) -> None:
    found = measured(page, width, tmp_path)
    assert found["view"] == width
    assert found["wide"] <= width
    assert found["outside"] == 0
    assert found["cut"] == 0
    assert found["loaded"] == 0
    assert found["pictures"] >= 7


def measured(page: Path, width: int, profile: Path) -> dict[str, int]:
    browser = require("chromium")
    # A headless window is never narrower than 500 px, so the page stands in a frame of the wanted width.
    frame = profile / "frame.html"
    frame.write_text(
        "<!doctype html><script>onmessage = said => { document.title = said.data }</script>"
        f'<iframe src="{page.as_uri()}" width="{width}" height="2000" frameborder="0"></iframe>',
        "utf-8",
    )
    done = subprocess.run(
        [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
            f"--user-data-dir={profile / 'profile'}", "--window-size=1400,2000",
            "--virtual-time-budget=3000", "--dump-dom", frame.as_uri(),
        ],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    title = re.search(r"<title>(\{.*?\})</title>", done.stdout)
    assert title is not None, done.stderr[-2000:]
    return dict(json.loads(title[1].replace("&quot;", '"')))
