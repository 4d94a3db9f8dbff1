"""6: nets whose weights are bfloat16 and int8."""

from collections.abc import Iterator

from conformance.case import Case
from conformance.generator.nets import Json, Numbers, array, builder, run_case

SECTION = "dtypes"


def stored(net: builder, dtype: str, axis: int = 1) -> builder:
    """The same builder, whose tensors are from here on of this dtype."""
    net.dtype, net.axis = dtype, axis
    return net


def cases() -> Iterator[Case]:
    """Every case of the section."""
    x = [{"input": Numbers(1).array([2, 2, 3], -2, 1)}]
    for encoding in ("json", "msgpack"):
        yield run_case(
            f"dtypes/bfloat16-{encoding}",
            f"A net in bfloat16 ({encoding})",
            ["tensor-1", "tensor-6"],
            "bfloat16 read as float16, or its bytes exchanged",
            stored(builder(3, 2, -2, 0), "bfloat16").lstm(2).dense(2).document(),
            x,
            encoding=encoding,
        )
        for axis in (0, 1):
            yield run_case(
                f"dtypes/int8-axis-{axis}-{encoding}",
                f"A net in int8, a scale for each {'row' if axis == 0 else 'column'} ({encoding})",
                ["tensor-8", "tensor-6"],
                "the other axis; a scale for all; q read without its sign; a product in binary64",
                stored(builder(3, 3 + axis, -2, 0), "int8", axis)
                .gru(2, "after")
                .dense(3)
                .document(),
                x,
                encoding=encoding,
            )
    yield run_case(
        "dtypes/int8-embedding",
        "An embedding in int8",
        ["tensor-8", "embedding-1"],
        "q in the place of the value",
        stored(builder("abc", 5, -2, 0), "int8", 0).embedding(4).document(),
        [{"input": [[0, 1, 2]]}],
    )
    yield run_case(
        "dtypes/int8-rounded",
        "scale × q is rounded once, and then enters the products",
        ["tensor-8", "arith-1"],
        "x × q summed first and scaled afterwards, as integer kernels do",
        stored(builder(8, 6, -2, 0), "int8").dense(3, bias=False).document(),
        [{"input": Numbers(7).array([2, 1, 8], -2, 2)}],
    )
    net = builder(2, 0).dense(2, W=[0.0] * 4, bias=False).document()
    net["tensors"]["dense0.W"] = {
        "dtype": "int8", "shape": [2, 2], "axis": 1, "scale": [2.0**-53, 2.0**-126], "data": "An8Bfw==",
    }  # fmt: skip
    yield run_case(
        "dtypes/int8-tiny",
        "Values of int8 around 2^−51: T is applied to scale × q, not to the scale",
        ["tensor-8", "tiny-2"],
        "T on the scale, or a value left below 2^−51",
        net,
        [{"input": array([1, 2, 2], [2.0**40, 0.0, 0.0, 2.0**40])}],
    )
    mixed: Json = {"float16": 2, "int8": 2, "bfloat16": 1}
    made = builder(2, 8, -2, 0)
    for dtype, size in mixed.items():
        stored(made, dtype).elman(size, direction="bidirectional", merge="concat")
    yield run_case(
        "dtypes/mixed",
        "Every half of a storage type in one net",
        ["tensor-6", "tensor-8"],
        "one dtype for the whole file",
        made.document(),
        [{"input": Numbers(9).array([1, 3, 2], -2, 1)}],
        encoding="msgpack",
    )
