"""`rnnspec import`: what it prints, what it writes, and how it ends."""

import io
import json
from pathlib import Path

import numpy as np
import pytest

import rnnspec
from rnnspec.cli import main
from rnnspec.importers import CODES, SYSTEMS

from .originals import elman
from .test_elman import three, weights, write
from .test_tensorflow1 import TOKENS
from .tf1_writer import language_model
from .tf1_writer import write as write_folder


def call(capfd: pytest.CaptureFixture[str], *argv: object) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of `rnnspec import …`."""
    capfd.readouterr()
    try:
        code = main(["import", *map(str, argv)])
    except SystemExit as end:
        code = int(end.code or 0)
    out, err = capfd.readouterr()
    return code, out, err


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "letters", language_model())


def test_it_says_what_it_understood_and_changed_and_writes(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "letters.rnn"
    code, out, err = call(capfd, folder, "-o", target, "--tokens", TOKENS, "--license", "MIT")
    assert (code, err) == (0, "")
    first, *lines, last = out.splitlines()
    assert first == f"{folder}: {SYSTEMS['tensorflow1'].title}"
    assert any(
        line.startswith(
            "  changed     added 1.0 to the forget bias: TensorFlow adds it at run time"
        )
        for line in lines
    )
    assert {line[2:12].strip() for line in lines} == {
        "understood",
        "changed",
        "assumed",
        "left out",
    }
    size = target.stat().st_size
    # (7 + 11 + 1)·44 + (11 + 9 + 1)·36 + 23·7 + (9 + 1)·23
    assert last == f"OK {target}: 4 layers, 1,983 parameters, 1 exact example, {size:,} bytes"
    model = rnnspec.load(target)
    assert (model.name, model.license) == ("letters", "MIT")
    assert (model.metadata or {})["imported_from"] == "tensorflow1"
    assert not rnnspec.selftest(rnnspec.compile(model)).failed
    assert sorted(path.name for path in tmp_path.iterdir()) == ["letters", "letters.rnn"]


def test_json_by_the_name_of_the_target(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    arguments = (folder, "--tokens", TOKENS, "--exact", 0)
    assert call(capfd, *arguments, "-o", tmp_path / "a.rnn.json")[0] == 0
    assert call(capfd, *arguments, "-o", tmp_path / "a.rnn")[0] == 0
    assert (tmp_path / "a.rnn.json").read_bytes().startswith(b"{")
    a, b = (rnnspec.load(tmp_path / name) for name in ("a.rnn.json", "a.rnn"))
    assert rnnspec.fingerprint(a) == rnnspec.fingerprint(b)
    assert a.examples is None


def test_standard_output_is_the_model_and_the_report_goes_to_standard_error(
    folder: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["import", str(folder), "-o", "-", "--tokens", TOKENS]) == 0
    out, err = capfdbinary.readouterr()
    assert rnnspec.load(out).name == "letters"
    assert b"forget bias" in err


def test_a_dry_run_writes_nothing(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    arguments = (folder, "--tokens", TOKENS, "--dry-run")
    code, out, _ = call(capfd, *arguments)
    assert code == 0
    assert out.splitlines()[-1].startswith("OK nothing written: 4 layers")
    assert call(capfd, *arguments, "-o", tmp_path / "x.rnn")[0] == 0
    assert not (tmp_path / "x.rnn").exists()


def test_a_report_for_programs(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "a.rnn"
    code, out, _ = call(capfd, folder, "-o", target, "--tokens", TOKENS, "--format", "json")
    report = json.loads(out)
    model = rnnspec.load(target)
    assert code == 0
    assert report["system"] == "tensorflow1"
    assert report["written"] == str(target)
    assert report["bytes"] == target.stat().st_size
    assert report["fingerprint"] == rnnspec.fingerprint(model)
    assert report["structure"] == rnnspec.structure(model)
    assert (report["layers"], report["parameters"]) == (4, 1983)
    assert report["examples"] == {"exact": 1, "reference": 0}
    assert {note["kind"] for note in report["notes"]} == {"understood", "changed", "assumed", "left out"}  # fmt: skip


def test_what_is_refused_leaves_the_target_alone(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "a.rnn"
    target.write_text("before")
    code, out, err = call(capfd, folder, "-o", target)
    assert (code, out) == (1, "")
    assert err.startswith(f"rnnspec: {folder}: the net reads ids of 23 tokens, and there is no voc")
    assert err.count("\n") == 1
    code, out, err = call(capfd, folder, "-o", target, "--format", "json")
    assert (code, err) == (1, "")
    assert json.loads(out)["refused"]["code"] == "IMPORT_ASK"
    assert target.read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.rnn", "letters"]


def test_options_of_the_systems(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    arguments = (folder, "--dry-run", "--tokens", TOKENS)
    options = ("--forget-bias", 0, "--ignore", "rnnlm/softmax_w", "--ignore", "rnnlm/softmax_b")
    code, out, _ = call(capfd, *arguments, *options)
    assert code == 0
    assert "nothing is added to the forget bias" in out
    assert "rnnlm/softmax_b, rnnlm/softmax_w: as you said" in out
    code, _, err = call(capfd, *arguments, "--orientation", "xW")
    assert (code, "tensorflow1 has no option --orientation" in err) == (1, True)
    code, _, err = call(capfd, *arguments, "--from", "elman")
    assert (code, "rnnspec: " in err) == (1, True)
    code, _, err = call(capfd, *arguments, "--limit", "size=10")
    assert (code, "larger than 10 bytes" in err) == (1, True)


def test_a_reference_is_compared_and_kept(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    net = weights()
    path, target = write(tmp_path / "net.json", net), tmp_path / "net.rnn"
    x = np.random.default_rng(4).normal(size=(20, 7)).astype(np.float32)
    y = elman(net["Wxh"], net["Whh"], net["bh"], x.astype(np.float64)) @ net["Why"] + net["by"]
    np.save(tmp_path / "x.npy", x)
    (tmp_path / "y.json").write_text(json.dumps(y.tolist()))
    arguments = (path, "-o", target, "--input-kind", "features", "--source", "numpy", "2.4")
    arguments += ("--reference", tmp_path / "x.npy", tmp_path / "y.json")  # type: ignore[assignment]  # a longer tuple
    code, out, _ = call(capfd, *arguments)
    assert (code, "what numpy 2.4 gave, within" in out) == (0, True)
    assert rnnspec.selftest(rnnspec.compile(rnnspec.load(target))).verdict == "verified"
    code, _, err = call(capfd, *arguments, "--activation", "relu")
    assert (code, "misses what numpy gave by" in err) == (1, True)
    assert call(capfd, *arguments, "--tolerance", "1e-30")[0] == 1


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["net.json"],
        ["net.json", "--dry-run", "--exact", "-1"],
        ["net.json", "--dry-run", "--reference", "x.npy", "y.npy"],
        ["net.json", "--dry-run", "--source", "numpy", "2"],
        ["net.json", "--dry-run", "--tolerance", "2"],
        ["net.json", "--dry-run", "--from", "caffe"],
        ["net.json", "--dry-run", "--forget-bias", "one"],
        ["net.json", "-o", "-", "--format", "json"],
        ["absent.json", "--dry-run"],
        ["net.json", "--dry-run", "--vocabulary", "absent.json", "--orientation", "xW"],
        ["net.json", "-o", "no/such/folder.rnn", "--tokens", "abcdefg", "--orientation", "xW"],
    ],
)
def test_wrong_use_is_exit_code_2(
    argv: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "net.json", three())
    code, out, err = call(capfd, *argv)
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    assert err.splitlines()[-1].startswith("rnnspec")


def test_the_list_is_the_registry(capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capfd, "--list")
    assert code == 0
    for system in SYSTEMS.values():
        assert f"{system.name}: {system.title}\n" in out
        for option in system.options:
            assert f"{option.flag} " in out
    code, out, _ = call(capfd, "--list", "--format", "json")
    assert code == 0
    assert [system["name"] for system in json.loads(out)] == list(SYSTEMS)
    (tensorflow1,) = (system for system in json.loads(out) if system["name"] == "tensorflow1")
    assert tensorflow1["options"][4]["default"] == 1.0


def test_the_list_of_one_system(capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capfd, "--list", "--from", "keras")
    assert (code, out.splitlines()[0]) == (0, f"keras: {SYSTEMS['keras'].title}")
    assert "onnx: " not in out
    _, out, _ = call(capfd, "--list", "--from", "keras", "--format", "json")
    assert [system["name"] for system in json.loads(out)] == ["keras"]


def test_a_net_through_a_pipe(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "net.json", weights())
    piped(monkeypatch, path.read_bytes())
    one, other = tmp_path / "one.rnn", tmp_path / "other.rnn"
    assert call(capfd, "-", "-o", one, "--input-kind", "features")[0] == 0
    assert call(capfd, path, "-o", other, "--input-kind", "features")[0] == 0
    assert rnnspec.fingerprint(rnnspec.load(one)) == rnnspec.fingerprint(rnnspec.load(other))
    assert (rnnspec.load(one).name, rnnspec.load(other).name) == ("stdin", "net")
    piped(monkeypatch, path.read_bytes())
    code, _, err = call(capfd, "-", "-o", one, "--limit", "size=100")
    assert (code, "larger than 100 bytes" in err) == (1, True)
    index = {"vocab": [0], "next": 24, "arrays": []}
    piped(monkeypatch, json.dumps(index).encode())
    code, _, err = call(capfd, "-", "-o", one)
    assert code == 1, err


def piped(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """Puts bytes into standard input."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_the_page_names_every_code() -> None:
    page = Path(__file__).parents[3] / "docs/importers.md"
    text = page.read_text("utf-8")
    for code, meaning in CODES.items():
        assert f"| `{code}` | {meaning} |" in text
