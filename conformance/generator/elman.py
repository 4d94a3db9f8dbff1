"""13.3: the Elman cell."""

from collections.abc import Iterator

from conformance.case import Case
from conformance.generator.activations import entry
from conformance.generator.gru_nets import SIZES
from conformance.generator.nets import Numbers, array, builder, packed_case, run_case
from conformance.oracle.float32 import f32

SECTION = "elman"
TINY = 2.0**-51


def spec_example() -> builder:
    """The net of the worked example in SPEC.md 13.3."""
    return builder(2, 0).elman(2, W=[0.5, -0.3, -0.6, 0.8], R=[0.3, -0.9, 1.1, 0.2], b=[0.1, -0.2])


SPEC_INPUT = [1.0, -0.5, 0.25, 2.0]


def cases() -> Iterator[Case]:
    """Every case of the section."""
    yield run_case(
        "elman/spec-example",
        "The worked example of SPEC.md 13.3, which prints every number on the way",
        ["elman-1", "chain-1"],
        "whatever is wrong at first",
        spec_example().document(),
        [{"input": array([1, 2, 2], SPEC_INPUT)}],
    )
    yield packed_case(
        "elman/plain",
        "One Elman cell with bias, two rows, five steps",
        ["elman-1", "layer-1", "chain-1"],
        "R or W transposed, R or b left out, h before x",
        builder(3, 1).elman(4).document(),
        [{"input": Numbers(2).array([2, 5, 3], -3, 1)}],
    )
    yield run_case(
        "elman/square",
        "As many inputs as units: W and R have the same shape, and so have their transposes",
        ["elman-1", "layer-1"],
        "W and R exchanged or transposed",
        builder(4, 3, -2, 0).elman(4).document(),
        [{"input": Numbers(4).array([1, 5, 4], -2, 1)}],
        encoding="msgpack",
    )
    yield packed_case(
        "elman/no-bias",
        "Without bias",
        ["elman-1", "layer-3", "chain-1"],
        "a bias that is expected",
        builder(2, 5).elman(3, bias=False).document(),
        [{"input": Numbers(6).array([1, 6, 2], -3, 1)}],
    )
    for H in (*SIZES, 67):
        net = builder(H % 5 + 1, 20 + H, -4, 0)
        net.dtype, net.as_bytes = ("float16", True) if H > 17 else ("float32", False)
        yield run_case(
            f"elman/size-{H}",
            f"I = {H % 5 + 1}, H = {H}",
            ["elman-1", "chain-1", "chain-2"],
            "the rest of a vector, a panel or an unrolled loop",
            net.elman(H).document(),
            [{"input": Numbers(50 + H).array([1, 3 if H < 18 else 2, H % 5 + 1], -3, 1)}],
            encoding="json" if H % 2 and H < 12 else "msgpack",
        )
    yield packed_case(
        "elman/two-layers",
        "An Elman cell, an LSTM, an Elman cell and a dense layer",
        ["elman-1", "lstm-1", "run-2"],
        "layers that share a state; a state of one array taken for one of two",
        builder(3, 41, -3, 0).elman(5).lstm(4).elman(3, bias=False).dense(2).document(),
        [{"input": Numbers(42).array([2, 4, 3], -2, 1)}],
    )
    yield packed_case(
        "elman/old-state",
        "Large recurrent weights: every unit reads the old h",
        ["elman-1"],
        "a unit that reads an h of this step, because the state is written in place",
        builder(2, 45, -1, 1).elman(5).document(),
        [{"input": Numbers(46).array([2, 8, 2], -2, 1)}],
    )
    yield run_case(
        "elman/saturated",
        "Pre-activations of some hundreds",
        ["elman-1", "finite-1"],
        "a tanh that overflows instead of saturating",
        builder(2, 47, 4, 7).elman(4).document(),
        [{"input": Numbers(48).array([2, 4, 2], 2, 5)}],
        encoding="msgpack",
    )
    yield run_case(
        "elman/x-before-h",
        "The x part cancels the bias before the h part is added",
        ["chain-1", "elman-1"],
        "h before x; two accumulators that are added; a bias added last",
        builder(1, 49, -3, 0).elman(2, W=[-(2.0**24)] * 2, b=[2.0**24, 2.0**24 + 2]).document(),
        [{"input": array([1, 5, 1], [1.0] * 5)}],
    )
    around = [f32(TINY * m) for m in (1, 1 - 2.0**-24, 1 + 2.0**-23, 0.5)]
    yield run_case(
        "elman/tiny-recurrent",
        "Recurrent weights around 2^−51, and a given h of 2^60",
        ["tiny-1", "tiny-2", "elman-1"],
        "no T on R",
        builder(1, 0).elman(4, W=[0.0] * 4, R=[*around, *[0.0] * 12], bias=False).document(),
        [{"input": array([1, 1, 1], [1.0])}],
        state={"elman0": {"h": array([1, 4], [2.0**60, 0.0, 0.0, 0.0])}},
    )
    yield run_case(
        "elman/silence",
        "linear, without bias: h halves at every step of silence, down to exactly +0",
        ["tiny-1", "elman-1", "activation-1"],
        "no T: the state becomes subnormal, and its bits depend on flush-to-zero",
        builder(1, 51).elman(2, entry("linear"), R=[0.5, 0.0, 0.125, -0.5], bias=False).document(),
        [{"input": array([1, 60, 1], [1.0] + [0.0] * 59)}],
        encoding="msgpack",
    )
    yield run_case(
        "elman/overflow",
        "relu and an R of 16: h grows until it overflows, and the call leaves the state before",
        ["finite-1", "elman-1", "protocol-3"],
        "an infinite h",
        builder(1, 0).elman(1, entry("relu"), W=[1.0], R=[16.0], b=[0.5]).document(),
        [{"input": array([1, steps, 1], [1.0] * steps)} for steps in (30, 4, 1)],
    )
    yield packed_case(
        "elman/lengths",
        "Rows of other lengths, chunk by chunk",
        ["run-1", "run-3", "run-4", "elman-1"],
        "a row that goes on past its length",
        builder(2, 53, -2, 0).elman(3).dense(2).document(),
        [
            {"input": Numbers(54).array([3, 3, 2], -2, 1), "lengths": [3, 0, 1]},
            {"input": Numbers(55).array([3, 2, 2], -2, 1), "lengths": [0, 2, 1]},
        ],
    )
    yield packed_case(
        "elman/step",
        "One step at a time, from a given state",
        ["run-2", "run-4", "elman-1"],
        "a session that starts from zero, or asks for a c",
        builder(2, 56, -2, 0).elman(3).document(),
        [{"input": Numbers(57).array([2, 4, 2], -2, 1)}],
        state={"elman0": {"h": Numbers(58).array([2, 3], -2, 0)}},
        interface="step",
    )
    yield packed_case(
        "elman/refuse-c",
        "A given state with a c: this cell has none",
        ["run-5", "run-2"],
        "arrays too many that are ignored",
        builder(2, 56, -2, 0).elman(3).document(),
        [{"input": Numbers(57).array([1, 1, 2], -2, 1)}],
        state={"elman0": {part: Numbers(59).array([1, 3]) for part in ("h", "c")}},
        true=False,
    )
    yield run_case(
        "elman/medium",
        "24 units over 100 steps",
        ["elman-1", "chain-1", "run-4"],
        "a wrong bit that comes up rarely",
        builder(3, 61, -5, -2).elman(24).dense(2).document(),
        [{"input": Numbers(62).array([1, 100, 3], -3, 1)}],
        encoding="msgpack",
    )
