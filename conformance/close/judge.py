"""A case at the level `close` (SPEC.md 17.3): what is asked, and whether the answers lie within their bounds."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from conformance.case import Case
from conformance.close import greedy
from conformance.close.activations import OF_SIGMOID, ULPS
from conformance.close.bound import Bounded
from conformance.close.near import BEYOND, TAU, Near, given
from conformance.close.questions import Question, questions
from conformance.compare_arrays import Differences, MalformedError, checked_array, unravel, words_of
from conformance.messages import Answer
from conformance.oracle.answer import (
    from_wire,
    input_from_wire,
    state_before,
    state_from_wire,
)
from conformance.oracle.float32 import from_bits
from conformance.oracle.net import Net, load
from conformance.oracle.reader import read
from conformance.oracle.true_functions import value_of
from conformance.protocol import Failure

Json = dict[str, Any]
Ask = Callable[[Json], Answer | Failure]  # a request without `seq`
EXACT = ("selftest", "evaluate", "run")  # the commands that have a comparison of their own


@lru_cache(maxsize=16)
def net_of(data: bytes) -> Net | None:
    """The net of a document; None if it has findings."""
    document = read(data).document
    return None if document is None else load(document)


def judges(case: Case) -> bool:
    """Whether the level has a comparison of its own for the case; all else is compared exactly."""
    if case.command not in EXACT or "error" in case.expect:
        return False
    return case.document is None or net_of(case.document.data) is not None


def not_comparable(case: Case) -> str | None:
    """Why the case is not asked at this level, if it is not."""
    certain = {"decode": greedy.is_certain, "ctc": greedy.is_certain_path}.get(case.command)
    if certain is None or case.document is None:
        return None
    net = net_of(case.document.data)
    if net is None or certain(net, case.request, case.expect):
        return None
    return "not comparable at the level close: the ids hang on single bits"


def put(case: Case, ask: Ask) -> tuple[Answer | Failure, Differences]:
    """Asks what there is to ask, up to the first difference; the last answer, and what is wrong with it.

    MalformedError as for the exact comparison.
    """
    if case.command != "run":
        answer = ask(case.request_line())
        if isinstance(answer, Failure) or answer.kind == "skipped":
            return answer, []
        compare = {"evaluate": _evaluate, "selftest": _selftest}[case.command]
        return answer, _refusal(answer) or compare(case, answer.value)
    assert case.document is not None
    net = net_of(case.document.data)
    assert net is not None
    line = case.request_line()
    answer = Answer("result", {})
    for number, question in enumerate(questions(net, case.request)):
        answer = ask({"command": "run", "document": line["document"]} | question.request)
        if isinstance(
            answer, Failure
        ):  # the request before it is of the same case, but for the first
            return replace(answer, earlier=answer.earlier and number == 0), []
        if answer.kind == "skipped":
            return answer, []
        found = _refusal(answer) or compare_step(net, question, answer.value)
        if found:
            return answer, found
    return answer, []


def _refusal(answer: Answer) -> Differences:
    if answer.kind == "result":
        return []
    said = answer.value.get("code") or answer.value.get("message")
    return [f"expected a result, got the error {said!r}"]


# --- run ------------------------------------------------------------------------------------------


def compare_step(net: Net, question: Question, result: Json) -> Differences:
    """The answer to one question."""
    chunks = result.get("chunks")
    if not isinstance(chunks, list) or len(chunks) != 1 or not isinstance(chunks[0], dict):
        raise MalformedError("`chunks` is not a list of one object")
    chunk, place = chunks[0], question.place
    if ("output" in chunk) == ("code" in chunk):
        raise MalformedError(f"{place}: expected one of `output`, `code`")
    if "code" in chunk:
        if chunk["code"] != question.code:
            right = question.code or "an output"
            return [f"{place}: expected {right}, got {chunk['code']}"]
        return _state(f"{place}: state", _unchanged(net, question), chunk)
    if question.bounds is None:
        return [f"{place}: expected {question.code}, got an output"]
    bounds = question.bounds
    found = within(f"{place}: output", bounds.output, chunk["output"])
    for name, wanted in bounds.probe.items():
        if not isinstance(chunk.get("probe"), dict) or name not in chunk["probe"]:
            raise MalformedError(f"{place}: probe.{name}: missing")
        found += within(f"{place}: probe.{name}", wanted, chunk["probe"][name])
    return found + _state(f"{place}: state", bounds.state, chunk)


States = dict[str, dict[str, Bounded]]


def _unchanged(net: Net, question: Question) -> States | None:
    """The state after a call that failed: that before it, with or without T; None where it can't be told."""
    request = question.request
    x = input_from_wire(request["chunks"][0]["input"])
    state = state_from_wire(request["state"]) if "state" in request else None
    told = state_before(net, x, state, restored=False).get("state")
    if told is None:
        return None
    return {
        layer: {
            part: (array.shape, [given(v) for v in array.values]) for part, array in parts.items()
        }
        for layer, parts in state_from_wire(told).items()
    }


def _state(path: str, wanted: States | None, chunk: Json) -> Differences:
    if wanted is None:
        return []
    if "state" not in chunk:
        raise MalformedError(f"{path}: missing")
    got = chunk["state"]
    if not isinstance(got, dict) or not all(isinstance(parts, dict) for parts in got.values()):
        raise MalformedError(f"{path}: not an object of objects")
    names = {layer: sorted(parts) for layer, parts in wanted.items()}
    if {layer: sorted(parts) for layer, parts in got.items()} != names:
        return [f"{path}: expected the members {names}"]
    return [
        line
        for layer, parts in wanted.items()
        for part, bounds in parts.items()
        for line in within(f"{path}.{layer}.{part}", bounds, got[layer][part])
    ]


def within(path: str, bounded: Bounded, got: object) -> Differences:
    """Shape, then each element: finite, and no further from its value than the bound."""
    wanted, bounds = bounded
    shape, bits = checked_array(path, got)
    if shape != list(wanted):
        return [f"{path}: expected shape {list(wanted)}, got {shape}"]
    values = [from_bits(int(word, 16)) for word in words_of(bits)]
    wrong = [
        k
        for k, (y, near) in enumerate(zip(values, bounds, strict=True))
        if not (math.isfinite(y) and abs(y - near.v) <= near.e)
    ]
    if not wrong:
        return []
    first = wrong[0]
    near = bounds[first]
    index = ", ".join(str(k) for k in unravel(first, shape))
    return [
        f"{path}[{index}]: expected {near.v:.9g} ± {near.e:.2g}, got {values[first]:.9g}; "
        f"{len(wrong)} of {len(values)} elements are outside"
    ]


# --- the other commands ---------------------------------------------------------------------------


def _evaluate(case: Case, result: Json) -> Differences:
    """[close-8]: 4 ulp of the true value (of 1 for sigmoid); no wonder where T may have made zero of the argument of log."""
    asked, function = from_wire(case.request["input"]), case.request["function"]
    shape, bits = checked_array("output", result.get("output"))
    if shape != list(asked.shape):
        return [f"output: expected shape {list(asked.shape)}, got {shape}"]
    found = []
    values = [from_bits(int(word, 16)) for word in words_of(bits)]
    for k, (x, y) in enumerate(zip(asked.values, values, strict=True)):
        true, allowed = near_true(function, x)
        if (math.isnan(true) and math.isnan(y)) or math.isinf(allowed):
            continue
        size = abs(true) * (1 + ULPS)
        if math.isinf(y) and (size >= BEYOND or math.isinf(true)) and (y > 0) == (true > 0):
            continue
        if not abs(y - true) <= allowed:
            found.append(f"output[{k}]: expected {true:.9g}, got {y:.9g} for {x:.9g}")
    return found


def near_true(function: str, x: float) -> Near:
    """The true value, and how far from it a runtime's may be; infinitely far where it is not compared."""
    true = float(value_of(function, x))
    if function == "log" and 0 < abs(x) < TAU:
        return Near(true, math.inf)
    if not math.isfinite(true):
        return Near(true, 0.0)
    return Near(true, (OF_SIGMOID if function == "sigmoid" else abs(true) * ULPS) + TAU)


def _selftest(case: Case, result: Json) -> Differences:
    """How many examples there are; which of them fail hangs on single bits."""
    return [
        f"{name}: expected {case.expect[name]}, got {result.get(name)!r}"
        for name in ("exact", "reference")
        if result.get(name) != case.expect[name]
    ]
