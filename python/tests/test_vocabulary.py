import dataclasses
import random
import time
from itertools import product
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rnnspec import RnnspecError, TextDecoder, Vocabulary, decode, encode

BYTES = Vocabulary(unit="byte", tokens=tuple(range(256)))


def code(call: Any, *arguments: Any) -> str:  # noqa: ANN401 - anything
    with pytest.raises(RnnspecError) as caught:
        call(*arguments)
    assert str(caught.value).isprintable()
    return caught.value.code


def streamed(vocabulary: Vocabulary, ids: list[int]) -> str:
    decoder = TextDecoder(vocabulary)
    return "".join([*map(decoder.piece, ids), decoder.end()])


def test_code_points() -> None:
    vocabulary = Vocabulary(unit="codepoint", tokens=("a", "", "b", "a", "😀", "é"), end=2)
    assert encode(vocabulary, "a😀a") == [0, 4, 0]
    assert decode(vocabulary, [3, 1, 4, 2, 0]) == "a😀a"
    assert code(encode, vocabulary, "b") == "RUN_TEXT"  # a special id has no text
    assert code(encode, vocabulary, "e\u0301") == "RUN_TEXT"  # nothing is normalised
    assert encode(dataclasses.replace(vocabulary, unknown=5), "xaéb") == [5, 0, 5, 5]
    assert decode(dataclasses.replace(vocabulary, unknown=5), [5, 0]) == "a"
    for wrong in (-1, 6, 0.0, True, "a", 2**70):
        assert code(decode, vocabulary, [wrong]) == "RUN_TOKEN"


@pytest.mark.parametrize("text", ["\ud800", "a\udc00", "\ud83d\ude00"])
def test_half_a_surrogate_pair_is_no_text(text: str) -> None:
    for vocabulary in (
        dataclasses.replace(BYTES, unknown=0),
        Vocabulary(unit="codepoint", tokens=("a",), unknown=0),
        Vocabulary(unit="token", tokens=("a", "\ud800"), unknown=0),
    ):
        assert code(encode, vocabulary, text) == "RUN_TEXT"


def test_awkward_text() -> None:
    text = "\"'\n\x00👩🏽\u0301"
    for vocabulary in (
        Vocabulary(unit="codepoint", tokens=tuple(text)),
        Vocabulary(unit="token", tokens=("👩🏽", "\u0301", '"', "'\n", "\x00")),
    ):
        assert decode(vocabulary, encode(vocabulary, text)) == text
        assert streamed(vocabulary, encode(vocabulary, text)) == text


# --- bytes ----------------------------------------------------------------------------------------


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_bytes_are_utf8(text: str) -> None:
    assert encode(BYTES, text) == list(text.encode())
    assert decode(BYTES, list(text.encode())) == text


def test_ids_of_bytes_are_places() -> None:
    vocabulary = Vocabulary(unit="byte", tokens=("", 65, 0, 65, ""), unknown=2, padding=4)
    assert encode(vocabulary, "A\x00B") == [1, 2, 2]  # 0 is special, so that nothing has it
    assert decode(vocabulary, [0, 1, 2, 3, 4]) == "AA"
    assert code(encode, dataclasses.replace(vocabulary, unknown=None), "B") == "RUN_TEXT"


# What begins, goes on, or can never stand in UTF-8, and the edges of Unicode's table 3-7.
EDGES = [0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC1, 0xC2, 0xE0, 0xE1, 0xED, 0xEF, 0xF0, 0xF3, 0xF4, 0xF5, 0xFF]  # fmt: skip


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_ill_formed_bytes_are_replaced_as_unicode_says(length: int) -> None:
    """Whole and in pieces; `replace` of bytes.decode puts U+FFFD for each maximal subpart."""
    for ids in map(list, product(EDGES if length < 4 else EDGES[::2], repeat=length)):
        want = bytes(ids).decode("utf-8", "replace")
        assert decode(BYTES, ids) == want
        assert streamed(BYTES, ids) == want


def test_maximal_subparts_by_the_table_of_unicode() -> None:
    """The example of Unicode, section 3.9, U+FFFD substitution of maximal subparts."""
    given = bytes.fromhex("61 F1 80 80 E1 80 C2 62 80 63 80 BF 64")
    assert decode(BYTES, list(given)) == "a\ufffd\ufffd\ufffdb\ufffdc\ufffd\ufffdd"


def test_bytes_are_held_back_no_longer_than_needed() -> None:
    decoder = TextDecoder(BYTES)
    pieces = [decoder.piece(byte) for byte in b"\xf0\x9f\x98\x80\xe2\x82A\xc2"]
    assert pieces == ["", "", "", "😀", "", "", "\ufffdA", ""]
    assert decoder.end() == "\ufffd"
    assert decoder.end() == ""
    assert [decoder.piece(byte) for byte in b"\xe0\x80"] == ["", "\ufffd\ufffd"]


# --- tokens ---------------------------------------------------------------------------------------


def test_separated_tokens() -> None:
    vocabulary = Vocabulary(
        unit="token", tokens=("to", "be", "or", "not", "", "é e"), separator=" "
    )
    assert encode(vocabulary, " to be  or not ") == [0, 1, 2, 3]
    assert code(encode, vocabulary, "é e") == "RUN_TEXT"  # no piece holds a separator
    assert decode(vocabulary, [4, 0, 4, 1, 5]) == "to be é e"
    decoder = TextDecoder(vocabulary)
    assert [decoder.piece(k) for k in (4, 0, 4, 1)] == ["", "to", "", " be"]
    assert decoder.end() == ""
    assert decoder.piece(1) == "be"
    assert encode(vocabulary, "") == encode(vocabulary, "   ") == []


def test_a_separator_is_found_from_left_to_right() -> None:
    vocabulary = Vocabulary(unit="token", tokens=("-", "a", "--"), separator="--")
    assert encode(vocabulary, "---") == [0]
    assert encode(vocabulary, "a--a----") == [1, 1]
    assert code(encode, vocabulary, "a---a") == "RUN_TEXT"  # "-a"


def slow(vocabulary: Vocabulary, text: str) -> list[int | None]:
    """[vocabulary-2], word by word."""
    special = {vocabulary.unknown, vocabulary.start, vocabulary.end, vocabulary.padding}
    usable = {k: t for k, t in enumerate(vocabulary.tokens) if k not in special and t != ""}
    found: list[int | None] = []
    while text:
        starts = [str(t) for t in usable.values() if text.startswith(str(t))]
        piece = max(starts, key=len, default=text[0])
        found.append(min((k for k, t in usable.items() if t == piece), default=vocabulary.unknown))
        text = text[len(piece) :]
    return found


@given(
    st.lists(st.text("ab😀", max_size=6), min_size=1, max_size=12),
    st.text("ab😀c", max_size=30),
    st.booleans(),
    st.none() | st.integers(0, 11),
)
@example(["ab", "aba"], "abb", True, None)
def test_the_longest_match(
    tokens: list[str], text: str, has_unknown: bool, end: int | None
) -> None:
    unknown = len(tokens) if has_unknown else None
    vocabulary = Vocabulary(unit="token", tokens=(*tokens, "b"), unknown=unknown, end=end)
    want = slow(vocabulary, text)
    if None in want:
        assert code(encode, vocabulary, text) == "RUN_TEXT"
    else:
        assert encode(vocabulary, text) == want


def test_tokens_that_are_long_and_nearly_alike_take_no_longer() -> None:
    """Every prefix of one long token: that would be quadratic, by whatever is tried one by one."""
    size = 3000
    tokens = tuple("a" * k + "b" for k in range(size)) + tuple("a" * k for k in range(1, size, 2))
    vocabulary = Vocabulary(unit="token", tokens=(*tokens, "c"))
    texts = [
        ("a" * (size - 1) + "c") * 3,
        "".join(random.Random(0).choices("ab", weights=[50, 1], k=20_000)),
    ]
    start = time.perf_counter()
    for text in texts:
        assert decode(vocabulary, encode(vocabulary, text)) == text
    assert time.perf_counter() - start < 5  # 0.1 s


def test_tables_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    vocabulary = Vocabulary(unit="token", tokens=("a", "ab"))
    assert encode(vocabulary, "aba") == [1, 0]
    monkeypatch.setattr("rnnspec.vocabulary._Index", None)
    assert encode(vocabulary, "aab") == [0, 1]
    assert vocabulary == Vocabulary(unit="token", tokens=("a", "ab"))
