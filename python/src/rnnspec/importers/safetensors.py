""".safetensors: the length of a JSON header, the header, and the numbers one tensor after the other."""

import math
from typing import Final

from rnnspec.importers.refusal import malformed, named, unsupported
from rnnspec.importers.source import Source, json_value
from rnnspec.importers.stored import Stored, item_size
from rnnspec.json_reader import Value

_HEADER: Final = 100_000_000  # bytes; the format's own limit
_DTYPES: Final = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U8": "uint8",
    "BOOL": "bool",
}


def header_of(data: bytes) -> bytes | None:
    """The JSON header, None where it looks like anything else."""
    length = int.from_bytes(data[:8], "little")
    if len(data) < 10 or length > min(len(data) - 8, _HEADER) or data[8:9] != b"{":
        return None
    return data[8 : 8 + length]


def is_safetensors(data: bytes) -> bool:
    """Whether there is a header that tells of tensors."""
    header = header_of(data)
    return header is not None and b'"data_offsets"' in header


def read_safetensors(source: Source) -> dict[str, Stored]:
    """The tensors in the order of their numbers. Raises Refused; OSError for the file itself."""
    data, name = source.data(), source.path.name
    header = header_of(data)
    if header is None:
        raise malformed(f"{named(name)} has no header of a .safetensors file: copy it again")
    members = json_value(header, name, source.limits)
    if not isinstance(members, dict):
        raise malformed(f"the header of {named(name)} is no JSON object: copy it again")
    numbers = memoryview(data)[8 + len(header) :]
    found = [_place(key, entry, numbers) for key, entry in members.items() if key != "__metadata__"]
    end = 0
    for begin, next_end, stored in sorted(found, key=lambda place: place[:2]):
        if begin != end:
            raise malformed(f"{stored} of {named(name)} does not follow the tensor before it")
        end = next_end
    if end != len(numbers):
        raise malformed(
            f"{named(name)} has {len(numbers):,} bytes of numbers, and its header tells of {end:,}: copy it again"
        )
    return {stored.name: stored for _, _, stored in found}


def _place(key: str, entry: Value, numbers: memoryview) -> tuple[int, int, Stored]:
    members = entry if isinstance(entry, dict) else {}
    shape, offsets = _whole(members.get("shape")), _whole(members.get("data_offsets"))
    dtype = members.get("dtype")
    if shape is None or offsets is None or len(offsets) != 2 or not isinstance(dtype, str):
        raise malformed(f"the header does not say where {named(key)} is: save the net again")
    if dtype not in _DTYPES:
        raise unsupported(f"{named(key)} is of {named(dtype)}: save it as F32")
    begin, end = offsets
    count = math.prod(shape)
    if begin > end or end > len(numbers) or end - begin != count * item_size(_DTYPES[dtype]):
        raise malformed(
            f"the bytes of {named(key)} do not fit its shape: the file was cut, or is damaged"
        )
    return begin, end, Stored(key, _DTYPES[dtype], shape, lambda: numbers[begin:end], count)


def _whole(value: Value) -> tuple[int, ...] | None:
    """A short list of whole numbers from 0."""
    if not isinstance(value, list) or len(value) > 16:
        return None
    numbers = tuple(
        int(n) for n in value if type(n) is float and n.is_integer() and 0 <= n <= 2**40
    )
    return numbers if len(numbers) == len(value) else None
