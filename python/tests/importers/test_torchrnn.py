"""torchrnn against torch-rnn's own equations, and what must be refused."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec import importers
from rnnspec.importers import CODES, Refused, torchrnn
from rnnspec.tensor import Float32

from .originals import Array, sigmoid
from .t7_writer import T7, Obj, Raw
from .test_hostile import judged

IDS = [3, 1, 4, 1, 5, 0, 2, 4, 5, 3, 5, 1, 0]
LETTERS = ["a", "b", "\n", " ", "é", "ö"]
Parts = list[tuple[str, Array, Array]]  # kind, weight, bias


def parts(model: str = "lstm", layers: int = 2, units: int = 5, embedding: int = 3) -> Parts:
    pick = np.random.default_rng(1)

    def loud(*shape: int) -> Array:
        return pick.normal(size=shape).astype(np.float32).astype(np.float64)

    made: Parts = [("nn.LookupTable", loud(len(LETTERS), embedding), loud(1))]
    width = embedding
    kind, blocks = ("nn.LSTM", 4) if model == "lstm" else ("nn.VanillaRNN", 1)
    for _ in range(layers):
        made.append((kind, loud(width + units, blocks * units), loud(blocks * units)))
        width = units
    return [*made, ("nn.Linear", loud(len(LETTERS), width), loud(len(LETTERS)))]


def language_model(made: Parts, letters: list[Any] = LETTERS, dropout: bool = False) -> Any:  # noqa: ANN401
    modules = [Obj(kind, {"weight": W, "bias": b, "train": True}) for kind, W, b in made]
    del modules[0].fields["bias"]
    if dropout:
        modules.insert(2, Obj("nn.Dropout", {"p": 0.5, "v2": True}))
    view1, view2 = Obj("nn.View", {"numInputDims": 3}), Obj("nn.View", {"numInputDims": 2})
    net = Obj("nn.Sequential", {"modules": [*modules[:-1], view1, modules[-1], view2]})
    fields = {
        "net": net,
        "rnns": modules[1:-1],
        "vocab_size": len(letters),
        "idx_to_token": letters,
    }
    return {"model": Obj("nn.LanguageModel", fields), "i": 1000, "opt": {"model_type": "lstm"}}


def saved(folder: Path, value: Any, tensors: str = "Float") -> Path:  # noqa: ANN401
    path = folder / "net.t7"
    path.write_bytes(T7(tensors).file(value))
    return path


def original(made: Parts, gates: str = "ifog") -> Array:
    """Logits [T, V]."""
    cells = made[1:-1]
    units = made[-1][1].shape[1]
    h, c = np.zeros((len(cells), units)), np.zeros((len(cells), units))
    rows = []
    for token in IDS:
        x = made[0][1][token]
        for k, (kind, weight, bias) in enumerate(cells):
            a = np.concatenate([x, h[k]]) @ weight + bias
            if kind == "nn.LSTM":
                part = dict(zip(gates, np.split(a, 4), strict=True))
                c[k] = sigmoid(part["f"]) * c[k] + sigmoid(part["i"]) * np.tanh(part["g"])
                h[k] = sigmoid(part["o"]) * np.tanh(c[k])
            else:
                h[k] = np.tanh(a)
            x = h[k]
        rows.append(made[-1][1] @ x + made[-1][2])
    return np.array(rows)


def ran(found: importers.Import) -> Float32:
    output, _ = rnnspec.run(rnnspec.compile(found.model), [IDS])
    row: Float32 = output[0]
    return row


@pytest.mark.parametrize("model", ["lstm", "rnn"])
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("tensors", ["Float", "Cuda", "Double"])
@pytest.mark.parametrize("dropout", [True, False])
def test_logits_are_those_of_torch_rnn(
    model: str, layers: int, tensors: str, dropout: bool, tmp_path: Path
) -> None:
    made = parts(model, layers)
    found = importers.read(saved(tmp_path, language_model(made, dropout=dropout), tensors))
    assert found.system == "torchrnn"
    assert np.abs(ran(found) - original(made)).max() < 2e-5
    assert found.model.output.kind == "logits"
    vocabulary = found.model.input_vocabulary
    assert vocabulary is not None
    assert list(vocabulary.tokens) == LETTERS


def test_another_order_of_gates_would_be_seen(tmp_path: Path) -> None:
    made = parts()
    found = torchrnn.read(saved(tmp_path, language_model(made)))
    assert np.abs(ran(found) - original(made, "ifgo")).max() > 0.1
    assert any("i, f, o, g" in note.text for note in found.notes if note.kind == "assumed")


def test_an_order_that_the_caller_knows(tmp_path: Path) -> None:
    made = parts()
    path = saved(tmp_path, language_model(made))
    found = torchrnn.read(path, gates="gfio")
    assert np.abs(ran(found) - original(made, "gfio")).max() < 2e-5
    with pytest.raises(Refused, match="--gates zrn: expected the letters"):
        torchrnn.read(path, gates="zrn")
    with pytest.raises(Refused, match="the net has no LSTM"):
        torchrnn.read(saved(tmp_path, language_model(parts("rnn"))), gates="ifog")


def test_bytes_as_preprocess_writes_them(tmp_path: Path) -> None:
    letters = ["a", "b", "\n", " ", "[195]", "[169]"]
    vocabulary = torchrnn.read(
        saved(tmp_path, language_model(parts(), letters))
    ).model.input_vocabulary
    assert vocabulary is not None
    assert vocabulary.unit == "byte"
    assert list(vocabulary.tokens) == [97, 98, 10, 32, 195, 169]


# --- near-misses ------------------------------------------------------------------------------------------


def changed(number: int, kind: str = "", W: Any = None, b: Any = None) -> Any:  # noqa: ANN401
    made: Any = parts()
    old = made[number]
    made[number] = (kind or old[0], old[1] if W is None else W, old[2] if b is None else b)
    return language_model(made)


def max_norm() -> Any:  # noqa: ANN401
    value = language_model(parts())
    value["model"].fields["net"].fields["modules"][0].fields["maxNorm"] = 1
    return value


def no_bias() -> Any:  # noqa: ANN401
    value = language_model(parts())
    del value["model"].fields["net"].fields["modules"][1].fields["bias"]
    return value


def letters(*given: str) -> Any:  # noqa: ANN401
    return language_model(parts(), list(given))


CASES: dict[str, tuple[Callable[[], Any], str, str]] = {
    "another cell": (lambda: changed(1, "nn.GRU"), "IMPORT_UNSUPPORTED", "the net has a nn.GRU"),
    "batch norm": (lambda: changed(1, "nn.BatchNormalization"), "IMPORT_UNSUPPORTED", "-batchnorm 0"),
    "the first dropout": (lambda: changed(1, "nn.Dropout"), "IMPORT_UNSUPPORTED", "nn.Dropout"),
    "order": (lambda: changed(1, "nn.Linear"), "IMPORT_UNSUPPORTED", "in this order"),
    "wrong shape": (lambda: changed(2, W=np.ones((9, 20))), "IMPORT_SHAPE", "module 3, an nn.LSTM, has a weight [9, 20]"),
    "wrong bias": (lambda: changed(2, b=np.ones(19)), "IMPORT_SHAPE", "and a bias [19]"),
    "wrong output": (lambda: changed(3, W=np.ones((6, 4))), "IMPORT_SHAPE", "the last nn.Linear"),
    "nan": (lambda: changed(2, b=np.full(20, np.nan)), "IMPORT_MALFORMED", "2.bias holds nan"),
    "missing bias": (no_bias, "IMPORT_MALFORMED", "the bias of module 2, an nn.LSTM, is missing"),
    "max norm": (max_norm, "IMPORT_UNSUPPORTED", "maxNorm"),
    "words": (lambda: letters("a", "b", "c", "d", "e", "the"), "IMPORT_ASK", 'the token "the" is no character'),
    "a byte below 128": (lambda: letters("a", "b", "c", "d", "[195]", "[065]"), "IMPORT_ASK", '"[065]" is none'),
    "a letter too few": (lambda: letters("a"), "IMPORT_SHAPE", "has 1 tokens, and the net reads 6"),
    "another file": (lambda: {"protos": {}}, "IMPORT_MALFORMED", "no nn.LanguageModel"),
    "cut off": (lambda: Raw(T7().file(language_model(parts()))[:2000]), "IMPORT_MALFORMED", "a storage is cut off"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_near_misses(name: str, tmp_path: Path) -> None:
    make, code, words = CASES[name]
    with pytest.raises(Refused) as refused:
        torchrnn.read(saved(tmp_path, make()))
    assert refused.value.code == code
    assert words in str(refused.value)


def test_one_storage_for_all_is_refused_before_it_is_copied(tmp_path: Path) -> None:
    kind, W, b = parts(layers=1)[1]
    cells = [Obj(kind, {"weight": W, "bias": b})] * 200
    value = language_model(parts())
    modules = value["model"].fields["net"].fields["modules"]
    modules[1:1] = cells
    with pytest.raises(Refused, match="share their numbers"):
        torchrnn.read(saved(tmp_path, value))


@pytest.mark.parametrize("seed", range(4))
def test_damaged_files(seed: int, tmp_path: Path) -> None:
    pick = random.Random(seed)
    data = T7("Float").file(language_model(parts("rnn", 1, 2, 1)))
    seen = set()
    path = tmp_path / "net.t7"
    for _ in range(100):
        damaged = bytearray(data)
        for _ in range(pick.randint(1, 3)):
            damaged[pick.randrange(len(damaged))] = pick.choice([0, 1, 3, 4, 127, 128, 255])
        path.write_bytes(damaged)
        seen.add(judged(lambda: torchrnn.read(path)))
    assert {"IMPORT_MALFORMED"} < seen <= {*CODES, "imported"}
