"""13.6: the dense layer."""

from collections.abc import Iterator

from conformance.case import Case
from conformance.generator.nets import Numbers, array, builder, run_case
from conformance.oracle.float32 import f32

SECTION = "dense"


def spec_example() -> builder:
    """The net of the worked example in SPEC.md 13.6."""
    return builder(3, 0).dense(2, W=[0.1, -0.4, 0.7, 0.2, -0.3, 0.9], b=[0.05, -1.1])


SPEC_INPUT = [0.3, -1.7, 2.5]


def cases() -> Iterator[Case]:
    """Every case of the section."""
    yield run_case(
        "dense/spec-example",
        "The worked example of SPEC.md 13.6",
        ["dense-1", "chain-1"],
        "whatever is wrong at first",
        spec_example().document(),
        [{"input": array([1, 1, 3], [f32(v) for v in SPEC_INPUT])}],
    )
    yield run_case(
        "dense/plain",
        "Five in, three out, with bias",
        ["dense-1", "layer-1", "chain-1"],
        "W transposed, the bias left out or added last, k descending, a wider sum",
        builder(5, 1).dense(3).document(),
        [{"input": Numbers(2).array([2, 4, 5], -3, 2)}],
    )
    yield run_case(
        "dense/square",
        "As many in as out: a transposed W has the right shape",
        ["dense-1", "layer-1"],
        "W read as [outputs, inputs]",
        builder(4, 3).dense(4).document(),
        [{"input": Numbers(4).array([1, 3, 4], -3, 2)}],
        encoding="msgpack",
    )
    yield run_case(
        "dense/no-bias",
        "Without bias",
        ["dense-1", "layer-3", "chain-1"],
        "a bias that is expected",
        builder(3, 5).dense(6, bias=False).document(),
        [{"input": Numbers(6).array([1, 4, 3], -3, 2)}],
    )
    yield run_case(
        "dense/wide",
        "67 in, 37 out",
        ["dense-1", "chain-1", "chain-2"],
        "a sum that is split over lanes; the rest of a panel",
        builder(67, 7).dense(37).document(),
        [{"input": Numbers(8).array([2, 2, 67], -3, 2)}],
        encoding="msgpack",
    )
    yield run_case(
        "dense/one",
        "One in, one out",
        ["dense-1"],
        "loops that ask for at least two elements",
        builder(1, 9).dense(1).document(),
        [{"input": Numbers(10).array([3, 2, 1], -3, 2)}],
    )
    yield run_case(
        "dense/two",
        "Two dense layers, one after the other",
        ["dense-1"],
        "an output that overwrites the input it is computed from",
        builder(4, 11).dense(4).dense(4).document(),
        [{"input": Numbers(12).array([1, 3, 4], -3, 2)}],
    )
