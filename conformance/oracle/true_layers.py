"""The equations of SPEC.md 13 with fifty digits: one time step of one row.

This module, truth.py and true_functions.py share no code with the scalar oracle.
"""

from decimal import Decimal
from typing import Any

from conformance.oracle.true_functions import ONE, ZERO, activation, nearest_binary32

Json = dict[str, Any]
Numbers = list[Decimal]
Weights = dict[str, list[Numbers]]  # role → rows; a vector is one row


def sums(weights: Weights, bias: str, parts: list[tuple[str, Numbers]]) -> Numbers:
    """Bias plus row vectors times matrices: every column."""
    columns = len(weights[parts[0][0]][0])
    total = list(weights[bias][0]) if bias in weights else [ZERO] * columns
    for role, vector in parts:
        for factor, row in zip(vector, weights[role], strict=True):
            if factor:
                total = [t + factor * w for t, w in zip(total, row, strict=True)]
    return total


def limited(layer: Json, member: str, values: Numbers) -> Numbers:
    """Cut to −K … K, if the layer has this member."""
    if member not in layer:
        return values
    K = Decimal(nearest_binary32(layer[member]))
    return [min(max(v, -K), K) for v in values]


# --- cells ----------------------------------------------------------------------------------------


def cell(layer: Json, weights: Weights, x: Numbers, old: dict[str, Numbers]) -> dict[str, Numbers]:
    """The state after a step of a recurrent layer, in one direction."""
    if layer["type"] == "lstm":
        return lstm(layer, weights, x, old["h"], old["c"])
    if layer["type"] == "gru":
        return {"h": gru(layer, weights, x, old["h"])}
    function = activation(layer["activation"])
    a = limited(layer, "clip", sums(weights, "b", [("W", x), ("R", old["h"])]))
    return {"h": [function(v) for v in a]}


def lstm(layer: Json, weights: Weights, x: Numbers, h: Numbers, c: Numbers) -> dict[str, Numbers]:
    """13.4 with its options."""
    H = layer["hidden_size"]
    named = {role: activation(entry) for role, entry in layer["activations"].items()}
    absent = {"input": "i", "forget": "f"}.get(layer.get("coupled", ""), "")
    present = [gate for gate in "ifgo" if gate != absent]
    watching = [gate for gate in "ifo" if gate != absent]
    a = sums(weights, "b", [("W", x), ("R", h)])

    def of(gate: str, seen: Numbers) -> Numbers:
        """A gate's values, its peephole looking at `seen`."""
        at = present.index(gate) * H
        total = a[at : at + H]
        if layer.get("peephole") == "diagonal" and gate != "g":
            own = weights["p"][watching.index(gate)]
            total = [t + v * w for t, v, w in zip(total, seen, own, strict=True)]
        elif layer.get("peephole") == "full" and gate != "g":
            at = watching.index(gate) * H
            rows = [row[at : at + H] for row in weights["p"]]
            total = [
                t + sum(v * row[j] for v, row in zip(seen, rows, strict=True))
                for j, t in enumerate(total)
            ]
        function = named["candidate" if gate == "g" else "gates"]
        return [function(v) for v in limited(layer, "clip", total)]

    gates = {gate: of(gate, c) for gate in "if" if gate != absent}
    if absent:
        (other,) = gates.values()
        gates[absent] = [ONE - v for v in other]
    g = of("g", c)
    fresh = [gates["f"][j] * c[j] + gates["i"][j] * g[j] for j in range(H)]
    fresh = limited(layer, "cell_clip", fresh)
    u = [o * named["output"](v) for o, v in zip(of("o", fresh), fresh, strict=True)]
    if "projection_size" in layer:
        u = limited(layer, "projection_clip", sums(weights, "qb", [("Q", u)]))
    return {"h": u, "c": fresh}


def gru(layer: Json, weights: Weights, x: Numbers, h: Numbers) -> Numbers:
    """13.5."""
    H = layer["hidden_size"]
    gates = activation(layer["activations"]["gates"])
    candidate = activation(layer["activations"]["candidate"])
    of_x = sums(weights, "b", [("W", x)])
    of_h = sums(weights, "", [("R", h)])
    both = limited(layer, "clip", [a + b for a, b in zip(of_x, of_h, strict=True)])
    r, z = [gates(v) for v in both[:H]], [gates(v) for v in both[H : 2 * H]]
    if layer["reset"] == "before":
        of_u = sums(weights, "", [("R", [r[j] * h[j] for j in range(H)])])
        a = [of_x[2 * H + j] + of_u[2 * H + j] for j in range(H)]
    else:
        second = weights["rb"][0] if "rb" in weights else [ZERO] * H
        a = [of_x[2 * H + j] + r[j] * (of_h[2 * H + j] + second[j]) for j in range(H)]
    n = [candidate(v) for v in limited(layer, "clip", a)]
    return [z[j] * h[j] + (ONE - z[j]) * n[j] for j in range(H)]


# --- layers without a state -----------------------------------------------------------------------


def of_one(layer: Json, weights: Weights, x: Numbers) -> Numbers:
    """A layer that makes a vector of one other."""
    match layer["type"]:
        case "dense":
            return sums(weights, "b", [("W", x)])
        case "affine":
            s, t = weights["s"][0], weights["t"][0]
            return [x[j] * s[j] + t[j] for j in range(len(x))]
        case "layer_norm":
            mean = sum(x, ZERO) / len(x)
            variance = sum(((v - mean) ** 2 for v in x), ZERO) / len(x)
            deviation = (variance + Decimal(nearest_binary32(layer["epsilon"]))).sqrt()
            gamma, beta = weights["gamma"][0], weights["beta"][0]
            return [(v - mean) / deviation * g + b for v, g, b in zip(x, gamma, beta, strict=True)]
    if layer["function"] in ("softmax", "log_softmax"):
        powers = [(v - max(x)).exp() for v in x]
        total = sum(powers, ZERO)
        if layer["function"] == "softmax":
            return [p / total for p in powers]
        return [v - max(x) - total.ln() for v in x]
    function = activation(layer)
    return [function(v) for v in x]


def of_several(how: str, given: list[Numbers]) -> Numbers:
    """13.12, and the merges of [direction-2]."""
    if how == "concat":
        return [v for vector in given for v in vector]
    result: Numbers = []
    for column in zip(*given, strict=True):
        value = ONE if how == "multiply" else ZERO
        for v in column:
            value = value * v if how == "multiply" else value + v
        result.append(value / 2 if how == "average" else value)
    return result
