"""What every section of the generator uses: numbers, tensors, documents, and cases about them."""

import base64
import struct
from typing import Any

from conformance.case import Case, Document
from conformance.generator.features import features_of_value, full_features
from conformance.generator.write_json import json_bytes, tight_bytes
from conformance.generator.write_msgpack import msgpack_bytes
from conformance.oracle import digest
from conformance.oracle.finding import ERROR
from conformance.oracle.reader import ReadResult, read

VERSION = "1.0-draft.3"

# The activations that frameworks give the cells.
SIGMOID, TANH = {"function": "sigmoid"}, {"function": "tanh"}
LSTM_ACTIVATIONS = {"gates": SIGMOID, "candidate": TANH, "output": TANH}
GRU_ACTIVATIONS = {"gates": SIGMOID, "candidate": TANH}

__all__ = [
    "GRU_ACTIVATIONS",
    "LSTM_ACTIVATIONS",
    "SIGMOID",
    "TANH",
    "VERSION",
    "array",
    "bits_of",
    "dense_net",
    "document",
    "features_of",
    "int8_tensor",
    "json_bytes",
    "lstm_net",
    "msgpack_bytes",
    "run_error_case",
    "tensor",
    "token_net",
    "validate_case",
]


# --- numbers --------------------------------------------------------------------------------------


def bits_of(value: float) -> str:
    """The eight hexadecimal digits of a binary32 (section 17.1); `value` must be one already."""
    return struct.pack(">f", value).hex()


def array(shape: list[int], values: list[float]) -> dict[str, Any]:
    """An array as it travels in the protocol."""
    count = 1
    for size in shape:
        count *= size
    if count != len(values):
        raise ValueError(f"{len(values)} values for shape {shape}")
    return {"shape": shape, "bits": "".join(bits_of(value) for value in values)}


# --- documents ------------------------------------------------------------------------------------


def tensor(
    shape: list[int], values: list[float], dtype: str = "float32", *, as_bytes: bool = False
) -> dict[str, Any]:
    """A member of `tensors`: decimals (float32 only), or base64, which msgpack turns into bin."""
    if dtype == "float32" and not as_bytes:
        return {"dtype": dtype, "shape": shape, "data": list(values)}
    code = {"float32": "f", "float16": "e"}[dtype]
    data = struct.pack(f"<{len(values)}{code}", *values)
    return {"dtype": dtype, "shape": shape, "data": base64.b64encode(data).decode("ascii")}


def int8_tensor(
    shape: list[int],
    quanta: list[int],
    scale: Any,  # noqa: ANN401 — faulty tensors hold anything
    axis: Any = 1,  # noqa: ANN401 — as above
) -> dict[str, Any]:
    """A tensor int8 by its stored integers; `scale` stands there as it is given."""
    data = base64.b64encode(struct.pack(f"<{len(quanta)}b", *quanta)).decode("ascii")
    return {"dtype": "int8", "shape": shape, "axis": axis, "scale": scale, "data": data}


def document(
    *,
    layers: list[Any],
    tensors: dict[str, Any],
    input: Any = None,  # noqa: ANN401 — the member's name; faulty documents hold anything
    output: Any = None,  # noqa: ANN401 — as above
    **more: Any,  # noqa: ANN401 — as above
) -> dict[str, Any]:
    """A document with its members in the order of section 5; one feature and `values` by default."""
    order = (
        "rnnspec", "$schema", "name", "version", "description", "license", "metadata",
        "input", "vocabularies", "layers", "output", "decoding", "examples", "extensions",
        "extensions_required", "tensors",
    )  # fmt: skip
    members = {
        "rnnspec": VERSION,
        "input": {"kind": "features", "size": 1} if input is None else input,
        "layers": layers,
        "output": {"kind": "values"} if output is None else output,
        "tensors": tensors,
    } | more
    known = {name: members.pop(name) for name in order if name in members}
    return known | members


def dense_net(**more: Any) -> dict[str, Any]:  # noqa: ANN401 — members of any type
    """The shortest net: one feature in, one value out, doubled. `more` replaces members."""
    members: dict[str, Any] = {
        "layers": [{"name": "double", "type": "dense", "size": 1, "parameters": {"W": "W"}}],
        "tensors": {"W": tensor([1, 1], [2.0])},
    }
    return document(**(members | more))


def lstm_net(inputs: int = 2, hidden: int = 2, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """One LSTM over features; its weights are small, all different and exact in float16."""
    columns = 4 * hidden
    w = [((7 * k) % 31 - 15) / 32 for k in range(inputs * columns)]
    r = [((11 * k) % 29 - 14) / 32 for k in range(hidden * columns)]
    b = [((5 * k) % 23 - 11) / 16 for k in range(columns)]
    members: dict[str, Any] = {
        "input": {"kind": "features", "size": inputs},
        "layers": [
            {
                "name": "lstm",
                "type": "lstm",
                "hidden_size": hidden,
                "activations": LSTM_ACTIVATIONS,
                "parameters": {"W": "lstm.W", "R": "lstm.R", "b": "lstm.b"},
            }
        ],
        "tensors": {
            "lstm.W": tensor([inputs, columns], w),
            "lstm.R": tensor([hidden, columns], r),
            "lstm.b": tensor([columns], b),
        },
    }
    return document(**(members | more))


def token_net(tokens: str = "ab", **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """Tokens in, logits of the same vocabulary out: one_hot and a dense layer."""
    count = len(tokens)
    weights = [((3 * k) % 7 - 3) / 4 for k in range(count * count)]
    members: dict[str, Any] = {
        "input": {"kind": "tokens", "vocabulary": "text"},
        "vocabularies": {"text": {"unit": "codepoint", "tokens": list(tokens)}},
        "layers": [
            {"name": "in", "type": "one_hot"},
            {"name": "out", "type": "dense", "size": count, "parameters": {"W": "W"}},
        ],
        "output": {"kind": "logits", "vocabulary": "text"},
        "tensors": {"W": tensor([count, count], weights)},
    }
    return document(**(members | more))


# --- cases ----------------------------------------------------------------------------------------


def features_of(data: bytes, limits: dict[str, int] | None = None) -> list[str]:
    """The features (section 17.2) that a valid document needs: encoding, dtypes, layers."""
    return _features(read(data, limits), data)


def _features(result: ReadResult, data: bytes) -> list[str]:
    if result.document is None:
        raise ValueError("an invalid document: name its features yourself")
    return features_of_value(result.document, is_json=data.lstrip(b"\t\n\r ")[:1] == b"{")


def validate_case(
    id: str,
    title: str,
    requirements: list[str],
    catches: str,
    source: bytes | str | dict[str, Any] | Document,
    *,
    features: list[str] | None = None,
    limits: dict[str, int] | None = None,
    try_anyway: bool = False,
    file: str | None = None,
) -> Case:
    """A case of the command `validate`; the reader's and the digest's oracles answer it.

    A dict is written as JSON, a str as UTF-8. `features` are found from a valid document; for an
    invalid one they are those named, or `json`, and those of the profile full that it has words of.
    `file` keeps the document beside the case.
    """
    if isinstance(source, Document):
        written = source
    elif isinstance(source, dict):
        written = Document(json_bytes(source) if file else tight_bytes(source), file)
    else:
        written = Document(source.encode() if isinstance(source, str) else source, file)
    result = read(written.data, limits, try_anyway=try_anyway)
    found = sorted(result.findings, key=lambda finding: finding.sort_key())
    expect: dict[str, Any] = {"findings": [finding.to_json() for finding in found]}
    if len(found) > 100:  # [stage-3]: any hundred of these
        expect["any"] = 100
    if result.document is not None:
        expect["structure"] = digest.structure(result.document)
        expect["fingerprint"] = digest.fingerprint(result.document)
    if result.document is None:
        features = [*(features or ["json"]), *full_features(written.data)]
        features = list(dict.fromkeys(features))
    elif features is None:
        features = _features(result, written.data)
    if try_anyway:
        features = [*features, "try_anyway"]
    request: dict[str, Any] = {} if limits is None else {"limits": limits}
    return Case(
        id=id,
        title=title,
        requirements=tuple(requirements),
        features=tuple(features),
        catches=catches,
        command="validate",
        document=written,
        request=request | ({"try_anyway": True} if try_anyway else {}),
        expect=expect,
    )


def run_error_case(
    id: str,
    title: str,
    requirements: list[str],
    catches: str,
    data: bytes,
    request: dict[str, Any],
    *,
    command: str = "run",
    features: list[str] | None = None,
) -> Case:
    """A case of a command over an invalid document: an error with the code of its first finding."""
    errors = [finding for finding in read(data).findings if finding.severity == ERROR]
    if len({finding.code for finding in errors}) != 1:
        raise ValueError(f"{id}: not exactly one code: {errors}")
    return Case(
        id=id,
        title=title,
        requirements=tuple(requirements),
        features=tuple(features or ["json"]),
        catches=catches,
        command=command,
        document=Document(data),
        request=request,
        expect={"error": {"code": errors[0].code}},
    )
