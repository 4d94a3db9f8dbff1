"""What a random net can be: every option with its values, and what can't stand together.

A *row* gives each option that applies one of its values. `RULES` says which values exclude which, and why; nothing
else does, so every other pair of values must come up.
"""

from dataclasses import dataclass, field

FUNCTIONS = (
    "linear", "tanh", "sigmoid", "relu", "leaky_relu", "elu",
    "softplus", "softsign", "hard_sigmoid", "hard_tanh", "thresholded_relu", "scaled_tanh",
)  # fmt: skip
NO_YES = ("no", "yes")
TOKENS = ("embedding", "one_hot")
RUNS = ("run", "step")
GENERATES = ("greedy", "sample")

Row = dict[str, str]  # option -> value
Item = tuple[str, str]


@dataclass(frozen=True)
class Option:
    """An option; it applies where each option of `when` has one of the values given.

    And not where all options of `unless` are "no": a row that came out so has no value of it.
    """

    name: str
    values: tuple[str, ...]
    when: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unless: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """In words, where it applies."""
        needs = [f"{name} is {' or '.join(values)}" for name, values in self.when.items()]
        return "where " + " and ".join(needs) if needs else "everywhere"


@dataclass(frozen=True)
class Rule:
    """Where `option` has one of `values`, `other` has one of `allowed`."""

    option: str
    values: tuple[str, ...]
    other: str
    allowed: tuple[str, ...]
    reason: str


# In the order of drawing: an option stands behind those of its `when`.
OPTIONS = (
    # the call
    Option("call", (*RUNS, *GENERATES)),
    # the file
    Option("encoding", ("json, shortest", "json, long decimals", "json, base64", "msgpack")),
    Option("dtype", ("float32", "float16", "mixed")),
    Option("extras", NO_YES),  # metadata, extensions, labels: nothing that changes a number
    Option("weights", ("×1", "×2", "×4", "spread", "tiny", "huge")),
    # the input
    Option("input", ("features", *TOKENS)),
    Option("input size", ("1", "2–8", "9–33", "34–70")),
    Option("magnitudes", ("usual", "tiny", "huge"), {"input": ("features",)}),
    Option("unit", ("byte", "codepoint", "token", "token, separator"), {"input": TOKENS}),
    Option("special ids", NO_YES, {"input": TOKENS}),
    # cells, one of each kind at most, and perhaps one kind again
    Option("elman", NO_YES),
    Option("lstm", NO_YES),
    Option("gru", ("no", "before", "after")),
    Option("again", ("no", "elman", "lstm", "gru")),
    Option(
        "hidden size",
        ("1", "2–8", "9–16", "17–33", "34–70"),
        unless=("elman", "lstm", "gru"),
    ),
    Option("elman activation", FUNCTIONS, {"elman": ("yes",)}),
    Option("elman b", NO_YES, {"elman": ("yes",)}),
    Option("elman h0", NO_YES, {"elman": ("yes",)}),
    Option("lstm gates", FUNCTIONS, {"lstm": ("yes",)}),
    Option("lstm candidate", FUNCTIONS, {"lstm": ("yes",)}),
    Option("lstm output", FUNCTIONS, {"lstm": ("yes",)}),
    Option("lstm b", NO_YES, {"lstm": ("yes",)}),
    Option("lstm initial", ("no", "h0", "c0", "h0 and c0"), {"lstm": ("yes",)}),
    Option("gru gates", FUNCTIONS, {"gru": ("before", "after")}),
    Option("gru candidate", FUNCTIONS, {"gru": ("before", "after")}),
    Option("gru b", NO_YES, {"gru": ("before", "after")}),
    Option("gru rb", NO_YES, {"gru": ("after",)}),
    Option("gru h0", NO_YES, {"gru": ("before", "after")}),
    Option("time", ("sequence", "final elman", "final lstm", "final gru", "last_step")),
    # layers without memory, before the cells or behind them
    Option("dense", ("no", "with b", "without b")),
    Option("affine", ("no", "before", "behind")),
    Option("activation", ("no", "before", "behind")),
    Option("function", FUNCTIONS, {"activation": ("before", "behind")}),
    Option("last", ("any", "softmax", "log_softmax")),
    # run and step
    Option("rows", ("1", "2–4", "5–9"), {"call": RUNS}),
    Option("steps", ("0", "1", "2–7", "8–24"), {"call": RUNS}),
    Option("chunks", ("whole", "single steps", "random", "with empty ones"), {"call": RUNS}),
    Option("lengths", ("no", "full", "some", "all 0"), {"call": ("run",)}),
    Option("state", ("initial", "given", "given, tiny"), {"call": RUNS}),
    Option("saved state", ("no", "json", "msgpack"), {"call": RUNS}),
    Option("fault", ("no", "input", "lengths"), {"call": RUNS}),
    # generating
    Option("prime", ("ids", "text"), {"call": GENERATES}),
    Option("choices", ("caller's", "file's", "caller's over file's"), {"call": GENERATES}),
    Option("temperature", ("cold", "middle", "hot"), {"call": ("sample",)}),
    Option("top_k", ("no", "1", "some", "off"), {"call": ("sample",)}),
    Option("top_p", ("no", "smallest", "some", "off"), {"call": ("sample",)}),
)

RULES = (
    Rule(
        "dtype", ("float16",), "encoding", ("json, base64", "msgpack"),
        "[agree-6]: decimals hold only float32",
    ),
    Rule(
        "call", GENERATES, "input", TOKENS,
        "[decode-5]: generating needs tokens as input",
    ),
    Rule(
        "call", GENERATES, "dense", ("with b", "without b"),
        "[decode-5]: the output must be as wide as the vocabulary, which a dense layer makes it",
    ),
    Rule("time", ("final elman",), "elman", ("yes",), "a cell that is not there"),
    Rule("time", ("final lstm",), "lstm", ("yes",), "a cell that is not there"),
    Rule("time", ("final gru",), "gru", ("before", "after"), "a cell that is not there"),
    Rule("again", ("elman",), "elman", ("yes",), "a cell that is not there"),
    Rule("again", ("lstm",), "lstm", ("yes",), "a cell that is not there"),
    Rule("again", ("gru",), "gru", ("before", "after"), "a cell that is not there"),
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
)  # fmt: skip
