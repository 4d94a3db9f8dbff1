"""`python -m conformance mutants --level close`: which mistakes still show where bits are not compared.

Mistakes that change only the order or the rounding of operations are no mistakes here, and stay inside.
"""

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from types import ModuleType

from conformance.case import Case
from conformance.close.judge import compare_step, judges, net_of, not_comparable, put
from conformance.close.questions import Question, questions
from conformance.mutants.equivalent import EQUIVALENT
from conformance.mutants.judge import Judgement, agrees, asked, cost, document_of
from conformance.mutants.mutant import Mutant, oracle_with, source
from conformance.mutants.report import every_mutant
from conformance.protocol import Answer

DEAREST = 3_000_000  # by the measure of `cost`: the few cases above it take longer than all others


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
    document = None if case.document is None else document_of(case.document.data)
    try:
        net = None if document is None else oracle["net"].load(document)
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


def judge(mutant: Mutant) -> Judgement:
    """The first case that shows the mistake, if any does."""
    cases = [case for case in asked(mutant) if is_asked(case)]
    for case in cases:
        if judges(case) and case.command == "run":
            prepared(case)  # by the true oracle
    with oracle_with(mutant) as oracle:
        for case in cases:
            if not lies_inside(case, oracle):
                return Judgement(mutant, case.id)
    return Judgement(mutant, None)


def report(filters: list[str], jobs: int) -> int:
    """Prints the table; gives the exit status: 0 unless the oracle itself lies outside."""
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
        return 1
    with ProcessPoolExecutor(jobs) as pool:
        judgements = list(pool.map(judge, mutants, chunksize=8))
    print(table(judgements))
    for judgement in judgements:
        if judgement.killer is None:
            print(f"inside: {judgement.mutant.name}")
    print(f"{len(mutants)} mutants in {time.monotonic() - started:.0f} s", file=sys.stderr)
    return 0


def table(judgements: list[Judgement]) -> str:
    """One line a section; the equivalent ones of the level `exact` are left out."""
    lines = [f"{'section':12} {'at exact':>8} {'at close':>8} {'inside':>6}"]
    sections = sorted({judgement.mutant.section for judgement in judgements})
    for section in [*sections, ""]:
        chosen = [j for j in judgements if section in ("", j.mutant.section)]
        caught = sum(j.killer is not None for j in chosen)
        lines.append(f"{section or 'all':12} {len(chosen):8} {caught:8} {len(chosen) - caught:6}")
    return "\n".join(lines)
