"""keras_layers: the layers of a Keras model, one after the other, into a Net."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from rnnspec.importers import arrays
from rnnspec.importers.hdf5 import Numbers
from rnnspec.importers.keras_cells import (
    Cell,
    check_recurrent,
    halves,
    shape_misfit,
    two_directions,
)
from rnnspec.importers.keras_config import Architecture, Layer
from rnnspec.importers.keras_functions import function_of, layer_function
from rnnspec.importers.keras_kinds import IDLE, MERGES
from rnnspec.importers.keras_weights import CELLS, Roles
from rnnspec.importers.net import Net
from rnnspec.importers.refusal import misfit, named, unsupported
from rnnspec.tensor import Float32

_NARROW: Final = {"mixed_float16", "mixed_bfloat16", "float16", "bfloat16", "float64"}


@dataclass(frozen=True)
class Flow:
    """What a layer gives: the name of ours that gives it, and its shape without the batch: time and features, or one of them."""

    name: str
    shape: tuple[int | None, ...]
    masked: bool = False

    @property
    def width(self) -> int:
        """The last size, which is known behind the input."""
        assert self.shape[-1] is not None, "checked at the input"
        return self.shape[-1]

    @property
    def has_time(self) -> bool:
        """Whether it is a sequence."""
        return len(self.shape) == 2


class Walk:
    """Writes layers into a net."""

    def __init__(self, net: Net, weights: Mapping[str, Roles], generation: int | None) -> None:
        self.net = net
        self._weights = weights
        self._generation = generation
        self._flows: dict[str, Flow] = {}
        self.mask: float | None = None  # what masked steps of the input are
        self.stateful: list[str] = []
        self.cudnn: list[str] = []
        self.folded: list[str] = []
        self.idle: list[str] = []
        self.narrow: set[str] = set()

    def run(self, architecture: Architecture, start: Flow) -> Flow:
        """What the last layer gives; `start` goes in. Raises Refused."""
        flow = start
        for layer in architecture.layers:
            inputs = [self._flows[name] for name in layer.inputs]
            flow = start if layer.kind == "InputLayer" else self._layer(layer, inputs)
            self._flows[layer.name] = flow
        return flow

    def _layer(self, layer: Layer, inputs: list[Flow]) -> Flow:
        if layer.kind in MERGES:
            return self._merge(layer, inputs)
        if len(inputs) != 1:
            raise unsupported(
                f"{layer} reads {len(inputs)} layers, and one is expected: a state can be given to a call here"
            )
        self._precision(layer)
        (flow,) = inputs
        if layer.mask is not None:
            self._asked_mask(layer, flow)
        roles = self._weights.get(layer.name, {})
        if layer.kind == "TimeDistributed":
            if not flow.has_time:
                raise unsupported(f"{layer} reads no sequence: use the layer in it alone")
            layer = layer.wrapped()
        if layer.kind in IDLE:
            self.idle.append(layer.name)
            return flow
        match layer.kind:
            case "Embedding":
                return self._embedding(layer, flow, roles)
            case "Masking":
                return self._masking(layer, flow)
            case "Bidirectional":
                return self._bidirectional(layer, flow, roles)
            case "Dense":
                return self._dense(layer, flow, roles)
            case "BatchNormalization":
                return self._batch_norm(layer, flow, roles)
            case "LayerNormalization":
                return self._layer_norm(layer, flow, roles)
            case "Reshape":
                raise unsupported(
                    f"{layer} stands behind other layers, where steps would become features or features steps: only the "
                    "first layer of a model can be one, from one row of numbers to steps"
                )
            case kind if kind in CELLS:
                return self._cell(layer, flow, roles)
            case _:
                return self._activation(layer, flow)

    # --- each kind -------------------------------------------------------------------------------------------

    def _embedding(self, layer: Layer, flow: Flow, roles: Roles) -> Flow:
        rows, size = layer.size("input_dim"), layer.size("output_dim")
        table = self._shaped(layer, roles, "embeddings", (rows, size))
        if flow.name != "input" or len(flow.shape) != 1:
            raise unsupported(f"{layer} reads what another layer gives, or more than one id a step")
        masked = layer.flag("mask_zero", False)
        if masked:
            self.mask = 0.0
        name = self._put("embedding", (flow,), size=size, **self._rounded(layer, {"E": table}))
        return Flow(name, (flow.shape[0], size), masked)

    def _masking(self, layer: Layer, flow: Flow) -> Flow:
        if flow.name != "input":
            raise unsupported(
                f"{layer} masks what a layer computes: steps are left out by the lengths of a call here, so mask the input"
            )
        self.mask = layer.number("mask_value", 0.0)
        return replace(flow, masked=True)

    def _cell(self, layer: Layer, flow: Flow, roles: Roles) -> Flow:
        check_recurrent(layer)
        self._sequence(layer, flow)
        cell = self._made(layer, roles, flow.width)
        sequences = layer.flag("return_sequences", False)
        backwards = layer.flag("go_backwards", False)
        if backwards and sequences and flow.masked:
            raise unsupported(
                f"{layer} has go_backwards and return_sequences behind a mask: its outputs stand at other steps than the "
                "mask says; use Bidirectional, or leave out the mask"
            )
        name = self._put(
            cell.kind,
            (flow,),
            **cell.members,
            **({"direction": "reverse"} if backwards else {}),
            **({} if sequences else {"output": "final"}),
            **self._rounded(layer, cell.parameters),
        )
        if backwards and sequences:
            name = self.net.layer("time_reverse")
        return (
            Flow(name, (flow.shape[0], cell.size), flow.masked)
            if sequences
            else Flow(name, (cell.size,))
        )

    def _bidirectional(self, layer: Layer, flow: Flow, roles: Roles) -> Flow:
        inner, merge = two_directions(layer)
        self._sequence(layer, flow)
        forward, backward = (self._made(inner, half, flow.width) for half in halves(roles))
        sequences = inner.flag("return_sequences", False)
        back = {f"{role}_reverse": array for role, array in backward.parameters.items()}
        name = self._put(
            forward.kind,
            (flow,),
            **forward.members,
            direction="bidirectional",
            merge=merge,
            **({} if sequences else {"output": "final"}),
            **self._rounded(layer, {**forward.parameters, **back}),
        )
        width = forward.size * (2 if merge == "concat" else 1)
        return (
            Flow(name, (flow.shape[0], width), flow.masked) if sequences else Flow(name, (width,))
        )

    def _made(self, layer: Layer, roles: Roles, width: int) -> Cell:
        cell = Cell(layer, roles, width, self._generation)
        if cell.changed_by_cudnn:
            self.cudnn.append(layer.name)
        if layer.flag("stateful", False):
            self.stateful.append(layer.name)
        return cell

    def _dense(self, layer: Layer, flow: Flow, roles: Roles) -> Flow:
        self._behind(layer, flow)
        size = layer.size("units")
        parameters = {"W": self._shaped(layer, roles, "kernel", (flow.width, size))}
        if "bias" in roles:
            parameters["b"] = self._shaped(layer, roles, "bias", (size,))
        name = self._put("dense", (flow,), size=size, **self._rounded(layer, parameters))
        function = function_of(layer, "activation", None, self._generation)
        if function["function"] != "linear":
            name = self.net.layer("activation", **function)
        return replace(flow, name=name, shape=(*flow.shape[:-1], size))

    def _activation(self, layer: Layer, flow: Flow) -> Flow:
        self._behind(layer, flow)
        if layer.kind == "Softmax":
            self._last_axis(layer, flow)
        function = layer_function(layer, self._generation)
        if function["function"] == "linear":
            return flow
        return replace(flow, name=self._put("activation", (flow,), **function))

    def _batch_norm(self, layer: Layer, flow: Flow, roles: Roles) -> Flow:
        """y = gamma · (x − mean) / sqrt(variance + epsilon) + beta, folded in binary64."""
        self._behind(layer, flow)
        self._last_axis(layer, flow)
        wide = {
            role: np.asarray(self._shaped(layer, roles, role, (flow.width,)), np.float64)
            for role in roles
        }
        spread = wide["moving_variance"] + layer.number("epsilon", 1e-3)
        if not (spread > 0).all():
            raise misfit(f"moving_variance of {layer} is below 0: the file is damaged")
        s = wide.get("gamma", 1.0) / np.sqrt(spread)
        t = wide.get("beta", 0.0) - wide["moving_mean"] * s
        self.folded.append(layer.name)
        parameters = self._rounded(layer, {"s": s, "t": t})
        return replace(flow, name=self._put("affine", (flow,), **parameters))

    def _layer_norm(self, layer: Layer, flow: Flow, roles: Roles) -> Flow:
        self._behind(layer, flow)
        self._last_axis(layer, flow)
        one = {"gamma": np.ones(flow.width), "beta": np.zeros(flow.width)}
        given = {role: self._shaped(layer, roles, role, (flow.width,)) for role in roles}
        parameters = self._rounded(layer, {**one, **given})
        epsilon = layer.number("epsilon", 1e-3)
        return replace(flow, name=self._put("layer_norm", (flow,), epsilon=epsilon, **parameters))

    def _merge(self, layer: Layer, inputs: list[Flow]) -> Flow:
        for flow in inputs:
            self._behind(layer, flow)
        shapes = [flow.shape for flow in inputs]
        concat = layer.kind == "Concatenate"
        alike = shapes if not concat else [shape[:-1] for shape in shapes]
        # Times may be written in one and free in the other; how many axes there are may not differ.
        if len({len(shape) for shape in shapes}) != 1 or (
            not concat and len({shape[-1] for shape in alike}) != 1
        ):
            raise unsupported(
                f"{layer} merges the shapes {', '.join(str(list(s)) for s in shapes)}: only shapes that agree are carried"
            )
        if concat and layer.config.get("axis", -1.0) not in (-1.0, float(len(shapes[0]))):
            raise unsupported(f"{layer} joins steps, not features: use axis=-1")
        if len({flow.masked for flow in inputs}) != 1:
            raise unsupported(
                f"{layer} merges what is masked with what is not: let all of it come from the masked input"
            )
        width = sum(flow.width for flow in inputs) if concat else inputs[0].width
        name = inputs[0].name
        if len(inputs) > 1:
            name = self.net.layer(MERGES[layer.kind], inputs=[flow.name for flow in inputs])
        return replace(inputs[0], name=name, shape=(*shapes[0][:-1], width))

    # --- helpers ---------------------------------------------------------------------------------------------

    def _put(self, kind: str, inputs: tuple[Flow, ...], **members: Any) -> str:  # noqa: ANN401  of any layer
        before = self.net.layers[-1]["name"] if self.net.layers else "input"
        names = [flow.name for flow in inputs]
        given = {} if names == [before] or kind == "embedding" else {"inputs": names}
        return self.net.layer(kind, **given, **members)

    def _behind(self, layer: Layer, flow: Flow) -> None:
        if flow.name == "input" and not flow.has_time:
            raise unsupported(
                f"{layer} reads an input without time steps: a model here reads sequences, of ids or of features"
            )

    def _sequence(self, layer: Layer, flow: Flow) -> None:
        if not flow.has_time:
            raise unsupported(f"{layer} reads no sequence of features")
        if self.mask is not None and not flow.masked:
            raise unsupported(
                f"{layer} does not see the mask that another layer of the model sees: rows have one length for the whole "
                "net here"
            )

    def _asked_mask(self, layer: Layer, flow: Flow) -> None:
        """A mask that a call names must be the one that comes along with what the layer reads."""
        if not flow.masked or layer.mask != self.mask:
            raise unsupported(
                f"{layer} is called with the mask of steps that are not {layer.mask:g}, and what it reads has another one, or "
                "none: let masks come from mask_zero or from Masking alone"
            )
        if layer.kind == "Softmax":
            raise unsupported(
                f"{layer} is called with a mask, which it takes for one of features: use Activation('softmax')"
            )

    def _last_axis(self, layer: Layer, flow: Flow) -> None:
        axis = layer.config.get("axis", -1.0)
        axis = axis[0] if isinstance(axis, list) and len(axis) == 1 else axis
        if axis not in (-1.0, float(len(flow.shape))):
            raise unsupported(f"{layer} goes over another axis than the features: use axis=-1")

    def _shaped(self, layer: Layer, roles: Roles, role: str, shape: tuple[int, ...]) -> Numbers:
        array = roles[role]
        if array.shape != shape:
            raise shape_misfit(layer, role, array, shape)
        return array

    def _rounded(self, layer: Layer, given: Mapping[str, Numbers]) -> dict[str, Float32]:
        """As float32, rounded once. Raises Refused for what is not finite then."""
        found = {}
        for role, array in given.items():
            with np.errstate(over="ignore"):
                found[role] = arrays.finite(array.astype(np.float32), f"{role} of {layer.name}")
        return found

    def _precision(self, layer: Layer) -> None:
        policy = layer.config.get("dtype")
        if isinstance(policy, dict):
            inner = policy.get("config")
            policy = inner.get("name") if isinstance(inner, dict) else None
        if (
            policy is None
            or policy == "float32"
            or (layer.kind == "Embedding" and policy == "int32")
        ):
            return
        if not isinstance(policy, str) or policy not in _NARROW:
            raise unsupported(
                f"{layer} computes in {named(str(policy))}, so it is quantised: save the model before it was"
            )
        self.narrow.add(policy)
