"""Puts cases to a mutant until one of them notices."""

from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

from conformance.case import Case, find
from conformance.mutants.mutant import Mutant, oracle_with, source
from conformance.oracle.reader import read

COMMANDS = ("run", "decode", "ctc", "evaluate", "selftest", "encode", "text")


@dataclass(frozen=True)
class Judgement:
    """A mutant and the case that noticed it, if any."""

    mutant: Mutant
    killer: str | None
    is_endless: bool = False  # noticed as it came to no end


@cache
def questions(section: str) -> tuple[Case, ...]:
    """The cases of one section that the scalar oracle answers, the cheapest first."""
    cases = [case for case in every_case() if case.section == section and case.command in COMMANDS]
    if not cases:
        raise ValueError(f"no case in the section {section}")
    return tuple(sorted(cases, key=lambda case: (cost(case), case.id)))


def asked(mutant: Mutant) -> list[Case]:
    """The cases put to a mutant: those named after what is changed first, then section by section."""
    cases = [case for section in mutant.cases for case in questions(section)]
    return sorted(cases, key=lambda case: mutant.place not in case.id)


@cache
def every_case() -> tuple[Case, ...]:
    """All of the suite."""
    return tuple(find())


def cost(case: Case) -> int:
    """About how long a case takes."""
    size = 0 if case.document is None else len(case.document.data)
    return size * len(str(case.request))


@cache
def document_of(data: bytes) -> Any:  # noqa: ANN401 - a document is JSON
    """What the reader's oracle makes of a model; None if it is refused."""
    return read(data).document


def judge(mutant: Mutant) -> Judgement:
    """The first case that the mutant answers otherwise than the case expects."""
    with oracle_with(mutant) as oracle:
        for case in asked(mutant):
            if not agrees(case, oracle):
                return Judgement(mutant, case.id)
    return Judgement(mutant, None)


def agrees(case: Case, oracle: dict[str, ModuleType]) -> bool:
    """Whether the oracle gives what the case expects; a crash is none."""
    document = None if case.document is None else document_of(case.document.data)
    if case.document is not None and document is None:
        return True  # a case about an invalid document: the reader answers, not the oracle
    try:
        if case.command in ("encode", "text"):
            reply = oracle["answer"].answer_text(case.command, document, case.request)
        else:
            net = None if document is None else oracle["net"].load(document)
            reply = oracle["answer"].answer(case.command, net, case.request)
    except (NameError, SyntaxError):
        raise  # a mutant that is no program proves nothing
    except Exception:  # noqa: BLE001 - whatever a mistake leads to
        return False
    got = reply.get("result", reply)
    return bool(without_states(got, case.expect) == case.expect)


def without_states(got: Any, expect: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """The answer without the states that the case does not ask for."""
    if len(got.get("chunks", ())) != len(expect.get("chunks", ())) or "chunks" not in got:
        return got
    chunks = [
        one if "state" in other else {key: one[key] for key in one if key != "state"}
        for one, other in zip(got["chunks"], expect["chunks"], strict=True)
    ]
    return got | {"chunks": chunks}


def check(mutants: list[Mutant]) -> None:
    """Makes sure that the oracle itself is no mutant."""
    sections = dict.fromkeys(section for mutant in mutants for section in mutant.cases)
    fault = judge(Mutant("none", "", "scalar", source("scalar"), tuple(sections))).killer
    if fault is not None:
        raise ValueError(f"the oracle itself fails {fault}: generate the cases first")
