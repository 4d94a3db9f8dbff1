"""Run: inputs and a state → outputs and a state (SPEC 14)."""

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from rnnspec import codes
from rnnspec.cells.chain import Ids
from rnnspec.issue import RnnspecError, escaped, failure, listed
from rnnspec.plan import LastStep, OneHot, Plan, Recurrent, Stage
from rnnspec.tensor import Float32, tiny
from rnnspec.vocabulary import is_integer

State: TypeAlias = dict[str, dict[str, Float32]]  # recurrent layer → h, c → [N, H]
GivenState: TypeAlias = Mapping[str, Mapping[str, npt.ArrayLike]]
Mask: TypeAlias = npt.NDArray[np.bool_]

_ROWS: Final = 256  # rows of products, over several time steps, that are computed at once


def run(
    plan: Plan,
    input: npt.ArrayLike,
    lengths: npt.ArrayLike | None = None,
    state: GivenState | None = None,
) -> tuple[Float32, State]:
    """The output and the state after it, for `input` from `state` (SPEC 14).

    `input` is ids [N, T] or numbers [N, T, size]: lists, or arrays of any real dtype, which are
    copied and rounded to float32. `lengths` gives each row's number of valid steps, [N]; what is
    beyond is not read, and +0 in the output. `state` maps each recurrent layer to its arrays [N, H],
    as a call returned them; without it they are the layers' initial ones.

    The output is float32 [N, T, width], or [N, width] where the net takes time away ([layer-5]).

    Raises RnnspecError with the first fault ([run-5]): RUN_SHAPE, RUN_LENGTH, RUN_TOKEN,
    RUN_NONFINITE_INPUT, RUN_STATE; and RUN_NONFINITE if the net overflows ([finite-1]).
    """
    x, valid = _checked_input(plan, input, lengths)
    after = _checked_state(plan, state, len(valid))
    scratch = np.empty(plan.scratch, np.float32)
    output, _ = _sequence(plan, x, valid, after, scratch)
    return output, after


class Session:
    """A state that goes on from call to call, for `batch` rows.

    A Session belongs to one thread at a time. Sessions of one plan are independent of each other. A
    call that fails leaves the state as it was.

    Raises RnnspecError for a batch that is no integer of at least 1 (RUN_OPTION).
    """

    def __init__(self, plan: Plan, batch: int = 1) -> None:
        if not is_integer(batch) or batch < 1:
            expected, got = "an integer of at least 1", escaped(str(batch))
            raise failure(codes.RUN_OPTION, "batch", name="batch", expected=expected, got=got)
        self.plan = plan
        self.batch = int(batch)
        self._scratch = np.empty(plan.scratch, np.float32)
        self._state = _initial_state(plan, self.batch)

    def step(self, x: npt.ArrayLike, out: Float32 | None = None) -> Float32:
        """One time step: ids [N] or numbers [N, size] → float32 [N, width], in `out` if it is given.

        Raises what `run` raises; RUN_SHAPE for an `out` of another shape or dtype.
        """
        if out is not None:
            self._check_out(out)
        output, _ = self._advance(self._one_step(x), None)
        y = output[:, 0] if self.plan.has_time else output
        if out is None:
            return y
        out[...] = y
        return out

    def run(self, input: npt.ArrayLike, lengths: npt.ArrayLike | None = None) -> Float32:
        """As the function `run`, from this session's state and on."""
        return self._advance(input, lengths)[0]

    def logits(self, x: npt.ArrayLike) -> Float32:
        """As `step`, but gives the logits of SPEC 15: what a last softmax or log_softmax reads."""
        return self._advance(self._one_step(x), None)[1]

    def state(self) -> State:
        """A copy of the state."""
        return _copied(self._state)

    def restore(self, state: GivenState) -> None:
        """Sets the state, after T. Raises RUN_STATE, RUN_NONFINITE_INPUT."""
        self._state = _checked_state(self.plan, state, self.batch)

    def reset(self) -> None:
        """Goes back to the initial state."""
        self._state = _initial_state(self.plan, self.batch)

    def fork(self) -> "Session":
        """A second session with a copy of the state."""
        other = Session(self.plan, self.batch)
        other._state = self.state()
        return other

    def _check_out(self, out: Float32) -> None:
        shape = (self.batch, self.plan.width)
        if out.shape != shape or out.dtype != np.float32:
            raise _shape_failure("out", f"float32 {list(shape)}", out)

    def _one_step(self, x: npt.ArrayLike) -> npt.NDArray[np.generic]:
        """[N, 1] or [N, 1, size] of what was given for one step."""
        array, plan = _array(x, "x"), self.plan
        wanted = (self.batch,) if plan.tokens is not None else (self.batch, plan.size)
        if array.shape != wanted:
            kind = "ids" if plan.tokens is not None else "numbers"
            raise _shape_failure("x", f"{kind} {list(wanted)}", array)
        return array[:, None]

    def _advance(
        self, given: npt.ArrayLike, lengths: npt.ArrayLike | None
    ) -> tuple[Float32, Float32]:
        x, valid = _checked_input(self.plan, given, lengths, self.batch)
        after = _copied(self._state)
        result = _sequence(self.plan, x, valid, after, self._scratch)
        self._state = after
        return result


# --- the time loop --------------------------------------------------------------------------------


def _sequence(
    plan: Plan, x: Float32 | Ids, valid: Mask, state: State, scratch: Float32
) -> tuple[Float32, Float32]:
    """The output, and the logits of the last block's rows; `state` moves on.

    All layers take a block of time steps before the next block: its valid steps as rows [M, ·], time
    step after time step, so that only recurrent layers need to know about time. Behind a layer that
    takes time away, layers work once on the rows [N, ·] that it leaves.
    """
    N, T = valid.shape
    ending = plan.ending
    output = np.zeros((N, T, plan.width) if ending is None else (N, 0), np.float32)
    last = np.zeros((N, ending.width if isinstance(ending, LastStep) else 0), np.float32)
    logits = output[:0, :0]
    steps = max(1, _ROWS // N)
    with np.errstate(all="ignore"):
        for first in range(0, T, steps):
            part = slice(first, first + steps)
            present = valid[:, part].T  # [steps, N]
            if not present.any():
                break
            rows = x[:, part].swapaxes(0, 1)[present]
            y, logits = _through(plan, plan.stages, rows, present, state, scratch)
            if ending is None:
                output[:, part].swapaxes(0, 1)[present] = y
            elif isinstance(ending, LastStep):
                for active, block in _steps(present):
                    last[active] = y[block]
        if ending is None:
            return output, logits
        if isinstance(ending, Recurrent):
            last = state[ending.name]["h"].copy()  # [final-1]
        return _through(plan, plan.timeless, last, None, state, scratch)


def _through(
    plan: Plan,
    stages: tuple[Stage, ...],
    x: Float32 | Ids,
    present: Mask | None,
    state: State,
    scratch: Float32,
) -> tuple[Float32, Float32]:
    """Output and logits of the rows x [M] or [M, size]: the present ones of a block, if there is time."""
    y, before = x, x
    for stage in stages:
        before = y
        if isinstance(stage, Recurrent):
            assert present is not None  # compile puts none behind the end of time
            y = _recurrent(stage, y, present, state[stage.name], scratch)
        else:
            y = stage(y, scratch)
        if not (isinstance(stage, OneHot) or np.isfinite(y).all()):
            raise failure(codes.RUN_NONFINITE, "input")
    logits = before if plan.ends_with_softmax else y
    return cast(Float32, y), cast(Float32, logits)


def _recurrent(
    stage: Recurrent, x: Float32 | Ids, present: Mask, state: dict[str, Float32], scratch: Float32
) -> Float32:
    """h of every row [M, H]. Products with W for all rows at once, then step by step."""
    cell = stage.cell
    start = np.broadcast_to(cell.start, (len(x), cell.start.shape[1]))
    inputs = cell.W(start, x, scratch)
    output = np.empty((len(x), stage.width), np.float32)
    arrays = [state[name] for name in stage.arrays]
    for active, rows in _steps(present):
        after = cell.step(inputs[rows], tuple(array[active] for array in arrays), scratch)
        for array, values in zip(arrays, after, strict=True):
            array[active] = values
        output[rows] = after[0]
    # An infinite or NaN c never becomes finite again, so the last one speaks for all.
    if not all(np.isfinite(array).all() for array in arrays):
        raise failure(codes.RUN_NONFINITE, "input")
    return output


def _steps(present: Mask) -> Iterator[tuple[slice | npt.NDArray[np.intp], slice]]:
    """For each time step with rows: which of the batch they are, and where among the block's."""
    first = 0
    for row in present:
        count = int(np.count_nonzero(row))
        if count:
            active = slice(None) if count == len(row) else np.flatnonzero(row)
            yield active, slice(first, first + count)
        first += count


# --- arguments, in the order of [run-5] -----------------------------------------------------------


def _checked_input(
    plan: Plan,
    given: npt.ArrayLike,
    lengths: npt.ArrayLike | None,
    batch: int | None = None,
) -> tuple[Float32 | Ids, Mask]:
    """The input, 0 where it does not exist, and where it does exist [N, T]."""
    array = _array(given, "input")
    rows = "N" if batch is None else str(batch)
    expected = (
        f"ids [{rows}, T]" if plan.tokens is not None else f"numbers [{rows}, T, {plan.size}]"
    )
    is_shaped = array.ndim == 2 if plan.tokens is not None else array.shape[2:] == (plan.size,)
    if array.ndim < 2 or not is_shaped or len(array) == 0 or batch not in {None, len(array)}:
        raise _shape_failure("input", expected, array)
    N, T = array.shape[:2]
    if plan.tokens is None and array.dtype.kind not in "fiu":
        raise _shape_failure("input", expected, array)
    valid = np.ones((N, T), np.bool_)
    if lengths is not None:
        valid = np.arange(T) < _checked_lengths(lengths, N, T)[:, None]
    if plan.tokens is not None:
        ids = np.zeros((N, T), np.int64)
        ids[valid] = _checked_ids(array[valid], plan.tokens)
        return ids, valid
    with np.errstate(all="ignore"):
        numbers = np.where(valid[:, :, None], array, 0).astype(np.float32)
    finite = np.isfinite(numbers)
    if not finite.all():
        got = numbers[~finite][0]
        raise failure(codes.RUN_NONFINITE_INPUT, "input", name="input", got=got)
    return tiny(numbers), valid


def _checked_lengths(given: npt.ArrayLike, N: int, T: int) -> Ids:
    """Integers [N] from 0 to T."""
    array = _array(given, "lengths")
    if array.shape != (N,):
        raise _shape_failure("lengths", f"integers [{N}]", array)
    for length in array.tolist():
        if not _is_integer(length) or not 0 <= length <= T:
            got = escaped(str(length))
            raise failure(codes.RUN_LENGTH, "lengths", expected=T, got=got)
    return array.astype(np.int64)


def _checked_ids(ids: npt.NDArray[np.generic], tokens: int) -> Ids:
    """Ids, integers from 0 to V−1."""
    if ids.dtype.kind in "iu":
        whole = cast(Ids, ids)
        bad = (whole < 0) | (whole >= tokens)
    else:
        bad = np.array([not _is_integer(i) or not 0 <= i < tokens for i in ids.tolist()], np.bool_)
    if bad.any():
        got = escaped(str(ids[bad][0]))
        raise failure(codes.RUN_TOKEN, "input", expected=tokens - 1, got=got)
    return ids.astype(np.int64)


def _is_integer(value: object) -> bool:
    """Whether a number's value is an integer; true is not 1."""
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


def _checked_state(plan: Plan, given: GivenState | None, N: int) -> State:
    """A state of this plan after T, in arrays of our own."""
    if given is None:
        return _initial_state(plan, N)
    wanted = _initial_state(plan, N)
    if set(given) != set(wanted):
        expected = f"the layers {listed(wanted)}" if wanted else "no layer"
        raise _state_failure(expected, listed(map(str, given)))
    for name, arrays in wanted.items():
        if set(given[name]) != set(arrays):
            got = f"{escaped(name)} with {listed(map(str, given[name]))}"
            raise _state_failure(f"{escaped(name)} with {listed(arrays)}", got)
        for role in arrays:
            array = _array(given[name][role], "state")
            shape = arrays[role].shape
            if array.shape != shape or array.dtype.kind not in "fiu":
                place = escaped(f"{name}.{role}")
                got = f"{array.dtype} {list(array.shape)}"
                raise _state_failure(f"{place} {list(shape)}", escaped(got))
            with np.errstate(all="ignore"):
                arrays[role] = tiny(array.astype(np.float32))
    for name, arrays in wanted.items():
        for role, values in arrays.items():
            if not np.isfinite(values).all():
                place = escaped(f"{name}.{role}")
                got = values[~np.isfinite(values)][0]
                raise failure(codes.RUN_NONFINITE_INPUT, "state", name=place, got=got)
    return wanted


def _initial_state(plan: Plan, N: int) -> State:
    """What the layers begin with, in every row ([run-2])."""
    return {
        name: {role: np.repeat(layer.initial[role], N, axis=0) for role in layer.arrays}
        for name, layer in plan.recurrent.items()
    }


def _copied(state: State) -> State:
    return {
        name: {role: values.copy() for role, values in arrays.items()}
        for name, arrays in state.items()
    }


def _array(given: npt.ArrayLike, name: str) -> npt.NDArray[np.generic]:
    """What numpy makes of an argument."""
    try:
        return np.asarray(given)
    except (ValueError, TypeError, OverflowError):
        raise failure(
            codes.RUN_SHAPE, name, name=name, expected="an array", got="lists of unequal length"
        ) from None


def _shape_failure(name: str, expected: str, array: npt.NDArray[np.generic]) -> RnnspecError:
    got = f"{array.dtype} {list(array.shape)}"
    return failure(codes.RUN_SHAPE, name, name=name, expected=expected, got=got)


def _state_failure(expected: str, got: str) -> RnnspecError:
    return failure(codes.RUN_STATE, "state", expected=expected, got=got)
