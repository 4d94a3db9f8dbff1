"""nam: the .nam files of Neural Amp Modeler whose architecture is LSTM.

All weights stand in one list. For each layer: the matrix [4H, I + H] row by row, columns of x first, gates i, f, g, o; the
bias; the h and the c that it begins with. Then the weights of the head, and its bias.
"""

import re
from collections.abc import Mapping
from typing import Final

from rnnspec.importers import arrays
from rnnspec.importers.arrays import Float64
from rnnspec.importers.net import LSTM, Net
from rnnspec.importers.pattern import Option, System
from rnnspec.importers.refusal import malformed, misfit, named, unsupported, wrong_option
from rnnspec.importers.result import Import, imported
from rnnspec.importers.source import Source, StrPath
from rnnspec.json_reader import Value

_MEMBERS: Final = {"version", "architecture", "config", "weights", "sample_rate", "metadata"}
_SIZES: Final = ("num_layers", "input_size", "hidden_size")
_MINOR: Final = ("5", "6", "7")  # of versions 0.x, which NAM's own reader takes too
_MOST_LAYERS: Final = 256
RATE: Final = Option(
    name="sample_rate",
    metavar="STEPS",
    type=float,
    help="steps a second, of a file that does not say it (default: the file's own)",
)


def recognise(source: Source) -> bool:
    """An object that names an architecture, and has a list of weights. Other architectures too: `read` names them."""
    members = None if source.is_folder else source.json_object()
    return {"architecture", "weights"} <= set(members or {})


def read(path: Source | StrPath, *, sample_rate: float | None = None) -> Import:
    """The net in a .nam file.

    The option is that of `rnnspec import --list`. Raises Refused, and OSError where there is no file.
    """
    net = Net(Source.of(path))
    value = net.source.json()
    if not isinstance(value, dict):
        raise malformed("the file is no object: export the model from NAM again")
    architecture, config = value.get("architecture"), value.get("config")
    if not isinstance(architecture, str):
        raise malformed("the file names no architecture: export the model from NAM again")
    if architecture != "LSTM":
        raise unsupported(
            f"the architecture is {named(architecture)}, and LSTM alone is carried: train the amplifier again in NAM as an LSTM"
        )
    _judge_version(value.get("version"))
    layers, width, hidden = _sizes(config)
    weights = arrays.from_lists(value.get("weights", []), "weights")
    heights = [width, *[hidden] * (layers - 1)]
    count = sum(4 * hidden * (inputs + hidden) + 6 * hidden for inputs in heights) + hidden + 1
    if weights.shape != (count,):
        raise misfit(
            f"weights is {list(weights.shape)}, and {layers} layers of {hidden} over {width} ask for [{count}]: the file is cut or "
            "damaged; export the model from NAM again"
        )
    net.input = {
        "kind": "features",
        "size": width,
        **rate(net, value.get("sample_rate"), sample_rate),
    }
    net.output = {"kind": "values"}
    parts = _parts(weights, heights, hidden)
    narrow = arrays.rounded(parts, net.notes)
    for k in range(layers):
        roles = {role: narrow[f"{role} of layer {k + 1}"] for role in ("W", "R", "b", "h0", "c0")}
        net.layer("lstm", hidden_size=hidden, activations=LSTM, **roles)
    net.layer("dense", size=1, W=narrow["W of the head"], b=narrow["b of the head"])
    net.notes.understood(
        f"{layers} {'layer' if layers == 1 else 'layers'} of {hidden}, each with the state that it begins with, and a head"
    )
    net.notes.changed("the list of weights cut into matrices, and these transposed")
    net.notes.assumed(
        "sigmoid and tanh themselves; a plugin that switches NAM's fast tanh on gives something else"
    )
    net.notes.assumed(
        "the first sample meets the stored state; NAM's plugin runs half a second of silence before it, which a caller can do too"
    )
    _leave_out(net, value)
    return imported(SYSTEM.name, net)


def _judge_version(version: Value) -> None:
    if not isinstance(version, str) or not re.fullmatch(
        r"[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}", version
    ):
        raise malformed("the file has no version such as 0.5.4: export the model from NAM again")
    major, minor, _ = version.split(".")
    if major != "0" or minor not in _MINOR:
        raise unsupported(
            f"the file is of version {version}, and 0.5 to 0.7 are read: export the model with another NAM"
        )


def _sizes(config: Value) -> tuple[int, int, int]:
    """Layers, features that go in, hidden size. Raises Refused."""
    if not isinstance(config, dict):
        raise malformed("the file has no config: export the model from NAM again")
    found = []
    for name in _SIZES:
        most = _MOST_LAYERS if name == "num_layers" else 65_536
        size = config.get(name)
        if type(size) is not float or not size.is_integer() or not 1 <= size <= most:
            raise malformed(
                f"{name} in the config is no whole number from 1 to {most:,}: export the model from NAM again"
            )
        found.append(int(size))
    layers, width, hidden = found
    # Newer files may say what older ones leave open; then it must be what is computed here.
    known = {"in_channels": width, "out_channels": 1}
    for name, value in config.items():
        if name not in _SIZES and (name not in known or value != known[name]):
            raise unsupported(
                f"the config has a member {named(name)} that means nothing here: export the model as a plain LSTM of one channel"
            )
    return layers, width, hidden


def rate(net: Net, says: Value, given: float | None) -> dict[str, float]:
    """The sample rate, which the file says or an option gives, as a member of `input`. Raises Refused."""
    if says is not None and (not isinstance(says, float) or not 0.001 <= says <= 1e9):
        raise malformed(
            "the sample rate in the file is no number of steps a second, from 0.001 to 1,000,000,000: export the model again"
        )
    if given is not None and not 0.001 <= given <= 1e9:
        raise wrong_option("--sample-rate: expected steps a second, from 0.001 to 1,000,000,000")
    if says is None and given is None:
        net.notes.assumed(
            "no sample rate, for the file has none; older files are mostly for 48,000, and --sample-rate 48000 says so"
        )
        return {}
    if says is not None and given not in {None, says}:
        raise wrong_option(f"--sample-rate {given:g}: the file says {says:g}")
    steps = says or given or 0
    net.notes.understood(f"{steps:,g} steps a second")
    return {"sample_rate": steps}


def _parts(weights: Float64, heights: list[int], hidden: int) -> dict[str, Float64]:
    """The list, cut; matrices as [inputs, outputs]."""
    parts = {}
    at = 0

    def take(*shape: int) -> Float64:
        nonlocal at
        size = shape[0] * (shape[1] if len(shape) == 2 else 1)
        at += size
        return weights[at - size : at].reshape(shape)

    for k, inputs in enumerate(heights):
        both = take(4 * hidden, inputs + hidden).T
        parts[f"W of layer {k + 1}"], parts[f"R of layer {k + 1}"] = both[:inputs], both[inputs:]
        parts[f"b of layer {k + 1}"] = take(4 * hidden)
        parts[f"h0 of layer {k + 1}"] = take(hidden)
        parts[f"c0 of layer {k + 1}"] = take(hidden)
    parts["W of the head"] = take(hidden, 1)
    parts["b of the head"] = take(1)
    return parts


def _leave_out(net: Net, value: Mapping[str, Value]) -> None:
    metadata = value.get("metadata")
    names = sorted(metadata) if isinstance(metadata, dict) else []
    other = [*sorted(set(value) - _MEMBERS), *(f"metadata.{name}" for name in names)]
    if other:
        shown = ", ".join(map(named, other[:8])) + (" and more" if len(other) > 8 else "")
        net.notes.left_out(f"{shown}; none of it is computed with")


SYSTEM: Final = System(
    name="nam",
    title="Amplifiers of Neural Amp Modeler that are LSTMs",
    reads=("a .nam file",),
    versions=("files of version 0.5 to 0.7",),
    carries=(
        "the architecture LSTM, of one layer or more, with its head",
        "the state that each layer begins with",
        "the sample rate",
    ),
    refuses=(
        "every other architecture: WaveNet, ConvNet, Linear, …",
        "members of the config that it does not know",
    ),
    limits=("256 MiB", "10,000,000 numbers", f"{_MOST_LAYERS} layers"),
    options=(RATE,),
    recognise=recognise,
    read=read,
)
