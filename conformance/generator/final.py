"""13.11: a recurrent layer that gives its last h, and the layers without time behind it."""

from collections.abc import Callable, Iterator
from typing import Any

from conformance.case import Case
from conformance.generator.nets import (
    Json,
    Numbers,
    array,
    builder,
    decode_case,
    packed_case,
    run_case,
)

SECTION = "final"
KINDS = ("elman", "lstm", "gru-before", "gru-after")
HUGE = 2.0**127


def cell(net: builder, kind: str, H: int, *, final: bool = True, **given: Any) -> builder:  # noqa: ANN401 - lists of numbers
    """Adds a cell of one of the kinds."""
    if kind == "elman":
        return net.elman(H, final=final, **given)
    if kind == "lstm":
        return net.lstm(H, final=final, **given)
    return net.gru(H, kind.partition("-")[2], final=final, **given)


def of(kind: str) -> str:
    """The requirement of the cell."""
    return {"gru-before": "gru-2", "gru-after": "gru-3"}.get(kind, f"{kind}-1")


def state(kind: str, rows: int, H: int, seed: int) -> Json:
    """A given state of a net whose first layer is the cell."""
    numbers = Numbers(seed)
    return {
        f"{kind.partition('-')[0]}0": {
            part: numbers.array([rows, H], -2, 0)
            for part in (("h", "c") if kind == "lstm" else "h")
        }
    }


def cases() -> Iterator[Case]:
    """Every case of the section."""
    for kind in KINDS:
        yield from of_cell(kind)
    yield from behind()
    yield from not_finite()


def of_cell(kind: str) -> Iterator[Case]:
    """What every cell has to get right."""
    three = cell(builder(2, 1, -2, 0), kind, 3).document()
    yield run_case(
        f"final/alone-{kind}",
        "The last layer is final: one vector a row, [N, width]",
        ["final-1", "layer-5", of(kind)],
        "the h before the last step; all steps; an output with a time axis of length 1",
        three,
        [{"input": Numbers(2).array([3, 4, 2], -2, 1)}],
        encoding="msgpack",
    )
    yield packed_case(
        f"final/lengths-{kind}",
        "Rows of other lengths, one of them 0: each gives the h after its own last step, the empty one +0",
        ["final-1", "run-1", "run-2"],
        "the h at T − 1, at length − 1 counted twice, or of another row; a buffer that an empty row leaves unset",
        cell(builder(2, 1, -2, 0), kind, 3).dense(2).document(),
        [{"input": Numbers(3).array([4, 5, 2], -2, 1), "lengths": [5, 0, 2, 1]}],
    )
    yield packed_case(
        f"final/given-{kind}",
        "A given state: a row without a step gives the given h",
        ["final-1", "run-2"],
        "+0 or h0 where the given h belongs",
        three,
        [{"input": Numbers(4).array([3, 3, 2], -2, 1), "lengths": [0, 3, 1]}],
        state=state(kind, 3, 3, 5),
    )
    yield run_case(
        f"final/chunks-{kind}",
        "Chunk by chunk; a row that has no step in the second chunk gives its h of the first",
        ["final-1", "run-2", "run-4"],
        "a final h that starts anew at each chunk",
        three,
        [
            {"input": Numbers(6).array([2, 2, 2], -2, 1)},
            {"input": Numbers(7).array([2, 3, 2], -2, 1), "lengths": [0, 3]},
            {"input": Numbers(8).array([2, 1, 2], -2, 1), "lengths": [1, 0]},
        ],
        encoding="msgpack",
    )
    yield packed_case(
        f"final/initial-{kind}",
        "An h0, and rows without a step, by length and by T = 0",
        ["final-1", "run-2"],
        "+0 where h0 belongs; a call without steps that gives nothing or fails",
        cell(builder(2, 9, -2, 0), kind, 3, h0=[0.5, -0.25, 0.75]).dense(2).document(),
        [
            {"input": Numbers(10).array([2, 2, 2], -2, 1), "lengths": [0, 2]},
            {"input": array([2, 0, 2], [])},
        ],
    )
    yield packed_case(
        f"final/no-steps-{kind}",
        "T = 0 from nothing: +0, and what the dense layer makes of it",
        ["final-1", "run-2"],
        "a call without steps that gives nothing, or fails",
        cell(builder(2, 1, -2, 0), kind, 3).dense(2).document(),
        [{"input": array([2, 0, 2], [])}, {"input": Numbers(11).array([2, 2, 2], -2, 1)}],
    )
    yield packed_case(
        f"final/step-{kind}",
        "One step at a time: every step gives a vector, the last one's is compared",
        ["final-1", "run-4"],
        "a step function that keeps a time axis",
        three,
        [{"input": Numbers(12).array([2, 3, 2], -2, 1)}],
        interface="step",
    )
    yield run_case(
        f"final/stacked-{kind}",
        "Behind other cells with time, which give every step",
        ["final-1", of(kind)],
        "the cells in front taken for final too",
        cell(builder(2, 13, -2, 0).lstm(3).gru(4, "before"), kind, 2).dense(3).document(),
        [{"input": Numbers(14).array([2, 4, 2], -2, 1), "lengths": [4, 3]}],
        encoding="msgpack",
    )


def behind() -> Iterator[Case]:
    """The layers without time."""
    nets: dict[str, Callable[[builder], builder]] = {
        "dense": lambda net: net.dense(3),
        "dense-dense": lambda net: net.dense(4).activation("relu").dense(2),
        "affine": lambda net: net.affine(),
        "softmax": lambda net: net.dense(5).activation("softmax"),
        "log_softmax": lambda net: net.dense(5).activation("log_softmax"),
        "elu": lambda net: net.activation("elu", alpha=0.5),
    }
    for name, build in nets.items():
        yield run_case(
            f"final/behind-{name}",
            f"Without time: {name.replace('-', ', ')}",
            ["final-1", "layer-5"],
            "a layer behind final that works once for each step, or for the first row only",
            build(builder(2, 20, -2, 0).lstm(4, final=True)).document(),
            [{"input": Numbers(21).array([3, 3, 2], -2, 1), "lengths": [3, 1, 0]}],
            encoding="msgpack" if "softmax" in name else "json",
        )
    yield packed_case(
        "final/sequence",
        "output = sequence, written out",
        ["layer-5"],
        "a member that is taken for final because it is there",
        sequence(),
        [{"input": Numbers(22).array([1, 3, 2], -2, 1)}],
    )
    yield run_case(
        "final/tokens",
        "Tokens in, one vector of probabilities a row",
        ["final-1", "embedding-1", "softmax-1"],
        "a classifier that gives one answer a token",
        builder("abcd", 23, -2, 0)
        .embedding(3)
        .gru(4, "after", final=True)
        .dense(3)
        .activation("softmax")
        .document(),
        [{"input": [[0, 3, 1, 2], [2, 2, 0, 0]], "lengths": [4, 2]}],
    )

    yield decode_case(
        "final/generate",
        "Generating with a net whose output has no time: every token is a call of its own",
        ["final-1", "decode-5"],
        "the h in place of the logits; a final layer that starts anew at each token",
        builder("abcdef", 24, -1, 1)
        .embedding(4)
        .lstm(5)
        .gru(4, "before", final=True)
        .dense(6)
        .activation("log_softmax")
        .document(),
        {"prime": [3, 1], "count": 20, "mode": "sample", "temperature": 1.5, "seed": 3},
    )


def sequence() -> Json:
    """An LSTM that says that it gives every step."""
    net = builder(2, 1, -2, 0).lstm(3).document()
    net["layers"][0]["output"] = "sequence"
    return net


def sensitive(W: list[float], b: float) -> Json:
    """A final h near tanh(x), and a dense layer behind it that overflows for some."""
    return (
        builder(1, 0)
        .elman(1, W=[4.0], R=[0.0], b=[0.0], final=True)
        .dense(1, W=W, b=[b])
        .document()
    )


def not_finite() -> Iterator[Case]:
    """[finite-1]: layers without time are computed once, and then for every row."""
    net = sensitive([HUGE], 1.5 * HUGE)
    yield packed_case(
        "final/overflow-between",
        "At the second of three steps the dense layer would overflow: it is not computed there",
        ["final-1", "finite-1"],
        "layers behind final computed at every step",
        net,
        [{"input": array([1, 3, 1], [-0.5, 2.0, -1.0])}, {"input": array([1, 1, 1], [2.0])}],
    )
    yield run_case(
        "final/overflow-inside",
        "The dense layer behind final overflows, the tanh behind that would make 1 of it",
        ["final-1", "finite-1"],
        "of the layers without time, only the last one's output checked",
        builder(1, 0)
        .elman(1, W=[4.0], R=[0.0], b=[0.0], final=True)
        .dense(1, W=[HUGE], b=[1.5 * HUGE])
        .activation("tanh")
        .document(),
        [{"input": array([1, 1, 1], [v])} for v in (-1.0, 2.0, -0.5)],
    )
    yield packed_case(
        "final/overflow-padding",
        "In the padding lies what would make the dense layer overflow; in the second chunk, at a valid step",
        ["final-1", "finite-1", "run-1"],
        "the h after the padding",
        net,
        [
            {"input": array([2, 2, 1], [-0.5, 2.0, -0.25, -1.0]), "lengths": [1, 2]},
            {"input": array([2, 2, 1], [-0.5, 2.0, -0.25, -1.0])},
        ],
    )
    yield run_case(
        "final/overflow-empty-row",
        "A row without a step gives 0, and of that the dense layer makes infinity: the call fails",
        ["final-1", "finite-1"],
        "rows without a step left out of the layers without time; a state changed by a failed call",
        builder(1, 0)
        .elman(1, W=[4.0], R=[0.0], b=[0.0], final=True)
        .dense(1, W=[-1.0], b=[1.0])
        .dense(1, W=[HUGE], b=[HUGE])
        .document(),
        [
            {"input": array([2, 1, 1], [2.0, 2.0]), "lengths": [1, 0]},
            {"input": array([2, 1, 1], [2.0, 2.0])},
        ],
    )
