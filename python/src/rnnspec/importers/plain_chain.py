"""plain_chain: what the exporters of small players share: nets of plain forward layers, one behind the other.

RTNeural, Neural Amp Modeler and the kernel compute such nets alone, sample by sample. What a net has beyond that is refused
here, with its place in the document and what can be done.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from rnnspec.importers.pattern import Document, Notes
from rnnspec.importers.refusal import Refused, named, not_carried
from rnnspec.model import (
    ActivationLayer,
    ElmanLayer,
    FeatureInput,
    GruLayer,
    Layer,
    LstmLayer,
    Model,
    RecurrentLayer,
    default_inputs,
)
from rnnspec.tensor import Float32, tiny

_ELSEWHERE: Final = "export it with --to onnx"
# The activations of a plain cell, by their place in the layer.
_USUAL: Final = {"gates": "sigmoid", "candidate": "tanh", "output": "tanh"}
_OPTIONS: Final = {
    "clip": "train it without clip, which is a limit on what goes into the gates",
    "peephole": "train it without peepholes",
    "coupled": "write both gates out: i = 1 − f has no weights of its own here, so train it with four",
    "cell_clip": "train it without cell_clip",
    "projection_size": "multiply the projection into the matrices behind it before, or train it without",
}


def lacks(model: Model, k: int, system: str, what: str, advice: str) -> Refused:
    """Layer k of the model has something that the system has not."""
    layer = model.layers[k]
    return not_carried(
        f'the layer "{named(layer.name)}" (/layers/{k}) can\'t go over: {system} has {what}; {advice}'
    )


def check(model: Model, system: str, known: Sequence[str]) -> None:
    """Raises Refused for layers that do not stand one behind the other, or are none of the types that are known.

    Whether each has only what is plain, is judged too: of recurrent layers everything.
    """
    for k, layer in enumerate(model.layers):
        if layer.type not in known:
            raise lacks(model, k, system, f"no {layer.type}, only {', '.join(known)}", _ELSEWHERE)
        if layer.inputs != default_inputs(model.layers, k):
            read = ", ".join(map(named, layer.inputs))
            what = f"layers one behind the other alone, and this one reads {read}"
            raise lacks(model, k, system, what, _ELSEWHERE)
        if isinstance(layer, RecurrentLayer):
            _check_cell(model, k, layer, system)


def _check_cell(model: Model, k: int, layer: RecurrentLayer, system: str) -> None:
    """Raises Refused for a cell that is not the plain one."""
    if layer.direction not in {None, "forward"}:
        what = f"no direction {layer.direction}: it computes while the input arrives"
        raise lacks(model, k, system, what, "train it forward")
    if layer.output == "final":
        what = "an output for every step, and no output final"
        raise lacks(
            model, k, system, what, "let the layer give its sequence, and take the last of it"
        )
    for option, advice in _OPTIONS.items():
        if getattr(layer, option, None) is not None:
            raise lacks(model, k, system, f"no {option} in a cell", advice)
    if isinstance(layer, ElmanLayer):
        given = {"activation": layer.activation.function}
        usual = {"activation": "tanh"}
    else:
        given = {role: one.function for role, one in layer.activations.items()}
        usual = {role: _USUAL[role] for role in given}
    for role, function in given.items():
        if function != usual[role]:
            where = "" if role == "activation" else f" of {role}"
            what = f"{usual[role]} alone as the activation{where} in a cell, and this is {function}"
            raise lacks(model, k, system, what, f"train it with {usual[role]}")


def check_features(model: Model, system: str) -> FeatureInput:
    """What goes in. Raises Refused for tokens."""
    if isinstance(model.input, FeatureInput):
        return model.input
    raise not_carried(
        f"the input (/input) can't go over: {system} reads numbers, and this net ids of the vocabulary "
        f'"{named(model.input.vocabulary)}"; {_ELSEWHERE}, or take the vocabulary and its first layer out and feed vectors'
    )


def parameters(model: Model, layer: Any) -> dict[str, Float32]:  # noqa: ANN401  any layer with parameters
    """Role → values after T, widened to float32: what the net computes with."""
    return {role: tiny(model.tensors[name].values) for role, name in layer.parameters.items()}


def bias(given: Mapping[str, Float32]) -> Float32:
    """b, or zeros, which are the same."""
    return given["b"] if "b" in given else np.zeros(given["W"].shape[1], np.float32)


def width_of(layer: Layer, before: int, given: Mapping[str, Float32]) -> int:
    """How wide a layer's output is that reads one so wide."""
    if isinstance(layer, ElmanLayer | LstmLayer | GruLayer):
        return layer.hidden_size
    return int(given["W"].shape[1]) if "W" in given else before


def is_identity(layer: Layer) -> bool:
    """A layer that gives what it reads: numbers are after T already."""
    return isinstance(layer, ActivationLayer) and layer.function == "linear"


def shortest(array: Float32) -> Any:  # noqa: ANN401  nested lists of floats
    """Numbers after T as JSON writes them shortest; read as binary64 and rounded to binary32 they come back.

    (The one binary32 whose shortest decimal does not, 7.038531e-26, is zero after T.)
    """
    return array.astype("S").astype(np.float64).tolist()


def tell_what_is_lost(model: Model, notes: Notes, kept: Sequence[str]) -> None:
    """A note on what the model has beside its numbers, and the other system has no place for.

    `kept` are those that the other system keeps, such as name and input.sample_rate.
    """
    members: dict[str, Any] = {
        name: getattr(model, name)
        for name in ("name", "version", "description", "license", "metadata", "vocabularies")
    }
    for part in ("input", "output"):
        given: Document = getattr(model, part).members()
        members |= {
            f"{part}.{name}": value for name, value in given.items() if name not in {"kind", "size"}
        }
    for name in ("decoding", "examples", "extensions"):
        members[name] = getattr(model, name)
    lost = [name for name, value in members.items() if value is not None and name not in kept]
    if lost:
        notes.left_out(f"{', '.join(lost)}; none of it changes what is computed")
