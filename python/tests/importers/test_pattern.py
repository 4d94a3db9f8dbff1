"""What every importer of the registry keeps to, and what they share."""

import dataclasses
import importlib
import inspect
import json
import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import rnnspec
from rnnspec import importers
from rnnspec.importers import IMPORT_LIMITS, SYSTEMS, Refused, Source
from rnnspec.importers.arrays import blocks
from rnnspec.limits import Limits

from . import tf1_writer
from .originals import Array, basic_lstm_cells
from .test_elman import IDS, TOKENS, three, weights, write
from .test_tensorflow1 import ran


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_system_is_its_module_and_its_options_are_the_arguments_of_read(name: str) -> None:
    system = SYSTEMS[name]
    module = importlib.import_module(f"rnnspec.importers.{name}")
    assert system is module.SYSTEM
    assert system.read is module.read
    path, *arguments = inspect.signature(system.read).parameters.values()
    assert path.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    assert {a.kind for a in arguments} == {inspect.Parameter.KEYWORD_ONLY}
    assert [a.name for a in arguments] == [option.name for option in system.options]
    for option in system.options:
        default = system.default(option)
        assert default is None or not option.choices or default in option.choices
    for text in (system.title, *system.reads, *system.versions, *system.carries, *system.refuses):
        assert text
        assert not text.endswith(".")


def test_a_shared_option_is_one_object() -> None:
    """So that a word means the same for every system."""
    options: dict[str, importers.Option] = {}
    for system in SYSTEMS.values():
        for option in system.options:
            first = options.setdefault(option.name, option)
            assert (first.choices, first.type) == (option.choices, option.type), option.name


def test_blocks() -> None:
    columns = np.arange(8, dtype=np.float32)
    assert blocks(columns, "ijfo", "ifjo").tolist() == [0, 1, 4, 5, 2, 3, 6, 7]
    assert blocks(columns[None], "ifog", "ifgo").tolist() == [[0, 1, 2, 3, 6, 7, 4, 5]]


# --- recognising -----------------------------------------------------------------------------------------


def test_content_decides_and_names_do_not(tmp_path: Path) -> None:
    assert importers.recognise(write(tmp_path / "manifest.json", weights())).name == "elman"
    folder = tf1_writer.write(tmp_path / "net", tf1_writer.language_model())
    (folder / "manifest.json").rename(folder / "model.bin")
    assert importers.recognise(folder / "model.bin").name == "tensorflow1"


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"PK\x03\x04", "IMPORT_MALFORMED", "is a damaged zip"),
        (b"", "IMPORT_MALFORMED", "is empty"),
        (b"{}", "IMPORT_MALFORMED", "an empty JSON object"),
        (b"any text", "IMPORT_UNRECOGNISED", "no importer knows this"),
        (b'{"Wxh": 1.5, "Whh": 2}', "IMPORT_UNRECOGNISED", "with these members: Wxh, Whh"),
        (b'{"Wxh": [[1', "IMPORT_MALFORMED", "is no JSON to rely on"),
        (b'{"Wxh": "\x1b[2J"}', "IMPORT_MALFORMED", "is no JSON to rely on"),
    ],
)
def test_what_nobody_knows_is_refused(data: bytes, code: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    with pytest.raises(Refused) as refused:
        importers.read(path)
    assert (refused.value.code, words in str(refused.value)) == (code, True)


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="an empty folder"):
        importers.read(tmp_path)


def test_an_unknown_system_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=f"no system caffe: expected one of {', '.join(SYSTEMS)}"):
        importers.read(tmp_path, "caffe")


def test_what_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        importers.read(tmp_path / "absent")


# --- sources ---------------------------------------------------------------------------------------------


def test_the_limit_holds_for_all_files_together(tmp_path: Path) -> None:
    tf1_writer.write(tmp_path, tf1_writer.language_model())
    size = sum(file.stat().st_size for file in tmp_path.iterdir()) - 4  # Variable is not read
    text = "abcdefghijklmnopqrstuvw"
    importers.read(Source(tmp_path, Limits(size=size)), tokens=text)
    with pytest.raises(Refused) as refused:
        importers.read(Source(tmp_path, Limits(size=size - 1)), tokens=text)
    assert refused.value.code == "IMPORT_LIMIT"
    assert "--limit size=" in str(refused.value)


def test_limits_of_a_text_are_refused_with_their_place(tmp_path: Path) -> None:
    path = write(tmp_path / "net.json", weights())
    with pytest.raises(Refused, match="too many values"):
        importers.elman.read(Source(path, Limits(values=10)))


def test_a_file_larger_than_the_limit_is_not_read_at_all(tmp_path: Path) -> None:
    folder = tf1_writer.write(tmp_path / "net", tf1_writer.language_model())
    with (folder / "embedding").open("wb") as file:
        file.truncate(1 << 33)  # of holes alone: it takes no room
    tracemalloc.start()
    try:
        with pytest.raises(Refused, match="larger than 268,435,456 bytes"):
            importers.read(folder, tokens="abcdefghijklmnopqrstuvw")
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are Unix's")
def test_a_pipe_does_not_hang(tmp_path: Path) -> None:
    folder = tf1_writer.write(tmp_path / "net", tf1_writer.language_model())
    (folder / "embedding").unlink()
    os.mkfifo(folder / "embedding")
    with pytest.raises(Refused, match="no regular file"):
        importers.read(folder, tokens="abcdefghijklmnopqrstuvw")


def test_a_link_beside_the_model_is_not_followed_for_a_vocabulary(tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text(json.dumps(list("abcdefghijklmnopqrstuvw")))
    folder = tf1_writer.write(tmp_path / "net", tf1_writer.language_model())
    (folder / "vocab.json").symlink_to(secret)
    with pytest.raises(Refused, match="is a link"):
        importers.read(folder)
    assert importers.read(folder, vocabulary=secret).model.vocabularies


def test_what_the_user_names_may_be_a_link(tmp_path: Path) -> None:
    write(tmp_path / "net.json", weights())
    (tmp_path / "link").symlink_to(tmp_path / "net.json")
    assert importers.read(tmp_path / "link", input_kind="features").system == "elman"


def test_a_sentence_cannot_steer_a_terminal(tmp_path: Path) -> None:
    name = "\x1b[2J\u202e" + "x" * 5000
    path = write(tmp_path / "net.json", {**weights(), name: [1]})
    with pytest.raises(Refused) as refused:
        importers.read(path)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 400


# --- vocabularies ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit"),
    [
        (list("abcdefg"), "codepoint"),
        (["a", "b", "c", "d", "e", "f", ""], "codepoint"),
        (["the", "a", " ", "of", "and", ".", "x"], "token"),
        ([0, 1, 2, 10, 13, 32, 255], "byte"),
        ({c: 6 - k for k, c in enumerate("gfedcba")}, "codepoint"),
    ],
)
def test_vocabularies(value: object, unit: str, tmp_path: Path) -> None:
    path = write(tmp_path / "net.json", three())
    (tmp_path / "v.json").write_text(json.dumps(value))
    found = importers.read(path, orientation="xW", vocabulary=tmp_path / "v.json")
    vocabulary = found.model.input_vocabulary
    assert vocabulary is not None
    assert vocabulary.unit == unit
    assert list(vocabulary.tokens) == (list("abcdefg") if isinstance(value, dict) else value)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({c: k + 1 for k, c in enumerate(TOKENS)}, "subtract 1 from each"),
        ({c: 2 * k for k, c in enumerate(TOKENS)}, "none has the id 1: a token was lost"),
        ({c: k // 2 for k, c in enumerate(TOKENS)}, "the id 0 to two tokens"),
        ({c: str(k) for k, c in enumerate(TOKENS)}, "no number"),
        ([1, "a"], "mixes tokens"),
        ([256], "mixes tokens"),
        ([0.5], "mixes tokens"),
        ([], "neither a list"),
        ("abc", "neither a list"),
        (list("abcdef"), "has 6 tokens, and the net reads 7"),
    ],
)
def test_vocabularies_that_do_not_fit(value: object, words: str, tmp_path: Path) -> None:
    path = write(tmp_path / "net.json", three())
    (tmp_path / "v.json").write_text(json.dumps(value))
    with pytest.raises(Refused) as refused:
        importers.read(path, orientation="xW", vocabulary=tmp_path / "v.json")
    assert words in str(refused.value), refused.value


# --- examples --------------------------------------------------------------------------------------------


def test_examples_prove_the_file(tmp_path: Path) -> None:
    variables = tf1_writer.language_model()
    found = importers.read(tf1_writer.write(tmp_path, variables), tokens="abcdefghijklmnopqrstuvw")
    truth = original(variables, IDS)
    found = found.with_reference(np.array(IDS), truth, "TensorFlow", "1.4").with_exact(6)
    model = rnnspec.load(rnnspec.to_bytes(found.model, "msgpack"))
    result = rnnspec.selftest(rnnspec.compile(model))
    assert (result.reference, result.exact, result.failed) == (1, 1, ())
    assert "TensorFlow 1.4" in found.notes[-1].text


def original(variables: dict[str, Array], ids: list[int]) -> Array:
    cells = [f"rnnlm/multi_rnn_cell/cell_{k}/basic_lstm_cell" for k in (0, 1)]
    kernels = [variables[f"{cell}/weights"] for cell in cells]
    biases = [variables[f"{cell}/biases"] for cell in cells]
    h = basic_lstm_cells(kernels, biases, variables["embedding"][ids], 1.0)
    return h @ variables["rnnlm/softmax_w"] + variables["rnnlm/softmax_b"]


def test_a_reference_that_is_missed_is_refused(tmp_path: Path) -> None:
    variables = tf1_writer.language_model()
    folder = tf1_writer.write(tmp_path, variables)
    wrong = importers.read(folder, tokens="abcdefghijklmnopqrstuvw", forget_bias=0.0)
    with pytest.raises(Refused, match="misses what TensorFlow gave by") as refused:
        wrong.with_reference(np.array(IDS), original(variables, IDS), "TensorFlow", "1.4")
    assert refused.value.code == "IMPORT_MISMATCH"
    with pytest.raises(Refused, match="of the same steps"):
        wrong.with_reference(np.array(IDS), np.zeros((3, 23)), "TensorFlow", "1.4")


def test_examples_over_features(tmp_path: Path) -> None:
    found = importers.read(write(tmp_path / "net.json", weights()), input_kind="features")
    x = np.random.default_rng(2).normal(size=(2, 9, 7)).astype(np.float32)
    y = np.stack([ran(found, row[None]) for row in x])
    model = found.with_exact(3).with_reference(x, y, "numpy", "2", 0.0).model
    assert [example.kind for example in model.examples or ()] == ["exact", "reference"]
    assert not rnnspec.selftest(rnnspec.compile(model)).failed


def test_members_of_the_model(tmp_path: Path) -> None:
    found = importers.read(write(tmp_path / "net.json", weights()), input_kind="features")
    model = found.with_members(name="Ann", license="MIT").model
    assert (model.name, model.license, model.version) == ("Ann", "MIT", None)
    assert found.model.name == "net"


def test_a_net_that_the_format_can_not_hold_is_refused(tmp_path: Path) -> None:
    found = importers.read(write(tmp_path / "net.json", weights()), input_kind="features")
    wide = {**found.document, "input": {"kind": "features", "size": 70_000}}
    with pytest.raises(Refused, match="the format can't hold this net") as refused:
        _ = dataclasses.replace(found, document=wide).model
    assert refused.value.code == "IMPORT_UNSUPPORTED"


def test_the_limits_of_imports_are_those_of_the_format_or_wider() -> None:
    for name in Limits.__slots__:
        assert getattr(IMPORT_LIMITS, name) >= getattr(Limits(), name)
