"""onnx_writer: a graph of ONNX operators as it grows, and its bytes, a ModelProto."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from rnnspec.importers.onnx_tensors import DTYPES
from rnnspec.importers.protobuf import put, put_fixed32

OPSET: Final = 17  # the first with LayerNormalization
IR: Final = 8  # of ONNX 1.12, which brought it

Attribute: TypeAlias = int | float | str | Sequence[float] | Sequence[str]
Size: TypeAlias = int | str  # a text names a size that is free
_CODES: Final = {name: code for code, name in DTYPES.items()}


class Graph:
    """Operators in their order. Values are known by name; `node` gives the name of what it makes."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[bytes] = []
        self._arrays: list[bytes] = []
        self._inputs: list[bytes] = []
        self._outputs: list[bytes] = []

    def node(
        self, op: str, inputs: Sequence[str], output: str | Sequence[str], **attributes: Attribute
    ) -> str:
        """An operator. Gives the name of its output, or of the first of several."""
        outputs = [output] if isinstance(output, str) else list(output)
        message = [put(1, name) for name in inputs] + [put(2, name) for name in outputs]
        message += [put(3, f"{outputs[0] or outputs[-1]}:{op}"), put(4, op)]
        message += [put(5, _attribute(name, value)) for name, value in attributes.items()]
        self._nodes.append(b"".join(message))
        return outputs[0]

    def array(self, name: str, array: npt.NDArray[Any]) -> str:
        """A constant, by this name."""
        little = array.astype(array.dtype.newbyteorder("<"), "C", copy=False)
        message = [put(1, size) for size in little.shape]
        message += [put(2, _CODES[array.dtype.name]), put(8, name), put(9, little.tobytes())]
        self._arrays.append(b"".join(message))
        return name

    def input(self, name: str, dtype: str, shape: Sequence[Size]) -> str:
        """An input of the graph; with an array of the same name, that is its default."""
        self._inputs.append(_end(name, dtype, shape))
        return name

    def output(self, name: str, shape: Sequence[Size]) -> str:
        """An output of the graph, of float32."""
        self._outputs.append(_end(name, "float32", shape))
        return name

    def data(self, producer_version: str, metadata: Mapping[str, str]) -> bytes:
        """The file."""
        graph = [put(1, node) for node in self._nodes] + [put(2, self._name)]
        graph += [put(5, array) for array in self._arrays]
        graph += [put(11, end) for end in self._inputs] + [put(12, end) for end in self._outputs]
        model = [put(1, IR), put(2, "rnnspec"), put(3, producer_version), put(7, b"".join(graph))]
        model.append(put(8, put(1, "") + put(2, OPSET)))
        model += [put(14, put(1, key) + put(2, value)) for key, value in metadata.items()]
        return b"".join(model)


def _attribute(name: str, value: Attribute) -> bytes:
    head = put(1, name)
    if isinstance(value, int):
        return head + put(3, value) + put(20, 2)
    if isinstance(value, float):
        return head + put_fixed32(2, np.float32(value).astype("<f4").tobytes()) + put(20, 1)
    if isinstance(value, str):
        return head + put(4, value) + put(20, 3)
    if all(isinstance(item, str) for item in value):
        return head + b"".join(put(9, str(item)) for item in value) + put(20, 8)
    if all(isinstance(item, int) for item in value):
        return head + b"".join(put(8, int(item)) for item in value) + put(20, 7)
    numbers = (np.float32(item).astype("<f4").tobytes() for item in value)
    return head + b"".join(put_fixed32(7, number) for number in numbers) + put(20, 6)


def _end(name: str, dtype: str, shape: Sequence[Size]) -> bytes:
    sizes = (put(1, size) if isinstance(size, int) else put(2, size) for size in shape)
    tensor = put(1, _CODES[dtype]) + put(2, b"".join(put(1, size) for size in sizes))
    return put(1, name) + put(2, put(1, tensor))
