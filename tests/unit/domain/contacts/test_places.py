"""Zones of numbers and of places: where an area code lies in several zones, all of them count."""

import pytest

from baitie.domain.contacts import ColumnMapping, Contact, ImportResult, NumberReading, import_contacts, read_number
from baitie.domain.contacts.places import joined, zones_of_postal_code, zones_of_state, zones_of_zone
from baitie.domain.contacts.reasons import RejectReason
from baitie.domain.contacts.table import Table, TableRow

EASTERN, CENTRAL, MOUNTAIN, PACIFIC = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"


def zones(number: str) -> set[str]:
    reading = read_number(number, "US")
    assert isinstance(reading, NumberReading), reading
    return set(reading.zone_names)


@pytest.mark.parametrize(
    ("area_code", "expected"),
    [
        *(
            (code, {EASTERN, CENTRAL})
            for code in ("812", "930", "219", "850", "448", "270", "364", "423", "931", "606")
        ),
        *((code, {EASTERN, CENTRAL}) for code in ("574", "906")),
        ("689", {EASTERN}),  # Orlando; the tables of numbers place it in Chicago
        *((code, {CENTRAL, MOUNTAIN}) for code in ("308", "605", "620", "701", "785", "432")),
        *((code, {MOUNTAIN, PACIFIC}) for code in ("208", "986", "541", "458")),
    ],
)
def test_every_exchange_of_a_split_area_code_has_all_its_zones(area_code: str, expected: set[str]) -> None:
    for exchange in range(200, 1000, 7):
        if exchange % 100 != 11:
            assert zones(f"+1{area_code}{exchange}4321") >= expected, exchange


def test_an_area_code_in_one_zone_keeps_it() -> None:
    assert zones("+12025550143") == {EASTERN}
    assert zones("+14155550187") == {PACIFIC}
    assert zones("+8613800138000") == {"Asia/Shanghai"}


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+18762345678", {"America/Jamaica"}),
        ("+16582345678", {"America/Jamaica"}),
        ("+12462345678", {"America/Barbados"}),
        ("+14412345678", {"Atlantic/Bermuda"}),
        ("+18092345678", {"America/Santo_Domingo"}),
        ("+12423591234", {"America/Nassau"}),
        ("+77012345678", {"Asia/Almaty", "Asia/Aqtobe"}),
        ("+77112345678", {"Asia/Aqtobe"}),
    ],
)
def test_a_small_region_under_a_large_countrys_code_has_its_own_zones(number: str, expected: set[str]) -> None:
    assert zones(number) == expected


def test_a_mobile_number_that_may_be_anywhere_in_a_country_counts_all_of_it() -> None:
    assert {"Europe/Moscow", "Asia/Kamchatka"} <= zones("+79161234567")
    assert {"America/New_York", "Pacific/Guam"} <= zones("+15002345678")


def test_an_answer_for_an_area_abroad_counts_what_finer_entries_name_in_it() -> None:
    assert {"Asia/Jakarta", "Asia/Makassar"} <= zones("+6281234567890")
    assert {"Australia/Adelaide", "Australia/Perth"} <= zones("+61891234567")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("47708", {CENTRAL}), ("10001-1234", {EASTERN}), ("501", {EASTERN}), ("83864", {MOUNTAIN, PACIFIC} & {PACIFIC})],
)
def test_a_zip_code_says_the_zone(text: str, expected: set[str]) -> None:
    assert set(zones_of_postal_code(text)) == expected


def test_what_is_no_place_says_nothing() -> None:
    assert [zones_of_postal_code(text) for text in ("310000", "x", "-", "0", "１２３４５６７")] == [()] * 5
    assert zones_of_state("浙江") == zones_of_state("XX") == zones_of_state("") == ()
    assert zones_of_zone("Mars/Olympus", lambda _: False, is_north_american=True) == ()
    assert zones_of_zone("CST", lambda _: True, is_north_american=False) == ()


def test_states_are_known_by_letters_and_by_name() -> None:
    assert zones_of_state("in") == zones_of_state("Indiana") == (CENTRAL, EASTERN)
    assert zones_of_state("Puerto  Rico") == ("America/Puerto_Rico",)


def test_two_sources_join_to_what_both_allow_and_contradictions_to_all() -> None:
    assert joined((CENTRAL, EASTERN), (CENTRAL,)) == (CENTRAL,)
    assert joined((PACIFIC,), (EASTERN,)) == (PACIFIC, EASTERN) or set(joined((PACIFIC,), (EASTERN,))) == {
        PACIFIC,
        EASTERN,
    }
    assert joined((), (EASTERN,)) == (EASTERN,)


def imported(header: tuple[str, ...], *rows: tuple[str, ...], mapping: ColumnMapping | None = None) -> ImportResult:
    table = Table("list.csv", 1, header, tuple(TableRow(n, cells) for n, cells in enumerate(rows, 2)))
    return import_contacts(table, mapping or ColumnMapping(), "US", "shop", "contract")


def only(result: ImportResult) -> Contact:
    assert not result.rejected
    return result.accepted[0]


@pytest.mark.parametrize(
    ("heading", "cell", "expected"),
    [
        ("timezone", "America/Chicago", {CENTRAL}),
        ("时区", "Central", {CENTRAL}),
        ("zip", "47708", {CENTRAL}),
        ("State", "IN", {CENTRAL, EASTERN}),
        ("State", "CA", {CENTRAL, EASTERN, PACIFIC}),
        ("state", "shipped", {CENTRAL, EASTERN}),
        ("zone", "", {CENTRAL, EASTERN}),
    ],
)
def test_a_column_decides_within_the_area_code_and_adds_where_it_contradicts(
    heading: str, cell: str, expected: set[str]
) -> None:
    contact = only(imported(("phone", heading), ("812-436-1234", cell)))
    assert set(contact.zone_names) == expected
    assert contact.slots[heading] == cell


def test_a_mapped_column_that_says_no_place_rejects_the_row() -> None:
    mapping = ColumnMapping(zone="where")
    result = imported(("phone", "where"), ("812-436-1234", "Evansville"), ("812-436-1235", ""), mapping=mapping)
    assert [(bad.row, bad.field, bad.reason) for bad in result.rejected] == [(2, "where", RejectReason.PLACE_UNKNOWN)]
    assert len(result.accepted) == 1


def test_a_chinese_number_has_its_zone_whatever_the_postal_code_says() -> None:
    contact = only(imported(("phone", "zip", "state"), ("+8613800138000", "10001", "NY")))
    assert contact.zone_names == ("Asia/Shanghai",)


def test_merged_rows_count_the_zones_of_both() -> None:
    result = imported(("phone", "zone"), ("812-436-1234", "America/Chicago"), ("812-436-1234", "America/New_York"))
    assert set(only(result).zone_names) == {CENTRAL, EASTERN}
