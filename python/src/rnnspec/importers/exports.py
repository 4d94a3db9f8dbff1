"""Exports: the systems that models go to, as `rnnspec export --list` and docs/importers.md tell of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from rnnspec.importers.npz import to_npz
from rnnspec.importers.to_c_header import to_c_header
from rnnspec.importers.to_nam import VERSION, to_nam
from rnnspec.importers.to_onnx import to_onnx
from rnnspec.importers.to_rtneural import to_rtneural


@dataclass(frozen=True, kw_only=True)
class Target:
    """A system that models go to. Texts are phrases without a full stop."""

    name: str  # of --to
    title: str
    writes: str
    carries: tuple[str, ...]
    refuses: tuple[str, ...]
    options: tuple[str, ...] = ()  # of the command line, that it has
    tells: bool = False  # `write` takes `notes`
    write: Callable[..., bytes] = field(repr=False)


_CHAIN: Final = (
    "skips, merges, layer_norm, and layers that do not read the one before",
    "reverse and bidirectional layers, final outputs, last_step",
    "clips, peepholes, coupled gates, projections, other activations in a cell",
)

TARGETS: Final = {
    target.name: target
    for target in (
        Target(
            name="onnx",
            title="A graph that ONNX Runtime runs",
            writes="an .onnx file of operator set 17; vocabularies and decoding as its metadata",
            carries=("all layers; states as inputs and outputs",),
            refuses=(
                "projections, clips of the cell, full peepholes, an input gate made of the forget gate",
                "hard_tanh in a cell",
            ),
            options=("lengths",),
            write=to_onnx,
        ),
        Target(
            name="npz",
            title="A model of this format as numpy arrays",
            writes="an .npz file, which numpy.load reads and rnnspec import brings back",
            carries=("every model",),
            refuses=("nothing",),
            write=to_npz,
        ),
        Target(
            name="rtneural",
            title="JSON for RTNeural's json_parser, as its scripts make it of a Keras model",
            writes="a JSON file with in_shape and layers",
            carries=(
                "lstm, gru with reset after, dense, affine, one behind the other",
                "tanh, relu, sigmoid, softmax, and elu with alpha 1",
            ),
            refuses=(
                *_CHAIN,
                "tokens, elman, gru with reset before, other activations",
                "initial states that are not zeros, for RTNeural begins with zeros",
            ),
            tells=True,
            write=to_rtneural,
        ),
        Target(
            name="nam",
            title="An amplifier for Neural Amp Modeler",
            writes=f"a .nam file of version {VERSION}, architecture LSTM",
            carries=(
                "lstm layers of one size, and a dense layer of 1 behind them",
                "the states that they begin with, the sample rate, the name",
            ),
            refuses=(*_CHAIN, "tokens, more than one channel in or out, every other layer"),
            tells=True,
            write=to_nam,
        ),
        Target(
            name="c-header",
            title="A C header that plays the net with kernel/ alone",
            writes="C11 that is C++17 too: weights with exact bits, and functions that pack and run them",
            carries=(
                "elman, lstm, gru, dense, affine of up to 64, activations, one behind the other",
                "features and tokens, embedding and one_hot, initial states",
            ),
            refuses=_CHAIN,
            options=("name",),
            tells=True,
            write=to_c_header,
        ),
    )
}
