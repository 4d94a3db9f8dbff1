"""from_torch: a live PyTorch module → a model. Its forward is followed, and then run, to prove that the model does the same."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from torch import nn

from rnnspec import Model, TokenInput
from rnnspec.importers import ends
from rnnspec.importers.net import Net
from rnnspec.importers.onnx_reading import Reading
from rnnspec.importers.onnx_tensors import Array
from rnnspec.importers.onnx_values import BATCH, FEATURES, STACK, TIME, Atom, Flow, feature_count
from rnnspec.importers.pattern import INPUT, chosen
from rnnspec.importers.refusal import Refused, unsupported
from rnnspec.importers.result import imported
from rnnspec.importers.source import NoFile, StrPath
from rnnspec.importers.torch_leaves import array_of
from rnnspec.importers.torch_trace import Replace, Trace

SYSTEM: Final = "PyTorch"
ROWS, STEPS = 2, 7  # of the example
_CELLS: Final = (nn.RNNCell, nn.LSTMCell, nn.GRUCell)
_OPSET: Final = 26  # whose operators the trace speaks of


def from_torch(
    module: nn.Module,
    *,
    name: str | None = None,
    input_kind: str | None = None,
    output_kind: str | None = None,
    vocabulary: StrPath | None = None,
    tokens: Sequence[str] | None = None,
    replace: Replace | None = None,
    seed: int = 0,
    tolerance: float = 1e-5,
) -> Model:
    """The model that computes what `module(x)` does, with x [batch, time, features] or ids [batch, time].

    (Time before batch where the module has batch_first=False.) `forward` is followed by torch.fx; what it may hold is
    in docs/importers.md. `replace` maps a class of yours to a function that gives, for a module of that class, one
    made of classes that are known. The module is run, in evaluation mode, on an input of 2 rows and 7 steps drawn with
    `seed`, and what it gives is stored as a `reference` example of `tolerance`. It is left as it was.

    Raises Refused for what is not carried, by name, and where the model does not give what the module gave.
    """
    if input_kind is not None:
        chosen("input_kind", input_kind, INPUT.choices)
    was_training = [part for part in module.modules() if part.training]
    module.eval()
    try:
        x, reading, flow = _followed(module, replace or {})
        net = Net(NoFile(name or type(module).__name__))
        last, width = reading.last(flow, "what the module gives")
        _input(net, x, reading.table, input_kind, vocabulary, tokens)
        reading.draft.finish(last, net, net.layers[-1]["name"] if net.layers else "input")
        ends.close(net, width, output_kind)
        net.notes.understood(f"forward of {type(module).__name__}, followed by torch.fx")
        if any(layer["type"] == "gru" for layer in net.layers):
            net.notes.changed("h of GRUs is (1 - z) * n + z * h; PyTorch computes n + z * (h - n)")
        found = imported("pytorch", net)
        given = _drawn(found.model, seed)
        output = _ran(module, x, flow, given)
        return found.with_reference(given, output, SYSTEM, torch.__version__, tolerance).model
    finally:
        for part in was_training:
            part.training = True


def _followed(module: nn.Module, replace: Replace) -> tuple[Flow, Reading, Flow]:
    """The input, what was read, and the output. Raises Refused."""
    for rank in (3, 2):  # features, and where the first layer chooses rows by it, ids
        reading = Reading(_OPSET, "", None)
        x = Flow(tuple((Atom(),) for _ in range(rank)), (0,))
        try:
            y = Trace(reading, replace).call(module, "", [x])
        except Refused:
            if rank == 3 and reading.table is not None:
                continue
            raise
        if rank == 3 and reading.table is not None:
            continue
        while isinstance(y, tuple | list) and y:
            y = y[0]
        if isinstance(y, Flow) and y.layers != (0,):
            for axis, role in zip(x.axes, (BATCH, TIME, FEATURES), strict=False):
                axis[0].role = axis[0].role or role  # where nothing asked, the usual order
            return x, reading, y
        break
    raise unsupported(
        "forward gives nothing that layers compute: it should give one tensor, or begin with it"
    )


def _input(
    net: Net,
    x: Flow,
    table: int | None,
    input_kind: str | None,
    vocabulary: StrPath | None,
    tokens: Sequence[str] | None,
) -> None:
    if table is not None:
        ends.token_input(net, table, vocabulary, tokens)
    else:
        ends.plain_input(net, feature_count(x), input_kind or "features", vocabulary, tokens)


def _drawn(model: Model, seed: int) -> Array:
    """Ids [N, T] or features [N, T, I]."""
    rng = np.random.default_rng(seed)
    if isinstance(model.input, TokenInput):
        vocabulary = model.input_vocabulary
        assert vocabulary is not None, "a checked model has it"
        return rng.integers(0, len(vocabulary.tokens), (ROWS, STEPS))
    return rng.normal(size=(ROWS, STEPS, model.input.size)).astype(np.float32)


def _ran(module: nn.Module, x: Flow, flow: Flow, given: Array) -> Array:
    """What the module gives for the input, [N, T, width] or [N, width]."""
    array = given
    if given.ndim < len(x.axes):  # ids, where the module wants one-hot vectors
        array = np.eye(feature_count(x), dtype=np.float32)[given]
    order = [axis[0].role for axis in x.axes]
    if order[:2] == [TIME, BATCH]:
        array = array.swapaxes(0, 1)
    first = next((p for p in module.parameters() if p.is_floating_point()), torch.zeros(1))
    tensor = torch.from_numpy(np.ascontiguousarray(array)).to(first.device)
    if tensor.is_floating_point():
        tensor = tensor.to(first.dtype)
    with torch.no_grad():
        output = _step_by_step(module, tensor) if isinstance(module, _CELLS) else module(tensor)
    while isinstance(output, tuple | list):
        output = output[0]
    return _turned(array_of(output), flow)


def _step_by_step(cell: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """h of a cell at each step of x [N, T, I]."""
    state, outputs = None, []
    for step in x.unbind(1):
        state = cell(step, state)
        outputs.append(state[0] if isinstance(state, tuple) else state)
    return torch.stack(outputs, 1)


def _turned(output: Array, flow: Flow) -> Array:
    """Batch, time and features in this order, directions in front of features, whatever the module has."""
    sizes = {BATCH: ROWS, TIME: STEPS, STACK: len(flow.layers)}
    atoms = [atom for axis in flow.axes for atom in axis if atom.size != 1]
    parts = output.reshape([sizes.get(atom.role or "", atom.size or 1) for atom in atoms])
    order = sorted(
        range(len(atoms)), key=lambda k: (BATCH, TIME, STACK, FEATURES).index(atoms[k].role or "")
    )
    turned = parts.transpose(order)
    kept = [sizes[role] for role in (BATCH, TIME) if any(atom.role == role for atom in atoms)]
    return turned.reshape(*kept, -1)
