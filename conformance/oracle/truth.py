"""The equations of SPEC.md 13 with fifty digits: what the numbers would be without any rounding.

Sigmoid, tanh, softmax and the rest are the functions of mathematics here: no recipe, no T, no order
of summation. This module shares no code with the scalar oracle; each is a witness for the other.
"""

import struct
from decimal import Context, Decimal, localcontext
from typing import Any

from conformance.oracle.true_functions import ONE, ZERO, activation, precise, value_of

Json = dict[str, Any]
Numbers = list[Decimal]

SHOWN = 15  # digits of what is written down
PARTS = {"elman": ("h",), "lstm": ("h", "c"), "gru": ("h",)}


# --- layers ---------------------------------------------------------------------------------------


def matrix(tensor: Json) -> list[Numbers]:
    """The rows of a tensor; a vector is one row."""
    width = tensor["shape"][-1]
    values = [Decimal(v) for v in tensor["values"]]
    return [values[k : k + width] for k in range(0, len(values), width)]


def sums(layer: Json, tensors: Json, bias: str, parts: list[tuple[str, Numbers]]) -> Numbers:
    """Bias plus row vectors times matrices: every column."""
    names = layer["parameters"]
    columns = tensors[names[parts[0][0]]]["shape"][-1]
    total = list(tensors[names[bias]]["rows"][0]) if bias in names else [ZERO] * columns
    for role, vector in parts:
        for factor, row in zip(vector, tensors[names[role]]["rows"], strict=True):
            if factor:
                total = [t + factor * w for t, w in zip(total, row, strict=True)]
    return total


def cell(layer: Json, tensors: Json, x: Numbers, old: Json) -> Json:
    """The state after a step of a recurrent layer."""
    H, h = layer["hidden_size"], old["h"]
    if layer["type"] == "elman":
        function = activation(layer["activation"])
        return {"h": [function(v) for v in sums(layer, tensors, "b", [("W", x), ("R", h)])]}
    named = {role: activation(entry) for role, entry in layer["activations"].items()}
    gates, candidate = named["gates"], named["candidate"]
    if layer["type"] == "lstm":
        a = sums(layer, tensors, "b", [("W", x), ("R", h)])
        i, f, o = ([gates(v) for v in a[k * H : k * H + H]] for k in (0, 1, 3))
        g = [candidate(v) for v in a[2 * H : 3 * H]]
        c = [f[j] * old["c"][j] + i[j] * g[j] for j in range(H)]
        return {"h": [o[j] * named["output"](c[j]) for j in range(H)], "c": c}
    of_x = sums(layer, tensors, "b", [("W", x)])
    of_h = sums(layer, tensors, "", [("R", h)])
    r = [gates(of_x[j] + of_h[j]) for j in range(H)]
    z = [gates(of_x[H + j] + of_h[H + j]) for j in range(H)]
    if layer["reset"] == "before":
        of_u = sums(layer, tensors, "", [("R", [r[j] * h[j] for j in range(H)])])
        n = [candidate(of_x[2 * H + j] + of_u[2 * H + j]) for j in range(H)]
    else:
        names = layer["parameters"]
        second = tensors[names["rb"]]["rows"][0] if "rb" in names else [ZERO] * H
        n = [candidate(of_x[2 * H + j] + r[j] * (of_h[2 * H + j] + second[j])) for j in range(H)]
    return {"h": [z[j] * h[j] + (ONE - z[j]) * n[j] for j in range(H)]}


def without_state(layer: Json, tensors: Json, x: Numbers) -> Numbers:
    """A layer that reads a vector and has no state."""
    match layer["type"]:
        case "dense":
            return sums(layer, tensors, "b", [("W", x)])
        case "affine":
            s, t = (tensors[layer["parameters"][role]]["rows"][0] for role in ("s", "t"))
            return [x[j] * s[j] + t[j] for j in range(len(x))]
        case "last_step":
            return x
    if layer["function"] in ("softmax", "log_softmax"):
        powers = [(v - max(x)).exp() for v in x]
        total = sum(powers, ZERO)
        if layer["function"] == "softmax":
            return [p / total for p in powers]
        return [v - max(x) - total.ln() for v in x]
    function = activation(layer)
    return [function(v) for v in x]


# --- rows -----------------------------------------------------------------------------------------


def has_no_time(layer: Json) -> bool:
    """Whether the layer gives one vector a row."""
    return layer["type"] == "last_step" or layer.get("output") == "final"


def row_output(document: Json, tensors: Json, row: list[Any], length: int, state: Json) -> Numbers:
    """All that the net gives for one row; its state is changed in place."""
    layers = document["layers"]
    cut = next((k + 1 for k, layer in enumerate(layers) if has_no_time(layer)), None)
    given: Numbers = []
    y: Any = None
    for t, x in enumerate(row):
        if t >= length:
            break
        y = x
        for layer in layers[:cut]:
            if layer["type"] == "embedding":
                y = tensors[layer["parameters"]["E"]]["rows"][y]
            elif layer["type"] == "one_hot":
                tokens = document["vocabularies"][document["input"]["vocabulary"]]["tokens"]
                y = [ONE if k == y else ZERO for k in range(len(tokens))]
            elif layer["type"] in PARTS:
                state[layer["name"]] = cell(layer, tensors, y, state[layer["name"]])
                y = state[layer["name"]]["h"]
            else:
                y = without_state(layer, tensors, y)
        given += y if cut is None else []
    if cut is None:
        return given
    if layers[cut - 1]["type"] != "last_step":
        y = state[layers[cut - 1]["name"]]["h"]
    elif y is None:
        y = [ZERO] * width_before(document, tensors, cut - 1)
    ended: Numbers = y
    for layer in layers[cut:]:
        ended = without_state(layer, tensors, ended)
    return ended


def width_before(document: Json, tensors: Json, place: int) -> int:
    """The width that the layer at this place reads."""
    for layer in reversed(document["layers"][:place]):
        if "hidden_size" in layer or "size" in layer:
            return int(layer.get("hidden_size", layer.get("size")))
        if layer["type"] == "affine":
            return int(tensors[layer["parameters"]["s"]]["shape"][0])
    given = document["input"]
    if given["kind"] == "features":
        return int(given["size"])
    return len(document["vocabularies"][given["vocabulary"]]["tokens"])


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


def run(document: Json, request: Json, chunks: list[Json]) -> Json:
    """The member `truth` of a case of the command `run`; null where a chunk is expected to fail."""
    with localcontext(precise()):
        return {"chunks": list(answers(document, request, chunks))}


def answers(document: Json, request: Json, chunks: list[Json]) -> list[Json | None]:
    """One entry for each chunk."""
    cells = [layer for layer in document["layers"] if layer["type"] in PARTS]
    tensors = {name: t | {"rows": matrix(t)} for name, t in document["tensors"].items()}
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
        output: Numbers = []
        size = len(numbers(expected["output"])) // len(inputs)
        for n, row in enumerate(inputs):
            length = asked.get("lengths", [len(row)] * len(inputs))[n]
            made = row_output(document, tensors, row, length, states[n])
            output += made + [ZERO] * (size - len(made))
        after = {
            layer["name"]: {
                part: [shown(v) for each in states for v in each[layer["name"]][part]]
                for part in PARTS[layer["type"]]
            }
            for layer in cells
        }
        given.append({"output": [shown(v) for v in output], "state": after})
    return given


def first_state(cells: list[Json], tensors: Json, state: Json | None, n: int) -> dict[str, Json]:
    """Row n of the state that a request starts from: the given one, else h0 and c0, else zeros."""
    start: dict[str, Json] = {}
    for layer in cells:
        H, names = layer["hidden_size"], layer["parameters"]
        start[layer["name"]] = {}
        for part in PARTS[layer["type"]]:
            values = [ZERO] * H
            if state is not None:
                given = numbers(state[layer["name"]][part])
                values = [Decimal(v) for v in given[n * H : n * H + H]]
            elif part + "0" in names:
                values = tensors[names[part + "0"]]["rows"][0]
            start[layer["name"]][part] = values
    return start


def evaluate(function: str, given: Json) -> list[str]:
    """The member `truth` of a case of the command `evaluate`."""
    return [shown(value_of(function, x)) for x in numbers(given)]


def shown(value: Decimal) -> str:
    """Fifteen digits of it."""
    with localcontext(Context(prec=SHOWN, Emin=-999999, Emax=999999)):
        value = +value
    return f"{value.normalize():g}" if value.is_finite() else str(value).lower()
