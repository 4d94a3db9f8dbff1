"""The layers of SPEC 13 in binary64: numpy's products and functions, the formulas of every textbook."""

from collections.abc import Callable
from typing import Any

import numpy as np

from rnnspec import Activation, Model

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

    def run(self, x: Any) -> dict[str, np.ndarray]:  # noqa: ANN401 - ids or numbers
        """What each layer gives."""
        values = {"input": np.asarray(x)}
        for layer in self.model.layers:
            read = [values[name] for name in layer.inputs]
            names = getattr(layer, "parameters", {})
            P = {role: self.weights[name] for role, name in names.items()}
            x = read[0]
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
                case "layer_norm":
                    spread = np.sqrt(x.var(axis=-1, keepdims=True) + layer.epsilon)
                    x = (x - x.mean(axis=-1, keepdims=True)) / spread * P["gamma"] + P["beta"]
                case "add" | "multiply" | "concat":
                    x = MERGES[layer.type](read)
                case "activation":
                    x = wide(layer, x)
                case "last_step":
                    x = x[:, -1]
                case "time_reverse":
                    x = x[:, ::-1]
                case _:
                    x = self.both(layer, P, x)
            self.see(x)
            values[layer.name] = x
        return values

    def both(self, layer: Any, P: dict[str, np.ndarray], x: np.ndarray) -> np.ndarray:  # noqa: ANN401 - any of three
        """One direction, or two merged."""
        if layer.direction != "bidirectional":
            back = layer.direction == "reverse"
            h = self.recurrent(layer, P, x[:, ::-1] if back else x)
            return h[:, ::-1] if back and layer.output != "final" else h
        plain = {role: p for role, p in P.items() if not role.endswith("_reverse")}
        other = {role[:-8]: p for role, p in P.items() if role.endswith("_reverse")}
        w = self.recurrent(layer, other, x[:, ::-1])
        parts = [self.recurrent(layer, plain, x), w if layer.output == "final" else w[:, ::-1]]
        return MERGES[layer.merge](parts)

    def see(self, x: np.ndarray) -> None:
        self.largest = max(self.largest, float(np.abs(x).max()))

    def recurrent(self, layer: Any, P: dict[str, np.ndarray], x: np.ndarray) -> np.ndarray:  # noqa: ANN401 - any of three
        H, b, K = layer.hidden_size, P.get("b", 0), layer.clip or np.inf
        size = P["R"].shape[0]
        h = np.zeros((len(x), size)) + P.get("h0", 0)
        c = np.zeros((len(x), H)) + P.get("c0", 0)
        steps = []
        for t in range(x.shape[1]):
            a, of = x[:, t] @ P["W"] + b, getattr(layer, "activations", {})
            if layer.type == "elman":
                h = wide(layer.activation, np.clip(a + h @ P["R"], -K, K))
            elif layer.type == "lstm":
                h, c = self.lstm(layer, P, a + h @ P["R"], c)
            else:
                R = P["R"]
                rz = np.clip(a[:, : 2 * H] + h @ R[:, : 2 * H], -K, K)
                r, z = np.split(wide(of["gates"], rz), 2, axis=1)
                if layer.reset == "before":
                    inner = (r * h) @ R[:, 2 * H :]
                else:
                    inner = r * (h @ R[:, 2 * H :] + P.get("rb", 0))
                n = wide(of["candidate"], np.clip(a[:, 2 * H :] + inner, -K, K))
                h = (1 - z) * n + z * h
            steps.append(h)
            self.see(c)
            self.see(h)
        return h if layer.output == "final" else np.stack(steps, axis=1)

    def lstm(
        self,
        layer: Any,  # noqa: ANN401 - an LstmLayer
        P: dict[str, np.ndarray],
        a: np.ndarray,
        c: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray]:
        of, K = layer.activations, layer.clip or np.inf
        there = {"input": "fgo", "forget": "igo", None: "ifgo"}[layer.coupled]
        block = dict(zip(there, np.split(a, len(there), axis=1), strict=True))
        peepholes = np.zeros((len(there) - 1, len(c[0]), len(c[0])))
        if layer.peephole == "diagonal":
            peepholes = np.stack([np.diag(row) for row in P["p"]])
        elif layer.peephole == "full":
            peepholes = np.stack(np.split(P["p"], len(there) - 1, axis=1))
        p = dict(zip(there.replace("g", ""), peepholes, strict=True))

        def gate(name: str, v: np.ndarray) -> np.ndarray:
            return wide(of["gates"], np.clip(block[name] + v @ p[name], -K, K))

        i = gate("i", c) if "i" in p else 1 - gate("f", c)
        f = gate("f", c) if "f" in p else 1 - i
        c = f * c + i * wide(of["candidate"], np.clip(block["g"], -K, K))
        c = np.clip(c, -(layer.cell_clip or np.inf), layer.cell_clip or np.inf)
        h = gate("o", c) * wide(of["output"], c)
        self.see(h)
        if layer.projection_size:
            h = h @ P["Q"] + P.get("qb", 0)
            h = np.clip(h, -(layer.projection_clip or np.inf), layer.projection_clip or np.inf)
        return h, c


MERGES: dict[str, Callable[[list[np.ndarray]], np.ndarray]] = {
    "add": lambda parts: np.sum(parts, axis=0),
    "sum": lambda parts: np.sum(parts, axis=0),
    "multiply": lambda parts: np.prod(parts, axis=0),
    "average": lambda parts: np.mean(parts, axis=0),
    "concat": lambda parts: np.concatenate(parts, axis=-1),
}
