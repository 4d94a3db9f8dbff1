"""What torch.save writes, without torch: the zip of PyTorch 1.6 and later, and the legacy file before it.

Both hold a pickle whose tensors refer to storages by key: entries data/KEY of the zip, blocks behind the
pickle in the legacy file. Storages of a GPU are stored as those of the CPU are.
"""

import struct
from dataclasses import dataclass
from typing import Any, Final

from rnnspec.importers.pickles import Call, Name, Reader, Value
from rnnspec.importers.refusal import malformed, named, unsupported
from rnnspec.importers.source import Source
from rnnspec.importers.stored import Stored, item_size
from rnnspec.importers.zips import Zip

MAGIC: Final = (
    b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"  # the number 0x1950a86a20f9469cfc6c
)
_PROTOCOL: Final = 1001
_DTYPES: Final = {
    "Float": "float32",
    "Double": "float64",
    "Half": "float16",
    "BFloat16": "bfloat16",
    "Long": "int64",
    "Int": "int32",
    "Short": "int16",
    "Char": "int8",
    "Byte": "uint8",
    "Bool": "bool",
}
_STORAGES: Final = {
    f"{module}.{name}Storage": dtype
    for module in ("torch", "torch.cuda")
    for name, dtype in _DTYPES.items()
}


@dataclass(frozen=True)
class Storage:
    """The numbers of one or several tensors."""

    dtype: str
    key: str
    count: int


class Tensor:
    """A tensor of the pickle, whose storage is not read yet."""

    def __init__(self, arguments: tuple[Value, ...]) -> None:
        """From the arguments of _rebuild_tensor_v2: storage, offset, size, stride, and what training needs."""
        if len(arguments) < 4:
            raise malformed("a tensor of the pickle is not whole: save the net again")
        storage, offset, shape, strides = arguments[:4]
        if (
            not isinstance(storage, Storage)
            or not isinstance(shape, tuple)
            or not isinstance(strides, tuple)
            or any(type(number) is not int for number in (offset, *shape, *strides))
        ):
            raise malformed(
                "a tensor of the pickle has no numbers for its shape: save the net again"
            )
        self.storage = storage
        self.offset: int = offset
        self.shape: tuple[int, ...] = shape
        self.strides: tuple[int, ...] = strides


class TorchFile:
    """The pickled value of a file that torch.save wrote, and its storages."""

    def __init__(self, source: Source) -> None:
        """Raises Refused; OSError for the file itself."""
        self._data = source.data()
        self._name = source.path.name
        self._storages: dict[str, Storage] = {}
        self._places: dict[str, tuple[int, int]] = {}  # of the legacy file: key → begin, end
        self._zip: Zip | None = None
        if self._data.startswith(b"PK"):
            self._zip = Zip(self._data, self._name, source.limits)
            self.value = self._from_zip(self._zip)
        else:
            self.value = self._from_legacy()

    def stored(self, name: str, tensor: Tensor) -> Stored:
        """The tensor as an array of that name. Raises Refused."""
        storage = tensor.storage
        return Stored(
            name,
            storage.dtype,
            tensor.shape,
            lambda: self._bytes(storage),
            storage.count,
            tensor.offset,
            tensor.strides,
        )

    def _bytes(self, storage: Storage) -> bytes | memoryview:
        if self._zip is not None:
            return self._zip.data(f"{self._folder}data/{storage.key}")
        begin, end = self._places[storage.key]
        return memoryview(self._data)[begin:end]

    def _from_zip(self, archive: Zip) -> Value:
        pickles = [name for name in archive.entries if name.endswith("data.pkl")]
        if len(pickles) != 1:
            raise malformed(
                f"{named(self._name)} has {len(pickles)} entries data.pkl: save it again"
            )
        self._folder = pickles[0].removesuffix("data.pkl")
        if f"{self._folder}constants.pkl" in archive.entries:
            raise unsupported(
                f"{named(self._name)} is a TorchScript program, with code in it: load it in PyTorch, and save its "
                "state_dict() with torch.save"
            )
        order = f"{self._folder}byteorder"
        if order in archive.entries and archive.data(order) != b"little":
            raise unsupported("its numbers are not little-endian: save the net on another machine")
        return self._reader(archive.data(pickles[0])).read()

    def _from_legacy(self) -> Value:
        reader = self._reader(self._data)
        reader.read()  # the magic number, by which the file was told
        if reader.read() != _PROTOCOL:
            raise unsupported(f"{named(self._name)} is of another protocol than {_PROTOCOL}")
        system = reader.read()
        if not isinstance(system, dict) or system.get("little_endian") is not True:
            raise unsupported("its numbers are not little-endian: save the net on another machine")
        value = reader.read()
        keys = reader.read()
        if not isinstance(keys, list) or any(not isinstance(key, str) for key in keys):
            raise malformed(f"{named(self._name)} has no list of its storages: save it again")
        at = reader.at
        for key in keys:
            storage = self._storages.get(key)
            if storage is None or key in self._places or at + 8 > len(self._data):
                raise malformed(f"the storages of {named(self._name)} are cut, or not its own")
            (count,) = struct.unpack_from("<q", self._data, at)
            end = at + 8 + storage.count * item_size(storage.dtype)
            if count != storage.count or end > len(self._data):
                raise malformed(f"the storages of {named(self._name)} are cut: copy it again")
            self._places[key] = (at + 8, end)
            at = end
        if len(self._places) != len(self._storages) or at != len(self._data):
            raise malformed(f"{named(self._name)} does not hold its storages alone: copy it again")
        return value

    def _reader(self, data: bytes) -> Reader:
        calls: dict[str, Call] = {
            "collections.OrderedDict": self._ordered,
            "torch._utils._rebuild_tensor_v2": Tensor,
            "torch._utils._rebuild_tensor": Tensor,
            "torch._utils._rebuild_parameter": self._parameter,
            "torch.Size": self._size,
        }
        return Reader(data, self._name, calls, frozenset(_STORAGES), self._persistent)

    def _ordered(self, arguments: tuple[Value, ...]) -> dict[str, Value]:
        """Empty; Python 2 gave its items as pairs."""
        pairs = arguments[0] if len(arguments) == 1 and isinstance(arguments[0], list) else None
        if arguments and pairs is None:
            raise malformed(
                "an OrderedDict of the pickle is filled in a way that torch.save has not"
            )
        found = {}
        for pair in pairs or ():
            if not isinstance(pair, list) or len(pair) != 2 or type(pair[0]) is not str:
                raise malformed("an OrderedDict of the pickle has no pairs of a name and a value")
            found[pair[0]] = pair[1]
        return found

    def _parameter(self, arguments: tuple[Value, ...]) -> Value:
        if not arguments or not isinstance(arguments[0], Tensor):
            raise malformed("a parameter of the pickle is no tensor: save the net again")
        return arguments[0]

    def _size(self, arguments: tuple[Value, ...]) -> Value:
        if len(arguments) != 1 or not isinstance(arguments[0], tuple):
            raise malformed("a torch.Size of the pickle is no tuple: save the net again")
        return arguments[0]

    def _persistent(self, arguments: tuple[Value, ...]) -> Storage:
        """A storage, from ("storage", type, key, device, elements) and in legacy files a view."""
        (value,) = arguments
        parts: tuple[Any, ...] = value if isinstance(value, tuple) else ()
        if len(parts) not in {5, 6} or parts[0] != "storage" or not isinstance(parts[1], Name):
            raise malformed("a storage of the pickle is told in an unknown way: save the net again")
        _, kind, key, _, count, *view = parts
        if (
            kind.text not in _STORAGES
            or type(key) is not str
            or type(count) is not int
            or count < 0
        ):
            raise malformed("a storage of the pickle is not whole: save the net again")
        if view not in ([], [None]):
            raise unsupported(
                "a storage is a view of another one: save the net with PyTorch 0.4 or later"
            )
        storage = Storage(_STORAGES[kind.text], key, count)
        if self._storages.setdefault(key, storage) != storage:
            raise malformed(f"the storage {named(key)} is told in two ways: save the net again")
        return storage
