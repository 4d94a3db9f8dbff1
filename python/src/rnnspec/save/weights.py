"""Weights: a model with its parameters stored otherwise, or cut to fewer digits ([tensor-7])."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from rnnspec.digest import fingerprint
from rnnspec.issue import escaped
from rnnspec.json_reader import narrowed
from rnnspec.model import Example, Model
from rnnspec.tensor import DTYPES, Axis, Dtype, Float32, Tensor, narrow, widened

_EXACT_DIGITS: Final = 17  # tell all binary64 apart, let alone binary32


def with_digits(model: Model, digits: int) -> Model:
    """The model with its float32 parameters cut to `digits` significant digits.

    Each is rounded, half to even, from its exact value, and is then what a file with that decimal
    means ([tensor-2]). If a value changes, exact examples are dropped ([example-3]); what tensors
    of reference examples hold stays. Raises ValueError for other than 1 to 17 digits, or for a
    parameter that would become infinite.
    """
    if isinstance(digits, bool) or digits not in range(1, _EXACT_DIGITS + 1):
        raise ValueError(f"digits must be an integer from 1 to {_EXACT_DIGITS}: {digits!r}")
    return _with(
        model,
        {
            name: replace(tensor, array=_cut(name, tensor, digits))
            for name, tensor in _parameters(model)
            if tensor.dtype == "float32"
        },
    )


def with_dtype(model: Model, dtype: Dtype, axis: Axis | None = None) -> Model:
    """The model with its parameters stored as `dtype`, each as `narrow` does it ([tensor-7]).

    int8 holds matrices, with a scale for each row (`axis` 0) or column (1); vectors stay as they are.
    So does what is stored that way already. If a value changes, exact examples are dropped
    ([example-3]); what tensors of examples hold stays. Raises ValueError as `narrow` does.
    """
    if dtype not in DTYPES:
        raise ValueError(f"no such dtype: {dtype!r}")
    if (dtype == "int8") != (axis is not None):
        raise ValueError("`axis` belongs to int8: 0 for rows, 1 for columns")
    changed = {}
    for name, tensor in _parameters(model):
        if (tensor.dtype, tensor.axis) == (dtype, axis) or (
            dtype == "int8" and len(tensor.shape) != 2
        ):
            continue
        try:
            changed[name] = replace(
                narrow(tensor.values, dtype, axis), extensions=tensor.extensions
            )
        except ValueError as error:
            raise ValueError(f"the tensor {escaped(name)}: {error}") from None
    return _with(model, changed)


def _parameters(model: Model) -> list[tuple[str, Tensor]]:
    return [
        (name, model.tensors[name])
        for layer in model.layers
        for name in getattr(layer, "parameters", {}).values()
    ]


def _with(model: Model, changed: Mapping[str, Tensor]) -> Model:
    """The model with other tensors, and without exact examples if its values are others."""
    tensors = {**model.tensors, **changed}
    result = replace(model, tensors=tensors)
    if fingerprint(result) == fingerprint(model):
        return result
    kept = [example for example in model.examples or () if example.kind != "exact"]
    dropped = [example for example in model.examples or () if example.kind == "exact"]
    for name in (name for example in dropped for name in _tensors_of(example)):
        tensors.pop(name, None)
    examples = tuple(kept) if model.examples is not None else None
    return replace(model, tensors=tensors, examples=examples)


def _cut(name: str, tensor: Tensor, digits: int) -> Float32:
    cut = np.empty(math.prod(tensor.shape), np.float32)
    first = 0
    for block in tensor.blocks():
        # The rounding of this format is exact.
        texts = [f"{value:.{digits - 1}e}" for value in widened(block).tolist()]
        cut[first : first + len(block)] = narrowed(np.array(list(map(float, texts))))
        first += len(block)
    if not np.isfinite(cut).all():
        raise ValueError(f"{digits} digits make a value of the tensor {escaped(name)} infinite")
    return cut.reshape(tensor.shape)


def _tensors_of(example: Example) -> list[str]:
    states = [
        arrays
        for state in (example.state, example.final_state)
        for arrays in (state or {}).values()
    ]
    given = [example.input] if isinstance(example.input, str) else []
    return [*given, example.output, *(name for arrays in states for name in arrays.values())]
