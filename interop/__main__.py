"""Random nets to PyTorch, to ONNX Runtime and to us.

    python -m interop --nets 34 --seed 1 --adapter "node js/src/adapter.js" --adapter … --out docs/interop.md

The Python runtime runs every net; the adapters run a sample, and must give its bits.
"""

import argparse
import itertools
import shlex
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from types import ModuleType

import numpy as np

from conformance.protocol import Adapter
from interop import differences, document, equations, onnx_runtime, page, pytorch
from interop.distance import Count
from interop.draw import classes, random_call, random_net
from interop.net import Call, Net

PEERS: tuple[ModuleType, ...] = (pytorch, onnx_runtime)
SCALES = (1, 2, 4)
STEPS = {"1": (1, 1), "2–32": (2, 32)}
SAMPLE = 10  # one net of so many goes to the adapters
NETS = 34  # of each kind, scale and length: 204 of a kind


def drawn(
    seed: int, order: int, peer: ModuleType, kind: str, scale: int, steps: str
) -> tuple[Net, Call]:
    """One net, and what is run."""
    rng = np.random.default_rng([seed, order])
    net = random_net(rng, peer.KINDS[kind], scale)
    low, high = STEPS[steps]
    return net, random_call(rng, net, int(rng.integers(low, high + 1)), shortest=peer.SHORTEST)


def main() -> int:
    """Gives the exit status: 0 if nothing is beyond the bound without a reason, and every difference is as SPEC.md 14.2 says."""
    parser = argparse.ArgumentParser(
        prog="python -m interop",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--nets", type=int, default=NETS, help="of each kind, scale and length")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--adapter", action="append", default=[], metavar="COMMAND")
    parser.add_argument("--out", type=Path, help="where the page is written")
    options = parser.parse_args()

    adapters = [Adapter(shlex.split(command), timeout=60.0) for command in options.adapter]
    for adapter in adapters:
        adapter.start()
    tally = page.Tally()
    sampled = different = 0
    order = itertools.count()
    for peer in PEERS:
        occurred = tally.classes[peer.NAME] = Counter()
        for kind, scale, steps in itertools.product(peer.KINDS, SCALES, STEPS):
            count = tally.counts[peer.NAME, kind, scale, steps] = Count()
            for number in range(options.nets):
                net, call = drawn(options.seed, next(order), peer, kind, scale, steps)
                occurred.update(classes(net, call))
                ours = document.run(net, call)
                count.add(ours, peer.run(net, call), partial(equations.run, net, call))
                if number % SAMPLE == 0:
                    for adapter in adapters:
                        sampled += 1
                        other = document.run_by(adapter, net, call)
                        different += not document.same_bits(ours, other)
        print(page.totals(tally.counts)[-1])
    names = [adapter.greeting["language"] for adapter in adapters]
    languages = " and ".join(name[:1].upper() + name[1:] for name in names)
    for adapter in adapters:
        adapter.stop()
    told = differences.measured()
    same = []
    if adapters:
        same = [
            f"{languages}: {sampled // len(adapters)} of these nets, **{different} with other bits** than the Python runtime."
        ]
    print("\n".join([*same, *page.sentences(told)]))
    if options.out is not None:
        versions = {peer.NAME: peer.VERSION for peer in PEERS} | {"numpy": np.__version__}
        text = page.page(tally, versions, told, options.seed, same)
        options.out.write_text(text, encoding="utf-8")
    faults = sum(count.faults for count in tally.counts.values())
    wrong = faults + different + sum(not each.stands for each in told)
    print(f"{sum(count.nets for count in tally.counts.values()):,} nets, {wrong} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
