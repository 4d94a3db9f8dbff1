"""The Keras rows of models.py: files of Keras out of what the folders hold, requests, and judgements.

keras_layer_fixtures has single layers as JSON: each becomes an .h5 file as Keras 2.0 wrote one, in a folder that goes
with the process. textgenrnn has weights alone, with the vocabulary beside them.
"""

import atexit
import json
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

Message = dict[str, Any]
FIXTURES = "keras_layer_fixtures"
LAYERS = {
    **{f"recurrent.SimpleRNN.{k}": "SimpleRNN" for k in range(9)},
    **{f"recurrent.GRU.{k}": "GRU" for k in range(9)},
    **{f"embeddings.Embedding.{k}": "Embedding" for k in range(3)},
}
EMG = "keras3_emg/rnn2_120ms.keras"
TEXTGENRNN = "textgenrnn_keras_h5/textgenrnn_weights.hdf5"
HACKER_NEWS = "textgenrnn_keras_h5/hacker_news.hdf5"
_NOTED = 2e-6  # what the note beside the fixtures asks for: they have 6 digits
_ROUNDING = 1e-6  # between binary64 and float32, where the fixture itself is off


@cache
def scratch() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="rnnspec-keras-"))
    atexit.register(shutil.rmtree, folder)
    return folder


def numbers(given: Message) -> npt.NDArray[np.float64]:
    """An array of a fixture: flat data and a shape."""
    return np.array(given["data"], np.float64).reshape(given["shape"])


@cache
def case(path: Path, name: str) -> Message:
    found: Message = json.loads(path.read_text("utf-8"))[name]
    return found


def settings(path: Path, name: str) -> Message:
    """The layer's class and arguments; an Embedding has none but its sizes."""
    given = case(path, name)
    if "Embedding" in name:
        rows, size = given["weights"][0]["shape"]
        return {
            "class_name": "Embedding",
            "input_dim": rows,
            "output_dim": size,
            "mask_zero": False,
        }
    found: Message = json.loads((path.parent / "configs.json").read_text("utf-8"))[name]
    return found


def layer_file(name: str) -> Callable[[Path], Path]:
    """A fixture → the .h5 file of a model with that layer."""

    def write(path: Path) -> Path:
        given = {**settings(path, name)}
        kind, file = given.pop("class_name"), scratch() / f"{name}.h5"
        given.pop("predict_calls", None)
        config = {
            "name": "only",
            "batch_input_shape": [1, *case(path, name)["input"]["shape"]],
            **given,
        }
        model = {"class_name": "Sequential", "config": [{"class_name": kind, "config": config}]}
        roles = ("embeddings",) if kind == "Embedding" else ("kernel", "recurrent_kernel", "bias")
        with h5py.File(file, "w") as hdf5:
            hdf5.attrs["keras_version"] = b"2.0.9"
            hdf5.attrs["model_config"] = json.dumps(model).encode()
            for role, weight in zip(roles, case(path, name)["weights"], strict=False):
                hdf5[f"model_weights/only/only/{role}:0"] = numbers(weight).astype(np.float32)
        return file

    return write


def layer_options(name: str) -> Callable[[Path], Message]:
    def options(path: Path) -> Message:
        if "Embedding" not in name:
            return {"input_kind": "features"}
        return {"tokens": tuple(str(k) for k in range(settings(path, name)["input_dim"]))}

    return options


def layer_request(name: str) -> Callable[[Path], Message]:
    """The same input once, or twice where the layer is stateful."""

    def request(path: Path) -> Message:
        x = numbers(case(path, name)["input"])[None]
        if "Embedding" in name:
            return {"command": "run", "chunks": [{"input": x.astype(int).tolist()}]}
        bits = np.ascontiguousarray(x, ">f4").tobytes().hex()
        chunk = {"input": {"shape": list(x.shape), "bits": bits}}
        return {"command": "run", "chunks": [chunk] * settings(path, name)["predict_calls"]}

    return request


def layer_judge(name: str) -> Callable[[Path, Message], str]:
    """Each number of the output within the note's tolerance.

    The fixtures are rounded, weights and outputs. Where a number of one is further than that from the layer's definition
    in binary64, computed here, that distance is its tolerance instead, and a float32's rounding.
    """

    def judge(path: Path, result: Message) -> str:
        expected = numbers(case(path, name)["expected"])
        off = np.abs(true_output(path, name) - expected) / np.maximum(1, np.abs(expected))
        allowed = np.where(off > _NOTED, off + _ROUNDING, _NOTED)
        away = np.abs(output(result)[0] - expected) / np.maximum(1, np.abs(expected))
        assert (away <= allowed).all(), f"{away.max():.2g} away"
        words = f"{away.max():.2g} away, {_NOTED:g} allowed"
        if (off > _NOTED).any():
            words += (
                f"; in {int((off > _NOTED).sum())} of {off.size} numbers {allowed.max():.2e}, for there the fixture is "
                f"{off.max():.2e} from binary64"
            )
        return words

    return judge


def true_output(path: Path, name: str) -> npt.NDArray[np.float64]:
    """What a layer of Keras 2 gives by its definition, in binary64; of the last call, where it is called twice."""
    given, x = settings(path, name), numbers(case(path, name)["input"])
    weights = [numbers(weight) for weight in case(path, name)["weights"]]
    if "Embedding" in name:
        rows: npt.NDArray[np.float64] = weights[0][x.astype(int)]
        return rows
    h = np.zeros(len(weights[1]))
    steps: list[npt.NDArray[np.float64]] = []
    for _ in range(given["predict_calls"]):
        steps = []
        for step in x[::-1] if given.get("go_backwards") else x:
            h = _step(given, weights, step, h)
            steps.append(h)
    return np.array(steps) if given.get("return_sequences") else h


def _step(
    given: Message,
    weights: list[npt.NDArray[np.float64]],
    x: npt.NDArray[np.float64],
    h: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """h after a step. A GRU has z, r, h and resets before the product; the hard sigmoid has the slope 0.2."""
    functions: dict[str, Callable[[Any], Any]] = {
        "tanh": np.tanh,
        "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
        "hard_sigmoid": lambda a: np.clip(0.2 * a + 0.5, 0, 1),
    }
    f, (W, R, *rest) = functions[given["activation"]], weights
    b = rest[0] if rest else np.zeros(W.shape[1])
    if given["class_name"] == "SimpleRNN":
        new: npt.NDArray[np.float64] = f(x @ W + h @ R + b)
        return new
    gate = functions[given["recurrent_activation"]]
    (xz, xr, xh), (Rz, Rr, Rh) = np.split(x @ W + b, 3), np.split(R, 3, axis=1)
    z, r = gate(xz + h @ Rz), gate(xr + h @ Rr)
    kept: npt.NDArray[np.float64] = z * h + (1 - z) * f(xh + (r * h) @ Rh)
    return kept


def output(result: Message) -> npt.NDArray[np.float32]:
    """Of the last chunk."""
    given = result["chunks"][-1]["output"]
    return np.frombuffer(bytes.fromhex(given["bits"]), ">f4").reshape(given["shape"])


def within(expected: npt.ArrayLike, given: npt.ArrayLike, tolerance: float) -> str:
    """How far, in parts of max(1, |r|). Raises AssertionError beyond the tolerance."""
    wanted = np.asarray(expected, np.float64)
    away = float((np.abs(np.asarray(given) - wanted) / np.maximum(1, np.abs(wanted))).max())
    assert away <= tolerance, f"{away:.2g} away"
    return f"{away:.1g} away, {tolerance:g} allowed"


def emg_request(path: Path) -> Message:
    """The model makes 3 steps of 12 numbers itself; here the caller does."""
    x = np.load(path.parent / "expected.npz")["rnn2_120ms_x"].reshape(-1, 3, 4)
    bits = np.ascontiguousarray(x, ">f4").tobytes().hex()
    return {"command": "run", "chunks": [{"input": {"shape": list(x.shape), "bits": bits}}]}


def emg(path: Path, result: Message) -> str:
    expected = np.load(path.parent / "expected.npz")["rnn2_120ms_y_litert"]
    return within(expected, output(result), 1e-5)


def textgenrnn_request(path: Path) -> Message:
    ids = np.load(path.parent / "expected_derived.npz")["ids"].tolist()
    return {"command": "run", "chunks": [{"input": [ids]}]}


def textgenrnn(path: Path, result: Message) -> str:
    """Probabilities, and the state after 40 steps."""
    expected = np.load(path.parent / "expected_derived.npz")
    (state,) = result["chunks"][0]["state"].values()
    got, wanted = [output(result)[0]], [expected["probs"]]
    for key in "hc":
        given = state[key]
        got.append(np.frombuffer(bytes.fromhex(given["bits"]), ">f4"))
        wanted.append(expected[key])
    return within(np.concatenate(wanted), np.concatenate(got), 1e-5)


def likeliest(_: Path, result: Message) -> str:
    probabilities = output(result)[0]
    return f"the likeliest id is {int(probabilities.argmax())}, with {probabilities.max():.3f}"
