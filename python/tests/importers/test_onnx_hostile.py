"""Hostile .onnx files: whatever the bytes, the answer is a model or Refused, and nothing outside the folder is opened."""

import os
import random
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnspec import importers
from rnnspec.importers import CODES, Refused, Source, onnx
from rnnspec.importers.onnx_file import NODES
from rnnspec.importers.onnx_tensors import FIELDS
from rnnspec.limits import Limits

from . import onnx_writer as w
from .test_hostile import judged
from .test_onnx import FILES, TOKENS, H, I, arrays, write

LANGUAGE = (FILES / "torch_language.onnx").read_bytes()


def refusal(path: Path, **options: Any) -> tuple[str, str]:  # noqa: ANN401  of the importer
    with pytest.raises(Refused) as refused:
        _ = onnx.read(path, **options).model
    return refused.value.code, str(refused.value)


# --- the bytes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_damaged_files(seed: int, tmp_path: Path) -> None:
    pick = random.Random(seed)
    path = tmp_path / "net.onnx"
    seen = set()
    for _ in range(150):
        data = bytearray(LANGUAGE)
        for _ in range(pick.randint(1, 3)):
            at = pick.randrange(len(data))
            end = min(len(data), at + pick.choice((1, 2, 30)))
            match pick.randrange(4):
                case 0:
                    del data[at:end]
                case 1:
                    data[at:at] = data[at:end]
                case 2:
                    data[at] = pick.randrange(256)
                case _:
                    data[at] ^= 1 << pick.randrange(8)
        path.write_bytes(data)
        seen.add(judged(lambda: onnx.read(path, **TOKENS)))
    assert {"IMPORT_MALFORMED"} < seen <= {*CODES, "imported"}


def test_a_file_cut_anywhere(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    for end in range(0, len(LANGUAGE), 41):
        path.write_bytes(LANGUAGE[:end])
        assert judged(lambda: onnx.read(path, **TOKENS)) in {
            "IMPORT_MALFORMED",
            "IMPORT_UNSUPPORTED",
        }


@pytest.mark.parametrize(
    "data",
    [
        b"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\x7f",  # a graph of 2^63 bytes
        b"\x3a\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",  # a length of 11 bytes
        b"\x3b\x3c",  # a group
        b"\x00\x01",  # field 0
        b"\x38\x07",  # the graph as a number
        w.message(7, b"") * 2,
    ],
)
def test_what_is_no_protobuf(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(data)
    assert refusal(path)[0] == "IMPORT_MALFORMED"
    with pytest.raises(Refused) as refused:
        importers.read(path)
    assert refused.value.code == "IMPORT_MALFORMED"


# --- limits -----------------------------------------------------------------------------------------------


def test_a_bomb_of_fields_is_counted_before_it_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(w.message(7, b"\x6a\x00" * (FIELDS + 1)) + w.message(8, w.number(2, 17)))
    began = time.monotonic()
    code, words = refusal(path)
    assert code == "IMPORT_LIMIT"
    assert "fields" in words
    assert time.monotonic() - began < 20
    path.write_bytes(w.model(w.graph([b""] * (NODES + 1), [], [])))
    assert f"more than {NODES:,} nodes" in refusal(path)[1]


def test_a_bomb_of_constants_is_counted_before_it_is_made(tmp_path: Path) -> None:
    shape = np.array([1, 2**20, 2**20])
    nodes = [
        w.node("ConstantOfShape", ["shape"], ["h"]),
        w.node("LSTM", ["x", "W", "R", "B", "", "h"], ["Y"]),
    ]
    tensors = [w.tensor(n, a) for n, a in {**arrays("LSTM"), "shape": shape}.items()]
    path = tmp_path / "net.onnx"
    path.write_bytes(
        w.model(w.graph(nodes, [w.end("x", ["t", "n", I])], [w.end("Y", None)], tensors))
    )
    assert refusal(path)[0] == "IMPORT_LIMIT"
    nodes[0] = w.node("Expand", ["one", "shape"], ["h"])
    tensors.append(w.tensor("one", np.ones((1, 1, 1), np.float32)))
    path.write_bytes(
        w.model(w.graph(nodes, [w.end("x", ["t", "n", I])], [w.end("Y", None)], tensors))
    )
    assert refusal(path)[0] == "IMPORT_LIMIT"


def test_a_tensor_that_says_it_is_larger_than_its_data(tmp_path: Path) -> None:
    huge = w.number(1, 1) + w.number(1, 2**31 - 1) + w.number(1, 2**31 - 1)
    huge += w.number(2, 1) + w.message(8, "R") + w.message(9, b"\0" * 64)
    weights = [w.tensor(n, a) for n, a in arrays("LSTM").items() if n != "R"] + [huge]
    path = tmp_path / "net.onnx"
    nodes = [w.node("LSTM", ["x", "W", "R", "B"], ["Y"])]
    path.write_bytes(
        w.model(w.graph(nodes, [w.end("x", ["t", "n", I])], [w.end("Y", None)], weights))
    )
    assert refusal(path)[0] == "IMPORT_MALFORMED"


def test_the_limit_of_size_holds_for_all_files_together() -> None:
    size = (FILES / "external.onnx").stat().st_size
    with pytest.raises(Refused) as refused:
        onnx.read(Source(FILES / "external.onnx", Limits(size=size + 100)))
    assert refused.value.code == "IMPORT_LIMIT"


# --- other files ------------------------------------------------------------------------------------------


def outside(folder: Path, location: str, **entries: str) -> Path:
    """A graph whose R stands in another file."""
    weights = arrays("LSTM")
    parts = [w.tensor(n, a) for n, a in weights.items() if n != "R"]
    parts.append(w.external("R", weights["R"], {"location": location, **entries}))
    nodes = [w.node("LSTM", ["x", "W", "R", "B"], ["Y"])]
    body = w.graph(nodes, [w.end("x", ["t", "n", I])], [w.end("Y", ["t", 1, "n", H])], parts)
    (folder / "net.onnx").write_bytes(w.model(body))
    return folder / "net.onnx"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder, and beside it what nobody may read."""
    weights = arrays("LSTM")["R"]
    (tmp_path / "secret.bin").write_bytes(weights.tobytes())
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "good.bin").write_bytes(b"\0" * 16 + weights.tobytes())
    return inner


def test_the_plain_file_is_read(folder: Path) -> None:
    found = onnx.read(outside(folder, "good.bin", offset="16", length=str(4 * 4 * H * H)))
    whole = onnx.read(write(folder / "whole.onnx"))
    tensors = [x.document["tensors"]["lstm_1.R"]["data"] for x in (found, whole)]
    assert (tensors[0] == tensors[1]).all()


@pytest.mark.parametrize(
    "location",
    [
        "../secret.bin",
        "./good.bin",
        "x/../good.bin",
        "..\\secret.bin",
        "",
        "..",
        "C:good.bin",
        "good.bin\0",
        "//host/share",
    ],
)
def test_names_that_leave_the_folder(location: str, folder: Path) -> None:
    assert refusal(outside(folder, location))[0] == "IMPORT_UNSAFE"


def test_an_absolute_name(folder: Path) -> None:
    assert refusal(outside(folder, str(folder.parent / "secret.bin")))[0] == "IMPORT_UNSAFE"


def test_links_of_both_kinds(folder: Path) -> None:
    (folder / "soft.bin").symlink_to(folder.parent / "secret.bin")
    os.link(folder.parent / "secret.bin", folder / "hard.bin")
    for name in ("soft.bin", "hard.bin"):
        code, words = refusal(outside(folder, name))
        assert code == "IMPORT_UNSAFE"
        assert "is a link" in words


def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe.bin")
    assert refusal(outside(folder, "pipe.bin"))[0] == "IMPORT_UNSAFE"


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ({"offset": "17"}, "asks for 256 bytes at 17"),
        ({"offset": "-1"}, "asks for 256 bytes at -1"),
        ({"offset": "99999999999999999999"}, "asks for 256 bytes"),
        ({"offset": "1e3"}, "is no number"),
        ({"length": "255"}, "asks for 256 bytes"),
    ],
)
def test_places_in_another_file(entries: dict[str, str], words: str, folder: Path) -> None:
    code, sentence = refusal(outside(folder, "good.bin", **entries))
    assert code == "IMPORT_MALFORMED"
    assert words in sentence


def test_a_missing_file(folder: Path) -> None:
    assert "is not there" in refusal(outside(folder, "gone.bin"))[1]
    shutil.copy(FILES / "external.onnx", folder)
    assert "external.onnx.data is not there" in refusal(folder / "external.onnx")[1]


# --- graphs -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nodes", "code", "words"),
    [
        ([w.node("Identity", ["y"], ["y"])], "IMPORT_UNSUPPORTED", "hangs on no input"),
        ([w.node("Identity", ["b"], ["a"]), w.node("Identity", ["a"], ["b"]), w.node("Identity", ["b"], ["y"])], "IMPORT_UNSUPPORTED", "hangs on no input"),
        ([w.node("Identity", ["x"], ["y"]), w.node("Identity", ["x"], ["y"])], "IMPORT_MALFORMED", 'two nodes give "y"'),
        ([w.node("LSTM", [], ["y"])], "IMPORT_UNSUPPORTED", "hangs on no input"),
        ([w.node("Concat", [], ["y"], axis=0)], "IMPORT_UNSUPPORTED", "hangs on no input"),
        ([w.node("Transpose", ["x"], ["y"], perm=[9, 9, 9])], "IMPORT_UNSUPPORTED", "names the axis 9"),
        ([w.node("Reshape", ["x"], ["y"])], "IMPORT_UNSUPPORTED", "has sizes that no constant is"),
        ([w.node("Slice", ["x"], ["y"])], "IMPORT_UNSUPPORTED", "no starts or ends"),
        ([w.node("Gemm", ["x", "x"], ["y"])], "IMPORT_UNSUPPORTED", "a matrix that no constant is"),
        ([w.node("Loop", ["x"], ["y"])], "IMPORT_UNSUPPORTED", "not unrolled or as a loop"),
    ],
)  # fmt: skip
def test_graphs_that_are_none(nodes: list[bytes], code: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(w.model(w.graph(nodes, [w.end("x", ["t", "n", I])], [w.end("y", None)])))
    found = refusal(path)
    assert found[0] == code, found
    assert words in found[1], found


def test_two_initializers_of_one_name(tmp_path: Path) -> None:
    tensors = [w.tensor("W", arrays("LSTM")["W"])] * 2
    path = tmp_path / "net.onnx"
    path.write_bytes(w.model(w.graph([], [], [], tensors)))
    assert "two initializers W" in refusal(path)[1]


def test_names_that_would_steer_a_terminal(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    nodes = [w.node("\x1b[2J", ["x"], ["y"])]
    path.write_bytes(w.model(w.graph(nodes, [w.end("x", ["t", "n", I])], [w.end("y", None)])))
    assert refusal(path)[1].isprintable()


def test_reading_opens_nothing_but_the_file(tmp_path: Path) -> None:
    opened: list[str] = []
    watching = True

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if watching and event in {"open", "socket.connect", "subprocess.Popen", "exec", "import"}:
            opened.append(f"{event} {arguments[0]}")  # a number is a file that is open already

    path = write(tmp_path / "net.onnx")
    onnx.read(path)  # all modules are there now
    sys.addaudithook(hook)
    onnx.read(path)
    watching = False
    assert [one for one in opened if not one.removeprefix("open ").isdecimal()] == [f"open {path}"]
