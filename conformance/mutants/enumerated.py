"""Mutants read off the source: each operation, term, T, comparison, constant, fault and check."""

import ast
from collections.abc import Iterator

from conformance.mutants.mutant import Mutant, source

OPERATIONS = {"add": ("sub", "+"), "sub": ("add", "-"), "mul": ("add", "*"), "div": ("mul", "/")}
COMPARISONS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
}
LAYERS = ("embedding", "one_hot", "dense", "affine", "elman", "lstm", "gru", "activations")
RUNS = ("final", "last_step", "initial_state", "arithmetic", "sequences", "state", "decoding")
OPTIONS = ("peephole", "clips", "projection")
GRAPHS = ("directions", "merge", "layer_norm", "probe", "overflow")
PLACES = {  # module -> (section it counts in, sections whose cases are asked)
    "functions": ("functions", ("functions", "softmax", "log_softmax", "lstm", "layer_norm")),
    "activation": ("activations", ("activations",)),
    "net": ("loading", (*LAYERS, *RUNS, *OPTIONS, *GRAPHS, "state_given")),
    "chain": ("chain", ("dense", "lstm", "gru", "elman", "arithmetic", *OPTIONS)),
    "cells": ("cells", ("gru", "lstm", "elman", "activations", "arithmetic", *OPTIONS, "overflow")),
    "layers": ("layers", ("softmax", "log_softmax", *LAYERS, "arithmetic", *GRAPHS)),
    "row": ("rows", (*LAYERS, "softmax", "log_softmax", *GRAPHS, *RUNS, "projection")),
    "scalar": ("scalar", (*LAYERS, *RUNS, *GRAPHS, "projection")),
    "decode": (
        "decoding",
        ("decoding", "top_k_top_p", "initial_state", "final", "state_given", "ctc"),
    ),
}


def mutants() -> Iterator[Mutant]:
    """All of them."""
    for module, (section, cases) in PLACES.items():
        text = source(module)
        seen: dict[str, int] = {}
        for where, what, changed in changes(text):
            number = seen[where + what] = seen.get(where + what, 0) + 1
            name = f"{module}.{where}: {what} ({number})"
            yield Mutant(name, section, module, changed, cases, where)


def changes(text: str) -> Iterator[tuple[str, str, str]]:
    """The function that is changed, the change, and the whole text after it."""
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line.encode()))
    data = text.encode()

    def span(node: ast.expr) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        first = starts[node.lineno - 1] + node.col_offset
        return first, starts[node.end_lineno - 1] + node.end_col_offset

    def words(node: ast.expr) -> str:
        first, last = span(node)
        return data[first:last].decode()

    def put(node: ast.expr, new: str) -> str:
        first, last = span(node)
        return (data[:first] + new.encode() + data[last:]).decode()

    for top in ast.parse(text).body:
        where = getattr(top, "name", "constants")
        for node in ast.walk(top):
            match node:
                case ast.Call(func=ast.Name(id=name), args=[a, b]) if name in OPERATIONS:
                    other, sign = OPERATIONS[name]
                    yield where, f"{name} is {other}", put(node, f"{other}({words(a)}, {words(b)})")
                    wide = f"(({words(a)}) {sign} ({words(b)}))"
                    yield where, f"{name} not rounded", put(node, wide)
                    yield where, f"{name} without its first", put(node, f"({words(b)})")
                    yield where, f"{name} without its second", put(node, f"({words(a)})")
                case ast.Expr(value=ast.Call(func=ast.Name(id="require_finite")) as call):
                    yield where, f"no {words(call)}", put(call, "0")
                case ast.Call(func=ast.Name(id="T"), args=[a]):
                    yield where, "no T", put(node, f"({words(a)})")
                case ast.Compare(left=a, ops=[op], comparators=[b]) if type(op) in COMPARISONS:
                    old, new = COMPARISONS[type(op)]
                    yield where, f"{old} is {new}", put(node, f"{words(a)} {new} {words(b)}")
                case ast.Constant(value=value) if type(value) is int:
                    yield where, f"{words(node)} + 1", put(node, str(value + 1))
                    yield where, f"{words(node)} - 1", put(node, f"({value - 1})")
                case ast.Constant(value=value) if type(value) is float:
                    yield where, f"{value} × 1.25", put(node, repr(value * 1.25 or 0.25))
                case ast.Raise(exc=ast.Call() as exc):
                    yield (
                        where,
                        f"no {words(exc)}",
                        put(exc, "0 and 0").replace("raise 0 and 0", "pass"),
                    )
