"""Saved state: a state as a file, for whoever goes on with it, in whatever language (SPEC 14.1)."""

import os
from collections.abc import Mapping
from typing import TypeAlias, cast

import numpy as np
import numpy.typing as npt

from rnnspec import codes
from rnnspec.issue import Issue, RnnspecError, escaped, failure
from rnnspec.layout import ARRAYS
from rnnspec.limits import DEFAULT, Limits
from rnnspec.model import FORMAT_VERSION
from rnnspec.save import Encoding, encoding_of, packed, replace_file, tensor_members
from rnnspec.tensor import Float32, Tensor, stored_float32
from rnnspec.validate import Reading, Source, read_state

Arrays: TypeAlias = dict[str, dict[str, Float32]]  # recurrent layer → h, c, … → [N, size]


def load_state(
    source: Source, limits: Limits | None = None, *, try_anyway: bool = False
) -> dict[str, dict[str, Float32]]:
    """The state in a file: its bytes, or a path to them, bit for bit.

    Layer → `h`, `c`, `h_reverse`, `c_reverse`, those that there are → float32 [N, size].

    Whether it fits a net is judged when it is given to one ([saved-3]).

    Raises RnnspecError with every finding of the first stage that has an error, and OSError if the
    path can't be read. `try_anyway` is that of `load`.
    """
    return _arrays(read_state(source, limits or DEFAULT, try_anyway=try_anyway))


def validate_state(
    source: Source, limits: Limits | None = None, *, try_anyway: bool = False
) -> list[Issue]:
    """What is wrong with a saved state, as `validate` says it of a model."""
    try:
        return list(read_state(source, limits or DEFAULT, try_anyway=try_anyway).issues)
    except RnnspecError as error:
        return list(error.issues)


def state_to_bytes(
    state: Mapping[str, Mapping[str, npt.ArrayLike]],
    encoding: Encoding = "msgpack",
    structure: str | None = None,
) -> bytes:
    """The file of a state: layer → h, c, … → [N, size], as `run` and `Session.state` give it.

    `structure` is the structure digest of the net, for people and tools. The bytes are read again
    and compared.

    Raises RnnspecError: RUN_STATE for arrays that are not all [N, size] with one N, for a layer
    without `h` or with others than `h`, `c`, `h_reverse` and `c_reverse`; RUN_NONFINITE_INPUT for an
    element that is infinite or NaN; STRUCTURE_NAME and STRUCTURE_ENUM for names and a `structure`
    that no file can have ([saved-4]). ValueError for an unknown encoding.
    """
    if encoding not in {"json", "msgpack"}:
        raise ValueError(f"no such encoding: {encoding!r}")
    kept = _checked(state)
    names = {(layer, role): f"{role}{k}" for k, layer in enumerate(kept) for role in kept[layer]}
    document: dict[str, object] = {"rnnspec": FORMAT_VERSION}
    if structure is not None:
        document["structure"] = structure
    document["state"] = {
        layer: {role: names[layer, role] for role in arrays} for layer, arrays in kept.items()
    }
    document["tensors"] = {
        names[layer, role]: tensor_members(Tensor(array), encoding)
        for layer, arrays in kept.items()
        for role, array in arrays.items()
    }
    data = b"".join(packed(document, encoding))
    again = load_state(data)
    if any(
        again[layer][role].tobytes() != array.tobytes()
        for layer, arrays in kept.items()
        for role, array in arrays.items()
    ):
        raise ValueError("the state does not come back as it was written")
    return data


def save_state(
    state: Mapping[str, Mapping[str, npt.ArrayLike]],
    path: str | os.PathLike[str],
    encoding: Encoding | None = None,
    structure: str | None = None,
) -> None:
    """Writes the file of a state: JSON if `path` ends in .json, else msgpack, or as `encoding` says.

    A temporary file beside it is renamed. Raises what `state_to_bytes` raises, and OSError.
    """
    replace_file(path, state_to_bytes(state, encoding or encoding_of(path), structure))


def _arrays(reading: Reading) -> Arrays:
    state = cast(dict[str, dict[str, str]], reading.document["state"])
    return {
        layer: {
            role: np.array(reading.tensors[names[role]].values) for role in ARRAYS if role in names
        }
        for layer, names in state.items()
    }


def _checked(state: Mapping[str, Mapping[str, npt.ArrayLike]]) -> Arrays:
    """The arrays as float32, those of a layer in their order ([saved-4])."""
    kept: Arrays = {}
    rows: int | None = None
    for layer, given in state.items():
        if not {ARRAYS[0]} <= set(given) <= set(ARRAYS):
            raise _failure(f"h, and of {', '.join(ARRAYS[1:])}", f"{layer} with {sorted(given)}")
        kept[layer] = {}
        for role in sorted(given, key=ARRAYS.index):
            array = np.asarray(given[role])
            rows = len(array) if rows is None and array.ndim == 2 else rows
            if (
                array.ndim != 2
                or array.dtype.kind not in "fiu"
                or array.size == 0
                or len(array) != rows
            ):
                wanted = f"real numbers [{'N' if rows is None else rows}, size] in every layer"
                raise _failure(wanted, f"{layer}.{role} {array.dtype} {list(array.shape)}")
            kept[layer][role] = stored_float32(array)
    for layer, arrays in kept.items():
        for role, values in arrays.items():
            if not np.isfinite(values).all():
                place, got = escaped(f"{layer}.{role}"), values[~np.isfinite(values)][0]
                raise failure(codes.RUN_NONFINITE_INPUT, "state", name=place, got=got)
    return kept


def _failure(expected: str, got: str) -> RnnspecError:
    return failure(codes.RUN_STATE, "state", expected=expected, got=escaped(got))
