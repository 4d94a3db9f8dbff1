"""`python -m conformance mutants --level close`: which mistakes still show where bits are not compared.

Mistakes that change only the order or the rounding of operations are no mistakes here, and stay inside.
"""

import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from conformance.case import Case
from conformance.close.inside import REASONS, reason
from conformance.close.judge import compare_step, judges, net_of, not_comparable, put
from conformance.close.questions import Question, questions
from conformance.messages import Answer
from conformance.mutants.equivalent import EQUIVALENT
from conformance.mutants.judge import Judgement, agrees, asked, cost, document_of
from conformance.mutants.mutant import Mutant, oracle_with, source
from conformance.mutants.report import every_mutant

DEAREST = 3_000_000  # by the measure of `cost`: the few cases above it take longer than all others

Json = dict[str, Any]


@dataclass(frozen=True)
class CloseJudgement(Judgement):
    """For one that no case shows: a word of REASONS, and the largest share of a bound that it takes."""

    why: str | None = None
    share: float = 0.0


_prepared: dict[str, tuple[Question, ...]] = {}
_asked: dict[str, bool] = {}


def prepared(case: Case) -> tuple[Question, ...]:
    """The questions of a case of `run`, with the bounds of the true oracle."""
    if case.id not in _prepared:
        assert case.document is not None
        net = net_of(case.document.data)
        assert net is not None
        _prepared[case.id] = tuple(questions(net, case.request))
    return _prepared[case.id]


def is_asked(case: Case) -> bool:
    """Whether the level asks the case at all, and the case is cheap."""
    if case.id not in _asked:
        _asked[case.id] = cost(case) <= DEAREST and not_comparable(case) is None
    return _asked[case.id]


def lies_inside(case: Case, oracle: dict[str, ModuleType]) -> bool:
    """Whether a changed oracle still passes a case at this level; a crash does not."""
    if not judges(case):
        return agrees(case, oracle)
    try:
        net = changed_net(case, oracle)
        if case.command != "run":
            reply = oracle["answer"].answer(case.command, net, case.request)
            kind, value = next(iter(reply.items()))
            return not put(case, lambda _: Answer(kind, value))[1]
        true = net_of(case.document.data) if case.document is not None else None
        assert true is not None
        for question in prepared(case):
            reply = oracle["answer"].answer("run", net, question.request)
            if compare_step(true, question, reply["result"]):
                return False
    except (NameError, SyntaxError):
        raise  # a mutant that is no program proves nothing
    except Exception:  # noqa: BLE001 - whatever a mistake leads to
        return False
    return True


def changed_net(case: Case, oracle: dict[str, ModuleType]) -> Any:  # noqa: ANN401 - of a changed module
    """The net of a case as the changed oracle loads it."""
    document = None if case.document is None else document_of(case.document.data)
    return None if document is None else oracle["net"].load(document)


def judge(mutant: Mutant) -> CloseJudgement:
    """The first case that shows the mistake; where none does, why."""
    cases = [case for case in asked(mutant) if is_asked(case)]
    for case in cases:
        if judges(case) and case.command == "run":
            prepared(case)  # by the true oracle
    with oracle_with(mutant) as oracle:
        for case in cases:
            if not lies_inside(case, oracle):
                return CloseJudgement(mutant, case.id)

        def reply(case: Case, request: Json) -> Json:
            net = changed_net(case, oracle)
            result: Json = oracle["answer"].answer(case.command, net, request)["result"]
            return result

        compared = [case for case in cases if judges(case)]
        why, share = reason(compared, prepared, reply)
        return CloseJudgement(mutant, None, why=why, share=share)


def judged(filters: list[str], jobs: int) -> list[CloseJudgement]:
    """All mutants of the arithmetic that `exact` catches; none if the oracle itself lies outside, which is said."""
    started = time.monotonic()
    mutants = [
        m
        for m in every_mutant()
        if m.name not in EQUIVALENT and (not filters or any(word in m.name for word in filters))
    ]
    sections = tuple(dict.fromkeys(section for mutant in mutants for section in mutant.cases))
    fault = judge(Mutant("none", "", "scalar", source("scalar"), sections)).killer
    if fault is not None:
        print(f"the oracle itself lies outside in {fault}")
        return []
    with ProcessPoolExecutor(jobs) as pool:
        judgements = list(pool.map(judge, mutants, chunksize=8))
    print(f"close: {len(mutants)} mutants in {time.monotonic() - started:.0f} s", file=sys.stderr)
    return judgements


def report(judgements: list[CloseJudgement]) -> int:
    """Prints the table and what is not seen; gives the exit status."""
    print(table(judgements))
    for one in judgements:
        if one.killer is None:
            print(
                f"inside: {one.mutant.name}: {one.why}{f', {one.share:.2g}' if one.share else ''}"
            )
    return 0 if judgements else 1


Row = tuple[str, list[int]]


def rows(judgements: Iterable[CloseJudgement]) -> list[Row]:
    """Section; those that `exact` catches, those that `close` catches, and the others by REASONS. The last row is all."""
    every = list(judgements)
    found: list[Row] = []
    for section in [*sorted({one.mutant.section for one in every}), ""]:
        chosen = [one for one in every if section in ("", one.mutant.section)]
        caught = sum(one.killer is not None for one in chosen)
        by_reason = [sum(one.why == word for one in chosen) for word in REASONS]
        found.append((section or "all", [len(chosen), caught, *by_reason]))
    return found


def table(judgements: Iterable[CloseJudgement]) -> str:
    """One line a section; the equivalent ones of the level `exact` are left out."""
    heads = ("at exact", "at close", *REASONS)
    lines = [f"{'section':16}" + "".join(f"{head:>17}" for head in heads)]
    lines += [
        f"{section:16}" + "".join(f"{number:17}" for number in numbers)
        for section, numbers in rows(judgements)
    ]
    return "\n".join(lines)
