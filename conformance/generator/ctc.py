"""15: CTC, best path."""

from collections.abc import Iterator

from conformance.case import Case
from conformance.generator.nets import Json, Numbers, array, builder, ctc_case

SECTION = "ctc"
TOKENS = ["", "a", "b", "c"]
NAN = float("nan")


def net(*, unit: str = "codepoint", blank: int | None = 0, tokens: list[str] = TOKENS) -> Json:
    """Features that are the logits themselves."""
    made = builder(len(tokens), 0).activation("linear")
    return with_text(made, unit=unit, blank=blank, tokens=tokens)


def with_text(
    made: builder,
    *,
    unit: str = "codepoint",
    blank: int | None = 0,
    tokens: list[str] = TOKENS,
    kind: str = "logits",
) -> Json:
    """A net of features with a vocabulary behind it; an empty token is special."""
    entry: Json = {"unit": unit, "tokens": tokens}
    if "" in tokens:
        entry["padding"] = tokens.index("")
    more: Json = {} if blank is None else {"decoding": {"mode": "ctc", "blank": blank}}
    output = {"kind": kind, "vocabulary": "text"}
    return made.document(output=output, vocabularies={"text": entry}, **more)


def path(rows: list[list[int]], V: int = 4) -> Json:
    """Logits whose largest elements stand at these ids."""
    numbers = Numbers(sum(map(len, rows)))
    values: list[float] = []
    for row in rows:
        for best in row:
            logits = [-abs(v) for v in numbers.many(V)]
            logits[best] = 0.5
            values += logits
    return array([len(rows), len(rows[0]), V], values)


def cases() -> Iterator[Case]:
    """Every case of the section."""
    yield from paths()
    yield from nets()
    yield from two_vocabularies()
    yield from faults()


def paths() -> Iterator[Case]:
    """What becomes of the ids at each step."""
    for name, title, rows in (
        ("repeats", "Equal ids one after the other", [[1, 1, 2, 2, 2, 1]]),
        ("blanks", "Blanks between, before and after", [[0, 1, 0, 0, 2, 0]]),
        ("blank-parts-repeats", "A blank between two equal ids keeps both", [[1, 0, 1, 1, 0, 1]]),
        ("only-blanks", "Nothing but blanks", [[0, 0, 0]]),
    ):
        yield ctc_case(
            f"ctc/{name}",
            title,
            ["decode-8", "protocol-11"],
            "blanks left out before repeats, repeats not merged, blanks kept",
            net(),
            {"input": path(rows)},
            file="plain",
        )
    yield ctc_case(
        "ctc/lengths",
        "Four rows with lengths; what stands behind them would be another id",
        ["decode-8", "run-1"],
        "padding that is decoded; a repeat across rows",
        net(),
        {
            "input": path([[1, 2, 3, 1], [1, 1, 2, 2], [2, 0, 0, 3], [2, 3, 3, 3]]),
            "lengths": [4, 2, 0, 1],
            "blank": 3,
        },
        file="plain",
    )  # fmt: skip
    yield ctc_case(
        "ctc/ties",
        "Equal logits: the lowest id, also where that is the blank",
        ["decode-8", "decode-1"],
        "the last of equal ids",
        net(blank=1),
        {"input": array([1, 4, 4], [0, 2, 2, 1, 3, 3, 3, 3, -1, -2, -1, -1, 0, -0.0, 0, 0])},
    )
    for blank in (0, 3):
        yield ctc_case(
            f"ctc/blank-{blank}",
            f"The caller's blank, {blank}, before the file's",
            ["decode-8"],
            "a blank that is always 0 or always the last, or the file's",
            net(blank=1),
            {"input": path([[0, 1, 3, 3, 1, 0, 2]]), "blank": blank},
            file="ties",
        )
    yield ctc_case(
        "ctc/blank-caller",
        "A blank from the caller alone",
        ["decode-8"],
        "a file without `decoding` refused",
        net(blank=None),
        {"input": path([[2, 2, 1, 0]]), "blank": 2},
        file="no-blank",
    )
    yield ctc_case(
        "ctc/no-steps",
        "T = 0",
        ["decode-8"],
        "an empty input that fails",
        net(),
        {"input": array([2, 0, 4], [])},
        file="plain",
    )
    yield ctc_case(
        "ctc/text-bytes",
        "Bytes whose UTF-8 goes over several steps; special ids have no text",
        ["decode-8", "vocabulary-3"],
        "each id decoded on its own",
        with_text(
            builder(5, 0).activation("linear"),
            unit="byte",
            tokens=["", 0xC3, 0xA9, 0x41, 0x42],  # type: ignore[list-item]
        ),
        {"input": path([[1, 1, 2, 3], [2, 0, 2, 4]], 5)},
    )


def nets() -> Iterator[Case]:
    """Where the logits come from."""
    for last in ("softmax", "log_softmax"):
        kind = "probabilities" if last == "softmax" else "log_probabilities"
        # 100 and 0 or 30 and 29.999998: as probabilities they are equal, or 0.
        yield ctc_case(
            f"ctc/{last}",
            f"The logits are what the last layer, {last}, reads",
            ["decode-8", "decode-1"],
            "ids by the probabilities, where different logits are equal",
            with_text(builder(4, 0).activation("linear").activation(last), kind=kind),
            {
                "input": array(
                    [1, 3, 4],
                    [*(2.0**-24, 2.0**-23, 0, 0), *(0, 8e-8, 0, 1e-7), *(-9, -200, -300, 1e-7)],
                )
            },
        )
        yield ctc_case(
            f"ctc/{last}-input",
            f"{last} that reads the input itself; elements below 2^−51 are equal",
            ["decode-8", "tiny-2"],
            "logits of no layer; no T on them",
            with_text(builder(4, 0).activation(last), kind=kind),
            {"input": array([1, 2, 4], [-1, 0, 2.0**-52, -1, -1, -1, 1e-20, 2.0**-51])},
        )
    both: Json = {"direction": "bidirectional", "merge": "concat"}
    yield ctc_case(
        "ctc/bidirectional",
        "A bidirectional net with lengths and a given state",
        ["decode-8", "direction-2"],
        "a net that must be forward, as for generating",
        with_text(builder(2, 1, -1, 1).lstm(3, **both).dense(4).activation("log_softmax"), kind="log_probabilities"),
        {
            "input": Numbers(2).array([2, 6, 2], -1, 1),
            "lengths": [6, 4],
            "state": {
                "lstm0": {
                    part: Numbers(3 + k).array([2, 3])
                    for k, part in enumerate(("h", "c", "h_reverse", "c_reverse"))
                }
            },
        },
        encoding="msgpack",
    )  # fmt: skip


def two_vocabularies() -> Iterator[Case]:
    """Token input: V, the blank and the text are those of the output's vocabulary."""
    # The id in the output's vocabulary to which each token of the input gives the largest logit.
    for name, title, best in (
        ("larger", "six tokens for four", [1, 3, 0, 2, 1, 0]),
        ("smaller", "two tokens for four", [2, 3]),
    ):
        V = len(best)
        W = [4.0 if j == best[k] else 0.0 for k in range(V) for j in range(4)]
        made = builder("uvwxyz"[:V], 0).one_hot().dense(4, W=W, bias=False)
        model = made.document(
            output={"kind": "logits", "vocabulary": "heard"}, decoding={"mode": "ctc", "blank": 0}
        )
        model["vocabularies"] |= {"heard": {"unit": "codepoint", "tokens": list("abc_")}}
        spoken = [[k % V for k in row] for row in ([0, 4, 3, 1, 3, 2], [5, 2, 0, 1, 1, 3])]
        yield ctc_case(
            f"ctc/vocabularies-{name}",
            f"The input has another vocabulary than the output, {title}; the largest id is the blank",
            ["decode-8", "protocol-11"],
            "a blank judged by the input's vocabulary, or a text in its tokens",
            model,
            {"input": spoken, "blank": 3},
            file=f"vocabularies-{name}",
        )
        yield ctc_case(
            f"ctc/vocabularies-{name}-refused",
            f"The same, and a blank of 4: the output's vocabulary has four tokens, the input's {V}",
            ["decode-8"],
            "a blank judged by the input's vocabulary",
            model,
            {"input": spoken, "blank": 4},
            file=f"vocabularies-{name}",
        )


def faults() -> Iterator[Case]:
    """The codes and their order."""
    good = path([[1, 2]])
    untimed = with_text(builder(4, 0).activation("linear").last_step())
    silent = builder(4, 0).activation("linear").document()
    refused: dict[str, tuple[str, Json, Json]] = {
        "no-time": ("An output without time", untimed, {"input": good}),
        "no-vocabulary": ("No vocabulary", silent, {"input": good, "blank": 9}),
        "no-blank": ("No blank, and NaN", net(blank=None), {"input": array([1, 1, 4], [NAN] * 4)}),
        "blank-V": ("blank = V", net(), {"input": good, "blank": 4}),
        "blank-negative": ("blank = −1", net(), {"input": good, "blank": -1}),
        "blank-fraction": ("blank = 0.5", net(), {"input": good, "blank": 0.5}),
        "shape": ("Three features in the place of four", net(), {"input": path([[1]], 3)}),
        "length": ("A length above T", net(), {"input": good, "lengths": [3]}),
        "nan": ("NaN at a valid step", net(), {"input": array([1, 1, 4], [0.5, NAN, 0, 0])}),
        "state": ("A state that the net does not have", net(), {"input": good, "state": {"x": {}}}),
        "order": ("No vocabulary, no blank, NaN", silent, {"input": array([1, 1, 4], [NAN] * 4)}),
        "overflow": (
            "A layer overflows",
            with_text(builder(4, 0).affine(s=[2.0**127] * 4, t=[0.0] * 4)),
            {"input": array([1, 1, 4], [0.0, 4.0, 0.0, 0.0])},
        ),
    }
    for name, (title, model, request) in refused.items():
        same = {
            "blank": "plain",
            "shape": "plain",
            "length": "plain",
            "nan": "plain",
            "state": "plain",
        }
        file = same.get(name.partition("-")[0])
        if name == "no-blank":
            file = "no-blank"
        if name in ("no-vocabulary", "order"):
            file = "no-vocabulary"
        yield ctc_case(
            f"ctc/refuse-{name}",
            title,
            ["decode-8", "run-5"],
            "faults that are not judged, or in another order",
            model,
            request,
            file=file,
        )
