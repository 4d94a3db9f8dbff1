"""Run: inputs and a state → outputs and a state (SPEC 14)."""

from collections.abc import Callable, Sequence
from typing import Final, overload

import numpy as np
import numpy.typing as npt

from rnnspec import codes
from rnnspec.issue import escaped, failure, quoted
from rnnspec.plan import Plan, Tape
from rnnspec.run.arguments import (
    GivenState,
    Mask,
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
from rnnspec.run.native import Job, Memory, OneStep, on_tape
from rnnspec.tensor import Float32
from rnnspec.vocabulary import is_integer

_FLOAT32: Final = np.dtype(np.float32)
_MOST_WHOLE: Final = 1024  # rows of logits that a tape gives at once

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
    if probe is None and (tape := _tape(plan, lengths, valid)) is not None:
        return _timed(plan, on_tape(tape, x, after)), after
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
    tape = _tape(plan, lengths, valid)
    # Between the layers a tape keeps as many rows as it does at once: here that is all of them.
    if tape is not None and (valid.size <= _MOST_WHOLE or plan.logits == plan.last):
        return _timed(plan, on_tape(tape, x, after, logits=plan.logits != plan.last))
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
        self._shape = (self.batch, plan.width)
        self._memory: Memory | None = None
        self._does: Callable[[object], int] = _nothing
        if plan.tape is not None:
            self._memory = Memory(plan.tape, self.batch)
            one = OneStep(plan.tape, self._memory)
            self._does, self._y, self._logits = one.does, one.y, one.decoded
        self._block: Job | None = None  # of the last `run` on a tape
        self._state: State = {}  # without a tape
        self.reset()

    def step(self, x: npt.ArrayLike, out: Float32 | None = None) -> Float32:
        """One time step: ids [N] or numbers [N, size] → float32 [N, width], in `out` if it is given.

        In a batch of one, an id may stand for [id]. Raises what `run` raises; RUN_SHAPE for an `out`
        of another shape or dtype.
        """
        if out is not None and (out.dtype is not _FLOAT32 or out.shape != self._shape):
            self._check_out(out)
        y = self._y if self._does(x) else self._stepped(x, self.plan.last)
        if out is None:
            return y.copy()
        out[...] = y
        return out

    def run(self, input: npt.ArrayLike, lengths: npt.ArrayLike | None = None) -> Float32:
        """As the function `run`, from this session's state and on."""
        block = self._block
        if lengths is None and block is not None and block.does(input):
            return _timed(self.plan, block.y.copy())
        return self._advance(input, lengths, self.plan.last)

    def logits(self, x: npt.ArrayLike) -> Float32:
        """As `step`, but gives the logits of SPEC 15: what a last softmax or log_softmax reads."""
        return self._logits.copy() if self._does(x) else self._stepped(x, self.plan.logits)

    def state(self) -> State:
        """A copy of the state."""
        return copied(self._state) if self._memory is None else self._memory.state()

    def restore(self, state: GivenState) -> None:
        """Sets the state, after T. Raises RUN_STATE, RUN_NONFINITE_INPUT."""
        self._put(checked_state(self.plan, state, self.batch))

    def reset(self) -> None:
        """Goes back to the initial state."""
        self._put(initial_state(self.plan, self.batch))

    def fork(self) -> "Session":
        """A second session with a copy of the state."""
        other = Session(self.plan, self.batch)
        other._put(self.state())
        return other

    def _put(self, state: State) -> None:
        """Sets the state to arrays that nobody else has."""
        if self._memory is None:
            self._state = state
        else:
            self._memory.put(state)

    def _check_out(self, out: Float32) -> None:
        if out.shape != self._shape or out.dtype != np.float32:
            raise shape_failure("out", f"float32 {list(self._shape)}", out)

    def _stepped(self, x: npt.ArrayLike, place: int) -> Float32:
        """The value at a place after one step, [N, width]."""
        y = self._advance(self._one_step(x), None, place)
        return y[:, 0] if self.plan.has_time else y

    def _one_step(self, x: npt.ArrayLike) -> npt.NDArray[np.generic]:
        """[N, 1] or [N, 1, size] of what was given for one step."""
        array, plan = as_array(x, "x"), self.plan
        wanted = (self.batch,) if plan.tokens is not None else (self.batch, plan.size)
        if wanted == (1,) and array.shape == () and array.dtype.kind in "iuf":
            array = array[None]
        if array.shape != wanted:
            kind = "ids" if plan.tokens is not None else "numbers"
            raise shape_failure("x", f"{kind} {list(wanted)}", array)
        return array[:, None]

    def _advance(self, given: npt.ArrayLike, lengths: npt.ArrayLike | None, place: int) -> Float32:
        """The value at a place, and the state that comes after."""
        x, valid = checked_input(self.plan, given, lengths, self.batch)
        tape, memory = _tape(self.plan, lengths, valid), self._memory
        if tape is not None and memory is not None:
            block = self._block
            if block is None or block.steps != x.shape[1]:
                block = self._block = Job(tape, memory, x.shape[1])
            return _timed(self.plan, block.taken(x, logits=place == self.plan.logits))
        after = self.state()
        scratch = np.empty(self.plan.scratch, np.float32)
        values = sequence(self.plan, x, valid, after, scratch, (place,))
        self._put(after)
        return values[place]


def _tape(plan: Plan, lengths: npt.ArrayLike | None, valid: Mask) -> Tape | None:
    """The tape of a plan, if it does for this call: every row has every step, and there are some."""
    tape = plan.tape
    if tape is None or lengths is not None or not 1 <= valid.shape[1] <= tape.most_steps:
        return None
    return tape


def _timed(plan: Plan, y: Float32) -> Float32:
    """[N, T, width] as the net gives it: without time where it has none."""
    return y if plan.has_time else y[:, 0]


def _nothing(x: object) -> int:  # noqa: ARG001 - as OneStep.does
    """What is done at once where there is no tape."""
    return 0
