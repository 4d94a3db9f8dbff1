"""Loop: a checked input through the stages of a plan, block by block of time steps (SPEC 13, 14)."""

from collections.abc import Collection, Iterator
from itertools import groupby
from typing import Final, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from rnnspec import codes
from rnnspec.cells.chain import Ids, Rows
from rnnspec.issue import failure
from rnnspec.merge import reversal
from rnnspec.plan import LastStep, Merged, OneHot, Plan, Recurrent, TimeReverse, Way, one_hot
from rnnspec.plan.fused import Fused
from rnnspec.plan.stages import Rowwise, Stage
from rnnspec.run.arguments import Mask, State
from rnnspec.tensor import Float32

# For a time step with rows: which of the batch they are, and where they stand among the block's.
Step: TypeAlias = tuple[slice | npt.NDArray[np.intp], slice]

_ROWS: Final = 256  # rows of products, over several time steps, that are computed at once


def sequence(
    plan: Plan, x: Rows, valid: Mask, state: State, scratch: Float32, keep: Collection[int]
) -> dict[int, Float32]:
    """The values at the places of `keep`, float32 [N, T, width] or [N, width]; `state` moves on.

    x is [N, T] or [N, T, size], `valid` [N, T]. All layers take a block of time steps before the next
    block: its valid steps as rows [M, ·], time step after time step, so that only few layers need to
    know about time. A net that is not forward takes all time steps as one block. Behind a layer that
    takes time away, layers work once, on rows [N, ·].
    """
    N, T = valid.shape
    kept = {
        stage.place: np.zeros((N, T, stage.width), np.float32)
        for stage in plan.timed
        if stage.place in keep and stage.has_time
    }
    if 0 in keep:  # of features: a softmax reads it
        kept[0] = cast(Float32, x)
    ends = {  # what has lost its time, by its place
        stage.place: np.zeros((N, stage.width), np.float32)
        for stage in plan.timed
        if isinstance(stage.work, LastStep)
    }
    steps = max(1, _ROWS // N) if plan.is_forward else max(1, T)
    with np.errstate(all="ignore"):
        for first in range(0, T, steps):
            part = slice(first, first + steps)
            present = valid[:, part].T  # [steps, N]
            if not present.any():
                break
            block = _Block(present, state, scratch)
            values: dict[int, Rows] = {0: x[:, part].swapaxes(0, 1)[present]}
            for stage in plan.timed:
                y = block.work(stage, values, ends)
                if stage.place in kept:
                    rows = one_hot(cast(Ids, y), stage.width) if y.ndim == 1 else y
                    kept[stage.place][:, part].swapaxes(0, 1)[present] = rows
        for stage in plan.timed:
            if isinstance(stage.work, Recurrent) and stage.work.is_final:
                ends[stage.place] = _final(stage.work, state[stage.name])
        for stage in plan.timeless:
            ends[stage.place] = _checked(_rowwise(stage, ends, scratch))
    return kept | {place: ends[place] for place in keep if place in ends}


class _Block:
    """Some time steps of a call."""

    def __init__(self, present: Mask, state: State, scratch: Float32) -> None:
        self.present = present  # [steps, N]
        self.steps = list(_steps(present))
        self.state = state
        self.scratch = scratch

    def work(self, stage: Stage, values: dict[int, Rows], ends: dict[int, Float32]) -> Rows:
        """The rows [M, width] of a stage, which go among the values; nothing, if time ends here."""
        match stage.work:
            case Recurrent() as layer:
                x = values[stage.reads[0]]
                y: Rows = self.recurrent(layer, x, self.state[stage.name])
            case LastStep():
                y = values[stage.reads[0]]
                for active, rows in self.steps:
                    ends[stage.place][active] = y[rows]
            case TimeReverse():
                y = values[stage.reads[0]][reversal(self.present)]
            case OneHot() as layer:
                y = layer(values[stage.reads[0]], self.scratch)
            case _:
                y = _checked(_rowwise(stage, values, self.scratch))
        for place in stage.frees:
            del values[place]
        if stage.has_time:
            values[stage.place] = y
        return y

    def recurrent(self, layer: Recurrent, x: Rows, state: dict[str, Float32]) -> Float32:
        """The h of every row, merged if there are two: [M, width]."""
        outputs = [_checked(self.way(way, x, state)) for way in layer.ways]
        if layer.merge is None or layer.is_final:
            return outputs[0]
        return _checked(layer.merge(outputs))

    def way(self, way: Way, x: Rows, state: dict[str, Float32]) -> Float32:
        """The h of every row [M, P]. Products with W for many rows at once, then step by step."""
        count = max(1, _ROWS // self.present.shape[1])
        output = np.empty((len(x), way.width), np.float32)
        arrays = [state[name] for name in way.arrays]
        steps = self.steps[::-1] if way.is_backward else self.steps
        for first in range(0, len(steps), count):
            part = steps[first : first + count]
            low = min(part[0][1].start, part[-1][1].start)
            high = max(part[0][1].stop, part[-1][1].stop)
            if way.fused is not None:
                _fuse(way, way.fused, x, part, arrays, output)
                continue
            cell = way.cell
            start = np.broadcast_to(cell.start, (high - low, cell.start.shape[1]))
            inputs = cell.W(start, x[low:high], self.scratch)
            for active, rows in part:
                products = inputs[rows.start - low : rows.stop - low]
                before = tuple(array[active] for array in arrays)
                after = cell.step(products, before, self.scratch)
                for array, values in zip(arrays, after, strict=True):
                    array[active] = values
                output[rows] = after[0]
        # An infinite or NaN c never becomes finite again, so the last one speaks for all.
        for array in arrays:
            _checked(array)
        return output


def _fuse(
    way: Way, fused: Fused, x: Rows, steps: list[Step], arrays: list[Float32], output: Float32
) -> None:
    """Time steps, in the order of the way, in one call for those of the same rows of the batch."""
    # Lengths only ever end rows, so as many rows are the same rows.
    for n, group in groupby(steps, key=lambda step: step[1].stop - step[1].start):
        same = list(group)
        active, ends = same[0][0], (same[0][1], same[-1][1])
        rows = slice(min(end.start for end in ends), max(end.stop for end in ends))
        part = _turned(x[rows], n) if way.is_backward else x[rows]
        y, after = fused.over(part, tuple(array[active] for array in arrays))
        for array, values in zip(arrays, after, strict=True):
            array[active] = values
        output[rows] = _turned(y, n) if way.is_backward else y


def _turned(rows: Rows, n: int) -> Rows:
    """Rows of time steps of n, in the other order of time."""
    turned: Rows = rows.reshape(-1, n, *rows.shape[1:])[::-1].reshape(rows.shape)
    return turned


def _rowwise(
    stage: Stage, values: dict[int, Rows] | dict[int, Float32], scratch: Float32
) -> Float32:
    """The rows of a stage that knows nothing of time."""
    if isinstance(stage.work, Merged):
        return stage.work.of([values[place] for place in stage.reads])
    if isinstance(stage.work, Rowwise):
        return stage.work(values[stage.reads[0]], scratch)
    raise TypeError(f"compile puts no {type(stage.work).__name__} here")


def _final(layer: Recurrent, state: dict[str, Float32]) -> Float32:
    """[final-1]: [N, width], an array of its own."""
    last = [state[way.arrays[0]] for way in layer.ways]
    return last[0].copy() if layer.merge is None else _checked(layer.merge(last))


def _checked(y: Float32) -> Float32:
    """[finite-1]."""
    if not np.isfinite(y).all():
        raise failure(codes.RUN_NONFINITE, "input")
    return y


def _steps(present: Mask) -> Iterator[Step]:
    """The time steps of a block that have rows."""
    first = 0
    for row in present:
        count = int(np.count_nonzero(row))
        if count:
            active = slice(None) if count == len(row) else np.flatnonzero(row)
            yield active, slice(first, first + count)
        first += count
