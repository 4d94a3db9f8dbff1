"""JSON text: a document as people read it (SPEC 3, tensor-2)."""

import binascii
import json.encoder
import math
from collections.abc import Iterator, Mapping
from typing import Final, Literal, TypeAlias

import numpy as np

from rnnspec.json_reader import narrowed
from rnnspec.tensor import Float32, Tensor, widened

Numbers: TypeAlias = Literal["base64", "decimal"]

_ONE_A_LINE: Final = frozenset({"vocabularies", "layers", "examples", "state", "tensors"})
_MINUS_ZERO: Final = 0x80000000


def json_document(document: Mapping[str, object], numbers: Numbers) -> Iterator[bytes]:
    """The text of a file, for people: a line for each member, and for each layer, tensor and so on."""
    separator = b"{\n"
    for name, value in document.items():
        yield separator + _string(name) + b": "
        separator = b",\n"
        if name in _ONE_A_LINE and isinstance(value, Mapping) and value:
            inner = b"{\n  "
            for key, member in value.items():
                yield inner + _string(key) + b": "
                yield from _json(member, numbers)
                inner = b",\n  "
            yield b"\n}"
        elif name in _ONE_A_LINE and isinstance(value, list) and value:
            inner = b"[\n  "
            for element in value:
                yield inner
                yield from _json(element, numbers)
                inner = b",\n  "
            yield b"\n]"
        else:
            yield from _json(value, numbers)
    yield b"\n}\n"


def _json(value: object, numbers: Numbers) -> Iterator[bytes]:
    """A value on one line. Bytes on the stack are text that is ready."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, bytes):
            yield item
        elif item is None or isinstance(item, bool):
            yield {None: b"null", False: b"false", True: b"true"}[item]
        elif isinstance(item, str):
            yield _string(item)
        elif isinstance(item, int | float | np.integer | np.floating):
            yield _number(item)
        elif isinstance(item, Tensor):
            yield from _json_tensor_data(item, numbers)
        elif isinstance(item, Mapping):
            yield b"{"
            stack.append(b"}")
            for k, (key, member) in reversed(list(enumerate(item.items()))):
                stack += (member, (b", " if k else b"") + _string(key) + b": ")
        elif isinstance(item, list | tuple):
            yield b"["
            stack.append(b"]")
            for k, element in reversed(list(enumerate(item))):
                stack += (element, b", " if k else b"")
        else:
            raise TypeError(f"{type(item).__name__} has no place in a model file")


def _string(text: str) -> bytes:
    return json.encoder.encode_basestring(text).encode()


def _number(value: float | np.integer | np.floating) -> bytes:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{number} has no place in a model file")
    return (
        f"{number:.0f}" if number.is_integer() and abs(number) < 1e16 else repr(number)
    ).encode()


def _json_tensor_data(tensor: Tensor, numbers: Numbers) -> Iterator[bytes]:
    if numbers == "base64" or tensor.dtype != "float32":
        data = tensor.array.reshape(-1).view(np.uint8).data
        yield b'"' + binascii.b2a_base64(data, newline=False) + b'"'
        return
    separator = b"["
    for block in tensor.blocks():
        yield separator + b",".join(_decimals(block))
        separator = b","
    yield b"]"


def _decimals(block: Float32) -> list[bytes]:
    """The fewest digits that mean the same bits under [tensor-2]."""
    texts = [text.removesuffix(b".0") for text in block.astype("S").tolist()]
    back = narrowed(np.array(texts).astype(np.float64))
    for k in np.flatnonzero(back.view(np.uint32) != block.view(np.uint32)):
        texts[k] = _one_decimal(block[k : k + 1])
    # −0 is 0 in JSON, but a negative number too small for binary32 rounds to −0.
    for k in np.flatnonzero(block.view(np.uint32) == _MINUS_ZERO):
        texts[k] = b"-1e-99"
    return texts


def _one_decimal(value: Float32) -> bytes:
    """As above, for the one value in 2^32 whose shortest decimal does not come back.

    And for subnormal values where the process takes them for zero.
    """
    (wide,) = widened(value).tolist()
    for digits in range(1, 18):
        text = f"{wide:.{digits}g}"
        if narrowed(np.array([float(text)])).tobytes() == value.tobytes():
            return text.encode()
    raise AssertionError("17 digits are exact")
