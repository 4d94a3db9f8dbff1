import ast
import pickle
import string
from pathlib import Path

import pytest

import rnnspec
from rnnspec import codes
from rnnspec.issue import (
    Issue,
    RnnspecError,
    child,
    escaped,
    escaped_pointer,
    failure,
    listed,
    quoted,
)

SOURCES = sorted(Path(rnnspec.__file__).parent.rglob("*.py"))
RAISERS = {"failure", "issue", "fault", "add"}


def placeholders(entry: codes.Code) -> set[str]:
    templates = entry.what + entry.expected + entry.fix
    return {name for _, name, _, _ in string.Formatter().parse(templates) if name}


def raised() -> list[tuple[str, str, set[str]]]:
    """Every place in the sources that names a code: where, which, with which arguments."""
    found = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = (
                node.func.attr
                if isinstance(node.func, ast.Attribute)
                else getattr(node.func, "id", "")
            )
            first = node.args[0]
            if (
                name in RAISERS
                and isinstance(first, ast.Attribute)
                and isinstance(first.value, ast.Name)
                and first.value.id == "codes"
            ):
                arguments = {keyword.arg or "**" for keyword in node.keywords}
                found.append((f"{path.name}:{node.lineno}", first.attr, arguments))
    return found


def test_every_raiser_fills_its_template() -> None:
    calls = raised()
    assert len(calls) > 60
    wrong = [
        (where, code, arguments, placeholders(codes.CODES[code]))
        for where, code, arguments in calls
        if arguments != placeholders(codes.CODES[code])
    ]
    assert wrong == []


# Advice is the command line's own.
READERS = [name for name, entry in codes.CODES.items() if entry.stage != "advice"]


def test_every_code_is_raised_somewhere() -> None:
    assert {code for _, code, _ in raised()} >= set(READERS)


@pytest.mark.parametrize("code", codes.CODES)
def test_each_code_renders(code: str) -> None:
    arguments = {name: f"<{name}>" for name in placeholders(codes.CODES[code])}
    for place in (7, "/layers/0", ""):
        text = str(Issue(code, place, arguments))
        assert text.startswith(code + ": ")
        assert "\n" not in text
        assert "{{" not in text
        for value in arguments.values():
            assert value in text


HOSTILE = [
    "\u202e\x1b[31m\n" * 30,
    "x" * 1000,
    "{name}{0}{{",
    "\ud800\U0010ffff" * 20,
    "é" * 99,
    "",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_stays_short_and_visible(text: str) -> None:
    assert len(escaped(text)) <= 40
    assert escaped(text).isprintable()
    assert len(listed([text] * 20)) <= 62
    pointer = child(child(child("/tensors", text), text), 7)
    assert len(escaped_pointer(pointer)) <= 60
    assert escaped_pointer(pointer).endswith("/7")


def places(code: str, pointer: str) -> list[int | str]:
    """Places as the stage of a code has them."""
    by_stage: dict[str, list[int | str]] = {"bytes": [10**9], "syntax": [0], "run": ["temperature"]}
    return by_stage.get(codes.CODES[code].stage, [pointer, ""])


@pytest.mark.parametrize("code", READERS)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_code_breaks_its_line(code: str, text: str) -> None:
    """With what the sources pass: texts quoted, lists listed."""
    arguments = dict.fromkeys(placeholders(codes.CODES[code]), quoted(text))
    arguments |= {"expected": listed([text] * 20)} if "expected" in arguments else {}
    for place in places(code, child("/metadata", text)):
        line = str(Issue(code, place, arguments))
        assert len(line) <= 200
        assert line.isprintable()
        assert line.startswith(f"{code}: ")


def test_a_message_of_usual_length_is_whole() -> None:
    """Of no code the advice is cut off, with arguments and places as they usually are."""
    for code in READERS:
        arguments = dict.fromkeys(placeholders(codes.CODES[code]), '"a name"')
        for place in places(code, "/layers/12/type"):
            line = str(Issue(code, place, arguments))
            assert not line.endswith("…"), line


def test_user_text_is_escaped_and_cut() -> None:
    assert escaped("a\x1b[31m\u202eb\n") == "a\\u{1b}[31m\\u{202e}b\\u{a}"
    assert escaped("x" * 40) == "x" * 40
    assert escaped("x" * 41) == "x" * 39 + "…"
    assert len(quoted("x" * 1000)) == 42
    message = failure(codes.TENSOR_UNUSED, child("/tensors", "\x07" * 9), got=quoted("\ud800"))
    assert str(message).isprintable()


def test_pointers_escape_tilde_and_slash() -> None:
    assert child(child("", "a/b~c"), 3) == "/a~1b~0c/3"


def test_the_error_is_a_value_error_and_survives_pickling() -> None:
    error = failure(codes.RUN_NONFINITE, "input")
    assert isinstance(error, ValueError)
    copy = pickle.loads(pickle.dumps(error))
    assert isinstance(copy, RnnspecError)
    assert copy.issues == error.issues
    assert copy.code == "RUN_NONFINITE"
