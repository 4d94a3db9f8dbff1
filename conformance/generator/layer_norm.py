"""13.11: layer_norm."""

from collections.abc import Iterator

from conformance.case import Case
from conformance.generator.nets import Numbers, array, builder, packed_case, run_case

SECTION = "layer_norm"
SPEC_INPUT = [1.5, -0.5, 0.25]


def spec_example() -> builder:
    """The net of the worked example in 13.11."""
    return builder(3, 0).layer_norm(0.001, gamma=[1.2, 0.9, -0.4], beta=[0.1, -0.2, 0.3])


def cases() -> Iterator[Case]:
    """Every case of the section."""
    yield run_case(
        "layer_norm/spec-example",
        "The worked example of 13.11",
        ["layer-norm-1"],
        "n − 1 in the place of n, or epsilon outside the root",
        spec_example().document(),
        [{"input": array([1, 1, 3], SPEC_INPUT)}],
    )
    for width in (1, 2, 15, 16, 17, 40):
        yield packed_case(
            f"layer_norm/width-{width}",
            f"{width} elements, around the sixteen sums",
            ["layer-norm-1", "sum-1"],
            "a plain sum, a block of sixteen too many or too few; one pass over x and x²; gamma and beta exchanged",
            builder(width, width, -3, 0).layer_norm(1e-3).document(),
            [{"input": Numbers(50 + width).array([2, 1, width], -3, 2)}],
        )
    yield packed_case(
        "layer_norm/divided",
        "Six steps of three elements, where × (1 / 3) rounds otherwise than / 3",
        ["layer-norm-1", "arith-1"],
        "a product with 1 / n for both divisions",
        builder(3, 6, -3, 0).layer_norm(1e-3).document(),
        [{"input": Numbers(106).array([1, 6, 3], -3, 2)}],
    )
    yield packed_case(
        "layer_norm/epsilon-large",
        "epsilon = 1",
        ["layer-norm-1"],
        "epsilon outside the root, or left out",
        builder(3, 1, -2, 0).layer_norm(1).document(),
        [{"input": Numbers(2).array([3, 1, 3], -2, 0)}],
    )
    for name, epsilon in (("decimal", 0.1), ("small", 2.0**-50)):
        yield run_case(
            f"layer_norm/epsilon-{name}",
            f"epsilon = {epsilon}, and x that are nearly equal",
            ["layer-norm-1"],
            "epsilon that is not rounded to binary32, that T makes 0, or that is taken for 1e-5",
            builder(3, 3, -2, 0).layer_norm(epsilon).document(),
            [{"input": array([1, 2, 3], [0.5, 0.5, 0.50000006, 1.0, 1.0000001, 1.0])}],
        )
    yield run_case(
        "layer_norm/constant",
        "Equal elements: every d is 0, and y is beta; with 0.1 six times, m is not quite 0.1",
        ["layer-norm-1"],
        "0 / 0; a mean that is taken for exact",
        builder(6, 4, -2, 0).layer_norm(1e-12).document(),
        [{"input": array([1, 3, 6], [2.0] * 6 + [0.10000000149011612] * 6 + [0.0] * 6)}],
    )
    yield run_case(
        "layer_norm/offset",
        "A large mean and a small spread",
        ["layer-norm-1"],
        "a variance in one pass, mean of squares less square of the mean",
        builder(4, 5, -2, 0).layer_norm(1e-6).document(),
        [{"input": array([1, 2, 4], [1000.0, 1000.5, 999.75, 1000.25, -64.0, -64.5, -64.0, -63.0])}],
    )  # fmt: skip
    yield run_case(
        "layer_norm/tiny-variance",
        "A variance below 2^−51 beside epsilon = 2^−50 counts, and so does a mean",
        ["layer-norm-1", "tiny-2"],
        "T on m or v",
        builder(3, 0).layer_norm(2.0**-50, gamma=[2.0**30] * 3, beta=[0.0] * 3).document(),
        [
            {
                "input": array(
                    [1, 2, 3],
                    [2.0**-27, -(2.0**-27), 0.0, 1.5 * 2.0**-50, -(2.0**-50), -(2.0**-52)],
                )
            }
        ],
    )
    tiny = 2.0**-51
    yield run_case(
        "layer_norm/tiny",
        "x of 2^−51 and somewhat more: d below 2^−51 are 0, before gamma makes them large",
        ["layer-norm-1", "tiny-2"],
        "no T on d",
        builder(4, 0).layer_norm(2.0**-50, gamma=[2.0**60] * 4, beta=[0.0] * 4).document(),
        [{"input": array([1, 1, 4], [tiny, 1.25 * tiny, 1.5 * tiny, 3 * tiny])}],
    )
    yield run_case(
        "layer_norm/tiny-result",
        "y below 2^−51 is 0, before a dense layer makes it large",
        ["layer-norm-1", "tiny-2"],
        "no T on y",
        builder(2, 0)
        .layer_norm(1e-5, gamma=[2.0**-50, 2.0**-51], beta=[0.0] * 2)
        .dense(2, W=[2.0**60, 0.0, 0.0, 2.0**60], bias=False)
        .document(),
        [{"input": array([1, 2, 2], [1.0, -1.0, 0.001, 0.0])}],
    )
    yield run_case(
        "layer_norm/huge",
        "d × d is infinite: q is 0 and y is beta; the call does not fail",
        ["layer-norm-1", "finite-1"],
        "v that is judged, or scaled so that it stays finite",
        builder(3, 6, -2, 0).layer_norm(1e-5).document(),
        [{"input": array([1, 2, 3], [1e30, -1e30, 1e29, 1e19, -3e19, 2e19])}],
    )
    yield run_case(
        "layer_norm/overflow-sum",
        "The sum of x is infinite: the call fails, though the mean would be finite",
        ["layer-norm-1", "finite-1", "sum-1"],
        "a mean of quotients, or one that is summed in binary64",
        builder(2, 7, -2, 0).layer_norm(1e-5).document(),
        [
            {"input": array([1, 1, 2], [1.0, 2.0])},
            {"input": array([1, 2, 2], [1.0, -1.0, 3e38, 2e38])},
            {"input": array([1, 1, 2], [-1.0, 2.0])},
        ],
    )
    yield run_case(
        "layer_norm/order",
        "(d × q) × gamma: in another order it would be infinite",
        ["layer-norm-1", "arith-1"],
        "d × (q × gamma), or (d × gamma) × q",
        builder(2, 0).layer_norm(2.0**-50, gamma=[2.0**126, 2.0**105], beta=[1.0, -1.0]).document(),
        [{"input": array([1, 2, 2], [2.0**-44, -(2.0**-44), 2.0**30, 2.0**31])}],
    )
    yield packed_case(
        "layer_norm/between",
        "Between two recurrent layers, with lengths, and behind the final one",
        ["layer-norm-1", "layer-5", "run-1"],
        "a norm over time or over the batch; one that is computed at padded steps",
        builder(2, 8, -2, 0)
        .elman(3)
        .layer_norm(1e-5)
        .gru(2, "after", final=True)
        .layer_norm(0.01)
        .document(),
        [
            {"input": Numbers(9).array([3, 3, 2], -2, 1), "lengths": [3, 1, 0]},
            {"input": Numbers(10).array([3, 1, 2], -2, 1)},
        ],
    )
