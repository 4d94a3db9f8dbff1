"""guitarml against PyTorch's equations in 50 digits, with skips, knobs and gains, and what must be refused."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rnnspec import compile as compile_model
from rnnspec import importers, run
from rnnspec.importers import Refused, guitarml

from . import fifty_digits as fifty
from . import in_three_languages as languages

Json = Any
H, T = 3, 64
GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


def arrays(unit: str, layers: int = 1, width: int = 1, out: int = 1) -> Json:
    """A state_dict by PyTorch's names, loud."""
    tall = GATES[unit] * H
    found: Json = {}
    for k in range(layers):
        found |= {
            f"rec.weight_ih_l{k}": fifty.rows(10 * k + 1, tall, H if k else width, 2),
            f"rec.weight_hh_l{k}": fifty.rows(10 * k + 2, tall, H),
            f"rec.bias_ih_l{k}": fifty.spread(10 * k + 3, tall),
            f"rec.bias_hh_l{k}": fifty.spread(10 * k + 4, tall),
        }
    return found | {"lin.weight": fifty.rows(5, out, H, 2), "lin.bias": fifty.spread(6, out)}


def trained(unit: str = "LSTM", layers: int = 1, width: int = 1, out: int = 1, skip: Json = 1, **more: Json) -> Json:  # fmt: skip
    """GuitarML's file."""
    about = {
        "model": "SimpleRNN", "input_size": width, "skip": skip, "output_size": out,
        "unit_type": unit, "num_layers": layers, "hidden_size": H, "bias_fl": True,
    }  # fmt: skip
    return {"model_data": about, "state_dict": arrays(unit, layers, width, out), **more}


def turned(matrix: Json, unit: str) -> Json:
    """Rows r, z, n → columns z, r, h; of an LSTM rows → columns."""
    rows = matrix if unit == "LSTM" else [*matrix[H : 2 * H], *matrix[:H], *matrix[2 * H :]]
    return [list(column) for column in zip(*rows, strict=True)] if isinstance(rows[0], list) else rows  # fmt: skip


def converted(unit: str = "LSTM", width: int = 1, **more: Json) -> Json:
    """AIDA-X' file of the same net."""
    w = arrays(unit, 1, width)
    into, back = w["rec.bias_ih_l0"], w["rec.bias_hh_l0"]
    added = [a + b for a, b in zip(into, back, strict=True)]
    bias = added if unit == "LSTM" else [turned(into, unit), turned(back, unit)]
    cell = [turned(w["rec.weight_ih_l0"], unit), turned(w["rec.weight_hh_l0"], unit), bias]
    head = [[[number] for number in w["lin.weight"][0]], w["lin.bias"]]

    def layer(kind: str, size: int, weights: Json) -> Json:
        return {"type": kind, "activation": "", "shape": [None, None, size], "weights": weights}

    layers = [layer(unit.lower(), H, cell), layer("dense", 1, head)]
    return {"in_shape": [None, None, width], "layers": layers, "in_skip": 1, **more}


def original(
    unit: str = "LSTM",
    layers: int = 1,
    width: int = 1,
    out: int = 1,
    skip: int = 1,
    order: str = "",
    gains: tuple[float, float] = (1, 1),
) -> list[fifty.Vector]:
    """y = (lin(rec(x)) + x[:, :, 0:skip]) · gain, x[0] multiplied by its own gain first."""
    w = {name: fifty.exact(numbers) for name, numbers in arrays(unit, layers, width, out).items()}
    sound, after = (fifty.Number(gain) for gain in gains)
    x = [[sound * step[0], *step[1:]] for step in fifty.exact(fifty.loud(T, width))]
    flow, zeros = x, [fifty.Number(0)] * H
    for k in range(layers):
        into, back = w[f"rec.bias_ih_l{k}"], w[f"rec.bias_hh_l{k}"]
        parts = {"ih": w[f"rec.weight_ih_l{k}"], "hh": w[f"rec.weight_hh_l{k}"], "h": zeros, "c": zeros}  # fmt: skip
        if unit == "GRU":
            flow = fifty.gru({**parts, "b_ih": into, "b_hh": back}, flow, order or "rzn")
        elif unit == "RNN":
            flow = fifty.rnn({**parts, "b": fifty.plus(into, back)}, flow)
        else:
            flow = fifty.lstm({**parts, "b": fifty.plus(into, back)}, flow, order or "ifgo")
    y = fifty.head(w["lin.weight"], w["lin.bias"], flow)
    spread = [[step[0]] * out if skip == 1 else step[:skip] for step in x]
    if skip:
        y = [fifty.plus(a, b) for a, b in zip(y, spread, strict=True)]
    return [[after * number for number in step] for step in y]


def write(folder: Path, value: Json) -> Path:
    path = folder / "amp.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def away(found: importers.Import, expected: list[fifty.Vector], width: int = 1) -> float:
    output, _ = run(compile_model(found.model), [fifty.loud(T, width)])
    return fifty.away(expected, output[0].tolist())


# unit, layers, features in, channels out, skip
SHAPES = [
    *((unit, layers, 1, 1, skip) for unit in GATES for layers in (1, 2) for skip in (0, 1)),
    *((unit, 1, 3, 1, 1) for unit in GATES),  # two knobs
    ("LSTM", 1, 2, 2, 2),
    ("LSTM", 1, 2, 2, 1),  # one channel, added to both
    ("GRU", 1, 3, 2, 2),
    ("LSTM", 1, 2, 2, 5),  # x[:, :, 0:5] of two channels is both
]


@pytest.mark.parametrize(("unit", "layers", "width", "out", "skip"), SHAPES)
def test_outputs_are_those_of_the_trainer(
    unit: str, layers: int, width: int, out: int, skip: int, tmp_path: Path
) -> None:
    found = importers.read(write(tmp_path, trained(unit, layers, width, out, skip)))
    assert found.system == "guitarml"
    assert away(found, original(unit, layers, width, out, skip), width) < 2e-6


@pytest.mark.parametrize("unit", ["LSTM", "GRU"])
@pytest.mark.parametrize("width", [1, 3])
@pytest.mark.parametrize("skip", [0, 1])
@pytest.mark.parametrize("gains", [(0, 0), (-6, 0), (0, 4.5), (12, -100)])
def test_outputs_are_those_of_aida_x(
    unit: str, width: int, skip: int, gains: tuple[float, float], tmp_path: Path
) -> None:
    value = converted(unit, width, in_skip=skip, in_gain=gains[0], out_gain=gains[1])
    found = importers.read(write(tmp_path, value))
    assert found.system == "guitarml"
    factors = tuple(10 ** (gain / 20) if gain > -90 else 0.0 for gain in gains)
    assert away(found, original(unit, width=width, skip=skip, gains=(factors[0], factors[1])), width) < 5e-6  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "least"),
    [
        ({"unit": "LSTM", "skip": 0}, 0.9),
        ({"unit": "LSTM", "order": "ifog"}, 0.2),
        ({"unit": "GRU", "order": "zrn"}, 0.2),
        ({"unit": "LSTM", "gains": (0.5, 1)}, 0.2),
    ],
)
def test_a_wrong_reading_shows(wrong: Json, least: float) -> None:
    assert fifty.away(original(wrong["unit"]), original(**wrong)) > least


def test_a_wrong_skip_hides_behind_a_quiet_input() -> None:
    """Why the inputs here are loud: what a missing skip takes away is the input itself."""
    differences = [
        max(abs(a[0] - b[0]) for a, b in zip(original(gains=(g, 1)), original(skip=0, gains=(g, 1)), strict=True))
        for g in (1, 2**-12)
    ]  # fmt: skip
    assert differences[0] > 0.9
    assert differences[1] < 3e-4


@pytest.mark.parametrize("value", [trained("GRU", 2, 3, 2, 2), converted(in_gain=-6, out_gain=3)])
def test_same_bits_in_three_languages_and_in_blocks(value: Json, tmp_path: Path) -> None:
    found = importers.read(write(tmp_path, value))
    steps = fifty.loud(T, found.document["input"]["size"])
    bits = {**languages.outputs(found.model, steps, 1), **languages.outputs(found.model, steps, 24)}
    assert len(set(bits.values())) == 1, list(bits)
    if languages.missing():
        pytest.skip(f"not built here: {', '.join(languages.missing())}; the others agree")


def batches(width: int = 1) -> Json:
    """As the trainer writes them: the sound alone, knobs at 0."""
    sound = [step[0] for step in fifty.loud(T, width)]
    output = [float(step[0]) for step in original()]
    return {"input_batch": sound, "output_batch": output}


def test_the_batch_becomes_an_example(tmp_path: Path) -> None:
    found = importers.read(write(tmp_path, converted(**batches())))
    (example,) = found.document["examples"]
    assert example["kind"] == "reference"
    assert found.document["tensors"][example["output"]]["shape"] == [1, T, 1]
    assert found.document["tensors"][example["input"]]["data"].ravel().tolist() == batches()["input_batch"]  # fmt: skip


def test_the_batch_of_a_net_with_knobs_has_them_at_0(tmp_path: Path) -> None:
    value = converted(width=2, **batches())
    for row in value["layers"][0]["weights"][0][1:]:
        row[:] = [0.0] * len(row)  # so that the batch of the net without knobs is right
    value["layers"][0]["weights"][0][0] = turned(arrays("LSTM")["rec.weight_ih_l0"], "LSTM")[0]
    found = importers.read(write(tmp_path, value))
    assert found.document["tensors"]["example_1.input"]["data"][0, :, 1].tolist() == [0] * T


def test_a_batch_of_another_net_is_refused_or_ignored(tmp_path: Path) -> None:
    given = batches()
    given["output_batch"][40] += 0.001
    path = write(tmp_path, converted(**given))
    with pytest.raises(Refused, match="--batch ignore") as refused:
        importers.read(path)
    assert refused.value.code == "IMPORT_MISMATCH"
    found = importers.read(path, batch="ignore")
    assert "examples" not in found.document
    assert any(n.kind == "left out" and "as you said" in n.text for n in found.notes)


def test_a_batch_shows_a_wrong_skip(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="misses what GuitarML's trainer gave by"):
        importers.read(write(tmp_path, converted(in_skip=0) | batches()))


def test_a_batch_before_the_gains_is_left_out(tmp_path: Path) -> None:
    found = importers.read(write(tmp_path, converted(out_gain=3, **batches())))
    assert any(n.kind == "left out" and "before the gains" in n.text for n in found.notes)


@pytest.mark.parametrize(
    "more", [{"samplerate": 44100}, {"metadata": {"samplerate": 44100}}, {"metadata": {"samplerate": "44100"}}, {"metadata": {"samplerate": 44100}, "samplerate": 48000}]
)  # fmt: skip
def test_the_sample_rate(more: Json, tmp_path: Path) -> None:
    found = importers.read(write(tmp_path, converted(**more)))
    assert found.document["input"]["sample_rate"] == 44100
    assert found.model.input.kind == "features"
    with pytest.raises(Refused, match="the file says 44100"):
        guitarml.read(write(tmp_path, converted(**more)), sample_rate=48000.0)


def test_a_sample_rate_that_is_given(tmp_path: Path) -> None:
    path = write(tmp_path, trained())
    assert guitarml.read(path, sample_rate=96000.0).document["input"]["sample_rate"] == 96000
    assert any("--sample-rate" in note.text for note in importers.read(path).notes)
    with pytest.raises(Refused, match="--sample-rate"):
        guitarml.read(path, sample_rate=float("nan"))


def test_rtneurals_own_file_stays_its_own(tmp_path: Path) -> None:
    value = converted()
    del value["in_skip"]
    assert importers.recognise(write(tmp_path, value)).name == "rtneural"


def test_nothing_stands_for_no_gain_and_no_skip(tmp_path: Path) -> None:
    value = converted(in_skip=None, in_gain=None, out_gain=None)
    found = importers.read(write(tmp_path, value))
    assert away(found, original(skip=0)) < 2e-6


def test_without_a_bias_in_the_head_and_skip_as_truth(tmp_path: Path) -> None:
    value = trained(skip=True)
    value["model_data"]["bias_fl"] = False
    bias = value["state_dict"].pop("lin.bias")[0]
    found = importers.read(write(tmp_path, value))
    expected = [[step[0] - fifty.Number(bias)] for step in original()]
    assert away(found, expected) < 2e-6


def of(what: str, **members: Json) -> Callable[[], Json]:
    """GuitarML's file with other members in model_data or state_dict; … takes one away."""

    def made() -> Json:
        value = copy.deepcopy(trained())
        value[what] |= members
        value[what] = {name: member for name, member in value[what].items() if member is not ...}
        return value

    return made


def of_layer(number: int, **members: Json) -> Callable[[], Json]:
    """AIDA-X' file with other members in a layer."""

    def made() -> Json:
        value = copy.deepcopy(converted())
        value["layers"][number] |= members
        return value

    return made


def wide() -> Json:
    """A small file whose skip would be a matrix of 16 GiB."""
    size = 65_536
    about = trained("RNN", width=size, out=size)["model_data"] | {"hidden_size": 1}
    weights = {
        "rec.weight_ih_l0": [[0] * size], "rec.weight_hh_l0": [[0]], "rec.bias_ih_l0": [0],
        "rec.bias_hh_l0": [0], "lin.weight": [[0]] * size, "lin.bias": [0] * size,
    }  # fmt: skip
    return {"model_data": about, "state_dict": weights}


NEAR_MISSES: dict[str, tuple[Callable[[], Json], str, str]] = {
    "RecNet": (of("model_data", model="RecNet"), "IMPORT_UNSUPPORTED", "the model is RecNet"),
    "GatedConvNet": (of("model_data", model="GatedConvNet"), "IMPORT_UNSUPPORTED", "the model is GatedConvNet"),
    "another unit": (of("model_data", unit_type="LSTMCell"), "IMPORT_UNSUPPORTED", "unit_type is LSTMCell"),
    "a list as unit": (of("model_data", unit_type=["LSTM"]), "IMPORT_UNSUPPORTED", "unit_type is"),
    "another kind of unit": (of("model_data", unit_type="GRU"), "IMPORT_SHAPE", "rec.weight_ih_l0 is [12, 1]"),
    "another hidden size": (of("model_data", hidden_size=4), "IMPORT_SHAPE", "ask for [16, 1]"),
    "a huge size": (of("model_data", hidden_size=1e9), "IMPORT_MALFORMED", "hidden_size"),
    "two layers said": (of("model_data", num_layers=2), "IMPORT_MALFORMED", "no rec.weight_ih_l1"),
    "a layer too many": (of("state_dict", **{"rec.weight_ih_l1": [[1.0]]}), "IMPORT_UNSUPPORTED", "rec.weight_ih_l1"),
    "two directions": (of("state_dict", **{"rec.weight_ih_l0_reverse": [[1.0]]}), "IMPORT_UNSUPPORTED", "l0_reverse"),
    "a missing bias": (of("state_dict", **{"rec.bias_hh_l0": ...}), "IMPORT_MALFORMED", "no rec.bias_hh_l0"),
    "a bias that is denied": (of("model_data", bias_fl=False), "IMPORT_UNSUPPORTED", "lin.bias"),
    "an odd bias_fl": (of("model_data", bias_fl=[]), "IMPORT_MALFORMED", "bias_fl"),
    "no skip": (of("model_data", skip=...), "IMPORT_MALFORMED", "skip is no number"),
    "half a skip": (of("model_data", skip=0.5), "IMPORT_MALFORMED", "skip is no number"),
    "a negative skip": (of("model_data", skip=-1), "IMPORT_MALFORMED", "skip is no number"),
    "more skipped than comes out": (lambda: trained(width=2, skip=2), "IMPORT_UNSUPPORTED", "skip is 2, and 1 channel comes out"),
    "fewer skipped than come out": (lambda: trained(width=3, out=3, skip=2), "IMPORT_UNSUPPORTED", "skip is 2, and 3 channels"),
    "an odd member": (of("model_data", dropout=0.5), "IMPORT_UNSUPPORTED", "a member dropout"),
    "no weights": (lambda: {"model_data": trained()["model_data"]}, "IMPORT_MALFORMED", "no state_dict"),
    "a number that float32 has not": (of("state_dict", **{"lin.bias": [1e39]}), "IMPORT_MALFORMED", "b holds inf"),
    "a text as weight": (of("state_dict", **{"lin.bias": ["0"]}), "IMPORT_MALFORMED", "no number"),
    "deep weights": (of("state_dict", **{"lin.bias": [[[[0]]]]}), "IMPORT_MALFORMED", "nested deeper"),
    "not a number": (lambda: json.dumps(trained()).replace('"skip": 1', '"skip": NaN'), "IMPORT_MALFORMED", "JSON"),
    "conv1d": (of_layer(0, type="conv1d"), "IMPORT_UNSUPPORTED", "layer 1 (conv1d)"),
    "prelu": (of_layer(1, type="prelu"), "IMPORT_UNSUPPORTED", "layer 2 (prelu)"),
    "an LSTM of relu": (of_layer(0, activation="relu"), "IMPORT_UNSUPPORTED", "the activation relu"),
    "a list as activation": (of_layer(0, activation=["tanh"]), "IMPORT_UNSUPPORTED", "the activation"),
    "a kernel of another size": (of_layer(0, weights=[[[0.5] * 8], [[0.5] * 12] * 3, [0.5] * 12]), "IMPORT_SHAPE", "array 1 of layer 1 (lstm) is [1, 8]"),
    "a layer without bias": (of_layer(1, weights=[[[1.0]]]), "IMPORT_MALFORMED", "has not the 2 arrays"),
    "an odd member of a layer": (of_layer(0, stateful=True), "IMPORT_UNSUPPORTED", "a member stateful"),
    "no layers": (lambda: converted() | {"layers": []}, "IMPORT_MALFORMED", "no list of layers"),
    "in_skip of two": (lambda: converted(width=2) | {"in_skip": 2}, "IMPORT_UNSUPPORTED", "skip is 2"),
    "in_skip in words": (lambda: converted() | {"in_skip": "1"}, "IMPORT_MALFORMED", "in_skip"),
    "a gain beyond all": (lambda: converted(out_gain=1e6), "IMPORT_MALFORMED", "out_gain"),
    "a gain in words": (lambda: converted(in_gain="loud"), "IMPORT_MALFORMED", "in_gain"),
    "a rate in words": (lambda: converted(samplerate="48k"), "IMPORT_MALFORMED", "the sample rate in the file"),
    "half a batch": (lambda: converted(input_batch=[0.5]), "IMPORT_MALFORMED", "output_batch"),
    "batches of two lengths": (lambda: converted(input_batch=[0.5], output_batch=[1.0, 2.0]), "IMPORT_SHAPE", "1 steps"),
    "a batch too wide": (lambda: converted(input_batch=[[0.5, 1.0]], output_batch=[1.0]), "IMPORT_SHAPE", "input_batch is [1, 2]"),
    "a batch of one number": (lambda: converted(input_batch=0.5, output_batch=1.0), "IMPORT_SHAPE", "input_batch is []"),
    "channels without end": (wide, "IMPORT_LIMIT", "numbers"),
    "a batch of infinity": (lambda: converted(input_batch=[1e39], output_batch=[1.0]), "IMPORT_MALFORMED", "input_batch holds inf"),
}  # fmt: skip


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_a_near_miss_is_refused(name: str, tmp_path: Path) -> None:
    value, code, words = NEAR_MISSES[name]
    with pytest.raises(Refused) as refused:
        importers.read(write(tmp_path, value()), "guitarml")
    assert (refused.value.code, words in str(refused.value)) == (code, True), refused.value


def test_a_file_cut_anywhere_is_refused(tmp_path: Path) -> None:
    text = json.dumps(converted(**batches()))
    for end in range(0, len(text) - 1, 211):
        with pytest.raises(Refused):
            importers.read(write(tmp_path, text[:end]))


def test_a_long_batch_of_a_large_net_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(guitarml, "_MOST_WORK", 1000)
    found = importers.read(write(tmp_path, converted(**batches())))
    steps = found.document["tensors"]["example_1.output"]["shape"][1]
    assert 0 < steps < T
