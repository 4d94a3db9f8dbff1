"""The enumerator of the reader's mutants: a toy module gives the mutants it should, and the judge sees them."""

import ast
import re
from collections.abc import Iterator

import pytest

from conformance.close.inside import BELOW, UNASKED
from conformance.close.mutants import CloseJudgement
from conformance.mutants import known, page, reader_judge
from conformance.mutants.judge import Judgement
from conformance.mutants.mutant import Mutant, source
from conformance.mutants.reader import mutants
from conformance.mutants.reader_changes import changes
from conformance.mutants.reader_equivalent import BEYOND, EQUIVALENT, beyond, reason
from conformance.mutants.reader_grammars import pattern_changes
from conformance.mutants.report import Part, Score, every_mutant, reader_mutants

TOY = '''\
"""Not a rule: 1 < 2."""
from elsewhere import nothing
WORDS = ("a", "b")

class Judge:
    def size(self, value: int, low: int = 3) -> bool:
        """Not a rule either."""
        assert value > 0
        if value < low:
            self.add("SMALL", f"{value + 1}")
            return False
        if value in self.limits and not self.free:
            raise FaultError("LIMIT", self.at)
        return True
'''
NAMES = {
    ("constants", 'without "a"'),
    ("constants", 'without "b"'),
    ("Judge.size", "3 + 1"),
    ("Judge.size", "3 - 1"),
    ("Judge.size", "value in self.limits and not self.free before value < low"),
    ("Judge.size", "always value < low"),
    ("Judge.size", "never value < low"),
    ("Judge.size", "<= in value < low"),
    ("Judge.size", 'no self.add("SMALL", f"{value + 1}")'),
    ("Judge.size", "no return False"),
    ("Judge.size", "False is True"),
    ("Judge.size", "always value in self.limits and not self.free"),
    ("Judge.size", "or in value in self.limits and not self.free"),
    ("Judge.size", "without value in self.limits"),
    ("Judge.size", "without not self.free"),
    ("Judge.size", "not in in value in self.limits"),
    ("Judge.size", "no sign of not self.free"),
    ("Judge.size", 'no raise FaultError("LIMIT", self.at)'),
    ("Judge.size", 'FaultError("LIMIT", self.at) at + 1'),
    ("Judge.size", 'FaultError("LIMIT", self.at) at - 1'),
    ("Judge.size", "True is False"),
}


def lines_of(text: str) -> list[str]:
    """As the parser writes them, so that parentheses don't matter."""
    return ast.unparse(ast.parse(text)).splitlines()


def changed_lines(name: str) -> set[str]:
    """The lines that a change of the toy brings in."""
    [changed] = [text for _, what, text in changes(TOY) if what == name]
    return {line.strip() for line in set(lines_of(changed)) - set(lines_of(TOY))}


def test_the_toy_gives_these_mutants_and_no_others() -> None:
    assert {(where, what) for where, what, _ in changes(TOY)} == NAMES


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ('without "a"', {"WORDS = ('b',)"}),
        ("<= in value < low", {"if value <= low:"}),
        ("never value < low", {"if False:"}),
        ('no self.add("SMALL", f"{value + 1}")', {"pass"}),
        (
            "or in value in self.limits and not self.free",
            {"if value in self.limits or not self.free:"},
        ),
        ("without not self.free", {"if value in self.limits:"}),
        (
            'FaultError("LIMIT", self.at) at + 1',
            {"raise FaultError('LIMIT', self.at + 1)"},
        ),
        ("3 + 1", {"def size(self, value: int, low: int=4) -> bool:"}),
    ],
)
def test_a_change_is_the_one_it_says(name: str, lines: set[str]) -> None:
    assert changed_lines(name) == lines


def test_neighbouring_checks_are_exchanged() -> None:
    [changed] = [text for _, what, text in changes(TOY) if " before " in what]
    assert changed.index("raise FaultError") < changed.index("self.add")
    assert sorted(changed) == sorted(TOY)


def test_branches_are_exchanged_with_their_conditions() -> None:
    text = "if a:\n    x.add(1)\nelif b:\n    x.add(2)\n"
    [changed] = [new for _, what, new in changes(text) if what == "b before a"]
    assert changed == "if b:\n    x.add(2)\nelif a:\n    x.add(1)\n"


def test_limits_that_are_no_integers_move_to_the_next_number() -> None:
    found = {what: text for _, what, text in changes("LOW = 0.5\n")}
    assert found == {
        "0.5 is the next above": "LOW = 0.5000000000000001\n",
        "0.5 is the next below": "LOW = 0.49999999999999994\n",
    }


def test_grammars_lose_ranges_and_shift_counts() -> None:
    found = dict(pattern_changes('"[a-c_]{0,2}"'))
    assert set(found.values()) == {
        *('"[a-c_]{1,2}"', '"[a-c_]{0,3}"', '"[a-c_]{0,1}"'),
        *('"[_]{0,2}"', '"[a-c]{0,2}"', '"[b-c_]{0,2}"', '"[a-b_]{0,2}"'),
    }


def test_every_mutant_is_another_program() -> None:
    found = reader_mutants()
    assert len(found) > 2900
    assert len({mutant.module for mutant in found}) == 16
    for mutant in found:
        assert mutant.source != source(mutant.module)
        compile(mutant.source, mutant.name, "exec")


def test_every_reason_is_that_of_a_mutant() -> None:
    names = [mutant.name for mutant in mutants()]
    for pattern in (*EQUIVALENT, *BEYOND):
        assert any(re.fullmatch(pattern, name) for name in names), pattern
    assert reason("reader.read: no such change") is beyond("reader.read: no such change") is None


# --- the judge ------------------------------------------------------------------------------------


def made(module: str, old: str, new: str, place: str) -> Mutant:
    text = source(module)
    assert text.count(old) == 1
    return Mutant("test", "", module, text.replace(old, new), (), place)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Cases of a few sections are enough here, and quick."""
    sections = ("bytes", "saved_state", "texts", "convert")
    chosen = tuple(
        case
        for case in reader_judge.questions()
        if case.section in sections and reader_judge.size(case) < 3000
    )
    monkeypatch.setattr(reader_judge, "questions", lambda: chosen)
    reader_judge.reached.cache_clear()
    yield
    reader_judge.reached.cache_clear()


@pytest.mark.usefixtures("few")
def test_the_judge() -> None:
    true = made("reader", 'startswith(b"<")', "startswith((b'<',))", "encoding")
    assert reader_judge.judge(true).killer is None
    wrong = made("reader", 'startswith(b"<")', 'startswith(b"!")', "encoding")
    assert (reader_judge.judge(wrong).killer or "").startswith("bytes/")
    special = made("vocabulary", " and not self.is_special(id)", "", "Vocabulary.ids_with_text")
    assert (reader_judge.judge(special).killer or "").startswith("texts/encode")
    state = made("saved_state", "0 in shape", "1 in shape", "check_writable")
    assert (reader_judge.judge(state).killer or "").startswith("saved_state/")
    loud = made("utf8", "at += 1 + len(tails)", "at += 1 // 0", "first_fault")
    assert reader_judge.judge(loud).killer is not None
    stored = made("tensors", '"dtype": dtype,', '"dtype": "float32",', "content")
    assert (reader_judge.judge(stored).killer or "").startswith("convert/")
    lost = made("tensors", '"values": widened}', '"values": []}', "content")
    assert (reader_judge.judge(lost).killer or "").startswith(("convert/", "bytes/"))


@pytest.mark.usefixtures("few")
def test_the_judge_stops_an_endless_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_judge, "SECONDS", 0.2)
    endless = made("utf8", "at += 1 + len(tails)", "pass", "first_fault")
    assert reader_judge.judge(endless).killer is not None


@pytest.mark.usefixtures("few")
def test_a_change_that_is_no_program_is_told_apart() -> None:
    broken = made("utf8", "TAIL = (0x80, 0xBF)", "TAIL = nonsense", "constants")
    assert reader_judge.judge(broken).killer == reader_judge.NO_PROGRAM


# --- the score ------------------------------------------------------------------------------------


def score() -> Score:
    names = {"killed": "a/b", "equal": None, "far": None, "left": None, "wrong": "a/c"}
    made_up = [Mutant(name, "s", "m", "", ()) for name in names]
    judgements = [
        Judgement(mutant, killer) for mutant, killer in zip(made_up, names.values(), strict=True)
    ]
    reasons, beyond = {"equal": "why", "wrong": "why"}, {"far": "Too long."}
    part = Part("toy", made_up, lambda _: None, lambda m: Judgement(m, None), reasons, beyond)
    return Score(part, judgements)


def test_the_score_counts_each_once() -> None:
    assert score().rows() == [("s", 5, 2, 1, 1, 1), ("all", 5, 2, 1, 1, 1)]
    assert [j.mutant.name for j in score().left] == ["left"]
    assert [j.mutant.name for j in score().beyond] == ["far"]
    assert [j.mutant.name for j in score().wrong] == ["wrong"]


def test_the_page_shows_scores_and_what_kills_the_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        page, "KNOWN", {"one": ("killed",), "two": ("equal",), "three": "Not in this draft."}
    )
    close = [
        CloseJudgement(Mutant("seen", "s", "m", "", ()), "a/b"),
        CloseJudgement(Mutant("small", "s", "m", "", ()), None, why=BELOW, share=0.25),
        CloseJudgement(Mutant("other", "s", "m", "", ()), None, why=UNASKED),
    ]
    text = page.page([score(), score()], close)
    assert text.count("| all | 5 | 2 | 1 | 1 | 1 |") == 2
    assert text.count("| all | 3 | 1 | 1 | 0 | 1 |") == 1
    assert "* beyond: `far`. Too long." in text
    assert "* left: `left`\n" in text
    assert (
        "**10 enumerated: 4 killed, 2 proved equivalent, 2 beyond the protocol, 2 left.**" in text
    )
    assert "`small` 0.2" in text
    assert "| one | `killed` | `a/b` |" in text
    assert "| two | `equal` | none can: it is equivalent |" in text
    assert "| three | – | Not in this draft. |" in text


def test_the_known_mistakes_have_mutants() -> None:
    names = {mutant.name for mutant in (*every_mutant(), *reader_mutants())}
    wanted = {name for entry in known.KNOWN.values() if isinstance(entry, tuple) for name in entry}
    assert wanted <= names
