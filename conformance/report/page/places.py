"""A document with places marked: bytes around an offset, or what stands around a JSON Pointer."""

import json
from collections.abc import Mapping

from conformance.oracle.values import step
from conformance.report.page.markup import Markup, el, join, lines
from conformance.report.visible import short

ROW = 8  # bytes of a line: it fits a phone
BEFORE, AFTER = 4, 3  # lines around a marked one
AROUND = 2  # elements around a marked one
MEMBERS = 16  # of an object, shown on the way to a place
BRIEF = 64
NEWLINE = b"\n"
# A mark is a place and who names it: "expected", "got" or "expected and got".


# --- bytes ----------------------------------------------------------------------------------------


def dump(data: bytes, marks: Mapping[int, str]) -> Markup:
    """Offset, hexadecimal and ASCII; only the lines around the marks, or the first ones."""
    wanted = {
        row
        for offset in marks or [0]
        for row in range(offset // ROW - BEFORE, offset // ROW + AFTER + 1)
    }
    last = len(data) // ROW  # the row of the end itself, which may be marked
    shown = sorted(row for row in wanted if 0 <= row <= last)
    written: list[Markup] = []
    for row, before in zip(shown, [-1, *shown], strict=False):
        if row > before + 1:
            written.append(el("span", f"{'…':>8}", class_="dim"))
        written.append(_row(data, row, marks))
    if shown and shown[-1] < last:
        written.append(el("span", f"{'…':>8}  {len(data):,} bytes in all", class_="dim"))
    return lines(written)


def _row(data: bytes, row: int, marks: Mapping[int, str]) -> Markup:
    first = row * ROW
    cells, letters = [], []
    for offset in range(first, first + ROW):
        if offset < len(data):
            byte = data[offset]
            cell, letter = f"{byte:02x}", chr(byte) if 0x20 <= byte < 0x7F else "·"
        elif offset == len(data):
            cell, letter = "end" if offset in marks else "  ", " "
        else:
            cell, letter = "  ", " "
        marked = offset in marks
        cells.append(el("mark", cell) if marked else Markup(cell))
        letters.append(el("mark", letter) if marked and letter != " " else join(letter))
    names = [name for offset, name in sorted(marks.items()) if offset // ROW == row]
    return join(
        f"{first:8d}  ",
        join(*cells, between=" "),
        "  ",
        join(*letters),
        el("b", "  ← " + ", ".join(names)) if names else "",
    )


def line_and_column(data: bytes, offset: int) -> str:
    """For an editor, where the document is text; both from 1."""
    before = data[:offset]
    column = len(before[before.rfind(NEWLINE) + 1 :].decode(errors="replace")) + 1
    return f"line {before.count(NEWLINE) + 1}, column {column}"


# --- pointers -------------------------------------------------------------------------------------


def outline(value: object, marks: Mapping[str, str]) -> Markup:
    """The document as JSON: open on the way to the marked places, in brief beside it."""
    return lines(_lines("", value, "", 0, marks))


def _lines(
    key: str, value: object, pointer: str, depth: int, marks: Mapping[str, str]
) -> list[Markup]:
    indent = "  " * depth
    if not any(mark.startswith(pointer + "/") for mark in marks):
        return [_line(indent, key, brief(value, 3), marks.get(pointer))]
    match value:
        case dict():
            inner = [(name, step(pointer, name), f"{brief(name, 1)}: ") for name in value]
            parts = [value[name] for name in value]
            ends = "{}"
        case list():
            inner = [(str(k), step(pointer, k), "") for k in range(len(value))]
            parts = value
            ends = "[]"
        case _:
            return [_line(indent, key, brief(value, 3), _below(pointer, marks))]
    written = [_line(indent, key, ends[0], marks.get(pointer))]
    open_ = [_is_open(place, marks) for _, place, _ in inner]
    hidden = 0
    for index, (_, place, name) in enumerate(inner):
        near = any(open_[max(0, index - AROUND) : index + AROUND + 1])
        if not near and (ends == "[]" or index >= MEMBERS):
            hidden += 1
            continue
        written += _more(hidden, depth)
        hidden = 0
        written += _lines(name, parts[index], place, depth + 1, marks)
    written += _more(hidden, depth)
    known = {place for _, place, _ in inner}
    for mark, name in marks.items():
        if mark.startswith(pointer + "/"):
            head = mark[len(pointer) + 1 :].partition("/")[0]
            if f"{pointer}/{head}" not in known:
                absent = f"(no {short(head.replace('~1', '/').replace('~0', '~'), BRIEF)})"
                written.append(_line("  " * (depth + 1), "", absent, name))
    return [*written, Markup(indent + ends[1])]


def _is_open(place: str, marks: Mapping[str, str]) -> bool:
    return any(mark == place or mark.startswith(place + "/") for mark in marks)


def _below(pointer: str, marks: Mapping[str, str]) -> str:
    """Who looks for something inside a value that has no inside."""
    names = [name for mark, name in marks.items() if mark.startswith(pointer + "/")]
    return ", ".join(dict.fromkeys([*names, *([marks[pointer]] if pointer in marks else [])]))


def _more(hidden: int, depth: int) -> list[Markup]:
    return [el("span", f"{'  ' * (depth + 1)}… {hidden:,} more", class_="dim")] if hidden else []


def _line(indent: str, key: str, text: str, mark: str | None) -> Markup:
    if mark is None:
        return join(indent + key + text)
    return join(indent, el("mark", key + text), el("b", f"  ← {mark}"))


def brief(value: object, depth: int) -> str:
    """A value on one line of bounded length."""
    match value:
        case bytes():
            return f"({len(value):,} bytes)"
        case str():
            return json.dumps(short(value, BRIEF), ensure_ascii=False)
        case list() | dict() if not value:
            return "[]" if isinstance(value, list) else "{}"
        case list() | dict() if depth == 0:
            return "[…]" if isinstance(value, list) else "{…}"
        case list():
            parts = [brief(element, depth - 1) for element in value[:8]]
            more = [f"… {len(value):,} in all"] if len(value) > 8 else []
            return short(f"[{', '.join(parts + more)}]", BRIEF)
        case dict():
            pairs = list(value.items())[:8]
            parts = [f"{brief(name, 1)}: {brief(part, depth - 1)}" for name, part in pairs]
            return short("{" + ", ".join(parts) + "}", BRIEF)
    return short(json.dumps(value), BRIEF)
