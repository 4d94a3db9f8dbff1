"""[vocabulary-3] and [vocabulary-5] for bytes: what is ill-formed, by maximal subparts; the section is in `texts`."""

from collections.abc import Callable, Iterator
from typing import Any

from conformance.case import Case

# Name → bytes, and what they show. Unicode's table 3-8 and its neighbours come first.
SEQUENCES: dict[str, tuple[str, str]] = {
    "non-shortest": ("C0 AF E0 80 BF F0 81 82 41", "Unicode's table 3-8: non-shortest forms, one U+FFFD a byte"),
    "surrogates": ("ED A0 80 ED BF BF ED AF 41", "Unicode's table 3-9: surrogates, one U+FFFD a byte"),
    "too-high": ("F4 91 92 93 FF 41 80 BF 42", "Unicode's table 3-10: above U+10FFFF, and lone bytes"),
    "truncated": ("E1 80 E2 F0 91 92 F1 BF 41", "Unicode's table 3-11: truncated sequences, one U+FFFD each"),
    "example": ("61 F1 80 80 E1 80 C2 62 80 63 80 BF 64", "Unicode 3.9's example of maximal subparts"),
    "tail-2": ("41 C3", "a sequence of two cut off at the end"),
    "tail-3": ("41 E2 98", "a sequence of three cut off at the end"),
    "tail-4": ("41 F0 9F 98", "a sequence of four cut off at the end"),
    "tail-4-one": ("F0", "its first byte alone at the end"),
    "tail-4-two": ("F0 9F", "its first two bytes at the end"),
    "tail-surrogate": ("ED A0", "the beginning of a surrogate at the end: two"),
    "tail-overlong": ("E0 9F", "the beginning of a non-shortest form at the end: two"),
    "tail-high": ("F4 90", "the beginning of what is above U+10FFFF at the end: two"),
    "restart": ("E2 98 E2 98 83 F0 9F 98 C3 A9 C3 C3 A9", "sequences broken off by the next one"),
    "lone": ("80 BF 41 A0", "continuation bytes alone"),
    "never": ("C0 C1 F5 F8 FC FE FF", "bytes that stand nowhere in UTF-8"),
    "bounds": ("7F C2 80 DF BF E0 A0 80 ED 9F BF EE 80 80 EF BF BF F0 90 80 80 F4 8F BF BF", "the first and last scalar value of each length"),
    "bounds-outside": ("C1 BF E0 9F BF ED A0 80 F0 8F BF BF F4 90 80 80", "just outside of each bound"),
    "nul": ("00 C0 80 00", "U+0000, and its non-shortest form"),
    "bom": ("EF BB BF 41 EF BB BF", "U+FEFF is kept, at the beginning too"),
    "bom-half": ("EF BB 41", "a part of U+FEFF at the beginning"),
    "replacement": ("EF BF BD 80", "U+FFFD itself, then one in place of a byte"),
    "mixed": ("F0 9F 91 8D F0 9F 8F BD 65 CC 81 F0 9F 91", "an emoji with a skin tone, an accent, and a cut"),
    "ascii-after": ("F0 9F 41 F0 9F 98 42 E2 43", "letters in the middle of sequences"),
}  # fmt: skip


def byte_sequences(text_case: Callable[..., Case], entry: dict[str, Any]) -> Iterator[Case]:
    """Each sequence at once and byte by byte, over a vocabulary of all bytes."""
    for name, (hexadecimal, what) in SEQUENCES.items():
        ids = list(bytes.fromhex(hexadecimal))
        yield text_case(
            f"texts/bytes-{name}", what, ["vocabulary-3"],
            "U+FFFD by another count: for every byte, for every sequence, or none at the end", "text", entry, {"ids": ids},
        )  # fmt: skip
        yield text_case(
            f"texts/bytes-{name}-stream", what + ", byte by byte", ["vocabulary-5", "vocabulary-3"],
            "bytes that are given too early or never, or what is left at the end", "text", entry,
            {"ids": ids, "stream": True},
        )  # fmt: skip
