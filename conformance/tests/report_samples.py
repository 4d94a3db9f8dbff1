"""Reports made by hand: every verdict, every command, and names that want to break out."""

from dataclasses import replace
from typing import Any

from conformance.case import Case, Document
from conformance.generator.build import array, dense_net, json_bytes, validate_case
from conformance.report import Report, of_run
from conformance.runner import Runtime
from conformance.verdict import Outcome, Verdict

STARTED = "2026-01-31T23:59:59Z"
RUNTIME = Runtime("mine", "0.1", "Go", ("player", "validator"), frozenset({"json", "dense"}))
COMMAND = ["./mine", "--adapter", "a b"]

# Markup, the end of CDATA, what XML forbids, what turns a line round, half a surrogate pair, another line.
HOSTILE = "</code><script>alert(1)</script>]]>&amp;\x00\x1b[2J\u202e\u2066\ud800\ufffe\"'\n0 failed"

LSTM: dict[str, Any] = {
    "rnnspec": "1.0-draft.3",
    "input": {"kind": "tokens", "vocabulary": "text"},
    "vocabularies": {"text": {"unit": "byte", "tokens": [97, 98, 99]}},
    "layers": [
        {"name": "letters", "type": "one_hot"},
        {
            "name": "memory",
            "type": "lstm",
            "hidden_size": 2,
            "activations": {
                "gates": {"function": "hard_sigmoid", "alpha": 0.25, "beta": 0.5},
                "candidate": {"function": "tanh"},
                "output": {"function": "tanh"},
            },
            "output": "final",
            "parameters": {"W": "W", "R": "R"},
        },
        {"name": "out", "type": "dense", "size": 3, "parameters": {"W": "V"}},
    ],
    "output": {"kind": "logits", "vocabulary": "text"},
    "tensors": {
        "W": {"dtype": "float32", "shape": [3, 8], "data": [0.5] * 24},
        "R": {"dtype": "float16", "shape": [2, 8], "data": "AAA" + "A" * 41},
        "V": {"dtype": "float32", "shape": [2, 3], "data": [0.5] * 6},
    },
}

VALID = validate_case("document/valid", "a valid one", ["doc-1"], "nothing", dense_net())
RUN = Case(
    id="dense/run",
    title="doubles",
    requirements=("dense-1", "chain-1"),
    features=("json", "dense"),
    catches="a product that is left out",
    command="run",
    document=Document(json_bytes(dense_net())),
    request={"chunks": [{"input": array([1, 4, 1], [1.0, -3.0, 0.5, 7.0])}]},
    expect={"chunks": [{"output": array([1, 4, 1], [2.0, -6.0, 1.0, 14.0]), "state": {}}]},
)
# The third element is the next number, the fourth has the other sign.
RUN_GOT = {
    "chunks": [
        {"output": {"shape": [1, 4, 1], "bits": "40000000c0c000003f800001c1600000"}, "state": {}}
    ]
}
CUT = validate_case(
    "json/cut",
    "cut off",
    ["json-2"],
    "an offset that is one too large",
    b'{"rnnspec": ',
)
CUT_GOT = {
    "findings": [{"code": "SYNTAX_END", "stage": "syntax", "severity": "error", "place": 11}]
}
EXTRA = validate_case(
    "document/extra", "a member `extra`", ["doc-2"], "a member read over", dense_net(extra=1)
)
DECODE = Case(
    id="decoding/greedy",
    title="greedy",
    requirements=("decode-1",),
    features=("json", "decoding"),
    catches="another id of two that are equal",
    command="decode",
    document=Document(json_bytes(LSTM)),
    request={"prime": "ab", "count": 4},
    expect={"ids": [0, 1, 2, 0], "text": "abca"},
)
DECODE_GOT = {"ids": [0, 1, 1, 0], "text": "abba"}


def outcome(
    case: Case, verdict: Verdict, *details: str, got: dict[str, Any] | None = None
) -> Outcome:
    """One outcome of a quarter of a second."""
    return Outcome(case, verdict, details, 0.25, got)


OUTCOMES = [
    outcome(VALID, Verdict.PASS),
    outcome(
        RUN, Verdict.MISMATCH, "chunks[0].output[0, 2, 0]: expected 1", got={"result": RUN_GOT}
    ),
    outcome(CUT, Verdict.MISMATCH, "findings: missing", got={"result": CUT_GOT}),
    outcome(EXTRA, Verdict.CRASH, "the adapter ended with exit code 3"),
    outcome(DECODE, Verdict.MISMATCH, "ids: expected", got={"result": DECODE_GOT}),
    outcome(replace(RUN, id="gru/one"), Verdict.SKIPPED, "not declared: gru"),
]


def report(
    outcomes: list[Outcome] = OUTCOMES, runtime: Runtime = RUNTIME, *, filtered: bool = False
) -> Report:
    """A run of these outcomes."""
    return of_run(runtime, outcomes, COMMAND, started=STARTED, filtered=filtered)


# Of the four failures two are known; one case passes though it is on the list; one id is no case.
KNOWN = {
    "dense/run": "ours: issue 7",
    "document/extra": "",
    "document/valid": "mended?",
    "gru/one": "not asked here",
}


def listed() -> Report:
    """A run with a list of known failures."""
    return of_run(
        RUNTIME,
        OUTCOMES,
        COMMAND,
        started=STARTED,
        filtered=False,
        known=KNOWN,
        stale=["json/gone"],
    )


def hostile() -> Report:
    """Everything that a runtime, or results from elsewhere, can write is hostile."""
    case = replace(
        EXTRA,
        id=f"document/{HOSTILE}",
        title=HOSTILE,
        catches=HOSTILE,
        requirements=("doc-2", HOSTILE),
        features=(HOSTILE,),
        document=Document(json_bytes(dense_net(metadata={HOSTILE.replace("\ud800", ""): 1}))),
        request={HOSTILE: HOSTILE},
    )
    finding = dict.fromkeys(("code", "stage", "severity", "place"), HOSTILE)
    other = replace(DECODE, id=f"{HOSTILE}/x", title=HOSTILE, catches=HOSTILE)
    return of_run(
        Runtime(HOSTILE, HOSTILE, HOSTILE, (HOSTILE,), frozenset({HOSTILE})),
        [
            outcome(case, Verdict.MISMATCH, HOSTILE, got={"result": {"findings": [finding], HOSTILE: 1}}),
            outcome(other, Verdict.MISMATCH, HOSTILE, got={"result": {"ids": [HOSTILE], "text": HOSTILE}}),
            outcome(replace(RUN, id=f"x/{HOSTILE}"), Verdict.SKIPPED, HOSTILE),
        ],
        [HOSTILE],
        started=STARTED,
        filtered=True,
        known={f"{HOSTILE}/x": HOSTILE},
        stale=[HOSTILE],
    )  # fmt: skip
