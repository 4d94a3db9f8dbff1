"""The equations of SPEC 13, one float32 operation after the other.

`Scalar` shares with the runtime the four recipes of SPEC 12.5 alone.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from rnnspec import Model
from rnnspec.activation import FUNCTIONS

F = np.float32
Rows = dict[str, dict[str, np.ndarray]]  # recurrent layer → its arrays, [size] each
Values = dict[str, Any]  # layer → a vector, or a list of them for each valid step


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


def clip(a: Any, K: float | None) -> Any:  # noqa: ANN401 - one number
    """[clip-1]; without K nothing."""
    if K is None:
        return a
    K32 = F(K)
    return min(max(a, -K32), K32)


def sum16(v: list[Any]) -> Any:  # noqa: ANN401 - one number
    """[sum-1]."""
    s = [F(0)] * 16
    for k, x in enumerate(v):
        s[k % 16] = s[k % 16] + x
    for width in (8, 4, 2):
        for i in range(width):
            s[i] = s[i] + s[i + width]
    return s[0] + s[1]


def softmaxed(x: np.ndarray, *, log: bool) -> np.ndarray:
    """[softmax-1], [log-softmax-1]."""
    m = max(x)
    e = [function("exp", v - m) for v in x]
    total = sum16(e)
    if log:
        return np.array([tiny((v - m) - function("log", total)) for v in x], F)
    return np.array([tiny(v / total) for v in e], F)


def merged(word: str, parts: list[np.ndarray]) -> np.ndarray:
    """[merge-1], [direction-2]."""
    if word == "concat":
        return np.concatenate(parts)
    y = parts[0].copy()
    for x in parts[1:]:
        for j in range(len(y)):
            if word == "average":
                y[j] = tiny((y[j] + x[j]) * F(0.5))
            else:
                y[j] = tiny(y[j] * x[j] if word == "multiply" else y[j] + x[j])
    return y


def normalised(layer: Any, P: dict[str, np.ndarray], x: np.ndarray) -> np.ndarray:  # noqa: ANN401 - a layer_norm
    """[layer-norm-1]."""
    n, epsilon = F(len(x)), F(layer.epsilon)
    m = sum16(list(x)) / n
    d = [tiny(v - m) for v in x]
    variance = sum16([v * v for v in d]) / n
    q = F(1) / np.sqrt(variance + epsilon)
    scaled = [(v * q) * gamma for v, gamma in zip(d, P["gamma"], strict=True)]
    return np.array([tiny(v + beta) for v, beta in zip(scaled, P["beta"], strict=True)], F)


class Scalar:
    """One row through a model."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.weights = {
            name: np.where(np.abs(t.values) < 2.0**-51, F(0), t.values)
            for name, t in model.tensors.items()
        }

    def widths(self) -> dict[str, int]:
        """Of each layer, found by running one step of zeros."""
        size: Any = getattr(self.model.input, "size", None)
        values = self.run([0 if size is None else np.zeros(size, F)], self.initial())
        vectors = {name: v[0] if isinstance(v, list) else v for name, v in values.items()}
        return {name: len(v) for name, v in vectors.items() if name != "input"}

    def parameters(self, layer: Any, end: str = "") -> dict[str, np.ndarray]:  # noqa: ANN401 - any layer
        """By their plain roles, those of one direction."""
        return {
            role.removesuffix("_reverse"): self.weights[name]
            for role, name in getattr(layer, "parameters", {}).items()
            if role.endswith("_reverse") == bool(end)
        }

    def initial(self) -> Rows:
        state: Rows = {}
        for layer in self.model.layers:
            if layer.type not in {"elman", "gru", "lstm"}:
                continue
            cell: Any = layer
            sizes = {"h": getattr(cell, "projection_size", None) or cell.hidden_size}
            sizes |= {"c": cell.hidden_size} if layer.type == "lstm" else {}
            state[layer.name] = {
                array + end: self.parameters(cell, end).get(array + "0", np.zeros(size, F))
                for end in ends(cell)
                for array, size in sizes.items()
            }
        return state

    def run(self, row: Any, state: Rows) -> Values:  # noqa: ANN401 - ids or numbers
        """What each layer gives for one row's valid steps; `state` moves on."""
        values: Values = {"input": list(row)}
        for layer in self.model.layers:
            read = [values[name] for name in layer.inputs]
            if layer.type == "last_step":
                y: Any = read[0][-1] if read[0] else np.zeros(self.widths()[layer.name], F)
            elif layer.type == "time_reverse":
                y = read[0][::-1]
            elif layer.type in {"elman", "lstm", "gru"}:
                y = self.recurrent(layer, read[0], state)
            elif isinstance(read[0], list):
                y = [self.one(layer, *step) for step in zip(*read, strict=True)]
            else:
                y = self.one(layer, *read)
            values[layer.name] = y
        return values

    def one(self, layer: Any, *parts: Any) -> Any:  # noqa: ANN401 - any layer, ids or numbers
        """One vector of one step."""
        P, x = self.parameters(layer), parts[0]
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
            case "layer_norm":
                return normalised(layer, P, x)
            case "add" | "multiply" | "concat":
                return merged(layer.type, list(parts))
        if layer.function in {"softmax", "log_softmax"}:
            return softmaxed(x, log=layer.function == "log_softmax")
        return np.array([applied(layer, v) for v in x], F)

    def recurrent(self, layer: Any, steps: list[np.ndarray], state: Rows) -> Any:  # noqa: ANN401 - any layer
        step: Callable[..., list[np.ndarray]] = getattr(self, layer.type)
        own, sequences = state[layer.name], []
        for end in ends(layer):
            is_backward = bool(end) or layer.direction == "reverse"
            names = [name for name in own if name.endswith("_reverse") == bool(end)]
            outputs = []
            for x in reversed(steps) if is_backward else steps:
                after = step(layer, self.parameters(layer, end), x, *(own[name] for name in names))
                own.update(zip(names, after, strict=True))
                outputs.append(after[0])
            sequences.append(outputs[::-1] if is_backward else outputs)
        if layer.output == "final":
            last = [own["h" + end] for end in ends(layer)]
            return merged(layer.merge, last) if layer.merge else last[0]
        if not layer.merge:
            return sequences[0]
        return [merged(layer.merge, list(pair)) for pair in zip(*sequences, strict=True)]

    def elman(self, layer: Any, P: Any, x: Any, h: Any) -> list[np.ndarray]:  # noqa: ANN401 - as above
        a = [
            clip(chain(P.get("b"), j, (x, P["W"]), (h, P["R"])), layer.clip) for j in range(len(h))
        ]
        return [np.array([applied(layer.activation, v) for v in a], F)]

    def lstm(self, layer: Any, P: Any, x: Any, h: Any, c: Any) -> list[np.ndarray]:  # noqa: ANN401 - as above
        H, of = len(c), layer.activations
        there = [b for b in "ifgo" if b != {"input": "i", "forget": "f"}.get(layer.coupled)]
        gates = [b for b in there if b != "g"]

        def pre(block: str, j: int, v: np.ndarray) -> Any:  # noqa: ANN401 - one number
            """The accumulator of a gate, with its peephole at v."""
            column = there.index(block) * H + j
            a = chain(P.get("b"), column, (x, P["W"]), (h, P["R"]))
            if layer.peephole and block in gates:
                g = gates.index(block)
                if layer.peephole == "diagonal":
                    a = a + v[j] * P["p"][g, j]
                else:
                    for k in range(H):
                        a = a + v[k] * P["p"][k, g * H + j]
            return clip(a, layer.clip)

        new_c, u = c.copy(), c.copy()
        for j in range(H):
            i, f = (applied(of["gates"], pre(b, j, c)) if b in there else F(0) for b in "if")
            i = i if "i" in there else F(1) - f
            f = f if "f" in there else F(1) - i
            g = applied(of["candidate"], pre("g", j, c))
            new_c[j] = clip(tiny((f * c[j]) + (i * g)), layer.cell_clip)
        for j in range(H):
            o = applied(of["gates"], pre("o", j, new_c))
            u[j] = tiny(o * applied(of["output"], new_c[j]))
        if not layer.projection_size:
            return [u, new_c]
        projected = [
            clip(tiny(chain(P.get("qb"), j, (u, P["Q"]))), layer.projection_clip)
            for j in range(layer.projection_size)
        ]
        return [np.array(projected, F), new_c]

    def gru(self, layer: Any, P: Any, x: Any, h: Any) -> list[np.ndarray]:  # noqa: ANN401 - as above
        H, of, b = len(h), layer.activations, P.get("b")
        a = [clip(chain(b, j, (x, P["W"]), (h, P["R"])), layer.clip) for j in range(2 * H)]
        r, z = ([applied(of["gates"], v) for v in part] for part in (a[:H], a[H:]))
        if layer.reset == "before":
            u = np.array([tiny(r[k] * h[k]) for k in range(H)], F)
            pre = [chain(b, 2 * H + j, (x, P["W"]), (u, P["R"])) for j in range(H)]
        else:
            p = [chain(b, 2 * H + j, (x, P["W"])) for j in range(H)]
            d = [chain(P.get("rb"), j, (h, P["R"][:, 2 * H :])) for j in range(H)]
            pre = [p[j] + tiny(r[j] * d[j]) for j in range(H)]
        n = [applied(of["candidate"], clip(v, layer.clip)) for v in pre]
        return [np.array([tiny(((F(1) - z[j]) * n[j]) + (z[j] * h[j])) for j in range(H)], F)]


def ends(layer: Any) -> list[str]:  # noqa: ANN401 - a recurrent layer
    """What stands behind the names of each direction."""
    return ["", "_reverse"] if layer.direction == "bidirectional" else [""]
