"""Which features of section 17.2 a document needs, found from its words; a faulty one has some of them too."""

from collections.abc import Iterator
from typing import Any

from conformance.oracle.finding import FaultError, Limits
from conformance.oracle.layer_structure import RECURRENT
from conformance.oracle.reader import parse
from conformance.oracle.values import plain
from conformance.report import FULL

SIGMOID, TANH = {"function": "sigmoid"}, {"function": "tanh"}
USUAL = {
    "elman": TANH,
    "lstm": {"gates": SIGMOID, "candidate": TANH, "output": TANH},
    "gru": {"gates": SIGMOID, "candidate": TANH},
}
DTYPES = {"float16", "bfloat16", "int8"}
# A member of a layer, and the feature that knows it.
MEMBERS = {
    "inputs": "inputs",
    "clip": "clip",
    "cell_clip": "cell_clip",
    "peephole": "peephole",
    "coupled": "coupled",
    "projection_size": "projection",
    "projection_clip": "projection",
}
# What full_features() looks for, as it stands in a document without escapes.
OTHERS = ("direction", "merge", "axis", "scale", "ctc", "blank", "_reverse")
WORDS = tuple(word.encode() for word in (*FULL, *MEMBERS, *OTHERS))


def features_of_value(document: dict[str, Any], *, is_json: bool) -> list[str]:
    """Of a document as the oracle's reader or a plain reader of JSON gives it."""
    tensors = objects(document.get("tensors"))
    vocabularies = objects(document.get("vocabularies"))
    layers = [layer for layer in document["layers"] if isinstance(layer, dict)]
    found = ["json" if is_json else "msgpack"]
    found += sorted({str(entry.get("dtype")) for entry in tensors} & DTYPES)
    if any("extensions" in entry for entry in [document, *layers, *vocabularies, *tensors]):
        found.append("extensions")
    found += sorted({str(entry.get("unit")) for entry in vocabularies} & {"byte", "token"})
    for layer in layers:
        found += [f for f in dict.fromkeys(features_of_layer(layer)) if f not in found]
    decoding = document.get("decoding", {})
    if {"top_k", "top_p"} & set(decoding):
        found.append("top_k_top_p")
    if decoding.get("mode") == "ctc":
        found.append("ctc")
    return found


def features_of_layer(layer: dict[str, Any]) -> Iterator[str]:
    """What a runtime must know for one layer."""
    kind = layer["type"]
    if kind == "activation":
        whole = layer["function"] in ("softmax", "log_softmax")
        yield layer["function"] if whole else "activations"
    else:
        yield kind
    if USUAL.get(kind) != layer.get("activation", layer.get("activations")):
        yield "activations"
    if layer.get("output") == "final":
        yield "final"
    if any(role.startswith(("h0", "c0")) for role in layer.get("parameters", {})):
        yield "initial_state"
    yield from full_features_of_layer(layer)


def full_features_of_layer(layer: dict[str, Any]) -> Iterator[str]:
    """Those of the profile `full`; the layer may be faulty."""
    if layer.get("type") in FULL:
        yield str(layer["type"])
    for member, feature in MEMBERS.items():
        if member in layer:
            yield feature
    direction = layer.get("direction")
    if direction == "bidirectional" or "merge" in layer:
        yield "bidirectional"
    elif "direction" in layer and layer.get("type") in RECURRENT:
        yield "reverse"


def full_features(data: bytes) -> list[str]:
    """The features of the profile `full` that a document with findings has words of.

    A runtime without them has other findings there, or finds them elsewhere.
    """
    if b"\\" not in data and not any(word in data for word in WORDS):
        return []  # the oracle takes long, and there are documents of megabytes
    try:
        value, _ = parse(data, Limits())
    except FaultError:
        return []
    document = plain(value)
    if not isinstance(document, dict):
        return []
    found: list[str] = []
    for layer in document.get("layers", []) if isinstance(document.get("layers"), list) else []:
        if isinstance(layer, dict):
            found += full_features_of_layer(layer)
    for entry in objects(document.get("tensors")):
        if entry.get("dtype") in FULL:
            found.append(str(entry["dtype"]))
        elif {"axis", "scale"} & set(entry):
            found.append("int8")
    decoding = document.get("decoding")
    if isinstance(decoding, dict) and (decoding.get("mode") == "ctc" or "blank" in decoding):
        found.append("ctc")
    found += ["bidirectional" for array in arrays(document) if array.endswith("_reverse")]
    return list(dict.fromkeys(found))


def arrays(document: dict[str, Any]) -> Iterator[str]:
    """The names of arrays in the states of examples, and in a saved state."""
    examples = document.get("examples")
    holders = [document, *(examples if isinstance(examples, list) else [])]
    for holder in holders:
        if isinstance(holder, dict):
            for part in ("state", "final_state"):
                for layer in objects(holder.get(part)):
                    yield from layer


def objects(value: Any) -> list[dict[str, Any]]:  # noqa: ANN401 — faulty documents hold anything
    """The members of a table that are objects."""
    members = value.values() if isinstance(value, dict) else ()
    return [member for member in members if isinstance(member, dict)]
