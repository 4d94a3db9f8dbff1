"""Section 5.3: extensions, and the names of those that a file can't do without."""

from collections.abc import Iterator
from typing import Any

from conformance.case import Case, Document
from conformance.generator.build import (
    array,
    dense_net,
    features_of,
    json_bytes,
    lstm_net,
    msgpack_bytes,
    run_error_case,
    tensor,
    token_net,
)
from conformance.generator.change import put
from conformance.generator.full_cells import ACME, whole_affine
from conformance.generator.nets import run_case
from conformance.generator.table import Table
from conformance.generator.write_msgpack import Raw

SECTION = "extensions"

GOOD_NAMES = (
    "A_a", "ACME_note", "A1_1", "ACME_-", "ACME_.", "ACME__", "ACME_a_b", "ACME_A.b-c_d", "Z9Z_0", "QAZ09_AZaz09_.-",
    "A" + "B" * 31 + "_x", "ACME_" + "x" * 95,
)  # fmt: skip
BAD_NAMES = (
    "", "_", "a_x", "ACME", "ACME_", "_note", "acme_note", "Acme_note", "1A_note", "A-B_note", "ACME_no te",
    "ACME_é", "ÀCME_note", "ACME_a/b", "ACME_~", "ACME_a\n", "ACME_\0", " ACME_note", "A" + "B" * 32 + "_x",
    "ACME_" + "x" * 96, "__proto__", "constructor", "ACME:note",
)  # fmt: skip

# Where `extensions` may stand: document and the object around.
PLACES: dict[str, tuple[dict[str, Any], list[str | int]]] = {
    "top": (dense_net(), []),
    "layer": (dense_net(), ["layers", 0]),
    "vocabulary": (token_net(), ["vocabularies", "text"]),
    "tensor": (dense_net(), ["tensors", "W"]),
}
# And where not.
NO_PLACES: dict[str, tuple[dict[str, Any], list[str | int]]] = {
    "input": (dense_net(), ["input"]),
    "output": (dense_net(), ["output"]),
    "decoding": (token_net(decoding={"mode": "greedy"}), ["decoding"]),
    "parameters": (dense_net(), ["layers", 0, "parameters"]),
}


def cases() -> Iterator[Case]:
    """[extension-1] to [extension-3]."""
    table = Table(SECTION)
    allowed(table)
    names(table)
    values(table)
    required(table)
    yield from table
    yield from results()


def allowed(table: Table) -> None:
    """Each layer type and each place; what is inside is free."""
    for name, (net, place) in PLACES.items():
        table.both(
            f"in-{name}", f"extensions in a {name}: the digests don't see them", "extension-1 extension-2 digest-4",
            put(net, [*place, "extensions"], ACME), "an extension that is refused, or that changes a digest",
        )  # fmt: skip
        table.row(
            f"in-{name}-empty", f"an empty object of extensions in a {name}", "extension-1 digest-4",
            put(net, [*place, "extensions"], {}), "an emptiness that is refused, or that changes a digest",
        )  # fmt: skip
        table.row(
            f"without-{name}", f"the same without extensions: the digests of in-{name}", "extension-2 digest-4",
            put(net, ["name"], "plain"), "an extension that changes a digest",
        )  # fmt: skip
    for name, (net, place) in NO_PLACES.items():
        table.features = ["json"]
        table.row(
            f"not-in-{name}", f"extensions in `{name}`", "doc-2",
            put(net, [*place, "extensions"], ACME), "extensions where the text has none",
            expect="STRUCTURE_UNKNOWN_KEY",
        )  # fmt: skip
    table.row(
        "not-in-activation", "extensions in the activation of an LSTM", "doc-2",
        put(lstm_net(), ["layers", 0, "activations", "gates"], {"function": "tanh", "extensions": {}}),
        "extensions where the text has none", expect="STRUCTURE_UNKNOWN_KEY",
    )  # fmt: skip
    table.row(
        "required-in-layer", "extensions_required in a layer", "doc-2 extension-3",
        put(dense_net(), ["layers", 0, "extensions_required"], ["ACME_x"]),
        "a requirement that is found anywhere", expect="STRUCTURE_UNKNOWN_KEY",
    )  # fmt: skip
    table.row(
        "unknown-type", "extensions in a layer of an unknown type and a vocabulary of an unknown unit: not judged",
        "doc-6",
        put(put(token_net(), ["layers", 0], {"type": "rnn", "extensions": 1}), ["vocabularies", "text"], {"unit": "x", "extensions": {"": 1}}),
        "an object that is judged by rules of no known kind", expect="STRUCTURE_ENUM",
    )  # fmt: skip
    table.features = None
    free = {
        "rnnspec": 7, "tensors": [None], "": None, "a/b~c": True, "__proto__": {"polluted": True},
        "extensions": {"not a name": 1}, "extensions_required": ["ACME_other"], "nested": [[[[{}]]]],
    }  # fmt: skip
    every = {
        "ACME_object": free,
        "ACME_list": [free],
        "ACME_null": None,
        "ACME_number": -1.5e300,
        "ACME_true": True,
    }
    table.both(
        "free", "anything in extensions: objects, lists, null, numbers, words of this format",
        "extension-2 doc-2 doc-3", dense_net(extensions=every), "rules of the format that are applied in extensions",
    )  # fmt: skip


def names(table: Table) -> None:
    """[extension-1]."""
    table.both(
        "names-good", "names that are allowed", "extension-1",
        dense_net(extensions=dict.fromkeys(GOOD_NAMES, 1)), "a grammar of names that is too strict",
    )  # fmt: skip
    for name, (net, place) in PLACES.items():
        add = table.both if name == "top" else table.row
        table.features = ["json"]
        add(
            f"names-bad-{name}", f"names that are not allowed, in a {name}", "extension-1 stage-3",
            put(net, [*place, "extensions"], dict.fromkeys(BAD_NAMES, 1)),
            "another grammar of names, or extensions that are not looked at", expect="STRUCTURE_NAME",
        )  # fmt: skip
    table.row(
        "required-names-bad", "names that are not allowed in extensions_required", "extension-1 extension-3 stage-3",
        dense_net(extensions_required=list(BAD_NAMES)), "a name that is refused as unknown, or not at all",
        expect="STRUCTURE_NAME",
    )  # fmt: skip


def values(table: Table) -> None:
    """[doc-3]."""
    for name, value in (
        ("null", None),
        ("true", True),
        ("number", 1),
        ("string", "ACME_x"),
        ("list", ["ACME_x"]),
    ):
        spoilt = dense_net(extensions=value)
        for name_of_place in ("layer", "tensor"):
            spoilt = put(spoilt, [*PLACES[name_of_place][1], "extensions"], value)
        table.features = ["json"]
        table.row(
            f"type-{name}", f"extensions that are {value!r}, at the top, in a layer and in a tensor", "doc-3 stage-3",
            spoilt, "extensions of another type", expect="STRUCTURE_TYPE",
        )  # fmt: skip
        table.row(
            f"type-{name}-vocabulary", f"extensions of a vocabulary that are {value!r}", "doc-3",
            put(token_net(), ["vocabularies", "text", "extensions"], value),
            "extensions of another type", expect="STRUCTURE_TYPE",
        )  # fmt: skip
    table.features = ["msgpack"]
    for name, (net, place) in PLACES.items():
        table.row(
            f"bytes-{name}", f"bytes deep in an extension of a {name}", "doc-3",
            msgpack_bytes(put(net, [*place, "extensions"], {"ACME_x": [{"a/b": Raw(b"\xc4\x01x")}, Raw(b"\xc4\x00")]})),
            "bytes that become a string, or a crash", expect="STRUCTURE_TYPE",
        )  # fmt: skip
    table.features = None


def required(table: Table) -> None:
    """[extension-3]."""
    table.both(
        "required-none", "extensions_required without elements", "extension-3",
        dense_net(extensions_required=[]), "an emptiness that is refused",
    )  # fmt: skip
    table.both(
        "required-one", "one extension is required", "extension-3",
        dense_net(extensions_required=["ACME_x"]), "an extension that is ignored", expect="EXTENSION_UNKNOWN",
    )  # fmt: skip
    table.both(
        "required-present", "a required extension that stands in the file", "extension-3",
        dense_net(extensions={"ACME_x": {}}, extensions_required=["ACME_x"]),
        "an extension that is taken for known because it is there", expect="EXTENSION_UNKNOWN",
    )  # fmt: skip
    table.features = ["json"]
    table.row(
        "required-all-good", "every name that is allowed: a finding each", "extension-1 extension-3",
        dense_net(extensions_required=list(GOOD_NAMES)), "one finding for the list", expect="EXTENSION_UNKNOWN",
    )  # fmt: skip
    table.row(
        "required-twice", "one name twice: a finding at each", "extension-3",
        dense_net(extensions_required=["ACME_x", "ACME_x"]), "a set in the place of a list", expect="EXTENSION_UNKNOWN",
    )  # fmt: skip
    for name, odd in (
        ("null", None), ("number", 1), ("list", ["ACME_x"]), ("name", "acme"), ("empty", ""),
    ):  # fmt: skip
        table.row(
            f"required-beside-{name}", f"an unknown extension beside {odd!r}: nothing but the extension is reported",
            "extension-3", dense_net(extensions_required=[odd, "ACME_x", odd], extra=1, layers=[]),
            "a finding beside the unknown extension, or a crash before it", expect="EXTENSION_UNKNOWN",
        )  # fmt: skip
        table.row(
            f"required-element-{name}", f"an element {odd!r} alone: judged as any structure", "extension-1 doc-3",
            dense_net(extensions_required=[odd], extra=1),
            "an element that is skipped",
            expect=("STRUCTURE_NAME" if isinstance(odd, str) else "STRUCTURE_TYPE", "STRUCTURE_UNKNOWN_KEY"),
        )  # fmt: skip
    for name, value in (
        ("null", None),
        ("true", True),
        ("number", 1),
        ("string", "ACME_x"),
        ("object", {"ACME_x": 1}),
    ):
        table.row(
            f"required-type-{name}", f"extensions_required is {value!r}, beside another fault", "doc-3 extension-3",
            dense_net(extensions_required=value, extra=1), "a list that is none", expect=("STRUCTURE_TYPE", "STRUCTURE_UNKNOWN_KEY"),
        )  # fmt: skip
    table.row(
        "required-and-all-else", "an unknown extension, and nothing else right", "extension-3",
        b'{"rnnspec": "1.0-draft.3", "layers": 1, "extra": null, "extensions": [], "extensions_required": ["ACME_x"]}',
        "a finding beside the unknown extension", expect="EXTENSION_UNKNOWN",
    )  # fmt: skip
    table.row(
        "required-and-version", "an unknown extension in a file of another version: the version comes first",
        "extension-3 version-1", dense_net(rnnspec="1.0-draft.1", extensions_required=["ACME_x"]),
        "an extension that is judged before the version", expect="VERSION_UNSUPPORTED",
    )  # fmt: skip
    table.features = None
    table.both(
        "required-tried", "an unknown extension and a caller who asks to try anyway", "extension-3 version-4",
        dense_net(extensions_required=["ACME_x"], extra=1), "an extension that trying anyway lets through",
        try_anyway=True, expect="EXTENSION_UNKNOWN",
    )  # fmt: skip
    table.both(
        "required-tried-version", "the same in a file of another version: both are reported", "extension-3 version-4",
        dense_net(rnnspec="1.7", extensions_required=["ACME_x"], extra=1),
        "an extension that trying anyway lets through, or a warning that is lost", try_anyway=True,
        expect=("EXTENSION_UNKNOWN", "VERSION_TRIED"),
    )  # fmt: skip


def results() -> Iterator[Case]:
    """[extension-2]: they change no number; a writer may keep or drop them."""
    net = put(whole_affine(), ["tensors", "t", "extensions"], {"ACME_scale": 2})
    for encoding in ("json", "msgpack"):
        yield run_case(
            f"extensions/run-{encoding}", "Extensions at the top, in a layer and in tensors change no result",
            ["extension-2"], "an extension that is taken for a member, or a tensor's own", net | {"extensions": ACME},
            [{"input": array([1, 2, 1], [1.5, -0.25])}], encoding=encoding, file=f"run-{encoding}",
        )  # fmt: skip
    kept = net | {"extensions": ACME, "extensions_required": []}
    for source, data in (("json", json_bytes(kept)), ("msgpack", msgpack_bytes(kept))):
        for target in ("json", "msgpack"):
            yield Case(
                id=f"extensions/convert-{source}-to-{target}",
                title="a file with extensions, written again: they may be kept or dropped",
                requirements=("extension-2", "protocol-6"),
                features=tuple(dict.fromkeys([*features_of(data), target, "convert"])),
                catches="a writer that stumbles over extensions, or turns them into something else",
                command="convert",
                document=Document(data),
                request={"encoding": target},
                expect={"encoding": target},
            )
    yield run_error_case(
        "extensions/run-required", "run with a file that requires an unknown extension",
        ["extension-3", "claim-1"], "a runtime that computes what the file does not mean",
        json_bytes(dense_net(extensions_required=["ACME_x"], tensors={"W": tensor([1, 1], [2.0])})),
        {"chunks": [{"input": array([1, 1, 1], [1.0])}]}, features=["json", "dense", "extensions"],
    )  # fmt: skip
