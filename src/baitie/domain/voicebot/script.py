"""The script (话术) that a bot follows: prompts, keys, answers. Read from a file, checked whole, never changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from baitie.kernel.errors import InputError

NODES_MAX = 200
"""More nodes than that is a data error, not a telephone call."""

KEYS = frozenset("0123456789*#")


class ScriptError(InputError):
    """The script cannot be followed as it is. Mend the node that the message names."""

    code = "script-invalid"


@dataclass(frozen=True, slots=True)
class KeyChoice:
    """Key choice (按键选项) at a node: an answer value, and where the call goes on."""

    value: str
    next_node: str


@dataclass(frozen=True, slots=True)
class Node:
    """Node (节点) of a script: prompts are played, then a key is waited for, or the call goes on or ends.

    `collects` names the answer; without keys the node goes on to `next_node`, and ends the call where that is None.
    """

    name: str
    prompts: tuple[str, ...]
    next_node: str | None = None
    collects: str | None = None
    keys: Mapping[str, KeyChoice] | None = None
    key_wait_s: float = 6.0
    repeats_max: int = 1


@dataclass(frozen=True, slots=True)
class Script:
    """Script (话术), a version of it. `refuse_key` means "do not call me again" at every node."""

    script_id: str
    version: str
    start: str
    nodes: Mapping[str, Node]
    refuse_key: str | None = "9"
    refused_node: str | None = None

    def prompt_names(self) -> frozenset[str]:
        """Every prompt that the script may play."""
        return frozenset(prompt for node in self.nodes.values() for prompt in node.prompts)

    @property
    def asks_first(self) -> bool:
        """Whether the call goes on only after a key at the very first node: who is silent there hears nothing more."""
        first = self.nodes[self.start]
        silent = first.next_node and self.nodes[first.next_node]
        return bool(first.keys) and (not silent or not (silent.keys or silent.next_node))


def parse_script(data: Mapping[str, Any], file: str = "script.toml") -> Script:
    """The script of a parsed TOML file. Raises ScriptError naming file, node and field."""
    head = data.get("script")
    raw_nodes = data.get("nodes")
    if not isinstance(head, Mapping) or not isinstance(raw_nodes, Mapping) or not raw_nodes:
        raise ScriptError(f"{file}: needs a [script] table and at least one [nodes.NAME] table.")
    if len(raw_nodes) > NODES_MAX:
        raise ScriptError(f"{file}: {len(raw_nodes)} nodes; the most is {NODES_MAX}.")
    nodes = {str(name): _node(str(name), raw, file) for name, raw in raw_nodes.items()}
    refuse_key = head.get("refuse_key", "9")
    script = Script(
        script_id=_text(head, "id", file, "script"),
        version=str(head.get("version", "1")),
        start=_text(head, "start", file, "script"),
        nodes=nodes,
        refuse_key=str(refuse_key) if refuse_key else None,
        refused_node=_optional_text(head, "refused_node", file, "script"),
    )
    _check_references(script, file)
    return script


def _node(name: str, raw: object, file: str) -> Node:
    where = f"nodes.{name}"
    if not isinstance(raw, Mapping):
        raise ScriptError(f"{file}: [{where}] is not a table.")
    known = {"prompts", "next", "collects", "keys", "key_wait_s", "repeats_max"}
    for field in raw:
        if field not in known:
            raise ScriptError(f"{file}: [{where}] has an unknown field {field!r}; known: {', '.join(sorted(known))}.")
    prompts = raw.get("prompts", [])
    if not isinstance(prompts, list) or not prompts or not all(isinstance(p, str) and p for p in prompts):
        raise ScriptError(f'{file}: [{where}] needs prompts = ["name", ...], names of files in prompts/.')
    raw_keys = raw.get("keys", {})
    if not isinstance(raw_keys, Mapping):
        raise ScriptError(f"{file}: [{where}] keys is not a table [{where}.keys].")
    keys = {str(key): _choice(str(key), choice, file, where) for key, choice in raw_keys.items()}
    next_node, collects = (_optional_text(raw, field, file, where) for field in ("next", "collects"))
    if keys and not collects:
        raise ScriptError(f'{file}: [{where}] has keys but no collects = "name" to keep the answer under.')
    key_wait_s = raw.get("key_wait_s", 6.0)
    if not isinstance(key_wait_s, int | float) or not 1 <= key_wait_s <= 60:
        raise ScriptError(f"{file}: [{where}] key_wait_s = {key_wait_s!r}; give seconds between 1 and 60.")
    repeats_max = raw.get("repeats_max", 1)
    if not isinstance(repeats_max, int) or not 0 <= repeats_max <= 5:
        raise ScriptError(f"{file}: [{where}] repeats_max = {repeats_max!r}; give a whole number from 0 to 5.")
    return Node(name, tuple(prompts), next_node, collects, keys or None, float(key_wait_s), repeats_max)


def _choice(key: str, raw: object, file: str, where: str) -> KeyChoice:
    if key not in KEYS:
        raise ScriptError(f"{file}: [{where}.keys] {key!r} is not a key; keys are 0-9, * and #.")
    if not isinstance(raw, Mapping) or not isinstance(raw.get("value"), str) or not isinstance(raw.get("next"), str):
        raise ScriptError(f'{file}: [{where}.keys] {key} needs {{ value = "...", next = "node" }}.')
    return KeyChoice(raw["value"], raw["next"])


def _text(table: Mapping[str, Any], field: str, file: str, where: str) -> str:
    value = table.get(field)
    if not isinstance(value, str) or not value:
        raise ScriptError(f'{file}: [{where}] needs {field} = "...".')
    return value


def _optional_text(table: Mapping[str, Any], field: str, file: str, where: str) -> str | None:
    return None if table.get(field) is None else _text(table, field, file, where)


def _check_references(script: Script, file: str) -> None:
    for where, target in _references(script):
        if target not in script.nodes:
            known = ", ".join(sorted(script.nodes))
            raise ScriptError(f"{file}: {where} goes to {target!r}, which is no node. Nodes: {known}.")
    if script.refuse_key is not None and script.refuse_key not in KEYS:
        raise ScriptError(f"{file}: [script] refuse_key {script.refuse_key!r} is not a key; keys are 0-9, * and #.")
    for node in script.nodes.values():
        if node.keys and script.refuse_key in node.keys:
            raise ScriptError(
                f"{file}: [nodes.{node.name}.keys] {script.refuse_key} is the refuse key of the script; take another."
            )
    _check_ends(script, file)


def _references(script: Script) -> list[tuple[str, str]]:
    found = [("[script] start", script.start)]
    if script.refused_node is not None:
        found.append(("[script] refused_node", script.refused_node))
    for node in script.nodes.values():
        if node.next_node is not None:
            found.append((f"[nodes.{node.name}] next", node.next_node))
        for key, choice in (node.keys or {}).items():
            found.append((f"[nodes.{node.name}.keys] {key}", choice.next_node))
    return found


def _check_ends(script: Script, file: str) -> None:
    """A ring of nodes that ask nothing would talk for ever."""
    for name in script.nodes:
        seen: set[str] = set()
        at: str | None = name
        while at is not None and not script.nodes[at].keys:
            if at in seen:
                raise ScriptError(f"{file}: [nodes.{at}] leads back to itself without a question; the call never ends.")
            seen.add(at)
            at = script.nodes[at].next_node
