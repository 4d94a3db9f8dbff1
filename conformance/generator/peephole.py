"""13.4: peepholes, and coupled gates."""

from collections.abc import Iterator

from conformance.case import Case
from conformance.generator.nets import Json, Numbers, array, builder, packed_case, run_case

SECTION = "peephole"
LINEAR = {"function": "linear"}
SPEC_INPUT = [1.0, -0.5, 0.25, 2.0]


def spec_example() -> builder:
    """The net of the worked example in 13.4."""
    return builder(1, 0).lstm(
        1,
        W=[0.5, 0.2, -0.7],
        R=[0.3, 0.6, 0.4],
        b=[0.1, 0.9, 0.05],
        p=[-0.4, 0.8],
        h0=[0.25],
        c0=[-0.5],
        peephole="diagonal",
        coupled="input",
    )


def state(H: int, rows: int, seed: int, P: int = 0) -> Json:
    """A state of lstm0 with a c that a peephole sees."""
    numbers = Numbers(seed)
    return {
        "lstm0": {
            "h": numbers.array([rows, P or H], -2, 0),
            "c": numbers.array([rows, H], -1, 1),
        }
    }


def some(seed: int, rows: int = 2, steps: int = 3) -> list[Json]:
    """Spread input of two features."""
    return [{"input": Numbers(seed).array([rows, steps, 2], -2, 1)}]


def cases() -> Iterator[Case]:
    """Every case of the section."""
    yield run_case(
        "peephole/spec-example",
        "The worked example of 13.4",
        ["peephole-1", "coupled-1"],
        "a peephole of the wrong gate, or from the wrong c",
        spec_example().document(),
        [{"input": array([1, 2, 1], SPEC_INPUT[:2])}],
    )
    yield from alone()
    yield from coupled()
    yield from combined()


def alone() -> Iterator[Case]:
    """Each kind by itself."""
    for kind in ("diagonal", "full"):
        yield packed_case(
            f"peephole/{kind}",
            f"A {kind} peephole, from the initial state and from a given one",
            ["peephole-1", "layer-6", "lstm-1"],
            "p in another order than i, f, o; o that looks at the old c; i and f that look at the new one; a transposed p",
            builder(2, 1, -2, 0).lstm(3, peephole=kind).document(),
            some(2, steps=4),
            file=kind,
        )
        yield packed_case(
            f"peephole/{kind}-given",
            f"A {kind} peephole with a given c",
            ["peephole-1", "run-2"],
            "a first step that sees no c",
            builder(2, 1, -2, 0).lstm(3, peephole=kind).document(),
            some(3, steps=2),
            state=state(3, 2, 4),
            interface="step",
            file=kind,
        )
        yield packed_case(
            f"peephole/{kind}-no-bias",
            f"A {kind} peephole and c0 without b and h0",
            ["peephole-1", "chain-1", "layer-3"],
            "a peephole that needs a bias",
            builder(2, 5, -2, 0)
            .lstm(2, peephole=kind, bias=False, c0=[0.75, -1.5])
            .document(),
            some(6, rows=1),
        )  # fmt: skip
        # The pre-activations of every gate: 2^24 from x, −2^24 from h, and 1.25 c in between or after.
        big = [2.0**24] * 4
        p = [1.25] * 3
        yield run_case(
            f"peephole/{kind}-order",
            "The term of the peephole comes after those of h, and takes part in the rounding there",
            ["peephole-1", "chain-1"],
            "the peephole added before h, or to the bias, or in a sum of its own",
            builder(1, 0)
            .lstm(1, W=big, R=[-v for v in big], b=[0.3] * 4, p=p, peephole=kind)
            .document(),
            [{"input": array([2, 1, 1], [1.0, -1.0])}],
            state={"lstm0": {"h": array([2, 1], [1.0, -1.0]), "c": array([2, 1], [1.0, 0.7])}},
        )
        yield run_case(
            f"peephole/{kind}-tiny-term",
            "A term below 2^−51 beside a bias of 2^−30 counts",
            ["peephole-1", "tiny-2"],
            "T on the products of a peephole",
            builder(1, 0)
            .lstm(1, {"gates": LINEAR, "candidate": LINEAR, "output": LINEAR},
                  W=[0.0] * 4, R=[0.0] * 4, b=[2.0**-30, 2.0**-30, 1.0, 2.0**-20],
                  p=[1.75 * 2.0**-51, -1.75 * 2.0**-51, 1.75 * 2.0**-51], peephole=kind)
            .document(),
            [{"input": array([1, 1, 1], [1.0])}],
            state={"lstm0": {"h": array([1, 1], [0.0]), "c": array([1, 1], [0.375])}},
        )  # fmt: skip
    # Terms 2^24, 1, −2^24: their order shows in the sum.
    p = [1.0, 1.0, 1.0] * 3
    yield run_case(
        "peephole/full-ascending",
        "The terms of a full peephole, k ascending, in one accumulator",
        ["peephole-1"],
        "the peephole summed on its own or in another order",
        builder(1, 0)
        .lstm(3, W=[0.0] * 12, R=[0.0] * 36, b=[0.5] * 12, p=p * 3, peephole="full")
        .document(),
        [{"input": array([1, 1, 1], [0.0])}],
        state={
            "lstm0": {
                "h": array([1, 3], [0.0] * 3),
                "c": array([1, 3], [2.0**24, 1.0, -(2.0**24)]),
            }
        },
    )


def coupled() -> Iterator[Case]:
    """[coupled-1], alone and with a peephole."""
    for kind in ("input", "forget"):
        yield packed_case(
            f"peephole/coupled-{kind}",
            f"coupled = {kind}, three blocks",
            ["coupled-1", "layer-2"],
            "the other gate computed from this one, blocks shifted, a gate that is 1 − itself",
            builder(2, 7, -2, 0).lstm(3, coupled=kind).document(),
            some(8, steps=4),
        )
        yield packed_case(
            f"peephole/coupled-{kind}-linear",
            f"coupled = {kind}, gates beyond 0 … 1, no bias",
            ["coupled-1", "activation-1"],
            "1 − a that is gated, or a coupled gate that is cut to 0 … 1",
            builder(2, 9, -2, 0)
            .lstm(2, {"gates": LINEAR, "candidate": LINEAR, "output": LINEAR}, coupled=kind, bias=False)
            .document(),
            some(10, rows=1),
            state=state(2, 1, 11),
        )  # fmt: skip
        for peephole in ("diagonal", "full"):
            yield packed_case(
                f"peephole/coupled-{kind}-{peephole}",
                f"coupled = {kind} with a {peephole} peephole: two blocks in p",
                ["coupled-1", "peephole-1", "layer-6"],
                "the block of o taken for that of the absent gate",
                builder(2, 12, -2, 0).lstm(2, coupled=kind, peephole=peephole).document(),
                some(13),
                state=state(2, 2, 14),
            )
    yield packed_case(
        "peephole/coupled-rounded",
        "1 − f is rounded to binary32 before it is multiplied",
        ["coupled-1", "arith-1"],
        "(1 − f) × g in one operation, or as g − f × g",
        builder(1, 15, -4, 0).lstm(3, coupled="input").document(),
        [{"input": Numbers(16).array([1, 3, 1], -4, 1)}],
        state=state(3, 1, 17),
    )


def combined() -> Iterator[Case]:
    """With everything else."""
    yield packed_case(
        "peephole/projected",
        "A full peephole beside a projection: p is as wide as c, not as h",
        ["peephole-1", "projection-1", "layer-6"],
        "a peephole of h, or of P columns",
        builder(2, 18, -2, 0).lstm(3, peephole="full", projection=2).document(),
        some(19, steps=3),
        state=state(3, 2, 20, P=2),
    )
    wide = builder(2, 30, -3, 0)
    wide.dtype = "float16"
    wide.lstm(17, peephole="full", coupled="forget", clip=1, cell_clip=0.75, projection=18, qb=True)
    yield packed_case(
        "peephole/size-17",
        "H = 17 and P = 18 with a full peephole, in float16",
        ["peephole-1", "projection-1", "clip-1"],
        "the rest of a vector, a panel or an unrolled loop",
        wide.document(),
        some(31, rows=1, steps=2),
    )
    for number, (kind, gate) in enumerate(
        (("diagonal", "input"), ("full", "forget"), ("full", "input"), ("diagonal", "forget"))
    ):
        yield packed_case(
            f"peephole/everything-{kind}-{gate}",
            f"peephole {kind}, coupled {gate}, clip, cell_clip, projection with bias and clip, h0 and c0",
            ["peephole-1", "coupled-1", "cell-clip-1", "projection-1", "clip-1"],
            "options that work alone and not together",
            builder(2, 21 + number, -1, 1)
            .lstm(
                3,
                {"gates": {"function": "hard_sigmoid", "alpha": 0.2, "beta": 0.5},
                 "candidate": {"function": "softsign"}, "output": {"function": "tanh"}},
                peephole=kind, coupled=gate, clip=1.5, cell_clip=0.875, projection=2 + number % 2 * 2,
                qb=True, projection_clip=0.5, initial=True, final=number > 1,
            )
            .document(),
            some(25 + number, steps=3),
        )  # fmt: skip
