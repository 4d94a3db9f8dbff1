"""brainjs: the JSON of toJSON() of brain.js's recurrent nets, RNN and GRU, over text and over time steps.

Matrices are {rows, columns, weights}, [outputs, inputs]. What goes in is a row of `input`, or numbers. With x what the layer
before gives, and h what this one gave,

    RNN  h' = relu(weight · x + transition · h + bias)
    GRU  z = sigmoid(updateGate…), r = sigmoid(resetGate…)
         h' = (1 − z) · tanh(cellWriteInputMatrix · x + cellWriteHiddenMatrix · (r · h) + cellWriteBias) + z · h

Its LSTM has h where an LSTM has its cell: h' = sigmoid(o) · tanh(sigmoid(f) · h + sigmoid(i) · tanh(g)). No layer computes that.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from rnnspec.importers import arrays, ends
from rnnspec.importers.arrays import Float64
from rnnspec.importers.brainjs_text import token_input
from rnnspec.importers.net import LSTM, Net
from rnnspec.importers.pattern import OUTPUT, OWN_VOCABULARY, TOKENS, System
from rnnspec.importers.refusal import malformed, misfit, named, unsupported, wrong_option
from rnnspec.importers.result import Import, imported
from rnnspec.importers.source import Source, StrPath
from rnnspec.json_reader import Value

_RECURRENT: Final = {"hiddenLayers", "outputConnector", "output"}
_OTHERS: Final = (
    {"layers", "inputLookup", "outputLookup"},
    {"layers", "sizes", "trainOpts"},
    {"layers", "inputLayerIndex", "outputLayerIndex"},
)
_GATES: Final = ("resetGate", "updateGate", "cellWrite")  # r, z, n, in the order of SPEC 8
# The matrices of a layer: from its input, from what it gave before, and the bias; a line for each block of columns.
_ROLES: Final[Mapping[str, tuple[tuple[str, str, str], ...]]] = {
    "RNN": (("weight", "transition", "bias"),),
    "GRU": tuple((f"{gate}InputMatrix", f"{gate}HiddenMatrix", f"{gate}Bias") for gate in _GATES),
}
_OF_LSTM: Final = "cellActivationMatrix"
_MOST_LAYERS: Final = 256
_WIDEST: Final = 65_536
_STEPS: Final = "TimeStep"
_AGAIN: Final = "save the net again, with JSON.stringify(net.toJSON())"


def recognise(source: Source) -> bool:
    """An object with brain.js's matrices; or a feed-forward net of brain.js, which is then refused by its name."""
    members = None if source.is_folder else source.json_object()
    return set(members or {}) >= _RECURRENT or _is_other(members or {})


def _is_other(members: Mapping[str, Value]) -> bool:
    """Whether it is a NeuralNetwork, of 1.0 or later, or a net of the layer API."""
    return any(set(members) >= has for has in _OTHERS)


def read(
    path: Source | StrPath,
    *,
    output_kind: str | None = None,
    vocabulary: StrPath | None = None,
    tokens: Sequence[str] | None = None,
) -> Import:
    """The net in a JSON file of brain.js.

    The options are those of `rnnspec import --list`. Raises Refused, and OSError where there is no file.
    """
    net = Net(Source.of(path))
    value = net.source.json()
    if not isinstance(value, dict):
        raise malformed(f"the file is no object: {_AGAIN}")
    if not set(value) >= _RECURRENT:
        if _is_other(value):
            raise unsupported(
                "this is a net of brain.js without recurrent layers, or one of its layer API: brain.recurrent.RNN, GRU, "
                "RNNTimeStep and GRUTimeStep are carried"
            )
        raise malformed(f"the file has not {', '.join(sorted(_RECURRENT))}: {_AGAIN}")
    layers = value["hiddenLayers"]
    if not isinstance(layers, list) or not 1 <= len(layers) <= _MOST_LAYERS:
        raise malformed(f"hiddenLayers is no list of 1 to {_MOST_LAYERS} layers: {_AGAIN}")
    kind = _kind(layers)
    found = [_layer(layer, kind, f"layer {k + 1}") for k, layer in enumerate(layers)]
    width = len(found[0]["W"])
    table = _matrix(value["input"], "input") if "input" in value else None
    # brain.js 1.2 to 1.4 wrote the place where a time step's numbers go, with random numbers in it.
    idle = table is not None and table.shape == (width, 1)
    if table is None or idle:
        _check_type(value.get("type"), kind + _STEPS, net)
        if idle:
            net.notes.left_out("input, in whose place the numbers of a time step come")
        if vocabulary is not None or tokens is not None:
            raise wrong_option(
                "a net over time steps reads numbers and has no vocabulary: leave it out"
            )
        names = _names(value, "inputLookup", width, "names")
        net.input = {"kind": "features", "size": width, **names}
    else:
        _check_type(value.get("type"), kind, net)
        if table.shape[1] != width:
            raise misfit(f"input is {list(table.shape)}, and layer 1 reads {width}: {_AGAIN}")
        token_input(net, value.get("options"), len(table), vocabulary, tokens)
        E = arrays.rounded({"input": table}, net.notes)["input"]
        net.layer("embedding", size=width, E=E)
    size = _cells(net, kind, found)
    out = _head(net, value, size)
    _told(net, kind, value.get("options"), [len(layer["R"]) for layer in found])
    ends.finish(net, out, output_kind)
    if net.input["kind"] == "features":
        net.output = {**net.output, **_names(value, "outputLookup", out, "labels")}
    return imported(SYSTEM.name, net)


def _kind(layers: Sequence[Value]) -> str:
    """RNN or GRU, by the names of the matrices: the name of the class may be minified. Raises Refused."""
    for number, layer in enumerate(layers):
        if not isinstance(layer, dict):
            raise malformed(f"layer {number + 1} is no object of matrices: {_AGAIN}")
        if _OF_LSTM in layer:
            raise unsupported(
                "brain.js's LSTM keeps no cell: it computes h' = sigmoid(o) · tanh(sigmoid(f) · h + sigmoid(i) · tanh(g)), with h in the "
                "place of the cell, which is no LSTM, and no layer of this format: train brain.recurrent.GRU instead"
            )
    first = layers[0]
    assert isinstance(first, dict), "looked at above"
    for kind, roles in _ROLES.items():
        if roles[0][0] in first:
            return kind
    shown = ", ".join(named(name) for name in list(first)[:8])
    raise unsupported(
        f"layer 1 has the matrices {shown}, which are of no RNN and no GRU of brain.js"
    )


def _check_type(given: Value, shown: str, net: Net) -> None:
    """Raises Refused where the class that the file names is another one than its matrices show."""
    known = [f"{name}{steps}" for name in (*_ROLES, "LSTM") for steps in ("", _STEPS)]
    if given in known and given != shown:
        raise malformed(
            f"the file says {given}, and its matrices are those of {shown}: the file was changed by hand; {_AGAIN}"
        )
    net.notes.understood(
        shown if given == shown else f"{shown}, by its matrices; the file does not name that class"
    )


def _layer(layer: Value, kind: str, what: str) -> dict[str, Float64]:
    """W, R and b as SPEC 8 has them, blocks of columns side by side. Raises Refused."""
    assert isinstance(layer, dict), "looked at before"
    roles = _ROLES[kind]
    wanted = {name for block in roles for name in block}
    for name in layer:
        if name not in wanted:
            raise unsupported(f"{what} has a matrix {named(name)}, which no {kind} of brain.js has")
    for name in sorted(wanted - set(layer)):
        raise malformed(f"{what} has no {name}: {_AGAIN}")
    blocks = [[_matrix(layer[name], f"{name} of {what}") for name in block] for block in roles]
    size, width = blocks[0][0].shape
    for names, matrices in zip(roles, blocks, strict=True):
        shapes = ((size, width), (size, size), (size, 1))
        for name, matrix, shape in zip(names, matrices, shapes, strict=True):
            if matrix.shape != shape:
                raise misfit(
                    f"{name} of {what} is {list(matrix.shape)}, and {list(shape)} is expected: the file was joined from two, or changed by hand"
                )
    W, R, b = (np.concatenate([block[k] for block in blocks]).T for k in range(3))
    return {"W": W, "R": R, "b": b[0]}


def _matrix(value: Value, name: str) -> Float64:
    """{rows, columns, weights}, where weights is a list, or an object "0", "1", … as Float32Arrays became. Raises Refused."""
    if not isinstance(value, dict) or not {"rows", "columns", "weights"} <= set(value):
        raise malformed(f"{name} is no object of rows, columns and weights: {_AGAIN}")
    shape = arrays.shape_of([value["rows"], value["columns"]], name)
    if max(shape) > _WIDEST:
        raise misfit(f"{name} is {list(shape)}, and at most {_WIDEST:,} are read")
    count = math.prod(shape)
    weights = value["weights"]
    if isinstance(weights, dict) and len(weights) == count:
        weights = [weights.get(str(k), False) for k in range(count)]  # false is no number
    if not isinstance(weights, list) or len(weights) != count:
        raise misfit(f"{name} is {list(shape)}, and has not {count} weights: {_AGAIN}")
    if None in weights:
        raise malformed(
            f"{name} holds null, which is what JSON makes of NaN: the training diverged; train again with a smaller learningRate"
        )
    return arrays.from_lists(weights, name).reshape(shape)


def _cells(net: Net, kind: str, layers: Sequence[Mapping[str, Float64]]) -> int:
    """The recurrent layers; gives the width of what comes out. Raises Refused."""
    width = len(layers[0]["W"])
    for k, layer in enumerate(layers):
        if len(layer["W"]) != width:
            raise misfit(
                f"layer {k + 1} reads {len(layer['W'])}, and {width} come out of the one before: the file was joined from two"
            )
        width = len(layer["R"])
        parts = arrays.rounded(layer, net.notes)
        if kind == "RNN":
            relu = {"function": "relu"}
            net.layer("elman", hidden_size=width, activation=relu, **parts)
        else:
            gates = {name: LSTM[name] for name in ("gates", "candidate")}
            net.layer("gru", hidden_size=width, reset="before", activations=gates, **parts)
    return width


def _head(net: Net, value: Mapping[str, Value], width: int) -> int:
    """The layer that gives the logits, or the numbers; gives its width. Raises Refused."""
    W, b = (_matrix(value[name], name) for name in ("outputConnector", "output"))
    size = len(W)
    for name, matrix, shape in (
        ("outputConnector", W, (size, width)),
        ("output", b, (size, 1)),
    ):
        if matrix.shape != shape:
            raise misfit(f"{name} is {list(matrix.shape)}, and {list(shape)} is expected: {_AGAIN}")
    net.layer("dense", size=size, **arrays.rounded({"W": W.T, "b": b[:, 0]}, net.notes))
    return size


def _told(net: Net, kind: str, options: Value, sizes: Sequence[int]) -> None:
    what = "relu, as brain.js has it" if kind == "RNN" else "reset before the product"
    net.notes.understood(f"{' and '.join(map(str, sizes))} units of {kind}, {what}")
    net.notes.changed("matrices transposed to [inputs, outputs]")
    net.notes.assumed("zeros as the state that a call begins with, as in brain.js's run()")
    members = options if isinstance(options, dict) else {}
    said = members.get("hiddenLayers", members.get("hiddenSizes"))
    if isinstance(said, list) and said != sizes:
        net.notes.assumed(
            "the sizes of the matrices; options.hiddenLayers says others, as some versions write it"
        )


def _names(value: Mapping[str, Value], table: str, width: int, member: str) -> dict[str, list[str]]:
    """The keys of the objects that the net was trained with, where each is one feature. Raises Refused."""
    keys = value.get(table)
    if not isinstance(keys, dict) or len(keys) != width:
        return {}  # none; or keys that are steps, of a net that reads one number a step
    by_place = {place: key for key, place in keys.items() if isinstance(place, float)}
    if set(by_place) != set(range(width)):
        raise malformed(f"{table} does not give each key a place of its own: {_AGAIN}")
    return {member: [by_place[k] for k in range(width)]}


SYSTEM: Final = System(
    name="brainjs",
    title="JSON of brain.js's recurrent nets",
    reads=("a JSON file of net.toJSON(), with hiddenLayers, outputConnector and output",),
    versions=(
        "brain.js 1.0 to 1.6, whose weights are objects with keys",
        "brain.js 2.0 betas, whose weights are lists",
    ),
    carries=(
        "recurrent.RNN, whose function is relu, and recurrent.GRU, of one layer or more",
        "the characters or words of their dataFormatter; id 0 starts and ends a text",
        "recurrent.RNNTimeStep and GRUTimeStep, over numbers; the keys of objects as names",
    ),
    refuses=(
        "recurrent.LSTM and LSTMTimeStep, which have no cell",
        "NeuralNetwork and everything else that is not recurrent",
        "halves of characters beyond U+FFFF, into which brain.js cuts them",
    ),
    limits=(
        "256 MiB",
        "10,000,000 numbers",
        "2,097,152 numbers in a matrix with keys",
        f"{_MOST_LAYERS} layers",
    ),
    options=(OUTPUT, OWN_VOCABULARY, TOKENS),
    recognise=recognise,
    read=read,
)
