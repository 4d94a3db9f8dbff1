"""docs/mutants.md: the scores, and which case notices each mistake that was foretold."""

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from conformance.mutants.judge import Judgement
from conformance.mutants.known import KNOWN

HEAD = """\
# Mutants

Written by `make mutants` on {date}.

A mutant is an oracle of the suite with one mistake. It is *killed* if a case would fail a runtime with that mistake; a crash and an endless
loop count as failing. It is *equivalent* if no case could: `conformance/mutants/equivalent.py` and `reader_equivalent.py` say why. The others
are *left*; those listed with a reason are known.

The mutants of the arithmetic (sections 12 to 15) are read off its source, and written down where people err. Those of the reader
(sections 2 to 11, and 14.1) are all read off its source: each finding, check, limit, constant, word, member and order changed, one at a time.
"""


class Scored(Protocol):
    """What `report.Score` gives."""

    @property
    def judgements(self) -> list[Judgement]:
        """A judgement for each mutant."""
        ...

    @property
    def left(self) -> list[Judgement]:
        """Those that no case notices, and that are not proved equivalent."""
        ...

    def excuse(self, judgement: Judgement) -> str | None:
        """Why one that is left may be."""
        ...

    def rows(self) -> list[tuple[str, int, int, int, int]]:
        """Section, enumerated, killed, equivalent, left."""
        ...


def page(scores: Sequence[Scored]) -> str:
    """The whole page; the arithmetic's score first."""
    lines = [HEAD.format(date=dt.datetime.now(dt.UTC).date())]
    for title, score in zip(("Arithmetic", "Reader"), scores, strict=True):
        lines += [
            f"## {title}\n",
            "| section | enumerated | killed | equivalent | left |",
            "|---|---:|---:|---:|---:|",
            *(f"| {' | '.join(str(part) for part in row)} |" for row in score.rows()),
            "",
        ]
        lines += [
            f"* left: `{judgement.mutant.name}`. {score.excuse(judgement) or ''}".rstrip()
            for judgement in score.left
        ]
        lines += [""] if score.left else []
    lines += [
        "## Mistakes that were foretold\n",
        "| mistake | mutant | killed by |",
        "|---|---|---|",
        *known_rows({j.mutant.name: j.killer for score in scores for j in score.judgements}),
    ]
    return "\n".join(lines) + "\n"


def known_rows(killers: dict[str, str | None]) -> list[str]:
    """A row for each mistake and mutant."""
    rows: list[str] = []
    for mistake, mutants in KNOWN.items():
        if isinstance(mutants, str):
            rows.append(f"| {mistake} | – | {mutants} |")
            continue
        for name in mutants:
            killer = killers[name]
            what = f"`{killer}`" if killer is not None else "none can: it is equivalent"
            rows.append(f"| {mistake} | `{name}` | {what} |")
    return rows
