"""15: generating from a given state."""

from collections.abc import Iterator

from conformance.case import Case
from conformance.generator.nets import Json, Numbers, array, builder, decode_case

SECTION = "state_given"
TOKENS = list("abcdef")
SAMPLE: Json = {"mode": "sample", "temperature": 1.5}


def plain(seed: int = 1, **special: int) -> builder:
    """Six tokens, a memory of three that lasts."""
    kept = [0.25, -0.5, 0.125, 4.0, 3.5, 3.0, 0.5, -0.25, 0.75, 1.0, 0.5, 0.25]
    return spoken(builder("?", seed, -1, 1).tokens(TOKENS, **special).one_hot().lstm(3, b=kept))


def spoken(net: builder) -> builder:
    """Logits that hang on the memory alone."""
    net.range = (0, 2)
    return net.dense(6, bias=False)


def state(seed: int, rows: int = 1, size: int = 3) -> Json:
    """A state of it."""
    numbers = Numbers(seed)
    return {"lstm1": {part: numbers.array([rows, size], 0, 1) for part in ("h", "c")}}


def case(name: str, title: str, catches: str, net: builder, **request: object) -> Case:
    """A case of this section; a net that nothing sets apart is shared."""
    document = net.document()
    shared = {"net": plain(), "start": plain(start=5)}
    file = next((word for word, made in shared.items() if made.document() == document), None)
    return decode_case(
        f"state_given/{name}",
        title,
        ["decode-5", "run-6" if "foreign" in name else "run-2"],
        catches,
        document,
        {"prime": [1, 2], "count": 8} | request,
        encoding="msgpack",
        file=file,
    )


def cases() -> Iterator[Case]:
    """Every case of the section."""
    yield case(
        "prime",
        "From a state, over a prime",
        "a state that is ignored",
        plain(),
        state=state(2),
        seed=3,
        **SAMPLE,
    )
    yield case(
        "none",
        "The same without a state",
        "a state that stays from call to call",
        plain(),
        seed=3,
        **SAMPLE,
    )
    yield case(
        "start-prime", "With a start id and a prime: the start id is not fed again",
        "start fed whenever there is one", plain(start=5), state=state(4), count=16, **SAMPLE,
    )  # fmt: skip
    yield case(
        "start-empty", "With a start id and no prime: the start id is fed",
        "RUN_PRIME; a first token drawn without feeding one", plain(start=5), prime=[], state=state(4), count=16, **SAMPLE,
    )  # fmt: skip
    yield case(
        "start-text", "With a start id and an empty text",
        "an empty text taken for a prime", plain(start=5), prime="", state=state(4), count=16, **SAMPLE,
    )  # fmt: skip
    yield case(
        "start-without", "With a start id, a prime, and no state: start is fed first",
        "start that is fed only where the prime is empty", plain(start=5), count=16, **SAMPLE,
    )  # fmt: skip
    yield case(
        "no-start-empty", "Without a start id and without a prime", "a state taken for a prime",
        plain(), prime=[], state=state(4),
    )  # fmt: skip
    yield case(
        "foreign", "The state of an encoder, another net with a layer of the same name and sizes",
        "a state tied to its file", encoded(5), prime="b", state=state(6),
    )  # fmt: skip
    yield case(
        "initial", "A given state before h0 and c0, and an end id",
        "h0 in the place of what is given",
        spoken(builder("?", 7, -1, 1).tokens(TOKENS, end=3).one_hot().lstm(3, initial=True)),
        state=state(8), seed=5, **SAMPLE,
    )  # fmt: skip
    tiny = {"elman1": {"h": array([1, 1], [2.0**-52])}}
    yield case(
        "tiny", "A given h below 2^−51 is 0", "no T on a given state",
        builder("?", 0).tokens(["a", "b"]).one_hot()
        .elman(1, {"function": "linear"}, W=[0.0, 0.0], R=[2.0**60], bias=False)
        .dense(2, W=[0.0, 1.0], b=[0.5, 0.0]),
        prime=[0], count=1, state=tiny,
    )  # fmt: skip
    yield from refusals()


def encoded(seed: int) -> builder:
    """A decoder that is another net than that of the state."""
    made = builder("?", seed, -1, 1).tokens(TOKENS).embedding(2).lstm(3)
    return spoken(made).activation("softmax")


def refusals() -> Iterator[Case]:
    """The order of faults: those of the state last."""
    nan = state(9)
    nan["lstm1"]["c"] = array([1, 3], [0.5, float("nan"), 1.0])
    rows, sizes = state(10, rows=2), state(11, size=4)
    reverse = spoken(builder("?", 12, -1, 1).tokens(TOKENS).one_hot().lstm(3, direction="reverse"))
    turned = builder("?", 13, -1, 1).tokens(TOKENS).one_hot().plain("time_reverse").dense(6)
    for name, title, net_, request in (
        ("rows", "A state of two rows", plain(), {"state": rows}),
        ("size", "A state of four elements for three", plain(), {"state": sizes}),
        ("layer", "A state of no layer", plain(), {"state": {}}),
        ("nan", "NaN in the state", plain(), {"state": nan}),
        ("count-0", "A faulty state, and no token asked for", plain(), {"state": rows, "count": 0}),
        ("prime", "No prime, and a faulty state", plain(), {"state": rows, "prime": []}),
        ("token", "An id out of range, and a faulty state", plain(), {"state": nan, "prime": [6]}),
        ("text", "A text that can't be encoded, and a faulty state", plain(), {"state": nan, "prime": "z"}),
        ("option", "A temperature of 0, and a faulty state", plain(), {"state": rows, "temperature": 0}),
        ("reverse", "A reverse layer", reverse, {"state": state(14)}),
        ("reverse-first", "A reverse layer, a wrong seed, and a faulty state", reverse, {"state": rows, "seed": -1}),
        ("time-reverse", "time_reverse in a net without memory", turned, {}),
        ("ctc", "mode ctc from the caller, and a wrong seed", plain(), {"mode": "ctc", "seed": -1}),
    ):  # fmt: skip
        yield case(
            f"refuse-{name}", title, "faults in another order, or not judged", net_, **request
        )
    filed = plain()
    filed.more["decoding"] = {"mode": "ctc", "blank": 0}
    for name, given in (("file", {}), ("file-greedy", {"mode": "greedy"})):
        yield decode_case(
            f"state_given/ctc-{name}",
            "mode ctc in the file" + (", greedy from the caller" if given else ""),
            ["decode-5"],
            "a mode that is judged where it is not the one in force",
            filed.document(),
            {"prime": [1, 2], "count": 3, **given},
            encoding="msgpack",
            file="ctc-file",
        )
