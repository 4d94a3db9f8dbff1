"""The comparison with peers can fail: without the peers, on the truth and our own runtime."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from interop import document, equations
from interop.distance import BOUND, WORST, Count
from interop.draw import BOTH_WAYS, FORWARD, MERGES, Kind, random_call, random_net
from interop.net import Activation, Call, Net, Norm, Recurrent, Result, Weights

TANH, SIGMOID, RELU = Activation("tanh"), Activation("sigmoid"), Activation("relu")
LSTM, GRU = ((SIGMOID,), (TANH,), (TANH,)), ((SIGMOID,), (TANH,))
KINDS = {
    "elman": Kind("elman", ((TANH,),)),
    "elman clip reverse": Kind("elman", ((TANH,),), clip=True, directions=("reverse",)),
    "lstm": Kind("lstm", LSTM),
    "lstm stack": Kind("lstm", LSTM, layers=3, directions=(BOTH_WAYS,)),
    "lstm peephole coupled clip": Kind("lstm", LSTM, peephole=True, coupled=True, clip=True),
    "lstm projection": Kind("lstm", LSTM, projection=True, directions=(FORWARD, BOTH_WAYS)),
    "lstm norm": Kind("lstm", LSTM, norm=True),
    "gru before": Kind("gru", GRU, "before"),
    "gru after clip": Kind("gru", GRU, "after", clip=True),
    "gru merges": Kind("gru", GRU, "after", directions=(BOTH_WAYS,), merges=MERGES[1:]),
    "layer_norm": Kind(""),
}


def drawn(kind: str, seed: int = 1) -> tuple[Net, Call]:
    rng = np.random.default_rng(seed)
    net = random_net(rng, KINDS[kind], 2)
    return net, random_call(rng, net, 9, shortest=0)


def as_float32(result: Result) -> Result:
    """A peer without any error but that of its type."""
    y, *_ = (array.astype(np.float32) for array in result.arrays)
    h, c = (tuple(v.astype(np.float32) for v in each) for each in (result.h, result.c))
    return Result(y, h, c)


def counted(ours: Result, peers: Result, net: Net, call: Call) -> Count:
    count = Count()
    count.add(ours, peers, partial(equations.run, net, call))
    return count


def sigmoid(a: float) -> float:
    return float(1 / (1 + np.exp(-a)))


def one_row(*values: float) -> np.ndarray:
    return np.array([values], np.float32)


# --- the equations, by hand -----------------------------------------------------------------------


def test_one_step_of_a_gru() -> None:
    """Torch's and ONNX's GRU with H = 1 and every product different."""
    W, R = one_row(0.5, -0.25, 2), one_row(1.5, 0.75, -0.5)
    biases = one_row(0.1, 0.2, 0.3)[0], one_row(-0.4, 0.5, 0.6)[0]
    x, h, K = 0.7, 0.9, 1.1
    call = Call(one_row(x)[None], (one_row(h),), None, None)
    for clip in (None, K):

        def cut(a: float, most: float = np.inf if clip is None else clip) -> float:
            return float(np.clip(a, -most, most))

        r = sigmoid(cut(0.5 * x + 0.1 + 1.5 * h - 0.4))
        z = sigmoid(cut(-0.25 * x + 0.2 + 0.75 * h + 0.5))
        n = {
            "after": np.tanh(cut(2 * x + 0.3 + r * (-0.5 * h + 0.6))),
            "before": np.tanh(cut(2 * x + 0.3 + -0.5 * (r * h) + 0.6)),
        }
        for reset, candidate in n.items():
            layer = Recurrent("gru", (SIGMOID, TANH), (Weights(W, R, *biases),), reset, clip=clip)
            found = equations.run(Net((layer,)), call).h[0][0, 0]
            assert found == pytest.approx((1 - z) * candidate + z * h, 1e-6)


def test_one_step_of_an_lstm_with_everything() -> None:
    """Peepholes, a coupled gate, clip and a projection, with H = P = 1; the cell is not clipped."""
    W, R = one_row(0.5, 99, -2, 1.5), one_row(1.5, 99, -0.5, 0.25)
    weights = Weights(W, R, None, None, np.array([[3], [99], [-2]], np.float32), one_row(0.8))
    layer = Recurrent("lstm", (SIGMOID, TANH, TANH), (weights,), clip=0.5, coupled=True)
    x, h, c = 0.7, 0.9, 4.0
    i = sigmoid(np.clip(0.5 * x + 1.5 * h + 3 * c, -0.5, 0.5))
    g = np.tanh(np.clip(-2 * x - 0.5 * h, -0.5, 0.5))
    cell = (1 - i) * c + i * g
    o = sigmoid(np.clip(1.5 * x + 0.25 * h - 2 * cell, -0.5, 0.5))
    found = equations.run(Net((layer,)), Call(one_row(x)[None], (one_row(h),), (one_row(c),), None))
    assert found.c[0][0, 0] == pytest.approx(cell, 1e-6)
    assert found.h[0][0, 0] == pytest.approx(0.8 * (o * np.tanh(cell)), 1e-6)


def test_directions_and_lengths() -> None:
    """A sum that forgets nothing: each direction's output shows which steps it has seen."""
    weights = Weights(np.eye(1, dtype=np.float32), np.eye(1, dtype=np.float32), None, None)
    both = Recurrent(
        "elman", (Activation("linear"),), (weights, weights), direction="bidirectional"
    )
    x = np.array([[[1], [10], [100]]], np.float32)
    found = equations.run(Net((both,)), Call(x, None, None, np.array([2])))
    assert found.y.tolist() == [[[1, 11], [11, 10], [0, 0]]]
    assert [h.tolist() for h in found.h] == [[[11]], [[11]]]


def test_layer_norm() -> None:
    layer = Norm(np.array([2, 1, 1], np.float32), np.array([0, 0, 5], np.float32), 0.5)
    found = equations.run(
        Net((layer,)), Call(np.array([[[1, 2, 6]]], np.float32), None, None, None)
    )
    q = 1 / np.sqrt((4 + 1 + 9) / 3 + 0.5)
    assert found.y[0, 0] == pytest.approx([-4 * q, -q, 3 * q + 5], 1e-6)


# --- our runtime, and mistakes --------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_our_runtime_is_near_the_truth(kind: str) -> None:
    for seed in range(5):
        net, call = drawn(kind, seed)
        peers = as_float32(equations.run(net, call))
        count = counted(document.run(net, call), peers, net, call)
        assert (count.faults, count.sensitive, count.large) == (0, 0, 0)
        assert 0 < count.worst[WORST[0]] < BOUND / 2


def changed(net: Net, change: Callable[[Recurrent], Recurrent]) -> Net:
    layers = (change(x) if isinstance(x, Recurrent) else x for x in net.layers)
    return Net(tuple(layers))


def with_weights(layer: Recurrent, change: Callable[[Weights], Weights]) -> Recurrent:
    return replace(layer, weights=tuple(change(weights) for weights in layer.weights))


OTHER_MERGE = {"sum": "average", "average": "multiply", "multiply": "sum"}
MISTAKES: dict[str, Callable[[Recurrent], Recurrent]] = {
    "blocks": lambda layer: with_weights(layer, lambda w: replace(w, W=np.flip(w.W, 1).copy())),
    "digits": lambda layer: with_weights(layer, lambda w: replace(w, R=w.R * np.float32(1.001))),
    "reset": lambda layer: replace(
        layer, reset={"before": "after", "after": "before"}[layer.reset]
    ),
    "clip": lambda layer: replace(layer, clip=None),
    "coupled": lambda layer: replace(layer, coupled=False),
    "peepholes": lambda layer: with_weights(
        layer, lambda w: replace(w, p=None if w.p is None else w.p[::-1].copy())
    ),
    "directions": lambda layer: replace(layer, weights=layer.weights[::-1]),
    "direction": lambda layer: replace(layer, direction="forward"),
    "merge": lambda layer: replace(layer, merge=OTHER_MERGE[layer.merge]),
}


@pytest.mark.parametrize(
    ("kind", "mistake"),
    [
        *(("elman", name) for name in ("blocks", "digits")),
        *(("lstm", name) for name in ("blocks", "digits")),
        ("elman clip reverse", "clip"),
        ("elman clip reverse", "direction"),
        ("lstm peephole coupled clip", "peepholes"),
        ("lstm peephole coupled clip", "coupled"),
        ("lstm peephole coupled clip", "clip"),
        ("lstm stack", "directions"),
        ("gru before", "reset"),
        ("gru after clip", "reset"),
        ("gru merges", "merge"),
    ],
)
def test_a_mistake_is_a_fault(kind: str, mistake: str) -> None:
    """A document that says something else than the net whose truth is asked; a call may hide it, but not all of them."""
    faults = []
    for seed in range(5):
        net, call = drawn(kind, seed)
        peers = as_float32(equations.run(net, call))
        other = changed(net, MISTAKES[mistake])
        faults.append(counted(document.run(other, call), peers, net, call).faults)
    assert sum(count > 0 for count in faults) >= 2


# --- what is counted ------------------------------------------------------------------------------


def test_large_and_sensitive_are_told_apart() -> None:
    """One unit that grows by 3.5 a step from 1, and its difference from a second one."""
    H = 2
    grow = np.array([[3.5, 1], [0, 2.5]], np.float32)
    weights = Weights(np.zeros((1, H), np.float32), grow, None, None)
    net = Net((Recurrent("elman", (RELU,), (weights,)),))
    call = Call(np.zeros((1, 12, 1), np.float32), (one_row(1.1, 0.3),), None, None)
    truth = equations.run(net, call)
    count = counted(document.run(net, call), as_float32(truth), net, call)
    assert count.large == int(np.sum(truth.y >= 1e4) + np.sum(truth.h[0] >= 1e4)) > 0
    assert count.faults == 0
    # Sensitive is no excuse for being much further from the truth than the peer.
    assert count.within > 0
    off = Result(truth.y * 1.001, (truth.h[0] * 1.001,), ())
    assert counted(off, as_float32(truth), net, call).faults > 0


def test_what_float32_does_to_the_equations_is_small_and_not_nothing() -> None:
    for kind in KINDS:
        net, call = drawn(kind)
        truth, rounded, summed = (equations.run(net, call, way) for way in equations.Way)
        far = [
            max(
                float(np.abs(a - b).max(initial=0))
                for a, b in zip(truth.arrays, other.arrays, strict=True)
            )
            for other in (rounded, summed)
        ]
        assert 0 < far[0] < BOUND / 4, kind
        assert far[0] <= 2 * far[1] < BOUND, kind


def test_a_peer_that_is_not_finite_is_counted() -> None:
    net, call = drawn("elman")
    peers = as_float32(equations.run(net, call))
    peers.y[0, 0, 0] = np.nan
    count = counted(document.run(net, call), peers, net, call)
    assert (count.peer_not_finite, count.faults) == (1, 0)
