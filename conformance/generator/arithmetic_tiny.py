"""12.2 and the lemma of the zero factor: a case for each place that T is named at, decay, −0."""

from collections.abc import Iterator

from conformance.case import Case
from conformance.generator.nets import Json, Numbers, array, builder, run_case
from conformance.oracle.float32 import f32

TINY = 2.0**-51
BELOW = f32(TINY * (1 - 2.0**-24))
ABOVE = f32(TINY * (1 + 2.0**-23))


def silence(rows: int, loud: int, silent: int, width: int, seed: int) -> Json:
    """Some loud steps, then zeros."""
    numbers = Numbers(seed)
    values: list[float] = []
    for _ in range(rows):
        values += numbers.many(loud * width, -2, 1) + [0.0] * (silent * width)
    return array([rows, loud + silent, width], values)


def tiny() -> Iterator[Case]:
    """[tiny-1] and [tiny-2]: one case for each place that T is named at."""
    around = [TINY, BELOW, ABOVE, -TINY, -BELOW, -ABOVE, 2.0**-126, 2.0**-149]
    big = 2.0**60
    yield run_case(
        "arithmetic/tiny-input",
        "Inputs around 2^−51, made visible by a weight of 2^60",
        ["tiny-1", "tiny-2"],
        "no T on the input; < and ≤ exchanged",
        builder(1, 0).dense(1, W=[big], bias=False).document(),
        [{"input": array([1, 8, 1], around)}],
    )
    yield run_case(
        "arithmetic/tiny-weight",
        "Weights around 2^−51, made visible by an input of 2^60",
        ["tiny-1", "tiny-2"],
        "no T on W",
        builder(1, 0).dense(8, W=around, bias=False).document(),
        [{"input": array([1, 2, 1], [big, -big])}],
    )
    yield run_case(
        "arithmetic/tiny-bias",
        "Biases around 2^−51, visible beside a product of 2^−50",
        ["tiny-1", "tiny-2"],
        "no T on b",
        builder(1, 0).dense(8, W=[2.0**-50] * 8, b=around).document(),
        [{"input": array([1, 3, 1], [1.0, -1.0, 0.0])}],
    )
    yield run_case(
        "arithmetic/tiny-recurrent",
        "Recurrent weights around 2^−51",
        ["tiny-1", "tiny-2", "lstm-1"],
        "no T on R",
        builder(1, 0)
        .lstm(
            2,
            bias=False,
            W=[0.0] * 8,
            R=[*around, *(f32(v) for v in around)],
        )
        .document(),
        [{"input": array([1, 2, 1], [1.0, 1.0])}],
        state={
            "lstm0": {"h": array([1, 2], [big, big]), "c": array([1, 2], [0.0, 1.0])},
        },
    )
    yield run_case(
        "arithmetic/tiny-dense",
        "Results of a dense layer around 2^−51",
        ["tiny-1", "dense-1"],
        "no T on the result",
        builder(1, 0).dense(8, W=[f32(v * 2.0**30) for v in around], bias=False).document(),
        [{"input": array([1, 2, 1], [2.0**-30, -(2.0**-30)])}],
    )
    # Gates without any part of x or h: b alone makes them. g and o of about 2^−30 and less.
    yield run_case(
        "arithmetic/tiny-h",
        "o × tanh(c') below 2^−51",
        ["tiny-1", "lstm-1"],
        "no T on h'",
        builder(1, 0)
        .lstm(2, W=[0.0] * 8, R=[0.0] * 16, b=[0.0, 0.0, 0.0, 0.0, 2.0**-30, 0.5, -20.0, -36.0])
        .document(),
        [{"input": array([1, 4, 1], [0.0] * 4)}],
    )
    yield run_case(
        "arithmetic/tiny-c",
        "(f × c) + (i × g) below 2^−51",
        ["tiny-1", "lstm-1"],
        "no T on c'",
        builder(1, 0)
        .lstm(2, W=[0.0] * 8, R=[0.0] * 16, b=[0.0, -20.0, 9.0, 9.0, 0.0, 2.0**-30, 1.0, 1.0])
        .document(),
        [{"input": array([1, 4, 1], [0.0] * 4)}],
        state={"lstm0": {"h": array([1, 2], [0.0] * 2), "c": array([1, 2], [ABOVE, 0.0])}},
    )
    yield run_case(
        "arithmetic/tiny-gates",
        "Gates below 2^−51",
        ["tiny-1", "sigmoid-1", "tanh-1", "lstm-1"],
        "no T in sigmoid or tanh",
        builder(1, 0)
        .lstm(
            3,
            R=[0.0] * 36,
            W=[0.0] * 12,
            b=[
                *(-35.3, -35.4, -36.0),
                *(-35.3, -35.4, -36.0),
                *(5.0, -5.0, TINY / 4),
                *(2.0, 2.0, 2.0),
            ],
        )
        .document(),
        [{"input": array([1, 3, 1], [0.0] * 3)}],
        state={
            "lstm0": {
                "h": array([1, 3], [0.0] * 3),
                "c": array([1, 3], [2.0**40, 2.0**40, -(2.0**40)]),
            }
        },
        encoding="msgpack",
    )
    yield run_case(
        "arithmetic/silence",
        "Without bias, 20 steps and then 120 of silence: the state decays to exactly +0",
        ["tiny-1", "tiny-2", "lstm-1"],
        "no T: the state becomes subnormal, and its bits depend on flush-to-zero",
        builder(1, 5, -4, -2).lstm(3, bias=False).dense(1, bias=False).document(),
        [{"input": silence(1, 20, 120, 1, 6)}],
        encoding="msgpack",
    )
    yield run_case(
        "arithmetic/silence-slow",
        "The same with two layers, in two rows",
        ["tiny-1", "tiny-2", "lstm-1"],
        "no T: the state becomes subnormal, and its bits depend on flush-to-zero",
        builder(2, 7, -4, -2).lstm(2, bias=False).lstm(3, bias=False).document(),
        [{"input": silence(2, 5, 90, 2, 8)}],
    )
    numbers = Numbers(9)
    yield run_case(
        "arithmetic/small-everything",
        "Weights and inputs of about 2^−48: products far below binary32's normal range of sums",
        ["tiny-1", "chain-1"],
        "subnormal products that a flushed runtime loses",
        builder(4, 10, -50, -46).lstm(3, bias=False).dense(2, bias=False).document(),
        [{"input": array([1, 3, 4], numbers.many(12, -50, -46))}],
    )
    yield run_case(
        "arithmetic/small-terms",
        "Products below 2^−51 count: only what they add up to is judged",
        ["tiny-1", "chain-1"],
        "T on each product, or terms that are skipped because they are small",
        builder(8, 11, -27, -26).dense(4, bias=False).document(),
        [{"input": Numbers(12).array([1, 4, 8], -27, -25)}],
    )


def zeros() -> Iterator[Case]:
    """The lemma of the zero factor, and −0."""
    yield run_case(
        "arithmetic/minus-zero",
        "−0 as input, weight and bias",
        ["chain-1", "tiny-1"],
        "an accumulator or a result of −0",
        builder(2, 0).dense(3, W=[-0.0, -1.0, 1.0, 1.0, -1.0, -0.0], b=[-0.0] * 3).document(),
        [{"input": array([1, 4, 2], [-0.0, 0.0, 0.0, -0.0, -0.0, -0.0, 1.0, -0.0])}],
        encoding="msgpack",
    )
    yield run_case(
        "arithmetic/first-product",
        "Without bias, the first product is −0",
        ["chain-1", "dense-1"],
        "a chain that starts at its first product: −0",
        builder(1, 0).dense(2, W=[-1.0, -2.0], bias=False).document(),
        [{"input": array([1, 2, 1], [0.0, -0.0])}],
    )
    sparse = Numbers(11).many(24, -2, 1)
    for k in (0, 3, 4, 7, 8, 9, 13, 20, 23):
        sparse[k] = -0.0 if k % 2 else 0.0
    yield run_case(
        "arithmetic/sparse",
        "Zeros among the inputs and weights of an LSTM",
        ["chain-1", "lstm-1"],
        "a term that is skipped together with its neighbour",
        builder(4, 12, -2, 0)
        .lstm(1, R=[0.0] * 4, W=[0.5, 0.0, -0.75, 1.5, *[0.0] * 4, *Numbers(13).many(8, -2, 0)])
        .document(),
        [{"input": array([1, 6, 4], sparse)}],
    )
