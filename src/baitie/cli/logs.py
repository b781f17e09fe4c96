"""What adapters warn of while a command runs, told to people in the wanted language, on the error stream."""

import logging
import re

from baitie.cli.shared import Shell, put
from baitie.kernel.foreign_text import shown

_NO_LETTERS = re.compile(r"[^a-z]+")


class TellsPeople(logging.Handler):
    """Handler (告警输出): looks each warning's words up in the catalogue; those that it lacks stand as they are."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(logging.WARNING)
        self._shell = shell

    def emit(self, record: logging.LogRecord) -> None:
        """Write one warning."""
        text = self._shell.texts.text_or(f"log.{key_of(str(record.msg))}", "")
        arguments = record.args if isinstance(record.args, tuple) else ()
        said = text.format(*(in_words(self._shell, each) for each in arguments)) if text else record.getMessage()
        put(said, err=True)


def key_of(template: str) -> str:
    """The key of a warning in the catalogue: the words of its template."""
    words = template.replace("%s", " ").replace("%d", " ").lower()
    return _NO_LETTERS.sub("-", words).strip("-")


def in_words(shell: Shell, value: object) -> str:
    """A technical cause, such as `bind-refused`, in words with the code after it; anything else as it stands."""
    said = shell.texts.text_or(f"cause.{value}", "") if isinstance(value, str) else ""
    return f"{said} ({value})" if said else shown(str(value))


def tell_warnings(shell: Shell) -> None:
    """From now on tell warnings of all adapters so; the handler of an earlier command line gives way."""
    log = logging.getLogger("baitie")
    for handler in [each for each in log.handlers if isinstance(each, TellsPeople)]:
        log.removeHandler(handler)
    log.addHandler(TellsPeople(shell))
