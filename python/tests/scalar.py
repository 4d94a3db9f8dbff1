"""The equations of SPEC 13, one float32 operation after the other, and the same in binary64.

`Scalar` shares with the runtime the four recipes of SPEC 12.5 alone. `Wide` shares nothing: it is
made of numpy's products and functions, from the formulas of every textbook.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from rnnspec import Activation, Model
from rnnspec.activation import FUNCTIONS

F = np.float32
Rows = dict[str, list[np.ndarray]]  # recurrent layer → its arrays, [H] each


def tiny(v: Any) -> Any:  # noqa: ANN401 - one number
    return F(0) if abs(v) < 2.0**-51 else F(v)


def function(name: str, v: Any) -> Any:  # noqa: ANN401 - one number
    return F(FUNCTIONS[name](np.array([v], F))[0])


def applied(activation: Any, x: Any) -> Any:  # noqa: ANN401 - an Activation or a layer with one
    """[activation-1] of one number."""
    alpha, beta = (
        tiny(F(v)) if v is not None else None for v in (activation.alpha, activation.beta)
    )
    zero, one = F(0), F(1)
    match activation.function:
        case "linear":
            y = x
        case "tanh" | "sigmoid":
            y = function(activation.function, x)
        case "relu":
            y = zero if x < 0 else x
        case "leaky_relu":
            y = alpha * x if x < 0 else x
        case "elu":
            y = alpha * (function("exp", x) - one) if x < 0 else x
        case "softplus":
            y = (zero if x < 0 else x) + function("log", one + function("exp", -abs(x)))
        case "softsign":
            y = x / (one + abs(x))
        case "hard_sigmoid":
            a = (alpha * x) + beta
            low = zero if a < 0 else a
            y = one if low > 1 else low
        case "hard_tanh":
            low = -one if x < -1 else x
            y = one if low > 1 else low
        case "thresholded_relu":
            y = zero if x <= alpha else x
        case "scaled_tanh":
            y = alpha * function("tanh", beta * x)
        case other:
            raise AssertionError(other)
    return tiny(y)


def chain(bias: np.ndarray | None, j: int, *terms: tuple[np.ndarray, np.ndarray]) -> Any:  # noqa: ANN401 - one number
    """[chain-1]."""
    a = F(0) if bias is None else F(0) + bias[j]
    for x, W in terms:
        for k in range(len(x)):
            a = a + x[k] * W[k, j]
    return F(a)


def softmaxed(x: np.ndarray, *, log: bool) -> np.ndarray:
    """[softmax-1], [log-softmax-1], with the sixteen sums of [sum-1]."""
    m = max(x)
    e = [function("exp", v - m) for v in x]
    s = [F(0)] * 16
    for k, v in enumerate(e):
        s[k % 16] = s[k % 16] + v
    for width in (8, 4, 2):
        for i in range(width):
            s[i] = s[i] + s[i + width]
    total = s[0] + s[1]
    if log:
        return np.array([tiny((v - m) - function("log", total)) for v in x], F)
    return np.array([tiny(v / total) for v in e], F)


class Scalar:
    """One row through a model."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.weights = {
            name: np.where(np.abs(t.values) < 2.0**-51, F(0), t.values)
            for name, t in model.tensors.items()
        }

    def parameters(self, layer: Any) -> dict[str, np.ndarray]:  # noqa: ANN401 - any layer
        return {role: self.weights[name] for role, name in getattr(layer, "parameters", {}).items()}

    def initial(self) -> Rows:
        arrays = {"elman": ["h"], "gru": ["h"], "lstm": ["h", "c"]}
        state: Rows = {}
        for layer in self.model.layers:
            if layer.type in arrays:
                P, H = self.parameters(layer), layer.hidden_size  # type: ignore[union-attr] # it is recurrent
                state[layer.name] = [
                    P.get(role + "0", np.zeros(H, F)) for role in arrays[layer.type]
                ]
        return state

    def run(self, row: Any, state: Rows) -> np.ndarray:  # noqa: ANN401 - ids or numbers
        """The output of one row's valid steps; `state` moves on."""
        steps: Any = list(row)
        for place, layer in enumerate(self.model.layers):
            if steps is None:
                raise AssertionError("nothing behind nothing")
            if layer.type == "last_step":
                width = self.width(place)
                steps = steps[-1] if steps else np.zeros(width, F)
            elif layer.type in {"elman", "lstm", "gru"}:
                steps = self.recurrent(layer, steps, state)
            elif isinstance(steps, list):
                steps = [self.one(layer, x) for x in steps]
            else:
                steps = self.one(layer, steps)
        return np.array(steps, F)

    def width(self, place: int) -> int:
        """I of the layer at a place."""
        model = self.model
        width: Any = getattr(model.input, "size", None)
        for layer in model.layers[:place]:
            tokens = len(model.input_vocabulary.tokens) if model.input_vocabulary else None
            width = tokens if layer.type == "one_hot" else width
            width = getattr(layer, "size", getattr(layer, "hidden_size", width))
        return int(width)

    def one(self, layer: Any, x: Any) -> Any:  # noqa: ANN401 - any layer, ids or numbers
        P = self.parameters(layer)
        match layer.type:
            case "embedding":
                return P["E"][x]
            case "one_hot":
                assert self.model.input_vocabulary
                return np.eye(len(self.model.input_vocabulary.tokens), dtype=F)[x]
            case "dense":
                J = P["W"].shape[1]
                return np.array([tiny(chain(P.get("b"), j, (x, P["W"]))) for j in range(J)], F)
            case "affine":
                return np.array(
                    [tiny((v * s) + t) for v, s, t in zip(x, P["s"], P["t"], strict=True)], F
                )
        if layer.function in {"softmax", "log_softmax"}:
            return softmaxed(x, log=layer.function == "log_softmax")
        return np.array([applied(layer, v) for v in x], F)

    def recurrent(self, layer: Any, steps: list[np.ndarray], state: Rows) -> Any:  # noqa: ANN401 - any layer
        step: Callable[..., list[np.ndarray]] = getattr(self, layer.type)
        outputs = []
        for x in steps:
            state[layer.name] = step(layer, self.parameters(layer), x, *state[layer.name])
            outputs.append(state[layer.name][0])
        return state[layer.name][0] if layer.output == "final" else outputs

    def elman(self, layer: Any, P: Any, x: Any, h: Any) -> list[np.ndarray]:  # noqa: ANN401 - as above
        a = [chain(P.get("b"), j, (x, P["W"]), (h, P["R"])) for j in range(len(h))]
        return [np.array([applied(layer.activation, v) for v in a], F)]

    def lstm(self, layer: Any, P: Any, x: Any, h: Any, c: Any) -> list[np.ndarray]:  # noqa: ANN401 - as above
        H, of = len(h), layer.activations
        a = [chain(P.get("b"), j, (x, P["W"]), (h, P["R"])) for j in range(4 * H)]
        new_h, new_c = h.copy(), c.copy()
        for j in range(H):
            i, f = applied(of["gates"], a[j]), applied(of["gates"], a[H + j])
            g, o = applied(of["candidate"], a[2 * H + j]), applied(of["gates"], a[3 * H + j])
            new_c[j] = tiny((f * c[j]) + (i * g))
            new_h[j] = tiny(o * applied(of["output"], new_c[j]))
        return [new_h, new_c]

    def gru(self, layer: Any, P: Any, x: Any, h: Any) -> list[np.ndarray]:  # noqa: ANN401 - as above
        H, of, b = len(h), layer.activations, P.get("b")
        a = [chain(b, j, (x, P["W"]), (h, P["R"])) for j in range(2 * H)]
        r, z = ([applied(of["gates"], v) for v in part] for part in (a[:H], a[H:]))
        if layer.reset == "before":
            u = np.array([tiny(r[k] * h[k]) for k in range(H)], F)
            pre = [chain(b, 2 * H + j, (x, P["W"]), (u, P["R"])) for j in range(H)]
        else:
            p = [chain(b, 2 * H + j, (x, P["W"])) for j in range(H)]
            d = [chain(P.get("rb"), j, (h, P["R"][:, 2 * H :])) for j in range(H)]
            pre = [p[j] + tiny(r[j] * d[j]) for j in range(H)]
        n = [applied(of["candidate"], v) for v in pre]
        return [np.array([tiny(((F(1) - z[j]) * n[j]) + (z[j] * h[j])) for j in range(H)], F)]


# --- binary64 -------------------------------------------------------------------------------------

WIDE: dict[str, Callable[..., np.ndarray]] = {
    "linear": lambda x, _a, _b: x,
    "tanh": lambda x, _a, _b: np.tanh(x),
    "sigmoid": lambda x, _a, _b: 1 / (1 + np.exp(-x)),
    "relu": lambda x, _a, _b: np.clip(x, 0, None),
    "leaky_relu": lambda x, a, _b: np.where(x < 0, a * x, x),
    "elu": lambda x, a, _b: np.where(x < 0, a * np.expm1(x), x),
    "softplus": lambda x, _a, _b: np.logaddexp(0, x),
    "softsign": lambda x, _a, _b: x / (1 + np.abs(x)),
    "hard_sigmoid": lambda x, a, b: np.clip(a * x + b, 0, 1),
    "hard_tanh": lambda x, _a, _b: np.clip(x, -1, 1),
    "thresholded_relu": lambda x, a, _b: np.where(x > a, x, 0),
    "scaled_tanh": lambda x, a, b: a * np.tanh(b * x),
    "softmax": lambda x, _a, _b: np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True),
    "log_softmax": lambda x, _a, _b: x - np.log(np.exp(x).sum(axis=-1, keepdims=True)),
}


def wide(activation: Activation | Any, x: np.ndarray) -> np.ndarray:  # noqa: ANN401 - or a layer with one
    return WIDE[activation.function](x, activation.alpha, activation.beta)


class Wide:
    """A batch [N, T, ·] through a model, in binary64, without lengths and from the initial state."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.weights = {n: t.values.astype(np.float64) for n, t in model.tensors.items()}
        self.largest = 0.0  # of all values and states

    def run(self, x: Any) -> np.ndarray:  # noqa: ANN401 - ids or numbers
        for layer in self.model.layers:
            names = getattr(layer, "parameters", {})
            P = {role: self.weights[name] for role, name in names.items()}
            match layer.type:
                case "embedding":
                    x = P["E"][x]
                case "one_hot":
                    assert self.model.input_vocabulary
                    x = np.eye(len(self.model.input_vocabulary.tokens))[x]
                case "dense":
                    x = x @ P["W"] + P.get("b", 0)
                case "affine":
                    x = x * P["s"] + P["t"]
                case "activation":
                    x = wide(layer, x)
                case "last_step":
                    x = x[:, -1]
                case _:
                    x = self.recurrent(layer, P, x)
            self.see(x)
        return np.asarray(x)

    def see(self, x: np.ndarray) -> None:
        self.largest = max(self.largest, float(np.abs(x).max()))

    def recurrent(self, layer: Any, P: dict[str, np.ndarray], x: np.ndarray) -> np.ndarray:  # noqa: ANN401 - any of three
        H, b = layer.hidden_size, P.get("b", 0)
        h, c = (np.zeros((len(x), H)) + P.get(name, 0) for name in ("h0", "c0"))
        steps = []
        for t in range(x.shape[1]):
            a, of = x[:, t] @ P["W"] + b, getattr(layer, "activations", {})
            if layer.type == "elman":
                h = wide(layer.activation, a + h @ P["R"])
            elif layer.type == "lstm":
                i, f, g, o = np.split(a + h @ P["R"], 4, axis=1)
                i, f, o = (wide(of["gates"], v) for v in (i, f, o))
                c = f * c + i * wide(of["candidate"], g)
                h = o * wide(of["output"], c)
            else:
                R = P["R"]
                r, z = np.split(wide(of["gates"], a[:, : 2 * H] + h @ R[:, : 2 * H]), 2, axis=1)
                if layer.reset == "before":
                    inner = (r * h) @ R[:, 2 * H :]
                else:
                    inner = r * (h @ R[:, 2 * H :] + P.get("rb", 0))
                h = (1 - z) * wide(of["candidate"], a[:, 2 * H :] + inner) + z * h
            steps.append(h)
            self.see(c)
            self.see(h)
        return h if layer.output == "final" else np.stack(steps, axis=1)
