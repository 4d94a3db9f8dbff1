"""kerasjs: models of keras-js, a protobuf or a buffer with its metadata, of Keras 2 and Keras 1. Without keras-js.

The layers compute what Keras' do: LSTM in i, f, c, o, GRU in z, r, h with the reset before the product,
hard_sigmoid(x) = clip(0.2·x + 0.5, 0, 1), which is also what its gates take where nothing is said.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from rnnspec.importers import ends, kerasjs_keras1
from rnnspec.importers.hdf5 import Numbers
from rnnspec.importers.keras_config import Architecture, Layer, read_architecture
from rnnspec.importers.keras_ends import input_of, start_of, tell
from rnnspec.importers.keras_kinds import check_layers
from rnnspec.importers.keras_layers import Walk
from rnnspec.importers.keras_weights import Roles, parts_of, role_of
from rnnspec.importers.kerasjs_files import MOST, File, Weight, is_protobuf, read_file, stem_of
from rnnspec.importers.net import Net
from rnnspec.importers.pattern import ENDS, System
from rnnspec.importers.refusal import malformed, named, unsupported
from rnnspec.importers.result import Import, imported
from rnnspec.importers.source import Source, StrPath
from rnnspec.json_reader import Value

_GATED: Final = ("LSTM", "GRU")
_HARD: Final = "hard_sigmoid"
_SLOPE_OF: Final = 2  # the generation of Keras whose hard sigmoid it is


def recognise(source: Source) -> bool:
    """A Model of protobuf with the config of a Keras model; or that config, or the metadata, with a buffer beside it."""
    if source.is_folder:
        return False
    if stem_of(source) is not None:
        return source.data().lstrip(b" \t\r\n")[:1] in (b"{", b"[")
    return is_protobuf(source.data())


def read(
    path: Source | StrPath,
    *,
    input_kind: str | None = None,
    output_kind: str | None = None,
    vocabulary: StrPath | None = None,
    tokens: Sequence[str] | None = None,
) -> Import:
    """The net in X.bin, or in X.json with X_weights.buf and X_metadata.json beside it.

    The options are those of `rnnspec import --list`. Raises Refused, and OSError where there is no file.
    """
    net = Net(Source.of(path))
    file = read_file(net.source)
    first = _of_keras_1(file)
    config = kerasjs_keras1.in_keras_2(file.config) if first else file.config
    architecture, defaulted = _gates(read_architecture(config))
    check_layers(architecture)
    start, architecture = start_of(architecture, net.notes)
    weights = _weights(file.weights, architecture.layers, first)
    start = input_of(net, architecture, start, input_kind, vocabulary, tokens)
    walk = Walk(net, weights, _SLOPE_OF)
    flow = walk.run(architecture, start)
    if not net.layers:
        raise unsupported("no layer of the model computes anything")
    tell(net, walk, architecture, f"Keras {file.version}" if file.version else None)
    if first:
        net.notes.changed("a weight for each gate of Keras 1 joined to one for all")
    if any(weight.quantised for weight in file.weights):
        net.notes.changed("weights of 8 bits widened to float32 as keras-js does")
    if defaulted:
        net.notes.assumed(
            f"{_HARD} in the gates of {', '.join(map(named, defaulted[:8]))}, of which the config says nothing, as keras-js "
            "takes it"
        )
    if walk.mask is not None:
        net.notes.assumed("the mask is at work, as in Keras; keras-js itself passes over it")
    ends.close(net, flow.width, output_kind)
    return imported(SYSTEM.name, net)


def _of_keras_1(file: File) -> bool:
    """Whether the model is in the words of Keras 1. Raises Refused for a version that keras-js never knew."""
    if file.version is None:
        return any("_W" in weight.name or "_U_" in weight.name for weight in file.weights)
    generation = file.version.partition(".")[0]
    if generation not in {"1", "2"}:
        raise unsupported(
            f"the model is of Keras {named(file.version)}, and keras-js reads those of Keras 1 and 2"
        )
    return generation == "1"


def _gates(architecture: Architecture) -> tuple[Architecture, list[str]]:
    """With hard sigmoids where a cell says nothing of its gates, and the names of these layers."""
    found: list[str] = []

    def told(config: dict[str, Value], kind: Value, name: str) -> dict[str, Value]:
        if kind not in _GATED or "recurrent_activation" in config:
            return config
        found.append(name)
        return {**config, "recurrent_activation": _HARD}

    layers = []
    for layer in architecture.layers:
        config = told(dict(layer.config), layer.kind, layer.name)
        inner = config.get("layer")
        if isinstance(inner, dict) and isinstance(inner.get("config"), dict):
            within = inner["config"]
            assert isinstance(within, dict), "just seen"
            config["layer"] = {
                **inner,
                "config": told(dict(within), inner.get("class_name"), layer.name),
            }
        layers.append(replace(layer, config=config))
    return replace(architecture, layers=tuple(layers)), found


def _weights(given: Sequence[Weight], layers: Sequence[Layer], first: bool) -> dict[str, Roles]:
    """The arrays of each layer by their roles; every weight has its place. Raises Refused."""
    learned = {layer.name: layer for layer in layers if parts_of(layer)}
    of_layer: dict[str, dict[str, Weight]] = {name: {} for name in learned}
    for weight in given:
        if weight.layer not in of_layer:
            shown = ", ".join(map(named, list(learned)[:8])) or "none"
            raise unsupported(
                f"{weight} belongs to no layer of the config, whose layers with weights are {shown}: config and weights are of "
                "different models"
            )
        if weight.name in of_layer[weight.layer]:
            raise malformed(f"{weight} is there twice: convert the model again")
        of_layer[weight.layer][weight.name] = weight
    found = {}
    for name, layer in learned.items():
        arrays: dict[str, Numbers] = {k: w.values() for k, w in of_layer[name].items()}
        roles = kerasjs_keras1.roles_of(layer, arrays) if first else _roles(layer, arrays)
        wanted = {part.prefix + role for part in parts_of(layer) for role in part.roles}
        missing = sorted(wanted - set(roles))
        if missing:
            raise malformed(
                f"{layer} has no {missing[0]} in the file: convert the model again, with its weights"
            )
        found[name] = roles
    return found


def _roles(layer: Layer, given: dict[str, Numbers]) -> Roles:
    """By the names of Keras 2. Raises Refused."""
    wanted = {part.prefix + role for part in parts_of(layer) for role in part.roles}
    roles: Roles = {}
    for name, array in given.items():
        role = role_of(name.split("/"), both=layer.kind == "Bidirectional")
        if role not in wanted or role in roles:
            raise unsupported(
                f'{layer} has a weight "{named(name)}" that such a layer has not: it was changed by a program, or the weights '
                "belong to another model"
            )
        roles[role] = array
    return roles


SYSTEM: Final = System(
    name="kerasjs",
    title="Models of keras-js",
    reads=(
        "a .bin file, which its encoder.py writes of Keras 2 models",
        "X.json with X_weights.buf and X_metadata.json beside it, of its first versions",
    ),
    versions=("keras-js 0.0 to 1.0", "models of Keras 2, and of Keras 1"),
    carries=(
        "SimpleRNN, LSTM, GRU, go_backwards, Bidirectional, Embedding, Dense, TimeDistributed, TimeDistributedDense",
        "of Keras 2 all that the importer keras carries",
        "weights of 8 bits, widened as keras-js does",
    ),
    refuses=(
        "pointers of Git LFS in the place of a file",
        "weights and configs of different models",
        f"of Keras 1 all layers but {', '.join(kerasjs_keras1.CARRIED)}",
    ),
    limits=("256 MiB, also as float32", f"{MOST:,} weights"),
    options=ENDS,
    recognise=recognise,
    read=read,
)
