"""13.13 and 14: the states of reverse and bidirectional layers, given, returned and handed on; what ends time."""

from collections.abc import Iterator

from conformance.case import Case
from conformance.generator.directions_nets import MERGES, padded, pieces
from conformance.generator.nets import Json, Numbers, array, builder, packed_case


def states() -> Iterator[Case]:
    """Given, returned, and handed on."""
    merged: Json = {"direction": "bidirectional", "merge": "sum"}
    given = {
        "h": Numbers(40).array([2, 2]),
        "c": Numbers(41).array([2, 2]),
        "h_reverse": Numbers(42).array([2, 2]),
        "c_reverse": Numbers(43).array([2, 2]),
    }
    one_way = {"lstm0": {part: given[part] for part in ("h", "c")}}
    net = builder(2, 44, -2, 0).lstm(2, **merged).document()
    yield packed_case(
        "directions/given-reverse",
        "A given state of a reverse layer: it is that before the last valid step",
        ["run-2", "direction-1"],
        "a given state that a reverse layer does not take, or takes at step 0",
        builder(2, 45, -2, 0).lstm(2, direction="reverse").document(),
        [{"input": Numbers(46).array([2, 3, 2], -2, 1), "lengths": [2, 0]}],
        state=one_way,
    )
    yield packed_case(
        "directions/given",
        "A given state of both directions; a row of length 0 gives it back",
        ["run-2", "direction-2"],
        "h and h_reverse exchanged; a state that only the forward direction takes",
        net,
        [{"input": Numbers(47).array([2, 3, 2], -2, 1), "lengths": [2, 0]}],
        state={"lstm0": given},
        file="both",
    )
    yield packed_case(
        "directions/handed-on",
        "Three calls: each direction goes on from where it ended in the call before",
        ["run-2", "run-7"],
        "a state of the reverse direction that begins anew; calls taken for one sequence",
        net,
        pieces(48, 2, [2, 3, 1]),
        file="both",
    )
    yield packed_case(
        "directions/handed-on-reverse",
        "The same of a reverse layer with lengths; a row pauses",
        ["run-2", "run-7", "direction-1"],
        "a pause that loses the state",
        builder(2, 51, -2, 0).gru(2, "after", direction="reverse").document(),
        [
            chunk | {"lengths": lengths}
            for chunk, lengths in zip(pieces(52, 2, [2, 2, 1]), ([1, 2], [2, 0], [1, 1]), strict=True)
        ],
    )  # fmt: skip
    yield packed_case(
        "directions/no-steps",
        "T = 0, with and without a state",
        ["run-2", "direction-2"],
        "an empty input that fails or loses the state of one direction",
        net,
        [{"input": array([2, 0, 2], [])}, *pieces(55, 2, [1]), {"input": array([2, 0, 2], [])}],
        state={"lstm0": given},
        file="both",
    )
    refused = {
        "lacking": ("Without c_reverse", {p: a for p, a in given.items() if p != "c_reverse"}),
        "forward": ("The arrays of one direction alone", one_way["lstm0"]),
        "shape": ("h_reverse of three elements", given | {"h_reverse": Numbers(56).array([2, 3])}),
        "nan": (
            "NaN in c_reverse",
            given | {"c_reverse": array([2, 2], [0.5, 0.25, float("nan"), 1.0])},
        ),
    }
    for name, (title, arrays) in refused.items():
        yield packed_case(
            f"directions/refuse-{name}",
            title,
            ["run-5", "run-2"],
            "a state of which one direction is not checked",
            net,
            pieces(57, 2, [2]),
            state={"lstm0": arrays},
            file="both",
            true=False,
        )
    yield packed_case(
        "directions/refuse-extra",
        "The arrays of two directions for a reverse layer",
        ["run-5", "run-2"],
        "arrays that are not asked for",
        builder(2, 45, -2, 0).lstm(2, direction="reverse").document(),
        pieces(58, 2, [2]),
        state={"lstm0": given},
        file="given-reverse",
        true=False,
    )


def ends() -> Iterator[Case]:
    """`final` and `last_step`."""
    yield packed_case(
        "directions/final-reverse",
        "`final` of a reverse layer is its h after step 0, and behind it a dense layer works once",
        ["final-1", "direction-1"],
        "the output at the last valid step, which is the first one computed",
        builder(2, 60, -2, 0).lstm(2, direction="reverse", final=True, initial=True).dense(2)
        .document(),
        padded(61),
    )  # fmt: skip
    for number, merge in enumerate(MERGES):
        yield packed_case(
            f"directions/final-{merge}",
            f"`final` of two directions, merge = {merge}",
            ["final-1", "direction-2"],
            "the merged outputs of one step: y there is not the final one, or w is not",
            builder(2, 62 + number, -2, 0)
            .elman(2, direction="bidirectional", merge=merge, final=True, initial=True)
            .document(),
            padded(66 + number),
        )
    yield packed_case(
        "directions/final-handed-on",
        "`final` of two directions in two calls",
        ["final-1", "run-2", "run-7"],
        "a final h that is not the state's",
        builder(2, 70, -2, 0)
        .gru(2, "before", direction="bidirectional", merge="concat", final=True)
        .document(),
        [
            {"input": Numbers(71).array([2, 2, 2], -2, 1)},
            {"input": Numbers(72).array([2, 2, 2], -2, 1), "lengths": [0, 1]},
        ],
    )
    for direction in ("reverse", "bidirectional"):
        merge_: Json = {"merge": "concat"} if direction == "bidirectional" else {}
        yield packed_case(
            f"directions/last-step-{direction}",
            f"last_step behind a {direction} layer: its output at the last valid step",
            ["last-step-1", "direction-1"],
            "the last output computed; the output at T − 1",
            builder(2, 73, -2, 0).elman(2, direction=direction, **merge_).last_step().document(),
            padded(74),
        )
