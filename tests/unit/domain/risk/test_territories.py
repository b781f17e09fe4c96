"""Whose rules are asked where: a region of numbers is no jurisdiction."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from baitie.app.gate.list_facts import _kinds_asked
from baitie.domain.contacts import NumberReading, read_number
from baitie.domain.risk.facts import CallFacts
from baitie.domain.risk.official import RegistryCheck
from baitie.domain.risk.territories import TERRITORIES, jurisdictions_of
from baitie.domain.risk.verdict import Decision
from baitie.kernel.purpose import Purpose

from .support import facts, shipped

NOON = datetime(2026, 12, 2, 17, 0, tzinfo=UTC)
US_RULES = {rule.rule_id for rule in shipped().rules if rule.jurisdiction == "US"}


def about(number: str, purpose: Purpose, at: datetime = NOON) -> CallFacts:
    reading = read_number(number, "US")
    assert isinstance(reading, NumberReading)
    zones = tuple(ZoneInfo(name) for name in reading.zone_names)
    return facts(at, region=reading.region, zones=zones, number_class=reading.number_class, purpose=purpose)


@pytest.mark.parametrize(
    "number", ["+16716470123", "+17875551234", "+19395551234", "+13407741234", "+16846331234", "+16702341234"]
)
@pytest.mark.parametrize("purpose", [Purpose.ACQUISITION, Purpose.COLLECTION])
def test_a_territory_of_the_united_states_is_asked_all_that_a_state_is(number: str, purpose: Purpose) -> None:
    there, in_a_state = (
        {finding.rule_id for finding in verdict.findings} | set(verdict.passed)
        for verdict in (
            shipped().explain(about(number, purpose)),
            shipped().explain(about("+12025550143", purpose)),
        )
    )
    assert there == in_a_state
    assert there & US_RULES


def test_marketing_to_guam_without_a_copy_of_the_registry_is_not_allowed() -> None:
    guam = about("+16716470123", Purpose.ACQUISITION)
    assert shipped().judge(guam).decision is not Decision.ALLOW
    assert RegistryCheck in _kinds_asked(shipped(), guam.region, guam.purpose, guam.line_classes)


def test_the_hours_of_a_territory_are_those_of_its_own_clock() -> None:
    nine_in_guam = datetime(2026, 12, 2, 11, 30, tzinfo=UTC)  # 21:30 there
    spoken = {
        finding.rule_id for finding in shipped().judge(about("+16716470123", Purpose.COLLECTION, nine_in_guam)).findings
    }
    assert "US-REGF-HOURS" in spoken


@pytest.mark.parametrize("region", ["HK", "MO", "TW"])
def test_china_hong_kong_macau_and_taiwan_are_not_asked_for_one_another(region: str) -> None:
    assert jurisdictions_of(region) == (region,)
    asked = shipped().explain(facts(NOON, region=region))
    chinese = {rule.rule_id for rule in shipped().rules if rule.jurisdiction == "CN"}
    assert not chinese & ({finding.rule_id for finding in asked.findings} | set(asked.passed))
    assert not shipped().has_rules_of(region)


def test_the_book_says_of_which_regions_it_knows_the_law() -> None:
    known = {region for region in ("CN", "US", "PR", "GU", "VI", "AS", "MP", None) if shipped().has_rules_of(region)}
    assert known == {"CN", "US", "PR", "GU", "VI", "AS", "MP", None}
    assert not any(shipped().has_rules_of(region) for region in ("GB", "JE", "FR", "RE", "HK", "JP", "CA"))


def test_no_territory_has_territories_of_its_own() -> None:
    assert not TERRITORIES.keys() & {territory.country for territory in TERRITORIES.values()}
    assert all(territory.source for territory in TERRITORIES.values())
