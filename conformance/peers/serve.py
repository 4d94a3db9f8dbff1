"""The protocol of SPEC.md 17.1 for a peer that computes layer by layer.

What is no arithmetic comes from the suite's own oracle: reading a document, checking arguments, texts and ids.
"""

import base64
import json
import sys
from functools import lru_cache
from typing import Any

import numpy as np

from conformance.oracle.answer import (
    answer_text,
    input_from_wire,
    state_before,
    state_from_wire,
    state_to_wire,
)
from conformance.oracle.decode import logits_of, whole
from conformance.oracle.finding import RunError
from conformance.oracle.net import Array, Net, load
from conformance.oracle.reader import ReadResult, read
from conformance.oracle.scalar import Tokens
from conformance.oracle.structure import VERSION
from conformance.oracle.vocabulary import decode
from conformance.peers.net import Float32, Parts, Peer, Result, as_array, run

Json = dict[str, Any]


# --- arrays ---------------------------------------------------------------------------------------


def wired(values: Float32) -> Json:
    return {"shape": list(values.shape), "bits": values.astype(">f4").tobytes().hex()}


def wired_state(state: dict[str, Parts]) -> Json:
    return {
        layer: {part: wired(values) for part, values in parts.items()}
        for layer, parts in state.items()
    }


def unwired(given: Json) -> Float32:
    flat = np.frombuffer(bytes.fromhex(given["bits"]), ">f4").astype(np.float32)
    return flat.reshape(given["shape"])


# --- calls ----------------------------------------------------------------------------------------


def chunks(peer: Peer, net: Net, request: Json) -> list[Json]:
    """[protocol-3]."""
    state = state_from_wire(request["state"]) if "state" in request else None
    by_step, probe = request.get("interface") == "step", request.get("probe", [])
    if by_step and not net.is_forward:
        raise RunError("RUN_DIRECTION")
    answers: list[Json] = []
    for chunk in request["chunks"]:
        x = input_from_wire(chunk["input"])
        try:
            made: list[Result] = []
            for piece in single(x) if by_step else [x]:
                made.append(run(peer, net, piece, chunk.get("lengths"), state, probe))
                state = state_from_wire(wired_state(made[-1].state))
        except RunError as fault:
            answers.append({"code": fault.code} | state_before(net, x, state, restored=by_step))
        else:
            outputs = [each.output for each in made]
            joined = outputs[-1] if net.ends or not by_step else np.concatenate(outputs, axis=1)
            assert state is not None
            answer = {"output": wired(joined), "state": state_to_wire(state)}
            inner = {name: wired(made[-1].layers[name]) for name in probe}
            answers.append(answer | ({"probe": inner} if "probe" in request else {}))
    return answers


def best_path(peer: Peer, net: Net, request: Json) -> Json:
    """[protocol-11]: the peer's logits, and of each step the largest."""
    if net.ends or net.output_vocabulary is None:
        raise RunError("RUN_DECODING")
    number = request.get("blank", net.decoding.get("blank"))
    if number is None:
        raise RunError("RUN_OPTION")
    blank = whole(number, 0, len(net.output_vocabulary.tokens) - 1)
    state = state_from_wire(request["state"]) if "state" in request else None
    x, lengths = input_from_wire(request["input"]), request.get("lengths")
    name = logits_of(net)
    made = run(peer, net, x, lengths, state, [])
    logits = as_array(x) if name == "input" and isinstance(x, Array) else made.layers[name]
    best = logits.argmax(axis=2)
    paths = []
    for row, length in zip(best, lengths or [best.shape[1]] * len(best), strict=True):
        firsts = [int(k) for t, k in enumerate(row[:length]) if t == 0 or row[t - 1] != k]
        paths.append([k for k in firsts if k != blank])
    return {"ids": paths, "text": [decode(net.output_vocabulary, path) for path in paths]}


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
    if command not in ("run", "ctc", "encode", "text"):
        wanted = {"decode": "decoding", "convert": "convert", "selftest": "selftest"}
        return {"skipped": {"feature": wanted.get(command, "saved_state")}}
    net = net_of(data)
    if net is None:
        return refused(read(data))
    try:
        if command == "run":
            return {"result": {"chunks": chunks(peer, net, request)}}
        if command == "ctc":
            return {"result": best_path(peer, net, request)}
    except RunError as fault:
        return {"error": {"code": fault.code}}
    document = read(data).document
    assert document is not None
    return answer_text(command, document, request)


def serve(peer: Peer) -> int:
    """Answers requests until `stop`; gives the exit status."""
    greeting = {
        "name": peer.name,
        "version": peer.version,
        "language": "Python",
        "formats": [VERSION],
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
