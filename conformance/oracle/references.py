"""Tensors and what refers to them ([agree-4] to [agree-6], [saved-2])."""

import math
from typing import Any

from conformance.oracle.finding import AGREEMENT, ERROR, Finding
from conformance.oracle.tensors import (
    floats,
    product,
    round_to_float32,
    scaled,
    strict_base64,
    unpack,
)
from conformance.oracle.values import Value, plain, step

SIZES = {"float32": 4, "float16": 2, "bfloat16": 2, "int8": 1}  # bytes of an element
SMALLEST_SCALE = 2.0**-126
ARRAYS = ("h", "c", "h_reverse", "c_reverse")  # of a state, in the order of the tables

# A size of a shape, or None where it is not known.
Size = int | None


class References:
    """Collects the findings of the stage agreement, and which tensors were referred to."""

    def __init__(self, tensors: Value) -> None:
        self.findings: list[Finding] = []
        self.raw_tensors = tensors
        self.tensors: dict[str, dict[str, Any]] = plain(tensors)  # type: ignore[assignment]  # judged before
        self.seen: set[str] = set()  # tensors referred to so far

    def add(self, code: str, place: str, severity: str = ERROR) -> None:
        """One more finding."""
        self.findings.append(Finding(code, AGREEMENT, severity, place))

    def reference(
        self, name: str, place: str, shape: list[Size] | None, dtype: str | None = None
    ) -> None:
        """[agree-4] and [agree-5]; a shape with an unknown size is not compared."""
        if name not in self.tensors:
            self.add("TENSOR_UNKNOWN", place)
            return
        if name in self.seen:
            self.add("TENSOR_REUSED", place)
            return
        self.seen.add(name)
        if dtype is not None and self.tensors[name]["dtype"] != dtype:
            self.add("TENSOR_DTYPE", place)
        if shape is not None and None not in shape and self.tensors[name]["shape"] != shape:
            self.add("TENSOR_SHAPE", place)

    def check_tensors(self) -> None:
        """Every tensor, after every reference."""
        for name in self.tensors:
            if name not in self.seen:
                self.add("TENSOR_UNUSED", step("/tensors", name))
            self.tensor_data(name)

    def tensor_data(self, name: str) -> None:
        """[agree-6]: the first that applies."""
        assert isinstance(self.raw_tensors, dict)
        entry = self.raw_tensors[name]
        assert isinstance(entry, dict)
        assert isinstance(entry["shape"], list)
        dtype, data, count = entry["dtype"], entry["data"], product(entry["shape"])
        assert isinstance(dtype, str)
        here = step("/tensors", name)
        place = f"{here}/data"
        scale_is_sound = dtype != "int8" or self.scale(entry, f"{here}/scale")
        if isinstance(data, list):
            if dtype != "float32":
                self.add("TENSOR_ENCODING", place)
                return
            right_length = len(data) == count
            values = [round_to_float32(value) for value in data if isinstance(value, float)]
        else:
            stored = strict_base64(data) if isinstance(data, str) else data
            assert isinstance(stored, bytes)
            right_length = len(stored) == count * SIZES[dtype]
            values = unpack(stored, dtype)[1] if right_length else []
        if not right_length:
            self.add("TENSOR_LENGTH", place)
            return
        if dtype == "int8":
            if -128.0 in values:
                self.add("TENSOR_QUANTUM", place)
                return
            values = scaled(entry, values) if scale_is_sound else []
        if not all(math.isfinite(value) for value in values):
            self.add("TENSOR_NONFINITE", place)

    def scale(self, entry: dict[str, Value], place: str) -> bool:
        """The scale of an int8 tensor, before its data; whether it is sound."""
        data, shape, axis = entry["scale"], entry["shape"], entry["axis"]
        assert isinstance(shape, list)
        assert isinstance(axis, float)
        stored = strict_base64(data) if isinstance(data, str) else data
        length = len(stored) if isinstance(stored, list) else len(stored or b"") / SIZES["float32"]  # type: ignore[arg-type]
        if length != shape[int(axis)]:
            self.add("TENSOR_LENGTH", place)
            return False
        if not all(SMALLEST_SCALE <= value < math.inf for value in floats(data)):
            self.add("TENSOR_SCALE", place)
            return False
        return True
