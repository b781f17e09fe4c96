"""Example campaigns: in the wheel under `baitie/examples`, in a working copy under `examples` beside `src`."""

import shutil
from pathlib import Path

import baitie
from baitie.kernel.errors import InputError

_TAKEN = (
    "baitie.toml",
    "campaign.toml",
    "contacts.csv",
    "card.toml",
    "script.toml",
    "answering.toml",
    "prompts/*.pcma",
    "prompts/*.wav",
    "prompts/ORIGIN.md",
)
"""What a campaign folder consists of; databases and reports of a run in the example stay there."""


class FolderTakenError(InputError):
    """The folder already holds something. Name another one, or one that is empty: nothing is overwritten."""

    code = "folder-taken"


def example_names() -> tuple[str, ...]:
    """The examples that can be copied."""
    return tuple(sorted(folder.name for folder in _home().iterdir() if (folder / "campaign.toml").is_file()))


def example_file(name: str, example: str = "order-followup") -> Path:
    """A file or folder of an example, as it is shipped."""
    return _home() / example / name


def copy_example(name: str, target: Path, *, begins_today: bool = False) -> list[Path]:
    """Copy an example into an empty or absent folder; gives the files, relative to it. Raises `FolderTakenError`.

    With `begins_today` without the day on which the example itself always begins, which is long past.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise FolderTakenError(folder=str(target))
    source = _home() / name
    files = [file.relative_to(source) for pattern in _TAKEN for file in sorted(source.glob(pattern))]
    try:
        for file in files:
            (target / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / file, target / file)
        if begins_today:
            _forget_day(target / "campaign.toml")
    except OSError as error:
        raise FolderTakenError("The folder cannot be written.", folder=str(target), cause=error.strerror) from error
    return files


def _forget_day(file: Path) -> None:
    lines = file.read_text("utf-8").splitlines(keepends=True)
    file.write_text("".join(line for line in lines if not line.startswith("civil_start = ")), "utf-8")


def _home() -> Path:
    package = Path(baitie.__file__).parent
    installed = package / "examples"
    return installed if installed.is_dir() else package.parents[1] / "examples"
