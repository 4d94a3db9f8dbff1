"""charrnnjs against the equations of char-rnn.js, and what must be refused. The writer of its files is here."""

import json
import random
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec import importers
from rnnspec.importers import CODES, Refused, charrnnjs
from rnnspec.tensor import Float32

from .originals import Array, sigmoid
from .test_hostile import damaged, judged

IDS = [3, 1, 4, 1, 5, 8, 2, 6, 5, 3, 5, 8, 0, 7, 0, 8]
TEXT = b"\n abcde\xc3\xa9"


def weights(units: tuple[int, ...] = (5, 4), seed: int = 1) -> list[Array]:
    """Loud arrays in the order of the file."""
    pick = np.random.default_rng(seed)
    shapes: list[tuple[int, ...]] = []
    width = len(TEXT)
    for size in units:
        shapes += [(4 * size, width), (4 * size,), (4 * size, size), (4 * size,)]
        width = size
    shapes += [(len(TEXT), width), (len(TEXT),)]
    return [pick.normal(size=shape).astype(np.float32).astype(np.float64) for shape in shapes]


def index(parts: list[Array]) -> dict[str, Any]:
    vocab: list[int | None] = [None] * 256
    for k, byte in enumerate(TEXT):
        vocab[byte] = k
    entries, at = [], 0
    for part in parts:
        entries.append(
            {
                "dim": list(part.shape),
                "byteLength": 4 * part.size,
                "length": part.size,
                "offset": at,
            }
        )
        at += 4 * part.size
    return {"vocab": vocab, "next": at, "arrays": entries}


def write(folder: Path, parts: list[Array], changed: Any = None, padding: int = 100) -> Path:  # noqa: ANN401
    flat = [float(x) for part in parts for x in part.reshape(-1)]
    (folder / "net.dat").write_bytes(struct.pack(f"<{len(flat)}f", *flat) + bytes(padding))
    path = folder / "net.json"
    path.write_text(json.dumps(index(parts) if changed is None else changed))
    return path


def original(parts: list[Array], gates: str = "ifog") -> Array:
    """Probabilities [T, V]."""
    states = [(np.zeros(len(b) // 4), np.zeros(len(b) // 4)) for b in parts[1:-2:4]]
    rows = []
    for token in IDS:
        x = np.eye(len(TEXT))[token]
        for k, (before, h) in enumerate(states):
            W, b, R, b2 = parts[4 * k : 4 * k + 4]
            part = dict(zip(gates, np.split(W @ x + b + R @ h + b2, 4), strict=True))
            c = sigmoid(part["f"]) * before + sigmoid(part["i"]) * np.tanh(part["g"])
            x = sigmoid(part["o"]) * np.tanh(c)
            states[k] = (c, x)
        e = np.exp(parts[-2] @ x + parts[-1])
        rows.append(e / e.sum())
    return np.array(rows)


def ran(found: importers.Import) -> Float32:
    output, _ = rnnspec.run(rnnspec.compile(found.model), [IDS])
    row: Float32 = output[0]
    return row


@pytest.mark.parametrize("units", [(5,), (5, 4), (3, 3, 3)])
@pytest.mark.parametrize("padding", [0, 100])
def test_probabilities_are_those_of_char_rnn_js(
    units: tuple[int, ...], padding: int, tmp_path: Path
) -> None:
    parts = weights(units)
    found = importers.read(write(tmp_path, parts, padding=padding))
    assert found.system == "charrnnjs"
    assert np.abs(ran(found) - original(parts)).max() < 1e-5
    assert bool(padding) == any(note.kind == "left out" for note in found.notes)


def test_another_order_of_gates_would_be_seen(tmp_path: Path) -> None:
    parts = weights()
    found = charrnnjs.read(write(tmp_path, parts))
    assert np.abs(ran(found) - original(parts, "ifgo")).max() > 0.1
    assert any("i, f, o, g" in note.text for note in found.notes if note.kind == "assumed")


def test_an_order_that_the_caller_knows(tmp_path: Path) -> None:
    parts = weights()
    path = write(tmp_path, parts)
    found = charrnnjs.read(path, gates="ofgi")
    assert np.abs(ran(found) - original(parts, "ofgi")).max() < 1e-5
    assert any("as you said" in note.text for note in found.notes)
    for wrong in ("ifo", "ifogg", "abcd"):
        with pytest.raises(Refused, match=f"--gates {wrong}: expected the letters") as refused:
            charrnnjs.read(path, gates=wrong)
        assert refused.value.code == "IMPORT_OPTION"


def test_the_vocabulary_is_of_bytes(tmp_path: Path) -> None:
    vocabulary = charrnnjs.read(write(tmp_path, weights())).model.input_vocabulary
    assert vocabulary is not None
    assert vocabulary.unit == "byte"
    assert bytes(int(token) for token in vocabulary.tokens) == TEXT


def test_logits_as_an_option(tmp_path: Path) -> None:
    parts = weights()
    logits = ran(charrnnjs.read(write(tmp_path, parts), output_kind="logits")).astype(np.float64)
    e = np.exp(logits)
    assert np.abs(e / e.sum(-1, keepdims=True) - original(parts)).max() < 1e-5


# --- near-misses ------------------------------------------------------------------------------------------


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    value = index(weights())
    change(value)
    return value


def entry(number: int, **members: Any) -> dict[str, Any]:  # noqa: ANN401
    return changed(lambda value: value["arrays"][number].update(members))


CASES: dict[str, tuple[Callable[[], Any], str, str]] = {
    "gaps": (lambda: entry(2, offset=904), "IMPORT_SHAPE", "array 2 of arrays does not begin at byte"),
    "overlap": (lambda: entry(1, offset=0), "IMPORT_SHAPE", "array 1 of arrays does not begin"),
    "lengths": (lambda: entry(0, length=179), "IMPORT_SHAPE", "other lengths than its dim"),
    "float64": (lambda: entry(0, byteLength=1440), "IMPORT_SHAPE", "other lengths than its dim [20, 9] as float32"),
    "transposed": (lambda: entry(0, dim=[9, 20]), "IMPORT_SHAPE", "array 0 of arrays is [9, 20], and [20, 9] fits"),
    "a bias lost": (lambda: changed(lambda value: value["arrays"].pop()), "IMPORT_UNSUPPORTED", "four for each LSTM"),
    "next": (lambda: changed(lambda value: value.update(next=8)), "IMPORT_SHAPE", "next is not"),
    "a byte twice": (lambda: changed(lambda value: value["vocab"].__setitem__(99, 1)), "IMPORT_MALFORMED", "no id of its own"),
    "an id lost": (lambda: changed(lambda value: value["vocab"].__setitem__(10, None)), "IMPORT_MALFORMED", "are not 0, 1, 2"),
    "vocab too long": (lambda: changed(lambda value: value["vocab"].append(None)), "IMPORT_MALFORMED", "at most 256"),
    "huge": (lambda: {"vocab": [], "next": 0, "arrays": [{"dim": [2**31 - 1] * 2, "length": (2**31 - 1) ** 2, "byteLength": 1, "offset": 0}] * 6}, "IMPORT_SHAPE", "other lengths"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_near_misses(name: str, tmp_path: Path) -> None:
    make, code, words = CASES[name]
    with pytest.raises(Refused) as refused:
        charrnnjs.read(write(tmp_path, weights(), make()))
    assert refused.value.code == code
    assert words in str(refused.value)


def test_the_blob_is_cut_off_or_missing_or_not_finite_or_a_link(tmp_path: Path) -> None:
    parts = weights()
    path = write(tmp_path, parts)
    blob = tmp_path / "net.dat"
    data = blob.read_bytes()
    blob.write_bytes(data[:-104])
    with pytest.raises(Refused, match="copy it again"):
        charrnnjs.read(path)
    blob.write_bytes(b"\0\0\xc0\x7f" + data[4:])
    with pytest.raises(Refused, match=r"holds nan at \[0, 0\]"):
        charrnnjs.read(path)
    blob.rename(tmp_path / "elsewhere.dat")
    with pytest.raises(Refused, match="is not there"):
        charrnnjs.read(path)
    blob.symlink_to(tmp_path / "elsewhere.dat")
    with pytest.raises(Refused, match="links are not followed"):
        charrnnjs.read(path)


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_index(seed: int, tmp_path: Path) -> None:
    pick = random.Random(seed)
    path = write(tmp_path, weights())
    data = path.read_bytes()
    seen = set()
    for _ in range(100):
        path.write_bytes(damaged(data, pick))
        seen.add(judged(lambda: charrnnjs.read(path)))
        judged(lambda: importers.read(path))
    assert {"IMPORT_MALFORMED"} <= seen <= {*CODES, "imported"}
