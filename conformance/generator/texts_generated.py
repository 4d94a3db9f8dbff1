"""[protocol-4] over bytes and words: the prime is cut and the text put together by section 7; the section is in `texts`."""

from collections.abc import Iterator
from typing import Any

from conformance.case import Case
from conformance.generator.build import document, tensor
from conformance.generator.nets import decode_case

BYTES: list[Any] = [0xF0, 0x9F, 0x98, 0x80, "", 0x41]
WORDS = ["the", "cat", "", "sat on", "<end>", "the"]
LONGEST = ["a", "ab", "abc", "👍", "👍🏽", "\u0301"]
ODD = ['"', "'", "\n", "\0", "👍🏽", "\u0301", "\\"]


def chain_net(entry: dict[str, Any]) -> dict[str, Any]:
    """A net in which each token is followed by the next one, the last by the first."""
    count = len(entry["tokens"])
    weights = [4.0 if k == (row + 1) % count else 0.0 for row in range(count) for k in range(count)]
    return document(
        input={"kind": "tokens", "vocabulary": "text"},
        vocabularies={"text": entry},
        layers=[
            {"name": "in", "type": "one_hot"},
            {"name": "out", "type": "dense", "size": count, "parameters": {"W": "W"}},
        ],
        output={"kind": "logits", "vocabulary": "text"},
        tensors={"W": tensor([count, count], weights)},
    )


def generated() -> Iterator[Case]:
    """Greedy, from a prime as text and as ids."""
    rows: dict[str, tuple[dict[str, Any], Any, int, str]] = {
        "bytes": ({"unit": "byte", "tokens": BYTES}, "A", 12, "bytes of an emoji, an id without a byte, a letter"),
        "bytes-cut": ({"unit": "byte", "tokens": BYTES}, "A", 9, "an emoji that is cut off by the number of tokens"),
        "bytes-prime-half": ({"unit": "byte", "tokens": BYTES}, [0, 1], 4, "a prime that ends inside a character: the text begins with its rest"),
        "bytes-prime-emoji": ({"unit": "byte", "tokens": BYTES}, "😀", 4, "a prime of four bytes"),
        "bytes-prime-absent": ({"unit": "byte", "tokens": BYTES}, "B", 4, "a prime whose byte is not there"),
        "words": ({"unit": "token", "separator": " ", "tokens": WORDS, "end": 4}, "the cat", 9, "words, ended by the end id"),
        "words-two": ({"unit": "token", "separator": " ", "tokens": WORDS[:4]}, " cat  the ", 6, "words with the separator between each two; an empty token gives none"),
        "words-empty-prime": ({"unit": "token", "separator": " ", "tokens": WORDS[:4]}, "   ", 2, "a prime of separators alone: there is nothing to start from"),
        "words-end-prime": ({"unit": "token", "separator": " ", "tokens": WORDS, "end": 4}, "<end>", 2, "a prime that is the text of a special id"),
        "longest": ({"unit": "token", "tokens": LONGEST}, "abcab", 7, "tokens without a separator, marks that join what stands before"),
    }  # fmt: skip
    for name, (entry, prime, count, what) in rows.items():
        yield decode_case(
            f"texts/generate-{name}", what, ["vocabulary-2", "vocabulary-3", "protocol-4"],
            "a text that is cut or put together as if tokens were characters", chain_net(entry),
            {"prime": prime, "count": count, "mode": "greedy"},
            file="generate-bytes" if entry["unit"] == "byte" else None,
        )  # fmt: skip
    for encoding in ("json", "msgpack"):
        yield decode_case(
            f"texts/generate-odd-{encoding}", "quotes, a newline, NUL, a skin tone, a lone mark, a backslash", ["vocabulary-2", "vocabulary-3", "protocol-4"],
            "a token that is escaped, cut at NUL, split or composed on its way", chain_net({"unit": "token", "tokens": ODD}),
            {"prime": "\0'", "count": 9, "mode": "sample", "temperature": 2, "seed": 5}, encoding=encoding,
        )  # fmt: skip
