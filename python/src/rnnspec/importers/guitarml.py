"""guitarml: the JSON of GuitarML's trainer (CoreAudioML's SimpleRNN), and what AIDA-X makes of it for its plugins.

GuitarML writes a state_dict with PyTorch's names, AIDA-X RTNeural's list of layers and more members. Both add `skip` channels of the
input to the output; AIDA-X has gains in dB besides, and may hold what the net gave while it was trained.
"""

import math
import re
from collections.abc import Mapping
from typing import Final

import numpy as np

from rnnspec.importers import arrays
from rnnspec.importers.arrays import Float64
from rnnspec.importers.guitarml_layers import Chain, channels, keras_layers, torch_layers
from rnnspec.importers.nam import RATE, rate
from rnnspec.importers.net import Net
from rnnspec.importers.pattern import Notes, Option, System, chosen
from rnnspec.importers.refusal import Refused, malformed, misfit, named
from rnnspec.importers.result import Import, imported
from rnnspec.importers.sizes import SIZES, check_sizes
from rnnspec.importers.source import Source, StrPath
from rnnspec.json_reader import Value

# What AIDA-X has and RTNeural has not.
_MORE: Final = {
    "in_skip",
    "in_gain",
    "out_gain",
    "samplerate",
    "metadata",
    "input_batch",
    "output_batch",
}
_COMPUTED: Final = {*_MORE, "in_shape", "layers", "model_data", "state_dict"} - {"metadata"}
_MOST_WORK: Final = 200_000_000  # multiplications to compare with a batch: a second or so
_MOST_NUMBERS: Final = 10_000_000  # of a batch
_BATCH: Final = Option(
    name="batch",
    choices=("check", "ignore"),
    help="input_batch and output_batch in the file: compare with them and keep them as an example, or leave them out",
)


def recognise(source: Source) -> bool:
    """An object with model_data, or with RTNeural's members and one more of AIDA-X."""
    members = None if source.is_folder else source.json_object()
    has = set(members or {})
    return isinstance((members or {}).get("model_data"), dict) or bool(
        {"in_shape", "layers"} <= has and _MORE & has
    )


def read(
    path: Source | StrPath,
    *,
    sample_rate: float | None = None,
    batch: str = "check",
    sizes: str | None = None,
) -> Import:
    """The net in a JSON file of GuitarML or AIDA-X.

    The options are those of `rnnspec import --list`. Raises Refused, and OSError where there is no file.
    """
    chosen("batch", batch, _BATCH.choices)
    net = Net(Source.of(path))
    value = net.source.json()
    if not isinstance(value, dict):
        raise malformed("the file is no object: export the net again")
    chain = Chain(net, gain=_gain(value, "in_gain"))
    if "model_data" in value:
        skip = torch_layers(chain, value)
    else:
        keras_layers(chain, value)
        skip = channels(value.get("in_skip") or 0.0, "in_skip")
    net.input = {"kind": "features", "size": chain.inputs}
    check_sizes(net, sizes)
    chain.skip(skip)
    out_gain = _gain(value, "out_gain")
    chain.gain(out_gain)
    width = chain.inputs
    net.input = {"kind": "features", "size": width, **rate(net, _says(value), sample_rate)}
    net.output = {"kind": "values"}
    if width > 1:
        net.notes.assumed(
            f"of the {width} features a step the first is the sound, and the others are the knobs, as they were given in training"
        )
    net.notes.assumed(
        "zeros as the state that a call begins with; give the state of a call to the next one"
    )
    other = sorted(set(value) - _COMPUTED)
    if other:
        net.notes.left_out(", ".join(map(named, other[:8])))
    given = _batches(value, chain)
    keep = given is not None and batch == "check" and not chain.has_gains
    if given is not None and not keep:
        why = "they were taken before the gains" if batch == "check" else "as you said"
        net.notes.left_out(f"input_batch and output_batch: {why}")
    found = imported(SYSTEM.name, net)
    return _compared(found, *given) if given is not None and keep else found


def _gain(value: Mapping[str, Value], name: str) -> float:
    """A gain in dB as a factor; −90 and below is silence, as in the plugin. Raises Refused."""
    gain = value.get(name)
    if gain is None:
        return 1.0
    if not isinstance(gain, float) or abs(gain) > 200:
        raise malformed(f"{name} is no number of dB: export the net again")
    return float(np.float32(math.pow(10, gain / 20))) if gain > -90 else 0.0


def _says(value: Mapping[str, Value]) -> Value:
    """The sample rate that the file says, in one of two places, as a number or as the text of one."""
    metadata = value.get("metadata")
    inner = metadata.get("samplerate") if isinstance(metadata, dict) else None
    says = value.get("samplerate") if inner is None else inner
    if not isinstance(says, str):
        return says
    return float(says) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", says) else math.nan


def _batches(value: Mapping[str, Value], chain: Chain) -> tuple[Float64, Float64] | None:
    """What went in, [T, features], and came out, [T, channels], while the net was trained; cut where it would take long.

    Raises Refused.
    """
    if value.get("input_batch") is None and value.get("output_batch") is None:
        return None
    sizes = {"input_batch": chain.inputs, "output_batch": chain.width}
    found = {name: arrays.from_lists(value.get(name), name) for name in sizes}
    for name, batch in found.items():
        if batch.ndim not in {1, 2}:
            raise misfit(f"{name} is {list(batch.shape)}: a list of steps is expected")
    if len(found["input_batch"]) != len(found["output_batch"]):
        raise misfit(
            f"input_batch has {len(found['input_batch'])} steps, and output_batch {len(found['output_batch'])}: export the net again"
        )
    work = sum(tensor["data"].size for tensor in chain.net.tensors.values())
    most = max(1, min(_MOST_WORK // work, _MOST_NUMBERS // max(sizes.values())))
    for name, size in sizes.items():
        batch = found[name][:most]
        if batch.ndim == 1:
            # The trainer writes the sound alone, and takes all knobs for 0.
            knobs = size - 1 if name == "input_batch" else 0
            batch = np.pad(batch[:, None], ((0, 0), (0, knobs)))
        if batch.shape[1] != size:
            raise misfit(f"{name} is {list(batch.shape)}, and {size} a step are expected")
        found[name] = batch
    return found["input_batch"], found["output_batch"]


def _compared(found: Import, given: Float64, output: Float64) -> Import:
    """With the batch as an example. Raises Refused where the net gives something else."""
    narrow = arrays.rounded({"input_batch": given, "output_batch": output}, Notes())
    try:
        return found.with_reference(
            narrow["input_batch"],
            narrow["output_batch"],
            "GuitarML's trainer",
            "of unknown version",
        )
    except Refused as refused:
        if refused.code != "IMPORT_MISMATCH":
            raise
        raise Refused(
            refused.code,
            f"{refused}; the file's own input_batch and output_batch show it, and --batch ignore imports the net without them",
        ) from None


SYSTEM: Final = System(
    name="guitarml",
    title="JSON of GuitarML's trainer, and of AIDA-X",
    reads=(
        "a JSON file with model_data and state_dict",
        "a JSON or .aidax file with in_shape, layers, and in_skip, a gain, samplerate, metadata or a batch",
    ),
    versions=("SimpleRNN of CoreAudioML since 2020", "AIDA-X since 2023"),
    carries=(
        "LSTM, GRU and RNN, of one layer or more, with one dense layer behind",
        "skip and in_skip: channels of the input added to the output",
        "knobs as further features",
        "in_gain and out_gain",
        "input_batch and output_batch, as a reference example",
    ),
    refuses=(
        "RecNet, GatedConvNet, and every other model",
        "conv1d, batchnorm, prelu, and every other layer",
        "more channels skipped than come out",
    ),
    limits=("256 MiB", "10,000,000 numbers", "256 layers"),
    options=(
        RATE,
        _BATCH,
        SIZES,
    ),
    recognise=recognise,
    read=read,
)
