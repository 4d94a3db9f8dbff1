"""docs/interop.md: what was compared with whom, and what came out."""

import datetime as dt
import platform
from collections import Counter
from dataclasses import dataclass, field

import rnnspec
from interop.differences import Difference
from interop.distance import BOUND, CEILING, WORST, Count

Key = tuple[str, str, int, str]  # peer, kind, scale, steps

HEAD = """\
# Other systems' numbers

Written by `make interop` on {date}: {versions}. Seed {seed}.

Random nets: PyTorch's RNN, LSTM, LSTM with proj_size and GRU in stacks of 1 to 3, forward and bidirectional, with packed sequences,
and LayerNorm; ONNX Runtime's RNN, LSTM and GRU with every activation, clip, peepholes, input_forget and linear_before_reset, forward,
reverse and bidirectional with four merges (of its own operators), and LayerNormalization. Weights as PyTorch draws them by default, ±1/√H,
times 1, 2 and 4; sizes 1 to 70; one step, and whole sequences of 2 to 32 steps. Each net is run by the peer and by `rnnspec` from
the same float32 weights, and compared with the published equations in float64 numpy (`interop/equations.py`).

The bound: |ours − peer's| ≤ {bound:g} · max(1, |y|) for every element of the output and the final state, y being the float64 value,
wherever |y| < {ceiling:,.0f}. The three columns of distances are the largest of all elements within the bound, in this measure.

- *large*: elements with |y| ≥ {ceiling:,.0f}; not judged.
- *sensitive*: elements beyond the bound in nets that grow any difference so fast that no float32 can be within it. The truth alone decides:
  the float64 equations move by more than a twentieth of the bound if only h and c are rounded to float32 after each step. And we must not be
  more than ten times as far from the truth as the furthest of three: that, the peer, and the equations with their sums of products in float32.
- *not finite*: elements where the peer gives an infinity or a NaN and the equation doesn't.
- *faults*: elements beyond the bound that nothing excuses.

## In short

{short}

| of all nets | {peers} |
| --- | {lines} |
{occurred}

## Where a peer means something else

The rows of [SPEC.md](../SPEC.md) 14.2 that these two can show, as measured by this run. (TensorFlow and WebNN are not run here; Keras is, in [the round trips](roundtrips.md).)

{told}

## Every kind

"""


@dataclass
class Tally:
    """All that was counted."""

    counts: dict[Key, Count] = field(default_factory=dict)
    classes: dict[str, Counter[str]] = field(default_factory=dict)  # peer -> class -> nets


def page(
    tally: Tally, versions: dict[str, str], told: list[Difference], seed: int, same: list[str]
) -> str:
    """The whole page."""
    names = ", ".join(f"{name} {version}" for name, version in versions.items())
    system = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    every = dict.fromkeys(name for found in tally.classes.values() for name in sorted(found))
    head = HEAD.format(
        date=dt.datetime.now(tz=dt.UTC).date(),
        versions=f"rnnspec {rnnspec.__version__}, {names}, {system}",
        seed=seed,
        bound=BOUND,
        ceiling=CEILING,
        short="\n".join(f"- {line}" for line in (*totals(tally.counts), *same)),
        peers=" | ".join(tally.classes),
        lines=" | ".join("---:" for _ in tally.classes),
        occurred="\n".join(
            f"| {name} | "
            + " | ".join(f"{found[name]:,}" for found in tally.classes.values())
            + " |"
            for name in sorted(every)
        ),
        told="\n".join(sentences(told)),
    )
    titles = (
        "peer", "layer", "weights", "steps", "nets", "within", "large", "sensitive", "not finite", "faults",
        *(f"\\|{name.replace(', ', ' − ')}\\|" for name in WORST),
    )  # fmt: skip
    rows = [titles, ("---",) * 4 + ("---:",) * (len(titles) - 4)]
    rows += [
        (peer, kind, f"{scale}×", steps, *_cells(count))
        for (peer, kind, scale, steps), count in tally.counts.items()
    ]
    return head + "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"


def sentences(told: list[Difference]) -> list[str]:
    """One line each."""
    return [
        f"- {each.told}" + ("" if each.stands else " **SPEC.md 14.2 says otherwise.**")
        for each in told
    ]


def totals(counts: dict[Key, Count]) -> list[str]:
    """One line for each peer."""
    found = []
    for peer in dict.fromkeys(key[0] for key in counts):
        mine = [count for key, count in counts.items() if key[0] == peer]
        steps = [count for key, count in counts.items() if key[0] == peer and key[3] == "1"]
        within = sum(count.within for count in mine)
        kinds = len({key[1] for key in counts if key[0] == peer})
        found.append(
            f"{peer}: {sum(count.nets for count in mine):,} nets of {kinds} kinds, {within:,} elements within the bound (the largest "
            f"distance {max(count.worst[WORST[0]] for count in mine):.1e}; {max(count.worst[WORST[0]] for count in steps):.1e} "
            f"over one step), {sum(count.large for count in mine):,} large, {sum(count.sensitive for count in mine):,} sensitive "
            f"({sum(count.sensitive for count in steps)} over one step), {sum(count.peer_not_finite for count in mine):,} not finite, "
            f"**{sum(count.faults for count in mine)} faults**."
        )
    return found


def _cells(count: Count) -> tuple[str, ...]:
    numbers = (
        count.nets, count.within, count.large, count.sensitive, count.peer_not_finite, count.faults,
    )  # fmt: skip
    distances = (f"{count.worst[name]:.1e}" for name in WORST)
    return (*(f"{number:,}" for number in numbers), *distances)
