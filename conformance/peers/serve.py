"""The protocol of SPEC.md 17.1 for a peer that computes layer by layer.

What is no arithmetic comes from the suite's own oracle: reading a document, checking arguments, texts and ids.
"""

import base64
import json
import sys
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from conformance.oracle.answer import (
    answer_text,
    input_from_wire,
    state_before,
    state_from_wire,
    state_to_wire,
)
from conformance.oracle.finding import RunError
from conformance.oracle.net import Array, Layer, Net, load
from conformance.oracle.reader import ReadResult, read
from conformance.oracle.scalar import State, Tokens, check_arguments, initial, input_shape

Json = dict[str, Any]
Float32 = npt.NDArray[np.float32]
Parts = dict[str, Float32]  # h, c -> [N, H]


class Peer(Protocol):
    """`features` are those of section 17.2 that it has."""

    name: str
    version: str
    features: list[str]

    def first(self, layer: Layer, ids: npt.NDArray[np.int64]) -> Float32: ...  # [N] -> [N, size]
    def plain(self, layer: Layer, x: Float32) -> Float32: ...  # [N, I] -> [N, size]
    def cell(self, layer: Layer, x: Float32, old: Parts) -> Parts: ...  # one step
    def evaluate(self, function: str, x: Float32) -> Float32: ...


# --- arrays ---------------------------------------------------------------------------------------


def wired(values: Float32) -> Json:
    return {"shape": list(values.shape), "bits": values.astype(">f4").tobytes().hex()}


def unwired(given: Json) -> Float32:
    flat = np.frombuffer(bytes.fromhex(given["bits"]), ">f4").astype(np.float32)
    return flat.reshape(given["shape"])


def as_array(given: Array) -> Float32:
    return np.array(given.values, np.float32).reshape(given.shape)


# --- a call ---------------------------------------------------------------------------------------


def through(peer: Peer, layers: list[Layer], y: Any, state: dict[str, Parts]) -> list[Float32]:  # noqa: ANN401
    """The output of each layer, over the rows given; the state is replaced."""
    made = []
    for layer in layers:
        if layer.type in ("embedding", "one_hot"):
            y = peer.first(layer, y)
        elif layer.parts:
            state[layer.name] = peer.cell(layer, y, state[layer.name])
            finite(*state[layer.name].values())
            y = state[layer.name]["h"]
        elif layer.type != "last_step":
            y = peer.plain(layer, y)
        finite(y)
        made.append(y)
    return made


def finite(*arrays: Float32) -> None:
    """[finite-1]; u ([gru-2]) is not seen, but what is made of it."""
    if not all(np.isfinite(values).all() for values in arrays):
        raise RunError("RUN_NONFINITE")


def run(
    peer: Peer, net: Net, x: Array | Tokens, lengths: list[int] | None, state: State | None
) -> tuple[Float32, dict[str, Parts]]:
    """Section 14."""
    check_arguments(net, x, lengths, state)
    N, steps = input_shape(net, x)
    before = initial(net, N) if state is None else state
    now = {
        layer: {part: as_array(values) for part, values in parts.items()}
        for layer, parts in before.items()
    }
    given = as_array(x) if isinstance(x, Array) else np.array(x, np.int64).reshape(N, steps)
    limits = np.full(N, steps) if lengths is None else np.array(lengths, int)
    cut = net.layers[net.timed - 1]
    output = np.zeros((N, steps, cut.size), np.float32)
    for t in range(steps):
        rows = np.flatnonzero(t < limits)
        if not rows.size:
            break
        here = {name: {k: v[rows] for k, v in parts.items()} for name, parts in now.items()}
        output[rows, t] = through(peer, net.layers[: net.timed], given[rows, t], here)[-1]
        for name, parts in here.items():
            for part, values in parts.items():
                now[name][part][rows] = values
    if not net.ends:
        return output, now
    left = now[cut.name]["h"] if cut.final else np.zeros((N, cut.size), np.float32)
    for n in np.flatnonzero(limits) if not cut.final else ():
        left[n] = output[n, limits[n] - 1]
    return [left, *through(peer, net.layers[net.timed :], left, {})][-1], now


def chunks(peer: Peer, net: Net, request: Json) -> list[Json]:
    """[protocol-3]."""
    state = state_from_wire(request["state"]) if "state" in request else None
    by_step = request.get("interface") == "step"
    answers: list[Json] = []
    for chunk in request["chunks"]:
        x = input_from_wire(chunk["input"])
        try:
            pieces = single(x) if by_step else [x]
            outputs = []
            for piece in pieces:
                output, now = run(peer, net, piece, chunk.get("lengths"), state)
                outputs.append(output)
                wire = {
                    layer: {part: wired(values) for part, values in parts.items()}
                    for layer, parts in now.items()
                }
                state = state_from_wire(wire)
        except RunError as fault:
            answers.append({"code": fault.code} | state_before(net, x, state, restored=by_step))
        else:
            whole = outputs[-1] if net.ends or not by_step else np.concatenate(outputs, axis=1)
            assert state is not None
            answers.append({"output": wired(whole), "state": state_to_wire(state)})
    return answers


def single(x: Array | Tokens) -> list[Array | Tokens]:
    """The steps of an input, one by one; a wrong shape as it is."""
    if not isinstance(x, Array):
        return [[[token] for token in step] for step in zip(*x, strict=True)]
    if len(x.shape) != 3:
        return [x]
    values = as_array(x)
    return [
        Array((x.shape[0], 1, x.shape[2]), [float(v) for v in values[:, t].ravel()])
        for t in range(x.shape[1])
    ]


# --- the protocol ---------------------------------------------------------------------------------


@lru_cache(maxsize=16)
def net_of(data: bytes) -> Net | None:
    """The net of a document; None if it is refused."""
    document = read(data).document
    return None if document is None else load(document)


def refused(found: ReadResult) -> Json:
    """The answer to a document with a finding of severity `error`."""
    return {"error": {"code": next(f.code for f in found.findings if f.severity == "error")}}


def reply(peer: Peer, request: Json) -> Json:
    """The answer to one request, without `seq`."""
    command = request["command"]
    if command == "evaluate":
        y = peer.evaluate(request["function"], unwired(request["input"]))
        return {"result": {"output": wired(y)}}
    data = base64.b64decode(request["document"])
    if command == "validate":
        anyway = request.get("try_anyway", False)
        found = read(data, request.get("limits"), try_anyway=anyway)
        return refused(found) if found.document is None else {"result": {"findings": []}}
    if command not in ("run", "encode", "text"):
        wanted = {"decode": "decoding", "convert": "convert", "selftest": "selftest"}
        return {"skipped": {"feature": wanted.get(command, "saved_state")}}
    net = net_of(data)
    if net is None:
        return refused(read(data))
    if command == "run":
        return {"result": {"chunks": chunks(peer, net, request)}}
    document = read(data).document
    assert document is not None
    return answer_text(command, document, request)


def serve(peer: Peer) -> int:
    """Answers requests until `stop`; gives the exit status."""
    greeting = {
        "name": peer.name,
        "version": peer.version,
        "language": "Python",
        "formats": ["1.0-draft.2"],
        "classes": ["player"],
        "levels": ["close"],
        "features": peer.features,
    }
    for line in sys.stdin:
        request = json.loads(line)
        command = request["command"]
        answer: Json = {"result": greeting if command == "start" else {}}
        if command not in ("start", "stop"):
            answer = reply(peer, request)
        print(json.dumps({"seq": request["seq"]} | answer), flush=True)
        if command == "stop":
            break
    return 0
