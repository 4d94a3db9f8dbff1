"""npz_file: the zip of arrays that numpy.savez writes, and the array alone that numpy.save does. Arrays of objects, which are pickles, are refused."""

import math
import re
from typing import Final

from rnnspec.importers.refusal import malformed, named, unsupported
from rnnspec.importers.source import Source
from rnnspec.importers.stored import Stored
from rnnspec.importers.zips import Zip

_MAGIC: Final = b"\x93NUMPY"
# As numpy writes it: the keys sorted, a tuple of whole numbers. Nothing of it is evaluated.
_HEADER: Final = re.compile(
    r"\{'descr': '(?P<dtype>[^']{1,16})', 'fortran_order': (?P<turned>True|False), "
    r"'shape': \((?P<shape>(?:[0-9]{1,13}(?:, ?)?){0,16})\), ?\}\s*"
)
_DTYPES: Final = {
    "<f4": "float32",
    "<f8": "float64",
    "<f2": "float16",
    "<i8": "int64",
    "<i4": "int32",
    "<i2": "int16",
    "|i1": "int8",
    "|u1": "uint8",
    "|b1": "bool",
}


def read_npz(source: Source) -> dict[str, Stored]:
    """The arrays in the order of the file. Raises Refused; OSError for the file itself."""
    archive = Zip(source.data(), source.path.name, source.limits)
    found = {}
    for entry in archive.entries:
        if not entry.endswith(".npy"):
            raise malformed(f'"{named(entry)}" is no array, and an .npz has arrays alone')
        name = entry.removesuffix(".npy")
        found[name] = _array(name, archive.data(entry))
    return found


def read_npy(source: Source) -> Stored:
    """The array of a .npy file. Raises Refused; OSError for the file itself."""
    return _array(source.path.name, source.data())


def _array(name: str, data: bytes) -> Stored:
    major = data[6] if data.startswith(_MAGIC) and len(data) >= 12 else 0
    start = {1: 10, 2: 12, 3: 12}.get(major)
    if start is None:
        raise malformed(f"{named(name)} is no .npy array: save it again")
    end = start + int.from_bytes(data[8:start], "little")
    header = _HEADER.fullmatch(data[start:end].decode("latin-1"))
    if b"'|O" in data[start:end]:
        raise unsupported(
            f"{named(name)} is an array of objects, which is a pickle: save numbers alone"
        )
    if header is None:
        raise malformed(f"{named(name)} has a header that numpy does not write: save it again")
    if header["dtype"] not in _DTYPES:
        raise unsupported(f"{named(name)} is of {named(header['dtype'])}: save it as float32")
    shape = tuple(int(size) for size in re.findall("[0-9]+", header["shape"]))
    strides = None
    if header["turned"] == "True":
        strides = tuple(math.prod(shape[:k]) for k in range(len(shape)))
    numbers = memoryview(data)[end:]
    return Stored(
        name,
        _DTYPES[header["dtype"]],
        shape,
        lambda: numbers,
        math.prod(shape),
        0,
        strides,
    )
