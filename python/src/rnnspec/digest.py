"""Digest: structure and fingerprint of a model, the same for every encoding (SPEC 11)."""

import hashlib
import struct
from collections.abc import Callable, Iterator, Mapping
from typing import Final, cast

import numpy as np

from rnnspec.layout import DIRECTIONS, OUTPUTS
from rnnspec.model import Members, Model
from rnnspec.tensor import Tensor, tiny


def structure(model: Model) -> str:
    """The digest of a net without its weights, 64 hexadecimal digits.

    Nets of equal structure can exchange parameters and states.
    """
    return _digest(_canonical(model, lambda tensor: list(tensor.shape)))


def fingerprint(model: Model) -> str:
    """The digest of a net with its weights, after T, and with its decoding: 64 hexadecimal digits."""
    form = _canonical(model, lambda tensor: [list(tensor.shape), _values_digest(tensor)])
    if model.decoding is not None:
        form["decoding"] = _told(model.decoding)
    return _digest(form)


def _canonical(model: Model, of_tensor: Callable[[Tensor], object]) -> dict[str, object]:
    """The canonical form, a tensor's name replaced by what `of_tensor` gives ([digest-3])."""
    layers: list[dict[str, object]] = []
    for members in model.layer_members():
        names = cast(Mapping[str, str] | None, members.pop("parameters", None))
        told = {
            name: value
            for name, value in _all_told(members).items()
            if name not in _DEFAULTS or value != _DEFAULTS[name]
        }
        if names is not None:
            told["parameters"] = {
                role: of_tensor(model.tensors[name]) for role, name in names.items()
            }
        layers.append(told)
    form: dict[str, object] = {
        "input": _told(model.input),
        "layers": layers,
        "output": _told(model.output),
    }
    if model.vocabularies:
        form["vocabularies"] = {
            name: _told(vocabulary) for name, vocabulary in model.vocabularies.items()
        }
    return form


_DEFAULTS: Final = {"output": OUTPUTS[0], "direction": DIRECTIONS[0]}  # of a layer ([digest-4])
# The members that are no integers ([digest-2]).
_BINARY32: Final = frozenset(
    {
        *("sample_rate", "temperature", "top_p", "alpha", "beta"),
        *("epsilon", "clip", "cell_clip", "projection_clip"),
    }
)


def _told(part: Members) -> dict[str, object]:
    """The members of an object, as the canonical form has them ([digest-2], [digest-4])."""
    return _all_told(part.members())


def _all_told(members: Mapping[str, object]) -> dict[str, object]:
    def told(name: str, value: object) -> object:
        if isinstance(value, Members):
            return _told(value)
        if isinstance(value, Mapping):
            return {key: told(key, member) for key, member in value.items()}
        if name in {"alpha", "beta"}:
            return tiny(np.array(value, np.float32))[()]
        return np.float32(value) if name in _BINARY32 else value  # type: ignore[arg-type] # these are numbers

    return {name: told(name, value) for name, value in members.items() if name != "extensions"}


def _values_digest(tensor: Tensor) -> memoryview:
    digest = hashlib.sha256()
    for block in tensor.blocks():
        digest.update(tiny(block).astype("<f4", copy=False).data)
    return memoryview(digest.digest())


def _digest(form: dict[str, object]) -> str:
    digest = hashlib.sha256()
    for part in pack(form, sort=True):
        digest.update(part)
    return digest.hexdigest()


# Headers by what the number or length is below: fixed formats first, then the shortest that fits.
_UINTS: Final = ((0xCC, "B"), (0xCD, "H"), (0xCE, "I"), (0xCF, "Q"))
_INTS: Final = ((0xD0, "b"), (0xD1, "h"), (0xD2, "i"), (0xD3, "q"))
_STRS: Final = ((0xD9, "B"), (0xDA, "H"), (0xDB, "I"))
_BINS: Final = ((0xC4, "B"), (0xC5, "H"), (0xC6, "I"))
_ARRAYS: Final = ((0xDC, "H"), (0xDD, "I"))
_MAPS: Final = ((0xDE, "H"), (0xDF, "I"))


def pack(value: object, *, sort: bool = False) -> Iterator[bytes | memoryview]:
    """msgpack in its shortest formats, piece by piece; bytes are given as they are.

    With `sort`, the keys of maps stand in the order of their UTF-8 ([digest-1]). A numpy float32 is
    written as float 32, a float as an integer where it is one, else as float 64.
    """
    stack: list[object] = [value]
    while stack:
        item = stack.pop()
        if item is None or isinstance(item, bool):
            yield {None: b"\xc0", False: b"\xc2", True: b"\xc3"}[item]
        elif isinstance(item, str):
            text = item.encode()
            yield _header(len(text), 0xA0, 32, _STRS) + text
        elif isinstance(item, np.float32):
            yield struct.pack(">Bf", 0xCA, item)
        elif isinstance(item, float) and not (item.is_integer() and abs(item) < 2.0**53):
            yield struct.pack(">Bd", 0xCB, item)
        elif isinstance(item, int | float | np.integer):
            number = int(item)
            if number >= 0:
                yield _header(number, 0x00, 128, _UINTS)
            elif number >= -32:
                yield bytes([number + 0x100])
            else:
                yield _header(number, 0x00, 0, _INTS)
        elif isinstance(item, memoryview):
            yield _header(item.nbytes, 0x00, 0, _BINS)
            yield item
        elif isinstance(item, Mapping):
            yield _header(len(item), 0x80, 16, _MAPS)
            # UTF-8 sorts as code points do, and so do strings of Python.
            for key in sorted(item, reverse=True) if sort else reversed(list(item)):
                stack += (item[key], key)
        elif isinstance(item, list | tuple):
            yield _header(len(item), 0x90, 16, _ARRAYS)
            stack += reversed(item)
        else:
            raise TypeError(f"{type(item).__name__} has no place in a model file")


def _header(
    number: int, fixed: int, fixed_below: int, formats: tuple[tuple[int, str], ...]
) -> bytes:
    """The shortest header that holds `number`: one byte if it is below `fixed_below`."""
    if 0 <= number < fixed_below:
        return bytes([fixed + number])
    for byte, letter in formats:
        try:
            return struct.pack(f">B{letter}", byte, number)
        except struct.error:
            continue
    raise ValueError(f"{number} is too large for msgpack")
