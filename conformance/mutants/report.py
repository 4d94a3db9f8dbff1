"""`python -m conformance mutants`: enumerated, killed, equivalent and left, for each section."""

import sys
import time
from concurrent.futures import ProcessPoolExecutor

from conformance.mutants import (
    activations,
    chain,
    drawing,
    enumerated,
    functions,
    generating,
    gru,
    lstm,
    operands,
    selftest,
    sequences,
    sums,
)
from conformance.mutants.equivalent import EQUIVALENT
from conformance.mutants.judge import Judgement, check, judge
from conformance.mutants.mutant import Mutant

# What people do wrong, and what is read off the source of the oracle.
SOURCES = (
    *(chain, lstm, gru, activations, sums, functions, sequences, selftest, drawing, generating),
    *(enumerated, operands),
)


def every_mutant() -> list[Mutant]:
    """All of them, each with a name of its own."""
    mutants = [mutant for source in SOURCES for mutant in source.mutants()]
    names = [mutant.name for mutant in mutants]
    repeated = sorted({name for name in names if names.count(name) > 1})
    unknown = sorted(set(EQUIVALENT) - set(names))
    if repeated or unknown:
        raise ValueError(f"repeated mutants: {repeated}; unknown equivalents: {unknown}")
    return mutants


def report(filters: list[str], jobs: int) -> int:
    """Prints the table; gives the exit status."""
    started = time.monotonic()
    mutants = [m for m in every_mutant() if not filters or any(word in m.name for word in filters)]
    check(mutants)
    with ProcessPoolExecutor(jobs) as pool:
        judgements = list(pool.map(judge, mutants, chunksize=8))
    wrong = [j for j in judgements if j.killer is not None and j.mutant.name in EQUIVALENT]
    left = [j for j in judgements if j.killer is None and j.mutant.name not in EQUIVALENT]
    print(table(judgements))
    for judgement in left:
        print(f"left: {judgement.mutant.name}")
    for judgement in wrong:
        print(f"not equivalent: {judgement.mutant.name} is killed by {judgement.killer}")
    print(f"{len(mutants)} mutants in {time.monotonic() - started:.0f} s", file=sys.stderr)
    return 1 if left or wrong else 0


def table(judgements: list[Judgement]) -> str:
    """One line a section."""
    lines = [f"{'section':12} {'enumerated':>10} {'killed':>8} {'equivalent':>10} {'left':>6}"]
    sections = sorted({judgement.mutant.section for judgement in judgements})
    for section in [*sections, ""]:
        chosen = [j for j in judgements if section in ("", j.mutant.section)]
        killed = sum(j.killer is not None for j in chosen)
        equal = sum(j.killer is None and j.mutant.name in EQUIVALENT for j in chosen)
        left = len(chosen) - killed - equal
        lines.append(f"{section or 'all':12} {len(chosen):10} {killed:8} {equal:10} {left:6}")
    return "\n".join(lines)
