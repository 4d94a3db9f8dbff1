"""13.4: the LSTM cell, in sizes that a vector width, a panel or an unrolled loop gets wrong."""

from collections.abc import Iterator

from conformance.case import Case
from conformance.generator.nets import Numbers, array, builder, run_case

SECTION = "lstm"


def spec_example() -> builder:
    """The net of the worked example in SPEC.md 13.4."""
    return builder(2, 0).lstm(
        2,
        W=[0.5, -0.3, 0.2, 1.1, -0.7, 0.4, 0.9, -0.1, -0.6, 0.8, 0.3, -0.2, 1.2, -0.5, 0.1, 0.7],
        R=[0.3, -0.9, 0.6, 0.2, 0.4, -1.1, -0.2, 0.5, -0.8, 0.1, 0.7, -0.4, -0.3, 0.6, 1.3, -0.6],
        b=[0.1, -0.2, 1.0, 0.9, 0.05, -0.15, 0.25, -0.35],
    )


SPEC_INPUT = [1.0, -0.5, 0.25, 2.0]


def cases() -> Iterator[Case]:
    """Every case of the section."""
    yield run_case(
        "lstm/spec-example",
        "The worked example of SPEC.md 13.4, which prints every number on the way",
        ["lstm-1", "chain-1"],
        "whatever is wrong at first",
        spec_example().document(),
        [{"input": array([1, 2, 2], SPEC_INPUT)}],
    )
    yield run_case(
        "lstm/plain",
        "One LSTM with bias, two rows, five steps",
        ["lstm-1", "layer-1", "layer-2", "chain-1"],
        "gates in another order, R or W transposed, R or b left out, candidate and output swapped",
        builder(3, 1).lstm(4).document(),
        [{"input": Numbers(2).array([2, 5, 3], -3, 1)}],
    )
    yield run_case(
        "lstm/no-bias",
        "One LSTM without bias",
        ["lstm-1", "layer-3", "chain-1"],
        "a bias that is expected, or a forget bias of 1 that is added where there is none",
        builder(2, 3).lstm(3, bias=False).document(),
        [{"input": Numbers(4).array([1, 6, 2], -3, 1)}],
        encoding="msgpack",
    )
    yield run_case(
        "lstm/one",
        "The smallest LSTM: one input, one cell",
        ["lstm-1"],
        "loops that ask for at least two elements",
        builder(1, 5, -2, 1).lstm(1).document(),
        [{"input": Numbers(6).array([1, 7, 1], -2, 1)}],
    )
    for number, (inputs, hidden) in enumerate(
        ((5, 7), (1, 9), (17, 15), (3, 16), (8, 17), (2, 33))
    ):
        yield run_case(
            f"lstm/size-{inputs}-{hidden}",
            f"I = {inputs}, H = {hidden}",
            ["lstm-1", "chain-1", "chain-2"],
            "the rest of a vector, a panel or an unrolled loop",
            builder(inputs, 10 + number, -4, 0).lstm(hidden).document(),
            [{"input": Numbers(30 + number).array([1, 4, inputs], -3, 1)}],
            encoding="json" if hidden == 9 else "msgpack",
        )
    yield run_case(
        "lstm/two-layers",
        "Two LSTMs of different sizes",
        ["lstm-1", "run-2"],
        "layers that share a state, or the second reading the first one's c or old h",
        builder(3, 41, -3, 0).lstm(5).lstm(4).document(),
        [{"input": Numbers(42).array([2, 5, 3], -2, 1)}],
    )
    yield run_case(
        "lstm/three-layers",
        "Three LSTMs and a dense layer, with and without bias",
        ["lstm-1", "dense-1", "run-2"],
        "buffers that are swapped once too often between layers",
        builder(2, 43, -3, 0).lstm(6).lstm(3, bias=False).lstm(5).dense(2).document(),
        [{"input": Numbers(44).array([1, 6, 2], -2, 1)}],
        encoding="msgpack",
    )
    yield run_case(
        "lstm/old-state",
        "Large recurrent weights: all gates read the old h, only c' the old c",
        ["lstm-1"],
        "a gate or a cell that reads a value of this step's, because the state is written in place",
        builder(2, 45, -1, 1).lstm(5).document(),
        [{"input": Numbers(46).array([2, 8, 2], -2, 1)}],
    )
    yield run_case(
        "lstm/saturated",
        "Pre-activations of some hundreds: gates at exactly 0 and 1",
        ["lstm-1", "finite-1"],
        "functions that overflow instead of saturating",
        builder(2, 47, 4, 7).lstm(4).document(),
        [{"input": Numbers(48).array([2, 6, 2], 2, 5)}],
    )
    yield run_case(
        "lstm/forget-bias",
        "A forget bias inside b",
        ["layer-2"],
        "a forget bias of 1 added once more",
        builder(1, 49).lstm(2, b=[0.125, -0.25, 1.0, 1.0, 0.5, -0.75, 0.0625, 0.25]).document(),
        [{"input": Numbers(50).array([1, 5, 1], -2, 1)}],
    )
    yield run_case(
        "lstm/medium",
        "Two LSTMs of 40 and 16 cells over 200 steps",
        ["lstm-1", "chain-1", "run-4"],
        "a wrong bit that comes up rarely",
        builder(3, 51, -6, -2).lstm(40).lstm(16).dense(2).document(),
        [{"input": Numbers(52).array([1, 200, 3], -3, 1)}],
        encoding="msgpack",
    )
    yield from other_activations()


def other_activations() -> Iterator[Case]:
    """`activations`, and what becomes of c when nothing limits it."""
    linear, relu = {"function": "linear"}, {"function": "relu"}
    yield run_case(
        "lstm/overflow-c",
        "c overflows, the tanh of it is 1 and h finite: the call fails all the same",
        ["finite-1", "lstm-1", "protocol-3"],
        "h checked and c not",
        builder(1, 0)
        .lstm(
            1,
            {"gates": linear, "candidate": linear, "output": {"function": "tanh"}},
            W=[0.0, 0.0, 1.0, 0.0],
            R=[0.0] * 4,
            b=[2.0, 1.0, 0.0, 0.5],
        )
        .document(),
        [{"input": array([1, 1, 1], [v])} for v in (2.0**125, 2.0**127, -1.0)],
    )
    yield run_case(
        "lstm/overflow-c-minus",
        "c overflows to minus infinity, relu as output makes 0 of it",
        ["finite-1", "lstm-1"],
        "h checked and c not; c checked for +infinity alone",
        builder(1, 0)
        .lstm(
            1,
            {"gates": relu, "candidate": linear, "output": relu},
            W=[0.0, 0.0, 1.0, 0.0],
            R=[0.0] * 4,
            b=[2.0, 1.0, 0.0, 0.5],
        )
        .document(),
        [{"input": array([1, 1, 1], [v])} for v in (-(2.0**125), -(2.0**127), 1.0)],
    )
    yield run_case(
        "lstm/overflow-h",
        "c is finite, o × output(c) overflows",
        ["finite-1", "lstm-1"],
        "c checked and h not",
        builder(1, 0)
        .lstm(
            1,
            {"gates": linear, "candidate": linear, "output": linear},
            W=[0.0, 0.0, 1.0, 0.0],
            R=[0.0] * 4,
            b=[1.0, 0.5, 0.0, 4.0],
        )
        .document(),
        [{"input": array([1, 1, 1], [v])} for v in (2.0**120, 2.0**126, -1.0)],
    )
