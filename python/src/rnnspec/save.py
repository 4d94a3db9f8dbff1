"""Save: Model → bytes (SPEC 5, tensor-7). What was written is read again before it is given."""

import binascii
import json.encoder
import math
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal, TypeAlias

import numpy as np

from rnnspec.digest import pack
from rnnspec.issue import escaped
from rnnspec.json_reader import narrowed
from rnnspec.limits import Limits
from rnnspec.load import load
from rnnspec.model import FORMAT_VERSION, FREE, Example, Members, Model
from rnnspec.tensor import Float32, Tensor, widened

Encoding: TypeAlias = Literal["json", "msgpack"]
Numbers: TypeAlias = Literal["base64", "decimal"]

_ONE_A_LINE: Final = frozenset({"vocabularies", "layers", "examples", "state", "tensors"})
_MINUS_ZERO: Final = 0x80000000
_EXACT_DIGITS: Final = 17  # tell all binary64 apart, let alone binary32


def to_bytes(
    model: Model,
    encoding: Encoding,
    numbers: Numbers | None = None,
    limits: Limits | None = None,
    *,
    digits: int | None = None,
) -> bytes:
    """The file of a model. Storage dtypes are kept.

    `numbers` says how JSON holds float32 tensors: `base64` (the default), or `decimal`, the fewest
    digits that come back as the same bits. `digits` writes decimals of the model of `with_digits`.
    The bytes are read again, within `limits`, and compared.

    Raises RnnspecError with what is wrong with the model, TypeError for a value that no file can
    hold, ValueError for another unknown word, options that contradict each other or a number in the
    metadata that is not finite.
    """
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
    return packed(document, encoding, numbers)


def packed(
    document: Mapping[str, object], encoding: Encoding, numbers: Numbers = "base64"
) -> Iterator[bytes | memoryview]:
    """A document of plain values; a tensor's `data` is a Tensor for JSON, a memoryview for msgpack."""
    return pack(document) if encoding == "msgpack" else _json_document(document, numbers)


def save(
    model: Model,
    path: str | os.PathLike[str],
    encoding: Encoding | None = None,
    numbers: Numbers | None = None,
    limits: Limits | None = None,
    *,
    digits: int | None = None,
) -> None:
    """Writes the file of a model: JSON if `path` ends in .json, else msgpack, or as `encoding` says.

    A temporary file beside it is renamed, so that nobody sees half a file; devices and pipes are
    written to. Options and errors are those of `to_bytes`; and OSError.
    """
    encoding = encoding or encoding_of(path)
    replace_file(path, to_bytes(model, encoding, numbers, limits, digits=digits))


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


def with_digits(model: Model, digits: int) -> Model:
    """The model with its float32 parameters cut to `digits` significant digits.

    Each is rounded, half to even, from its exact value, and is then what a file with that decimal
    means ([tensor-2]). If a value changes, exact examples are dropped ([example-3]); what tensors
    of reference examples hold stays. Raises ValueError for other than 1 to 17 digits, or for a
    parameter that would become infinite.
    """
    if isinstance(digits, bool) or digits not in range(1, _EXACT_DIGITS + 1):
        raise ValueError(f"digits must be an integer from 1 to {_EXACT_DIGITS}: {digits!r}")
    tensors = dict(model.tensors)
    for layer in model.layers:
        parameters: Mapping[str, str] = getattr(layer, "parameters", {})
        for name in parameters.values():
            tensor = tensors[name]
            if tensor.dtype == "float32":
                tensors[name] = replace(tensor, array=_cut(name, tensor, digits))
    if all(tensors[name] == tensor for name, tensor in model.tensors.items()):
        return model
    kept = [example for example in model.examples or () if example.kind != "exact"]
    dropped = [example for example in model.examples or () if example.kind == "exact"]
    for name in (name for example in dropped for name in _tensors_of(example)):
        tensors.pop(name, None)
    examples = tuple(kept) if model.examples is not None else None
    return replace(model, tensors=tensors, examples=examples)


def _cut(name: str, tensor: Tensor, digits: int) -> Float32:
    cut = np.empty(math.prod(tensor.shape), np.float32)
    first = 0
    for block in tensor.blocks():
        # The rounding of this format is exact.
        texts = [f"{value:.{digits - 1}e}" for value in widened(block).tolist()]
        cut[first : first + len(block)] = narrowed(np.array(list(map(float, texts))))
        first += len(block)
    if not np.isfinite(cut).all():
        raise ValueError(f"{digits} digits make a value of the tensor {escaped(name)} infinite")
    return cut.reshape(tensor.shape)


def _tensors_of(example: Example) -> list[str]:
    states = [
        arrays
        for state in (example.state, example.final_state)
        for arrays in (state or {}).values()
    ]
    given = [example.input] if isinstance(example.input, str) else []
    return [*given, example.output, *(name for arrays in states for name in arrays.values())]


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

    def plain(value: object) -> object:
        if isinstance(value, Tensor):
            return tensor_members(value, encoding)
        if isinstance(value, Members):
            return _members(value, encoding)
        if isinstance(value, Mapping):
            return {name: plain(member) for name, member in value.items()}
        return [plain(element) for element in value] if isinstance(value, tuple) else value

    return {name: value if name in FREE else plain(value) for name, value in part.members().items()}


def tensor_members(tensor: Tensor, encoding: Encoding) -> dict[str, object]:
    """The members of a tensor; for JSON, it stands for its own data."""
    data = tensor.array.reshape(-1).view(np.uint8).data if encoding == "msgpack" else tensor
    extensions = {} if tensor.extensions is None else {"extensions": tensor.extensions}
    return {"dtype": tensor.dtype, "shape": list(tensor.shape), "data": data, **extensions}


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
