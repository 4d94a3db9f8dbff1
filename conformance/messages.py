"""Lines of SPEC 17.1 as the harness reads them: an answer, or what is wrong with it."""

import json
from dataclasses import dataclass
from typing import Any, NoReturn

from conformance.verdict import MAX_DEPTH, is_shallow

KINDS = ("result", "error", "skipped")
START_MEMBERS = ("name", "version", "language", "formats", "classes", "levels", "features")


@dataclass(frozen=True)
class Answer:
    """A well-formed answer: `kind` is result, error or skipped."""

    kind: str
    value: dict[str, Any]


@dataclass(frozen=True)
class OtherSeq:
    """An answer to another request than the one that waits."""

    seq: int


def parse_answer(line: bytes, seq: int) -> Answer | OtherSeq | str:
    """The answer on a line, or what is wrong with it."""
    if line.endswith(b"\r\n"):
        return f"a line ends with the byte 0A and nothing else, not with 0D 0A: {shown(line)}"
    try:
        message = json.loads(
            line.decode("utf-8"), parse_constant=_no_number, object_pairs_hook=_no_repeats
        )
    except (ValueError, RecursionError) as error:
        return f"not a line of JSON ({error}): {shown(line)}"
    if not is_shallow(message, MAX_DEPTH):
        return f"nested more than {MAX_DEPTH} levels deep: {shown(line)}"
    if not isinstance(message, dict):
        return f"not an object: {shown(line)}"
    kinds = [kind for kind in KINDS if kind in message]
    if len(kinds) != 1 or set(message) != {"seq", *kinds}:
        return f"expected seq and one of {', '.join(KINDS)}: {shown(line)}"
    value = message[kinds[0]]
    if not isinstance(value, dict):
        return f"`{kinds[0]}` is not an object: {shown(line)}"
    if kinds[0] == "error" and not any(isinstance(value.get(k), str) for k in ("code", "message")):
        return f"`error` has neither code nor message: {shown(line)}"
    if kinds[0] == "skipped" and not isinstance(value.get("feature"), str):
        return f"`skipped` names no feature: {shown(line)}"
    got = message["seq"]
    if not isinstance(got, int) or isinstance(got, bool):
        return f"expected seq {seq}, got {got!r}: {shown(line)}"
    return Answer(kinds[0], value) if got == seq else OtherSeq(got)


def _no_number(word: str) -> NoReturn:
    """Python's reader takes NaN and Infinity; JSON has no such words."""
    raise ValueError(f"{word} is no JSON")


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Python's reader takes the last of two members of one name."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the member {twice[:40]!r} stands there twice")
    return found


def greeting_fault(greeting: dict[str, Any]) -> str | None:
    """What is wrong with an answer to `start` [protocol-1]."""
    if set(greeting) != set(START_MEMBERS):
        return f"expected the members {', '.join(START_MEMBERS)}, got {', '.join(greeting)}"
    for member in START_MEMBERS:
        value = greeting[member]
        if member in START_MEMBERS[:3]:
            if not isinstance(value, str):
                return f"`{member}` is not a string"
        elif not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            return f"`{member}` is not a list of strings"
    return None


def shown(line: bytes) -> str:
    """A line for people: cut, and with nothing in it that a terminal would obey."""
    text = ascii(line[:120].decode(errors="replace").rstrip("\n"))
    return text + (" …" if len(line) > 120 else "")
