"""`rnnspec run`: a forward pass over a file of inputs."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from rnnspec import (
    FeatureInput,
    Model,
    Plan,
    RnnspecError,
    Session,
    State,
    load_state,
    state_to_bytes,
    structure,
)
from rnnspec import compile as compile_model
from rnnspec.cli.arrays import (
    ARRAYS,
    Numbers,
    format_of,
    npz_bytes,
    read_lengths,
    read_npz_state,
)
from rnnspec.cli.files import UsageError, once, read_bytes, read_model, suffix, unsound
from rnnspec.cli.options import add_format, add_limits, add_model, add_quiet, limits_of
from rnnspec.cli.sinks import BatchSink, JsonSink, LinesSink, NpySink, Sink, VectorSink
from rnnspec.cli.sources import ArraySource, Source, check_ids, open_source
from rnnspec.cli.targets import Targets
from rnnspec.cli.text import Progress, safe, shown

NAME = "run"
SUMMARY = "run a net over sequences in a file"
EXAMPLES = [
    "rnnspec run model.rnn --input x.npy --output y.npy",
    "rnnspec run model.rnn --input day1.csv --output y1.csv --save-state s.rnn",
    "rnnspec run model.rnn --input day2.csv --output y2.csv --state s.rnn",
    "rnnspec run model.rnn --input batch.npy --lengths 5,3,9 --output y.json",
    "echo '[30, 52, 1, 62]' | rnnspec run model.rnn --input - | jq '.[-1]'",
    "sensor | rnnspec run model.rnn --input - --input-format csv --output-format jsonl",
]

_ROWS: Final = 4096  # of all sequences together, between two looks at the clock
_KINDS: Final = [kind.removeprefix(".") for kind in ARRAYS]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    add_model(parser)
    parser.add_argument(
        "--input", required=True, metavar="X",
        help="numbers [N, T, size] or [T, size], or token ids [N, T] or [T]: .npy, .json, .csv, .jsonl, or - for JSON on standard input",
    )  # fmt: skip
    parser.add_argument(
        "--output",
        default="-",
        metavar="Y",
        help=".npy, .json, .csv, .jsonl, or - for JSON on standard output (default)",
    )
    parser.add_argument("--input-format", choices=_KINDS, help="whatever the name of X ends in")
    parser.add_argument("--output-format", choices=_KINDS, help="whatever the name of Y ends in")
    parser.add_argument("--lengths", metavar="L", help="valid steps of each row: 5,3,9 or a file")
    parser.add_argument(
        "--state",
        metavar="S",
        help="start from this saved state, as all runtimes write it; or from arrays in an .npz",
    )
    parser.add_argument(
        "--save-state",
        metavar="S",
        help="save the final state: JSON if S ends in .json, arrays if in .npz, else msgpack",
    )
    add_format(parser)
    add_quiet(parser, "say nothing but what is wrong")
    add_limits(parser)


def action(options: argparse.Namespace) -> int:
    """Reads, runs, writes, chunk by chunk. One sequence without a batch axis comes back without one."""
    input_kind, output_kind = _check_files(options)
    model = read_model(options.path, options).model
    plan = compile_model(model)
    whole = options.lengths is not None
    source, is_single = open_source(options.input, input_kind, model, whole=whole)
    if plan.has_time:
        _check_lines(options.output, output_kind, source)
    lengths = _lengths(options.lengths, source) if options.lengths is not None else None
    session = Session(plan, source.N)
    if options.state is not None:
        session.restore(_read_state(options))
    # Lines at standard output can go out as they come; all else is there whole or not at all.
    is_live = options.output == "-" and output_kind in {".csv", ".jsonl"}
    with Targets() as targets:
        state_file = targets.open(options.save_state) if options.save_state is not None else None
        if not plan.has_time:
            sink: Sink = VectorSink(targets.open(options.output).write, output_kind, is_single=is_single)  # fmt: skip
        elif is_live:
            sink = LinesSink(_write_now, output_kind)
        else:
            sink = _sink(targets, options.output, output_kind, source, plan, is_single=is_single)
        steps = 0
        total = source.T * source.N if source.T is not None else None
        with Progress("run", total or None, quiet=options.quiet) as progress:
            for output, present in _outputs(model, session, source, lengths, options):
                sink.chunk(output, present)
                steps += present.shape[1]
                progress.at(steps * source.N)
        sink.end()
        if state_file is not None:
            state_file.write(_state_bytes(options.save_state, session.state(), model))
        targets.commit()
    shape = [source.N, steps, plan.width] if plan.has_time else [source.N, plan.width]
    shape = shape[is_single:]
    if options.format == "json":
        print(json.dumps({"path": options.path, "output": options.output, "shape": shape}))
    elif options.output != "-" and not options.quiet:
        print(f"OK {safe(options.output)}: float32 {shape}", file=sys.stderr)
    return 0


# --- what fits ------------------------------------------------------------------------------------


def _check_files(options: argparse.Namespace) -> tuple[str, str]:
    """All that can be wrong with the names of the files, before any is read; and their formats."""
    once(options.path, options.input, options.lengths, options.state)
    input_kind = format_of(options.input, ARRAYS, options.input_format)
    output_kind = format_of(options.output, ARRAYS, options.output_format)
    if options.save_state is not None and _is_same(options.output, options.save_state):
        raise UsageError("--output and --save-state must be two files")
    for target in (options.output, options.save_state):
        if target not in {None, "-"} and _is_same(target, options.path):
            raise UsageError(f"{safe(target)} is the model: choose another name for the result")
        # A mapped input must not change while it is read; by renaming it would not, by a link it may.
        if target not in {None, "-"} and _is_same(target, options.input):
            raise UsageError(f"{safe(target)} is the input: choose another name for the result")
    if options.output == "-" and options.format == "json":
        raise UsageError("standard output is the result: give --output, or leave out --format")
    if options.output == "-" and output_kind == ".npy" and sys.stdout.isatty():
        raise UsageError(".npy is nothing for a terminal: give --output, or another format")
    return input_kind, output_kind


def _is_same(path: str, other: str) -> bool:
    if "-" in {path, other}:
        return path == other
    try:
        return Path(path).resolve() == Path(other).resolve()
    except (OSError, ValueError, RuntimeError):
        return False  # reading or writing will say what is wrong with them


def _check_lines(path: str, kind: str, source: Source) -> None:
    """Raises UsageError if a file with a line a time step is asked for several sequences."""
    if kind in {".csv", ".jsonl"} and source.N != 1:
        raise UsageError(
            f"can't write {source.N} sequences to {safe(path)}: a {kind} file holds one; use .npy or .json"
        )


def _lengths(text: str, source: Source) -> npt.NDArray[np.int64]:
    """Lengths that fit. Raises UsageError: cut into chunks they could not be judged any more."""
    lengths = read_lengths(text)
    N, T = source.N, source.T
    assert T is not None, "with lengths the input is read whole"
    if lengths.shape != (N,):
        counts = f"expected {N}, one for each sequence, got {list(lengths.shape)}"
        raise UsageError(f"--lengths {shown(text)} does not fit: {counts}")
    for length in lengths.tolist():
        if not 0 <= length <= T or length != int(length):
            raise UsageError(
                f"--lengths {shown(text)} does not fit: expected integers from 0 to {T}, got {length}"
            )
    return lengths.astype(np.int64)


# --- states ---------------------------------------------------------------------------------------


def _read_state(options: argparse.Namespace) -> State:
    """Raises UsageError, Unsound. Whether it fits the model is for the runtime to say."""
    if suffix(options.state) == ".npz":
        return read_npz_state(options.state)
    limits = limits_of(options)
    data = read_bytes(options.state, limits.size)
    try:
        return load_state(data, limits, try_anyway=options.try_anyway)
    except RnnspecError as error:
        raise unsound(options.state, data, error, options) from None


def _state_bytes(path: str, state: State, model: Model) -> bytes:
    if suffix(path) == ".npz":
        return npz_bytes(state)
    return state_to_bytes(state, "json" if suffix(path) == ".json" else "msgpack", structure(model))


# --- the pass -------------------------------------------------------------------------------------


def _outputs(
    model: Model,
    session: Session,
    source: Source,
    lengths: npt.NDArray[np.int64] | None,
    options: argparse.Namespace,
) -> Iterator[tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]]:
    """The output of each chunk and which steps of it exist [N, t]; the session's state goes on ([run-4])."""
    first = 0
    for chunk in source.chunks(max(1, _ROWS // source.N)):
        x = _prepared(model, chunk, lengths, options.input)
        t = x.shape[1]
        left = None if lengths is None else np.clip(lengths - first, 0, t)
        ends = np.full(source.N, t) if left is None else left
        yield session.run(x, left), np.arange(t) < ends[:, None]
        first += t
    if (
        not first and not session.plan.has_time
    ):  # a net that looks at the end speaks also of nothing
        empty = np.zeros(_empty(model, source.N), np.int64)
        yield session.run(empty, None), np.zeros((source.N, 0), np.bool_)


def _empty(model: Model, N: int) -> tuple[int, ...]:
    """The shape of an input without time steps."""
    return (N, 0, model.input.size) if isinstance(model.input, FeatureInput) else (N, 0)


def _prepared(model: Model, x: Numbers, lengths: object, path: str) -> Numbers:
    if isinstance(model.input, FeatureInput):
        return x.astype(np.float64) if x.dtype.kind in "iu" else x  # as in model files
    if lengths is None and x.dtype.kind == "f":
        check_ids(model, x, path)
    return x


def _sink(
    targets: Targets, path: str, kind: str, source: Source, plan: Plan, *, is_single: bool
) -> Sink:
    target = targets.open(path)
    if source.N == 1:
        if kind == ".npy":
            return NpySink(target, plan.width, is_single=is_single)
        if kind == ".json":
            return JsonSink(target.write, is_single=is_single)
        return LinesSink(target.write, kind)
    assert isinstance(source, ArraySource)
    assert source.T is not None
    shape = (source.N, source.T, plan.width)
    return BatchSink(target.write, kind, shape, targets.scratch())


def _write_now(data: bytes) -> Any:  # noqa: ANN401  nobody looks
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
