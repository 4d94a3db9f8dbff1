"""recurrentjs against the equations of recurrent.js, and what must be refused. The writer of its files is here."""

import json
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec import importers
from rnnspec.importers import CODES, Refused, recurrentjs
from rnnspec.tensor import Float32

from .originals import Array, sigmoid
from .test_hostile import damaged, judged

IDS = [3, 1, 4, 1, 5, 0, 2, 4, 5, 3, 5, 1, 0]
LETTERS = ["a", "\n", "'", '"', "\\", "é"]  # six rows
CONVERTED = ["a", "\\n", "SINGLEQUOTE", "DOUBLEQUOTE", "\\\\", "é"]
Matrices = dict[str, Array]


def matrices(generator: str = "lstm", letters: int | None = None, sizes: tuple[int, ...] = (5, 4)) -> Matrices:  # fmt: skip
    """Loud weights for six rows; `letters` is the width of Wil, the identity without it."""
    pick = np.random.default_rng(1)
    rows = len(LETTERS)
    width = letters or rows
    made = {"Wil": pick.normal(size=(rows, width)) if letters else np.eye(rows)}
    for k, size in enumerate(sizes):
        shapes = {"x": (size, width), "h": (size, size)}
        if generator == "rnn":
            made |= {f"W{x}h{k}": pick.normal(size=shapes[x]) / 2 for x in "xh"}
            made[f"bhh{k}"] = pick.normal(size=(size, 1))
        for gate in "ifoc" if generator == "lstm" else "":
            made |= {f"W{gate}{x}{k}": pick.normal(size=shapes[x]) for x in "xh"}
            made[f"b{gate}{k}"] = pick.normal(size=(size, 1))
        width = size
    return {**made, "Whd": pick.normal(size=(rows, width)), "bd": pick.normal(size=(rows, 1))}


def saved(m: Matrices, dialect: str = "from 0", *, keyed: bool = True, generator: str = "lstm") -> dict[str, Any]:  # fmt: skip
    def w(array: Array) -> Any:  # noqa: ANN401
        flat = [float(x) for x in array.reshape(-1)]
        pairs = [(str(k), x) for k, x in enumerate(flat)]
        random.Random(1).shuffle(pairs)
        return dict(pairs) if keyed else flat

    first = {"from 0": 0, "from 1": 1, "native": 1}[dialect]
    letters = CONVERTED if dialect != "native" else ["a", "\n", "'", '"', "é"]
    names = [name for name in m if name[-1].isdigit() and name.startswith("b")]
    sizes = {name[-1]: len(m[name]) for name in names}
    return {
        "hidden_sizes": [sizes[k] for k in sorted(sizes)],
        "generator": generator,
        "letter_size": m["Wil"].shape[1],
        "model": {name: {"n": len(a), "d": a.shape[1], "w": w(a)} for name, a in m.items()},
        "letterToIndex": {letter: k + first for k, letter in enumerate(letters)},
        "indexToLetter": {str(k + first): letter for k, letter in enumerate(letters)},
        "vocab": letters,
    }


def write(folder: Path, value: Any) -> Path:  # noqa: ANN401
    path = folder / "net.json"
    path.write_text(json.dumps(value))
    return path


def original(m: Mapping[str, Array], layers: int = 2, generator: str = "lstm") -> Array:
    """Logits [T, V]."""
    h = [np.zeros((m[f"{'bi' if generator == 'lstm' else 'bhh'}{k}"].shape[0], 1)) for k in range(layers)]  # fmt: skip
    c = [np.zeros_like(state) for state in h]
    rows = []
    for row in IDS:
        x = m["Wil"][row][:, None]
        for k in range(layers):
            if generator == "rnn":
                x = np.maximum(0, m[f"Wxh{k}"] @ x + m[f"Whh{k}"] @ h[k] + m[f"bhh{k}"])
            else:
                i, f, o, g = (
                    m[f"W{gate}x{k}"] @ x + m[f"W{gate}h{k}"] @ h[k] + m[f"b{gate}{k}"]
                    for gate in "ifoc"
                )
                c[k] = sigmoid(f) * c[k] + sigmoid(i) * np.tanh(g)
                x = sigmoid(o) * np.tanh(c[k])
            h[k] = x
        rows.append((m["Whd"] @ x + m["bd"])[:, 0])
    return np.array(rows)


def ran(found: importers.Import) -> Float32:
    output, _ = rnnspec.run(rnnspec.compile(found.model), [IDS])
    row: Float32 = output[0]
    return row


def tokens(found: importers.Import) -> list[Any]:
    vocabulary = found.model.input_vocabulary
    assert vocabulary is not None
    return list(vocabulary.tokens)


@pytest.mark.parametrize("dialect", ["from 0", "from 1"])
@pytest.mark.parametrize("keyed", [True, False])
def test_the_dialects_of_the_converter_are_one_net(
    dialect: str, keyed: bool, tmp_path: Path
) -> None:
    m = matrices()
    found = importers.read(write(tmp_path, saved(m, dialect, keyed=keyed)))
    assert found.system == "recurrentjs"
    assert np.abs(ran(found) - original(m)).max() < 1e-5
    assert tokens(found) == LETTERS
    assert found.model.layers[0].name == "one_hot_1"


@pytest.mark.parametrize("generator", ["lstm", "rnn"])
def test_recurrentjs_itself(generator: str, tmp_path: Path) -> None:
    m = matrices(generator, letters=3)
    found = recurrentjs.read(write(tmp_path, saved(m, "native", generator=generator)))
    assert np.abs(ran(found) - original(m, generator=generator)).max() < 1e-5
    assert tokens(found) == ["", "a", "\n", "'", '"', "é"]
    vocabulary = found.model.input_vocabulary
    assert vocabulary is not None
    assert (vocabulary.start, vocabulary.end) == (0, 0)


def test_mistaken_gates_and_functions_would_be_seen(tmp_path: Path) -> None:
    m = matrices()
    found = recurrentjs.read(write(tmp_path, saved(m)))
    swapped = {name.replace("Wi", "W?").replace("Wf", "Wi").replace("W?", "Wf") if name != "Wil" else name: a for name, a in m.items()}  # fmt: skip
    assert np.abs(ran(found) - original(swapped)).max() > 0.1
    plain = matrices("rnn", letters=3, sizes=(5,))
    found = recurrentjs.read(write(tmp_path, saved(plain, "native", generator="rnn")))
    assert np.abs(ran(found)).max() > 0.1
    assert found.document["layers"][1]["activation"] == {"function": "relu"}


def test_letters_that_the_converter_dropped_keep_their_ids(tmp_path: Path) -> None:
    value = saved(matrices())
    del value["indexToLetter"]["5"], value["letterToIndex"]["é"]
    found = recurrentjs.read(write(tmp_path, value))
    assert tokens(found)[4:] == ["\\", ""]
    assert any("such as 5" in note.text for note in found.notes if note.kind == "left out")
    whole = recurrentjs.read(write(tmp_path, value), tokens=LETTERS)
    assert tokens(whole) == LETTERS


@pytest.mark.parametrize("order", ["aLLb", "LabL", "abLL", "LLab"])
def test_two_empty_keys_as_the_first_converter_wrote_them(order: str, tmp_path: Path) -> None:
    m = matrices()
    value = saved(m, "from 1")
    value["indexToLetter"] |= {"3": "", "4": ""}
    groups = {"a": {"a": 1, "\\n": 2}, "b": {"\\\\": 5, "é": 6}}
    lost = iter([{"L1": 3}, {"L2": 4}])
    parts = [next(lost) if letter == "L" else groups[letter] for letter in order]
    value["letterToIndex"] = {key: index for part in parts for key, index in part.items()}
    path = write(tmp_path, value)
    path.write_text(path.read_text().replace('"L1"', '""').replace('"L2"', '""'))
    found = importers.read(path)
    assert np.abs(ran(found) - original(m)).max() < 1e-5
    assert tokens(found) == ["a", "\n", "", "", "\\", "é"]
    # Any other key that stands twice is refused.
    path.write_text(path.read_text().replace('"a"', '"\\\\n"'))
    with pytest.raises(Refused, match="stands twice"):
        recurrentjs.read(path)


# --- near-misses ------------------------------------------------------------------------------------------


def changed(change: Callable[[dict[str, Any]], object], dialect: str = "from 0") -> Any:  # noqa: ANN401
    value = saved(matrices(), dialect)
    change(value)
    return value


def renamed(value: dict[str, Any]) -> None:
    value["model"]["bg0"] = value["model"].pop("bc0")


def both(letter: str, index: str) -> Callable[[dict[str, Any]], None]:
    def change(value: dict[str, Any]) -> None:
        value["indexToLetter"][index] = letter
        value["letterToIndex"] = {}

    return change


CASES: dict[str, tuple[Callable[[], Any], str, str]] = {
    "a matrix by another name": (lambda: changed(renamed), "IMPORT_MALFORMED", "the lstm has no bc0"),
    "no decoder bias": (lambda: changed(lambda v: v["model"].pop("bd")), "IMPORT_MALFORMED", "has no bd"),
    "a matrix too many": (lambda: changed(lambda v: v["model"].update(Wpi0={})), "IMPORT_UNSUPPORTED", "a matrix Wpi0"),
    "letter_size": (lambda: changed(lambda v: v.update(letter_size=50)), "IMPORT_SHAPE", "letter_size is not 6"),
    "gru": (lambda: changed(lambda v: v.update(generator="gru")), "IMPORT_UNSUPPORTED", "the generator is gru"),
    "a number lost": (lambda: changed(lambda v: v["model"]["bi0"]["w"].pop("3")), "IMPORT_SHAPE", '"0" to "4"'),
    "keys from 1": (lambda: changed(lambda v: v["model"]["bi0"]["w"].update({"5": v["model"]["bi0"]["w"].pop("0")})), "IMPORT_SHAPE", '"0" to "4"'),
    "hidden_sizes": (lambda: changed(lambda v: v.update(hidden_sizes=[4, 5])), "IMPORT_SHAPE", "fits hidden_sizes [4, 5]"),
    "a layer too few": (lambda: changed(lambda v: v.update(hidden_sizes=[5])), "IMPORT_UNSUPPORTED", "which no lstm"),
    "null": (lambda: changed(lambda v: v["model"]["bi0"]["w"].update({"0": None})), "IMPORT_MALFORMED", "no number"),
    "letters disagree": (lambda: changed(lambda v: v["letterToIndex"].update(a=1)), "IMPORT_MALFORMED", 'do not agree on "a"'),
    "a letter twice": (lambda: changed(both("a", "5")), "IMPORT_MALFORMED", "has two indexes"),
    "a word": (lambda: changed(both("word", "5")), "IMPORT_MALFORMED", 'the letter "word" is none'),
    "counting unproved": (lambda: changed(lambda v: (v["indexToLetter"].pop("6"), v["letterToIndex"].pop("é")), "from 1"), "IMPORT_ASK", "from 1 to 5, for 6 rows"),
    "huge": (lambda: changed(lambda v: v["model"]["Wil"].update(n=2**31 - 1, d=2**31 - 1)), "IMPORT_SHAPE", "the file is cut"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_near_misses(name: str, tmp_path: Path) -> None:
    make, code, words = CASES[name]
    with pytest.raises(Refused) as refused:
        recurrentjs.read(write(tmp_path, make()))
    assert refused.value.code == code
    assert words in str(refused.value)


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_file(seed: int, tmp_path: Path) -> None:
    pick = random.Random(seed)
    m = {name: a.round(2) for name, a in matrices(letters=2, sizes=(2,)).items()}
    path = write(tmp_path, saved(m, "native"))
    data = path.read_bytes()
    seen = set()
    for _ in range(100):
        path.write_bytes(damaged(data, pick))
        seen.add(judged(lambda: recurrentjs.read(path)))
        judged(lambda: importers.read(path))
    assert {"IMPORT_MALFORMED"} <= seen <= {*CODES, "imported"}
