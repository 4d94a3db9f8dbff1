"""tensorflowjs: layers models of TensorFlow.js, model.json and its shards. Without TensorFlow.js.

The topology is Keras 2's, and its layers compute what Keras 2's do: kernels [inputs, gates], LSTM in i, f, c, o, GRU in
z, r, h with the reset in front of the product, hard_sigmoid(x) = clip(0.2·x + 0.5, 0, 1). That is what gates of TensorFlow.js take where
nothing is said, in every version from 0.11 to 4.22; model.save always says it. The bias of unitForgetBias is in the weights.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from rnnspec.importers import ends
from rnnspec.importers.keras_ends import input_of, start_of, tell
from rnnspec.importers.keras_kinds import FUNCTIONS, IDLE, MERGES, check_layers
from rnnspec.importers.keras_layers import Walk
from rnnspec.importers.net import Net
from rnnspec.importers.pattern import ENDS, GATE_FUNCTIONS, Option, System, chosen
from rnnspec.importers.refusal import malformed, named, unsupported
from rnnspec.importers.result import Import, imported
from rnnspec.importers.source import Source, StrPath
from rnnspec.importers.tensorflowjs_parts import MODEL, Parts, is_model
from rnnspec.importers.tensorflowjs_roles import read_roles
from rnnspec.importers.tensorflowjs_topology import HARD, Topology, read_topology
from rnnspec.importers.tensorflowjs_weights import read_manifest
from rnnspec.json_reader import Value

GENERATIONS: Final = ("2", "3")
_LAYERS: Final = "layers-model"
_BESIDE: Final = ("trainingConfig", "userDefinedMetadata", "signature", "modelInitializer")


def read(
    path: Source | StrPath,
    *,
    input_kind: str | None = None,
    output_kind: str | None = None,
    vocabulary: StrPath | None = None,
    tokens: Sequence[str] | None = None,
    recurrent_activation: str = HARD,
    keras_version: str | None = None,
) -> Import:
    """The net in a model.json, in its folder, or in a zip of it.

    The options are those of `rnnspec import --list`. Raises Refused, and OSError where there is no file.
    """
    chosen("recurrent_activation", recurrent_activation, GATE_FUNCTIONS)
    if keras_version is not None:
        chosen("keras_version", keras_version, GENERATIONS)
    source = Source.of(path)
    net = Net(source)
    parts = Parts(source)
    _check_format(parts.members)
    generation = int(keras_version) if keras_version else None
    topology = read_topology(parts.members["modelTopology"], recurrent_activation, generation)
    check_layers(topology.architecture)
    start, architecture = start_of(topology.architecture, net.notes)
    manifest = read_manifest(parts.members["weightsManifest"], parts, source.limits, net.notes)
    weights = read_roles(manifest, architecture.layers)
    start = input_of(net, architecture, start, input_kind, vocabulary, tokens)
    walk = Walk(net, weights, topology.generation)
    flow = walk.run(architecture, start)
    if not net.layers:
        raise unsupported("no layer of the model computes anything")
    tell(net, walk, architecture, topology.writer)
    _tell(net, topology, recurrent_activation)
    beside = [name for name in _BESIDE if parts.members.get(name) is not None]
    if beside:
        net.notes.left_out(", ".join(beside))
    ends.close(net, flow.width, output_kind)
    return imported(SYSTEM.name, net)


def _check_format(members: Mapping[str, Value]) -> None:
    """Raises Refused for a graph model, and for half a model."""
    topology, said = members.get("modelTopology"), members.get("format")
    if said == "graph-model" or (isinstance(topology, dict) and "node" in topology):
        raise unsupported(
            "this is a graph model of TensorFlow.js, frozen, from which the layers are gone: import the Keras model that it "
            "was made of, or convert that with tensorflowjs_converter --output_format=tfjs_layers_model"
        )
    if said not in (None, _LAYERS):
        raise unsupported(
            f"the format is {named(str(said))}, and {_LAYERS} is read: save the model with model.save(…)"
        )
    if not isinstance(topology, dict):
        raise malformed(
            f"{MODEL} has no modelTopology, so it is weights alone: save the model with model.save(…)"
        )
    if not isinstance(members.get("weightsManifest"), list):
        raise malformed(
            f"{MODEL} has no weightsManifest, so it is a topology alone: save the model with model.save(…)"
        )


def _tell(net: Net, topology: Topology, recurrent: str) -> None:
    after = [layer for layer in net.layers if layer.get("reset") == "after"]
    if after:
        net.notes.understood(
            f"reset_after, computed as Keras does, in {len(after)} of the layers; TensorFlow.js refuses such a GRU"
        )
    if topology.defaulted:
        net.notes.assumed(
            f"{recurrent} in the gates of {', '.join(map(named, topology.defaulted[:8]))}, of which the file says nothing; "
            "--recurrent-activation says otherwise"
        )


SYSTEM: Final = System(
    name="tensorflowjs",
    title="Layers models of TensorFlow.js",
    reads=(
        "a model.json with modelTopology and weightsManifest, and the files of weights beside it",
        "the folder of them, or a zip of it",
    ),
    versions=(
        "TensorFlow.js 0.11 to 4.22, as model.save writes them",
        "Keras 2 models, as tensorflowjs_converter writes them",
    ),
    carries=(
        "Sequential, and Functional with one input and one output",
        "SimpleRNN, LSTM, GRU, and RNN of their cells, stacked or not; go_backwards, Bidirectional",
        "Embedding, Dense, TimeDistributed, BatchNormalization, LayerNormalization",
        f"{', '.join(FUNCTIONS)}",
        f"{', '.join(MERGES)}",
        "maskZero and Masking, as the lengths of a call",
        "weights of uint8, uint16 and float16, in any number of groups and shards",
        f"{', '.join(IDLE)}: left out",
        "GRUs with reset_after, which TensorFlow.js itself refuses",
    ),
    refuses=(
        "graph models, which are frozen TensorFlow",
        "every other layer, by its name: convolutions, attention, models in models",
        "layers used twice, several inputs or outputs, states that go from layer to layer",
        "masks of TensorFlow.js before 0.14, and Softmax layers behind masks",
    ),
    limits=("256 MiB, also when unpacked and as float32",),
    options=(
        *ENDS,
        Option(
            name="recurrent_activation",
            choices=GATE_FUNCTIONS,
            help="what the gates of an LSTM or GRU compute with where the file does not say it",
        ),
        Option(
            name="keras_version",
            choices=GENERATIONS,
            help="whose hard_sigmoid it is in a file that Keras 3 wrote; TensorFlow.js computes that of Keras 2",
        ),
    ),
    recognise=is_model,
    read=read,
)
