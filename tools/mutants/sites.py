"""Where a source file can be changed in one small way, and how the changed line reads."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_COMPARED = {
    ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="), ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="), ast.NotEq: ("!=", "=="), ast.Is: ("is", "is not"), ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"), ast.NotIn: ("not in", "in"),
}  # fmt: skip
_COMPUTED = {
    ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "/"), ast.Div: ("/", "*"), ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"), ast.BitAnd: ("&", "|"), ast.BitOr: ("|", "&"), ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """One small change of one file: `start` and `end` are places in its text, `line` is for people (from 1)."""

    path: Path
    line: int
    start: int
    end: int
    text: str

    def apply_to(self, source: str) -> str:
        """The source with the change."""
        return source[: self.start] + self.text + source[self.end :]

    def lines(self, source: str) -> tuple[str, str]:
        """The line before and after."""
        begin = source.rfind("\n", 0, self.start) + 1
        stop = source.find("\n", self.end)
        stop = len(source) if stop < 0 else stop
        after = source[begin : self.start] + self.text + source[self.end : stop]
        return " ".join(source[begin:stop].split()), " ".join(after.split())


class _Places:
    """Places in a text by line and column, which count octets."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._starts = [0]
        for line in source.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self._lines = source.splitlines(keepends=True)

    def at(self, line: int, column: int) -> int:
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:column].decode())

    def begin(self, node: ast.expr | ast.stmt) -> int:
        return self.at(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt) -> int:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.at(node.end_lineno, node.end_col_offset)


def mutants_of(path: Path, source: str) -> list[Mutant]:
    """All mutants of a file, in the order of its text. Types, docstrings and texts are left alone."""
    tree, places = ast.parse(source), _Places(source)
    found = [
        Mutant(path, node.lineno, start, end, text)
        for node in _living(tree)
        for start, end, text in _changes(node, source, places)
    ]
    return sorted(found, key=lambda mutant: (mutant.start, mutant.end, mutant.text))


def _living(node: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """What runs: without annotations, decorators, and the halves of a module that only a type checker reads."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "bases", "type_params"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or _is_for_types(child):
                continue
            if isinstance(child, ast.expr | ast.stmt):
                yield child
            yield from _living(child)


def _is_for_types(node: ast.AST) -> bool:
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return True
    if isinstance(node, ast.Assert | ast.Import | ast.ImportFrom | ast.JoinedStr):
        return True
    if not isinstance(node, ast.AnnAssign) or not isinstance(node.annotation, ast.Name):
        return False
    return node.annotation.id == "TypeAlias"


def _changes(node: ast.expr | ast.stmt, source: str, places: _Places) -> Iterator[tuple[int, int, str]]:
    match node:
        case ast.Compare():
            sides = [node.left, *node.comparators]
            for operator, before, after in zip(node.ops, sides, sides[1:], strict=False):
                yield from _between(before, after, *_COMPARED[type(operator)], source, places)
        case ast.BoolOp():
            words = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
            for before, after in zip(node.values, node.values[1:], strict=False):
                yield from _between(before, after, *words, source, places)
        case ast.BinOp() if type(node.op) in _COMPUTED and not (_is_text(node.left) or _is_text(node.right)):
            yield from _between(node.left, node.right, *_COMPUTED[type(node.op)], source, places)
        case ast.UnaryOp(op=ast.Not()):
            yield places.begin(node), places.begin(node) + len("not"), ""
        case ast.Constant(value=bool() as value):
            yield places.begin(node), places.end(node), str(not value)
        case ast.Constant(value=int() | float() as value):
            yield places.begin(node), places.end(node), repr(value + 1)
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield places.begin(value), places.end(value), "None"
        case ast.If(test=ast.Name() | ast.Call() | ast.Attribute() as test):
            yield places.begin(test), places.end(test), f"not {source[places.begin(test) : places.end(test)]}"
        case ast.Expr(value=ast.Call() | ast.Await()):
            yield places.begin(node), places.end(node), "pass"
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]) | ast.AugAssign() | ast.Delete():
            yield places.begin(node), places.end(node), "pass"
        case ast.Continue():
            yield places.begin(node), places.end(node), "break"
        case _:
            return


def _between(
    before: ast.expr, after: ast.expr, word: str, other: str, source: str, places: _Places
) -> Iterator[tuple[int, int, str]]:
    """The operator between two operands, brackets and line ends left as they are."""
    start, end = places.end(before), places.begin(after)
    at = source.find(word, start, end)
    if at >= 0:
        yield at, at + len(word), other


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))
