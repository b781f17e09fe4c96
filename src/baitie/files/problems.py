"""What is wrong with a file: each place, value and remedy, all of them at once."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from baitie.domain.namecard.findings import INSTEAD
from baitie.kernel.errors import InputError
from baitie.kernel.foreign_text import shown
from baitie.locale.catalogue import Catalogue, catalogue

SHOWN_CHARS_MAX = 1000
"""So much of a name or a value is shown: no setting has a longer one, and a screen is not flooded."""


def _short(value: Any) -> Any:
    return f"{value[:SHOWN_CHARS_MAX]}…" if isinstance(value, str) and len(value) > SHOWN_CHARS_MAX else value


@dataclass(frozen=True, slots=True)
class Problem:
    """Problem (问题) of one place in one file.

    `code` is a key of the `problems` catalogue, or `CATALOGUE:KEY` of another that holds `text` and `remedy` there.
    """

    file: str
    place: str  # dotted, such as `dialing.ring_timeout_s`; empty for the file as a whole
    code: str
    line: int | None = None
    details: dict[str, Any] = field(default_factory=dict)

    def where(self) -> str:
        """The place as people read it: `campaign.toml:12 dialing.ring_timeout_s`."""
        line = f":{self.line}" if self.line else ""
        return shown(f"{self.file}{line} {_short(self.place)}".rstrip())

    def text(self, lang: str) -> str:
        """The place, what is wrong there, and what to do."""
        name, _, key = self.code.rpartition(":")
        if name:
            said = self._from_other(_texts(name, lang), key)
        else:
            texts = _texts("problems", lang)
            kind = texts.text_or(f"kind.{self.details.get('kind')}", "")
            shown = {name: texts.text_or(f"word.{name}.{value}", _short(value)) for name, value in self.details.items()}
            said = texts.text(self.code, **{**shown, "kind": kind})
        hint = self.details.get("suggestion")
        if hint:
            said = f"{said} {_texts('problems', lang).text('did-you-mean', suggestion=hint)}"
        return f"{self.where()}: {said}"

    def _from_other(self, texts: Catalogue, key: str) -> str:
        said, remedy = (texts.text(f"{key}.{part}") for part in ("text", "remedy"))
        # A value that is a code of the same catalogue, such as a class of words, is shown by its text.
        values = {name: texts.text_or(f"{name}.{value}", _short(value)) for name, value in self.details.items()}
        filled = self._filled(said, values)
        if filled == said and self.details:  # the text names no values: they stand beside it
            filled = (
                f"{said} ({', '.join(f'{name}={shown(str(_short(value)))}' for name, value in self.details.items())})"
            )
        instead = f"; {self._filled(texts.text('instead'), values)}" if INSTEAD in values else ""
        return f"{filled}; {self._filled(remedy, values)}{instead}"

    @staticmethod
    def _filled(text: str, values: Mapping[str, Any]) -> str:
        """The text with its known names filled in; other braces stand for themselves."""
        return re.sub(r"\{([a-z_]+)\}", lambda name: shown(str(values.get(name[1], name[0]))), text)

    def to_json(self, lang: str) -> dict[str, Any]:
        """As plain JSON, for `--json`."""
        return {"file": self.file, "line": self.line, "place": self.place, "code": self.code, "text": self.text(lang)}


class SettingsError(InputError):
    """A settings file cannot be used. Mend each place that is listed and run `baitie check` again."""

    code = "settings-invalid"

    def __init__(self, problems: Sequence[Problem]) -> None:
        # Two files may be laid over by one variable, and both say what is wrong with it: once is enough.
        self.problems = tuple(each for place, each in enumerate(problems) if each not in problems[:place])
        super().__init__("\n".join(problem.text("en") for problem in self.problems))


@cache
def _texts(name: str, lang: str) -> Catalogue:
    return catalogue(name, lang)
