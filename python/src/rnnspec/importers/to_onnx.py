"""to_onnx: a model as an ONNX graph that ONNX Runtime runs.

    input   float32 [batch, time, size], or int64 [batch, time] of ids
    output  float32 [batch, time, width], or [batch, width] where the output has no time
    lengths int32 [batch], the valid steps of each row, if they are asked for

For each recurrent layer there are inputs LAYER/h, and LAYER/c, LAYER/h_reverse, LAYER/c_reverse where it has them, all
[batch, size], which may be left out: then the rows begin with the layer's initial state; and outputs of the same names
with _next behind them. Inside, time comes first, as ONNX's operators have it.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from rnnspec import (
    ActivationLayer,
    EmbeddingLayer,
    LstmLayer,
    Model,
    TokenInput,
    __version__,
)
from rnnspec.importers.onnx_writer import Attribute, Graph
from rnnspec.importers.refusal import not_carried
from rnnspec.importers.to_onnx_cells import FUNCTIONS, OPERATORS, attributes_of, check, roles_of
from rnnspec.model import DenseLayer, Layer, LayerNormLayer, Members, RecurrentLayer

METADATA: Final = "rnnspec"  # the key of what ONNX has no place for: the ends of the net
LARGEST: Final = 2**31 - 1  # bytes of a protobuf message
_INT64: Final = 7  # in ONNX's list of types
_ALONE: Final = {**FUNCTIONS, "softmax": "Softmax", "log_softmax": "LogSoftmax"}


def to_onnx(model: Model, *, lengths: bool = False) -> bytes:
    """The bytes of an .onnx file, of operator set 17, in float32: other storage is widened, exactly.

    Vocabularies and decoding go along as metadata under the key `rnnspec`, where the importer finds them; examples
    stay behind. With `lengths` the graph has an input `lengths`, of numbers from 1, and what is past a row's length is 0
    in the output. Raises Refused for what ONNX does not carry, naming it.
    """
    return _Export(model, lengths=lengths).data()


class _Export:
    def __init__(self, model: Model, *, lengths: bool) -> None:
        self._model = model
        self._lengths = "lengths" if lengths else ""
        self._graph = Graph(model.name or "net")
        self._values: dict[
            str, str
        ] = {}  # layer → value: [time, batch, features], or [batch, features]
        self._widths: dict[str, int] = {}
        self._timeless: set[str] = set()
        self._states: list[tuple[str, int]] = []  # outputs, and how wide they are

    def data(self) -> bytes:
        graph, model = self._graph, self._model
        self._input()
        for layer in model.layers:
            self._values[layer.name] = self._layer(layer)
        last = model.layers[-1].name
        if last in self._timeless:
            graph.node("Identity", [self._values[last]], "output")
            graph.output("output", ("batch", self._widths[last]))
        else:
            graph.node("Transpose", [self._valid(self._values[last])], "output", perm=[1, 0, 2])
            graph.output("output", ("batch", "time", self._widths[last]))
        for name, width in self._states:
            graph.output(name, ("batch", width))
        data = graph.data(__version__, {METADATA: json.dumps(_ends(model), ensure_ascii=False)})
        if len(data) > LARGEST:
            raise not_carried(
                f"the graph would be of {len(data):,} bytes, and an .onnx file holds {LARGEST:,} at most"
            )
        return data

    def _input(self) -> None:
        graph, given = self._graph, self._model.input
        if isinstance(given, TokenInput):
            graph.input("input", "int64", ("batch", "time"))
            turned = graph.node("Transpose", ["input"], "input/turned", perm=[1, 0])
        else:
            graph.input("input", "float32", ("batch", "time", given.size))
            turned = graph.node("Transpose", ["input"], "input/turned", perm=[1, 0, 2])
            self._widths["input"] = given.size
        self._values["input"] = turned
        if any(isinstance(layer, RecurrentLayer) for layer in self._model.layers):
            shape = graph.node("Shape", [turned], "input/shape")
            graph.node("Gather", [shape, self._constant("input/1", [1])], "input/rows", axis=0)
        if self._lengths:
            graph.input("lengths", "int32", ("batch",))
            graph.node("Cast", ["lengths"], "lengths/wide", to=_INT64)

    def _valid(self, value: str) -> str:
        """[time, batch, features] with zeros past the length of each row."""
        if not self._lengths:
            return value
        graph = self._graph
        shape = graph.node("Shape", [value], "valid/shape")
        time = graph.node("Gather", [shape, self._constant("valid/0", 0)], "valid/time", axis=0)
        bounds = [self._constant("valid/start", 0), time, self._constant("valid/step", 1)]
        steps = graph.node("Range", bounds, "valid/steps")
        tall = graph.node("Unsqueeze", [steps, self._constant("valid/axes", [1, 2])], "valid/tall")
        rows = graph.node(
            "Unsqueeze", ["lengths/wide", self._constant("valid/rows/axes", [0, 2])], "valid/rows"
        )
        inside = graph.node("Less", [tall, rows], "valid/inside")
        return graph.node("Where", [inside, value, self._number("valid/zero", 0.0)], "valid/output")

    def _turned(self, value: str, out: str) -> str:
        """[time, batch, features] with the valid steps of each row from the last to the first."""
        inputs = [value, "lengths/wide"]
        return self._graph.node("ReverseSequence", inputs, out, time_axis=0, batch_axis=1)

    def _layer(self, layer: Layer) -> str:
        """Adds what computes the layer; gives the name of its output."""
        name = layer.name
        inputs = [self._values[source] for source in layer.inputs]
        widths = [self._widths.get(source, 0) for source in layer.inputs]
        self._widths[name] = widths[0]
        if layer.type == "last_step" or self._timeless.issuperset(layer.inputs):
            self._timeless.add(name)
        if isinstance(layer, RecurrentLayer):
            return self._recurrent(layer, inputs[0])
        node = self._graph.node
        out = f"{name}/y"
        if isinstance(layer, EmbeddingLayer):
            self._widths[name] = layer.size
            return node("Gather", [self._parameter(layer, "E"), *inputs], out, axis=0)
        if layer.type == "one_hot":
            return self._one_hot(name, inputs[0])
        if isinstance(layer, DenseLayer):
            self._widths[name] = layer.size
            product = node("MatMul", [*inputs, self._parameter(layer, "W")], f"{name}/product")
            if "b" not in layer.parameters:
                return product
            return node("Add", [product, self._parameter(layer, "b")], out)
        if layer.type == "affine":
            product = node("Mul", [*inputs, self._parameter(layer, "s")], f"{name}/product")
            return node("Add", [product, self._parameter(layer, "t")], out)
        if isinstance(layer, LayerNormLayer):
            vectors = [self._parameter(layer, role) for role in ("gamma", "beta")]
            return node(
                "LayerNormalization",
                [*inputs, *vectors],
                out,
                axis=-1,
                epsilon=float(layer.epsilon),
            )
        if isinstance(layer, ActivationLayer):
            return self._activation(layer, inputs[0])
        if layer.type == "concat":
            self._widths[name] = sum(widths)
            return node("Concat", inputs, out, axis=-1)
        if layer.type == "last_step":
            if self._lengths:  # turned round, it is the first
                turned = self._turned(inputs[0], f"{name}/turned")
                return node("Gather", [turned, self._constant(f"{name}/first", 0)], out, axis=0)
            return node("Gather", [*inputs, self._constant(f"{name}/last", -1)], out, axis=0)
        if layer.type == "time_reverse" and self._lengths:
            return self._turned(inputs[0], out)
        if layer.type == "time_reverse":
            parts = {"start": [-1], "end": [-LARGEST], "axis": [0], "step": [-1]}
            places = [self._constant(f"{name}/{key}", value) for key, value in parts.items()]
            return node("Slice", [*inputs, *places], out)
        return self._folded({"add": "Add", "multiply": "Mul"}[layer.type], inputs, out)

    def _folded(self, op: str, inputs: Sequence[str], out: str) -> str:
        """Inputs put together one after the other."""
        value = inputs[0]
        for k, other in enumerate(inputs[1:], 2):
            value = self._graph.node(op, [value, other], out if k == len(inputs) else f"{out}/{k}")
        return value

    def _one_hot(self, name: str, ids: str) -> str:
        vocabulary = self._model.input_vocabulary
        assert vocabulary is not None, "one_hot reads tokens"
        self._widths[name] = count = len(vocabulary.tokens)
        values = self._graph.array(f"{name}/values", np.array([0, 1], np.float32))
        depth = self._constant(f"{name}/depth", [count])
        return self._graph.node("OneHot", [ids, depth, values], f"{name}/y", axis=-1)

    def _activation(self, layer: ActivationLayer, x: str) -> str:
        name, node = layer.name, self._graph.node
        out = f"{name}/y"
        if layer.function == "linear":
            return node("Identity", [x], out)
        if layer.function == "hard_tanh":
            bounds = [self._number(f"{name}/{bound}", bound) for bound in (-1.0, 1.0)]
            return node("Clip", [x, *bounds], out)
        if layer.function == "scaled_tanh":
            alpha, beta = (
                self._number(f"{name}/{k}", getattr(layer, k)) for k in ("alpha", "beta")
            )
            inner = node("Tanh", [node("Mul", [x, beta], f"{out}/scaled")], f"{out}/tanh")
            return node("Mul", [inner, alpha], out)
        given = {key: getattr(layer, key) for key in ("alpha", "beta")}
        attributes: dict[str, Attribute] = {k: float(v) for k, v in given.items() if v is not None}
        if layer.function in {"softmax", "log_softmax"}:
            attributes["axis"] = -1
        return node(_ALONE[layer.function], [x], out, **attributes)

    # --- recurrent layers ---------------------------------------------------------------------------------

    def _recurrent(self, layer: RecurrentLayer, x: str) -> str:
        check(layer)
        name, graph, H = layer.name, self._graph, layer.hidden_size
        ways = ("", "_reverse") if layer.direction == "bidirectional" else ("",)
        self._widths[name] = H * (len(ways) if layer.merge == "concat" else 1)
        roles = [
            roles_of(
                layer, {r: self._model.tensors[t].values for r, t in layer.parameters.items()}, way
            )
            for way in ways
        ]
        names = {
            role: graph.array(f"{name}/{role}", np.stack([one[role] for one in roles]))
            for role in roles[0]
        }
        keys = ("h", "c") if isinstance(layer, LstmLayer) else ("h",)
        starts = [self._start(layer, key, ways) for key in keys]
        inputs = [
            x,
            names["W"],
            names["R"],
            names["B"],
            self._lengths,
            *starts,
            *([names["P"]] if "P" in names else []),
        ]
        is_final = layer.output == "final"
        outputs = ["" if is_final else f"{name}/Y", f"{name}/Y_h", f"{name}/Y_c"][: 1 + len(keys)]
        graph.node(OPERATORS[layer.type], inputs, outputs, **attributes_of(layer, len(ways)))
        for key in keys:
            for d, way in enumerate(ways):
                self._states.append((f"{name}/{key}{way}_next", H))
                at = self._constant(f"{name}/{key}{way}/at", d)
                graph.node("Gather", [f"{name}/Y_{key}", at], self._states[-1][0], axis=0)
        if is_final:
            self._timeless.add(name)
            return self._merged(layer, [f"{name}/h{way}_next" for way in ways])
        halves = [
            graph.node(
                "Gather",
                [f"{name}/Y", self._constant(f"{name}/Y{way}/at", d)],
                f"{name}/Y{way}/d",
                axis=1,
            )
            for d, way in enumerate(ways)
        ]
        return self._merged(layer, halves)

    def _merged(self, layer: RecurrentLayer, halves: list[str]) -> str:
        out = f"{layer.name}/y"
        if len(halves) == 1:
            return halves[0]
        if layer.merge == "concat":
            return self._graph.node("Concat", halves, out, axis=-1)
        if layer.merge == "average":
            total = self._folded("Add", halves, f"{out}/sum")
            return self._graph.node("Mul", [total, self._number(f"{out}/half", 0.5)], out)
        return self._folded({"sum": "Add", "multiply": "Mul"}[str(layer.merge)], halves, out)

    def _start(self, layer: RecurrentLayer, key: str, ways: Sequence[str]) -> str:
        """The state that a call begins with, [directions, batch, size]: given, or the layer's own for all rows."""
        graph, H = self._graph, layer.hidden_size
        width = self._constant(f"{layer.name}/{key}/width", [H])
        shape = graph.node("Concat", ["input/rows", width], f"{layer.name}/{key}/shape", axis=0)
        parts = []
        for way in ways:
            name = f"{layer.name}/{key}{way}"
            tensor = layer.parameters.get(f"{key}0{way}")
            start = (
                np.zeros(H, np.float32) if tensor is None else self._model.tensors[tensor].values
            )
            graph.input(name, "float32", (f"rows of {name}", H))
            graph.array(name, start[None])
            wide = graph.node("Expand", [name, shape], f"{name}/rows")
            axes = self._constant(f"{name}/axes", [0])
            parts.append(graph.node("Unsqueeze", [wide, axes], f"{name}/start"))
        if len(parts) == 1:
            return parts[0]
        return graph.node("Concat", parts, f"{layer.name}/{key}/both", axis=0)

    # --- constants ----------------------------------------------------------------------------------------

    def _parameter(self, layer: Any, role: str) -> str:  # noqa: ANN401  any layer with parameters
        values = self._model.tensors[layer.parameters[role]].values
        return self._graph.array(f"{layer.name}/{role}", values)

    def _constant(self, name: str, whole: int | list[int]) -> str:
        return self._graph.array(name, np.array(whole, np.int64))

    def _number(self, name: str, number: float) -> str:
        return self._graph.array(name, np.array(number, np.float32))


def _ends(model: Model) -> dict[str, Any]:
    """What ONNX has no place for."""
    parts = {key: getattr(model, key) for key in ("input", "vocabularies", "output", "decoding")}
    return {key: _plain(part) for key, part in parts.items() if part is not None}


def _plain(value: object) -> object:
    if isinstance(value, Members):
        value = value.members()
    if isinstance(value, Mapping):
        return {key: _plain(member) for key, member in value.items()}
    return [_plain(element) for element in value] if isinstance(value, tuple) else value
