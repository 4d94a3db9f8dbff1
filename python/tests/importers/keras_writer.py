"""Keras files as Keras 2 wrote them, for tests: nothing here knows the importer. Layers are (class, name, config) with their arrays."""

import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating[Any]]
Weights = Mapping[str, Mapping[str, Array]]  # layer → path below it → array
Json = dict[str, Any]


def entry(kind: str, name: str, **config: object) -> Json:
    """A layer of a Sequential."""
    return {"class_name": kind, "config": {"name": name, **config}}


def sequential(*layers: Json) -> Json:
    return {"class_name": "Sequential", "config": {"name": "net", "layers": list(layers)}}


def functional(
    *layers: tuple[Json, Sequence[Sequence[object]]], inputs: Sequence[str], outputs: Sequence[str]
) -> Json:
    """Layers with what they read: [name, node, tensor, kwargs] each."""
    entries = [
        {**layer, "name": layer["config"]["name"], "inbound_nodes": [list(node)] if node else []}
        for layer, node in layers
    ]
    ends = {
        "input_layers": [[name, 0, 0] for name in inputs],
        "output_layers": [[name, 0, 0] for name in outputs],
    }
    return {"class_name": "Model", "config": {"name": "net", "layers": entries, **ends}}


def write_h5(
    path: Path, model: Json | None, weights: Weights, version: str | None = "2.3.1"
) -> Path:
    """A whole model, or weights alone where there is no model."""
    with h5py.File(path, "w") as file:
        group = file if model is None else file.create_group("model_weights")
        if version is not None:
            file.attrs["keras_version"] = version.encode()
        if model is not None:
            file.attrs["model_config"] = json.dumps(model).encode()
        group.attrs["layer_names"] = [name.encode() for name in weights]
        for layer, arrays in weights.items():
            inner = group.create_group(layer)
            inner.attrs["weight_names"] = [name.encode() for name in arrays]
            for name, array in arrays.items():
                inner.create_dataset(name, data=array)
    return path


def write_keras(
    path: Path, model: Json, arrays: Mapping[str, Array], version: str = "2.13.1"
) -> Path:
    """A .keras file with arrays by their whole paths."""
    inner = path.with_suffix(".weights")
    with h5py.File(inner, "w") as file:
        for name, array in arrays.items():
            file.create_dataset(name, data=array)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": version}))
        archive.writestr("config.json", json.dumps(model))
        archive.writestr("model.weights.h5", inner.read_bytes())
    return path
