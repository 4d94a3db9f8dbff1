"""Types of arguments."""

import argparse


def positive(text: str) -> float:
    """A number above 0, and finite."""
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


def positive_int(text: str) -> int:
    """1 or more."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return value


def words(text: str) -> list[str]:
    """Names with commas between them."""
    return [word for word in text.split(",") if word]
