"""Save: Model → bytes (SPEC 5, tensor-7). What was written is read again before it is given."""

import binascii
import json.encoder
import math
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal, TypeAlias

import numpy as np

from rnnspec.digest import pack
from rnnspec.limits import Limits
from rnnspec.load import load
from rnnspec.model import FORMAT_VERSION, Model
from rnnspec.tensor import Float32, Tensor

Encoding: TypeAlias = Literal["json", "msgpack"]
Numbers: TypeAlias = Literal["base64", "decimal"]

_ONE_A_LINE: Final = frozenset({"vocabularies", "layers", "examples", "tensors"})


def to_bytes(
    model: Model,
    encoding: Encoding,
    numbers: Numbers = "base64",
    limits: Limits | None = None,
) -> bytes:
    """The file of a model. Storage dtypes are kept.

    `numbers` says how JSON holds float32 tensors: `base64`, or `decimal`, the fewest digits that
    come back as the same bits. The bytes are read again, within `limits`, and compared.

    Raises RnnspecError with what is wrong with the model, TypeError for a value that no file can
    hold, ValueError for another unknown word or a number in the metadata that is not finite.
    """
    if encoding not in {"json", "msgpack"} or numbers not in {"base64", "decimal"}:
        raise ValueError(f"no such encoding: {encoding!r} with numbers {numbers!r}")
    document = {"rnnspec": FORMAT_VERSION, **_plain(model.members(), encoding)}
    parts = pack(document) if encoding == "msgpack" else _json_document(document, numbers)
    data = b"".join(parts)
    # Metadata may hold any spelling of a number and is compared by nobody.
    if replace(load(data, limits), metadata=None) != replace(model, metadata=None):
        raise ValueError("the model does not come back as it was written")
    return data


def save(
    model: Model,
    path: str | os.PathLike[str],
    encoding: Encoding | None = None,
    numbers: Numbers = "base64",
    limits: Limits | None = None,
) -> None:
    """Writes the file of a model: JSON if `path` ends in .json, else msgpack, or as `encoding` says.

    A temporary file beside it is renamed, so that nobody sees half a file; devices and pipes are
    written to. Raises what `to_bytes` raises, and OSError.
    """
    target = Path(path).resolve()  # a link stays a link
    data = to_bytes(
        model, encoding or ("json" if Path(path).suffix == ".json" else "msgpack"), numbers, limits
    )
    if target.exists() and not target.is_file():  # a device or a pipe is written to
        target.write_bytes(data)
        return
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    try:
        with temporary.open("xb") as file:
            file.write(data)
        if target.exists():
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _plain(members: Mapping[str, object], encoding: Encoding) -> dict[str, object]:
    """Members down to mappings, sequences and scalars; for JSON, tensors stand for their data."""

    def plain(value: object) -> object:
        if isinstance(value, Tensor):
            data = value.array.reshape(-1).view(np.uint8).data if encoding == "msgpack" else value
            return {"dtype": value.dtype, "shape": list(value.shape), "data": data}
        if isinstance(value, Mapping):
            return {name: plain(member) for name, member in value.items()}
        if isinstance(value, tuple):
            return [plain(element) for element in value]
        members = getattr(value, "members", None)
        return plain(members()) if members else value

    return {name: value if name == "metadata" else plain(value) for name, value in members.items()}


def _json_document(document: Mapping[str, object], numbers: Numbers) -> Iterator[bytes]:
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
    back = np.array(texts).astype(np.float64).astype(np.float32)
    for k in np.flatnonzero(back.view(np.uint32) != block.view(np.uint32)):
        texts[k] = _one_decimal(block[k])
    # −0 is 0 in JSON, but a negative number too small for binary32 rounds to −0.
    for k in np.flatnonzero((block == 0) & np.signbit(block)):
        texts[k] = b"-1e-99"
    return texts


def _one_decimal(value: np.float32) -> bytes:
    """As above, for the one value in 2^32 whose shortest decimal does not come back."""
    for digits in range(1, 18):
        text = f"{float(value):.{digits}g}"
        if np.float32(float(text)) == value:
            return text.encode()
    raise AssertionError("17 digits are exact")
