"""13.5: the second bias of the GRU, T at each of its places, and what is not finite."""

from collections.abc import Iterator

from conformance.case import Case
from conformance.generator.gru_nets import LINEAR, RELU, RESETS, TINY, of, parts
from conformance.generator.nets import Numbers, array, builder, run_case
from conformance.oracle.float32 import f32


def cases() -> Iterator[Case]:
    """The second half of the section `gru`."""
    yield from second_bias()
    yield from tiny()
    yield from not_finite()


def second_bias() -> Iterator[Case]:
    """`rb` of reset `after`."""
    x = Numbers(71).array([2, 4, 2], -2, 1)
    for name, b, rb in (("alone", False, True), ("absent", True, False)):
        yield run_case(
            f"gru/rb-{name}",
            "rb without b" if rb else "b without rb",
            ["gru-1", "gru-3", "gru-4", "layer-3"],
            "rb and b taken for one another, or the one asked for with the other",
            builder(2, 70, -2, 0).gru(3, "after", bias=b, rb=rb).document(),
            [{"input": x}],
        )
    yield run_case(
        "gru/rb-inside",
        "rb stands inside r × (…): with r = 0 nothing is left of it, with r = 1 all",
        ["gru-3", "layer-4"],
        "rb added to b, or outside the product with r",
        builder(1, 72, -2, 0)
        .gru(
            3,
            "after",
            W=[0.0] * 9,
            b=parts([-40.0, 40.0, 0.3], [0.5, -0.5, 0.25], [0.1, 0.2, 0.3]),
            rb=[0.7, -0.9, 1.1],
        )
        .document(),
        [{"input": array([1, 4, 1], [0.0] * 4)}],
    )
    yield run_case(
        "gru/rb-first",
        "The accumulator of the recurrent part starts at rb: −2^24, terms that take it back",
        ["gru-3", "chain-1"],
        "rb added last",
        builder(1, 73, -3, 0)
        .gru(2, "after", rb=[-(2.0**24), 2.0**24], R=order(), b=[0.25, 0.5, -0.25, 0.75, 0.0, 0.0])
        .document(),
        [{"input": array([1, 1, 1], [0.5])}],
        state={"gru0": {"h": array([1, 2], [0.625, 1.0])}},
    )


def order() -> list[float]:
    """The R of rb-first: in the block of n, the second row takes back rb."""
    return [
        *(0.125, 0.25, -0.5, 0.75),
        0.7,
        -0.9,
        *(0.5, -0.25, 0.125, -0.375),
        2.0**24,
        -(2.0**24),
    ]


def tiny() -> Iterator[Case]:
    """T at each place where it stands in [gru-2] to [gru-4]."""
    h = [2.0**-25, 2.0**-21, 2.0**-20, -(2.0**-25)]
    yield run_case(
        "gru/tiny-u",
        "r × h below 2^−51, times an R of 2^60",
        ["gru-2", "tiny-1"],
        "no T on u",
        builder(1, 0)
        .gru(
            4,
            "before",
            W=[0.0] * 12,
            R=[v for _ in range(4) for v in (*[0.0] * 8, *[2.0**60] * 4)],
            b=parts([-21.0] * 4, [0.0] * 4, [0.0] * 4),
        )
        .document(),
        [{"input": array([1, 1, 1], [0.0])}] * 2,
        state={"gru0": {"h": array([1, 4], [2.0**-25, 0.0, -(2.0**-26), 2.0**-27])}},
    )
    yield run_case(
        "gru/tiny-product",
        "r × d below 2^−51 beside a p of 2^−50",
        ["gru-3", "tiny-1"],
        "no T on r × d",
        builder(1, 0)
        .gru(
            4,
            "after",
            {"gates": {"function": "sigmoid"}, "candidate": LINEAR},
            W=[0.0] * 12,
            R=[1.0 if (k % 13) == 8 else 0.0 for k in range(48)],
            b=parts([-21.0] * 4, [-40.0] * 4, [2.0**-50] * 4),
            rb=False,
        )
        .document(),
        [{"input": array([1, 1, 1], [0.0])}],
        state={"gru0": {"h": array([1, 4], h)}},
    )
    for reset in RESETS:
        yield run_case(
            f"gru/tiny-h-{reset}",
            "((1 − z) × n) + (z × h) around 2^−51",
            ["gru-4", "tiny-1"],
            "no T on h'; T on one of its two products",
            builder(1, 0)
            .gru(
                4,
                reset,
                W=[0.0] * 12,
                R=[0.0] * 48,
                b=parts([0.0] * 4, [0.0] * 4, [0.0, TINY, -TINY, 1.5 * TINY]),
                rb=False,
            )
            .document(),
            [{"input": array([1, 3, 1], [0.0] * 3)}],
            state={"gru0": {"h": array([1, 4], [TINY, TINY, -TINY, -1.5 * TINY])}},
        )
    yield run_case(
        "gru/tiny-rb",
        "Elements of rb around 2^−51, made visible by a scaled tanh",
        ["tiny-2", "gru-3"],
        "no T on rb",
        builder(1, 0)
        .gru(
            4,
            "after",
            {
                "gates": {"function": "linear"},
                "candidate": {"function": "scaled_tanh", "alpha": 1, "beta": 2.0**50},
            },
            W=[0.0] * 12,
            R=[0.0] * 48,
            b=parts([4.0] * 4, [0.0] * 4, [0.0] * 4),
            rb=[TINY, f32(TINY * (1 - 2.0**-24)), -TINY / 2, f32(-TINY * (1 + 2.0**-23))],
        )
        .document(),
        [{"input": array([1, 1, 1], [0.0])}],
    )


def not_finite() -> Iterator[Case]:
    """[finite-1]: u as well, and NaN in each gate."""
    huge = 2.0**127
    yield run_case(
        "gru/overflow-u",
        "r × h overflows; behind it a relu of minus infinity would be 0, and h' finite",
        ["finite-1", "gru-2"],
        "u not checked",
        builder(1, 0)
        .gru(
            1,
            "before",
            {"gates": LINEAR, "candidate": RELU},
            W=[1.0, 0.0, 0.0],
            R=[0.0, 0.0, -1.0],
            b=[0.0, 0.5, 1.0],
        )
        .document(),
        [{"input": array([1, 1, 1], [v])} for v in (1.5, 4.0, 2.0)],
        state={"gru0": {"h": array([1, 1], [huge])}},
    )
    yield run_case(
        "gru/overflow-d",
        "The recurrent part of n overflows, tanh saturates: that is no fault with reset after",
        ["finite-1", "gru-3"],
        "d or r × d checked",
        builder(1, 0)
        .gru(1, "after", W=[0.5, 0.25, 0.125], R=[0.0, 0.0, huge], b=[0.5, 0.25, 0.0])
        .document(),
        [{"input": array([1, 1, 1], [1.0])}] * 2,
        state={"gru0": {"h": array([1, 1], [8.0])}},
    )
    for reset in RESETS:
        for gate, column in (("r", 0), ("z", 1), ("n", 2)):
            W = [0.5, -0.25, 0.75] * 2
            W[column], W[3 + column] = huge, -huge
            yield run_case(
                f"gru/nan-in-{gate}-{reset}",
                f"NaN in {gate} alone",
                ["finite-1", *of(reset)],
                "NaN that the function or the check hides",
                builder(2, 0).gru(1, reset, W=W, R=[0.5, 0.25, -0.5], bias=False).document(),
                [{"input": array([1, 1, 2], list(x))} for x in ((0.25, 0.125), (2.0, 2.0))],
            )
        yield run_case(
            f"gru/overflow-{reset}",
            "linear functions: h overflows in the second chunk, the third goes on from the first",
            ["finite-1", "protocol-3", *of(reset)],
            "an infinite h; a state that the failed call has changed",
            builder(1, 0)
            .gru(
                1,
                reset,
                {"gates": LINEAR, "candidate": LINEAR},
                W=[0.0, 1.0, 1.0],
                R=[0.0, 0.0, 0.5],
                b=[1.0, 0.0, 0.0],
                rb=False,
            )
            .document(),
            [{"input": array([1, 2, 1], [v, v])} for v in (0.5, 2.0**100, -0.25)],
        )
