"""12.3, 13.4, 13.5: `clip` and `cell_clip`."""

from collections.abc import Iterator

from conformance.case import Case
from conformance.generator.nets import Json, Numbers, array, builder, packed_case, run_case

SECTION = "clips"
LINEAR = {"function": "linear"}
OF_LINES = {"gates": LINEAR, "candidate": LINEAR, "output": LINEAR}
SMALLEST = 2.0**-50


def cases() -> Iterator[Case]:
    """Every case of the section."""
    yield from of_elman()
    yield from of_lstm()
    yield from of_cells()
    yield from of_gru()


def one(values: list[float]) -> list[Json]:
    """One row of one feature."""
    return [{"input": array([1, len(values), 1], values)}]


def some(seed: int, rows: int = 2, steps: int = 3, width: int = 2) -> list[Json]:
    """Spread input."""
    return [{"input": Numbers(seed).array([rows, steps, width], -1, 1)}]


def of_elman() -> Iterator[Case]:
    """The bound itself, in a cell that shows its pre-activation."""
    yield packed_case(
        "clips/elman",
        "An elman with clip 0.75, reached on both sides and not reached",
        ["clip-1", "chain-1", "elman-1"],
        "a clip that is ignored, that cuts one side, or that cuts what the activation gives",
        builder(2, 1, -2, 1).elman(4, clip=0.75).document(),
        some(2),
    )
    yield run_case(
        "clips/elman-value",
        "clip 0.1 under linear: h is the bound, rounded to binary32",
        ["clip-1", "chain-1"],
        "a bound in binary64; a bound that is compared rounded and given unrounded",
        builder(1, 0).elman(2, LINEAR, W=[1.0, -1.0], R=[0.0] * 4, bias=False, clip=0.1).document(),
        one([5.0, -5.0, 0.1, -0.1, 0.0625]),
    )
    yield run_case(
        "clips/elman-smallest",
        "The smallest clip, 2^−50, after which 2^−51 is still 2^−51",
        ["clip-1", "tiny-1"],
        "a bound that T makes 0, or T before the clip alone",
        builder(1, 0)
        .elman(2, LINEAR, W=[1.0, -1.0], R=[0.0] * 4, bias=False, clip=SMALLEST)
        .document(),
        one([1.0, 2.0**-51, 1.5 * SMALLEST, -1.0, 2.0**-52]),
    )
    yield run_case(
        "clips/elman-infinite",
        "An infinite pre-activation becomes ±1e38: the call does not fail",
        ["clip-1", "finite-1"],
        "a pre-activation that is judged before it is clipped",
        builder(1, 0)
        .elman(2, LINEAR, W=[2.0**127, -(2.0**127)], R=[0.0] * 4, bias=False, clip=1e38)
        .document(),
        one([8.0, -8.0, 0.25]),
    )
    yield run_case(
        "clips/elman-nan",
        "∞ − ∞ is no number before the clip and after it",
        ["clip-1", "arith-2", "finite-1"],
        "a clip made of min and max, which hides NaN",
        builder(2, 0).elman(1, W=[2.0**127, -(2.0**127)], R=[0.0], bias=False, clip=2).document(),
        [
            {"input": array([1, 1, 2], [0.25, 0.25])},
            {"input": array([1, 2, 2], [8.0, 0.0, 8.0, 8.0])},
            {"input": array([1, 1, 2], [0.25, -0.25])},
        ],
    )
    yield run_case(
        "clips/elman-both-halves",
        "clip comes after the recurrent part, once",
        ["chain-1", "clip-1"],
        "the part of x clipped before that of h is added, or each part on its own",
        builder(1, 0).elman(1, LINEAR, W=[3.0], R=[-2.0], b=[0.5], clip=2).document(),
        one([1.0, 1.0, 0.25, -1.0, 0.5]),
    )


def of_lstm() -> Iterator[Case]:
    """In each gate, alone and with the rest."""
    yield packed_case(
        "clips/lstm",
        "An LSTM with clip 0.75, reached on both sides in every gate",
        ["clip-1", "chain-1", "lstm-1"],
        "a gate that is not clipped, or a clip of what comes out of the gate",
        builder(2, 3, -1, 2).lstm(4, clip=0.75).document(),
        some(4, steps=4),
    )
    yield packed_case(
        "clips/lstm-far",
        "A clip that is never reached changes nothing",
        ["clip-1"],
        "a clip that rounds, or that cuts h or c",
        builder(2, 5, -2, 0).lstm(2, OF_LINES, clip=100).document(),
        some(6),
    )
    yield packed_case(
        "clips/lstm-not-the-cell",
        "clip 0.5 with c far beyond it",
        ["clip-1", "lstm-1"],
        "a clip that cuts the cell",
        builder(1, 7, -2, 0).lstm(2, OF_LINES, clip=0.5).document(),
        [{"input": Numbers(8).array([1, 3, 1], -1, 1)}],
        state={"lstm0": {"h": array([1, 2], [3.0, -2.0]), "c": array([1, 2], [9.5, -7.25])}},
    )
    for kind in ("diagonal", "full"):
        yield packed_case(
            f"clips/lstm-peephole-{kind}",
            f"clip after a {kind} peephole, in every gate",
            ["chain-1", "peephole-1", "clip-1"],
            "a clip before the peephole's term, or o without its clip",
            builder(2, 9, -1, 1).lstm(3, clip=0.875, peephole=kind).document(),
            some(10, rows=1, steps=4),
            state={
                "lstm0": {
                    "h": Numbers(11).array([1, 3], -1, 1),
                    "c": Numbers(12).array([1, 3], 0, 2),
                }
            },
        )


def of_cells() -> Iterator[Case]:
    """`cell_clip`."""
    opened = [4.0, -4.0, 4.0, 4.0, 2.0, -2.0, 0.5, 0.75]  # gates that let c grow
    yield packed_case(
        "clips/cell",
        "cell_clip 1.5 reached above, below, and not at all",
        ["cell-clip-1", "clip-1"],
        "a cell that is not clipped, that is clipped on one side, or clipped for h alone",
        builder(2, 13, -3, 0).lstm(4, b=[3.0] * 8 + [2.0, -2.0, 0.1, 2.5] + [1.0] * 4, cell_clip=1.5)
        .document(),
        some(14, steps=5),
    )  # fmt: skip
    yield packed_case(
        "clips/cell-far",
        "A cell_clip that is never reached",
        ["cell-clip-1"],
        "a cell_clip that does something else",
        builder(2, 15, -2, 0).lstm(2, cell_clip=100).document(),
        some(16),
    )
    yield packed_case(
        "clips/cell-given",
        "A given c beyond cell_clip: f × c has all of it, and a row of length 0 gives it back",
        ["cell-clip-1", "run-2"],
        "a given c that is clipped",
        builder(1, 17, -2, 0).lstm(2, cell_clip=0.5).document(),
        [{"input": Numbers(18).array([2, 2, 1], -1, 1), "lengths": [2, 0]}],
        state={
            "lstm0": {
                "h": Numbers(19).array([2, 2], -2, 0),
                "c": array([2, 2], [2.25, -1.75, 3.5, -0.75]),
            }
        },
    )
    yield packed_case(
        "clips/cell-initial",
        "An initial c0 beyond cell_clip",
        ["cell-clip-1", "run-2"],
        "c0 clipped when the file is read",
        builder(1, 20, -2, 0).lstm(2, cell_clip=0.5, c0=[1.75, -2.5]).document(),
        [{"input": Numbers(21).array([2, 2, 1], -1, 1), "lengths": [2, 0]}],
    )
    yield run_case(
        "clips/cell-infinite",
        "f × c is infinite and is cut to cell_clip: the call does not fail",
        ["cell-clip-1", "finite-1"],
        "c judged before it is clipped",
        builder(1, 0)
        .lstm(1, OF_LINES, W=[0.0, 1.0, 0.0, 1.0], R=[0.0] * 4, bias=False, cell_clip=1e30)
        .document(),
        [{"input": array([1, 2, 1], [8.0, -1.0])}],
        state={"lstm0": {"h": array([1, 1], [0.0]), "c": array([1, 1], [3e38])}},
    )
    yield run_case(
        "clips/cell-rounded",
        "cell_clip 0.1 is the bound rounded to binary32, and h is made of it",
        ["cell-clip-1", "clip-1"],
        "a bound in binary64",
        builder(1, 0).lstm(2, OF_LINES, W=opened, R=[0.0] * 16, bias=False, cell_clip=0.1)
        .document(),
        one([1.0, -1.0, 0.5]),
    )  # fmt: skip
    yield packed_case(
        "clips/cell-peephole",
        "o looks at the clipped cell, i and f at the one before",
        ["peephole-1", "cell-clip-1"],
        "a peephole from the cell before its clip",
        builder(2, 22, -2, 0)
        .lstm(2, b=[2.0] * 4 + [2.0, -2.0, 0.25, -0.25], cell_clip=0.75, peephole="diagonal")
        .document(),
        some(23, rows=1, steps=4),
        state={"lstm0": {"h": array([1, 2], [0.5, -0.25]), "c": array([1, 2], [2.5, -3.0])}},
    )
    yield packed_case(
        "clips/all",
        "clip, cell_clip and projection_clip beside each other, all of them reached",
        ["clip-1", "cell-clip-1", "projection-1"],
        "one bound used for another",
        builder(2, 24, -1, 1)
        .lstm(3, clip=1.25, cell_clip=0.625, projection=2, qb=True, projection_clip=0.375)
        .document(),
        some(25, steps=4),
    )


def of_gru() -> Iterator[Case]:
    """[gru-1] to [gru-3] with clip."""
    for reset in ("before", "after"):
        yield run_case(
            f"clips/gru-{reset}",
            f"A GRU with clip 0.75 and reset {reset}, reached on both sides in r, z and n",
            ["clip-1", "gru-1", "gru-2" if reset == "before" else "gru-3"],
            "a gate that is not clipped, or a clip of what comes out of the gate",
            builder(2, 26, -1, 2).gru(4, reset, clip=0.75).document(),
            some(27, steps=4),
            state={"gru0": {"h": Numbers(28).array([2, 4], -1, 1)}},
        )
    lines = {"gates": LINEAR, "candidate": LINEAR}
    # r, z are 1 and 0 by their bias; p is 3x + 0.5, d is −2h + 1.
    net = builder(1, 0).gru(
        1,
        "after",
        lines,
        W=[0.0, 0.0, 3.0],
        R=[0.0, 0.0, -2.0],
        b=[0.5, 0.0, 0.5],
        rb=[1.0],
        clip=2,
    )
    for name, h in (("p", 3.0), ("d", -3.0), ("sum", 0.25)):
        yield run_case(
            f"clips/gru-after-{name}",
            f"reset after: {name} is beyond the clip, in one step or another",
            ["gru-3", "clip-1"],
            "p or d clipped on its own, or r × d, or the sum not",
            net.document(),
            one([1.5, -0.5, 0.75]),
            state={"gru0": {"h": array([1, 1], [h])}},
            file="gru-parts",
        )
    yield run_case(
        "clips/gru-infinite",
        "reset after: p is infinite and the sum is cut",
        ["gru-3", "finite-1"],
        "p judged, or clipped and then added",
        builder(1, 0)
        .gru(1, "after", lines, W=[0.0, 0.0, 2.0**127], R=[0.0, 0.0, 1.0], b=[0.5, 0.25, 0.0], rb=[-4.0], clip=1e30)
        .document(),
        one([8.0, -8.0, 0.0]),
    )  # fmt: skip
