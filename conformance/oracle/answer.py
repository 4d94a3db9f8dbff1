"""What a runtime must answer to a request of SPEC.md 17.1, by the scalar oracle."""

from typing import Any, cast

from conformance.oracle import saved_state
from conformance.oracle.decode import Options, ctc, generate
from conformance.oracle.finding import RunError
from conformance.oracle.float32 import T, bits, from_bits
from conformance.oracle.functions import exp, log, sigmoid, tanh
from conformance.oracle.net import Array, Net
from conformance.oracle.scalar import (
    State,
    Tokens,
    check_state,
    initial,
    input_shape,
    probed,
    run,
)
from conformance.oracle.vocabulary import Vocabulary, decode, encode

Json = dict[str, Any]


# --- arrays and states on the wire ----------------------------------------------------------------


def to_wire(array: Array) -> Json:
    """The form of an array in the protocol."""
    return {"shape": list(array.shape), "bits": "".join(f"{bits(v):08x}" for v in array.values)}


def from_wire(array: Json) -> Array:
    """The array of such a form."""
    text = array["bits"]
    values = [from_bits(int(text[k : k + 8], 16)) for k in range(0, len(text), 8)]
    return Array(tuple(array["shape"]), values)


def state_to_wire(state: State) -> Json:
    """The form of a state in the protocol."""
    return {
        name: {part: to_wire(array) for part, array in parts.items()}
        for name, parts in state.items()
    }


def state_from_wire(state: Json) -> State:
    """The state of such a form."""
    return {
        name: {part: from_wire(array) for part, array in parts.items()}
        for name, parts in state.items()
    }


def input_from_wire(given: Any) -> Array | Tokens:  # noqa: ANN401 - it comes from JSON
    """Features or token ids."""
    return from_wire(given) if isinstance(given, dict) else cast("Tokens", given)


# --- commands -------------------------------------------------------------------------------------


def answer(command: str, net: Net | None, request: Json) -> Json:
    """`{"result": …}` or `{"error": {"code": …}}`."""
    try:
        if command == "evaluate":
            return {"result": answer_evaluate(request)}
        if command == "write_state":  # the harness reads what was written
            saved_state.check_writable(
                saved_state.of_wire(request["state"]), request.get("structure")
            )
            return {"result": {"encoding": request["encoding"]}}
        assert net is not None
        if command == "run":
            return {"result": answer_run(net, request)}
        if command == "decode":
            return {"result": answer_decode(net, request)}
        if command == "ctc":
            return {"result": answer_ctc(net, request)}
        assert command == "selftest"
        return {"result": answer_selftest(net)}
    except RunError as fault:
        return {"error": {"code": fault.code}}


def answer_evaluate(request: Json) -> Json:
    """[protocol-5]."""
    functions = {"exp": exp, "log": log, "tanh": tanh, "sigmoid": sigmoid}
    function = functions[request["function"]]
    x = from_wire(request["input"])
    return {"output": to_wire(Array(x.shape, [function(v) for v in x.values]))}


def answer_run(net: Net, request: Json) -> Json:
    """[protocol-3]."""
    state = state_from_wire(request["state"]) if "state" in request else None
    by_step = request.get("interface") == "step"
    if by_step and not net.is_forward:
        raise RunError("RUN_DIRECTION")  # [run-7]: there is no session to ask
    chunks: list[Json] = []
    for chunk in request["chunks"]:
        x = input_from_wire(chunk["input"])
        inner: Json = {}
        try:
            if by_step:
                steps: list[Array] = []
                for t in range(input_shape(net, x)[1]):
                    output, state = run(net, one_step(net, x, t), None, state)
                    steps.append(output)
                output = steps[-1] if net.ends else joined(net, steps)
            else:
                probe = request.get("probe")
                output, state, made = probed(net, x, chunk.get("lengths"), state, probe)
                if probe is not None:
                    inner["probe"] = {name: to_wire(array) for name, array in made.items()}
        except RunError as fault:
            chunks.append({"code": fault.code} | state_before(net, x, state, restored=by_step))
        else:
            assert state is not None
            answered = {"output": to_wire(output), "state": state_to_wire(state)}
            chunks.append(answered | inner)
    return {"chunks": chunks}


def state_before(net: Net, x: Array | Tokens, state: State | None, *, restored: bool) -> Json:
    """The member `state` after a failed call; left out where no state can be told.

    A session holds what it was given after T (section 14); a call of `run` holds nothing.
    """
    try:
        N, _ = input_shape(net, x)
        if state is not None:
            check_state(net, N, state)
    except RunError as fault:
        if state is None or fault.code != "RUN_SHAPE":
            return {}
    else:
        if state is None:
            state = initial(net, N)
    if restored:
        state = {
            layer: {
                part: Array(array.shape, [T(v) for v in array.values])
                for part, array in parts.items()
            }
            for layer, parts in state.items()
        }
    return {"state": state_to_wire(state)}


def one_step(net: Net, x: Array | Tokens, t: int) -> Array | Tokens:
    """The input at time t alone."""
    if isinstance(x, Array):
        rows = [x.rows()[n * x.shape[1] + t] for n in range(x.shape[0])]
        return Array((len(rows), 1, net.width), [v for row in rows for v in row])
    return [[row[t]] for row in x]


def joined(net: Net, steps: list[Array]) -> Array:
    """The outputs of single steps as one: `[N, T, width]`."""
    N, width = steps[0].shape[0], net.layers[-1].size
    values = [v for n in range(N) for step in steps for v in step.rows()[n]]
    return Array((N, len(steps), width), values)


def answer_decode(net: Net, request: Json) -> Json:
    """[protocol-4]."""
    options = Options(
        count=request["count"],
        mode=request.get("mode"),
        temperature=request.get("temperature"),
        top_k=request.get("top_k"),
        top_p=request.get("top_p"),
        seed=request.get("seed", 0),
    )
    state = state_from_wire(request["state"]) if "state" in request else None
    ids = generate(net, request["prime"], options, state)
    assert net.vocabulary is not None
    return {"ids": ids, "text": decode(net.vocabulary, ids)}


def answer_ctc(net: Net, request: Json) -> Json:
    """[protocol-11]."""
    state = state_from_wire(request["state"]) if "state" in request else None
    x = input_from_wire(request["input"])
    ids = ctc(net, x, request.get("lengths"), state, request.get("blank"))
    assert net.output_vocabulary is not None
    return {"ids": ids, "text": [decode(net.output_vocabulary, row) for row in ids]}


def answer_text(command: str, document: Json, request: Json) -> Json:
    """[protocol-9], in the form of `answer`; `stream` changes nothing [vocabulary-5]."""
    vocabulary = Vocabulary.of_entry(document["vocabularies"][request["vocabulary"]])
    try:
        if command == "encode":
            return {"result": {"ids": encode(vocabulary, request["text"])}}
        return {"result": {"text": decode(vocabulary, request["ids"])}}
    except RunError as fault:
        return {"error": {"code": fault.code}}


def answer_selftest(net: Net) -> Json:
    """[protocol-7]."""
    kinds = [example["kind"] for example in net.examples]
    failed = [n for n, example in enumerate(net.examples) if not passes(net, example)]
    return {
        "exact": kinds.count("exact"),
        "reference": kinds.count("reference"),
        "failed": failed,
    }


def passes(net: Net, example: Json) -> bool:
    """[example-1]."""
    given = example["input"]
    x = net.tensors[given] if isinstance(given, str) else given
    lengths = example.get("lengths")
    state = state_of(net, example["state"]) if "state" in example else None
    try:
        output, after = run(net, x, lengths, state)
    except RunError:
        return False
    pairs = [(output, net.tensors[example["output"]])]
    final = state_of(net, example["final_state"]) if "final_state" in example else {}
    for name, parts in final.items():
        pairs += [(after[name][part], array) for part, array in parts.items()]
    if example["kind"] == "exact":
        return all(to_wire(a) == to_wire(b) for a, b in pairs)
    tolerance = example["tolerance"]
    width = output.shape[-1]
    steps = 1 if net.ends else output.shape[1]
    for place, (y, r) in enumerate(zip(output.values, pairs[0][1].values, strict=True)):
        n, t = divmod(place // width, steps)
        valid = net.ends or lengths is None or t < lengths[n]
        if valid and abs(y - r) > tolerance * max(1.0, abs(r)):
            return False
    return all(
        abs(y - r) <= tolerance * max(1.0, abs(r))
        for a, b in pairs[1:]
        for y, r in zip(a.values, b.values, strict=True)
    )


def state_of(net: Net, names: Json) -> State:
    """A state stored in an example: names of tensors in place of arrays."""
    return {
        layer: {part: net.tensors[tensor] for part, tensor in parts.items()}
        for layer, parts in names.items()
    }
