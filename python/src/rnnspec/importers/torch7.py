"""torch7: the values in a file of Torch7's `torch.save`, in its binary form. Nothing in it is executed.

A value is an int32 tag and what follows: a number is a binary64, a string is bytes, a table is pairs of values,
an object has a version, a class and its fields. Whatever can be shared has a number; a second mention is that
number alone. Functions are Lua bytecode: their bytes are stepped over.
"""

import struct
from dataclasses import dataclass, field
from typing import Final, TypeAlias, Union

import numpy as np
import numpy.typing as npt

from rnnspec.importers import arrays
from rnnspec.importers.refusal import Refused, malformed, named, unsupported

_NIL, _NUMBER, _STRING, _TABLE, _OBJECT, _BOOLEAN, _FUNCTION = range(7)
_SHARED_FUNCTIONS: Final = (7, 8)  # 7 is how older Torches wrote it
LIMIT_VALUES: Final = 500_000
_LONGEST_CLASS: Final = 128
_MOST_AXES: Final = 8
# Kind of element → dtype. Cuda and Cl hold float32.
_ELEMENTS: Final = {
    "Float": "<f4", "Cuda": "<f4", "Cl": "<f4", "Double": "<f8", "CudaDouble": "<f8", "Long": "<i8", "CudaLong": "<i8",
    "Int": "<i4", "CudaInt": "<i4", "Short": "<i2", "CudaShort": "<i2", "Byte": "u1", "CudaByte": "u1", "Char": "i1",
    "CudaChar": "i1", "Half": "<f2", "CudaHalf": "<f2",
}  # fmt: skip

Value: TypeAlias = Union[
    float, bytes, bool, "Table", "Object", "Tensor", "Storage", "Function", None
]


@dataclass(eq=False)
class Table:
    """A Lua table. Keys that are strings are bytes; a boolean key stands as ("boolean", key)."""

    items: dict[object, Value] = field(default_factory=dict)

    def get(self, key: str | int) -> Value:
        """The value at a name, or at a number from 1; None where there is none."""
        return self.items.get(key.encode() if isinstance(key, str) else float(key))

    def list(self) -> list[Value]:
        """The values at 1, 2, 3, … up to the first number that is not there."""
        values: list[Value] = []
        while (value := self.get(len(values) + 1)) is not None:
            values.append(value)
        return values


@dataclass(eq=False)
class Object:
    """An object of a Lua class, such as nn.Linear: its fields alone, none of its code."""

    kind: str
    fields: Table = field(default_factory=Table)


@dataclass(eq=False)
class Storage:
    """The numbers behind tensors."""

    values: npt.NDArray[np.generic]


@dataclass(eq=False)
class Tensor:
    """A view of a storage."""

    kind: str
    sizes: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int  # from 0
    storage: Storage | None = None

    def wide(self, name: str) -> arrays.Float64:
        """A copy as binary64. Raises Refused for numbers of another kind, and where the view leaves its storage."""
        values = self.storage.values if self.storage else np.zeros(0, np.float32)
        if values.dtype.kind != "f":
            raise unsupported(
                f"{named(name)} is a {self.kind}, and floats are read: in Torch, call :float() on the model and save "
                "it again"
            )
        if not self.sizes:
            raise malformed(f"{named(name)} is empty: take a checkpoint that was saved in whole")
        last = self.offset + sum((n - 1) * s for n, s in zip(self.sizes, self.strides, strict=True))
        if not 0 <= self.offset <= last < len(values):
            raise malformed(
                f"{named(name)} reaches beyond its storage of {len(values):,} numbers: the file is damaged"
            )
        # The bounds are checked above, so that no element lies outside.
        view = np.lib.stride_tricks.as_strided(
            values[self.offset :],
            self.sizes,
            tuple(s * values.itemsize for s in self.strides),
            writeable=False,
        )
        with np.errstate(invalid="ignore"):  # of a NaN; whoever rounds it refuses it
            return np.array(view, np.float64)


@dataclass(eq=False)
class Function:
    """A Lua function, which is not read."""


@dataclass
class _Open:
    """A container whose values are still being read."""

    value: Table | Object | Tensor | Function
    left: int  # values to come
    key: object = None


def looks_like(data: bytes) -> bool:
    """Whether it begins as a table or an object of Torch's binary form does."""
    if len(data) < 12:
        return False
    tag, number, next_number = struct.unpack_from("<3i", data)
    return tag in {_TABLE, _OBJECT} and 1 <= number <= 8 and 0 <= next_number < 1 << 20


def read_value(data: bytes, name: str) -> Value:
    """The one value of the file. Raises Refused."""
    return _Reader(data, name).whole()


class _Reader:
    def __init__(self, data: bytes, name: str) -> None:
        self.data = data
        self.name = name
        self.at = 0
        self.count = 0
        self.shared: dict[int, tuple[int, Value]] = {}
        self.open: list[_Open] = []

    def whole(self) -> Value:
        """A stack in place of recursion: nets of nngraph are chains of any depth."""
        first = self.value()
        while self.open:
            top = self.open[-1]
            if not top.left:
                self.open.pop()
                continue
            top.left -= 1
            self.put(top, self.value())
        if self.at != len(self.data):
            raise self.broken("bytes follow the end of the value")
        return first

    def put(self, top: _Open, value: Value) -> None:
        """The next value of the container."""
        container = top.value
        if isinstance(container, Object):
            if not isinstance(value, Table):
                raise unsupported(
                    f"an object of the class {named(container.kind)} is not stored as a table of fields, and is not "
                    "known here: remove it from the checkpoint, and save it again"
                )
            container.fields = value
        elif isinstance(container, Tensor):
            if value is not None and not isinstance(value, Storage):
                raise self.broken("a tensor has no storage")
            container.storage = value
        elif isinstance(container, Table):
            if top.left % 2:
                if value is None or value != value:
                    raise self.broken("a key of a table is nil or NaN")
                top.key = ("boolean", value) if isinstance(value, bool) else value
                if top.key in container.items:
                    raise self.broken("a key stands twice in a table")
            else:
                container.items[top.key] = value

    def value(self) -> Value:
        self.count += 1
        if self.count > LIMIT_VALUES:
            raise Refused(
                "IMPORT_LIMIT",
                f"{named(self.name)} holds more than {LIMIT_VALUES:,} values: save the net alone, without what "
                "belongs to its training",
            )
        tag = self.int32()
        if tag == _NIL:
            return None
        if tag == _NUMBER:
            return float(struct.unpack("<d", self.take(8))[0])
        if tag == _STRING:
            return self.string()
        if tag == _BOOLEAN:
            return self.int32() != 0
        if tag == _FUNCTION:
            return self.function()
        if tag in {_TABLE, _OBJECT, *_SHARED_FUNCTIONS}:
            return self.mention(tag)
        raise self.broken(
            f"there is no kind of value {tag}, as in a file that a 32-bit machine wrote, or an ASCII one, or a copy "
            "that is damaged"
        )

    def mention(self, tag: int) -> Value:
        """A shared value: again, or for the first time."""
        number = self.int32()
        if number in self.shared:
            as_tag, value = self.shared[number]
            if as_tag != tag:
                raise self.broken("a mention is of another kind than its value")
            return value
        value = (
            self.table() if tag == _TABLE else self.object() if tag == _OBJECT else self.function()
        )
        self.shared[number] = (tag, value)
        return value

    def table(self) -> Table:
        pairs = self.int32()
        # A pair is a key of 8 bytes and a value of 4 at the least.
        if not 0 <= pairs <= (len(self.data) - self.at) // 12:
            raise self.broken("a table has more pairs than bytes are left")
        table = Table()
        self.open.append(_Open(table, 2 * pairs))
        return table

    def function(self) -> Function:
        self.string()
        function = Function()
        self.open.append(_Open(function, 1))  # what it closes over
        return function

    def object(self) -> Object | Tensor | Storage:
        version = self.string()
        kind_bytes = self.string() if version.startswith(b"V ") else version
        kind = kind_bytes.decode("ascii", "replace")
        if not kind or len(kind) > _LONGEST_CLASS:
            raise self.broken("an object has no class")
        library, _, short = kind.partition(".")
        if library == "torch" and short.endswith("Tensor") and short[:-6] in _ELEMENTS:
            return self.tensor(kind)
        if library == "torch" and short.endswith("Storage") and short[:-7] in _ELEMENTS:
            return self.storage(_ELEMENTS[short[:-7]])
        found = Object(kind)
        self.open.append(_Open(found, 1))
        return found

    def tensor(self, kind: str) -> Tensor:
        axes = self.int32()
        if not 0 <= axes <= _MOST_AXES:
            raise self.broken(f"a tensor has {axes} axes")
        longs = struct.unpack(f"<{2 * axes + 1}q", self.take(8 * (2 * axes + 1)))
        sizes, strides, offset = longs[:axes], longs[axes:-1], longs[-1] - 1
        elements = 1
        for size, stride in zip(sizes, strides, strict=True):
            elements *= max(size, 0)
            if size < 1 or stride < 0 or stride > len(self.data):
                raise self.broken(f"a tensor has the sizes {list(sizes)}, steps {list(strides)}")
        # A step of 0 would let few bytes stand for any number of elements.
        if elements > len(self.data):
            raise self.broken(f"a tensor of sizes {list(sizes)} is larger than the file")
        tensor = Tensor(kind, tuple(sizes), tuple(strides), offset)
        self.open.append(_Open(tensor, 1))
        return tensor

    def storage(self, dtype: str) -> Storage:
        (length,) = struct.unpack("<q", self.take(8))
        width = np.dtype(dtype).itemsize
        if not 0 <= length <= (len(self.data) - self.at) // width:
            raise self.broken("a storage is cut off")
        return Storage(np.frombuffer(self.take(length * width), dtype))

    def int32(self) -> int:
        return int(struct.unpack("<i", self.take(4))[0])

    def string(self) -> bytes:
        length = self.int32()
        if length < 0:
            raise self.broken("a string has a negative length")
        return self.take(length)

    def take(self, count: int) -> bytes:
        if count > len(self.data) - self.at:
            raise self.broken("the file ends too early")
        self.at += count
        return self.data[self.at - count : self.at]

    def broken(self, what: str) -> Refused:
        return malformed(
            f"{named(self.name)} is no Torch7 file to rely on: {what}, before byte {self.at}: copy it again, or save "
            "it again with torch.save on a 64-bit machine"
        )
