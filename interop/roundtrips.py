"""There and back: random nets of PyTorch and of ONNX become models, and then nets of PyTorch and ONNX again.

    python -m interop.roundtrips --nets 100 --seed 1

What each of the three gives, output and states, is compared: |a − b| ≤ 1e-5 · max(1, |b|), b being what the original
gave. The weights are of a size that keeps nets calm (one over the root of the width), the sequences of 1 to 12 steps.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from interop import onnx_nets, torch_nets
from interop.travel import Count, report


def main() -> int:
    """Gives the exit status: 0 if nothing is beyond the bound and every near-miss was refused."""
    parser = argparse.ArgumentParser(
        prog="python -m interop.roundtrips",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--nets", type=int, default=100, help="of PyTorch, and of ONNX")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    ways: dict[str, Callable[[np.random.Generator, Count, Path], None]] = {
        "torch → rnnspec → torch": torch_nets.one,
        "onnx → rnnspec → onnx": onnx_nets.one,
    }
    faults = 0
    with tempfile.TemporaryDirectory() as folder:
        for k, (name, one) in enumerate(ways.items()):
            count = Count()
            for number in range(options.nets):
                one(np.random.default_rng([options.seed, k, number]), count, Path(folder))
            print("\n".join(report(name, count)))
            faults += len(count.faults) + (count.nets < options.nets)
    missed = torch_nets.near_misses()
    print(
        f"near-misses of from_torch and to_torch: {len(missed.refused)} refused by name, {len(missed.taken)} taken"
    )
    print("\n".join(f"  taken: {name}" for name in missed.taken))
    return 1 if faults or missed.taken else 0


if __name__ == "__main__":
    sys.exit(main())
