"""The pure core stays pure: no async, no clock, no chance, no environment, no files in kernel, domain and wire."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "baitie"
PURE = sorted(path for part in ("kernel", "domain", "wire") for path in (SOURCE / part).rglob("*.py"))
FORBIDDEN_CALLS = {"open", "print", "input", "exec", "eval", "ZoneInfo", "getenv", "urandom"}
FORBIDDEN_METHODS = {"now", "utcnow", "today", "monotonic", "perf_counter", "read_text", "read_bytes", "write_text"}
ARGUMENTS_THAT_ARE_CLOCKS = {"datetime", "date", "time"}


def violations(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):
            yield f"line {node.lineno}: async"
        if isinstance(node, ast.Call):
            yield from _call(node)


def _call(node: ast.Call) -> Iterator[str]:
    function = node.func
    if isinstance(function, ast.Name) and function.id in FORBIDDEN_CALLS:
        yield f"line {node.lineno}: {function.id}()"
    if isinstance(function, ast.Attribute) and function.attr in FORBIDDEN_METHODS:
        owner = function.value
        name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
        if name in ARGUMENTS_THAT_ARE_CLOCKS or function.attr.startswith(("read_", "write_")):
            yield f"line {node.lineno}: {name}.{function.attr}()"


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(SOURCE)))
def test_module_of_the_pure_core_touches_nothing_outside(path: Path) -> None:
    assert list(violations(ast.parse(path.read_text("utf-8")))) == []


@pytest.mark.parametrize(
    "code",
    [
        "async def f(): pass",
        "datetime.now()",
        "datetime.datetime.utcnow()",
        "time.monotonic()",
        "open('x')",
        "ZoneInfo('Asia/Shanghai')",
        "p.read_text()",
    ],
)
def test_the_check_itself_finds_what_it_forbids(code: str) -> None:
    assert list(violations(ast.parse(code)))
