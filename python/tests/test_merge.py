"""Merging where T and overflow show (SPEC 13.12, direction-2), and layer_norm where it is delicate."""

import numpy as np
import pytest

from rnnspec.layer_norm import layer_norm
from rnnspec.merge import DIRECTIONS, LAYERS

TINY = 2.0**-51


def merged(word: str, *parts: float) -> float:
    table = {**LAYERS, **DIRECTIONS}
    with np.errstate(all="ignore"):
        return float(table[word]([np.array([[x]], np.float32) for x in parts])[0, 0])


@pytest.mark.parametrize(
    ("word", "parts", "expected"),
    [
        ("add", (1.5 * TINY, -TINY), 0),  # 2^-52
        ("add", (1.5 * TINY, -TINY, TINY), TINY),  # T behind each +, not at the end
        ("add", (TINY, TINY, -1.5 * TINY), 0),
        ("sum", (1.5 * TINY, -TINY), 0),
        ("add", (1, 2.0**-24, 2.0**-24), 1),  # from the left: each is lost in a tie to even
        ("add", (2.0**-24, 2.0**-24, 1), 1 + 2.0**-23),
        ("add", (3e38, 3e38, -3e38), float("inf")),
        ("multiply", (2.0**-30, 2.0**-30, 2.0**60), 0),
        ("multiply", (2.0**60, 2.0**-30, 2.0**-30), 1),
        ("multiply", (1e30, 1e30, 0), float("nan")),
        ("average", (TINY, TINY), TINY),
        ("average", (TINY, 0), 0),  # 2^-52
        ("average", (3e38, 3e38), float("inf")),
        ("average", (1, 2), 1.5),
    ],
)
def test_one_operation_after_the_other(
    word: str, parts: tuple[float, ...], expected: float
) -> None:
    assert np.array_equal(merged(word, *parts), expected, equal_nan=True)
    if len(parts) == 2 and word != "average":
        assert np.array_equal(merged(word, *parts[::-1]), expected, equal_nan=True)


def test_concat_keeps_every_bit() -> None:
    a, b = np.array([[-0.0, 1e-45]], np.float32), np.array([[3]], np.float32)
    joined = LAYERS["concat"]([a, b])
    assert joined.tobytes() == a.tobytes() + b.tobytes()


def test_layer_norm_of_equal_and_of_huge_elements() -> None:
    gamma, beta = np.array([2, 3], np.float32), np.array([5, 7], np.float32)
    with np.errstate(all="ignore"):
        # No deviation: beta alone. A variance that overflows: q is 0.
        assert layer_norm(np.array([[4, 4]], np.float32), gamma, beta, np.float32(1)).tolist() == [[5, 7]]  # fmt: skip
        assert layer_norm(np.array([[1e30, -1e30]], np.float32), gamma, beta, np.float32(1)).tolist() == [[5, 7]]  # fmt: skip
        # A mean that overflows is seen in y.
        assert not np.isfinite(layer_norm(np.array([[3e38, 3e38]], np.float32), gamma, beta, np.float32(1))).any()  # fmt: skip
        # d below 2^-51 is 0 by T, though the variance could hold it.
        close = np.array([[2.0**-50, 2.0**-50 + 2.0**-53]], np.float32)
        assert layer_norm(close, gamma, beta, np.float32(2.0**-50)).tolist() == [[5, 7]]
