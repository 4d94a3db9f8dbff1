"""textgenrnn: what its program computes for a window of ids, in 50 digits; three files; vocabularies that do not belong."""

import copy
import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import rnnspec
from rnnspec import compile as compile_model
from rnnspec import importers, run
from rnnspec.importers import Refused, Source, textgenrnn
from rnnspec.limits import Limits

from . import fifty_digits as fifty
from . import in_three_languages as languages
from . import textgenrnn_writer as writer
from .test_hostile import damaged, judged
from .textgenrnn_writer import Json, original, write

FILES = Path(__file__).parent / "textgenrnn_files"
IDS = [0, 0, 0, 6, 1, 4, 2, 5, 3, 1, 1, 6]  # padded on the left
CHARACTERS = {"a": 1, "b": 2, " ": 3, "é": 4, "🦄": 5, "<s>": 6}
WORDS = {"the": 1, ",": 2, "cat": 3, "sat": 4, "<s>": 6, "mat": 5}
CONFIG = {
    "rnn_layers": 2, "rnn_size": 2, "rnn_bidirectional": False, "max_length": 12, "max_words": 10000,
    "dim_embeddings": 3, "word_level": False, "single_text": False, "name": "net",
}  # fmt: skip
NETS: dict[str, dict[str, Any]] = {
    "two layers": {},
    "one layer": {"layers": 1},
    "two directions": {"both": True},
    "GRUs": {"blocks": 3},
    "GRUs in two directions": {"blocks": 3, "both": True, "layers": 1},
    "the first kind": {"layers": 1, "attention": False},
    "the very first kind, a GRU": {"layers": 1, "attention": False, "blocks": 3},
}


def given(path: Path, ids: list[int] = IDS, **options: Any) -> list[list[float]]:  # noqa: ANN401
    found = importers.read(path, **options)
    assert found.system == "textgenrnn"
    output, _ = run(compile_model(found.model), [ids])
    assert output.ndim == 2, "one row of probabilities for a window, as the original gives"
    rows: list[list[float]] = output.tolist()
    return rows


def notes(path: Path, **options: Any) -> str:  # noqa: ANN401
    return "\n".join(f"{n.kind}: {n.text}" for n in importers.read(path, **options).notes)


def refusal(path: Path, **options: Any) -> tuple[str, str]:  # noqa: ANN401
    with pytest.raises(Refused) as refused:
        importers.read(path, "textgenrnn", **options)
    return refused.value.code, str(refused.value)


@pytest.mark.parametrize("name", NETS)
def test_outputs_are_those_of_the_original(name: str, tmp_path: Path) -> None:
    net = writer.net(**NETS[name])
    path = write(tmp_path, net, CHARACTERS)
    options = (
        {"recurrent_activation": "sigmoid"}
        if net["attention"] is None and NETS[name].get("blocks") == 3
        else {}
    )
    for ids in (IDS, IDS[3:], [6]):
        expected = original(net, ids)
        assert fifty.away([expected], given(path, ids, **options)) < 2e-6
        assert float(max(expected)) < 0.999, "a net that is sure of everything shows nothing"


@pytest.mark.parametrize("name", ["one", "both"])
def test_what_keras_itself_computed(name: str, tmp_path: Path) -> None:
    """Of a net that textgenrnn_files/make.py built, as textgenrnn does."""
    kept = np.load(FILES / f"{name}.npz")
    names = sorted(k for k in kept.files if k.startswith("weight"))
    table, *rnns, w, kernel, bias = (kept[k].tolist() for k in names)
    ways = 2 if name == "both" else 1
    cells = [
        dict(zip(("kernel", "recurrent_kernel", "bias"), rnns[k : k + 3], strict=True))
        for k in range(0, len(rnns), 3)
    ]
    net = {
        "embeddings": table,
        "rnns": [cells[k : k + ways] for k in range(0, len(cells), ways)],
        "attention": [row[0] for row in w],
        "kernel": kernel,
        "bias": bias,
    }
    path = write(tmp_path, net, {chr(96 + k): k for k in range(1, len(table))})
    output, _ = run(compile_model(importers.read(path).model), kept["ids"].tolist())
    assert np.abs(output - kept["y"]).max() < 1e-6
    assert kept["y"].std() > 0.05, "a quiet net shows nothing"


def test_a_long_window_stays_close(tmp_path: Path) -> None:
    net = writer.net()
    ids = [1 + (7 * k * k + k // 3) % 6 for k in range(400)]
    assert fifty.away([original(net, ids)], given(write(tmp_path, net, CHARACTERS), ids)) < 5e-6


@pytest.mark.parametrize("scale", [40.0, 1000.0, 1e30])
def test_an_attention_that_sees_one_step_alone(scale: float, tmp_path: Path) -> None:
    net = writer.net()
    net["attention"] = [float(np.float32(w * scale)) for w in net["attention"]]
    assert fifty.away([original(net, IDS)], given(write(tmp_path, net, CHARACTERS))) < 2e-5


@pytest.mark.parametrize(
    ("wrong", "least"),
    [
        ({"hard": True}, 1e-3),
        ({"uniform": True}, 1e-2),  # a plain average
        ({"join": False}, 1e-2),  # the embedding joined last
    ],
)
def test_a_wrong_reading_shows(wrong: Json, least: float) -> None:
    net = writer.net()
    assert fifty.away([original(net, IDS)], [original(net, IDS, **wrong)]) > least


def test_the_constant_that_is_left_out_does_not_show() -> None:
    net = writer.net()
    away = fifty.away([original(net, IDS)], [original(net, IDS, epsilon="0")])
    assert 0 < away < 3e-7


def test_a_window_without_its_padding_is_another_one() -> None:
    net = writer.net()
    assert fifty.away([original(net, IDS)], [original(net, IDS[3:])]) > 1e-2


def test_same_bits_in_three_languages(tmp_path: Path) -> None:
    for name in ("two layers", "two directions"):
        found = importers.read(write(tmp_path, writer.net(**NETS[name]), CHARACTERS))
        bits = languages.outputs(found.model, IDS, len(IDS))
        assert len(set(bits.values())) == 1, list(bits)
    if languages.missing():
        pytest.skip(f"not built here: {', '.join(languages.missing())}; the others agree")


def test_step_by_step_is_the_average_so_far(tmp_path: Path) -> None:
    net = writer.net()
    session = rnnspec.Session(compile_model(importers.read(write(tmp_path, net, CHARACTERS)).model))
    for k, token in enumerate(IDS):
        expected = original(net, IDS[: k + 1])
        assert fifty.away([expected], [session.step([token])[0].tolist()]) < 2e-6


# --- gates and cuDNN ----------------------------------------------------------------------------------------


def test_gates_are_asked_of_nobody_and_told(tmp_path: Path) -> None:
    path = write(tmp_path, writer.net(), CHARACTERS)
    assert "assumed: gates with sigmoid" in notes(path)
    first = write(tmp_path, writer.net(layers=1, attention=False), CHARACTERS, name="first")
    assert "assumed: gates with hard_sigmoid, as Keras 2.0" in notes(first)
    net = writer.net()
    hard = original(net, IDS, hard=True)
    assert fifty.away([hard], given(path, recurrent_activation="hard_sigmoid")) < 2e-6


def test_weights_of_cudnn(tmp_path: Path) -> None:
    """Each gate's matrices are cuDNN's, and there are two biases: the same net as another file."""
    plain, packed = writer.net(), writer.net()
    for ways in packed["rnns"]:
        for one in ways:
            for role in ("kernel", "recurrent_kernel"):
                gates = np.split(np.array(one[role]), 4, axis=1)
                turned = [g.T.reshape(g.shape) if role == "kernel" else g.T for g in gates]
                one[role] = np.hstack(turned).tolist()
            half = [round(64 * b) / 128 for b in one["bias"]]
            one["bias"] = [*half, *(b - a for a, b in zip(half, one["bias"], strict=True))]
    path = write(tmp_path, packed, CHARACTERS)
    assert fifty.away([original(plain, IDS)], given(path)) < 2e-6
    assert "rnn_1, rnn_2: from cuDNN's layout" in notes(path)


# --- vocabulary and config ----------------------------------------------------------------------------------


def test_characters(tmp_path: Path) -> None:
    model = importers.read(write(tmp_path, writer.net(), CHARACTERS, CONFIG)).model
    vocabulary = model.input_vocabulary
    assert vocabulary is not None
    assert vocabulary == model.output_vocabulary
    assert vocabulary.tokens == ("", "a", "b", " ", "é", "🦄", "")
    special = (vocabulary.padding, vocabulary.unknown, vocabulary.start, vocabulary.end)
    assert (vocabulary.unit, *special) == ("codepoint", 0, 0, 6, 6)
    assert model.output.kind == "probabilities"


def test_words_have_a_separator(tmp_path: Path) -> None:
    config = {**CONFIG, "word_level": True}
    found = importers.read(write(tmp_path, writer.net(), WORDS, config))
    vocabulary = found.model.input_vocabulary
    assert vocabulary is not None
    assert (vocabulary.unit, vocabulary.separator, vocabulary.end) == ("token", " ", 6)
    assert vocabulary.tokens[1:4] == ("the", ",", "cat")
    assert any(
        "spaces around punctuation" not in n.text and "cut at spaces" in n.text for n in found.notes
    )


def test_one_long_text_has_no_ends(tmp_path: Path) -> None:
    characters = {**{k: v for k, v in CHARACTERS.items() if k != "<s>"}, "z": 6}
    config = {**CONFIG, "single_text": True}
    vocabulary = importers.read(
        write(tmp_path, writer.net(), characters, config)
    ).model.input_vocabulary
    assert vocabulary is not None
    assert (vocabulary.start, vocabulary.end, vocabulary.tokens[6]) == (None, None, "z")


def test_files_with_other_names_are_options(tmp_path: Path) -> None:
    net = writer.net()
    path = write(tmp_path, net)
    (tmp_path / "v.json").write_text(json.dumps(CHARACTERS))
    (tmp_path / "c.json").write_text(json.dumps(CONFIG))
    options: Json = {"vocabulary": tmp_path / "v.json", "config": tmp_path / "c.json"}
    assert fifty.away([original(net, IDS)], given(path, **options)) < 2e-6
    assert "windows of 40 tokens" in notes(path, vocabulary=tmp_path / "v.json")


def test_the_bundled_vocabulary_is_found(tmp_path: Path) -> None:
    path = write(tmp_path, writer.net(), name="hacker")
    (tmp_path / "textgenrnn_vocab.json").write_text(json.dumps(CHARACTERS))
    assert "from textgenrnn_vocab.json" in notes(path)


def test_labels_beside_the_text_are_left_out(tmp_path: Path) -> None:
    net = writer.net()
    arrays = writer.arrays_of(net) | {"context_output/context_output/kernel:0": [[1.0] * 7] * 9}
    path = writer.write_arrays(tmp_path, arrays, CHARACTERS)
    assert fifty.away([original(net, IDS)], given(path)) < 2e-6
    assert "left out: context_output" in notes(path)


# --- a whole model ------------------------------------------------------------------------------------------


def saved(**rnn: Json) -> Json:
    """What Keras 2 writes of textgenrnn's model."""

    def layer(kind: str, name: str, *inputs: str, **config: Json) -> Json:
        nodes = [[[read, 0, 0, {}] for read in inputs]] if inputs else []
        return {
            "class_name": kind,
            "name": name,
            "config": {"name": name, **config},
            "inbound_nodes": nodes,
        }

    cell = {"units": 2, "return_sequences": True, "recurrent_activation": "sigmoid", **rnn}
    layers = [
        layer("InputLayer", "input", batch_input_shape=[None, 12]),
        layer("Embedding", "embedding", "input", input_dim=7, output_dim=3, input_length=12),
        layer("SpatialDropout1D", "dropout", "embedding", rate=0.2),
        layer("LSTM", "rnn_1", "dropout", **cell),
        layer("LSTM", "rnn_2", "rnn_1", **cell),
        layer("Concatenate", "rnn_concat", "dropout", "rnn_1", "rnn_2", axis=-1),
        layer("AttentionWeightedAverage", "attention", "rnn_concat"),
        layer("Dense", "output", "attention", units=7, activation="softmax"),
    ]
    return {
        "class_name": "Model",
        "config": {
            "layers": layers,
            "input_layers": [["input", 0, 0]],
            "output_layers": [["output", 0, 0]],
        },
    }


def test_a_whole_model(tmp_path: Path) -> None:
    net = writer.net()
    path = write(tmp_path, net, CHARACTERS, CONFIG, saved())
    assert fifty.away([original(net, IDS)], given(path)) < 2e-6
    assert "left out: dropout: at work in training alone" in notes(path)
    path = write(tmp_path, net, CHARACTERS, CONFIG, saved(recurrent_activation="hard_sigmoid"))
    assert fifty.away([original(net, IDS, hard=True)], given(path)) < 2e-6
    assert refusal(path, recurrent_activation="sigmoid")[0] == "IMPORT_OPTION"


# --- near-misses --------------------------------------------------------------------------------------------


def without(*places: str) -> Callable[[Path], Path]:
    def made(folder: Path) -> Path:
        arrays = writer.arrays_of(writer.net())
        kept = {k: v for k, v in arrays.items() if not k.startswith(places)}
        return writer.write_arrays(folder, kept, CHARACTERS, CONFIG)

    return made


def with_arrays(**arrays: Json) -> Callable[[Path], Path]:
    def made(folder: Path) -> Path:
        all_of_them = writer.arrays_of(writer.net())
        all_of_them |= {place.replace("__", "/") + ":0": array for place, array in arrays.items()}
        return writer.write_arrays(folder, all_of_them, CHARACTERS, CONFIG)

    return made


def with_config(**members: Json) -> Callable[[Path], Path]:
    return lambda folder: write(folder, writer.net(), CHARACTERS, {**CONFIG, **members})


def with_vocabulary(vocabulary: Json, **members: Json) -> Callable[[Path], Path]:
    return lambda folder: write(folder, writer.net(), vocabulary, {**CONFIG, **members})


def with_model(**rnn: Json) -> Callable[[Path], Path]:
    return lambda folder: write(folder, writer.net(), CHARACTERS, CONFIG, saved(**rnn))


def renamed(old: str, new: str) -> Callable[[Path], Path]:
    """A whole model whose config names a layer, or its class, otherwise."""

    def made(folder: Path) -> Path:
        model = json.loads(json.dumps(saved()).replace(f'"{old}"', f'"{new}"'))
        return write(folder, writer.net(), CHARACTERS, CONFIG, model)

    return made


def without_attention(folder: Path) -> Path:
    arrays = {k: v for k, v in writer.arrays_of(writer.net()).items() if "attention" not in k}
    return writer.write_arrays(folder, arrays, CHARACTERS, CONFIG, saved())


def mixed(folder: Path) -> Path:
    one, two = writer.net(), writer.net(both=True)
    arrays = writer.arrays_of(one) | {
        k: v for k, v in writer.arrays_of(two).items() if "rnn_2" in k and "direct" in k
    }
    kept = {k: v for k, v in arrays.items() if not k.startswith("rnn_2/")}
    return writer.write_arrays(folder, kept, CHARACTERS)


def wide(folder: Path) -> Path:
    net = writer.net(rows=2, width=3000, units=1)
    return write(folder, net, {"a": 1})


NEAR_MISSES: dict[str, tuple[Callable[[Path], Path], str, str]] = {
    "a vocabulary of another training": (with_vocabulary({**CHARACTERS, "x": 7}), "IMPORT_SHAPE", "has 7 tokens, which with the padding ask for 8 rows, and the weights have 7"),
    "a smaller one": (with_vocabulary({"a": 1}), "IMPORT_SHAPE", "ask for 2 rows, and the weights have 7"),
    "no vocabulary": (lambda folder: write(folder, writer.net()), "IMPORT_ASK", "ids of 7 tokens"),
    "ids from 0": (with_vocabulary({k: v - 1 for k, v in CHARACTERS.items()}), "IMPORT_MALFORMED", "no id of its own from 1 to 6"),
    "an id twice": (with_vocabulary({**CHARACTERS, "b": 1}), "IMPORT_MALFORMED", 'gives "b" no id of its own'),
    "half an id": (with_vocabulary({**CHARACTERS, "b": 1.5}), "IMPORT_MALFORMED", 'gives "b" no id'),
    "an id in words": (with_vocabulary({**CHARACTERS, "b": "2"}), "IMPORT_MALFORMED", 'gives "b" no id'),
    "a list of tokens": (with_vocabulary(list("abcdef")), "IMPORT_MALFORMED", "no object token"),
    "words read as characters": (with_vocabulary(WORDS), "IMPORT_UNSUPPORTED", 'the token "the"'),
    "other layers": (with_config(rnn_layers=3), "IMPORT_SHAPE", "says rnn_layers 3, and the weights have 2"),
    "other units": (with_config(rnn_size=128), "IMPORT_SHAPE", "says rnn_size 128, and the weights have 2"),
    "two directions in the config alone": (with_config(rnn_bidirectional=True), "IMPORT_SHAPE", "rnn_bidirectional true, and the weights have false"),
    "another embedding": (with_config(dim_embeddings=100), "IMPORT_SHAPE", "says dim_embeddings 100, and the weights have 3"),
    "a length of nothing": (with_config(max_length=0), "IMPORT_MALFORMED", "max_length in net_config.json"),
    "a huge length": (with_config(max_length=1e300), "IMPORT_MALFORMED", "max_length in net_config.json"),
    "truth in words": (with_config(word_level="yes"), "IMPORT_MALFORMED", "neither true nor false"),
    "a config of Keras": (with_config(class_name="Model"), "IMPORT_OPTION", "--from keras"),
    "a layer is missing": (without("rnn_1"), "IMPORT_MALFORMED", "the recurrent layers 2, and they must be 1, 2"),
    "no recurrent layer": (without("rnn_1", "rnn_2"), "IMPORT_MALFORMED", "recurrent layers none"),
    "no attention": (without("attention"), "IMPORT_MALFORMED", "2 recurrent layers and no weights of the layer attention"),
    "no embedding": (without("embedding"), "IMPORT_MALFORMED", "no weights of the layer"),
    "no bias": (without("rnn_2/rnn_2/bias"), "IMPORT_MALFORMED", "has no bias"),
    "a convolution": (with_arrays(conv1d__conv1d__kernel=[[1.0]]), "IMPORT_UNSUPPORTED", 'a layer "conv1d"'),
    "an attention of one layer": (with_arrays(attention__attention__attention_W=[[1.0]] * 5), "IMPORT_SHAPE", "[5, 1], and what it averages asks for [7, 1]"),
    "an attention that is not finite": (with_arrays(attention__attention__attention_W=[[float("nan")]] * 7), "IMPORT_MALFORMED", "not finite everywhere"),
    "two attentions": (with_arrays(attention__attention__attention_W_1=[[1.0]] * 7), "IMPORT_MALFORMED", "more than one array"),
    "a quantised layer": (with_arrays(rnn_1__rnn_1__scale=[1.0]), "IMPORT_UNSUPPORTED", 'an array "scale:0"'),
    "five blocks": (with_arrays(rnn_1__rnn_1__recurrent_kernel=[[0.0] * 10] * 2), "IMPORT_SHAPE", "an LSTM has four blocks"),
    "layers of two sizes": (with_arrays(rnn_1__rnn_1__recurrent_kernel=[[0.0] * 12] * 3), "IMPORT_UNSUPPORTED", "the sizes 3, 2"),
    "an output for others": (with_arrays(output__output__kernel=[[0.0] * 8] * 7), "IMPORT_SHAPE", "the output layer is [7, 8], and the embedding has 7 rows"),
    "a table that is a row": (with_arrays(embedding__embedding__embeddings=[1.0, 2.0]), "IMPORT_SHAPE", "two sizes are expected"),
    "directions that differ": (mixed, "IMPORT_UNSUPPORTED", "two directions and others in one"),
    "a width that asks for too much": (wide, "IMPORT_LIMIT", "33,554,432 are allowed"),
    "a whole model with a hidden constant": (with_model(forget_bias=1.0), "IMPORT_UNSUPPORTED", 'the setting "forget_bias"'),
    "a whole model with another output": (renamed("output", "out"), "IMPORT_UNSUPPORTED", "of other layers than textgenrnn's"),
    "a whole model with a plain average": (renamed("AttentionWeightedAverage", "GlobalAveragePooling1D"), "IMPORT_UNSUPPORTED", "of other layers than textgenrnn's"),
    "a whole model without the attention's weights": (without_attention, "IMPORT_MALFORMED", "no weights of it"),
    "a whole model of simple cells": (renamed("LSTM", "SimpleRNN"), "IMPORT_UNSUPPORTED", 'the setting "recurrent_activation"'),
    "a whole model of another size": (with_model(units=5), "IMPORT_SHAPE", "the config asks for [3, 20]"),
}  # fmt: skip


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_a_near_miss_is_refused(name: str, tmp_path: Path) -> None:
    make, code, words = NEAR_MISSES[name]
    found = refusal(make(tmp_path))
    assert (found[0], words in found[1]) == (code, True), found


def test_another_net_of_keras_is_not_taken_for_one(tmp_path: Path) -> None:
    arrays = writer.arrays_of(writer.net())
    path = writer.write_arrays(
        tmp_path, {k.replace("embedding", "table"): v for k, v in arrays.items()}
    )
    assert importers.recognise(path).name == "keras"
    assert importers.recognise(without("attention")(tmp_path)).name == "keras"


def test_options_that_are_none(tmp_path: Path) -> None:
    path = write(tmp_path, writer.net(), CHARACTERS)
    assert refusal(path, recurrent_activation="tanh")[0] == "IMPORT_OPTION"
    with pytest.raises(OSError, match="absent"):
        textgenrnn.read(path, vocabulary=tmp_path / "absent.json")


def test_the_limit_holds(tmp_path: Path) -> None:
    path = write(tmp_path, writer.net(), CHARACTERS)
    with pytest.raises(Refused) as refused:
        textgenrnn.read(Source(path, Limits(size=1000)))
    assert refused.value.code == "IMPORT_LIMIT"


@pytest.mark.parametrize("which", ["vocab", "config"])
def test_a_damaged_file_beside_the_weights(which: str, tmp_path: Path) -> None:
    path = write(tmp_path, writer.net(), copy.deepcopy(CHARACTERS), CONFIG)
    beside = tmp_path / f"net_{which}.json"
    data, pick = beside.read_bytes(), random.Random(which)
    seen = set()
    for _ in range(60):
        beside.write_bytes(damaged(data, pick))
        seen.add(judged(lambda: importers.read(path)))
    assert {"IMPORT_MALFORMED"} < seen <= {*importers.CODES, "imported"}


def test_damaged_weights(tmp_path: Path) -> None:
    path = write(tmp_path, writer.net(layers=1), CHARACTERS, CONFIG | {"rnn_layers": 1})
    data, pick = path.read_bytes(), random.Random(3)
    seen = set()
    for _ in range(150):
        path.write_bytes(damaged(data, pick))
        seen.add(judged(lambda: importers.read(path, "textgenrnn")))
        judged(lambda: importers.read(path))
    assert {"IMPORT_MALFORMED"} < seen <= {*importers.CODES, "imported"}


def test_the_name_of_the_model_is_that_of_the_net(tmp_path: Path) -> None:
    assert importers.read(write(tmp_path, writer.net(), CHARACTERS)).model.name == "net"


def test_generating_is_told(tmp_path: Path) -> None:
    assert "generate from the state after 11" in notes(
        write(tmp_path, writer.net(), CHARACTERS, CONFIG)
    )
    both = write(tmp_path, writer.net(both=True), CHARACTERS, name="both")
    assert "two directions need the whole window" in notes(both)


@pytest.mark.parametrize("both", [False, True])
def test_paths_of_tensorflow_2(both: bool, tmp_path: Path) -> None:
    net = writer.net(both=both)
    arrays = {
        re.sub(r"((?:forward_|backward_|/)rnn_\d)/", r"\1/lstm_cell_4/", place).replace(
            "_9/", "/"
        ): numbers
        for place, numbers in writer.arrays_of(net).items()
    }
    assert sum("lstm_cell_4/" in place for place in arrays) == (12 if both else 6)
    path = writer.write_arrays(tmp_path, arrays, CHARACTERS)
    with h5py.File(path, "a") as file:
        file.create_group("top_level_model_weights")
    assert fifty.away([original(net, IDS)], given(path)) < 2e-6
