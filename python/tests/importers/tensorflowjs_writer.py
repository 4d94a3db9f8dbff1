"""Writes model.json and shards of TensorFlow.js, with what struct and json have. Nothing here knows rnnspec, or numpy.

A layer is a class, its config, and its weights: role → nested lists of numbers.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Json = Any


def layer(kind: str, name: str, weights: Mapping[str, Json] | None = None, **config: Json) -> Json:
    return {"class_name": kind, "config": {"name": name, **config}, "weights": weights or {}}


def flat(numbers: Json) -> list[float]:
    return [n for row in numbers for n in flat(row)] if isinstance(numbers, list) else [numbers]


def shape(numbers: Json) -> list[int]:
    return [len(numbers), *shape(numbers[0])] if isinstance(numbers, list) else []


def model(layers: Sequence[Json], size: int = 10**9, groups: int = 1, **members: Json) -> dict[str, Json]:  # fmt: skip
    """Name of a file → its JSON or bytes; shards of at most `size` bytes, the weights in so many groups."""
    plain = [{k: v for k, v in one.items() if k != "weights"} for one in layers]
    topology = {"class_name": "Sequential", "config": {"name": "net", "layers": plain}, "keras_version": "tfjs-layers 4.22.0", "backend": "tensor_flow.js"}  # fmt: skip
    weights = [(f"{one['config']['name']}/{role}", numbers) for one in layers for role, numbers in one["weights"].items()]  # fmt: skip
    files: dict[str, Json] = {}
    manifest = []
    step = -(-len(weights) // groups)
    for g in range(groups):
        part = weights[g * step : (g + 1) * step]
        data = b"".join(struct.pack(f"<{len(flat(n))}f", *flat(n)) for _, n in part)
        cuts = [data[k : k + size] for k in range(0, len(data), size)]
        paths = [f"group{g + 1}-shard{k + 1}of{len(cuts)}.bin" for k in range(len(cuts))]
        files |= dict(zip(paths, cuts, strict=True))
        specs = [{"name": name, "shape": shape(n), "dtype": "float32"} for name, n in part]
        manifest.append({"paths": paths, "weights": specs})
    said = {"format": "layers-model", "generatedBy": "TensorFlow.js tfjs-layers v4.22.0", "convertedBy": None}  # fmt: skip
    files["model.json"] = {"modelTopology": topology, **said, "weightsManifest": manifest, **members}  # fmt: skip
    return files


def write(folder: Path, files: Mapping[str, Json]) -> Path:
    """The path of model.json."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        (folder / name).write_bytes(data)
    return folder / "model.json"


def quantise(numbers: Json, kind: str) -> tuple[bytes, dict[str, Json]]:
    """The bytes and the quantization of an array as uint8, uint16 or float16; 0 is among the values."""
    values = flat(numbers)
    if kind == "float16":
        return struct.pack(f"<{len(values)}e", *values), {"dtype": kind}
    code, top = {"uint8": ("B", 255), "uint16": ("H", 65535)}[kind]
    lowest, highest = min(0.0, *values), max(0.0, *values)
    scale = (highest - lowest) / top
    least = -round(-lowest / scale) * scale
    steps = [min(top, max(0, round((v - least) / scale))) for v in values]
    return struct.pack(f"<{len(steps)}{code}", *steps), {"dtype": kind, "min": least, "scale": scale}  # fmt: skip
