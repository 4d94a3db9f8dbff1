"""Self-test: a model's own examples (SPEC 9.3)."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from rnnspec.issue import RnnspecError
from rnnspec.model import Example, StateNames
from rnnspec.plan import Plan
from rnnspec.run import State, run
from rnnspec.tensor import Float32


@dataclass(frozen=True, slots=True)
class SelfTest:
    """How many examples of each kind were run, and the indexes of those that failed ([example-2])."""

    exact: int
    reference: int
    failed: tuple[int, ...]

    @property
    def verdict(self) -> Literal["failed", "verified", "internally consistent", "no examples"]:
        """`verified` needs a reference example: exact ones alone are a net's word about itself."""
        if self.failed:
            return "failed"
        if self.reference:
            return "verified"
        return "internally consistent" if self.exact else "no examples"


def selftest(plan: Plan) -> SelfTest:
    """Runs the examples of the plan's model ([example-1])."""
    examples = plan.model.examples or ()
    kinds = [example.kind for example in examples]
    failed = tuple(k for k, example in enumerate(examples) if not _passes(plan, example))
    return SelfTest(kinds.count("exact"), kinds.count("reference"), failed)


def _passes(plan: Plan, example: Example) -> bool:
    tensors = plan.model.tensors
    given = tensors[example.input].values if isinstance(example.input, str) else example.input
    state = _state(plan, example.state) if example.state is not None else None
    try:
        output, final = run(plan, given, example.lengths, state)
    except RnnspecError:
        return False
    valid = np.ones(output.shape[:-1], np.bool_)
    if example.kind == "reference" and example.lengths is not None and plan.has_time:
        valid = np.arange(output.shape[1]) < np.array(example.lengths)[:, None]
    pairs = [(output[valid], tensors[example.output].values[valid])]
    if example.final_state is not None:
        recorded = _state(plan, example.final_state)
        pairs += [
            (final[name][role], recorded[name][role]) for name in final for role in final[name]
        ]
    return all(_agree(y, r, example.tolerance) for y, r in pairs)


def _agree(y: Float32, r: Float32, tolerance: float | None) -> bool:
    """Bits, or |y − r| ≤ tolerance · max(1, |r|)."""
    if tolerance is None:
        return np.array_equal(y.view(np.uint32), r.view(np.uint32))
    wide: npt.NDArray[np.float64] = r.astype(np.float64)
    return bool((np.abs(y - wide) <= tolerance * np.maximum(1, np.abs(wide))).all())


def _state(plan: Plan, names: StateNames) -> State:
    tensors = plan.model.tensors
    return {
        layer: {role: tensors[tensor].values for role, tensor in arrays.items()}
        for layer, arrays in names.items()
    }
