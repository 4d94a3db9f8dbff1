"""The comparison with TensorFlow.js can fail: without it, on a model that it wrote."""

import json
import shutil
from pathlib import Path

import pytest

from interop.tensorflowjs import BOUND, away

FILES = Path(__file__).resolve().parents[2] / "python/tests/importers/tensorflowjs_files"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = Path(shutil.copytree(FILES / "norms_2.8.6", tmp_path / "net"))
    change(found, lengths=[6, 4])
    return found


def change(folder: Path, **members: object) -> None:
    path = folder / "expected.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **members}))


def test_the_truth_is_near(folder: Path) -> None:
    assert away(folder) < 1e-6


def test_another_output_is_far(folder: Path) -> None:
    y = json.loads((folder / "expected.json").read_text())["y"]
    change(folder, y=[y[0] + 3 * BOUND, *y[1:]])
    assert away(folder) > BOUND
    change(folder, y=[*y[:-1], y[-1] + 1])  # past the second row's length
    assert away(folder) < 1e-6


def test_a_forgotten_mask_is_far(folder: Path) -> None:
    change(folder, lengths=[6, 6])
    assert away(folder) > BOUND


def test_another_shape_is_far(folder: Path) -> None:
    change(folder, shape=[2, 3, 4])
    assert away(folder) == float("inf")
