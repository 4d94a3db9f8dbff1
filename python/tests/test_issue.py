import ast
import pickle
import string
from pathlib import Path

import pytest

import rnnspec
from rnnspec import codes
from rnnspec.issue import Issue, RnnspecError, child, escaped, failure, quoted

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


def test_every_code_is_raised_somewhere() -> None:
    assert {code for _, code, _ in raised()} == set(codes.CODES)


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


def test_user_text_is_escaped_and_cut() -> None:
    assert escaped("a\x1b[31m\u202eb\n") == "a\\u{1b}[31m\\u{202e}b\\u{a}"
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
