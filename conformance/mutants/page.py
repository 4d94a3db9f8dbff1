"""docs/mutants.md: the scores at both levels, and which case notices each mistake that was foretold."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Protocol

from conformance.close.inside import REASONS
from conformance.close.mutants import CloseJudgement, rows
from conformance.mutants.judge import Judgement
from conformance.mutants.known import KNOWN

HEAD = """\
# Mutants

Written by `make mutants` on {date}.

A mutant is an oracle of the suite with one mistake. It is *killed* if a case would fail a runtime with that mistake; a crash and an endless
loop count as failing. It is *equivalent* if no document and no call could tell it from the oracle: `conformance/mutants/equivalent.py` and
`reader_equivalent.py` prove it, a sentence each. It is *beyond* the suite if a document could, but none that the protocol can carry. The
others are *left*.

The mutants of the arithmetic (sections 12 to 15) are read off its source, and written down where people err. Those of the reader
(sections 2 to 11, and 14.1) are all read off its source: each finding, check, limit, constant, word, member and order changed, one at a time.

{summary}
"""

CLOSE = """\
## Arithmetic, at the level close

The mutants of the arithmetic that `exact` kills, put to the cases as the level `close` of SPEC.md, 17.3, puts them. It lets pass what stays within the
bounds of one step: these are not gaps of the cases, but what a runtime of that level may do. For each one that it lets pass the command finds out why:

{reasons}

Mistakes of the reader show at `close` as they do at `exact`: their cases are compared exactly there too ([close-8]).
"""


class Scored(Protocol):
    """What `report.Score` gives."""

    @property
    def judgements(self) -> list[Judgement]:
        """A judgement for each mutant."""
        ...

    @property
    def left(self) -> list[Judgement]:
        """Those that no case notices, for no reason."""
        ...

    @property
    def beyond(self) -> list[Judgement]:
        """Those that no request can ask for."""
        ...

    def why(self, judgement: Judgement) -> str:
        """Why no request can ask for it."""
        ...

    def rows(self) -> Sequence[tuple[object, ...]]:
        """Section, enumerated, killed, equivalent, beyond, left."""
        ...


def page(scores: Sequence[Scored], close: Sequence[CloseJudgement]) -> str:
    """The whole page; the arithmetic's score first."""
    lines = [HEAD.format(date=dt.datetime.now(dt.UTC).date(), summary=summary(scores, close))]
    for title, score in zip(("Arithmetic", "Reader"), scores, strict=True):
        heads = ("section", "enumerated", "killed", "equivalent", "beyond", "left")
        lines += [f"## {title}\n", *table(heads, score.rows()), ""]
        apart = [f"* beyond: `{j.mutant.name}`. {score.why(j)}" for j in score.beyond]
        apart += [f"* left: `{j.mutant.name}`" for j in score.left]
        lines += [*apart, ""] if apart else []
    lines += close_part(close)
    lines += [
        "## Mistakes that were foretold\n",
        "| mistake | mutant | killed by |",
        "|---|---|---|",
        *known_rows({j.mutant.name: j.killer for score in scores for j in score.judgements}),
    ]
    return "\n".join(lines) + "\n"


def summary(scores: Sequence[Scored], close: Sequence[CloseJudgement]) -> str:
    """The score in a sentence."""
    totals = [score.rows()[-1][1:] for score in scores]
    every, killed, equal, beyond, left = (
        sum(int(str(n)) for n in column) for column in zip(*totals, strict=True)
    )
    caught = sum(one.killer is not None for one in close)
    return (
        f"**{every:,} enumerated: {killed:,} killed, {equal:,} proved equivalent, {beyond:,} beyond the protocol, {left:,} left.** "
        f"Of the {len(close):,} of the arithmetic that `exact` kills, `close` catches {caught:,}."
    )


def table(heads: Iterable[str], lines: Iterable[Sequence[object]]) -> list[str]:
    """The first column is words, the others are numbers."""
    first, *others = heads
    return [
        f"| {' | '.join((first, *others))} |",
        f"|---|{'---:|' * len(others)}",
        *(f"| {' | '.join(str(part) for part in line)} |" for line in lines),
    ]


def close_part(close: Sequence[CloseJudgement]) -> list[str]:
    """The score at `close`, and every mutant that it lets pass, by why."""
    reasons = "\n".join(f"* *{word}*: {why}" for word, why in REASONS.items())
    heads = ("section", "at exact", "at close", *REASONS)
    lines = [CLOSE.format(reasons=reasons)]
    lines += [*table(heads, [(section, *numbers) for section, numbers in rows(close)]), ""]
    for word in REASONS:
        names = [f"`{one.mutant.name}`{share(one)}" for one in close if one.why == word]
        if names:
            head = f"{len(names):,} {word}" + (
                ", with the largest share of a bound" if word == "below the bound" else ""
            )
            lines += [f"<details><summary>{head}</summary>\n", " · ".join(names), "\n</details>\n"]
    return lines


def share(one: CloseJudgement) -> str:
    """How much of a bound it takes."""
    return f" {one.share:.1g}" if one.share else ""


def known_rows(killers: dict[str, str | None]) -> list[str]:
    """A row for each mistake and mutant."""
    found: list[str] = []
    for mistake, mutants in KNOWN.items():
        if isinstance(mutants, str):
            found.append(f"| {mistake} | – | {mutants} |")
            continue
        for name in mutants:
            killer = killers[name]
            what = f"`{killer}`" if killer is not None else "none can: it is equivalent"
            found.append(f"| {mistake} | `{name}` | {what} |")
    return found
