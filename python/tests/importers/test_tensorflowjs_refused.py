"""tensorflowjs: what is almost such a model, and files that want to do harm."""

import copy
import json
import random
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rnnspec import importers
from rnnspec.importers import CODES, Refused, Source, tensorflowjs
from rnnspec.limits import Limits

from . import fifty_digits as fifty
from . import tensorflowjs_writer as writer
from . import tf1_writer
from .test_hostile import damaged, judged
from .test_tensorflowjs import FILES, LETTERS
from .test_tensorflowjs_equations import D, H, cell, lone

Json = Any
LSTM: dict[str, Json] = {"units": H, "return_sequences": True}
FIRST: dict[str, Json] = {"batch_input_shape": [None, None, D]}


def changed(*path: Json, **members: Json) -> Callable[[], Json]:
    """A lone LSTM with other members at a place of model.json; None takes one out."""

    def made() -> Json:
        files = copy.deepcopy(lone("LSTM", recurrent_activation="sigmoid"))
        place = files["model.json"]
        for step in path:
            place = place[step]
        for name, value in members.items():
            if value is None:
                place.pop(name, None)
            else:
                place[name] = value
        return files

    return made


CONFIG = ("modelTopology", "config", "layers", 0, "config")
GROUP = ("weightsManifest", 0)
SPEC = (*GROUP, "weights", 0)


def of(*layers: Json) -> Callable[[], Json]:
    return lambda: writer.model(layers)


def rnn(cell_kind: str = "LSTMCell", weights: Json = None, **config: Json) -> Json:
    inner = {"class_name": cell_kind, "config": {"units": H, "recurrent_activation": "sigmoid"}}
    return writer.layer("RNN", "rnn", weights or cell("LSTM"), **{**FIRST, "cell": inner, **config})


def masked(*between: Json) -> Callable[[], Json]:
    return of(
        writer.layer("Masking", "mask", mask_value=0.0, **FIRST),
        *between,
        writer.layer("LSTM", "cell", cell("LSTM"), recurrent_activation="sigmoid", **LSTM),
    )


def shards(**files: bytes | None) -> Callable[[], Json]:
    """Other bytes in a file, or none of it."""

    def made() -> Json:
        found = {**lone("LSTM"), **{f"{name.replace('_', '-')}.bin": data for name, data in files.items()}}  # fmt: skip
        return {name: data for name, data in found.items() if data is not None}

    return made


def keras3() -> Json:
    files = lone("LSTM", recurrent_activation="hard_sigmoid")
    files["model.json"]["modelTopology"]["keras_version"] = "3.5.0"
    return files


def two_kernels() -> Json:
    files = lone("LSTM", recurrent_activation="sigmoid")
    more = {"name": "cell/lstm_cell/kernel", "shape": [1], "dtype": "float32"}
    files["model.json"]["weightsManifest"].append({"paths": ["more.bin"], "weights": [more]})
    return {**files, "more.bin": bytes(4)}


def by_place() -> Json:
    files = lone("LSTM")
    for g, group in enumerate(files["model.json"]["weightsManifest"]):
        for k, spec in enumerate(group["weights"]):
            spec["name"] = f"layers/lstm/cell/vars/{2 * g + k}"
    return files


GRU_AFTER = writer.layer("GRU", "cell", cell("GRU"), reset_after=True, units=H, **FIRST)
NESTED = writer.layer("Sequential", "inner", layers=[])
FROZEN = {"node": [{"name": "x", "op": "Placeholder"}], "versions": {}}

NEAR_MISSES: dict[str, tuple[Callable[[], Json], str, str]] = {
    "a graph model": (changed(format="graph-model"), "IMPORT_UNSUPPORTED", "a graph model of TensorFlow.js, frozen"),
    "a graph model that does not say it": (changed(format=None, modelTopology=FROZEN), "IMPORT_UNSUPPORTED", "a graph model"),
    "another format": (changed(format="tfjs-flow"), "IMPORT_UNSUPPORTED", "the format is tfjs-flow"),
    "weights alone": (changed(modelTopology=None), "IMPORT_MALFORMED", "no modelTopology, so it is weights alone"),
    "a topology alone": (changed(weightsManifest=None), "IMPORT_MALFORMED", "no weightsManifest"),
    "no weights": (changed(weightsManifest=[]), "IMPORT_MALFORMED", "weightsManifest has no weights"),
    "a manifest of something else": (changed(weightsManifest=[3]), "IMPORT_MALFORMED", "no list of groups"),
    "a convolution": (of(writer.layer("Conv1D", "conv", filters=2, kernel_size=[3], **FIRST)), "IMPORT_UNSUPPORTED", '"conv" (Conv1D)'),
    "a model in a model": (of(NESTED), "IMPORT_MALFORMED", "does not say what goes in"),
    "a swish": (changed(*CONFIG, activation="swish"), "IMPORT_UNSUPPORTED", "activation of the layer"),
    "a softmax in a cell": (changed(*CONFIG, recurrent_activation="softmax"), "IMPORT_UNSUPPORTED", "which no cell can have"),
    "two spellings of a key": (changed(*CONFIG, recurrentActivation="tanh"), "IMPORT_MALFORMED", 'has "recurrent_activation" in two spellings'),
    "a setting that is unknown": (changed(*CONFIG, zoneout=0.5), "IMPORT_UNSUPPORTED", 'the setting "zoneout"'),
    "other units": (changed(*CONFIG, units=5), "IMPORT_SHAPE", "the config asks for [3, 20]"),
    "no bias in the config": (changed(*CONFIG, use_bias=False), "IMPORT_UNSUPPORTED", 'has a weight "cell/bias"'),
    "no bias in the file": (changed(*GROUP, weights=lone("LSTM")["model.json"]["weightsManifest"][0]["weights"][:1]), "IMPORT_SHAPE", "the weights of a group need"),
    "half a GRU with reset_after": (of(GRU_AFTER), "IMPORT_SHAPE", "bias with reset_after=True"),
    "hard_sigmoid of Keras 3": (keras3, "IMPORT_ASK", "x/6 + 0.5 in Keras 3"),
    "weights by their place": (by_place, "IMPORT_UNSUPPORTED", "named as in a .keras file"),
    "a weight of no layer": (changed(*SPEC, name="lstm/kernel"), "IMPORT_UNSUPPORTED", "belongs to no layer"),
    "a role twice": (two_kernels, "IMPORT_UNSUPPORTED", 'has a weight "cell/lstm_cell/kernel"'),
    "a weight with many slashes": (changed(*SPEC, name="/" * 60_000), "IMPORT_UNSUPPORTED", "belongs to no layer"),
    "a weight twice": (changed(*SPEC, name="cell/bias"), "IMPORT_MALFORMED", "twice"),
    "a weight of integers": (changed(*SPEC, dtype="int32"), "IMPORT_UNSUPPORTED", "is of int32"),
    "a weight of texts": (changed(*SPEC, dtype="string"), "IMPORT_UNSUPPORTED", "is of string"),
    "quantised to int4": (changed(*SPEC, quantization={"dtype": "int4"}), "IMPORT_UNSUPPORTED", "quantised to int4"),
    "quantised without a scale": (changed(*SPEC, quantization={"dtype": "uint8", "min": 0}), "IMPORT_MALFORMED", "without numbers scale and min"),
    "quantised in the manifest alone": (changed(*SPEC, quantization={"dtype": "uint8", "min": 0, "scale": 1}), "IMPORT_SHAPE", "the weights of a group need"),
    "float16 that float32 was": (changed(*SPEC, quantization={"dtype": "float16"}), "IMPORT_SHAPE", "the weights of a group need"),
    "a size of nothing": (changed(*SPEC, shape=[0, 16]), "IMPORT_MALFORMED", "no list of whole numbers from 1"),
    "a half size": (changed(*SPEC, shape=[1.5, 16]), "IMPORT_MALFORMED", "no list of whole numbers from 1"),
    "axes beyond all": (changed(*SPEC, shape=[2**31 - 1] * 20_000), "IMPORT_MALFORMED", "has 20000 axes"),
    "sizes beyond all": (changed(*SPEC, shape=[2**31 - 1] * 8), "IMPORT_LIMIT", "more than"),
    "sizes the other way round": (changed(*SPEC, shape=[4 * H, D]), "IMPORT_SHAPE", "kernel of the layer"),
    "a shard that is missing": (shards(group1_shard2of9=None), "IMPORT_MALFORMED", "the file group1-shard2of9.bin is not there"),
    "a shard that is short": (shards(group1_shard2of9=bytes(50)), "IMPORT_SHAPE", "group1-shard2of9.bin has 50"),
    "a shard that is long": (shards(group2_shard2of2=bytes(99)), "IMPORT_SHAPE", "group2-shard2of2.bin has 99"),
    "a first shard that is short": (shards(group1_shard1of9=bytes(52)), "IMPORT_SHAPE", "group1-shard1of9.bin has 52"),
    "a last shard that is short": (shards(group2_shard2of2=bytes(10)), "IMPORT_SHAPE", "group2-shard2of2.bin has 10"),
    "a shard twice": (changed(*GROUP, paths=["group1-shard1of9.bin"] * 9), "IMPORT_MALFORMED", "names a file twice"),
    "a path that is no text": (changed(*GROUP, paths=[1]), "IMPORT_MALFORMED", "a path of weightsManifest"),
    "a path up": (changed(*GROUP, paths=["../w.bin"]), "IMPORT_UNSAFE", "no plain name"),
    "a path up behind a dot": (changed(*GROUP, paths=["./../w.bin"]), "IMPORT_UNSAFE", "no plain name"),
    "a path from the root": (changed(*GROUP, paths=["/etc/passwd"]), "IMPORT_UNSAFE", "no plain name"),
    "a path of Windows": (changed(*GROUP, paths=["C:\\w.bin"]), "IMPORT_UNSAFE", "no plain name"),
    "the folder itself": (changed(*GROUP, paths=["./"]), "IMPORT_UNSAFE", "no plain name"),
    "a softmax behind a mask": (masked(writer.layer("Softmax", "soft", axis=2)), "IMPORT_UNSUPPORTED", "takes for one of features"),
    "a ReLU that TensorFlow.js computes otherwise": (of(writer.layer("ReLU", "relu", negative_slope=0.1, **FIRST)), "IMPORT_UNSUPPORTED", "which TensorFlow.js leaves out"),
    "a mask of old": (lambda: {p.name: p.read_bytes() for p in (FILES / "masked_0.11.7").iterdir()}, "IMPORT_UNSUPPORTED", "tfjs-layers 0.6.7 did not heed"),
    "a cell of convolutions": (of(rnn("ConvLSTM2DCell")), "IMPORT_UNSUPPORTED", "a cell ConvLSTM2DCell"),
    "stacked cells without a list": (of(rnn("StackedRNNCells")), "IMPORT_MALFORMED", "no list of cells"),
    "constants of an RNN": (of(rnn(num_constants=1)), "IMPORT_UNSUPPORTED", 'the setting "num_constants"'),
    "no cell": (of(rnn(cell=None)), "IMPORT_MALFORMED", "no class_name and config"),
    "scale beyond float32": (lambda: with_scale(1e38), "IMPORT_MALFORMED", "kernel of cell holds inf"),
}  # fmt: skip


def with_scale(scale: float) -> Json:
    files = lone("LSTM", recurrent_activation="sigmoid")
    value = files["model.json"]
    (first, *rest), data = value["weightsManifest"][0]["weights"], bytes([255]) * (D * 4 * H)
    tail = b"".join(files[path] for path in value["weightsManifest"][0]["paths"])[4 * len(data) :]
    first["quantization"] = {"dtype": "uint8", "min": 0, "scale": scale}
    value["weightsManifest"][0] = {"paths": ["w.bin"], "weights": [first, *rest]}
    return {**files, "w.bin": data + tail}


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_a_near_miss_is_refused(name: str, tmp_path: Path) -> None:
    made, code, words = NEAR_MISSES[name]
    path = writer.write(tmp_path / "net", made())
    options = {"tokens": LETTERS} if name == "a mask of old" else {}
    for given in (path, path.parent, zipped(path.parent, tmp_path / "net.zip")):
        with pytest.raises(Refused) as refused:
            _ = importers.read(given, "tensorflowjs", **options).model
        told = str(refused.value).replace("is not in the zip beside model.json", "is not there")
        assert (refused.value.code, words in told) == (code, True), refused.value


def zipped(folder: Path, to: Path) -> Path:
    with zipfile.ZipFile(to, "w") as archive:
        for path in folder.iterdir():
            archive.write(path, path.name)
    return to


# --- not to be confused ------------------------------------------------------------------------------------------------


def test_the_manifest_of_deeplearnjs_is_another_system(tmp_path: Path) -> None:
    """manifest.json has files and shapes by name; model.json has modelTopology. A folder with both is asked about."""
    old = tf1_writer.write(tmp_path / "old", tf1_writer.language_model(units=(3,)))
    assert importers.recognise(old).name == "tensorflow1"
    with pytest.raises(Refused, match="no object with modelTopology"):
        tensorflowjs.read(old / "manifest.json")
    new = writer.write(tmp_path / "new", lone("LSTM"))
    assert importers.recognise(new).name == "tensorflowjs"
    assert importers.recognise(new.parent).name == "tensorflowjs"
    with pytest.raises(Refused):
        importers.tensorflow1.read(new)
    writer.write(old, lone("LSTM"))
    with pytest.raises(Refused, match="tensorflow1, tensorflowjs: say which"):
        importers.recognise(old)


def test_others_with_the_name_model_json_are_not_taken(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text('{"class_name": "Sequential", "config": []}')
    with pytest.raises(Refused) as refused:
        importers.read(tmp_path)
    assert refused.value.code == "IMPORT_UNRECOGNISED"
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("a/model.json", "{}")
        archive.writestr("b/model.json", "{}")
    with pytest.raises(Refused, match=r"has 2 files model\.json"):
        tensorflowjs.read(tmp_path / "two.zip")


# --- harm --------------------------------------------------------------------------------------------------------------


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    path = writer.write(tmp_path / "net", lone("LSTM"))
    shard = path.parent / "group1-shard1of9.bin"
    shard.rename(tmp_path / "outside")
    shard.symlink_to(tmp_path / "outside")
    with pytest.raises(Refused, match="is a link") as refused:
        tensorflowjs.read(path)
    assert refused.value.code == "IMPORT_UNSAFE"


def test_sizes_before_allocation(tmp_path: Path) -> None:
    """One byte a number, so that 100 MB of shards would be 400 MB; and 60 million to the power of eight."""
    spec = {"name": "cell/kernel", "dtype": "float32", "quantization": {"dtype": "uint8", "min": 0, "scale": 1}}  # fmt: skip
    for shape in ([100_000_000], [60_000_000] * 8):
        files = lone("LSTM")
        files["model.json"]["weightsManifest"][0]["weights"] = [{**spec, "shape": shape}]
        path = writer.write(tmp_path, files)
        tracemalloc.start()
        with pytest.raises(Refused) as refused:
            tensorflowjs.read(path)
        assert refused.value.code == "IMPORT_LIMIT"
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
        tracemalloc.stop()


def test_the_limit_holds_for_all_shards_together(tmp_path: Path) -> None:
    path = writer.write(tmp_path, lone("LSTM"))
    size = sum(p.stat().st_size for p in tmp_path.iterdir())
    assert tensorflowjs.read(Source(path, Limits(size=size))).model.layers
    with pytest.raises(Refused) as refused:
        tensorflowjs.read(Source(path, Limits(size=size - 1)))
    assert refused.value.code == "IMPORT_LIMIT"


def test_not_finite(tmp_path: Path) -> None:
    bias = [float("nan"), *fifty.spread(1, 4 * H - 1)]
    one = writer.layer("LSTM", "cell", {**cell("LSTM"), "bias": bias}, **LSTM, **FIRST)
    with pytest.raises(Refused, match=r"bias of cell holds nan at \[0\]"):
        tensorflowjs.read(writer.write(tmp_path, writer.model([one])))


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_model(seed: int, tmp_path: Path) -> None:
    pick = random.Random(seed)
    path = writer.write(tmp_path / "net", lone("LSTM"))
    data = path.read_bytes()
    seen = set()
    for _ in range(100):
        path.write_bytes(damaged(data, pick))
        seen.add(judged(lambda: tensorflowjs.read(path)))
        judged(lambda: importers.read(path.parent))
    assert {"IMPORT_MALFORMED"} < seen <= {*CODES, "imported"}


@pytest.mark.parametrize("seed", range(2))
def test_a_damaged_zip(seed: int, tmp_path: Path) -> None:
    pick = random.Random(seed)
    folder = writer.write(tmp_path / "net", lone("LSTM")).parent
    whole = zipped(folder, tmp_path / "net.zip").read_bytes()
    seen = set()
    for _ in range(60):
        (tmp_path / "net.zip").write_bytes(damaged(whole, pick))
        seen.add(judged(lambda: tensorflowjs.read(tmp_path / "net.zip")))
    assert {"IMPORT_MALFORMED"} <= seen <= {*CODES, "imported"}


def test_deep_json_is_refused(tmp_path: Path) -> None:
    deep = '{"a":' * 5000 + "1" + "}" * 5000
    (tmp_path / "model.json").write_text(f'{{"modelTopology": {deep}, "weightsManifest": []}}')
    with pytest.raises(Refused) as refused:
        tensorflowjs.read(tmp_path)
    assert refused.value.code in CODES


def test_a_pipe_has_no_shards() -> None:
    data = json.dumps(lone("LSTM")["model.json"]).encode()
    with pytest.raises(Refused, match="one alone came through the pipe"):
        importers.read(importers.Piped(data, "net"))
