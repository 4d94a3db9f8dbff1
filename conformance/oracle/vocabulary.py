"""Texts and ids (SPEC.md 7): encoding, decoding, and decoding while ids arrive."""

from dataclasses import dataclass
from typing import Any

from conformance.oracle.finding import RunError
from conformance.oracle.utf8 import TABLE

SPECIAL = ("unknown", "start", "end", "padding")
REPLACEMENT = "\ufffd"


@dataclass(frozen=True)
class Vocabulary:
    """Tokens (strings, or integers and "" of unit byte) and the ids of the special ones."""

    unit: str
    tokens: list[str | int]
    special: dict[str, int]
    separator: str | None = None

    @classmethod
    def of_entry(cls, entry: dict[str, Any]) -> "Vocabulary":
        """A member of `vocabularies` of a valid document."""
        special = {name: int(entry[name]) for name in SPECIAL if name in entry}
        return cls(entry["unit"], list(entry["tokens"]), special, entry.get("separator"))

    def is_special(self, id: int) -> bool:
        """Special ids have no text, whatever their token."""
        return id in self.special.values()

    def ids_with_text(self) -> dict[str | int, int]:
        """Token → the lowest id that is not special and has it; empty tokens are found by no piece."""
        found: dict[str | int, int] = {}
        for id, token in enumerate(self.tokens):
            if token != "" and not self.is_special(id):
                found.setdefault(token, id)
        return found


# --- [vocabulary-2] -------------------------------------------------------------------------------


def encode(vocabulary: Vocabulary, text: str) -> list[int]:
    """The ids of a text, or `RUN_TEXT`."""
    known = vocabulary.ids_with_text()
    ids: list[int] = []
    for piece in pieces(vocabulary, text):
        if piece in known:
            ids.append(known[piece])
        elif "unknown" in vocabulary.special:
            ids.append(vocabulary.special["unknown"])
        else:
            raise RunError("RUN_TEXT")
    return ids


def pieces(vocabulary: Vocabulary, text: str) -> list[str] | list[int]:
    """What a text is cut into."""
    if vocabulary.unit == "byte":
        return list(text.encode("utf-8"))
    if vocabulary.unit == "codepoint":
        return list(text)
    if vocabulary.separator is not None:
        return [piece for piece in split(text, vocabulary.separator) if piece != ""]
    return longest_tokens(vocabulary, text)


def split(text: str, separator: str) -> list[str]:
    """What stands between the occurrences, found from left to right without overlap."""
    found: list[str] = []
    start = at = 0
    while at < len(text):
        if text.startswith(separator, at):
            found.append(text[start:at])
            at += len(separator)
            start = at
        else:
            at += 1
    return [*found, text[start:]]


def longest_tokens(vocabulary: Vocabulary, text: str) -> list[str]:
    """The longest token that the rest starts with, or one scalar value where there is none."""
    known = vocabulary.ids_with_text()
    found: list[str] = []
    while text:
        fitting = [token for token in known if isinstance(token, str) and text.startswith(token)]
        piece = max(fitting, key=len, default=text[0])
        found.append(piece)
        text = text[len(piece) :]
    return found


# --- [vocabulary-3] -------------------------------------------------------------------------------


def decode(vocabulary: Vocabulary, ids: list[int]) -> str:
    """The text of ids, or `RUN_TOKEN`."""
    if any(id != int(id) or not 0 <= id < len(vocabulary.tokens) for id in ids):
        raise RunError("RUN_TOKEN")
    tokens = [vocabulary.tokens[int(id)] for id in ids if not vocabulary.is_special(int(id))]
    present = [token for token in tokens if token != ""]
    if vocabulary.unit == "byte":
        return utf8_text(bytes(int(token) for token in present))
    return (vocabulary.separator or "").join(str(token) for token in present)


def utf8_text(data: bytes) -> str:
    """Bytes as text: every maximal subpart of an ill-formed sequence is U+FFFD (Unicode, 3.9)."""
    text, at = "", 0
    while at < len(data):
        end = at + 1
        tails = TABLE.get(data[at])
        for low, high in tails or ():
            if end == len(data) or not low <= data[end] <= high:
                break
            end += 1
        whole = tails is not None and end - at == 1 + len(tails)
        text += data[at:end].decode("utf-8") if whole else REPLACEMENT
        at = end
    return text
