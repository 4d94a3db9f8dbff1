"""13.2: one_hot, which a runtime may make a row lookup."""

from collections.abc import Iterator

from conformance.case import Case
from conformance.generator.nets import Numbers, builder, run_case

SECTION = "one_hot"


def cases() -> Iterator[Case]:
    """Every case of the section."""
    yield run_case(
        "one_hot/plain",
        "The vectors themselves",
        ["one-hot-1", "input-1"],
        "ids that start at 1",
        builder("abcd", 1).one_hot().document(),
        [{"input": [[0, 1, 2, 3], [3, 3, 1, 0]]}],
    )
    yield run_case(
        "one_hot/into-lstm",
        "Before an LSTM with bias",
        ["one-hot-1", "lstm-1", "chain-1"],
        "the row added after the recurrent part, or before the bias",
        builder("abcdef", 2, -2, 1).one_hot().lstm(5).document(),
        [{"input": Numbers(3).ids(2, 7, 6)}],
        encoding="msgpack",
    )
    yield run_case(
        "one_hot/into-lstm-no-bias",
        "Before an LSTM without bias, with weights of −0 and below 2^−51",
        ["one-hot-1", "lstm-1", "chain-1", "tiny-2"],
        "a row lookup without T",
        builder("abc", 4, -2, 1)
        .one_hot()
        .lstm(
            1,
            bias=False,
            W=[-0.0, 1.0, 2.0**-52, 0.5, 0.25, -0.0, -(2.0**-60), 1.0, 2.0**-52, 0.5, -0.75, 2.0],
        )
        .document(),
        [{"input": [[0, 1, 2, 0, 1]]}],
    )
    yield run_case(
        "one_hot/into-dense",
        "Before a dense layer",
        ["one-hot-1", "dense-1"],
        "the bias left out of a row lookup",
        builder("abcde", 5).one_hot().dense(5).document(),
        [{"input": [[0, 1, 2, 3, 4]]}],
    )
    yield run_case(
        "one_hot/into-softmax",
        "Before softmax",
        ["one-hot-1", "softmax-1"],
        "a one_hot layer that only works before a product",
        builder("abc", 6).one_hot().activation("softmax").document(),
        [{"input": [[0, 2, 1]]}],
    )
