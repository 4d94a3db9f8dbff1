"""Models of Keras 2 and 3: what they computed, from Keras' own files and from a writer's, and what is refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from rnnspec import compile as compile_model
from rnnspec import importers, run
from rnnspec.importers import Refused, keras

from . import keras_originals as original
from .keras_writer import Json, entry, functional, sequential, write_h5, write_keras

Array = npt.NDArray[Any]
FILES = Path(__file__).parent / "keras_files"
TOKENS: Any = {"tokens": "abcdefg"}
WRITTEN: dict[str, dict[str, Any]] = {
    "language.keras": TOKENS,
    "branches.keras": {},
    "branches_whole.h5": {},
    "before.h5": {},
    "average.weights.h5": {"config": FILES / "average.json"},
    "masked.keras": TOKENS,
    "masking.h5": {},
    "reshaped.keras": {},
}
D, H, T = 3, 4, 6
GATES = {"SimpleRNN": 1, "LSTM": 4, "GRU": 3, "CuDNNLSTM": 4, "CuDNNGRU": 3}


def output(path: Path, x: Array, lengths: list[int] | None = None, **options: Any) -> Array:  # noqa: ANN401
    y, _ = run(compile_model(importers.read(path, **options).model), x, lengths=lengths)
    return y


def refusal(path: Path, **options: Any) -> tuple[str, str]:  # noqa: ANN401
    with pytest.raises(Refused) as refused:
        _ = keras.read(path, **options).model
    return refused.value.code, str(refused.value)


def notes(path: Path, **options: Any) -> str:  # noqa: ANN401
    return "\n".join(f"{note.kind}: {note.text}" for note in keras.read(path, **options).notes)


def drawn(seed: int, *shape: int) -> Array:
    return np.random.default_rng(seed).normal(0, 0.8, shape).astype(np.float32)


def cell(kind: str, bias: tuple[int, ...] | None) -> dict[str, Array]:
    tall = GATES[kind] * H
    found = {"kernel": drawn(1, D, tall), "recurrent_kernel": drawn(2, H, tall)}
    return found if bias is None else {**found, "bias": drawn(3, *bias)}


def wide(w: dict[str, Array]) -> dict[str, Array]:
    return {role: array.astype(np.float64) for role, array in w.items()}


def lone(
    path: Path,
    kind: str,
    w: dict[str, Array],
    version: str | None = "2.3.1",
    **config: Any,  # noqa: ANN401  of the layer
) -> Path:
    """A model with one recurrent layer, as Keras 2 saved it."""
    settings = {"units": H, "use_bias": "bias" in w, "return_sequences": True, **config}
    if kind.startswith("CuDNN"):
        del settings["use_bias"]
    layer = entry(kind, "cell_1", batch_input_shape=[None, None, D], **settings)
    arrays = {f"cell_1/{role}:0": array for role, array in w.items()}
    return write_h5(path / "net.h5", sequential(layer), {"cell_1": arrays}, version)


# --- what Keras itself wrote and computed ---------------------------------------------------------------------


@pytest.mark.parametrize("name", WRITTEN)
def test_files_of_keras(name: str) -> None:
    kept = np.load(FILES / f"{name.split('.', maxsplit=1)[0]}.npz")
    x = kept["x"].reshape(4, 3, 2) if name.startswith("reshaped") else kept["x"]
    lengths = [6, 4, 1] if name.startswith("mask") else None
    found = output(FILES / name, x, lengths, **WRITTEN[name])
    assert np.abs(found - kept["y"]).max() < 1e-6
    assert kept["y"].std() > 0.05, "a quiet net shows nothing"


def test_masked_steps_are_told_as_lengths() -> None:
    kept = np.load(FILES / "masked.npz")
    assert "leave out masked steps and give lengths" in notes(FILES / "masked.keras", **TOKENS)
    without = output(FILES / "masked.keras", kept["x"], **TOKENS)
    assert np.abs(without - kept["y"])[1:].max() > 1e-2, "a mask that changes nothing is no mask"


def test_of_two_generations_hard_sigmoids_differ(tmp_path: Path) -> None:
    w, x = cell("LSTM", (4 * H,)), drawn(9, 1, T, D)
    for version, slope in (("2.2.4-tf", 0.2), ("3.0.1", 1 / 6)):
        path = lone(
            tmp_path, "LSTM", w, version, activation="tanh", recurrent_activation="hard_sigmoid"
        )
        expected = original.lstm(wide(w), x[0].astype(np.float64), original.hard_sigmoid(slope))
        assert np.abs(output(path, x)[0] - expected).max() < 1e-6
    path = lone(tmp_path, "LSTM", w, None, recurrent_activation="hard_sigmoid")
    code, words = refusal(path)
    assert code == "IMPORT_ASK"
    assert "--keras-version" in words
    expected = original.lstm(wide(w), x[0].astype(np.float64), original.hard_sigmoid(0.2))
    assert np.abs(output(path, x, keras_version="2")[0] - expected).max() < 1e-6
    assert np.abs(output(path, x, keras_version="3")[0] - expected).max() > 1e-3


# --- the cells of Keras 2 against their definitions -----------------------------------------------------------

CELLS: dict[str, tuple[str, tuple[int, ...] | None, dict[str, Any], Callable[..., Array]]] = {
    "rnn": ("SimpleRNN", (H,), {"activation": "tanh"}, original.simple_rnn),
    "lstm": ("LSTM", (4 * H,), {}, original.lstm),
    "lstm without bias": ("LSTM", None, {}, original.lstm),
    "gru before": ("GRU", (3 * H,), {"reset_after": False}, lambda w, x: original.gru(w, x, reset_after=False)),
    "gru of Keras 2.0": ("GRU", (3 * H,), {}, lambda w, x: original.gru(w, x, reset_after=False)),
    "gru after": ("GRU", (2, 3 * H), {"reset_after": True}, lambda w, x: original.gru(w, x, reset_after=True)),
    "gru without bias": ("GRU", None, {"reset_after": True}, lambda w, x: original.gru(w, x, reset_after=True)),
    "CuDNN lstm": ("CuDNNLSTM", (8 * H,), {}, original.cudnn_lstm),
    "CuDNN gru": ("CuDNNGRU", (6 * H,), {}, original.cudnn_gru),
    "lstm with CuDNN's weights": ("LSTM", (8 * H,), {}, original.cudnn_lstm),
    "gru with CuDNN's weights": ("GRU", (6 * H,), {"reset_after": True}, original.cudnn_gru),
}  # fmt: skip


@pytest.mark.parametrize("name", CELLS)
def test_cells(name: str, tmp_path: Path) -> None:
    kind, bias, config, equations = CELLS[name]
    w, x = cell(kind, bias), drawn(9, 2, T, D)
    path = lone(tmp_path, kind, w, **config)
    expected = np.stack([equations(wide(w), row) for row in x.astype(np.float64)])
    assert np.abs(output(path, x) - expected).max() < 1e-6
    assert ("from cuDNN's layout" in notes(path)) == ("CuDNN" in name)


@pytest.mark.parametrize("order", ["fico", "icfo", "ifoc"])
def test_another_order_of_lstm_gates_shows(order: str) -> None:
    w, x = wide(cell("LSTM", (4 * H,))), drawn(9, T, D).astype(np.float64)
    assert np.abs(original.lstm(w, x) - original.lstm(w, x, order=order)).max() > 1e-2


def test_another_order_of_gru_gates_shows() -> None:
    w, x = wide(cell("GRU", (2, 3 * H))), drawn(9, T, D).astype(np.float64)
    right = original.gru(w, x, reset_after=True)
    assert np.abs(right - original.gru(w, x, reset_after=True, order="rzh")).max() > 1e-2


@pytest.mark.parametrize("sequences", [True, False])
def test_backwards(sequences: bool, tmp_path: Path) -> None:
    w, x = cell("LSTM", (4 * H,)), drawn(9, 1, T, D)
    path = lone(tmp_path, "LSTM", w, go_backwards=True, return_sequences=sequences)
    expected = original.lstm(
        wide(w), x[0, ::-1].astype(np.float64)
    )  # in the order in which they come
    assert np.abs(output(path, x)[0] - (expected if sequences else expected[-1])).max() < 1e-6


@pytest.mark.parametrize("merge", ["concat", "sum", "mul", "ave"])
@pytest.mark.parametrize("sequences", [True, False])
def test_two_directions(merge: str, sequences: bool, tmp_path: Path) -> None:
    w, v, x = cell("GRU", (2, 3 * H)), cell("GRU", (2, 3 * H)), drawn(9, 1, T, D)
    v = {role: array[..., ::-1].copy() for role, array in v.items()}
    inner = entry("GRU", "gru", units=H, return_sequences=sequences, reset_after=True)
    layer = entry(
        "Bidirectional", "both", layer=inner, merge_mode=merge, batch_input_shape=[None, None, D]
    )
    arrays = {f"both/forward_gru/{role}:0": array for role, array in w.items()}
    arrays |= {f"both/backward_gru/gru_cell_2/{role}:0": array for role, array in v.items()}
    path = write_h5(tmp_path / "net.h5", sequential(layer), {"both": arrays})
    a = original.gru(wide(w), x[0].astype(np.float64), reset_after=True)
    b = original.gru(wide(v), x[0, ::-1].astype(np.float64), reset_after=True)
    a, b = (a, b[::-1]) if sequences else (a[-1], b[-1])
    merged = {"concat": np.concatenate([a, b], -1), "sum": a + b, "mul": a * b, "ave": (a + b) / 2}
    assert np.abs(output(path, x)[0] - merged[merge]).max() < 1e-6


# --- the ways in which files are written ----------------------------------------------------------------------


def test_stateful_is_told(tmp_path: Path) -> None:
    path = lone(tmp_path, "LSTM", cell("LSTM", (4 * H,)), stateful=True)
    assert "cell_1, stateful: give the state of a call to the next one" in notes(path)


def test_weights_alone_need_a_config(tmp_path: Path) -> None:
    w, x = cell("SimpleRNN", (H,)), drawn(9, 1, T, D)
    arrays = {f"cell_1/{role}:0": array for role, array in w.items()}
    path = write_h5(tmp_path / "net.h5", None, {"cell_1": arrays})
    code, words = refusal(path)
    assert code == "IMPORT_ASK"
    assert "--config FILE" in words
    layer = entry(
        "SimpleRNN", "cell_1", units=H, return_sequences=True, batch_input_shape=[None, None, D]
    )
    config = tmp_path / "config.json"
    config.write_text(json.dumps(sequential(layer)))
    expected = original.simple_rnn(wide(w), x[0].astype(np.float64))
    assert np.abs(output(path, x, config=config)[0] - expected).max() < 1e-6
    layer["config"]["name"] = "other"
    config.write_text(json.dumps(sequential(layer)))
    code, words = refusal(path, config=config)
    assert code == "IMPORT_MALFORMED"
    assert "it has those of cell_1" in words


def test_a_model_of_the_functional_kind_of_keras_2(tmp_path: Path) -> None:
    given = entry("InputLayer", "in", batch_input_shape=[None, None, D])
    call: Json = {}
    model = functional(
        (given, []),
        # Not in the order in which they compute.
        (entry("Concatenate", "wide", axis=-1), [["b", 0, 0, call], ["in", 0, 0, call]]),
        (
            entry("SimpleRNN", "b", units=H, return_sequences=True),
            [["in", 0, 0, {"training": False}]],
        ),
        (entry("Dense", "out", units=2), [["wide", 0, 0, call]]),
        inputs=["in"],
        outputs=["out"],
    )
    w, x, kernel, bias = cell("SimpleRNN", (H,)), drawn(9, 1, T, D), drawn(4, H + D, 2), drawn(5, 2)
    weights = {
        "b": {f"b/simple_rnn_cell/{role}:0": array for role, array in w.items()},
        "out": {"out/kernel:0": kernel, "out/bias:0": bias},
    }
    path = write_h5(tmp_path / "net.h5", model, weights, "2.9.0")
    h = original.simple_rnn(wide(w), x[0].astype(np.float64))
    expected = np.concatenate([h, x[0]], 1) @ kernel + bias
    assert np.abs(output(path, x)[0] - expected).max() < 1e-5


def test_a_keras_file_of_tensorflow_2_13_has_gaps_in_its_numbers(tmp_path: Path) -> None:
    first, last = (drawn(3, D, 2), drawn(4, 2)), (drawn(5, 2, 2), drawn(6, 2))
    model = sequential(
        entry("InputLayer", "in", batch_input_shape=[None, None, D]),
        entry("Dense", "a", units=2, activation="tanh"),
        entry("Dense", "b", units=2),
    )
    root = "_layer_checkpoint_dependencies"
    arrays = {f"{root}/dense/vars/{k}": array for k, array in enumerate(first)}
    arrays |= {f"{root}/dense_2/vars/{k}": array for k, array in enumerate(last)}
    path = write_keras(tmp_path / "net.keras", model, arrays)
    x = drawn(9, 1, T, D)
    expected = np.tanh(x[0] @ first[0] + first[1]) @ last[0] + last[1]
    assert np.abs(output(path, x)[0] - expected).max() < 1e-5


def test_batch_normalisation_is_folded_from_its_definition(tmp_path: Path) -> None:
    roles = {
        "gamma": drawn(1, D),
        "beta": drawn(2, D),
        "moving_mean": drawn(3, D),
        "moving_variance": drawn(4, D) ** 2,
    }
    layer = entry(
        "BatchNormalization", "norm", axis=[2], epsilon=0.01, batch_input_shape=[None, None, D]
    )
    arrays = {f"norm/{role}:0": array for role, array in roles.items()}
    path = write_h5(tmp_path / "net.h5", sequential(layer), {"norm": arrays})
    x = drawn(9, 1, T, D)
    g, b, m, v = (array.astype(np.float64) for array in roles.values())
    assert np.abs(output(path, x) - ((x - m) / np.sqrt(v + 0.01) * g + b)).max() < 1e-5


@pytest.mark.parametrize(
    ("kind", "config", "equation"),
    [
        ("Activation", {"activation": "relu"}, lambda x: np.maximum(x, 0)),
        ("Activation", {"activation": "hard_sigmoid"}, original.hard_sigmoid(0.2)),
        (
            "ReLU",
            {"max_value": None, "negative_slope": 0.25, "threshold": 0.0},
            lambda x: np.where(x < 0, x / 4, x),
        ),
        ("LeakyReLU", {"alpha": 0.3}, lambda x: np.where(x < 0, 0.3 * x, x)),
        ("ELU", {"alpha": 0.5}, lambda x: np.where(x < 0, 0.5 * np.expm1(x), x)),
        ("ThresholdedReLU", {"theta": 0.5}, lambda x: np.where(x > 0.5, x, 0)),
        ("Softmax", {"axis": -1}, lambda x: np.exp(x) / np.exp(x).sum(-1, keepdims=True)),
    ],
)
def test_activations(
    kind: str, config: Json, equation: Callable[[Array], Array], tmp_path: Path
) -> None:
    path = write_h5(
        tmp_path / "net.h5",
        sequential(entry(kind, "f", batch_input_shape=[None, None, D], **config)),
        {},
    )
    x = drawn(9, 1, T, D)
    assert np.abs(output(path, x) - equation(x.astype(np.float64))).max() < 1e-6


def test_float64_is_rounded_and_told(tmp_path: Path) -> None:
    w = {role: array + 1e-9 for role, array in wide(cell("LSTM", (4 * H,))).items()}
    assert "changed: numbers rounded from 64 to 32 bits" in notes(lone(tmp_path, "LSTM", w))


def test_what_keras_left_half_precision_is_told(tmp_path: Path) -> None:
    policy = {"class_name": "Policy", "config": {"name": "mixed_float16"}}
    path = lone(tmp_path, "LSTM", cell("LSTM", (4 * H,)), dtype=policy)
    assert "the net computed in mixed_float16; here it computes in float32" in notes(path)


# --- near-misses ----------------------------------------------------------------------------------------------

LSTM = ("LSTM", (4 * H,))
GRU = ("GRU", (2, 3 * H))
CLOSE: dict[str, tuple[tuple[str, tuple[int, ...] | None], dict[str, Any], str, str]] = {
    "a hidden forget bias": (LSTM, {"forget_bias": 1.0}, "IMPORT_UNSUPPORTED", 'the setting "forget_bias"'),
    "an odd activation": (LSTM, {"activation": "swish"}, "IMPORT_UNSUPPORTED", "is swish, and known are linear"),
    "softmax in a cell": (LSTM, {"recurrent_activation": "softmax"}, "IMPORT_UNSUPPORTED", "which no cell can have"),
    "a program as activation": (LSTM, {"activation": {"class_name": "function", "config": "tanh", "module": "builtins", "registered_name": "mine"}}, "IMPORT_UNSUPPORTED", "is mine, and known are"),
    "a missing bias": (("LSTM", None), {"use_bias": True}, "IMPORT_MALFORMED", 'the layer "cell_1" (LSTM) has no bias in the file'),
    "a bias too many": (LSTM, {"use_bias": False}, "IMPORT_UNSUPPORTED", 'has an array "bias:0"'),
    "another size": (LSTM, {"units": 5}, "IMPORT_SHAPE", "kernel of the layer"),
    "reset before with the bias of after": (GRU, {"reset_after": False}, "IMPORT_SHAPE", "bias with reset_after=False"),
    "reset after with the bias of before": (("GRU", (3 * H,)), {"reset_after": True}, "IMPORT_SHAPE", "bias with reset_after=True"),
    "time before the batch": (LSTM, {"time_major": True}, "IMPORT_UNSUPPORTED", "time_major=False"),
    "no units": (LSTM, {"units": 0}, "IMPORT_MALFORMED", "units of the layer"),
    "quantised": (LSTM, {"dtype": "int8_from_float32"}, "IMPORT_UNSUPPORTED", "save the model before it was"),
}  # fmt: skip


@pytest.mark.parametrize("name", CLOSE)
def test_near_misses(name: str, tmp_path: Path) -> None:
    (kind, bias), config, code, words = CLOSE[name]
    found = refusal(lone(tmp_path, kind, cell(kind, bias), **config))
    assert found[0] == code
    assert words in found[1]


def embedded(*layers: Json, mask: bool = True) -> Json:
    return sequential(
        entry(
            "Embedding",
            "table",
            input_dim=7,
            output_dim=D,
            mask_zero=mask,
            batch_input_shape=[None, None],
        ),
        *layers,
    )


TABLE = {"table": {"table/embeddings:0": drawn(1, 7, D)}}
CELL = {"cell_1": {f"cell_1/{role}:0": array for role, array in cell("LSTM", (4 * H,)).items()}}
START = entry("InputLayer", "in", batch_input_shape=[None, None, D])
SEQUENCE = {"units": H, "return_sequences": True}
MODELS: dict[str, tuple[Json, str, str]] = {
    "textgenrnn's average": (
        embedded(entry("LSTM", "cell_1", **SEQUENCE), entry("AttentionWeightedAverage", "attention", return_attention=False)),
        "IMPORT_UNSUPPORTED", 'the layer "attention" (AttentionWeightedAverage) is none that is carried'),
    "a convolution": (embedded(entry("Conv1D", "conv", filters=3)), "IMPORT_UNSUPPORTED", 'the layer "conv" (Conv1D)'),
    "a Lambda": (embedded({**entry("Lambda", "code", function=["4wEAAAA", None, None])}), "IMPORT_UNSUPPORTED", '"code" (Lambda)'),
    "a class of a program": (
        embedded({**entry("LSTM", "cell_1", **SEQUENCE), "module": "os", "registered_name": "mine>LSTM"}),
        "IMPORT_UNSUPPORTED", "which is a program of its own"),
    "two outputs of two directions": (
        embedded(entry("Bidirectional", "both", merge_mode=None, layer=entry("LSTM", "cell", **SEQUENCE))),
        "IMPORT_UNSUPPORTED", "use concat, sum, mul or ave"),
    "backwards behind a mask": (
        embedded(entry("LSTM", "cell_1", go_backwards=True, **SEQUENCE)), "IMPORT_UNSUPPORTED", "leave out the mask"),
    "a model in a model": (embedded(sequential() | {"config": {"name": "inner", "layers": []}}), "IMPORT_UNSUPPORTED", '"inner" (Sequential)'),
    "a class that is no model": ({"class_name": "MyNet", "config": {}}, "IMPORT_UNSUPPORTED", "a program of its own"),
    "a reshape between": (embedded(entry("Reshape", "shape", target_shape=[-1, 1])), "IMPORT_UNSUPPORTED", "stands behind other layers"),
    "no steps": (sequential(entry("Dense", "d", units=2, batch_input_shape=[None, 3])), "IMPORT_UNSUPPORTED", "a model here reads steps"),
    "two inputs": (
        functional((START, []), (entry("InputLayer", "more", batch_input_shape=[None, None, D]), []),
                   (entry("Add", "sum"), [["in", 0, 0, {}], ["more", 0, 0, {}]]), inputs=["in", "more"], outputs=["sum"]),
        "IMPORT_UNSUPPORTED", "the model has 2 inputs"),
    "a state that goes over": (
        functional((START, []), (entry("LSTM", "cell_1", **SEQUENCE), [["in", 0, 0, {"initial_state": ["in", 0, 0]}]]),
                   inputs=["in"], outputs=["cell_1"]),
        "IMPORT_UNSUPPORTED", "is called with initial_state"),
    "a layer that reads a later one": (
        functional((START, []), (entry("Add", "a"), [["b", 0, 0, {}]]), (entry("Add", "b"), [["a", 0, 0, {}]]),
                   inputs=["in"], outputs=["b"]),
        "IMPORT_MALFORMED", "reads what comes after it"),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_models_that_are_not_carried(name: str, tmp_path: Path) -> None:
    model, code, words = MODELS[name]
    both = {
        f"both/{way}_cell/{role}:0": a
        for way in ("forward", "backward")
        for role, a in cell("LSTM", (4 * H,)).items()
    }
    path = write_h5(
        tmp_path / "net.h5",
        model,
        {**TABLE, **CELL, "both": both, "d": {"kernel:0": drawn(1, 3, 2), "bias:0": drawn(2, 2)}},
    )
    found = refusal(path, **({"tokens": "abcdefg"} if "Embedding" in str(model) else {}))
    assert found[0] == code
    assert words in found[1]


def test_keras_1_is_refused(tmp_path: Path) -> None:
    code, words = refusal(lone(tmp_path, "LSTM", cell("LSTM", (4 * H,)), "1.2.2"))
    assert code == "IMPORT_UNSUPPORTED"
    assert "load it there, and save it again" in words


def test_options_that_contradict_the_file(tmp_path: Path) -> None:
    path = lone(tmp_path, "LSTM", cell("LSTM", (4 * H,)))
    assert refusal(path, keras_version="3")[0] == "IMPORT_OPTION"
    assert refusal(path, keras_version="4")[0] == "IMPORT_OPTION"
    assert refusal(path, config=path)[0] == "IMPORT_OPTION"
    assert refusal(FILES / "branches.keras", config=path)[0] == "IMPORT_OPTION"
    assert refusal(FILES / "language.keras", input_kind="features", **TOKENS)[0] == "IMPORT_OPTION"
    assert refusal(FILES / "language.keras", output_kind="values", **TOKENS)[0] == "IMPORT_OPTION"


def test_without_h5py_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    code, words = refusal(FILES / "before.h5")
    assert code == "IMPORT_UNSUPPORTED"
    assert "pip install 'rnnspec[keras]'" in words
