"""14: `probe`, the outputs of inner layers."""

from collections.abc import Iterator

from conformance.case import Case
from conformance.generator.nets import Json, Numbers, array, builder, packed_case

SECTION = "probe"
NAN = float("nan")


def net() -> builder:
    """Two branches, one of which loses its time."""
    made = builder(2, 1, -2, 0).dense(2).lstm(2, direction="bidirectional", merge="concat")
    made.reading("dense0").gru(2, "after", final=True).reading("lstm1").last_step()
    return made.plain("concat", "gru2", "last_step3").layer_norm(0.01)


def lines() -> builder:
    """One elman that overflows at 4."""
    return builder(1, 0).dense(1, W=[2.0**126], bias=False).dense(1, W=[0.5])


def cases() -> Iterator[Case]:
    """Every case of the section."""
    chunk: Json = {"input": Numbers(2).array([3, 3, 2], -2, 1), "lengths": [2, 0, 3]}
    names = [layer["name"] for layer in net().layers]
    yield packed_case(
        "probe/every-layer",
        "Every layer of a net, with lengths, in two calls: with time and without, merged, and the last one",
        ["run-8", "run-1", "direction-2"],
        "values at places that do not exist; one direction of two; the output of another layer",
        net().document(),
        [chunk, {"input": Numbers(3).array([3, 1, 2], -2, 1)}],
        probe=names,
    )
    yield packed_case(
        "probe/kinds",
        "The layers of a net of tokens: embedding, one_hot, affine, activation, add, time_reverse, softmax",
        ["run-8", "time-reverse-1"],
        "layers that are computed together with the next one and can't be seen",
        builder("abc", 4, -2, 0)
        .embedding(3)
        .reading("input")
        .one_hot()
        .plain("add", "embedding0", "one_hot1")
        .affine()
        .activation("relu")
        .plain("time_reverse")
        .activation("softmax")
        .document(),
        [{"input": [[0, 2, 1], [1, 1, 0]], "lengths": [3, 1]}],
        probe=["embedding0", "one_hot1", "affine3", "relu4", "time_reverse5", "add2"],
    )
    yield packed_case(
        "probe/twice",
        "A name given twice, and a buffer that the net uses again",
        ["run-8"],
        "an array that the call fills anew; a list in the place of a map",
        builder(1, 5, -2, 0).elman(2).elman(2).elman(2).document(),
        [{"input": Numbers(6).array([1, 2, 1])}],
        probe=["elman0", "elman1", "elman0"],
        file="chain",
    )
    yield packed_case(
        "probe/no-steps",
        "T = 0",
        ["run-8"],
        "an array without its shape",
        builder(1, 5, -2, 0).elman(2).elman(2).elman(2).document(),
        [{"input": array([2, 0, 1], [])}],
        probe=["elman1"],
        file="chain",
    )
    yield packed_case(
        "probe/none",
        "No name",
        ["run-8", "protocol-3"],
        "an empty list taken for all layers, or for none asked",
        builder(1, 5, -2, 0).elman(2).elman(2).elman(2).document(),
        [{"input": Numbers(7).array([1, 1, 1])}],
        probe=[],
        file="chain",
    )
    yield from faults()


def faults() -> Iterator[Case]:
    """`RUN_OPTION` and its place in the order."""
    good: Json = {"input": array([1, 1, 1], [0.5])}
    net_ = builder(1, 5, -2, 0).elman(2).elman(2).elman(2)
    for name, word in (("unknown", "elman9"), ("input", "input"), ("empty", ""), ("array", "h")):
        yield packed_case(
            f"probe/refuse-{name}",
            f"The name {word!r}, which no layer has, beside one that is",
            ["run-8"],
            "a name that is left out of the answer",
            net_.document(),
            [good, good],
            probe=["elman0", word],
            file="chain",
        )
    state = {"elman0": {"h": array([1, 3], [0.0] * 3)}}
    for name, chunk, given in (
        ("input", {"input": array([1, 1, 1], [NAN])}, None),
        ("length", {"input": array([1, 1, 1], [0.5]), "lengths": [2]}, None),
        ("state", good, state),
    ):
        yield packed_case(
            f"probe/order-{name}",
            f"An unknown name and a faulty {name}",
            ["run-8", "run-5"],
            "the names judged before the arguments",
            net_.document(),
            [chunk],
            probe=["nobody"],
            state=given,
            file="chain",
            true=False,
        )
    yield packed_case(
        "probe/order-overflow",
        "An unknown name and an input that overflows",
        ["run-8", "finite-1"],
        "a name judged after the run",
        lines().document(),
        [{"input": array([1, 1, 1], [4.0])}],
        probe=["nobody"],
        true=False,
    )
    yield packed_case(
        "probe/overflow",
        "A call that fails gives no probe, and the next goes on",
        ["run-8", "finite-1"],
        "what was computed before the overflow",
        lines().document(),
        [good, {"input": array([1, 2, 1], [0.5, 4.0])}, good],
        probe=["dense0"],
        true=False,
    )
