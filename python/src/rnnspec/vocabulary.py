"""Vocabulary: text ↔ ids (SPEC 7)."""

import codecs
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import numpy as np

from rnnspec import codes
from rnnspec.issue import escaped, failure, quoted
from rnnspec.model import Vocabulary

_Utf8Decoder: Final = codecs.getincrementaldecoder("utf-8")


def special_ids(vocabulary: Vocabulary) -> set[int]:
    """The ids `unknown`, `start`, `end` and `padding`, those that there are."""
    ids = (vocabulary.unknown, vocabulary.start, vocabulary.end, vocabulary.padding)
    return {token for token in ids if token is not None}


def encode(vocabulary: Vocabulary, text: str) -> list[int]:
    """The ids of a text's pieces, the lowest where a token repeats ([vocabulary-2]).

    Raises RUN_TEXT for a piece without a token, if there is no `unknown` id, and for half a
    surrogate pair, which is no text.
    """
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        raise failure(codes.RUN_TEXT, "text", got=quoted(text[error.start])) from None
    index = _index(vocabulary)
    pieces: Iterable[str | int]
    if vocabulary.unit == "byte":
        pieces = data
    elif vocabulary.unit == "codepoint":
        pieces = text
    elif vocabulary.separator is not None:
        pieces = filter(None, text.split(vocabulary.separator))
    else:
        pieces = index.longest_matches(text)
    unknown = vocabulary.unknown
    encoded: list[int] = []
    for piece in pieces:
        token = index.ids.get(piece, unknown)
        if token is None:
            got = quoted(piece) if isinstance(piece, str) else f"the byte {piece:02X}"
            raise failure(codes.RUN_TEXT, "text", got=got)
        encoded.append(token)
    return encoded


def decode(vocabulary: Vocabulary, ids: Iterable[int]) -> str:
    """The text of ids; special ids give nothing ([vocabulary-3]). Raises RUN_TOKEN."""
    decoder = TextDecoder(vocabulary)
    return "".join([*map(decoder.piece, ids), decoder.end()])


class TextDecoder:
    """Text while ids arrive: all pieces, and what the end brings, are that of `decode` ([vocabulary-5]).

    With the unit `byte` a piece may be empty, until its bytes are a character or can't become one.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._tokens = vocabulary.tokens
        self._special = special_ids(vocabulary)
        self._separator = vocabulary.separator or ""
        self._is_first = True
        self._bytes = _Utf8Decoder("replace")

    def piece(self, token: int) -> str:
        """The text that one more id brings. Raises RUN_TOKEN for one that the vocabulary lacks."""
        if not is_integer(token) or not 0 <= token < len(self._tokens):
            got, expected = escaped(str(token)), len(self._tokens) - 1
            raise failure(codes.RUN_TOKEN, "ids", got=got, expected=expected)
        value = self._tokens[token]
        if token in self._special or value == "":
            return ""
        if isinstance(value, int):
            return self._bytes.decode(bytes([value]))
        separator = "" if self._is_first else self._separator
        self._is_first = False
        return separator + value

    def end(self) -> str:
        """What the bytes held back are, now that no more come; the decoder begins anew."""
        self._is_first = True
        return self._bytes.decode(b"", final=True)


def is_integer(value: object) -> bool:
    """Whether a value is an integer; true is not 1."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _index(vocabulary: Vocabulary) -> "_Index":
    """Made once: a vocabulary never changes, and a second thread would make the same."""
    kept = vars(vocabulary)
    if "_index" not in kept:
        kept["_index"] = _Index(vocabulary)
    index: _Index = kept["_index"]
    return index


class _Index:
    """The tokens of a vocabulary, laid out for encoding."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        tokens, special = vocabulary.tokens, special_ids(vocabulary)
        # From the last to the first, so that the lowest id of a token stays.
        self.ids: Mapping[str | int, int] = {
            tokens[k]: k for k in reversed(range(len(tokens))) if k not in special
        }
        self.sorted: list[str] = []
        self.parents: list[int] = []  # of each, the longest other token that it begins with, or −1
        if vocabulary.unit == "token" and vocabulary.separator is None:
            self.sorted = sorted(token for token in self.ids if isinstance(token, str) and token)
            self.longest = max(map(len, self.sorted), default=0)
            above: list[int] = []
            for k, token in enumerate(self.sorted):
                while above and not token.startswith(self.sorted[above[-1]]):
                    above.pop()
                self.parents.append(above[-1] if above else -1)
                above.append(k)

    def longest_matches(self, text: str) -> Iterator[str]:
        """The longest token at each place, or one character.

        Whatever lies, sorted, between a token that the rest of the text begins with and that rest
        begins with the token too. So the longest such token is the last one not above the rest, or
        the first of its parents that is no longer than what the two have in common. That takes
        a time in proportion to the token's length, whatever the vocabulary.
        """
        at = 0
        while at < len(text):
            rest = text[at : at + self.longest]
            k = bisect_right(self.sorted, rest) - 1
            if k >= 0 and not rest.startswith(self.sorted[k]):
                common = _common(rest, self.sorted[k])
                while k >= 0 and len(self.sorted[k]) > common:
                    k = self.parents[k]
            piece = self.sorted[k] if k >= 0 else text[at]
            yield piece
            at += len(piece)


def _common(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = zip(one, other, strict=False)
    return next((k for k, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
