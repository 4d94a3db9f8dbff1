"""Completion for three shells, and the hook for pre-commit: scripts that run elsewhere."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from rnnspec.cli import VERBS
from rnnspec.cli.completion import verbs
from rnnspec.cli.parser import tree

from .test_cli import COMMAND, call
from .test_cli_validate import broken, licensed, warned

Capture = pytest.CaptureFixture[str]
ROOT = Path(__file__).resolve().parent.parent.parent
SHELLS = ("bash", "zsh", "fish")
VERB_NAMES = {verb.NAME for verb in VERBS}


def script(shell: str, tmp_path: Path, capsys: Capture) -> Path:
    code, out, err = call(capsys, "completion", shell)
    assert (code, err) == (0, "")
    (tmp_path / f"rnnspec.{shell}").write_text(out)
    return tmp_path / f"rnnspec.{shell}"


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
class TestBash:
    """The script is run by bash itself."""

    @pytest.fixture
    def complete(self, tmp_path: Path, capsys: Capture) -> object:
        path = script("bash", tmp_path, capsys)

        def words(line: str) -> set[str]:
            """What is offered for the last word of a line."""
            parts = [""] if not line else re.findall(r"=|[^\s=]+", line)
            if line.endswith((" ", "=")):
                parts.append("")
            # As readline does it with = in COMP_WORDBREAKS: `--format=j` is three words.
            parts = [p for k, p in enumerate(parts) if not (p == "" and parts[k - 1] == "=")]
            quoted = " ".join(map(shlex.quote, parts))
            program = (
                f"source {shlex.quote(str(path))}; COMP_WORDS=({quoted}); "
                f"COMP_CWORD={len(parts) - 1}; _rnnspec; printf '%s\\n' \"${{COMPREPLY[@]}}\""
            )
            done = subprocess.run(
                ["bash", "--norc", "-c", program],
                cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60,
            )  # fmt: skip
            assert done.stderr == ""
            return set(done.stdout.splitlines()) - {""}

        return words

    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ("rnnspec ", VERB_NAMES),
            ("rnnspec va", {"validate"}),
            ("rnnspec --col", {"--color"}),
            ("rnnspec --color ", {"auto", "always", "never"}),
            ("rnnspec --color never ex", {"explain", "export"}),
            ("rnnspec validate --f", {"--format", "--fail-on"}),
            ("rnnspec validate --format ", {"text", "json", "sarif", "github"}),
            ("rnnspec validate --format s", {"sarif"}),
            ("rnnspec validate --format=s", {"sarif"}),
            ("rnnspec validate --format=", {"text", "json", "sarif", "github"}),
            ("rnnspec info --format ", {"text", "json"}),
            ("rnnspec completion ", set(SHELLS)),
            ("rnnspec validate mod", {"model.rnn", "models"}),
            ("rnnspec run model.rnn --input x", {"x.npy", "x y.rnn"}),
            ("rnnspec info x", {"x.npy", "x y.rnn"}),
            ("rnnspec generate --count ", set()),
            ("rnnspec generate --until ", set()),
            ("rnnspec convert model.rnn --to ", {"json", "msgpack"}),
            ("rnnspec convert model.rnn --dtype ", {"float32", "float16", "bfloat16", "int8"}),
            ("rnnspec convert model.rnn --axis ", {"0", "1"}),
            ("rnnspec decode --b", {"--blank"}),
            ("rnnspec decode --blank ", set()),
            ("rnnspec decode --input x", {"x.npy", "x y.rnn"}),
            ("rnnspec run --probe ", set()),
            ("rnnspec run --output-format n", {"npy", "npz"}),
            ("rnnspec generate --state x", {"x.npy", "x y.rnn"}),
        ],
    )
    def test_what_is_offered(
        self, line: str, expected: set[str], complete: object, tmp_path: Path
    ) -> None:
        for name in ("model.rnn", "x.npy", "x y.rnn"):
            (tmp_path / name).touch()
        (tmp_path / "models").mkdir()
        assert complete(line) == expected  # type: ignore[operator] # the function above


@pytest.mark.parametrize("shell", SHELLS)
def test_the_scripts_know_all_there_is(shell: str, tmp_path: Path, capsys: Capture) -> None:
    text = script(shell, tmp_path, capsys).read_text()
    found = list(verbs(tree()))
    assert {verb.name for verb in found} == VERB_NAMES | {""}
    for verb in found:
        assert verb.name in text
        for option in verb.options:
            for name in option.names:
                spelt = f"-{'l' if name.startswith('--') else 's'} {name.lstrip('-')}" if shell == "fish" else name  # fmt: skip
                assert spelt in text


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_can_read_it(shell: str, tmp_path: Path, capsys: Capture) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here")
    path = script(shell, tmp_path, capsys)
    subprocess.run([shell, "-n", str(path)], check=True, timeout=60)


def test_another_shell_is_refused(capsys: Capture) -> None:
    code, _, err = call(capsys, "completion", "zhs")
    assert (code, "did you mean zsh?" in err) == (2, True)


# --- pre-commit ---------------------------------------------------------------------------------------


def hook() -> dict[str, str]:
    """The one hook: plain `key: value` lines, read without a YAML library."""
    text = (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    assert [line for line in lines if line.startswith("- ")] == ["- id: rnnspec-validate"]
    return {
        key.strip("- "): value.strip().strip("'")
        for key, value in (line.split(":", 1) for line in lines)
    }


def test_the_hook_takes_model_files() -> None:
    pattern = hook()["files"]
    for name in ("a.rnn", "models/b.rnn.json", "C.RNN"):
        assert re.search(pattern, name), name
    for name in ("a.json", "rnn", "a.rnn.txt", "arnn", "a.rnnx.json"):
        assert not re.search(pattern, name), name


def test_the_hook_runs(tmp_path: Path) -> None:
    """As pre-commit runs it: the entry, then the names of files."""
    program, *options = shlex.split(hook()["entry"])
    assert program == "rnnspec"

    def run(*paths: Path) -> subprocess.CompletedProcess[bytes]:
        argv = [*COMMAND, *options, *map(str, paths)]
        return subprocess.run(argv, capture_output=True, check=False, timeout=60)

    good, bad = licensed(tmp_path), broken(tmp_path)
    done = run(good, warned(tmp_path))
    assert (done.returncode, done.stdout.count(b"\n")) == (0, 1)
    done = run(good, bad)
    assert (done.returncode, b"error STRUCTURE_TYPE" in done.stdout) == (1, True)
    assert hook()["language"] == "system"
