"""What is wrong with a file: each place, value and remedy, all of them at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from baitie.bootstrap.catalogue import Catalogue, catalogue
from baitie.kernel.errors import InputError


@dataclass(frozen=True, slots=True)
class Problem:
    """Problem (问题) of one place in one file. `code` is a key of the `problems` catalogue."""

    file: str
    place: str  # dotted, such as `dialing.ring_timeout_s`; empty for the file as a whole
    code: str
    line: int | None = None
    details: dict[str, Any] = field(default_factory=dict)

    def where(self) -> str:
        """The place as people read it: `campaign.toml:12 dialing.ring_timeout_s`."""
        line = f":{self.line}" if self.line else ""
        return f"{self.file}{line} {self.place}".rstrip()

    def text(self, texts: Catalogue) -> str:
        """The place, what is wrong there, and what to do."""
        said = texts.text(self.code, **self.details)
        hint = self.details.get("suggestion")
        if hint:
            said = f"{said} {texts.text('did-you-mean', suggestion=hint)}"
        return f"{self.where()}: {said}"


class SettingsError(InputError):
    """A settings file cannot be used. Mend each place that is listed and run `baitie check` again."""

    code = "settings-invalid"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        texts = catalogue("problems", "en")
        super().__init__("\n".join(problem.text(texts) for problem in self.problems))
