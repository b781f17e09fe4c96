"""The shipped example as tests alter it."""

from pathlib import Path

LIBRARY_CARD = '\nlibrary = { language = "zh-CN", industry = "ecommerce" }\nvalues = { minutes = "1" }\n'
OWN_CARD = '\nfile = "card.toml"\n'


def use_card(folder: Path, card: str = 'file = "card.toml"\n') -> None:
    """Let the example's campaign take the folder's own card, or what else `[card]` shall say."""
    file = folder / "campaign.toml"
    text = file.read_text("utf-8")
    before = LIBRARY_CARD if LIBRARY_CARD in text else OWN_CARD
    assert before in text
    file.write_text(text.replace(before, "\n" + card), "utf-8")
