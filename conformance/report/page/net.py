"""A net as boxes: what a drawing and its words are made from.

It takes any JSON-like value and shows what it recognises: a case may be about a document that is no valid
model.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.report.visible import short

STATES = {"elman": "h", "gru": "h", "lstm": "h, c"}
SHOWN = 10  # layers; of more, the first and the last
NAME = 40


@dataclass(frozen=True)
class Box:
    """A layer, the input or the output; `loop` names its state, `wire` is the shape of what comes out."""

    kind: str  # input, layer, output, gap
    title: str
    lines: tuple[str, ...] = ()
    loop: str = ""
    wire: str = ""


def boxes(document: object) -> list[Box]:
    """From the input to the output; empty if there is no list of layers."""
    top = _object(document)
    layers = top.get("layers")
    if not isinstance(layers, list) or not layers:
        return []
    first, width = _input(top)
    found = [first]
    time = True
    for entry in layers:
        layer = _object(entry)
        time = time and layer.get("output") != "final" and layer.get("type") != "last_step"
        width = _width(layer, width)
        found.append(_layer(layer, _object(top.get("tensors")), _wire(width, time=time)))
    if len(layers) > SHOWN:
        half = SHOWN // 2
        gap = Box("gap", f"… {len(layers) - SHOWN} more layers …", wire=found[-half - 1].wire)
        found[1 + half : -half] = [gap]
    return [*found, _output(top)]


def _input(top: Mapping[str, Any]) -> tuple[Box, str]:
    """The box, and the width of what comes out of it."""
    given = _object(top.get("input"))
    if given.get("kind") == "tokens":
        name = given.get("vocabulary")
        vocabulary = _object(_object(top.get("vocabularies")).get(str(name)))
        tokens = vocabulary.get("tokens")
        width = f"{len(tokens):,}" if isinstance(tokens, list) else "V"
        line = f"vocabulary {_word(name)}: {width} of unit {_word(vocabulary.get('unit'))}"
        return Box("input", "input: token ids", (line,), wire="[N, T]"), width
    width = _word(given.get("size"))
    return Box("input", "input: features", (f"size {width}",), wire=f"[N, T, {width}]"), width


def _width(layer: Mapping[str, Any], before: str) -> str:
    size = layer.get("hidden_size", layer.get("size"))
    return before if size is None else _word(size)


def _wire(width: str, *, time: bool) -> str:
    return f"[N, T, {width}]" if time else f"[N, {width}]"


def _layer(layer: Mapping[str, Any], tensors: Mapping[str, Any], wire: str) -> Box:
    type_ = _word(layer.get("type"))
    lines = [
        f"{member} {_word(layer[member])}"
        for member in ("hidden_size", "size", "reset", "output")
        if member in layer
    ]
    lines = [" · ".join(lines)] if lines else []
    if "activation" in layer:
        lines.append(f"activation {_activation(layer['activation'])}")
    for role, activation in _object(layer.get("activations")).items():
        lines.append(f"{short(role, NAME)} {_activation(activation)}")
    if "function" in layer:
        lines.append(_activation(layer))
    lines += [
        f"{short(role, NAME)} {_tensor(_object(tensors.get(str(name))))}"
        for role, name in _object(layer.get("parameters")).items()
    ]
    title = f"{type_} “{_word(layer.get('name'))}”"
    return Box("layer", title, tuple(lines), STATES.get(type_, ""), wire)


def _activation(value: object) -> str:
    activation = _object(value)
    constants = [
        f"{name} = {_word(activation[name])}" for name in ("alpha", "beta") if name in activation
    ]
    return _word(activation.get("function")) + (f" ({', '.join(constants)})" if constants else "")


def _tensor(tensor: Mapping[str, Any]) -> str:
    shape, dtype = tensor.get("shape"), tensor.get("dtype")
    sizes = [_word(size) for size in shape[:4]] if isinstance(shape, list) else ["?"]
    return f"[{', '.join(sizes)}]" + ("" if dtype == "float32" else f" {_word(dtype)}")


def _output(top: Mapping[str, Any]) -> Box:
    output, decoding = _object(top.get("output")), _object(top.get("decoding"))
    lines = []
    if "vocabulary" in output:
        lines.append(f"vocabulary {_word(output['vocabulary'])}")
    if isinstance(output.get("labels"), list):
        lines.append(f"{len(output['labels'])} labels")
    if decoding:
        named = [f"{name} {_word(decoding[name])}" for name in list(decoding)[:4]]
        lines.append(f"decoding: {', '.join(named)}")
    return Box("output", f"output: {_word(output.get('kind'))}", tuple(lines))


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _word(value: object) -> str:
    """A string or number as it stands; anything else as a question mark."""
    match value:
        case bool() | None:
            return "?"
        case str():
            return short(value, NAME)
        case float() if value.is_integer() and abs(value) < 1e15:
            return f"{int(value)}"
        case int() | float():
            return f"{value:.9g}" if isinstance(value, float) else short(str(value), NAME)
    return "?"
