"""13.11: the layer `last_step`."""

from collections.abc import Callable, Iterator

from conformance.case import Case
from conformance.generator.nets import Numbers, array, builder, decode_case, run_case

SECTION = "last_step"
HUGE = 2.0**127


def cases() -> Iterator[Case]:
    """Every case of the section."""
    x = Numbers(1).array([3, 4, 2], -2, 1)
    yield run_case(
        "last_step/alone",
        "Nothing else: the last input of each row, after T",
        ["last-step-1", "layer-5", "tiny-2"],
        "the first step; an output with a time axis; no T on the input",
        builder(2, 0).last_step().document(),
        [{"input": x}, {"input": array([1, 2, 2], [1.0, 1.0, 2.0**-52, -0.0])}],
    )
    yield run_case(
        "last_step/lengths",
        "Rows of other lengths, one of them 0: its vector is +0",
        ["last-step-1", "run-1"],
        "the input at T − 1; a row without a step that gives its padding, or what the row before it left",
        builder(2, 0).last_step().document(),
        [{"input": x, "lengths": [4, 0, 2]}],
    )
    nets: dict[str, Callable[[builder], builder]] = {
        "dense": lambda net: net.dense(4).last_step().dense(2),
        "softmax": lambda net: net.dense(4).last_step().activation("softmax"),
        "affine": lambda net: net.affine().last_step().affine().activation("softplus"),
        "lstm": lambda net: net.lstm(3).dense(4).last_step().dense(2),
        "gru": lambda net: net.gru(3, "after").activation("relu").last_step(),
    }
    for name, build in nets.items():
        yield run_case(
            f"last_step/behind-{name}",
            f"{name} and other layers, before and behind; one row has no step",
            ["last-step-1", "layer-5"],
            "layers behind last_step that work at every step; a row without a step left at +0 at the end",
            build(builder(2, 10, -2, 0)).document(),
            [{"input": x, "lengths": [4, 0, 2]}],
            encoding="msgpack" if name in ("lstm", "affine") else "json",
        )
    yield run_case(
        "last_step/chunks",
        "Chunk by chunk: a row without a step in a chunk gives +0, not what it gave before",
        ["last-step-1", "run-4"],
        "a last step that is kept from call to call",
        builder(2, 11, -2, 0).elman(3).last_step().document(),
        [
            {"input": x},
            {"input": Numbers(2).array([3, 2, 2], -2, 1), "lengths": [0, 2, 1]},
            {"input": array([3, 0, 2], [])},
        ],
    )
    yield run_case(
        "last_step/against-final",
        "A cell and last_step: with a given state and no step it gives +0, where final would give h",
        ["last-step-1", "run-2"],
        "last_step taken for final",
        builder(2, 12, -2, 0).gru(3, "before", h0=[0.5, -0.5, 0.25]).last_step().document(),
        [{"input": x, "lengths": [0, 1, 0]}],
        state={"gru0": {"h": Numbers(3).array([3, 3], -2, 0)}},
    )
    yield run_case(
        "last_step/step",
        "One step at a time",
        ["last-step-1", "run-4"],
        "a step function that keeps a time axis",
        builder(2, 13, -2, 0).lstm(3).last_step().dense(2).document(),
        [{"input": x}],
        interface="step",
    )
    yield run_case(
        "last_step/tokens",
        "Behind one_hot and embedding",
        ["last-step-1", "embedding-1"],
        "an id in place of a vector",
        builder("abcd", 14).embedding(3).last_step().document(),
        [{"input": [[0, 1, 2], [3, 3, 1]], "lengths": [3, 1]}],
    )
    yield run_case(
        "last_step/one-hot",
        "One_hot and last_step: the last token of each row, a row of +0 where there is none",
        ["last-step-1", "one-hot-1"],
        "the token 0 where there is none",
        builder("abc", 0).one_hot().last_step().document(),
        [{"input": [[0, 1], [2, 0], [1, 1]], "lengths": [1, 2, 0]}],
    )
    yield decode_case(
        "last_step/generate",
        "Generating with a net that ends in last_step and a dense layer",
        ["last-step-1", "decode-5"],
        "what last_step reads in place of the logits",
        builder("abcd", 15, -1, 1).one_hot().elman(4).last_step().dense(4).document(),
        {"prime": [2], "count": 16, "mode": "sample", "temperature": 2, "seed": 4},
    )
    yield run_case(
        "last_step/overflow-before",
        "A dense layer before last_step overflows at a step that is not the last: the call fails",
        ["last-step-1", "finite-1"],
        "layers before last_step computed at the last step only",
        builder(1, 0).dense(1, W=[HUGE], bias=False).last_step().document(),
        [{"input": array([1, 3, 1], values)} for values in ([0.5, 4.0, 1.0], [0.5, 1.0, -1.0])],
    )
    yield run_case(
        "last_step/overflow-behind",
        "A dense layer behind last_step would overflow at a step that is not the last, and in the padding",
        ["last-step-1", "finite-1", "run-1"],
        "layers behind last_step computed at every step",
        builder(1, 0).last_step().dense(1, W=[HUGE], bias=False).document(),
        [
            {"input": array([1, 3, 1], [0.5, 4.0, 1.0])},
            {"input": array([1, 3, 1], [0.5, -1.0, 4.0]), "lengths": [2]},
            {"input": array([1, 2, 1], [0.5, 4.0])},
        ],
    )
    yield run_case(
        "last_step/overflow-empty-row",
        "A row without a step gives +0, and two dense layers make infinity of that: the call fails",
        ["last-step-1", "finite-1"],
        "rows without a step left out of the layers without time",
        builder(1, 0)
        .last_step()
        .dense(1, W=[-1.0], b=[1.0])
        .dense(1, W=[HUGE], b=[HUGE])
        .document(),
        [
            {"input": array([2, 1, 1], [1.0, 1.0]), "lengths": [1, 0]},
            {"input": array([2, 1, 1], [1.0, 1.0])},
        ],
    )
