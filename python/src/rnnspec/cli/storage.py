"""Storage: a model with its parameters held otherwise, and its examples still true."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rnnspec import Example, Model, RnnspecError, Tensor, fingerprint, run, selftest
from rnnspec import compile as compile_model
from rnnspec.cli.files import Refused
from rnnspec.cli.text import safe
from rnnspec.plan import Plan
from rnnspec.run import State
from rnnspec.save import with_digits, with_dtype
from rnnspec.tensor import Axis, Dtype


@dataclass(frozen=True, slots=True)
class Conversion:
    """What became of a model."""

    model: Model
    anew: int = 0  # exact examples that were computed again
    dropped: tuple[int, ...] = ()  # indexes of examples that do not hold any more
    changes: tuple["Change", ...] = ()  # parameters that moved, the farthest first


@dataclass(frozen=True, slots=True)
class Change:
    """How far a parameter moved."""

    layer: str
    role: str
    largest: float  # of all |after − before|


def parameters(model: Model) -> list[tuple[str, str, str]]:
    """Layer, role and tensor of every parameter: each tensor is named once in a sound model."""
    return [
        (layer.name, role, name)
        for layer in model.layers
        for role, name in getattr(layer, "parameters", {}).items()
    ]


def stored(
    model: Model, dtype: Dtype | None, digits: int | None, axis: Axis | None = None
) -> Conversion:
    """The model with its parameters in a dtype, or cut to some significant digits.

    int8 takes an axis, 0 for a scale for each row or 1 for each column; it holds matrices alone.

    Where that changes a value, exact examples are computed anew (SPEC [example-3]); reference ones
    stay what the other system computed, and those that no longer hold are dropped.
    Raises Refused for a value that can't be held.
    """
    if dtype is None and digits is None:
        return Conversion(model)
    changed = _held(model, dtype, digits, axis)
    changes = []
    for layer, role, name in parameters(model):
        moved = np.abs(changed.tensors[name].values - model.tensors[name].values)
        if largest := float(moved.max()):
            changes.append(Change(layer, role, largest))
    changes.sort(key=lambda change: -change.largest)
    if fingerprint(changed) == fingerprint(model):
        return Conversion(changed, changes=tuple(changes))
    return replace(_with_true_examples(changed), changes=tuple(changes))


def _held(model: Model, dtype: Dtype | None, digits: int | None, axis: Axis | None) -> Model:
    """The model with other parameters, and examples as they were."""
    names = [name for _, _, name in parameters(model)]
    bare = replace(model, tensors={name: model.tensors[name] for name in names}, examples=None)
    try:
        bare = with_dtype(bare, dtype or "float32", axis)
    except ValueError as error:
        raise Refused(f"{safe(str(error))}: keep --dtype float32") from None
    try:
        if digits is not None:
            bare = with_digits(bare, digits)
    except ValueError as error:
        raise Refused(f"{safe(str(error))}: give another number of digits") from None
    return replace(model, tensors={**model.tensors, **bare.tensors})


# --- examples -------------------------------------------------------------------------------------


def _with_true_examples(model: Model) -> Conversion:
    tensors = dict(model.tensors)
    plan = compile_model(model)
    anew = 0
    for example in model.examples or ():
        if example.kind != "exact":
            continue
        try:
            output, final = _run(plan, example)
        except RnnspecError:
            continue  # it overflows now: a failed example
        anew += 1
        tensors[example.output] = Tensor(output)
        for layer, arrays in (example.final_state or {}).items():
            for array, name in arrays.items():
                tensors[name] = Tensor(final[layer][array])
    model = replace(model, tensors=tensors)
    failed = selftest(compile_model(model)).failed
    if not failed:
        return Conversion(model, anew)
    examples = model.examples or ()
    for index in failed:
        for name in _references(examples[index]):
            del tensors[name]
    kept = tuple(example for index, example in enumerate(examples) if index not in failed)
    return Conversion(replace(model, tensors=tensors, examples=kept), anew, failed)


def _run(plan: Plan, example: Example) -> tuple[npt.NDArray[np.float32], State]:
    """What the net gives for the input of an example."""
    tensors = plan.model.tensors
    state = {
        layer: {array: tensors[name].values for array, name in arrays.items()}
        for layer, arrays in (example.state or {}).items()
    }
    given = tensors[example.input].values if isinstance(example.input, str) else example.input
    return run(plan, given, example.lengths, state or None)


def _references(example: Example) -> list[str]:
    """The tensors that an example names, each once (SPEC [agree-4])."""
    names = [example.output, *([example.input] if isinstance(example.input, str) else [])]
    for state in (example.state, example.final_state):
        names += [name for arrays in (state or {}).values() for name in arrays.values()]
    return names
