"""The same bits where the caller has set another rounding, or flushes subnormal numbers; and the register as it was."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from library import TYPES, Kernel
from samples import floats, same, weights
from test_cells import Case

import scalar

pytestmark = pytest.mark.native


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    source, library = (
        Path(__file__).parent / "control.c",
        tmp_path_factory.mktemp("c") / "control.so",
    )
    zig = Path(__file__).parents[2] / "build" / "kernel-venv" / "bin" / "python"
    subprocess.run(
        [zig, "-m", "ziglang", "cc", "-shared", "-fPIC", "-O1", source, "-o", library], check=True
    )
    it = ctypes.CDLL(str(library))
    it.control_get.restype = it.control_modes.restype = ctypes.c_uint64
    it.control_set.argtypes = [ctypes.c_uint64]
    return it


# A name for each of control_modes.
MODES = ("flush", "up", "down", "to zero", "all")


class Set:
    """The register for the time of a call; without a call between, it is what the interpreter computes with."""

    def __init__(self, register: ctypes.CDLL, mode: str) -> None:
        self.register, self.wanted = register, int(register.control_modes(MODES.index(mode)))

    def call(self, function: ctypes._NamedFuncPointer, *arguments: object) -> int:
        before = self.register.control_get()
        self.register.control_set(self.wanted)
        result = function(*arguments)
        after = self.register.control_get()
        self.register.control_set(before)
        flags = 0x3F if sys.platform != "darwin" else 0
        assert after & ~flags == self.wanted & ~flags, "the register is another one after the call"
        return int(result or 0)


@pytest.mark.parametrize("mode", MODES)
def test_the_mode_shows(register: ctypes.CDLL, mode: str) -> None:
    """Else the tests below would prove nothing."""
    third = [np.float32(1), np.float32(-1), np.float32(2.0**-140)]
    setting = Set(register, mode)
    before = register.control_get()
    plain = [third[0] / np.float32(3), third[1] / np.float32(3), third[2] * np.float32(0.5)]
    register.control_set(setting.wanted)
    other = [third[0] / np.float32(3), third[1] / np.float32(3), third[2] * np.float32(0.5)]
    register.control_set(before)
    assert plain != other


class Wrapped:
    """The library, each function called with the register set."""

    def __init__(self, c: ctypes.CDLL, setting: Set) -> None:
        self.c, self.setting = c, setting

    def __getattr__(self, name: str) -> object:
        function = getattr(self.c, name)
        if name in {"rnn_choose", "rnn_packed_bytes", "rnn_columns"}:
            return function
        return lambda *arguments: self.setting.call(function, *arguments)


@pytest.mark.parametrize("mode", MODES)
def test_all_functions(kernel: Kernel, register: ctypes.CDLL, mode: str) -> None:
    proof = int(kernel.c.rnn_proof())
    kernel.c = Wrapped(kernel.c, Set(register, mode))  # type: ignore[assignment]
    assert kernel.c.rnn_proof() == proof
    random = np.random.default_rng(10)
    for kind in TYPES:
        for name in ("elman", "lstm", "gru_before", "gru_after"):
            for rows in (1, 5):
                Case(kernel, name, kind, 20, rows, 3).check()
        W, value = weights(random, kind, 20, 33)
        x, start = floats(random, 5, 20), floats(random, 33)
        packed = kernel.pack(W, 33, 1, is_mixed=kind.startswith("mixed"))
        same(
            kernel.products(start, x, packed, 33, 1),
            scalar.chain(np.tile(start, (5, 1)), x, value),
        )
    x = floats(random, 2, 50, scale=5)
    for function, name in enumerate(scalar.NAMES):
        want = np.stack(
            [scalar.activation(name, row, np.float32(0.3), np.float32(0.6)) for row in x]
        )
        same(kernel.sweep(function, x, 0.3, 0.6)[0], want)
