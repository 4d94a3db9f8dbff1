"""Puts the cases about reading to a mutant of the reader's oracle until one of them notices.

Everything happens in this process: the answers are made from the mutant's modules and compared as the
harness compares those of a runtime. A mutant that crashes, or does not come to an end, has been noticed.
"""

import signal
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import CodeType, FrameType, ModuleType
from typing import Any

from conformance.case import Case, find
from conformance.compare import differences
from conformance.compare_arrays import MalformedError
from conformance.compare_documents import kept, same
from conformance.messages import Answer
from conformance.mutants.judge import Judgement
from conformance.mutants.mutant import PACKAGE, Mutant, source
from conformance.mutants.reader import MODULES, PLACES

READING = ("validate", "convert", "read_state", "write_state", "encode", "text")
SECONDS = 3.0  # of computing for one case: a thousand times what most take
HEAVY_SECONDS = 60.0
MOST = 100  # findings that a runtime reports [stage-3]
# Documents of this size are slow, and put only to what they are about.
HEAVY = 50_000
ABOUT_HEAVY = {"finding": ("limits",), "structure": ("limits",), "digest": ("digests",)}
# Modules that every document passes: only the cases about them are asked.
OF_BYTES = ("utf8", "json_reader", "msgpack_reader")
NO_PROGRAM = "(no program)"
MARK = ".py of a mutant"
Oracle = dict[str, ModuleType]


class NoProgramError(Exception):
    """A change after which the module can't be loaded: it is no mutant."""


class EndlessError(BaseException):
    """A mutant that goes on and on; no `except` of the oracle catches it."""


# --- cases ----------------------------------------------------------------------------------------


@cache
def questions() -> tuple[Case, ...]:
    """The cases that the reader alone answers, the smallest first."""
    cases = [case for case in find() if case.command in READING or is_refusal(case)]
    return tuple(sorted(cases, key=lambda case: (size(case), case.id)))


def is_refusal(case: Case) -> bool:
    """A command that fails because its document is refused."""
    error = case.expect.get("error")
    return case.document is not None and error is not None and not error["code"].startswith("RUN_")


def size(case: Case) -> int:
    """Of the document."""
    return 0 if case.document is None else len(case.document.data)


@cache
def reached() -> dict[str, frozenset[str]]:
    """The id of a case → the functions of the oracle that its answer needs: module.function."""
    found: dict[str, frozenset[str]] = {}
    true_oracle()  # its modules are loaded before anything is counted
    with oracle_with(None) as oracle:
        for case in questions():
            seen: set[CodeType] = set()

            def call(frame: FrameType, _event: str, _argument: object, seen: Any = seen) -> None:  # noqa: ANN401
                seen.add(frame.f_code)

            if size(case) > HEAVY:  # they reach what small ones reach
                found[case.id] = frozenset(f"{module}." for module in MODULES)
                continue
            sys.settrace(call)
            try:
                answer(case, oracle)
            finally:
                sys.settrace(None)
            found[case.id] = frozenset(places(seen))
    return found


def places(called: set[CodeType]) -> Iterator[str]:
    """The functions of the oracle among those called."""
    for code in called:
        if code.co_filename.endswith(MARK):
            function = code.co_qualname.partition(".<locals>")[0]
            yield f"{code.co_filename.removesuffix(MARK)}.{function}"


def asked(mutant: Mutant) -> list[Case]:
    """The cases that reach the changed function: those that have noticed a mistake there come first."""
    kills = noticed.get(f"{mutant.module}.{mutant.place}", Counter())
    return sorted(reaching(mutant.module, mutant.place), key=lambda case: -kills[case.id])


@cache
def reaching(module: str, place: str) -> tuple[Case, ...]:
    """The cases that reach a function, those of its module's sections first; every case for a constant."""
    name, sections = f"{module}.{place}", PLACES[module][1]
    everywhere = all(name not in functions for functions in reached().values())
    light = [
        case
        for case in questions()
        if size(case) <= HEAVY
        and (everywhere or name in reached()[case.id])
        and (module not in OF_BYTES or case.section in sections)
    ]
    about = ABOUT_HEAVY.get(module, ())
    heavy = [case for case in questions() if size(case) > HEAVY and case.section in about]
    return (*sorted(light, key=lambda case: case.section not in sections), *heavy)


# A function of the oracle → the cases that have noticed a mistake there, which are asked first.
noticed: dict[str, Counter[str]] = {}


# --- mutants --------------------------------------------------------------------------------------


@contextmanager
def oracle_with(mutant: Mutant | None) -> Iterator[Oracle]:
    """The reader's modules, fresh from the changed one on; the true ones come back afterwards."""
    names = [PACKAGE + module for module in MODULES]
    true = {name: sys.modules[name] for name in names if name in sys.modules}
    made: Oracle = {}
    first = 0 if mutant is None else MODULES.index(mutant.module)
    try:
        for k, (module, name) in enumerate(zip(MODULES, names, strict=True)):
            if k < first and name in true:
                made[module] = true[name]
                continue
            made[module] = sys.modules[name] = ModuleType(name)
            if mutant is None or module != mutant.module:
                exec(true_code(module), made[module].__dict__)  # noqa: S102 - ours
                continue
            try:
                exec(compiled(mutant), made[module].__dict__)  # noqa: S102 - ours
            except Exception as error:
                raise NoProgramError from error
        yield made
    finally:
        for name in names:
            sys.modules.pop(name, None)
        sys.modules.update(true)


@cache
def true_code(module: str) -> CodeType:
    """A module of the oracle, compiled; its frames can be told by the name of the file."""
    return compile(source(module), f"{module}{MARK}", "exec")


def compiled(mutant: Mutant) -> CodeType:
    """The changed module."""
    return compile(mutant.source, f"{mutant.module}{MARK}", "exec")


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Ends what takes too long."""

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise EndlessError

    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def judge(mutant: Mutant) -> Judgement:
    """The first case that the mutant answers otherwise than the case expects."""
    reached()  # by the true oracle
    try:
        with oracle_with(mutant) as oracle:
            for case in asked(mutant):
                try:
                    is_endless, is_right = False, agrees(case, oracle)
                except EndlessError:
                    is_endless, is_right = True, False
                if not is_right:
                    place = f"{mutant.module}.{mutant.place}"
                    noticed.setdefault(place, Counter())[case.id] += 1
                    return Judgement(mutant, case.id, is_endless)
    except NoProgramError:
        return Judgement(mutant, NO_PROGRAM)
    return Judgement(mutant, None)


def agrees(case: Case, oracle: Oracle) -> bool:
    """Whether the answer would pass; EndlessError if there is none in time."""
    try:
        with alarm(SECONDS if size(case) <= HEAVY else HEAVY_SECONDS):
            given = answer(case, oracle)
            if case.command in ("convert", "write_state") and given.kind == "result":
                return "error" not in case.expect and not given.value["differences"]
            return not differences(case, given, player=False)
    except MalformedError:
        return False
    except Exception:  # noqa: BLE001 - whatever a mistake leads to
        return False


# --- answers --------------------------------------------------------------------------------------


def answer(case: Case, oracle: Oracle) -> Answer:
    """What a runtime with this reader would say."""
    request = case.request
    if case.command == "write_state":
        return written(request, oracle)
    assert case.document is not None
    options = (case.document.data, request.get("limits"))
    anyway = {"try_anyway": request.get("try_anyway", False)}
    if case.command == "read_state":
        state = oracle["saved_state"].read_state(*options, **anyway)
        result = {"findings": reported(state.findings)}
        if state.state is not None:
            result["state"] = oracle["saved_state"].to_wire(state.state)
        return Answer("result", result)
    read = oracle["reader"].read(*options, **anyway)
    if case.command == "validate":
        result = {"findings": reported(read.findings)}
        if read.document is not None:
            for digest in ("structure", "fingerprint"):
                result[digest] = getattr(oracle["digest"], digest)(read.document)
        return Answer("result", result)
    if read.document is None:
        return Answer("error", {"code": reported(read.findings)[0]["code"]})
    if case.command == "convert":
        # It would write what it has read.
        true = true_document(*options)
        return Answer("result", {"differences": same(kept(true), kept(read.document), "")})
    return texts(case.command, read.document, request, oracle)


@cache
def true_oracle() -> Oracle:
    """The modules without a mistake."""
    with oracle_with(None) as oracle:
        return oracle


@cache
def true_document(data: bytes, limits: None) -> Any:  # noqa: ANN401 - a document is JSON
    """What the reader makes of a document."""
    return true_oracle()["reader"].read(data, limits).document


def reported(findings: list[Any]) -> list[dict[str, Any]]:
    """[stage-3]: a hundred at most, errors before warnings."""
    errors_first = sorted(findings, key=lambda finding: finding.severity != "error")
    return [
        {part: getattr(finding, part) for part in ("code", "stage", "severity", "place")}
        for finding in errors_first[:MOST]
    ]


def texts(command: str, document: Any, request: dict[str, Any], oracle: Oracle) -> Answer:  # noqa: ANN401
    """[protocol-9]."""
    module = oracle["vocabulary"]
    vocabulary = module.Vocabulary.of_entry(document["vocabularies"][request["vocabulary"]])
    try:
        if command == "encode":
            return Answer("result", {"ids": module.encode(vocabulary, request["text"])})
        return Answer("result", {"text": module.decode(vocabulary, request["ids"])})
    except oracle["finding"].RunError as fault:
        return Answer("error", {"code": fault.code})


def written(request: dict[str, Any], oracle: Oracle) -> Answer:
    """[saved-4]: refused or not; what is then written is the writer's matter."""
    module = oracle["saved_state"]
    try:
        module.check_writable(module.of_wire(request["state"]), request.get("structure"))
    except oracle["finding"].RunError as fault:
        return Answer("error", {"code": fault.code})
    return Answer("result", {"differences": []})


def check(mutants: list[Mutant]) -> None:
    """Makes sure that the oracle itself is no mutant, and that what all judges need is there."""
    del mutants
    reached()
    with oracle_with(None) as oracle:
        for case in questions():
            if not agrees(case, oracle):
                raise ValueError(f"the oracle itself fails {case.id}: generate the cases first")
