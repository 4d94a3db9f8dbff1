"""What strangers get: the choice of cases, known failures, adapters to begin with, the archive, the wheel."""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from conformance import archive, new_adapter
from conformance.case import CASES, Case, CaseError, find
from conformance.hatch_build import closure, renamed
from conformance.report import PROFILES, VERSION, claim
from conformance.runner import Runtime
from conformance.tests.test_runner import FAKE, call, real_answers
from conformance.verdict import Outcome, Verdict

ROOT = Path(__file__).parents[2]
ALL = len(find())


def ask(tmp_path: Path, mode: str, *options: str) -> subprocess.CompletedProcess[str]:
    path = str(real_answers(tmp_path, "versions/"))
    return call("run", "versions/", *options, "--", sys.executable, str(FAKE), path, mode)


# --- which cases ----------------------------------------------------------------------------------


def test_sections_are_whole_names() -> None:
    listed = call("list", "--section", "json,gru").stdout.splitlines()
    assert {line.partition("/")[0] for line in listed} == {"json", "gru"}
    assert len(listed) == len([case for case in find() if case.section in ("json", "gru")])


def test_list_by_features_and_sections() -> None:
    listed = call("list", "dense/", "--features", "json,dense").stdout
    assert "dense/one" in listed
    counted = call("list", "--sections").stdout.split()
    assert sum(int(word) for word in counted if word.isdigit()) == ALL


def test_list_of_nothing_fails() -> None:
    assert call("list", "lstm/", "--features", "json").returncode == 2


@pytest.mark.parametrize(
    "options", [("--section", "nets"), ("--profile", "whole"), ("--class", "reader"), ("--timeout", "0")]
)  # fmt: skip
def test_an_unknown_choice_is_wrong_use(options: tuple[str, ...]) -> None:
    assert call("run", *options, "--", "true").returncode == 2


def test_exit_status_of_an_adapter_that_is_none() -> None:
    assert call("run", "versions/", "--", str(ROOT / "no-such-adapter")).returncode == 3
    assert call("run", "versions/", "--", "true").returncode == 3


def test_a_class_that_is_not_claimed_is_no_run(tmp_path: Path) -> None:
    done = ask(tmp_path, "right", "--class", "complete")
    assert done.returncode == 3
    assert "does not claim the class complete" in done.stderr


def test_a_class_stands_in_the_claim(tmp_path: Path) -> None:
    assert "· validator ·" in ask(tmp_path, "right", "--class", "validator").stdout


def test_a_profile_asks_for_what_is_not_declared(tmp_path: Path) -> None:
    """The fake declares no gru; held to `core` it is asked all the same."""
    done = ask(tmp_path, "right", "--profile", "core")
    assert done.returncode == 0
    assert "· core ·" in done.stdout


def test_a_profile_has_its_own_cases() -> None:
    """[claim-4]: those that need none but its features."""
    core, full, every = (
        sum(
            int(word)
            for word in call("list", *options, "--sections").stdout.split()
            if word.isdigit()
        )
        for options in (("--profile", "core"), ("--profile", "full"), ())
    )
    assert 0 < core < full == every == ALL
    assert call("list", "tensors/int8", "--profile", "core").returncode == 2


def test_a_claim_counts_the_cases_of_its_profile() -> None:
    """Whoever declares the core and a feature more is judged by the cases of core."""
    core = Case("a/one", "", ("json-1",), ("json",), "", "validate", {})
    more = replace(core, id="a/two", features=("json", "add"))
    full = replace(core, id="a/three", features=("json", "ctc"))
    outcomes = [
        Outcome(core, Verdict.PASS, (), 0.0),
        Outcome(more, Verdict.MISMATCH, (), 0.0),
        Outcome(full, Verdict.SKIPPED, (), 0.0),
    ]
    declared = PROFILES["core"] | {"add"}
    runtime = Runtime("r", "1", "C", ("player",), frozenset(declared))
    assert claim(runtime, outcomes) == f"rnnspec {VERSION} · exact · player · core · 1/1"
    whole = replace(runtime, features=PROFILES["full"])
    assert claim(whole, outcomes) == f"rnnspec {VERSION} · exact · player · full · 1/2"
    little = replace(runtime, features=frozenset({"json", "add"}))
    assert claim(little, outcomes) == f"rnnspec {VERSION} · exact · player · json+add · 1/2"


def broken_cases() -> dict[str, bytes]:
    """How a case file can be broken, as what stands in it."""
    sound = (CASES / "dense/one.case.json").read_bytes()
    value = json.loads(sound)
    without = {name: what for name, what in value.items() if name != "expect"}
    changed = {
        "no object": [value],
        "without a member": without,
        "an unknown member": value | {"requests": {}},
        "another type": value | {"features": "json"},
        "no such file": value | {"document": {"file": "none.rnn"}},
        "no form of a document": value | {"document": {"bytes": ""}},
        "pieces of one": value | {"document": {"pieces": ["{"]}},
        "another place": value | {"id": "dense/two"},
    }
    return {
        "cut": sound[:-10],
        "no text": b"\xff" + sound,
        **{name: json.dumps(what).encode() for name, what in changed.items()},
    }


@pytest.mark.parametrize("how", broken_cases())
def test_a_broken_case_is_told_whatever_is_chosen(how: str, tmp_path: Path) -> None:
    for folder, name in (("dense", "one"), ("versions", "some")):
        (tmp_path / folder).mkdir()
        case = json.loads((CASES / "dense/one.case.json").read_bytes())
        case |= {"id": f"{folder}/{name}", "document": {"text": "{}"}}
        (tmp_path / folder / f"{name}.case.json").write_text(json.dumps(case))
    assert [case.id for case in find(["versions/"], tmp_path)] == ["versions/some"]
    (tmp_path / "dense/one.case.json").write_bytes(broken_cases()[how])
    for choice in ({"filters": ["versions/"]}, {"sections": ["versions"]}):
        with pytest.raises(CaseError, match=r"^dense/one\.case\.json: "):
            find(root=tmp_path, **choice)


# --- known failures -------------------------------------------------------------------------------


def test_a_list_of_failures_makes_the_next_run_pass(tmp_path: Path) -> None:
    path = tmp_path / "known.txt"
    done = ask(tmp_path, "one-finding-less", "--list-failures", str(path))
    assert done.returncode == 1
    lines = path.read_text().splitlines()
    assert lines
    assert all(re.fullmatch(r"versions/\S+  # mismatch: .+", line) for line in lines), lines
    again = ask(tmp_path, "one-finding-less", "--known-failures", str(path))
    assert again.returncode == 0, again.stderr
    assert f"{len(lines)} known failures, 0 others" in again.stderr
    assert f"{len(lines)} failed" in again.stdout  # the report hides nothing


def test_a_known_failure_that_passes_fails_the_run(tmp_path: Path) -> None:
    path = tmp_path / "known.txt"
    name = find(["versions/"])[0].id
    path.write_text(f"# a comment\n\n{name} # mended?\n")
    done = ask(tmp_path, "right", "--known-failures", str(path))
    assert done.returncode == 1
    assert f"unexpected pass: {name}" in done.stderr


def test_a_known_failure_that_is_no_case_fails_the_run(tmp_path: Path) -> None:
    path = tmp_path / "known.txt"
    path.write_text("versions/renamed # long ago\n")
    done = ask(tmp_path, "right", "--known-failures", str(path))
    assert done.returncode == 1
    assert "no such case: versions/renamed" in done.stderr


def test_a_known_failure_that_was_not_asked_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "known.txt"
    path.write_text("dense/one # another section\n")
    assert ask(tmp_path, "right", "--known-failures", str(path)).returncode == 0


def test_a_new_failure_beside_known_ones_fails_the_run(tmp_path: Path) -> None:
    path = tmp_path / "known.txt"
    ask(tmp_path, "one-finding-less", "--list-failures", str(path))
    first, *rest = path.read_text().splitlines(keepends=True)
    path.write_text("".join(rest))
    done = ask(tmp_path, "one-finding-less", "--known-failures", str(path))
    assert done.returncode == 1, first


@pytest.mark.parametrize("text", ["versions/a versions/b # two", "versions/a\nversions/a", None])
def test_a_bad_list_is_wrong_use(text: str | None, tmp_path: Path) -> None:
    path = tmp_path / "known.txt"
    if text is not None:
        path.write_text(text)
    assert ask(tmp_path, "right", "--known-failures", str(path)).returncode == 2


def test_reasons_stay_when_the_list_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "known.txt"
    ask(tmp_path, "one-finding-less", "--list-failures", str(path))
    name = path.read_text().split()[0]
    path.write_text(f"{name} # ours: issue 7\n")
    both = ("--known-failures", str(path), "--list-failures", str(path))
    ask(tmp_path, "one-finding-less", *both)
    assert path.read_text().splitlines()[0] == f"{name}  # ours: issue 7"


def test_fail_fast_is_no_claim(tmp_path: Path) -> None:
    done = ask(tmp_path, "one-finding-less", "--fail-fast", "--jobs", "1")
    assert done.returncode == 1
    assert "this is no claim" in done.stdout
    assert "\n0 passed, 1 failed" in done.stdout or " passed, 1 failed" in done.stdout


def test_progress_is_for_a_terminal_only(tmp_path: Path) -> None:
    assert ask(tmp_path, "right").stderr == ""
    path = str(real_answers(tmp_path, "versions/this"))
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "conformance", "run", "versions/this", "--"]
    subprocess.run(
        [*command, sys.executable, str(FAKE), path, "right"],
        stderr=theirs, stdout=subprocess.DEVNULL, cwd=ROOT, check=True, timeout=60,
    )  # fmt: skip
    os.close(theirs)
    assert b"0 failed  versions/this" in os.read(ours, 10_000)
    os.close(ours)


# --- adapters to begin with -----------------------------------------------------------------------

PRESENT = [
    (name, language)
    for name, language in new_adapter.LANGUAGES.items()
    if shutil.which((language.build or language.run)[0])
]


def test_the_tool_chains_of_this_repository_are_here() -> None:
    assert {"python", "javascript", "java", "c", "generic"} <= {name for name, _ in PRESENT}


@pytest.fixture(scope="module")
def begun(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a new adapter that is built, once for the tests of a language."""
    name, language = request.param
    folder = tmp_path_factory.mktemp("new") / "mine"
    told = call("new-adapter", name, str(folder))
    assert told.returncode == 0, told.stderr
    assert " ".join(language.run) in told.stdout
    if language.build:
        subprocess.run(language.build, cwd=folder, check=True, capture_output=True, timeout=120)
    return folder


@pytest.mark.parametrize(
    ("begun", "language"),
    [pytest.param(pair, pair[1], id=pair[0]) for pair in PRESENT],
    indirect=["begun"],
)
def test_a_new_adapter_skips_everything(begun: Path, language: new_adapter.Language) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "conformance", "run", "--jobs", "1", "--", *language.run],
        cwd=begun, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:]
    assert done.stdout.splitlines()[-1] == f"2 passed, 0 failed, {ALL - 2} skipped"


@pytest.mark.parametrize(
    ("begun", "language"),
    [pytest.param(pair, pair[1], id=pair[0]) for pair in PRESENT],
    indirect=["begun"],
)
def test_a_new_adapter_answers_skipped(begun: Path, language: new_adapter.Language) -> None:
    """What the suite never asks of one that declares nothing: any other command, and a long line."""
    document = base64.b64encode(bytes(100_000)).decode()
    lines = [
        {"seq": 1, "command": "start", "protocol": 1},
        {"seq": 22, "command": "validate", "document": document},
        {"seq": 23, "command": "decode", "document": "", "prime": 'a "b\\" [,{', "count": 1},
        {"seq": 24, "command": "stop"},
    ]
    done = subprocess.run(
        language.run, cwd=begun, input="".join(json.dumps(line) + "\n" for line in lines),
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    start, *others = [json.loads(line) for line in done.stdout.splitlines()]
    assert start["seq"] == 1
    assert others == [
        {"seq": 22, "skipped": {"feature": "validate"}},
        {"seq": 23, "skipped": {"feature": "decode"}},
        {"seq": 24, "result": {}},
    ]


def test_a_new_adapter_replaces_nothing(tmp_path: Path) -> None:
    (tmp_path / "adapter.py").write_text("mine")
    assert call("new-adapter", "python", str(tmp_path)).returncode == 2
    assert (tmp_path / "adapter.py").read_text() == "mine"


# --- the archive ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["cases.zip", "cases.tar.gz"])
def test_an_archive_is_the_same_twice(name: str, tmp_path: Path) -> None:
    digests = set()
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        assert call("archive", str(tmp_path / folder / name)).returncode == 0
        digests.add(hashlib.sha256((tmp_path / folder / name).read_bytes()).digest())
    assert len(digests) == 1


def test_an_archive_has_another_name(tmp_path: Path) -> None:
    assert call("archive", str(tmp_path / "cases.rar")).returncode == 2


def test_twenty_lines_read_the_archive(tmp_path: Path) -> None:
    """As a stranger would, without a line of this package; nothing is computed again."""
    path = tmp_path / "cases.zip"
    path.write_bytes(archive._zip(archive.entries()))
    with zipfile.ZipFile(path) as pack:
        root = pack.namelist()[0].partition("/")[0]
        index = json.loads(pack.read(f"{root}/index.json"))
        documents = {}
        seen = 0
        for row in index["cases"]:
            case = json.loads(pack.read(f"{root}/{row['case']}"))
            request = {"command": case["command"], **case.get("request", {})}
            if "model" in row:
                data = pack.read(f"{root}/{row['model']}")
                request["document"] = base64.b64encode(data).decode()
            documents[row["id"]] = (request, case["expect"])
            seen += 1
        left = set(pack.namelist()) - {f"{root}/{row['case']}" for row in index["cases"]}
        left -= {f"{root}/{row['model']}" for row in index["cases"] if "model" in row}
    assert seen == index["count"] == ALL
    assert left == {f"{root}/README.md", f"{root}/index.json"}
    # Only now the package: are they the requests that an adapter gets, and the answers it is held to?
    assert documents == {case.id: (case.request_line(), case.expect) for case in find()}


def test_each_document_stands_in_the_archive_once() -> None:
    cases = find(["dense/", "sequences/", "limits/"])
    files = archive.entries(cases)
    models = [data for name, data in files.items() if name.startswith("models/")]
    assert len(models) == len({case.document.data for case in cases if case.document})


def test_the_archives_readme_explains_every_command() -> None:
    text = archive.README.read_text()
    assert all(f"`{case.command}`" in text for case in find())


# --- the wheel ------------------------------------------------------------------------------------


def test_the_wheel_has_what_the_command_line_imports() -> None:
    names = {
        path.relative_to(ROOT / "conformance").as_posix() for path in closure(ROOT / "conformance")
    }
    assert {
        "cli.py",
        "__main__.py",
        "__init__.py",
        "report/page/__init__.py",
        "oracle/reader.py",
    } <= names
    assert not [
        name for name in names if name.startswith(("generator/", "mutants/", "tests/", "soak/"))
    ]
    assert not [name for name in names if name.startswith("golden")]


def test_imports_are_renamed_and_nothing_else() -> None:
    text = "from conformance.case import a\nimport conformance\n    from conformance import b\n# conformance\nfrom conformances import c\n"
    assert renamed(text) == (
        "from rnnspec_conformance.case import a\nimport rnnspec_conformance\n"
        "    from rnnspec_conformance import b\n# conformance\nfrom conformances import c\n"
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of an environment with the wheel in it, and nothing else."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    offline = ["--no-deps", "--no-index"]
    subprocess.run(
        [
            *pip,
            "wheel",
            *offline,
            "--no-build-isolation",
            "-w",
            str(folder),
            str(ROOT / "conformance"),
        ],
        check=True,
    )
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")], check=True
    )
    (wheel,) = folder.glob("*.whl")
    target = ["--python", str(folder / "venv/bin/python")]
    subprocess.run(
        [*pip, *target, "install", *offline, "--no-compile", str(wheel)], check=True, cwd=folder
    )
    return folder / "venv/bin"


def test_ten_cases_from_the_installed_wheel(installed: Path, tmp_path: Path) -> None:
    program = str(installed / "rnnspec-conformance")
    adapter = ["node", str(ROOT / "js/src/adapter.js")]
    written = [case.id for case in find() if case.command in ("convert", "write_state")]
    chosen = [*written[:: len(written) // 7], "protocol/start", "protocol/stop", "dense/one"]
    done = subprocess.run(
        [program, "run", *chosen, "--report", str(tmp_path / "r.html"), "--", *adapter],
        capture_output=True, text=True, check=False, cwd=tmp_path, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    passed = int(done.stdout.splitlines()[-1].split()[0])
    assert passed >= len(chosen) >= 10
    assert (tmp_path / "r.html").stat().st_size > 1000


def test_the_installed_wheel_does_the_rest(installed: Path, tmp_path: Path) -> None:
    program = str(installed / "rnnspec-conformance")

    def does(*arguments: str) -> str:
        return subprocess.run(
            [program, *arguments],
            capture_output=True, text=True, check=True, cwd=tmp_path, timeout=120,
        ).stdout  # fmt: skip

    assert len(does("list").splitlines()) == ALL
    assert "rnnspec-conformance run -- python3 adapter.py" in does("new-adapter", "python")
    does("archive", "cases.zip")
    assert (tmp_path / "cases.zip").read_bytes() == archive._zip(archive.entries())
    assert "generate" not in does("--help")
    python = str(installed / "python")
    has = "import importlib.util as u, sys; sys.exit(u.find_spec('conformance') is not None)"
    subprocess.run([python, "-c", has], check=True, cwd=tmp_path)
