"""keras_ends: what goes into a Keras model, and what is told of one: for keras, and for the systems that write its layers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from rnnspec.importers import ends
from rnnspec.importers.hdf5 import Numbers
from rnnspec.importers.keras_config import Architecture, Layer
from rnnspec.importers.keras_layers import Flow, Walk
from rnnspec.importers.keras_weights import Roles
from rnnspec.importers.net import Net
from rnnspec.importers.pattern import Notes
from rnnspec.importers.refusal import malformed, named, unsupported, wrong_option
from rnnspec.importers.source import StrPath


def start_of(architecture: Architecture, notes: Notes) -> tuple[Flow, Architecture]:
    """What goes in; a Reshape that makes steps of it is taken off. Raises Refused."""
    shape = architecture.shape
    head, *layers = architecture.layers
    readers = [layer for layer in layers if head.name in layer.inputs]
    if len(readers) == 1 and readers[0].kind == "Reshape":
        shape = _reshaped(readers[0], shape)
        notes.changed(
            f"{readers[0]} is left to the caller: give {' × '.join('T' if n is None else str(n) for n in shape)} numbers a row"
        )
        layers = [
            replace(
                layer, inputs=tuple(head.name if n == readers[0].name else n for n in layer.inputs)
            )
            for layer in layers
            if layer is not readers[0]
        ]
        if not layers:
            raise unsupported("no layer of the model computes anything")
    return Flow("input", shape), Architecture((head, *layers), shape)


def _reshaped(layer: Layer, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
    """The steps that a Reshape makes of one row of numbers. Raises Refused."""
    target = layer.config.get("target_shape")
    known = isinstance(target, list) and len(target) == 2 and len(shape) == 1
    sizes = [int(n) for n in target if isinstance(n, float)] if isinstance(target, list) else []
    if not known or len(sizes) != 2 or sizes[1] < 1:
        raise unsupported(
            f"{layer} does not make steps and features of one row of numbers: give the model sequences"
        )
    steps, width = sizes
    count = shape[0]
    if count is not None and (count % width or steps not in {-1, count // width}):
        raise malformed(
            f"{layer} does not fit the {count} numbers that go in: save the model again"
        )
    return (None if steps == -1 else steps, width)


def input_of(
    net: Net,
    architecture: Architecture,
    start: Flow,
    input_kind: str | None,
    vocabulary: StrPath | None,
    tokens: Sequence[str] | None,
) -> Flow:
    """The input of the net: ids where an Embedding reads it, else features. Raises Refused; OSError for an option's file."""
    head, *layers = architecture.layers
    tables = [n for n in layers if n.kind == "Embedding" and head.name in n.inputs]
    readers = [layer for layer in layers if head.name in layer.inputs]
    if tables:
        if len(readers) > 1:
            raise unsupported(
                f"the ids are read by {tables[0]} and by other layers: one Embedding alone can read them"
            )
        if input_kind == "features":
            raise wrong_option("--input-kind features: the net reads ids, by which it chooses rows")
        ends.token_input(net, tables[0].size("input_dim"), vocabulary, tokens)
        return start
    if len(start.shape) != 2 or start.shape[1] is None:
        raise unsupported(
            f"what goes in has the shape {[*start.shape]} besides the batch: a model here reads steps with a fixed number "
            "of features, or ids that an Embedding reads"
        )
    ends.plain_input(net, start.width, input_kind or "features", vocabulary, tokens)
    if input_kind is None:
        net.notes.assumed(
            f"{start.width} features a step go in; --input-kind tokens, if they are one-hot vectors of tokens"
        )
    return replace(start, name=net.layers[-1]["name"]) if net.layers else start


# --- what is told ---------------------------------------------------------------------------------------------


def tell(net: Net, walk: Walk, architecture: Architecture, writer: str | None) -> None:
    """The notes on a net that is written; `writer` is a program and its version, if the file says it."""
    notes = net.notes
    kinds = [layer.kind for layer in architecture.layers[1:]]
    notes.understood(
        f"{', '.join(map(named, kinds[:8]))}{f' and {len(kinds) - 8} more' if len(kinds) > 8 else ''}"
        + (f", of {named(writer)}" if writer else "")
    )
    if any(layer["type"] == "gru" for layer in net.layers):
        notes.changed(
            "gates of GRUs from z, r, h to r, z, n; two biases added up where one is kept"
        )
    if walk.cudnn:
        notes.changed(f"{_few(walk.cudnn)}: from cuDNN's layout")
    if walk.folded:
        notes.changed(f"{_few(walk.folded)}: mean and variance folded into a factor and a term")
    if walk.narrow:
        notes.changed(
            f"the net computed in {', '.join(sorted(walk.narrow))}; here it computes in float32"
        )
    if walk.mask is not None:
        notes.changed(
            "the mask is the lengths of a call: leave out masked steps and give lengths; a step past a length does not exist "
            "here, where Keras repeats an output"
        )
    if walk.stateful:
        notes.changed(f"{_few(walk.stateful)}, stateful: give the state of a call to the next one")
    steps = architecture.shape[0]
    if steps is not None:
        notes.changed(
            f"a row may have any number of steps; it had {steps} there, so where shorter ones were padded, pad them as before"
        )
    if walk.idle:
        notes.left_out(f"{_few(walk.idle)}: at work in training alone")


def tell_rounding(notes: Notes, weights: Mapping[str, Roles]) -> None:
    """One note, if a number is not one of float32."""
    if any(_rounds(array) for roles in weights.values() for array in roles.values()):
        notes.changed("numbers rounded from 64 to 32 bits")


def _rounds(array: Numbers) -> bool:
    return bool((array != array.astype(np.float32)).any())


def _few(found: Sequence[str]) -> str:
    return ", ".join(map(named, found[:8])) + (
        f" and {len(found) - 8} more" if len(found) > 8 else ""
    )
