"""keras_masks: what Functional models of Keras 3 compute to know which steps are masked, followed until it is a mask again.

Keras 3 writes that down as operations beside the layers: not_equal of the input, and what Concatenate and Add make of
two masks. One input has one mask, so whatever is made of it in these ways is that mask. All else is refused by its name.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rnnspec.importers.refusal import named, unsupported
from rnnspec.json_reader import Value

_OPERATIONS: Final = "keras.src.ops."
_KINDS: Final = (
    "NotEqual",
    "Any",
    "All",
    "LogicalOr",
    "LogicalAnd",
    "ExpandDims",
    "ZerosLike",
)


@dataclass(frozen=True)
class Mask:
    """Truths about the steps of the input: which are not `value`."""

    value: float | None  # None of a mask that is false everywhere
    axes: int = 1  # without the batch: time, or time and features
    whole: bool = True  # every feature of a step says the same, so that any of them is all of them


class Masks:
    """The masks of a model, by the names of the operations that give them."""

    def __init__(self, axes: Mapping[str, int], input_of: Callable[[Value], str | None]) -> None:
        """`axes` are those of the inputs by name; `input_of` gives the name of the layer that a tensor of the config comes from."""
        self._axes = axes
        self._input_of = input_of
        self._found: dict[str, Mask] = {}

    def operation(self, entry: Value) -> bool:
        """Whether an entry of a config computes a mask, and does no other work."""
        if not isinstance(entry, dict):
            return False
        kind, module = entry.get("class_name"), entry.get("module")
        # An .h5 file has no module; no layer has the name of such an operation, but for Concatenate.
        if module is not None and not str(module).startswith(_OPERATIONS):
            return False
        return kind in _KINDS or (
            kind == "Concatenate"
            and bool(read := _tensors(entry))
            and all(self.mask(tensor) for tensor in read)
        )

    def mask(self, tensor: Value) -> Mask | None:
        """The mask that a tensor of the config is, if it is one."""
        return self._found.get(self._input_of(tensor) or "")

    def add(self, entry: Mapping[str, Value], name: str) -> None:
        """Follows an operation; those that it reads were there before it. Raises Refused."""
        made = self._made(entry)
        if made is None:
            raise unsupported(
                f'the operation "{named(name)}" ({named(str(entry.get("class_name")))}) computes no mask of the input\'s steps: '
                "let the masks come from mask_zero or from Masking alone"
            )
        self._found[name] = made

    def _made(self, entry: Mapping[str, Value]) -> Mask | None:
        kind, tensors = entry.get("class_name"), _tensors(entry)
        config = entry.get("config")
        axis, kept = (
            (config.get("axis"), config.get("keepdims"))
            if isinstance(config, dict)
            else (None, None)
        )
        given = [self.mask(tensor) for tensor in tensors]
        if kind == "NotEqual" and len(tensors) == 2:
            axes = self._axes.get(self._input_of(tensors[0]) or "")
            value = tensors[1]
            return Mask(value, axes, axes == 1) if axes and isinstance(value, float) else None
        if kind == "ZerosLike":
            return Mask(None, 2)
        masks = [mask for mask in given if mask is not None]
        if len(masks) != len(given) or not masks:
            return None
        (first, *_), values = masks, {mask.value for mask in masks} - {None}
        if len({mask.axes for mask in masks}) != 1 or len(values) > 1:
            return None
        if kind in ("LogicalOr", "LogicalAnd"):
            if kind == "LogicalAnd" and len({mask.value for mask in masks}) > 1:
                return None
            return replace(
                first, value=next(iter(values), None), whole=all(mask.whole for mask in masks)
            )
        if kind == "Concatenate":
            same = axis == -1 and len({mask.value for mask in masks}) == 1
            return first if same and first.axes == 2 and all(m.whole for m in masks) else None
        if axis != -1 or kept is True or len(masks) != 1:
            return None
        if kind == "ExpandDims":
            return replace(first, axes=2) if first.axes == 1 else None
        if first.axes != 2 or not (first.whole or kind == "Any"):
            return None
        return Mask(first.value)


def _tensors(entry: Mapping[str, Value]) -> Sequence[Value]:
    """What an operation reads: tensors and numbers, in their order."""
    nodes = entry.get("inbound_nodes")
    if not isinstance(nodes, list) or len(nodes) != 1 or not isinstance(nodes[0], dict):
        return ()
    found: list[Value] = []
    args = nodes[0].get("args")
    for value in args if isinstance(args, list) else []:
        found += value if isinstance(value, list) else [value]
    return found
