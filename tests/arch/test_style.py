"""Habits that a machine can hold: small rooms, names with units, no words of evasion, masks on printed numbers."""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "baitie"
MODULES = sorted(path for path in SOURCE.rglob("*.py"))
LINES_MAX = 450
STAND_ALONE = {
    # One file by its nature: it is handed to auditors, who run it with nothing else and read it.
    "verifier/verify_bundle.py": 650,
}
BARE_NAMES = {"timeout", "delay", "rate", "threshold", "level", "limit", "duration"}
EVASION = re.compile(r"\b(anti_?ban|rotate_numbers?|random_caller_id|disguise[sd]?|blacklist|whitelist|slave)\b", re.I)
FOREIGN_TIMEOUTS = {
    # Names that a library or a base class gives, not we.
    "rehearsal/virtual_time.py",
}


def ident(path: Path) -> str:
    return str(path.relative_to(SOURCE))


@pytest.mark.parametrize("path", MODULES, ids=ident)
def test_module_is_a_small_room_with_a_sign_on_its_door(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= STAND_ALONE.get(ident(path), LINES_MAX)
    assert ast.get_docstring(ast.parse(text)), "the first line says what lives here"


@pytest.mark.parametrize("path", MODULES, ids=ident)
def test_arguments_and_fields_carry_their_unit(path: Path) -> None:
    if ident(path) in FOREIGN_TIMEOUTS:
        pytest.skip("names of a base class")
    bare = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.arg) and node.arg in BARE_NAMES:
            bare.append(f"line {node.lineno}: argument {node.arg}")
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id in BARE_NAMES:
            bare.append(f"line {node.lineno}: {node.target.id}")
    assert bare == []


@pytest.mark.parametrize("path", MODULES, ids=ident)
def test_code_has_no_word_of_evasion(path: Path) -> None:
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline)
    names = [token.string for token in tokens if token.type == tokenize.NAME]
    assert [name for name in names if EVASION.search(name)] == []


@pytest.mark.parametrize("path", MODULES, ids=ident)
def test_public_functions_and_classes_say_what_they_are(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    silent = [
        f"line {node.lineno}: {node.name}"
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_lock_files_pin_by_hash_and_name_no_host() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text("utf-8")
        assert "--hash=sha256:" in text
        assert not re.search(r"https?://|file:", text), lock.name


def test_every_untrusted_function_has_a_fuzz_test() -> None:
    defined = {
        node.name
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.endswith("_untrusted") and not node.name.startswith("_")
    }
    fuzzed = {name for path in (ROOT / "tests").rglob("test_*.py") for name in _called_in_fuzz(path)}
    assert sorted(defined - fuzzed) == []


def _called_in_fuzz(path: Path) -> set[str]:
    """What the functions that a module gives to `fuzz` name, through the functions of the module itself."""
    text = path.read_text("utf-8")
    if "fuzz(" not in text:
        return set()
    tree = ast.parse(text)
    local = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    waiting: list[ast.AST] = []
    for function in local.values():
        given = [
            call.args[0]
            for call in ast.walk(function)
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "fuzz"
        ]
        arguments = {each.arg for each in function.args.args}
        if any(isinstance(each, ast.Name) and each.id in arguments for each in given):
            waiting += function.decorator_list  # the functions of `parametrize`
        waiting += given
    named: set[str] = set()
    while waiting:
        for node in ast.walk(waiting.pop()):
            name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None
            if name is not None and name not in named:
                named.add(name)
                waiting += [local[name]] if name in local else []
    return named
