"""`rnnspec run`: a forward pass over a file of inputs."""

import argparse
import sys
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from rnnspec import FeatureInput, Model, Plan, Session, State
from rnnspec import compile as compile_model
from rnnspec.cli.arrays import (
    ARRAYS,
    STATES,
    Numbers,
    array_bytes,
    check_csv,
    format_of,
    read_array,
    read_lengths,
    read_state,
    state_bytes,
)
from rnnspec.cli.files import UsageError, once, read_model, write_all
from rnnspec.cli.text import Progress, safe, shown

NAME = "run"
SUMMARY = "run a net over sequences in a file"
EXAMPLES = [
    "rnnspec run model.rnn --input x.npy --output y.npy",
    "rnnspec run model.rnn --input day1.csv --output y1.csv --state-out s.npz",
    "rnnspec run model.rnn --input day2.csv --output y2.csv --state-in s.npz",
    "rnnspec run model.rnn --input batch.npy --lengths 5,3,9 --output y.json",
    "echo '[30, 52, 1, 62]' | rnnspec run model.rnn --input - | jq '.[-1]'",
]

_ROWS: Final = 4096  # of all sequences together, between two looks at the clock


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("path", metavar="MODEL", help="a model file, or - for standard input")
    parser.add_argument(
        "--input", required=True, metavar="X",
        help="numbers [N, T, size] or [T, size], or token ids [N, T] or [T]: .npy, .json, .csv, or - for JSON on standard input",
    )  # fmt: skip
    parser.add_argument(
        "--output",
        default="-",
        metavar="Y",
        help=".npy, .json, .csv, or - for JSON on standard output (default)",
    )
    parser.add_argument("--lengths", metavar="L", help="valid steps of each row: 5,3,9 or a file")
    parser.add_argument("--state-in", metavar="S", help="start from this state: .npz or .json")
    parser.add_argument("--state-out", metavar="S", help="write the final state: .npz or .json")


def action(options: argparse.Namespace) -> int:
    """Reads, runs, writes. One sequence without a batch axis comes back without one."""
    _check_files(options)
    model, _ = read_model(options.path)
    given = read_array(options.input)
    is_single = _is_single(model, given, options.input)
    x = given[None] if is_single else given
    check_csv(options.output, (*x.shape[:2], 1))
    lengths = _lengths(options.lengths, x) if options.lengths is not None else None
    if isinstance(model.input, FeatureInput):
        x = x.astype(np.float64) if x.dtype.kind in "iu" else x  # as in model files
    elif lengths is None and x.dtype.kind == "f":
        _check_ids(model, x, options.input)
    state = read_state(options.state_in) if options.state_in is not None else None
    output, final = _run(compile_model(model), x, lengths, state)
    if is_single:
        output = output[0]
    contents = {options.output: array_bytes(options.output, output)}
    if options.state_out is not None:
        contents[options.state_out] = state_bytes(options.state_out, final)
    write_all(contents)
    if options.output != "-":
        print(f"OK {safe(options.output)}: float32 {list(output.shape)}", file=sys.stderr)
    return 0


def _check_files(options: argparse.Namespace) -> None:
    """All that can be wrong with the names of the files, before any is read."""
    once(options.path, options.input, options.lengths, options.state_in)
    format_of(options.input, ARRAYS)
    format_of(options.output, ARRAYS)
    for state in (options.state_in, options.state_out):
        if state is not None:
            format_of(state, STATES)
    if options.state_out is not None and _is_same(options.output, options.state_out):
        raise UsageError("--output and --state-out must be two files")
    for target in (options.output, options.state_out):
        if target not in {None, "-"} and _is_same(target, options.path):
            raise UsageError(f"{safe(target)} is the model: choose another name for the result")


def _is_same(path: str, other: str) -> bool:
    if "-" in {path, other}:
        return path == other
    try:
        return Path(path).resolve() == Path(other).resolve()
    except (OSError, ValueError, RuntimeError):
        return False  # reading or writing will say what is wrong with them


def _is_single(model: Model, given: Numbers, path: str) -> bool:
    """Whether the input is one sequence, without a batch axis. Raises UsageError for another shape."""
    if isinstance(model.input, FeatureInput):
        size = model.input.size
        expected = f"features: expected numbers [N, T, {size}] or [T, {size}]"
        axes, fits = 2, given.shape[-1:] == (size,)
    else:
        expected = f"token ids: expected {_ids(model)}, [N, T] or [T]"
        axes, fits = 1, True
    if given.ndim not in {axes, axes + 1} or not fits or (given.ndim > axes and not len(given)):
        found = f"{given.dtype} {list(given.shape)}"
        raise UsageError(f"{shown(path)} does not fit: this model reads {expected}, got {found}")
    return given.ndim == axes


def _check_ids(model: Model, x: Numbers, path: str) -> None:
    """Raises UsageError for features where ids are wanted."""
    broken = x[x != np.floor(x)]
    if broken.size:
        raise UsageError(
            f"{shown(path)} does not fit: this model reads token ids: expected {_ids(model)}, got {broken[0]}"
        )


def _ids(model: Model) -> str:
    vocabulary = model.input_vocabulary
    return f"integers from 0 to {len(vocabulary.tokens) - 1}" if vocabulary else "integers"


def _lengths(text: str, x: Numbers) -> Numbers:
    """Lengths that fit. Raises UsageError: cut into chunks they could not be judged any more."""
    lengths = read_lengths(text)
    N, T = x.shape[:2]
    if lengths.shape != (N,):
        counts = f"expected {N}, one for each sequence, got {list(lengths.shape)}"
        raise UsageError(f"--lengths {shown(text)} does not fit: {counts}")
    for length in lengths.tolist():
        if not 0 <= length <= T or length != int(length):
            raise UsageError(
                f"--lengths {shown(text)} does not fit: expected integers from 0 to {T}, got {length}"
            )
    return lengths.astype(np.int64)


def _run(
    plan: Plan, x: Numbers, lengths: Numbers | None, state: State | None
) -> tuple[npt.NDArray[np.float32], State]:
    """The output [N, T, width] and the final state, in chunks of time steps ([run-4])."""
    N, T = x.shape[:2]
    session = Session(plan, N)
    if state is not None:
        session.restore(state)
    output = np.zeros((N, T, plan.width), np.float32)
    steps = max(1, _ROWS // N)
    with Progress("run", T) as progress:
        for first in range(0, T, steps):
            chunk = slice(first, min(first + steps, T))
            left = None if lengths is None else np.clip(lengths - first, 0, chunk.stop - first)
            output[:, chunk] = session.run(x[:, chunk], left)
            progress.at(chunk.stop)
    return output, session.state()
