"""The kernel of this process, and the levels of it that this processor has."""

from rnnspec.kernel import choice
from rnnspec.kernel.binding import LEVELS

KERNEL = choice.library()


def levels() -> list[str]:
    """Those that this processor has."""
    if KERNEL is None:
        return []
    own = KERNEL.level()
    found = [level for k, level in enumerate(LEVELS) if KERNEL.choose(k) == k]
    KERNEL.choose(own)
    return found
