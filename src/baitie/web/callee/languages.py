"""Which language a browser's owner reads, and which Chinese script."""

from baitie.app.records.card_file import CardFile
from baitie.web.callee.settings import LANGUAGES

ACCEPTED_MAX = 20
"""So many languages of a header are looked at."""

HONG_KONG = "zh-HK"
_TRADITIONAL = frozenset({"hant", "hk", "mo", "tw"})
_TRADITIONAL_REGIONS = frozenset({"HK", "MO", "TW"})


def language_wanted(asked: str | None, accept_language: str | None, reads_traditional: bool = False) -> str:
    """The language that was asked for by the switch; else the first of ours by the header (RFC 9110 §12.5.4).

    Chinese where nothing is said: the callees of this page are mostly called in China. `reads_traditional` says that
    the card was written in traditional characters: then Chinese means those, whatever a browser's setting says.
    """
    if asked in LANGUAGES:
        return str(asked)
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate((accept_language or "").split(",")[:ACCEPTED_MAX]):
        name, _, parameter = part.strip().lower().partition(";")
        language = _ours(name.strip())
        weight = _weight(parameter.strip())
        if language is not None and weight > 0:
            ranked.append((-weight, place, language))
    wanted = min(ranked)[2] if ranked else "zh"
    return HONG_KONG if wanted == "zh" and reads_traditional else wanted


def reads_traditional(file: CardFile) -> bool:
    """Whether the callee was written to in traditional characters; by the callee's region where no card tells."""
    campaign = file.caller.campaign
    language = None if campaign is None else campaign.card_language
    if language is None or not language.startswith("zh"):
        return file.callee.region in _TRADITIONAL_REGIONS
    return language == HONG_KONG


def _ours(name: str) -> str | None:
    """The language of ours that a language tag (RFC 5646) means: script before region."""
    primary, *rest = name.split("-")
    if primary == "yue" or (primary == "zh" and "hans" not in rest and _TRADITIONAL & set(rest)):
        return HONG_KONG if "hans" not in rest else "zh"
    return primary if primary in LANGUAGES else None


def _weight(parameter: str) -> float:
    if not parameter.startswith("q="):
        return 1.0
    try:
        weight = float(parameter[2:])
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
