"""13.9: the affine layer."""

from collections.abc import Iterator

from conformance.case import Case
from conformance.generator.nets import Numbers, array, builder, run_case
from conformance.oracle.float32 import f32

SECTION = "affine"
TINY = 2.0**-51
HUGE = 2.0**127


def cases() -> Iterator[Case]:
    """Every case of the section."""
    yield run_case(
        "affine/plain",
        "Five elements, two rows",
        ["affine-1"],
        "s and t exchanged; t added first; (x + t) × s or (x − t) / s; the wrong element's s or t",
        builder(5, 1).affine().document(),
        [{"input": Numbers(2).array([2, 3, 5], -3, 2)}],
    )
    for size in (1, 4, 7, 16, 17, 33):
        yield run_case(
            f"affine/size-{size}",
            f"{size} elements",
            ["affine-1"],
            "the rest of a vector or an unrolled loop",
            builder(size, 10 + size).affine().document(),
            [{"input": Numbers(30 + size).array([1, 2, size], -3, 2)}],
            encoding="json" if size % 2 else "msgpack",
        )
    near = [f32(1 + k * 2.0**-12) for k in range(1, 9)]
    yield run_case(
        "affine/rounding",
        "The sum takes back most of the product: what was rounded off shows",
        ["affine-1", "arith-1"],
        "a fused multiply-add, a binary64 product",
        builder(8, 0).affine(near, [f32(-v * v) for v in near]).document(),
        [{"input": array([1, 2, 8], [*near, *reversed(near)])}],
        encoding="msgpack",
    )
    around = [f32(TINY * m) for m in (1, 1 - 2.0**-24, 1 + 2.0**-23, -1, -0.5, 2.0**-20)]
    yield run_case(
        "affine/tiny-scale",
        "Elements of s around 2^−51, inputs of 2^60",
        ["tiny-2", "affine-1"],
        "no T on s",
        builder(6, 0).affine(around, [0.0] * 6).document(),
        [{"input": array([1, 2, 6], [2.0**60] * 6 + [-(2.0**60)] * 6)}],
    )
    yield run_case(
        "affine/tiny-shift",
        "Elements of t around 2^−51, beside a product of 2^−50",
        ["tiny-2", "affine-1"],
        "no T on t",
        builder(6, 0).affine([1.0] * 6, around).document(),
        [{"input": array([1, 2, 6], [2.0**-50] * 6 + [0.0] * 6)}],
    )
    yield run_case(
        "affine/tiny-product",
        "Products of 2^−52 beside a t of 2^−50: only their sum is judged",
        ["tiny-1", "affine-1"],
        "T on the product",
        builder(3, 0).affine([2.0**-30] * 3, [2.0**-50, -(2.0**-50), 2.0**-51]).document(),
        [{"input": array([1, 2, 3], [2.0**-22] * 3 + [-(2.0**-22)] * 3)}],
    )
    yield run_case(
        "affine/tiny-result",
        "Results around 2^−51, and −0",
        ["tiny-1", "affine-1"],
        "no T on the result; T on the product alone; a result of −0",
        builder(6, 0).affine([2.0**-30] * 4 + [-1.0, -1.0], [0.0] * 4 + [-0.0, 0.0]).document(),
        [
            {
                "input": array(
                    [1, 2, 6],
                    [
                        *(2.0**-21, 2.0**-22, f32(2.0**-21 * (1 - 2.0**-24)), -(2.0**-22)),
                        *(0.0, -0.0, -(2.0**-21), 0.0, 1.0, -1.0, -0.0, 0.0),
                    ],
                )
            }
        ],
    )
    yield run_case(
        "affine/between",
        "In front of a cell, between cells and last: a normalisation on the way in and out",
        ["affine-1", "gru-1", "lstm-1"],
        "a layer of which the width of the next is not told",
        builder(3, 3, -2, 0).affine().gru(4, "after").affine().lstm(2).affine().document(),
        [{"input": Numbers(4).array([2, 4, 3], -2, 2), "lengths": [4, 2]}],
    )
    yield run_case(
        "affine/overflow",
        "The product overflows, though s and t are finite; the second row does not",
        ["finite-1", "affine-1"],
        "an infinite result; a product and a sum in binary64, which come back",
        builder(1, 0).affine([HUGE], [-HUGE]).document(),
        [{"input": array([1, 1, 1], [v])} for v in (1.5, 2.0, -0.75)],
    )
    yield run_case(
        "affine/tokens",
        "Behind an embedding",
        ["affine-1", "embedding-1"],
        "an affine that is given ids",
        builder("abc", 5).embedding(4).affine().document(),
        [{"input": [[0, 2, 1], [1, 1, 0]]}],
    )
    net = builder(4, 6)
    net.dtype = "float16"
    yield run_case(
        "affine/float16",
        "s and t in binary16",
        ["affine-1", "tensor-6"],
        "a dtype that only matrices have",
        net.affine().document(),
        [{"input": Numbers(7).array([1, 2, 4], -2, 1)}],
    )
