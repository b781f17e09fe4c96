"""`baitie run` from the outside: a few people over the loopback carrier, then once more, then the report."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PEOPLE = ["13000001000", "13100001029", "13200001058", "13500001087"]
RUN_MAX_S = 90.0


def baitie(*arguments: str) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "baitie.cli.main", *arguments, "--json"],
        capture_output=True,
        text=True,
        timeout=RUN_MAX_S,
        check=False,
        env={**os.environ, "BAITIE_DIALING__ATTEMPTS_MAX": "1", "BAITIE_LANG": "en"},
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    folder = tmp_path / "c"
    assert baitie("init", str(folder))[0] == 0
    rows = [
        "手机号,姓名,订单尾号,商品,下单日期,分群",
        *(f"{number},王,1234,杯,2026-02-20,regular" for number in PEOPLE),
    ]
    (folder / "contacts.csv").write_text("\n".join([*rows, "110,误填,1234,杯,2026-02-20,new", ""]), "utf-8")
    return folder


def test_every_lead_gets_its_outcome_and_none_is_called_again_by_a_second_run(campaign: Path) -> None:
    code, first = baitie("run", str(campaign))
    assert (code, first["end"]) == (0, "finished")
    assert first["leads_closed"] == first["leads"] == len(PEOPLE) + 1
    assert first["attempts"] == sum(first["outcomes"].values()) == len(PEOPLE)
    assert first["denied_by_rule"] == {"CORE-NUMBER-CLASS": 1}
    code, second = baitie("run", str(campaign))
    assert (code, second["end"], second["attempts"]) == (0, "finished", 0)
    code, report = baitie("report", str(campaign))
    assert code == 0
    assert report["funnel"]["dialled"] == len(PEOPLE)
    assert report["outcomes"] == first["outcomes"]
    carried = [json.loads(line) for line in (campaign / "carrier.jsonl").read_text("utf-8").splitlines()]
    assert sorted(line["to"] for line in carried if line["kind"] == "invite") == [f"+86{number}" for number in PEOPLE]
