"""Arrays as files: .npy, .json and .csv, by suffix; states as .npz or .json.

A CSV file has no header. It holds one sequence of features, a line a time step; or token ids, a
line a sequence. `-` is JSON on standard input or output.
"""

import csv
import io
import json
import warnings
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt

from rnnspec import State
from rnnspec.cli.files import UsageError, read_bytes, suffix
from rnnspec.cli.text import safe, shown

Numbers = npt.NDArray[Any]  # of integers or floats

ARRAYS: Final = (".npy", ".json", ".csv")
STATES: Final = (".npz", ".json")

_JSON_NAMES: Final = {bool: "true or false", str: "a text", type(None): "null", dict: "an object"}


def format_of(path: str, suffixes: tuple[str, ...]) -> str:
    """The suffix that says how a file is written. Raises UsageError for one that is not known."""
    found = ".json" if path == "-" else suffix(path)
    if found not in suffixes:
        names = f"{', '.join(suffixes[:-1])} or {suffixes[-1]}"
        raise UsageError(
            f"can't tell the format of {safe(path)}: expected a name that ends in {names}"
        )
    return found


def read_array(path: str) -> Numbers:
    """The numbers of a file, as integers or floats. Raises UsageError."""
    kind = format_of(path, ARRAYS)
    data = read_bytes(path)
    try:
        if kind == ".npy":
            return _from_npy(data)
        return _from_csv(data) if kind == ".csv" else _from_lists(json.loads(data))
    except Exception as error:  # noqa: BLE001  numpy and zipfile raise all kinds for a broken file
        raise _unreadable(path, "an array", error) from None


def read_lengths(text: str) -> Numbers:
    """Lengths given as `5,3,9` or as the path of a file. Raises UsageError."""
    try:
        return np.array([int(part) for part in text.split(",")], np.int64)
    except OverflowError:
        raise UsageError(f"--lengths {safe(text)} does not fit: a length is too large") from None
    except ValueError:
        pass  # it is a file
    if text != "-" and suffix(text) not in ARRAYS:
        raise UsageError(f"--lengths takes numbers such as 5,3,9 or a file, not {safe(text)}")
    array = read_array(text)
    # A CSV file has always two axes.
    return array.reshape(-1) if suffix(text) == ".csv" and 1 in array.shape else array


def read_state(path: str) -> State:
    """A state from .npz (entries `LAYER/h`, `LAYER/c`) or .json (layer → name → lists).

    Raises UsageError. Whether it fits a model is for the runtime to say.
    """
    kind = format_of(path, STATES)
    data = read_bytes(path)
    state: State = {}
    try:
        for layer, name, array in _npz_entries(data) if kind == ".npz" else _json_entries(data):
            with np.errstate(all="ignore"):
                state.setdefault(layer, {})[name] = array.astype(np.float32)
    except Exception as error:  # noqa: BLE001  numpy and zipfile raise all kinds for a broken file
        raise _unreadable(path, "a state", error) from None
    return state


def array_bytes(path: str, array: npt.NDArray[np.float32]) -> bytes:
    """The file of an output [N, T, width] or [T, width]: all its bits. Raises UsageError."""
    kind = format_of(path, ARRAYS)
    if kind == ".npy":
        file = io.BytesIO()
        np.save(file, array, allow_pickle=False)
        return file.getvalue()
    if kind == ".json":
        return _json(_decimals(array).tolist())
    check_csv(path, array.shape)
    rows = _decimals(array.reshape(array.shape[-2:])).tolist()
    return "".join(",".join(map(repr, row)) + "\n" for row in rows).encode()


def check_csv(path: str, shape: tuple[int, ...]) -> None:
    """Raises UsageError if a CSV file is asked for what is more than one sequence."""
    if format_of(path, ARRAYS) == ".csv" and len(shape) == 3 and shape[0] != 1:
        raise UsageError(
            f"can't write {shape[0]} sequences to {safe(path)}: a CSV file holds one; use .npy or .json"
        )


def state_bytes(path: str, state: State) -> bytes:
    """The file of a state: all its bits. Raises UsageError."""
    if format_of(path, STATES) == ".json":
        return _json(_map(state, lambda array: _decimals(array).tolist()))
    file = io.BytesIO()
    entries = {
        f"{layer}/{name}": array
        for layer, arrays in state.items()
        for name, array in arrays.items()
    }
    np.savez(file, allow_pickle=False, **cast(Any, entries))
    return file.getvalue()


def _map(state: State, make: Any) -> dict[str, dict[str, Any]]:  # noqa: ANN401  lists of lists
    return {
        layer: {name: make(array) for name, array in arrays.items()}
        for layer, arrays in state.items()
    }


def _json(value: object) -> bytes:
    return (json.dumps(value) + "\n").encode()


def _decimals(array: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Doubles which print with the fewest digits that come back as the same float32."""
    flat = np.ascontiguousarray(array).reshape(-1)
    numbers = np.array([float(text) for text in flat.astype("S").tolist()], np.float64)
    # Twice rounded, a decimal or two in 2^32 comes back as a neighbour: those print in full.
    other = numbers.astype(np.float32).view(np.uint32) != flat.view(np.uint32)
    numbers[other] = flat[other]
    return numbers.reshape(array.shape)


# --- reading: each raises an exception of any kind --------------------------------------------------------


def _from_npy(data: bytes, name: str = "") -> Numbers:
    if not data.startswith(np.lib.format.MAGIC_PREFIX):
        raise ValueError("it is no .npy array")
    file = io.BytesIO(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        array: Numbers = np.lib.format.read_array(file, allow_pickle=False)
    if file.tell() != len(data):
        raise ValueError(f"{len(data) - file.tell()} bytes follow the array")
    if array.dtype.kind not in "iuf":
        of = f"{name} " if name else ""
        raise ValueError(f"{of}holds {array.dtype}; expected integers or floats")
    return array


def _from_lists(value: object) -> Numbers:
    """Numbers in nested lists. numpy alone would also take "1" and true, and cut 1.7 to an id."""
    cells = np.array(value, dtype=object)
    for kind in set(map(type, cells.reshape(-1).tolist())) - {int, float}:
        if kind is list:
            raise ValueError("its lists are of unequal length, or too deep")
        raise ValueError(f"it holds {_JSON_NAMES.get(kind, kind.__name__)}; expected numbers")
    array: Numbers = np.array(value)
    if array.dtype.kind not in "iuf":
        raise ValueError("it holds an integer of more than 64 bits")
    return array


def _from_csv(data: bytes) -> Numbers:
    text = data.decode("utf-8-sig")  # spreadsheets write a byte order mark
    reader = csv.reader(io.StringIO(text, newline=""))
    rows: list[list[float]] = []
    try:
        for cells in reader:
            if not cells:
                continue
            rows.append([_number(cell, reader.line_num) for cell in cells])
            if len(cells) != len(rows[0]):
                raise ValueError(
                    f"line {reader.line_num} has {len(cells)} numbers, the first has {len(rows[0])}"
                )
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num}: {error}") from None
    return np.array(rows, np.float64)


def _number(cell: str, line: int) -> float:
    try:
        return float(cell)
    except ValueError:
        found = safe(repr(cell[:40]))
        raise ValueError(
            f"line {line} holds {found}; expected numbers with commas between them, and no header"
        ) from None


def _npz_entries(data: bytes) -> Iterable[tuple[str, str, Numbers]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.namelist():
            layer, _, name = entry.removesuffix(".npy").rpartition("/")
            yield layer, name, _from_npy(archive.read(entry), safe(entry))


def _json_entries(data: bytes) -> Iterable[tuple[str, str, Numbers]]:
    layers = json.loads(data)
    for layer, arrays in _members(layers):
        for name, lists in _members(arrays):
            yield layer, name, _from_lists(lists)


def _members(value: object) -> Iterable[tuple[str, Any]]:
    if not isinstance(value, Mapping):
        raise ValueError('expected {"LAYER": {"h": [[…]], "c": [[…]]}}')  # noqa: TRY004  a fault of the file
    return value.items()


def _unreadable(path: str, what: str, error: BaseException) -> UsageError:
    reason = safe(str(error)) or type(error).__name__
    if isinstance(error, RecursionError):
        reason = "it is nested too deep"
    elif isinstance(error, MemoryError):
        reason = "it does not fit in memory"
    elif isinstance(error, json.JSONDecodeError):
        reason = f"it is no JSON: {reason}"
    return UsageError(f"can't read {shown(path)} as {what}: {reason}")
