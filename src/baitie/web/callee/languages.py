"""Which language a browser's owner reads."""

from baitie.web.callee.settings import LANGUAGES

ACCEPTED_MAX = 20
"""So many languages of a header are looked at."""


def language_wanted(asked: str | None, accept_language: str | None) -> str:
    """The language that was asked for by the switch; else the first of ours by the header (RFC 9110 §12.5.4).

    Chinese where nothing is said: the callees of this page are mostly called in China.
    """
    if asked in LANGUAGES:
        return str(asked)
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate((accept_language or "").split(",")[:ACCEPTED_MAX]):
        name, _, parameter = part.strip().lower().partition(";")
        language = name.partition("-")[0].strip()
        weight = _weight(parameter.strip())
        if language in LANGUAGES and weight > 0:
            ranked.append((-weight, place, language))
    return min(ranked)[2] if ranked else "zh"


def _weight(parameter: str) -> float:
    if not parameter.startswith("q="):
        return 1.0
    try:
        weight = float(parameter[2:])
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
