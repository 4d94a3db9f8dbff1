"""Arrays as files: .npy, .json, .csv and .jsonl, by suffix; states as .npz.

A CSV file has no header. It holds one sequence of features, a line a time step; or token ids, a
line a sequence. A .jsonl file holds one sequence, a line a time step. `-` is JSON on standard input
or output, unless an option says otherwise.
"""

import csv
import io
import json
import warnings
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt

from rnnspec import State
from rnnspec.cli.files import UsageError, cannot_read, read_bytes, suffix
from rnnspec.cli.text import safe, shown

Numbers = npt.NDArray[Any]  # of integers or floats
Float32 = npt.NDArray[np.float32]

ARRAYS: Final = (".npy", ".json", ".csv", ".jsonl")

_JSON_NAMES: Final = {bool: "true or false", str: "a text", type(None): "null", dict: "an object"}


def format_of(path: str, suffixes: tuple[str, ...], given: str | None = None) -> str:
    """How a file is written: as its suffix says, or an option. Raises UsageError if neither does."""
    found = f".{given}" if given else ".json" if path == "-" else suffix(path)
    if found not in suffixes:
        names = f"{', '.join(suffixes[:-1])} or {suffixes[-1]}"
        raise UsageError(
            f"can't tell the format of {safe(path)}: expected a name that ends in {names}"
        )
    return found


def read_array(path: str, kind: str | None = None) -> Numbers:
    """The numbers of a file, as integers or floats. Raises UsageError."""
    kind = kind or format_of(path, ARRAYS)
    data = read_bytes(path)
    try:
        if kind == ".npy":
            return _from_npy(data)
        return _from_csv(data) if kind == ".csv" else _from_lists(json.loads(data))
    except Exception as error:  # noqa: BLE001  numpy and zipfile raise all kinds for a broken file
        raise _unreadable(path, "an array", error) from None


def mapped_npy(path: str) -> Numbers | None:
    """The array of a .npy file without reading it; None if it can't be mapped, such as a pipe.

    Raises UsageError.
    """
    try:
        if not Path(path).is_file():
            return None
        with Path(path).open("rb") as file:
            if file.read(6) != np.lib.format.MAGIC_PREFIX:
                return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            array: Numbers = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, MemoryError) as error:
        raise cannot_read(path, error) from None
    except Exception:  # noqa: BLE001  whatever is broken: reading it whole says what
        return None
    offset = getattr(array, "offset", None)
    if offset is None or offset + array.nbytes != Path(path).stat().st_size:
        return None
    return array if array.dtype.kind in "iuf" else None


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


def read_npz_state(path: str) -> State:
    """A state from .npz, entries `LAYER/h`, `LAYER/c` and those of the other direction.

    Raises UsageError. Whether it fits a model is for the runtime to say.
    """
    data = read_bytes(path)
    state: State = {}
    try:
        for layer, name, array in _npz_entries(data):
            with np.errstate(all="ignore"):
                state.setdefault(layer, {})[name] = array.astype(np.float32)
    except Exception as error:  # noqa: BLE001  numpy and zipfile raise all kinds for a broken file
        raise _unreadable(path, "a state", error) from None
    return state


def npz_bytes(state: State) -> bytes:
    """The .npz file of a state: all its bits."""
    return npz_bytes_of(
        {
            f"{layer}/{name}": array
            for layer, arrays in state.items()
            for name, array in arrays.items()
        }
    )


def npz_bytes_of(entries: Mapping[str, Float32]) -> bytes:
    """The .npz file of arrays by name."""
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **cast(Any, entries))
    return file.getvalue()


def named_arrays(
    found: Mapping[str, Float32 | Mapping[str, Float32]], kind: str, *, is_single: bool
) -> bytes:
    """Arrays by name as a JSON object, or as an .npz in which names within a name follow a slash.

    With `is_single` the first axis, of one row, is left out.
    """
    rows = slice(None) if not is_single else 0
    if kind == ".npz":
        return npz_bytes_of(
            {
                name if not inner else f"{name}/{inner}": array[rows]
                for name, value in found.items()
                for inner, array in (value.items() if isinstance(value, Mapping) else [("", value)])
            }
        )

    def lists(value: Float32 | Mapping[str, Float32]) -> object:
        if isinstance(value, Mapping):
            return {name: lists(array) for name, array in value.items()}
        return decimals(value[rows]).tolist()

    return json.dumps({name: lists(value) for name, value in found.items()}).encode() + b"\n"


def decimals(array: Float32) -> npt.NDArray[np.float64]:
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
            rows.append(row_of(cells, reader.line_num))
            if len(cells) != len(rows[0]):
                raise ValueError(
                    f"line {reader.line_num} has {len(cells)} numbers, the first has {len(rows[0])}"
                )
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num}: {error}") from None
    return np.array(rows, np.float64)


def row_of(cells: Sequence[str], line: int) -> list[float]:
    """The numbers of a line. Raises ValueError."""
    numbers = []
    for cell in cells:
        try:
            numbers.append(float(cell))
        except ValueError:
            found = safe(repr(cell[:40]))
            raise ValueError(
                f"line {line} holds {found}; expected numbers with commas between them, and no header"
            ) from None
    return numbers


def number(value: object, line: int) -> float:
    """A number of a line of JSON. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        found = _JSON_NAMES.get(type(value), "a list")
        raise ValueError(f"line {line} holds {found}; expected numbers")  # noqa: TRY004  a fault of the file
    return float(value)


def _npz_entries(data: bytes) -> Iterable[tuple[str, str, Numbers]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.namelist():
            layer, _, name = entry.removesuffix(".npy").rpartition("/")
            yield layer, name, _from_npy(archive.read(entry), safe(entry))


def _unreadable(path: str, what: str, error: BaseException) -> UsageError:
    reason = safe(str(error)) or type(error).__name__
    if isinstance(error, RecursionError):
        reason = "it is nested too deep"
    elif isinstance(error, MemoryError):
        reason = "it does not fit in memory"
    elif isinstance(error, json.JSONDecodeError):
        reason = f"it is no JSON: {reason}"
    return UsageError(f"can't read {shown(path)} as {what}: {reason}")
