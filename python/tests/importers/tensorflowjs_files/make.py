"""Models as tensorflowjs_converter 4.22.0 writes them: of Keras' own files, and quantised.

    pip install --no-deps tensorflowjs==4.22.0; pip install six h5py numpy        (made with h5py 3.16.0, numpy 2.2.6)
    python make.py OUT && node make.mjs FOLDER OUT/MODEL run                      (for each but converted_masked)

The converter's two files that read HDF5 and write shards are used as they are. They want TensorFlow for nothing but opening
a file, so `open` stands for it. expected.json of converted_masked is what Keras 2.15 gave, for TensorFlow.js refuses its GRUs.
"""

import importlib
import importlib.util
import json
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

HERE = Path(__file__).parent
KERAS = HERE.parent / "keras2_files"
VERSION = "4.22.0"

CONVERTED = {  # folder: file of Keras, groups by layers, bytes of a shard
    "hard": ("hard.h5", True, 150),
    "masked": ("masked.h5", False, 700),
}
QUANTISED = {
    "uint8": {"uint8": True},
    "uint16": {"uint16": True},
    "mixed": {"uint8": ["*recurrent_kernel"], "float16": ["*/kernel", "*/bias"], "uint16": ["*embeddings"]},
}  # fmt: skip


def converter() -> types.ModuleType:
    """keras_h5_conversion, without what stands around it."""
    spec = importlib.util.find_spec("tensorflowjs")
    assert spec is not None, "pip install --no-deps tensorflowjs==4.22.0"
    (root,) = list(spec.submodule_search_locations or [])
    tensorflow: Any = types.ModuleType("tensorflow")
    tensorflow.io = types.SimpleNamespace(gfile=types.SimpleNamespace(GFile=open))
    sys.modules["tensorflow"] = tensorflow
    for name, path in (("tensorflowjs", root), ("tensorflowjs.converters", f"{root}/converters")):
        package: Any = types.ModuleType(name)
        package.__path__ = [path]
        sys.modules[name] = package
    return importlib.import_module("tensorflowjs.converters.keras_h5_conversion")


def expect(folder: Path, x: npt.NDArray[Any], y: npt.NDArray[Any], version: str) -> None:
    found = {"version": version, "x": x.tolist(), "shape": list(y.shape), "y": y.ravel().tolist()}
    (folder / "expected.json").write_text(json.dumps(found) + "\n")


def weights_of(folder: Path) -> list[dict[str, Any]]:
    """All float32 weights of a folder that TensorFlow.js wrote."""
    found = []
    for group in json.loads((folder / "model.json").read_text())["weightsManifest"]:
        data = b"".join((folder / path).read_bytes() for path in group["paths"])
        at = 0
        for weight in group["weights"]:
            count = int(np.prod(weight["shape"]))
            array = np.frombuffer(data, "<f4", count, at).reshape(weight["shape"])
            found.append({"name": weight["name"], "data": array})
            at += 4 * count
    return found


def main(out: Path) -> None:
    keras = converter()
    for name, (file, by_layer, shard) in CONVERTED.items():
        topology, groups = keras.h5_merged_saved_model_to_tfjs_format(str(KERAS / file), by_layer)
        folder = out / f"converted_{name}"
        folder.mkdir(exist_ok=True)
        keras.write_artifacts(topology, groups, str(folder), weight_shard_size_bytes=shard)
        kept = np.load(KERAS / f"{file}.npz")
        expect(folder, kept["x"], kept["y"], "Keras 2.15.0")
    source = HERE / f"language_{VERSION}"
    topology = json.loads((source / "model.json").read_text())["modelTopology"]
    for name, plan in QUANTISED.items():
        folder = out / f"quantised_{name}"
        folder.mkdir(exist_ok=True)
        keras.write_artifacts(
            topology, [weights_of(source)], str(folder), plan, weight_shard_size_bytes=301
        )
        (folder / "expected.json").write_text((source / "expected.json").read_text())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
