"""Places: where in a JSON text a finding stands, as line and column.

A finding of the stages bytes and syntax has a byte offset, a later one a JSON Pointer. For pointers
the text is walked once, down the wanted paths only; everything else is skipped in bulk.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from rnnspec import Issue

# Findings about a member as such: they stand at its key, the others at the value.
_AT_KEY: Final = frozenset(
    {
        *("STRUCTURE_UNKNOWN_KEY", "STRUCTURE_NAME", "LAYER_UNKNOWN"),
        *("VOCABULARY_UNUSED", "TENSOR_UNUSED"),
    }
)
_SPACE: Final = re.compile(rb"[ \t\n\r]*+")
_OBJECT: Final = re.compile(rb"[ \t\n\r]*+\{")
_BRACKET_OR_QUOTE: Final = re.compile(rb'[\[\]{}"]')
_SCALAR: Final = re.compile(rb"[^ \t\n\r,\]}]++")


class Place(NamedTuple):
    """Line and column in a text, both from 1, columns in characters."""

    line: int
    column: int


class _Offsets(NamedTuple):
    key: int  # of the opening quote; of the value in an array
    value: int


def places(data: bytes, issues: Sequence[Issue]) -> list[Place | None]:
    """Where each finding stands; None for a whole file, and for all that is not JSON text."""
    if not _OBJECT.match(data):
        return [None] * len(issues)
    found = locate(data, [issue.place for issue in issues if isinstance(issue.place, str)])
    return [_place(data, issue, found) for issue in issues]


def _place(data: bytes, issue: Issue, found: Mapping[str, _Offsets]) -> Place | None:
    if isinstance(issue.place, int):
        is_inside = issue.stage == "syntax" or issue.code == "BYTES_UTF8"
        return _line_and_column(data, issue.place) if is_inside else None
    # A member that is missing stands at the object that lacks it.
    pointer = issue.place
    while pointer not in found:
        if not pointer:
            return None
        pointer = pointer.rpartition("/")[0]
    offsets = found[pointer]
    at_key = issue.code in _AT_KEY and pointer == issue.place
    return _line_and_column(data, offsets.key if at_key else offsets.value)


def _line_and_column(data: bytes, offset: int) -> Place:
    line = data.count(b"\n", 0, offset) + 1
    start = data.rfind(b"\n", 0, offset) + 1
    return Place(line, len(data[start:offset].decode("utf-8", "replace")) + 1)


def locate(data: bytes, pointers: Iterable[str]) -> dict[str, _Offsets]:
    """The offsets of what the pointers name, and of all above it; `data` is well-formed JSON."""
    wanted = {
        pointer[:end]
        for pointer in pointers
        for end in (*(m.start() for m in re.finditer("/", pointer)), len(pointer))
    }
    found: dict[str, _Offsets] = {}
    # Containers to look into: their pointer and their offset.
    start = _space(data, 0)
    waiting = [("", start)] if wanted else []
    if wanted:
        found[""] = _Offsets(start, start)
    while waiting:
        pointer, at = waiting.pop()
        for name, offsets in _children(data, at):
            child = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
            if child in wanted:
                found[child] = offsets
                if data[offsets.value] in b"[{":
                    waiting.append((child, offsets.value))
    return found


def _children(data: bytes, at: int) -> Iterable[tuple[str, _Offsets]]:
    """Names (numbers, in an array) and offsets of what the container at `at` holds."""
    is_object, closing = data[at] == 0x7B, b"]}"[data[at] == 0x7B]
    at, index = _space(data, at + 1), 0
    while data[at] != closing:
        key, name = at, str(index)
        if is_object:
            end = _string_end(data, at)
            name = json.loads(data[at:end])
            at = _space(data, _space(data, end) + 1)  # past the colon
        yield name, _Offsets(key, at)
        at = _space(data, _end(data, at))
        if data[at] == 0x2C:
            at = _space(data, at + 1)
        index += 1


def _space(data: bytes, at: int) -> int:
    match = _SPACE.match(data, at)
    assert match
    return match.end()


def _end(data: bytes, at: int) -> int:
    """The offset after the value at `at`."""
    if data[at] == 0x22:
        return _string_end(data, at)
    if data[at] not in b"[{":
        match = _SCALAR.match(data, at)
        assert match
        return match.end()
    depth = 0
    while True:
        match = _BRACKET_OR_QUOTE.search(data, at)
        assert match
        at = match.start()
        if data[at] == 0x22:
            at = _string_end(data, at)
            continue
        depth += 1 if data[at] in b"[{" else -1
        at += 1
        if depth == 0:
            return at


def _string_end(data: bytes, at: int) -> int:
    """The offset after the string at `at`."""
    while True:
        at = data.index(b'"', at + 1)
        before = at
        while data[before - 1] == 0x5C:
            before -= 1
        if (at - before) % 2 == 0:  # an even number of backslashes escapes no quote
            return at + 1
