"""Graphs that tf2onnx itself wrote, against what Keras computed: python/tests/importers/tf2onnx_files, its script beside them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnspec import compile as compile_model
from rnnspec import importers, run
from rnnspec.importers import Refused

from . import onnx_writer as w

FILES = Path(__file__).parent / "tf2onnx_files"
LAYERS = {
    "lstm": ["lstm", "lstm", "dense", "activation"],
    "gru": ["gru", "dense"],
    # The last state is cut out of each direction's steps.
    "both": ["lstm", "gru", "gru", "time_reverse", "last_step", "last_step", "concat"],
    "old_both": ["gru", "lstm", "lstm", "time_reverse", "last_step", "last_step", "concat"],
    "last": ["lstm", "last_step", "dense", "activation"],
    "backwards": ["time_reverse", "lstm", "last_step"],
    "fixed": ["lstm", "dense"],
    "language": ["embedding", "gru", "dense"],
}


def options(name: str) -> dict[str, Any]:
    return {"tokens": "abcdefg"} if name == "language" else {"input_kind": "features"}


@pytest.mark.parametrize("name", LAYERS)
def test_what_keras_computed(name: str) -> None:
    kept = np.load(FILES / f"{name}.npz")
    found = importers.read(FILES / f"{name}.onnx", **options(name))
    assert found.system == "onnx"
    assert [layer.type for layer in found.model.layers] == LAYERS[name]
    y, _ = run(compile_model(found.model), kept["x"])
    assert np.abs(np.asarray(y) - kept["y"]).max() < 1e-6
    assert kept["y"].std() > 0.1, "a quiet net shows nothing"


def test_every_file_has_a_row_and_is_small() -> None:
    assert {path.stem for path in FILES.glob("*.onnx")} == {*LAYERS, "loop"}
    assert all(path.stat().st_size <= 200_000 for path in FILES.iterdir() if path.is_file())


def test_a_loop_is_refused_by_name() -> None:
    with pytest.raises(
        Refused, match=r"it belongs to a loop; .* import Keras' own file"
    ) as refused:
        importers.read(FILES / "loop.onnx", input_kind="features")
    assert refused.value.code == "IMPORT_UNSUPPORTED"


@pytest.mark.parametrize(("lengths", "taken"), [([6, 6], True), ([6, 5], False), ([5, 5], False)])
def test_only_whole_rows_are_reversed(lengths: list[int], taken: bool, tmp_path: Path) -> None:
    """A ReverseSequence with constant lengths, of steps that are counted."""
    arrays: dict[str, w.Array] = {
        "lengths": np.array(lengths, np.int64),
        "W": np.ones((1, 4, 3), np.float32),
        "R": np.ones((1, 4, 4), np.float32),
    }
    nodes = [
        w.node("ReverseSequence", ["x", "lengths"], ["turned"], time_axis=0, batch_axis=1),
        w.node("RNN", ["turned", "W", "R"], ["y"], hidden_size=4),
    ]
    path = tmp_path / "net.onnx"
    ends = [w.end("x", [6, 2, 3])], [w.end("y", [6, 1, 2, 4])]
    tensors = [w.tensor(name, array) for name, array in arrays.items()]
    path.write_bytes(w.model(w.graph(nodes, *ends, tensors)))
    if taken:
        model = importers.read(path, input_kind="features").model
        assert [layer.type for layer in model.layers] == ["time_reverse", "elman"]
        return
    with pytest.raises(Refused, match="reverses rows by lengths of their own"):
        importers.read(path, input_kind="features")
