"""[protocol-6] and what writers must do: the content survives, in the order of section 5."""

import base64
import struct
from collections.abc import Iterator
from typing import Any

from conformance.case import Case, Document
from conformance.generator.build import (
    dense_net,
    features_of,
    int8_tensor,
    json_bytes,
    msgpack_bytes,
    tensor,
)
from conformance.generator.change import changed, put
from conformance.generator.full import embedded, full_features, full_tokens
from conformance.generator.full_cells import elman_net, full_cells, full_texts
from conformance.generator.table import HERE, SKELETON
from conformance.generator.vocabulary import net as vocabulary_net
from conformance.generator.wired import layer, with_every
from conformance.generator.wired import net as net_of
from conformance.oracle.reader import read

SECTION = "convert"
LONG = 1_000  # bytes
# Documents that are written again in their own encoding too.
EACH_WAY = ("tokens", "features", "bits", "numbers", "texts", "options", "dtypes")

# Bits that are hard to write as decimals: −0, subnormals, the decimal that does not come back, halves.
WORDS = (
    "00000000", "80000000", "00000001", "80000001", "007fffff", "00800000", "15ae43fd", "15ae43fe",
    "3f800000", "3f800001", "3f7fffff", "7f7fffff", "ff7fffff", "34000000", "4b800001", "4c000003",
    "26000000", "25ffffff", "3dcccccd", "40490fdb",
)  # fmt: skip


OPTIONS = layer(
    "c", "lstm", "input", size=2, peephole="diagonal", coupled="forget", cell_clip=0.1, projection_size=1, projection_clip=1e38,
    clip=2.0**-50, direction="bidirectional", merge="average", output="final",
)  # fmt: skip


def graph() -> dict[str, Any]:
    """Three layers that name what they read."""
    layers = (
        layer("a", "dense", size=2),
        layer("n", "layer_norm", "input"),
        layer("s", "concat", "n", "a", "n"),
    )
    return net_of(
        *layers, layer("r", "time_reverse"), layer("y", "dense", size=2),
        vocabularies={"v": {"unit": "codepoint", "tokens": ["a", "b"]}}, output={"kind": "logits", "vocabulary": "v"},
        decoding={"mode": "ctc", "blank": 1},
    )  # fmt: skip


def dtypes() -> dict[str, Any]:
    """A weight int8 with a scale that has no short decimal, and a bias bfloat16."""
    net = dense_net(
        layers=[{"name": "d", "type": "dense", "size": 2, "parameters": {"W": "W", "b": "b"}}]
    )
    data = base64.b64encode(struct.pack("<2H", 0x8000, 0x3F81)).decode()
    bias = {"dtype": "bfloat16", "shape": [2], "data": data}
    scale = [1388.0347900390625, 2.0**-126]
    return net | {"tensors": {"W": int8_tensor([1, 2], [-127, 5], scale), "b": bias}}


def words_net() -> dict[str, Any]:
    """The hard bits as weights."""
    data = b"".join(struct.pack("<I", int(word, 16)) for word in WORDS)
    entry = {
        "dtype": "float32",
        "shape": [len(WORDS), 1],
        "data": base64.b64encode(data).decode(),
    }
    return dense_net(input={"kind": "features", "size": len(WORDS)}, tensors={"W": entry})


def cases() -> Iterator[Case]:
    """Each document from each encoding to each."""
    numbers = [
        *(0, -1, -31, -32, -33, 127, 128, -128, -129, 255, 256, 65_536, -(2**31)),
        1.5,
        0.1,
        1e300,
        -1e-300,
        # No binary64 subnormal: under flush-to-zero a printer may write 0, and metadata is not arithmetic.
        2.2250738585072014e-308,
        1.7976931348623157e308,
        2**53,
        2.0**64,
        1e21,
        1e-7,
    ]
    texts = ["", "\0", '"\\/\b\f\n\r\t', "é☃😀\u2028\ufeff\U0010ffff", "</script>", "\x7f\u0085"]
    nets: dict[str, tuple[dict[str, Any], list[str], str]] = {
        "tokens": (full_tokens(), ["protocol-6", "doc-1", "version-3"], "every member of a net of tokens"),
        "features": (full_features(), ["protocol-6", "doc-1"], "every member of a net of features"),
        "embedded": (embedded(), ["protocol-6"], "an embedding and a softmax"),
        "order": (
            {key: full_tokens()[key] for key in reversed(full_tokens())},
            ["doc-1"], "members in another order: written in that of section 5",
        ),
        "bits": (words_net(), ["tensor-7"], "−0, subnormals, and decimals that don't come back"),
        "decimals": (
            put(dense_net(), ["tensors", "W"], tensor([1, 1], [0.1])), ["tensor-7", "tensor-2"],
            "a decimal that is no binary64 of few digits",
        ),
        "float16": (
            put(full_features(), ["tensors", "sum.W"], tensor([2, 1], [6.103515625e-05, 65504.0], "float16")),
            ["tensor-7", "tensor-6"], "float16 stays float16",
        ),
        "numbers": (dense_net(metadata={"x": numbers}), ["protocol-6", "json-6"], "numbers of every size"),
        "texts": (
            changed(dense_net(name=texts[3], metadata={text: text for text in texts}), license=texts[2]),
            ["protocol-6", "json-7"], "texts of every kind, as keys too",
        ),
        "metadata": (
            dense_net(metadata={"__proto__": {"a": 1}, "constructor": None, "10": 1, "9": 2, "nested": [[], {}, False, True]}),
            ["protocol-6"], "keys that JavaScript knows or sorts",
        ),
        "empties": (
            dense_net(metadata={}, vocabularies={}, examples=[], name=""), ["protocol-6"],
            "empty objects and lists: present, not absent",
        ),
        "cells": (full_cells(), ["protocol-6", "doc-1"], "every cell, activation and state"),
        "words": (full_texts(), ["protocol-6", "doc-1"], "bytes, words, a separator, top_k and top_p"),
        "alphas": (
            elman_net({"function": "scaled_tanh", "alpha": 0.1, "beta": -1e-300}), ["protocol-6"],
            "alpha and beta keep their binary64",
        ),
        "options": (
            with_every(OPTIONS), ["protocol-6", "doc-1"], "a bidirectional lstm with every option and parameter",
        ),
        "graph": (
            put(graph(), ["layers", 0, "inputs"], ["input"]), ["protocol-6", "doc-1"], "named inputs, one of them the default; CTC and its blank",
        ),
        "dtypes": (dtypes(), ["protocol-6", "tensor-1", "tensor-8"], "bfloat16 and int8 stay what they are, bit by bit"),
        "sequence": (
            put(elman_net(), ["layers", 0, "output"], "sequence"), ["protocol-6"],
            "a default that is written stays written, or is left out",
        ),
        "odd-texts": (
            vocabulary_net(["\"", "'", "\n", "\0", "👍🏽", "\u0301", "", "\\"], unit="token", separator="\0\u0301"),
            ["protocol-6", "vocabulary-1"], "quotes, U+0000, a skin tone, a lone combining mark as tokens",
        ),
        "lengths": (
            dense_net(metadata={str(n): "a" * n for n in (31, 32, 255, 256)} | {"list": [0] * 256}),
            ["protocol-6", "msgpack-1"], "lengths at the borders of msgpack's formats",
        ),
    }  # fmt: skip
    for name, (net, requirements, what) in nets.items():
        for source, data in (("json", json_bytes(net)), ("msgpack", msgpack_bytes(net))):
            for target in ("json", "msgpack"):
                if name not in EACH_WAY and source == target:
                    continue
                id_ = f"convert/{name}-{source}-to-{target}"
                # A long document stands once for both targets.
                suffix = ".rnn.json" if source == "json" else ".rnn"
                file = name + suffix if len(data) > LONG else None
                yield case(id_, what, requirements, Document(data, file), target)
    zeros = json_bytes(
        dense_net(input={"kind": "features", "size": 5}, tensors={"W": tensor([5, 1], [1.0] * 5)})
    ).replace(b"[1, 1, 1, 1, 1]", b"[-0, -0.0, -0e5, -1e-60, 1e-60]")
    for target in ("json", "msgpack"):
        yield case(
            f"convert/zeros-json-to-{target}",
            "-0 is +0, and -1e-60 is −0: as their binary64",
            ["tensor-2", "json-6", "tensor-7"],
            Document(zeros),
            target,
        )
    before, after = SKELETON.split(f'"{HERE}"')
    yield case(
        "convert/long",
        "a string of 65,536 bytes and a list of 65,536 elements",
        ["protocol-6", "msgpack-1"],
        Document.of_pieces(
            (before + '{"string": "', 1), ("a", 65_536), ('", "list": [', 1), ("0,", 65_535),
            ("0]}" + after, 1),
        ),
        "msgpack",
    )  # fmt: skip


def case(id: str, title: str, requirements: list[str], document: Document, target: str) -> Case:
    """The harness reads the answer with its own reader and compares contents."""
    if read(document.data).document is None:
        raise ValueError(f"{id}: not a valid document")
    return Case(
        id=id,
        title=title,
        requirements=tuple(requirements),
        features=tuple(dict.fromkeys([*features_of(document.data), target, "convert"])),
        catches="a member, a bit or a digit that is lost on the way",
        command="convert",
        document=document,
        request={"encoding": target},
        expect={"encoding": target},
    )
