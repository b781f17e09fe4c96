"""Whose law holds in a region: the region of a number is a part of a numbering plan, not a jurisdiction."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class TerritoryBasis(StrEnum):
    """Why a country's rules are asked for a territory (属地依据)."""

    LAW = "law"  # the country's law holds there, whole or but for exceptions
    CARE = "care"  # own law, but the country's numbers and registers: its rules are asked because nobody can tell apart


@dataclass(frozen=True, slots=True)
class Territory:
    """Territory (属地): a region of numbers for which the rules of `country` are asked besides its own."""

    country: str  # ISO 3166-1 alpha-2, as `region`
    basis: TerritoryBasis
    source: str  # all of them from memory, none read


def _of(country: str, basis: TerritoryBasis, source: str, *regions: str) -> dict[str, Territory]:
    return {region: Territory(country, basis, source) for region in regions}


TERRITORIES: Mapping[str, Territory] = {
    **_of(
        "US",
        TerritoryBasis.LAW,
        '47 U.S.C. 153(58): "State" includes the District of Columbia and the Territories and possessions.',
        *("PR", "GU", "VI", "AS", "MP", "UM"),
    ),
    **_of(
        "FR",
        TerritoryBasis.LAW,
        "Constitution of France, articles 73 and 74: laws hold there of themselves, with exceptions in BL, MF and PM.",
        *("GP", "MQ", "GF", "RE", "YT", "BL", "MF", "PM"),
    ),
    **_of("NO", TerritoryBasis.LAW, "Svalbard Act, section 2: Norwegian private and penal law holds.", "SJ"),
    **_of("FI", TerritoryBasis.LAW, "Act on the Autonomy of Aland: what is not Aland's own is Finland's.", "AX"),
    **_of("AU", TerritoryBasis.LAW, "External territories under Australian law.", "CC", "CX"),
    **_of(
        "GB",
        TerritoryBasis.CARE,
        "Crown dependencies: laws of their own, numbers of the United Kingdom's plan.",
        *("JE", "GG", "IM"),
    ),
}
"""Region -> whose rules are asked there too.

CN, HK, MO and TW stand apart on purpose: each has its own law on calls, none of them is asked for another. So do
GL, FO, CW, SX, AW, BQ, NC, PF, WF, GI and whatever else is not named.
"""


def jurisdictions_of(region: str) -> tuple[str, ...]:
    """The countries whose rules are asked in a region: its own, and that to which it belongs."""
    territory = TERRITORIES.get(region)
    return (region,) if territory is None else (region, territory.country)
