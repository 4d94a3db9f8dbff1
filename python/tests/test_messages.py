"""Every code as it is really raised: short, on one line, nothing left unfilled, nothing hidden."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec import Issue, Limits, RnnspecError, codes, validate, validate_state

from .nets import Json, as_json, character_net, document, feature_net
from .random_nets import random_net

CASES = Path(__file__).parents[2] / "conformance" / "cases"
HOSTILE = ["\u202e\x1b[31m\n" * 30, "x" * 5000, "{name}{0}{{", "\u2066\U000e0001" * 20]


def check(issue: Issue) -> None:
    line = str(issue)
    assert len(line) <= 200, line
    assert line.isprintable(), repr(line)
    for part in (issue.what, issue.where, issue.expected, issue.fix):
        assert part.isprintable()
        assert not re.search(r"\{(name|got|expected|limit)\}", part.replace("{name}{0}{{", ""))


def documents() -> Iterator[tuple[str, bytes, Json]]:
    """The documents of all conformance cases that ask for findings."""
    for path in sorted(CASES.rglob("*.case.json")):
        case = json.loads(path.read_text("utf-8"))
        if case["command"] not in {"validate", "read_state"}:
            continue
        given = case["document"]
        if "file" in given:
            data = (path.parent / given["file"]).read_bytes()
        elif "text" in given:
            data = given["text"].encode()
        elif "base64" in given:
            data = base64.b64decode(given["base64"])
        else:
            data = "".join(text * times for text, times in given["pieces"]).encode()
        yield case["command"], data, case.get("request", {})


def test_every_code_that_a_document_can_have() -> None:
    seen: set[str] = set()
    for command, data, request in documents():
        judge = validate if command == "validate" else validate_state
        limits = Limits(**request.get("limits", {}))
        for issue in judge(data, limits, try_anyway=request.get("try_anyway", False)):
            check(issue)
            seen.add(issue.code)
    wanted = {c for c, entry in codes.CODES.items() if entry.stage not in {"run", "advice"}}
    assert wanted - seen == set()


def spoilt(value: Json, text: str) -> Iterator[Json]:
    """The value with one of its texts or keys after the other replaced."""
    if isinstance(value, str):
        yield text
    elif isinstance(value, dict):
        for key, member in value.items():
            rest = {name: other for name, other in value.items() if name != key}
            yield {**rest, text: member}
            for changed in spoilt(member, text):
                yield {**value, key: changed}
    elif isinstance(value, list):
        for k, element in enumerate(value):
            for changed in spoilt(element, text):
                yield [*value[:k], changed, *value[k + 1 :]]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_anywhere(text: str) -> None:
    seen = 0
    for top in spoilt(document(), text):
        for issue in validate(as_json(top)):
            check(issue)
            seen += 1
    assert seen > 50
    for top in spoilt(
        {**document(), "extensions_required": ["A_b"], "extensions": {"A_b": 1}}, text
    ):
        for issue in validate_state(as_json(top)):
            check(issue)


def overflow() -> None:
    model = rnnspec.build(
        {
            "input": {"kind": "features", "size": 1},
            "layers": [{"name": "d", "type": "dense", "size": 1, "parameters": {"W": "W"}}],
            "output": {"kind": "values"},
            "tensors": {"W": [[3e38]]},
        }
    )
    rnnspec.run(rnnspec.compile(model), [[[3e38]]])


def backward() -> None:
    """A net of which one layer, of a very long name, needs what comes later."""
    layer = {"name": "x" * 128, "type": "time_reverse"}
    document = {"input": {"kind": "features", "size": 1}, "output": {"kind": "values"}}
    rnnspec.Session(rnnspec.compile(rnnspec.build({**document, "layers": [layer], "tensors": {}})))


TEXTS = rnnspec.compile(character_net())
NUMBERS = rnnspec.compile(feature_net())
SESSION = rnnspec.Session(NUMBERS)
LONG = HOSTILE[0]
HUGE = np.full((1, 1, 3), 1e39)

CALLS: list[tuple[str, Callable[[], Any]]] = [
    ("RUN_SHAPE", lambda: rnnspec.run(NUMBERS, np.zeros((1,) * 30))),
    ("RUN_SHAPE", lambda: rnnspec.run(NUMBERS, np.full((1, 1, 3), LONG))),
    ("RUN_SHAPE", lambda: SESSION.step(np.zeros((5, 7)))),
    ("RUN_NONFINITE_INPUT", lambda: rnnspec.run(NUMBERS, HUGE)),
    ("RUN_TOKEN", lambda: rnnspec.run(TEXTS, np.array([[LONG]], object))),
    ("RUN_TOKEN", lambda: rnnspec.generate(TEXTS, [LONG])),  # type: ignore[list-item] # that is the point
    ("RUN_LENGTH", lambda: rnnspec.run(NUMBERS, np.zeros((1, 1, 3)), np.array([LONG]))),
    ("RUN_STATE", lambda: SESSION.restore({LONG: {"h": [[1]]}})),
    ("RUN_STATE", lambda: SESSION.restore({"lstm": {LONG: [[1]]}})),
    ("RUN_STATE", lambda: rnnspec.state_to_bytes({LONG: {LONG: [[1]]}})),
    ("RUN_NONFINITE_INPUT", lambda: rnnspec.state_to_bytes({LONG: {"h": [[np.nan]]}})),
    ("RUN_TEXT", lambda: rnnspec.generate(TEXTS, LONG)),
    ("RUN_DECODING", lambda: rnnspec.generate(NUMBERS, "a")),
    ("RUN_PRIME", lambda: rnnspec.generate(TEXTS, "")),
    ("RUN_OPTION", lambda: rnnspec.generate(TEXTS, "a", mode=LONG)),  # type: ignore[arg-type] # that is the point
    ("RUN_OPTION", lambda: rnnspec.generate(TEXTS, "a", seed=LONG)),  # type: ignore[arg-type] # that is the point
    ("RUN_OPTION", lambda: rnnspec.generate(TEXTS, "a", temperature=10**300)),
    ("RUN_OPTION", lambda: rnnspec.Session(TEXTS, LONG)),  # type: ignore[arg-type] # that is the point
    ("RUN_NONFINITE", overflow),
    ("RUN_DIRECTION", backward),
    ("RUN_OPTION", lambda: rnnspec.run(NUMBERS, np.zeros((1, 1, 3)), probe=[LONG])),
    ("RUN_OPTION", lambda: rnnspec.ctc(TEXTS, [[1]], blank=LONG)),  # type: ignore[arg-type] # that is the point
    ("RUN_DECODING", lambda: rnnspec.ctc(NUMBERS, np.zeros((1, 1, 3)))),
    ("RUN_STATE", lambda: rnnspec.generate(TEXTS, "a", state={LONG: {LONG: [[1]]}})),
]


@pytest.mark.parametrize(("code", "call"), CALLS)
def test_faults_of_calls(code: str, call: Callable[[], Any]) -> None:
    with pytest.raises(RnnspecError) as caught:
        call()
    assert caught.value.code == code
    for issue in caught.value.issues:
        check(issue)


def test_every_code_of_a_call_is_among_them() -> None:
    assert {code for code, _ in CALLS} == {c for c, e in codes.CODES.items() if e.stage == "run"}


@pytest.mark.parametrize(
    ("call", "expected", "got"),
    [
        (lambda: rnnspec.run(NUMBERS, np.zeros((2, 5))), "[N, T, 3]", "[2, 5]"),
        (lambda: rnnspec.run(TEXTS, [[[1]]]), "[N, T]", "[1, 1, 1]"),
        (lambda: rnnspec.run(NUMBERS, np.zeros((2, 5, 3)), [1, 2, 3]), "[2]", "[3]"),
        (lambda: SESSION.step(np.zeros((2, 3))), "[1, 3]", "[2, 3]"),
        (lambda: SESSION.run(np.zeros((2, 1, 3))), "[1, T, 3]", "[2, 1, 3]"),
        (lambda: SESSION.step(np.zeros((1, 3)), np.zeros((1, 3), np.float32)), "[1, 2]", "[1, 3]"),
        (lambda: SESSION.restore({"lstm": {"h": np.zeros((2, 4)), "c": np.zeros((1, 4))}}), "[1, 4]", "[2, 4]"),
    ],
)  # fmt: skip
def test_wrong_shapes_are_told_with_both(call: Callable[[], Any], expected: str, got: str) -> None:
    with pytest.raises(RnnspecError) as caught:
        call()
    assert expected in caught.value.issues[0].expected
    assert got in caught.value.issues[0].expected


def test_a_wrong_state_is_told_by_its_layer() -> None:
    for seed in range(20):
        plan = rnnspec.compile(random_net(seed))
        if not plan.is_forward:
            continue
        session = rnnspec.Session(plan)
        for name, layer in plan.recurrent.items():
            width = layer.initial["h"].shape[1]
            state: Any = session.state()
            state[name]["h"] = np.zeros((1, 99))
            with pytest.raises(RnnspecError, match=rf"{name}\.h \[1, {width}\].*\[1, 99\]"):
                session.restore(state)
            del state[name]["h"]
            with pytest.raises(RnnspecError, match=rf"{name} with h"):
                session.restore(state)
            del state[name]
            with pytest.raises(RnnspecError, match=rf"the layers .*{name}"):
                session.restore(state)
