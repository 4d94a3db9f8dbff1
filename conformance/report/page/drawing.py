"""A net drawn: boxes from top to bottom, so that it fits a phone; and the same in words."""

import textwrap
from dataclasses import replace

from conformance.report.page.markup import Markup, el, join
from conformance.report.page.net import Box

WIDTH = 330
BOX = 262  # width of a box
COLUMNS = 35  # characters on its lines
LINE = 17
PADDING = 10
GAP = 30
MAX_LINES = 9


def drawing(boxes: list[Box], ident: str, title: str) -> Markup:
    """An SVG with a title and a description; `ident` makes its ids."""
    parts: list[Markup] = []
    y = 2
    for index, box in enumerate(boxes):
        wrapped = _wrapped(box)
        height = 2 * PADDING + LINE * (1 + len(wrapped.lines)) - 4
        parts.append(_box(wrapped, y, height))
        y += height
        if index < len(boxes) - 1:
            parts.append(_wire(box.wire, y))
            y += GAP
    names = {"title": f"{ident}-title", "desc": f"{ident}-desc"}
    return el(
        "svg",
        el("title", f"The net of “{title}”", id=names["title"]),
        el("desc", sentence(boxes), id=names["desc"]),
        *parts,
        class_="net",
        viewBox=f"0 0 {WIDTH} {y + 2}",
        width=str(WIDTH),
        height=str(y + 2),
        role="img",
        aria_labelledby=f"{names['title']} {names['desc']}",
    )


def _wrapped(box: Box) -> Box:
    lines = [part for line in box.lines for part in textwrap.wrap(line, COLUMNS)]
    if len(lines) > MAX_LINES:
        lines[MAX_LINES - 1 :] = [f"… {len(lines) - MAX_LINES + 1} more lines"]
    return replace(box, lines=tuple(lines))


def _box(box: Box, y: int, height: int) -> Markup:
    titles = textwrap.wrap(box.title, COLUMNS - 4, max_lines=1, placeholder="…") or ["…"]
    texts = [
        el("text", titles[0], x=str(2 + PADDING), y=str(y + PADDING + 11), class_="name"),
        *(
            el("text", line, x=str(2 + PADDING), y=str(y + PADDING + 11 + LINE * (k + 1)))
            for k, line in enumerate(box.lines)
        ),
    ]
    shape = el("rect", x="2", y=str(y), width=str(BOX), height=str(height), rx="6", class_=box.kind)
    return join(shape, *texts, _loop(box.loop, y, height))


def _loop(state: str, y: int, height: int) -> Markup:
    """The arrow by which a state comes back."""
    if not state:
        return Markup()
    right, low, high = 2 + BOX, y + height - 12, y + 12
    path = f"M{right} {low} h14 a8 8 0 0 0 8 -8 V{high + 8} a8 8 0 0 0 -8 -8 H{right + 6}"
    head = f"M{right + 1} {high} l7 -4 v8 z"
    return join(
        el("path", d=path, class_="wire"),
        el("path", d=head, class_="head"),
        el("text", state, x=str(right + 28), y=str((low + high) // 2 + 4)),
    )


def _wire(shape: str, y: int) -> Markup:
    x = 2 + BOX // 2
    return join(
        el("path", d=f"M{x} {y} V{y + GAP - 6}", class_="wire"),
        el("path", d=f"M{x} {y + GAP - 1} l-4 -7 h8 z", class_="head"),
        el("text", shape, x=str(x + 10), y=str(y + GAP // 2 + 3)),
    )


def sentence(boxes: list[Box]) -> str:
    """The drawing in one line."""
    return "; then ".join(_words(box) for box in boxes)


def in_words(boxes: list[Box]) -> Markup:
    """The drawing as a list."""
    return el("ol", *(el("li", _words(box)) for box in boxes))


def _words(box: Box) -> str:
    state = f"its state {box.loop} comes back at the next step" if box.loop else ""
    out = f"gives {box.wire}" if box.wire else ""
    return ", ".join(part for part in (box.title, *box.lines, state, out) if part)
