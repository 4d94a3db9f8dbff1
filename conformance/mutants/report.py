"""`python -m conformance mutants`: enumerated, killed, equivalent and left, for each section."""

import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from conformance.mutants import (
    activations,
    chain,
    drawing,
    enumerated,
    functions,
    generating,
    graph,
    gru,
    judge,
    lstm,
    operands,
    options,
    paths,
    reader,
    reader_judge,
    selftest,
    sequences,
    sums,
)
from conformance.mutants.equivalent import EQUIVALENT
from conformance.mutants.judge import Judgement
from conformance.mutants.mutant import Mutant
from conformance.mutants.page import page
from conformance.mutants.reader_equivalent import excuse, reason

# What people do wrong, and what is read off the source of the oracle.
SOURCES = (
    *(chain, lstm, gru, activations, sums, functions, sequences, selftest, drawing, generating),
    *(options, graph, paths),
    *(enumerated, operands),
)


@dataclass(frozen=True)
class Part:
    """One of the two oracles: its mutants, who judges them, and which are equivalent, with a reason."""

    name: str
    mutants: list[Mutant]
    check: Callable[[list[Mutant]], None]
    judge: Callable[[Mutant], Judgement]
    equivalent: Mapping[str, str]
    unasked: Mapping[str, str]  # left for a reason


@dataclass(frozen=True)
class Score:
    """What came of one part."""

    part: Part
    judgements: list[Judgement]

    def is_equivalent(self, judgement: Judgement) -> bool:
        """Not killed, and said to be so for a reason."""
        return judgement.killer is None and judgement.mutant.name in self.part.equivalent

    @property
    def left(self) -> list[Judgement]:
        """Neither killed nor equivalent."""
        return [j for j in self.judgements if j.killer is None and not self.is_equivalent(j)]

    @property
    def wrong(self) -> list[Judgement]:
        """Killed, though said to be equivalent."""
        return [j for j in self.judgements if j.killer and j.mutant.name in self.part.equivalent]

    def excuse(self, judgement: Judgement) -> str | None:
        """Why one that is left may be."""
        return self.part.unasked.get(judgement.mutant.name)

    def rows(self) -> list[tuple[str, int, int, int, int]]:
        """Section, enumerated, killed, equivalent, left; the last row is all of them."""
        found: list[tuple[str, int, int, int, int]] = []
        for section in [*sorted({j.mutant.section for j in self.judgements}), ""]:
            chosen = [j for j in self.judgements if section in ("", j.mutant.section)]
            killed = sum(j.killer is not None for j in chosen)
            equal = sum(self.is_equivalent(j) for j in chosen)
            left = len(chosen) - killed - equal
            found.append((section or "all", len(chosen), killed, equal, left))
        return found


def every_mutant() -> list[Mutant]:
    """All of the arithmetic's, each with a name of its own."""
    return named([mutant for source in SOURCES for mutant in source.mutants()], set(EQUIVALENT))


def reader_mutants() -> list[Mutant]:
    """All of the reader's, likewise."""
    return named(list(reader.mutants()), set())


def named(mutants: list[Mutant], equivalent: set[str]) -> list[Mutant]:
    """The same, once it is sure that names are used once and equivalents exist."""
    names = [mutant.name for mutant in mutants]
    repeated = sorted({name for name in names if names.count(name) > 1})
    unknown = sorted(equivalent - set(names))
    if repeated or unknown:
        raise ValueError(f"repeated mutants: {repeated}; unknown equivalents: {unknown}")
    return mutants


def parts(filters: list[str]) -> list[Part]:
    """Arithmetic and reader, each with the mutants whose name contains a filter."""

    def chosen(mutants: list[Mutant]) -> list[Mutant]:
        return [m for m in mutants if not filters or any(word in m.name for word in filters)]

    read = chosen(reader_mutants())
    reasons = {m.name: why for m in read if (why := reason(m.name)) is not None}
    excuses = {m.name: why for m in read if (why := excuse(m.name)) is not None}
    return [
        Part("arithmetic", chosen(every_mutant()), judge.check, judge.judge, EQUIVALENT, {}),
        Part("reader", read, reader_judge.check, reader_judge.judge, reasons, excuses),
    ]


def report(filters: list[str], jobs: int, out: Path | None = None) -> int:
    """Prints both tables, writes the page; gives the exit status."""
    scores: list[Score] = []
    for part in parts(filters):
        if not part.mutants:
            continue
        started = time.monotonic()
        part.check(part.mutants)
        with ProcessPoolExecutor(jobs) as pool:
            judgements = list(pool.map(part.judge, part.mutants, chunksize=8))
        no_program = [j for j in judgements if j.killer == reader_judge.NO_PROGRAM]
        score = Score(part, [j for j in judgements if j not in no_program])
        scores.append(score)
        print(f"{part.name}\n{table(score)}")
        for judgement in score.left:
            why = score.excuse(judgement)
            print(f"left: {judgement.mutant.name}{'' if why is None else ': ' + why}")
        for judgement in score.wrong:
            print(f"not equivalent: {judgement.mutant.name} is killed by {judgement.killer}")
        took = time.monotonic() - started
        print(
            f"{part.name}: {len(score.judgements)} mutants in {took:.0f} s; {len(no_program)} more are no programs",
            file=sys.stderr,
        )
    if out is not None and not filters:
        out.write_text(page(scores), encoding="utf-8")
    faults = [j for score in scores for j in score.left if score.excuse(j) is None]
    return 1 if faults or any(score.wrong for score in scores) else 0


def table(score: Score) -> str:
    """One line a section."""
    lines = [f"{'section':12} {'enumerated':>10} {'killed':>8} {'equivalent':>10} {'left':>6}"]
    lines += [
        f"{section:12} {all_:10} {killed:8} {equal:10} {left:6}"
        for section, all_, killed, equal, left in score.rows()
    ]
    return "\n".join(lines)
