"""The judge of the round trips: it sees what is wrong. The trips themselves need PyTorch and ONNX Runtime: `make interop`."""

import numpy as np

from interop.travel import BOUND, Count, distance, report


def test_distance_is_relative_above_one() -> None:
    expected = np.array([0.5, 100.0], np.float32)
    assert distance(expected, expected) == 0
    assert distance(expected, expected + np.array([0.25, 0], np.float32)) == 0.25
    assert distance(expected, expected + np.array([0, 25], np.float32)) == 0.25


def test_other_shapes_and_numbers_that_are_none_are_infinitely_far() -> None:
    expected = np.zeros((2, 3), np.float32)
    assert distance(expected, np.zeros((3, 2), np.float32)) == float("inf")
    assert distance(expected, np.full((2, 3), np.nan, np.float32)) == float("inf")


def test_a_fault_is_counted_and_told() -> None:
    count = Count(nets=1)
    original = {"output": np.zeros(3, np.float32), "cell/h": np.zeros(2, np.float32)}
    near = {name: array + np.float32(BOUND / 2) for name, array in original.items()}
    count.judge("net 0", "there", original, near)
    assert count.faults == []
    far = near | {"cell/h": np.full(2, 2 * BOUND, np.float32)}
    count.judge("net 0", "back", original, far)
    assert count.faults == ["net 0, back: cell/h is 2e-05 away"]
    assert (
        report("trip", count)[0]
        == "trip: 1 nets, there within 5.0e-06, back within 2.0e-05, 1 faults"
    )
