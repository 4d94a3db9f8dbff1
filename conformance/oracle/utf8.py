"""Well-formed UTF-8, by Unicode's table 3-7."""

# First byte → the allowed ranges of the bytes after it.
TAIL = (0x80, 0xBF)
ROWS: list[tuple[range, list[tuple[int, int]]]] = [
    (range(0x80), []),
    (range(0xC2, 0xE0), [TAIL]),
    (range(0xE0, 0xE1), [(0xA0, 0xBF), TAIL]),
    (range(0xE1, 0xED), [TAIL, TAIL]),
    (range(0xED, 0xEE), [(0x80, 0x9F), TAIL]),
    (range(0xEE, 0xF0), [TAIL, TAIL]),
    (range(0xF0, 0xF1), [(0x90, 0xBF), TAIL, TAIL]),
    (range(0xF1, 0xF4), [TAIL, TAIL, TAIL]),
    (range(0xF4, 0xF5), [(0x80, 0x8F), TAIL, TAIL]),
]
TABLE = {first: tails for row, tails in ROWS for first in row}


def first_fault(data: bytes) -> int | None:
    """The offset up to which the bytes are well-formed, or None if all are."""
    at = 0
    while at < len(data):
        tails = TABLE.get(data[at])
        if tails is None:
            return at
        following = data[at + 1 : at + 1 + len(tails)]
        if len(following) < len(tails):
            return at
        if any(not low <= byte <= high for byte, (low, high) in zip(following, tails, strict=True)):
            return at
        at += 1 + len(tails)
    return None
