"""Kernel: the native library that computes the same bits faster, where there is one (kernel/kernel.h).

It is found beside this package, proves itself when it is loaded, and is used by whoever asks
`library()`. Without it everything runs on plain numpy. `RNNSPEC_KERNEL` forces a path.
"""

from rnnspec.kernel.binding import FUNCTIONS, LEVELS, Call, Kind, Library, Net, Steps
from rnnspec.kernel.choice import PLAIN, KernelError, Runtime, library, runtime
from rnnspec.kernel.direct import Step, direct_step
from rnnspec.kernel.packed import Matrix, Weights, aligned, in_order, spread
from rnnspec.kernel.sweep import Sweep

__all__ = [
    "FUNCTIONS",
    "LEVELS",
    "PLAIN",
    "Call",
    "KernelError",
    "Kind",
    "Library",
    "Matrix",
    "Net",
    "Runtime",
    "Step",
    "Steps",
    "Sweep",
    "Weights",
    "aligned",
    "direct_step",
    "in_order",
    "library",
    "runtime",
    "spread",
]
