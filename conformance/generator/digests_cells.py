"""Digests of what cells, vocabularies and extensions bring; the section is in `digests`."""

from typing import Any

from conformance.generator.build import (
    LSTM_ACTIVATIONS,
    TANH,
    dense_net,
    json_bytes,
    lstm_net,
    msgpack_bytes,
)
from conformance.generator.change import changed, put, without
from conformance.generator.full import small_tokens
from conformance.generator.full_cells import (
    ACME,
    elman_net,
    full_cells,
    full_texts,
    gru_net,
    whole_elman,
    whole_gru,
    whole_lstm,
)
from conformance.generator.table import Table
from conformance.generator.vocabulary import net as vocabulary_net

Rows = dict[str, tuple[Any, str]]
LAYER: list[str | int] = ["layers", 0]


def cells(table: Table) -> None:
    """[digest-1] to [digest-4] for what is new in this draft."""
    alphas(table)
    defaults(table)
    extensions(table)
    decoding(table)
    different(table)


def same(table: Table, group: str, requirement: str, catches: str, rows: Rows) -> None:
    """Documents of equal digests; a group that is none is a fault of this table."""
    digests = set()
    for name, (source, what) in rows.items():
        table.row(f"{group}-{name}", what, requirement, source, catches)
        digests.add((table.cases[-1].expect["structure"], table.cases[-1].expect["fingerprint"]))
    if len(digests) != 1:
        raise ValueError(f"digests/{group}: not the same")


def bend(alpha: str) -> bytes:
    """An Elman cell whose alpha is spelled so."""
    net = elman_net({"function": "elu", "alpha": 7})
    return json_bytes(net).replace(b'"alpha": 7', f'"alpha": {alpha}'.encode())


def alphas(table: Table) -> None:
    """[digest-2]: alpha and beta are rounded to binary32, then go through T."""
    zeros = (
        "0",
        "-0.0",
        "-1e-60",
        "1e-30",
        "-4.4408918e-16",
    )
    same(
        table, "alpha-zero", "digest-2 tiny-1", "an alpha that is not rounded, or that does not go through T",
        {str(k): (bend(text), f"alpha spelled {text}: the digests of 0") for k, text in enumerate(zeros)},
    )  # fmt: skip
    same(
        table, "alpha-tenth", "digest-2", "an alpha in binary64",
        {
            "decimal": (bend("0.1"), "alpha of 0.1"),
            "binary32": (bend("0.100000001490116119384765625"), "the binary32 nearest to 0.1, in all digits"),
            "near": (bend("0.1000000009"), "another binary64 of the same binary32"),
        },
    )  # fmt: skip
    rows: Rows = {
        "threshold": (bend("4.440892098500626e-16"), "2^-51: as it is"),
        "threshold-halfway": (bend("4.440891966151728e-16"), "halfway below 2^-51: rounds to it, then goes through T"),
        "halfway": (bend("1.000000059604644775390625"), "halfway between two binary32: to even"),
        "halfway-up": (bend("1.000000178813934326171875"), "halfway, to even, up"),
        "two-roundings": (bend("1388.034851074218749999999"), "a decimal that two roundings and one tell apart"),
        "largest": (bend("1e38"), "the largest alpha"),
        "smallest": (bend("-1e38"), "the smallest alpha"),
        "integer": (bend("2"), "an integer: float 32 all the same"),
        "beta": (
            elman_net({"function": "hard_sigmoid", "alpha": 1 / 6, "beta": 0.5}), "alpha and beta as Keras 3 has them",
        ),
        "layer": (
            dense_net(layers=[*dense_net()["layers"], {"name": "a", "type": "activation", "function": "scaled_tanh", "alpha": -1e-30, "beta": 3}]),
            "alpha and beta of a layer: −1e-30 is +0, 3 is float 32",
        ),
    }  # fmt: skip
    for name, (source, what) in rows.items():
        table.row(
            f"alpha-{name}",
            what,
            "digest-2 digest-1",
            source,
            "an alpha as integer, float 64, or cut",
        )


def defaults(table: Table) -> None:
    """[digest-4]: `output` = `sequence` is left out."""
    for cell, net in (("elman", whole_elman()), ("lstm", whole_lstm()), ("gru", whole_gru())):
        written = put(net, [*LAYER, "output"], "sequence")
        same(
            table, f"sequence-{cell}", "digest-4", "a default that the canonical form holds",
            {
                "written": (written, f"{cell} with output sequence, written"),
                "absent": (without(net, "layers__0__output"), f"{cell} without output"),
            },
        )  # fmt: skip
        table.row(
            f"final-{cell}", f"{cell} with output final: other digests", "digest-4", net, "an output that is left out",
        )  # fmt: skip
    same(
        table, "activation-order", "digest-1", "an order of members as in the file",
        {
            "table": (elman_net({"function": "scaled_tanh", "alpha": 1, "beta": 2}), "alpha before beta"),
            "other": (elman_net({"beta": 2, "alpha": 1, "function": "scaled_tanh"}), "beta first"),
        },
    )  # fmt: skip


def extensions(table: Table) -> None:
    """[digest-4]: extensions are left out everywhere."""
    plain = small_tokens()
    everywhere = put(plain, ["extensions"], ACME)
    for place in (["layers", 0], ["layers", 1], ["vocabularies", "text"], ["tensors", "W"]):
        everywhere = put(everywhere, [*place, "extensions"], ACME)
    same(
        table, "extensions", "digest-4 extension-2", "an extension in the canonical form",
        {
            "none": (plain, "no extensions"),
            "everywhere": (everywhere, "extensions at the top, in layers, a vocabulary and a tensor"),
            "msgpack": (msgpack_bytes(everywhere), "the same in msgpack"),
            "required-none": (put(plain, ["extensions_required"], []), "an empty extensions_required"),
        },
    )  # fmt: skip


def decoding(table: Table) -> None:
    """[digest-2]: top_p is float 32, top_k an integer; both are of the fingerprint alone."""
    base: dict[str, Any] = {"mode": "sample", "temperature": 1}
    rows: dict[str, dict[str, Any]] = {
        "top-k": {"top_k": 40}, "top-k-1": {"top_k": 1}, "top-k-largest": {"top_k": 2**31 - 1},
        "top-p": {"top_p": 0.9}, "top-p-1": {"top_p": 1}, "top-p-least": {"top_p": 2.0**-20},
        "both": {"top_k": 200, "top_p": 0.95},
    }  # fmt: skip
    structures = set()
    for name, members in rows.items():
        table.row(
            f"decoding-{name}", f"decoding with {members}: the fingerprint alone differs", "digest-2 digest-1",
            changed(small_tokens(), decoding=base | members), "top_p as float 64, top_k as a float, or both left out",
        )  # fmt: skip
        structures.add(table.cases[-1].expect["structure"])
    if len(structures) != 1:
        raise ValueError("digests/decoding: the structure changes")
    same(
        table, "top-p-tenth", "digest-2", "a top_p in binary64",
        {
            "decimal": (changed(small_tokens(), decoding=base | {"top_p": 0.1}), "top_p of 0.1"),
            "binary32": (changed(small_tokens(), decoding=base | {"top_p": 0.10000000149011612}), "the binary32 nearest to 0.1"),
        },
    )  # fmt: skip


def different(table: Table) -> None:
    """What must change a digest."""
    rows: Rows = {
        "cells": (full_cells(), "every cell"),
        "texts": (full_texts(), "words, bytes, last_step"),
        "gru-before": (gru_net("before"), "a gru with reset before"),
        "gru-after": (gru_net("after"), "the same with reset after"),
        "gru-after-rb": (gru_net("after", rb=True), "the same with rb"),
        "lstm-output": (
            put(lstm_net(), [*LAYER, "activations"], LSTM_ACTIVATIONS | {"output": {"function": "linear"}}),
            "another activation of an lstm's output",
        ),
        "elman-relu": (elman_net({"function": "relu"}), "another activation of an elman"),
        "elman-tanh": (elman_net(TANH), "the usual activation of an elman"),
        "bytes": (vocabulary_net([0, 127, 128, 255, ""], unit="byte", padding=4), "bytes at the borders of fixint"),
        "words": (vocabulary_net(["a", "bc"], unit="token"), "words without a separator"),
        "words-separator": (vocabulary_net(["a", "bc"], unit="token", separator="☃"), "the same with a separator"),
        "codepoints": (vocabulary_net(["A", "\x7f"], unit="codepoint"), "characters"),
        "codepoint-bytes": (vocabulary_net([65, 127], unit="byte"), "the bytes of the same characters"),
    }  # fmt: skip
    seen: dict[str, str] = {}
    for name, (source, what) in rows.items():
        table.row(
            f"new-{name}", what, "digest-1 digest-2 digest-3", source, "a member that the canonical form forgets",
        )  # fmt: skip
        structure = table.cases[-1].expect["structure"]
        if structure in seen:
            raise ValueError(f"digests/new-{name}: the structure of {seen[structure]}")
        seen[structure] = name
