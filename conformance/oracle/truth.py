"""The equations of SPEC.md 13 with fifty digits: what the numbers would be without any rounding.

Sigmoid, tanh, softmax and the rest are the functions of mathematics here: no recipe, no T, no order
of summation. This module shares no code with the scalar oracle; each is a witness for the other.
"""

import math
import struct
from decimal import Context, Decimal, InvalidOperation, Overflow, localcontext
from typing import Any

Json = dict[str, Any]
Numbers = list[Decimal]

DIGITS = 50  # of every operation
SHOWN = 20  # of what is written down
ZERO, ONE = Decimal(0), Decimal(1)
LARGE = Decimal(10000)  # sigmoid and tanh are constant from here on, to far more than fifty digits


# --- functions ------------------------------------------------------------------------------------


def sigmoid(x: Decimal) -> Decimal:
    """1 / (1 + e^−x)."""
    e = (-abs(max(min(x, LARGE), -LARGE))).exp()
    return (ONE if x >= 0 else e) / (ONE + e)


def tanh(x: Decimal) -> Decimal:
    """The hyperbolic tangent; by its series where the quotient would lose its digits."""
    if abs(x) < Decimal("1e-8"):
        return x - x**3 / 3 + 2 * x**5 / 15
    e = (-2 * min(abs(x), LARGE)).exp()
    return ((ONE - e) / (ONE + e)).copy_sign(x)


def exp(x: Decimal) -> Decimal:
    """e^x."""
    return x.exp()


def log(x: Decimal) -> Decimal:
    """The natural logarithm."""
    return x.ln()


FUNCTIONS = {"exp": exp, "log": log, "tanh": tanh, "sigmoid": sigmoid}


def value_of(function: str, x: float) -> Decimal:
    """The function at a binary32, infinities and NaN included; exp of big numbers is infinite."""
    with localcontext(Context(prec=DIGITS, Emin=-999999, Emax=999999)):
        try:
            return Decimal("NaN") if math.isnan(x) else FUNCTIONS[function](Decimal(x))
        except InvalidOperation:  # the logarithm of a negative number
            return Decimal("NaN")
        except Overflow:
            return Decimal("Infinity")


# --- nets -----------------------------------------------------------------------------------------


def matrix(tensor: Json) -> list[Numbers]:
    """The rows of a tensor; a vector is one row."""
    width = tensor["shape"][-1]
    values = [Decimal(v) for v in tensor["values"]]
    return [values[k : k + width] for k in range(0, len(values), width)]


def affine(layer: Json, tensors: Json, parts: list[tuple[str, Numbers]], columns: int) -> Numbers:
    """Bias plus row vectors times matrices."""
    names = layer["parameters"]
    total = list(tensors[names["b"]]["rows"][0]) if "b" in names else [ZERO] * columns
    for role, vector in parts:
        for factor, row in zip(vector, tensors[names[role]]["rows"], strict=True):
            if factor:
                total = [t + factor * w for t, w in zip(total, row, strict=True)]
    return total


def one_step(document: Json, tensors: Json, x: Any, state: dict[str, Json]) -> Numbers:  # noqa: ANN401 - id or features
    """The net's output at one time step; the state is changed in place."""
    y: Numbers = []
    for layer in document["layers"]:
        match layer["type"]:
            case "embedding":
                y = tensors[layer["parameters"]["E"]]["rows"][x]
            case "one_hot":
                tokens = document["vocabularies"][document["input"]["vocabulary"]]["tokens"]
                y = [ONE if k == x else ZERO for k in range(len(tokens))]
            case "lstm":
                H = layer["hidden_size"]
                old = state[layer["name"]]
                a = affine(layer, tensors, [("W", x), ("R", old["h"])], 4 * H)
                i, f, o = ([sigmoid(v) for v in a[k * H : k * H + H]] for k in (0, 1, 3))
                g = [tanh(v) for v in a[2 * H : 3 * H]]
                c = [f[j] * old["c"][j] + i[j] * g[j] for j in range(H)]
                y = [o[j] * tanh(c[j]) for j in range(H)]
                state[layer["name"]] = {"h": y, "c": c}
            case "dense":
                y = affine(layer, tensors, [("W", x)], layer["size"])
            case _:
                powers = [(v - max(x)).exp() for v in x]
                y = [p / sum(powers) for p in powers]
                if layer["function"] == "log_softmax":
                    y = [v - max(x) - sum(powers).ln() for v in x]
        x = y
    return y


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
    with localcontext(Context(prec=DIGITS, Emin=-999999, Emax=999999)):
        return {"chunks": list(answers(document, request, chunks))}


def answers(document: Json, request: Json, chunks: list[Json]) -> list[Json | None]:
    """One entry for each chunk."""
    cells = [layer for layer in document["layers"] if layer["type"] == "lstm"]
    tensors = {name: t | {"rows": matrix(t)} for name, t in document["tensors"].items()}
    states: list[dict[str, Json]] = []
    given: list[Json | None] = []
    for asked, expected in zip(request["chunks"], chunks, strict=True):
        if "code" in expected:  # what comes after it starts from the state that the case expects
            given.append(None)
            state = expected.get("state", {})
            rows = range(state[cells[0]["name"]]["h"]["shape"][0]) if cells and state else range(0)
            states = [first_state(cells, state, n) for n in rows]
            continue
        inputs = rows_of(asked["input"])
        if not states:
            states = [first_state(cells, request.get("state"), n) for n in range(len(inputs))]
        width = expected["output"]["shape"][-1]
        output: Numbers = []
        for n, row in enumerate(inputs):
            length = asked.get("lengths", [len(row)] * len(inputs))[n]
            for t, x in enumerate(row):
                valid = t < length
                output += one_step(document, tensors, x, states[n]) if valid else [ZERO] * width
        after = {
            cell["name"]: {
                part: [shown(v) for each in states for v in each[cell["name"]][part]]
                for part in ("h", "c")
            }
            for cell in cells
        }
        given.append({"output": [shown(v) for v in output], "state": after})
    return given


def first_state(cells: list[Json], state: Json | None, n: int) -> dict[str, Json]:
    """Row n of the state that a request starts from."""
    start: dict[str, Json] = {}
    for cell in cells:
        H = cell["hidden_size"]
        start[cell["name"]] = {
            part: [ZERO] * H
            if state is None
            else [Decimal(v) for v in numbers(state[cell["name"]][part])[n * H : n * H + H]]
            for part in ("h", "c")
        }
    return start


def evaluate(function: str, given: Json) -> list[str]:
    """The member `truth` of a case of the command `evaluate`."""
    return [shown(value_of(function, x)) for x in numbers(given)]


def shown(value: Decimal) -> str:
    """Twenty digits of it."""
    with localcontext(Context(prec=SHOWN, Emin=-999999, Emax=999999)):
        value = +value
    return f"{value.normalize():g}" if value.is_finite() else str(value).lower()
