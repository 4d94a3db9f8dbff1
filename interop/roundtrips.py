"""There and back: random nets of PyTorch and of ONNX become models, and then nets of PyTorch and ONNX again; of Keras, models.

    python -m interop.roundtrips --nets 100 --seed 1 --adapter "node js/src/adapter.js" --out docs/roundtrips.md

What each of them gives, output and states, is compared: |a − b| ≤ 1e-5 · max(1, |b|), b being what the original
gave. The weights are of a size that keeps nets calm (one over the root of the width), the sequences of 1 to 12 steps.
"""

import argparse
import datetime as dt
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from interop import keras_nets, length_nets, onnx_nets, torch_nets
from interop.elsewhere import Elsewhere
from interop.travel import BOUND, Count, layers, report, table

VERSIONS = f"PyTorch {torch.__version__}, ONNX Runtime {onnxruntime.__version__}, Keras {keras_nets.VERSION}"
HEAD = """\
# There and back

Written by `make interop` on {date}: {versions}. Seed {seed}.

Random nets of the others become models here, and nets of the others again where there is a way back. Of each, output and states are compared with what the original gave:
|a − b| ≤ {bound:g} · max(1, |b|). The weights keep nets calm (one over the root of the width); sequences have 1 to 12 steps. The nets of PyTorch are RNN, LSTM, GRU in layers and directions,
with projections, Embedding, LayerNorm, Linear, activations and skips; those of ONNX have every attribute that is carried, lengths and states; those of Keras are saved by Keras itself, in turn as `.keras`, as whole
`.h5`, and as weights alone with the config. Each call goes to the other two runtimes too.

| way | nets | furthest | faults | calls elsewhere | other bits |
| --- | --- | --- | --- | --- | --- |"""


def main() -> int:
    """Gives the exit status: 0 if nothing is beyond the bound and every near-miss was refused."""
    parser = argparse.ArgumentParser(
        prog="python -m interop.roundtrips",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--nets", type=int, default=100, help="of PyTorch, of ONNX and of Keras")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--adapter", action="append", default=[], metavar="COMMAND")
    parser.add_argument("--out", type=Path, help="where the page is written")
    options = parser.parse_args()
    ways: dict[str, Callable[[np.random.Generator, Count, Path], None]] = {
        "torch → rnnspec → torch": torch_nets.one,
        "onnx → rnnspec → onnx": onnx_nets.one,
        f"keras {keras_nets.VERSION} → rnnspec": keras_nets.one,
        "rnnspec → onnx and torch, with lengths": length_nets.one,
    }
    warnings.filterwarnings("ignore", "LSTM with projections is not supported with oneDNN")
    faults = 0
    rows: list[str] = []
    told: list[str] = []
    with tempfile.TemporaryDirectory() as folder, Elsewhere(options.adapter) as elsewhere:
        for k, (name, one) in enumerate(ways.items()):
            count = Count(elsewhere=elsewhere)
            for number in range(options.nets):
                one(np.random.default_rng([options.seed, k, number]), count, Path(folder))
            print("\n".join(report(name, count)))
            rows += table(name, count)
            told += [f"Layers of the nets of {name}: {layers(count)}.", ""] if count.kinds else []
            faults += len(count.faults) + (count.nets < options.nets)
    missed = torch_nets.near_misses()
    print(
        f"near-misses of from_torch and to_torch: {len(missed.refused)} refused by name, {len(missed.taken)} taken"
    )
    print("\n".join(f"  taken: {name}" for name in missed.taken))
    if options.out is not None:
        refused = f"{len(missed.refused)} near-misses of `from_torch` and `to_torch` were refused by name, {len(missed.taken)} were taken."
        text = HEAD.format(date=dt.date.today(), versions=VERSIONS, seed=options.seed, bound=BOUND)  # noqa: DTZ011  the day here
        options.out.write_text("\n".join([text, *rows, "", *told, refused, ""]), "utf-8")
    return 1 if faults or missed.taken else 0


if __name__ == "__main__":
    sys.exit(main())
