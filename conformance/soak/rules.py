"""What can't stand together in a random net, and why."""

from dataclasses import dataclass

from conformance.soak.options import CELLS, GENERATES, STEPPED, TOKENS

TURNED = ("reverse", "bidirectional")


@dataclass(frozen=True)
class Rule:
    """Where `option` has one of `values`, `other` has one of `allowed`, or does not apply."""

    option: str
    values: tuple[str, ...]
    other: str
    allowed: tuple[str, ...]
    reason: str


NOT_THERE = "a cell that is not there"
THERE = {"elman": ("yes",), "lstm": ("yes",), "gru": ("before", "after")}
TURNS = "[run-4]: what makes a net not forward"

RULES = (
    # directions
    Rule(
        "call", ("step", *GENERATES), "net", ("forward",),
        "[run-7], [decode-5]: only forward nets go step by step",
    ),
    *(Rule("net", ("forward",), f"{kind} direction", ("forward",), TURNS) for kind in CELLS),
    Rule("net", ("forward",), "time_reverse", ("no",), TURNS),
    *(Rule("turned by", (kind,), kind, THERE[kind], NOT_THERE) for kind in CELLS),
    *(Rule("turned by", (kind,), f"{kind} direction", TURNED, TURNS) for kind in CELLS),
    Rule("turned by", ("time_reverse",), "time_reverse", ("before", "behind"), TURNS),
    # cells
    *(Rule("time", (f"final {kind}",), kind, THERE[kind], NOT_THERE) for kind in CELLS),
    *(Rule("again", (kind,), kind, THERE[kind], NOT_THERE) for kind in CELLS),
    Rule(
        "time", tuple(f"final {kind}" for kind in CELLS), "time_reverse", ("no", "before"),
        "[layer-5]: a time_reverse can't read what has no time",
    ),
    # files
    Rule(
        "dtype", ("float16", "bfloat16"), "encoding", ("json, base64", "msgpack"),
        "[agree-6]: decimals hold only float32",
    ),
    # calls
    Rule(
        "call", GENERATES, "input", TOKENS,
        "[decode-5]: generating needs tokens as input",
    ),
    Rule(
        "call", GENERATES, "dense", ("with b", "without b"),
        "[decode-5]: the output must be as wide as the vocabulary, which a dense layer makes it",
    ),
    Rule("call", ("ctc",), "time", ("sequence",), "[decode-8]: CTC needs an output with time"),
    Rule(
        "call", ("step",), "steps", ("1", "2–7", "8–24"),
        "[protocol-3]: no step, no output",
    ),
    Rule(
        "call", ("step",), "chunks", ("whole", "single steps", "random"),
        "[protocol-3]: no step, no output",
    ),
    Rule(
        "steps", ("0",), "chunks", ("whole", "with empty ones"),
        "no steps can't be divided",
    ),
    Rule(
        "steps", ("0",), "lengths", ("no", "full"),
        "[run-5]: without steps, every length is 0 and full",
    ),
    Rule("fault", ("lengths",), "call", ("run",), "[protocol-3]: a step has no lengths"),
    Rule(
        "prime", ("none",), "special ids", ("yes",),
        "[decode-5]: without a prime there must be a start id",
    ),
    # calls that are refused
    Rule("refused too", ("probe",), "call", ("run",), "[protocol-3]: `probe` belongs to run"),
    Rule(
        "refused too", ("step",), "net", ("not forward",),
        "[run-7]: the step interface of a forward net is not refused",
    ),
    Rule("refused too", ("step",), "call", ("run",), "a call of the other interface"),
    Rule(
        "refused too", ("step",), "steps", ("1", "2–7", "8–24"),
        "[protocol-3]: no step, no refusal",
    ),
    Rule(
        "refused too", ("decode", "ctc"), "call", (*STEPPED,),
        "a call that can be carried out",
    ),
    Rule("refused too", ("decode",), "net", ("not forward",), "[decode-5]: a forward net may be able to generate"),
)  # fmt: skip
