"""13.5: the GRU, with its reset before and after the product."""

from collections.abc import Iterator

from conformance.case import Case
from conformance.generator import gru_limits
from conformance.generator.gru_nets import RESETS, SIZES, of, parts
from conformance.generator.nets import Numbers, array, builder, packed_case, run_case
from conformance.oracle.float32 import f32

SECTION = "gru"


def spec_example(reset: str) -> builder:
    """The net of the worked example in SPEC.md 13.5."""
    return builder(2, 0).gru(
        2,
        reset,
        W=[0.5, -0.3, 0.2, 1.1, -0.7, 0.4, -0.6, 0.8, 0.3, -0.2, 1.2, -0.5],
        R=[0.3, -0.9, 0.6, 0.2, 0.4, -1.1, -0.8, 0.1, 0.7, -0.4, -0.3, 0.6],
        b=[0.1, -0.2, 0.25, 0.9, 0.05, -0.35],
        h0=[0.5, -0.75],
        rb=[0.3, -0.15] if reset == "after" else None,
    )


SPEC_INPUT = [1.0, -0.5]


def cases() -> Iterator[Case]:
    """Every case of the section."""
    for reset in RESETS:
        yield from usual(reset)
        yield from edges(reset)
    yield from gru_limits.cases()


def usual(reset: str) -> Iterator[Case]:
    """What every net has."""
    apart = "z taken for 1 − z, gates in another order, R or W transposed, R or b left out"
    yield run_case(
        f"gru/spec-example-{reset}",
        "The worked example of SPEC.md 13.5, which prints every number on the way",
        [*of(reset), "chain-1"],
        "whatever is wrong at first",
        spec_example(reset).document(),
        [{"input": array([1, 1, 2], SPEC_INPUT)}],
    )
    yield packed_case(
        f"gru/plain-{reset}",
        f"One GRU with bias, reset {reset}, two rows, five steps",
        [*of(reset), "layer-1", "layer-4", "chain-1"],
        f"{apart}; the reset at the other place",
        builder(3, 1).gru(4, reset).document(),
        [{"input": Numbers(2).array([2, 5, 3], -3, 1)}],
    )
    yield run_case(
        f"gru/square-{reset}",
        "As many inputs as units",
        [*of(reset), "layer-1"],
        "W and R exchanged",
        builder(4, 3, -2, 0).gru(4, reset).document(),
        [{"input": Numbers(4).array([1, 5, 4], -2, 1)}],
        encoding="msgpack",
    )
    yield packed_case(
        f"gru/no-bias-{reset}",
        "Without any bias",
        [*of(reset), "layer-3"],
        "a bias that is expected",
        builder(2, 5).gru(3, reset, bias=False).document(),
        [{"input": Numbers(6).array([1, 6, 2], -3, 1)}],
    )
    for H in (*SIZES, 67 if reset == "after" else 35):
        inputs = H % 5 + 1
        net = builder(inputs, 20 + H, -4, 0)
        net.dtype, net.as_bytes = ("float16", True) if H > 17 else ("float32", False)
        yield run_case(
            f"gru/size-{reset}-{H}",
            f"I = {inputs}, H = {H}, reset {reset}",
            [*of(reset), "chain-1", "chain-2"],
            "the rest of a vector, a panel or an unrolled loop; panels that reach into the next gate",
            net.gru(H, reset).document(),
            [{"input": Numbers(50 + H).array([1, 3 if H < 18 else 2, inputs], -3, 1)}],
            encoding="json" if H % 2 and H < 5 else "msgpack",
        )
    yield run_case(
        f"gru/layers-{reset}",
        "Two GRUs of different sizes, an LSTM between them",
        [*of(reset), "run-2"],
        "layers that share a state or a buffer",
        builder(3, 41, -3, 0).gru(5, reset).lstm(3).gru(4, reset).document(),
        [{"input": Numbers(42).array([2, 4, 3], -2, 1)}],
        encoding="msgpack",
    )
    yield packed_case(
        f"gru/lengths-{reset}",
        "Rows of other lengths, chunk by chunk",
        [*of(reset), "run-1", "run-3", "run-4"],
        "a row that goes on past its length; a buffer of r × h or d that another row has left",
        builder(2, 53, -2, 0).gru(3, reset).dense(2).document(),
        [
            {"input": Numbers(54).array([3, 3, 2], -2, 1), "lengths": [3, 0, 1]},
            {"input": Numbers(55).array([3, 2, 2], -2, 1), "lengths": [0, 2, 1]},
        ],
    )
    yield packed_case(
        f"gru/step-{reset}",
        "One step at a time, from a given state",
        [*of(reset), "run-2", "run-4"],
        "a session that starts from zero, or asks for a c",
        builder(2, 56, -2, 0).gru(3, reset).document(),
        [{"input": Numbers(57).array([2, 4, 2], -2, 1)}],
        state={"gru0": {"h": Numbers(58).array([2, 3], -2, 0)}},
        interface="step",
    )
    yield run_case(
        f"gru/medium-{reset}",
        "24 units over 80 steps",
        [*of(reset), "chain-1", "run-4"],
        "a wrong bit that comes up rarely",
        builder(3, 61, -5, -2).gru(24, reset).dense(2).document(),
        [{"input": Numbers(62).array([1, 80, 3], -3, 1)}],
        encoding="msgpack",
    )


def edges(reset: str) -> Iterator[Case]:
    """Order, saturation, decay."""
    yield packed_case(
        f"gru/old-state-{reset}",
        "Large recurrent weights: everything reads the old h",
        of(reset),
        "a gate or a unit that reads an h of this step, because the state is written in place",
        builder(2, 45, -1, 1).gru(5, reset).document(),
        [{"input": Numbers(46).array([2, 8, 2], -2, 1)}],
    )
    numbers = Numbers(63)
    h = numbers.many(3, -3, 1)
    for name, z, what in (
        ("keep", 40.0, "z is 1: h stays, bit for bit, over 20 steps"),
        ("replace", -40.0, "z is 0: h is n, and nothing is left of the old h"),
    ):
        yield packed_case(
            f"gru/{name}-{reset}",
            what,
            of(reset),
            "z and 1 − z exchanged; n + z × (h − n), which loses digits of h",
            builder(2, 64, -1, 1)
            .gru(3, reset, b=parts([0.25, -0.5, 0.125], [z] * 3, [0.75, -0.375, 1.5]), rb=False)
            .document(),
            [{"input": numbers.array([1, 20 if name == "keep" else 3, 2], -2, 0)}],
            state={"gru0": {"h": array([1, 3], h)}},
        )
    yield run_case(
        f"gru/near-{reset}",
        "z so near to 1 that 1 − z is one unit in its last place, or a few",
        of(reset),
        "1 − z computed as sigmoid(−a)",
        builder(1, 0)
        .gru(
            4,
            reset,
            W=[0.0] * 12,
            R=[0.0] * 16 + Numbers(65).many(32, -2, 0),
            b=parts([0.5] * 4, [16.6, 15.0, 12.0, 9.0], [1.5, -1.25, 0.75, -0.5]),
            rb=False,
        )
        .document(),
        [{"input": array([1, 3, 1], [0.0] * 3)}],
        state={"gru0": {"h": array([1, 4], [0.5, -0.75, 0.25, 1.5])}},
    )
    yield run_case(
        f"gru/saturated-{reset}",
        "Pre-activations of some hundreds: gates at exactly 0 and 1",
        [*of(reset), "finite-1"],
        "functions that overflow instead of saturating",
        builder(2, 47, 4, 7).gru(4, reset).document(),
        [{"input": Numbers(48).array([2, 6, 2], 2, 5)}],
        encoding="msgpack",
    )
    big = 2.0**24
    yield run_case(
        f"gru/x-before-h-{reset}",
        "The x part cancels the bias before the h part is added; in n, with reset after, they are two sums",
        [*of(reset), "chain-1"],
        "h before x; a bias added last; one accumulator for n where there are two, or two where there is one",
        builder(1, 49, -3, 0)
        .gru(2, reset, W=[-big] * 6, b=[big, big + 2, big - 1, big, big + 4, big - 2], rb=False)
        .document(),
        [{"input": array([1, 5, 1], [1.0] * 5)}],
        state={"gru0": {"h": array([1, 2], [0.75, -0.3125])}},
    )
    cancelling = [f32(s * (1 + k * 2.0**-11)) for k in range(4) for s in (1, -1, 0.25)]
    yield run_case(
        f"gru/cancellation-{reset}",
        "Recurrent sums that cancel",
        [*of(reset), "arith-1", "chain-1"],
        "a fused multiply-add, a wider accumulator, another order of the terms",
        builder(1, 66, -2, 0).gru(2, reset, R=cancelling).document(),
        [{"input": Numbers(67).array([1, 6, 1], -3, 1)}],
        state={"gru0": {"h": array([1, 2], [f32(0.7), f32(0.7003)])}},
    )
    yield run_case(
        f"gru/silence-{reset}",
        "Without bias, 5 steps and then 85 of silence: the state decays to exactly +0",
        [*of(reset), "tiny-1", "tiny-2"],
        "no T: the state becomes subnormal, and its bits depend on flush-to-zero",
        builder(1, 68, -3, 0).gru(2, reset, bias=False).document(),
        [{"input": array([1, 90, 1], [*Numbers(69).many(5, -2, 1), *[0.0] * 85])}],
        encoding="msgpack",
    )
