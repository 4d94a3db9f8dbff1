"""Run: inputs and a state → outputs and a state (SPEC 14)."""

from collections.abc import Sequence
from typing import overload

import numpy as np
import numpy.typing as npt

from rnnspec import codes
from rnnspec.issue import escaped, failure, quoted
from rnnspec.plan import Plan
from rnnspec.run.arguments import (
    GivenState,
    State,
    as_array,
    checked_input,
    checked_probe,
    checked_state,
    copied,
    initial_state,
    shape_failure,
)
from rnnspec.run.loop import sequence
from rnnspec.tensor import Float32
from rnnspec.vocabulary import is_integer

__all__ = ["GivenState", "Session", "State", "logits", "run"]


@overload
def run(
    plan: Plan,
    input: npt.ArrayLike,
    lengths: npt.ArrayLike | None = None,
    state: GivenState | None = None,
    probe: None = None,
) -> tuple[Float32, State]: ...
@overload
def run(
    plan: Plan,
    input: npt.ArrayLike,
    lengths: npt.ArrayLike | None = None,
    state: GivenState | None = None,
    *,
    probe: str | Sequence[str],
) -> tuple[Float32, State, dict[str, Float32]]: ...
def run(
    plan: Plan,
    input: npt.ArrayLike,
    lengths: npt.ArrayLike | None = None,
    state: GivenState | None = None,
    probe: str | Sequence[str] | None = None,
) -> tuple[Float32, State] | tuple[Float32, State, dict[str, Float32]]:
    """The output and the state after it, for `input` from `state` (SPEC 14).

    `input` is ids [N, T] or numbers [N, T, size]: lists, or arrays of any real dtype, which are
    copied and rounded to float32. `lengths` gives each row's number of valid steps, [N]; what is
    beyond is not read, and +0 in the output. `state` maps each recurrent layer to its arrays
    [N, size], as a call returned them; without it they are the layers' initial ones.

    The output is float32 [N, T, width], or [N, width] where the net takes time away ([layer-5]).
    With `probe`, names of layers, a third thing comes back: name → what that layer gave, likewise.

    Raises RnnspecError with the first fault ([run-5]): RUN_SHAPE, RUN_LENGTH, RUN_TOKEN,
    RUN_NONFINITE_INPUT, RUN_STATE; RUN_OPTION for a name of no layer ([run-8]); and RUN_NONFINITE if
    the net overflows ([finite-1]).
    """
    x, valid = checked_input(plan, input, lengths)
    after = checked_state(plan, state, len(valid))
    probed = {} if probe is None else checked_probe(plan, probe)
    keep = {plan.last, *(stage.place for stage in probed.values())}
    scratch = np.empty(plan.scratch, np.float32)
    values = sequence(plan, x, valid, after, scratch, keep)
    output = values[plan.last]
    if probe is None:
        return output, after
    # Nobody who changes one of them changes another.
    return (
        output,
        after,
        {
            name: values[stage.place].copy() if stage.place == plan.last else values[stage.place]
            for name, stage in probed.items()
        },
    )


def logits(
    plan: Plan,
    input: npt.ArrayLike,
    lengths: npt.ArrayLike | None = None,
    state: GivenState | None = None,
) -> Float32:
    """The output, or what a last softmax or log_softmax reads (SPEC 15). Arguments are those of `run`.

    float32 [N, T, width], or [N, width] where it has no time. Raises what `run` raises.
    """
    x, valid = checked_input(plan, input, lengths)
    after = checked_state(plan, state, len(valid))
    scratch = np.empty(plan.scratch, np.float32)
    return sequence(plan, x, valid, after, scratch, (plan.logits,))[plan.logits]


class Session:
    """A state that goes on from call to call, for `batch` rows.

    A Session belongs to one thread at a time. Sessions of one plan are independent of each other. A
    call that fails leaves the state as it was.

    Raises RnnspecError for a net that can't be run step by step (RUN_DIRECTION, [run-7]): `run` takes
    and gives its state. And for a batch that is no integer of at least 1 (RUN_OPTION).
    """

    def __init__(self, plan: Plan, batch: int = 1) -> None:
        if plan.backward is not None:
            raise failure(
                codes.RUN_DIRECTION, "plan", name=quoted(plan.backward[0]), got=plan.backward[1]
            )
        if not is_integer(batch) or batch < 1:
            expected, got = "an integer of at least 1", escaped(str(batch))
            raise failure(codes.RUN_OPTION, "batch", name="batch", expected=expected, got=got)
        self.plan = plan
        self.batch = int(batch)
        self._scratch = np.empty(plan.scratch, np.float32)
        self._state = initial_state(plan, self.batch)

    def step(self, x: npt.ArrayLike, out: Float32 | None = None) -> Float32:
        """One time step: ids [N] or numbers [N, size] → float32 [N, width], in `out` if it is given.

        Raises what `run` raises; RUN_SHAPE for an `out` of another shape or dtype.
        """
        if out is not None:
            self._check_out(out)
        output = self._advance(self._one_step(x), None, self.plan.last)
        y = output[:, 0] if self.plan.has_time else output
        if out is None:
            return y
        out[...] = y
        return out

    def run(self, input: npt.ArrayLike, lengths: npt.ArrayLike | None = None) -> Float32:
        """As the function `run`, from this session's state and on."""
        return self._advance(input, lengths, self.plan.last)

    def logits(self, x: npt.ArrayLike) -> Float32:
        """As `step`, but gives the logits of SPEC 15: what a last softmax or log_softmax reads."""
        y = self._advance(self._one_step(x), None, self.plan.logits)
        return y[:, 0] if self.plan.has_time else y

    def state(self) -> State:
        """A copy of the state."""
        return copied(self._state)

    def restore(self, state: GivenState) -> None:
        """Sets the state, after T. Raises RUN_STATE, RUN_NONFINITE_INPUT."""
        self._state = checked_state(self.plan, state, self.batch)

    def reset(self) -> None:
        """Goes back to the initial state."""
        self._state = initial_state(self.plan, self.batch)

    def fork(self) -> "Session":
        """A second session with a copy of the state."""
        other = Session(self.plan, self.batch)
        other._state = self.state()
        return other

    def _check_out(self, out: Float32) -> None:
        shape = (self.batch, self.plan.width)
        if out.shape != shape or out.dtype != np.float32:
            raise shape_failure("out", f"float32 {list(shape)}", out)

    def _one_step(self, x: npt.ArrayLike) -> npt.NDArray[np.generic]:
        """[N, 1] or [N, 1, size] of what was given for one step."""
        array, plan = as_array(x, "x"), self.plan
        wanted = (self.batch,) if plan.tokens is not None else (self.batch, plan.size)
        if array.shape != wanted:
            kind = "ids" if plan.tokens is not None else "numbers"
            raise shape_failure("x", f"{kind} {list(wanted)}", array)
        return array[:, None]

    def _advance(self, given: npt.ArrayLike, lengths: npt.ArrayLike | None, place: int) -> Float32:
        """The value at a place, and the state that comes after."""
        x, valid = checked_input(self.plan, given, lengths, self.batch)
        after = copied(self._state)
        values = sequence(self.plan, x, valid, after, self._scratch, (place,))
        self._state = after
        return values[place]
