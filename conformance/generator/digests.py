"""Section 11: what the digests cover and what not. Pairs that must agree share a name."""

import base64
import struct
from typing import Any

from conformance.case import Document
from conformance.generator.build import dense_net, document, json_bytes, msgpack_bytes, tensor
from conformance.generator.change import changed, put, without
from conformance.generator.digests_cells import cells
from conformance.generator.full import bare_tokens, embedded, full_features, full_tokens
from conformance.generator.table import Table
from conformance.generator.write_msgpack import Raw

SECTION = "digests"

TOKENS, FEATURES, EMBEDDED = full_tokens(), full_features(), embedded()
BARE = bare_tokens()


def cases() -> Table:
    """[digest-1] to [digest-4]."""
    table = Table(SECTION)
    same(table)
    different(table)
    formats(table)
    names(table)
    floats(table)
    weights(table)
    cells(table)
    return table


def same(table: Table) -> None:
    """What changes neither digest of `same-base`, and that of the fingerprint alone."""
    base = json_bytes(TOKENS)
    renamed = base
    for name in ("memory.W", "memory.R", "out.W", "x.y"):
        renamed = renamed.replace(f'"{name}"'.encode(), f'"t-{name}"'.encode())
    free = without(TOKENS, "name", "version", "description", "license", "metadata", "$schema")
    bare = bare_tokens()
    as_bytes = put(TOKENS, ["tensors", "out.W"], tensor([1, 3], [0.5, -0.25, 0.125], as_bytes=True))
    half = put(TOKENS, ["tensors", "out.W"], tensor([1, 3], [0.5, -0.25, 0.125], "float16"))
    rows: dict[str, tuple[Any, str]] = {
        "base": (base, "the net that the others named same are compared with"),
        "msgpack": (msgpack_bytes(TOKENS), "the same in msgpack"),
        "renamed": (renamed, "other names of tensors"),
        "free": (free, "no members for people"),
        "bare": (bare, "no examples"),
        "base64": (as_bytes, "a tensor in base64"),
        "float16": (half, "a tensor in float16 with the same values"),
        "order": ({key: TOKENS[key] for key in reversed(TOKENS)}, "another order of members"),
        "layer-order": (
            changed(TOKENS, layers=[dict(reversed(layer.items())) for layer in TOKENS["layers"]]),
            "another order of members in layers",
        ),
    }
    wanted: tuple[str, str] | None = None
    for name, (source, what) in rows.items():
        table.row(
            f"same-{name}", what, "digest-1 digest-3", source,
            "a digest of something that is no part of the net",
        )  # fmt: skip
        expect = table.cases[-1].expect
        got = (expect["structure"], expect["fingerprint"])
        wanted = wanted or got
        if got != wanted:
            raise ValueError(f"digests/same-{name}: not the same")
    table.row(
        "vocabularies-empty", "an empty object of vocabularies: as if it were absent", "digest-4",
        dense_net(vocabularies={}), "an empty map in the canonical form",
    )  # fmt: skip
    table.row(
        "vocabularies-absent", "no vocabularies: the digests of vocabularies-empty", "digest-4",
        dense_net(), "an empty map in the canonical form",
    )  # fmt: skip


def different(table: Table) -> None:
    """What changes a digest."""
    rows: dict[str, tuple[Any, str]] = {
        "decoding": (without(BARE, "decoding"), "no decoding: the fingerprint alone differs"),
        "greedy": (changed(BARE, decoding={"mode": "greedy"}), "another decoding"),
        "layer-name": (changed(BARE, layers__0__name="into"), "another name of a layer"),
        "token": (changed(BARE, vocabularies__text__tokens=["", "a", "c"]), "another token"),
        "kind": (changed(BARE, output__kind="values"), "another kind of output"),
        "weight": (put(BARE, ["tensors", "out.W", "data", 2], 0.25), "another weight"),
        "bias": (
            without(BARE, "layers__2__parameters__b", "tensors__out.b"), "no bias in place of one",
        ),
        "labels": (changed(FEATURES, output__labels=["Sum"]), "another label"),
        "features": (FEATURES, "features with names, units and a rate"),
        "embedding": (EMBEDDED, "an embedding and a softmax"),
        "labels-unicode": (changed(FEATURES, output__labels=["\U0001f600\0\u00e9"]), "a label in UTF-8"),
    }  # fmt: skip
    for name, (source, what) in rows.items():
        table.row(
            f"other-{name}", what, "digest-1 digest-3", source,
            "a member that the canonical form forgets",
        )  # fmt: skip


def formats(table: Table) -> None:
    """[digest-1]: the shortest format at each border."""
    for length in (31, 32, 255, 256):
        table.row(
            f"string-{length}", f"a label of {length} bytes", "digest-1",
            changed(FEATURES, output__labels=["é" * (length // 2) + "a" * (length % 2)]),
            "a length in characters, or a format that is not the shortest",
        )  # fmt: skip
    labelled = json_bytes(changed(FEATURES, output__labels=["@@"])).decode().split("@@")
    for length in (65_535, 65_536):
        table.row(
            f"string-{length}", f"a label of {length} bytes", "digest-1",
            Document.of_pieces((labelled[0], 1), ("a", length), (labelled[1], 1)),
            "a format that is not the shortest",
        )  # fmt: skip
    for count in (15, 16, 127, 128, 255, 256):
        table.row(
            f"array-{count}", f"{count} labels; {count} as a size", "digest-1",
            document(
                layers=[{"name": "d", "type": "dense", "size": count, "parameters": {"W": "W"}}],
                output={"kind": "values", "labels": [""] * count},
                tensors={"W": tensor([1, count], [0.0] * count)},
            ),
            "a format that is not the shortest",
        )  # fmt: skip
    head = (
        '{"rnnspec": "1.0-draft.3", "input": {"kind": "features", "size": 1}, "layers": [{"name": "d", '
        '"type": "dense", "size": COUNT, "parameters": {"W": "W"}}], "output": {"kind": "values", "labels": ['
    )
    for count in (65_535, 65_536):
        table.row(
            f"array-{count}", f"{count} labels; {count} as a size", "digest-1",
            Document.of_pieces(
                (head.replace("COUNT", str(count)), 1), ('"",', count - 1),
                (f'""]}}, "tensors": {{"W": {{"dtype": "float32", "shape": [1, {count}], "data": [', 1),
                ("0,", count - 1), ("0]}}}", 1),
            ),
            "a format that is not the shortest",
        )  # fmt: skip


def names(table: Table) -> None:
    """[digest-2] and [digest-4] are about members of the format, not about vocabularies that have such a name."""
    for one, other in (("alpha", "extensions"), ("output", "parameters")):
        entry = {"unit": "token", "tokens": ["a", "b"], "unknown": 1}
        table.row(
            f"vocabularies-{one}-{other}", f"vocabularies named {one} and {other}", "digest-2 digest-4",
            document(
                input={"kind": "tokens", "vocabulary": one},
                vocabularies={one: entry, other: entry},
                layers=[{"name": "in", "type": "one_hot"}],
                output={"kind": "values", "vocabulary": other},
                tensors={},
            ),
            "a user's name that is taken for a member of the format",
        )  # fmt: skip


def floats(table: Table) -> None:
    """[digest-2]."""
    rates: dict[str, tuple[Any, str]] = {
        "integer": (48_000, "an integer: float 32 all the same"),
        "fraction": (0.1, "a fraction, rounded to binary32"),
        "halfway": (16_777_217, "halfway between two binary32: to even"),
        "halfway-up": (16_777_219, "halfway, to even, up"),
        "adversary": (1388.0348510742187, "a binary64 halfway between two binary32"),
        "low": (0.001, "the lowest rate"),
        "high": (1_000_000_000, "the highest rate"),
    }
    for name, (rate, what) in rates.items():
        net = changed(FEATURES, input__sample_rate=rate)
        table.row(
            f"sample-rate-{name}", what, "digest-2", net, "a rate as integer, float 64, or cut",
        )  # fmt: skip
    raw = json_bytes(FEATURES).replace(b"44100", b"1388.034851074218749999999")
    table.row(
        "sample-rate-two-roundings", "a decimal that two roundings and one tell apart", "digest-2 json-6",
        raw, "a rate that is read as binary32 at once",
    )  # fmt: skip
    table.row(
        "sample-rate-msgpack", "the rate as float 32 in msgpack", "digest-2 msgpack-2",
        msgpack_bytes(put(FEATURES, ["input", "sample_rate"], Raw(b"\xca" + struct.pack(">f", 0.1)))),
        "a rate that keeps its format",
    )  # fmt: skip
    for k, temperature in enumerate((0.0078125, 1, 0.1, 1.0000000596046448, 128)):
        table.row(
            f"temperature-{k}", f"the temperature {temperature}", "digest-2",
            changed(bare_tokens(), decoding__temperature=temperature), "a temperature that is not rounded",
        )  # fmt: skip


def weights(table: Table) -> None:
    """[digest-3]: values after T; −0 and what T flushes are +0."""

    def net(*words: str) -> dict[str, Any]:
        data = base64.b64encode(b"".join(bytes.fromhex(word)[::-1] for word in words)).decode()
        entry = {"dtype": "float32", "shape": [len(words), 1], "data": data}
        return dense_net(input={"kind": "features", "size": len(words)}, tensors={"W": entry})

    rows = {
        "zero": (("00000000",) * 4, "four zeros"),
        "minus-zero": (("80000000",) * 4, "four −0: the fingerprint of zero"),
        "tiny": (
            ("25ffffff", "a5ffffff", "00000001", "80000001"),
            "the largest that T flushes, and subnormals: the fingerprint of zero",
        ),
        "not-tiny": (("26000000", "a6000000", "26000001", "7f7fffff"), "2^-51 and above: as they are"),
    }  # fmt: skip
    for name, (words, what) in rows.items():
        table.row(
            f"weights-{name}", what, "digest-3 tiny-1 tiny-2", net(*words),
            "a digest of what is stored, not of what is computed with",
        )  # fmt: skip
        table.row(
            f"weights-{name}-msgpack", what, "digest-3 tiny-1 tiny-2", msgpack_bytes(net(*words)),
            "a digest of what is stored, not of what is computed with",
        )  # fmt: skip
