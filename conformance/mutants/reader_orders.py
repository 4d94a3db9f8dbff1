"""Neighbouring checks in each other's place."""

import ast
from collections.abc import Iterator

from conformance.mutants.source_text import SourceText


def order_changes(source: SourceText, node: ast.AST) -> Iterator[tuple[str, str]]:
    """Of two checks in a row, with at most one assignment between them, and of two branches of a chain."""
    for name in ("body", "orelse"):
        statements = getattr(node, name, None)
        if isinstance(statements, list):
            yield from neighbours(source, statements)
    if isinstance(node, ast.If) and len(node.orelse) == 1:
        other = node.orelse[0]
        if isinstance(other, ast.If) and is_elif(source, other):
            yield from branches(source, node, other)


def neighbours(source: SourceText, statements: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    """Checks among the statements of one body."""
    for k, one in enumerate(statements):
        rest = statements[k + 1 : k + 3]
        group = rest if rest and isinstance(rest[0], ast.Assign) else rest[:1]
        if group and is_check(one) and is_check(group[-1]):
            assert isinstance(one, ast.If)
            last = group[-1]
            assert isinstance(last, ast.If)
            what = f"{source.short(last.test)} before {source.short(one.test)}"
            spans = source.span(one), (source.span(group[0])[0], source.span(last)[1])
            yield what, source.exchanged(*spans).decode()


def branches(source: SourceText, one: ast.If, other: ast.If) -> Iterator[tuple[str, str]]:
    """`if a … elif b …` becomes `if b … elif a …`."""
    first = source.span(one.test)[0], source.span(one.body[-1])[1]
    second = source.span(other.test)[0], source.span(other.body[-1])[1]
    what = f"{source.short(other.test)} before {source.short(one.test)}"
    yield what, source.exchanged(first, second).decode()


def is_elif(source: SourceText, node: ast.If) -> bool:
    """Whether it is written so, and not as an `if` of its own under `else`."""
    return source.words(node).startswith("elif")


def is_check(statement: ast.stmt) -> bool:
    """A condition that leads to a finding or a fault."""
    return isinstance(statement, ast.If) and any(
        isinstance(node, ast.Raise) or getattr(node, "attr", "") == "add"
        for part in statement.body
        for node in ast.walk(part)
    )
