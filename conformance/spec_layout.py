"""How the worked examples of SPEC.md are laid out: decimals with their bits, some to a line."""

from collections.abc import Iterator

from conformance.generator.build import json_bytes
from conformance.generator.nets import Json
from conformance.generator.write_json import decimal
from conformance.oracle.float32 import bits
from conformance.oracle.net import REVERSE, Net, load
from conformance.oracle.reader import read

VECTORS = ("b", "rb", "qb", "h0", "c0", "gamma", "beta", "s", "t")


def number(v: float) -> str:
    """The shortest decimal and the bits."""
    return f"{decimal(v):>14} {bits(v):08x}"


def named(name: str, values: list[float], across: int = 2) -> Iterator[str]:
    """The elements of a vector, some to a line."""
    cells = [f"{name}[{k}]".ljust(15) + number(v) for k, v in enumerate(values)]
    for k in range(0, len(cells), across):
        yield "    ".join(cells[k : k + across]).rstrip()


def vector(values: list[float]) -> str:
    """A short list."""
    return "[" + ", ".join(decimal(v) for v in values) + "]"


def net_of(document: Json) -> Net:
    """The net of a document."""
    result = read(json_bytes(document))
    assert result.document is not None
    return load(result.document)


def parameters(net: Net) -> Iterator[str]:
    """The stored numbers of the first layer, as they stand in a file."""
    for role, rows in net.layers[0].parameters.items():
        if role.removesuffix(REVERSE) in VECTORS:
            yield f"{role} = {vector(rows[0])}"
            continue
        for k, row in enumerate(rows):
            start = f"{role} = [" if k == 0 else " " * (len(role) + 4)
            end = "]" if k == len(rows) - 1 else ","
            yield start + vector(row) + end
