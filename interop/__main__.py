"""Random layers to PyTorch, to ONNX Runtime and to us.

    python -m interop --nets 20 --seed 1 --adapter "node js/src/adapter.js" --adapter … --out docs/interop.md

The Python runtime runs every net; the adapters run a sample, and must give its bits.
"""

import argparse
import itertools
import shlex
import sys
from pathlib import Path
from types import ModuleType

import numpy as np

from conformance.protocol import Adapter
from interop import differences, document, equations, onnx_runtime, page, pytorch
from interop.cell import random_call, random_cell
from interop.distance import Count

PEERS: tuple[ModuleType, ...] = (pytorch, onnx_runtime)
SCALES = (1, 2, 4)
STEPS = {"1": (1, 1), "2–32": (2, 32)}
SAMPLE = 10  # one net of so many goes to the adapters


def main() -> int:
    """Gives the exit status: 0 if nothing is beyond the bound without a reason."""
    parser = argparse.ArgumentParser(
        prog="python -m interop",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--nets", type=int, default=20, help="of each kind, scale and length")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--adapter", action="append", default=[], metavar="COMMAND")
    parser.add_argument("--out", type=Path, help="where the page is written")
    options = parser.parse_args()

    adapters = [Adapter(shlex.split(command), timeout=60.0) for command in options.adapter]
    for adapter in adapters:
        adapter.start()
    counts: dict[page.Key, Count] = {}
    sampled = different = 0
    order = itertools.count()
    for peer in PEERS:
        for kind, scale, steps in itertools.product(peer.KINDS, SCALES, STEPS):
            count = counts[peer.NAME, kind, scale, steps] = Count()
            for number in range(options.nets):
                rng = np.random.default_rng([options.seed, next(order)])
                cell = random_cell(rng, peer.KINDS[kind], scale)
                low, high = STEPS[steps]
                call = random_call(
                    rng, cell, int(rng.integers(low, high + 1)), shortest=peer.SHORTEST
                )
                truth, rounded = (equations.run(cell, call, rounded=way) for way in (False, True))
                ours = document.run(cell, call)
                count.add(ours, peer.run(cell, call), truth, rounded)
                if number % SAMPLE == 0:
                    for adapter in adapters:
                        sampled += 1
                        other = document.run_by(adapter, cell, call)
                        different += not document.same_bits(ours, other)
        print(page.totals(counts)[-1])
    languages = " and ".join(adapter.greeting["language"] for adapter in adapters)
    for adapter in adapters:
        adapter.stop()
    told = differences.told()
    same = []
    if adapters:
        same = [
            f"{languages}: {sampled // len(adapters)} of these nets, **{different} with other bits** than the Python runtime."
        ]
    print("\n".join([*same, *told]))
    if options.out is not None:
        versions = {peer.NAME: peer.VERSION for peer in PEERS} | {"numpy": np.__version__}
        text = page.page(counts, versions, told, options.seed, same)
        options.out.write_text(text, encoding="utf-8")
    faults = sum(count.faults for count in counts.values())
    print(f"{sum(count.nets for count in counts.values())} nets, {faults + different} faults")
    return 1 if faults or different else 0


if __name__ == "__main__":
    sys.exit(main())
