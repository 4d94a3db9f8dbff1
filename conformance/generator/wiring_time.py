"""[layer-5] and [agree-3]: layers that name their inputs and have time or not; what a finding leaves unknown; for `wiring`."""

from typing import Any

from conformance.generator.build import tensor
from conformance.generator.change import put
from conformance.generator.table import Table
from conformance.generator.wired import layer, net, of_tokens

Json = dict[str, Any]
FINAL = layer("f", "elman", "input", size=2, output="final")
SEQUENCE = layer("g", "elman", "input", size=2)
MERGING = ("add", "multiply", "concat")


def time(table: Table) -> None:
    """Vectors and sequences, apart and together."""
    last = layer("l", "last_step", "input")
    for kind in MERGING:
        table.row(
            f"time-{kind}-final", f"{kind} of two vectors", "layer-5 agree-3", net(FINAL, last, layer("m", kind, "f", "l")),
            f"{kind} that needs time",
        )  # fmt: skip
        for name, inputs in (
            ("sequence-final", ["g", "f"]),
            ("three", ["f", "f", "g"]),
        ):
            table.row(
                f"time-{kind}-{name}", f"{kind} of {' and '.join(inputs)}, f without time", "layer-5 agree-3",
                net(FINAL, SEQUENCE, layer("m", kind, *inputs)), "a vector that is repeated over time", expect="LAYER_INPUT",
            )  # fmt: skip
    table.both(
        "time-mixed", "an add of a sequence and a vector", "layer-5 agree-3", net(FINAL, SEQUENCE, layer("m", "add", "f", "g")),
        "a vector that is repeated over time", expect="LAYER_INPUT",
    )  # fmt: skip
    followers: dict[str, Json] = {
        "layer-norm": layer("x", "layer_norm"), "time-reverse": layer("x", "time_reverse"), "last-step": layer("x", "last_step"),
        "elman": layer("x", "elman", size=2), "lstm": layer("x", "lstm", size=2), "gru": layer("x", "gru", size=2, direction="reverse"),
    }  # fmt: skip
    for name, follower in followers.items():
        table.row(
            f"time-final-{name}", f"{follower['type']} behind a vector", "layer-5 agree-3", net(FINAL, follower),
            "a layer without time that is given some, or one that is refused", expect="" if name == "layer-norm" else "LAYER_INPUT",
        )  # fmt: skip
    table.row(
        "time-beside", "a vector and a sequence side by side: each layer is judged by what it reads", "layer-5 agree-3",
        net(
            FINAL, layer("d", "dense", size=2), SEQUENCE, layer("e", "lstm", "g", size=2), layer("l", "last_step"),
            layer("m", "add", "d", "l"),
        ),
        "time that is lost for every layer behind the first `final`",
    )  # fmt: skip
    table.row(
        "time-reverse", "time_reverse of a sequence has its width and its time", "layer-5 agree-3",
        net(SEQUENCE, layer("r", "time_reverse"), layer("h", "elman", size=1)), "a layer that ends time",
    )  # fmt: skip
    # The output of the net has time or not by its last layer alone.
    tail = net(FINAL, SEQUENCE, layer("l", "last_step", "g"), layer("m", "concat", "f", "l"))
    seq = net(layer("a", "concat", "input", "input"), SEQUENCE, layer("m", "concat", "a", "g"))
    for name, document, shape, code in (
        ("vector", tail, [2, 4], ""), ("vector-wrong", tail, [2, 3, 4], "TENSOR_SHAPE"),
        ("sequence", seq, [2, 3, 6], ""), ("sequence-wrong", seq, [2, 6], "TENSOR_SHAPE"),
    ):  # fmt: skip
        table.features = ["json"] if code else None
        table.row(
            f"time-example-{name}", f"an example's output of shape {shape}", "agree-5 layer-5",
            exampled(document, shape), "an output whose time is that of another layer", expect=code,
        )  # fmt: skip
    table.features = None


def exampled(document: Json, shape: list[int]) -> Json:
    """With an example of two rows and three steps."""
    count = 1
    for size in shape:
        count *= size
    added = {"x": tensor([2, 3, 2], [0.0] * 12), "y": tensor(shape, [0.0] * count)}
    example = {"kind": "exact", "input": "x", "output": "y"}
    return put(put(document, ["examples"], [example]), ["tensors"], document["tensors"] | added)


def unknowns(table: Table) -> None:
    """After a finding of [agree-3] some things are unknown, and what hangs on them is not judged."""
    memory = layer("m", "elman", size=2)
    rows: dict[str, tuple[Json, str, str | tuple[str, ...]]] = {
        "unknown-then-memory": (
            net(layer("a", "affine", "nobody"), memory, wide={"a": 3, "m": 5}),
            "an elman behind an affine of unknown input: neither width nor time is judged", "INPUT_UNKNOWN",
        ),
        "unknown-dense": (
            net(layer("a", "dense", "nobody", size=2), layer("b", "dense", size=1), wide={"a": 9, "b": 3}),
            "behind a dense layer of unknown input its own size is known", ("INPUT_UNKNOWN", "TENSOR_SHAPE"),
        ),
        "unknown-merge-concat": (
            net(layer("a", "elman", "nobody", size=1), layer("b", "dense", size=1), wide={"a": 9, "b": 3}),
            "behind an elman of unknown input its hidden_size is known", ("INPUT_UNKNOWN", "TENSOR_SHAPE"),
        ),
        "unknown-time-known": (
            net(layer("a", "elman", "nobody", size=2, output="final"), memory, wide={"a": 9}),
            "an elman behind a final one of unknown input: that has no time whatever it reads", ("INPUT_UNKNOWN", "LAYER_INPUT"),
        ),
        "unknown-last-step": (
            net(layer("a", "last_step", "nobody"), memory, wide={"m": 4}),
            "an elman behind a last_step of unknown input", ("INPUT_UNKNOWN", "LAYER_INPUT"),
        ),
        "unknown-sequence-and-vector": (
            net(layer("a", "elman", "nobody", size=2), FINAL, layer("s", "add", "a", "f"), wide={"a": 9}),
            "a sequence of unknown input and a vector", ("INPUT_UNKNOWN", "LAYER_INPUT"),
        ),
        "unknown-and-vector": (
            net(layer("a", "affine", "nobody"), FINAL, layer("s", "add", "a", "f"), memory, wide={"a": 2}),
            "behind an add of what has an unknown time and of a vector: the time is unknown", "INPUT_UNKNOWN",
        ),
        "unknown-one-of-three-time": (
            net(FINAL, SEQUENCE, layer("s", "add", "f", "nobody", "g")),
            "an add of a vector, a sequence and nobody: its time is not judged", "INPUT_UNKNOWN",
        ),
        "unknown-one-of-three-width": (
            net(layer("a", "dense", size=2), layer("b", "dense", "input", size=3), layer("s", "add", "a", "nobody", "b")),
            "an add of 2, nobody and 3: its width is not judged", "INPUT_UNKNOWN",
        ),
        "unknown-behind-add": (
            net(SEQUENCE, layer("s", "add", "g", "nobody"), layer("y", "dense", size=1), wide={"y": 7}, output={"kind": "values", "labels": ["one", "two"]}),
            "behind an add of which one input is unknown: its I is unknown, its size is not", ("INPUT_UNKNOWN", "LABELS_COUNT"),
        ),
        "unknown-width-of-one": (
            net(layer("a", "affine", "nobody"), SEQUENCE, layer("s", "add", "a", "g"), layer("y", "dense", size=1), wide={"a": 3, "y": 7}),
            "an add of an unknown and a known width: what is behind it is unknown", "INPUT_UNKNOWN",
        ),
        "unknown-concat": (
            net(layer("a", "affine", "nobody"), layer("s", "concat", "a", "input"), layer("y", "dense", size=1), wide={"a": 3, "y": 7}),
            "a concat of an unknown and a known width", "INPUT_UNKNOWN",
        ),
        "refused-then-memory": (
            net(FINAL, layer("t", "time_reverse"), memory, wide={"m": 5}),
            "an elman behind a time_reverse that can't stand there: nothing is known of it", "LAYER_INPUT",
        ),
        "refused-sequence": (
            net(FINAL, layer("g", "elman", size=2), memory, wide={"g": 5}),
            "an elman behind an elman that can't stand there: that one has time and its width", "LAYER_INPUT",
        ),
        "refused-mixed-then": (
            net(FINAL, SEQUENCE, layer("s", "add", "f", "g"), layer("y", "dense", size=2), memory, wide={"y": 5, "m": 3}),
            "behind an add of a vector and a sequence: time unknown, the dense layer's width known", ("LAYER_INPUT", "TENSOR_SHAPE"),
        ),
        "refused-mixed-width": (
            net(FINAL, layer("g", "elman", "input", size=3), layer("s", "add", "f", "g")),
            "an add of a vector and a sequence of other width: one finding", "LAYER_INPUT",
        ),
        "width-time-known": (
            net(layer("f", "elman", size=2, output="final"), layer("e", "elman", "input", size=3, output="final"), layer("s", "multiply", "f", "e"), memory),
            "behind two vectors of different widths: the width is unknown, the time is known", ("INPUT_WIDTH", "LAYER_INPUT"),
        ),
        "example-output": (
            exampled(net(layer("a", "affine", "nobody"), wide={"a": 3}), [1, 1]),
            "an example's output of unknown width and time", "INPUT_UNKNOWN",
        ),
        "example-width": (
            exampled(net(layer("a", "affine", "nobody"), layer("y", "dense", size=2), wide={"a": 3}), [2, 3, 1]),
            "an example's output of known width and unknown time: not judged", "INPUT_UNKNOWN",
        ),
    }  # fmt: skip
    table.features = ["json"]
    for name, (document, what, codes) in rows.items():
        table.row(f"then-{name}", what, "agree-3", document, "something unknown that is guessed, or too much that is forgotten", expect=codes)  # fmt: skip
    tokens: dict[str, tuple[Json, str, str | tuple[str, ...]]] = {
        "dense": (of_tokens(layer("a", "dense", "input", size=2)), "a dense layer that reads ids", "LAYER_INPUT"),
        "skip": (
            of_tokens(layer("a", "one_hot"), layer("b", "add", "a", "input")), "an add of an embedding and the ids themselves", "LAYER_INPUT",
        ),
        "concat-twice": (of_tokens(layer("a", "concat", "input", "input")), "a concat of ids: one finding", "LAYER_INPUT"),
        "add-unknown": (
            of_tokens(layer("a", "one_hot"), layer("b", "add", "nobody", "input", "a")), "an add of ids and of nobody: both", ("INPUT_UNKNOWN", "LAYER_INPUT"),
        ),
        "embedding-unknown": (
            of_tokens(layer("a", "embedding", "nobody", size=2), wide={"a": 7}), "an embedding of nobody: its V is unknown", "INPUT_UNKNOWN",
        ),
        "one-hot-unknown": (
            of_tokens(layer("a", "one_hot", "nobody"), layer("y", "dense", size=1), wide={"y": 7}), "a one_hot of nobody: its width is unknown", "INPUT_UNKNOWN",
        ),
        "embedding-second": (
            of_tokens(layer("a", "one_hot"), layer("b", "embedding", "a", size=2), layer("y", "elman", size=1), wide={"b": 7}),
            "an embedding of a layer; behind it an elman: its width and its time are known", "LAYER_INPUT",
        ),
        "embedding-time": (
            of_tokens(
                layer("a", "one_hot"), layer("b", "embedding", "a", size=2), layer("o", "one_hot", "a"),
                layer("f", "elman", "a", size=2, output="final"), layer("s", "add", "b", "f"), layer("c", "concat", "o", "f"), layer("d", "concat", "s", "c"),
                wide={"b": 3},
            ),
            "an embedding and a one_hot of a layer have time all the same: four findings", "LAYER_INPUT",
        ),
        "time-reverse": (of_tokens(layer("a", "time_reverse")), "a time_reverse of ids", "LAYER_INPUT"),
    }  # fmt: skip
    for name, (document, what, codes) in tokens.items():
        table.row(
            f"tokens-{name}", what, "agree-3", document, "ids taken for features", expect=codes
        )
    table.row(
        "tokens-embedding-features", "an embedding that reads features by name", "agree-3",
        net(layer("a", "embedding", "input", size=2)), "features taken for ids", expect="LAYER_INPUT",
    )  # fmt: skip
    table.features = None
    table.both(
        "tokens-two-embeddings", "an embedding and a one_hot of the same ids, side by side", "agree-3",
        of_tokens(layer("a", "embedding", size=2), layer("b", "one_hot", "input"), layer("c", "concat", "a", "b")),
        "ids that the first layer alone may read",
    )  # fmt: skip
    wide = {"kind": "features", "size": 40_000}
    table.features = ["json"]
    for name, inputs, code in (
        ("most", ["input", "a"], ""),
        ("more", ["input", "b"], "INPUT_WIDTH"),
    ):
        document = net(
            layer("a", "dense", size=25_536),
            layer("b", "dense", "input", size=25_537),
            layer("c", "concat", *inputs),
            layer("y", "dense", size=1),
        )
        bare = put(put(document, ["input"], wide), ["tensors"], {})
        codes = tuple(dict.fromkeys(["LAYER_UNUSED", "TENSOR_UNKNOWN", *([code] if code else [])]))
        table.row(
            f"width-{name}", f"a concat of {'65,536' if name == 'most' else '65,537'} elements, of layers without their tensors",
            "agree-3 agree-4", bare, "a width beyond the largest size, or a bound one too low", expect=codes,
        )  # fmt: skip
    table.features = None
