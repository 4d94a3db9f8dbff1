"""Files and folders that people have and no importer reads: each is named, with what to do instead."""

import gzip
import io
import json
import pickle
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnspec import build, importers, to_bytes
from rnnspec.importers import Refused
from rnnspec.importers.refusal import CODES


def tarred() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("net.pt"), io.BytesIO())
    return out.getvalue()


def zipped(**entries: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out.getvalue()


def npz(**arrays: Any) -> bytes:  # noqa: ANN401  of numpy
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


def npy() -> bytes:
    out = io.BytesIO()
    np.save(out, np.eye(3))
    return out.getvalue()


def model(encoding: Any) -> bytes:  # noqa: ANN401  a word
    net = {
        "input": {"kind": "features", "size": 1},
        "layers": [{"name": "d", "type": "dense", "size": 1, "parameters": {"W": "W"}}],
        "output": {"kind": "values"},
        "tensors": {"W": [[2.0]]},
    }
    return to_bytes(build(net), encoding)


def text(**members: object) -> bytes:
    return json.dumps(members).encode()


FILES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "this file is empty"),
    "blanks": (b" \n ", "this file is empty"),
    "gzip": (gzip.compress(b"x"), "packed with gzip"),
    "tar": (tarred(), "a tar archive"),
    "zip": (zipped(readme=b"x"), "this is a zip, and neither"),
    "cut zip": (zipped(readme=b"x")[:-5], "is a damaged zip"),
    "npz of other names": (npz(a=np.eye(2), b=np.eye(3)), "names that no importer knows: a, b"),
    "npy": (npy(), "one numpy array"),
    "pickle": (pickle.dumps({"W": [1.0]}), "a pickle, which is a program"),
    "pickle of protocol 2": (pickle.dumps({"W": [1.0]}, 2), "a pickle, which is a program"),
    "page": (b"<!DOCTYPE html>\n<html>", "a page of the web"),
    "pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
    "tflite": (b"\x1c\0\0\0TFL3" + b"\0" * 20, "TensorFlow Lite"),
    "graph model of tensorflow.js": (
        text(modelTopology={"node": []}, weightsManifest=[], format="graph-model"),
        "a graph model of TensorFlow.js",
    ),
    "config of Keras": (text(class_name="Sequential", config=[]), "this one as --config"),
    "config of textgenrnn": (text(rnn_layers=2, max_length=40), "a net of textgenrnn"),
    "vocabulary": (text(a=0, b=1), "this one as --vocabulary"),
    "a list": (b"[[1, 2]]", "a JSON list"),
    "other members": (text(alpha=1, beta=[2]), "with these members: alpha, beta"),
    "names that steer a terminal": (text(**{"\x1b[2J": 1}), "\\\\u{1b}[2J".replace("\\\\", "\\")),
    "our own, as JSON": (model("json"), "a model of this format already"),
    "our own, as msgpack": (model("msgpack"), "a model of this format already"),
    "ASCII of Torch7": (b"4\n1\n3\nV 1\n13\nnn.Sequential", "a Torch7 file in ASCII"),
    "noise": (bytes(range(1, 200)), "no importer knows this"),
}


@pytest.mark.parametrize("name", FILES)
def test_files(name: str, tmp_path: Path) -> None:
    data, words = FILES[name]
    path = tmp_path / "net"
    path.write_bytes(data)
    with pytest.raises(Refused) as refused:
        importers.read(path)
    assert refused.value.code in CODES
    assert words in str(refused.value)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("name", ["net.onnx", "net.PT", "net.h5", "net.t7", "net.safetensors"])
def test_a_name_says_what_a_damaged_file_was(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(bytes(range(1, 200)))
    with pytest.raises(Refused, match="it may be cut or damaged"):
        importers.read(tmp_path / name)


FOLDERS = {
    "nothing": ((), "an empty folder"),
    "SavedModel": (("saved_model.pb", "variables"), "a TensorFlow SavedModel"),
    "checkpoint": (("net.index", "net.data-00000-of-00001"), "a TensorFlow checkpoint"),
    "Hugging Face": (("config.json", "model.safetensors"), "a folder with model.safetensors in it"),
    "unpacked .pt": (("data.pkl", "data", "version"), "an unpacked file of torch.save"),
    "unpacked .keras": (("config.json", "model.weights.h5"), "an unpacked .keras file"),
    "anything": (("a.txt", "b.txt"), "no importer knows one with these in it: a.txt, b.txt"),
}


@pytest.mark.parametrize("name", FOLDERS)
def test_folders(name: str, tmp_path: Path) -> None:
    names, words = FOLDERS[name]
    for entry in names:
        (tmp_path / entry).write_bytes(b"x")
    with pytest.raises(Refused) as refused:
        importers.read(tmp_path)
    assert words in str(refused.value)
