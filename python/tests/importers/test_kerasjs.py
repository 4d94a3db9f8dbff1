"""keras-js: layers of Keras 1 and 2 in 50 digits, from both kinds of files; near-misses; pointers of Git LFS."""

import copy
import json
import random
from collections.abc import Callable
from decimal import localcontext
from pathlib import Path
from typing import Any

import pytest

from rnnspec import compile as compile_model
from rnnspec import importers, run
from rnnspec.importers import Refused, Source, kerasjs
from rnnspec.limits import Limits

from . import fifty_digits as fifty
from . import in_three_languages as languages
from . import keras_fifty as keras
from . import kerasjs_writer as writer
from .kerasjs_writer import Json, Weight, write_bin, write_buffer
from .test_hostile import damaged, judged

D, H, V = 3, 2, 5
X = fifty.loud(9, D)
IDS = [3, 1, 4, 1, 0, 2, 2]
BLOCKS = {"SimpleRNN": 1, "LSTM": 4, "GRU": 3}
GATES = {"SimpleRNN": ("",), "LSTM": ("_i", "_f", "_c", "_o"), "GRU": ("_z", "_r", "_h")}
# The order in which Keras 1 wrote them.
WRITTEN = {"SimpleRNN": ("",), "LSTM": ("_i", "_c", "_f", "_o"), "GRU": ("_z", "_r", "_h")}
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 1234567\n" % (b"a" * 64)


def arrays(kind: str, seed: int = 1, inputs: int = D) -> dict[str, Json]:
    return {
        "kernel": fifty.rows(seed, inputs, BLOCKS[kind] * H, 1.5),
        "recurrent_kernel": fifty.rows(seed + 1, H, BLOCKS[kind] * H, 1.5),
        "bias": fifty.spread(seed + 2, BLOCKS[kind] * H),
    }


DENSE = {"kernel": fifty.rows(40, H, V, 1.5), "bias": fifty.spread(41, V)}
TABLE = fifty.rows(42, V, D, 2.0)


def layer(kind: str, name: str, **config: Json) -> Json:
    return {"class_name": kind, "config": {"name": name, "trainable": True, **config}}


# --- the same net in the words of two generations ------------------------------------------------------------


def cell_2(kind: str, name: str = "rnn_1", **config: Json) -> Json:
    gates = {} if kind == "SimpleRNN" else {"recurrent_activation": "hard_sigmoid"}
    given = {
        "units": H,
        "activation": "tanh",
        "use_bias": True,
        "kernel_initializer": {"class_name": "Zeros"},
    }
    return layer(
        kind, name, **{**given, **gates, "dropout": 0.2, "return_sequences": True, **config}
    )


def cell_1(kind: str, name: str = "rnn_1", **config: Json) -> Json:
    gates = {} if kind == "SimpleRNN" else {"inner_activation": "hard_sigmoid"}
    given = {
        "output_dim": H,
        "activation": "tanh",
        "init": "glorot_uniform",
        "consume_less": "cpu",
        "input_dim": D,
    }
    start = {"forget_bias_init": "one"} if kind == "LSTM" else {}
    more = {"W_regularizer": None, "dropout_W": 0.1, "stateful": False, "return_sequences": True}
    return layer(kind, name, **{**given, **gates, **start, **more, **config})


def weights_2(name: str, given: dict[str, Json], inner: str = "") -> list[Weight]:
    return [(name, f"{name}/{inner}{role}:0", array) for role, array in given.items()]


def columns(array: Json, start: int) -> Json:
    return (
        [columns(row, start) for row in array]
        if isinstance(array[0], list)
        else array[start : start + H]
    )


def weights_1(kind: str, name: str, given: dict[str, Json], prefix: str = "") -> list[Weight]:
    found: list[Weight] = []
    for gate in WRITTEN[kind]:
        start = H * GATES[kind].index(gate)
        for letter, role in (("W", "kernel"), ("U", "recurrent_kernel"), ("b", "bias")):
            found.append((name, f"{prefix or name}_{letter}{gate}:0", columns(given[role], start)))
    return found


def first(entry: Json, *shape: int | None) -> Json:
    return {**entry, "config": {**entry["config"], "batch_input_shape": [None, *shape]}}


def model(*layers: Json, version: str | None = None) -> Json:
    told = {} if version is None else {"keras_version": version}
    return {"class_name": "Sequential", "config": list(layers), **told}


def lone(kind: str, folder: Path, generation: int, **config: Json) -> Path:
    given = arrays(kind)
    if generation == 2:
        net = model(first(cell_2(kind, **config), None, D))
        return write_bin(folder, net, weights_2("rnn_1", given))
    net = model(first(cell_1(kind, **config), None, D), version="1.2.0")
    return write_buffer(folder, net, weights_1(kind, "rnn_1", given))


def both(folder: Path, generation: int) -> Path:
    """An embedding, two directions of an LSTM, a dense softmax."""
    ways = (arrays("LSTM"), arrays("LSTM", 11))
    out = {"kernel": fifty.rows(43, 2 * H, V, 1.5), "bias": fifty.spread(41, V)}
    if generation == 2:
        inner = cell_2("LSTM", "lstm_1", return_sequences=False)
        net = model(
            first(
                layer("Embedding", "e", input_dim=V, output_dim=D, mask_zero=False, input_length=7),
                7,
            ),
            layer("Bidirectional", "both", layer=inner, merge_mode="concat"),
            layer("Dropout", "d", rate=0.5),
            layer("Dense", "out", units=V, activation="softmax", use_bias=True),
        )
        listed = [
            ("e", "e/embeddings:0", TABLE),
            *weights_2("both", ways[0], "forward_lstm_1/"),
            *weights_2("both", ways[1], "backward_lstm_1/"),
            *weights_2("out", out),
        ]
        return write_bin(folder, net, listed)
    inner = cell_1("LSTM", "lstm_1", return_sequences=False)
    net = model(
        first(
            layer(
                "Embedding",
                "e",
                input_dim=V,
                output_dim=D,
                init="uniform",
                dropout=0.0,
                mask_zero=False,
            ),
            7,
        ),
        layer("Bidirectional", "both", layer=inner, merge_mode="concat"),
        layer("Dropout", "d", p=0.5),
        layer("Dense", "out", output_dim=V, activation="softmax", bias=True, input_dim=None),
        version="1.1.0",
    )
    listed = [
        ("e", "e_W:0", TABLE),
        *weights_1("LSTM", "both", ways[0], "forward_lstm_1"),
        *weights_1("LSTM", "both", ways[1], "backward_lstm_1"),
        ("out", "out_W:0", out["kernel"]),
        ("out", "out_b:0", out["bias"]),
    ]
    return write_buffer(folder, net, listed)


def of_both() -> fifty.Vector:
    with localcontext() as context:
        context.prec = fifty.DIGITS
        x = [fifty.exact(TABLE[k]) for k in IDS]
        ways = (arrays("LSTM"), arrays("LSTM", 11))
        h = keras.lstm(ways[0], x, True)[-1] + keras.lstm(ways[1], x[::-1], True)[-1]
        out = {"kernel": fifty.rows(43, 2 * H, V, 1.5), "bias": fifty.spread(41, V)}
        return keras.softmax(keras.dense(out, [h])[0])


def original(
    kind: str, given: dict[str, Json], hard: bool = True, order: str = ""
) -> list[fifty.Vector]:
    with localcontext() as context:
        context.prec = fifty.DIGITS
        x = fifty.exact(X)
        if kind == "SimpleRNN":
            return keras.simple_rnn(given, x)
        if kind == "LSTM":
            return keras.lstm(given, x, hard, order or "ifco")
        return keras.gru(given, x, hard, order or "zr")


def output(path: Path, given: Json, **options: Any) -> Json:  # noqa: ANN401
    found = importers.read(path, **options)
    assert found.system == "kerasjs"
    return run(compile_model(found.model), [given])[0][0].tolist()


def notes(path: Path, **options: Any) -> str:  # noqa: ANN401
    return "\n".join(f"{n.kind}: {n.text}" for n in importers.read(path, **options).notes)


# --- outputs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("generation", [1, 2])
@pytest.mark.parametrize("kind", BLOCKS)
def test_cells(kind: str, generation: int, tmp_path: Path) -> None:
    path = lone(kind, tmp_path, generation)
    assert fifty.away(original(kind, arrays(kind)), output(path, X)) < 1e-6
    assert ("a weight for each gate of Keras 1" in notes(path)) == (generation == 1)


@pytest.mark.parametrize("generation", [1, 2])
def test_two_directions_over_an_embedding(generation: int, tmp_path: Path) -> None:
    path = both(tmp_path, generation)
    found = output(path, IDS, tokens="abcde")
    assert fifty.away([of_both()], [found]) < 1e-6
    assert importers.read(path, tokens="abcde").model.output.kind == "probabilities"


@pytest.mark.parametrize("generation", [1, 2])
def test_a_dense_layer_of_every_step(generation: int, tmp_path: Path) -> None:
    given = arrays("GRU")
    if generation == 2:
        dense = layer("Dense", "dense_1", units=V, activation="linear", use_bias=True)
        net = model(first(cell_2("GRU"), None, D), layer("TimeDistributed", "out", layer=dense))
        path = write_bin(tmp_path, net, [*weights_2("rnn_1", given), *weights_2("out", DENSE)])
    else:
        out = layer(
            "TimeDistributedDense",
            "out",
            output_dim=V,
            activation="linear",
            init="uniform",
            input_length=None,
        )
        net = model(first(cell_1("GRU"), None, D), out, version="1.0.8")
        listed = [("out", "out_W", DENSE["kernel"]), ("out", "out_b", DENSE["bias"])]
        path = write_buffer(tmp_path, net, [*weights_1("GRU", "rnn_1", given), *listed])
    with localcontext() as context:
        context.prec = fifty.DIGITS
        expected = keras.dense(DENSE, original("GRU", given))
    assert fifty.away(expected, output(path, X)) < 2e-6


@pytest.mark.parametrize("generation", [1, 2])
def test_backwards(generation: int, tmp_path: Path) -> None:
    path = lone("GRU", tmp_path, generation, go_backwards=True, return_sequences=False)
    with localcontext() as context:
        context.prec = fifty.DIGITS
        expected = keras.gru(arrays("GRU"), fifty.exact(X)[::-1], True)[-1]
    assert fifty.away([expected], [output(path, X)]) < 1e-6


@pytest.mark.parametrize(
    ("kind", "wrong", "least"),
    [
        ("LSTM", {"order": "icfo"}, 0.2),  # as Keras 1 wrote them one after the other
        ("LSTM", {"order": "ifoc"}, 0.2),
        ("LSTM", {"hard": False}, 0.01),
        ("GRU", {"order": "rz"}, 0.2),
        ("GRU", {"hard": False}, 0.01),
    ],
)
def test_a_wrong_reading_shows(kind: str, wrong: Json, least: float) -> None:
    assert fifty.away(original(kind, arrays(kind)), original(kind, arrays(kind), **wrong)) > least


@pytest.mark.parametrize("generation", [1, 2])
def test_same_bits_in_three_languages(generation: int, tmp_path: Path) -> None:
    found = importers.read(lone("LSTM", tmp_path, generation))
    bits = languages.outputs(found.model, X, 4)
    assert len(set(bits.values())) == 1, list(bits)
    if languages.missing():
        pytest.skip(f"not built here: {', '.join(languages.missing())}; the others agree")


def test_both_kinds_of_files_give_one_model(tmp_path: Path) -> None:
    models = [importers.read(both(tmp_path, k), tokens="abcde").model for k in (1, 2)]
    assert models[0].layers == models[1].layers
    for name, tensor in models[0].tensors.items():
        assert (tensor.values == models[1].tensors[name].values).all(), name


# --- how files are written ----------------------------------------------------------------------------------


def test_weights_of_8_bits(tmp_path: Path) -> None:
    given = {role: [row] if role == "bias" else row for role, row in arrays("LSTM").items()}
    given["bias"] = arrays("LSTM")["bias"]
    net = model(first(cell_2("LSTM"), None, D))
    path = write_bin(tmp_path, net, weights_2("rnn_1", given), quantised=True)
    widened = {role: writer.widened(array) for role, array in given.items()}
    document = importers.read(path).document
    roles = document["layers"][0]["parameters"]
    for role, name in (("W", "kernel"), ("R", "recurrent_kernel"), ("b", "bias")):
        assert document["tensors"][roles[role]]["data"].tolist() == widened[name], "every bit"
    assert fifty.away(original("LSTM", widened), output(path, X)) < 1e-6
    assert fifty.away(original("LSTM", given), output(path, X)) > 1e-4
    assert "weights of 8 bits widened" in notes(path)


def test_a_weight_of_one_value_in_8_bits(tmp_path: Path) -> None:
    given = {**arrays("LSTM"), "bias": [0.25] * 4 * H}
    net = model(first(cell_2("LSTM"), None, D))
    path = write_bin(tmp_path, net, weights_2("rnn_1", given), quantised=True)
    widened = {role: writer.widened(array) for role, array in given.items()}
    assert fifty.away(original("LSTM", widened), output(path, X)) < 1e-6


def test_sizes_one_by_one(tmp_path: Path) -> None:
    net = model(first(cell_2("LSTM"), None, D))
    messages = [writer.message(w, packed=False) for w in weights_2("rnn_1", arrays("LSTM"))]
    path = tmp_path / "net.bin"
    path.write_bytes(writer.model(net, messages))
    assert fifty.away(original("LSTM", arrays("LSTM")), output(path, X)) < 1e-6


def test_the_metadata_stand_for_the_model(tmp_path: Path) -> None:
    lone("LSTM", tmp_path, 1)
    assert (
        fifty.away(original("LSTM", arrays("LSTM")), output(tmp_path / "net_metadata.json", X))
        < 1e-6
    )


def test_a_config_without_a_version_is_told_by_its_weights(tmp_path: Path) -> None:
    net = model(first(cell_1("GRU"), None, D))
    path = write_buffer(tmp_path, net, weights_1("GRU", "rnn_1", arrays("GRU")))
    assert fifty.away(original("GRU", arrays("GRU")), output(path, X)) < 1e-6


def test_keras_2_in_a_buffer(tmp_path: Path) -> None:
    net = model(first(cell_2("GRU"), None, D), version="2.0.2")
    path = write_buffer(tmp_path, net, weights_2("rnn_1", arrays("GRU")))
    assert fifty.away(original("GRU", arrays("GRU")), output(path, X)) < 1e-6


def test_gates_of_which_nothing_is_said(tmp_path: Path) -> None:
    entry = first(cell_2("GRU"), None, D)
    del entry["config"]["recurrent_activation"]
    path = write_bin(tmp_path, model(entry), weights_2("rnn_1", arrays("GRU")))
    assert fifty.away(original("GRU", arrays("GRU")), output(path, X)) < 1e-6
    assert "assumed: hard_sigmoid in the gates of rnn_1" in notes(path)


def test_a_mask_is_told(tmp_path: Path) -> None:
    net = model(
        first(layer("Embedding", "e", input_dim=V, output_dim=D, mask_zero=True), None),
        cell_2("GRU"),
    )
    path = write_bin(
        tmp_path, net, [("e", "e/embeddings:0", TABLE), *weights_2("rnn_1", arrays("GRU"))]
    )
    assert "keras-js itself passes over it" in notes(path, tokens="abcde")


def test_a_functional_model_of_keras_1(tmp_path: Path) -> None:
    entries = [
        {**first(layer("InputLayer", "in"), None, D), "name": "in", "inbound_nodes": []},
        {**cell_1("LSTM"), "name": "rnn_1", "inbound_nodes": [[["in", 0, 0]]]},
    ]
    ends = {"input_layers": [["in", 0, 0]], "output_layers": [["rnn_1", 0, 0]], "name": "m"}
    net = {"class_name": "Model", "config": {"layers": entries, **ends}, "keras_version": "1.2.2"}
    path = write_buffer(tmp_path, net, weights_1("LSTM", "rnn_1", arrays("LSTM")))
    assert fifty.away(original("LSTM", arrays("LSTM")), output(path, X)) < 1e-6


# --- near-misses --------------------------------------------------------------------------------------------

Made = Callable[[Path], Path]


def buffered(change: Callable[[Path], None]) -> Made:
    """The three files, one of them changed then."""

    def made(folder: Path) -> Path:
        path = lone("LSTM", folder, 1)
        change(folder)
        return path

    return made


def entry_of(k: int, **members: Json) -> Made:
    def change(folder: Path) -> None:
        path = folder / "net_metadata.json"
        value = json.loads(path.read_text())
        value[k] |= members
        path.write_text(json.dumps(value))

    return buffered(change)


def raw_bytes(name: str, data: Callable[[bytes], bytes]) -> Made:
    def change(folder: Path) -> None:
        path = folder / name
        path.write_bytes(data(path.read_bytes()))

    return buffered(change)


def config_1(entry: Json, weights: list[Weight] | None = None) -> Made:
    listed = weights_1("LSTM", "rnn_1", arrays("LSTM")) if weights is None else weights
    return lambda folder: write_buffer(
        folder, model(first(entry, None, D), version="1.2.0"), listed
    )


def config_2(entry: Json, weights: list[Weight] | None = None, version: str = "2.0.8") -> Made:
    listed = weights_2("rnn_1", arrays("LSTM")) if weights is None else weights
    return lambda folder: write_bin(folder, model(first(entry, None, D)), listed, version)


def messages(*more: bytes, **kinds: Json) -> Made:
    def made(folder: Path) -> Path:
        path = folder / "net.bin"
        listed = [writer.message(w, **kinds) for w in weights_2("rnn_1", arrays("LSTM"))]
        path.write_bytes(writer.model(model(first(cell_2("LSTM"), None, D)), [*listed, *more]))
        return path

    return made


def pointer(folder: Path) -> Path:
    path = folder / "net.bin"
    path.write_bytes(POINTER)
    return path


def fused() -> list[Weight]:
    given = arrays("LSTM")
    return [
        ("rnn_1", f"rnn_1_{letter}:0", given[role])
        for letter, role in (("W", "kernel"), ("U", "recurrent_kernel"), ("b", "bias"))
    ]


ONE = weights_1("LSTM", "rnn_1", arrays("LSTM"))
NEAR_MISSES: dict[str, tuple[Made, str, str]] = {
    "a pointer in place of the buffer": (raw_bytes("net_weights.buf", lambda _: POINTER), "IMPORT_UNSUPPORTED", f"net_weights.buf has {len(POINTER)} bytes and is a pointer of Git LFS"),
    "a pointer in place of the model": (pointer, "IMPORT_UNSUPPORTED", "net.bin has 132 bytes and is a pointer of Git LFS"),
    "a buffer that was cut": (raw_bytes("net_weights.buf", lambda data: data[:-4]), "IMPORT_SHAPE", "has 188 bytes, and its metadata speak of 192"),
    "a buffer that is longer": (raw_bytes("net_weights.buf", lambda data: data + b"\0\0\0\0"), "IMPORT_SHAPE", "has 196 bytes"),
    "another offset": (entry_of(1, offset=0), "IMPORT_SHAPE", "from byte 24 on"),
    "another length": (entry_of(1, length=5), "IMPORT_SHAPE", "4 numbers from byte 24 on"),
    "a shape that is huge": (entry_of(0, shape=[2**31 - 1, 2**31 - 1]), "IMPORT_SHAPE", "4,611,686,014,132,420,609 numbers"),
    "a size of 0": (entry_of(0, shape=[0, 2]), "IMPORT_MALFORMED", "no list of whole numbers from 1"),
    "another type": (entry_of(0, type="uint8"), "IMPORT_UNSUPPORTED", "another type than float32"),
    "a member too many": (entry_of(0, dtype="float32"), "IMPORT_MALFORMED", "has not the members"),
    "a name that is a number": (entry_of(0, weight_name=3), "IMPORT_MALFORMED", "names that are no texts"),
    "an array that is not finite": (raw_bytes("net_weights.buf", lambda data: b"\0\0\xc0\x7f" + data[4:]), "IMPORT_MALFORMED", "holds nan"),
    "metadata that are no list": (raw_bytes("net_metadata.json", lambda _: b"{}"), "IMPORT_MALFORMED", "is no list"),
    "a weight of another layer": (entry_of(0, layer_name="other"), "IMPORT_UNSUPPORTED", "belongs to no layer of the config, whose layers with weights are rnn_1"),
    "a weight twice": (entry_of(1, weight_name="rnn_1_W_i:0"), "IMPORT_MALFORMED", "is there twice"),
    "the same gate under two names": (entry_of(1, weight_name="x_W_i:0"), "IMPORT_MALFORMED", "has the weight W_i twice"),
    "a gate is missing": (config_1(cell_1("LSTM"), [w for w in ONE if "W_f" not in w[1]]), "IMPORT_MALFORMED", "has no weight W_f; it has U_c, U_f"),
    "gates in one array": (config_1(cell_1("LSTM"), fused()), "IMPORT_MALFORMED", "consume_less='cpu' or 'mem'"),
    "a GRU's weights for an LSTM": (config_1(cell_1("LSTM"), weights_1("GRU", "rnn_1", arrays("GRU"))), "IMPORT_MALFORMED", "has no weight W_i"),
    "gates of two sizes": (config_1(cell_1("LSTM"), [(a, b, [[0.0] * 3] * D) if "W_f" in b else (a, b, c) for a, b, c in ONE]), "IMPORT_SHAPE", "not of one size"),
    "an array with another name": (config_1(cell_1("LSTM"), [*ONE, ("rnn_1", "rnn_1_P_i:0", [1.0])]), "IMPORT_UNSUPPORTED", "that Keras 1 does not write"),
    "an array that no LSTM has": (config_1(cell_1("LSTM"), [*ONE, ("rnn_1", "rnn_1_W_z:0", [1.0])]), "IMPORT_UNSUPPORTED", "a weight W_z that such a layer has not"),
    "another size": (config_1(cell_1("LSTM", output_dim=5)), "IMPORT_SHAPE", "the config asks for [3, 20]"),
    "an odd activation": (config_1(cell_1("LSTM", inner_activation="swish")), "IMPORT_UNSUPPORTED", "is swish"),
    "a setting that is unknown": (config_1(cell_1("LSTM", forget_bias=1.0)), "IMPORT_UNSUPPORTED", 'the setting "forget_bias"'),
    "a Merge of Keras 1": (config_1(layer("Merge", "m", mode="concat")), "IMPORT_UNSUPPORTED", '"m" (Merge) is none that is carried of Keras 1'),
    "a convolution of Keras 1": (config_1(layer("Convolution1D", "c")), "IMPORT_UNSUPPORTED", '"c" (Convolution1D)'),
    "a convolution of Keras 2": (config_2(layer("Conv1D", "c")), "IMPORT_UNSUPPORTED", 'the layer "c" (Conv1D)'),
    "Keras 3": (config_2(cell_2("LSTM"), version="3.1.0"), "IMPORT_UNSUPPORTED", "of Keras 3.1.0"),
    "a bias that is missing": (config_2(cell_2("LSTM"), weights_2("rnn_1", arrays("LSTM"))[:2]), "IMPORT_MALFORMED", "has no bias in the file"),
    "a bias too many": (config_2(cell_2("LSTM", use_bias=False)), "IMPORT_UNSUPPORTED", 'a weight "rnn_1/bias:0"'),
    "weights of 4 bits": (messages(kind="uint4"), "IMPORT_UNSUPPORTED", "is of uint4"),
    "weights of 8 bits that are cut": (messages(kind="uint8"), "IMPORT_MALFORMED", "asks for 24"),
    "a field that is unknown": (messages(b"\x42\x01x"), "IMPORT_MALFORMED", "a field that keras-js does not write"),
    "a shape as a text": (messages(writer.field(3, b"\xff")), "IMPORT_MALFORMED", "no sound protobuf"),
    "a range that is no number": (messages(writer.message(("rnn_1", "x", [1.0]), kind="uint8") + b"\x35\0\0\xc0\x7f"), "IMPORT_MALFORMED", "no smallest and largest value"),
}  # fmt: skip


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_a_near_miss_is_refused(name: str, tmp_path: Path) -> None:
    make, code, words = NEAR_MISSES[name]
    with pytest.raises(Refused) as refused:
        importers.read(make(tmp_path), "kerasjs")
    assert (refused.value.code, words in str(refused.value)) == (code, True), refused.value


def test_a_config_alone_is_not_taken_for_one(tmp_path: Path) -> None:
    path = lone("LSTM", tmp_path, 1)
    assert importers.recognise(path).name == "kerasjs"
    (tmp_path / "net_weights.buf").unlink()
    with pytest.raises(Refused, match="without its weights"):
        importers.read(path)
    with pytest.raises(Refused, match="nor a config with X_weights"):
        importers.read(path, "kerasjs")


def test_the_limit_holds_for_what_8_bits_become(tmp_path: Path) -> None:
    given = {**arrays("LSTM"), "kernel": fifty.rows(1, 400, 4 * H)}
    net = model(first(cell_2("LSTM"), None, 400))
    path = write_bin(tmp_path, net, weights_2("rnn_1", given), quantised=True)
    size = path.stat().st_size
    assert kerasjs.read(Source(path)).model.layers
    with pytest.raises(Refused, match="as float32") as refused:
        kerasjs.read(Source(path, Limits(size=2 * size)))
    assert refused.value.code == "IMPORT_LIMIT"


@pytest.mark.parametrize("which", ["net.bin", "net_metadata.json", "net.json"])
def test_damaged_files(which: str, tmp_path: Path) -> None:
    path = lone("GRU", tmp_path, 2 if which.endswith(".bin") else 1)
    broken = tmp_path / which
    data, pick = broken.read_bytes(), random.Random(which)
    seen = set()
    for _ in range(120):
        broken.write_bytes(damaged(data, pick))
        seen.add(judged(lambda: importers.read(path, "kerasjs")))
        judged(lambda: importers.read(path))
    assert {"IMPORT_MALFORMED"} < seen <= {*importers.CODES, "imported"}


def test_a_file_cut_anywhere_is_refused(tmp_path: Path) -> None:
    path = lone("GRU", tmp_path, 2)
    data = copy.copy(path.read_bytes())
    for end in range(0, len(data) - 1, 13):
        path.write_bytes(data[:end])
        with pytest.raises(Refused):
            importers.read(path, "kerasjs")
