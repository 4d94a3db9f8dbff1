"""Native: a tape with its state and its buffers, ready to be called (kernel/kernel.h)."""

import ctypes
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from rnnspec import codes
from rnnspec.cells.chain import Ids
from rnnspec.issue import failure
from rnnspec.kernel import Call, Matrix, Net, Step, Steps, aligned, direct_step
from rnnspec.plan import Plan
from rnnspec.plan.tape import INPUT, OUTPUT, SCRATCH, Place, Tape
from rnnspec.run.arguments import Mask, State
from rnnspec.tensor import Float32

_INT32: Final = np.dtype(np.int32)
_INT64: Final = np.dtype(np.int64)
_ROWS: Final = 64  # rows of products, over several time steps, that are computed at once
_MOST_IDLE: Final = 4  # jobs that are kept for later calls of `run`
_LARGE: Final = 1 << 20  # elements of a job that is not kept


class Memory:
    """The state of a net for some rows, as the kernel keeps it: rows padded with +0."""

    def __init__(self, tape: Tape, rows: int) -> None:
        self.rows = rows
        self.size = rows * sum(array.columns for array in tape.states)
        self.state_and_backup = aligned(2 * self.size)
        self.addresses: list[int] = []
        self.arrays: dict[str, dict[str, Float32]] = {}  # views [rows, size]
        first, start = 0, address(self.state_and_backup)
        for array in tape.states:
            count = rows * array.columns
            padded = self.state_and_backup[first : first + count].reshape(rows, array.columns)
            self.arrays.setdefault(array.layer, {})[array.role] = padded[:, : array.size]
            self.addresses.append(start + 4 * first)
            first += count

    def state(self) -> State:
        """A copy."""
        return {
            name: {role: values.copy() for role, values in arrays.items()}
            for name, arrays in self.arrays.items()
        }

    def undo(self) -> None:
        """Back to before the last call of the kernel, which has kept that."""
        self.state_and_backup[: self.size] = self.state_and_backup[self.size :]

    def put(self, state: Mapping[str, Mapping[str, Float32]]) -> None:
        """Sets the state; arrays [1, size] are for every row."""
        for name, arrays in self.arrays.items():
            for role, values in arrays.items():
                values[...] = state[name][role]


class Job:
    """So many time steps in one call: fill `x`, `call()`, read `y` if that gave 1.

    If it gave 0, the state is what it was: an id is none, or a number of the input or of those that
    [finite-1] names is not finite.
    """

    def __init__(self, tape: Tape, memory: Memory, steps: int, *, is_whole: bool = False) -> None:
        """`is_whole`: `logits` has all steps."""
        rows, tokens = memory.rows, tape.tokens is not None
        room = steps if is_whole else min(steps, max(1, _ROWS // rows))
        widths = {name: width for name, width in tape.buffers.items() if width}
        sizes = {n: rows * w * (1 if n == SCRATCH else room) for n, w in widths.items()}
        self.tape, self.memory = tape, memory  # what the addresses below lead to lives as long
        self.steps = steps
        self.buffers = {name: aligned(size) for name, size in sizes.items()}
        shape = (steps, rows) if tokens else (steps, rows, tape.input_width)
        x = np.zeros(shape, np.int32 if tokens else np.float32)
        y = np.zeros((steps, rows, tape.output_width), np.float32)
        self.x = x.swapaxes(0, 1)  # [rows, steps] or [rows, steps, size]
        self.y = y.swapaxes(0, 1)  # [rows, steps, width]
        self.dtype, self.shape = x.dtype, self.x.shape  # of what is plainly right
        self.size = x.size + y.size + sum(sizes.values())
        self.logits = self._rows(tape.logits, room)
        self.job = self._prepared(tape, room, address(x), address(y))
        # Without arguments: all that it takes stands still from now on.
        self.call: Callable[[], int] = partial(tape.library.do, ctypes.byref(self.job))

    def takes(self, x: object) -> bool:
        """Writes x where it belongs if it is plainly right; what is not is judged elsewhere."""
        if type(x) is np.ndarray and x.shape == self.shape:
            if x.dtype is self.dtype:
                self.x[...] = x
                return True
            if x.dtype is _INT64 and self.dtype is _INT32:
                self.x[...] = x
                return bool((self.x == x).all())
        return False

    def taken(self, x: Float32 | Ids, *, logits: bool = False) -> Float32:
        """The output for what was checked, or the logits of SPEC 15. Raises RUN_NONFINITE."""
        self.x[...] = x
        if not self.call():
            raise failure(codes.RUN_NONFINITE, "input")
        y = self.logits if logits and self.logits is not None else self.y
        return y.copy()

    def _rows(self, place: Place | None, room: int) -> Float32 | None:
        """The logits [rows, room, width], where they are not the output."""
        if place is None:
            return None
        count = room * self.memory.rows
        rows = self.buffers[place.buffer][: count * place.stride]
        values = rows.reshape(room, self.memory.rows, place.stride)
        return values[:, :, : self.y.shape[2]].swapaxes(0, 1)

    def _prepared(self, tape: Tape, room: int, x: int, y: int) -> Steps:
        """What the kernel is called with."""
        addresses: dict[str, int | None] = {n: address(b) for n, b in self.buffers.items()}
        addresses |= {INPUT: None, OUTPUT: None}
        memory = self.memory
        calls = (Call * len(tape.calls))()
        for call, of in zip(calls, tape.calls, strict=True):
            call.call, call.function, call.width = of.kind, of.sweep, of.width
            call.x_stride, call.y_stride, call.start_stride = of.x.stride, of.y.stride, of.rows
            call.alpha, call.beta = of.alpha, of.beta
            call.x, call.y = addresses[of.x.buffer], addresses[of.y.buffer]
            W = of.W.data if isinstance(of.W, Matrix) else of.W
            call.W = None if W is None else address(W)
            call.Rn = None if of.Rn is None else address(of.Rn.data)
            call.start = None if of.start is None else address(of.start)
            call.h = None if of.h is None else memory.addresses[of.h]
            call.c = None if of.c is None else memory.addresses[of.c]
            if of.scratch is not None:
                call.c = addresses[of.scratch.buffer]
        net = Net(
            calls=calls,
            count=len(calls),
            rows=memory.rows,
            steps=room,
            input_width=tape.input_width,
            output_width=tape.output_width,
            state=address(memory.state_and_backup),
            backup=address(memory.state_and_backup) + 4 * memory.size,
            state_size=memory.size,
        )
        return Steps(net=ctypes.pointer(net), input=x, output=y, steps=self.steps)


class OneStep(Job):
    """One time step: `x` is [rows] or [rows, size], `y` and `decoded` are [rows, width]."""

    def __init__(self, tape: Tape, memory: Memory) -> None:
        super().__init__(tape, memory, 1)
        self.x, self.y = self.x[:, 0], self.y[:, 0]
        self.decoded = self.y if self.logits is None else self.logits[:, 0]
        self.shape = self.x.shape
        # One id or one number is written without numpy, and so is one number read.
        is_one = self.x.size == 1
        self.tokens = tape.tokens if is_one and tape.tokens is not None else 0
        self.shape_of_one = self.shape if is_one else None
        self.dtype_of_one = self.dtype if tape.tokens is None else _INT64
        self.id = ctypes.c_int32.from_address(address(self.x))
        self.number = ctypes.c_float.from_address(address(self.x))
        self.result = ctypes.c_float.from_address(address(self.y)) if self.y.size == 1 else None

    def takes(self, x: object) -> bool:
        """See Job; and an id as argmax gives it."""
        given = x[0] if type(x) is list and len(x) == 1 else x
        if type(given) is not np.int64:
            return super().takes(x)
        token = int(given)
        self.id.value = token
        return 0 <= token < self.tokens

    def direct(self, otherwise: Step) -> Step | None:
        """`otherwise(x, out=None)`, a step, as a function of the kernel, if an id is a step here."""
        if not self.tokens:
            return None
        return direct_step(self.tape.library, self.job, self.y, self.tokens, otherwise)


def tape_for(plan: Plan, lengths: npt.ArrayLike | None, valid: Mask) -> Tape | None:
    """The tape of a plan, if it does for this call: every row has every step, and there are some."""
    tape = plan.tape
    if tape is None or lengths is not None or not 1 <= valid.shape[1] <= tape.most_steps:
        return None
    return tape


def timed(plan: Plan, y: Float32) -> Float32:
    """[N, T, width] as the net gives it: without time where it has none."""
    return y if plan.has_time else y[:, 0]


def again(plan: Plan, x: object) -> tuple[Float32, State] | None:
    """The output for x from the initial state, and the state after it; None if that needs a closer look.

    As `on_tape`, with a job of an earlier call, where x is plainly right: checking takes as long as
    two steps of a large net, or twenty of a small one.
    """
    tape = plan.tape
    if tape is None or type(x) is not np.ndarray or x.ndim < 2:
        return None
    key = *x.shape[:2], False
    job = tape.idle.pop(key, None)
    if not isinstance(job, Job):
        return None
    found = None
    if job.takes(x):
        job.memory.put({name: layer.initial for name, layer in plan.recurrent.items()})
        if job.call():
            found = job.y.copy(), job.memory.state()
    tape.idle[key] = job
    return found


def on_tape(tape: Tape, x: Float32 | Ids, state: State, *, logits: bool = False) -> Float32:
    """The output for x [N, T] or [N, T, size] after T, or the logits; `state` moves on."""
    rows, steps = x.shape[:2]
    key = rows, steps, logits
    job = tape.idle.pop(key, None)  # one caller at a time has it
    if not isinstance(job, Job):
        job = Job(tape, Memory(tape, rows), steps, is_whole=logits)
    job.memory.put(state)
    y = job.taken(x, logits=logits)
    state.update(job.memory.state())
    if job.size <= _LARGE:
        if len(tape.idle) >= _MOST_IDLE:
            tape.idle.clear()
        tape.idle[key] = job
    return y


def address(array: npt.NDArray[np.generic]) -> int:
    """Where an array stands."""
    return int(array.ctypes.data)
