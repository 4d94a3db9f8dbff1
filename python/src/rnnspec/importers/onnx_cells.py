"""onnx_cells: the operators RNN, LSTM and GRU of ONNX, one layer for each direction.

W [D, G·H, I], R [D, G·H, H], B [D, 2·G·H] (those of W, then those of R), P [D, 3·H]; D directions, G gates: of an LSTM
i, o, f, c, its peepholes i, o, f; of a GRU z, r, h. Y is [T, D, N, H], Y_h and Y_c are [D, N, H]; with layout = 1
the batch comes first: [N, T, D, H] and [N, D, H].
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from rnnspec.importers.arrays import blocks
from rnnspec.importers.draft import Draft
from rnnspec.importers.onnx_file import Node
from rnnspec.importers.onnx_functions import functions_of
from rnnspec.importers.onnx_reading import Reading
from rnnspec.importers.onnx_tensors import Array
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
    Sizes,
    Value,
    refused,
    take,
    told,
)
from rnnspec.importers.refusal import Refused, ask, misfit

_GATES: Final = {"RNN": "h", "LSTM": "iofc", "GRU": "zrh"}
_OURS: Final = {"RNN": "h", "LSTM": "ifco", "GRU": "rzh"}
_DIRECTIONS: Final = {
    "forward": ("forward",),
    "reverse": ("reverse",),
    "bidirectional": ("forward", "reverse"),
}
_SHARED: Final = {
    "activations",
    "activation_alpha",
    "activation_beta",
    "clip",
    "direction",
    "hidden_size",
    "layout",
}
_OWN: Final = {"LSTM": {"input_forget"}, "GRU": {"linear_before_reset"}}
_TYPES: Final = {"RNN": "elman", "LSTM": "lstm", "GRU": "gru"}


@dataclass(frozen=True)
class _Operator:
    """A node and what its attributes say."""

    node: Node
    ways: tuple[str, ...]
    H: int
    batch_first: bool


def recurrent(reading: Reading, node: Node, inputs: Sequence[Value | None]) -> list[Value]:
    """Y, Y_h and Y_c of a node. Raises Refused."""
    x, W, R, B, lengths, h, c, P = inputs[:8]
    if not isinstance(x, Flow):
        raise refused(
            node,
            "reads what is no output of the net's layers: only the sequence itself can be read",
        )
    operator = _operator(node, R)
    axes = [1, 0, 2] if operator.batch_first else [0, 1, 2]
    if len(x.axes) != 3 or len(x.layers) != 1:
        raise refused(node, f"reads {told(x.axes)}, and a sequence has time, batch and features")
    time, batch, features = (x.axes[axis] for axis in axes)
    D, G, H = len(operator.ways), len(_GATES[node.op]), operator.H
    weights = {
        "W": _constant(node, "W", W, (D, G * H, None)),
        "R": _constant(node, "R", R, (D, G * H, H)),
        "B": _constant(node, "B", B, (D, 2 * G * H)),
        "P": _constant(node, "P", P, (D, 3 * H)),
    }
    assert weights["W"] is not None, "required"
    step, row = take(time, TIME, node), take(batch, BATCH, node)
    take(features, FEATURES, node, weights["W"].shape[2])
    reading.with_lengths.append((str(node), _takes_lengths(node, lengths, step)))
    starts = {"h0": _start(operator, "initial_h", h), "c0": _start(operator, "initial_c", c)}
    members = _members(reading, operator)
    cells = []
    for d, way in enumerate(operator.ways):
        direction = {} if way == "forward" else {"direction": way}
        roles = _roles(
            node, {name: w[d] for name, w in weights.items() if w is not None}, members[d]
        )
        roles |= {role: v[d] for role, v in starts.items() if v is not None and v[d].any()}
        one = {**members[d], **direction}
        cells.append(reading.draft.add(_TYPES[node.op], x.layers, one, roles, str(node)))
    return _outputs(reading.draft, operator, tuple(cells), step, row)


def _outputs(
    draft: Draft, operator: _Operator, cells: tuple[int, ...], step: Atom, row: Atom
) -> list[Value]:
    stack: Axis = (Atom(STACK, len(cells)),) if len(cells) > 1 else ()
    wide: Axis = (Atom(FEATURES, operator.H),)
    node = operator.node
    last = [
        tuple(draft.add(kind, (k,), whence=str(node)) for k in cells) for kind in ("final", "cell")
    ]
    y: tuple[Axis, ...] = ((step,), stack, (row,), wide)
    state: tuple[Axis, ...] = (stack, (row,), wide)
    if operator.batch_first:
        y, state = ((row,), (step,), stack, wide), ((row,), stack, wide)
    return [Flow(y, cells), Flow(state, last[0]), Flow(state, last[1])]


def _operator(node: Node, R: Value | None) -> _Operator:
    allowed = _SHARED | _OWN.get(node.op, set())
    for name in node.attributes:
        if name not in allowed:
            raise refused(
                node, f"has the attribute {name}, which is not known: export with opset 7 or later"
            )
    direction = node.attributes.get("direction", b"forward")
    ways = _DIRECTIONS.get(direction.decode("latin-1") if isinstance(direction, bytes) else "")
    if ways is None:
        raise refused(node, "has a direction that is none of forward, reverse, bidirectional")
    if not isinstance(R, Const) or R.array.ndim != 3:
        raise _no_weight(node, "R", R)
    H = int(R.array.shape[2])
    said = node.attributes.get("hidden_size", H)
    if said != H:
        raise misfit(
            f"{node} has hidden_size {said!r}, and its R is {list(R.array.shape)}: "
            "export the net again"
        )
    return _Operator(node, ways, H, node.attributes.get("layout", 0) == 1)


def _constant(
    node: Node, name: str, value: Value | None, shape: tuple[int | None, ...]
) -> Array | None:
    """A weight, in its shape; None for one that is left out. Raises Refused."""
    if value is None and name in {"B", "P"}:
        return None
    if not isinstance(value, Const):
        raise _no_weight(node, name, value)
    array = value.array
    if array.ndim != len(shape) or any(
        want not in {None, size} for want, size in zip(shape, array.shape, strict=True)
    ):
        wanted = ", ".join("inputs" if size is None else str(size) for size in shape)
        raise misfit(
            f"{node} has {name} of shape {list(array.shape)}, and expected is [{wanted}]: it may be of another "
            "operator, or of another order of axes"
        )
    if array.dtype.kind != "f":
        raise refused(node, f"has {name} of {array.dtype}: only weights of floating point are read")
    return array


def _no_weight(node: Node, name: str, value: Value | None) -> Refused:
    if isinstance(value, Given):
        return ask(
            f"{node} takes {name} from the graph's input {value.name}: give its numbers, with "
            f"--initializer {value.name}=FILE"
        )
    return refused(
        node, f"has no {name} that stands in the file: its weights are computed, or left out"
    )


def _takes_lengths(node: Node, value: Value | None, time: Atom) -> bool:
    """Whether rows have lengths. Raises Refused for some that no call could give."""
    if value is None:
        return False
    if isinstance(value, Given):
        return True
    if isinstance(value, Const) and time.size is not None and (value.array == time.size).all():
        return False
    if isinstance(value, Sizes) and value.items == ((time,),):
        return False
    raise refused(
        node,
        "has sequence_lens in the file, and lengths belong to a call: make them an input of the graph",
    )


def _start(operator: _Operator, name: str, value: Value | None) -> list[Array] | None:
    """The initial state of each direction, one for all rows; None for zeros, or one that a call gives."""
    node = operator.node
    if value is None or isinstance(value, Given):
        return None
    if not isinstance(value, Const):
        raise refused(
            node,
            f"takes {name} from other layers, and a state goes from net to net outside of them: cut the graph "
            "there, bring both halves over, and hand the state over",
        )
    array = (
        np.moveaxis(value.array, 1, 0)
        if operator.batch_first and value.array.ndim == 3
        else value.array
    )
    if array.ndim != 3 or array.shape[::2] != (len(operator.ways), operator.H):
        raise misfit(
            f"{node} has {name} of shape {list(value.array.shape)}, which does not fit its R"
        )
    if (array != array[:, :1]).any():
        raise refused(
            node, f"has an {name} of another value for each row: make it an input of the graph"
        )
    return [array[d, 0] for d in range(len(array))]


def _members(reading: Reading, operator: _Operator) -> list[dict[str, Any]]:
    """Of each direction: its members but for direction and parameters. Raises Refused."""
    node = operator.node
    common: dict[str, Any] = {"hidden_size": operator.H}
    if "clip" in node.attributes:
        clip = node.attributes["clip"]
        if not isinstance(clip, float) or not 2.0**-50 <= clip <= 1e38:
            raise refused(
                node, f"has a clip of {clip!r}, and expected is a number from 2^-50 to 1e38"
            )
        common["clip"] = clip
    if node.op == "GRU":
        common["reset"] = _reset(reading, node)
    if node.op == "LSTM" and node.attributes.get("input_forget", 0) != 0:
        common["coupled"] = "forget"  # ONNX Runtime: f = 1 - i
    found = []
    functions = functions_of(node, len(operator.ways))
    for own in functions:
        if node.op == "RNN":
            found.append({**common, "activation": own[0]})
        else:
            names = ("gates", "candidate", "output")
            found.append({**common, "activations": dict(zip(names, own, strict=False))})
    return found


def _reset(reading: Reading, node: Node) -> str:
    said = "after" if node.attributes.get("linear_before_reset", 0) != 0 else "before"
    if reading.reset is not None:
        return reading.reset
    if said == "before" and reading.producer == "pytorch":
        raise ask(
            f"{node} has linear_before_reset = 0, and PyTorch's GRU is 1: exporters of PyTorch before 2.13 wrote it wrong. "
            "Give --reset after to compute as PyTorch did, or --reset before to compute as the file says"
        )
    return said


def _roles(node: Node, weights: dict[str, Array], members: dict[str, Any]) -> dict[str, Array]:
    """The parameters of one direction, in SPEC's orientation and order."""
    theirs, ours = _GATES[node.op], _OURS[node.op]
    if members.get("coupled"):
        ours = ours.replace("f", "")  # its rows are there, and ONNX Runtime does not read them
    roles = {name: blocks(weights[name].T, theirs, ours) for name in ("W", "R")}
    if "B" in weights:
        of_W, of_R = np.split(weights["B"], 2)
        # The sum of two float32, rounded once: in binary64 it is exact, or as good as.
        b = (of_W.astype(np.float64) + of_R).astype(weights["B"].dtype)
        roles["b"] = blocks(b, theirs, ours)
        if members.get("reset") == "after":
            H = members["hidden_size"]
            roles["b"][2 * H :] = of_W[2 * H :]
            roles["rb"] = of_R[2 * H :]
    if "P" in weights:
        rows = dict(zip("iof", np.split(weights["P"], 3), strict=True))
        roles["p"] = np.stack([rows[gate] for gate in "ifo" if gate in ours])
        members["peephole"] = "diagonal"
    return roles
