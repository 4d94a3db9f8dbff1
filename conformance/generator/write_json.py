"""A JSON writer for the suite's own documents: a member a line where that is readable."""

import json
import struct
from typing import Any


def json_bytes(document: dict[str, Any], *, white: str = " ") -> bytes:
    """The document with each top-level member, layer and tensor on a line of its own."""
    lines = [
        f"{_string(key)}:{white}{_member(key, value, white)}" for key, value in document.items()
    ]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _member(key: str, value: object, white: str) -> str:
    if key in ("tensors", "vocabularies") and isinstance(value, dict) and value:
        items = [
            f"{2 * white}{_string(name)}:{white}{compact(entry, white=white)}"
            for name, entry in value.items()
        ]
        return "{\n" + ",\n".join(items) + "\n}"
    if key in ("layers", "examples") and isinstance(value, list) and value:
        return (
            "[\n" + ",\n".join(2 * white + compact(entry, white=white) for entry in value) + "\n]"
        )
    return compact(value, white=white)


def tight_bytes(document: dict[str, Any]) -> bytes:
    """The document without white space: what stands in a case, where nobody reads it."""
    return compact(document, white="").encode()


def compact(value: object, key: str = "", *, white: str = " ") -> str:
    """One value on one line; `key` is that of the member around it, if there is one."""
    match value:
        case None | bool():
            return json.dumps(value)
        case int():
            return str(value)
        case float():
            # Tensor data are binary32; any other number means a binary64.
            return decimal(value) if key in ("data", "scale") else _tidy(repr(value))
        case str():
            return _string(value)
        case list():
            elements = (compact(element, key, white=white) for element in value)
            return "[" + f",{white}".join(elements) + "]"
        case dict():
            members = (
                f"{_string(k)}:{white}{compact(v, k, white=white)}" for k, v in value.items()
            )
            return "{" + f",{white}".join(members) + "}"
    raise TypeError(f"no JSON value: {value!r}")


def decimal(value: float) -> str:
    """The shortest decimal that means this binary64; or this binary32, if it is one.

    [tensor-2] rounds twice, so the text is read back the same way before it is believed.
    """
    try:
        single = struct.unpack("<f", struct.pack("<f", value))[0] == value
    except OverflowError:
        single = False
    if single:
        for digits in range(1, 10):
            text = f"{value:.{digits}g}"
            if abs(float(text)) < 3.4028235677e38 and _bits(float(text)) == _bits(value):
                return _tidy(text)
    return _tidy(repr(value))


def _bits(value: float) -> bytes:
    return struct.pack("<f", value)


def _tidy(text: str) -> str:
    """An integer without `.0`; an exponent without its plus sign and leading zero."""
    mantissa, mark, exponent = text.removesuffix(".0").partition("e")
    return mantissa + (f"e{int(exponent)}" if mark else "")


def _string(text: str) -> str:
    """Plain ASCII but for the letters that people read; control and odd characters escaped."""
    return json.dumps(text, ensure_ascii=not text.isprintable())
