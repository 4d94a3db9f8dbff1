"""onnx_shapes: operators that make constants, sizes of axes, and whatever passes through unchanged."""

from collections.abc import Callable, Sequence
from typing import TypeAlias, cast

import numpy as np

from rnnspec.importers.onnx_file import Node
from rnnspec.importers.onnx_reading import Reading
from rnnspec.importers.onnx_tensors import DTYPES, Array, numbers
from rnnspec.importers.onnx_values import (
    Const,
    Flow,
    Given,
    Rows,
    Size,
    Sizes,
    Value,
    refused,
    size_of,
)
from rnnspec.importers.stored import Stored

Inputs: TypeAlias = Sequence[Value | None]
Operator: TypeAlias = Callable[[Reading, Node, Inputs], list[Value]]


def constant(node: Node, value: Value | None, what: str) -> Array:
    """A constant input. Raises Refused."""
    if not isinstance(value, Const):
        raise refused(node, f"has {what} that no constant is")
    return value.array


def integers(node: Node, value: Value | None, what: str) -> list[int]:
    """A constant input of whole numbers, however shaped. Raises Refused."""
    array = constant(node, value, what)
    if array.dtype.kind not in "iu":
        raise refused(node, f"has {what} of {array.dtype}, and whole numbers are expected")
    return [int(number) for number in array.ravel()]


def items_of(node: Node, value: Value | None) -> tuple[Size, ...]:
    """Sizes, constant or not. Raises Refused."""
    if isinstance(value, Sizes):
        return value.items
    return tuple(integers(node, value, "sizes"))


def sizes_of(items: tuple[Size, ...], node: Node, *, is_vector: bool = True) -> Value:
    """Sizes, or the constant that they are where none is free."""
    if any(not isinstance(item, int) for item in items):
        return Sizes(items, is_vector)
    array = np.array(items, np.int64)
    return Const(array if is_vector else array[0], node.outputs[0])


def shape_operator(_: Reading, node: Node, inputs: Inputs) -> list[Value]:
    """Shape."""
    data = inputs[0]
    if isinstance(data, Flow):
        items: tuple[Size, ...] = tuple(size_of(axis) for axis in data.axes)
    elif isinstance(data, Const):
        items = data.array.shape
    elif isinstance(data, Sizes):
        items = (len(data.items),)
    else:
        raise refused(node, "asks for the sizes of what has none here")
    start, end = node.attributes.get("start", 0), node.attributes.get("end")
    return [sizes_of(items[cast(int, start) : cast(int | None, end)], node)]


def constant_operator(_: Reading, node: Node, __: Inputs) -> list[Value]:
    """Constant."""
    for name, value in node.attributes.items():
        if name == "value" and isinstance(value, Stored):
            return [Const(numbers(value), node.outputs[0])]
        if name in {"value_int", "value_ints"}:
            return [Const(np.array(value, np.int64), node.outputs[0])]
        if name in {"value_float", "value_floats"}:
            return [Const(np.array(value, np.float32), node.outputs[0])]
    raise refused(node, "has a value that is no array of numbers")


def constant_of_shape(reading: Reading, node: Node, inputs: Inputs) -> list[Value]:
    """ConstantOfShape. A size that is free becomes 1: the array is the same there for all."""
    shape = [item if isinstance(item, int) else 1 for item in items_of(node, inputs[0])]
    if any(size < 0 for size in shape):
        raise refused(node, "makes an array of a size below 0")
    value = node.attributes.get("value")
    filled = numbers(value) if isinstance(value, Stored) else np.zeros(1, np.float32)
    reading.room(int(np.prod(shape, dtype=object)))
    return [Const(np.full(shape, filled.ravel()[0], filled.dtype), node.outputs[0])]


def expand(reading: Reading, node: Node, inputs: Inputs) -> list[Value]:
    """Expand, of a constant, of a size for every row, or of a state that was given. A size that is free becomes 1."""
    if isinstance(inputs[0], Given):
        return [inputs[0]]
    if isinstance(inputs[0], Sizes) and len(inputs[0].items) == len(items_of(node, inputs[1])) == 1:
        return [Rows(inputs[0].items[0])]
    array = constant(node, inputs[0], "data")
    shape = [item if isinstance(item, int) else 1 for item in items_of(node, inputs[1])]
    try:
        wide = np.broadcast_shapes(array.shape, tuple(shape))
    except ValueError:
        raise refused(node, f"expands {list(array.shape)} to {shape}, which can't be") from None
    reading.room(int(np.prod(wide, dtype=object)))
    return [Const(np.broadcast_to(array, wide), node.outputs[0])]


def identity(_: Reading, node: Node, inputs: Inputs) -> list[Value]:
    """Identity; Dropout, which does nothing once a net is trained."""
    training = inputs[2]
    if inputs[0] is None:
        raise refused(node, "has no input")
    if isinstance(training, Const) and training.array.any():
        raise refused(node, "drops out as in training: export the net in evaluation mode")
    return [inputs[0]] * len(node.outputs)


def cast_operator(_: Reading, node: Node, inputs: Inputs) -> list[Value]:
    """Cast. Layers compute in float32 whatever a graph says; ids are whole numbers."""
    data = inputs[0]
    to = node.attributes.get("to")
    dtype = DTYPES.get(to, "") if isinstance(to, int) else ""
    if isinstance(data, Const):
        if dtype in {"", "bfloat16"}:
            raise refused(node, "casts to a type that is not read")
        with np.errstate(all="ignore"):
            return [Const(data.array.astype(dtype), node.outputs[0])]
    if data is None or (
        isinstance(data, Flow) and not dtype.startswith(("float", "bfloat", "int"))
    ):
        raise refused(node, f"casts to {dtype or 'a type that is not read'}")
    if isinstance(data, Flow) and data.layers != (0,) and not dtype.startswith(("float", "bfloat")):
        raise refused(node, f"casts what layers give to {dtype}")
    return [data]


def multiply_sizes(node: Node, inputs: Inputs) -> Value | None:
    """The product of sizes, as a Reshape asks for it, or of whole numbers; None where these are none."""
    a, b = inputs[0], inputs[1]
    if (
        isinstance(a, Const)
        and isinstance(b, Const)
        and a.array.dtype.kind == b.array.dtype.kind == "i"
    ):
        return Const(np.multiply(a.array, b.array), node.outputs[0])
    if not (isinstance(a, Sizes) or isinstance(b, Sizes)):
        return None
    factors = [*items_of(node, a), *items_of(node, b)]
    if len(factors) != 2 or any(isinstance(f, int) and f != 1 for f in factors):
        raise refused(node, "multiplies a free size by a number, or several sizes at once")
    return Sizes((tuple(atom for f in factors if not isinstance(f, int) for atom in f),), False)


def equal(_: Reading, node: Node, inputs: Inputs) -> list[Value]:
    """Equal, of sizes: a free size is no number. Exporters look so for the −1 of an expand."""
    a, b = items_of(node, inputs[0]), items_of(node, inputs[1])
    if len(a) != len(b):
        raise refused(node, "compares sizes of several lengths")
    return [Const(np.array([x == y for x, y in zip(a, b, strict=True)]), node.outputs[0])]


def where(_: Reading, node: Node, inputs: Inputs) -> list[Value]:
    """Where, of sizes."""
    choice = constant(node, inputs[0], "a condition").ravel().tolist()
    a, b = items_of(node, inputs[1]), items_of(node, inputs[2])
    if not len(choice) == len(a) == len(b):
        raise refused(node, "chooses among sizes of several lengths")
    return [sizes_of(tuple(x if c else y for c, x, y in zip(choice, a, b, strict=True)), node)]
