"""The WebAssembly module as if ctypes had loaded it: Node runs it (wasm.mjs), and arrays go there and back."""

from __future__ import annotations

import ctypes
import json
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

SERVER: Final = Path(__file__).parent / "wasm.mjs"


class Place(ctypes.c_void_p):
    """Where an array begins, which also knows where it ends."""

    def __init__(self, array: NDArray[Any]) -> None:
        super().__init__(array.ctypes.data)
        bounds = np.lib.array_utils.byte_bounds(array) if array.size else [array.ctypes.data] * 2
        self.first, self.end = bounds


class Module:
    """Its functions take what those of the native library take, with a Place for each address."""

    def __init__(self) -> None:
        self.node = subprocess.Popen(
            ["node", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def close(self) -> None:
        """Ends Node."""
        self.node.communicate()

    def __getattr__(self, name: str) -> Callable[..., int]:
        return lambda *args: self.call(name, args)

    def call(self, name: str, args: tuple[Any, ...]) -> int:
        """Arrays that overlap are one there as well."""
        areas: list[list[int]] = []
        for first, end in sorted((a.first, a.end) for a in args if isinstance(a, Place)):
            if areas and first < areas[-1][1]:
                areas[-1][1] = max(areas[-1][1], end)
            else:
                areas.append([first, end])
        request = {
            "name": name,
            "args": [self.argument(a, areas) for a in args],
            "sizes": [end - first for first, end in areas],
        }
        head = json.dumps(request).encode()
        assert self.node.stdin
        assert self.node.stdout
        self.node.stdin.write(struct.pack("<I", len(head)) + head)
        for first, end in areas:
            self.node.stdin.write(ctypes.string_at(first, end - first))
        self.node.stdin.flush()
        length = self.node.stdout.read(4)
        assert len(length) == 4, f"{name}: the module trapped"
        result = int(json.loads(self.node.stdout.read(*struct.unpack("<I", length))))
        for first, end in areas:
            ctypes.memmove(first, self.node.stdout.read(end - first), end - first)
        return result

    @staticmethod
    def argument(given: object, areas: list[list[int]]) -> object:
        """A number, or where it is in which of the areas."""
        if given is None:
            return 0
        if isinstance(given, Place):
            for k, (first, end) in enumerate(areas):
                if first <= given.first <= given.end <= end:
                    return {"array": k, "offset": given.first - first}
        return getattr(given, "value", given)
