"""Scripts: what is wrong is named by file, node and field; what is right is read whole."""

from typing import Any

import pytest

from baitie.domain.voicebot.script import NODES_MAX, ScriptError, parse_script


def good() -> dict[str, Any]:
    """A script with a greeting, a question and a goodbye."""
    return {
        "script": {"id": "s", "version": 2, "start": "hello", "refused_node": "bye"},
        "nodes": {
            "hello": {"prompts": ["hello"], "next": "ask"},
            "ask": {
                "prompts": ["ask", "keys"],
                "collects": "received",
                "key_wait_s": 4,
                "repeats_max": 2,
                "keys": {"1": {"value": "yes", "next": "bye"}, "2": {"value": "no", "next": "bye"}},
                "next": "bye",
            },
            "bye": {"prompts": ["bye"]},
        },
    }


def altered(path: str, value: object) -> dict[str, Any]:
    """The good script with one value replaced, or taken out with `...`. Names of the path stand between slashes."""
    data = good()
    *way, last = path.split("/")
    table = data
    for name in way:
        table = table[name]
    if value is ...:
        del table[last]
    else:
        table[last] = value
    return data


def test_good_script_is_read_whole() -> None:
    script = parse_script(good())
    assert (script.script_id, script.version, script.start, script.refuse_key) == ("s", "2", "hello", "9")
    assert script.prompt_names() == {"hello", "ask", "keys", "bye"}
    ask = script.nodes["ask"]
    assert (ask.key_wait_s, ask.repeats_max, ask.collects) == (4.0, 2, "received")
    assert ask.keys is not None
    assert (ask.keys["2"].value, ask.keys["2"].next_node) == ("no", "bye")


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("script", ..., ["[script]"]),
        ("script", "text", ["[script]"]),
        ("nodes", {}, ["[nodes.NAME]"]),
        ("script/id", ..., ["[script]", "id"]),
        ("script/start", "", ["[script]", "start"]),
        ("script/start", "nowhere", ["[script] start", "nowhere"]),
        ("script/refused_node", "nowhere", ["[script] refused_node", "nowhere"]),
        ("script/refuse_key", "x", ["[script]", "refuse_key", "x"]),
        ("nodes/hello", "text", ["[nodes.hello]"]),
        ("nodes/hello/prompts", [], ["[nodes.hello]", "prompts"]),
        ("nodes/hello/prompts", "hello", ["[nodes.hello]", "prompts"]),
        ("nodes/hello/prompts", [1], ["[nodes.hello]", "prompts"]),
        ("nodes/hello/promts", ["hello"], ["[nodes.hello]", "promts", "prompts"]),
        ("nodes/hello/next", "nowhere", ["[nodes.hello] next", "nowhere"]),
        ("nodes/hello/next", "hello", ["[nodes.hello]", "itself"]),
        ("nodes/hello/next", ["ask"], ["[nodes.hello]", "next"]),
        ("nodes/ask/collects", 5, ["[nodes.ask]", "collects"]),
        ("script/refused_node", ["bye"], ["[script]", "refused_node"]),
        ("nodes/ask/collects", ..., ["[nodes.ask]", "collects"]),
        ("nodes/ask/key_wait_s", 0, ["[nodes.ask]", "key_wait_s"]),
        ("nodes/ask/key_wait_s", "4", ["[nodes.ask]", "key_wait_s"]),
        ("nodes/ask/repeats_max", 6, ["[nodes.ask]", "repeats_max"]),
        ("nodes/ask/repeats_max", 1.5, ["[nodes.ask]", "repeats_max"]),
        ("nodes/ask/keys", "12", ["[nodes.ask]", "keys"]),
        ("nodes/ask/keys/x", {"value": "v", "next": "bye"}, ["[nodes.ask.keys]", "x"]),
        ("nodes/ask/keys/11", {"value": "v", "next": "bye"}, ["[nodes.ask.keys]", "11"]),
        ("nodes/ask/keys/9", {"value": "v", "next": "bye"}, ["[nodes.ask.keys]", "9", "refuse key"]),
        ("nodes/ask/keys/1", {"value": "v"}, ["[nodes.ask.keys]", "1", "next"]),
        ("nodes/ask/keys/1", "yes", ["[nodes.ask.keys]", "1", "value"]),
        ("nodes/ask/keys/1", {"value": "v", "next": "nowhere"}, ["[nodes.ask.keys] 1", "nowhere"]),
    ],
)
def test_fault_is_named_by_file_node_and_field(path: str, value: object, words: list[str]) -> None:
    with pytest.raises(ScriptError) as raised:
        parse_script(altered(path, value), "the-script.toml")
    said = str(raised.value)
    assert said.startswith("the-script.toml: ")
    for word in words:
        assert word in said


def test_announcements_that_lead_in_a_ring_are_refused_and_a_question_breaks_the_ring() -> None:
    ring = altered("nodes/bye/next", "hello")
    parse_script(ring)  # the question between them lets the call end
    ring["nodes"]["other"] = {"prompts": ["x"], "next": "another"}
    ring["nodes"]["another"] = {"prompts": ["x"], "next": "other"}
    with pytest.raises(ScriptError, match="other"):
        parse_script(ring)


def test_number_of_nodes_is_bounded() -> None:
    many = altered("nodes/bye", {"prompts": ["bye"]})
    many["nodes"] |= {f"n{n}": {"prompts": ["x"]} for n in range(NODES_MAX)}
    with pytest.raises(ScriptError, match=str(NODES_MAX)):
        parse_script(many)


def test_refuse_key_may_be_switched_off() -> None:
    assert parse_script(altered("script/refuse_key", "")).refuse_key is None
