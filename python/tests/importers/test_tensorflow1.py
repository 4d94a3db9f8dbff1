"""tensorflow1 against TensorFlow's own equations, and what must be refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec import importers
from rnnspec.importers import Refused, tensorflow1
from rnnspec.tensor import Float32

from .originals import Array, basic_lstm_cells
from .tf1_writer import TO_1_2, Variables, language_model, renamed, write

TOKENS = "abcdefghijklmnopqrstuvw"
IDS = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 22, 0, 17, 17, 11]
CELL = "rnnlm/multi_rnn_cell/cell_{}/basic_lstm_cell/{}"
K0, B0, K1 = CELL.format(0, "weights"), CELL.format(0, "biases"), CELL.format(1, "weights")


def original(variables: Variables, inputs: Array, forget_bias: float = 1.0) -> Array:
    """Logits [T, V] of a net with the names of TensorFlow 1.0."""
    numbers = [k for k in range(9) if CELL.format(k, "weights") in variables]
    h = basic_lstm_cells(
        [variables[CELL.format(k, "weights")] for k in numbers],
        [variables[CELL.format(k, "biases")] for k in numbers],
        inputs,
        forget_bias,
    )
    return h @ variables["rnnlm/softmax_w"] + variables["rnnlm/softmax_b"]


def ran(found: importers.Import, given: Any) -> Float32:  # noqa: ANN401  ids or features
    """The output [T, width] for one row."""
    output, _ = rnnspec.run(rnnspec.compile(found.model), given)
    row: Float32 = output[0]
    return row


def notes(found: importers.Import, kind: str) -> str:
    return "\n".join(note.text for note in found.notes if note.kind == kind)


def test_an_embedding_and_two_cells_give_what_tensorflow_gives(tmp_path: Path) -> None:
    variables = language_model()
    found = tensorflow1.read(write(tmp_path / "net", variables), tokens=TOKENS)
    expected = original(variables, variables["embedding"][IDS])
    assert np.abs(ran(found, [IDS]) - expected).max() < 2e-5
    assert found.model.output.kind == "logits"
    assert found.model.name == "net"


@pytest.mark.parametrize(
    ("pairs", "generation"),
    [
        ((), "1.0 or 1.1"),
        (TO_1_2, "1.2 or later"),
        ((("/", "_"),), "1.0 or 1.1"),
        ((*TO_1_2, ("/", "_")), "1.2 or later"),
        ((*TO_1_2, ("rnn/multi_rnn_cell", "decoder/rnn/multi_rnn_cell")), "1.2 or later"),
        ((("rnnlm/softmax_w", "fully_connected/weights"), ("rnnlm/softmax_b", "fully_connected/biases")), "1.0 or 1.1"),
        ((("rnnlm/softmax_w", "dense/kernel"), ("rnnlm/softmax_b", "dense/bias")), "1.0 or 1.1"),
    ],
)  # fmt: skip
def test_every_generation_of_names_is_the_same_net(
    pairs: tuple[tuple[str, str], ...], generation: str, tmp_path: Path
) -> None:
    variables = language_model()
    plain = tensorflow1.read(write(tmp_path / "plain", variables), tokens=TOKENS)
    other = tensorflow1.read(write(tmp_path / "other", renamed(variables, *pairs)), tokens=TOKENS)
    assert rnnspec.fingerprint(other.model) == rnnspec.fingerprint(plain.model)
    assert f"TensorFlow {generation}" in notes(other, "understood")


def test_one_cell_without_a_stack(tmp_path: Path) -> None:
    variables = language_model(units=(11,))
    short = renamed(variables, ("rnnlm/multi_rnn_cell/cell_0/", "rnn/"))
    found = tensorflow1.read(write(tmp_path, short), tokens=TOKENS)
    expected = original(variables, variables["embedding"][IDS])
    assert np.abs(ran(found, [IDS]) - expected).max() < 2e-5


def test_without_an_embedding_tokens_or_features_as_the_option_says(tmp_path: Path) -> None:
    variables = language_model(embedding=None)
    write(tmp_path, variables)
    one_hot = np.eye(23)[IDS]
    expected = original(variables, one_hot)
    tokens = tensorflow1.read(tmp_path, input_kind="tokens", tokens=TOKENS)
    features = tensorflow1.read(tmp_path, input_kind="features", output_kind="logits")
    assert np.abs(ran(tokens, [IDS]) - expected).max() < 2e-5
    assert np.abs(ran(features, one_hot[None].astype(np.float32)) - expected).max() < 2e-5
    assert features.model.vocabularies is None


@pytest.mark.parametrize(("forget_bias", "away"), [(0.0, 0.5), (2.0, 0.5)])
def test_the_forget_bias_is_an_option_and_matters(
    forget_bias: float, away: float, tmp_path: Path
) -> None:
    variables = language_model()
    write(tmp_path, variables)
    found = tensorflow1.read(tmp_path, tokens=TOKENS, forget_bias=forget_bias)
    inputs = variables["embedding"][IDS]
    assert np.abs(ran(found, [IDS]) - original(variables, inputs, forget_bias)).max() < 2e-5
    assert np.abs(ran(found, [IDS]) - original(variables, inputs)).max() > away
    assert ("forget bias" in notes(found, "changed")) == bool(forget_bias)


def test_the_activation_of_the_cells_is_an_option(tmp_path: Path) -> None:
    variables = language_model(units=(11,))
    write(tmp_path, variables)
    found = tensorflow1.read(
        tmp_path, tokens=TOKENS, activation="softsign", ignore=["rnnlm/softmax*"]
    )
    kernel, bias = variables[K0], variables[B0]
    inputs = variables["embedding"][IDS]
    expected = basic_lstm_cells([kernel], [bias], inputs, 1.0, lambda x: x / (1 + np.abs(x)))
    assert np.abs(ran(found, [IDS]) - expected).max() < 1e-6
    assert "tanh" not in notes(found, "assumed")


def test_what_stands_behind_the_output_layer_is_an_option(tmp_path: Path) -> None:
    variables = language_model()
    names = (("softmax_w", "fully_connected/weights"), ("softmax_b", "fully_connected/biases"))
    write(tmp_path, renamed(variables, *names))
    plain = tensorflow1.read(tmp_path, tokens=TOKENS)
    relu = tensorflow1.read(tmp_path, tokens=TOKENS, dense_activation="relu")
    assert "no activation behind fully_connected" in notes(plain, "assumed")
    assert np.array_equal(ran(relu, [IDS]), np.maximum(0, ran(plain, [IDS])))


def test_what_training_leaves_behind_is_left_out(tmp_path: Path) -> None:
    variables = language_model()
    extra = {
        "global_step": np.array(7.0),
        "beta1_power": np.array(0.5),
        f"{K0}/Adam_1": np.ones((18, 44)),
    }
    plain = tensorflow1.read(write(tmp_path / "plain", variables), tokens=TOKENS)
    more = tensorflow1.read(write(tmp_path / "more", {**variables, **extra}), tokens=TOKENS)
    assert rnnspec.fingerprint(plain.model) == rnnspec.fingerprint(more.model)
    assert "beta1_power, global_step, rnnlm" in notes(more, "left out")


def test_the_notes_tell_every_change(tmp_path: Path) -> None:
    found = tensorflow1.read(write(tmp_path, language_model()), tokens=TOKENS)
    assert "added 1.0 to the forget bias" in notes(found, "changed")
    assert "i, j, f, o → i, f, g, o" in notes(found, "changed")
    assert "tanh" in notes(found, "assumed")
    assert notes(found, "left out").startswith("Variable: ")


def test_the_vocabulary_beside_the_model_is_found(tmp_path: Path) -> None:
    write(tmp_path, language_model())
    (tmp_path / "vocab.json").write_text(json.dumps({c: k for k, c in enumerate(TOKENS)}))
    found = tensorflow1.read(tmp_path)
    assert found.model.input_vocabulary is not None
    assert "".join(map(str, found.model.input_vocabulary.tokens)) == TOKENS
    assert "vocab.json, beside the model" in notes(found, "understood")


def test_probabilities_are_a_layer_that_is_told(tmp_path: Path) -> None:
    variables = language_model()
    write(tmp_path, variables)
    exp = np.exp(original(variables, variables["embedding"][IDS]))
    expected = exp / exp.sum(axis=-1, keepdims=True)
    found = tensorflow1.read(tmp_path, tokens=TOKENS, output_kind="probabilities")
    assert np.abs(ran(found, [IDS]) - expected).max() < 1e-5
    assert "a last layer softmax added" in notes(found, "changed")
    found = tensorflow1.read(tmp_path, tokens=TOKENS, output_kind="log_probabilities")
    assert np.abs(ran(found, [IDS]) - np.log(expected)).max() < 2e-5
    assert "a last layer log_softmax added" in notes(found, "changed")


def test_a_net_without_an_output_layer_gives_its_state(tmp_path: Path) -> None:
    variables = language_model()
    write(tmp_path, variables)
    found = tensorflow1.read(tmp_path, tokens=TOKENS, ignore=["rnnlm/softmax_*"])
    assert ran(found, [IDS]).shape == (len(IDS), 9)
    assert found.model.output.kind == "values"
    assert "as you said" in notes(found, "left out")


# --- near-misses: each is refused with a sentence that names the place and says what to do -------------------


def without(*names: str) -> Variables:
    return {name: values for name, values in language_model().items() if name not in names}


def changed(**arrays: Any) -> Variables:  # noqa: ANN401  arrays by name
    return {**language_model(), **arrays}


def bad_number() -> Variables:
    variables = language_model()
    variables[K1][2, 5] = np.nan
    return variables


NEAR_MISSES: dict[str, tuple[Variables, str, str]] = {
    "a GRU cell": (
        renamed(language_model(), ("basic_lstm_cell", "gru_cell")), "IMPORT_UNSUPPORTED", "belongs to a GRUCell"),
    "an LSTMCell, which may clip": (
        renamed(language_model(), ("basic_lstm_cell", "lstm_cell")), "IMPORT_UNSUPPORTED", "belongs to an LSTMCell"),
    "layer normalisation": (
        renamed(language_model(), ("basic_lstm", "layer_norm_basic_lstm")), "IMPORT_UNSUPPORTED", "normalises inside"),
    "both directions": (
        renamed(language_model(), ("rnnlm/multi", "bidirectional_rnn/fw/multi")), "IMPORT_UNSUPPORTED", "a bidirectional net"),
    "two stacks": (
        {**language_model(), **renamed(without("embedding", "rnnlm/softmax_w", "rnnlm/softmax_b"), ("rnnlm", "encoder"))},
        "IMPORT_UNSUPPORTED", "2 stacks of cells"),
    "a variable without a place": (
        changed(**{"rnnlm/projection": np.ones((3, 3))}), "IMPORT_UNSUPPORTED", "--ignore 'rnnlm/projection'"),
    "an array with the name of a training variable": (
        changed(Variable=np.ones((9, 9))), "IMPORT_UNSUPPORTED", "Variable [9, 9]"),
    "no bias": (without(B0), "IMPORT_MALFORMED", "cell 0 has no bias"),
    "no output bias": (without("rnnlm/softmax_b"), "IMPORT_MALFORMED", "no bias"),
    "no first cell": (without(K0, B0), "IMPORT_MALFORMED", "cell 0 has no weights"),
    "no cell at all": (without(K0, B0, K1, CELL.format(1, "biases")), "IMPORT_UNSUPPORTED", "no BasicLSTMCell"),
    "a transposed kernel": (changed(**{K1: language_model()[K1].T}), "IMPORT_SHAPE", "transposed"),
    "a kernel of three gates": (
        changed(**{K1: np.ones((20, 27)), CELL.format(1, "biases"): np.ones(27)}), "IMPORT_SHAPE", "no BasicLSTMCell's"),
    "cells that do not fit each other": (changed(**{K1: np.ones((21, 36))}), "IMPORT_SHAPE", "ask for [20, 36]"),
    "an output that does not fit": (changed(**{"rnnlm/softmax_w": np.ones((8, 23))}), "IMPORT_SHAPE", "[9, 23]"),
    "an embedding that does not fit": (changed(embedding=np.ones((23, 8))), "IMPORT_SHAPE", "[19, 44]"),
    "another vocabulary": (changed(embedding=np.ones((24, 7))), "IMPORT_SHAPE", "has 23 tokens, and the net reads 24"),
    "two embeddings": (changed(**{"other/embedding": np.ones((23, 7))}), "IMPORT_UNSUPPORTED", "two embeddings"),
    "not a number": (bad_number(), "IMPORT_MALFORMED", "holds nan at [2, 5]"),
}  # fmt: skip


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_a_near_miss_is_refused(name: str, tmp_path: Path) -> None:
    variables, code, words = NEAR_MISSES[name]
    write(tmp_path, variables)
    with pytest.raises(Refused) as refused:
        importers.read(tmp_path, tokens=TOKENS)
    assert (refused.value.code, words in str(refused.value)) == (code, True), refused.value


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ({}, "IMPORT_ASK", "--vocabulary FILE"),
        ({"tokens": "abc"}, "IMPORT_SHAPE", "has 3 tokens"),
        ({"tokens": TOKENS, "vocabulary": "v.json"}, "IMPORT_OPTION", "two vocabularies"),
        ({"tokens": TOKENS, "input_kind": "features"}, "IMPORT_OPTION", "has an embedding"),
        ({"tokens": TOKENS, "output_kind": "softmax"}, "IMPORT_OPTION", "log_probabilities"),
        ({"tokens": TOKENS, "activation": "swish"}, "IMPORT_OPTION", "expected one of tanh"),
        ({"tokens": TOKENS, "forget_bias": float("nan")}, "IMPORT_OPTION", "finite"),
        ({"tokens": TOKENS, "ignore": ["rnnlm/x*"]}, "IMPORT_OPTION", "no such variable"),
        ({"tokens": TOKENS, "orientation": "xW"}, "IMPORT_OPTION", "tensorflow1 has no option --orientation"),
    ],
)  # fmt: skip
def test_an_option_that_does_not_fit_is_refused(
    options: dict[str, Any], code: str, words: str, tmp_path: Path
) -> None:
    write(tmp_path, language_model())
    with pytest.raises(Refused) as refused:
        importers.read(tmp_path, **options)
    assert (refused.value.code, words in str(refused.value)) == (code, True), refused.value


def test_what_no_shape_can_tell_is_asked(tmp_path: Path) -> None:
    write(tmp_path, language_model(embedding=None))
    with pytest.raises(Refused, match=r"23 numbers a step.*--input-kind tokens") as refused:
        importers.read(tmp_path)
    assert refused.value.code == "IMPORT_ASK"


# --- hostile or damaged folders ---------------------------------------------------------------------------


def manifest(folder: Path) -> dict[str, Any]:
    members: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return members


def damage(folder: Path, name: str) -> None:
    """One way to break a sound folder."""
    members = manifest(folder)
    file = folder / members[K0]["filename"]
    outside = folder.parent / "outside"
    outside.write_bytes(file.read_bytes())
    match name:
        case "cut":
            file.write_bytes(file.read_bytes()[:-4])
        case "float64":
            file.write_bytes(file.read_bytes() * 2)
        case "absent":
            file.unlink()
        case "link":
            file.unlink()
            file.symlink_to(outside)
        case "folder":
            file.unlink()
            file.mkdir()
        case "parent":
            members[K0]["filename"] = "../outside"
        case "absolute":
            members[K0]["filename"] = str(outside)
        case "windows":
            members[K0]["filename"] = "..\\outside"
        case "dots":
            members[K0]["filename"] = ".."
        case "nul":
            members[K0]["filename"] = "a\0b"
        case "shared":
            members[K0]["filename"] = members[K1]["filename"]
        case "huge":
            members[K0]["shape"] = [2**31 - 1, 2**31 - 1]
        case "negative":
            members[K0]["shape"] = [-1, 44]
        case "fraction":
            members[K0]["shape"] = [18.5, 44]
        case "text":
            members[K0]["shape"] = "18x44"
        case "list":
            members[K0]["filename"] = ["a"]
    (folder / "manifest.json").write_text(json.dumps(members))


DAMAGES = {
    "cut": ("IMPORT_MALFORMED", "3,164 bytes"),
    "float64": ("IMPORT_MALFORMED", "looks like float64"),
    "absent": ("IMPORT_MALFORMED", "is not there"),
    "link": ("IMPORT_UNSAFE", "is a link"),
    "folder": ("IMPORT_UNSAFE", "no regular file"),
    "parent": ("IMPORT_UNSAFE", "no plain name"),
    "absolute": ("IMPORT_UNSAFE", "no plain name"),
    "windows": ("IMPORT_UNSAFE", "no plain name"),
    "dots": ("IMPORT_UNSAFE", "no plain name"),
    "nul": ("IMPORT_UNSAFE", "no plain name"),
    "shared": ("IMPORT_MALFORMED", "are both in the file"),
    "huge": ("IMPORT_LIMIT", "134,217,728 elements"),
    "negative": ("IMPORT_MALFORMED", "whole numbers"),
    "fraction": ("IMPORT_MALFORMED", "whole numbers"),
    "text": ("IMPORT_MALFORMED", "whole numbers"),
    "list": ("IMPORT_MALFORMED", "names no file"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_folder_is_refused(name: str, tmp_path: Path) -> None:
    folder = write(tmp_path / "net", language_model())
    damage(folder, name)
    code, words = DAMAGES[name]
    with pytest.raises(Refused) as refused:
        importers.read(folder, tokens=TOKENS)
    assert (refused.value.code, words in str(refused.value)) == (code, True), refused.value


def test_the_manifest_itself_may_be_given(tmp_path: Path) -> None:
    folder = write(tmp_path, language_model())
    by_file = importers.read(folder / "manifest.json", tokens=TOKENS)
    assert rnnspec.fingerprint(by_file.model) == rnnspec.fingerprint(
        importers.read(folder, tokens=TOKENS).model
    )
