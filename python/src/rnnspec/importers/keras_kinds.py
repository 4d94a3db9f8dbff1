"""keras_kinds: which layers of Keras are carried, and which of their settings mean something. Others are refused by name."""

from collections.abc import Mapping, Sequence
from typing import Final

from rnnspec.importers.keras_config import Architecture, Layer
from rnnspec.importers.keras_weights import CELLS
from rnnspec.importers.refusal import named, unsupported

FUNCTIONS: Final = ("Activation", "ReLU", "LeakyReLU", "ELU", "ThresholdedReLU", "Softmax")
# They do something in training alone.
IDLE: Final = (
    "Dropout",
    "SpatialDropout1D",
    "GaussianDropout",
    "GaussianNoise",
    "AlphaDropout",
    "ActivityRegularization",
)
MERGES: Final = {"Add": "add", "Multiply": "multiply", "Concatenate": "concat"}
NORMS: Final = ("BatchNormalization", "LayerNormalization")
INNER: Final = (
    "Dense",
    *FUNCTIONS,
    *IDLE,
    *NORMS,
)  # work step by step, so TimeDistributed changes nothing
OTHERS: Final = (
    "InputLayer",
    "Embedding",
    "Masking",
    "Reshape",
    "Bidirectional",
    "TimeDistributed",
)
KNOWN: Final = frozenset({*CELLS, *INNER, *MERGES, *OTHERS})

# Members of a config that say nothing about what a trained layer computes.
_SILENT: Final = frozenset(
    [
        "name",
        "trainable",
        "dtype",
        "batch_input_shape",
        "batch_shape",
        "input_shape",
        "input_length",
        "implementation",
        "unroll",
        "stateful",
        "dropout",
        "recurrent_dropout",
        "seed",
        "unit_forget_bias",
        "zero_output_for_mask",
        "return_state",
        "activity_regularizer",
        "momentum",
        "synchronized",
        "renorm_momentum",
        "noise_shape",
        "rate",
        "stddev",
        "l1",
        "l2",
        "sparse",
        "ragged",
        "optional",
        "virtual_batch_size",
    ]
)
_SPOKEN: Final[Mapping[str, str]] = {
    "SimpleRNN": "units activation use_bias return_sequences go_backwards time_major",
    "LSTM": "units activation recurrent_activation use_bias return_sequences go_backwards time_major",
    "GRU": "units activation recurrent_activation use_bias return_sequences go_backwards time_major reset_after",
    "CuDNNLSTM": "units return_sequences go_backwards time_major",
    "CuDNNGRU": "units return_sequences go_backwards time_major reset_after",
    "Bidirectional": "layer backward_layer merge_mode",
    "TimeDistributed": "layer",
    "Embedding": "input_dim output_dim mask_zero",
    "Dense": "units activation use_bias",
    "Activation": "activation",
    "ReLU": "max_value negative_slope threshold",
    "LeakyReLU": "alpha negative_slope",
    "ELU": "alpha",
    "ThresholdedReLU": "theta",
    "Softmax": "axis",
    "BatchNormalization": "axis epsilon center scale",
    "LayerNormalization": "axis epsilon center scale",
    "Concatenate": "axis",
    "Masking": "mask_value",
    "Reshape": "target_shape",
}
_TRAINING: Final = ("_initializer", "_regularizer", "_constraint")


def check_layers(architecture: Architecture) -> None:
    """Raises Refused for a layer, or a setting of one, that is not carried; before any weight is read."""
    for layer in architecture.layers:
        _check(layer, KNOWN)
        if layer.kind == "Bidirectional":
            _check(layer.wrapped(), CELLS)
        if layer.kind == "TimeDistributed":
            _check(layer.wrapped(), INNER)


def _check(layer: Layer, known: Sequence[str] | frozenset[str]) -> None:
    if layer.kind not in known:
        raise unsupported(
            f"{layer} is none that is carried: `rnnspec import --list` says which are; leave it out, or let the model "
            "end before it"
        )
    spoken = _SPOKEN.get(layer.kind, "").split()
    for member, value in layer.config.items():
        if member in _SILENT or member in spoken or member.endswith(_TRAINING):
            continue
        if value not in (None, False):
            raise unsupported(
                f'{layer} has the setting "{named(member)}", which this importer does not know: train it without'
            )
