"""Save: Model → bytes (SPEC 5, tensor-7). What was written is read again before it is given."""

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal, TypeAlias

from rnnspec.digest import pack
from rnnspec.limits import Limits
from rnnspec.load import load
from rnnspec.model import FORMAT_VERSION, FREE, Members, Model
from rnnspec.save.json_text import Numbers, json_document
from rnnspec.save.weights import with_digits, with_dtype
from rnnspec.tensor import Axis, Dtype, Tensor

__all__ = [
    "Encoding",
    "Numbers",
    "encoding_of",
    "packed",
    "pieces",
    "replace_file",
    "save",
    "tensor_members",
    "to_bytes",
    "with_digits",
    "with_dtype",
]

Encoding: TypeAlias = Literal["json", "msgpack"]


def to_bytes(
    model: Model,
    encoding: Encoding,
    numbers: Numbers | None = None,
    limits: Limits | None = None,
    *,
    digits: int | None = None,
    dtype: Dtype | None = None,
    axis: Axis | None = None,
) -> bytes:
    """The file of a model. Storage dtypes are kept, unless `dtype` says how to store parameters.

    `numbers` says how JSON holds float32 tensors: `base64` (the default), or `decimal`, the fewest
    digits that come back as the same bits. `digits` writes decimals of the model of `with_digits`;
    `dtype`, with `axis` for int8, writes the model of `with_dtype`. The bytes are read again, within
    `limits`, and compared.

    Raises RnnspecError with what is wrong with the model, TypeError for a value that no file can
    hold, ValueError for another unknown word, options that contradict each other, a parameter that
    the dtype can't hold or a number in the metadata that is not finite.
    """
    if dtype is not None or axis is not None:
        if digits is not None:
            raise ValueError("`digits` makes decimals of float32: give it, or `dtype`")
        model = with_dtype(model, dtype or "float32", axis)
    if digits is not None:
        if encoding != "json" or numbers == "base64":
            raise ValueError("`digits` makes decimals, which JSON alone can hold")
        model, numbers = with_digits(model, digits), "decimal"
    data = b"".join(pieces(model, encoding, numbers or "base64"))
    if _bare(load(data, limits)) != _bare(model):
        raise ValueError("the model does not come back as it was written")
    return data


def pieces(
    model: Model, encoding: Encoding, numbers: Numbers = "base64"
) -> Iterator[bytes | memoryview]:
    """What `to_bytes` gives, piece by piece and unchecked, so that it need not fit in memory.

    Whoever writes these reads them again. Raises TypeError and ValueError as `to_bytes` does.
    """
    if encoding not in {"json", "msgpack"} or numbers not in {"base64", "decimal"}:
        raise ValueError(f"no such encoding: {encoding!r} with numbers {numbers!r}")
    document = {"rnnspec": FORMAT_VERSION, **_members(model, encoding)}
    document["layers"] = [_all_plain(layer, encoding) for layer in model.layer_members()]
    return packed(document, encoding, numbers)


def packed(
    document: Mapping[str, object], encoding: Encoding, numbers: Numbers = "base64"
) -> Iterator[bytes | memoryview]:
    """A document of plain values; a tensor's `data` is a Tensor for JSON, a memoryview for msgpack."""
    return pack(document) if encoding == "msgpack" else json_document(document, numbers)


def save(
    model: Model,
    path: str | os.PathLike[str],
    encoding: Encoding | None = None,
    numbers: Numbers | None = None,
    limits: Limits | None = None,
    *,
    digits: int | None = None,
    dtype: Dtype | None = None,
    axis: Axis | None = None,
) -> None:
    """Writes the file of a model: JSON if `path` ends in .json, else msgpack, or as `encoding` says.

    A temporary file beside it is renamed, so that nobody sees half a file; devices and pipes are
    written to. Options and errors are those of `to_bytes`; and OSError.
    """
    encoding = encoding or encoding_of(path)
    data = to_bytes(model, encoding, numbers, limits, digits=digits, dtype=dtype, axis=axis)
    replace_file(path, data)


def encoding_of(path: str | os.PathLike[str]) -> Encoding:
    """The encoding that the name of a file asks for."""
    return "json" if Path(path).suffix == ".json" else "msgpack"


def replace_file(path: str | os.PathLike[str], data: bytes) -> None:
    """Writes a file beside `path` and renames it; a device or a pipe is written to."""
    target = Path(path).resolve()  # a link stays a link
    if target.exists() and not target.is_file():
        target.write_bytes(data)
        return
    temporary = target.with_name(f".{target.name}.{os.urandom(8).hex()}")
    try:
        with temporary.open("xb") as file:
            file.write(data)
        if target.exists():
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _bare(model: Model) -> Model:
    """Without what may hold any spelling of a number, which nobody compares."""
    return replace(
        model,
        metadata=None,
        extensions=None,
        layers=tuple(replace(layer, extensions=None) for layer in model.layers),
        vocabularies={n: replace(v, extensions=None) for n, v in model.vocabularies.items()}
        if model.vocabularies is not None
        else None,
        tensors={n: replace(t, extensions=None) for n, t in model.tensors.items()},
    )


def _members(part: Members, encoding: Encoding) -> dict[str, object]:
    """The members of an object, down to mappings, sequences and scalars."""
    return _all_plain(part.members(), encoding)


def _all_plain(members: Mapping[str, object], encoding: Encoding) -> dict[str, object]:
    return {
        name: value if name in FREE else _plain(value, encoding) for name, value in members.items()
    }


def _plain(value: object, encoding: Encoding) -> object:
    if isinstance(value, Tensor):
        return tensor_members(value, encoding)
    if isinstance(value, Members):
        return _members(value, encoding)
    if isinstance(value, Mapping):
        return {name: _plain(member, encoding) for name, member in value.items()}
    return [_plain(e, encoding) for e in value] if isinstance(value, list | tuple) else value


def tensor_members(tensor: Tensor, encoding: Encoding) -> dict[str, object]:
    """The members of a tensor; for JSON, tensors stand for tensor data."""
    members = tensor.members()
    if encoding == "json":
        members["data"] = tensor
        if tensor.scale is not None:
            members["scale"] = Tensor(tensor.scale)
    return members
