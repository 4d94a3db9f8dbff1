"""That other bits are seen: the Python adapter against what the Python runtime gave, and against something else."""

import shlex
import sys

import numpy as np

import rnnspec
from interop.elsewhere import Elsewhere
from interop.travel import Count, report

COMMAND = f"{shlex.quote(sys.executable)} -m rnnspec.adapter"


def model() -> rnnspec.Model:
    return rnnspec.build(
        {
            "input": {"kind": "features", "size": 1},
            "layers": [
                {
                    "name": "cell",
                    "type": "elman",
                    "hidden_size": 1,
                    "activation": {"function": "tanh"},
                    "parameters": {"W": "W", "R": "R"},
                }
            ],
            "output": {"kind": "values"},
            "tensors": {"W": [[0.5]], "R": [[0.25]]},
        }
    )


def test_other_bits_of_output_or_state_are_a_fault() -> None:
    net, x = model(), np.array([[[1.0], [2.0]]], np.float32)
    start = {"cell": {"h": np.array([[0.5]], np.float32)}}
    output, state = rnnspec.run(rnnspec.compile(net), x, lengths=[1], state=start)
    good = np.asarray(output)
    off = np.nextafter(good, np.float32(2))
    with Elsewhere([COMMAND]) as elsewhere:
        count = Count(elsewhere=elsewhere)
        count.bits("net 0", net, x, [1], start, (good, state))
        assert count.faults == []
        count.bits("net 0", net, x, [1], start, (off, state))
        count.bits("net 0", net, x, [1], start, (good, start))
        assert count.faults == ["net 0: Python has other bits"] * 2
        assert "3 calls in Python too, 2 answers with other bits" in report("trip", count)[1]
