"""6: nets whose tensors are stored as binary16."""

from collections.abc import Iterator

from conformance.case import Case
from conformance.generator.nets import Numbers, builder, run_case

SECTION = "float16"


def cases() -> Iterator[Case]:
    """Every case of the section."""
    for encoding in ("json", "msgpack"):
        net = builder(3, 1, -4, 0)
        net.dtype = "float16"
        yield run_case(
            f"float16/lstm-{encoding}",
            f"An LSTM and a dense layer in binary16, {encoding}",
            ["tensor-1", "tensor-6", "lstm-1"],
            "big-endian halves, a wrong exponent bias, arithmetic in binary16",
            net.lstm(4).dense(2).document(),
            [{"input": Numbers(2).array([1, 5, 3], -2, 1)}],
            encoding=encoding,
        )
    net = builder("abcd", 3)
    net.dtype = "float16"
    edge = [
        0.0, -0.0, 2.0**-24, -(2.0**-24),  # the smallest subnormals of binary16
        2.0**-14, 1023 * 2.0**-24, -1023 * 2.0**-24, 2.0**-15,
        65504.0, -65504.0, 1.0, 1 + 2.0**-10,
        2.0**-14 + 2.0**-24, 0.333251953125, -2.0, 1365 * 2.0**-12,
    ]  # fmt: skip
    yield run_case(
        "float16/edges",
        "Every kind of binary16: zeros, subnormals, the largest",
        ["tensor-6", "embedding-1"],
        "subnormal halves read as 0 or with another exponent",
        net.embedding(4, edge).document(output={"kind": "values"}),
        [{"input": [[0, 1, 2, 3]]}],
    )
    net = builder(2, 4)
    net.dtype = "float16"
    net.tensor("dense0.W", [2, 3])
    net.dtype = "float32"
    yield run_case(
        "float16/mixed",
        "A binary16 W and a binary32 b in one layer",
        ["tensor-6", "dense-1"],
        "one dtype for a whole layer",
        net.add(
            {
                "name": "dense0",
                "type": "dense",
                "size": 3,
                "parameters": {"W": "dense0.W", "b": net.tensor("dense0.b", [3])},
            },
            3,
        ).document(),
        [{"input": Numbers(5).array([2, 2, 2], -2, 1)}],
        encoding="msgpack",
    )
