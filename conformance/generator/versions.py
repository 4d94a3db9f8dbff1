"""Section 5.1: the version, before everything else of the structure."""

from dataclasses import replace
from typing import Any

from conformance.generator.build import (
    VERSION,
    dense_net,
    json_bytes,
    lstm_net,
    msgpack_bytes,
    token_net,
)
from conformance.generator.change import put, without
from conformance.generator.table import Table

SECTION = "versions"

MALFORMED: dict[str, tuple[Any, str]] = {
    "other-first-dot": ("1x0-draft.3", "a letter in the place of the first dot"),
    "other-last-dot": ("1.0-draftx2", "a letter in the place of the last dot"),
    "number": (1, "a number"),
    "fraction": (1.0, "the number 1.0"),
    "null": (None, "null"),
    "list": ([1, 0], "a list"),
    "empty": ("", "the empty string"),
    "major-alone": ("1", "no minor version"),
    "three-parts": ("1.0.0", "three numbers"),
    "letter": ("v1.0", "a letter before it"),
    "draft-without-number": ("1.0-draft", "a draft without a number"),
    "draft-zero-first": ("1.0-draft.01", "a leading zero in the draft"),
    "major-zero-first": ("01.0", "a leading zero in the major version"),
    "minor-zero-first": ("1.00", "a leading zero in the minor version"),
    "space-before": (" 1.0-draft.3", "a space before it"),
    "newline-after": ("1.0-draft.3\n", "a line break after it"),
    "rc": ("1.0-rc.1", "another word"),
    "capital": ("1.0-Draft.1", "a capital letter"),
    "full-width": ("１.0-draft.3", "a full-width digit"),
    "arabic": ("1.0-draft.١", "an Arabic digit"),
    "ten-digits": ("1.1000000000", "ten digits"),
    "draft-two-parts": ("1.0-draft.3.2", "a draft of two numbers"),
    "minus": ("1.-1", "a minus sign"),
    "plus": ("1.0-draft.3+b", "something after it"),
    "point-first": (".0", "no major version"),
}
UNSUPPORTED = (
    "1.0", "1.1", "2.0", "0.0", "0.9", "99.0", "1.0-draft.0", "1.0-draft.1", "1.0-draft.2", "1.0-draft.4", "1.0-draft.10",
    "1.0-draft.999999999", "1.1-draft.1", "0.0-draft.0", "999999999.999999999",
)  # fmt: skip


def cases() -> Table:
    """[version-1] and [version-2]."""
    table = Table(SECTION)
    for encoding, data in (
        ("json", json_bytes(dense_net())),
        ("msgpack", msgpack_bytes(dense_net())),
    ):
        table.row(
            f"this-{encoding}", f"{VERSION} in {encoding}", "version-2", data,
            "a reader that does not read its own draft",
        )  # fmt: skip
    table.features = ["json"]
    table.row(
        "missing", "no version", "version-1", without(dense_net(), "rnnspec"),
        "a version that is taken for granted", expect="VERSION_MISSING",
    )  # fmt: skip
    table.row(
        "missing-and-more", "no version, and nothing else right", "version-1",
        b'{"model": 1, "layers": 2, "input": null}', "findings beside that about the version",
        expect="VERSION_MISSING",
    )  # fmt: skip
    table.row(
        "missing-empty", "an empty object", "version-1", b"{}", "findings beside that about the version",
        expect="VERSION_MISSING",
    )  # fmt: skip
    table.row(
        "case", "the key with a capital letter", "version-1", b'{"Rnnspec": "1.0-draft.3"}',
        "a key compared without its case", expect="VERSION_MISSING",
    )  # fmt: skip
    for name, (version, what) in MALFORMED.items():
        table.row(
            f"malformed-{name}", what, "version-1", dense_net(rnnspec=version),
            "a version that is guessed", expect="VERSION_MALFORMED",
        )  # fmt: skip
    for version in UNSUPPORTED:
        table.row(
            f"unsupported-{version}", f"the version {version}", "version-2", dense_net(rnnspec=version),
            "a file of another draft or of the future that is read all the same",
            expect="VERSION_UNSUPPORTED",
        )  # fmt: skip
    table.row(
        "unsupported-and-more", "a future version with a future member and layer", "version-1 version-2",
        dense_net(rnnspec="1.1", extensions={}, layers=[{"name": "x", "type": "conv1d"}]),
        "findings beside that about the version", expect="VERSION_UNSUPPORTED",
    )  # fmt: skip
    table.row(
        "malformed-and-more", "a malformed version and other faults", "version-1",
        dense_net(rnnspec=1, extra=1, layers=[]),
        "findings beside that about the version", expect="VERSION_MALFORMED",
    )  # fmt: skip
    table.row(
        "last", "an unsupported version as the last member", "version-1",
        b'{"extra": 1, "layers": [], "rnnspec": "2.0"}',
        "a version that must stand first to be judged first", expect="VERSION_UNSUPPORTED",
    )  # fmt: skip
    tried(table)
    return table


def tried(table: Table) -> None:
    """[version-4]: try anyway."""
    for version in ("1.0-draft.2", "1.0", "0.9"):
        table.both(
            f"tried-{version}", f"the version {version}, tried anyway: a warning and both digests", "version-4",
            dense_net(rnnspec=version), "a version that is refused all the same, or without a warning",
            try_anyway=True, expect="VERSION_TRIED",
        )  # fmt: skip
    table.both(
        "tried-this", "the reader's own version, tried anyway: no finding", "version-4", dense_net(),
        "a warning about nothing", try_anyway=True,
    )  # fmt: skip
    table.features = ["json"]
    for name in ("number", "major-alone", "letter", "draft-zero-first", "newline-after"):
        table.row(
            f"tried-malformed-{name}", f"a malformed version ({MALFORMED[name][1]}), tried anyway", "version-4 version-1",
            dense_net(rnnspec=MALFORMED[name][0], extra=1), "a version that is no version and is tried",
            try_anyway=True, expect="VERSION_MALFORMED",
        )  # fmt: skip
    table.row(
        "tried-missing", "no version, tried anyway", "version-4 version-1", without(dense_net(), "rnnspec"),
        "a version that is taken for granted", try_anyway=True, expect="VERSION_MISSING",
    )  # fmt: skip
    table.features = None
    table.both(
        "tried-unknown-key", "a future version with a future member: the member is refused", "version-4 doc-2",
        dense_net(rnnspec="1.1", future=1), "a member that is ignored because the version is new",
        try_anyway=True, expect=("STRUCTURE_UNKNOWN_KEY", "VERSION_TRIED"),
    )  # fmt: skip
    table.both(
        "tried-unknown-layer", "a future version with a future layer: the layer is refused", "version-4 doc-4",
        dense_net(rnnspec="1.1", layers=[{"name": "x", "type": "conv1d"}]),
        "a layer that is skipped because the version is new", try_anyway=True,
        expect=("STRUCTURE_ENUM", "VERSION_TRIED"),
    )  # fmt: skip
    table.both(
        "tried-older-member", "draft 1 with an LSTM as it was then: what this version asks for is missing", "version-4",
        put(without(lstm_net(), "layers__0__activations"), ["rnnspec"], "1.0-draft.1"),
        "an older version that is read by its own rules", try_anyway=True,
        expect=("STRUCTURE_MISSING", "VERSION_TRIED"),
    )  # fmt: skip
    table.both(
        "tried-agreement", "a future version, and a fault of agreement: both are reported", "version-4 stage-1",
        dense_net(rnnspec="1.1", output={"kind": "probabilities"}),
        "a warning that ends the reading, or is lost with a later stage", try_anyway=True,
        expect=("OUTPUT_KIND", "VERSION_TRIED"),
    )  # fmt: skip
    table.row(
        "tried-warnings", "a future version and warnings of agreement", "version-4 vocabulary-4",
        token_net("aa", rnnspec="2.0"), "a warning that is lost beside another", try_anyway=True,
        expect=("VERSION_TRIED", "VOCABULARY_REPEATED"),
    )  # fmt: skip
    table.features = ["json"]
    table.row(
        "tried-syntax", "a future version in a text without its end", "version-4 stage-1",
        json_bytes(dense_net(rnnspec="1.1"))[:-2], "a warning beside a fault of syntax", try_anyway=True,
        expect="SYNTAX_END",
    )  # fmt: skip
    table.row(
        "tried-false", "try_anyway that is off", "version-4 version-2", dense_net(rnnspec="1.1"),
        "an option that is on by its presence", try_anyway=False, expect="VERSION_UNSUPPORTED",
    )  # fmt: skip
    case = table.cases[-1]
    table.cases[-1] = replace(case, request={"try_anyway": False}, features=("json", "try_anyway"))
    table.features = None
