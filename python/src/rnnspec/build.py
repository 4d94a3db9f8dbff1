"""Build: a model from plain values, for whoever makes models without a file (SPEC 5 to 9)."""

import math
from collections.abc import Mapping

import numpy as np

from rnnspec.issue import child, escaped_pointer
from rnnspec.json_reader import Value
from rnnspec.limits import DEFAULT, Limits
from rnnspec.load import model_of
from rnnspec.model import FORMAT_VERSION, Model
from rnnspec.tensor import Stored, Tensor, stored_float32
from rnnspec.validate import judge


def build(document: Mapping[str, object], limits: Limits | None = None) -> Model:
    """The model of a document made of plain values, judged as the same document in a file would be.

    `document` has the members of SPEC 5; `rnnspec` may be left out. A tensor is an array, a Tensor,
    such as `narrow` gives for bfloat16 and int8, or a mapping with an array as its `data`; then
    `dtype` and `shape` may be left out, and are judged if they are there. float16 stays float16; any
    other array, or list, of real numbers is rounded to float32, once. Arrays are copied.

        rnnspec.build({
            "input": {"kind": "features", "size": 1},
            "layers": [{"name": "double", "type": "dense", "size": 1, "parameters": {"W": "W"}}],
            "output": {"kind": "values"},
            "tensors": {"W": [[2.0]]},
        })

    Raises RnnspecError with the findings of structure or agreement, as `load` does; and, with the
    place, TypeError for a value of a type and ValueError for a number or a text that no file can
    hold. The limits of bytes and syntax, but `depth`, are judged when the model is written and read.
    """
    limits = limits or DEFAULT
    document = {"rnnspec": FORMAT_VERSION, **document}
    if isinstance(tensors := document.get("tensors"), Mapping):
        told = {
            name: _tensor(tensor, child("/tensors", str(name))) for name, tensor in tensors.items()
        }
        document["tensors"] = told
    value = _value(document, "", limits.depth)
    assert isinstance(value, dict)
    return model_of(judge(value, limits))


def _tensor(given: object, at: str) -> object:
    """A tensor's members, its array as bytes."""
    if isinstance(given, Tensor):
        return given.members()
    members = dict(given) if isinstance(given, Mapping) else {"data": given}
    if isinstance(members.get("data"), np.ndarray | list | tuple):
        array = _stored(members["data"], child(at, "data"))
        shape, data = list(array.shape), array.reshape(-1).view(np.uint8).data
        return {"dtype": array.dtype.name, "shape": shape, **members, "data": data}
    return given


def _stored(given: object, at: str) -> Stored:
    """An array as a file holds it: float32 or float16, little-endian, row-major."""
    try:
        array = np.asarray(given)
    except ValueError:
        raise ValueError(f"at {escaped_pointer(at)}: lists of unequal length") from None
    if array.dtype.kind not in "fiu":
        raise TypeError(f"at {escaped_pointer(at)}: expected real numbers, got {array.dtype}")
    if array.dtype == np.float16:
        return np.asarray(array, np.float16, order="C").astype("<f2", copy=False)
    return stored_float32(array).astype("<f4", copy=False)


def _value(given: object, at: str, depth: int) -> Value:
    """What a reader would have given."""
    if given is None or isinstance(given, str | bool | np.bool_ | memoryview):
        if isinstance(given, str):
            _check_text(given, at)
        return bool(given) if isinstance(given, np.bool_) else given
    if isinstance(given, int | float | np.integer | np.floating):
        return _number(given, at)
    if isinstance(given, bytes | bytearray):
        return memoryview(given)
    if not isinstance(given, Mapping | list | tuple):
        raise TypeError(f"at {escaped_pointer(at)}: no file can hold a {type(given).__name__}")
    if depth == 0:
        raise ValueError(f"at {escaped_pointer(at)}: nested deeper than the limit `depth`")
    if not isinstance(given, Mapping):
        return [_value(element, child(at, k), depth - 1) for k, element in enumerate(given)]
    for key in given:
        if not isinstance(key, str):
            raise TypeError(
                f"at {escaped_pointer(at)}: expected a text as key, got {type(key).__name__}"
            )
        _check_text(key, at)
    return {key: _value(member, child(at, key), depth - 1) for key, member in given.items()}


def _number(given: float | np.integer | np.floating, at: str) -> float:
    try:
        number = float(given) + 0.0  # −0 is 0
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"at {escaped_pointer(at)}: expected a finite number")
    return number


def _check_text(text: str, at: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        where = escaped_pointer(at) or "the top level"
        raise ValueError(f"at {where}: half a surrogate pair is no text") from None
