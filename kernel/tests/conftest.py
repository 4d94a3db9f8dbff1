"""The fixture `kernel`: each level of the library of this machine, one after the other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from library import TARGET, Kernel


@pytest.fixture(params=list(TARGET.levels))
def kernel(request: pytest.FixtureRequest) -> Iterator[Kernel]:
    it = Kernel(request.param)
    if not it.there:
        pytest.skip(f"this processor has no {request.param}")
    with np.errstate(all="ignore"):
        yield it
    it.c.rnn_choose(-1)
