"""No foreign encoding is guessed into Chinese: refused by name, or read as the campaign says."""

import pytest

from baitie.domain.contacts import ContactFileError, FileFault, read_table_untrusted

WESTERN = [
    "Jürgen Müller",
    "Peña",
    "Søren Kjær",
    "José",
    "Zoë",
    "François",
    "Núñez",
    "Åsa Öberg",
    "Øystein",
    "Renée O'Connor",
]
CENTRAL = ["Małgorzata", "Dvořák", "Łukasz Żak", "Ünal", "Kovács Gyöngyi"]
CASES = [
    *((name, "windows-1252") for name in WESTERN),
    *((name, "windows-1250") for name in CENTRAL),
    *((name, "big5") for name in ("王小明", "陳怡君", "林志豪", "黃美玲")),
    *((name, "shift_jis") for name in ("山田太郎", "佐藤花子", "鈴木", "ﾔﾏﾀﾞ", "さくら")),
    *((name, "euc_kr") for name in ("김철수", "박영희", "서울", "이영희")),
]


def listed(name: str, encoding: str, divider: str = ",", heading: str = "name{}phone") -> bytes:
    return f"{heading.format(divider)}\n{name}{divider}13800138000\n".encode(encoding)


@pytest.mark.parametrize("divider", [",", ";", "\t"])
@pytest.mark.parametrize(("name", "encoding"), CASES)
def test_a_foreign_name_is_refused_or_read_as_it_was_written(name: str, encoding: str, divider: str) -> None:
    data = listed(name, encoding, divider)
    for may_be_chinese in (True, False):
        with pytest.raises(ContactFileError) as caught:
            read_table_untrusted(data, "list.csv", may_be_chinese=may_be_chinese)
        assert caught.value.fault is FileFault.ENCODING_UNKNOWN
    assert read_table_untrusted(data, "list.csv", encoding).rows[0].cells[0] == name


def test_many_western_names_among_plain_ones_are_refused_too() -> None:
    plain = "".join(f"Smith {n},1380013{n:04}\n" for n in range(2_000))
    data = ("name,phone\n" + plain + "Jürgen,13800139999\n").encode("windows-1252")
    with pytest.raises(ContactFileError):
        read_table_untrusted(data, "list.csv")


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        *(
            (name, "姓名{}手机号")
            for name in ("王小明", "龚蓓", "张𠮷三", "欧阳娜娜", "VIP客户王", "甄嬛", "喆", "陳怡君", "A座王先生")
        ),
        *((name, "name{}phone") for name in ("王小明", "李红", "VIP客户王", "张堃")),
    ],
)
def test_chinese_lists_in_gb18030_are_read_where_lists_are_chinese(name: str, heading: str) -> None:
    data = listed(name, "gb18030", heading=heading)
    assert read_table_untrusted(data, "list.csv").rows[0].cells[0] == name
    with pytest.raises(ContactFileError):
        read_table_untrusted(data, "list.csv", may_be_chinese=False)


def test_a_named_encoding_that_does_not_fit_is_refused_with_the_row() -> None:
    with pytest.raises(ContactFileError) as caught:
        read_table_untrusted("a,b\n1,ü\n".encode("windows-1252"), "list.csv", "utf-8")
    assert caught.value.details["row"] == 2
