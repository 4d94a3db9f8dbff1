"""onnx_glue: the operators that compute nothing, by name."""

from typing import Final

from rnnspec.importers import onnx_cuts, onnx_joins, onnx_shapes, onnx_turns
from rnnspec.importers.onnx_shapes import Operator

GLUE: Final[dict[str, Operator]] = {
    "Cast": onnx_shapes.cast_operator,
    "Concat": onnx_joins.concat,
    "Constant": onnx_shapes.constant_operator,
    "ConstantOfShape": onnx_shapes.constant_of_shape,
    "Dropout": onnx_shapes.identity,
    "Equal": onnx_shapes.equal,
    "Expand": onnx_shapes.expand,
    "Flatten": onnx_turns.flatten,
    "Gather": onnx_cuts.gather,
    "Identity": onnx_shapes.identity,
    "Reshape": onnx_turns.reshape,
    "ReverseSequence": onnx_cuts.reverse_sequence,
    "Shape": onnx_shapes.shape_operator,
    "Slice": onnx_cuts.slice_operator,
    "Split": onnx_cuts.split,
    "Squeeze": onnx_turns.squeeze,
    "Transpose": onnx_turns.transpose,
    "Unsqueeze": onnx_turns.unsqueeze,
    "Where": onnx_shapes.where,
}
