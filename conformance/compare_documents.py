"""Comparison of documents that a runtime wrote: the oracle reads them, and contents are compared."""

import base64
import binascii
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from conformance.case import Case
from conformance.compare_arrays import Differences, MalformedError, compare_state
from conformance.oracle.digest import DEFAULTS
from conformance.oracle.finding import Limits
from conformance.oracle.reader import parse, read
from conformance.oracle.saved_state import read_state, to_wire

TOP_LEVEL = (
    "rnnspec", "$schema", "name", "version", "description", "license", "metadata",
    "input", "vocabularies", "layers", "output", "decoding", "examples", "extensions",
    "extensions_required", "tensors",
)  # fmt: skip
SAVED_TOP_LEVEL = ("rnnspec", "$schema", "metadata", "structure", "state", "tensors")


def compare_converted(case: Case, result: dict[str, Any]) -> Differences:
    """The converted document is read by the oracle: same content, the encoding asked for."""
    data = _document(result)
    assert case.document is not None
    before, after = read(case.document.data, case.request.get("limits")), read(data)
    if after.document is None:
        return [f"document: invalid: {finding}" for finding in after.findings[:3]]
    assert before.document is not None
    found = _encoding(case, data)
    found += same(kept(before.document), kept(after.document), "")
    return found + _order(after.document, TOP_LEVEL)


def kept(document: dict[str, Any]) -> dict[str, Any]:
    """Without the extensions, which a writer may keep or drop [extension-2], and without defaults."""
    names = ["input", *(layer["name"] for layer in document["layers"])]
    layers = [
        {
            name: part
            for name, part in _bare(layer).items()
            if part != {**DEFAULTS, "inputs": [before]}.get(name, ...)
        }
        for before, layer in zip(names, document["layers"], strict=False)
    ]
    rest = {name: part for name, part in _bare(document).items() if name != "extensions_required"}
    tables: dict[str, Any] = {
        table: {name: _bare(entry) for name, entry in document[table].items()}
        for table in ("vocabularies", "tensors")
        if table in document
    }
    return {**rest, "layers": layers, **tables}


def _bare(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in entry.items() if name != "extensions"}


def compare_written_state(case: Case, result: dict[str, Any]) -> Differences:
    """The written document is read by the oracle: every bit, the digest, the order of members."""
    data = _document(result)
    written = read_state(data)
    if written.state is None or written.document is None:
        return [f"document: invalid: {finding}" for finding in written.findings[:3]]
    found = _encoding(case, data)
    found += compare_state("state", case.request["state"], to_wire(written.state))
    digest = written.document.get("structure")
    if digest != case.request.get("structure"):
        found.append(f"structure: expected {case.request.get('structure')}, got {digest}")
    value, _ = parse(data, Limits())
    assert isinstance(value, dict)
    return found + _order(value, SAVED_TOP_LEVEL)


def _document(result: dict[str, Any]) -> bytes:
    text = result.get("document")
    try:
        return base64.b64decode(text if isinstance(text, str) else "?", validate=True)
    except (binascii.Error, ValueError):
        raise MalformedError("`document` is not base64") from None


def _encoding(case: Case, data: bytes) -> Differences:
    encoding = "json" if data.lstrip(b"\t\n\r ")[:1] == b"{" else "msgpack"
    if encoding == case.expect["encoding"]:
        return []
    return [f"document: expected {case.expect['encoding']}, got {encoding}"]


def _order(document: Mapping[str, object], top_level: tuple[str, ...]) -> Differences:
    order = [top_level.index(name) for name in document]
    if any(one > other for one, other in pairwise(order)):
        return [f"document: the members stand in another order: {list(document)}"]
    return []


def same(wanted: object, got: object, place: str) -> Differences:
    """Whether two documents of the oracle hold the same; at most the first difference of a list."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        if set(wanted) != set(got):
            return [f"{place or '/'}: expected the members {sorted(wanted)}, got {sorted(got)}"]
        return [line for key in wanted for line in same(wanted[key], got[key], f"{place}/{key}")]
    if isinstance(wanted, list) and isinstance(got, list):
        if len(wanted) != len(got):
            return [f"{place}: expected {len(wanted)} elements, got {len(got)}"]
        for index, (one, other) in enumerate(zip(wanted, got, strict=True)):
            if found := same(one, other, f"{place}/{index}"):
                return found
        return []
    if wanted == got and isinstance(wanted, bool) == isinstance(got, bool):
        return []
    return [f"{place}: expected {wanted!r}, got {got!r}"]
