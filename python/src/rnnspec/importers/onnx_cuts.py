"""onnx_cuts: operators that take a part of constants, sizes, directions, of time its ends; and embeddings."""

from itertools import pairwise
from typing import Final, cast

import numpy as np

from rnnspec.importers.onnx_file import Node
from rnnspec.importers.onnx_reading import Reading
from rnnspec.importers.onnx_shapes import Inputs, constant, integers, sizes_of
from rnnspec.importers.onnx_turns import rank_of
from rnnspec.importers.onnx_values import (
    BATCH,
    FEATURES,
    STACK,
    TIME,
    Atom,
    Axis,
    Const,
    Flow,
    Given,
    Rows,
    Sizes,
    Value,
    index,
    known,
    refused,
    size_of,
    take,
    told,
)

_FAR: Final = 2**31 - 2  # a Slice that goes on to the end says so with a number beyond this


def slice_operator(reading: Reading, node: Node, inputs: Inputs) -> list[Value]:
    """Slice: of constants, sizes and directions whatever it is; of time the last step, the first, or the order reversed."""
    data = inputs[0]
    if isinstance(data, Given):
        return [data]
    if "starts" in node.attributes:  # before opset 10
        parts = [node.attributes.get(name) for name in ("starts", "ends", "axes")]
        lists = [[int(n) for n in part] if isinstance(part, tuple) else None for part in parts]
        steps = None
    else:
        values = inputs[1:5]
        lists = [None if v is None else integers(node, v, "places") for v in values[:3]]
        steps = None if values[3] is None else integers(node, values[3], "steps")
    starts, ends, axes = lists
    rank = 1 if isinstance(data, Sizes) else rank_of(node, data)
    if starts is None or ends is None:
        raise refused(node, "has no starts or ends")
    where = [index(a, rank, node) for a in axes] if axes is not None else [*range(len(starts))]
    if not len(starts) == len(ends) == len(where) == len(steps or starts):
        raise refused(node, "has starts, ends, axes and steps of several lengths")
    for k, axis in enumerate(where):
        step = steps[k] if steps else 1
        if step == 0:
            raise refused(node, "has a step of 0")
        data = sliced(reading, node, data, axis, _python(starts[k], ends[k], step))
    assert data is not None, "_rank"
    return [data]


def reverse_sequence(reading: Reading, node: Node, inputs: Inputs) -> list[Value]:
    """ReverseSequence of whole rows, as exporters of TensorFlow write it."""
    flow, lengths = inputs[0], inputs[1]
    time, batch = (
        node.attributes.get(name, k) for k, name in enumerate(("time_axis", "batch_axis"))
    )
    if not isinstance(flow, Flow) or {time, batch} != {0, 1} or len(flow.axes) < 2:
        raise refused(node, "reverses what is no sequence")
    axis = 0 if time == 0 else 1
    size = size_of(flow.axes[axis])
    is_whole = isinstance(lengths, Rows) and lengths.size == size
    if isinstance(lengths, Const) and isinstance(size, int):
        is_whole = bool((lengths.array == size).all())
    if not is_whole:
        raise refused(
            node,
            "reverses rows by lengths of their own: lengths belong to a call here; export the net without them",
        )
    take(flow.axes[1 - axis], BATCH, node)
    return [sliced(reading, node, flow, axis, slice(None, None, -1))]


def _python(start: int, end: int, step: int) -> slice:
    """ONNX's slice as Python's: beyond everything is the end, or the beginning where steps are negative."""
    if step > 0:
        return slice(start, None if end >= _FAR else end, step)
    return slice(None if start >= _FAR else start, None if end < -_FAR else end, step)


def sliced(reading: Reading, node: Node, data: Value | None, axis: int, part: slice) -> Value:
    """A part of one axis. Raises Refused."""
    if isinstance(data, Const):
        return Const(data.array[(slice(None),) * axis + (part,)], node.outputs[0])
    if isinstance(data, Sizes):
        return sizes_of(data.items[part], node)
    flow = cast(Flow, data)
    size = known(flow.axes[axis])
    if part in (slice(0, None, 1), slice(None, None, 1)) or (
        size is not None and part.indices(size) == (0, size, 1)
    ):
        return flow
    role = role_of(flow.axes[axis])
    if role == STACK:
        return _chosen(node, flow, axis, flow.layers[part], keep=True)
    if role in {TIME, None} and part in (slice(None, None, -1), slice(-1, None, -1)):
        take(flow.axes[axis], TIME, node)
        return _counted(reading, node, reading.layer(flow, "time_reverse"))
    if role == TIME:
        if part == slice(-1, None, 1) or (
            size is not None and part.indices(size) == (size - 1, size, 1)
        ):
            return _step(reading, node, flow, axis, last=True, keep=True)
        if part == slice(0, 1, 1):
            return _step(reading, node, flow, axis, last=False, keep=True)
    if role == FEATURES and size is not None and part.step == 1:
        found = _features(reading, flow, axis, *part.indices(size)[:2])
        if found is not None:
            return found
    raise refused(
        node,
        f"cuts {told(flow.axes)} along the axis {axis}: of steps only the last, the first, and all in reverse can be taken, of features what was put side by side before",
    )


def _features(reading: Reading, flow: Flow, axis: int, start: int, stop: int) -> Flow | None:
    """Those features of a concat that one of its inputs gave."""
    parts = [reading.draft.part(k, start, stop) for k in flow.layers]
    layers = tuple(part for part in parts if part is not None)
    if len(layers) < len(parts):
        return None
    wide = (Atom(FEATURES, stop - start),)
    return Flow((*flow.axes[:axis], wide, *flow.axes[axis + 1 :]), layers)


def role_of(axis: Axis) -> str | None:
    """What the axis is of, where that is one thing."""
    roles = [atom.role for atom in axis if atom.size != 1]
    return roles[0] if len(roles) == 1 else None


def _counted(reading: Reading, node: Node, flow: Flow) -> Flow:
    reading.counting.append(str(node))
    return flow


def _step(reading: Reading, node: Node, flow: Flow, axis: int, *, last: bool, keep: bool) -> Flow:
    """The last step or the first, with an axis of 1 for time or without."""
    if not last:
        flow = reading.layer(flow, "time_reverse")
    kept: tuple[Axis, ...] = ((),) if keep else ()
    axes = flow.axes[:axis] + kept + flow.axes[axis + 1 :]
    return _counted(reading, node, reading.layer(Flow(axes, flow.layers), "last_step"))


def _chosen(node: Node, flow: Flow, axis: int, layers: tuple[int, ...], *, keep: bool) -> Flow:
    """Some of the directions, or of the states in one array."""
    if not layers:
        raise refused(node, "takes none of the directions")
    left: tuple[Axis, ...] = ((Atom(STACK, len(layers)),) if len(layers) > 1 else (),)
    return Flow(flow.axes[:axis] + (left if keep else ()) + flow.axes[axis + 1 :], layers)


def gather(reading: Reading, node: Node, inputs: Inputs) -> list[Value]:
    """Gather: an embedding, where ids choose rows; else one place of an axis."""
    data, at = inputs[0], inputs[1]
    axis = node.attributes.get("axis", 0)
    if isinstance(data, Const) and isinstance(at, Flow):
        return [_embedded(reading, node, data, at, axis)]
    if isinstance(data, Given):
        return [data]
    if isinstance(data, Sizes):
        places = integers(node, at, "places")
        if any(not -len(data.items) <= place < len(data.items) for place in places):
            raise refused(node, "takes a size that is not there")
        return [
            sizes_of(
                tuple(data.items[k] for k in places),
                node,
                is_vector=constant(node, at, "").ndim > 0,
            )
        ]
    rank = rank_of(node, data)
    k = index(axis, rank, node)
    places = integers(node, at, "places")
    if isinstance(data, Const):
        size = data.array.shape[k]
        if any(not -size <= place < size for place in places):
            raise refused(node, "takes a place that is not there")
        reading.room(data.array.size // max(size, 1) * len(places))
        return [Const(np.take(data.array, constant(node, at, ""), k), node.outputs[0])]
    flow = cast(Flow, data)
    keep = constant(node, at, "").ndim == 1
    if constant(node, at, "").ndim > 1 or len(places) != 1:
        raise refused(node, "takes several places at once, and one alone can be followed")
    return [_place(reading, node, flow, k, places[0], keep=keep)]


def _place(reading: Reading, node: Node, flow: Flow, k: int, place: int, *, keep: bool) -> Flow:
    size = known(flow.axes[k])
    if size is not None and not -size <= place < size:
        raise refused(node, "takes a place that is not there")
    if size == 1:
        return Flow(flow.axes if keep else flow.axes[:k] + flow.axes[k + 1 :], flow.layers)
    role = role_of(flow.axes[k])
    if role == STACK:
        return _chosen(node, flow, k, (flow.layers[place],), keep=keep)
    if role == TIME and (place == -1 or (size is not None and place == size - 1)):
        return _step(reading, node, flow, k, last=True, keep=keep)
    if role == TIME and place == 0:
        return _step(reading, node, flow, k, last=False, keep=keep)
    raise refused(
        node,
        f"takes the place {place} of {told([flow.axes[k]])}: of steps only the last and the first can be taken",
    )


def _embedded(reading: Reading, node: Node, table: Const, ids: Flow, axis: object) -> Flow:
    if axis != 0 or table.array.ndim != 2 or ids.layers != (0,):
        raise refused(
            node, "chooses by numbers that are no ids of the net's input, or from what is no table"
        )
    if table.array.dtype.kind != "f":
        raise refused(node, "chooses from a table that is not of floating point")
    count, width = table.array.shape
    reading.table = count
    k = reading.draft.add("embedding", (0,), {"size": width}, {"E": table.array}, str(node))
    return Flow((*ids.axes, (Atom(FEATURES, width),)), (k,))


def split(reading: Reading, node: Node, inputs: Inputs) -> list[Value]:
    """Split: of constants and directions."""
    data = inputs[0]
    if isinstance(data, Given):
        return [data] * len(node.outputs)
    rank = rank_of(node, data)
    axis = index(node.attributes.get("axis", 0), rank, node)
    size = data.array.shape[axis] if isinstance(data, Const) else known(cast(Flow, data).axes[axis])
    given = node.attributes.get("split")
    count = len(node.outputs)
    if isinstance(given, tuple):
        parts = [int(part) for part in given]
    elif inputs[1] is not None:
        parts = integers(node, inputs[1], "parts")
    else:
        each = -(-(size or 0) // count)
        parts = [each] * (count - 1) + [(size or 0) - each * (count - 1)]
    if sum(parts) != size or len(parts) != count or min(parts) < 0:
        raise refused(node, f"splits an axis of {size} into {parts}")
    bounds = [sum(parts[:k]) for k in range(count + 1)]
    return [sliced(reading, node, data, axis, slice(a, b, 1)) for a, b in pairwise(bounds)]
