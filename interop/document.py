"""A net as a file of this format, and its run: in this process by the Python runtime, elsewhere by an adapter."""

import base64
import json
from typing import Any

import numpy as np

import rnnspec
from conformance.protocol import Adapter, Failure
from interop.net import Activation, Call, Float32, Net, Norm, Recurrent, Result, Weights

Json = dict[str, Any]


def document(net: Net) -> bytes:
    """JSON with base64."""
    layers: list[Json] = []
    tensors: dict[str, Json] = {}
    for number, layer in enumerate(net.layers):
        members, parameters = normed(layer) if isinstance(layer, Norm) else recurrent(layer)
        names = {role: f"{name(number)}.{role}" for role in parameters}
        tensors |= {names[role]: _tensor(values) for role, values in parameters.items()}
        layers.append({"name": name(number)} | members | {"parameters": names})
    return json.dumps(
        {
            "rnnspec": rnnspec.FORMAT_VERSION,
            "input": {"kind": "features", "size": net.I},
            "layers": layers,
            "output": {"kind": "values"},
            "tensors": tensors,
        }
    ).encode()


def name(number: int) -> str:
    """That of a layer."""
    return f"layer{number}"


def normed(layer: Norm) -> tuple[Json, dict[str, Float32]]:
    """Members, and parameters by role."""
    members = {"type": "layer_norm", "epsilon": layer.epsilon}
    return members, {"gamma": layer.gamma, "beta": layer.beta}


def recurrent(layer: Recurrent) -> tuple[Json, dict[str, Float32]]:
    """Members, and parameters by role."""
    members: Json = {"type": layer.kind, "hidden_size": layer.H, "direction": layer.direction}
    functions = [_activation(activation) for activation in layer.activations]
    if layer.kind == "elman":
        members["activation"] = functions[0]
    else:
        members["activations"] = dict(
            zip(("gates", "candidate", "output"), functions, strict=False)
        )
    if layer.kind == "gru":
        members["reset"] = layer.reset
    if layer.direction == "bidirectional":
        members["merge"] = layer.merge
    if layer.clip is not None:
        members["clip"] = layer.clip
    if layer.coupled:
        members["coupled"] = "forget"
    if layer.weights[0].p is not None:
        members["peephole"] = "diagonal"
    if layer.weights[0].Q is not None:
        members["projection_size"] = layer.P
    parameters: dict[str, Float32] = {}
    for weights, suffix in zip(layer.weights, ("", "_reverse"), strict=False):
        of_it = roles(layer, weights)
        parameters |= {role + suffix: values for role, values in of_it.items()}
    return members, parameters


def roles(layer: Recurrent, weights: Weights) -> dict[str, Float32]:
    """The parameters of one direction. b is the sum of the framework's two biases, rounded to float32."""
    H = layer.H
    found = {"W": weights.W, "R": weights.R}
    if weights.input_bias is not None and weights.recurrent_bias is not None:
        b, into = weights.input_bias + weights.recurrent_bias, weights.input_bias
        if layer.reset == "after":
            b = np.concatenate([b[: 2 * H], into[2 * H :]])
            found["rb"] = weights.recurrent_bias[2 * H :]
        found["b"] = b
    if layer.coupled:  # the block of f is absent
        rest = np.r_[:H, 2 * H : 4 * H]
        found = {role: values[..., rest] for role, values in found.items()}
    if weights.p is not None:
        found["p"] = weights.p[[0, 2]] if layer.coupled else weights.p
    if weights.Q is not None:
        found["Q"] = weights.Q
    return found


def _activation(activation: Activation) -> Json:
    given = {"alpha": activation.alpha, "beta": activation.beta}
    constants = {name: value for name, value in given.items() if value is not None}
    return {"function": activation.function} | constants


def _tensor(values: Float32) -> Json:
    data = base64.b64encode(values.astype("<f4").tobytes()).decode("ascii")
    return {"dtype": "float32", "shape": list(values.shape), "data": data}


# --- states ---------------------------------------------------------------------------------------


def places(net: Net) -> list[tuple[str, str]]:
    """For each direction of each layer, the name of the layer and what stands behind h and c."""
    return [
        (name(number), suffix)
        for number, layer in enumerate(net.layers)
        if isinstance(layer, Recurrent)
        for suffix in ("", "_reverse")[: len(layer.weights)]
    ]


def _state(net: Net, call: Call) -> dict[str, dict[str, Float32]] | None:
    """The state given, as the format has it; None where none was given."""
    if call.h is None:
        return None
    found: dict[str, dict[str, Float32]] = {}
    for k, (layer, suffix) in enumerate(places(net)):
        parts = {"h" + suffix: call.h[k]} | ({} if call.c is None else {"c" + suffix: call.c[k]})
        found[layer] = found.get(layer, {}) | parts
    return found


def _result(net: Net, y: Float32, state: dict[str, dict[str, Float32]]) -> Result:
    h = tuple(state[layer]["h" + suffix] for layer, suffix in places(net))
    c = tuple(state[layer]["c" + suffix] for layer, suffix in places(net)) if net.has_c else ()
    return Result(y, h, c)


# --- runs -----------------------------------------------------------------------------------------


def run(net: Net, call: Call) -> Result:
    """By the Python runtime."""
    plan = rnnspec.compile(rnnspec.load(document(net)))
    y, after = rnnspec.run(plan, call.x, lengths=call.lengths, state=_state(net, call))
    state = {
        layer: {part: np.asarray(values) for part, values in parts.items()}
        for layer, parts in after.items()
    }
    return _result(net, np.asarray(y), state)


def run_by(adapter: Adapter, net: Net, call: Call) -> Result:
    """By the runtime behind an adapter (SPEC.md 17)."""
    chunk: Json = {"input": _wire(call.x)}
    if call.lengths is not None:
        chunk["lengths"] = [int(length) for length in call.lengths]
    request: Json = {"command": "run", "chunks": [chunk]}
    request["document"] = base64.b64encode(document(net)).decode("ascii")
    if (given := _state(net, call)) is not None:
        request["state"] = {
            layer: {part: _wire(values) for part, values in parts.items()}
            for layer, parts in given.items()
        }
    answer = adapter.ask(request)
    if isinstance(answer, Failure) or answer.kind != "result":
        raise RuntimeError(f"{adapter.command}: {answer}")
    found = answer.value["chunks"][0]
    state = {
        layer: {part: _array(values) for part, values in parts.items()}
        for layer, parts in found["state"].items()
    }
    return _result(net, _array(found["output"]), state)


def _wire(values: Float32) -> Json:
    return {"shape": list(values.shape), "bits": values.astype(">f4").tobytes().hex()}


def _array(given: Json) -> Float32:
    flat = np.frombuffer(bytes.fromhex(given["bits"]), ">f4").astype(np.float32)
    return flat.reshape(given["shape"])


def same_bits(one: Result, other: Result) -> bool:
    """Whether two runtimes gave the same."""
    return all(
        a.shape == b.shape and a.tobytes() == b.tobytes()
        for a, b in zip(one.arrays, other.arrays, strict=True)
    )
