"""Hostile Keras files: whatever the bytes, the answer is a model or Refused, and nothing outside the file is opened."""

import io
import json
import os
import random
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from rnnspec.importers import CODES, Refused, Source, keras
from rnnspec.importers.hdf5 import CHILDREN, Hdf5
from rnnspec.limits import Limits

from .keras_writer import Json, entry, sequential, write_h5
from .test_hostile import judged
from .test_keras import FILES, TOKENS, D, H, cell

MODEL = sequential(entry("SimpleRNN", "cell_1", units=H, batch_input_shape=[None, None, D]))
KERNEL = "model_weights/cell_1/cell_1/kernel:0"


def whole(path: Path) -> Path:
    """A good file, to be spoiled."""
    arrays = {f"cell_1/{role}:0": array for role, array in cell("SimpleRNN", (H,)).items()}
    write_h5(path, MODEL, {"cell_1": arrays})
    _ = keras.read(path).model
    return path


def refusal(path: Path, **options: Any) -> tuple[str, str]:  # noqa: ANN401  of the importer
    with pytest.raises(Refused) as refused:
        _ = keras.read(path, **options).model
    return refused.value.code, str(refused.value)


# --- HDF5 -----------------------------------------------------------------------------------------------------


def external_link(file: h5py.File, folder: Path) -> None:
    del file[KERNEL]
    with h5py.File(folder / "secret.h5", "w") as other:
        other["x"] = np.zeros((D, H), np.float32)
    file[KERNEL] = h5py.ExternalLink(str(folder / "secret.h5"), "/x")


def soft_link(file: h5py.File, folder: Path) -> None:
    del folder, file[KERNEL]
    file[KERNEL] = h5py.SoftLink("/model_weights/cell_1/cell_1/recurrent_kernel:0")


def external_group(file: h5py.File, folder: Path) -> None:
    del file["model_weights"]
    with h5py.File(folder / "secret.h5", "w") as other:
        other["x"] = np.zeros((D, H), np.float32)
    file["model_weights"] = h5py.ExternalLink(str(folder / "secret.h5"), "/")


def external_storage(file: h5py.File, folder: Path) -> None:
    del file[KERNEL]
    secret = folder / "secret"
    secret.write_bytes(b"root:x:0:0" * 10)
    file.create_dataset(KERNEL, (D, H), "f4", external=[(str(secret), 0, D * H * 4)])


def virtual(file: h5py.File, folder: Path) -> None:
    del file[KERNEL]
    with h5py.File(folder / "secret.h5", "w") as other:
        other["x"] = np.zeros((D, H), np.float32)
    layout = h5py.VirtualLayout((D, H), "f4")
    layout[:] = h5py.VirtualSource(str(folder / "secret.h5"), "x", (D, H))
    file.create_virtual_dataset(KERNEL, layout)


def bomb(file: h5py.File, folder: Path) -> None:
    """A shape of terabytes, and no byte of it."""
    del folder, file[KERNEL]
    file.create_dataset(KERNEL, (1 << 20, 1 << 20), "f4")


def compressed(file: h5py.File, folder: Path) -> None:
    del folder, file[KERNEL]
    file.create_dataset(KERNEL, data=np.zeros((D, H), np.float32), compression="gzip")


def chunked(file: h5py.File, folder: Path) -> None:
    del folder, file[KERNEL]
    file.create_dataset(KERNEL, data=np.zeros((D, H), np.float32), chunks=(1, 1))


def integers(file: h5py.File, folder: Path) -> None:
    del folder, file[KERNEL]
    file.create_dataset(KERNEL, data=np.zeros((D, H), np.int8))


def not_finite(file: h5py.File, folder: Path) -> None:
    del folder
    file[KERNEL][0, 0] = np.nan


def a_group(file: h5py.File, folder: Path) -> None:
    del folder, file[KERNEL]
    file.create_group(KERNEL)


def into_itself(file: h5py.File, folder: Path) -> None:
    del folder
    for k in range(3):
        file[f"model_weights/cell_1/again{k}"] = file["model_weights/cell_1"]


def many(file: h5py.File, folder: Path) -> None:
    del folder
    group = file["model_weights/cell_1"]
    for k in range(CHILDREN + 1):
        group[str(k)] = group["cell_1"]


def config_as_list(file: h5py.File, folder: Path) -> None:
    del folder
    file.attrs["model_config"] = [json.dumps(MODEL)] * 1000


def config_as_numbers(file: h5py.File, folder: Path) -> None:
    del folder
    file.attrs["model_config"] = np.zeros(3)


def config_cut(file: h5py.File, folder: Path) -> None:
    del folder
    file.attrs["model_config"] = json.dumps(MODEL)[:-5].encode()


SPOILED: dict[str, tuple[Callable[[h5py.File, Path], None], str, str]] = {
    "external link": (external_link, "IMPORT_UNSAFE", "is a link"),
    "soft link": (soft_link, "IMPORT_UNSAFE", "is a link"),
    "external group": (external_group, "IMPORT_UNSAFE", "is a link"),
    "external storage": (external_storage, "IMPORT_UNSAFE", "has its numbers in another file"),
    "virtual": (virtual, "IMPORT_UNSAFE", "has its numbers in another file"),
    "bomb": (bomb, "IMPORT_MALFORMED", "the file has not its"),
    "compressed": (compressed, "IMPORT_UNSUPPORTED", "stored in chunks or compressed"),
    "chunked": (chunked, "IMPORT_UNSUPPORTED", "stored in chunks or compressed"),
    "integers": (integers, "IMPORT_UNSUPPORTED", "without quantisation"),
    "not finite": (not_finite, "IMPORT_MALFORMED", "is not finite everywhere"),
    "a group": (a_group, "IMPORT_MALFORMED", "has no kernel in the file"),
    "into itself": (into_itself, "IMPORT_LIMIT", "parts"),
    "many": (many, "IMPORT_LIMIT", "parts"),
    "config as list": (config_as_list, "IMPORT_MALFORMED", "that is no single text"),
    "config as numbers": (config_as_numbers, "IMPORT_MALFORMED", "that is no single text"),
    "config cut": (config_cut, "IMPORT_MALFORMED", "model_config is no JSON to rely on"),
}

OPENED: list[str] = []


def hook(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and not isinstance(arguments[0], int):  # a number is a file that is open
        OPENED.append(str(arguments[0]))


@pytest.mark.parametrize("name", SPOILED)
def test_spoiled_files(name: str, tmp_path: Path) -> None:
    spoil, code, words = SPOILED[name]
    path = whole(tmp_path / "net.h5")
    with h5py.File(path, "a") as file:
        spoil(file, tmp_path)
    found = refusal(path)
    assert found[0] == code
    assert words in found[1]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="there is no /proc to look into")
@pytest.mark.parametrize("name", ["external link", "external group", "external storage", "virtual"])
def test_nothing_else_is_opened(name: str, tmp_path: Path) -> None:
    """A FIFO in place of the other file: whoever opened it would wait for ever."""
    path = whole(tmp_path / "net.h5")
    with h5py.File(path, "a") as file:
        SPOILED[name][0](file, tmp_path)
    for other in (tmp_path / "secret.h5", tmp_path / "secret"):
        if other.exists():
            other.unlink()
            os.mkfifo(other)
    assert refusal(path)[0] == "IMPORT_UNSAFE"


def test_no_class_or_function_of_the_config_is_looked_up(tmp_path: Path) -> None:
    sys.addaudithook(hook)
    layer = entry("LSTM", "cell_1", units=H, batch_input_shape=[None, None, D])
    layer |= {"module": "antigravity", "registered_name": "antigravity>fly"}
    path = write_h5(tmp_path / "net.h5", sequential(layer), {})
    before = set(sys.modules)
    OPENED.clear()
    assert refusal(path)[0] == "IMPORT_UNSUPPORTED"
    assert not {"antigravity", "keras", "tensorflow"} & (set(sys.modules) - before)
    assert {Path(name).name for name in OPENED} <= {"net.h5"}


def test_the_limit_holds_for_the_arrays_together(tmp_path: Path) -> None:
    """One array under many names is as much to read as many."""
    path = tmp_path / "net.h5"
    with h5py.File(path, "w") as file:
        file["a"] = np.zeros(1000, np.float32)
    with Hdf5(path.read_bytes(), "net", Limits(size=10_000)) as hdf5:
        hdf5.array("a")
        hdf5.array("a")
        with pytest.raises(Refused, match="are larger than the limit") as refused:
            hdf5.array("a")
    assert refused.value.code == "IMPORT_LIMIT"


def test_a_file_beyond_the_limit(tmp_path: Path) -> None:
    path = whole(tmp_path / "net.h5")
    with pytest.raises(Refused, match="is larger than 1,000 bytes"):
        keras.read(Source(path, Limits(size=1000)))


def test_a_text_of_no_size_keeps_nobody_busy(tmp_path: Path) -> None:
    """The library walks through the objects of a heap by their sizes, and one of size 0 leads to itself."""
    good = (FILES / "masking.h5").read_bytes()
    data, here = bytearray(good), good.index(b"GCOL") + 16
    while data[here : here + 2] != b"\0\0":  # the free one is the last
        here += 16 + (int.from_bytes(data[here + 8 : here + 16], "little") + 7) // 8 * 8
    data[here + 8 : here + 16] = bytes(8)
    path = tmp_path / "net.h5"
    path.write_bytes(data)
    assert refusal(path)[0] == "IMPORT_MALFORMED"


# --- zip --------------------------------------------------------------------------------------------------------


def repacked(path: Path, change: Callable[[dict[str, bytes]], list[tuple[str, bytes]]]) -> Path:
    with zipfile.ZipFile(FILES / "language.keras") as given:
        entries = {name: given.read(name) for name in given.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in change(entries):
            archive.writestr(name, data)
    return path


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_entries_of_one_name(tmp_path: Path) -> None:
    path = repacked(tmp_path / "net.keras", lambda e: [*e.items(), ("config.json", b"{}")])
    code, words = refusal(path, **TOKENS)
    assert code == "IMPORT_MALFORMED"
    assert 'two entries "config.json"' in words


def test_a_bomb(tmp_path: Path) -> None:
    path = repacked(tmp_path / "net.keras", lambda e: [*e.items(), ("assets/x", bytes(300 << 20))])
    assert path.stat().st_size < 1 << 20
    code, words = refusal(path, **TOKENS)
    assert code == "IMPORT_LIMIT"
    assert "unpacks to" in words


@pytest.mark.parametrize("name", ["config.json", "model.weights.h5"])
def test_a_part_that_is_missing(name: str, tmp_path: Path) -> None:
    path = repacked(tmp_path / "net.keras", lambda e: [p for p in e.items() if p[0] != name])
    code, words = refusal(path, **TOKENS)
    assert code == "IMPORT_MALFORMED"
    assert f'has no "{name}"' in words


def test_names_that_lead_out_are_not_followed(tmp_path: Path) -> None:
    extra = [("../../escaped", b"x"), ("/tmp/escaped", b"x")]
    folder = tmp_path / "inner"
    folder.mkdir()
    path = repacked(folder / "net.keras", lambda e: [*e.items(), *extra])
    _ = keras.read(path, **TOKENS).model
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["inner", "net.keras"]


def test_weights_that_are_of_other_layers(tmp_path: Path) -> None:
    """The newer files number classes; what they say about names must agree."""

    def swapped(entries: dict[str, bytes]) -> list[tuple[str, bytes]]:
        kept = io.BytesIO(entries["model.weights.h5"])
        with h5py.File(kept, "a") as file:
            file["layers/lstm/vars"].attrs["name"] = "lstm_1"
        return [
            *(p for p in entries.items() if p[0] != "model.weights.h5"),
            ("model.weights.h5", kept.getvalue()),
        ]

    code, words = refusal(repacked(tmp_path / "net.keras", swapped), **TOKENS)
    assert code == "IMPORT_MALFORMED"
    assert 'are those of "lstm_1"' in words


# --- damage -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["before.h5", "masking.h5", "reshaped.keras", "masked.keras"])
@pytest.mark.parametrize("seed", range(2))
def test_damaged_files(name: str, seed: int, tmp_path: Path) -> None:
    pick = random.Random(seed)
    good = (FILES / name).read_bytes()
    path = tmp_path / name
    options = TOKENS if name == "masked.keras" else {}
    seen = set()
    for _ in range(60):
        data = bytearray(good)
        for _ in range(pick.randint(1, 3)):
            at = pick.randrange(len(data))
            end = min(len(data), at + pick.choice((1, 2, 30, 1000)))
            match pick.randrange(4):
                case 0:
                    del data[at:end]
                case 1:
                    data[at:end] = bytes(end - at)
                case 2:
                    data[at] = pick.randrange(256)
                case _:
                    data[at] ^= 1 << pick.randrange(8)
        path.write_bytes(data)
        seen.add(judged(lambda: keras.read(path, **options)))
    assert "IMPORT_MALFORMED" in seen
    assert seen <= {*CODES, "imported"}


CONFIG: Any = json.loads((FILES / "average.json").read_text())


def places(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner: list[tuple[Any, ...]] = [path] if path else []
    pairs = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, member in pairs:
        inner += places(member, (*path, key))
    return inner


VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5, 1e300, "", "x", [], [None], [["a", 0, 0]], {}),
    {"class_name": "LSTM", "config": {}},
)


def test_a_config_with_anything_anywhere(tmp_path: Path) -> None:
    """Members of a real config, replaced by values of every type: a model or Refused, never an accident."""
    pick = random.Random(1)
    config = tmp_path / "config.json"
    seen = set()
    for place in pick.choices(places(CONFIG), k=100):
        changed: Json = json.loads(json.dumps(CONFIG))
        here: Any = changed
        for key in place[:-1]:
            here = here[key]
        here[place[-1]] = pick.choice(VALUES)
        config.write_text(json.dumps(changed))
        seen.add(judged(lambda: keras.read(FILES / "average.weights.h5", config=config)))
    assert {"IMPORT_MALFORMED", "IMPORT_UNSUPPORTED", "imported"} <= seen <= {*CODES, "imported"}
