"""Prompt files: 8 kHz mono, as raw A-law or WAV, made into the A-law that calls carry."""

from collections.abc import Mapping
from pathlib import Path

from baitie.wire.g711.prompts import PROMPT_BYTES_MAX, PromptError, load_prompt_untrusted

CACHE_BYTES_MAX = 256 * 1024 * 1024


class PromptCache:
    """Prompts by name, each file read once."""

    def __init__(self) -> None:
        self._by_name: dict[str, bytes] = {}
        self._by_path: dict[Path, bytes] = {}
        self._bytes = 0

    def load(self, prompts: Mapping[str, Path]) -> None:
        """Read the files; nothing is taken over where one fails. Raises PromptError with the file."""
        read = {name: self._read(path) for name, path in prompts.items()}
        self._by_name.update(read)

    def audio(self, name: str) -> bytes:
        """The A-law audio of a loaded prompt."""
        if name not in self._by_name:
            raise PromptError("No prompt of this name was loaded; add its file to the campaign.", prompt=name)
        return self._by_name[name]

    def _read(self, path: Path) -> bytes:
        if path not in self._by_path:
            try:
                if path.stat().st_size > PROMPT_BYTES_MAX:
                    raise PromptError("The prompt file is too large; split it.", file=str(path))
                audio = load_prompt_untrusted(path.read_bytes())
            except OSError as error:
                raise PromptError("The prompt file cannot be read.", file=str(path), cause=error.strerror) from error
            except PromptError as error:
                raise PromptError(error.message, file=str(path)) from error
            if self._bytes + len(audio) > CACHE_BYTES_MAX:
                raise PromptError("All prompts together are too large.", file=str(path), bytes_max=CACHE_BYTES_MAX)
            self._bytes += len(audio)
            self._by_path[path] = audio
        return self._by_path[path]
