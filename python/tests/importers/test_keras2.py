"""What TensorFlow's own Keras 2 wrote and computed, read with h5py alone; and the files of it that are refused by name."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnspec import importers
from rnnspec.importers import Refused, keras

from .test_keras import notes, output

FILES = Path(__file__).parent / "keras2_files"
LENGTHS = [6, 4, 1]
TOKENS: dict[str, Any] = {"tokens": "abcdefg"}
WRITTEN: dict[str, dict[str, Any]] = {
    "hard.h5": {},
    "hard.keras": {},
    "old.h5": {},
    "masked.h5": TOKENS,
    "masked.keras": TOKENS,
    "directions.hdf5": {"config": FILES / "directions.hdf5.json"},
    "directions.weights.h5": {"config": FILES / "directions.weights.h5.json"},
    "directions.keras": {},
    "cudnn.h5": {},
    "converted.h5": {},
    "v3.keras": {},
    "named.keras": {},
}


@pytest.mark.parametrize("name", WRITTEN)
def test_files_of_tensorflow(name: str) -> None:
    kept = np.load(FILES / f"{name}.npz")
    lengths = LENGTHS if name.startswith("masked") else None
    found = output(FILES / name, kept["x"], lengths, **WRITTEN[name])
    assert (np.abs(found - kept["y"]) / np.maximum(1, np.abs(kept["y"]))).max() < 2e-6
    assert kept["y"].std() > 0.04, "a quiet net shows nothing"


def test_every_file_is_small_and_stands_here_with_a_row() -> None:
    files = [path for path in FILES.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert all(path.stat().st_size <= 200_000 for path in files)
    assert {path.name.removesuffix(".npz") for path in FILES.glob("*.npz")} == set(WRITTEN)


def test_the_hard_sigmoid_is_that_of_the_generation() -> None:
    """The slope 1/6 of Keras 3 would show."""
    kept = np.load(FILES / "hard.h5.npz")
    function = keras.read(FILES / "hard.h5").model.layers[0].activations["gates"]  # type: ignore[union-attr]  # an LSTM
    assert (function.function, function.alpha) == ("hard_sigmoid", 0.2)
    with pytest.raises(Refused, match=r"Keras 2\.15\.0 wrote the file"):
        keras.read(FILES / "hard.h5", keras_version="3")
    assert np.abs(output(FILES / "hard.h5", kept["x"]) - kept["y"]).max() < 1e-6


def test_cudnns_layout_is_told() -> None:
    assert "from cuDNN's layout" in notes(FILES / "cudnn.h5")
    assert "from cuDNN's layout" not in notes(FILES / "converted.h5")


@pytest.mark.parametrize(
    "name", ["saved_model", "saved_model/saved_model.pb", "saved_model/keras_metadata.pb"]
)
def test_a_saved_model_is_refused_by_name(name: str) -> None:
    with pytest.raises(
        Refused, match=r"TensorFlow SavedModel.*model\.save\(\"net\.keras\"\)"
    ) as refused:
        importers.read(FILES / name)
    assert refused.value.code == "IMPORT_UNSUPPORTED"


@pytest.mark.parametrize("name", ["checkpoint", "checkpoint/weights.index", "checkpoint/checkpoint", "checkpoint/weights.data-00000-of-00001", "saved_model/variables"])  # fmt: skip
def test_a_checkpoint_is_refused_by_name(name: str) -> None:
    with pytest.raises(Refused, match=r"TensorFlow checkpoint.*model\.save") as refused:
        importers.read(FILES / name)
    assert refused.value.code == "IMPORT_UNSUPPORTED"
