from collections.abc import Iterator

import pytest
from hypothesis import settings

from rnnspec.kernel.binding import LEVELS

from .levels import KERNEL, levels

# How long an example takes says more about the machine than about the code.
settings.register_profile("rnnspec", deadline=None)
settings.load_profile("rnnspec")


@pytest.fixture(params=levels())
def level(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each level in use, one after the other."""
    assert KERNEL is not None
    own = KERNEL.level()
    KERNEL.choose(LEVELS.index(request.param))
    yield request.param
    KERNEL.choose(own)
