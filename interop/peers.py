"""The conformance suite against PyTorch and ONNX Runtime, at the level `close`.

    python -m interop.peers --out docs/peers.md

They are driven through the adapters in conformance/peers, each in a process of its own with this Python.
"""

import argparse
import datetime as dt
import platform
import sys
from collections import Counter
from pathlib import Path

from conformance.case import find
from conformance.close.judge import judges
from conformance.report.summary import claim, counts
from conformance.runner import Asking, Runtime, run
from conformance.verdict import Outcome, Verdict

PEERS = ("pytorch", "onnxruntime")

HEAD = """\
# Other people's runtimes at the level `close`

Written by `make interop` on {date}, Python {python} on {system}. `close` is section 17.3 of [SPEC.md](../SPEC.md): one time
step at a time, from the exact state before it, each element within a bound computed for that step; and each chunk whole.

| peer | claim | run, evaluate | passed | failed | skipped |
| --- | --- | ---: | ---: | ---: | ---: |
"""

NOTES = """
*run, evaluate* are the cases whose numbers were compared with bounds. Reading, arguments, texts and ids are the suite's own oracle's,
so those cases say nothing about the peer; all arithmetic is the peer's.

## How they are driven

- PyTorch: `nn.RNN` (tanh, relu), `nn.LSTM` (with `proj_size`) and `nn.GRU` (reset after, `rb` in its second bias), bidirectional and over
  packed sequences, where they can express the layer; a reverse layer with its steps turned. A GRU with reset before, cells of other
  activations, and those with peepholes, coupled gates or clips are made of tensor operations, step by step.
- ONNX Runtime: each layer is a graph in memory: one operator `RNN`, `LSTM` or `GRU` over whole sequences with `sequence_lens`, its three
  directions, `clip`, peepholes, `input_forget`, `linear_before_reset` 0 and 1 and the activations that it computes well; a graph of plain
  operators, step by step, for hard_tanh, linear and the three below, and for full peepholes, the other coupled gate, cell clip and projection.
- LayerNorm and LayerNormalization are their own. Merges are their additions and multiplications; concat, last_step, time_reverse and the
  rows of length 0, which neither takes as SPEC.md does, are kept around them.

## What it showed

- ONNX Runtime's Sigmoid is accurate to about 7e-8 and not to ulps: it gives 0.0019477904 for −6.2390742, where 0.0019478599 is right, and 0 below
  about −35. So the 4 ulp of [close-5] are those of 1 for sigmoid.
- Inside its operators RNN, LSTM and GRU, Softplus overflows above 88.7; inside RNN, Tanh and ScaledTanh are accurate to about 1e-8 and not to
  ulps: Tanh gives 1.001358e-5 for 1e-5 and 0 for 1e-8. These are outside the bound, so a cell with Softplus or ScaledTanh and an elman with tanh are driven as
  plain operators, which lie inside. The Tanh of its LSTM and GRU lies inside.
- With `hard_sigmoid` of α = 0 and an infinite sum, it gives 0 where others have no number: [close-7] lets both pass.
"""


def judge(peer: str, jobs: int) -> tuple[Runtime, list[Outcome]]:
    """The whole suite."""
    command = [sys.executable, "-m", f"conformance.peers.{peer}"]
    return run(find(), command, jobs=jobs, timeout=120.0, asking=Asking(level="close"))


def lines(runtime: Runtime, outcomes: list[Outcome]) -> tuple[str, list[str]]:
    """A row of the table, and what there is to say of it."""
    verdicts = [outcome.verdict for outcome in outcomes]
    passed, failed, skipped = counts(verdicts)
    compared = sum(
        outcome.verdict is not Verdict.SKIPPED and judges(outcome.case) for outcome in outcomes
    )
    row = (
        f"| {runtime.name} {runtime.version} | `{claim(runtime, outcomes)}` "
        f"| {compared} | {passed} | {failed} | {skipped} |"
    )
    why = Counter(o.details[0] for o in outcomes if o.verdict is Verdict.SKIPPED)
    told = [f"- {runtime.name}: {count} skipped, {reason}" for reason, count in sorted(why.items())]
    told += [
        f"- {runtime.name}: **{outcome.verdict.value}** {outcome.case.id}: {outcome.details[0]}"
        for outcome in outcomes
        if outcome.verdict.failed
    ]
    return row, told


def main() -> int:
    """Gives the exit status: 0 if both pass."""
    parser = argparse.ArgumentParser(prog="python -m interop.peers")
    parser.add_argument("--jobs", type=int, default=1, help="adapters side by side")
    parser.add_argument("--out", type=Path, help="where the page is written")
    options = parser.parse_args()
    rows, told, failed = [], [], 0
    for peer in PEERS:
        runtime, outcomes = judge(peer, options.jobs)
        failed += sum(outcome.verdict.failed for outcome in outcomes)
        row, more = lines(runtime, outcomes)
        rows.append(row)
        told += more
    head = HEAD.format(
        date=dt.datetime.now(dt.UTC).date(),
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
    )
    print("\n".join([*rows, *told]))
    if options.out is not None:
        text = head + "\n".join(rows) + "\n" + NOTES + "\n## Left out\n\n" + "\n".join(told) + "\n"
        options.out.write_text(text, encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
