"""The two digests (SPEC 11): SHA-256 over a canonical msgpack map."""

import hashlib
import struct
from typing import Any

TINY = 2.0**-51  # [tiny-1]
FLOATS = (
    "sample_rate", "temperature", "top_p", "alpha", "beta",
    "epsilon", "clip", "cell_clip", "projection_clip",
)  # [digest-2]  # fmt: skip
DEFAULTS = {"output": "sequence", "direction": "forward"}  # [digest-4]
AFTER_T = ("alpha", "beta")


def structure(document: dict[str, Any]) -> str:
    """The structure digest of a valid document, as `reader.read` gives it."""
    return _digest(document, fingerprint=False)


def fingerprint(document: dict[str, Any]) -> str:
    """The fingerprint of a valid document, as `reader.read` gives it."""
    return _digest(document, fingerprint=True)


def canonical(document: dict[str, Any], *, fingerprint: bool) -> bytes:
    """The canonical form: what is digested."""
    form = {name: document[name] for name in ("input", "layers", "output")}
    names = ["input", *(layer["name"] for layer in document["layers"])]
    form["layers"] = [
        _layer(layer, before, document, fingerprint)
        for before, layer in zip(names, document["layers"], strict=False)
    ]
    if document.get("vocabularies"):
        form["vocabularies"] = {
            name: _bare(vocabulary) for name, vocabulary in document["vocabularies"].items()
        }
    if fingerprint and "decoding" in document:
        form["decoding"] = document["decoding"]
    return _encode(form)


def _digest(document: dict[str, Any], *, fingerprint: bool) -> str:
    return hashlib.sha256(canonical(document, fingerprint=fingerprint)).hexdigest()


def _layer(
    layer: dict[str, Any], before: str, document: dict[str, Any], fingerprint: bool
) -> dict[str, Any]:
    """[digest-3]: the layer, with what its parameters are in the place of their names."""
    # `inputs` of add, multiply and concat have two elements at least, so never equal the default.
    defaults: dict[str, Any] = {**DEFAULTS, "inputs": [before]}
    layer = {
        name: value for name, value in _bare(layer).items() if value != defaults.get(name, ...)
    }
    if "parameters" not in layer:
        return layer
    parameters = {
        role: _tensor(document["tensors"][name], fingerprint=fingerprint)
        for role, name in layer["parameters"].items()
    }
    return {**layer, "parameters": parameters}


def _bare(entry: dict[str, Any]) -> dict[str, Any]:
    """[digest-4]: without its extensions."""
    return {name: value for name, value in entry.items() if name != "extensions"}


def _tensor(tensor: dict[str, Any], *, fingerprint: bool) -> list[Any]:
    shape: list[Any] = list(tensor["shape"])
    if not fingerprint:
        return shape
    values = [_after_t(value) for value in tensor["values"]]
    return [shape, hashlib.sha256(struct.pack(f"<{len(values)}f", *values)).digest()]


def _after_t(value: float) -> float:
    return 0.0 if abs(value) < TINY else value


def _encode(value: object, key: str = "") -> bytes:
    """[digest-1] and [digest-2]; `key` is that of the member whose value this is."""
    match value:
        case str():
            utf8 = value.encode("utf-8")
            return _head(len(utf8), 0xA0, 32, (0xD9, 0xDA, 0xDB)) + utf8
        case bytes():
            return _head(len(value), 0, 0, (0xC4, 0xC5, 0xC6)) + value
        case list():
            head = _head(len(value), 0x90, 16, (None, 0xDC, 0xDD))
            return head + b"".join(_encode(element) for element in value)
        case dict():
            members = sorted((name.encode("utf-8"), name) for name in value)
            body = b"".join(_encode(name) + _encode(value[name], name) for _, name in members)
            return _head(len(value), 0x80, 16, (None, 0xDE, 0xDF)) + body
        case int() | float() if key in FLOATS:
            rounded = struct.unpack(">f", struct.pack(">f", value))[0]
            return b"\xca" + struct.pack(">f", _after_t(rounded) if key in AFTER_T else rounded)
        case int() if value >= 0:
            return _head(value, 0x00, 128, (0xCC, 0xCD, 0xCE, 0xCF))
    raise TypeError(f"no part of a canonical form: {value!r}")


def _head(count: int, fix: int, below: int, marks: tuple[int | None, ...]) -> bytes:
    """A length or integer: in the fix format below a number, else after the mark that is enough."""
    if count < below:
        return bytes([fix | count])
    for width, mark in zip((1, 2, 4, 8), marks, strict=False):
        if mark is not None and count < 256**width:
            return bytes([mark]) + count.to_bytes(width, "big")
    raise OverflowError(count)
