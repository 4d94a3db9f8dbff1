"""Arguments: what callers give to a run, judged in the order of [run-5], and states (SPEC 14)."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias, cast

import numpy as np
import numpy.typing as npt

from rnnspec import codes
from rnnspec.cells.chain import Ids
from rnnspec.issue import RnnspecError, escaped, failure, listed, quoted
from rnnspec.plan import Plan, Stage
from rnnspec.tensor import Float32, tiny

State: TypeAlias = dict[str, dict[str, Float32]]  # recurrent layer → h, c, … → [N, size]
GivenState: TypeAlias = Mapping[str, Mapping[str, npt.ArrayLike]]
Mask: TypeAlias = npt.NDArray[np.bool_]


def checked_input(
    plan: Plan,
    given: npt.ArrayLike,
    lengths: npt.ArrayLike | None,
    batch: int | None = None,
) -> tuple[Float32 | Ids, Mask]:
    """The input, 0 where it does not exist, and where it does exist [N, T]."""
    array = as_array(given, "input")
    rows = "N" if batch is None else str(batch)
    expected = (
        f"ids [{rows}, T]" if plan.tokens is not None else f"numbers [{rows}, T, {plan.size}]"
    )
    is_shaped = array.ndim == 2 if plan.tokens is not None else array.shape[2:] == (plan.size,)
    if array.ndim < 2 or not is_shaped or len(array) == 0 or batch not in {None, len(array)}:
        raise shape_failure("input", expected, array)
    N, T = array.shape[:2]
    if plan.tokens is None and array.dtype.kind not in "fiu":
        raise shape_failure("input", expected, array)
    valid = np.ones((N, T), np.bool_)
    if lengths is not None:
        valid = np.arange(T) < _checked_lengths(lengths, N, T)[:, None]
    if plan.tokens is not None:
        ids = np.zeros((N, T), np.int64)
        ids[valid] = _checked_ids(array[valid], plan.tokens)
        return ids, valid
    if lengths is not None:
        array = np.where(valid[:, :, None], array, 0)
    numbers = _rounded(array)
    finite = np.isfinite(numbers)
    if not finite.all():
        got = numbers[~finite][0]
        raise failure(codes.RUN_NONFINITE_INPUT, "input", name="input", got=got)
    return tiny(numbers), valid


def _rounded(numbers: npt.NDArray[np.generic]) -> Float32:
    """As float32; the array itself if it is."""
    if numbers.dtype == np.float32:
        return cast(Float32, numbers)
    with np.errstate(all="ignore"):
        return numbers.astype(np.float32)


def _checked_lengths(given: npt.ArrayLike, N: int, T: int) -> Ids:
    """Integers [N] from 0 to T."""
    array = as_array(given, "lengths")
    if array.shape != (N,):
        raise shape_failure("lengths", f"integers [{N}]", array)
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


def checked_state(plan: Plan, given: GivenState | None, N: int) -> State:
    """A state of this plan after T, in arrays of our own."""
    if given is None:
        return initial_state(plan, N)
    wanted = initial_state(plan, N)
    if set(given) != set(wanted):
        expected = f"the layers {listed(wanted)}" if wanted else "no layer"
        raise _state_failure(expected, listed(map(str, given)))
    for name, arrays in wanted.items():
        if set(given[name]) != set(arrays):
            got = f"{escaped(name)} with {listed(map(str, given[name]))}"
            raise _state_failure(f"{escaped(name)} with {listed(arrays)}", got)
        for role in arrays:
            array = as_array(given[name][role], "state")
            shape = arrays[role].shape
            if array.shape != shape or array.dtype.kind not in "fiu":
                place = escaped(f"{name}.{role}")
                got = f"{array.dtype} {list(array.shape)}"
                raise _state_failure(f"{place} {list(shape)}", escaped(got))
            arrays[role] = tiny(_rounded(array))
    for name, arrays in wanted.items():
        for role, values in arrays.items():
            if not np.isfinite(values).all():
                place = escaped(f"{name}.{role}")
                got = values[~np.isfinite(values)][0]
                raise failure(codes.RUN_NONFINITE_INPUT, "state", name=place, got=got)
    return wanted


def initial_state(plan: Plan, N: int) -> State:
    """What the layers begin with, in every row ([run-2])."""
    return {
        name: {role: first.repeat(N, axis=0) for role, first in layer.initial.items()}
        for name, layer in plan.recurrent.items()
    }


def copied(state: State) -> State:
    """A state in arrays of its own."""
    return {
        name: {role: values.copy() for role, values in arrays.items()}
        for name, arrays in state.items()
    }


def checked_probe(plan: Plan, probe: str | Sequence[str]) -> dict[str, Stage]:
    """The layers that a caller names, each once ([run-8])."""
    found = {}
    for name in [probe] if isinstance(probe, str) else probe:
        if name not in plan.stages:
            expected, got = f"one of the layers {listed(plan.stages)}", quoted(str(name))
            raise failure(codes.RUN_OPTION, "probe", name="probe", expected=expected, got=got)
        found[name] = plan.stages[name]
    return found


def as_array(given: npt.ArrayLike, name: str) -> npt.NDArray[np.generic]:
    """What numpy makes of an argument."""
    try:
        return np.asarray(given)
    except (ValueError, TypeError, OverflowError):
        raise failure(
            codes.RUN_SHAPE, name, name=name, expected="an array", got="lists of unequal length"
        ) from None


def shape_failure(name: str, expected: str, array: npt.NDArray[np.generic]) -> RnnspecError:
    """An argument of another shape or dtype."""
    got = f"{array.dtype} {list(array.shape)}"
    return failure(codes.RUN_SHAPE, name, name=name, expected=expected, got=got)


def _state_failure(expected: str, got: str) -> RnnspecError:
    return failure(codes.RUN_STATE, "state", expected=expected, got=got)
