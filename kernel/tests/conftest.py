"""The fixture `kernel`: each level of the library of this machine, then the WebAssembly module, one after the other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from library import TARGET, Kernel


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "native: of what WebAssembly has not, or has otherwise")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "kernel" in metafunc.fixturenames:
        is_native = metafunc.definition.get_closest_marker("native")
        levels = [*TARGET.levels, *([] if is_native else ["simd128"])]
        metafunc.parametrize("kernel", levels, indirect=True)


@pytest.fixture(scope="session")
def module() -> Iterator[Kernel]:
    """One for all tests, as a page has one."""
    it = Kernel("simd128")
    yield it
    it.c.close()


@pytest.fixture
def kernel(request: pytest.FixtureRequest) -> Iterator[Kernel]:
    if request.param == "simd128":
        with np.errstate(all="ignore"):
            yield request.getfixturevalue("module")
        return
    it = Kernel(request.param)
    if not it.there:
        pytest.skip(f"this processor has no {request.param}")
    with np.errstate(all="ignore"):
        yield it
    it.c.rnn_choose(-1)
