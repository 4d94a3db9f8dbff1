"""textgenrnn_layers: which layers a file of textgenrnn has, told by the names and the sizes of its arrays, or by the config in it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from rnnspec.importers.hdf5 import Hdf5, Numbers
from rnnspec.importers.keras_config import Architecture, Layer, read_architecture
from rnnspec.importers.keras_kinds import check_layers
from rnnspec.importers.keras_weights import FORWARD, Roles
from rnnspec.importers.net import Net
from rnnspec.importers.refusal import Refused, malformed, misfit, named, unsupported, wrong_option
from rnnspec.importers.textgenrnn_attention import AVERAGE
from rnnspec.importers.textgenrnn_files import Shapes
from rnnspec.json_reader import Value

# Of a net that reads labels beside the text; the text alone does not go through it.
CONTEXT: Final = "context_output"
MOST_LAYERS: Final = 64
_INNER: Final = re.compile(r"rnn(?:_(\d{1,3}))?")
_TWO: Final = re.compile(r"forward_rnn(?:_(\d{1,3}))?")
_BLOCKS: Final = {3: "GRU", 4: "LSTM"}


class Rnn(NamedTuple):
    """A recurrent layer: its number, the group that it stands in, the name within a Bidirectional."""

    number: int
    group: str
    inner: str | None


def recurrent_layers(file: Hdf5, base: str) -> list[Rnn]:
    """The recurrent layers in their order. Raises Refused for arrays of any other layer too."""
    known = {"embedding", "output", "attention", CONTEXT, "top_level_model_weights"}
    found = []
    for group in file.children(base):
        paths = file.arrays(f"{base}{group}")
        if group in known or not paths:
            continue
        parts = [part for path in paths for part in path[len(base) :].split("/")[1:]]
        alone = _INNER.fullmatch(group)
        both = next((match for part in parts if (match := _TWO.fullmatch(part))), None)
        match = alone or both
        if match is None:
            raise unsupported(
                f'the file has weights of a layer "{named(group)}", which no net of textgenrnn has: it was changed by a program'
            )
        inner = None if alone else match[0].removeprefix(FORWARD.strip() + "_")
        found.append(Rnn(int(match[1] or 1), group, inner))
    found.sort()
    if [rnn.number for rnn in found] != list(range(1, len(found) + 1)) or not found:
        raise malformed(
            f"the file has the recurrent layers {', '.join(str(rnn.number) for rnn in found) or 'none'}, and they must be 1, 2, …: "
            "one is missing; save the weights again"
        )
    if len(found) > MOST_LAYERS:
        raise Refused(
            "IMPORT_LIMIT",
            f"the file has more than {MOST_LAYERS} recurrent layers, which is the limit",
        )
    if len({rnn.inner is None for rnn in found}) > 1:
        raise unsupported(
            "some recurrent layers go in two directions and others in one: textgenrnn builds all of them alike"
        )
    return found


def as_built(
    rnns: Sequence[Rnn], attention: Mapping[str, Numbers], gates: str | None, net: Net
) -> tuple[Layer, ...]:
    """The layers as textgenrnn's program builds them for such weights. Raises Refused."""
    if not attention and (len(rnns) > 1 or rnns[0].inner is not None):
        raise malformed(
            f"the file has {len(rnns)} recurrent layers and no weights of the layer attention, which averages them: it was cut, "
            "or another program wrote it; with the JSON of the model as --config, --from keras reads it"
        )
    function = gates or ("sigmoid" if attention else "hard_sigmoid")
    if gates is None:
        why = (
            "as textgenrnn has them since it knows cuDNN"
            if attention
            else "as Keras 2.0 has them where a program says nothing, and as the first textgenrnn did not"
        )
        net.notes.assumed(f"gates with {function}, {why}; --recurrent-activation says otherwise")
    given: dict[str, Value] = {
        "recurrent_activation": function,
        "return_sequences": bool(attention),
    }
    layers = [Layer("InputLayer", "input", {}), Layer("Embedding", "embedding", {}, ("input",))]
    for rnn in rnns:
        below = (layers[-1].name,)
        if rnn.inner is None:
            layers.append(Layer("LSTM", rnn.group, given, below))
            continue
        # Both classes have the same arrays; which it is, their sizes say later.
        inside: dict[str, Value] = {"class_name": "LSTM", "config": {**given, "name": rnn.inner}}
        layers.append(
            Layer("Bidirectional", rnn.group, {"layer": inside, "merge_mode": "concat"}, below)
        )
    if attention:
        joined = tuple(layer.name for layer in layers[1:])
        layers.append(Layer("Concatenate", "rnn_concat", {}, joined))
        layers.append(Layer(AVERAGE, "attention", {}, ("rnn_concat",)))
    output: dict[str, Value] = {"activation": "softmax"}
    return (*layers, Layer("Dense", "output", output, (layers[-1].name,)))


def as_saved(
    config: Value, attention: Mapping[str, Numbers], gates: str | None
) -> tuple[Layer, ...]:
    """The layers as the config of a whole model says. Raises Refused."""
    if gates is not None:
        raise wrong_option(
            "--recurrent-activation: the file is a whole model and says it itself; leave it out"
        )
    layers = read_architecture(config).layers
    kinds = {layer.name: layer.kind for layer in layers}
    wanted = {"embedding": "Embedding", "attention": AVERAGE, "output": "Dense"}
    averages = [layer for layer in layers if layer.kind == AVERAGE]
    if any(kinds.get(name) != kind for name, kind in wanted.items()) or len(averages) > 1:
        raise unsupported(
            "the file is a whole model of other layers than textgenrnn's embedding, attention and output: give --from keras"
        )
    if not attention:
        raise malformed(
            "the config has the layer attention, and the file no weights of it: save the model again"
        )
    check_layers(Architecture(tuple(layer for layer in layers if layer.kind != AVERAGE), ()))
    return layers


def sized(
    layers: Sequence[Layer], weights: Mapping[str, Roles]
) -> tuple[tuple[Layer, ...], Shapes]:
    """The layers with the sizes that their arrays have, and these. Raises Refused."""
    found = []
    sizes: list[int] = []
    both, width = False, 0
    for layer in layers:
        roles = weights.get(layer.name, {})
        match layer.kind:
            case "Embedding":
                rows, width = _axes(roles["embeddings"], f"embeddings of {layer}")
                given = {"input_dim": float(rows), "output_dim": float(width)}
                found.append(replace(layer, config={**given, **layer.config}))
            case "Dense":
                _, size = _axes(roles["kernel"], f"kernel of {layer}")
                found.append(replace(layer, config={"units": float(size), **layer.config}))
            case "Bidirectional":
                both = True
                kind, size = _kind(roles[FORWARD + "recurrent_kernel"], layer)
                inner = layer.config["layer"]
                assert isinstance(inner, dict), "read before"
                config = inner["config"]
                assert isinstance(config, dict), "read before"
                sizes.append(size)
                inside: dict[str, Any] = {
                    **inner,
                    **({} if "units" in config else {"class_name": kind}),
                    "config": {"units": float(size), **config},
                }
                found.append(replace(layer, config={**layer.config, "layer": inside}))
            case "LSTM" | "GRU" | "CuDNNLSTM" | "CuDNNGRU":
                kind, size = _kind(roles["recurrent_kernel"], layer)
                kind = layer.kind if "units" in layer.config else kind
                sizes.append(size)
                config = {"units": float(size), **layer.config}
                found.append(replace(layer, kind=kind, config=config))
            case _:
                found.append(layer)
    if len(set(sizes)) != 1:
        raise unsupported(
            f"the recurrent layers have the sizes {', '.join(map(str, sizes)) or 'none'}: textgenrnn builds all of one size"
        )
    return tuple(found), Shapes(len(sizes), sizes[0], both, width)


def _axes(array: Numbers, what: str) -> tuple[int, int]:
    if array.ndim != 2:
        raise misfit(f"{what} is {list(array.shape)}, and two sizes are expected")
    return array.shape[0], array.shape[1]


def _kind(recurrent: Numbers, layer: Layer) -> tuple[str, int]:
    """The class and the size of a cell, which its recurrent kernel [H, gates·H] proves. Raises Refused."""
    size, wide = _axes(recurrent, f"recurrent_kernel of {layer}")
    if wide % size or wide // size not in _BLOCKS:
        raise misfit(
            f"recurrent_kernel of {layer} is {list(recurrent.shape)}: an LSTM has four blocks and a GRU three of its first size"
        )
    return _BLOCKS[wide // size], size
