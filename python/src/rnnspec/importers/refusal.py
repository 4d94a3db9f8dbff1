"""Refused: the one answer of an importer or exporter that can't, or must not, bring a net over."""

from typing import Final

# code → what it means. The words of a message are for people, the code is for programs.
CODES: Final = {
    "IMPORT_UNRECOGNISED": "no importer, or more than one, knows the content",
    "IMPORT_MALFORMED": "the file is broken, or a part of it is missing",
    "IMPORT_UNSAFE": "the file refers to something outside itself, or to what is no plain file",
    "IMPORT_LIMIT": "the file goes beyond a limit",
    "IMPORT_SHAPE": "the arrays do not fit each other",
    "IMPORT_UNSUPPORTED": "the net has something that this importer, or the format, does not carry",
    "IMPORT_ASK": "the file can't say it, and an option must",
    "IMPORT_OPTION": "an option contradicts the file, or has a value that is none",
    "IMPORT_MISMATCH": "the net does not give what the original gave",
    "EXPORT_UNSUPPORTED": "the model has something that the other system does not carry",
}

_LONGEST: Final = 80  # characters of a name from the file


class Refused(ValueError):  # noqa: N818  it is an answer, not an accident
    """A net that is not imported, or not exported: `code`, one of CODES, and a sentence that says what to do.

    The sentence is safe to print, whatever the file held.
    """

    def __init__(self, code: str, sentence: str) -> None:
        if code not in CODES:
            raise KeyError(code)
        self.code = code
        super().__init__("".join(c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in sentence))


def malformed(sentence: str) -> Refused:
    """The file is broken, or a part of it is missing."""
    return Refused("IMPORT_MALFORMED", sentence)


def unsupported(sentence: str) -> Refused:
    """The net has something that is not carried."""
    return Refused("IMPORT_UNSUPPORTED", sentence)


def not_carried(sentence: str) -> Refused:
    """The model has something that the other system lacks."""
    return Refused("EXPORT_UNSUPPORTED", sentence)


def misfit(sentence: str) -> Refused:
    """Arrays do not fit each other."""
    return Refused("IMPORT_SHAPE", sentence)


def ask(sentence: str) -> Refused:
    """The file can't say it; an option must."""
    return Refused("IMPORT_ASK", sentence)


def wrong_option(sentence: str) -> Refused:
    """An option contradicts the file, or has no meaning."""
    return Refused("IMPORT_OPTION", sentence)


def named(name: str) -> str:
    """A name from the file as a sentence shows it: cut where it is very long."""
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"
