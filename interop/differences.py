"""Where a peer means something else than SPEC.md, or refuses: each is tried here, and told as it came out."""

import numpy as np
from onnx import defs

from interop import document, equations, onnx_runtime, pytorch
from interop.cell import Activation, Call, Cell, Float32, random_cell


def told() -> list[str]:
    """One sentence each."""
    return [onnx_length_zero(), pytorch_length_zero(), onnx_reset_default(), onnx_softplus()]


def _call(cell: Cell, lengths: list[int]) -> Call:
    rng = np.random.default_rng(1)
    N = len(lengths)
    x = rng.standard_normal((N, 3, cell.I)).astype(np.float32)
    h = rng.uniform(-1, 1, (N, cell.H)).astype(np.float32)
    return Call(x, h, None, np.array(lengths))


def onnx_length_zero() -> str:
    """[run-2] keeps the state of a row without valid steps."""
    cell = random_cell(np.random.default_rng(1), onnx_runtime.KINDS["RNN tanh"], 1)
    call = _call(cell, [0, 3])
    assert call.h is not None
    theirs, ours = onnx_runtime.run(cell, call).h[0], document.run(cell, call).h[0]
    kept = "keeps" if np.array_equal(theirs, call.h[0]) else "does not keep"
    zero = " and gives zeros" if not theirs.any() else ""
    assert np.array_equal(ours, call.h[0])
    return (
        f"A row of length 0 with a given state: ONNX Runtime {kept} it{zero}; SPEC.md keeps it ([run-2]). "
        "So the lengths of the table start at 1."
    )


def pytorch_length_zero() -> str:
    """PyTorch's packed sequences."""
    cell = random_cell(np.random.default_rng(1), pytorch.KINDS["RNN tanh"], 1)
    try:
        pytorch.run(cell, _call(cell, [0, 3]))
    except RuntimeError as error:
        return f"A row of length 0: PyTorch refuses it ({str(error).split(',')[0][:60]}…)."
    return "A row of length 0: PyTorch takes it."


def onnx_reset_default() -> str:
    """SPEC.md has no default for `reset`."""
    attributes = defs.get_schema("GRU", onnx_runtime.OPSET).attributes
    default = attributes["linear_before_reset"].default_value.i
    return (
        f"ONNX's GRU has linear_before_reset = {default} by default, which is `reset` = `before`; PyTorch's is `after`. "
        "SPEC.md has no default."
    )


def onnx_softplus() -> str:
    """Where exp overflows."""
    H = 5
    zero, far = np.zeros((H, H), np.float32), np.eye(H, dtype=np.float32)
    bias = np.zeros(H, np.float32)
    cell = Cell("elman", "", (Activation("softplus"),), far, zero, bias, bias)
    x = np.array([[[1, 50, 88, 89, 1000]]], np.float32)
    call = Call(x, None, None, None)
    theirs = onnx_runtime.run(cell, call).y.ravel()
    truth = equations.run(cell, call).y.ravel()
    near = np.abs(theirs - truth) < 1
    wrong, values = x.ravel()[~near], theirs[~near]
    if not len(wrong):
        return "Softplus of numbers up to 1,000: ONNX Runtime gives what the equation gives."
    return (
        f"Softplus of {_listed(wrong)}: ONNX Runtime gives {_listed(values)}, for its exp overflows; the "
        "equation gives the number itself, and so does SPEC.md."
    )


def _listed(values: Float32) -> str:
    return ", ".join(f"{v:g}" for v in values)
