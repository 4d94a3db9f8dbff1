"""textgenrnn_attention: an average over time with weights that are a softmax over time, out of layers of SPEC 8.

The original computes, over the steps s of a window, l[s] = x[s]·w and

    y = sum of x[s] × exp(l[s]) / sum of exp(l[s])

Step by step this is a running average: with L[t] the logarithm of the sum so far, and d[t] = L[t] − l[t],

    d[t] = softplus(d[t−1] + l[t−1] − l[t])
    y[t] = z × y[t−1] + (1 − z) × x[t],  z = 1 − exp(−d[t])

Two small elman layers give l[t−1] and d[t]. The average is a gru without any recurrent weight: its candidate is x itself,
and its z is elu(−d) with alpha −1. Nothing overflows, however large l is, and no step has to be kept.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from rnnspec.importers import arrays
from rnnspec.importers.hdf5 import Numbers
from rnnspec.importers.keras_config import Layer
from rnnspec.importers.keras_layers import Flow, Walk
from rnnspec.importers.keras_weights import Roles
from rnnspec.importers.net import Net
from rnnspec.importers.refusal import Refused, misfit, unsupported

AVERAGE: Final = "AttentionWeightedAverage"
MOST: Final = 2**25  # numbers in the layers of one average; 6 for each square of a width
_NEVER: Final = -1e30  # l before the first step: its weight is 0


class AveragingWalk(Walk):
    """Layers of Keras into a net, textgenrnn's average among them."""

    def __init__(
        self,
        net: Net,
        weights: Mapping[str, Roles],
        generation: int | None,
        attention: Mapping[str, Numbers],  # name of a layer → w, [width, 1]
    ) -> None:
        super().__init__(net, weights, generation)
        self._attention = attention
        self._parts: dict[str, Sequence[Flow]] = {}  # what a concat joined, by its name

    def _layer(self, layer: Layer, inputs: list[Flow]) -> Flow:
        if layer.kind == AVERAGE:
            return self._average(layer, inputs)
        flow = super()._layer(layer, inputs)
        if layer.kind == "Concatenate":
            self._parts[flow.name] = inputs
        return flow

    def _average(self, layer: Layer, inputs: list[Flow]) -> Flow:
        if len(inputs) != 1 or not inputs[0].has_time or layer.flag("return_attention", False):
            raise unsupported(
                f"{layer} does not average one sequence, or gives its weights too: build it as textgenrnn does"
            )
        (flow,) = inputs
        w = self._attention[layer.name]
        if w.shape != (flow.width, 1):
            raise misfit(
                f"the weights of {layer} are {list(w.shape)}, and what it averages asks for [{flow.width}, 1]: the file has "
                "more or fewer recurrent layers than it was trained with"
            )
        parts = self._parts.get(flow.name, [flow])
        numbers = sum(6 * part.width**2 for part in parts)
        if numbers > MOST:
            raise Refused(
                "IMPORT_LIMIT",
                f"{layer} averages {flow.width:,} features, for which its layers here would have {numbers:,} numbers, and "
                f"{MOST:,} are allowed",
            )
        distance = self._distance(flow, w)
        averages = [self._running(part, distance) for part in parts]
        name = averages[0]
        if len(averages) > 1:
            name = self.net.layer("concat", inputs=averages)
        return Flow(name, (flow.width,))

    def _distance(self, flow: Flow, w: Numbers) -> str:
        """The layer that gives d."""
        score = arrays.finite(np.asarray(w, np.float32), "the attention's weights")
        self._put("dense", (flow,), size=1, W=score)
        self.net.layer(  # l[t] and l[t−1]
            "elman",
            hidden_size=2,
            activation={"function": "linear"},
            W=np.array([[1, 0]], np.float32),
            R=np.array([[0, 1], [0, 0]], np.float32),
            h0=np.array([_NEVER, 0], np.float32),
        )
        return self.net.layer(
            "elman",
            hidden_size=1,
            activation={"function": "softplus"},
            W=np.array([[-1], [1]], np.float32),
            R=np.ones((1, 1), np.float32),
        )

    def _running(self, part: Flow, distance: str) -> str:
        """The layer that gives the average of a part after the last step."""
        width = part.width
        W = np.zeros((width + 1, 3 * width), np.float32)  # r, z, n
        W[width, width : 2 * width] = -1
        W[:width, 2 * width :] = np.eye(width, dtype=np.float32)
        return self.net.layer(
            "gru",
            inputs=[self.net.layer("concat", inputs=[part.name, distance])],
            hidden_size=width,
            reset="before",
            activations={
                "gates": {"function": "elu", "alpha": -1.0},
                "candidate": {"function": "linear"},
            },
            output="final",
            W=W,
            R=np.zeros((width, 3 * width), np.float32),
        )
