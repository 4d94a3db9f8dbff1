"""The judge of the mutants: it sees a mistake, lets the true oracle pass, and believes no crash."""

import dataclasses
import sys

import pytest

from conformance.mutants import operands
from conformance.mutants.judge import agrees, check, judge, questions
from conformance.mutants.known import KNOWN
from conformance.mutants.mutant import Mutant, oracle_with, replaced, source
from conformance.mutants.report import every_mutant, reader_mutants
from conformance.oracle import scalar

TERM = "a = add(a, mul(x[k], W[k][j]))"


def mutant(old: str, new: str) -> Mutant:
    return Mutant("test", "chain", "chain", replaced("chain", old, new), ("dense",))


def test_a_mistake_is_noticed() -> None:
    assert judge(mutant(TERM, "a = add(a, x[k] * W[k][j])")).killer is not None


@pytest.mark.parametrize(
    ("module", "old", "new", "cases"),
    [
        ("float32", "TINY = 2.0**-51", "TINY = 2.0**-50", "functions"),
        ("functions", "LOG2E = from_bits(0x3FB8AA3B)", "LOG2E = 1.5", "functions"),
        ("functions", "LOG2E = from_bits(0x3FB8AA3B)", "LOG2E = 1.5", "softmax"),
        ("activation", "0.0 if x <= alpha", "0.0 if x < alpha", "activations"),
        ("net", "T(v) for v in row", "-v for v in row", "dense"),
        ("cells", "sub(1.0, z[j])", "sub(z[j], 1.0)", "gru"),
        ("layers", "add(mul(x[j], s[j]), t[j])", "sub(mul(x[j], s[j]), t[j])", "affine"),
        ("row", "return x[-1:] if x", "return x[:1] if x", "last_step"),
        ("scalar", "lengths[n]\n        made", "lengths[0]\n        made", "final"),
        ("decode", "if x[best] < x[k]", "if x[best] > x[k]", "decoding"),
        ("decode", "[k for k in firsts if k != nothing]", "firsts", "ctc"),
        ("answer", 'kinds.count("exact")', "7", "selftest"),
    ],
)
def test_every_module_can_be_mistaken(module: str, old: str, new: str, cases: str) -> None:
    assert judge(Mutant("test", "", module, replaced(module, old, new), (cases,))).killer


def test_the_true_oracle_passes() -> None:
    check([mutant(TERM, TERM)])
    assert judge(mutant(TERM, "a = add(a, mul(W[k][j], x[k]))")).killer is None


def test_a_passage_must_stand_there_once() -> None:
    with pytest.raises(ValueError, match="holds 0 times"):
        replaced("scalar", "no such passage", "")


def test_a_mutant_that_is_no_program_is_refused() -> None:
    with pytest.raises(NameError):
        judge(mutant(TERM, "a = nonsense(a)"))


def test_the_true_modules_come_back() -> None:
    before = scalar.run
    with oracle_with(mutant(TERM, "a = 0.0")) as oracle:
        assert oracle["scalar"].run is not before
    assert sys.modules["conformance.oracle.scalar"].run is before


def test_the_mutants_have_names_and_differ_from_the_oracle() -> None:
    mutants = every_mutant()
    assert len(mutants) > 1800
    assert all(m.source != source(m.module) for m in mutants)
    for m in mutants:
        compile(m.source, m.name, "exec")


def test_foretold_mistakes_have_their_mutants() -> None:
    names = {m.name for m in (*every_mutant(), *reader_mutants())}
    foretold = [m for found in KNOWN.values() if not isinstance(found, str) for m in found]
    assert set(foretold) <= names


def test_a_changed_expectation_is_noticed() -> None:
    case = questions("dense")[0]
    wrong = dataclasses.replace(case, expect={"chunks": []})
    with oracle_with(mutant(TERM, TERM)) as oracle:
        assert agrees(case, oracle)
        assert not agrees(wrong, oracle)


def test_operands_are_exchanged_where_they_have_a_value() -> None:
    names = [m.name for m in operands.mutants()]
    assert "operands.gru: h in the place of u (1)" in names
    assert "operands.gru: n in the place of z (1)" in names
    assert not any("u in the place of d" in name for name in names)
    assert "operands.lstm: candidate in the place of output (1)" in names
