"""The oracle of texts against the standard library, and against what must hold of any text."""

import random

import pytest

from conformance.oracle.finding import RunError
from conformance.oracle.vocabulary import (
    Vocabulary,
    decode,
    encode,
    longest_tokens,
    split,
    utf8_text,
)

PIECES = [bytes([b]) for b in (0x41, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xE0, 0xE1, 0xED, 0xF0, 0xF1, 0xF4, 0xF5, 0xFF)]  # fmt: skip


def test_bytes_as_the_standard_library_reads_them() -> None:
    rng = random.Random(1)
    for _ in range(30_000):
        data = b"".join(rng.choice(PIECES) for _ in range(rng.randrange(8)))
        assert utf8_text(data) == data.decode("utf-8", "replace"), data


def test_split_as_the_standard_library() -> None:
    rng = random.Random(2)
    for _ in range(5_000):
        text = "".join(rng.choice("ab😀") for _ in range(rng.randrange(12)))
        separator = "".join(rng.choice("ab😀") for _ in range(1 + rng.randrange(3)))
        assert split(text, separator) == text.split(separator)


def test_the_longest_tokens_make_the_text() -> None:
    rng = random.Random(3)
    for _ in range(2_000):
        words = ["".join(rng.choice("abc") for _ in range(rng.randrange(4))) for _ in range(6)]
        text = "".join(rng.choice("abc") for _ in range(rng.randrange(12)))
        vocabulary = Vocabulary("token", [*words], {})
        pieces = longest_tokens(vocabulary, text)
        assert "".join(pieces) == text
        at = 0
        for piece in pieces:
            assert not any(len(w) > len(piece) and text.startswith(w, at) for w in words)
            at += len(piece)


def test_round_trip_where_every_token_stands() -> None:
    everything = Vocabulary("byte", [*range(256)], {})
    text = "naïve ☃ 👍🏽\0"
    assert decode(everything, encode(everything, text)) == text


def test_special_ids_are_never_found_and_never_shown() -> None:
    vocabulary = Vocabulary("codepoint", ["a", "b", "a"], {"start": 0, "unknown": 1})
    assert encode(vocabulary, "aba") == [2, 1, 2]
    assert decode(vocabulary, [0, 1, 2]) == "a"
    with pytest.raises(RunError, match="RUN_TOKEN"):
        decode(vocabulary, [3])
    with pytest.raises(RunError, match="RUN_TEXT"):
        encode(Vocabulary("codepoint", ["a"], {"end": 0}), "a")
