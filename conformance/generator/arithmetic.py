"""12: rounding, tiny values, the order of a chain, what is not finite."""

from collections.abc import Iterator

from conformance.case import Case
from conformance.generator import arithmetic_tiny
from conformance.generator.nets import Json, Numbers, array, builder, run_case
from conformance.oracle.float32 import f32

SECTION = "arithmetic"
HUGE = 2.0**127


def limited(seed: int) -> Json:
    """An LSTM whose h comes near 1 for a large input; the dense layer after it overflows there."""
    net = builder(1, seed, -2, 0)
    net.lstm(2, W=[4.0, 3.0, 0.5, -0.25, 2.0, 3.0, 5.0, 3.5])
    return net.dense(1, W=[f32(1.9 * HUGE), 1.0], b=[HUGE]).document()


def cases() -> Iterator[Case]:
    """Every case of the section."""
    yield from rounding()
    yield from arithmetic_tiny.tiny()
    yield from arithmetic_tiny.zeros()
    yield from not_finite()


def rounding() -> Iterator[Case]:
    """[arith-1] and the order of [chain-1]."""
    numbers = Numbers(1)
    values: list[float] = []
    for _ in range(6):  # each second term takes back most of the first: what was rounded off shows
        for _ in range(6):
            v = numbers.one(-1, 1)
            values += [v, f32(-v * (1 + 2.0**-11))]
    W = [f32(1 + k * 2.0**-20 + j * 2.0**-13) for k in range(12) for j in range(3)]
    yield run_case(
        "arithmetic/cancellation",
        "Sums that cancel",
        ["arith-1", "chain-1"],
        "a fused multiply-add, a binary64 accumulator, another order of the terms",
        builder(12, 0).dense(3, W=W, b=[0.25, -0.125, 2.0**-20]).document(),
        [{"input": array([1, 6, 12], values)}],
    )
    yield run_case(
        "arithmetic/halfway",
        "Products and sums that lie halfway between two numbers",
        ["arith-1", "chain-1"],
        "ties rounded up or away from zero",
        builder(2, 0).dense(2, W=[1.0, 2.0**-24, 2.0**-24, 1.0], bias=False).document(),
        [
            {
                "input": array(
                    [1, 6, 2],
                    [
                        *(1.0, 1.0),
                        *(1 + 2.0**-23, 1.0),
                        *(-1.0, -1.0),
                        *(-1 - 2.0**-23, -1.0),
                        *(1.0, 1 + 2.0**-23),
                        *(3.0, 2.0),
                    ],
                )
            }
        ],
        encoding="msgpack",
    )
    half = 1 + 2.0**-12
    yield run_case(
        "arithmetic/halfway-products",
        "Products that lie halfway between two numbers, nothing is added to them",
        ["arith-1", "chain-1"],
        "products whose ties are rounded up or away from zero",
        builder(1, 0).dense(3, W=[half, 3 * half, 1 + 3 * 2.0**-12], bias=False).document(),
        [{"input": array([1, 4, 1], [half, -half, 3 * half, 1 + 3 * 2.0**-12])}],
    )
    yield run_case(
        "arithmetic/order",
        "Terms of 2^24, 1 and −2^24 in all orders, bias first, x before h",
        ["chain-1"],
        "any other order of the terms; a bias added last",
        builder(3, 0)
        .dense(6, W=orders(), b=[1.0, 0.5, -1.0, 2.0**24, -(2.0**24), 0.75])
        .document(),
        [{"input": array([1, 2, 3], [1.0, 1.0, 1.0, 3.0, 1.0, 0.5])}],
    )
    net = builder(1, 2, -3, 0)
    big = 2.0**24
    yield run_case(
        "arithmetic/x-before-h",
        "The x part cancels the bias before the h part is added",
        ["chain-1", "lstm-1"],
        "h before x; two accumulators that are added; a bias added last",
        net.lstm(
            2,
            W=[-big] * 8,
            b=[big, big + 2, big - 1, big, big, big + 4, big - 2, big],
        ).document(),
        [{"input": array([1, 5, 1], [1.0] * 5)}],
    )
    yield run_case(
        "arithmetic/two-parts",
        "The x part and the h part of equal size: their sum is one chain",
        ["chain-1", "chain-2", "lstm-1"],
        "x·W and h·R summed apart",
        builder(6, 3, -2, 0).lstm(6).document(),
        [{"input": Numbers(4).array([2, 6, 6], -2, 1)}],
        encoding="msgpack",
    )


def orders() -> list[float]:
    """Six columns: the six orders of three terms."""
    big = 2.0**24
    rows = [
        [big, big, 1.0, 1.0, -big, -big],
        [1.0, -big, big, -big, big, 1.0],
        [-big, 1.0, -big, big, 1.0, big],
    ]
    return [v for row in rows for v in row]


def not_finite() -> Iterator[Case]:
    """[finite-1]."""
    yield run_case(
        "arithmetic/saturate",
        "Pre-activations of ±infinity saturate the gates",
        ["finite-1", "lstm-1", "sigmoid-1", "tanh-1"],
        "an infinite pre-activation that fails, or gives NaN",
        builder(2, 0)
        .lstm(
            2,
            W=[HUGE, -HUGE, HUGE, HUGE, HUGE, -HUGE, -HUGE, HUGE] * 2,
            R=[0.5, 0.25, -0.5, 1.0, 0.125, 0.5, -0.25, 0.75] * 2,
            b=[0.0] * 8,
        )
        .document(),
        [{"input": array([1, 4, 2], [1.0, 1.0, -2.0, -2.0, 0.5, 0.25, -3.0, -1.0])}],
    )
    opposite = [HUGE] * 4 + [-HUGE] * 4
    yield run_case(
        "arithmetic/nan-inside",
        "A pre-activation of infinity minus infinity: NaN reaches the state",
        ["finite-1", "lstm-1"],
        "NaN that a comparison hides",
        builder(2, 0).lstm(1, W=opposite, R=[0.5, 0.25, -0.5, 1.0], bias=False).document(),
        [
            {"input": array([1, 1, 2], [0.25, 0.125])},
            {"input": array([1, 1, 2], [2.0, 2.0])},
            {"input": array([1, 1, 2], [0.25, 0.0])},
        ],
    )
    for gate, column in (("i", 0), ("f", 1), ("g", 2), ("o", 3)):
        W = [0.5, -0.25, 0.75, 1.0] * 2
        W[column], W[4 + column] = HUGE, -HUGE
        yield run_case(
            f"arithmetic/nan-in-{gate}",
            f"NaN in the gate {gate} alone",
            ["finite-1", "lstm-1", "sigmoid-1", "tanh-1"],
            "NaN that the function or the check of one gate hides",
            builder(2, 0).lstm(1, W=W, R=[0.5, 0.25, -0.5, 1.0], bias=False).document(),
            [
                {"input": array([1, 1, 2], [0.25, 0.125])},
                {"input": array([1, 1, 2], [2.0, 2.0])},
            ],
        )
    yield run_case(
        "arithmetic/overflow-dense",
        "A dense layer overflows in the second chunk: the third goes on from the first",
        ["finite-1", "dense-1", "protocol-3"],
        "an infinite output; a state that the failed call has changed",
        limited(14),
        [
            {"input": array([1, 2, 1], [-0.5, -0.75])},
            {"input": array([1, 3, 1], [-0.25, 30.0, 30.0])},
            {"input": array([1, 2, 1], [-0.5, -0.25])},
        ],
    )
    yield run_case(
        "arithmetic/overflow-inside",
        "A dense layer in the middle overflows, the LSTM after it would saturate",
        ["finite-1"],
        "only the last layer's output checked",
        builder(1, 15, -2, 0).dense(2, W=[HUGE, 1.0], bias=False).lstm(2).dense(1).document(),
        [
            {"input": array([1, 2, 1], [1.0, -1.0])},
            {"input": array([1, 2, 1], [1.0, 4.0])},
            {"input": array([1, 1, 1], [0.5])},
        ],
        encoding="msgpack",
    )
    yield run_case(
        "arithmetic/overflow-nan-softmax",
        "A dense layer gives infinities, softmax after it NaN",
        ["finite-1", "softmax-1"],
        "an infinite logit as a certain token",
        builder(1, 0).dense(2, W=[HUGE, -HUGE], bias=False).activation("softmax").document(),
        [{"input": array([1, 1, 1], [1.0])}, {"input": array([1, 1, 1], [4.0])}],
    )
    yield run_case(
        "arithmetic/overflow-one-row",
        "One of three rows overflows at its last step: the whole call fails",
        ["finite-1", "run-3"],
        "rows that are returned although another failed",
        limited(16),
        [
            {"input": array([3, 2, 1], [0.125, -0.5, 0.25, -0.75, -0.25, 0.0625])},
            {"input": array([3, 2, 1], [0.125, -0.5, 0.25, 30.0, -0.25, 0.125])},
            {"input": array([3, 2, 1], [0.0625, -0.5, 0.125, 0.25, -0.25, 0.125])},
        ],
    )
    yield run_case(
        "arithmetic/overflow-step",
        "One step at a time: the failed step leaves the state of the step before",
        ["finite-1", "run-4"],
        "a state that is restored to the beginning, or not at all",
        limited(14),
        [
            {"input": array([1, 4, 1], [-0.5, -0.75, -0.25, 30.0])},
            {"input": array([1, 2, 1], [-0.5, -0.25])},
        ],
        interface="step",
    )
    yield run_case(
        "arithmetic/large-finite",
        "Values near the largest number that stay finite",
        ["finite-1"],
        "a check of magnitudes instead of finiteness",
        builder(1, 0).dense(2, W=[HUGE, -HUGE], bias=False).document(),
        [{"input": array([1, 2, 1], [1.0, 2 - 2.0**-23])}],
    )
