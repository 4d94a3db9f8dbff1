"""A call of SPEC.md 14 by a peer: layer by layer over the whole sequences, all arithmetic being the peer's."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from conformance.oracle.finding import RunError
from conformance.oracle.net import Array, Layer, Net
from conformance.oracle.scalar import (
    State,
    Tokens,
    check_arguments,
    check_probe,
    initial,
    input_shape,
)

Float32 = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Lengths = npt.NDArray[np.int64]
Parts = dict[str, Float32]  # h, c, … -> [N, size]
Step = Callable[[Layer, Float32, Parts], Parts]
MERGES = {"sum": "add"}  # the merges that the layers have under another name


class Peer(Protocol):
    """`features` are those of section 17.2 that it has."""

    name: str
    version: str
    features: list[str]

    def first(self, layer: Layer, ids: npt.NDArray[np.int64]) -> Float32: ...  # [K] -> [K, size]
    def plain(self, layer: Layer, x: Float32) -> Float32: ...  # [K, I] -> [K, size]
    def combined(self, kind: str, x: list[Float32]) -> Float32: ...  # add, multiply, average
    def evaluate(self, function: str, x: Float32) -> Float32: ...

    def recurrent(
        self, layer: Layer, x: Float32, lengths: Lengths, old: Parts
    ) -> tuple[list[Float32], Parts]:
        """For each direction its outputs [N, T, P] in time order; the state. No length is 0."""
        ...


@dataclass(frozen=True)
class Result:
    """What a call gives."""

    output: Float32
    state: dict[str, Parts]
    layers: dict[str, Float32]  # the outputs of all


_halves: dict[int, tuple[Layer, tuple[tuple[str, Layer], ...]]] = {}


def halves_of(layer: Layer) -> tuple[tuple[str, Layer], ...]:
    """Its directions, the same objects each time: what a peer makes of a layer is kept by id."""
    if id(layer) not in _halves:
        _halves[id(layer)] = layer, layer.halves
    return _halves[id(layer)][1]


def as_array(given: Array) -> Float32:
    return np.array(given.values, np.float32).reshape(given.shape)


def finite(*arrays: Float32) -> None:
    """[finite-1]. An operator does not show u, but what is made of it: only a clip could hide that."""
    if not all(np.isfinite(values).all() for values in arrays):
        raise RunError("RUN_NONFINITE")


def run(
    peer: Peer,
    net: Net,
    x: Array | Tokens,
    lengths: list[int] | None,
    state: State | None,
    probe: list[str],
) -> Result:
    """Section 14."""
    check_arguments(net, x, lengths, state)
    check_probe(net, probe)
    N, steps = input_shape(net, x)
    before = initial(net, N) if state is None else state
    call = Call(
        peer,
        np.full(N, steps) if lengths is None else np.array(lengths, np.int64),
        steps,
        {
            layer: {part: as_array(values) for part, values in parts.items()}
            for layer, parts in before.items()
        },
    )
    if isinstance(x, Array):
        given: Any = np.where(call.valid[..., None], as_array(x), np.float32(0))
    else:
        given = np.array(x, np.int64).reshape(N, steps)
    made = {"input": given}
    for layer in net.layers:
        made[layer.name] = call.output(layer, [made[name] for name in layer.reads])
        finite(made[layer.name])
    del made["input"]
    return Result(made[net.layers[-1].name], call.state, made)


class Call:
    """One call; `state` is replaced layer by layer."""

    def __init__(self, peer: Peer, lengths: Lengths, steps: int, state: dict[str, Parts]) -> None:
        self.peer, self.lengths, self.steps, self.state = peer, lengths, steps, state
        self.valid: Mask = np.arange(steps) < lengths[:, None]  # [N, T]

    def output(self, layer: Layer, reads: list[Any]) -> Float32:
        """What a layer gives, 0 where there is no step."""
        x = reads[0]
        match layer.type:
            case "embedding" | "one_hot":
                return self.each(
                    lambda ids: self.peer.first(layer, ids), [x], layer.size, timed=True
                )
            case "elman" | "lstm" | "gru":
                return self.recurrent(layer, x)
            case "last_step":
                y = np.zeros((len(x), layer.size), np.float32)
                rows = np.flatnonzero(self.lengths)
                y[rows] = x[rows, self.lengths[rows] - 1]
                return y
            case "time_reverse":
                return reversed_steps(x, self.lengths)
            case "concat":
                return np.concatenate(reads, axis=-1)
            case "add" | "multiply":
                return self.combined(layer.type, reads, layer.size, timed=layer.timed)
        return self.each(lambda v: self.peer.plain(layer, v), [x], layer.size, timed=layer.timed)

    def combined(self, kind: str, x: list[Float32], width: int, *, timed: bool) -> Float32:
        """Several vectors as one."""
        return self.each(lambda *v: self.peer.combined(kind, [*v]), x, width, timed=timed)

    def each(
        self, function: Callable[..., Float32], x: list[Any], width: int, *, timed: bool
    ) -> Float32:
        """A function of vectors, at the places that exist."""
        if not timed:
            return function(*x)
        y = np.zeros((*self.valid.shape, width), np.float32)
        if self.valid.any():
            y[self.valid] = function(*(v[self.valid] for v in x))
        return y

    def recurrent(self, layer: Layer, x: Float32) -> Float32:
        """A layer with a state: all rows that have a step."""
        rows = np.flatnonzero(self.lengths)
        old = self.state[layer.name]
        results = [np.zeros((*x.shape[:2], half.size), np.float32) for _, half in layer.halves]
        now = dict(old)
        if rows.size:
            lengths = self.lengths[rows]
            most = int(lengths.max())
            given = {part: values[rows] for part, values in old.items()}
            found, new = self.peer.recurrent(layer, x[rows, :most], lengths, given)
            for y, values in zip(results, found, strict=True):
                y[rows, :most] = values
            for part, values in new.items():
                now[part] = old[part].copy()
                now[part][rows] = values
        self.state[layer.name] = now
        finite(*now.values(), *results)
        if layer.final:
            results = [now["h" + suffix] for suffix, _ in layer.halves]
        if len(results) == 1:
            return results[0]
        if layer.merge == "concat":
            return np.concatenate(results, axis=-1)
        kind = MERGES.get(layer.merge, layer.merge)
        return self.combined(kind, results, layer.size, timed=not layer.final)


def reversed_steps(x: Float32, lengths: Lengths) -> Float32:
    """The valid steps of each row in the other order; 0 behind them."""
    y = np.zeros_like(x)
    for n, length in enumerate(lengths):
        y[n, :length] = x[n, :length][::-1]
    return y


def stepwise(
    step: Step, layer: Layer, x: Float32, lengths: Lengths, old: Parts
) -> tuple[list[Float32], Parts]:
    """[direction-1] and [direction-2] by single steps, for cells that a peer has no operator for."""
    outputs, state = [], dict(old)
    for suffix, half in halves_of(layer):
        backwards = half.direction == "reverse"
        y = np.zeros((*x.shape[:2], half.size), np.float32)
        for t in reversed(range(x.shape[1])) if backwards else range(x.shape[1]):
            rows = np.flatnonzero(t < lengths)
            now = {part: state[part + suffix][rows] for part in half.parts}
            new = step(half, x[rows, t], now)
            finite(*new.values())
            y[rows, t] = new["h"]
            for part in half.parts:
                state[part + suffix] = state[part + suffix].copy()
                state[part + suffix][rows] = new[part]
        outputs.append(y)
    return outputs, state
