"""The command line as a whole: exit codes, streams, wrong files."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import rnnspec
from rnnspec.cli import VERBS, main
from rnnspec.cli.text import error_line, prose, safe
from rnnspec.save import Encoding

from .nets import as_json, character_net, document, feature_net

COMMAND = (sys.executable, "-m", "rnnspec")


def call(capsys: pytest.CaptureFixture[str], *argv: object) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    capsys.readouterr()
    try:
        code = main([str(argument) for argument in argv])
    except SystemExit as end:
        code = int(end.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


def saved(model: rnnspec.Model, path: Path) -> Path:
    """The path, with a model there."""
    rnnspec.save(model, path)
    return path


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    return saved(character_net(), tmp_path / "letters.rnn")


@pytest.fixture
def features(tmp_path: Path) -> Path:
    return saved(feature_net(), tmp_path / "features.rnn")


WRONG = {
    "empty": (b"", "BYTES_EMPTY"),
    "png": (b"\x89PNG\r\n\x1a\n", "BYTES_FOREIGN"),
    "zip": (b"PK\x03\x04", "BYTES_FOREIGN"),
    "html": (b"<!DOCTYPE html>", "BYTES_FOREIGN"),
    "text": (b"hello", "BYTES_UNRECOGNISED"),
    "latin1": (b'{"name": "\xe9"}', "BYTES_UTF8"),
    "cut": (rnnspec.to_bytes(feature_net(), "msgpack")[:-7], "SYNTAX_END"),
    "future": (as_json({**document(), "rnnspec": "2.0"}), "VERSION_UNSUPPORTED"),
    "bare": (b'{"rnnspec": "%s"}' % rnnspec.FORMAT_VERSION.encode(), "STRUCTURE_MISSING"),
}

# Verbs that read a model, and what else each needs. In diff, a wrong model is trouble: 2, as diff has it.
READERS = ("validate", "info", "convert", "run", "generate", "selftest", "diff")


def needs(verb: str, path: object, tmp_path: Path) -> list[object]:
    x = tmp_path / "x.json"
    x.write_text("[0]")
    more: dict[str, list[object]] = {
        "convert": [tmp_path / "out.rnn"],
        "run": ["--input", x],
        "diff": [path],
    }
    return more.get(verb, [])


@pytest.mark.parametrize("verb", READERS)
@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_file_is_a_finding_of_every_verb(
    verb: str, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "wrong.rnn"
    data, expected = WRONG[kind]
    path.write_bytes(data)
    code, out, err = call(capsys, verb, path, *needs(verb, path, tmp_path))
    assert code == (2 if verb == "diff" else 1)
    found = out if verb == "validate" else err
    assert found.startswith(str(path))
    assert f"error {expected}: " in found
    assert not (tmp_path / "out.rnn").exists()


@pytest.mark.parametrize("verb", READERS)
def test_what_cannot_be_read_is_said_in_a_line(
    verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "x.json").write_text("[0]")
    for name in ("absent", ".", "x.json/inside", "loop", "n" * 300, "nul\0"):
        path = f"{tmp_path}/{name}"
        if verb == "validate" and name == ".":
            continue  # it validates what is in a folder
        code, out, err = call(capsys, verb, path, *needs(verb, path, tmp_path))
        assert (code, err.count("\n")) == (2, 1), name
        assert err.startswith(f"rnnspec: can't read {safe(path)}: ")
        assert not out or verb == "validate"


def test_an_error_line_has_place_code_and_advice_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.rnn"
    path.write_text('{"rnnspec": "1.0-draft.1",\n "é": nul}')
    _, out, _ = call(capsys, "validate", path)
    assert out.splitlines()[0].startswith(f"{path}:2:7: error SYNTAX_UNEXPECTED: ")
    assert out.count("at byte 34") == 1
    path.write_bytes(as_json({**document(), "layers": 3}))
    _, out, _ = call(capsys, "validate", path)
    line = out.splitlines()[0]
    column = path.read_text().index('"layers": 3') + len('"layers": ') + 1
    assert line.startswith(f"{path}:1:{column}: error STRUCTURE_TYPE: ")
    assert line.count("/layers") == 1
    assert line.endswith("; write a value of that type")


def test_a_message_cannot_steer_the_terminal() -> None:
    """Texts from files come escaped in issues; this is the second lock on the door."""
    issue = rnnspec.Issue("STRUCTURE_TYPE", "/a", {"expected": "\x1b[2J", "got": "\n"})
    assert error_line("a.rnn", issue).isprintable()


def test_no_position_in_msgpack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.rnn"
    path.write_bytes(WRONG["cut"][0])
    assert call(capsys, "validate", path)[1].startswith(f"{path}: error SYNTAX_END")


def test_names_and_texts_cannot_steer_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a\x1b[31m\n.rnn"
    evil = "\x1b]0;owned\x07\n\u202e\u009b2J"
    model = {**document(), "name": evil, "license": evil}
    path.write_bytes(as_json(model))
    outputs = [*call(capsys, "info", path)[1:], *call(capsys, "selftest", path)[1:]]
    model["examples"][0]["source"]["system"] = evil
    path.write_bytes(as_json(model))
    outputs += call(capsys, "selftest", path)[1:]
    path.write_bytes(as_json({**model, evil: 1}))
    outputs += call(capsys, "validate", path)[1:]
    outputs += call(capsys, "info", path)[1:]
    outputs += call(capsys, "info", f"{path}x")[1:]
    outputs += call(capsys, "run", path, "--input", "x\x1b", "--output", evil)[1:]
    outputs += call(capsys, "info", path, evil)[1:]
    for text in outputs:
        assert all(c.isprintable() or c == "\n" for c in text), ascii(text)
    assert len([text for text in outputs if "\\u{1b}" in text]) >= 6


def test_prose_keeps_its_lines_and_its_languages() -> None:
    text = "é\n\t\u3000\u200d😀"
    assert prose(text) == text
    assert prose("\x1b[2J\r\u202e") == "\\u{1b}[2J\\u{d}\\u{202e}"


@pytest.mark.parametrize("encoding", ["json", "msgpack"])
def test_content_decides_and_not_the_name(
    encoding: Encoding, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "weird.png"
    path.write_bytes(rnnspec.to_bytes(character_net(), encoding))
    assert call(capsys, "validate", path)[0] == 0
    assert f", {encoding}, " in call(capsys, "info", path)[1]


def test_help_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in VERBS:
        code, out, _ = call(capsys, verb.NAME, "--help")
        assert code == 0
        assert "\nexamples:\n" in out
        assert f"\n  rnnspec {verb.NAME}" in out
        assert all(ord(c) < 128 for c in out)
    code, out, _ = call(capsys, "--version")
    assert (code, out) == (0, f"rnnspec {rnnspec.__version__}\nformat {rnnspec.FORMAT_VERSION}\n")


def test_wrong_use(letters: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for argv in ([], ["nonsense"], ["validate"], ["info", letters, "--nope"], ["run", letters]):
        code, out, err = call(capsys, *argv)
        assert (code, out) == (2, "")
        assert "usage: rnnspec" in err
    assert call(capsys, "info") == (2, "", "rnnspec: give a model, or --runtime\n")
    assert call(capsys, "info", letters, "--form", "json")[0] == 2  # no abbreviations


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["validat", "x"], "there is no verb 'validat'; did you mean validate?"),
        (["genrate"], "did you mean generate?"),
        (["zzz"], "there is no verb 'zzz'; expected one of validate, info,"),
        (["validate", "--fromat", "json", "x"], "there is no --fromat; did you mean --format?"),
        (["validate", "--fromat=json", "x"], "did you mean --format?"),
        (["validate", "--format", "jsn", "x"], "there is no choice 'jsn'; did you mean json?"),
        (["info", "x", "--zzz"], "there is no --zzz\n"),
        (["info", "x", "--limit", "sise=1"], "there is no limit sise; did you mean size?"),
        (["info", "x", "--limit", "size=many"], "size=many: expected a number"),
    ],
)
def test_the_nearest_word_is_named(
    argv: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = call(capsys, *argv)
    assert (code, out) == (2, "")
    assert expected in err


def test_limits_are_options(letters: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for verb in ("info", "selftest"):
        code, _, err = call(capsys, verb, letters, "--limit", "layers=2")
        assert code == 1
        assert "error LIMIT_LAYERS" in err
    assert call(capsys, "info", letters, "--limit", "size=100")[0] == 1
    assert call(capsys, "info", letters, "--limit", "size=1K", "--limit", "size=1M")[0] == 0


def test_a_fault_of_ours_is_a_line(
    letters: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("rnnspec.cli.info._facts", broken)
    code, _, err = call(capsys, "info", letters)
    assert (code, err.count("\n")) == (2, 1)
    assert "ZeroDivisionError: oh" in err
    assert "Traceback" in call(capsys, "--debug", "info", letters)[2]
    assert "Traceback" in call(capsys, "info", letters, "--debug")[2]


# --- real processes -----------------------------------------------------------------------------------


def process(*argv: object, **options: object) -> subprocess.CompletedProcess[bytes]:
    env = {**os.environ, "PYTHONUNBUFFERED": ""}  # as users have it
    settings = {"capture_output": True, "timeout": 60, "env": env, **options}
    return subprocess.run([*COMMAND, *map(str, argv)], check=False, **settings)  # type: ignore[call-overload, no-any-return] # as given


def test_standard_input(letters: Path) -> None:
    done = process("validate", "-", input=letters.read_bytes())
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].startswith(b"OK <stdin>: ")
    assert done.stderr == b""
    assert process("info", "-", input=b"{").stderr.startswith(b"<stdin>:1:2: error SYNTAX_END")


def test_standard_input_is_read_once(letters: Path) -> None:
    for argv in (["validate", "-", "-"], ["run", "-", "--input", "-"]):
        done = process(*argv, input=letters.read_bytes())
        assert done.returncode == 2
        assert b"only once" in done.stderr


def test_a_closed_pipe_is_silent(letters: Path) -> None:
    for argv in (["generate", letters, "--prime", "a", "--count", "100000"], ["--help"]):
        reading, writing = os.pipe()
        os.close(reading)
        done = process(*argv, capture_output=False, stdout=writing, stderr=subprocess.PIPE)
        os.close(writing)
        assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_a_line(letters: Path) -> None:
    for argv in (["info", letters], ["convert", letters, "-"]):
        with Path("/dev/full").open("wb") as full:
            done = process(*argv, capture_output=False, stdout=full, stderr=subprocess.PIPE)
        assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)
        assert b"No space left" in done.stderr


def test_closed_streams(letters: Path) -> None:
    script = 'exec "$0" -m rnnspec info "$1" {}'
    for closed, code in (("<&- >&- 2>&-", 0), (">&-", 0)):
        argv = ["sh", "-c", script.format(closed), sys.executable, str(letters)]
        done = subprocess.run(argv, capture_output=True, check=False, timeout=60)
        assert (done.returncode, done.stderr) == (code, b"")
    argv = ["sh", "-c", script.format("<&-"), sys.executable, "-"]
    done = subprocess.run(argv, capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (2, b"rnnspec: can't read <stdin>: it is closed\n")


def test_ctrl_c(letters: Path) -> None:
    # A shell starts what runs in its background with SIGINT ignored, and that is inherited.
    script = """if True:
        import signal, sys
        signal.signal(signal.SIGINT, signal.default_int_handler)
        from rnnspec.cli import main
        sys.exit(main())
    """
    argv = [sys.executable, "-c", script, "generate", str(letters), "--prime", "a"]
    argv += ["--count", "100000"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.read(1)
        running.send_signal(signal.SIGINT)
        running.stdout.read()
        assert running.stderr.read() == b""
        assert running.wait(60) == 130


def test_every_encoding_of_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "a.rnn"
    path.write_bytes(as_json({**document(), "name": "größe"}))
    done = process("info", path, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert b"gr\\xf6\\xdfe" in done.stdout


def test_a_file_name_of_bytes(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path / "a") + b"\xff.rnn"
    Path(os.fsdecode(path)).write_bytes(rnnspec.to_bytes(feature_net(), "json"))
    done = subprocess.run(
        [*COMMAND, "validate", path], capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0
    assert b"\nOK " in done.stdout


def at_a_terminal(*argv: object) -> str:
    """What a command shows, with standard output and error at a terminal."""
    ours, theirs = os.openpty()
    with subprocess.Popen([*COMMAND, *map(str, argv)], stdout=theirs, stderr=theirs) as running:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 4096):
                shown += piece
        except OSError:  # how Linux says that the other end is closed
            pass
        running.wait(60)
    os.close(ours)
    return shown.decode()


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="this system has no terminals")
def test_a_net_cannot_steer_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "evil.rnn"
    model = json.loads(rnnspec.to_bytes(character_net(), "json"))
    model["vocabularies"]["letters"]["tokens"] = ["\x1b", "\x07", *"\u202e\x9b\r\x00\u2028"]
    path.write_bytes(as_json(model))
    argv = ["generate", path, "--prime", "\x07", "--count", "40", "--temperature", "128"]
    shown = at_a_terminal(*argv)
    assert "\\u{1b}" in shown
    assert all(c.isprintable() or c in "\r\n" for c in shown)
    assert b"\x1b" in process(*argv).stdout  # a pipe gets what the net wrote
    assert "nothing for a terminal" in at_a_terminal("convert", path, "-")


def test_progress_only_at_a_terminal(
    features: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    x = tmp_path / "x.json"
    x.write_text(json.dumps([[0, 0, 0]] * 9))
    clock = iter(range(1000))
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    monkeypatch.setattr("rnnspec.cli.run._ROWS", 2)
    assert call(capsys, "run", features, "--input", x)[2] == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    err = call(capsys, "run", features, "--input", x)[2]
    assert "\rrun 22 %" in err
    assert err.endswith("\r         \r")
