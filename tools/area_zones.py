"""Writes `src/baitie/domain/contacts/area_zones.py`: the area codes of country code 1 that lie in several time zones.

Run it in an environment that also has the package `zipcodes` 3.0.0 (MIT), which Baitie itself does not need:
`python -m tools.area_zones`. Three sources, joined, because more zones are the stricter reading:

1. the tables of `phonenumbers`, over every exchange from 200 to 999 of each area code: a code whose exchanges differ;
2. `OVERLAYS`: codes laid over the same ground; what one of them has, all have (from memory, see below);
3. the ZIP tables of `zipcodes`: zones of the places that use an area code. At borders they name codes of neighbours, so
   that only what `BORDER_CODES` names is taken from them.

The ZIP prefixes come from the same tables: three digits, with every zone in which one of their places lies.
"""

import importlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import phonenumbers
from phonenumbers.tzdata import TIMEZONE_DATA

TARGET = Path(__file__).parents[1] / "src" / "baitie" / "domain" / "contacts" / "area_zones.py"
EXCHANGES = range(200, 1000)

OVERLAYS = (
    *(("208", "986"), ("270", "364"), ("402", "531"), ("458", "541"), ("812", "930"), ("448", "850"), ("709", "879")),
    *(("236", "250", "672", "778"), ("306", "474", "639"), ("367", "418", "581"), ("334", "483")),
)
"""Codes that share their ground. From memory; where both of a group stand in the ZIP tables they agree."""

BORDER_CODES = (
    *("219", "308", "334", "402", "423", "432", "574", "605", "606", "620", "701", "775", "785", "850", "906", "915"),
    *("928", "931"),
)
"""Codes whose places lie in several zones; read in the ZIP tables, where at least one place in fifty lies apart."""

BY_HAND: Mapping[str, tuple[str, ...]] = {
    "250": ("America/Edmonton", "America/Vancouver"),  # the Kootenays and the Peace River keep Mountain Time
    "306": ("America/Edmonton", "America/Regina"),  # Lloydminster keeps Alberta's time
    "689": ("America/New_York",),  # Orlando, laid over 407 and 321; the tables of numbers say Chicago
    "807": ("America/Toronto", "America/Winnipeg"),
    "867": ("America/Edmonton", "America/Toronto", "America/Whitehorse", "America/Winnipeg"),
}
"""From memory: Canada is not in the ZIP tables, and codes younger than these are not either."""

PLAIN = {
    "America/Detroit": "America/New_York",
    "America/Indiana/Indianapolis": "America/New_York",
    "America/Indiana/Marengo": "America/New_York",
    "America/Indiana/Petersburg": "America/New_York",
    "America/Indiana/Vevay": "America/New_York",
    "America/Indiana/Vincennes": "America/New_York",
    "America/Indiana/Winamac": "America/New_York",
    "America/Kentucky/Louisville": "America/New_York",
    "America/Kentucky/Monticello": "America/New_York",
    "America/Indiana/Knox": "America/Chicago",
    "America/Indiana/Tell_City": "America/Chicago",
    "America/Menominee": "America/Chicago",
    "America/North_Dakota/Beulah": "America/Chicago",
    "America/North_Dakota/Center": "America/Chicago",
    "America/North_Dakota/New_Salem": "America/Chicago",
    "America/Boise": "America/Denver",
    "America/Nome": "America/Anchorage",
    "America/Juneau": "America/Anchorage",
    "America/Sitka": "America/Anchorage",
    "America/Yakutat": "America/Anchorage",
    "America/Metlakatla": "America/Anchorage",
}
"""Zones that have kept the same time as a better known one since 2019: two names of one clock are one zone here."""


def plain(names: Iterable[str]) -> set[str]:
    """Names without doubles of one clock."""
    return {PLAIN.get(name, name) for name in names if "/" in name}


def from_numbers() -> dict[str, set[str]]:
    """Area code -> zones over all its exchanges, by longest prefix as `phonenumbers` looks up."""
    codes = {key[1:4] for key in TIMEZONE_DATA if key.startswith("1") and len(key) >= 4}
    found: dict[str, set[str]] = {}
    for code in sorted(codes):
        zones: set[str] = set()
        for exchange in EXCHANGES:
            whole = f"1{code}{exchange}"
            place = next((whole[:size] for size in range(7, 3, -1) if whole[:size] in TIMEZONE_DATA), None)
            if place is not None:
                zones |= plain(TIMEZONE_DATA[place])
        found[code] = zones
    return found


def from_places(places: Iterable[Mapping[str, Any]]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Zones by area code, for `BORDER_CODES`, and by the first three digits of the ZIP code."""
    by_code: dict[str, set[str]] = defaultdict(set)
    by_zip: dict[str, set[str]] = defaultdict(set)
    for place in places:
        zones = plain([place["timezone"] or ""])
        by_zip[place["zip_code"][:3]] |= zones
        for code in place["area_codes"]:
            if code in BORDER_CODES:
                by_code[code] |= zones
    return by_code, {prefix: zones for prefix, zones in by_zip.items() if zones}


def split_codes(places: Iterable[Mapping[str, Any]]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """The area codes with several zones, and the zones by ZIP prefix."""
    by_code = from_numbers()
    from_zip, by_zip = from_places(places)
    for more in (from_zip, {code: set(zones) for code, zones in BY_HAND.items()}):
        for code, zones in more.items():
            by_code[code] = by_code.get(code, set()) | zones
    for group in OVERLAYS:
        joined = set().union(*(by_code.get(code, set()) for code in group))
        by_code.update(dict.fromkeys(group, joined))
    return {code: zones for code, zones in by_code.items() if len(zones) > 1}, by_zip


def ranges(by_zip: Mapping[str, set[str]]) -> list[tuple[str, tuple[str, ...]]]:
    """First prefix of each run with the same zones; a gap of prefixes that no place has is part of the run before."""
    runs: list[tuple[str, tuple[str, ...]]] = []
    for prefix in sorted(by_zip):
        zones = tuple(sorted(by_zip[prefix]))
        if not runs or runs[-1][1] != zones:
            runs.append((prefix, zones))
    return runs


def main() -> None:
    """Write the table."""
    places = importlib.import_module("zipcodes").list_all()
    codes, by_zip = split_codes(places)
    lines = [
        '"""Time zones by area code and ZIP code, country code 1. Written by `tools/area_zones.py`; do not edit.',
        "",
        f"From the tables of `phonenumbers` {phonenumbers.__version__}, the ZIP tables of `zipcodes` 3.0.0 and",
        "overlays by hand; the tool says how they are joined.",
        '"""',
        "",
        "SPLIT_AREA_CODES: dict[str, tuple[str, ...]] = {",
        *(f'    "{code}": {_tuple(sorted(zones))},' for code, zones in sorted(codes.items())),
        "}",
        '"""Area codes in which several zones lie, with all of them."""',
        "",
        "SAME_CLOCK: dict[str, str] = {",
        *(f'    "{name}": "{better}",' for name, better in sorted(PLAIN.items())),
        "}",
        '"""Zones that have kept the time of a better known one since 2019: two names, one clock."""',
        "",
        "ZIP_RUNS: tuple[tuple[str, tuple[str, ...]], ...] = (",
        *(f'    ("{prefix}", {_tuple(zones)}),' for prefix, zones in ranges(by_zip)),
        ")",
        '"""First three digits of ZIP codes from which on these zones hold, in order."""',
        "",
    ]
    TARGET.write_text("\n".join(lines), "utf-8")


def _tuple(names: Iterable[str]) -> str:
    quoted = [f'"{name}"' for name in names]
    return f"({', '.join(quoted)}{',' if len(quoted) == 1 else ''})"


if __name__ == "__main__":
    main()
