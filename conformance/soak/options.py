"""What a random net can be: every option with its values, and what can't stand together.

A *row* gives each option that applies one of its values. `rules.py` says which values exclude which, and why; nothing
else does, so every other pair of values must come up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

FUNCTIONS = (
    "linear", "tanh", "sigmoid", "relu", "leaky_relu", "elu",
    "softplus", "softsign", "hard_sigmoid", "hard_tanh", "thresholded_relu", "scaled_tanh",
)  # fmt: skip
NO_YES = ("no", "yes")
CELLS = ("elman", "lstm", "gru")
MERGES = ("add", "multiply", "concat")  # the layers of two or more inputs
DIRECTIONS = ("forward", "reverse", "bidirectional")
TOKENS = ("embedding", "one_hot")
STEPPED = ("run", "step")  # calls in chunks
GENERATES = ("greedy", "sample")
PLACES = ("no", "before", "behind")  # of a layer without memory: before the cells or behind them
CLIPS = ("no", "not reached", "reached")
INT8 = ("int8, rows", "int8, columns")

Row = dict[str, str]  # option -> value
Item = tuple[str, str]


@dataclass(frozen=True)
class Option:
    """An option; it applies where each option of `when` has one of the values given.

    And not where all options of `unless` are "no": a row that came out so has no value of it.
    """

    name: str
    values: tuple[str, ...]
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unless: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """In words, where it applies."""
        needs = [f"{name} is {' or '.join(values)}" for name, values in self.when.items()]
        return "where " + " and ".join(needs) if needs else "everywhere"


def _cell(kind: str, there: tuple[str, ...]) -> tuple[Option, ...]:
    """What each kind of cell has ([layer-8] and the row *recurrent* of section 8)."""
    both = {f"{kind} direction": ("bidirectional",)}
    return (
        Option(f"{kind} direction", DIRECTIONS, {kind: there}),
        Option(f"{kind} merge", ("concat", "sum", "multiply", "average"), both),
        # Every optional role in both directions, or one of them (if there is any) in one alone.
        Option(f"{kind} roles", ("of both directions", "of one alone"), both),
        Option(f"{kind} b", NO_YES, {kind: there}),
        Option(f"{kind} clip", CLIPS, {kind: there}),
    )


ELMAN, LSTM, GRU = {"elman": ("yes",)}, {"lstm": ("yes",)}, {"gru": ("before", "after")}
PROJECTED = ("without qb", "with qb")

# In the order of drawing: an option stands behind those of its `when`.
OPTIONS = (
    # the call
    Option("call", (*STEPPED, *GENERATES, "ctc")),
    Option("net", ("forward", "not forward")),
    Option("turned by", (*CELLS, "time_reverse"), {"net": ("not forward",)}),  # at least
    # the file
    Option("encoding", ("json, shortest", "json, long decimals", "json, base64", "msgpack")),
    Option("dtype", ("float32", "float16", "bfloat16", *INT8, "mixed")),
    Option("extras", NO_YES),  # metadata, extensions, labels, odd names: nothing that changes a number
    Option("weights", ("×1", "×3", "×10", "×30", "×100", "spread", "tiny", "huge")),
    # the input
    Option("input", ("features", *TOKENS)),
    Option("input size", ("1", "2–8", "9–33", "34–70")),
    Option("input read", ("once", "twice")),
    Option("magnitudes", ("usual", "×100", "tiny", "huge"), {"input": ("features",)}),
    Option("unit", ("byte", "codepoint", "token", "token, separator"), {"input": TOKENS}),
    Option("special ids", NO_YES, {"input": TOKENS}),
    # cells, one of each kind at most, and perhaps one kind again
    Option("elman", NO_YES),
    Option("lstm", NO_YES),
    Option("gru", ("no", "before", "after")),
    Option("again", ("no", *CELLS)),
    Option("hidden size", ("1", "2–8", "9–16", "17–33", "34–70"), unless=CELLS),
    *_cell("elman", ELMAN["elman"]),
    Option("elman activation", FUNCTIONS, ELMAN),
    Option("elman h0", NO_YES, ELMAN),
    *_cell("lstm", LSTM["lstm"]),
    Option("lstm gates", FUNCTIONS, LSTM),
    Option("lstm candidate", FUNCTIONS, LSTM),
    Option("lstm output", FUNCTIONS, LSTM),
    Option("lstm initial", ("no", "h0", "c0", "h0 and c0"), LSTM),
    Option("lstm peephole", ("no", "diagonal", "full"), LSTM),
    Option("lstm coupled", ("no", "input", "forget"), LSTM),
    Option("lstm cell_clip", CLIPS, LSTM),
    Option("lstm projection", ("no", *PROJECTED), LSTM),
    Option("lstm projection_clip", CLIPS, {"lstm projection": PROJECTED}),
    *_cell("gru", GRU["gru"]),
    Option("gru gates", FUNCTIONS, GRU),
    Option("gru candidate", FUNCTIONS, GRU),
    Option("gru rb", NO_YES, {"gru": ("after",)}),
    Option("gru h0", NO_YES, GRU),
    Option("time", ("sequence", "final elman", "final lstm", "final gru", "last_step")),
    # layers without memory
    Option("dense", ("no", "with b", "without b")),
    Option("affine", PLACES),
    Option("activation", PLACES),
    Option("function", FUNCTIONS, {"activation": ("before", "behind")}),
    Option("layer_norm", PLACES),
    Option("epsilon", ("least", "usual", "1"), {"layer_norm": ("before", "behind")}),
    Option("time_reverse", PLACES),
    Option("add", PLACES),
    Option("multiply", PLACES),
    Option("concat", PLACES),
    Option("merged inputs", ("2", "3", "4–6"), unless=MERGES),
    Option("inputs", ("left out", "spelled out", "mixed")),  # where the default would do
    Option("last", ("any", "softmax", "log_softmax")),
    # what is given to the call
    Option("rows", ("1", "2–4", "5–9"), {"call": (*STEPPED, "ctc")}),
    Option("steps", ("0", "1", "2–7", "8–24"), {"call": (*STEPPED, "ctc")}),
    Option("chunks", ("whole", "single steps", "random", "with empty ones"), {"call": STEPPED}),
    Option("lengths", ("no", "full", "some", "all 1", "all 0"), {"call": ("run", "ctc")}),
    Option("state", ("initial", "given", "given, tiny")),
    Option("saved state", ("no", "json", "msgpack")),
    Option("probe", ("no", "some", "all"), {"call": ("run",)}),
    Option("self-test", NO_YES, {"call": ("run",)}),  # with the call as examples in the file
    Option("fault", ("no", "input", "lengths"), {"call": STEPPED}),
    Option("convert", ("no", "json", "msgpack")),  # asked where the oracle is
    Option("refused too", ("no", "state", "probe", "step", "decode", "ctc")),  # a call more
    Option("choices", ("caller's", "file's", "caller's over file's"), {"call": (*GENERATES, "ctc")}),
    # generating
    Option("prime", ("ids", "text", "none"), {"call": GENERATES}),
    Option("temperature", ("cold", "middle", "hot"), {"call": ("sample",)}),
    Option("top_k", ("no", "1", "some", "off"), {"call": ("sample",)}),
    Option("top_p", ("no", "smallest", "some", "off"), {"call": ("sample",)}),
)  # fmt: skip
