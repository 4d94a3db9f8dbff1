"""protobuf: the fields of a message, one by one, and messages put together. No schema, no generated code.

A message is a row of fields: a number and a wire type in one varint, then the value. Groups, which nobody
has written for long, are refused. Reading counts every field against a budget, before anything is kept.
"""

from collections.abc import Iterator
from typing import Final, TypeAlias

from rnnspec.importers.refusal import Refused, malformed

VARINT: Final = 0
FIXED64: Final = 1
BYTES: Final = 2
FIXED32: Final = 5

Field: TypeAlias = tuple[int, int, int | memoryview]  # number, wire type, value

_FIXED: Final = {FIXED64: 8, FIXED32: 4}
_LONGEST_VARINT: Final = 10  # bytes, for 64 bits
_LARGEST_FIELD: Final = 2**29 - 1


class Budget:
    """How many fields may still be read, all messages of a file together."""

    def __init__(self, fields: int) -> None:
        self._all = self._left = fields

    def take(self, count: int = 1) -> None:
        """Raises Refused where they are too many."""
        self._left -= count
        if self._left < 0:
            raise Refused(
                "IMPORT_LIMIT",
                f"the file has more than {self._all:,} fields: unrolled graphs are not read; export the net again, "
                "with its recurrent operators and raw data",
            )


def fields(message: memoryview, budget: Budget) -> Iterator[Field]:
    """The fields in their order; the value of a varint as a number, of the others as bytes. Raises Refused."""
    at = 0
    while at < len(message):
        budget.take()
        key, at = _varint(message, at)
        number, kind = key >> 3, key & 7
        if not 1 <= number <= _LARGEST_FIELD:
            raise _damaged()
        if kind == VARINT:
            value, at = _varint(message, at)
            yield number, kind, value
            continue
        if kind == BYTES:
            size, at = _varint(message, at)
        elif kind in _FIXED:
            size = _FIXED[kind]
        else:
            raise _damaged()
        if size > len(message) - at:
            raise _damaged()
        yield number, kind, message[at : at + size]
        at += size


def varints(packed: memoryview, budget: Budget) -> list[int]:
    """The numbers of a packed field. Raises Refused."""
    found = []
    at = 0
    while at < len(packed):
        budget.take()
        value, at = _varint(packed, at)
        found.append(value)
    return found


def signed(value: int) -> int:
    """A varint as int64."""
    return value - 2**64 if value >= 2**63 else value


def text(value: int | memoryview) -> str:
    """A string. Raises Refused."""
    if isinstance(value, int):
        raise _damaged()
    try:
        return bytes(value).decode()
    except UnicodeDecodeError:
        raise _damaged() from None


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for k in range(_LONGEST_VARINT):
        if at + k >= len(data):
            break
        byte = data[at + k]
        value |= (byte & 127) << 7 * k
        if byte < 128:
            return value & (2**64 - 1), at + k + 1
    raise _damaged()


def _damaged() -> Refused:
    return malformed(
        "the file is no sound protobuf: it was cut or damaged; copy or export it again"
    )


# --- writing ----------------------------------------------------------------------------------------------


def put(number: int, value: int | str | bytes) -> bytes:
    """A field: a number (of up to 64 bits, negative ones too), a text, bytes or another message."""
    if isinstance(value, int):
        return _put_varint(number << 3 | VARINT) + _put_varint(value)
    data = value.encode() if isinstance(value, str) else value
    return _put_varint(number << 3 | BYTES) + _put_varint(len(data)) + data


def put_fixed32(number: int, value: bytes) -> bytes:
    """A field of four bytes, such as a float."""
    return _put_varint(number << 3 | FIXED32) + value


def _put_varint(value: int) -> bytes:
    value &= 2**64 - 1
    out = bytearray()
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
