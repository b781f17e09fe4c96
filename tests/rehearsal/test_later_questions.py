"""Simulated people answer every question of a flow, in rehearsals and on the loopback carrier, not only the first."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from baitie.cli.main import run
from baitie.domain.voicebot.script import parse_script
from baitie.files.examples import copy_example
from baitie.rehearsal.listening import HeardFlow, answering_on
from baitie.rehearsal.people import CallPlan, Reaction, chance_for
from baitie.rehearsal.profile import KeyProfile

KEYS = KeyProfile(12.5, 0.12, 20.0, 4.0, {"1": 0.66, "2": 0.14, "9": 0.04})
QUESTIONS = """
[script]
id = "three"
version = "1"
start = "received"
refuse_key = "9"
refused_node = "bye"

[nodes.received]
prompts = ["question"]
collects = "received"
key_wait_s = 4
next = "bye"

[nodes.received.keys]
1 = { value = "yes", next = "used" }
2 = { value = "no", next = "bye" }

[nodes.used]
prompts = ["reason"]
collects = "used"
next = "bye"

[nodes.used.keys]
1 = { value = "yes", next = "between" }
2 = { value = "no", next = "between" }

[nodes.between]
prompts = ["no-key"]
next = "grade"

[nodes.grade]
prompts = ["greeting"]
collects = "grade"
next = "bye"

[nodes.grade.keys]
1 = { value = "good", next = "bye" }
4 = { value = "middling", next = "bye" }
5 = { value = "bad", next = "bye" }

[nodes.bye]
prompts = ["refused"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The example with three questions and forty people."""
    copy_example("order-followup", tmp_path / "c")
    (tmp_path / "c" / "script.toml").write_text(QUESTIONS, "utf-8")
    rows = (tmp_path / "c" / "contacts.csv").read_text("utf-8").splitlines()[:41]
    (tmp_path / "c" / "contacts.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return tmp_path / "c"


@pytest.mark.parametrize("fidelity", ["fast", "wire"])
def test_a_flow_of_three_questions_is_rehearsed_to_its_end(
    folder: Path, capsys: pytest.CaptureFixture[str], fidelity: str
) -> None:
    assert run(["rehearse", str(folder), "--seed", "3", "--fidelity", fidelity, "--json"]) == 0
    (day,) = json.loads(capsys.readouterr().out)["forecasts"]
    answers: Counter[str] = Counter()
    for name, found in day["answers"].items():
        answers[name.partition("=")[0]] += int(found["median"])
    assert answers["received"] > 5
    assert answers["used"] > 0.6 * answers["received"] * 0.8
    assert 0.7 * answers["used"] <= answers["grade"] <= answers["used"]


def flow(tables: dict[str, Any]) -> HeardFlow:
    script = parse_script(tables, "s")
    return HeardFlow(script, dict.fromkeys(script.prompt_names(), 5.0))


def asking(count: int) -> HeardFlow:
    nodes: dict[str, Any] = {"bye": {"prompts": ["b"]}}
    for n in range(count):
        after = f"q{n + 1}" if n + 1 < count else "bye"
        nodes[f"q{n}"] = {
            "prompts": [f"p{n}"],
            "collects": f"a{n}",
            "next": "bye",
            "keys": {"1": {"value": "x", "next": after}, "7": {"value": "y", "next": after}},
        }
    return flow({"script": {"id": "s", "start": "q0"}, "nodes": nodes})


@pytest.mark.parametrize("count", [1, 2, 4])
def test_each_question_gets_one_key_in_its_turn_and_patience_begins_after_the_last(count: int) -> None:
    first = CallPlan(Reaction.ANSWER, 0.1, 8.0, ((3.0, "1"),), 7.0)
    for seed in range(30):
        found = answering_on(first, asking(count), KEYS, chance_for(seed, "+86138", "later-answers", 1))
        assert found.keys[0] == (3.0, "1")
        times = [at for at, _ in found.keys]
        assert times == sorted(times)
        assert {key for _, key in found.keys} <= {"1", "7", "9"}
        assert found.hang_up_after_s == times[-1] + 4.0
        refused = any(key == "9" for _, key in found.keys)
        assert len(found.keys) == count or (refused and len(found.keys) <= count)


def test_with_one_question_and_for_who_presses_nothing_everything_is_as_planned() -> None:
    silent = CallPlan(Reaction.ANSWER, 0.1, 8.0, (), 20.0)
    pressing = CallPlan(Reaction.ANSWER, 0.1, 8.0, ((12.0, "2"),), 16.0)
    assert answering_on(pressing, asking(1), KEYS, chance_for(1, "+86138", "x", 1)) is pressing
    assert answering_on(silent, asking(4), KEYS, chance_for(1, "+86138", "x", 1)) is silent
