"""Random models of the real TensorFlow.js, imported and compared with what it computed.

    python -m interop.tensorflowjs --nets 100 --seed 1

Needs node and bench/js/node_modules. Exit code 1 where a model is refused, or away by more than BOUND · max(1, |y|).
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from rnnspec import compile as compile_model
from rnnspec import importers, run

BOUND = 1e-5
_NETS = Path(__file__).resolve().parent / "tensorflowjs_nets.mjs"
_TOKENS = "abcdefg"


def away(folder: Path) -> float:
    """How far the imported model in a folder is from expected.json beside it: |ours − y| / max(1, |y|), the largest.

    Steps past a row's length, where TensorFlow.js repeats an output, are not compared. Raises Refused.
    """
    expected = json.loads((folder / "expected.json").read_text())
    x = np.array(expected["x"])
    y = np.array(expected["y"]).reshape(expected["shape"])
    options = {"tokens": _TOKENS} if x.ndim == 2 else {}
    program = compile_model(importers.read(folder, "tensorflowjs", **options).model)
    ours, _ = run(program, x if options else x.astype(np.float32), lengths=expected["lengths"])
    if ours.shape != y.shape:
        return float("inf")
    far = np.abs(ours - y) / np.maximum(1, np.abs(y))
    if y.ndim == 3:
        far = far[np.arange(y.shape[1]) < np.array(expected["lengths"])[:, None]]
    return float(far.max())


def main() -> int:
    """Gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nets", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    wrong, worst, version = [], 0.0, ""
    with tempfile.TemporaryDirectory() as out:
        subprocess.run(  # noqa: S603  a program of our own
            ["node", _NETS, out, str(given.nets), str(given.seed)],  # noqa: S607
            check=True,
            stdout=subprocess.DEVNULL,
        )
        folders = sorted(path.parent for path in Path(out).glob("*/expected.json"))
        for folder in folders:
            version = json.loads((folder / "expected.json").read_text())["version"]
            try:
                distance = away(folder)
            except importers.Refused as refused:
                wrong.append(f"{folder.name}: {refused}")
                continue
            worst = max(worst, distance)
            if not distance <= BOUND:
                wrong.append(f"{folder.name}: away by {distance:.2g}")
    print(f"TensorFlow.js {version}: {len(folders)} random models, {len(wrong)} wrong, away by at most {worst:.2g}")  # fmt: skip
    for line in wrong:
        print(line)
    return 1 if wrong or len(folders) != given.nets else 0


if __name__ == "__main__":
    sys.exit(main())
