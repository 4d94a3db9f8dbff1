"""`rnnspec convert`: encodings, dtypes, digits, and files that are true or not there."""

import gzip
import json
import re
import subprocess
import sys
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Context, Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rnnspec
from rnnspec import Tensor
from rnnspec.cli.files import Refused
from rnnspec.cli.storage import stored

from .nets import bits, character_net, feature_net
from .test_cli import call, saved
from .test_cli_verbs import with_examples

Capture = pytest.CaptureFixture[str]
FINITE = st.floats(width=32, allow_nan=False, allow_infinity=False)


def cut(values: np.ndarray, digits: int) -> np.ndarray:
    """The weights of a layer that is made of `values`, after --digits."""
    model = rnnspec.Model(
        input=rnnspec.FeatureInput(size=1),
        layers=(rnnspec.DenseLayer(name="d", size=values.size, parameters={"W": "W"}),),
        output=rnnspec.Output(kind="values"),
        tensors={"W": Tensor(values.reshape(1, -1))},
    )
    return stored(model, None, digits).model.tensors["W"].values.reshape(values.shape)


@given(st.lists(FINITE, min_size=1), st.integers(1, 9))
def test_cutting_is_rounding_half_to_even(values: list[float], digits: int) -> None:
    """Against the exact decimal arithmetic of the standard library."""
    context = Context(prec=digits, rounding=ROUND_HALF_EVEN, Emin=-999, Emax=999)
    given_ = np.array(values, np.float32)
    with np.errstate(over="ignore"):
        expected = np.array(
            [float(context.create_decimal(Decimal(v))) for v in given_.tolist()]
        ).astype(np.float32)
    if np.isfinite(expected).all():
        assert (bits(cut(given_, digits)) == bits(expected)).all()
    else:
        with pytest.raises(Refused, match="digits"):
            cut(given_, digits)


def test_ties_go_to_even() -> None:
    ties = np.array([[0.125, 0.375, -0.125, 2.5]], np.float32)  # exact in binary
    assert cut(ties, 2).tolist() == np.array([[0.12, 0.38, -0.12, 2.5]], np.float32).tolist()
    assert cut(ties, 1).tolist() == np.array([[0.1, 0.4, -0.1, 2]], np.float32).tolist()


def significant(number: str) -> int:
    digits = re.sub(r"e.*|[-.]", "", number).lstrip("0").rstrip("0")
    return len(digits)


@pytest.mark.parametrize("digits", [1, 3, 5, 7, 9])
def test_digits(digits: int, tmp_path: Path, capsys: Capture) -> None:
    path, target = saved(character_net(), tmp_path / "a.rnn"), tmp_path / "b.rnn.json"
    code, out, err = call(capsys, "convert", path, target, "--digits", digits)
    assert (code, out) == (0, "")
    texts = json.loads(target.read_text(), parse_float=str, parse_int=str)["tensors"]
    numbers = [text for tensor in texts.values() for text in tensor["data"]]
    assert max(map(significant, numbers)) == digits
    before, after = character_net(), rnnspec.load(target)
    largest = 0.0
    for name, tensor in after.tensors.items():
        assert (bits(tensor.values) == bits(cut(before.tensors[name].values, digits))).all()
        difference = tensor.values - before.tensors[name].values
        largest = max(largest, float(np.abs(difference).max()))
    if digits == 9:
        assert err.endswith(", same fingerprint\n")
    else:
        assert f"another fingerprint, parameters changed by at most {largest:.2g} (" in err


def test_digits_make_small_files(tmp_path: Path, capsys: Capture) -> None:
    path, target = saved(character_net(hidden=64), tmp_path / "a.rnn"), tmp_path / "b.json"
    call(capsys, "convert", path, target, "--digits", 5)
    assert len(gzip.compress(target.read_bytes())) < len(gzip.compress(path.read_bytes()))


def test_what_digits_cannot_say_is_refused(tmp_path: Path, capsys: Capture) -> None:
    big = Tensor(np.full((4, 2), np.finfo(np.float32).max, np.float32))
    model = replace(feature_net(), tensors={**feature_net().tensors, "V": big})
    path, target = saved(model, tmp_path / "a.rnn"), tmp_path / "b.json"
    code, _, err = call(capsys, "convert", path, target, "--digits", "4")
    assert code == 1
    assert err == "rnnspec: 4 digits make a value of the tensor V infinite: give another number of digits\n"  # fmt: skip
    assert not target.exists()
    assert call(capsys, "convert", path, target, "--digits", "3")[0] == 0


@pytest.mark.parametrize(
    "wrong",
    [
        ["b.rnn", "--digits", "5"],
        ["b.json", "--digits", "5", "--dtype", "float16"],
        ["b.json", "--digits", "5", "--numbers", "base64"],
        ["b.json", "--digits", "0"],
        ["b.json", "--digits", "10"],
        ["b.rnn", "--numbers", "decimal"],
        ["-", "--to", "json", "--format", "json"],
    ],
)
def test_contradictions(wrong: list[str], tmp_path: Path, capsys: Capture) -> None:
    path = saved(feature_net(), tmp_path / "a.rnn")
    target, *more = wrong
    target = target if target == "-" else str(tmp_path / target)
    code, out, _ = call(capsys, "convert", path, target, *more)
    assert (code, out) == (2, "")
    assert [p.name for p in tmp_path.iterdir()] == ["a.rnn"]


def test_examples_stay_true(tmp_path: Path, capsys: Capture) -> None:
    path, target = saved(with_examples(), tmp_path / "a.rnn"), tmp_path / "b.json"
    code, out, err = call(capsys, "convert", path, target, "--digits", "3")
    assert (code, out) == (0, "")
    assert "note: 1 exact example computed anew\n" in err
    assert "note: 1 example dropped: " in err  # the reference with the tolerance of 1e-9
    assert call(capsys, "selftest", target)[0] == 0
    after = rnnspec.load(target)
    assert len(after.examples or ()) == 2
    # Inputs and references are not parameters: nothing cuts them.
    assert after.tensors["x"] == with_examples().tensors["x"]


def values_of(model: rnnspec.Model, name: str) -> np.ndarray:
    return model.tensors[name].values.astype(np.float64)


def test_bfloat16(tmp_path: Path, capsys: Capture) -> None:
    """Half of the bytes, and each parameter within 2^-8 of what it was, relatively."""
    before = with_examples()
    path, target = saved(before, tmp_path / "a.rnn"), tmp_path / "b.rnn"
    code, out, err = call(capsys, "convert", path, target, "--dtype", "bfloat16")
    assert (code, out) == (0, "")
    assert "another fingerprint, parameters changed by at most " in err
    after = rnnspec.load(target)
    for name in ("W", "R", "V"):
        assert after.tensors[name].dtype == "bfloat16"
        moved = np.abs(values_of(after, name) - values_of(before, name))
        assert moved.max() > 0
        assert (moved <= np.abs(values_of(before, name)) * 2.0**-8).all()
    assert after.tensors["x"] == before.tensors["x"]  # an input is no parameter
    assert call(capsys, "selftest", target)[0] == 0
    back = tmp_path / "c.rnn"  # widening is exact
    assert call(capsys, "convert", target, back, "--dtype", "float32")[0] == 0
    assert {t.dtype for t in rnnspec.load(back).tensors.values()} == {"float32"}
    assert rnnspec.fingerprint(rnnspec.load(back)) == rnnspec.fingerprint(after)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("name", ["b.rnn", "b.rnn.json"])
def test_int8(name: str, axis: int, tmp_path: Path, capsys: Capture) -> None:
    """A scale for each row or column, each parameter within half of it; vectors stay."""
    before = character_net()
    path, target = saved(before, tmp_path / "a.rnn"), tmp_path / name
    code, _, err = call(capsys, "convert", path, target, "--dtype", "int8", "--axis", axis)
    assert (code, err.startswith(f"OK {target}: ")) == (0, True)
    after = rnnspec.load(target)
    for tensor, old in before.tensors.items():
        new = after.tensors[tensor]
        if len(old.shape) == 1:
            assert new == old
            continue
        assert (new.dtype, new.axis) == ("int8", axis)
        assert new.scale is not None
        largest = np.abs(old.values).max(axis=1 - axis)
        assert new.scale == pytest.approx(largest / 127, rel=1e-6)
        half = np.expand_dims(new.scale.astype(np.float64), 1 - axis) * (0.5 + 1e-6)
        assert (np.abs(values_of(after, tensor) - values_of(before, tensor)) <= half).all()
    assert call(capsys, "info", target)[1].count(f" int8 axis {axis}") == 6
    decimal = tmp_path / "d.json"
    _, _, err = call(capsys, "convert", target, decimal, "--numbers", "decimal")
    assert "note: int8 tensors stay base64; --dtype float32 makes them decimals\n" in err


def test_a_dtype_that_cannot_hold_a_number(tmp_path: Path, capsys: Capture) -> None:
    model = feature_net()
    big = Tensor(np.full((4, 2), np.finfo(np.float32).max, np.float32))
    path = saved(replace(model, tensors={**model.tensors, "V": big}), tmp_path / "a.rnn")
    target = tmp_path / "b.rnn"
    for argv in (["--dtype", "bfloat16"], ["--dtype", "float16"]):
        code, out, err = call(capsys, "convert", path, target, *argv)
        assert (code, out) == (1, "")
        assert err == f"rnnspec: the tensor V: {argv[1]} can't hold all of these numbers: the largest is 3.40282e+38: keep --dtype float32\n"  # fmt: skip
        assert not target.exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ["--dtype", "int8"],
            "int8 needs --axis: 0 for a scale for each row, or 1 for each column",
        ),
        (["--axis", "0"], "--axis belongs to --dtype int8"),
        (["--dtype", "bfloat16", "--axis", "1"], "--axis belongs to --dtype int8"),
        (["--digits", "3", "--dtype", "bfloat16"], "leave out --dtype bfloat16"),
        (["--digits", "3", "--dtype", "int8", "--axis", "1"], "leave out --dtype int8"),
        (["--dtype", "int8", "--axis", "2"], "there is no choice 2; expected one of 0, 1"),
    ],
)
def test_options_of_storage(options: list[str], said: str, tmp_path: Path, capsys: Capture) -> None:
    path, target = saved(character_net(), tmp_path / "a.rnn"), tmp_path / "b.json"
    code, out, err = call(capsys, "convert", path, target, *options)
    assert (code, out) == (2, "")
    assert said in err
    assert not target.exists()


def test_the_report_for_programs(tmp_path: Path, capsys: Capture) -> None:
    path, target = saved(with_examples(), tmp_path / "a.rnn"), tmp_path / "b.rnn"
    code, out, err = call(capsys, "convert", path, target, "--dtype", "float16", "--format", "json")
    report = json.loads(out)
    assert (code, err) == (0, "")
    assert report["bytes"] == target.stat().st_size
    assert report["bytes_before"] == path.stat().st_size
    assert report["fingerprint"] == rnnspec.fingerprint(rnnspec.load(target))
    assert report["fingerprint_before"] == rnnspec.fingerprint(with_examples())
    assert (report["exact_examples_anew"], report["examples_dropped"]) == (1, [2])
    assert {(c["layer"], c["role"]) for c in report["changes"]} == {
        ("lstm", "W"), ("lstm", "R"), ("dense", "W"),
    }  # fmt: skip
    assert report["largest_change"] == max(c["largest"] for c in report["changes"]) > 0


def test_what_does_not_come_back_is_not_written(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of the writer, of a disk, of anything in between."""
    path, target = saved(character_net(), tmp_path / "a.rnn"), tmp_path / "b.rnn"
    other = rnnspec.to_bytes(character_net(seed=1), "msgpack")
    target.write_text("before")
    for pieces in ([other], [other[:-5]], [b""]):
        monkeypatch.setattr("rnnspec.cli.convert.pieces", lambda *_, pieces=pieces: iter(pieces))
        code, _, err = call(capsys, "convert", path, target)
        assert (code, err.count("\n")) == (1, 1)
        assert target.read_text() == "before"
        assert sorted(p.name for p in tmp_path.iterdir()) == ["a.rnn", "b.rnn"]


def test_memory(tmp_path: Path) -> None:
    """The decimals of a model are several times its size; they are never there as a whole twice."""
    rng = np.random.default_rng(0)
    W = Tensor((rng.standard_normal((1000, 4000)) * 0.05).astype(np.float32))  # 16 MB
    model = rnnspec.Model(
        input=rnnspec.FeatureInput(size=1000),
        layers=(rnnspec.DenseLayer(name="d", size=4000, parameters={"W": "W"}),),
        output=rnnspec.Output(kind="values"),
        tensors={"W": W},
    )
    path, target = saved(model, tmp_path / "a.rnn"), tmp_path / "b.json"
    script = """if True:
        import resource, sys
        from rnnspec.cli import main
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        assert main(sys.argv[1:]) == 0
        print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)
    """
    argv: list[Any] = [
        sys.executable,
        "-c",
        script,
        "convert",
        path,
        target,
        "--numbers",
        "decimal",
    ]
    done = subprocess.run(argv, capture_output=True, check=True, timeout=300)
    # What is read again: its text and its numbers; and the model that it is compared with.
    size = target.stat().st_size
    assert int(done.stdout) < size + 3 * path.stat().st_size, (int(done.stdout), size)
