"""References: which tensors a document names, and whether they are what it says (SPEC 10)."""

import math
from collections.abc import Mapping
from typing import cast

import numpy as np

from rnnspec import codes
from rnnspec.issue import child, quoted
from rnnspec.json_reader import Decimals
from rnnspec.tensor import (
    LEAST_QUANTUM,
    SMALLEST_SCALE,
    STORAGE,
    Axis,
    Dtype,
    Float32,
    Stored,
    Tensor,
    first_nonfinite,
)
from rnnspec.validate.findings import Data, Findings, Object, members_of, sizes

Shape = tuple[int | None, ...]  # None is any size


class References:
    """The tensors of a document, and the references to them."""

    def __init__(self, document: Object, data: Mapping[str, Data], findings: Findings) -> None:
        self.add = findings.add
        self.data = data
        self.tensors = {n: members_of(t) for n, t in members_of(document["tensors"]).items()}
        self.referred: set[str] = set()
        self.sound: dict[str, Tensor] = {}  # those without a finding

    def refer(self, name: str, at: str, shape: Shape | None, *, float32: bool = False) -> None:
        """A reference to a tensor ([agree-4], [agree-5]), `float32` if it must be."""
        if name not in self.tensors:
            self.add(codes.TENSOR_UNKNOWN, at, got=quoted(name))
            return
        if name in self.referred:
            self.add(codes.TENSOR_REUSED, at, got=quoted(name))
            return
        self.referred.add(name)
        tensor = self.tensors[name]
        found = sizes(tensor["shape"])
        if shape is not None and not (
            len(found) == len(shape)
            and all(want in {None, got} for want, got in zip(shape, found, strict=True))
        ):
            expected = str(["any" if size is None else size for size in shape]).replace("'", "")
            self.add(codes.TENSOR_SHAPE, at, name=quoted(name), expected=expected, got=list(found))
        if float32 and tensor["dtype"] != "float32":
            got = tensor["dtype"]
            self.add(codes.TENSOR_DTYPE, at, name=quoted(name), expected="float32", got=got)

    def check_tensors(self) -> None:
        """Whether each tensor is named, and [agree-6]; when all references are known."""
        for name, tensor in self.tensors.items():
            if name not in self.referred:
                self.add(codes.TENSOR_UNUSED, child("/tensors", name), got=quoted(name))
            self.check_tensor(name, tensor)

    def check_tensor(self, name: str, tensor: Object) -> None:
        """[agree-6]; what is sound becomes a Tensor."""
        at = child("/tensors", name)
        shape, dtype = sizes(tensor["shape"]), cast(Dtype, tensor["dtype"])
        axis = cast(Axis, int(cast(float, tensor["axis"]))) if dtype == "int8" else None
        scale = None if axis is None else self.check_scale(shape[axis], child(at, "scale"))
        array = self.check_data(dtype, shape, child(at, "data"))
        if array is None or (axis is not None and scale is None):
            return
        extensions = cast(Object | None, tensor.get("extensions"))
        held = Tensor(array.reshape(shape), extensions, axis, scale)
        bad = first_nonfinite(held)
        if bad is not None:
            got = f"{array[bad]}" if scale is None else f"{array[bad]} times its scale"
            if dtype == "bfloat16":
                got = f"the bits {array[bad]:04x}"
            self.add(codes.TENSOR_NONFINITE, child(at, "data"), name=bad, got=got)
            return
        self.sound[name] = held

    def check_scale(self, size: int, at: str) -> Float32 | None:
        """The scale of an int8 tensor, if it is sound."""
        scale = self.elements(self.data[at], np.dtype("<f4"), size, at)
        if scale is None:
            return None
        with np.errstate(invalid="ignore"):
            fit = np.isfinite(scale) & (scale >= SMALLEST_SCALE)
        if not fit.all():
            bad = int(fit.argmin())
            self.add(codes.TENSOR_SCALE, at, name=bad, got=f"{scale[bad]}")
            return None
        return cast(Float32, scale)

    def check_data(self, dtype: str, shape: tuple[int, ...], at: str) -> Stored | None:
        """The data of a tensor, if there are as many as the shape asks for."""
        data = self.data[at]
        if isinstance(data, Decimals) and dtype != "float32":
            self.add(codes.TENSOR_ENCODING, at, got=dtype)
            return None
        array = self.elements(data, STORAGE[dtype], math.prod(shape), at)
        if array is not None and dtype == "int8" and (array < LEAST_QUANTUM).any():
            self.add(codes.TENSOR_QUANTUM, at, name=int((array < LEAST_QUANTUM).argmax()))
            return None
        return array

    def elements(
        self, data: Data, dtype: np.dtype[np.generic], size: int, at: str
    ) -> Stored | None:
        """So many elements, flat, or a finding."""
        if isinstance(data, Decimals):
            expected, got, unit = size, data.values.size, "numbers"
        else:
            expected, got, unit = size * dtype.itemsize, len(data), "bytes"
        if got != expected:
            self.add(codes.TENSOR_LENGTH, at, expected=f"{expected} {unit}", got=got)
            return None
        return data.values if isinstance(data, Decimals) else _stored(data, dtype)


def _stored(data: bytes | memoryview, dtype: np.dtype[np.generic]) -> Stored:
    return cast(Stored, np.frombuffer(data, dtype))
