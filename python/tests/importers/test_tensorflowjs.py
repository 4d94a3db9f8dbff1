"""tensorflowjs: what TensorFlow.js itself wrote and computed, its numbers bit for bit, and one model in many spellings."""

import copy
import hashlib
import json
import math
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from rnnspec import compile as compile_model
from rnnspec import fingerprint, importers, run
from rnnspec.importers import Source, tensorflowjs
from rnnspec.importers.pattern import Notes
from rnnspec.importers.tensorflowjs_parts import Parts
from rnnspec.importers.tensorflowjs_weights import read_manifest

from . import fifty_digits as fifty
from . import in_three_languages as languages
from . import tensorflowjs_writer as writer
from .test_tensorflowjs_equations import D, H, cell, lone

Json = Any
Array = npt.NDArray[Any]
FILES = Path(__file__).parent / "tensorflowjs_files"
LETTERS = "abcdefghijk"
# Folder: options, lengths, and where TensorFlow.js repeats an output that does not exist here.
WRITTEN: dict[str, tuple[dict[str, Json], list[int] | None]] = {
    "language_0.11.7": ({"tokens": LETTERS}, None),
    "language_4.22.0": ({"tokens": LETTERS}, None),
    "directions_0.11.7": ({}, None),
    "functional_0.15.3": ({}, None),
    "functional_4.22.0": ({}, None),
    "cells_4.22.0": ({}, None),
    "masked_4.22.0": ({"tokens": LETTERS}, [6, 3]),
    "norms_2.8.6": ({}, [6, 4]),
    "stateful_1.7.4": ({}, None),
    "converted_hard": ({}, None),
    "converted_masked": ({"tokens": "abcdefg"}, [6, 4, 1]),
    "quantised_uint8": ({"tokens": LETTERS}, None),
    "quantised_uint16": ({"tokens": LETTERS}, None),
    "quantised_mixed": ({"tokens": LETTERS}, None),
}
REFUSED = {"masked_0.11.7"}
QUANTISED = {None: 4, "float16": 2, "uint16": 2, "uint8": 1}


def kept(name: str) -> tuple[Array, Array, Json]:
    """What TensorFlow.js was given, what it gave, and all of expected.json."""
    found = json.loads((FILES / name / "expected.json").read_text())
    x = np.array(found["x"])
    x = x.astype(np.float32) if x.ndim == 3 else x.astype(np.int64)
    return x, np.array(found["y"]).reshape(found["shape"]), found


def notes(path: Path, **options: Json) -> str:
    return "\n".join(f"{note.kind}: {note.text}" for note in tensorflowjs.read(path, **options).notes)  # fmt: skip


@pytest.mark.parametrize("name", WRITTEN)
def test_files_of_tensorflowjs(name: str) -> None:
    options, lengths = WRITTEN[name]
    x, y, _ = kept(name)
    imported = importers.read(FILES / name, **options)
    assert imported.system == "tensorflowjs"
    found, _ = run(compile_model(imported.model), x, lengths=lengths)
    if lengths and y.ndim == 3:  # it repeats an output in steps that do not exist here
        for row, length in enumerate(lengths):
            y[row, length:] = 0
    assert (np.abs(found - y) / np.maximum(1, np.abs(y))).max() < 2e-6
    assert y.std() > 0.04, "a quiet net shows nothing"


def test_every_folder_has_a_row_and_all_are_small() -> None:
    files = [p for p in FILES.rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    assert {path.name for path in FILES.iterdir() if (path / "model.json").exists()} == {*WRITTEN, *REFUSED}  # fmt: skip
    assert sum(path.stat().st_size for path in files) <= 200_000


def test_weights_straddle_shards() -> None:
    """A weight begins in one file and ends in another, and in one folder a number does."""
    cut_weights, cut_numbers = set(), set()
    for name in WRITTEN:
        for group in json.loads((FILES / name / "model.json").read_text())["weightsManifest"]:
            sizes = [(FILES / name / path).stat().st_size for path in group["paths"]]
            cuts = {sum(sizes[:k]) for k in range(1, len(sizes))}
            stored = [QUANTISED[w.get("quantization", {}).get("dtype")] for w in group["weights"]]
            counts = [math.prod(w["shape"]) for w in group["weights"]]
            ends = [sum(map(int.__mul__, stored[:k], counts)) for k in range(len(counts) + 1)]
            cut_weights |= {name for cut in cuts if cut not in ends}
            cut_numbers |= {name for cut in cuts for k, start in enumerate(ends[:-1]) if start < cut < ends[k + 1] and (cut - start) % stored[k]}  # fmt: skip
    assert cut_weights >= {"language_0.11.7", "cells_4.22.0", "converted_hard", "quantised_mixed"}
    assert "quantised_uint16" in cut_numbers


# --- bits ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["quantised_uint8", "quantised_uint16", "quantised_mixed", "converted_hard", "cells_4.22.0", "directions_0.11.7"])  # fmt: skip
def test_weights_have_the_bits_that_tensorflowjs_had(name: str) -> None:
    _, _, found = kept(name)
    parts = Parts(Source(FILES / name))
    weights = read_manifest(parts.members["weightsManifest"], parts, Source(FILES).limits, Notes())
    by_role = {_short(name): array.values() for name, array in weights.items()}
    assert {_short(name) for name in found["weights"]} == set(by_role)
    for role, digest in found["weights"].items():
        array = by_role[_short(role)].astype("<f4")
        assert hashlib.sha256(array.tobytes()).hexdigest() == digest, role


def _short(name: str) -> str:
    """Without the cell, which TensorFlow 2.2 and later put between a layer and its weight, and TensorFlow.js takes out."""
    first, *_, last = name.split("/")
    return name if "RNNCell" in name or "irectional" in name else f"{first}/{last}"


@pytest.mark.parametrize("kind", ["uint8", "uint16", "float16"])
def test_dequantised_in_64_bits_and_rounded_once(kind: str, tmp_path: Path) -> None:
    """As JavaScript computes it: doubles, then one store into a Float32Array. In float32 alone other bits come out."""
    numbers = fifty.rows(5, H, 97, 1.7)
    data, plan = writer.quantise(numbers, kind)
    spec = {"name": "d/kernel", "shape": [H, 97], "dtype": "float32", "quantization": plan}
    files = {"model.json": {"modelTopology": {}, "weightsManifest": [{"paths": ["w"], "weights": [spec]}]}, "w": data}  # fmt: skip
    parts = Parts(Source(writer.write(tmp_path, files)))
    read = read_manifest(parts.members["weightsManifest"], parts, Source(tmp_path).limits, Notes())
    found = read["d/kernel"].values().ravel()
    if kind == "float16":
        assert found.tolist() == [v for (v,) in struct.iter_unpack("<e", data)]
        return
    steps = [q for (q,) in struct.iter_unpack({"uint8": "<B", "uint16": "<H"}[kind], data)]
    wide = [q * plan["scale"] + plan["min"] for q in steps]  # Python's floats are JavaScript's
    assert found.tobytes() == struct.pack(f"<{len(wide)}f", *wide)
    scale, least = np.float32(plan["scale"]), np.float32(plan["min"])
    narrow = np.array(steps, np.float32) * scale + least
    assert (narrow != found).mean() > 0.2
    assert np.abs(found - np.array(writer.flat(numbers))).max() <= plan["scale"] * 0.51


@pytest.mark.parametrize("name", ["language_4.22.0", "functional_4.22.0", "cells_4.22.0", "quantised_mixed"])  # fmt: skip
def test_same_bits_in_three_languages_and_in_blocks(name: str) -> None:
    x, _, _ = kept(name)
    model = importers.read(FILES / name, **WRITTEN[name][0]).model
    whole = "language" in name or "quantised" in name
    bits = languages.outputs(model, x[0].tolist(), 2 if whole else len(x[0]))
    assert len(set(bits.values())) == 1, list(bits)
    if languages.missing():
        pytest.skip(f"not built here: {', '.join(languages.missing())}; the others agree")


def test_a_stateful_model_goes_on_with_its_state() -> None:
    x, _, found = kept("stateful_1.7.4")
    second = np.array(found["again"]).reshape(found["shape"])
    program = compile_model(tensorflowjs.read(FILES / "stateful_1.7.4").model)
    first, state = run(program, x)
    again, _ = run(program, x, state=state)
    assert np.abs(again - second).max() < 1e-6
    assert np.abs(first - second).max() > 0.01
    assert "stateful: give the state of a call" in notes(FILES / "stateful_1.7.4")


def test_every_version_saves_the_hard_sigmoid_of_its_constructor() -> None:
    """The models of make.mjs do not say it."""
    for name in ("language_0.11.7", "language_4.22.0"):
        functions = [n["activations"]["gates"] for n in tensorflowjs.read(FILES / name, tokens=LETTERS).document["layers"] if "activations" in n]  # fmt: skip
        assert functions == [{"function": "hard_sigmoid", "alpha": 0.2, "beta": 0.5}] * 2


# --- spellings and places ----------------------------------------------------------------------------------------------


def same(path: Path, other: Path, **options: Json) -> bool:
    one, two = (importers.read(p, **options).with_members(name="net").model for p in (path, other))
    return fingerprint(one) == fingerprint(two)


def test_file_folder_and_zip_are_one(tmp_path: Path) -> None:
    folder = FILES / "functional_4.22.0"
    for top in ("", "my model/"):
        packed = tmp_path / "net.zip"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in folder.iterdir():
                archive.write(path, top + path.name)
        assert same(folder / "model.json", packed)
    assert same(folder / "model.json", folder)


def camel(value: Json) -> Json:
    def spelled(key: str) -> str:
        first, *rest = key.split("_")
        return first + "".join(part.capitalize() for part in rest)

    if isinstance(value, dict):
        return {spelled(k): camel(v) for k, v in value.items()}
    return [camel(v) for v in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", ["directions_0.11.7", "functional_4.22.0", "cells_4.22.0"])
def test_camel_case_is_the_same(name: str, tmp_path: Path) -> None:
    files = {path.name: path.read_bytes() for path in (FILES / name).iterdir()}
    value = json.loads(files["model.json"])
    changed = {**value, "modelTopology": camel(value["modelTopology"])}
    assert changed != value
    assert same(FILES / name, writer.write(tmp_path, {**files, "model.json": changed}))


def test_cells_as_older_versions_write_them(tmp_path: Path) -> None:
    """From 2 on an RNN has the settings of its cell too."""
    files = {path.name: path.read_bytes() for path in (FILES / "cells_4.22.0").iterdir()}
    value = json.loads(files["model.json"])
    for one in value["modelTopology"]["config"]["layers"]:
        if one["class_name"] == "RNN":
            for member in {*one["config"]["cell"]["config"]} - {"name", "trainable"}:
                del one["config"][member]
    assert same(FILES / "cells_4.22.0", writer.write(tmp_path, {**files, "model.json": value}))


def test_an_rnn_of_a_cell_in_both_directions(tmp_path: Path) -> None:
    """Its cell alone is an LSTM."""
    half = cell("LSTM")
    weights = {f"{way}_rnn_RNN1/{role}": numbers for way in ("forward", "backward") for role, numbers in half.items()}  # fmt: skip
    config = {"units": H, "recurrent_activation": "sigmoid"}
    flags = {"return_sequences": True, "go_backwards": False}
    of_cell = {"name": "rnn", **flags, "cell": {"class_name": "LSTMCell", "config": config}}
    plain = {"name": "lstm", **flags, **config}
    made = []
    for kind, inner in (("RNN", of_cell), ("LSTM", plain)):
        settings = {"merge_mode": "concat", "batch_input_shape": [None, None, D]}
        wrapped = {"class_name": kind, "config": inner}
        both = writer.layer("Bidirectional", "both", weights, layer=wrapped, **settings)
        made.append(writer.write(tmp_path / kind, writer.model([both], size=99)))
    assert same(*made)


# --- what is told ------------------------------------------------------------------------------------------------------


def test_what_is_told() -> None:
    assert "of tfjs-layers 0.6.7" in notes(FILES / "language_0.11.7", tokens=LETTERS)
    assert "of Keras 2.15.0" in notes(FILES / "converted_hard")
    assert "changed: weights of uint8 to q × scale + min, computed in 64 bits" in notes(FILES / "quantised_uint8", tokens=LETTERS)  # fmt: skip
    mixed = notes(FILES / "quantised_mixed", tokens=LETTERS)
    assert "weights of uint16 and uint8 to q" in mixed
    assert "weights of float16 widened" in mixed
    masked = notes(FILES / "converted_masked", tokens="abcdefg")
    assert "reset_after, computed as Keras does, in 1 of the layers" in masked


def test_what_stands_beside_the_net_is_told(tmp_path: Path) -> None:
    said = {"userDefinedMetadata": {"author": "me"}, "trainingConfig": {"loss": "mse"}}
    files = lone("LSTM")
    path = writer.write(tmp_path, {**files, "model.json": {**files["model.json"], **said}})
    assert "left out: trainingConfig, userDefinedMetadata" in notes(path)


def test_weights_of_an_optimizer_are_left_out(tmp_path: Path) -> None:
    files = lone("LSTM")
    extra = {"name": "iter", "shape": [2], "dtype": "int32", "group": "optimizer"}
    value = copy.deepcopy(files["model.json"])
    value["weightsManifest"].append({"paths": ["opt"], "weights": [extra]})
    path = writer.write(tmp_path, {**files, "model.json": value, "opt": bytes(8)})
    assert "left out: 1 arrays of the optimizer" in notes(path)
    assert same(writer.write(tmp_path / "without", files), path)
