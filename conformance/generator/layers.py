"""Section 8: the members of each layer; also names, ranges and words of sections 5 and 9."""

import math
import sys
from typing import Any

from conformance.generator.build import dense_net, tensor
from conformance.generator.change import changed, put
from conformance.generator.full import (
    bare_tokens,
    embedded,
    full_features,
    small_example,
    small_tokens,
)
from conformance.generator.presence import presence
from conformance.generator.presence_ctc import ctc
from conformance.generator.table import Table

SECTION = "layers"

BARE = bare_tokens()
SMALL, EXAMPLE = small_tokens(), small_example()
FEATURES, EMBEDDED = full_features(), embedded()


def beyond(low: float, high: float) -> tuple[float, float]:
    """The numbers next to a range."""
    # Below 0 the nearest is subnormal: under flush-to-zero a comparison may take it for 0.
    below = -sys.float_info.min if low == 0 else math.nextafter(low, -math.inf)
    return below, math.nextafter(high, math.inf)


# A member with a range: document, place, the values in it, and those out of it.
RANGES: dict[str, tuple[dict[str, Any], list[str | int], list[Any], list[Any]]] = {
    "dense-size": (SMALL, ["layers", 1, "size"], [], [0, -1, 65_537, 1e300]),
    "lstm-hidden-size": (EXAMPLE, ["layers", 1, "hidden_size"], [], [0, 65_537]),
    "embedding-size": (EMBEDDED, ["layers", 0, "size"], [], [0, 65_537]),
    "input-size": (FEATURES, ["input", "size"], [], [0, 65_537]),
    "sample-rate": (
        FEATURES, ["input", "sample_rate"], [0.001, 1e9, 44100.5], [0, *beyond(0.001, 1e9)],
    ),
    "temperature": (
        SMALL, ["decoding", "temperature"], [0.0078125, 128, 0.1], [0, *beyond(0.0078125, 128)],
    ),
    "top-k": (SMALL, ["decoding", "top_k"], [1, 2**31 - 1], [0, 2**31]),
    "top-p": (
        SMALL, ["decoding", "top_p"], [2.0**-20, 1], [0, *beyond(2.0**-20, 1)],
    ),
    "tolerance": (EXAMPLE, ["examples", 0, "tolerance"], [0, 1], [*beyond(0, 1)]),
    "example-length": (EXAMPLE, ["examples", 0, "lengths", 0], [0], [-1]),
    "example-id": (EXAMPLE, ["examples", 0, "input", 0, 0], [0], [-1]),
}  # fmt: skip

# A member that is an integer.
INTEGERS = (
    "dense-size",
    "lstm-hidden-size",
    "embedding-size",
    "input-size",
    "example-length",
    "example-id",
    "top-k",
)

WORDS: dict[str, tuple[dict[str, Any], list[str | int], list[str]]] = {
    "function": (EMBEDDED, ["layers", 1, "function"], ["Tanh", "softMax", "log softmax"]),
    "mode": (SMALL, ["decoding", "mode"], ["beam", "Greedy", ""]),
    "output-kind": (SMALL, ["output", "kind"], ["logit", "Values"]),
    "input-kind": (SMALL, ["input", "kind"], ["token", "Features"]),
    "example-kind": (EXAMPLE, ["examples", 0, "kind"], ["Exact", ""]),
}  # fmt: skip

BAD_NAMES = (
    "", "1", "1a", "_a", "-a", ".a", " a", "a ", "a b", "a/b", "a\\b", "é", "aé", "a\n", "\na", "a\0", "a:b",
    "a~", "a@b", "a[0]", "__proto__", "ａ", "a" * 129,
)  # fmt: skip
GOOD_NAMES = (
    "a",
    "Z",
    "a.b-c_d",
    "a.",
    "a-",
    "a_",
    "A0",
    "constructor",
    "toString",
    "a" * 128,
    "Input",
    "output",
    "z",
    "qAZaz09_.-",
)


def cases() -> Table:
    """Section 8, and what else has a range, a word or a name."""
    table = Table(SECTION)
    names(table)
    ranges(table)
    table.features = ["json"]
    words(table)
    roles(table)
    lists(table)
    presence(table)
    ctc(table)
    return table


def names(table: Table) -> None:
    """[doc-5]."""
    softmaxes = [{"name": name, "type": "activation", "function": "softmax"} for name in GOOD_NAMES]
    table.row(
        "names-good", "names that are allowed", "doc-5",
        dense_net(layers=softmaxes, tensors={}, output={"kind": "probabilities"}),
        "a grammar of names that is too strict",
    )  # fmt: skip
    chain = [
        {"name": f"d{k}", "type": "dense", "size": 1, "parameters": {"W": name}}
        for k, name in enumerate(GOOD_NAMES)
    ]
    weights = {name: tensor([1, 1], [1.0]) for name in GOOD_NAMES}
    table.row(
        "tensor-names-good", "names of tensors that are allowed", "doc-5",
        dense_net(layers=chain, tensors=weights),
        "a tensor that is looked up among the members of every object of JavaScript",
    )  # fmt: skip
    table.features = ["json"]
    bad = [{"name": name, "type": "activation", "function": "softmax"} for name in BAD_NAMES]
    table.row(
        "names-bad", "names that are not allowed", "doc-5 stage-3",
        dense_net(layers=bad, tensors={}), "another grammar of names", expect="STRUCTURE_NAME",
    )  # fmt: skip
    table.row(
        "tensor-names-bad", "names of tensors that are not allowed, one with a fault of its own",
        "doc-5 stage-3",
        dense_net(tensors={name: tensor([1, 1], [1.0]) for name in BAD_NAMES} | {"a/b": {}}),
        "another grammar of names, or a tensor that is not judged for its name",
        expect=("STRUCTURE_MISSING", "STRUCTURE_NAME"),
    )  # fmt: skip
    table.row(
        "references-not-judged", "references that are no names: judged by what they refer to", "doc-5 agree-4",
        changed(dense_net(), layers__0__parameters__W="no name!"),
        "a grammar that is applied to references", expect=("TENSOR_UNKNOWN", "TENSOR_UNUSED"),
    )  # fmt: skip
    table.row(
        "vocabulary-reference-not-judged", "a reference to a vocabulary that is no name", "doc-5 agree-2",
        changed(BARE, output__vocabulary="", tensors__extra=tensor([1], [1.0])),
        "a grammar that is applied to references",
        expect=("VOCABULARY_UNKNOWN", "TENSOR_UNUSED"),
    )  # fmt: skip
    table.features = None


def ranges(table: Table) -> None:
    """[doc-4]: both bounds are in the range."""
    for name, (net, place, inside, outside) in RANGES.items():
        for k, value in enumerate(inside):
            table.row(
                f"range-{name}-inside-{k}", f"{name} of {value}", "doc-4", put(net, place, value),
                "a bound that is taken for outside",
            )  # fmt: skip
        table.features = ["json"]
        for k, value in enumerate(outside):
            table.row(
                f"range-{name}-outside-{k}", f"{name} of {value}", "doc-4", put(net, place, value),
                "a number that is clamped, wraps around, or is taken as it is", expect="STRUCTURE_RANGE",
            )  # fmt: skip
        if name in INTEGERS:
            for k, value in enumerate((0.5, 1.0000000001)):
                table.row(
                    f"range-{name}-fraction-{k}", f"{name} of {value}", "doc-3", put(net, place, value),
                    "a fraction that is cut off", expect="STRUCTURE_TYPE",
                )  # fmt: skip
        table.features = None
    largest = changed(dense_net(), input__size=65_536, layers__0__size=65_536)
    table.features = ["json"]
    table.row(
        "range-largest-sizes", "65,536 features to 65,536 values, by a tensor that is not there", "doc-4 agree-4",
        changed(largest, layers__0__parameters__W="none", tensors={}),
        "a bound that is taken for outside", expect="TENSOR_UNKNOWN",
    )  # fmt: skip
    table.features = None


def words(table: Table) -> None:
    """[doc-4]."""
    for name, (net, place, wrong) in WORDS.items():
        for k, word in enumerate(wrong):
            table.row(
                f"word-{name}-{k}", f"{name} {word!r}", "doc-4", put(net, place, word),
                "a word that is guessed, or compared without its case", expect="STRUCTURE_ENUM",
            )  # fmt: skip


def roles(table: Table) -> None:
    """The parameters of each layer."""
    for name, index, role in (
        ("dense", 2, "w"),
        ("dense", 2, "E"),
        ("dense", 2, "R"),
        ("lstm", 1, "B"),
        ("lstm", 1, "P"),
    ):
        table.row(
            f"role-{name}-{role if role.isupper() else 'lower-' + role}", f"{name} with a parameter {role}", "doc-2",
            put(BARE, ["layers", index, "parameters", role], "out.W"),
            "a parameter that is ignored", expect="STRUCTURE_UNKNOWN_KEY",
        )  # fmt: skip
    for name, index in (("one-hot", 0), ("lstm", 1)):
        table.row(
            f"member-{name}-size", f"{name} with a member `size`", "doc-2",
            put(BARE, ["layers", index, "size"], 3), "a member of another layer",
            expect="STRUCTURE_UNKNOWN_KEY",
        )  # fmt: skip
    table.row(
        "member-one-hot-parameters", "one_hot with empty parameters", "doc-2",
        put(BARE, ["layers", 0, "parameters"], {}), "a member of another layer",
        expect="STRUCTURE_UNKNOWN_KEY",
    )  # fmt: skip
    table.row(
        "member-tokens-size", "an input of tokens with a size", "doc-2", changed(BARE, input__size=3),
        "a member of the other kind of input", expect="STRUCTURE_UNKNOWN_KEY",
    )  # fmt: skip
    table.row(
        "member-features-vocabulary", "an input of features with a vocabulary", "doc-2",
        changed(FEATURES, input__vocabulary="text"), "a member of the other kind of input",
        expect="STRUCTURE_UNKNOWN_KEY",
    )  # fmt: skip


def lists(table: Table) -> None:
    """[doc-4]: lengths, and what is in lists."""
    table.row(
        "layers-none", "no layers", "doc-4", dense_net(layers=[]), "a net that does nothing",
        expect="STRUCTURE_LENGTH",
    )  # fmt: skip
    for name, given, code in (
        ("no-rows", [], "STRUCTURE_LENGTH"),
        ("no-steps", [[], [1]], "STRUCTURE_LENGTH"),
        ("flat", [1, 2], "STRUCTURE_TYPE"),
        ("null", [None, [1]], "STRUCTURE_TYPE"),
        ("string", [["a"], [1]], "STRUCTURE_TYPE"),
        ("deep", [[[1]], [1]], "STRUCTURE_TYPE"),
        ("true", [[True], [1]], "STRUCTURE_TYPE"),
    ):
        table.row(
            f"example-input-{name}", f"an example's input: {name.replace('-', ' ')}", "doc-4 doc-3",
            changed(EXAMPLE, examples__0__input=given), "rows of ids that are none", expect=code,
        )  # fmt: skip
    strings: tuple[tuple[str, list[str | int]], ...] = (
        ("names", ["input", "names", 1]),
        ("units", ["input", "units", 0]),
        ("labels", ["output", "labels", 0]),
    )
    for member, place in strings:
        table.row(
            f"strings-{member}", f"null in `{member}`", "doc-3", put(FEATURES, place, None),
            "a list that is not looked into", expect="STRUCTURE_TYPE",
        )  # fmt: skip
