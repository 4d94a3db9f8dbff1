"""nam against the equations of Neural Amp Modeler's own LSTM in 50 digits, and what must be refused."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rnnspec import compile as compile_model
from rnnspec import importers, run
from rnnspec.importers import Refused, nam

from . import fifty_digits as fifty
from . import in_three_languages as languages

Json = Any
H, T = 3, 96
INPUTS = fifty.loud(T, 1)


def cell(seed: int, width: int) -> dict[str, Any]:
    """A layer, loud: gates that are far from their middle, and a state that is far from zero."""
    return {
        "ih": fifty.rows(seed, 4 * H, width, 2),
        "hh": fifty.rows(seed + 1, 4 * H, H),
        "b": fifty.spread(seed + 2, 4 * H),
        "h": fifty.spread(seed + 3, H),
        "c": fifty.spread(seed + 4, H, 2),
    }


CELLS = [cell(10, 1), cell(20, H)]
HEAD: dict[str, Any] = {"weight": fifty.rows(30, 1, H, 2), "bias": fifty.spread(31, 1)}


def written(layers: int = 2, **members: Json) -> Json:
    """The file, as NAM's exporter orders its numbers."""
    weights: list[float] = []
    for one in CELLS[:layers]:
        for x_columns, h_columns in zip(one["ih"], one["hh"], strict=True):
            weights += [*x_columns, *h_columns]
        weights += [*one["b"], *one["h"], *one["c"]]
    weights += [*HEAD["weight"][0], *HEAD["bias"]]
    config = {"input_size": 1, "hidden_size": H, "num_layers": layers}
    return {
        "version": "0.5.4",
        "metadata": {"loudness": -18.5, "name": "my amp"},
        "architecture": "LSTM",
        "config": config,
        "weights": weights,
        "sample_rate": 48000,
        **members,
    }


def write(folder: Path, value: Json) -> Path:
    path = folder / "amp.nam"
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def original(
    layers: int = 2, order: str = "ifgo", forget: int = 0, state: bool = True
) -> list[fifty.Vector]:
    flow = fifty.exact(INPUTS)
    for one in CELLS[:layers]:
        w = {name: fifty.exact(numbers) for name, numbers in one.items()}
        if not state:
            w |= {"h": [fifty.Number(0)] * H, "c": [fifty.Number(0)] * H}
        flow = fifty.lstm(w, flow, order, forget)
    return fifty.head(fifty.exact(HEAD["weight"]), fifty.exact(HEAD["bias"]), flow)


@pytest.mark.parametrize("layers", [1, 2])
def test_outputs_are_those_of_the_original(layers: int, tmp_path: Path) -> None:
    found = importers.read(write(tmp_path, written(layers)))
    assert found.system == "nam"
    output, _ = run(compile_model(found.model), [INPUTS])
    assert fifty.away(original(layers), output[0].tolist()) < 1e-6


@pytest.mark.parametrize(
    ("wrong", "least"),
    [
        ({"order": "ifog"}, 0.5),  # torch-rnn's
        ({"order": "igfo"}, 0.5),  # TensorFlow's
        ({"order": "figo"}, 0.5),
        ({"forget": 1}, 0.25),
        ({"state": False}, 0.5),
    ],
)
def test_a_wrong_reading_shows(wrong: Json, least: float) -> None:
    assert fifty.away(original(), original(**wrong)) > least


def test_a_dropped_state_shows_at_the_first_sample(tmp_path: Path) -> None:
    found = importers.read(write(tmp_path, written(1)))
    roles = found.document["layers"][0]["parameters"]
    kept = {name: found.document["tensors"][roles[name]]["data"].tolist() for name in ("h0", "c0")}
    assert kept == {"h0": CELLS[0]["h"], "c0": CELLS[0]["c"]}
    first = fifty.away(original(1)[:1], original(1, state=False)[:1])
    assert first > 0.2


@pytest.mark.parametrize("blocks", [1, 64])
def test_same_bits_in_three_languages_and_in_blocks(blocks: int, tmp_path: Path) -> None:
    found = importers.read(write(tmp_path, written()))
    bits = languages.outputs(found.model, INPUTS, blocks)
    assert len(set(bits.values())) == 1, list(bits)
    if languages.missing():
        pytest.skip(f"not built here: {', '.join(languages.missing())}; the others agree")


def test_the_sample_rate_is_in_the_input(tmp_path: Path) -> None:
    assert nam.read(write(tmp_path, written())).model.input.sample_rate == 48000  # type: ignore[union-attr]
    without = write(tmp_path, written(sample_rate=None))
    found = importers.read(without)
    assert "sample_rate" not in found.document["input"]
    assert any(note.kind == "assumed" and "48,000" in note.text for note in found.notes)
    assert nam.read(without, sample_rate=44100.0).document["input"]["sample_rate"] == 44100


def test_what_is_not_computed_with_is_told(tmp_path: Path) -> None:
    notes = importers.read(write(tmp_path, written(author="me"))).notes
    (told,) = (note.text for note in notes if note.kind == "left out")
    assert told.startswith("author, metadata.loudness, metadata.name;")


def test_members_of_newer_files_that_say_the_same(tmp_path: Path) -> None:
    value = written()
    value["config"] |= {"in_channels": 1, "out_channels": 1}
    assert importers.read(write(tmp_path, {**value, "version": "0.7.0"})).system == "nam"


def of_config(**members: Json) -> Callable[[], Json]:
    def made() -> Json:
        value = copy.deepcopy(written())
        value["config"] |= members
        return value

    return made


NEAR_MISSES: dict[str, tuple[Callable[[], Json], str, str]] = {
    "WaveNet": (lambda: written(architecture="WaveNet"), "IMPORT_UNSUPPORTED", "the architecture is WaveNet"),
    "ConvNet": (lambda: written(architecture="ConvNet"), "IMPORT_UNSUPPORTED", "the architecture is ConvNet"),
    "Linear": (lambda: written(architecture="Linear"), "IMPORT_UNSUPPORTED", "the architecture is Linear"),
    "an LSTM with knobs": (lambda: written(architecture="CatLSTM"), "IMPORT_UNSUPPORTED", "the architecture is CatLSTM"),
    "no architecture": (lambda: written(architecture=3), "IMPORT_MALFORMED", "names no architecture"),
    "one number too few": (lambda: written(weights=written()["weights"][:-1]), "IMPORT_SHAPE", "ask for [160]"),
    "one number too many": (lambda: written(weights=[*written()["weights"], 0]), "IMPORT_SHAPE", "weights is [161]"),
    "without the states": (lambda: written(weights=written()["weights"][: -2 * 2 * H]), "IMPORT_SHAPE", "weights is [148]"),
    "another hidden size": (of_config(hidden_size=4), "IMPORT_SHAPE", "2 layers of 4 over 1"),
    "a size that is huge": (of_config(hidden_size=65536, num_layers=256), "IMPORT_SHAPE", "ask for ["),
    "a size beyond all": (of_config(hidden_size=1e300), "IMPORT_MALFORMED", "hidden_size in the config"),
    "a half layer": (of_config(num_layers=1.5), "IMPORT_MALFORMED", "num_layers in the config"),
    "no layers": (of_config(num_layers=0), "IMPORT_MALFORMED", "num_layers in the config"),
    "truth as a size": (of_config(input_size=True), "IMPORT_MALFORMED", "input_size in the config"),
    "two channels out": (of_config(out_channels=2), "IMPORT_UNSUPPORTED", "a member out_channels"),
    "a dropout": (of_config(bidirectional=True), "IMPORT_UNSUPPORTED", "a member bidirectional"),
    "no config": (lambda: written(config=None), "IMPORT_MALFORMED", "no config"),
    "an old version": (lambda: written(version="0.4.0"), "IMPORT_UNSUPPORTED", "version 0.4.0"),
    "a new version": (lambda: written(version="1.0.0"), "IMPORT_UNSUPPORTED", "version 1.0.0"),
    "no version": (lambda: written(version=0.5), "IMPORT_MALFORMED", "no version"),
    "a text among the weights": (lambda: written(weights=["0.5"]), "IMPORT_MALFORMED", "no number"),
    "rows of weights": (lambda: written(weights=[[0.5], [1, 2]]), "IMPORT_MALFORMED", "not of one length"),
    "deep weights": (lambda: written(weights=[[[[1]]]]), "IMPORT_MALFORMED", "nested deeper"),
    "no weights": (lambda: written(weights=[]), "IMPORT_MALFORMED", "weights is empty"),
    "a number that float32 has not": (lambda: written(weights=[1e39, *written()["weights"][1:]]), "IMPORT_MALFORMED", "W of layer 1 holds inf"),
    "not a number": (lambda: json.dumps(written()).replace("-18.5", "NaN"), "IMPORT_MALFORMED", "JSON"),
    "a rate of nothing": (lambda: written(sample_rate=0), "IMPORT_MALFORMED", "the sample rate in the file"),
    "a rate in words": (lambda: written(sample_rate="48k"), "IMPORT_MALFORMED", "the sample rate in the file"),
}  # fmt: skip


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_a_near_miss_is_refused(name: str, tmp_path: Path) -> None:
    value, code, words = NEAR_MISSES[name]
    with pytest.raises(Refused) as refused:
        importers.read(write(tmp_path, value()), "nam")
    assert (refused.value.code, words in str(refused.value)) == (code, True), refused.value


@pytest.mark.parametrize("rate", [44100.0, 0.0, float("nan"), float("inf")])
def test_another_rate_than_the_files_is_refused(rate: float, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="--sample-rate") as refused:
        nam.read(write(tmp_path, written()), sample_rate=rate)
    assert refused.value.code == "IMPORT_OPTION"


def test_a_file_cut_anywhere_is_refused(tmp_path: Path) -> None:
    text = json.dumps(written())
    for end in range(0, len(text) - 1, 97):
        with pytest.raises(Refused):
            importers.read(write(tmp_path, text[:end]))
