"""A cell as a file of this format, and its run: in this process by the Python runtime, elsewhere by an adapter."""

import base64
import json
from typing import Any

import numpy as np

import rnnspec
from conformance.protocol import Adapter, Failure
from interop.cell import Activation, Call, Cell, Float32, Result

Json = dict[str, Any]


def document(cell: Cell) -> bytes:
    """JSON with base64. Its b is the sum of the framework's two biases, rounded to float32."""
    parameters = {"W": cell.W, "R": cell.R, "b": cell.input_bias + cell.recurrent_bias}
    members: Json = {"hidden_size": cell.H}
    functions = [_activation(activation) for activation in cell.activations]
    if cell.kind == "elman":
        members["activation"] = functions[0]
    else:
        members["activations"] = dict(
            zip(("gates", "candidate", "output"), functions, strict=False)
        )
    if cell.kind == "gru":
        members["reset"] = cell.reset
    if cell.reset == "after":
        H = cell.H
        into = cell.input_bias[2 * H :]
        parameters["b"] = np.concatenate([parameters["b"][: 2 * H], into])
        parameters["rb"] = cell.recurrent_bias[2 * H :]
    layer = {"name": "cell", "type": cell.kind} | members
    return json.dumps(
        {
            "rnnspec": rnnspec.FORMAT_VERSION,
            "input": {"kind": "features", "size": cell.I},
            "layers": [layer | {"parameters": {role: role for role in parameters}}],
            "output": {"kind": "values"},
            "tensors": {role: _tensor(values) for role, values in parameters.items()},
        }
    ).encode()


def _activation(activation: Activation) -> Json:
    given = {"alpha": activation.alpha, "beta": activation.beta}
    constants = {name: value for name, value in given.items() if value is not None}
    return {"function": activation.function} | constants


def _tensor(values: Float32) -> Json:
    data = base64.b64encode(values.astype("<f4").tobytes()).decode("ascii")
    return {"dtype": "float32", "shape": list(values.shape), "data": data}


def _state(call: Call) -> dict[str, Float32] | None:
    """The state given, as the format has it; None where none was given."""
    if call.h is None:
        return None
    return {"h": call.h} | ({} if call.c is None else {"c": call.c})


def run(cell: Cell, call: Call) -> Result:
    """By the Python runtime."""
    plan = rnnspec.compile(rnnspec.load(document(cell)))
    given = _state(call)
    state = None if given is None else {"cell": given}
    y, after = rnnspec.run(plan, call.x, lengths=call.lengths, state=state)
    arrays = {name: np.asarray(values) for name, values in after["cell"].items()}
    return Result(np.asarray(y), arrays["h"], arrays.get("c"))


# --- by an adapter --------------------------------------------------------------------------------


def run_by(adapter: Adapter, cell: Cell, call: Call) -> Result:
    """By the runtime behind an adapter (SPEC.md 17)."""
    chunk: Json = {"input": _wire(call.x)}
    if call.lengths is not None:
        chunk["lengths"] = [int(length) for length in call.lengths]
    request: Json = {"command": "run", "chunks": [chunk]}
    request["document"] = base64.b64encode(document(cell)).decode("ascii")
    if (given := _state(call)) is not None:
        request["state"] = {"cell": {name: _wire(values) for name, values in given.items()}}
    answer = adapter.ask(request)
    if isinstance(answer, Failure) or answer.kind != "result":
        raise RuntimeError(f"{adapter.command}: {answer}")
    found = answer.value["chunks"][0]
    arrays = {name: _array(values) for name, values in found["state"]["cell"].items()}
    return Result(_array(found["output"]), arrays["h"], arrays.get("c"))


def _wire(values: Float32) -> Json:
    return {"shape": list(values.shape), "bits": values.astype(">f4").tobytes().hex()}


def _array(given: Json) -> Float32:
    flat = np.frombuffer(bytes.fromhex(given["bits"]), ">f4").astype(np.float32)
    return flat.reshape(given["shape"])


def same_bits(one: Result, other: Result) -> bool:
    """Whether two runtimes gave the same."""
    pairs = [(one.y, other.y), (one.h, other.h), (one.c, other.c)]
    return all(
        a is b or (a is not None and b is not None and a.tobytes() == b.tobytes()) for a, b in pairs
    )
