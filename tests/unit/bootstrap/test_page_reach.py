"""A code on a card over a real line needs a page that telephones can open."""

import re
from pathlib import Path

import pytest
from tests.unit.bootstrap.test_samples import change, own  # noqa: F401

from baitie.bootstrap.folders import read_folder
from baitie.files.page_reach import is_public, page_problems, refuse_unreachable_page
from baitie.files.problems import SettingsError


@pytest.mark.parametrize(
    "address", ["https://card.shop.cn/", "http://8.8.8.8/", "https://shop.example:8443/c/", "https://card.com.cn/"]
)
def test_public_addresses(address: str) -> None:
    assert is_public(address)


LOCAL_NUMBERS = ["http://127.0.0.1:8620/", "http://10.1.2.3/", "http://192.168.1.5:8620/", "http://169.254.1.1/"]
LOCAL_NAMES = [
    "http://localhost/",
    "https://intranet/",
    "https://box.local/",
    "https://page.localhost/",
    "https://a..cn/",
]


@pytest.mark.parametrize("address", [*LOCAL_NUMBERS, *LOCAL_NAMES, "http://0.0.0.0/"])
def test_addresses_that_no_telephone_opens(address: str) -> None:
    assert not is_public(address)


def with_text(folder: Path, said: str, slots: str) -> Path:
    card = folder / "card.toml"
    text = re.sub(r"^text = .*", f'text = "{said}"', card.read_text("utf-8"), flags=re.MULTILINE)
    card.write_text(text.split("[slots")[0] + slots, "utf-8")
    return folder


def with_code(folder: Path) -> Path:
    return with_text(folder, "服务回访，约1分钟。查验码{code}", '\n[slots.code]\ntype = "code"\n')


def test_over_a_trunk_a_card_with_a_code_needs_a_public_page(own: Path) -> None:  # noqa: F811
    assert page_problems(read_folder(with_code(own), {})) == []
    change(own / "baitie.toml", "^address = .*", 'address = "http://127.0.0.1:8620/"')
    (problem,) = page_problems(read_folder(own, {}))
    assert (problem.code, problem.place) == ("page-unreachable", "page.address")
    with pytest.raises(SettingsError):
        refuse_unreachable_page(read_folder(own, {}))


def test_a_card_without_a_code_and_a_loopback_need_none(own: Path) -> None:  # noqa: F811
    change(own / "baitie.toml", "^address = .*", 'address = "http://127.0.0.1:8620/"')
    assert page_problems(read_folder(with_text(own, "服务回访，约1分钟。", ""), {})) == []
    change(with_code(own) / "baitie.toml", '^kind = "trunks"', 'kind = "loopback"')
    assert page_problems(read_folder(own, {})) == []
