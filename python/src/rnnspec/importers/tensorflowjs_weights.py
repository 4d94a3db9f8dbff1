"""tensorflowjs_weights: weightsManifest and its shards → arrays by name.

The weights of a group stand one behind the other in all its shards put together, so that one may begin in a shard and
end in the next. Quantised ones are q × scale + min, which TensorFlow.js computes in binary64 and rounds once, to float32.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from rnnspec.importers import arrays
from rnnspec.importers.pattern import Notes
from rnnspec.importers.refusal import Refused, malformed, misfit, named, unsupported
from rnnspec.importers.tensorflowjs_parts import Parts
from rnnspec.json_reader import Value
from rnnspec.limits import Limits
from rnnspec.tensor import Float32

_SIZES: Final = {"float32": 4, "int32": 4, "bool": 1}
_QUANTISED: Final = {"uint8": "<u1", "uint16": "<u2", "float16": "<f2"}
_PIECE: Final = 1 << 20  # numbers that are widened at a time
_OPTIMIZER: Final = "optimizer"
_AXES: Final = 8
_SHOWN: Final = 4  # files in one sentence


@dataclass(frozen=True)
class Weight:
    """A line of the manifest, and where its bytes stand in its group."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    stored: str | None  # a key of _QUANTISED
    scale: float
    least: float
    of_optimizer: bool
    group: bytes = b""
    start: int = 0

    @property
    def count(self) -> int:
        """Numbers."""
        return math.prod(self.shape)

    @property
    def size(self) -> int:
        """Bytes in the file."""
        width = (
            _SIZES[self.dtype]
            if self.stored is None
            else np.dtype(_QUANTISED[self.stored]).itemsize
        )
        return width * self.count

    def __str__(self) -> str:
        return f'the weight "{named(self.name)}" {list(self.shape)}'

    def values(self) -> Float32:
        """The numbers, of `shape`. Raises Refused where they are not of float32."""
        if self.dtype != "float32":
            raise unsupported(f"{self} is of {self.dtype}, and layers here have float32")
        code = "<f4" if self.stored is None else _QUANTISED[self.stored]
        raw: Any = np.frombuffer(self.group, code, self.count, self.start)
        if self.stored in (None, "float16"):
            return raw.astype(np.float32).reshape(self.shape)  # type: ignore[no-any-return]  # of any dtype
        found = np.empty(self.count, np.float32)
        with np.errstate(over="ignore", invalid="ignore"):
            for k in range(0, self.count, _PIECE):
                wide = raw[k : k + _PIECE].astype(np.float64)
                found[k : k + _PIECE] = wide * self.scale + self.least
        return found.reshape(self.shape)


def read_manifest(value: Value, parts: Parts, limits: Limits, notes: Notes) -> dict[str, Weight]:
    """The weights by name, without those of the optimizer. Raises Refused."""
    groups = value if isinstance(value, list) else []
    plans = [_group(entry) for entry in groups]
    if not any(weights for _, weights in plans):
        raise malformed(
            "weightsManifest has no weights: save the model with its weights, model.save(…)"
        )
    numbers = sum(weight.count for _, weights in plans for weight in weights)
    if 4 * numbers > limits.size:
        raise Refused(
            "IMPORT_LIMIT",
            f"the weights are {numbers:,} numbers, more than {limits.size:,} bytes as float32: if you trust the file, raise the "
            "limit, with --limit size=1G or Source(path, Limits(size=…))",
        )
    files = [path for paths, _ in plans for path in paths]
    if len(set(files)) != len(files):
        raise malformed("weightsManifest names a file twice: save the model again")
    found: dict[str, Weight] = {}
    for paths, weights in plans:
        data = _joined(parts, paths, sum(weight.size for weight in weights))
        at = 0
        for weight in weights:
            if weight.name in found:
                raise malformed(f"weightsManifest has {weight} twice: save the model again")
            found[weight.name] = replace(weight, group=data, start=at)
            at += weight.size
    kept = {name: weight for name, weight in found.items() if not weight.of_optimizer}
    if len(kept) < len(found):
        notes.left_out(f"{len(found) - len(kept)} arrays of the optimizer")
    _tell(notes, kept)
    return kept


def _group(entry: Value) -> tuple[list[str], list[Weight]]:
    """Names of shards, and weights. Raises Refused."""
    paths = entry.get("paths") if isinstance(entry, dict) else None
    weights = entry.get("weights") if isinstance(entry, dict) else None
    if not isinstance(paths, list) or not isinstance(weights, list):
        raise malformed(
            "weightsManifest is no list of groups with paths and weights: save the model again"
        )
    names = [path for path in paths if isinstance(path, str)]
    if len(names) != len(paths):
        raise malformed("a path of weightsManifest is no text: save the model again")
    return names, [_weight(weight) for weight in weights]


def _weight(entry: Value) -> Weight:
    name = entry.get("name") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(name, str):
        raise malformed("a weight of weightsManifest has no name: save the model again")
    sizes = entry.get("shape")
    if isinstance(sizes, list) and len(sizes) > _AXES:
        raise malformed(f'the weight "{named(name)}" has {len(sizes)} axes: save the model again')
    shape = arrays.shape_of(sizes, name)
    dtype = entry.get("dtype")
    what = f'the weight "{named(name)}" {list(shape)}'
    if not isinstance(dtype, str) or dtype not in _SIZES:
        raise unsupported(
            f"{what} is of {named(str(dtype))}, and {', '.join(_SIZES)} are read: convert the model again"
        )
    of_optimizer = entry.get("group") == _OPTIMIZER
    plan = entry.get("quantization")
    if plan is None:
        return Weight(name, shape, dtype, None, 1.0, 0.0, of_optimizer)
    stored = plan.get("dtype") if isinstance(plan, dict) else None
    if not isinstance(plan, dict) or not isinstance(stored, str) or stored not in _QUANTISED:
        raise unsupported(
            f"{what} is quantised to {named(str(stored))}, and {', '.join(_QUANTISED)} are read: convert the model again"
        )
    if stored == "float16":
        return Weight(name, shape, dtype, stored, 1.0, 0.0, of_optimizer)
    scale, least = plan.get("scale"), plan.get("min")
    if not isinstance(scale, float) or not isinstance(least, float):
        raise malformed(
            f"{what} is quantised to {stored} without numbers scale and min: convert the model again"
        )
    return Weight(name, shape, dtype, stored, scale, least, of_optimizer)


def _joined(parts: Parts, paths: list[str], needed: int) -> bytes:
    """All shards of a group. Raises Refused where they are not as long as its weights."""
    shards = [parts.data(path) for path in paths]
    have = sum(map(len, shards))
    if have != needed:
        raise misfit(
            f"the weights of a group need {needed:,} bytes, and its {len(paths)} files have {have:,}"
            f"{_suspects(paths, [len(shard) for shard in shards])}: copy all files of one model again"
        )
    return shards[0] if len(shards) == 1 else b"".join(shards)


def _suspects(paths: list[str], sizes: list[int]) -> str:
    """The shards that are not as long as most are; only the last may be shorter."""
    if not paths:
        return ""
    ((usual, _),) = Counter(sizes[:-1] or sizes).most_common(1)
    last = len(sizes) - 1
    odd = [k for k, size in enumerate(sizes) if size > usual or (size < usual and k < last)]
    shown = [f"{named(paths[k])} has {sizes[k]:,}" for k in (odd or sorted({0, last}))[:_SHOWN]]
    return f"; {', '.join(shown)}"


def _tell(notes: Notes, found: Mapping[str, Weight]) -> None:
    kinds = {weight.stored for weight in found.values() if weight.stored}
    if kinds & {"uint8", "uint16"}:
        notes.changed(
            f"weights of {' and '.join(sorted(kinds - {'float16'}))} to q × scale + min, computed in 64 bits and rounded once to "
            "float32, as TensorFlow.js does it"
        )
    if "float16" in kinds:
        notes.changed("weights of float16 widened to float32, each the same number")
