"""keras: models of Keras 2 and 3, as .keras, as whole-model .h5, and as weights with a config beside them. Without Keras.

The config says which layers there are and in what order, and the arrays are found by it. No class or function that it
names is looked up, and of HDF5 nothing is read but attributes of text and plain arrays.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from rnnspec.importers import ends
from rnnspec.importers.hdf5 import MAGIC, Hdf5
from rnnspec.importers.keras_config import read_architecture
from rnnspec.importers.keras_ends import input_of, start_of, tell, tell_rounding
from rnnspec.importers.keras_kinds import FUNCTIONS, IDLE, MERGES, check_layers
from rnnspec.importers.keras_layers import Walk
from rnnspec.importers.keras_weights import read_weights
from rnnspec.importers.net import Net
from rnnspec.importers.pattern import ENDS, Option, System, chosen
from rnnspec.importers.refusal import ask, malformed, named, unsupported, wrong_option
from rnnspec.importers.result import Import, imported
from rnnspec.importers.source import Source, StrPath, json_value
from rnnspec.importers.zips import ENTRIES, Zip
from rnnspec.json_reader import Value

GENERATIONS: Final = ("2", "3")
_ZIP: Final = b"PK\3\4"
_WEIGHTS: Final = "model.weights.h5"


class _File(NamedTuple):
    """What was given: the config, the bytes with the weights, the version of Keras that wrote them."""

    config: Value
    hdf5: bytes
    version: str | None
    whole: bool  # config and weights come from one file


def recognise(source: Source) -> bool:
    """An HDF5 file, or a .keras file."""
    if source.is_folder:
        return False
    data = source.data()
    return data.startswith(MAGIC) or (data.startswith(_ZIP) and _WEIGHTS.encode() in data)


def read(
    path: Source | StrPath,
    *,
    input_kind: str | None = None,
    output_kind: str | None = None,
    vocabulary: StrPath | None = None,
    tokens: Sequence[str] | None = None,
    config: StrPath | None = None,
    keras_version: str | None = None,
) -> Import:
    """The net in a .keras or .h5 file.

    The options are those of `rnnspec import --list`. Raises Refused, and OSError where there is no file.
    """
    source = Source.of(path)
    net = Net(source)
    if keras_version is not None:
        chosen("keras_version", keras_version, GENERATIONS)
    data = source.data()
    packed = _unpacked(source, data) if data.startswith(_ZIP) else None
    hdf5 = packed.hdf5 if packed else data
    if not hdf5.startswith(MAGIC):
        raise malformed(
            f"{named(source.path.name)} is neither a .keras file nor HDF5: give what model.save wrote"
        )
    with Hdf5(hdf5, source.path.name, source.limits) as file:
        given = packed or _from_hdf5(file, source, config, data)
        if packed and config is not None:
            raise wrong_option("--config: a .keras file has its own config; leave it out")
        generation = _generation(given, keras_version)
        architecture = read_architecture(given.config)
        check_layers(architecture)
        start, architecture = start_of(architecture, net.notes)
        weights = read_weights(file, architecture.layers, named_too=given.whole)
    start = input_of(net, architecture, start, input_kind, vocabulary, tokens)
    walk = Walk(net, weights, generation)
    flow = walk.run(architecture, start)
    if not net.layers:
        raise unsupported("no layer of the model computes anything")
    tell(net, walk, architecture, f"Keras {given.version}" if given.version else None)
    tell_rounding(net.notes, weights)
    ends.close(net, flow.width, output_kind)
    return imported(SYSTEM.name, net)


# --- what the file says ---------------------------------------------------------------------------------------


def _unpacked(source: Source, data: bytes) -> _File:
    """The parts of a .keras file. Raises Refused."""
    archive = Zip(data, source.path.name, source.limits)
    for name in ("config.json", _WEIGHTS):
        if name not in archive.entries:
            raise malformed(
                f'{named(source.path.name)} has no "{name}", so it is no whole model: save it with model.save("….keras")'
            )
    metadata: Value = {}
    if "metadata.json" in archive.entries:
        metadata = json_value(archive.data("metadata.json"), "metadata.json", source.limits)
    version = metadata.get("keras_version") if isinstance(metadata, dict) else None
    config = json_value(archive.data("config.json"), "config.json", source.limits)
    return _File(
        config, archive.data(_WEIGHTS), version if isinstance(version, str) else None, True
    )


def _from_hdf5(file: Hdf5, source: Source, path: StrPath | None, data: bytes) -> _File:
    """The config, which stands in the file, or is given as an option. Raises Refused; OSError for the option's file."""
    inside = file.text("", "model_config")
    version = file.text("", "keras_version") or file.text("model_weights", "keras_version")
    if inside is not None:
        if path is not None:
            raise wrong_option("--config: the file has a config of its own; leave it out")
        return _File(
            json_value(inside.encode(), "model_config", source.limits), data, version, True
        )
    if path is None:
        raise ask(
            f"{named(source.path.name)} has weights alone, and no shape tells activations, order and directions: give "
            "--config FILE with what model.to_json() gives, or save the whole model"
        )
    beside = Path(path)
    config = json_value(Source(beside, source.limits).data(), beside.name, source.limits)
    said = config.get("keras_version") if isinstance(config, dict) else None
    return _File(config, data, version or (said if isinstance(said, str) else None), False)


def _generation(given: _File, option: str | None) -> int | None:
    """2 or 3. Raises Refused."""
    found = re.match(r"(\d{1,4})\.", given.version or "")
    if found is None:  # to_json() of Keras 3 does not say
        return int(option) if option else None
    if found[1] not in GENERATIONS:
        raise unsupported(
            f"Keras {named(str(given.version))} wrote the file, and Keras 2 and 3 are read: load it there, and save it again"
        )
    if option not in {None, found[1]}:
        raise wrong_option(
            f"--keras-version {option}: Keras {named(str(given.version))} wrote the file"
        )
    return int(found[1])


SYSTEM: Final = System(
    name="keras",
    title="Models of Keras 2 and 3; without Keras and TensorFlow, with h5py",
    reads=(
        "a .keras file",
        "an .h5 or .hdf5 file of a whole model",
        "one of weights alone, with the JSON of the model as --config",
    ),
    versions=("Keras 2.0 to 2.15 and tf.keras", "Keras 3"),
    carries=(
        "Sequential, and Functional with one input and one output",
        "SimpleRNN, LSTM, GRU, reset_after or not, go_backwards, CuDNNLSTM, CuDNNGRU and their layout",
        "Bidirectional: concat, sum, mul, ave",
        "Embedding, Dense, TimeDistributed, BatchNormalization, LayerNormalization",
        f"{', '.join(FUNCTIONS)}",
        f"{', '.join(MERGES)}",
        "mask_zero and Masking, as the lengths of a call",
        "a first Reshape, left to the caller",
        f"{', '.join(IDLE)}: left out",
    ),
    refuses=(
        "every other layer, by its name: convolutions, attention, models in models, Lambda",
        "layers used twice, several inputs or outputs, states that go from layer to layer",
        "quantised weights; HDF5 links, external, virtual and compressed data",
    ),
    limits=("256 MiB, also when unpacked", f"{ENTRIES:,} entries of a zip"),
    options=(
        *ENDS,
        Option(
            name="config",
            metavar="FILE",
            help="JSON of the model, as model.to_json() gives it, for a file of weights alone",
        ),
        Option(
            name="keras_version",
            choices=GENERATIONS,
            help="which Keras wrote the weights (default: as the file says); hard_sigmoid differs",
        ),
    ),
    recognise=recognise,
    read=read,
)
