"""The nets in numpy, as somebody who knows numpy well would write them: for speed, with BLAS, not for its bits.

All gates at once from one product; the input's part of a token from a table made beforehand, that of a sequence of vectors
as one product; sigmoid(a) is tanh(a/2)/2 + 1/2, so that one tanh serves all gates, the halves being in the weights; and
nothing is allocated in the time loop.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

import rnnspec
from bench.catalogue import CALLS, Float32, Net
from bench.python.contest import Contestant, Task, around
from bench.python.ours import file_of

Arrays = dict[str, Float32]


class Layer:
    """One recurrent layer. Gates stand first, then the candidate; `a` is a row of products."""

    def __init__(self, net: Net, weights: Arrays, name: str, rows: int) -> None:
        H = net.hidden
        order = {"lstm": (0, 1, 3, 2), "gru": (0, 1, 2), "elman": (0,)}[net.kind]
        gates = H * (len(order) - 1)
        half = np.ones(len(order) * H, np.float32)
        half[:gates] = 0.5

        def ordered(array: Float32) -> Float32:
            blocks = [array[..., k * H : (k + 1) * H] for k in order]
            return np.ascontiguousarray(np.concatenate(blocks, axis=-1) * half)

        self.W, self.R = ordered(weights[f"{name}.W"]), ordered(weights[f"{name}.R"])
        self.b = ordered(weights[f"{name}.b"])
        self._rb = weights.get(f"{name}.rb")
        self._gates, self._H, self._kind = gates, H, net.kind
        self.h, self.c = np.zeros((rows, H), np.float32), np.zeros((rows, H), np.float32)
        self._a = np.empty((rows, len(order) * H), np.float32)
        self._u = np.empty((rows, H), np.float32)

    def reset(self) -> None:
        """Back to the initial state."""
        self.h[...] = self.c[...] = 0

    def step(self, products: Float32) -> Float32:
        """One step from the products of the input, with b in them; gives h."""
        H, gates, h, c = self._H, self._gates, self.h, self.c
        a = np.matmul(h, self.R, out=self._a)
        if self._kind == "elman":
            a += products
            return np.tanh(a, out=h)
        if self._kind == "lstm":
            a += products
            np.tanh(a, out=a)
            s = a[:, :gates]
            s *= 0.5
            s += 0.5
            c *= a[:, H : 2 * H]
            c += np.multiply(a[:, :H], a[:, gates:], out=self._u)
            np.tanh(c, out=self._u)
            return np.multiply(self._u, a[:, 2 * H : gates], out=h)
        s, n = a[:, :gates], a[:, gates:]
        s += products[:, :gates]
        np.tanh(s, out=s)
        s *= 0.5
        s += 0.5
        n += self._rb
        n *= a[:, :H]
        n += products[:, gates:]
        np.tanh(n, out=n)
        h -= n
        h *= a[:, H:gates]
        h += n
        return h


class Numpy(Contestant):
    """The whole net."""

    def __init__(self, task: Task) -> None:
        self.task = task
        net, (rows, steps) = task.net, CALLS[task.mode]
        model = rnnspec.load(file_of(task, "float32"))
        weights = {name: np.array(tensor.values) for name, tensor in model.tensors.items()}
        self._layers = [
            Layer(net, weights, f"{net.kind}{k}", rows) for k in range(1, net.layers + 1)
        ]
        first = self._layers[0]
        self._table = weights["embedding.E"] @ first.W + first.b if net.text else None
        self._dense = weights["dense.W"], weights["dense.b"]
        self._pieces = [np.ascontiguousarray(x.swapaxes(0, 1)) for x in task.pieces()]
        self._y = np.empty((steps, rows, net.hidden), np.float32)

    def _call(self, x: Any) -> Float32:
        """[steps, rows] or [steps, rows, 1] → [steps, rows, width]."""
        steps, rows, H = self._y.shape
        first = self._layers[0]
        products = x @ first.W + first.b if self._table is None else self._table[x]
        for layer in self._layers:
            if layer is not first:
                flat = self._y.reshape(steps * rows, H) @ layer.W
                flat += layer.b
                products = flat.reshape(steps, rows, -1)
            for t in range(steps):
                self._y[t] = layer.step(products[t])
        W, b = self._dense
        y: Float32 = self._y.reshape(steps * rows, H) @ W
        y += b
        if self._table is not None:
            y -= y.max(axis=-1, keepdims=True)
            np.exp(y, out=y)
            y /= y.sum(axis=-1, keepdims=True)
        return y.reshape(steps, rows, -1)

    def _reset(self) -> None:
        for layer in self._layers:
            layer.reset()

    def turn(self, calls: int) -> None:
        """See Contestant."""
        for x in around(self._pieces, calls):
            if not self.task.is_carried:
                self._reset()
            self._call(x)

    def outputs(self) -> Iterator[Float32]:
        """See Contestant."""
        self._reset()
        for x in self._pieces:
            yield self._call(x).swapaxes(0, 1)


def versions() -> dict[str, str]:
    """Of what was timed."""
    return {"numpy": np.__version__}
