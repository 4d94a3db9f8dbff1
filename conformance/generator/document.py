"""Section 5: members, types, ranges, names, and how many findings there are."""

from typing import Any

from conformance.generator.build import dense_net, json_bytes, msgpack_bytes
from conformance.generator.change import changed, put, without
from conformance.generator.document_objects import (
    BARE,
    BEND,
    CELLS,
    ELMAN,
    EMBEDDED,
    EXAMPLE,
    FEATURES,
    LSTM,
    NETS,
    OBJECTS,
    PEOPLE,
    REALS,
    REQUIRED,
    SMALL,
    TELLING,
    TEXTS,
    TOKENS,
    TOP,
    TYPES,
    at,
)
from conformance.generator.table import Table

SECTION = "document"


def cases() -> Table:
    """Section 5, over the objects of sections 5 to 9."""
    table = Table(SECTION)
    sound(table)
    table.features = ["json"]
    missing(table)
    unknown(table)
    types(table)
    variants(table)
    findings(table)
    return table


def sound(table: Table) -> None:
    """Both documents in both encodings; order, `$schema` and metadata."""
    for name, net in (
        ("tokens", TOKENS),
        ("features", FEATURES),
        ("embedded", EMBEDDED),
        ("cells", CELLS),
        ("texts", TEXTS),
    ):
        for encoding, data in (("json", json_bytes(net)), ("msgpack", msgpack_bytes(net))):
            table.row(
                f"full-{name}-{encoding}", "every member of the format", "doc-1 stage-4 protocol-2 claim-2", data,
                "a member that is not known",
                file=f"full-{name}.rnn" + (".json" if encoding == "json" else ""),
            )  # fmt: skip
    backwards = {key: TOKENS[key] for key in reversed(TOKENS)}
    table.row(
        "order", "the members in the opposite order", "doc-1", backwards,
        "a reader that needs an order: `tensors` come first here",
    )  # fmt: skip
    table.row(
        "schema-ignored", "`$schema` says anything", "doc-1", dense_net(**{"$schema": "nothing"}),
        "a `$schema` that is looked up",
    )  # fmt: skip
    table.row(
        "shortest", "the shortest document", "doc-1",
        b'{"rnnspec":"1.0-draft.3","input":{"kind":"tokens","vocabulary":"t"},"vocabularies":{"t":'
        b'{"unit":"codepoint","tokens":["a"]}},"layers":[{"name":"x","type":"one_hot"}],'
        b'"output":{"kind":"values"},"tensors":{}}',
        "tensors that are taken for necessary",
    )  # fmt: skip
    free = {
        "rnnspec": 7, "tensors": [None], "layers": {"name": None}, "": None, "a/b~c": True,
        "__proto__": {"polluted": True}, "constructor": 1, "nested": [[[[{}]]]],
    }  # fmt: skip
    table.row(
        "metadata-free", "anything in metadata", "doc-1 doc-2 doc-3", dense_net(metadata=free),
        "rules of the format that are applied in metadata",
    )  # fmt: skip
    table.row(
        "empties", "empty objects, lists and strings where they may stand", "doc-1 doc-4",
        dense_net(metadata={}, vocabularies={}, examples=[], name="", license=""),
        "an emptiness that is refused",
    )  # fmt: skip


def missing(table: Table) -> None:
    """[doc-2]: each required member absent, one object after the other."""
    for name, (net, place) in (TOP | OBJECTS).items():
        members = REQUIRED[name].split()
        smaller = net
        for member in members:
            smaller = put(smaller, [*place, member], None)
            del at(smaller, place)[member]
        if members:
            table.row(
                f"missing-{name}", f"{name} without {', '.join(members)}", "doc-2 stage-3", smaller,
                "a member that is taken for optional or given a default, or one finding for the object",
                expect="STRUCTURE_MISSING",
            )  # fmt: skip
    for member in ("W", "b"):
        entry = f"{'out.W' if member == 'W' else 'out.b'}"
        smaller = without(BARE, f"layers__2__parameters__{member}", f"tensors__{entry}")
        table.row(
            f"missing-or-optional-{member}", f"a dense layer without `{member}` and its tensor",
            "doc-2 layer-3", smaller, "a bias that is taken for necessary, or a W that is not",
            expect="STRUCTURE_MISSING" if member == "W" else "",
        )  # fmt: skip


def unknown(table: Table) -> None:
    """[doc-2]: a member more in every object."""
    for name, net in NETS.items():
        places = [place for other, place in (TOP | OBJECTS).values() if other is net]
        more = net
        for place in places:
            more = put(more, [*place, "extra"], 1)
        if places:
            table.row(
                f"unknown-{name}", f"{name}: a member that is not known in each object", "doc-2 stage-3", more,
                "a member that is silently ignored", expect="STRUCTURE_UNKNOWN_KEY",
            )  # fmt: skip
    odd = dict.fromkeys(("", " ", "a/b", "~", "~1", "é", "\x00", "__proto__", "constructor", "toString", "hasOwnProperty", "prototype", "Name", "name ", "layer", "Extensions", "extension", "outputs", "%25"), 1)  # fmt: skip
    table.row(
        "unknown-odd-keys", "odd keys at the top level", "doc-2 stage-4", {**dense_net(), **odd},
        "a key that every object of JavaScript has, or a pointer without its escapes",
        expect="STRUCTURE_UNKNOWN_KEY",
    )  # fmt: skip
    layer = put(BARE, ["layers", 1], BARE["layers"][1] | dict.fromkeys(odd, 1))
    table.row(
        "unknown-odd-keys-layer", "odd keys in a layer", "doc-2 stage-4", layer,
        "a key that every object of JavaScript has", expect="STRUCTURE_UNKNOWN_KEY",
    )  # fmt: skip
    table.row(
        "unknown-near", "members that are nearly those of an LSTM", "doc-2",
        put(BARE, ["layers", 1], BARE["layers"][1] | dict.fromkeys((
            "directions", "input", "peepholes", "coupling", "Clip", "cellClip", "projection", "epsilon", "reset", "layer_norm",
        ), 1)),
        "a member of another system that is taken for ours", expect="STRUCTURE_UNKNOWN_KEY",
    )  # fmt: skip


def types(table: Table) -> None:
    """[doc-3]: every member of every object, as null and as two more wrong types in turn.

    The members of all objects of one document are wrong at once; those that hold others, by their depth.
    """
    for name, net in NETS.items():
        places = [place for other, place in (TOP | PEOPLE | OBJECTS).values() if other is net]
        members = [[*place, member] for place in places for member in at(net, place)]
        members = [member for member in members if member[-1] not in TELLING]
        around = [m for m in members if any(place[: len(m)] == m for place in places)]
        groups = {"": [m for m in members if m not in around]}
        for member in around:
            groups.setdefault(f"-{len(member)}", []).append(member)
        for group, chosen in groups.items():
            for turn, what in enumerate(("null", "some", "others")):
                table.row(
                    f"type-{name}{group}-{what}", f"{name}: members of wrong types ({what})", "doc-3 stage-3",
                    spoilt(net, chosen, turn), "a value of another type that is converted or crashes",
                    expect="STRUCTURE_TYPE",
                )  # fmt: skip
    for name, value in TYPES.items():
        if name != "object":
            lists: dict[str, Any] = {
                "layers": [value],
                "examples": [value],
                "tensors": {"W": value},
                "vocabularies": {"text": value},
            }
            table.row(
                f"type-elements-{name}", f"{name} in the place of a layer, example, tensor, vocabulary",
                "doc-3 stage-3", dense_net(**lists), "an object that is not asked for its type",
                expect="STRUCTURE_TYPE",
            )  # fmt: skip


def spoilt(net: dict[str, Any], members: list[list[str | int]], turn: int) -> dict[str, Any]:
    """The document with each of these members null, or of a wrong type that is another at each turn."""
    for number, member in enumerate(members):
        present = at(net, member)
        wrong = [v for v in TYPES.values() if not _fits(str(member[-1]), present, v)]
        net = put(net, member, wrong[(number + 3 * turn) % (len(wrong) - 1) + 1] if turn else None)
    return net


def _fits(member: str, present: Any, value: Any) -> bool:  # noqa: ANN401 — any JSON
    """Whether a value may be of the right type for a member."""
    if member in ("data", "scale", "input") and isinstance(value, str | list):
        return True
    if isinstance(present, dict):
        return isinstance(value, dict)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return isinstance(present, int | float) and (value == 1 or member in REALS)
    return type(present) is type(value)


def variants(table: Table) -> None:
    """[doc-4] and [doc-6]: what tells an object's kind."""
    tellers: dict[str, tuple[dict[str, Any], list[str | int]]] = {
        "input": (SMALL, ["input", "kind"]),
        "unit": (SMALL, ["vocabularies", "text", "unit"]),
        "layer": (SMALL, ["layers", 1, "type"]),
        "output": (SMALL, ["output", "kind"]),
        "example": (EXAMPLE, ["examples", 0, "kind"]),
        "elman": (ELMAN, ["layers", 0, "activation", "function"]),
        "gates": (LSTM, ["layers", 0, "activations", "gates", "function"]),
        "activation": (BEND, ["layers", 1, "function"]),
        "byte": (TEXTS, ["vocabularies", "bytes", "unit"]),
    }
    for name, (net, place) in tellers.items():
        spoilt = net
        for member in at(net, place[:-1]):
            if member not in (place[-1], "type"):  # a wrong type would end the judgement first
                spoilt = put(spoilt, [*place[:-1], member], None)
        spoilt = put(spoilt, [*place[:-1], "extra"], 1)
        absent = put(spoilt, place, None)
        del at(absent, place[:-1])[place[-1]]
        for kind, document, code in (
            ("absent", absent, "STRUCTURE_MISSING"),
            ("null", put(spoilt, place, None), "STRUCTURE_TYPE"),
            ("other", put(spoilt, place, "other"), "STRUCTURE_ENUM"),
        ):
            table.row(
                f"variant-{name}-{kind}", f"{name}: `{place[-1]}` {kind}, and every other member wrong",
                "doc-6 doc-4", document, "an object that is judged by rules of no known kind",
                expect=code,
            )  # fmt: skip
    for word in ("conv1d", "attention", "lstm_norm", "Gru", "LayerNorm", "sum", "onehot", "", "__proto__"):  # fmt: skip
        table.row(
            f"layer-type-{_word(word) or 'empty'}", f"the layer type {word!r}", "doc-4",
            changed(SMALL, layers__1__type=word), "a type that this draft does not have",
            expect="STRUCTURE_ENUM",
        )  # fmt: skip


def findings(table: Table) -> None:
    """[stage-1], [stage-3] and [stage-4]."""
    many = dense_net(**{f"extra{k:03}": k for k in range(110)})
    table.row(
        "findings-110", "110 unknown members: any 100 of them", "stage-3", many,
        "a list without end, or a wrong bound", expect="STRUCTURE_UNKNOWN_KEY",
    )  # fmt: skip
    exactly = dense_net(**{f"extra{k:03}": k for k in range(100)})
    table.row(
        "findings-100", "100 unknown members: all of them", "stage-3", exactly,
        "a bound that is one too low", expect="STRUCTURE_UNKNOWN_KEY",
    )  # fmt: skip
    both = put(dense_net(extra=1), ["layers", 0, "parameters", "W"], "nothing")
    table.row(
        "stage-structure-first", "a fault of structure and one of agreement", "stage-1", both,
        "findings of a later stage", expect="STRUCTURE_UNKNOWN_KEY",
    )  # fmt: skip
    table.row(
        "stage-syntax-first", "a fault of syntax after one of structure", "stage-1 stage-2",
        json_bytes(dense_net(extra=1)) + b"x", "a reader that judges while it reads",
        expect="SYNTAX_TRAILING",
    )  # fmt: skip
    table.row(
        "findings-everywhere", "faults in all parts: each is reported", "stage-3 doc-6",
        put(
            changed(
                TOKENS, name=1, input__vocabulary=2, vocabularies__text__unit="word",
                layers__0__type="rnn", layers__1__hidden_size=0, layers__2__size=1.5,
                output__kind="x", decoding__temperature=1000, examples__0__tolerance=-1,
                license=None,
            ),
            ["tensors", "out.b", "dtype"],
            "float64",
        ),
        "a reader that stops at the first finding",
        expect=(
            "STRUCTURE_ENUM", "STRUCTURE_RANGE", "STRUCTURE_TYPE",
        ),
    )  # fmt: skip
    table.features = ["msgpack"]
    table.row(
        "pointer-msgpack", "the same faults in msgpack, at the same pointers", "stage-4",
        msgpack_bytes(
            put(changed(TOKENS, name=1, layers__1__hidden_size=0), ["tensors", "out.b", "a/b"], 1)
        ),
        "a byte offset where a pointer belongs",
        expect=("STRUCTURE_RANGE", "STRUCTURE_TYPE", "STRUCTURE_UNKNOWN_KEY"),
    )  # fmt: skip


def _word(member: str) -> str:
    """A member's name in the name of a case."""
    return member.replace("_", "-").replace("$", "").strip("-")
