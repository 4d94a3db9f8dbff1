"""12.7: a net that overflows in each new place, at every chunking; its session goes on."""

from collections.abc import Iterator

from conformance.case import Case
from conformance.generator.nets import Json, Numbers, array, builder, run_case

SECTION = "overflow"
LINEAR = {"function": "linear"}
OF_LINES = {"gates": LINEAR, "candidate": LINEAR, "output": LINEAR}
BIG = 2.0**127
STEPS = [0.5, -0.25, 1.0, 8.0, 0.75]  # the fourth is too much


def nets() -> dict[str, tuple[str, builder]]:
    """Where a value stops being finite."""
    lstm: Json = {"W": [1.0, 0.0, 1.0, 1.0], "R": [0.0] * 4, "bias": False}
    one: Json = {"W": [0.5], "R": [0.25], "W_reverse": [0.5], "R_reverse": [0.25], "bias": False}
    both: Json = {"direction": "bidirectional", "merge": "sum"}
    return {
        "peephole": (
            "o × c', o through its peephole",
            builder(1, 0).lstm(1, OF_LINES, W=[1.0, 0.0, 1.0, 1.0], R=[0.0] * 4, bias=False, p=[0.0, 0.0, 2.0**124], peephole="diagonal"),
        ),
        "coupled": (
            "f × c with f = 1 − i",
            builder(1, 0).lstm(1, OF_LINES, W=[-1.0, 0.5, 1.0], R=[0.0] * 3, bias=False, c0=[2.0**125], coupled="forget"),
        ),
        "projection": (
            "a projection",
            builder(1, 0).lstm(1, OF_LINES, **lstm, projection=1, Q=[2.0**123]),
        ),
        "concealed-u": (
            "u, which a projection of zeros conceals",
            builder(1, 0).lstm(1, OF_LINES, **(lstm | {"W": [1.0, 0.0, 1.0, 2.0**121]}), projection=1, Q=[0.0], projection_clip=1),
        ),
        "add": (
            "an add",
            builder(1, 0).elman(1, LINEAR, W=[2.0**124], R=[0.5], bias=False).plain("add", "elman0", "elman0"),
        ),
        "multiply": (
            "a multiply",
            builder(1, 0).elman(1, LINEAR, W=[2.0**62], R=[0.5], bias=False).plain("multiply", "elman0", "elman0"),
        ),
        "layer_norm": (
            "the sum in a layer_norm",
            builder(1, 0).elman(2, LINEAR, W=[2.0**124, 2.0**124], R=[0.0] * 4, bias=False).layer_norm(0.01),
        ),
        "branch": (
            "a branch whose weight is 0 behind it",
            builder(1, 0).elman(1).reading("input").dense(1, W=[2.0**125], bias=False).dense(1, W=[0.0], b=[0.5]).plain("add", "elman0", "dense2"),
        ),
        "sum": (
            "the sum of two directions",
            builder(1, 0).elman(1, LINEAR, **(one | {"W": [2.0**124], "W_reverse": [2.0**124]}), **both),
        ),
        "multiply-directions": (
            "the product of two directions",
            builder(1, 0).elman(1, LINEAR, **(one | {"W": [2.0**62], "W_reverse": [2.0**62]}), **(both | {"merge": "multiply"})),
        ),
        "average": (
            "the sum that an average halves",
            builder(1, 0).elman(1, LINEAR, **(one | {"W": [2.0**124], "W_reverse": [2.0**124]}), **(both | {"merge": "average"})),
        ),
        "reverse": (
            "the reverse direction alone",
            builder(1, 0).elman(1, {"function": "tanh"}, **one, direction="bidirectional", merge="concat"),
        ),
    }  # fmt: skip


def cases() -> Iterator[Case]:
    """Every case of the section."""
    for place, (title, net) in nets().items():
        directed = any("direction" in layer for layer in net.layers)
        if place == "reverse":
            net.layers[0]["activation"] = LINEAR
            net.tensors["elman0.W_reverse"]["data"] = [2.0**125]
        yield run_case(
            f"overflow/{place}",
            f"Overflow of {title}, at the fourth, second and first step of a call, which is left as if it had not been",
            ["finite-1", "run-7" if directed else "run-4"],
            "an overflow that is not seen, a state that moved all the same, a session that is spoilt",
            net.document(),
            chunks(([0, 1, 2, 3], [0, 1], [2, 3], [3], [2], [3, 4], [4])),
            file=place,
            true=False,
        )
        if place in ("peephole", "projection", "branch"):
            yield run_case(
                f"overflow/{place}-step",
                f"Overflow of {title}, one step at a time",
                ["finite-1", "run-4"],
                "a session that can't go on",
                net.document(),
                chunks(([0, 1, 2], [3], [4], [0, 3], [2])),
                interface="step",
                file=place,
                true=False,
            )
    yield run_case(
        "overflow/final-alone",
        "`final` of two directions: a step between would overflow if its outputs were merged",
        ["finite-1", "final-1", "direction-2"],
        "outputs that are merged at every step and judged, where only the final ones are",
        builder(1, 0)
        .elman(1, LINEAR, W=[2.0**124], R=[0.0], W_reverse=[2.0**124], R_reverse=[0.0], bias=False,
               direction="bidirectional", merge="sum", final=True)
        .document(),
        [{"input": array([1, 3, 1], [0.5, 8.0, -0.25])}],
    )  # fmt: skip
    yield run_case(
        "overflow/past-the-length",
        "A row would overflow past its length, another one does at a valid step",
        ["finite-1", "run-1", "run-3"],
        "padding that is judged; the state of one row kept and of the other not",
        builder(1, 5, -2, 0).elman(1, LINEAR, bias=False).dense(1, W=[BIG], bias=False).document(),
        [
            {"input": array([2, 2, 1], [0.03125, 99.0, 0.0625, -0.03125]), "lengths": [1, 2]},
            {"input": array([2, 2, 1], [0.5, 0.5, 0.25, 99.0])},
            {"input": Numbers(6).array([2, 1, 1], -6, -5)},
        ],
        true=False,
    )


def chunks(calls: tuple[list[int], ...]) -> list[Json]:
    """Calls over some of the steps each."""
    return [{"input": array([1, len(call), 1], [STEPS[t] for t in call])} for call in calls]
