"""Session: a state that goes on from call to call (SPEC 14)."""

from typing import Final

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
    checked_state,
    copied,
    initial_state,
    shape_failure,
)
from rnnspec.run.loop import sequence
from rnnspec.run.native import Job, Memory, OneStep, tape_for, timed
from rnnspec.tensor import Float32
from rnnspec.vocabulary import is_integer

_FLOAT32: Final = np.dtype(np.float32)


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
        self._one: OneStep | None = None
        if plan.tape is not None:
            self._memory = Memory(plan.tape, self.batch)
            self._one = OneStep(plan.tape, self._memory)
        self._y = np.zeros(self._shape, np.float32) if self._one is None else self._one.y
        self._block: Job | None = None  # of the last `run` on a tape
        self._state: State = {}  # without a tape
        if self._one is not None and type(self).step is _STEP:  # it is not overridden
            function = self._one.direct(self._twin().step)
            if function is not None:
                self.step = function  # type: ignore[method-assign] # the same, in less time
        self.reset()

    @property
    def out(self) -> Float32:
        """The session's own array for `step`, float32 [N, width]: a step into it costs least.

        It is the same one every time, and each `step` and `logits` may write there, whatever they give
        back: read it before the next one. What it holds after one that failed is not defined. It lives
        as long as anybody has it.
        """
        return self._y

    def step(self, x: npt.ArrayLike, out: Float32 | None = None) -> Float32:
        """One time step: ids [N] or numbers [N, size] → float32 [N, width], in `out` if it is given.

        In a batch of one, an id may stand for [id]. With `out=session.out` nothing is copied; the next
        step writes there again. Another `out` is as it was if the call fails; it may share memory with x.

        Raises what `run` raises; RUN_SHAPE for an `out` of another shape or dtype; ValueError for one
        that is read-only.
        """
        # Every line here is paid for at every step, and a function more costs as much as four lines.
        one, y = self._one, self._y
        if (
            out is not None
            and out is not y
            and (out.dtype is not _FLOAT32 or out.shape != self._shape)
        ):
            self._check_out(out)
        given: object = x
        is_done = 0
        if one is not None:
            call = one.call
            token = given[0] if type(given) is list and len(given) == 1 else given
            if type(token) is int and 0 <= token < one.tokens:
                one.id.value = token
                is_done = call()
            elif (
                type(given) is np.ndarray
                and given.dtype is one.dtype_of_one
                and given.shape == one.shape_of_one
            ):
                value = given.item()
                if not one.tokens:
                    one.number.value = value
                    is_done = call()
                elif 0 <= value < one.tokens:
                    one.id.value = value
                    is_done = call()
            elif one.takes(given):
                is_done = call()
        before = self._state
        if not is_done:
            y = self._stepped(x)
        if out is None:
            return y.copy()
        if out is not y:
            try:
                if one is not None and one.result is not None:
                    out[0, 0] = one.result.value
                else:
                    out[...] = y
            except ValueError:
                self._undo(before)
                raise
        return out

    def run(self, input: npt.ArrayLike, lengths: npt.ArrayLike | None = None) -> Float32:
        """As the function `run`, from this session's state and on."""
        block = self._block
        if lengths is None and block is not None and block.takes(input) and block.call():
            return timed(self.plan, block.y.copy())
        return self._advance(input, lengths, self.plan.last)

    def logits(self, x: npt.ArrayLike) -> Float32:
        """As `step`, but gives the logits of SPEC 15: what a last softmax or log_softmax reads."""
        if self._one is None:
            return self._untaped(x, self.plan.logits)
        self.step(x, self._y)
        return self._one.decoded.copy()

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

    def _twin(self) -> "Session":
        """One that shares all with this one, which must be on a tape.

        What is called for a step in place of the method keeps the twin alive, and not this one: a
        session that had what keeps it would not go before the garbage collector comes.
        """
        twin: Session = object.__new__(Session)
        twin.plan, twin.batch, twin._shape = self.plan, self.batch, self._shape
        twin._memory, twin._one, twin._y = self._memory, self._one, self._y
        twin._block, twin._state = None, self._state
        return twin

    def _put(self, state: State) -> None:
        """Sets the state to arrays that nobody else has."""
        if self._memory is None:
            self._state = state
        else:
            self._memory.put(state)

    def _check_out(self, out: Float32) -> None:
        if out.shape != self._shape or out.dtype != np.float32:
            raise shape_failure("out", f"float32 {list(self._shape)}", out)

    def _stepped(self, x: npt.ArrayLike) -> Float32:
        """The output of one step, [N, width], for what was not plainly right."""
        if self._one is None:
            return self._untaped(x, self.plan.last)
        checked, _ = checked_input(self.plan, self._one_step(x), None, self.batch)
        return self._one.taken(checked[:, 0])

    def _untaped(self, x: npt.ArrayLike, place: int) -> Float32:
        """The value at a place after one step without a tape, [N, width]."""
        y = self._advance(self._one_step(x), None, place)
        return y[:, 0] if self.plan.has_time else y

    def _undo(self, before: State) -> None:
        """Takes the last step back."""
        if self._memory is None:
            self._state = before
        else:
            self._memory.undo()

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
        tape, memory = tape_for(self.plan, lengths, valid), self._memory
        if tape is not None and memory is not None:
            block = self._block
            if block is None or block.steps != x.shape[1]:
                block = self._block = Job(tape, memory, x.shape[1])
            return timed(self.plan, block.taken(x))
        after = self.state()
        scratch = np.empty(self.plan.scratch, np.float32)
        values = sequence(self.plan, x, valid, after, scratch, (place,))
        self._put(after)
        return values[place]


_STEP: Final = Session.step  # what somebody puts in its place is not gone round
