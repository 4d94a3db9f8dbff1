"""The other verbs: info, convert, generate, selftest."""

import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import rnnspec
from rnnspec import Example, Model, Source, Tensor
from rnnspec import generate as generate_ids
from rnnspec.vocabulary import decode

from .nets import character_net, feature_net
from .test_cli import call, saved

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    return saved(character_net(), tmp_path / "letters.rnn")


@pytest.fixture
def features(tmp_path: Path) -> Path:
    return saved(feature_net(), tmp_path / "features.rnn")


# --- info ---------------------------------------------------------------------------------------------


def test_info(letters: Path, capsys: Capture) -> None:
    model = character_net()
    _, out, _ = call(capsys, "info", letters)
    assert f"fingerprint {rnnspec.fingerprint(model)}\n" in out
    assert f"structure   {rnnspec.structure(model)}\n" in out
    assert "vocabulary  letters: 7 codepoints\n" in out
    assert "activation softmax" in out
    facts = json.loads(call(capsys, "info", letters, "--format", "json")[1])
    assert facts["fingerprint"] == rnnspec.fingerprint(model)
    assert facts["encoding"] == "msgpack"
    assert facts["bytes"] == letters.stat().st_size
    assert [layer["type"] for layer in facts["layers"]] == [layer.type for layer in model.layers]
    assert facts["layers"][1]["tensors"]["W"] == {"shape": [3, 20], "dtype": "float32"}


def test_sizes_on_the_wire(letters: Path, tmp_path: Path, capsys: Capture) -> None:
    facts = json.loads(call(capsys, "info", letters, "--format", "json")[1])
    model = character_net()
    files = {
        "JSON, base64": rnnspec.to_bytes(model, "json"),
        "JSON, decimal": rnnspec.to_bytes(model, "json", "decimal"),
        "msgpack": rnnspec.to_bytes(model, "msgpack"),
    }
    assert facts["sizes"] == {
        name: {"bytes": len(data), "gzip": len(gzip.compress(data, 6))}
        for name, data in files.items()
    }
    out = call(capsys, "info", letters)[1]
    assert f"{len(files['msgpack']):,}" in out.splitlines()[-1]
    assert "sizes       not computed" in call(capsys, "info", letters, "--no-sizes")[1]
    half = tmp_path / "half.rnn"
    call(capsys, "convert", letters, half, "--dtype", "float16")
    assert "float16 is base64 in both kinds" in call(capsys, "info", half)[1]


def test_layers_are_told_with_their_functions(tmp_path: Path, capsys: Capture) -> None:
    activation = rnnspec.Activation(function="leaky_relu", alpha=0.25)
    elman = rnnspec.ElmanLayer(
        name="e", hidden_size=4, activation=activation, parameters={"W": "W", "R": "R"}
    )
    sigmoid = rnnspec.Activation(function="sigmoid")
    gru = rnnspec.GruLayer(
        name="g",
        hidden_size=2,
        reset="after",
        activations={"gates": sigmoid, "candidate": rnnspec.Activation(function="tanh")},
        output="final",
        parameters={"W": "X", "R": "S"},
    )
    shapes = {"W": (3, 4), "R": (4, 4), "X": (4, 6), "S": (2, 6)}
    model = Model(
        input=rnnspec.FeatureInput(size=3),
        layers=(elman, gru),
        output=rnnspec.Output(kind="values"),
        tensors={name: Tensor(np.ones(shape, np.float32)) for name, shape in shapes.items()},
    )
    out = call(capsys, "info", saved(model, tmp_path / "a.rnn"))[1]
    assert "  e  elman 4 leaky_relu(0.25) " in out
    assert "  g  gru 2 sigmoid/tanh reset after final  " in out


def test_what_runs_here(letters: Path, capsys: Capture) -> None:
    _, out, _ = call(capsys, "info", "--runtime")
    assert f"numpy       {np.__version__}\n" in out
    assert f"path        {rnnspec.runtime().kernel}\n" in out
    assert f"why         {rnnspec.runtime().why}\n" in out
    assert f"formats     {rnnspec.FORMAT_VERSION}\n" in out
    argv = ["info", letters, "--runtime", "--format", "json", "--limit", "layers=12"]
    facts = json.loads(call(capsys, *argv)[1])
    assert facts["runtime"]["limits"]["layers"] == 12
    assert facts["runtime"]["limits"]["depth"] == rnnspec.Limits().depth
    assert facts["parameters"] > 0


# --- convert ------------------------------------------------------------------------------------------


def test_there_and_back(letters: Path, tmp_path: Path, capsys: Capture) -> None:
    text, back = tmp_path / "a.rnn.json", tmp_path / "back.rnn"
    code, out, err = call(capsys, "convert", letters, text, "--numbers", "decimal")
    assert (code, out) == (0, "")
    assert err.startswith(f"OK {text}: json, ")
    assert err.endswith(", same fingerprint\n")
    assert isinstance(json.loads(text.read_text())["tensors"]["W0"]["data"], list)
    assert call(capsys, "convert", text, back)[0] == 0
    assert back.read_bytes() == letters.read_bytes()
    assert isinstance(json.loads(call(capsys, "convert", back, "-", "--to", "json")[1]), dict)


def with_examples() -> Model:
    model = feature_net()
    x = np.random.default_rng(3).standard_normal((2, 4, 3)).astype(np.float32)
    start = {"h": np.full((2, 4), 0.5, np.float32), "c": np.full((2, 4), -0.5, np.float32)}
    y, final = rnnspec.run(rnnspec.compile(model), x, [4, 2], {"lstm": start})
    arrays = {"x": x, "y": y, "h": start["h"], "c": start["c"]}
    arrays |= {"last_h": final["lstm"]["h"], "last_c": final["lstm"]["c"]}
    source = Source(system="Elsewhere", version="3")
    plain, _ = rnnspec.run(rnnspec.compile(model), x)
    arrays |= {"x2": x, "y2": plain, "x3": x, "y3": plain}
    examples = (
        Example(
            kind="exact",
            input="x",
            lengths=(4, 2),
            state={"lstm": {"h": "h", "c": "c"}},
            output="y",
            final_state={"lstm": {"h": "last_h", "c": "last_c"}},
        ),
        Example(kind="reference", source=source, tolerance=0.1, input="x2", output="y2"),
        Example(kind="reference", source=source, tolerance=1e-9, input="x3", output="y3"),
    )
    tensors = {**model.tensors, **{name: Tensor(array) for name, array in arrays.items()}}
    return replace(model, examples=examples, tensors=tensors)


def test_narrowing_keeps_examples_true(tmp_path: Path, capsys: Capture) -> None:
    path, half = tmp_path / "a.rnn", tmp_path / "half.rnn"
    rnnspec.save(with_examples(), path)
    code, _, err = call(capsys, "convert", path, half, "--dtype", "float16")
    assert code == 0
    assert "note: 1 example dropped: " in err
    assert "another fingerprint, parameters changed by at most 0.0" in err
    narrow = rnnspec.load(half)
    assert narrow.tensors["W"].dtype == "float16"
    assert narrow.tensors["x"].dtype == "float32"
    assert "y3" not in narrow.tensors
    assert rnnspec.selftest(rnnspec.compile(narrow)) == rnnspec.SelfTest(1, 1, ())
    assert narrow.tensors["last_c"] != with_examples().tensors["last_c"]
    wide = tmp_path / "wide.rnn"
    assert call(capsys, "convert", half, wide, "--dtype", "float32")[0] == 0
    assert rnnspec.fingerprint(rnnspec.load(wide)) == rnnspec.fingerprint(narrow)


def test_what_float16_cannot_hold_is_refused(tmp_path: Path, capsys: Capture) -> None:
    model = feature_net()
    big = Tensor(np.full((4, 2), -65520, np.float32))
    path, target = tmp_path / "a.rnn", tmp_path / "out.rnn"
    rnnspec.save(replace(model, tensors={**model.tensors, "V": big}), path)
    code, _, err = call(capsys, "convert", path, target, "--dtype", "float16")
    assert code == 1
    assert err == "rnnspec: the tensor V: float16 can't hold all of these numbers: the largest is 65520: keep --dtype float32\n"  # fmt: skip
    assert not target.exists()


def test_convert_says_what_cannot_be(letters: Path, tmp_path: Path, capsys: Capture) -> None:
    target = tmp_path / "out.rnn"
    assert call(capsys, "convert", letters, target, "--numbers", "decimal")[0] == 2
    assert not target.exists()
    code, _, err = call(capsys, "convert", letters, tmp_path / "absent" / "out.rnn")
    assert (code, err.count("\n")) == (2, 1)
    code, _, err = call(capsys, "convert", letters, tmp_path)
    assert code == 2
    assert err.endswith(": Is a directory\n")


# --- generate -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "arguments"),
    [
        ([], {}),
        (["--greedy"], {"mode": "greedy"}),
        (["--temperature", "2", "--seed", "9"], {"mode": "sample", "temperature": 2.0, "seed": 9}),
    ],
)
def test_generate(
    options: list[str], arguments: dict[str, object], tmp_path: Path, capsys: Capture
) -> None:
    decoding = rnnspec.Decoding(mode="sample", temperature=4)
    model = replace(character_net(), decoding=decoding)
    path = saved(model, tmp_path / "a.rnn")
    ids = list(generate_ids(rnnspec.compile(model), "abc", 20, **arguments))  # type: ignore[arg-type] # as named
    text = decode(model.vocabularies["letters"], ids) if model.vocabularies else ""
    argv = ["generate", path, "--prime", "abc", "--count", "20", *options]
    assert call(capsys, *argv) == (0, text + "\n", "")
    found = json.loads(call(capsys, *argv, "--format", "json")[1])
    assert found == {"text": text, "ids": ids}


@pytest.mark.parametrize(
    ("options", "place", "expected"),
    [
        ([], "--prime: ", "RUN_PRIME"),
        (["--prime", "aß"], "--prime: ", "RUN_TEXT"),
        (["--prime", "a\udcff\x1b"], "--prime: ", "RUN_TEXT"),
        (["--prime", "a", "--count", "-1"], "--count: ", "RUN_OPTION"),
        (["--prime", "a", "--seed", "-1"], "--seed: ", "RUN_OPTION"),
        (["--prime", "a", "--temperature", "nan"], "--temperature: ", "RUN_OPTION"),
    ],
)
def test_generate_names_the_option(
    options: list[str], place: str, expected: str, letters: Path, capsys: Capture
) -> None:
    code, out, err = call(capsys, "generate", letters, *options)
    assert (code, out) == (2, "")
    assert err.startswith(f"{place}error {expected}: ")
    assert err[:-1].isprintable()
    assert err.count("\n") == 1


def test_a_net_of_features_cannot_write(features: Path, capsys: Capture) -> None:
    code, out, err = call(capsys, "generate", features, "--prime", "a")
    assert (code, out) == (2, "")
    assert err.startswith(f"{features}: error RUN_DECODING: ")


# --- selftest -----------------------------------------------------------------------------------------


def test_the_three_verdicts(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "a.rnn"
    whole = with_examples()
    rnnspec.save(whole, path)
    code, out, _ = call(capsys, "selftest", path)
    assert code == 0
    assert out == f"VERIFIED {path}: 2 reference examples of Elsewhere 3, 1 exact example\n"
    broken = Tensor(whole.tensors["y3"].array + 1)
    rnnspec.save(replace(whole, tensors={**whole.tensors, "y3": broken}), path)
    code, out, _ = call(capsys, "selftest", path)
    assert code == 1
    assert out.splitlines() == [
        f"{path}: failed: the reference example /examples/2 does not hold",
        f"FAILED {path}: 1 of 3 examples failed",
    ]
    report = json.loads(call(capsys, "selftest", path, "--format", "json")[1])
    assert (report["verdict"], report["failed"]) == ("failed", [2])
    assert (report["exact"], report["reference"]) == (1, 2)
    rnnspec.save(feature_net(), path)
    assert call(capsys, "selftest", path)[:2] == (0, f"NO EXAMPLES {path}: the file has none to run\n")  # fmt: skip


def test_exact_examples_alone_verify_nothing(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "a.rnn"
    whole = with_examples()
    names = set(whole.tensors) - {"x2", "y2", "x3", "y3"}
    kept = {name: whole.tensors[name] for name in names}
    rnnspec.save(replace(whole, examples=(whole.examples or ())[:1], tensors=kept), path)
    code, out, _ = call(capsys, "selftest", path)
    assert code == 0
    assert out.startswith(f"INTERNALLY CONSISTENT {path}: 1 exact example, none from")
