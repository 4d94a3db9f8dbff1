"""Where a peer means something else than SPEC.md, or refuses: the rows of its table 14.2 that a peer can show.

Each is tried here and told as it came out; where it is not as that row says, `stands` is false, and the run fails.
"""

import itertools
import json
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from onnx import defs

import rnnspec
from interop import document, equations, onnx_runtime, pytorch
from interop.draw import BOTH_WAYS, FORWARD, Kind, random_net
from interop.net import Activation, Call, Float32, Net, Recurrent, Result, Weights
from interop.onnx_runtime import SIGMOID, TANH

USUAL = (SIGMOID, TANH, TANH)
SAME = 1e-6  # nearer than this is the same number


@dataclass(frozen=True)
class Difference:
    """What was measured; whether SPEC.md 14.2 says so."""

    told: str
    stands: bool


def measured() -> list[Difference]:
    """All of them, in the order of SPEC.md 14.2."""
    return [
        onnx_length_zero(),
        pytorch_length_zero(),
        onnx_clip(),
        onnx_input_forget(),
        pytorch_last_output(),
        gru_defaults(),
        pytorch_gru_keeps(),
        onnx_softplus(),
        onnx_peepholes(),
    ]


# --- tools ----------------------------------------------------------------------------------------


def a_net(cell: str, seed: int = 1, *, direction: str = FORWARD, reset: str = "") -> Net:
    """A random net of one layer with the usual activations."""
    functions = {"elman": (TANH,), "lstm": USUAL, "gru": (SIGMOID, TANH)}[cell]
    kind = Kind(cell, tuple((f,) for f in functions), reset, directions=(direction,))
    return random_net(np.random.default_rng(seed), kind, 2)


def a_call(net: Net, lengths: list[int] | None = None, rows: int = 2) -> Call:
    """Three steps from a given state."""
    rng = np.random.default_rng(1)

    def draw(*shape: int) -> Float32:
        return rng.uniform(-1, 1, shape).astype(np.float32)

    (layer,) = net.recurrent
    h = tuple(draw(rows, layer.P) for _ in layer.weights)
    c = tuple(draw(rows, layer.H) for _ in layer.weights) if net.has_c else None
    given = None if lengths is None else np.array(lengths)
    return Call(draw(rows, 3, net.I), h, c, given)


def single(kind: str, blocks: int, reset: str = "") -> Recurrent:
    """A layer of one unit that reads one number: every weight 0, to be replaced."""
    zero = np.zeros((1, blocks), np.float32)
    activations = {"elman": (TANH,), "lstm": USUAL, "gru": (SIGMOID, TANH)}[kind]
    return Recurrent(kind, activations, (Weights(zero, zero, zero[0], zero[0]),), reset)


def distance(one: Result, other: Result) -> float:
    """The largest, of all elements."""
    pairs = zip(one.arrays, other.arrays, strict=True)
    return max(float(np.abs(a.astype(np.float64) - b).max()) for a, b in pairs)


def listed(values: npt.NDArray[np.floating]) -> str:
    """Short, in a sentence."""
    return ", ".join(f"{v:g}" for v in values)


# --- rows of 14.2 ---------------------------------------------------------------------------------


def onnx_length_zero() -> Difference:
    """[run-2] keeps the state of a row without valid steps."""
    zero, kept = [], []
    for cell, direction in itertools.product(
        ("elman", "lstm", "gru"), (FORWARD, "reverse", BOTH_WAYS)
    ):
        net = a_net(cell, direction=direction, reset="after" if cell == "gru" else "")
        call = a_call(net, [0, 3])
        assert call.h is not None
        theirs, ours = onnx_runtime.run(net, call), document.run(net, call)
        zero.append(not any(array[0].any() for array in theirs.arrays))
        kept.append(
            all(np.array_equal(a[0], b[0]) for a, b in zip(ours.h, call.h, strict=True))
            and all(np.array_equal(a[0], b[0]) for a, b in zip(ours.c, call.c or (), strict=True))
        )
    many = f"in {sum(zero)} of {len(zero)} (RNN, LSTM, GRU in three directions)"
    return Difference(
        f"A row of length 0 with a given state: ONNX Runtime gives zeros for output and state {many}; we keep the state in "
        f"{sum(kept)} of {len(kept)}. So the lengths of the table start at 1.",
        all(zero) and all(kept),
    )


def pytorch_length_zero() -> Difference:
    """PyTorch's packed sequences."""
    net = a_net("elman")
    try:
        pytorch.run(net, a_call(net, [0, 3]))
    except RuntimeError as error:
        said = str(error).split(",")[0][:60]
        return Difference(f"A row of length 0: PyTorch refuses it ({said}…).", stands=True)
    return Difference("A row of length 0: PyTorch takes it.", stands=False)


def onnx_clip() -> Difference:
    """`clip` cuts what goes into the gates, and not the cell: neither c' nor what the last tanh reads."""
    K, c = 0.5, 4.0
    layer = replace(single("lstm", 4), clip=K)
    weights = replace(layer.weights[0], W=np.array([[2, 3, -2, 1]], np.float32))
    call = Call(np.ones((1, 1, 1), np.float32), _one(0), _one(c), None)
    found = onnx_runtime.run(Net((replace(layer, weights=(weights,)),)), call)
    gate = 1 / (1 + np.exp(-K))
    cell = gate * c + gate * np.tanh(-K)
    spared, cut = gate * np.tanh(cell), gate * np.tanh(K)
    y, kept = float(found.y[0, 0, 0]), float(found.c[0][0, 0])
    return Difference(
        f"`clip` = {K:g} and a cell that starts at {c:g}: ONNX Runtime gives c = {kept:.6f} and h = {y:.6f}. With the "
        f"pre-activations cut and the cell spared they are {cell:.6f} and {spared:.6f}; a cell cut where it is read gives h = {cut:.6f}.",
        abs(y - spared) < SAME and abs(kept - cell) < SAME and abs(y - cut) > SAME,
    )


def onnx_input_forget() -> Difference:
    """Which gate is computed from the other."""
    a_i, a_f, a_g, c = 0.75, -0.5, 1.25, 0.5
    layer = replace(single("lstm", 4), coupled=True)
    weights = replace(layer.weights[0], W=np.array([[a_i, a_f, a_g, 0]], np.float32))
    call = Call(np.ones((1, 1, 1), np.float32), _one(0), _one(c), None)
    got = float(onnx_runtime.run(Net((replace(layer, weights=(weights,)),)), call).c[0][0, 0])
    i, f = (1 / (1 + np.exp(-a)) for a in (a_i, a_f))
    forget, into = (1 - i) * c + i * np.tanh(a_g), f * c + (1 - f) * np.tanh(a_g)
    return Difference(
        f"`input_forget` with i = {i:.6f} and f = {f:.6f}: ONNX Runtime gives c = {got:.6f}; with f = 1 − i it is {forget:.6f} "
        f"(`coupled` = `forget`), with i = 1 − f {into:.6f}.",
        abs(got - forget) < SAME < abs(got - into),
    )


def pytorch_last_output() -> Difference:
    """The last step of a bidirectional layer's output is not its last state."""
    net = a_net("lstm", direction=BOTH_WAYS)
    call = a_call(net)
    theirs = pytorch.run(net, call)
    last, states = theirs.y[:, -1], np.concatenate(theirs.h, axis=1)
    given = json.loads(document.document(net))
    ours = {}
    for which in ("last_step", "final"):
        layers = [dict(layer) for layer in given["layers"]]
        if which == "final":
            layers[0]["output"] = "final"
        else:
            layers.append({"name": "last", "type": "last_step"})
        plan = rnnspec.compile(rnnspec.load(json.dumps(given | {"layers": layers}).encode()))
        state = {"layer0": _parts(call)}
        ours[which] = np.asarray(rnnspec.run(plan, call.x, state=state)[0])
    near = {
        "last_step": np.abs(ours["last_step"] - last).max(),
        "final": np.abs(ours["final"] - states).max(),
    }
    apart = np.abs(last - states)
    H = net.recurrent[0].H
    return Difference(
        f"A bidirectional LSTM: PyTorch's `out[:, -1]` is our `last_step` to {near['last_step']:.0e} and its `h_n` our `final` to "
        f"{near['final']:.0e}; the two are the same in the forward half (to {apart[:, :H].max():.0e}) and up to {apart[:, H:].max():.2g} "
        "apart in the reverse half.",
        max(near.values()) < SAME and apart[:, :H].max() < SAME < apart[:, H:].max(),
    )


def gru_defaults() -> Difference:
    """SPEC.md has no default for `reset`."""
    attributes = defs.get_schema("GRU", onnx_runtime.OPSET).attributes
    default = int(attributes["linear_before_reset"].default_value.i)
    found = {}
    for reset in ("before", "after"):
        net = a_net("gru", reset=reset)
        call = a_call(net)
        found[reset] = distance(pytorch.run(net, call), equations.run(net, call))
    return Difference(
        f"ONNX's GRU has linear_before_reset = {default} by default, which is `reset` = `before`. PyTorch's is {found['after']:.0e} from the "
        f"equations of `after` and {found['before']:.2g} from those of `before`. SPEC.md has no default.",
        default == 0 and found["after"] < SAME < found["before"],
    )


def pytorch_gru_keeps() -> Difference:
    """h where the update gate is 1."""
    layer, h = single("gru", 3, "after"), 1e-9
    bias = np.array([0, 100, 0.5], np.float32)
    net = Net((replace(layer, weights=(replace(layer.weights[0], input_bias=bias),)),))
    call = Call(np.zeros((1, 1, 1), np.float32), _one(h), None, None)
    theirs, ours, onnx = (
        float(run(net, call).y[0, 0, 0]) for run in (pytorch.run, document.run, onnx_runtime.run)
    )
    return Difference(
        f"A GRU with z = 1 and h = {h:g}: PyTorch gives {theirs:g}, for it computes n + z × (h − n); we keep {ours:g}; ONNX Runtime "
        f"gives {onnx:g}.",
        abs(ours - h) < 1e-15 and theirs != ours,
    )


def onnx_softplus() -> Difference:
    """Where exp overflows."""
    H = 6
    x = np.array([[[1, 50, 88, 88.7, 89, 1000]]], np.float32)
    zero, far = np.zeros((H, H), np.float32), np.eye(H, dtype=np.float32)
    weights = Weights(far, zero, None, None)
    net = Net((Recurrent("elman", (Activation("softplus"),), (weights,)),))
    call = Call(x, None, None, None)
    inside, truth = onnx_runtime.run(net, call).y.ravel(), equations.run(net, call).y.ravel()
    ours = document.run(net, call).y.ravel()
    graph = onnx_runtime.Graph({"X": x})
    graph.node("Softplus", ["X"], ["Y"])
    alone = graph.run(["Y"])[0].ravel()
    wrong = ~(np.abs(inside - truth) < 1)
    return Difference(
        f"Softplus of {listed(x.ravel())}: inside ONNX Runtime's RNN {listed(inside)}, for its exp overflows; its operator Softplus alone, "
        f"the equation and we give {listed(ours)}.",
        list(x.ravel()[wrong]) == [89, 1000]
        and not np.isfinite(inside[wrong]).any()
        and bool((np.abs(alone - truth) < SAME * truth).all())
        and bool((np.abs(ours - truth) < SAME * truth).all()),
    )


def onnx_peepholes() -> Difference:
    """Which gate each third of P belongs to."""
    kind = Kind("lstm", tuple((f,) for f in USUAL), peephole=True)
    net = random_net(np.random.default_rng(3), kind, 4)
    call = a_call(net)
    (layer,) = net.recurrent
    (weights,) = layer.weights
    assert weights.p is not None
    stored = weights.p[onnx_runtime.PEEPHOLES]  # the rows of P, as they are given to ONNX Runtime
    theirs = onnx_runtime.run(net, call)
    found = {}
    for order in itertools.permutations("ifo"):
        meant = np.stack([stored[order.index(gate)] for gate in "ifo"])
        other = Net((replace(layer, weights=(replace(weights, p=meant),)),))
        found["".join(order)] = distance(theirs, equations.run(other, call))
    near = [order for order, far in found.items() if far < SAME]
    others = min(far for order, far in found.items() if order not in near)
    return Difference(
        f"Peepholes: the rows of ONNX Runtime's P are those of {', '.join(near)}, to {min(found.values()):.0e}; read in the other "
        f"{len(found) - len(near)} orders its numbers are {others:.2g} or more away. Ours are i, f, o.",
        near == ["iof"],
    )


def _one(value: float) -> tuple[Float32]:
    """A state of one unit."""
    return (np.array([[value]], np.float32),)


def _parts(call: Call) -> dict[str, Float32]:
    """The state of a bidirectional lstm."""
    assert call.h is not None
    assert call.c is not None
    names = ("h", "h_reverse", "c", "c_reverse")
    return dict(zip(names, (*call.h, *call.c), strict=True))
