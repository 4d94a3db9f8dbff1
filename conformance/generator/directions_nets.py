"""What the cases about directions share."""

from conformance.generator.nets import Json, Numbers

MERGES = ("concat", "sum", "multiply", "average")
LENGTHS = [4, 0, 2, 1]


def padded(seed: int) -> list[Json]:
    """Four rows of two features, of the lengths 4, 0, 2 and 1."""
    return [{"input": Numbers(seed).array([4, 4, 2], -2, 1), "lengths": LENGTHS}]


def pieces(seed: int, rows: int, steps: list[int]) -> list[Json]:
    """Several calls, of so many steps each."""
    return [{"input": Numbers(seed + k).array([rows, T, 2], -2, 1)} for k, T in enumerate(steps)]
