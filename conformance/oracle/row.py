"""SPEC.md 12.7 and 13 for one row: the net's layers in their order, each over all the valid steps.

What a layer gives is a sequence, one vector a valid step; without time it is a sequence of one vector.
"""

import math

from conformance.oracle.cells import elman, gru, lstm
from conformance.oracle.chain import Preactivations, Vector, preactivations
from conformance.oracle.finding import RunError
from conformance.oracle.layers import (
    affine,
    both_directions,
    dense,
    elementwise,
    embedding,
    layer_norm,
    log_softmax,
    merged,
    one_hot,
    softmax,
)
from conformance.oracle.net import Layer, Net

RowState = dict[str, dict[str, Vector]]  # one row: layer -> h, c, … -> elements
Sequence = list[Vector]


def require_finite(values: Vector) -> None:
    """[finite-1]."""
    for v in values:
        if not math.isfinite(v):
            raise RunError("RUN_NONFINITE")


def outputs(
    net: Net, x: Sequence, state: RowState, columns: Preactivations = preactivations
) -> dict[str, Sequence]:
    """What every layer gives for the valid steps of a row; the state is replaced in place.

    A step of `x` is a vector of features after T, or of one id.
    """
    made = {"input": x}
    for layer in net.layers:
        given = [made[name] for name in layer.reads]
        y = output(layer, given, state, columns)
        for v in y:
            require_finite(v)
        made[layer.name] = y
    return made


def output(
    layer: Layer, given: list[Sequence], state: RowState, columns: Preactivations
) -> Sequence:
    """What one layer gives; `given` is what it reads, in the order of its `inputs`."""
    x = given[0]
    match layer.type:
        case "embedding":
            return [embedding(layer, int(v[0])) for v in x]
        case "one_hot":
            return [one_hot(layer, int(v[0])) for v in x]
        case "elman" | "lstm" | "gru":
            return recurrent(layer, x, state, columns)
        case "last_step":  # [last-step-1]
            return x[-1:] if x else [[0.0] * layer.size]
        case "time_reverse":  # [time-reverse-1]
            return [x[len(x) - 1 - t] for t in range(len(x))]
        case "add" | "multiply" | "concat":
            return [merged(layer, [part[t] for part in given]) for t in range(len(x))]
    return [without_state(layer, v, columns) for v in x]


def without_state(layer: Layer, x: Vector, columns: Preactivations) -> Vector:
    """A layer that makes a vector of one other."""
    match layer.type:
        case "dense":
            return dense(layer, x, columns)
        case "affine":
            return affine(layer, x)
        case "layer_norm":
            return layer_norm(layer, x)
        case "activation":
            return elementwise(layer, x)
        case "softmax":
            return softmax(x)
    assert layer.type == "log_softmax"
    return log_softmax(x)


# --- layers with a state --------------------------------------------------------------------------


def recurrent(
    layer: Layer, x: Sequence, state: RowState, columns: Preactivations = preactivations
) -> Sequence:
    """[direction-1], [direction-2], [final-1]: the outputs of one direction, or of both."""
    results: list[Sequence] = []
    for suffix, half in layer.halves:
        old = {part: state[layer.name][part + suffix] for part in half.parts}
        y, new = one_direction(half, x, old, columns)
        state[layer.name] |= {part + suffix: values for part, values in new.items()}
        results.append([new["h"]] if layer.final else y)
    if len(results) == 1:
        return results[0]
    return [both_directions(layer.merge, y, w) for y, w in zip(*results, strict=True)]


def one_direction(
    layer: Layer, x: Sequence, state: dict[str, Vector], columns: Preactivations
) -> tuple[Sequence, dict[str, Vector]]:
    """The outputs, each at its step's place, and the state after the last step taken."""
    y: Sequence = [[] for _ in x]
    steps = range(len(x))
    for t in reversed(steps) if layer.direction == "reverse" else steps:
        state = cell(layer, x[t], state, columns)
        y[t] = state["h"]
    return y, state


def cell(
    layer: Layer, x: Vector, old: dict[str, Vector], columns: Preactivations
) -> dict[str, Vector]:
    """One time step: the state after it. Its output is the h in there."""
    if layer.type == "elman":
        new = {"h": elman(layer, x, old["h"], columns).h}
    elif layer.type == "lstm":
        made = lstm(layer, x, old["h"], old["c"], columns)
        require_finite(made.u)
        new = {"h": made.h, "c": made.c}
    else:
        gated = gru(layer, x, old["h"], columns)
        require_finite(gated.u)
        new = {"h": gated.h}
    for values in new.values():
        require_finite(values)
    return new
