"""One process of the benchmark: every contestant takes turns with us, net by net and mode by mode.

    python -m bench.python.process --path plain --nets lstm128,gru128 --seconds 1.0

Prints one JSON object: {"medians": [[net, mode, who, µs a step, largest difference]], "versions": {…}}, `who` being [peer, way, dtype].
What RNNSPEC_KERNEL says about our path is settled before this process begins.
"""

import argparse
import json
import sys
from functools import partial
from typing import Any

import numpy as np
import torch

import rnnspec
from bench.catalogue import CALLS, NETS
from bench.progress import progress
from bench.python import numpy_net, onnx_runtime, ours, pytorch
from bench.python.contest import Contestant, Task, distance
from bench.turns import medians

Who = tuple[str, str, str]  # peer, way, dtype; our way is the path


def contestants(task: Task, path: str) -> dict[Who, Any]:
    """All that run this, not made yet; the first is the one that the others are compared with.

    The plain path computes the same from both files: it is timed from one.
    """
    dtypes = ("float32",) if task.net.swept or path == "plain" else ("float32", "float16")
    found: dict[Who, Any] = {
        ("rnnspec", "", dtype): partial(ours.Ours, dtype=dtype) for dtype in dtypes
    }
    for way, maker in onnx_runtime.WAYS.items():
        found["onnxruntime", way, "float32"] = maker
    for way, made in pytorch.ways(task).items():
        found["pytorch", way, "float32"] = made
    found["numpy", "BLAS", "float32"] = numpy_net.Numpy
    return found


def contest(task: Task, path: str, seconds: float) -> list[list[Any]]:
    """The medians of one net in one mode, with the differences."""
    made: dict[Who, Contestant] = {
        who: maker(task) for who, maker in contestants(task, path).items()
    }
    expected = next(iter(made.values())).first()
    stored = np.fromfile(task.folder / f"{task.net.name}.output.f32", "<f4")
    stored = stored.reshape(-1, task.net.width)[: expected.shape[1]]
    differences = {}
    for who, one in made.items():
        name = f"{task.net.name}, {task.mode}: {' '.join(who)}"
        found = one.first()
        differences[who] = (
            distance(stored[None], found[:1], name)
            if who[0] == "rnnspec"
            else distance(expected, found, name)
        )
        if who[0] == "rnnspec" and differences[who] != 0:
            raise SystemExit(f"{name}: other bits than {task.net.name}.output.f32")
    rows, steps = CALLS[task.mode]
    turns = {json.dumps(who): one.turn for who, one in made.items()}
    times = medians(turns, seconds)
    return [
        [task.net.name, task.mode, who, times[json.dumps(who)] / (rows * steps), differences[who]]
        for who in made
    ]


def main() -> None:
    """Prints the object."""
    parser = argparse.ArgumentParser(description="one process of the benchmark of Python")
    parser.add_argument("--nets", required=True)
    parser.add_argument("--path", required=True, help="of ours, as RNNSPEC_KERNEL says")
    parser.add_argument("--seconds", type=float, default=1.0, help="for a net in a mode")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    found = []
    for name in options.nets.split(","):
        for mode in NETS[name].modes:
            found += contest(Task(NETS[name], mode), options.path, options.seconds)
            progress(f"python, {options.path}: {name}, {mode}")
    versions = {
        "rnnspec": {"rnnspec": rnnspec.__version__},
        "onnxruntime": onnx_runtime.versions(),
        "pytorch": pytorch.versions(),
        "numpy": numpy_net.versions(),
    }
    json.dump({"medians": found, "versions": versions}, sys.stdout)


if __name__ == "__main__":
    main()
