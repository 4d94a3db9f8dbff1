"""onnx_turns: operators that turn axes, put them together and take them apart, and compute nothing."""

from collections.abc import Sequence
from typing import cast

import numpy as np

from rnnspec.importers.onnx_file import Node
from rnnspec.importers.onnx_reading import Reading
from rnnspec.importers.onnx_shapes import Inputs, integers, items_of
from rnnspec.importers.onnx_tensors import Array
from rnnspec.importers.onnx_values import (
    FEATURES,
    STACK,
    Atom,
    Axis,
    Const,
    Flow,
    Given,
    Size,
    Sizes,
    Value,
    index,
    known,
    refused,
    regrouped,
    told,
)


def rank_of(node: Node, data: Value | None) -> int:
    """How many axes there are. Raises Refused for what has none."""
    if isinstance(data, Const):
        return data.array.ndim
    if isinstance(data, Flow):
        return len(data.axes)
    raise refused(node, "turns or cuts what has no axes here")


def _axes(node: Node, inputs: Inputs) -> list[int] | None:
    """The axes of Squeeze and Unsqueeze: an attribute before opset 13, an input since."""
    given = node.attributes.get("axes")
    if isinstance(given, tuple):
        return [int(axis) for axis in given]
    return integers(node, inputs[1], "axes") if inputs[1] is not None else None


def transpose(_: Reading, node: Node, inputs: Inputs) -> list[Value]:
    """Transpose."""
    data = inputs[0]
    if isinstance(data, Given):
        return [data]
    rank = rank_of(node, data)
    given = node.attributes.get("perm")
    order = (
        [index(axis, rank, node) for axis in given]
        if isinstance(given, tuple)
        else [*range(rank)][::-1]
    )
    if sorted(order) != [*range(rank)]:
        raise refused(node, f"turns {rank} axes into {order}")
    if isinstance(data, Const):
        return [Const(data.array.transpose(order), node.outputs[0])]
    assert isinstance(data, Flow), "_rank"
    return [Flow(tuple(data.axes[axis] for axis in order), data.layers)]


def squeeze(_: Reading, node: Node, inputs: Inputs) -> list[Value]:
    """Squeeze."""
    data, axes = inputs[0], _axes(node, inputs)
    if isinstance(data, Given):
        return [data]
    if isinstance(data, Sizes):
        return [Sizes(data.items, is_vector=False)]
    rank = rank_of(node, data)
    sizes = (
        data.array.shape
        if isinstance(data, Const)
        else [known(axis) for axis in cast(Flow, data).axes]
    )
    gone = (
        [k for k in range(rank) if sizes[k] == 1]
        if axes is None
        else [index(a, rank, node) for a in axes]
    )
    for k in gone:
        if sizes[k] != 1:
            raise refused(
                node,
                f"takes away the axis {k}, which has not the size 1: export with a fixed size of 1",
            )
    if isinstance(data, Const):
        return [Const(data.array.squeeze(tuple(gone)), node.outputs[0])]
    flow = cast(Flow, data)
    return [Flow(tuple(axis for k, axis in enumerate(flow.axes) if k not in gone), flow.layers)]


def unsqueeze(_: Reading, node: Node, inputs: Inputs) -> list[Value]:
    """Unsqueeze."""
    data, axes = inputs[0], _axes(node, inputs)
    if isinstance(data, Given):
        return [data]
    if isinstance(data, Sizes):
        return [Sizes(data.items)]
    if not axes:
        raise refused(node, "names no axes")
    rank = rank_of(node, data) + len(axes)
    new = sorted(index(axis, rank, node) for axis in axes)
    if isinstance(data, Const):
        return [Const(np.expand_dims(data.array, tuple(new)), node.outputs[0])]
    flow = cast(Flow, data)
    wide: list[Axis] = list(flow.axes)
    for k in new:
        wide.insert(k, ())
    return [Flow(tuple(wide), flow.layers)]


def reshape(reading: Reading, node: Node, inputs: Inputs) -> list[Value]:
    """Reshape."""
    data = inputs[0]
    if isinstance(data, Given):
        return [data]
    given = node.attributes.get("shape")
    wanted = given if isinstance(given, tuple) else items_of(node, inputs[1])
    if isinstance(data, Sizes):
        return [Sizes(data.items, is_vector=bool(wanted))]
    if 0 in wanted and node.attributes.get("allowzero", 0):
        raise refused(node, "makes an axis of size 0")
    if isinstance(data, Const):
        return [_reshaped(node, data.array, wanted)]
    if not isinstance(data, Flow):
        raise refused(node, "has no input")
    return [_merged(reading, node, Flow(regrouped(data.axes, wanted, node), data.layers))]


def _reshaped(node: Node, array: Array, wanted: Sequence[Size]) -> Const:
    if any(not isinstance(size, int) for size in wanted):
        raise refused(node, "gives a constant a size that is free")
    sizes = [
        array.shape[k] if size == 0 and k < array.ndim else cast(int, size)
        for k, size in enumerate(wanted)
    ]
    try:
        return Const(array.reshape(sizes), node.outputs[0])
    except ValueError:
        raise refused(node, f"makes {sizes} of {list(array.shape)}, which can't be") from None


def flatten(reading: Reading, node: Node, inputs: Inputs) -> list[Value]:
    """Flatten: all axes before `axis` become one, all others another."""
    data = inputs[0]
    rank = rank_of(node, data)
    at = index(node.attributes.get("axis", 1), rank + 1, node)
    if isinstance(data, Const):
        return [Const(data.array.reshape(int(np.prod(data.array.shape[:at])), -1), node.outputs[0])]
    flow = cast(Flow, data)
    halves = (flow.axes[:at], flow.axes[at:])
    axes = tuple(tuple(atom for axis in half for atom in axis) for half in halves)
    return [_merged(reading, node, Flow(axes, flow.layers))]


def _merged(reading: Reading, node: Node, flow: Flow) -> Flow:
    """Directions and features in one axis are those of `concat`, the directions side by side."""
    axes = list(flow.axes)
    layers = flow.layers
    for k, axis in enumerate(axes):
        lively = [atom for atom in axis if atom.size != 1]
        roles = [atom.role for atom in lively]
        if (
            roles in ([STACK, FEATURES], [STACK])
            and len(flow.layers) > 1
            and (len(lively) > 1 or k == len(axes) - 1)
        ):
            wide = lively[1].size if len(lively) > 1 else 1
            layers = (reading.draft.concat(flow.layers, (wide or 1,) * len(flow.layers)),)
            axes[k] = (Atom(FEATURES, len(flow.layers) * (wide or 1)),)
        elif STACK in roles and len(lively) > 1:
            raise refused(node, f"makes {told(axes)}, and directions go in front of features alone")
    return Flow(tuple(axes), layers)
