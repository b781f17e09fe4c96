"""Texts for people, read from the message catalogues in `baitie/locale`."""

import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import PurePath
from typing import Any

from baitie.kernel.foreign_text import shown

LANGUAGES = ("zh", "en")
"""The languages that every catalogue must speak."""


_OUTCOMES = ("baitie.locale", "outcomes", "outcome")
_WITHIN: Mapping[str, tuple[str, str, str]] = {
    "cli": _OUTCOMES,
    "report": _OUTCOMES,
    "rules": ("baitie.rules", "messages", "kind"),
}
"""Catalogues that have a table of another one among their own texts, by folder and name: what stands in words once."""


class Catalogue:
    """Message catalogue (文案目录): texts by dotted key, with `{placeholders}`."""

    def __init__(self, lang: str, texts: Mapping[str, str]) -> None:
        self.lang = lang
        self._texts = texts

    def text(self, key: str, /, **values: Any) -> str:
        """The text under `key` with its placeholders filled. A missing key is a programmer's error: KeyError."""
        text = self._texts[key]
        return text.format(**{name: _shown(value) for name, value in values.items()}) if values else text

    def text_or(self, key: str, fallback: str, /, **values: Any) -> str:
        """As `text`, or `fallback` where no text stands under `key`."""
        return self.text(key, **values) if key in self._texts else fallback

    def keys(self) -> frozenset[str]:
        """All dotted keys."""
        return frozenset(self._texts)


def _shown(value: Any) -> Any:
    """Values may be foreign text; paths are, too."""
    return shown(value) if isinstance(value, str) else shown(str(value)) if isinstance(value, PurePath) else value


def catalogue(name: str, lang: str) -> Catalogue:
    """The catalogue `locale/<name>.<lang>.toml`, such as `cli` or `settings`."""
    texts = _read("baitie.locale", name, lang)
    if name in _WITHIN:
        folder, other, table = _WITHIN[name]
        texts = {**_read(folder, other, lang, table), **texts}
    return Catalogue(lang, texts)


def _read(folder: str, name: str, lang: str, table: str = "") -> dict[str, str]:
    file = resources.files(folder).joinpath(f"{name}.{lang}.toml")
    texts = tomllib.loads(file.read_text("utf-8"))
    return _flatten({table: texts[table]} if table else texts)


def language_of(environ: Mapping[str, str]) -> str:
    """`zh` or `en`, from BAITIE_LANG, else from the usual locale variables; `en` where they say nothing of Chinese."""
    for name in ("BAITIE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environ.get(name, "")
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def _flatten(table: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    out: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            out.update(_flatten(value, f"{prefix}{key}."))
        else:
            out[f"{prefix}{key}"] = str(value)
    return out
