"""Files of keras-js as its two encoders wrote them: a protobuf, or a buffer with its metadata. Nothing here knows the importer.

A weight is (layer, name, numbers): nested lists of floats.
"""

import json
import struct
from pathlib import Path
from typing import Any

Json = Any
Weight = tuple[str, str, Json]


def flat(numbers: Json) -> list[float]:
    return [n for row in numbers for n in flat(row)] if isinstance(numbers, list) else [numbers]


def shape_of(numbers: Json) -> list[int]:
    return [len(numbers), *shape_of(numbers[0])] if isinstance(numbers, list) else []


def raw(numbers: Json) -> bytes:
    values = flat(numbers)
    return struct.pack(f"<{len(values)}f", *values)


# --- the first encoder --------------------------------------------------------------------------------------


def write_buffer(folder: Path, config: Json, weights: list[Weight], name: str = "net") -> Path:
    """X.json, X_weights.buf and X_metadata.json; gives the first."""
    buffer, metadata = b"", []
    for layer, weight, numbers in weights:
        data = raw(numbers)
        metadata.append(
            {
                "layer_name": layer,
                "weight_name": weight,
                "offset": len(buffer),
                "length": len(data) // 4,
                "shape": shape_of(numbers),
                "type": "float32",
            }
        )
        buffer += data
    (folder / f"{name}_weights.buf").write_bytes(buffer)
    (folder / f"{name}_metadata.json").write_text(json.dumps(metadata))
    path = folder / f"{name}.json"
    path.write_text(json.dumps(config))
    return path


# --- the second one -----------------------------------------------------------------------------------------


def varint(value: int) -> bytes:
    return bytes([value & 127 | (128 if value > 127 else 0)]) + (
        varint(value >> 7) if value > 127 else b""
    )


def field(number: int, data: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(data)) + data


def message(
    weight: Weight, quantised: bool = False, packed: bool = True, kind: str | None = None
) -> bytes:
    layer, name, numbers = weight
    sizes = [varint(size) for size in shape_of(numbers)]
    shape = field(3, b"".join(sizes)) if packed else b"".join(b"\x18" + size for size in sizes)
    data, ends = raw(numbers), b""
    if quantised:
        values = flat(numbers)
        low, high = min(values), max(values)
        data = bytes(round(255 * (v - low) / (high - low)) if high > low else 0 for v in values)
        ends = b"\x35" + struct.pack("<f", low) + b"\x3d" + struct.pack("<f", high)
    type_ = kind or ("uint8" if quantised else "float32")
    return (
        field(1, layer.encode())
        + field(2, name.encode())
        + shape
        + field(4, type_.encode())
        + field(5, data)
        + ends
    )


def model(config: Json, messages: list[bytes], version: str = "2.0.8") -> bytes:
    return (
        field(1, b"5f0b9e3e-0000-4000-8000-000000000000")
        + field(2, b"net")
        + field(3, version.encode())
        + field(4, b"tensorflow")
        + field(5, json.dumps(config).encode())
        + b"".join(field(6, one) for one in messages)
    )


def write_bin(
    folder: Path,
    config: Json,
    weights: list[Weight],
    version: str = "2.0.8",
    quantised: bool = False,
) -> Path:
    path = folder / "net.bin"
    path.write_bytes(model(config, [message(w, quantised) for w in weights], version))
    return path


def widened(numbers: Json) -> Json:
    """What keras-js makes of a weight of 8 bits: a Float32Array, multiplied and then added to in place."""
    values = flat(numbers)
    low, high = (f32(v) for v in (min(values), max(values)))
    if high == low:
        return numbers

    def one(value: float) -> float:
        q = round(255 * (value - low) / (high - low))
        return f32(f32(q * ((high - low) / 255)) + low)

    def all_of(part: Json) -> Json:
        return [all_of(p) for p in part] if isinstance(part, list) else one(part)

    return all_of(numbers)


def f32(value: float) -> float:
    (found,) = struct.unpack("<f", struct.pack("<f", value))
    return float(found)
