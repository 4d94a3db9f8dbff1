"""13.13: reverse and bidirectional layers, and time_reverse."""

from collections.abc import Iterator

from conformance.case import Case
from conformance.generator import directions_state
from conformance.generator.directions_nets import MERGES, padded, pieces
from conformance.generator.nets import Json, Numbers, array, builder, packed_case, run_case

SECTION = "directions"
LINEAR = {"function": "linear"}
SPEC_INPUT = [1.0, -0.5]


def spec_example() -> builder:
    """The net of the worked example in 13.13."""
    return builder(1, 0).elman(
        1,
        W=[0.5],
        R=[-0.8],
        b=[0.1],
        W_reverse=[-0.3],
        R_reverse=[0.6],
        b_reverse=[0.2],
        direction="bidirectional",
        merge="average",
    )


def cases() -> Iterator[Case]:
    """Every case of the section."""
    yield run_case(
        "directions/spec-example",
        "The worked example of 13.13",
        ["direction-1", "direction-2"],
        "an average of one direction alone, or of outputs of different steps",
        spec_example().document(),
        [{"input": array([1, 2, 1], SPEC_INPUT)}],
    )
    yield from reverse()
    yield from bidirectional()
    yield from directions_state.states()
    yield from directions_state.ends()
    yield from time_reversed()
    yield from refusals()


def reverse() -> Iterator[Case]:
    """One direction, with each cell."""
    nets = {
        "elman": builder(2, 1, -2, 0).elman(3, direction="reverse"),
        "lstm": builder(2, 2, -2, 0).lstm(2, direction="reverse"),
        "gru-before": builder(2, 3, -2, 0).gru(2, "before", direction="reverse"),
        "gru-after": builder(2, 4, -2, 0).gru(2, "after", direction="reverse"),
    }
    for number, (name, net) in enumerate(nets.items()):
        yield packed_case(
            f"directions/reverse-{name}",
            f"A reverse {name} over rows of the lengths 4, 0, 2 and 1",
            ["direction-1", "run-1", "run-2"],
            "outputs in the order they were computed; a start at T − 1; a state at the end of the row in the place of its beginning",
            net.document(),
            padded(5 + number),
        )
    yield packed_case(
        "directions/reverse-second",
        "A reverse layer between two forward ones, and a dense one",
        ["direction-1", "run-1"],
        "one direction for the whole net",
        builder(2, 9, -2, 0).elman(2).lstm(2, direction="reverse").gru(2, "after").dense(1)
        .document(),
        padded(10),
        file="second",
    )  # fmt: skip
    yield packed_case(
        "directions/reverse-alone",
        "Its rows one by one give the same bits: the third",
        ["run-3", "direction-1"],
        "rows that touch each other; reversal of the whole batch's time",
        builder(2, 9, -2, 0).elman(2).lstm(2, direction="reverse").gru(2, "after").dense(1)
        .document(),
        [{"input": {"shape": [1, 2, 2], "bits": padded(10)[0]["input"]["bits"][8 * 16 : 8 * 20]}}],
        file="second",
    )  # fmt: skip
    nan = float("nan")
    x = [0.5, -0.25, nan, nan, nan, nan, 1.0, 0.75, -0.5, 0.25, nan, float("inf")]
    yield run_case(
        "directions/reverse-padding",
        "NaN and infinity at padded places, before which a reverse layer begins",
        ["run-1", "direction-1"],
        "padding that is checked or computed on the way back",
        builder(2, 11, -2, 0).elman(2, direction="reverse").document(),
        [{"input": array([2, 3, 2], x), "lengths": [1, 2]}],
    )
    yield packed_case(
        "directions/reverse-tokens",
        "Tokens, one_hot, and two directions",
        ["direction-2", "one-hot-1"],
        "a row lookup for one direction only",
        builder("abc", 12, -2, 0)
        .one_hot()
        .gru(2, "after", direction="bidirectional", merge="sum")
        .activation("softmax")
        .document(),
        [{"input": Numbers(13).ids(3, 3, 3), "lengths": [3, 1, 0]}],
    )


def bidirectional() -> Iterator[Case]:
    """The four merges, and what each direction has of its own."""
    for number, merge in enumerate(MERGES):
        net = (
            builder(2, 14 + number, -2, 0).lstm(2, direction="bidirectional", merge=merge),
            builder(2, 18, -2, 0).gru(2, "before", direction="bidirectional", merge=merge),
        )[number % 2]
        yield packed_case(
            f"directions/{merge}",
            f"Two directions, merge = {merge}",
            ["direction-2", "direction-1", "run-1"],
            "another merge; w before y; the output of a step merged with that of another",
            net.document(),
            padded(20 + number),
        )
    for role in ("b", "b_reverse"):
        bias: Json = {"bias": False, role: [0.5, -1.0] * 4}
        net_ = builder(2, 25, -2, 0).lstm(2, direction="bidirectional", merge="concat", **bias)
        yield packed_case(
            f"directions/only-{role}",
            f"A bias for one direction alone: {role}",
            ["layer-8", "layer-3"],
            "the bias of one direction used for both",
            net_.document(),
            pieces(26, 1, [3]),
        )
    for role in ("h0", "c0_reverse"):
        start: Json = {role: [0.75, -1.25]}
        net_ = builder(2, 27, -2, 0).lstm(2, direction="bidirectional", merge="concat", **start)
        yield packed_case(
            f"directions/only-{role}",
            f"An initial value for one array alone: {role}",
            ["layer-8", "run-2"],
            "the initial state of one direction used for both",
            net_.document(),
            [pieces(28, 2, [2])[0] | {"lengths": [2, 0]}],
        )
    yield packed_case(
        "directions/rb-reverse",
        "reset = after with rb for the reverse direction alone, h0 for both",
        ["layer-8", "gru-3", "run-2"],
        "rb of one direction used for both",
        builder(2, 29, -2, 0)
        .gru(2, "after", direction="bidirectional", merge="sum", rb=False, rb_reverse=[0.5, -0.75], initial=True)
        .document(),
        pieces(30, 1, [3]),
    )  # fmt: skip
    yield packed_case(
        "directions/everything",
        "Two directions with peephole, coupled gates, clips and projection",
        ["direction-2", "peephole-1", "coupled-1", "projection-1"],
        "options that one direction lacks",
        builder(2, 31, -1, 1)
        .lstm(
            2, direction="bidirectional", merge="concat", peephole="full", coupled="input", clip=2,
            cell_clip=0.875, projection=3, qb=True, projection_clip=0.75, initial=True,
        )
        .document(),
        [pieces(32, 2, [3])[0] | {"lengths": [2, 3]}],
    )  # fmt: skip
    yield packed_case(
        "directions/long",
        "Thirty-three steps in two directions, and a row that ends before them",
        ["direction-1", "run-1"],
        "blocks of time steps, and their rest, taken from the wrong end",
        builder(2, 35, -3, 0).elman(2, direction="bidirectional", merge="sum").document(),
        [{"input": Numbers(36).array([2, 33, 2], -2, 1), "lengths": [33, 19]}],
    )
    wide = builder(2, 37, -3, 0)
    wide.dtype = "float16"
    wide.gru(19, "after", direction="bidirectional", merge="average")
    yield packed_case(
        "directions/size-19",
        "H = 19 and five rows, in float16",
        ["direction-2", "run-3"],
        "the rest of a vector or of a block of rows, in the second direction",
        wide.dense(2).document(),
        [{"input": Numbers(38).array([5, 2, 2], -2, 1), "lengths": [2, 1, 0, 2, 2]}],
    )
    yield packed_case(
        "directions/stack",
        "Two bidirectional layers, one upon the other",
        ["direction-2"],
        "a second layer that reads one direction of the first, or half of it",
        builder(2, 33, -2, 0)
        .lstm(2, direction="bidirectional", merge="concat")
        .elman(2, direction="bidirectional", merge="average")
        .document(),
        [pieces(34, 2, [3])[0] | {"lengths": [3, 2]}],
        file="stack",
    )
    tiny = 1.5 * 2.0**-51
    lines: Json = {"R": [0.0], "R_reverse": [0.0], "bias": False, "direction": "bidirectional"}
    for merge, w, x in (
        ("sum", [tiny, -(2.0**-51)], 1.0),
        ("average", [2.0**-51, 2.0**-52], 1.0),
        ("multiply", [2.0**-26, 2.0**-26], 0.5),
    ):
        yield run_case(
            f"directions/tiny-{merge}",
            f"What merge = {merge} makes below 2^−51 is 0, before a dense layer makes it large",
            ["direction-2", "tiny-2"],
            "no T on what is merged",
            builder(1, 0)
            .elman(1, LINEAR, **lines, merge=merge, W=[w[0]], W_reverse=[w[1]])
            .dense(1, W=[2.0**60])
            .document(),
            [{"input": array([1, 2, 1], [x, 4.0])}],
        )


def time_reversed() -> Iterator[Case]:
    """[time-reverse-1]."""
    yield run_case(
        "directions/time-reverse",
        "time_reverse of the input, with lengths",
        ["time-reverse-1", "run-1"],
        "a reversal of T steps in the place of length",
        builder(1, 0).plain("time_reverse").document(),
        [{"input": array([3, 3, 1], [1, 2, 3, 4, 5, 6, 7, 8, 9]), "lengths": [2, 3, 0]}],
    )
    yield packed_case(
        "directions/time-reverse-between",
        "time_reverse, a forward layer, time_reverse: a reverse layer",
        ["time-reverse-1", "direction-1"],
        "a time_reverse that is computed once for both",
        builder(2, 76, -2, 0).plain("time_reverse").lstm(2).plain("time_reverse").document(),
        padded(77),
    )
    yield packed_case(
        "directions/time-reverse-behind",
        "A reverse layer and time_reverse: outputs in the order they are computed",
        ["time-reverse-1", "direction-1"],
        "outputs of a reverse layer that are reversed twice or not at all",
        builder(2, 78, -2, 0).gru(2, "after", direction="reverse").plain("time_reverse").last_step()
        .document(),
        padded(79),
    )  # fmt: skip
    yield packed_case(
        "directions/time-reverse-calls",
        "time_reverse turns each call's steps, not the whole",
        ["time-reverse-1", "run-7"],
        "steps kept for the next call",
        builder(2, 80, -2, 0).plain("time_reverse").elman(2).document(),
        pieces(81, 1, [2, 3]),
    )


def refusals() -> Iterator[Case]:
    """[run-7]: the step interface."""
    nets = {
        "reverse": builder(1, 85, -2, 0).elman(1).elman(1, direction="reverse"),
        "bidirectional": builder(1, 86, -2, 0).elman(1, direction="bidirectional", merge="sum"),
        "time-reverse": builder(1, 87, -2, 0).plain("time_reverse").dense(1),
        "final": builder(1, 88, -2, 0).gru(1, "after", direction="reverse", final=True),
    }
    for name, net in nets.items():
        yield packed_case(
            f"directions/step-{name}",
            "The step interface of a net that is not forward",
            ["run-7", "protocol-3"],
            "steps that are taken forward, or refused at the second one only",
            net.document(),
            [{"input": array([1, 2, 1], [0.5, -1.0])}],
            interface="step",
        )
    for name, x in (("no-steps", array([1, 0, 1], [])), ("nan", array([1, 1, 1], [float("nan")]))):
        yield packed_case(
            f"directions/step-{name}",
            "The step interface of a net that is not forward, and an input that no step is taken of",
            ["run-7", "run-5"],
            "an argument that is judged first",
            builder(1, 86, -2, 0).elman(1, direction="bidirectional", merge="sum").document(),
            [{"input": x}],
            interface="step",
            file="step-bidirectional",
        )
