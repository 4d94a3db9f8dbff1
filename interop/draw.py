"""Random nets of a kind, and random calls to them."""

import math
from dataclasses import dataclass

import numpy as np

from interop.net import BLOCKS, Activation, Call, Float32, Net, Norm, Recurrent, Weights

FORWARD, BOTH_WAYS = "forward", "bidirectional"
MERGES = ("concat", "sum", "multiply", "average")
EPSILONS = (1e-5, 1e-3)  # the defaults of PyTorch and ONNX, and of Keras
WIDEST = 70


@dataclass(frozen=True)
class Kind:
    """What is the same in all nets of a row of the table; what is given in several ways, is drawn."""

    cell: str  # elman, lstm, gru; empty: layer_norm alone
    activations: tuple[tuple[Activation, ...], ...] = ()  # for each role, those to draw from
    reset: str = ""
    directions: tuple[str, ...] = (FORWARD,)
    merges: tuple[str, ...] = ("concat",)
    layers: int = 1  # at most
    clip: bool = False
    peephole: bool = False
    coupled: bool = False
    projection: bool = False
    norm: bool = False  # a layer_norm behind each layer


def random_net(rng: np.random.Generator, kind: Kind, scale: int) -> Net:
    """Weights as PyTorch draws them for RNN, LSTM and GRU, ±1/√H evenly, times `scale`; a quarter without biases."""
    I, H = _size(rng), _size(rng)  # noqa: E741
    if not kind.cell:
        return Net((random_norm(rng, I, scale),))
    P = int(rng.integers(1, H)) if kind.projection and H > 1 else H
    direction = str(rng.choice(kind.directions))
    merge = str(rng.choice(kind.merges)) if direction == BOTH_WAYS else "concat"
    functions = tuple(each[int(rng.integers(len(each)))] for each in kind.activations)
    clip = float(np.float32(rng.uniform(0.3, 3))) if kind.clip else None
    biased = rng.random() < 3 / 4
    layers: list[Recurrent | Norm] = []
    for _ in range(int(rng.integers(1, kind.layers + 1))):
        weights = tuple(
            random_weights(rng, kind, (I, H, P), scale / math.sqrt(H), biased=biased)
            for _ in range(1 + (direction == BOTH_WAYS))
        )
        layers.append(
            Recurrent(
                kind.cell, functions, weights, kind.reset, direction, merge, clip, kind.coupled
            )
        )
        I = P * (2 if direction == BOTH_WAYS and merge == "concat" else 1)  # noqa: E741
        if kind.norm:
            layers.append(random_norm(rng, I, 1))
    return Net(tuple(layers))


def _size(rng: np.random.Generator) -> int:
    return int(rng.integers(1, WIDEST + 1))


def random_weights(
    rng: np.random.Generator, kind: Kind, sizes: tuple[int, int, int], bound: float, *, biased: bool
) -> Weights:
    """One direction; sizes are I, H, P."""
    I, H, P = sizes  # noqa: E741
    columns = BLOCKS[kind.cell] * H

    def draw(*shape: int) -> Float32:
        return rng.uniform(-bound, bound, shape).astype(np.float32)

    return Weights(
        W=draw(I, columns),
        R=draw(P, columns),
        input_bias=draw(columns) if biased else None,
        recurrent_bias=draw(columns) if biased else None,
        p=draw(3, H) if kind.peephole else None,
        Q=draw(H, P) if kind.projection and P < H else None,
    )


def random_norm(rng: np.random.Generator, width: int, scale: int) -> Norm:
    """gamma about `scale`."""
    gamma = (rng.uniform(0.5, 1.5, width) * scale).astype(np.float32)
    beta = rng.uniform(-0.5, 0.5, width).astype(np.float32)
    return Norm(gamma, beta, float(rng.choice(EPSILONS)))


def random_call(rng: np.random.Generator, net: Net, steps: int, *, shortest: int) -> Call:
    """Inputs of size 1; a state in half of the calls; lengths from `shortest` on in half of them."""
    N = int(rng.integers(1, 5))
    x = rng.standard_normal((N, steps, net.I)).astype(np.float32)
    given, cut = rng.random(2) < 0.5

    def state(width: int) -> Float32:
        return rng.uniform(-1, 1, (N, width)).astype(np.float32)

    h = tuple(state(layer.P) for layer in net.recurrent for _ in layer.weights)
    c = tuple(state(layer.H) for layer in net.recurrent for _ in layer.weights)
    return Call(
        x,
        h if given else None,
        c if given and net.has_c else None,
        rng.integers(shortest, steps + 1, N) if cut and steps > 1 else None,
    )


def classes(net: Net, call: Call) -> list[str]:
    """The classes that a net and its call belong to."""
    found = []
    if net.recurrent:
        layer = net.recurrent[0]
        found = [f"{len(net.recurrent)} layers".replace("1 layers", "1 layer"), layer.direction]
        found += [f"merge {layer.merge}"] if layer.direction == BOTH_WAYS else []
        found += ["without biases"] if layer.weights[0].input_bias is None else []
    found += [] if call.h is None or not net.recurrent else ["state given"]
    found += [] if call.lengths is None else ["lengths"]
    return found
