"""onnx_joins: Concat, of constants, of sizes, of features and of directions."""

from collections.abc import Sequence
from typing import cast

import numpy as np

from rnnspec.importers.onnx_cuts import role_of
from rnnspec.importers.onnx_file import Node
from rnnspec.importers.onnx_reading import Reading
from rnnspec.importers.onnx_shapes import Inputs, items_of, sizes_of
from rnnspec.importers.onnx_tensors import Array
from rnnspec.importers.onnx_values import (
    BATCH,
    FEATURES,
    STACK,
    TIME,
    Atom,
    Const,
    Flow,
    Given,
    Sizes,
    Value,
    index,
    refused,
    same_axes,
    take,
    told,
)


def concat(reading: Reading, node: Node, inputs: Inputs) -> list[Value]:
    """Concat: of constants, sizes and states; of features, the layer of that name; of directions, both."""
    axis = node.attributes.get("axis", 1)
    if all(isinstance(value, Const) for value in inputs):
        return [_const_concat(reading, node, [cast(Const, value).array for value in inputs], axis)]
    if all(isinstance(value, Const | Sizes) for value in inputs):
        return [sizes_of(tuple(item for value in inputs for item in items_of(node, value)), node)]
    if all(isinstance(value, Given) for value in inputs):
        return [cast(Given, inputs[0])]
    flows = [value for value in inputs if isinstance(value, Flow)]
    if len(flows) < len(inputs):
        raise refused(node, "puts what layers give and constants into one array")
    rank = len(flows[0].axes)
    k = index(axis, rank, node)
    others = [flow.axes[:k] + flow.axes[k + 1 :] for flow in flows]
    if any(not same_axes(other, others[0]) for other in others):
        raise refused(
            node,
            f"puts {told(flows[0].axes)} and {told(flows[-1].axes)} side by side: their axes differ",
        )
    if any(role_of(flow.axes[k]) in {TIME, BATCH} for flow in flows):
        raise refused(node, "puts steps or rows one behind the other, which no layer does")
    is_features = all(role_of(flow.axes[k]) in {FEATURES, None} and flow.axes[k] for flow in flows)
    if is_features and k == rank - 1:
        return [_side_by_side(reading, node, flows, k)]
    layers = tuple(layer for flow in flows for layer in flow.layers)
    stacked = (Atom(STACK, len(layers)),)
    return [Flow((*flows[0].axes[:k], stacked, *flows[0].axes[k + 1 :]), layers)]


def _side_by_side(reading: Reading, node: Node, flows: Sequence[Flow], k: int) -> Flow:
    atoms = [take(flow.axes[k], FEATURES, node) for flow in flows]
    if len({len(flow.layers) for flow in flows}) > 1 or any(atom.size is None for atom in atoms):
        raise refused(node, "puts features side by side whose number is not known")
    made = tuple(
        reading.draft.concat(layers, tuple(atom.size or 0 for atom in atoms))
        for layers in zip(*(flow.layers for flow in flows), strict=True)
    )
    wide = (Atom(FEATURES, sum(atom.size or 0 for atom in atoms)),)
    return Flow((*flows[0].axes[:k], wide, *flows[0].axes[k + 1 :]), made)


def _const_concat(reading: Reading, node: Node, arrays: list[Array], axis: object) -> Const:
    k = index(axis, arrays[0].ndim, node)
    reading.room(sum(array.size for array in arrays))
    try:
        return Const(np.concatenate(arrays, k), node.outputs[0])
    except ValueError:
        shapes = ", ".join(str(list(array.shape)) for array in arrays)
        raise refused(node, f"puts {shapes} together, which do not fit") from None
