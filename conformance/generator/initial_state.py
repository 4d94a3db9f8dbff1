"""14: the stored initial state, h0 and c0."""

from collections.abc import Iterator

from conformance.case import Case
from conformance.generator.final import KINDS, cell, of
from conformance.generator.nets import (
    Json,
    Numbers,
    array,
    builder,
    decode_case,
    packed_case,
    run_case,
)
from conformance.oracle.float32 import f32

SECTION = "initial_state"
H0 = [0.5, -0.75, f32(0.3)]
C0 = [f32(-1.2), 0.25, f32(0.7)]
TINY = 2.0**-51


def starting(net: builder, kind: str) -> builder:
    """Adds a cell of three units with all of its initial state."""
    return cell(net, kind, 3, final=False, h0=H0, **({"c0": C0} if kind == "lstm" else {}))


def cases() -> Iterator[Case]:
    """Every case of the section."""
    for kind in KINDS:
        yield from of_cell(kind)
    yield from lstm_parts()
    yield from tiny()
    yield from nets()


def of_cell(kind: str) -> Iterator[Case]:
    """What every cell has to get right."""
    net = starting(builder(2, 1, -2, 0), kind).dense(2).document()
    yield packed_case(
        f"initial_state/plain-{kind}",
        "Three rows from h0 (and c0), of other lengths; the row without a step returns it",
        ["run-2", of(kind)],
        "h0 ignored; used for the first row only; +0 returned for a row without a step",
        net,
        [{"input": Numbers(2).array([3, 4, 2], -2, 1), "lengths": [4, 0, 2]}],
        file=f"net-{kind}",
    )
    yield packed_case(
        f"initial_state/chunks-{kind}",
        "Chunk by chunk: h0 counts once; the first chunk has no step",
        ["run-2", "run-4"],
        "h0 applied again at every chunk",
        net,
        [
            {"input": array([2, 0, 2], [])},
            *({"input": Numbers(3 + k).array([2, 2, 2], -2, 1)} for k in range(2)),
        ],
        file=f"net-{kind}",
    )
    yield packed_case(
        f"initial_state/given-{kind}",
        "A given state, of which some elements are 0: h0 does not count",
        ["run-2"],
        "h0 in place of the given state, added to it, or where it is 0",
        net,
        [{"input": Numbers(5).array([2, 2, 2], -2, 1), "lengths": [2, 0]}],
        state=given(kind),
        file=f"net-{kind}",
    )
    yield packed_case(
        f"initial_state/step-{kind}",
        "One step at a time",
        ["run-2", "run-4"],
        "a session that starts from zero, or from h0 at every step",
        net,
        [{"input": Numbers(6).array([2, 3, 2], -2, 1)}],
        interface="step",
        file=f"net-{kind}",
    )


def given(kind: str) -> Json:
    """A state with zeros in it."""
    zeros = array([2, 3], [0.0, 0.5, 0.0, 0.0, 0.0, -0.25])
    if kind == "lstm":
        return {"lstm0": {"h": zeros, "c": array([2, 3], [0.0, 0.0, 0.75, 0.0, 0.0, 0.0])}}
    return {f"{kind.partition('-')[0]}0": {"h": zeros}}


def lstm_parts() -> Iterator[Case]:
    """An LSTM may have either."""
    x = Numbers(10).array([2, 3, 2], -2, 1)
    alone: dict[str, Json] = {"h0": {"h0": H0}, "c0": {"c0": C0}}
    for name, parts in alone.items():
        yield run_case(
            f"initial_state/lstm-{name}",
            f"An LSTM with {name} alone",
            ["run-2", "lstm-1"],
            "h0 and c0 exchanged, or the one asked for with the other",
            builder(2, 11, -2, 0).lstm(3, **parts).document(),
            [{"input": x, "lengths": [3, 0]}],
            encoding="msgpack",
        )


def tiny() -> Iterator[Case]:
    """[tiny-2]: h0 and c0 are parameters."""
    around = [TINY, f32(TINY * (1 - 2.0**-24)), -TINY, -TINY / 2, -0.0]
    yield run_case(
        "initial_state/tiny-h0",
        "Elements of h0 around 2^−51, times an R of 2^60; a row without a step returns them after T",
        ["tiny-2", "run-2", "elman-1"],
        "no T on h0",
        builder(1, 0)
        .elman(
            5,
            W=[0.0] * 5,
            R=[2.0**60 if k % 6 == 0 else 0.0 for k in range(25)],
            bias=False,
            h0=around,
        )
        .document(),
        [{"input": array([2, 1, 1], [0.0] * 2), "lengths": [0, 1]}],
    )
    yield run_case(
        "initial_state/tiny-c0",
        "Elements of c0 around 2^−51, beside an i × g of 2^−45",
        ["tiny-2", "run-2", "lstm-1"],
        "no T on c0",
        builder(1, 0)
        .lstm(
            5,
            W=[0.0] * 20,
            R=[0.0] * 100,
            b=[0.0] * 5 + [9.0] * 5 + [2.0**-45] * 5 + [1.0] * 5,
            c0=around,
        )
        .document(),
        [{"input": array([2, 1, 1], [0.0] * 2), "lengths": [0, 1]}],
    )


def nets() -> Iterator[Case]:
    """Layers together, binary16, a fault, generating."""
    yield run_case(
        "initial_state/layers",
        "Four cells, two of them with an initial state",
        ["run-2"],
        "an initial state that another layer takes",
        builder(2, 20, -2, 0)
        .elman(3)
        .gru(3, "after", h0=H0)
        .gru(3, "before")
        .lstm(3, c0=C0)
        .document(),
        [{"input": Numbers(21).array([2, 3, 2], -2, 1), "lengths": [3, 1]}],
        encoding="msgpack",
    )
    half = builder(1, 22, -2, 0)
    half.dtype = "float16"
    yield packed_case(
        "initial_state/float16",
        "h0 and c0 in binary16",
        ["run-2", "tensor-6"],
        "a dtype that only matrices have",
        half.lstm(2, h0=[0.333251953125, 2.0**-24], c0=[-0.5, 65504.0]).document(),
        [{"input": Numbers(23).array([1, 3, 1], -2, 1)}],
    )
    yield run_case(
        "initial_state/fails",
        "The first call fails: the state is left as h0 has it",
        ["finite-1", "run-2", "protocol-3"],
        "+0 in place of h0 after a failed call",
        builder(1, 0)
        .elman(1, {"function": "relu"}, W=[2.0**100], R=[1.0], b=[0.5], h0=[0.75])
        .document(),
        [{"input": array([2, 1, 1], [v, -1.0])} for v in (2.0**100, 0.0)],
    )
    yield decode_case(
        "initial_state/generate",
        "Generating starts from h0 and c0",
        ["run-2", "decode-5"],
        "generating from +0",
        builder("abcd", 24, -1, 1)
        .one_hot()
        .gru(3, "before", h0=[4.0, -4.0, 2.0])
        .lstm(3, h0=[-2.0, 2.0, 3.0], c0=[2.0, -3.0, 1.0])
        .dense(4)
        .document(),
        {"prime": [0], "count": 12},
    )
