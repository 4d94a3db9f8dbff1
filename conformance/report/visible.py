"""Text that others wrote, made safe to read: in a terminal, in XML and in a page."""


def visible(text: str) -> str:
    r"""The text with every character that prints nothing as its escape, such as \u202e.

    So no control character moves a cursor, no bidirectional one turns a line round, no line break adds a
    line to a report, and nothing is left that XML forbids.
    """
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else _escape(character) for character in text
    )


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def short(text: str, length: int) -> str:
    """At most so many characters, the last of them an ellipsis if there were more."""
    return text if len(text) <= length else text[: length - 1] + "…"
