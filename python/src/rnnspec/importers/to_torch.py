"""to_torch: a model → a PyTorch module with its weights, to train on or to compare with.

    module = rnnspec.to_torch(model)
    y = module(x)                     # x [batch, time, features] or ids [batch, time]
    y, state = module.run(x, state)   # state: name of a layer → h, and c, h_reverse, c_reverse, each [batch, size]
    y, state = module.run(x, lengths=[5, 3])   # rows of 5 and of 3 steps; y is 0 past them

from_torch takes it back.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnnspec import (
    Activation,
    ActivationLayer,
    AffineLayer,
    DenseLayer,
    ElmanLayer,
    EmbeddingLayer,
    GruLayer,
    LayerNormLayer,
    LstmLayer,
    Model,
)
from rnnspec.importers.refusal import Refused, not_carried
from rnnspec.importers.torch_parts import (
    GLUE,
    Affine,
    HardSigmoid,
    LastStep,
    ScaledTanh,
    TimeReverse,
    reversed_steps,
    tensor,
)
from rnnspec.model import Layer, RecurrentLayer
from rnnspec.tensor import Float32

State: TypeAlias = Mapping[str, Mapping[str, torch.Tensor]]
_USUAL: Final = {"gates": "sigmoid", "candidate": "tanh", "output": "tanh"}
_KINDS: Final = {"elman": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


def to_torch(model: Model) -> "Net":
    """A module of PyTorch that computes what the model does, with its weights as parameters in float32.

    Raises Refused for what PyTorch's modules do not carry, by the name of the layer. Vocabularies, decoding and examples
    stay behind.
    """
    return Net(model)


class Net(nn.Module):  # type: ignore[misc]  # of torch, which is not typed here
    """The layers of a model, by their numbers; called as a module, it takes rows of one length."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        vocabulary = model.input_vocabulary
        self._layers = [(layer.name, layer.inputs) for layer in model.layers]
        widths = {
            "input": len(vocabulary.tokens) if vocabulary else getattr(model.input, "size", 0)
        }
        self.layers = nn.ModuleList()
        for layer in model.layers:
            values = {
                role: model.tensors[name].values
                for role, name in getattr(layer, "parameters", {}).items()
            }
            made = _module(layer, values, [widths[name] for name in layer.inputs])
            widths[layer.name] = made.width
            self.layers.append(made)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[batch, time, width], or [batch, width]; from the layers' initial states."""
        values = {"input": x}
        for (name, inputs), layer in zip(self._layers, self.layers, strict=True):
            values[name] = layer(*[values[source] for source in inputs])
        return values[self._layers[-1][0]]

    def run(
        self,
        x: torch.Tensor,
        state: State | None = None,
        lengths: Sequence[int] | torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, State]:
        """The same, from a state, and with the one after it; `lengths` are the valid steps of each row.

        Raises ValueError for a length that is not from 1 to the number of steps: PyTorch packs no other.
        """
        steps = None if lengths is None else _steps(x, lengths)
        values, after = {"input": x}, {}
        for (name, inputs), layer in zip(self._layers, self.layers, strict=True):
            given = [values[source] for source in inputs]
            if isinstance(layer, Recurrent):
                values[name], after[name] = layer.run(
                    given[0], None if state is None else state[name], steps
                )
            elif steps is not None and isinstance(layer, (LastStep, TimeReverse)):
                turned = reversed_steps(given[0], steps)
                values[name] = turned[:, 0] if isinstance(layer, LastStep) else turned
            else:
                values[name] = layer(*given)
        y = values[self._layers[-1][0]]
        if steps is not None and y.ndim == 3:
            inside = torch.arange(y.size(1), device=y.device) < steps[:, None]
            y = torch.where(inside[..., None], y, torch.zeros_like(y))
        return y, after


def _steps(x: torch.Tensor, lengths: Sequence[int] | torch.Tensor) -> torch.Tensor:
    steps = torch.as_tensor(lengths, device=x.device)
    if steps.shape != x.shape[:1] or bool(((steps < 1) | (steps > x.size(1))).any()):
        raise ValueError(
            f"lengths: expected {x.size(0)} whole numbers from 1 to {x.size(1)}, got {steps.tolist()}"
        )
    return steps


def _module(layer: Layer, values: Mapping[str, Float32], widths: Sequence[int]) -> Any:  # noqa: ANN401  of torch
    """The module of a layer, with `width`, what it gives at each step. Raises Refused."""
    if isinstance(layer, RecurrentLayer):
        return Recurrent(layer, values, widths[0])
    made: Any
    width = widths[0]
    if isinstance(layer, EmbeddingLayer):
        made, width = nn.Embedding.from_pretrained(tensor(values["E"]), freeze=False), layer.size
    elif isinstance(layer, DenseLayer):
        made, width = nn.Linear(width, layer.size, bias="b" in values), layer.size
        _fill(made, {"weight": values["W"].T, **({"bias": values["b"]} if "b" in values else {})})
    elif isinstance(layer, LayerNormLayer):
        made = nn.LayerNorm(width, eps=layer.epsilon)
        _fill(made, {"weight": values["gamma"], "bias": values["beta"]})
    elif isinstance(layer, AffineLayer):
        made = Affine(values["s"], values["t"])
    elif isinstance(layer, ActivationLayer):
        made = _activation(layer)
    else:
        made = GLUE[layer.type](width) if layer.type == "one_hot" else GLUE[layer.type]()
        width = sum(widths) if layer.type == "concat" else width
    made.width = width
    return made


def _activation(layer: ActivationLayer) -> nn.Module:
    alpha, beta = (float(n) if n is not None else 0.0 for n in (layer.alpha, layer.beta))
    makers = {
        "linear": nn.Identity,
        "tanh": nn.Tanh,
        "sigmoid": nn.Sigmoid,
        "relu": nn.ReLU,
        "softplus": nn.Softplus,
        "softsign": nn.Softsign,
        "hard_tanh": nn.Hardtanh,
        "leaky_relu": lambda: nn.LeakyReLU(alpha),
        "elu": lambda: nn.ELU(alpha),
        "thresholded_relu": lambda: nn.Threshold(alpha, 0.0),
        "hard_sigmoid": lambda: HardSigmoid(alpha, beta),
        "scaled_tanh": lambda: ScaledTanh(alpha, beta),
        "softmax": lambda: nn.Softmax(-1),
        "log_softmax": lambda: nn.LogSoftmax(-1),
    }
    return makers[layer.function]()


def _fill(module: nn.Module, values: Mapping[str, Float32]) -> None:
    with torch.no_grad():
        for name, array in values.items():
            getattr(module, name).copy_(tensor(array))


# --- recurrent layers -------------------------------------------------------------------------------------


class Recurrent(nn.Module):  # type: ignore[misc]  # of torch, which is not typed here
    """An nn.RNN, nn.LSTM or nn.GRU of one layer, and what stands around it in ours."""

    def __init__(self, layer: RecurrentLayer, values: Mapping[str, Float32], width: int) -> None:
        super().__init__()
        _check(layer)
        two = layer.direction == "bidirectional"
        options: dict[str, Any] = {"batch_first": True, "bidirectional": two}
        if isinstance(layer, ElmanLayer):
            options["nonlinearity"] = layer.activation.function
        P = layer.hidden_size
        if isinstance(layer, LstmLayer) and layer.projection_size is not None:
            options["proj_size"] = P = layer.projection_size
        ways = ("", "_reverse") if two else ("",)
        options["bias"] = any(role in values for way in ways for role in (f"b{way}", f"rb{way}"))
        self.cell = _KINDS[layer.type](width, layer.hidden_size, **options)
        for way in ways:
            given = {r.removesuffix(way): v for r, v in values.items() if r.endswith(way)}
            _fill(self.cell, _weights(layer, given, f"_l0{way}", biased=options["bias"]))
        self.width = 2 * P if layer.merge == "concat" else P
        self.merge, self.final, self.turned = (
            layer.merge,
            layer.output == "final",
            layer.direction == "reverse",
        )
        keys = ("h", "c") if isinstance(layer, LstmLayer) else ("h",)
        self.parts = [(key, [f"{key}{way}" for way in ways]) for key in keys]
        sizes = {"h": P, "c": layer.hidden_size}
        self.starts = nn.ParameterDict()
        for key in keys:
            if any(f"{key}0{way}" in values for way in ways):
                rows = [
                    values.get(f"{key}0{way}", np.zeros(sizes[key], np.float32)) for way in ways
                ]
                self.starts[key] = nn.Parameter(tensor(np.stack(rows)[:, None]))
        if len(self.starts) not in {0, len(keys)}:  # nn.LSTM wants both or none
            for key in {*keys} - {*self.starts}:
                self.starts[key] = nn.Parameter(torch.zeros(len(ways), 1, sizes[key]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """What comes out, from the layer's own state."""
        return self._called(x, self._start(x))[0]

    def run(
        self,
        x: torch.Tensor,
        state: Mapping[str, torch.Tensor] | None,
        steps: torch.Tensor | None,
    ) -> Any:  # noqa: ANN401  of torch
        """The same from a state, of rows with so many valid steps; and the state after it."""
        start = self._start(x)
        if state is not None:
            stacked = [torch.stack([state[name] for name in names]) for _, names in self.parts]
            start = tuple(stacked) if len(stacked) == 2 else stacked[0]
        y, last = self._called(x, start, steps)
        lasts = last if isinstance(last, tuple) else (last,)
        after = {
            name: part[d]
            for (_, names), part in zip(self.parts, lasts, strict=True)
            for d, name in enumerate(names)
        }
        return y, after

    def _start(self, x: torch.Tensor) -> Any:  # noqa: ANN401  of torch
        if not len(self.starts):
            return None
        wide = [self.starts[key].expand(-1, x.size(0), -1).contiguous() for key, _ in self.parts]
        return tuple(wide) if len(wide) == 2 else wide[0]

    def _called(self, x: torch.Tensor, start: Any, steps: torch.Tensor | None = None) -> Any:  # noqa: ANN401  of torch
        if steps is None:
            y, last = self.cell(x.flip(1) if self.turned else x, start)
        else:
            x = reversed_steps(x, steps) if self.turned else x
            # The lengths of a pack stand on the CPU, wherever the numbers are.
            packed = pack_padded_sequence(x, steps.cpu(), batch_first=True, enforce_sorted=False)
            y, last = self.cell(packed, start)
            y, _ = pad_packed_sequence(y, batch_first=True, total_length=x.size(1))
        h = last[0] if len(self.parts) == 2 else last
        if self.final:
            return (h[0] if self.merge is None else self._merged(h[0], h[1])), last
        if self.turned:
            y = y.flip(1) if steps is None else reversed_steps(y, steps)
        if self.merge in {None, "concat"}:
            return y, last
        halves = y.chunk(2, -1)
        return self._merged(halves[0], halves[1]), last

    def _merged(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        if self.merge == "concat":
            return torch.cat([a, b], -1)
        if self.merge == "multiply":
            return a * b
        return (a + b) * 0.5 if self.merge == "average" else a + b


def _check(layer: RecurrentLayer) -> None:
    """Raises Refused for what PyTorch's modules do not compute."""
    if layer.clip is not None:
        raise _lacks(layer, "a clip")
    if isinstance(layer, ElmanLayer):
        if layer.activation.function not in {"tanh", "relu"}:
            raise _lacks(layer, f"the activation {layer.activation.function}, only tanh and relu")
        return
    for name, activation in layer.activations.items():
        if activation != Activation(function=_USUAL[name]):  # type: ignore[arg-type]  # these three are words of the format
            raise _lacks(layer, f"{activation.function} for {name}, only {_USUAL[name]}")
    if isinstance(layer, GruLayer):
        if layer.reset == "before":
            raise _lacks(layer, "a reset before the product, only after it")
        return
    if layer.peephole is not None:
        raise _lacks(layer, "peepholes")
    if layer.coupled is not None:
        raise _lacks(layer, "coupled gates")
    if layer.cell_clip is not None or layer.projection_clip is not None:
        raise _lacks(layer, "a clip")
    if layer.projection_size is not None and layer.projection_size >= layer.hidden_size:
        raise _lacks(layer, "a projection that is not narrower than its cell")
    if {"qb", "qb_reverse"} & set(layer.parameters):
        raise _lacks(layer, "a projection with a bias")


def _lacks(layer: RecurrentLayer, what: str) -> Refused:
    return not_carried(
        f"the layer \"{layer.name}\" can't go over: PyTorch's {_KINDS[layer.type].__name__} has not {what}"
    )


def _weights(
    layer: RecurrentLayer, values: Mapping[str, Float32], suffix: str, *, biased: bool
) -> dict[str, Float32]:
    """By their names in the module. Our one bias goes into bias_ih, of a GRU's candidate both stay."""
    given = {"weight_ih": values["W"].T, "weight_hh": values["R"].T}
    if "Q" in values:
        given["weight_hr"] = values["Q"].T
    if biased:
        zeros = np.zeros(values["W"].shape[1], np.float32)
        given |= {"bias_ih": values.get("b", zeros), "bias_hh": zeros.copy()}
        if "rb" in values:
            given["bias_hh"][2 * layer.hidden_size :] = values["rb"]
    return {f"{name}{suffix}": array for name, array in given.items()}
