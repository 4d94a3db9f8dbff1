"""13.12 and `inputs`: add, multiply, concat, and layers that read others than the one before."""

from collections.abc import Iterator

from conformance.case import Case
from conformance.generator.nets import Json, Numbers, array, builder, packed_case, run_case

SECTION = "merge"
KINDS = ("add", "multiply", "concat")


def features(seed: int, shape: list[int]) -> list[Json]:
    """Spread input."""
    return [{"input": Numbers(seed).array(shape, -2, 1)}]


def scaled(factors: list[list[float]], kind: str) -> builder:
    """Affine layers that scale the same input, merged in their order."""
    net = builder(len(factors[0]), 0)
    names: list[str] = []
    for s in factors:
        net.reading("input").affine(s=s, t=[0.0] * len(s))
        names.append(net.layers[-1]["name"])
    return net.plain(kind, *names)


def cases() -> Iterator[Case]:
    """Every case of the section."""
    yield from graphs()
    yield from orders()
    yield from without_time()
    yield from overflows()


def graphs() -> Iterator[Case]:
    """Who reads whom."""
    for number, kind in enumerate(KINDS):
        yield packed_case(
            f"merge/{kind}",
            f"{kind} of three layers that read the same input",
            ["merge-1", "layer-1"],
            "inputs in another order; the third left out; each layer reading the one before it",
            builder(2, 1 + number, -2, 0)
            .dense(2)
            .reading("input")
            .elman(2)
            .reading("input")
            .gru(2, "before")
            .plain(kind, "gru2", "dense0", "elman1")
            .document(),
            [{"input": Numbers(4 + number).array([2, 3, 2], -2, 1), "lengths": [3, 1]}],
        )
        yield packed_case(
            f"merge/{kind}-twice",
            f"{kind} of the same layer twice",
            ["merge-1", "agree-3"],
            "a name that is read once",
            builder(2, 7 + number, -2, 0).dense(2).plain(kind, "dense0", "dense0").document(),
            features(10 + number, [1, 2, 2]),
        )
        yield packed_case(
            f"merge/{kind}-input",
            f"{kind} of `input` twice, and of a layer between",
            ["merge-1", "agree-3"],
            "`input` that can be read by the first layer only",
            builder(2, 13 + number, -2, 0).lstm(2).plain(kind, "input", "lstm0", "input").document(),
            features(16 + number, [2, 2, 2]),
        )  # fmt: skip
    yield packed_case(
        "merge/skip",
        "Two skip connections over recurrent layers, one over the other",
        ["merge-1", "agree-3"],
        "a buffer that is used again while somebody still reads it",
        builder(2, 20, -2, 0)
        .lstm(2)
        .plain("add", "lstm0", "input")
        .gru(2, "after")
        .plain("add", "gru2", "add1", "input")
        .dense(1)
        .document(),
        [
            {"input": Numbers(21).array([2, 3, 2], -2, 1), "lengths": [2, 3]},
            {"input": Numbers(22).array([2, 1, 2], -2, 1)},
        ],
    )
    yield packed_case(
        "merge/far",
        "A layer that reads the third before it, with layers of other widths between",
        ["merge-1", "layer-1"],
        "the width of the layer before in the place of that which is read",
        builder(2, 23, -2, 0)
        .dense(3)
        .dense(4)
        .dense(1)
        .reading("dense0")
        .lstm(2)
        .plain("concat", "dense2", "dense1", "lstm3")
        .dense(2)
        .document(),
        features(24, [1, 3, 2]),
    )
    yield packed_case(
        "merge/tokens",
        "Two embeddings of the same token, multiplied",
        ["merge-1", "embedding-1", "agree-3"],
        "one lookup for both",
        builder("abcd", 25, -2, 0)
        .embedding(3)
        .reading("input")
        .embedding(3)
        .plain("multiply", "embedding0", "embedding1")
        .dense(4)
        .activation("log_softmax")
        .document(),
        [{"input": Numbers(26).ids(2, 3, 4), "lengths": [1, 3]}],
    )
    yield packed_case(
        "merge/step",
        "A net with branches, through the step function",
        ["merge-1", "run-4"],
        "a step function that knows chains of layers only",
        builder(2, 27, -2, 0)
        .elman(2)
        .reading("input")
        .lstm(1)
        .plain("concat", "elman0", "lstm1", "input")
        .document(),
        features(28, [2, 3, 2]),
        interface="step",
    )
    yield packed_case(
        "merge/directions",
        "A reverse layer and a forward one over the same input, and their product with time_reverse of it",
        ["merge-1", "direction-1", "time-reverse-1"],
        "steps of one branch paired with other steps of the other",
        builder(2, 29, -2, 0)
        .elman(2)
        .reading("input")
        .elman(2, direction="reverse")
        .reading("input")
        .plain("time_reverse")
        .plain("multiply", "elman0", "elman1", "time_reverse2")
        .document(),
        [{"input": Numbers(30).array([3, 3, 2], -2, 1), "lengths": [3, 0, 2]}],
    )


def orders() -> Iterator[Case]:
    """The order of additions and products, and T between them."""
    big = 2.0**24
    yield run_case(
        "merge/add-order",
        "2^24, 1, 1 and −2^24 in four orders: each sum is rounded at once",
        ["merge-1", "arith-1"],
        "a sum in another order, in pairs, or in binary64",
        scaled(
            [[big, 1.0, 1.0, big], [1.0, big, 1.0, -big], [1.0, 1.0, big, 1.0], [-big, -big, -big, 1.0]],
            "add",
        ).document(),
        [{"input": array([1, 1, 4], [1.0] * 4)}],
    )  # fmt: skip
    yield run_case(
        "merge/add-tiny",
        "1.5 × 2^−51 − 2^−51 is 0 before the third is added",
        ["merge-1", "tiny-2"],
        "T after the last addition only, or none",
        scaled([[1.5] * 2, [-1.0] * 2, [1.0, 2.0**60]], "add").document(),
        [{"input": array([1, 1, 2], [2.0**-51] * 2)}],
    )
    small = 2.0**-30
    yield run_case(
        "merge/multiply-tiny",
        "Three tiny factors and a large one: 0, and not 1",
        ["merge-1", "tiny-2"],
        "T after the last product only: under flush-to-zero the bits would differ",
        scaled([[small] * 2, [small] * 2, [small] * 2, [2.0**90, 2.0**60]], "multiply").document(),
        [{"input": array([1, 1, 2], [1.0] * 2)}],
    )
    yield run_case(
        "merge/multiply-order",
        "A large factor first: the product of the first two overflows or not",
        ["merge-1", "arith-1"],
        "products in another order",
        scaled([[2.0**100, 3.0], [2.0**-20, 1.1], [2.0**30, 1.7], [2.0**-10, 0.9]], "multiply")
        .document(),
        [{"input": array([1, 2, 2], [1.0, 1.0, 0.7, 1.3])}],
    )  # fmt: skip
    yield run_case(
        "merge/add-zero",
        "−x + x and −0 are +0",
        ["merge-1", "tiny-1"],
        "a −0 that T does not mend",
        scaled([[1.0, -1.0], [-1.0, 1.0]], "add").document(),
        [{"input": array([1, 2, 2], [0.5, 0.25, 0.0, -0.0])}],
    )
    yield run_case(
        "merge/multiply-zero",
        "0 × −3 is +0 under a dense layer's bias, and at the output",
        ["merge-1", "tiny-1"],
        "−0 in the output",
        scaled([[1.0, -1.0], [-3.0, 3.0]], "multiply").document(),
        [{"input": array([1, 1, 2], [0.0, 2.0])}],
    )


def without_time() -> Iterator[Case]:
    """[layer-5]."""
    for number, kind in enumerate(KINDS):
        yield packed_case(
            f"merge/{kind}-final",
            f"{kind} of a final layer, a last_step and another final one",
            ["merge-1", "layer-5", "last-step-1", "final-1"],
            "vectors without time that are merged step by step",
            builder(2, 40 + number, -2, 0)
            .elman(2)
            .plain("last_step")
            .reading("elman0")
            .lstm(2, final=True, initial=True)
            .reading("input")
            .gru(2, "after", final=True)
            .plain(kind, "last_step1", "lstm2", "gru3")
            .dense(1)
            .document(),
            [{"input": Numbers(43 + number).array([3, 3, 2], -2, 1), "lengths": [3, 0, 1]}],
        )
    yield packed_case(
        "merge/unused-time",
        "Layers with time beside some without: the last one has none",
        ["layer-5", "run-1"],
        "an output with time because some layer has it",
        builder(2, 46, -2, 0)
        .elman(2)
        .plain("last_step")
        .reading("elman0")
        .dense(2)
        .plain("last_step")
        .plain("add", "last_step1", "last_step3")
        .document(),
        [{"input": Numbers(47).array([2, 3, 2], -2, 1), "lengths": [2, 3]}],
    )


def overflows() -> Iterator[Case]:
    """[finite-1] in a layer that merges."""
    for kind, factors in (
        ("add", [[2.0**127], [2.0**127], [-(2.0**127)]]),
        ("multiply", [[2.0**100], [2.0**28], [0.0]]),
    ):
        yield run_case(
            f"merge/overflow-{kind}",
            f"{kind}: the first two overflow, the third would bring it back",
            ["merge-1", "finite-1"],
            "another order, or an infinity that a zero hides",
            scaled(factors, kind).document(),
            [
                {"input": array([1, 1, 1], [0.25])},
                {"input": array([1, 2, 1], [0.5, 1.0])},
                {"input": array([1, 1, 1], [-0.25])},
            ],
            true=False,
        )
    yield run_case(
        "merge/overflow-hidden",
        "A layer overflows whose infinity another layer's 0 weight would hide",
        ["finite-1"],
        "only the last layer judged",
        builder(1, 0)
        .dense(1, W=[2.0**127], bias=False)
        .reading("dense0")
        .dense(1, W=[0.0], b=[0.5])
        .plain("add", "dense1", "input")
        .document(),
        [{"input": array([1, 1, 1], [1.0])}, {"input": array([1, 2, 1], [0.5, 4.0])}],
        true=False,
    )
