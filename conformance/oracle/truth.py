"""The equations of SPEC.md 13 and 14 with fifty digits: what the numbers would be without any rounding.

Sigmoid, tanh, softmax and the rest are the functions of mathematics here: no recipe, no T, no order
of summation. This module shares no code with the scalar oracle; each is a witness for the other.
"""

import struct
from decimal import Context, Decimal, localcontext
from typing import Any

from conformance.oracle.true_functions import ONE, ZERO, precise, value_of
from conformance.oracle.true_layers import Json, Numbers, Weights, cell, of_one, of_several

SHOWN = 15  # digits of what is given
WRITTEN = 10  # of what a case holds: three more than a binary32 has
PARTS = {"elman": ("h",), "lstm": ("h", "c"), "gru": ("h",)}
OTHER = "_reverse"


def matrix(tensor: Json) -> list[Numbers]:
    """The rows of a tensor; a vector is one row."""
    width = tensor["shape"][-1]
    values = [Decimal(v) for v in tensor["values"]]
    return [values[k : k + width] for k in range(0, len(values), width)]


# --- rows -----------------------------------------------------------------------------------------


class Row:
    """One row of a call: what each layer gives, and its state, which is changed."""

    def __init__(self, document: Json, tensors: Json, steps: list[Any], state: Json) -> None:
        self.layers: list[Json] = document["layers"]
        self.tensors = tensors
        self.state = state
        given = document["input"]
        self.made: dict[str, list[Any]] = {
            "input": steps
        }  # name → vectors, one a step or one alone
        self.widths: dict[str, int] = {"input": int(given.get("size", 0))}
        if given["kind"] == "tokens":
            self.widths["input"] = len(document["vocabularies"][given["vocabulary"]]["tokens"])
        before = "input"
        for layer in self.layers:
            names = layer.get("inputs", [before])
            before = layer["name"]
            self.made[before] = self.output(layer, names)
            self.widths[before] = self.width(layer, names)

    def output(self, layer: Json, names: list[str]) -> list[Numbers]:
        """What one layer gives."""
        weights = {
            role: self.tensors[name]["rows"] for role, name in layer.get("parameters", {}).items()
        }
        x = self.made[names[0]]
        match layer["type"]:
            case "embedding":
                return [weights["E"][token] for token in x]
            case "one_hot":
                tokens = range(self.widths[names[0]])
                return [[ONE if k == token else ZERO for k in tokens] for token in x]
            case "elman" | "lstm" | "gru":
                return self.recurrent(layer, weights, x)
            case "last_step":
                return [x[-1] if x else [ZERO] * self.widths[names[0]]]
            case "time_reverse":
                return x[::-1]
            case "add" | "multiply" | "concat":
                columns = zip(*(self.made[name] for name in names), strict=True)
                return [of_several(layer["type"], list(vectors)) for vectors in columns]
        return [of_one(layer, weights, vector) for vector in x]

    def recurrent(self, layer: Json, weights: Weights, x: list[Numbers]) -> list[Numbers]:
        """A layer with a state, in its direction or in both."""
        direction = layer.get("direction", "forward")
        forward = {role: rows for role, rows in weights.items() if not role.endswith(OTHER)}
        reverse = {r[: -len(OTHER)]: rows for r, rows in weights.items() if r.endswith(OTHER)}
        if direction == "forward":
            return self.one_way(layer, forward, x, "")
        if direction == "reverse":
            return self.one_way(layer, forward, x[::-1], "")[::-1]
        one = self.one_way(layer, forward, x, "")
        other = self.one_way(layer, reverse, x[::-1], OTHER)[::-1]
        return [of_several(layer["merge"], list(pair)) for pair in zip(one, other, strict=True)]

    def one_way(
        self, layer: Json, weights: Weights, x: list[Numbers], suffix: str
    ) -> list[Numbers]:
        """The outputs in the order they are computed; only the last h, if the layer gives its final one."""
        own = self.state[layer["name"]]
        now = {part: own[part + suffix] for part in PARTS[layer["type"]]}
        given: list[Numbers] = []
        for vector in x:
            now = cell(layer, weights, vector, now)
            given.append(now["h"])
        for part, values in now.items():
            own[part + suffix] = values
        return [now["h"]] if layer.get("output") == "final" else given

    def width(self, layer: Json, names: list[str]) -> int:
        """The width of its output."""
        if layer["type"] == "concat":
            return sum(self.widths[name] for name in names)
        for member in ("size", "projection_size", "hidden_size"):
            if member in layer:
                return int(layer[member]) * (2 if layer.get("merge") == "concat" else 1)
        return self.widths[names[0]]

    def padded(self, name: str, steps: int) -> Numbers:
        """What a layer gives, with zeros up to T where it has time."""
        values = [v for vector in self.made[name] for v in vector]
        return values + [ZERO] * (steps * self.widths[name] - len(values))


def has_time(document: Json, name: str) -> bool:
    """Whether the output of a layer has time: whether all that it reads has, and itself keeps it."""
    if name == "input":
        return True
    names = [layer["name"] for layer in document["layers"]]
    place = names.index(name)
    layer = document["layers"][place]
    if layer["type"] == "last_step" or layer.get("output") == "final":
        return False
    before = names[place - 1] if place else "input"
    return has_time(document, layer.get("inputs", [before])[0])


# --- cases ----------------------------------------------------------------------------------------


def numbers(array: Json) -> list[float]:
    """The elements of an array of the protocol."""
    text = array["bits"]
    return list(struct.unpack(f">{len(text) // 8}f", bytes.fromhex(text)))


def rows_of(given: Any) -> list[list[Any]]:  # noqa: ANN401 - ids or an array
    """Row n, time t: an id, or a vector of features (None where one of them is not finite)."""
    if isinstance(given, list):
        return given
    count, steps, width = given["shape"]
    flat = numbers(given)
    vectors = [flat[k * width : k * width + width] for k in range(count * steps)]
    exact = [
        [Decimal(v) for v in vector] if all(abs(v) < float("inf") for v in vector) else None
        for vector in vectors
    ]
    return [exact[n * steps : n * steps + steps] for n in range(count)]


def run(document: Json, request: Json, chunks: list[Json], digits: int = SHOWN) -> Json:
    """What a request of the command `run` gives; null where a chunk is expected to fail."""
    with localcontext(precise()):
        return {"chunks": list(answers(document, request, chunks, digits))}


def answers(document: Json, request: Json, chunks: list[Json], digits: int) -> list[Json | None]:
    """One entry for each chunk."""
    cells = [layer for layer in document["layers"] if layer["type"] in PARTS]
    tensors = {name: t | {"rows": matrix(t)} for name, t in document["tensors"].items()}
    last = document["layers"][-1]["name"]
    states: list[dict[str, Json]] = []
    given: list[Json | None] = []
    for asked, expected in zip(request["chunks"], chunks, strict=True):
        if "code" in expected:  # what comes after it starts from the state that the case expects
            given.append(None)
            state = expected.get("state", {})
            rows = range(state[cells[0]["name"]]["h"]["shape"][0]) if cells and state else range(0)
            states = [first_state(cells, tensors, state, n) for n in rows]
            continue
        inputs = rows_of(asked["input"])
        if not states:
            states = [
                first_state(cells, tensors, request.get("state"), n) for n in range(len(inputs))
            ]
        lengths = asked.get("lengths", [len(row) for row in inputs])
        made = [
            Row(document, tensors, row[: lengths[n]], states[n]) for n, row in enumerate(inputs)
        ]

        def numbers_of(name: str, made: list[Row] = made, steps: int = len(inputs[0])) -> list[str]:
            """All that a layer gives."""
            timed = has_time(document, name)
            return [
                shown(v, digits) for row in made for v in row.padded(name, steps if timed else 1)
            ]

        entry: Json = {"output": numbers_of(last)}
        entry["state"] = {
            layer["name"]: {
                part: [shown(v, digits) for each in states for v in each[layer["name"]][part]]
                for part in parts_of(layer)
            }
            for layer in cells
        }
        if "probe" in request:
            entry["probe"] = {name: numbers_of(name) for name in request["probe"]}
        given.append(entry)
    return given


def parts_of(layer: Json) -> list[str]:
    """The arrays of a layer's state."""
    ways = ["", OTHER] if layer.get("direction") == "bidirectional" else [""]
    return [part + way for way in ways for part in PARTS[layer["type"]]]


def first_state(cells: list[Json], tensors: Json, state: Json | None, n: int) -> dict[str, Json]:
    """Row n of the state that a request starts from: the given one, else h0 and c0, else zeros."""
    start: dict[str, Json] = {}
    for layer in cells:
        names = layer["parameters"]
        start[layer["name"]] = {}
        for part in parts_of(layer):
            size = layer["hidden_size"]
            if part[0] == "h":
                size = layer.get("projection_size", size)
            values = [ZERO] * size
            role = part.replace("h", "h0", 1) if part[0] == "h" else part.replace("c", "c0", 1)
            if state is not None:
                given = numbers(state[layer["name"]][part])
                values = [Decimal(v) for v in given[n * size : n * size + size]]
            elif role in names:
                values = tensors[names[role]]["rows"][0]
            start[layer["name"]][part] = values
    return start


def evaluate(function: str, given: Json) -> list[str]:
    """The member `truth` of a case of the command `evaluate`."""
    return [shown(value_of(function, x), WRITTEN) for x in numbers(given)]


def shown(value: Decimal, digits: int) -> str:
    """So many digits of it."""
    with localcontext(Context(prec=digits, Emin=-999999, Emax=999999)):
        value = +value
    return f"{value.normalize():g}" if value.is_finite() else str(value).lower()
