"""The comparison with peers can fail: without the peers, on the truth and our own runtime."""

from dataclasses import replace

import numpy as np
import pytest

from interop import document, equations
from interop.cell import Activation, Call, Cell, Form, Result, random_call, random_cell
from interop.distance import BOUND, WORST, Count

TANH, SIGMOID, RELU = Activation("tanh"), Activation("sigmoid"), Activation("relu")
KINDS = {
    "elman": Form("elman", (TANH,)),
    "lstm": Form("lstm", (SIGMOID, TANH, TANH)),
    "gru before": Form("gru", (SIGMOID, TANH), "before"),
    "gru after": Form("gru", (SIGMOID, TANH), "after"),
}


def drawn(kind: str, seed: int = 1) -> tuple[Cell, Call]:
    rng = np.random.default_rng(seed)
    cell = random_cell(rng, KINDS[kind], 2)
    return cell, random_call(rng, cell, 9, shortest=0)


def as_float32(result: Result) -> Result:
    """A peer without any error but that of its type."""
    y, h, c = (None if v is None else v.astype(np.float32) for v in (result.y, result.h, result.c))
    assert y is not None
    assert h is not None
    return Result(y, h, c)


def counted(ours: Result, peers: Result, cell: Cell, call: Call) -> Count:
    count = Count()
    truth, rounded = (equations.run(cell, call, rounded=way) for way in (False, True))
    count.add(ours, peers, truth, rounded)
    return count


def test_one_step_by_hand() -> None:
    """Torch's and ONNX's GRU with H = 1 and every product different."""
    W = np.array([[0.5, -0.25, 2]], np.float32)
    R = np.array([[1.5, 0.75, -0.5]], np.float32)
    biases = np.array([0.1, 0.2, 0.3], np.float32), np.array([-0.4, 0.5, 0.6], np.float32)
    x, h = 0.7, 0.9
    call = Call(np.array([[[x]]], np.float32), np.array([[h]], np.float32), None, None)
    r = 1 / (1 + np.exp(-(0.5 * x + 0.1 + 1.5 * h - 0.4)))
    z = 1 / (1 + np.exp(-(-0.25 * x + 0.2 + 0.75 * h + 0.5)))
    n = {
        "after": np.tanh(2 * x + 0.3 + r * (-0.5 * h + 0.6)),
        "before": np.tanh(2 * x + 0.3 + -0.5 * (r * h) + 0.6),
    }
    for reset, candidate in n.items():
        cell = Cell("gru", reset, (SIGMOID, TANH), W, R, *biases)
        assert equations.run(cell, call).h[0, 0] == pytest.approx((1 - z) * candidate + z * h, 1e-7)


@pytest.mark.parametrize("kind", KINDS)
def test_our_runtime_is_near_the_truth(kind: str) -> None:
    for seed in range(5):
        cell, call = drawn(kind, seed)
        peers = as_float32(equations.run(cell, call))
        count = counted(document.run(cell, call), peers, cell, call)
        assert (count.faults, count.sensitive, count.large) == (0, 0, 0)
        assert 0 < count.worst[WORST[0]] < BOUND / 4


@pytest.mark.parametrize("kind", KINDS)
def test_a_mistake_is_a_fault(kind: str) -> None:
    """Blocks the wrong way round; matrices that lost a last digit; the other reset."""
    cell, call = drawn(kind)
    peers = as_float32(equations.run(cell, call))
    wrong = [
        replace(cell, W=np.flip(cell.W, 1).copy()),
        replace(cell, R=cell.R * np.float32(1.001)),
    ]
    if cell.kind == "gru":
        wrong.append(replace(cell, reset={"before": "after", "after": "before"}[cell.reset]))
    for other in wrong:
        assert counted(document.run(other, call), peers, cell, call).faults > 0


def test_large_and_sensitive_are_told_apart() -> None:
    """One unit that grows by 3.5 a step from 1, and its difference from a second one."""
    H = 2
    grow = np.array([[3.5, 1], [0, 2.5]], np.float32)
    zero = np.zeros(H, np.float32)
    cell = Cell("elman", "", (RELU,), np.zeros((1, H), np.float32), grow, zero, zero)
    call = Call(np.zeros((1, 12, 1), np.float32), np.array([[1.1, 0.3]], np.float32), None, None)
    truth = equations.run(cell, call)
    count = counted(document.run(cell, call), as_float32(truth), cell, call)
    assert count.large == int(np.sum(truth.y >= 1e4) + np.sum(truth.h >= 1e4)) > 0
    assert count.faults == 0
    # Sensitive is no excuse for being much further from the truth than the peer.
    assert count.within > 0
    off = Result(truth.y * 1.001, truth.h * 1.001, None)
    assert counted(off, as_float32(truth), cell, call).faults > 0


def test_a_peer_that_is_not_finite_is_counted() -> None:
    cell, call = drawn("elman")
    peers = as_float32(equations.run(cell, call))
    peers.y[0, 0, 0] = np.nan
    count = counted(document.run(cell, call), peers, cell, call)
    assert (count.peer_not_finite, count.faults) == (1, 0)
