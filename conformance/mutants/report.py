"""`python -m conformance mutants`: enumerated, killed, equivalent and left, for each section."""

import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

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
from conformance.mutants.reader_equivalent import beyond, reason

# What people do wrong, and what is read off the source of the oracle.
SOURCES = (
    *(chain, lstm, gru, activations, sums, functions, sequences, selftest, drawing, generating),
    *(options, graph, paths),
    *(enumerated, operands),
)


COLUMNS = ("section", "enumerated", "killed", "equivalent", "beyond", "left")
Row = tuple[str, int, int, int, int, int]


@dataclass(frozen=True)
class Part:
    """One of the two oracles: its mutants, who judges them, and which are equivalent, with a reason."""

    name: str
    mutants: list[Mutant]
    check: Callable[[list[Mutant]], None]
    judge: Callable[[Mutant], Judgement]
    equivalent: Mapping[str, str]
    beyond: Mapping[str, str]  # what no request can ask, with the reason


@dataclass(frozen=True)
class Score:
    """What came of one part."""

    part: Part
    judgements: list[Judgement]

    def is_equivalent(self, judgement: Judgement) -> bool:
        """Not killed, and said to be so for a reason."""
        return judgement.killer is None and judgement.mutant.name in self.part.equivalent

    def is_beyond(self, judgement: Judgement) -> bool:
        """Not killed, as no request of the protocol can ask for it."""
        return judgement.killer is None and judgement.mutant.name in self.part.beyond

    @property
    def beyond(self) -> list[Judgement]:
        """Those that no request can ask for; counted apart, as no case proves anything about them."""
        return [j for j in self.judgements if self.is_beyond(j)]

    @property
    def left(self) -> list[Judgement]:
        """Neither killed nor equivalent nor beyond what can be asked."""
        alive = [j for j in self.judgements if j.killer is None]
        return [j for j in alive if not self.is_equivalent(j) and not self.is_beyond(j)]

    @property
    def wrong(self) -> list[Judgement]:
        """Killed, though said to be equivalent or beyond what can be asked."""
        said = {*self.part.equivalent, *self.part.beyond}
        return [j for j in self.judgements if j.killer and j.mutant.name in said]

    def why(self, judgement: Judgement) -> str:
        """Why one is beyond what can be asked."""
        return self.part.beyond[judgement.mutant.name]

    def rows(self) -> list[Row]:
        """COLUMNS, for each section; the last row is all of them."""
        found: list[Row] = []
        for section in [*sorted({j.mutant.section for j in self.judgements}), ""]:
            chosen = [j for j in self.judgements if section in ("", j.mutant.section)]
            killed = sum(j.killer is not None for j in chosen)
            equal = sum(self.is_equivalent(j) for j in chosen)
            beyond = sum(self.is_beyond(j) for j in chosen)
            left = len(chosen) - killed - equal - beyond
            found.append((section or "all", len(chosen), killed, equal, beyond, left))
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
    out_of_reach = {m.name: why for m in read if (why := beyond(m.name)) is not None}
    return [
        Part("arithmetic", chosen(every_mutant()), judge.check, judge.judge, EQUIVALENT, {}),
        Part("reader", read, reader_judge.check, reader_judge.judge, reasons, out_of_reach),
    ]


def report(filters: list[str], jobs: int) -> tuple[int, list[Score]]:
    """Prints both tables; gives the exit status and the scores."""
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
            print(f"left: {judgement.mutant.name}")
        for judgement in score.beyond:
            print(f"beyond: {judgement.mutant.name}: {score.why(judgement)}")
        for judgement in score.wrong:
            print(f"not as said: {judgement.mutant.name} is killed by {judgement.killer}")
        took = time.monotonic() - started
        endless = sum(j.is_endless for j in score.judgements)
        print(
            f"{part.name}: {len(score.judgements)} mutants in {took:.0f} s, {endless} of them killed as they came to no end; "
            f"{len(no_program)} more are no programs",
            file=sys.stderr,
        )
    return int(any(score.left or score.wrong for score in scores)), scores


def table(score: Score) -> str:
    """One line a section."""
    first, *others = COLUMNS
    lines = [f"{first:16}" + "".join(f"{head:>12}" for head in others)]
    lines += [
        f"{section:16}" + "".join(f"{number:12}" for number in numbers)
        for section, *numbers in score.rows()
    ]
    return "\n".join(lines)
