"""HTML and SVG, built so that text can't become markup: a plain string is always escaped."""

import html

from conformance.report.visible import visible

EMPTY = ("meta", "br", "wbr")  # elements without an end tag


class Markup(str):
    """Text that is HTML already; only `el`, `join` and `raw` make it."""

    __slots__ = ()


def el(name: str, /, *children: str, **attributes: str) -> Markup:
    """An element. `class_` is the attribute class, `aria_label` is aria-label; an empty value is left out."""
    start = name + "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
        if value
    )
    if name in EMPTY:
        return Markup(f"<{start}>")
    return Markup(f"<{start}>{join(*children)}</{name}>")


def join(*parts: str, between: str = "") -> Markup:
    """One after the other; strings that are no Markup are escaped."""
    return Markup(escape(between).join(escape(part) for part in parts))


def escape(text: str) -> str:
    """Markup as it is, text escaped, what prints nothing made visible."""
    return text if isinstance(text, Markup) else html.escape(visible(text), quote=True)


def lines(parts: list[Markup]) -> Markup:
    """With line breaks between, for `pre`."""
    return Markup("\n".join(parts))


def raw(text: str) -> Markup:
    """What the page's author wrote; never anything that was read."""
    return Markup(text)
