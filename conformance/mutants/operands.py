"""Mutants of the cells: each vector replaced by each other one of the same shape, each function too.

So every gate takes every other's place once, and the old and the new of everything are exchanged.
"""

import ast
from collections.abc import Iterator

from conformance.mutants.mutant import Mutant, source

MODULE = "cells"
CASES = (
    "gru", "lstm", "elman", "activations", "arithmetic", "peephole", "clips", "projection",
    "directions", "overflow",
)  # fmt: skip
OTHER_SHAPES = ("x", "a")
READ = ("new_h", "new_c", "u")  # of what a cell returns; the rest is for the worked examples


def mutants() -> Iterator[Mutant]:
    """All of them."""
    text = source(MODULE)
    lines = text.splitlines(keepends=True)
    for function in ast.parse(text).body:
        if not isinstance(function, ast.FunctionDef):
            continue
        vectors = [v.arg for v in function.args.args if v.arg not in ("layer", "x", "columns")]
        seen: dict[str, int] = {}
        for node, other in exchanged(function.body, {"vector": vectors, "function": []}):
            line = lines[node.lineno - 1].encode()
            changed = line[: node.col_offset] + other.encode() + line[node.end_col_offset :]
            what = f"{function.name}: {other} in the place of {node.id}"
            number = seen[what] = seen.get(what, 0) + 1
            before, after = lines[: node.lineno - 1], lines[node.lineno :]
            yield Mutant(
                f"operands.{what} ({number})",
                "operands",
                MODULE,
                "".join([*before, changed.decode(), *after]),
                CASES,
                function.name,
            )


def exchanged(body: list[ast.stmt], known: dict[str, list[str]]) -> Iterator[tuple[ast.Name, str]]:
    """Every use of a name in these statements, with every other name that has a value there."""
    for statement in body:
        if isinstance(statement, ast.If):
            copies = [{kind: list(names) for kind, names in known.items()} for _ in range(2)]
            yield from exchanged(statement.body, copies[0])
            yield from exchanged(statement.orelse, copies[1])
            for kind, names in known.items():  # what both branches have made
                names += [v for v in copies[0][kind] if v in copies[1][kind] and v not in names]
            continue
        for node in ast.walk(statement):
            if isinstance(statement, ast.Return) and getattr(node, "id", "") not in READ:
                continue
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                for names in known.values():
                    if node.id in names:
                        yield from ((node, other) for other in names if other != node.id)
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            name = statement.targets[0].id
            kind = "function" if "activations" in ast.unparse(statement.value) else "vector"
            if name not in OTHER_SHAPES and name != "H":
                known[kind].append(name)
