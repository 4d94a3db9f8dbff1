"""Models as numpy arrays and back; arrays of one's own with a net beside them; and what is refused."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnspec import build, fingerprint, importers, load, run, selftest
from rnnspec import compile as compile_model
from rnnspec.cli import main
from rnnspec.importers import Refused, npz
from rnnspec.model import Model
from rnnspec.save import with_dtype

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[3]
SHIPPED = sorted((ROOT / "examples").glob("*/*.rnn"))


def drawn(seed: int, *shape: int) -> Any:  # noqa: ANN401  of numpy
    return np.random.default_rng(seed).normal(0, 0.8, shape).astype(np.float32)


ARRAYS = {"cell.W": drawn(1, 2, 9), "cell.R": drawn(2, 3, 9), "cell.b": drawn(3, 9), "cell.rb": drawn(4, 3), "out.W": drawn(5, 3, 2)}  # fmt: skip
NET: Json = {
    "name": "net",
    "input": {"kind": "features", "size": 2},
    "layers": [
        {
            "name": "gru", "type": "gru", "hidden_size": 3, "reset": "after",
            "activations": {"gates": {"function": "hard_sigmoid", "alpha": 0.2, "beta": 0.5}, "candidate": {"function": "tanh"}},
            "parameters": {role: f"cell.{role}" for role in ("W", "R", "b", "rb")},
        },
        {"name": "d", "type": "dense", "size": 2, "parameters": {"W": "out.W"}},
    ],
    "output": {"kind": "values"},
}  # fmt: skip


def model() -> Model:
    return build({**NET, "tensors": ARRAYS})


def saved(path: Path, **arrays: Any) -> Path:  # noqa: ANN401  of numpy
    """By numpy itself."""
    np.savez(path, **arrays)
    return path


def refusal(path: Path, **options: Any) -> tuple[str, str]:  # noqa: ANN401  of the importer
    with pytest.raises(Refused) as refused:
        _ = npz.read(path, **options).model
    return refused.value.code, str(refused.value)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_shipped_models_there_and_back(path: Path, tmp_path: Path) -> None:
    original = load(path)
    file = tmp_path / "net.npz"
    file.write_bytes(npz.to_npz(original))
    again = importers.read(file).model
    assert fingerprint(again) == fingerprint(original)
    assert (again.name, again.metadata, again.license) == (original.name, original.metadata, original.license)  # fmt: skip
    assert len(again.examples or ()) == len(original.examples or ())
    assert not selftest(compile_model(again)).failed


def test_there_are_shipped_models() -> None:
    assert SHIPPED


def test_numpy_reads_the_arrays_by_their_names(tmp_path: Path) -> None:
    file = tmp_path / "net.npz"
    file.write_bytes(npz.to_npz(model()))
    with np.load(file, allow_pickle=False) as arrays:
        assert set(arrays) == {*ARRAYS, "rnnspec"}
        for name, array in ARRAYS.items():
            assert arrays[name].dtype == np.float32
            assert arrays[name].tobytes() == array.tobytes()
        document = json.loads(arrays["rnnspec"].tobytes())
    assert document["layers"][1]["parameters"] == {"W": "out.W"}


def test_one_model_has_one_file() -> None:
    assert npz.to_npz(model()) == npz.to_npz(model())


@pytest.mark.parametrize("seed", range(20))
def test_random_storage_there_and_back(seed: int, tmp_path: Path) -> None:
    """float16 stays what it is, and other storage keeps its values."""
    dtype: Any = ("float16", "bfloat16", "int8", "float32")[seed % 4]
    original = with_dtype(model(), dtype, 1 if dtype == "int8" else None)
    file = tmp_path / "net.npz"
    file.write_bytes(npz.to_npz(original))
    again = npz.read(file).model
    assert fingerprint(again) == fingerprint(original)
    kept = {tensor.dtype for tensor in again.tensors.values()}
    assert kept == {"float16" if dtype == "float16" else "float32"}
    x = drawn(100 + seed, 2, 5, 2)
    one, other = (run(compile_model(net), x)[0] for net in (original, again))
    assert np.asarray(one).tobytes() == np.asarray(other).tobytes()


def test_arrays_of_ones_own_with_a_net_beside_them(tmp_path: Path) -> None:
    """The equations of SPEC 10 in float64, with the arrays as numpy has them."""
    file = saved(tmp_path / "net.npz", **{name: a.astype(np.float64) for name, a in ARRAYS.items()})
    code, words = refusal(file)
    assert (code, "--net FILE" in words) == ("IMPORT_ASK", True)
    net = tmp_path / "net.json"
    net.write_text(json.dumps(NET))
    found = npz.read(file, net=net).model
    x, h = drawn(9, 5, 2).astype(np.float64), np.zeros(3)
    W, R, b, rb, V = (array.astype(np.float64) for array in ARRAYS.values())
    for step in x:
        (r, z, n), (hr, hz, hn) = np.split(step @ W + b, 3), np.split(h @ R, 3)
        r, z = (np.clip(0.2 * a + 0.5, 0, 1) for a in (r + hr, z + hz))
        h = (1 - z) * np.tanh(n + r * (hn + rb)) + z * h
    output, _ = run(compile_model(found), x[None].astype(np.float32))
    assert np.abs(np.asarray(output)[0, -1] - h @ V).max() < 1e-6


def test_commands(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (shipped, *_) = SHIPPED
    arrays, again = tmp_path / "net.npz", tmp_path / "net.rnn"
    assert main(["export", str(shipped), "--to", "npz", "-o", str(arrays)]) == 0
    assert main(["import", str(arrays), "-o", str(again)]) == 0
    assert "each the tensor of its name" in capfd.readouterr().out
    assert fingerprint(load(again)) == fingerprint(load(shipped))
    assert len(load(again).examples or ()) == len(load(shipped).examples or ())


def text(document: Json) -> Any:  # noqa: ANN401  of numpy
    return np.frombuffer(json.dumps(document).encode(), np.uint8)


def without(name: str) -> Json:
    return {key: array for key, array in ARRAYS.items() if key != name}


NEAR: dict[str, tuple[Json, str, str]] = {
    "a missing bias": ({**without("cell.b"), "rnnspec": text(NET)}, "IMPORT_MALFORMED", 'no array "cell.b", b of the layer "gru"'),
    "an array too many": ({**ARRAYS, "extra": ARRAYS["cell.b"], "rnnspec": text(NET)}, "IMPORT_UNSUPPORTED", 'reads the array "extra"'),
    "another shape": ({**ARRAYS, "cell.W": ARRAYS["cell.W"].T, "rnnspec": text(NET)}, "IMPORT_SHAPE", "arrays and net do not make a model"),
    "an unknown layer": ({**ARRAYS, "rnnspec": text({**NET, "layers": [{**NET["layers"][0], "type": "sru"}, NET["layers"][1]]})}, "IMPORT_SHAPE", "arrays and net do not make a model"),
    "not finite": ({**ARRAYS, "cell.W": np.full((2, 9), np.nan, np.float32), "rnnspec": text(NET)}, "IMPORT_MALFORMED", "holds nan"),
    "whole numbers": ({**ARRAYS, "cell.W": np.ones((2, 9), np.int64), "rnnspec": text(NET)}, "IMPORT_UNSUPPORTED", "weights are of float32"),
    "objects": ({**ARRAYS, "cell.W": np.array([[{}] * 9] * 2), "rnnspec": text(NET)}, "IMPORT_UNSUPPORTED", "which is a pickle"),
    "a net that is no JSON": ({**ARRAYS, "rnnspec": np.frombuffer(b"{", np.uint8)}, "IMPORT_MALFORMED", "is no JSON to rely on"),
    "a net that is no text": ({**ARRAYS, "rnnspec": ARRAYS["cell.b"]}, "IMPORT_MALFORMED", "no array of bytes"),
    "a net with tensors": ({**ARRAYS, "rnnspec": text({**NET, "tensors": {"a": 1}})}, "IMPORT_OPTION", "tensors of its own"),
    "a later version": ({**ARRAYS, "rnnspec": text({**NET, "rnnspec": "9.0"})}, "IMPORT_UNSUPPORTED", "of version 9.0"),
}  # fmt: skip


@pytest.mark.parametrize("name", NEAR)
def test_near_misses(name: str, tmp_path: Path) -> None:
    arrays, code, words = NEAR[name]
    found = refusal(saved(tmp_path / "net.npz", **arrays))
    assert found[0] == code
    assert words in found[1]


def test_a_tensor_of_the_name_of_the_text_is_refused() -> None:
    net = json.loads(json.dumps(NET).replace("out.W", "rnnspec"))
    arrays = {**without("out.W"), "rnnspec": ARRAYS["out.W"]}
    with pytest.raises(Refused, match="give it another name"):
        npz.to_npz(build({**net, "tensors": arrays}))


def test_a_net_twice_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "net.npz"
    file.write_bytes(npz.to_npz(model()))
    assert refusal(file, net=file)[0] == "IMPORT_OPTION"


def test_an_elman_net_of_numpys_own(tmp_path: Path) -> None:
    arrays = {"Wxh": drawn(1, 3, 4), "Whh": drawn(2, 4, 4), "bh": drawn(3, 4), "Why": drawn(4, 4, 2), "by": drawn(5, 2)}  # fmt: skip
    one = importers.read(saved(tmp_path / "net.npz", **arrays), input_kind="features")
    lists = {name: array.astype(np.float64).tolist() for name, array in arrays.items()}
    (tmp_path / "net.json").write_text(json.dumps(lists))
    other = importers.read(tmp_path / "net.json", input_kind="features")
    assert one.system == other.system == "elman"
    assert fingerprint(one.model) == fingerprint(other.model)


def test_a_bomb_and_two_entries_of_one_name(tmp_path: Path) -> None:
    path = tmp_path / "net.npz"
    inner = io.BytesIO()
    np.save(inner, np.zeros(1 << 20, np.uint8))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for k in range(300):
            archive.writestr("rnnspec.npy" if not k else f"a{k}.npy", inner.getvalue())
    assert path.stat().st_size < 1 << 20
    assert refusal(path)[0] == "IMPORT_LIMIT"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("rnnspec.npy", inner.getvalue())
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("rnnspec.npy", inner.getvalue())
    assert refusal(path)[1].startswith("net.npz has two entries")
