"""Vocabulary: text ↔ ids (SPEC 7)."""

from collections.abc import Iterable

from rnnspec import codes
from rnnspec.issue import failure, quoted
from rnnspec.model import Vocabulary


def special_ids(vocabulary: Vocabulary) -> set[int]:
    """The ids `unknown`, `start`, `end` and `padding`, those that there are."""
    ids = (vocabulary.unknown, vocabulary.start, vocabulary.end, vocabulary.padding)
    return {token for token in ids if token is not None}


def encode(vocabulary: Vocabulary, text: str) -> list[int]:
    """The ids of a text's scalar values, the lowest where a token repeats ([vocabulary-2]).

    Raises RUN_TEXT for a character without a token, if there is no `unknown` id.
    """
    # From the last to the first, so that the lowest id of a token stays.
    ids = {
        token: len(vocabulary.tokens) - 1 - k for k, token in enumerate(reversed(vocabulary.tokens))
    }
    unknown = vocabulary.unknown
    encoded: list[int] = []
    for character in text:
        token = ids.get(character, unknown)
        if token is None:
            raise failure(codes.RUN_TEXT, "text", got=quoted(character))
        encoded.append(token)
    return encoded


def decode(vocabulary: Vocabulary, ids: Iterable[int]) -> str:
    """The text of ids; special ids give nothing ([vocabulary-3]). Raises RUN_TOKEN."""
    tokens, special = vocabulary.tokens, special_ids(vocabulary)
    text: list[str] = []
    for token in ids:
        if not 0 <= token < len(tokens):
            raise failure(codes.RUN_TOKEN, "ids", got=token, expected=len(tokens) - 1)
        if token not in special:
            text.append(tokens[token])
    return "".join(text)
