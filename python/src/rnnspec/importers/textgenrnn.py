"""textgenrnn: weights of minimaxir/textgenrnn in HDF5, with its vocabulary and its config beside them.

An embedding, recurrent layers over it, one over the other, all of them joined, an average over the steps of a window whose
weights are a softmax, and an output layer. The first nets have one LSTM, and its last output, in the place of the join and the average.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from rnnspec.importers import ends, textgenrnn_files
from rnnspec.importers.hdf5 import MAGIC, Hdf5, Numbers
from rnnspec.importers.keras_config import Architecture
from rnnspec.importers.keras_layers import Flow
from rnnspec.importers.keras_weights import read_weights
from rnnspec.importers.net import Net
from rnnspec.importers.pattern import GATE_FUNCTIONS, VOCABULARY, Option, System, chosen
from rnnspec.importers.refusal import Refused, malformed, misfit, named
from rnnspec.importers.result import Import, imported
from rnnspec.importers.source import Source, StrPath, json_value
from rnnspec.importers.textgenrnn_attention import AveragingWalk
from rnnspec.importers.textgenrnn_layers import (
    CONTEXT,
    MOST_LAYERS,
    as_built,
    as_saved,
    recurrent_layers,
    sized,
)

_KERAS: Final = 2  # the generation that all of its hard sigmoids are of
_WHOLE: Final = "model_weights"  # where a whole model has its weights


def recognise(source: Source) -> bool:
    """HDF5 with the weights of an embedding, an output, and an attention or one layer `rnn`."""
    if source.is_folder or not source.data().startswith(MAGIC):
        return False
    try:
        with Hdf5(source.data(), source.path.name, source.limits) as file:
            base = _base(file)
            if not all(file.has(f"{base}{name}/{name}") for name in ("embedding", "output")):
                return False
            if _weights_of_attention(file, base):
                return True
            # One layer alone says little: a whole model of these names says itself what it is.
            return not base and file.has("rnn/rnn")
    except Refused:
        return False


def read(
    path: Source | StrPath,
    *,
    vocabulary: StrPath | None = None,
    config: StrPath | None = None,
    recurrent_activation: str | None = None,
) -> Import:
    """The net in X_weights.hdf5, with X_vocab.json and X_config.json beside it.

    The options are those of `rnnspec import --list`. Raises Refused, and OSError where there is no file.
    """
    net = Net(Source.of(path))
    if recurrent_activation is not None:
        chosen("recurrent_activation", recurrent_activation, GATE_FUNCTIONS)
    with Hdf5(net.source.data(), net.source.path.name, net.source.limits) as file:
        base = _base(file)
        rnns = recurrent_layers(file, base)
        attention = _attention(file, base)
        inside = file.text("", "model_config")
        if inside is None:
            layers = as_built(rnns, attention, recurrent_activation, net)
        else:
            whole = json_value(inside.encode(), "model_config", net.source.limits)
            layers = as_saved(whole, attention, recurrent_activation)
        weights = read_weights(file, layers, named_too=False)
        extra = file.arrays(f"{base}{CONTEXT}")
    layers, shapes = sized(layers, weights)
    words = textgenrnn_files.read_config(net.source, config, shapes, net.notes)
    table, output = weights["embedding"]["embeddings"], weights["output"]["kernel"]
    rows = len(table)
    if output.ndim != 2 or output.shape[1] != rows:
        raise misfit(
            f"the output layer is {list(output.shape)}, and the embedding has {rows} rows, one for each token: the file is damaged"
        )
    entry = textgenrnn_files.read_vocabulary(net.source, vocabulary, rows, words, net.notes)
    net.vocabularies = {"tokens": entry}
    net.input = {"kind": "tokens", "vocabulary": "tokens"}
    walk = AveragingWalk(net, weights, _KERAS, attention)
    flow = walk.run(Architecture(layers, (None,)), Flow("input", (None,)))
    gru = any("GRU" in str(layer) for layer in layers)
    _tell(net, walk, shapes, words, attention=bool(attention), context=bool(extra), gru=gru)
    ends.close(net, flow.width, None)
    return imported(SYSTEM.name, net).with_members(
        name=net.source.name.removesuffix(textgenrnn_files.WEIGHTS)
    )


# --- what stands in the file --------------------------------------------------------------------------------


def _base(file: Hdf5) -> str:
    return f"{_WHOLE}/" if file.has(_WHOLE) else ""


def _weights_of_attention(file: Hdf5, base: str) -> list[str]:
    return [path for path in file.arrays(f"{base}attention") if "attention_W" in path]


def _attention(file: Hdf5, base: str) -> dict[str, Numbers]:
    """The weights of the average by the name of its layer; nothing where there is none. Raises Refused."""
    paths = _weights_of_attention(file, base)
    if len(paths) > 1:
        raise malformed("the layer attention has more than one array: save the weights again")
    if not paths:
        return {}
    w = file.array(paths[0])
    if not np.isfinite(w).all():
        raise malformed(
            "the weights of the layer attention are not finite everywhere: the training diverged, or the file is damaged; "
            "take an earlier checkpoint"
        )
    return {"attention": w}


# --- what is told -------------------------------------------------------------------------------------------


def _tell(
    net: Net,
    walk: AveragingWalk,
    shapes: textgenrnn_files.Shapes,
    words: textgenrnn_files.Config,
    *,
    attention: bool,
    context: bool,
    gru: bool,
) -> None:
    notes = net.notes
    ways = "two directions" if shapes.rnn_bidirectional else "one direction"
    notes.understood(
        f"{shapes.rnn_layers} recurrent {'layer' if shapes.rnn_layers == 1 else 'layers'} of {shapes.rnn_size} in {ways}, over an "
        f"embedding of {shapes.dim_embeddings}"
    )
    if walk.cudnn:
        notes.changed(f"{', '.join(map(named, walk.cudnn[:8]))}: from cuDNN's layout")
    if gru:
        notes.changed("gates of GRUs from z, r, h to r, z, n")
    if attention:
        notes.changed(
            "the average over the steps is a running one, of two small elman layers and gru layers without learned weights; "
            "after the last step it is the original's"
        )
        notes.left_out("the 1e-7 that the original adds to the sum of the average's weights")
    notes.changed(
        f"a call may have any number of steps; textgenrnn gives every window of {words.max_length} ids anew, shorter ones padded "
        "on the left with id 0, which is no mask: give such windows for its numbers, "
        + (
            "one call for each token, for two directions need the whole window"
            if shapes.rnn_bidirectional
            else f"and generate from the state after {words.max_length - 1} of that id"
        )
    )
    if words.word_level:
        notes.changed(
            "text is cut at spaces; textgenrnn puts them around punctuation, and writes all in small letters, before it"
        )
    if context:
        notes.left_out(
            f"{CONTEXT}, which reads labels beside the text; textgenrnn generates without it too"
        )
    if walk.idle:
        notes.left_out(f"{', '.join(map(named, walk.idle[:8]))}: at work in training alone")


SYSTEM: Final = System(
    name="textgenrnn",
    title="Nets of textgenrnn, weights with a vocabulary and a config",
    reads=(
        "X_weights.hdf5, with X_vocab.json and X_config.json beside it",
        "a whole model of it in HDF5, as Keras' model.save writes it",
    ),
    versions=("textgenrnn since 2017, with Keras 2 or tf.keras",),
    carries=(
        "LSTM and GRU, in one direction or two, also with cuDNN's weights",
        "the attention's average over the steps, as a running one",
        "characters and words; padding, unknown tokens and <s>",
    ),
    refuses=(
        "a vocabulary or a config of another training, with both numbers",
        "layers that textgenrnn has not",
        "labels beside the text: that part is left out",
    ),
    limits=(
        "256 MiB",
        f"{MOST_LAYERS} recurrent layers",
        "about 2,300 units averaged at once",
    ),
    options=(
        replace(
            VOCABULARY, help="JSON: an object token: id (default: X_vocab.json beside the weights)"
        ),
        Option(
            name="config",
            metavar="FILE",
            help="JSON: textgenrnn's own config (default: X_config.json beside the weights)",
        ),
        Option(
            name="recurrent_activation",
            choices=GATE_FUNCTIONS,
            help="of the gates, which no array shows (default: sigmoid; hard_sigmoid where there is no attention)",
        ),
    ),
    recognise=recognise,
    read=read,
)
