"""brainjs against the real brain.js, against its equations in 50 digits, and what must be refused.

brainjs_files/ is of brain.js 1.6.1 and 2.0.0-beta.24, the script that wrote it beside it: nets over text, trained for a second;
nets that were not, with loud weights; nets over time steps; and what each of them gave.
"""

import copy
import json
import random
from collections.abc import Callable
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnspec import Session, importers, run
from rnnspec import compile as compile_model
from rnnspec.cli import main
from rnnspec.importers import CODES, Refused, brainjs

from . import fifty_digits as fifty
from . import in_three_languages as languages
from .test_hostile import damaged, judged

Json = Any
FILES = Path(__file__).parent / "brainjs_files"
EXPECTED: dict[str, Json] = json.loads((FILES / "expected.json").read_text("utf-8"))
TEXTS = ("v1_rnn", "v1_gru_pairs", "v2_gru", "v2_rnn_pairs")
LOUD = ("v1_gru_loud", "v2_rnn_loud")
STEPS = ("v1_rnn_time_step", "v2_gru_time_step")
# The loud nets read numbers and have no dataFormatter.
NUMBERS = {name: {"tokens": "^01234567"} for name in LOUD}


def raw(name: str) -> Json:
    return json.loads((FILES / f"{name}.json").read_text("utf-8"))


def read(name: str) -> importers.Import:
    return importers.read(FILES / f"{name}.json", **NUMBERS.get(name, {}))


def given(name: str) -> Json:
    return EXPECTED[name].get("ids") or EXPECTED[name]["input"]


def recorded(name: str) -> Json:
    return EXPECTED[name].get("logits") or EXPECTED[name]["output"]


# --- the original, in 50 digits -----------------------------------------------------------------------------------


def matrix(value: Json) -> fifty.Matrix:
    columns, weights = value["columns"], value["weights"]
    flat = [Decimal(weights[str(k)] if isinstance(weights, dict) else weights[k]) for k in range(len(weights))]  # fmt: skip
    return [flat[k : k + columns] for k in range(0, len(flat), columns)]


def column(value: Json) -> fifty.Vector:
    return [row[0] for row in matrix(value)]


def original(name: str, mistake: str = "") -> list[fifty.Vector]:
    """What the equations of brain.js give; a mistake in them is there to see that it matters."""
    saved = raw(name)
    with localcontext() as context:
        context.prec = fifty.DIGITS
        outputs = []
        rows = matrix(saved["input"]) if "input" in saved else []
        h = [[Decimal(0)] * next(iter(layer.values()))["rows"] for layer in saved["hiddenLayers"]]
        for step in given(name):
            x = rows[step - (mistake == "rows")] if rows else fifty.exact(step)
            for k, layer in enumerate(saved["hiddenLayers"]):
                x = h[k] = cell(layer, x, h[k], mistake)
            bias = column(saved["output"])
            outputs.append(fifty.plus(fifty.product(matrix(saved["outputConnector"]), x), bias))
        return outputs


def cell(layer: Json, x: fifty.Vector, h: fifty.Vector, mistake: str) -> fifty.Vector:
    def of(into: str, back: str, bias: str, state: fifty.Vector) -> fifty.Vector:
        terms = [fifty.product(matrix(layer[into]), x), fifty.product(matrix(layer[back]), state)]
        return fifty.plus(*terms, *([] if mistake == "no bias" else [column(layer[bias])]))

    def gate(name: str, state: fifty.Vector) -> fifty.Vector:
        return of(f"{name}InputMatrix", f"{name}HiddenMatrix", f"{name}Bias", state)

    if "weight" in layer:
        sums = of("weight", "transition", "bias", h)
        return [fifty.tanh(a) if mistake == "tanh" else max(a, Decimal(0)) for a in sums]
    z, r = ([fifty.sigmoid(a) for a in gate(name, h)] for name in ("updateGate", "resetGate"))
    if mistake == "gates swapped":
        z, r = r, z
    if mistake == "mixed the other way":
        z = [1 - a for a in z]
    if mistake == "reset after":
        back = fifty.product(matrix(layer["cellWriteHiddenMatrix"]), h)
        into = fifty.product(matrix(layer["cellWriteInputMatrix"]), x)
        reset = [a * b for a, b in zip(r, back, strict=True)]
        n = [fifty.tanh(a) for a in fifty.plus(into, reset, column(layer["cellWriteBias"]))]
    else:
        n = [fifty.tanh(a) for a in gate("cellWrite", [a * b for a, b in zip(r, h, strict=True)])]
    return [(1 - z[k]) * n[k] + z[k] * h[k] for k in range(len(h))]


def far(one: Json, other: Json) -> float:
    """The largest difference, in parts of the largest number of its step, or of 1."""
    a, b = np.array(one, np.float64), np.array(other, np.float64)
    return float((np.abs(a - b) / np.maximum(1, np.abs(b).max(axis=1, keepdims=True))).max())


# --- what comes over ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*TEXTS, *LOUD, *STEPS])
def test_outputs_are_those_of_brainjs(name: str) -> None:
    found = read(name)
    assert found.system == "brainjs"
    x = [given(name)] if "ids" in EXPECTED[name] else np.array([given(name)], np.float32)
    output, _ = run(compile_model(found.model), x)
    assert far(output[0], recorded(name)) < 2e-6  # brain.js rounds to float32 too, elsewhere
    exact = original(name)
    assert far(output[0], exact) < 2e-6
    assert np.abs(np.array(recorded(name))).max() > 4  # loud


@pytest.mark.parametrize(
    ("name", "mistake", "least"),
    [
        ("v2_rnn_loud", "tanh", 0.8),
        ("v2_rnn_loud", "no bias", 0.4),
        ("v2_rnn_loud", "rows", 0.8),
        ("v1_rnn", "tanh", 2.0),
        ("v1_gru_loud", "gates swapped", 1.5),
        ("v1_gru_loud", "mixed the other way", 1.5),
        ("v1_gru_loud", "reset after", 1.0),
        ("v1_gru_loud", "no bias", 2.0),
        ("v1_rnn_time_step", "tanh", 1.5),
        ("v2_gru_time_step", "mixed the other way", 4.0),
        ("v2_gru_time_step", "reset after", 3.0),
    ],
)
def test_a_wrong_reading_shows(name: str, mistake: str, least: float) -> None:
    """By how much an output is off, in the same parts: 100,000 times what is allowed."""
    assert far(original(name, mistake), recorded(name)) > least


@pytest.mark.parametrize("name", ["v1_rnn", "v2_gru", "v1_gru_loud", *STEPS])
def test_same_bits_in_three_languages_and_in_blocks(name: str) -> None:
    model = read(name).model
    bits = {**languages.outputs(model, given(name), 1), **languages.outputs(model, given(name), 7)}
    assert len(set(bits.values())) == 1, list(bits)
    if languages.missing():
        pytest.skip(f"not built here: {', '.join(languages.missing())}; the others agree")


# --- text ---------------------------------------------------------------------------------------------------------


def as_brainjs_runs(name: str, prime: str) -> str:
    """brain.js's run(), over the logits of the imported net: what it feeds, where it stops, what it leaves out."""
    found = read(name)
    vocabulary = found.model.input_vocabulary
    assert vocabulary is not None
    tokens, special = (
        list(vocabulary.tokens),
        raw(name)["options"]["dataFormatter"]["specialIndexes"],
    )
    ids = [tokens.index(character) for character in prime]
    ids += [tokens.index(token) for token in ("stop-input", "start-output") if token in tokens]
    most = raw(name)["options"]["maxPredictionLength"] + len(prime) + len(special)
    session, fed, guessed = Session(compile_model(found.model)), 0, []
    for step in range(1, most + 1):
        logits = session.step([fed])[0]
        guess = int(np.flatnonzero(logits == logits.max())[-1])  # of equal ones the last
        if guess == 0 or step >= most:
            break
        guessed.append(guess)
        # The last of what is given is never fed: the net's own guess stands in its place.
        fed = ids[step - 1] if step < len(ids) else guess
    silent = {"stop-input", "start-output", ""}
    return "".join(str(tokens[k]) for k in guessed[len(ids) :] if tokens[k] not in silent)


@pytest.mark.parametrize("name", TEXTS)
def test_run_gives_the_same_text(name: str) -> None:
    runs = EXPECTED[name]["runs"]
    assert any(len(one["text"]) > 20 or "pairs" in name for one in runs)
    for one in runs:
        assert as_brainjs_runs(name, one["prime"]) == one["text"], one


def generated(name: str, prime: str, count: int, folder: Path, capsys: pytest.CaptureFixture[str]) -> str:  # fmt: skip
    """What the command line writes."""
    out = folder / "net.rnn"
    options = [] if not prime else ["--prime", prime]
    assert main(["import", str(FILES / f"{name}.json"), "-o", str(out)]) == 0
    capsys.readouterr()
    assert main(["generate", str(out), "--greedy", "--count", str(count), *options, "--format", "json"]) == 0  # fmt: skip
    text: str = json.loads(capsys.readouterr().out)["text"]
    return text


@pytest.mark.parametrize("name", ["v1_rnn", "v2_gru"])
def test_generate_writes_the_text_of_run(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """run() leaves out the last character of a prime, and its guess of it: so here one more, without the first."""
    for one in EXPECTED[name]["runs"]:
        prime, text = one["prime"], one["text"]
        assert text, one
        begun = bool(prime)
        got = generated(name, prime[:-1], len(text) + begun, tmp_path, capsys)
        assert got[begun:] == text


@pytest.mark.parametrize("name", ["v1_gru_pairs", "v2_rnn_pairs"])
def test_generate_answers_as_run_does(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A question ends with two tokens, the second of which brain.js itself guesses."""
    for one in EXPECTED[name]["runs"]:
        prime = f"{one['prime']}stop-inputstart-output"
        count = max(len(one["text"]), 20)  # more than most, so that the end shows; one never ends
        assert generated(name, prime, count, tmp_path, capsys) == one["text"]


def test_the_vocabulary() -> None:
    vocabulary = read("v2_gru").model.input_vocabulary
    assert vocabulary is not None
    assert list(vocabulary.tokens) == ["", *'the saidpunwrml"y'[:3], *list(' saidpunwrml"y'), ""]
    assert (vocabulary.unit, vocabulary.start, vocabulary.end, vocabulary.unknown) == ("codepoint", 0, 0, 18)  # fmt: skip
    pairs = read("v1_gru_pairs").model.input_vocabulary
    assert pairs is not None
    assert list(pairs.tokens) == ["", "0", "+", "1", "2", "3", "4", "stop-input", "start-output", ""]  # fmt: skip
    assert (pairs.unit, pairs.unknown) == ("token", 9)


def test_the_keys_of_objects_are_names() -> None:
    document = read("v2_gru_time_step").document
    assert document["input"] == {"kind": "features", "size": 3, "names": ["open", "high", "low"]}
    assert document["output"] == {"kind": "values", "labels": ["open", "high", "low"]}


def test_the_idle_input_of_older_time_steps_is_left_out(tmp_path: Path) -> None:
    """brain.js 1.2 to 1.4 wrote a matrix of random numbers there, and computed nothing with it."""
    value = raw("v1_rnn_time_step")
    value["input"] = {"rows": 3, "columns": 1, "weights": {"0": 0.05, "1": -0.02, "2": 0.07}}
    value["options"]["hiddenSizes"] = value["options"].pop("hiddenLayers")
    found = importers.read(write(tmp_path, value))
    assert found.document["layers"] == read("v1_rnn_time_step").document["layers"]
    assert any(note.kind == "left out" and "input" in note.text for note in found.notes)


def test_the_sizes_are_those_of_the_matrices(tmp_path: Path) -> None:
    """Some versions write the defaults over the options."""
    value = raw("v1_rnn_time_step")
    value["options"]["hiddenLayers"] = [20]
    found = importers.read(write(tmp_path, value))
    assert [layer.type for layer in found.model.layers] == ["elman", "elman", "dense"]
    assert any("options.hiddenLayers" in note.text for note in found.notes)


# --- what must be refused -----------------------------------------------------------------------------------------


def write(folder: Path, value: Json) -> Path:
    path = folder / "net.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


@pytest.mark.parametrize(
    ("name", "words"),
    [
        *((f"{v}_lstm{s}", "brain.js's LSTM keeps no cell") for v in ("v1", "v2") for s in ("", "_time_step")),
        *((f"{v}_feed_forward", "without recurrent layers") for v in ("v1", "v2")),
    ],
)  # fmt: skip
def test_others_of_brainjs_are_refused_by_name(name: str, words: str) -> None:
    with pytest.raises(Refused, match=words) as refused:
        importers.read(FILES / f"{name}.json")
    assert refused.value.code == "IMPORT_UNSUPPORTED"


@pytest.mark.parametrize(
    "members",
    [
        {"layers": [{}], "outputLookup": False, "inputLookup": False, "activation": "sigmoid"},  # 1.0
        {"type": "FeedForward", "sizes": [], "layers": [], "inputLayerIndex": 0, "outputLayerIndex": 1},
    ],
)  # fmt: skip
def test_older_and_newer_ones_too(members: Json, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="without recurrent layers"):
        importers.read(write(tmp_path, members))


def test_an_lstm_without_a_cell_is_no_lstm() -> None:
    """Why it is refused: as an ordinary LSTM it gives something else."""
    layer = raw("v2_lstm")["hiddenLayers"][0]
    width = layer["inputMatrix"]["columns"]
    gates = {g: [matrix(layer[f"{g}{part}"]) for part in ("Matrix", "Hidden", "Bias")] for g in ("input", "forget", "output", "cellActivation")}  # fmt: skip
    with localcontext() as context:
        context.prec = fifty.DIGITS
        h, c, true = [[Decimal(0)] * 3 for _ in range(3)]
        for step in fifty.exact(fifty.loud(8, width)):
            x = [20 * a for a in step]

            def of(name: str, state: fifty.Vector, x: fifty.Vector = x) -> fifty.Vector:
                W, R, b = gates[name]
                return fifty.plus(fifty.product(W, x), fifty.product(R, state), [r[0] for r in b])

            def next_cell(state: fifty.Vector, kept: fifty.Vector) -> fifty.Vector:
                i, f = ([fifty.sigmoid(a) for a in of(name, state)] for name in ("input", "forget"))
                g = [fifty.tanh(a) for a in of("cellActivation", state)]
                return [f[k] * kept[k] + i[k] * g[k] for k in range(3)]

            def out(state: fifty.Vector, kept: fifty.Vector) -> fifty.Vector:
                o = [fifty.sigmoid(a) for a in of("output", state)]
                return [o[k] * fifty.tanh(kept[k]) for k in range(3)]

            h = out(h, next_cell(h, h))
            c = next_cell(true, c)
            true = out(true, c)
    assert max(abs(a - b) for a, b in zip(h, true, strict=True)) > Decimal("0.03")


def changed(name: str, *path: str | int, to: Json) -> Callable[[], Json]:
    """The net with another value at a place; None takes the member out."""

    def made() -> Json:
        value = copy.deepcopy(raw(name))
        inner = value
        for key in path[:-1]:
            inner = inner[key]
        if to is None:
            del inner[path[-1]]
        else:
            inner[path[-1]] = to
        return value

    return made


def joined() -> Json:
    value = raw("v2_gru")
    value["hiddenLayers"][1] = copy.deepcopy(value["hiddenLayers"][0])
    return value


def fewer() -> Json:
    value = raw("v2_gru")
    formatter = value["options"]["dataFormatter"]
    del formatter["characters"][-1], formatter["characterTable"]["17"]
    del formatter["indexTable"]["unrecognized"]
    return value


LAYER = ("hiddenLayers", 0)
FORMATTER = ("options", "dataFormatter")
GRU, PLAIN = "v2_gru", "v2_rnn_pairs"
NEAR_MISSES: dict[str, tuple[Callable[[], Json], str, str]] = {
    "a bias is missing": (changed(GRU, *LAYER, "resetGateBias", to=None), "IMPORT_MALFORMED", "layer 1 has no resetGateBias"),
    "a gate too many": (changed(GRU, *LAYER, "peephole", to={}), "IMPORT_UNSUPPORTED", "a matrix peephole"),
    "an RNN that says GRU": (changed(PLAIN, "type", to="GRU"), "IMPORT_MALFORMED", "says GRU, and its matrices are those of RNN"),
    "text that says time steps": (changed(PLAIN, "type", to="RNNTimeStep"), "IMPORT_MALFORMED", "those of RNN"),
    "one layer of an LSTM": (changed(GRU, "hiddenLayers", 1, to={"cellActivationMatrix": {}}), "IMPORT_UNSUPPORTED", "keeps no cell"),
    "other matrices": (changed(GRU, "hiddenLayers", 0, to={"kernel": {}}), "IMPORT_UNSUPPORTED", "the matrices kernel"),
    "rows and columns swapped": (changed(PLAIN, *LAYER, "bias", "columns", to=2), "IMPORT_SHAPE", "has not 24 weights"),
    "a huge matrix": (changed(PLAIN, "input", "rows", to=2**30), "IMPORT_SHAPE", "at most 65,536"),
    "half a row": (changed(PLAIN, "input", "rows", to=9.5), "IMPORT_MALFORMED", "whole numbers"),
    "no shape": (changed(PLAIN, "input", "rows", to=None), "IMPORT_MALFORMED", "rows, columns and weights"),
    "NaN": (changed(PLAIN, "output", "weights", to=[*[0.5] * 9, None]), "IMPORT_MALFORMED", "the training diverged"),
    "text for a number": (changed(PLAIN, "output", "weights", to=[*[0.5] * 9, "1"]), "IMPORT_MALFORMED", "no number"),
    "a key that is none": (changed("v1_rnn", "output", "weights", to={str(k + 1): 0.5 for k in range(18)}), "IMPORT_MALFORMED", "no number"),
    "a number beyond float32": (changed(PLAIN, "output", "weights", to=[1e39] * 10), "IMPORT_MALFORMED", "inf"),
    "an output of another net": (changed(PLAIN, "output", to={"rows": 3, "columns": 1, "weights": [0.5] * 3}), "IMPORT_SHAPE", "[10, 1] is expected"),
    "an input of another net": (changed(PLAIN, "input", to={"rows": 10, "columns": 2, "weights": [0.5] * 20}), "IMPORT_SHAPE", "layer 1 reads 9"),
    "layers of two nets": (joined, "IMPORT_SHAPE", "come out of the one before"),
    "no layers": (changed(PLAIN, "hiddenLayers", to=[]), "IMPORT_MALFORMED", "no list of 1 to 256 layers"),
    "too many layers": (changed(PLAIN, "hiddenLayers", to=[{}] * 257), "IMPORT_MALFORMED", "no list of 1 to 256 layers"),
    "a character is missing": (changed(PLAIN, *FORMATTER, "characters", to=["0", "+"]), "IMPORT_MALFORMED", "no index"),
    "one character too few": (fewer, "IMPORT_SHAPE", "the net reads 19"),
    "tables that disagree": (changed(PLAIN, *FORMATTER, "indexTable", "+", to=0), "IMPORT_MALFORMED", 'do not agree on "+"'),
    "a character that is none": (changed(PLAIN, *FORMATTER, "characterTable", "0", to=[1]), "IMPORT_MALFORMED", "no text"),
    "unrecognized elsewhere": (changed(PLAIN, *FORMATTER, "indexTable", "unrecognized", to=1), "IMPORT_MALFORMED", "unrecognized"),
    "no dataFormatter": (changed(PLAIN, *FORMATTER, to=None), "IMPORT_ASK", "there is no vocabulary"),
    "names that repeat": (changed("v2_gru_time_step", "inputLookup", "low", to=0), "IMPORT_MALFORMED", "a place of its own"),
}  # fmt: skip


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_a_near_miss_is_refused(name: str, tmp_path: Path) -> None:
    value, code, words = NEAR_MISSES[name]
    with pytest.raises(Refused) as refused:
        importers.read(write(tmp_path, value()))
    assert (refused.value.code, words in str(refused.value)) == (code, True), refused.value


def test_a_vocabulary_for_time_steps_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="has no vocabulary") as refused:
        brainjs.read(FILES / "v2_gru_time_step.json", tokens="abc")
    assert refused.value.code == "IMPORT_OPTION"
    path = write(tmp_path, raw("v1_gru_loud"))
    with pytest.raises(Refused, match="there is no vocabulary"):
        brainjs.read(path)


def test_half_of_a_character_is_refused(tmp_path: Path) -> None:
    """brain.js cuts what is beyond U+FFFF in two, and JSON.stringify writes each half as an escape."""
    text = (FILES / "v2_gru.json").read_text("utf-8").replace('"0":"t"', '"0":"\\ud83d"')
    with pytest.raises(Refused) as refused:
        importers.read(write(tmp_path, text))
    assert refused.value.code == "IMPORT_MALFORMED"
    assert "surrogate" in str(refused.value)


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_file(seed: int, tmp_path: Path) -> None:
    pick = random.Random(seed)
    data = (FILES / "v2_gru_time_step.json").read_bytes()
    path = tmp_path / "net.json"
    seen = set()
    for _ in range(60):
        path.write_bytes(damaged(data, pick))
        seen.add(judged(lambda: brainjs.read(path)))
        judged(lambda: importers.read(path))
    assert {"IMPORT_MALFORMED"} < seen <= {*CODES, "imported"}
