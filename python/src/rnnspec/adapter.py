"""Adapter: this runtime behind the protocol of SPEC 17, one JSON object per line.

python -m rnnspec.adapter
"""

import base64
import json
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import numpy as np

from rnnspec import __version__
from rnnspec.activation import FUNCTIONS
from rnnspec.decoding import ctc, generate
from rnnspec.digest import fingerprint, structure
from rnnspec.issue import Issue, RnnspecError
from rnnspec.kernel import runtime
from rnnspec.limits import Limits
from rnnspec.load import load
from rnnspec.model import FORMAT_VERSION, Vocabulary
from rnnspec.plan import Plan, compile  # noqa: A004 - the word of SPEC.md in all three languages
from rnnspec.run import Session, State, run
from rnnspec.run.arguments import initial_state
from rnnspec.save import to_bytes
from rnnspec.saved_state import load_state, state_to_bytes, validate_state
from rnnspec.selftest import selftest
from rnnspec.tensor import Float32
from rnnspec.validate import validate
from rnnspec.vocabulary import TextDecoder, decode, encode

Message = dict[str, Any]

FEATURES: Final = (
    *("json", "msgpack", "float16", "extensions", "try_anyway", "byte", "token"),
    *("embedding", "one_hot", "elman", "lstm", "gru", "dense", "affine", "activations"),
    *("softmax", "log_softmax", "final", "last_step", "initial_state", "lengths", "state"),
    *("saved_state", "step", "decoding", "top_k_top_p", "functions", "convert", "selftest"),
    *("bfloat16", "int8", "inputs", "layer_norm", "add", "multiply", "concat", "clip", "cell_clip"),
    *("peephole", "coupled", "projection", "reverse", "bidirectional", "time_reverse", "probe"),
    *("state_given", "ctc"),
)


def main() -> None:
    """Answers requests until `stop` or the end of standard input."""
    for line in sys.stdin.buffer:
        request = json.loads(line)
        answer = {"seq": request["seq"], **_answer(request)}
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()
        if request["command"] == "stop":
            return


def _answer(request: Message) -> Message:
    try:
        return {"result": COMMANDS[request["command"]](request)}
    except RnnspecError as error:
        return {"error": {"code": error.code}}
    except Exception as error:  # noqa: BLE001 - whatever the fault, the process answers and goes on
        return {"error": {"message": f"{type(error).__name__}: {error}"}}


def _start(request: Message) -> Message:
    if request["protocol"] != 1:
        raise ValueError("this adapter speaks protocol 1")
    runtime()  # a path that is forced and is not there is a fault of the whole process
    return {
        "name": "rnnspec-python",
        "version": __version__,
        "language": "python",
        "formats": [FORMAT_VERSION],
        "classes": ["player", "validator", "complete"],
        "levels": ["exact"],
        "features": list(FEATURES),
    }


def _validate(request: Message) -> Message:
    document, options = base64.b64decode(request["document"]), _reading(request)
    issues = validate(document, **options)
    if any(i.severity == "error" for i in issues):
        return {"findings": _findings(issues)}
    model = load(document, **options)
    return {
        "findings": _findings(issues),
        "structure": structure(model),
        "fingerprint": fingerprint(model),
    }


def _reading(request: Message) -> Message:
    limits = Limits(**request.get("limits", {}))
    return {"limits": limits, "try_anyway": request.get("try_anyway", False)}


def _findings(issues: list[Issue]) -> list[Message]:
    return [
        {"code": i.code, "stage": i.stage, "severity": i.severity, "place": i.place} for i in issues
    ]


def _run(request: Message) -> Message:
    plan = _plan(request["document"])
    state = _state(request["state"]) if "state" in request else None
    by_step = request.get("interface", "run") == "step"
    if by_step:
        Session(plan)  # a net that has no steps is a fault of the whole command ([protocol-3])
    probe = request.get("probe")
    answers = []
    for chunk in request["chunks"]:
        given = chunk["input"]
        x = _array(given) if isinstance(given, dict) else given
        answer, state = _stepped(plan, x, state) if by_step else _ran(plan, chunk, x, state, probe)
        answers.append({**answer, "state": _written_state(state)})
    return {"chunks": answers}


def _ran(
    plan: Plan,
    chunk: Message,
    x: Any,  # noqa: ANN401 - as sent
    state: State | None,
    probe: list[str] | None,
) -> tuple[Message, State]:
    try:
        output, after, probed = run(plan, x, chunk.get("lengths"), state, probe=probe or ())
    except RnnspecError as error:
        return {"code": error.code}, _or_initial(plan, x, state)
    answer: Message = {"output": _written(output)}
    if probe is not None:
        answer["probe"] = {name: _written(array) for name, array in probed.items()}
    return answer, after


def _stepped(plan: Plan, x: Any, state: State | None) -> tuple[Message, State]:  # noqa: ANN401 - as sent
    try:
        session = Session(plan, max(1, len(x)))
        if state is not None:
            session.restore(state)
    except RnnspecError as error:
        return {"code": error.code}, _or_initial(plan, x, state)
    outputs = []
    try:
        for t in range(0 if len(x) == 0 else len(x[0])):
            outputs.append(session.step([row[t] for row in x]))  # noqa: PERF401 - the ones before a fault stay
    except RnnspecError as error:
        return {"code": error.code}, session.state()
    if plan.has_time:
        shape = (len(x), len(outputs), plan.width)
        output = np.stack(outputs, axis=1) if outputs else np.zeros(shape, np.float32)
    else:
        output = outputs[-1]
    return {"output": _written(output)}, session.state()


def _or_initial(plan: Plan, x: Any, state: State | None) -> State:  # noqa: ANN401 - as sent
    """The state that a failed call leaves."""
    return initial_state(plan, max(1, len(x))) if state is None else state


def _decode(request: Message) -> Message:
    plan = _plan(request["document"])
    names = ("mode", "temperature", "top_k", "top_p", "seed")
    options = {name: request[name] for name in names if name in request}
    if "state" in request:
        options["state"] = _state(request["state"])
    ids = list(generate(plan, request["prime"], request["count"], **options))
    vocabulary = plan.model.input_vocabulary
    if vocabulary is None:
        raise RuntimeError("generate refuses a net without a vocabulary")
    return {"ids": ids, "text": decode(vocabulary, ids)}


def _ctc(request: Message) -> Message:
    given = request["input"]
    ids, texts = ctc(
        _plan(request["document"]),
        _array(given) if isinstance(given, dict) else given,
        request.get("lengths"),
        _state(request["state"]) if "state" in request else None,
        request.get("blank"),
    )
    return {"ids": ids, "text": texts}


def _encode(request: Message) -> Message:
    return {"ids": encode(_vocabulary(request), request["text"])}


def _text(request: Message) -> Message:
    vocabulary, ids = _vocabulary(request), request["ids"]
    if not request.get("stream", False):
        return {"text": decode(vocabulary, ids)}
    decoder = TextDecoder(vocabulary)
    return {"text": "".join([*map(decoder.piece, ids), decoder.end()])}


def _vocabulary(request: Message) -> Vocabulary:
    vocabularies = _plan(request["document"]).model.vocabularies or {}
    return vocabularies[request["vocabulary"]]


def _read_state(request: Message) -> Message:
    document, options = base64.b64decode(request["document"]), _reading(request)
    issues = validate_state(document, **options)
    if any(i.severity == "error" for i in issues):
        return {"findings": _findings(issues)}
    state = load_state(document, **options)
    return {"findings": _findings(issues), "state": _written_state(state)}


def _write_state(request: Message) -> Message:
    state = _state(request["state"])
    written = state_to_bytes(state, request["encoding"], request.get("structure"))
    return {"document": base64.b64encode(written).decode()}


def _evaluate(request: Message) -> Message:
    with np.errstate(all="ignore"):
        return {"output": _written(FUNCTIONS[request["function"]](_array(request["input"])))}


def _convert(request: Message) -> Message:
    model = load(base64.b64decode(request["document"]))
    converted = to_bytes(model, request["encoding"])
    return {"document": base64.b64encode(converted).decode()}


def _selftest(request: Message) -> Message:
    result = selftest(_plan(request["document"]))
    return {
        "exact": result.exact,
        "reference": result.reference,
        "failed": list(result.failed),
    }


COMMANDS: Final[dict[str, Callable[[Message], Message]]] = {
    "start": _start,
    "validate": _validate,
    "run": _run,
    "decode": _decode,
    "ctc": _ctc,
    "evaluate": _evaluate,
    "convert": _convert,
    "selftest": _selftest,
    "encode": _encode,
    "text": _text,
    "read_state": _read_state,
    "write_state": _write_state,
    "stop": lambda _: {},
}


@lru_cache(maxsize=8)
def _plan(document: str) -> Plan:
    """The plan of a document, which is often sent again."""
    return compile(load(base64.b64decode(document)))


def _array(written: Message) -> Float32:
    bits = np.frombuffer(bytes.fromhex(written["bits"]), ">u4").astype(np.uint32)
    return bits.view(np.float32).reshape(written["shape"])


def _written(array: Float32) -> Message:
    bits = np.ascontiguousarray(array).view(np.uint32).astype(">u4")
    return {"shape": list(array.shape), "bits": bits.tobytes().hex()}


def _state(written: Message) -> State:
    return {
        layer: {name: _array(array) for name, array in arrays.items()}
        for layer, arrays in written.items()
    }


def _written_state(state: State) -> Message:
    return {
        layer: {name: _written(array) for name, array in arrays.items()}
        for layer, arrays in state.items()
    }


if __name__ == "__main__":
    main()
