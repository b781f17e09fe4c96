"""Approved prompts: where the file of each stands, checked that it can be played."""

from collections.abc import Iterable
from pathlib import Path

from baitie.files.bounded_files import read_within
from baitie.files.problems import Problem
from baitie.wire.g711.prompts import PROMPT_BYTES_MAX, PromptError, load_prompt_untrusted

ALAW_BYTES_PER_S = 8000
PROMPT_SUFFIXES = (".pcma", ".alaw", ".wav")
"""Looked for in this order."""


def find_prompts(folder: Path, names: Iterable[str]) -> tuple[dict[str, Path], list[Problem]]:
    """The file of each named prompt in `folder`, and what is wrong with the rest."""
    prompts: dict[str, Path] = {}
    problems: list[Problem] = []
    for name in sorted(names):
        file = next((f for suffix in PROMPT_SUFFIXES if (f := folder / f"{name}{suffix}").is_file()), None)
        if file is None:
            problems.append(Problem(f"{folder.name}/{name}.pcma", "", "prompt-missing", None, {"folder": folder.name}))
            continue
        try:
            load_prompt_untrusted(read_within(file, PROMPT_BYTES_MAX))
            prompts[name] = file
        except (PromptError, OSError) as error:
            problems.append(Problem(f"{folder.name}/{file.name}", "", "prompt-invalid", None, {"reason": str(error)}))
    return prompts, problems


def prompt_length_s(file: Path) -> float:
    """How long a prompt plays."""
    return len(load_prompt_untrusted(read_within(file, PROMPT_BYTES_MAX))) / ALAW_BYTES_PER_S
