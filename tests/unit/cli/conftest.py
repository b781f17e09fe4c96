"""What the tests of commands share: a folder of the example, and a command that tells scripts."""

import json
from pathlib import Path
from typing import Any

import pytest

from baitie.cli.main import run
from baitie.cli.shared import ExitCode


@pytest.fixture
def campaign(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The example, as `baitie init` writes it."""
    assert run(["init", str(tmp_path / "c")]) == ExitCode.OK
    capsys.readouterr()
    return tmp_path / "c"


@pytest.fixture
def told(campaign: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command in a campaign folder; gives its exit code and what it tells scripts."""
    monkeypatch.setenv("BAITIE_LANG", "en")

    def tell(*arguments: str) -> tuple[int, Any]:
        code = run([*arguments, "--campaign", str(campaign), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return tell
