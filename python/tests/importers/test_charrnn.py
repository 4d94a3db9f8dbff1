"""charrnn against char-rnn's own equations, and what must be refused."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec import importers
from rnnspec.importers import CODES, Refused, charrnn
from rnnspec.tensor import Float32

from . import t7_writer as t7
from .originals import Array, sigmoid
from .t7_writer import T7, Linears, Obj, Raw, checkpoint, gru_graph, linears, lstm_graph, rnn_graph
from .test_hostile import judged

IDS = [3, 1, 4, 1, 5, 8, 2, 6, 5, 3, 5, 8, 0, 7, 0, 8]


def lin(pair: tuple[Array, Array | None], x: Array) -> Array:
    out: Array = pair[0] @ x + (0 if pair[1] is None else pair[1])
    return out


def original(model: str, w: Linears, layers: int, gates: str = "ifog") -> Array:
    """Log-probabilities [T, V]."""
    units = w["decoder"][0].shape[1]
    h, c = np.zeros((layers, units)), np.zeros((layers, units))
    rows = []
    for token in IDS:
        x = np.eye(len(w["decoder"][0]))[token]
        for k in range(layers):
            if model == "lstm":
                s = np.split(lin(w[f"i2h_{k}"], x) + lin(w[f"h2h_{k}"], h[k]), 4)
                i, f, o = (sigmoid(s[gates.index(gate)]) for gate in "ifo")
                c[k] = f * c[k] + i * np.tanh(s[gates.index("g")])
                h[k] = o * np.tanh(c[k])
            elif model == "gru":
                z, r = (sigmoid(lin(w[f"{g}x_{k}"], x) + lin(w[f"{g}h_{k}"], h[k])) for g in "zr")
                n = np.tanh(lin(w[f"nx_{k}"], x) + lin(w[f"nh_{k}"], r * h[k]))
                h[k] = z * n + (1 - z) * h[k]
            else:
                h[k] = np.tanh(lin(w[f"i2h_{k}"], x) + lin(w[f"h2h_{k}"], h[k]))
            x = h[k]
        y = lin(w["decoder"], x)
        rows.append(y - np.log(np.exp(y).sum()))
    return np.array(rows)


def saved(folder: Path, value: Any, tensors: str = "Double") -> Path:  # noqa: ANN401
    path = folder / "net.t7"
    path.write_bytes(T7(tensors).file(value))
    return path


def ran(found: importers.Import) -> Float32:
    output, _ = rnnspec.run(rnnspec.compile(found.model), [IDS])
    row: Float32 = output[0]
    return row


def notes(found: importers.Import, kind: str) -> str:
    return "\n".join(note.text for note in found.notes if note.kind == kind)


GRAPHS: dict[str, Callable[[Linears, int], Obj]] = {"lstm": lstm_graph, "gru": gru_graph, "rnn": rnn_graph}  # fmt: skip


@pytest.mark.parametrize("model", GRAPHS)
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("tensors", ["Double", "Float", "Cuda", "Cl"])
def test_every_cell_gives_what_char_rnn_gives(
    model: str, layers: int, tensors: str, tmp_path: Path
) -> None:
    w = linears(model, layers=layers)
    path = saved(tmp_path, checkpoint(GRAPHS[model](w, layers)), tensors)
    found = importers.read(path)
    assert found.system == "charrnn"
    assert np.abs(ran(found) - original(model, w, layers)).max() < 2e-5
    assert found.model.output.kind == "log_probabilities"
    vocabulary = found.model.input_vocabulary
    assert vocabulary is not None
    assert bytes(int(token) for token in vocabulary.tokens) == b"\n abcdefg"


@pytest.mark.parametrize("old", [True, False])
def test_both_generations_of_graphs(old: bool, tmp_path: Path) -> None:
    w = linears("lstm")
    found = charrnn.read(saved(tmp_path, checkpoint(lstm_graph(w, 2, old=old))))
    assert np.abs(ran(found) - original("lstm", w, 2)).max() < 2e-5


@pytest.mark.parametrize(
    ("gates", "old"), [("ofig", False), ("gofi", False), ("ofig", True), ("gofi", True)]
)
def test_the_order_of_gates_is_read_off_the_graph(gates: str, old: bool, tmp_path: Path) -> None:
    w = linears("lstm")
    found = charrnn.read(saved(tmp_path, checkpoint(lstm_graph(w, 2, gates=gates, old=old))))
    assert np.abs(ran(found) - original("lstm", w, 2, gates)).max() < 2e-5
    assert np.abs(ran(found) - original("lstm", w, 2)).max() > 0.5
    assert f"blocks {', '.join(gates)}" in notes(found, "changed")


def test_a_gru_that_keeps_with_z_would_be_seen(tmp_path: Path) -> None:
    w = linears("gru")
    found = charrnn.read(saved(tmp_path, checkpoint(gru_graph(w, 2))))
    turned = {name: (-W, -b) if name[0] == "z" else (W, b) for name, (W, b) in w.items()}
    assert np.abs(ran(found) - original("gru", turned, 2)).max() > 0.5
    assert "z negated" in notes(found, "changed")


def test_dropout_that_scales_nothing_is_left_out(tmp_path: Path) -> None:
    w = linears("lstm")
    graph = lstm_graph(w, 2, dropout=Obj("nn.Dropout", {"p": 0.5, "v2": True}))
    found = charrnn.read(saved(tmp_path, checkpoint(graph)))
    assert np.abs(ran(found) - original("lstm", w, 2)).max() < 2e-5


def test_h2h_without_a_bias_as_later_copies_have_it(tmp_path: Path) -> None:
    w: Any = linears("lstm")
    w["h2h_1"] = (w["h2h_1"][0], None)
    found = charrnn.read(saved(tmp_path, checkpoint(lstm_graph(w, 2))))
    assert np.abs(ran(found) - original("lstm", w, 2)).max() < 2e-5


def test_logits_and_a_vocabulary_of_characters(tmp_path: Path) -> None:
    w = linears("rnn")
    path = saved(tmp_path, checkpoint(rnn_graph(w, 2), "\n abcdéfg"))
    found = charrnn.read(path, output_kind="logits")
    logits = ran(found).astype(np.float64)
    assert np.abs(logits - np.log(np.exp(logits).sum(-1, keepdims=True)) - original("rnn", w, 2)).max() < 2e-5  # fmt: skip
    vocabulary = found.model.input_vocabulary
    assert vocabulary is not None
    assert vocabulary.unit == "codepoint"


# --- near-misses ------------------------------------------------------------------------------------------


def other(name: str, W: Any = None, b: Any = None) -> Linears:  # noqa: ANN401
    w: Any = linears("lstm")
    w[name] = (w[name][0] if W is None else W, w[name][1] if b is None else b)
    changed: Linears = w
    return changed


def no_decoder_bias() -> Any:  # noqa: ANN401
    w: Any = linears("lstm")
    w["decoder"] = (w["decoder"][0], None)
    return checkpoint(lstm_graph(w, 2))


def bad_number() -> Any:  # noqa: ANN401
    w = linears("lstm")
    w["h2h_1"][0][2, 3] = np.nan
    return checkpoint(lstm_graph(w, 2))


def embedded() -> Any:  # noqa: ANN401
    value = checkpoint(rnn_graph(linears("rnn"), 2))
    value["protos"]["embed"] = Obj("OneHot")
    return value


def w_lstm(**options: Any) -> Any:  # noqa: ANN401
    return checkpoint(lstm_graph(linears("lstm"), 2, **options))


CASES: dict[str, tuple[Callable[[], Any], str, str]] = {
    "another function": (lambda: checkpoint(rnn_graph(linears("rnn"), 2, "nn.Sigmoid")), "IMPORT_UNSUPPORTED", "cell 1 is neither"),
    "an unknown layer": (lambda: checkpoint(rnn_graph(linears("rnn"), 2, "nn.ReLU")), "IMPORT_UNSUPPORTED", "nn.ReLU where char-rnn has none"),
    "batch norm": (lambda: w_lstm(dropout=Obj("nn.BatchNormalization")), "IMPORT_UNSUPPORTED", "nn.BatchNormalization"),
    "the first dropout": (lambda: w_lstm(dropout=Obj("nn.Dropout", {"p": 0.5})), "IMPORT_UNSUPPORTED", "nn.Dropout where"),
    "missing bias": (no_decoder_bias, "IMPORT_MALFORMED", "the decoder has no bias"),
    "wrong shape": (lambda: checkpoint(lstm_graph(other("h2h_1", W=np.ones((20, 6))), 2)), "IMPORT_SHAPE", "the file is damaged"),
    "wrong bias": (lambda: checkpoint(lstm_graph(other("i2h_0", b=np.ones(19)), 2)), "IMPORT_SHAPE", "and a bias [19]"),
    "nan": (bad_number, "IMPORT_MALFORMED", "holds nan at [2, 3]"),
    "a part too many": (embedded, "IMPORT_UNSUPPORTED", "protos has a part embed"),
    "vocabulary too small": (lambda: checkpoint(lstm_graph(linears("lstm"), 2), "abc"), "IMPORT_SHAPE", "has 3 tokens, and the net reads 9"),
    "vocabulary from 0": (lambda: {**w_lstm(), "vocab": {"a": 0}}, "IMPORT_MALFORMED", "are not 1, 2, 3"),
    "no checkpoint": (lambda: {"model": 1}, "IMPORT_MALFORMED", "has no protos"),
    "32 bits": (lambda: Raw(b"\x03\0\0\0\x01\0\0\0\x01\0\0\0\x09\0\0\0" + bytes(20)), "IMPORT_MALFORMED", "a 32-bit machine"),
    "cut off": (lambda: Raw(T7().file(w_lstm())[:3000]), "IMPORT_MALFORMED", "is no Torch7 file to rely on"),
    "trailing": (lambda: Raw(T7().file(w_lstm()) + b"\0"), "IMPORT_MALFORMED", "bytes follow"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_near_misses(name: str, tmp_path: Path) -> None:
    make, code, words = CASES[name]
    with pytest.raises(Refused) as refused:
        charrnn.read(saved(tmp_path, make()))
    assert refused.value.code == code
    assert words in str(refused.value)


def test_no_vocabulary_is_asked_for(tmp_path: Path) -> None:
    value = w_lstm()
    del value["vocab"]
    path = saved(tmp_path, value)
    with pytest.raises(Refused, match="there is no vocabulary") as refused:
        charrnn.read(path)
    assert refused.value.code == "IMPORT_ASK"
    assert charrnn.read(path, tokens="123456789").model.input_vocabulary is not None


# --- hostile files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"\x03\0\0\0\x01\0\0\0\xff\xff\xff\x7f",  # two thousand million pairs
        b"\x02\0\0\0\xff\xff\xff\x7f",  # a string of 2 GiB
        b"\x02\0\0\0\xff\xff\xff\xff",  # one of -1
        t7.long_storage(1, 2, number=1)[:-24] + b"\xff" * 7 + b"\x7f",  # a storage of 2^63 numbers
        b"\x03\0\0\0\x01\0\0\0\x01\0\0\0" * 50_000,  # tables in tables
    ],
)
def test_sizes_are_compared_before_anything_is_made(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "net.t7"
    path.write_bytes(data)
    with pytest.raises(Refused) as refused:
        charrnn.read(path)
    assert refused.value.code == "IMPORT_MALFORMED"


def test_functions_are_stepped_over(tmp_path: Path) -> None:
    code = b"\x1bLua os.exit(1)"
    plain = Raw(b"\x06\0\0\0" + len(code).to_bytes(4, "little") + code + b"\0\0\0\0")
    value = {**w_lstm(), "hook": plain}
    assert charrnn.read(saved(tmp_path, value)).model.layers


@pytest.mark.parametrize("seed", range(4))
def test_damaged_files(seed: int, tmp_path: Path) -> None:
    pick = random.Random(seed)
    data = T7("Float").file(checkpoint(rnn_graph(linears("rnn", units=2, layers=1), 1)))
    seen = set()
    path = tmp_path / "net.t7"
    for _ in range(100):
        changed = bytearray(data)
        for _ in range(pick.randint(1, 3)):
            changed[pick.randrange(len(changed))] = pick.choice([0, 1, 3, 4, 127, 128, 255])
        path.write_bytes(changed)
        seen.add(judged(lambda: charrnn.read(path)))
    assert {"IMPORT_MALFORMED"} < seen <= {*CODES, "imported"}
