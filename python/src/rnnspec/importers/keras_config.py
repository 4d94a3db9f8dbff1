"""keras_config: the layers of a Keras model, from its JSON. No name in it is looked up as a class or function."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rnnspec.importers.keras_masks import Masks
from rnnspec.importers.refusal import malformed, named, unsupported
from rnnspec.json_reader import Value

Object = Mapping[str, Value]

_MODELS: Final = ("Functional", "Model")
_TENSOR: Final = "__keras_tensor__"
_SOURCE: Final = ""  # what goes into a Sequential: no layer has this name
# What a call of a layer may be given besides its input.
_CALLS: Final = ("mask", "training")


@dataclass(frozen=True)
class Layer:
    """A layer by its class and name; `inputs` are the names of layers."""

    kind: str
    name: str
    config: Object
    inputs: tuple[str, ...] = ()
    mask: float | None = None  # the layer is called with the mask of steps that are not this

    def __str__(self) -> str:
        return f'the layer "{named(self.name)}" ({named(self.kind)})'

    def wrapped(self, member: str = "layer") -> "Layer":
        """The layer in a wrapper. Raises Refused."""
        kind, config = _class(self.config.get(member), str(self))
        return Layer(kind, self.name, config, self.inputs, self.mask)

    def size(self, member: str) -> int:
        """A whole number of at least 1. Raises Refused."""
        return whole(self.config.get(member), f"{member} of {self}")

    def flag(self, member: str, usual: bool) -> bool:
        """True or false; `usual` where the file says nothing. Raises Refused."""
        value = self.config.get(member, usual)
        if not isinstance(value, bool):
            raise malformed(f"{member} of {self} is neither true nor false: save the model again")
        return value

    def number(self, member: str, usual: float) -> float:
        """A number; `usual` where the file says nothing. Raises Refused."""
        value = self.config.get(member, usual)
        if not isinstance(value, float):
            raise malformed(f"{member} of {self} is no number: save the model again")
        return value


@dataclass(frozen=True)
class Architecture:
    """All layers, each behind those that it reads; the first is the input, and the last gives the output."""

    layers: tuple[Layer, ...]
    shape: tuple[int | None, ...]  # of the input, without the batch


def whole(value: Value, what: str) -> int:
    """Raises Refused for what is no whole number of at least 1."""
    if not isinstance(value, float) or not value.is_integer() or not 1 <= value < 2**31:
        raise malformed(f"{what} is no whole number from 1: save the model again")
    return int(value)


def read_architecture(value: Value) -> Architecture:
    """What the JSON of `model.to_json()`, or of a file with a whole model, says. Raises Refused."""
    if isinstance(value, dict) and isinstance(value.get("model_config"), dict):
        value = value["model_config"]
    kind, config = _class(value, "the model", listed=True)
    if kind == "Sequential":
        return _sequential(config)
    if kind in _MODELS:
        return _functional(config)
    raise unsupported(
        f"the model is of the class {named(kind)}, a program of its own: build it of Keras layers as Sequential or "
        "Functional, copy the weights over, and save that"
    )


def _sequential(config: Object) -> Architecture:
    entries = [_class(entry, "a layer") for entry in _list(config.get("layers"), "the layers")]
    layers: list[Layer] = []
    shape: tuple[int | None, ...] | None = None
    for kind, inner in entries:
        if kind == "InputLayer":
            if layers:
                raise unsupported("an InputLayer stands between other layers: leave it out")
            shape = _shape(inner)
            continue
        shape = shape or _shape(inner) or _batched(config.get("build_input_shape"))
        before = layers[-1].name if layers else _SOURCE
        layers.append(Layer(kind, _name(inner.get("name")), inner, (before,)))
    if shape is None:
        raise malformed(
            "the model does not say what goes in: call it once, or give it an Input, and save it again"
        )
    return _ordered([Layer("InputLayer", _SOURCE, {}), *layers], layers[-1].name, shape)


def _functional(config: Object) -> Architecture:
    layers = []
    shape: tuple[int | None, ...] | None = None
    axes: dict[str, int] = {}
    masks = Masks(axes, _source)
    for entry in _list(config.get("layers"), "the layers"):
        kind, inner = _class(entry, "a layer")
        name = _name(inner.get("name"))
        if masks.operation(entry):
            assert isinstance(entry, dict), "it has a class"
            masks.add(entry, name)
            continue
        nodes = _list(entry.get("inbound_nodes", []) if isinstance(entry, dict) else None, name)
        layer = Layer(kind, name, inner)
        if kind == "InputLayer":
            shape = _shape(inner)
            axes[name] = len(shape or ())
        elif len(nodes) != 1:
            raise unsupported(
                f"{layer} is used {len(nodes)} times: a layer of a model here stands in one place; build the model "
                "with a layer for each, with the same weights"
            )
        layer = replace(layer, mask=_mask(nodes, layer, masks))
        layers.append(replace(layer, inputs=tuple(_inputs(nodes, layer))))
    inputs = _ends(config.get("input_layers"))
    outputs = _ends(config.get("output_layers"))
    for ends, word in ((inputs, "inputs"), (outputs, "outputs")):
        if len(ends) != 1:
            raise unsupported(
                f"the model has {len(ends)} {word}: make models with one input and one output of its layers, and save those"
            )
    if shape is None:
        raise malformed("the model does not say what goes in: save it again")
    return _ordered(layers, outputs[0], shape)


def _ordered(layers: list[Layer], output: str, shape: tuple[int | None, ...]) -> Architecture:
    """Every layer behind its inputs. Raises Refused."""
    by_name = {layer.name: layer for layer in layers}
    if len(by_name) != len(layers):
        raise malformed("two layers have one name: name each layer, and save the model again")
    for layer in layers:
        for name in layer.inputs:
            if name not in by_name:
                raise malformed(f'{layer} reads "{named(name)}", and there is no such layer')
    order = _sorted(layers)
    read = {name for layer in order for name in layer.inputs}
    for layer in order:
        if (layer.name == output) == (layer.name in read):
            raise unsupported(
                f"{layer} does not lie on the way to one output at the end: make a model of its layers that ends "
                "where the output is"
            )
    inputs = [layer for layer in order if not layer.inputs]
    if len(inputs) != 1 or inputs[0].kind != "InputLayer":
        raise unsupported("the model has several inputs: make models with one input of its layers")
    last = by_name[output]
    return Architecture((*(layer for layer in order if layer is not last), last), shape)


def _sorted(layers: Sequence[Layer]) -> list[Layer]:
    """Every layer once all of its inputs are there, in waves; of each wave in the order of the file. Raises Refused."""
    readers: dict[str, list[int]] = {layer.name: [] for layer in layers}
    missing = [len(set(layer.inputs)) for layer in layers]
    for k, layer in enumerate(layers):
        for name in set(layer.inputs):
            readers[name].append(k)
    order: list[Layer] = []
    wave = [k for k, count in enumerate(missing) if not count]
    while wave:
        order += [layers[k] for k in wave]
        freed = []
        for k in (reader for done in wave for reader in readers[layers[done].name]):
            missing[k] -= 1
            if not missing[k]:
                freed.append(k)
        wave = sorted(freed)
    for k, layer in enumerate(layers):
        if missing[k]:
            raise malformed(f"{layer} reads what comes after it: save the model again")
    return order


# --- the two ways in which calls stand in a file ---------------------------------------------------------------


def _inputs(nodes: list[Value], layer: Layer) -> Iterable[str]:
    """The names of the layers that a layer reads. Raises Refused."""
    for node in nodes:
        if isinstance(node, dict):  # Keras 3
            kwargs = node.get("kwargs", {})
            tensors = _flat(node.get("args", []))
        else:  # Keras 2: [name, node, tensor, kwargs] for each
            entries: list[Value] = [*node] if isinstance(node, list) and node else [None]
            if not isinstance(entries[0], list):  # TensorFlow leaves one pair of brackets out
                entries = [entries]
            tensors, kwargs = [], {}
            for entry in entries:
                if not isinstance(entry, list) or not 3 <= len(entry) <= 4:
                    raise malformed(
                        f"the inputs of {layer} are not to be understood: save the model again"
                    )
                tensors.append({"class_name": _TENSOR, "config": {"keras_history": entry[:3]}})
                if len(entry) > 3 and isinstance(entry[3], dict):
                    kwargs = {**kwargs, **entry[3]}
        for key, value in kwargs.items() if isinstance(kwargs, dict) else ():
            if key == "mask" and layer.mask is not None:
                continue
            if key not in _CALLS or value not in (None, False):
                raise unsupported(
                    f"{layer} is called with {named(key)}: the model must be one that needs nothing but its input; "
                    "a state can be given to a call here"
                )
        for tensor in tensors:
            yield _history(tensor, layer)


def _mask(nodes: list[Value], layer: Layer, masks: Masks) -> float | None:
    """What is masked in the call of a layer, in files of Keras 3 that say so. Raises Refused."""
    for node in nodes:
        kwargs = node.get("kwargs") if isinstance(node, dict) else None
        given = kwargs.get("mask") if isinstance(kwargs, dict) else None
        if given is None:
            continue
        mask = masks.mask(given)
        if mask is None or mask.axes != 1:
            raise unsupported(
                f"{layer} is called with a mask of its own: let masks come from mask_zero or from Masking alone"
            )
        return mask.value
    return None


def _source(tensor: Value) -> str | None:
    """The name of the layer whose output a tensor is."""
    config = tensor.get("config") if isinstance(tensor, dict) else None
    history = config.get("keras_history") if isinstance(config, dict) else None
    name = history[0] if isinstance(history, list) and history else None
    return name if isinstance(name, str) else None


def _flat(value: Value) -> list[Value]:
    found: list[Value] = []
    for entry in value if isinstance(value, list) else [value]:
        found += entry if isinstance(entry, list) else [entry]
    return [entry for entry in found if entry is not None]


def _history(tensor: Value, layer: Layer) -> str:
    """The name of the layer whose first output, of its first call, a tensor is. Raises Refused."""
    config = tensor.get("config") if isinstance(tensor, dict) else None
    history = config.get("keras_history") if isinstance(config, dict) else None
    if not isinstance(tensor, dict) or tensor.get("class_name") != _TENSOR:
        raise unsupported(
            f"{layer} reads a constant, not a layer: put it into the weights of a layer"
        )
    if not isinstance(history, list) or len(history) != 3:
        raise malformed(f"the inputs of {layer} are not to be understood: save the model again")
    if history[2] != 0:
        raise unsupported(
            f'{layer} reads the state of "{named(str(history[0]))}": let it read the output; a call here gives every state'
        )
    return _name(history[0])


def _ends(value: Value) -> list[str]:
    """The names in [["a", 0, 0], …], or in ["a", 0, 0] as Keras 3 writes one."""
    entries = value if isinstance(value, list) else []
    entries = [entries] if entries and isinstance(entries[0], str) else entries
    found = []
    for entry in entries:
        if not isinstance(entry, list) or len(entry) != 3:
            raise malformed("the inputs or outputs of the model are not to be understood")
        if entry[2] != 0:
            raise unsupported(
                f'the model gives the state of "{named(str(entry[0]))}": a call here gives every state; let the model give the output'
            )
        found.append(_name(entry[0]))
    return found


# --- parts ---------------------------------------------------------------------------------------------------


def _class(value: Value, what: str, *, listed: bool = False) -> tuple[str, Object]:
    kind = value.get("class_name") if isinstance(value, dict) else None
    config = value.get("config") if isinstance(value, dict) else None
    if listed and isinstance(config, list):  # Sequential before Keras 2.2.3
        config = {"layers": config}
    if not isinstance(kind, str) or not isinstance(config, dict):
        raise malformed(f"{what} has no class_name and config: give a model that Keras saved")
    assert isinstance(value, dict), "it has members"
    registered = value.get("registered_name")
    module = value.get("module")
    known = module is None or (isinstance(module, str) and re.match(r"(tf_)?keras\b", module))
    if not known or registered not in (None, kind, "Functional"):
        raise unsupported(
            f"{what} has the class {named(kind)} of {named(str(registered or module))}, which is a program of its own: "
            "build the model of Keras' own layers"
        )
    return kind, config


def _list(value: Value, what: str) -> list[Value]:
    if not isinstance(value, list):
        raise malformed(f"{named(what)}: expected a list; save the model again")
    return value


def _name(value: Value) -> str:
    if not isinstance(value, str) or not value:
        raise malformed("a layer has no name: save the model again")
    return value


def _shape(config: Object) -> tuple[int | None, ...] | None:
    return _batched(config.get("batch_shape", config.get("batch_input_shape")))


def _batched(value: Value) -> tuple[int | None, ...] | None:
    """A shape without its first size, the batch. Raises Refused."""
    if value is None:
        return None
    if not isinstance(value, list) or not 2 <= len(value) <= 4:
        raise unsupported(
            "what goes in has no shape of batch, time and features: make a model with such an input"
        )
    return tuple(None if n is None else whole(n, "a size of the input") for n in value[1:])
