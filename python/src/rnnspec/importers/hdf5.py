"""HDF5 files out of bytes, by h5py, which is imported when the first is read. Nothing outside the bytes is opened.

What a file could do with us is refused before it happens: links out of it, external and virtual data, filters, arrays
that are larger than their bytes. Arrays of strings are not read at all: all their elements can point at one long text.
"""

import importlib
import io
import math
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from rnnspec.importers.refusal import Refused, malformed, named, unsupported
from rnnspec.limits import Limits

MAGIC: Final = b"\x89HDF\r\n\x1a\n"
CHILDREN: Final = 10_000  # of one group, and of all that one listing visits
_DEPTH: Final = 8  # of one listing
_HEAP: Final = struct.Struct("<8sQ")  # GCOL with its version, and a size
_OBJECT: Final = struct.Struct("<HHIQ")  # number, references, nothing, size
_BROKEN: Final = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
)

Numbers = npt.NDArray[np.floating[Any]]


class Hdf5:
    """An open file; paths are names with / between them. A context manager.

    Raises Refused for what is damaged, unsafe or too large, and where h5py is not installed.
    """

    def __init__(self, data: bytes, name: str, limits: Limits) -> None:
        self._name = named(name)
        self._bytes = len(data)
        self._left = limits.size
        self._h5 = self._library()
        with self._reading():
            _check_heaps(data)
            self._file = self._h5.File(io.BytesIO(data), "r")
            self._root = self._h5.h5g.open(self._file.id, b"/")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._reading():
            self._file.close()

    def has(self, path: str) -> bool:
        """Whether there is a group or an array of this path."""
        with self._reading():
            return self._find(path) is not None

    def children(self, path: str) -> list[str]:
        """The names in a group, in any order; none where there is no group."""
        with self._reading():
            group = self._find(path)
            if not isinstance(group, self._h5.h5g.GroupID):
                return []
            if group.get_num_objs() > CHILDREN:
                raise self._many(path)
            return [bytes(name).decode() for name in group]

    def arrays(self, path: str) -> list[str]:
        """The paths of all arrays in a group and in its groups, sorted."""
        found, waiting, visited = [], [(path, 0)], 0
        while waiting:
            group, depth = waiting.pop()
            for name in self.children(group):
                visited += 1
                inner = f"{group}/{name}"
                if visited > CHILDREN or depth == _DEPTH:
                    raise self._many(path)
                with self._reading():
                    is_group = isinstance(self._find(inner), self._h5.h5g.GroupID)
                if is_group:
                    waiting.append((inner, depth + 1))
                else:
                    found.append(inner)
        return sorted(found)

    def text(self, path: str, attribute: str) -> str | None:
        """An attribute that is one text; None where there is none."""
        with self._reading():
            owner = self._find(path)
            if owner is None or not self._h5.h5a.exists(owner, attribute.encode()):
                return None
            known = self._h5.h5a.open(owner, attribute.encode())
            is_text = isinstance(known.get_type(), self._h5.h5t.TypeStringID)
            if not is_text or known.get_space().get_simple_extent_npoints() != 1:
                raise malformed(
                    f'{self._name} has an attribute "{named(attribute)}" that is no single text: save the model again'
                )
            value = self._h5.AttributeManager(self._wrapped(owner))[attribute]
            value = value.item() if isinstance(value, np.ndarray) else value
            # h5py hides bytes that are no UTF-8 in halves of surrogate pairs: encoding finds them.
            return (value if isinstance(value, bytes) else str(value).encode()).decode()

    def array(self, path: str) -> Numbers:
        """The numbers of an array, as float32, float64 or float16."""
        with self._reading():
            found = self._find(path)
            if not isinstance(found, self._h5.h5d.DatasetID):
                raise malformed(f'{self._name} has no array "{named(path)}": save the model again')
            self._check_place(found, path)
            dtype = self._dtype(found, path)
            shape = tuple(found.get_space().get_simple_extent_dims())
            size = math.prod(shape) * dtype.itemsize
            if not size or found.get_storage_size() != size or size > self._bytes:
                raise malformed(
                    f'"{named(path)}" in {self._name} has the shape {list(shape)}, and the file has not its '
                    f"{size:,} bytes: the file is damaged, or was not written to its end"
                )
            self._left -= size
            if self._left < 0:
                raise Refused(
                    "IMPORT_LIMIT",
                    f'with "{named(path)}" the arrays of {self._name} are larger than the limit: if you trust it, '
                    "raise the limit, with --limit size=1G or Source(path, Limits(size=…))",
                )
            array = np.empty(shape, dtype)
            found.read(self._h5.h5s.ALL, self._h5.h5s.ALL, array)
            return array.astype(dtype.newbyteorder("="))

    def _check_place(self, found: Any, path: str) -> None:  # noqa: ANN401  h5py has no types
        """Before anything is asked of an array: its numbers stand in this file, in one piece, as they are."""
        plan = found.get_create_plist()
        layout = plan.get_layout()
        if layout == self._h5.h5d.VIRTUAL or plan.get_external_count():
            raise Refused(
                "IMPORT_UNSAFE",
                f'"{named(path)}" in {self._name} has its numbers in another file: save the model into one file',
            )
        plain = {self._h5.h5d.CONTIGUOUS, self._h5.h5d.COMPACT}
        if layout not in plain or plan.get_nfilters():
            raise unsupported(
                f'"{named(path)}" in {self._name} is stored in chunks or compressed, which Keras never does: '
                "save the model again with Keras"
            )

    def _dtype(self, found: Any, path: str) -> np.dtype[Any]:  # noqa: ANN401
        kind = found.get_type()
        types = self._h5.h5t
        for known, code in (
            (types.IEEE_F32LE, "<f4"),
            (types.IEEE_F64LE, "<f8"),
            (types.IEEE_F16LE, "<f2"),
            (types.IEEE_F32BE, ">f4"),
            (types.IEEE_F64BE, ">f8"),
        ):
            if kind.equal(known):
                return np.dtype(code)
        raise unsupported(
            f'"{named(path)}" in {self._name} is not of float32, float64 or float16: save the model without '
            "quantisation, in float32"
        )

    def _find(self, path: str) -> Any:  # noqa: ANN401
        """The group or array of a path, by hard links alone; None where there is none."""
        here = self._root
        for part in filter(None, path.split("/")):
            if not isinstance(here, self._h5.h5g.GroupID) or not here.links.exists(part.encode()):
                return None
            if here.links.get_info(part.encode()).type != self._h5.h5l.TYPE_HARD:
                raise Refused(
                    "IMPORT_UNSAFE",
                    f'"{named(path)}" in {self._name} is a link, and links are not followed: save the model again '
                    "with Keras, which writes none",
                )
            here = self._h5.h5o.open(here, part.encode())
        return here

    def _wrapped(self, owner: Any) -> Any:  # noqa: ANN401
        is_group = isinstance(owner, self._h5.h5g.GroupID)
        return self._h5.Group(owner) if is_group else self._h5.Dataset(owner)

    def _many(self, path: str) -> Refused:
        return Refused(
            "IMPORT_LIMIT",
            f'"{named(path)}" in {self._name} has more than {CHILDREN:,} parts, or more than {_DEPTH} in each other',
        )

    def _library(self) -> Any:  # noqa: ANN401
        try:
            return importlib.import_module("h5py")
        except ImportError:
            raise unsupported(
                f"{self._name} is an HDF5 file, and h5py, which reads them, is not installed: "
                "pip install 'rnnspec[keras]'"
            ) from None

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except Refused:
            raise
        except _BROKEN:
            raise malformed(f"{self._name} is a damaged HDF5 file: copy or save it again") from None


def _check_heaps(data: bytes) -> None:
    """Where texts stand, in objects one after the other: one of no size would keep the library busy for ever.

    Raises ValueError.
    """
    start = data.find(b"GCOL")
    while start >= 0:
        _, size = _HEAP.unpack_from(data, start)
        here, end = start + _HEAP.size, start + size
        if end > len(data):
            raise ValueError
        while here + _OBJECT.size <= end:
            number, _, _, length = _OBJECT.unpack_from(data, here)
            step = _OBJECT.size + (length + 7) // 8 * 8 if number else length
            if step < _OBJECT.size or here + step > end:
                raise ValueError
            here += step
        start = data.find(b"GCOL", max(end, start + 4))
