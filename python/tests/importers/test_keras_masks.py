"""Masks that Keras 3 writes down as operations of a Functional model: those of the input's steps, and others."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from .test_keras import FILES, TOKENS, output, refusal

Json = Any
LENGTHS = [6, 4, 1]


@pytest.mark.parametrize(
    ("name", "options"),
    [("routes.keras", TOKENS), ("routes_whole.h5", TOKENS), ("numbers.keras", {})],
)
def test_files_of_keras(name: str, options: dict[str, Any]) -> None:
    kept = np.load(FILES / f"{name.partition('.')[0]}.npz")
    found = output(FILES / name, kept["x"], LENGTHS, **options)
    assert np.abs(found - kept["y"]).max() < 5e-6
    assert kept["y"].std() > 0.05, "a quiet net shows nothing"
    without = output(FILES / name, kept["x"], **options)
    assert np.abs(without - kept["y"])[1:].max() > 1e-2, "a mask that changes nothing is no mask"


def changed(
    path: Path, change: Callable[[dict[str, Json]], None], name: str = "routes.keras"
) -> Path:
    """The fixture, with entries of its config changed, by name."""
    with zipfile.ZipFile(FILES / name) as archive:
        entries = {entry: archive.read(entry) for entry in archive.namelist()}
    config = json.loads(entries["config.json"])
    change({layer["config"]["name"]: layer for layer in config["config"]["layers"]})
    entries["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for entry, data in entries.items():
            archive.writestr(entry, data)
    return path


def of_kind(layers: dict[str, Json], kind: str) -> list[Json]:
    return [layer for layer in layers.values() if layer["class_name"] == kind]


def source_of(layer: Json) -> Json:
    return layer["inbound_nodes"][0]["args"][0]["config"]["keras_history"]


def mask_of(layer: Json) -> Json:
    return layer["inbound_nodes"][0]["kwargs"]["mask"]["config"]["keras_history"]


def another_value(layers: dict[str, Json]) -> None:
    of_kind(layers, "NotEqual")[0]["inbound_nodes"][0]["args"][1] = 1


def of_no_input(layers: dict[str, Json]) -> None:
    source_of(of_kind(layers, "NotEqual")[0])[0] = "embedding"


def of_a_layer(layers: dict[str, Json]) -> None:
    mask_of(layers["lstm"])[0] = "embedding"


def other_operation(layers: dict[str, Json]) -> None:
    (gate,) = of_kind(layers, "Any")
    gate["config"]["axis"] = 1


def mixed(layers: dict[str, Json]) -> None:
    """true where both say so, and one says it nowhere."""
    for layer in of_kind(layers, "LogicalOr"):
        layer["class_name"] = layer["registered_name"] = "LogicalAnd"


def soft(layers: dict[str, Json]) -> None:
    (norm,) = of_kind(layers, "BatchNormalization")
    norm["class_name"] = norm["registered_name"] = "Softmax"
    norm["config"] = {"name": norm["config"]["name"], "axis": -1}


def no_mask_zero(layers: dict[str, Json]) -> None:
    layers["embedding"]["config"]["mask_zero"] = False


def every_feature(layers: dict[str, Json]) -> None:
    """A step is masked where all its features are the value, not where one of them is."""
    (gate,) = of_kind(layers, "Any")
    gate["class_name"] = gate["registered_name"] = "All"


NEAR = {
    "a mask of another value": (another_value, "routes.keras", "is called with the mask of steps that are not 1"),
    "a mask of no input": (of_no_input, "routes.keras", 'the operation "not_equal" (NotEqual) computes no mask'),
    "a mask that is a layer": (of_a_layer, "routes.keras", "is called with a mask of its own"),
    "any over time": (other_operation, "routes.keras", 'the operation "any" (Any) computes no mask'),
    "false anywhere": (mixed, "routes.keras", "(LogicalAnd) computes no mask"),
    "softmax with a mask": (soft, "routes.keras", "which it takes for one of features"),
    "an embedding without one": (no_mask_zero, "routes.keras", "what it reads has another one, or none"),
    "one feature is enough": (every_feature, "numbers.keras", "(All) computes no mask"),
}  # fmt: skip


@pytest.mark.parametrize("name", NEAR)
def test_other_masks_are_refused(name: str, tmp_path: Path) -> None:
    change, file, words = NEAR[name]
    code, sentence = refusal(
        changed(tmp_path / "net.keras", change, file), **(TOKENS if file == "routes.keras" else {})
    )
    assert code == "IMPORT_UNSUPPORTED"
    assert words in sentence
