"""13.1: the embedding."""

from collections.abc import Iterator

from conformance.case import Case
from conformance.generator.nets import Numbers, builder, run_case

SECTION = "embedding"


def cases() -> Iterator[Case]:
    """Every case of the section."""
    yield run_case(
        "embedding/plain",
        "Every token of a vocabulary, twice",
        ["embedding-1", "layer-1", "input-1"],
        "columns in place of rows, ids that start at 1",
        builder("abcde", 1).embedding(3).document(),
        [{"input": [[0, 1, 2, 3, 4], [4, 4, 0, 2, 1]]}],
    )
    yield run_case(
        "embedding/square",
        "As many tokens as columns",
        ["embedding-1"],
        "a transposed E has the right shape",
        builder("abcd", 2).embedding(4).document(output={"kind": "values"}),
        [{"input": [[3, 1, 0, 2]]}],
        encoding="msgpack",
    )
    yield run_case(
        "embedding/tiny",
        "Elements around 2^−51 and −0",
        ["embedding-1", "tiny-1", "tiny-2"],
        "no T on the elements of E",
        builder("ab", 3)
        .embedding(
            4,
            [
                *(2.0**-51, -(2.0**-51), 2.0**-52, -(2.0**-52)),
                *(-0.0, 2.0**-149, 2.0**-51 * (1 - 2.0**-24), -1.5),
            ],
        )
        .document(),
        [{"input": [[0, 1]]}],
    )
    yield run_case(
        "embedding/into-lstm",
        "An embedding, an LSTM and a dense layer",
        ["embedding-1", "lstm-1", "dense-1"],
        "rows of E that are looked up after the product instead of before, with another rounding",
        builder("abcdefg", 4, -3, 0).embedding(5).lstm(6).dense(7).document(),
        [{"input": Numbers(5).ids(2, 6, 7)}],
        encoding="msgpack",
    )
    yield run_case(
        "embedding/one",
        "A vocabulary of one token, one column",
        ["embedding-1"],
        "loops that ask for at least two elements",
        builder("a", 6).embedding(1).document(output={"kind": "values"}),
        [{"input": [[0, 0]]}],
    )
