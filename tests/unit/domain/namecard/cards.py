"""Templates and words that the tests of name cards share."""

import tomllib
from importlib import resources
from typing import Any

from baitie.domain.namecard import CardWords, NameCardTemplate, parse_template, parse_words

SIGN = "某某商城"


def card_words() -> CardWords:
    text = resources.files("baitie").joinpath("rules/card-words.toml").read_text("utf-8")
    return parse_words(tomllib.loads(text), "card-words.toml")


def template(text: str = "客服将致电回访您的订单,约1分钟", **fields: Any) -> NameCardTemplate:
    facts = {"template_id": "t", "version": 1, "purpose": "care", "sign": SIGN, "text": text, **fields}
    return parse_template(facts, "card.toml")
