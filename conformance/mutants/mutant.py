"""One mistake, and how the oracle is made to make it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType, ModuleType

ORACLE = Path(__file__).parent.parent / "oracle"
PACKAGE = "conformance.oracle."
MODULES = (  # each imports earlier ones
    "float32", "functions", "activation", "vocabulary", "net", "chain", "cells", "layers", "row",
    "scalar", "decode", "answer",
)  # fmt: skip
OPERATIONS = ("T", "add", "bits", "div", "f32", "from_bits", "math", "mul", "root", "sub")


@dataclass(frozen=True)
class Mutant:
    """A module of the oracle with other source, and the sections whose cases must notice."""

    name: str
    section: str  # where it is counted
    module: str
    source: str
    cases: tuple[str, ...]  # the sections whose cases are put to it
    place: str = ""  # the function that is changed: cases named after it are asked first


def source(module: str) -> str:
    """The text of a module of the oracle."""
    return (ORACLE / f"{module}.py").read_text(encoding="utf-8")


def replaced(module: str, old: str, new: str) -> str:
    """The module with one passage replaced; the passage must stand there once."""
    text = source(module)
    if text.count(old) != 1:
        raise ValueError(f"{module}.py holds {text.count(old)} times: {old}")
    return text.replace(old, new)


@cache
def true_code(module: str) -> CodeType:
    """A module of the oracle, compiled."""
    return compile(source(module), f"{module}.py", "exec")


@contextmanager
def oracle_with(mutant: Mutant) -> Iterator[dict[str, ModuleType]]:
    """Fresh modules of the oracle, one of them changed; the true ones come back afterwards."""
    names = [PACKAGE + module for module in MODULES]
    true = {name: sys.modules[name] for name in names if name in sys.modules}
    made: dict[str, ModuleType] = {}
    try:
        for module, name in zip(MODULES, names, strict=True):
            changed = module == mutant.module
            code = compile(mutant.source, f"{module}.py", "exec") if changed else true_code(module)
            made[module] = ModuleType(name)
            sys.modules[name] = made[module]
            exec(code, made[module].__dict__)  # noqa: S102 - ours
            for operation in OPERATIONS:  # a mistake may use one that its module does not import
                made[module].__dict__.setdefault(operation, getattr(made["float32"], operation))
        yield made
    finally:
        for name in names:
            sys.modules.pop(name, None)
        sys.modules.update(true)


def table(
    section: str, module: str, cases: tuple[str, ...], mistakes: dict[str, tuple[str, str]]
) -> Iterator[Mutant]:
    """One mutant for each entry: what it is called, what it replaces, by what."""
    for name, (old, new) in mistakes.items():
        yield Mutant(f"{section}/{name}", section, module, replaced(module, old, new), cases)
