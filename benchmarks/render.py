"""How many cards a second are made of a template and a lead's values, every slot checked again. No carrier.

`python -m benchmarks.render [--count 20000] [--json]`

The peer of the same run fills the same texts in by `str.format` and checks nothing: what all that checking costs.
"""

import argparse
import time
from collections.abc import Callable

from baitie.domain.namecard import RenderedCard, render
from baitie.domain.namecard.parsing import parse_template
from baitie.files.rule_files import read_card_words
from benchmarks.figures import Figure, Report, run_and_show

TARGET_PER_S = 10_000
ROUNDS = 5  # the best of some rounds: others share the machine

PLAIN = parse_template(
    {
        "template_id": "order",
        "version": 1,
        "purpose": "care",
        "channel": "flash",
        "language": "zh-CN",
        "sign": "云杉优选",
        "text": "就您尾号{tail}的{goods}订单回访，约{minutes}分钟，不便可不接。",
        "slots": {
            "tail": {"type": "phone_tail"},
            "goods": {"type": "text", "units_max": 12},
            "minutes": {"type": "minutes"},
        },
    },
    "order.toml",
)
VALUES = {"tail": "0371", "goods": "龙井茶", "minutes": "2", "name": "王晓明", "enterprise": "云杉优选"}


def per_s(act: Callable[[], object], count: int) -> float:
    """Calls per second of this thread's processor time."""
    best = 0.0
    for _ in range(ROUNDS):
        begun = time.thread_time()
        for _ in range(count):
            act()
        best = max(best, count / (time.thread_time() - begun))
    return best


def run(arguments: argparse.Namespace) -> list[Report]:
    """Measures a template of three slots, with and without the lists of words."""
    words, count = read_card_words(), arguments.count
    report = Report("render", f"cards of three slots, best of {ROUNDS} x {count}, processor time")
    made = render(PLAIN, VALUES, words)
    if not isinstance(made, RenderedCard):
        raise AssertionError(made)
    peer = per_s(lambda: PLAIN.text.format_map(VALUES), count)
    report.figures.append(
        Figure(
            "cards rendered, slots and words checked", per_s(lambda: render(PLAIN, VALUES, words), count), "1/s",
            TARGET_PER_S, True, "str.format, nothing checked", peer,
        )
    )  # fmt: skip
    refused = {**VALUES, "goods": "加微信领取"}
    report.figures.append(
        Figure("cards refused for a value", per_s(lambda: render(PLAIN, refused, words), count), "1/s")
    )
    return [report]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.render", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=20_000, help="cards in one round")
    raise SystemExit(run_and_show(run, parser))
