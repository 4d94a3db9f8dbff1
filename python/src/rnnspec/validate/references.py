"""References: which tensors a document names, and whether they are what it says (SPEC 10)."""

import math
from collections.abc import Mapping
from typing import cast

import numpy as np

from rnnspec import codes
from rnnspec.issue import child, quoted
from rnnspec.json_reader import Decimals
from rnnspec.tensor import STORAGE, Stored, first_nonfinite
from rnnspec.validate.findings import Data, Findings, Object, members_of, sizes

Shape = tuple[int | None, ...]  # None is any size


class References:
    """The tensors of a document, and the references to them."""

    def __init__(self, document: Object, data: Mapping[str, Data], findings: Findings) -> None:
        self.add = findings.add
        self.data = data
        self.tensors = {n: members_of(t) for n, t in members_of(document["tensors"]).items()}
        self.referred: set[str] = set()
        self.arrays: dict[str, Stored] = {}  # what the tensors hold, when all is well

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
        """[agree-6], the first that applies; what is sound becomes an array."""
        at = child(child("/tensors", name), "data")
        data, shape = self.data[at], sizes(tensor["shape"])
        dtype = cast(str, tensor["dtype"])
        elements = math.prod(shape)
        if isinstance(data, Decimals):
            if dtype != "float32":
                self.add(codes.TENSOR_ENCODING, at, got=dtype)
                return
            expected, got, unit = elements, data.values.size, "numbers"
        else:
            expected, got, unit = elements * STORAGE[dtype].itemsize, len(data), "bytes"
        if got != expected:
            self.add(codes.TENSOR_LENGTH, at, expected=f"{expected} {unit}", got=got)
            return
        array: Stored = data.values if isinstance(data, Decimals) else _stored(data, dtype)
        bad = first_nonfinite(array)
        if bad is not None:
            self.add(codes.TENSOR_NONFINITE, at, name=bad, got=f"{array[bad]}")
            return
        self.arrays[name] = array.reshape(shape)


def _stored(data: bytes | memoryview, dtype: str) -> Stored:
    return cast(Stored, np.frombuffer(data, STORAGE[dtype]))
