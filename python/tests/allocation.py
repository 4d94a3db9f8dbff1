"""Whether steps allocate."""

import tracemalloc
from collections.abc import Callable


def assert_nothing_is_allocated(steps: Callable[[int], None], count: int) -> None:
    """By `steps(count)`, when a few have been made: less than 1 kB is left, and less than 2 kB was there at any time."""
    steps(100)
    tracemalloc.start()
    steps(100)
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    steps(count)
    after, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 1_000
    assert peak - before < 2_000
