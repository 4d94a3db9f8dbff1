"""Section 10: every rule with each of its codes, and what is just allowed beside it."""

from typing import Any

from conformance.generator.agreement_examples import examples, several, states
from conformance.generator.build import (
    dense_net,
    document,
    tensor,
    token_net,
)
from conformance.generator.change import changed, put, without
from conformance.generator.full import bare_tokens, embedded, full_features, lean_tokens
from conformance.generator.table import Table

SECTION = "agreement"

TOKENS, BARE = lean_tokens(), bare_tokens()
FEATURES, EMBEDDED = full_features(), embedded()
ONE = tensor([1, 1], [1.0])


def dense(name: str, weights: str, size: int = 1) -> dict[str, Any]:
    """A dense layer without bias."""
    return {"name": name, "type": "dense", "size": size, "parameters": {"W": weights}}


def softmax(name: str, function: str = "softmax") -> dict[str, Any]:
    """An activation layer."""
    return {"name": name, "type": "activation", "function": function}


def cases() -> Table:
    """[agree-1] to [agree-9] ([agree-6] is in `tensors`)."""
    table = Table(SECTION, ["json"])
    names(table)
    vocabularies(table)
    inputs(table)
    references(table)
    shapes(table)
    output(table)
    examples(table)
    states(table)
    several(table)
    return table


def names(table: Table) -> None:
    """[agree-1]."""
    weights = {"a": ONE, "b": ONE, "c": ONE}
    for title, layer_names, codes in (
        ("repeated", ("x", "y", "x"), "NAME_REPEATED"),
        ("thrice", ("x", "x", "x"), "NAME_REPEATED"),
        ("reserved", ("x", "input", "y"), "NAME_RESERVED"),
        ("both", ("input", "input", "y"), ("NAME_REPEATED", "NAME_RESERVED")),
        ("case", ("x", "X", "Input"), ""),
    ):
        layers = [dense(name, weight) for name, weight in zip(layer_names, weights, strict=True)]
        table.row(
            f"name-{title}", f"layers called {', '.join(layer_names)}", "agree-1",
            dense_net(layers=layers, tensors=weights),
            "a state that can't be told apart, or names that are compared without their case",
            expect=codes,
        )  # fmt: skip


def vocabularies(table: Table) -> None:
    """[agree-2]."""
    bare = BARE
    other = {"other": {"unit": "codepoint", "tokens": ["x", "y", "z"]}}
    table.row(
        "vocabulary-input-unknown", "the input's vocabulary is not there", "agree-2 agree-5",
        changed(bare, input__vocabulary="texts"),
        "a check of what is unknown", expect="VOCABULARY_UNKNOWN",
    )  # fmt: skip
    table.row(
        "vocabulary-output-unknown", "the output's vocabulary is not there", "agree-2 agree-7",
        changed(bare, output__vocabulary="constructor"),
        "a name that every object of JavaScript has", expect="VOCABULARY_UNKNOWN",
    )  # fmt: skip
    table.row(
        "vocabulary-none", "no vocabularies at all", "agree-2",
        without(bare, "vocabularies"), "a crash where `vocabularies` is absent",
        expect="VOCABULARY_UNKNOWN",
    )  # fmt: skip
    table.row(
        "vocabulary-unused", "a third vocabulary", "agree-2",
        changed(bare, vocabularies=bare["vocabularies"] | other), "a hidden payload",
        expect="VOCABULARY_UNUSED",
    )  # fmt: skip
    table.row(
        "vocabulary-unused-warnings", "an unused vocabulary with repeated tokens and a wrong id", "agree-2 vocabulary-4",
        dense_net(vocabularies={"v": {"unit": "codepoint", "tokens": ["a", "a"], "end": 2}}),
        "a vocabulary that is not looked into because it is not used",
        expect=("VOCABULARY_UNUSED", "VOCABULARY_REPEATED", "ID_RANGE"),
    )  # fmt: skip
    table.row(
        "vocabulary-two", "one vocabulary in, another out", "agree-2",
        changed(bare, vocabularies=bare["vocabularies"] | other, output__vocabulary="other"),
        "one vocabulary for both",
    )  # fmt: skip
    table.row(
        "vocabulary-output-only", "features in, a vocabulary out", "agree-2",
        dense_net(
            vocabularies={"v": {"unit": "codepoint", "tokens": ["a"]}},
            output={"kind": "logits", "vocabulary": "v"}, decoding={"mode": "greedy"},
        ),
        "a vocabulary that only the input may name",
    )  # fmt: skip
    for special in ("unknown", "start", "end", "padding"):
        for value, codes in ((2, ""), (3, "ID_RANGE"), (2**53, "ID_RANGE")):
            if value == 2 and special != "end":
                continue
            table.row(
                f"special-{special}-{value}", f"the id `{special}` is {value}, of 3 tokens", "agree-2",
                put(token_net("abc"), ["vocabularies", "text", special], value),
                "an id that no token has", expect=codes,
            )  # fmt: skip


def inputs(table: Table) -> None:
    """[agree-3]."""
    table.row(
        "input-dense-first", "tokens into a dense layer", "agree-3",
        changed(token_net("ab"), layers=[dense("out", "W", 2)]),
        "ids taken for features", expect="LAYER_INPUT",
    )  # fmt: skip
    table.row(
        "input-lstm-first", "tokens into an LSTM: R and b are judged, W is not", "agree-3 agree-5",
        changed(
            TOKENS, layers=TOKENS["layers"][1:], examples=[],
            tensors={
                name: tensor([7], [0.0] * 7) if name in ("memory.W", "memory.R") else entry
                for name, entry in TOKENS["tensors"].items()
                if name[0] != "x"
            },
        ),
        "a shape that is compared with an unknown one, or one that is not compared",
        expect=("LAYER_INPUT", "TENSOR_SHAPE"),
    )  # fmt: skip
    table.row(
        "input-softmax-first", "tokens into a softmax", "agree-3 agree-7",
        changed(token_net("ab"), layers=[softmax("s")], tensors={}, output={"kind": "values", "labels": []}),
        "a width that is guessed", expect=("LAYER_INPUT", "OUTPUT_KIND"),
    )  # fmt: skip
    table.row(
        "input-features-one-hot", "features into one_hot", "agree-3",
        dense_net(layers=[{"name": "in", "type": "one_hot"}, dense("out", "W")]),
        "features taken for ids", expect="LAYER_INPUT",
    )  # fmt: skip
    table.row(
        "input-features-embedding", "features into an embedding: its width is known", "agree-3 agree-5",
        dense_net(
            layers=[
                {"name": "in", "type": "embedding", "size": 2, "parameters": {"E": "E"}},
                dense("out", "W"),
            ],
            tensors={"E": tensor([5, 5], [0.0] * 25), "W": ONE},
        ),
        "a width that is forgotten, or a table that is judged without V",
        expect=("LAYER_INPUT", "TENSOR_SHAPE"),
    )  # fmt: skip
    table.row(
        "input-second", "one_hot and an embedding later on: what they read is not known", "agree-3",
        changed(
            token_net("ab"),
            layers=[
                *token_net("ab")["layers"],
                {"name": "again", "type": "one_hot"},
                dense("mid", "mid", 2),
                {"name": "last", "type": "embedding", "size": 2, "parameters": {"E": "E"}},
            ],
            tensors=token_net("ab")["tensors"]
            | {"mid": tensor([7, 2], [0.0] * 14), "E": tensor([5, 2], [0.0] * 10)},
        ),
        "a layer over ids in the middle of a net", expect="LAYER_INPUT",
    )  # fmt: skip


def references(table: Table) -> None:
    """[agree-4]."""
    table.row(
        "tensor-unknown", "a parameter that is not there, another that is not used", "agree-4",
        changed(dense_net(), layers__0__parameters__W="w"), "names compared without their case",
        expect=("TENSOR_UNKNOWN", "TENSOR_UNUSED"),
    )  # fmt: skip
    for name in ("constructor", "__proto__", "toString", "hasOwnProperty"):
        table.row(
            f"tensor-unknown-{name.strip('_').lower()}", f"a parameter called {name}, which is not there", "agree-4",
            put(changed(dense_net(), tensors={}), ["layers", 0, "parameters", "W"], name),
            "a name that every object of JavaScript has", expect="TENSOR_UNKNOWN",
        )  # fmt: skip
    table.row(
        "tensor-unused", "two tensors that nothing names", "agree-4",
        dense_net(tensors={"W": tensor([1, 1], [2.0]), "extra": ONE, "more": ONE}), "a hidden payload",
        expect="TENSOR_UNUSED",
    )  # fmt: skip
    table.row(
        "tensor-reused", "one tensor for three layers: the first is right", "agree-4",
        dense_net(layers=[dense("a", "W"), dense("b", "W"), dense("c", "W")]),
        "shared weights, or the finding at the first", expect="TENSOR_REUSED",
    )  # fmt: skip
    table.row(
        "tensor-reused-roles", "one tensor for W and b: b is not judged further", "agree-4 agree-5",
        put(dense_net(), ["layers", 0, "parameters"], {"b": "W", "W": "W"}),
        "an order of members as in the file, not as in the table", expect="TENSOR_REUSED",
    )  # fmt: skip
    table.row(
        "tensor-reused-example", "a weight as the output of an example", "agree-4",
        put(FEATURES, ["examples", 0, "output"], "sum.W"), "two kinds of tensors",
        expect=("TENSOR_REUSED", "TENSOR_UNUSED"),
    )  # fmt: skip
    table.row(
        "tensor-reused-states", "one tensor for the state before and after", "agree-4",
        put(without(TOKENS, "tensors__x.h2"), ["examples", 0, "final_state", "memory", "h"], "x.h"),
        "references that are not counted", expect="TENSOR_REUSED",
    )  # fmt: skip
    table.row(
        "tensor-reused-order", "one tensor for an example's output and state: the output comes later", "agree-4",
        without(
            put(TOKENS, ["examples", 0], {**TOKENS["examples"][0], "output": "x.h"}), "tensors__x.y"
        ),
        "an order of members as in the file, not as in the table", expect="TENSOR_REUSED",
    )  # fmt: skip


def shapes(table: Table) -> None:
    """[agree-5] for parameters."""
    for name, shape in (
        ("transposed", [1, 2]),
        ("flat", [2]),
        ("deep", [2, 1, 1]),
        ("wide", [2, 2]),
    ):
        count = 4 if name == "wide" else 2
        table.row(
            f"shape-dense-{name}", f"W of shape {shape} where [2, 1] belongs", "agree-5 layer-1",
            put(FEATURES, ["tensors", "sum.W"], tensor(shape, [1.0] * count)),
            "a matrix that is turned, or whose elements are only counted", expect="TENSOR_SHAPE",
        )  # fmt: skip
    table.row(
        "shape-bias", "a bias of shape [1, 1]", "agree-5",
        put(FEATURES, ["tensors", "sum.b"], ONE), "a rank that is not compared", expect="TENSOR_SHAPE",
    )  # fmt: skip
    for role, shape in (("W", [4, 3]), ("R", [4, 1]), ("b", [1, 4]), ("b", [8])):
        count = shape[0] * (shape[1] if len(shape) == 2 else 1)
        table.row(
            f"shape-lstm-{role}-{len(shape)}", f"{role} of shape {shape} for 3 inputs and one cell", "agree-5 layer-1 layer-2",
            put(BARE, ["tensors", f"memory.{role}"], tensor(shape, [0.0] * count)),
            "another orientation, or two biases", expect="TENSOR_SHAPE",
        )  # fmt: skip
    table.row(
        "shape-embedding", "a table of [size, V]", "agree-5 embedding-1",
        put(EMBEDDED, ["tensors", "E"], tensor([2, 3], [0.0] * 6)), "a table that is turned",
        expect="TENSOR_SHAPE",
    )  # fmt: skip
    table.row(
        "shape-chain", "widths from layer to layer", "agree-5",
        dense_net(
            layers=[dense("a", "a", 2), softmax("s"), dense("b", "b", 3), dense("c", "c")],
            tensors={"a": tensor([1, 2], [1.0] * 2), "b": tensor([2, 3], [1.0] * 6), "c": tensor([2, 1], [1.0] * 2)},
        ),
        "a width that is not passed on", expect="TENSOR_SHAPE",
    )  # fmt: skip
    table.row(
        "shape-and-data", "a wrong shape, and data that fit neither", "agree-5 agree-6",
        put(FEATURES, ["tensors", "sum.W"], {"dtype": "float32", "shape": [3, 1], "data": [1.0]}),
        "a tensor that is judged in one way only", expect=("TENSOR_LENGTH", "TENSOR_SHAPE"),
    )  # fmt: skip
    table.row(
        "unused-and-data", "an unused tensor with data that don't fit", "agree-4 agree-6",
        put(FEATURES, ["tensors", "extra"], {"dtype": "float16", "shape": [3, 1], "data": [1.0]}),
        "a tensor that is not looked into because it is not used",
        expect=("TENSOR_ENCODING", "TENSOR_UNUSED"),
    )  # fmt: skip


def output(table: Table) -> None:
    """[agree-7] and [agree-8]."""
    kinds = ("logits", "log_probabilities", "probabilities", "values")
    right = {"softmax": "probabilities", "log_softmax": "log_probabilities"}
    for last in ("softmax", "log_softmax", "dense"):
        for kind in kinds:
            layers = [dense("d", "W")] + ([] if last == "dense" else [softmax("s", last)])
            fits = kind == right[last] if last in right else kind in ("logits", "values")
            table.row(
                f"kind-{last.replace('_', '-')}-{kind.replace('_', '-')}", f"{last} last, {kind}", "agree-7",
                dense_net(layers=layers, output={"kind": kind}),
                "probabilities that are none, or are taken for logits",
                expect="" if fits else "OUTPUT_KIND",
            )  # fmt: skip
    table.row(
        "kind-softmax-inside", "a softmax that is not last", "agree-7",
        dense_net(layers=[softmax("s"), dense("d", "W")]), "a rule for any layer",
    )  # fmt: skip
    for name, tokens in (("small", "ab"), ("large", "abcd")):
        table.row(
            f"output-vocabulary-{name}", f"{len(tokens)} tokens for a width of 3", "agree-7",
            dense_net(
                layers=[dense("d", "W", 3)], tensors={"W": tensor([1, 3], [1.0] * 3)},
                vocabularies={"v": {"unit": "codepoint", "tokens": list(tokens)}},
                output={"kind": "logits", "vocabulary": "v"},
            ),
            "a vocabulary that does not fit", expect="VOCABULARY_SIZE",
        )  # fmt: skip
    for count in (0, 1, 2):
        table.row(
            f"labels-{count}", f"{count} labels for a width of 1", "agree-7",
            changed(FEATURES, output__labels=["x"] * count), "labels that are not counted",
            expect="" if count == 1 else "LABELS_COUNT",
        )  # fmt: skip
    for member in ("names", "units"):
        for count in (0, 1, 3):
            table.row(
                f"{member}-{count}", f"{count} {member} for 2 features", "agree-7",
                put(FEATURES, ["input", member], ["x"] * count), f"{member} that are not counted",
                expect="LABELS_COUNT",
            )  # fmt: skip
    table.row(
        "labels-vocabulary", "labels and a vocabulary", "agree-7",
        changed(BARE, output__labels=["", "same", "same"]), "labels that must differ",
    )  # fmt: skip
    table.row(
        "output-width-unknown", "a width that is not known: vocabulary and labels are not judged by it", "agree-7 agree-2",
        document(
            input={"kind": "tokens", "vocabulary": "none"},
            vocabularies={"v": {"unit": "codepoint", "tokens": ["a"]}},
            layers=[{"name": "in", "type": "one_hot"}, softmax("s")],
            output={"kind": "probabilities", "vocabulary": "v", "labels": ["a", "b"]}, tensors={},
        ),
        "a width of 0, or a crash", expect="VOCABULARY_UNKNOWN",
    )  # fmt: skip
    table.row(
        "decoding-no-vocabulary", "decoding without an output vocabulary", "agree-8",
        dense_net(decoding={"mode": "greedy"}), "ids without tokens", expect="DECODING_OUTPUT",
    )  # fmt: skip
    table.row(
        "decoding-unknown-vocabulary", "decoding with an unknown output vocabulary", "agree-8 agree-2",
        dense_net(decoding={"mode": "greedy"}, output={"kind": "logits", "vocabulary": "v"}),
        "two findings for one fault", expect="VOCABULARY_UNKNOWN",
    )  # fmt: skip
