"""A sample of mutants by area: `python -m tools.mutants [--seed N] [--count N] [--area NAME] [--json]`, `make mutants`.

Each area gets `--count` mutants, drawn by the seed; the judges of a rehearsal get all. Printed are those killed,
survived and judged equivalent, by area; judged equivalent are those of `equivalent.toml`, each with its reason.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tomllib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

from tools.mutants import reach
from tools.mutants.sites import Mutant, mutants_of
from tools.mutants.trial import Bench, Fate, Tried

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / ".make" / "mutants"
AREAS: dict[str, tuple[str, ...]] = {
    "domain": ("src/baitie/kernel", "src/baitie/domain"),
    "wire": ("src/baitie/wire",),
    "app": ("src/baitie/app",),
    "store": ("src/baitie/adapters/store",),
    "invariants": ("src/baitie/rehearsal/invariants",),
}
WHOLE = frozenset({"invariants"})
"""Areas of which every mutant is tried: they judge everything else."""
WANTED_RATE = {"invariants": 1.0}
WANTED_RATE_ELSE = 0.9
AT_A_TIME = 2


@dataclass(frozen=True, slots=True)
class Equivalent:
    """A mutant that changes nothing that anybody could see, and why."""

    file: str
    before: str
    after: str
    reason: str


def equivalents() -> list[Equivalent]:
    """Those judged by a person."""
    text = (Path(__file__).parent / "equivalent.toml").read_text("utf-8")
    return [Equivalent(**each) for each in tomllib.loads(text).get("equivalent", [])]


def mutants_in(area: str) -> list[Mutant]:
    """All mutants of an area."""
    files = sorted(file for folder in AREAS[area] for file in (ROOT / folder).rglob("*.py"))
    return [
        mutant
        for file in files
        if "migrations" not in file.parts
        for mutant in mutants_of(file.relative_to(ROOT), file.read_text("utf-8"))
    ]


def drawn(area: str, seed: int, count: int) -> list[Mutant]:
    """The sample of an area."""
    found = mutants_in(area)
    if area in WHOLE or len(found) <= count:
        return found
    return random.Random(f"{area} {seed}").sample(found, count)


def try_all(mutants: list[Mutant]) -> list[Tried]:
    """Try them, two at a time, with a line of progress on the standard error."""
    found = reach.read(ROOT, KEPT)
    benches: Queue[Bench] = Queue()
    for number in range(AT_A_TIME):
        benches.put(Bench(ROOT, KEPT / f"tree{number}", found))
    done = Counter[Fate]()

    def one(mutant: Mutant) -> Tried:
        bench = benches.get()
        try:
            tried = bench.try_one(mutant)
        finally:
            benches.put(bench)
        done[tried.fate] += 1
        if tried.fate is not Fate.KILLED:  # told at once: a run that is broken off is not in vain
            before, after = mutant.lines((ROOT / mutant.path).read_text("utf-8"))
            print(f"\n{mutant.path}:{mutant.line} {tried.fate}\n  - {before}\n  + {after}", file=sys.stderr)
        print(
            f"\r{done.total()} of {len(mutants)} tried, {done[Fate.KILLED]} killed", end="", file=sys.stderr, flush=True
        )
        return tried

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        tried = list(pool.map(one, mutants))
    print(file=sys.stderr)
    return tried


def told(area: str, tried: list[Tried]) -> dict[str, object]:
    """What came of one area, as plain values."""
    known = {(each.file, each.before, each.after): each.reason for each in equivalents()}
    rows, harmless = [], 0
    for each in tried:
        if each.fate is Fate.KILLED:
            continue
        before, after = each.mutant.lines((ROOT / each.mutant.path).read_text("utf-8"))
        if (each.mutant.path.as_posix(), before, after) in known:
            harmless += 1
            continue
        where = f"{each.mutant.path.as_posix()}:{each.mutant.line}"
        rows.append({"where": where, "fate": each.fate.value, "before": before, "after": after})
    killed = sum(each.fate is Fate.KILLED for each in tried)
    judged = killed + len(rows)
    rate, wanted = (killed / judged if judged else 1.0), WANTED_RATE.get(area, WANTED_RATE_ELSE)
    return {
        "area": area, "killed": killed, "survived": len(rows), "equivalent": harmless,
        "killed_rate": round(rate, 3), "wanted_rate": wanted, "is_met": rate >= wanted, "survivors": rows,
    }  # fmt: skip


def main() -> int:
    """1 where an area falls short of what is wanted of it."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="which sample")
    parser.add_argument("--count", type=int, default=40, help="mutants of each area (all of the judges of a rehearsal)")
    parser.add_argument("--area", choices=sorted(AREAS), action="append", help="only this area; may be repeated")
    parser.add_argument("--again", action="store_true", help="measure anew which test runs which line")
    parser.add_argument("--json", action="store_true", help="plain values on the standard output")
    options = parser.parse_args()
    KEPT.mkdir(parents=True, exist_ok=True)
    if options.again or not (KEPT / "tests.xml").exists():
        shutil.rmtree(KEPT)
        KEPT.mkdir(parents=True)
        reach.measure(ROOT, KEPT)
    areas = options.area or list(AREAS)
    samples = {area: drawn(area, options.seed, options.count) for area in areas}
    tried = try_all([mutant for area in areas for mutant in samples[area]])
    by_mutant = {each.mutant: each for each in tried}
    results = [told(area, [by_mutant[mutant] for mutant in samples[area]]) for area in areas]
    if options.json:
        print(json.dumps({"seed": options.seed, "areas": results}, ensure_ascii=False, indent=1))
    else:
        _print(options.seed, results)
    return 0 if all(result["is_met"] for result in results) else 1


def _print(seed: int, results: list[dict[str, object]]) -> None:
    print(f"mutants of seed {seed}")
    print(f"{'area':<12}{'killed':>8}{'survived':>10}{'equivalent':>12}{'rate':>8}{'wanted':>8}")
    for each in results:
        print(
            f"{each['area']!s:<12}{each['killed']!s:>8}{each['survived']!s:>10}{each['equivalent']!s:>12}"
            f"{each['killed_rate']:>8.1%}{each['wanted_rate']:>8.0%}"
        )
    for each in results:
        for row in each["survivors"]:  # type: ignore[attr-defined]
            print(f"\n{row['where']} {row['fate']}\n  - {row['before']}\n  + {row['after']}")


if __name__ == "__main__":
    sys.exit(main())
