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
    Session,
)
from rnnspec import compile as compile_model
from rnnspec.cli.arrays import ARRAYS, Numbers, format_of, named_arrays, read_lengths
from rnnspec.cli.files import UsageError, once, read_model
from rnnspec.cli.options import add_format, add_limits, add_model, add_quiet
from rnnspec.cli.passes import Float32, Pass, WholePass
from rnnspec.cli.sinks import BatchSink, JsonSink, LinesSink, NpySink, Sink, VectorSink
from rnnspec.cli.sources import ArraySource, Source, check_ids, open_source
from rnnspec.cli.states import add_state, read_state, state_bytes
from rnnspec.cli.targets import Targets
from rnnspec.cli.text import Progress, safe, shown

NAME = "run"
SUMMARY = "run a net over sequences in a file"
EXAMPLES = [
    "rnnspec run model.rnn --input x.npy --output y.npy",
    "rnnspec run model.rnn --input day1.csv --output y1.csv --save-state s.rnn",
    "rnnspec run model.rnn --input day2.csv --output y2.csv --state s.rnn",
    "rnnspec run model.rnn --input batch.npy --lengths 5,3,9 --output y.json",
    "rnnspec run model.rnn --input x.npy --probe lstm1 --probe lstm2 | jq .probe.lstm1",
    "echo '[30, 52, 1, 62]' | rnnspec run model.rnn --input - | jq '.[-1]'",
    "sensor | rnnspec run model.rnn --input - --input-format csv --output-format jsonl",
]

_ROWS: Final = 4096  # of all sequences together, between two looks at the clock
_NAMED: Final = (".json", ".npz")  # hold several arrays
_KINDS: Final = [kind.removeprefix(".") for kind in ARRAYS]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    add_model(parser)
    add_input(parser)
    parser.add_argument(
        "--output",
        default="-",
        metavar="Y",
        help=".npy, .json, .csv, .jsonl, or - for JSON on standard output (default)",
    )
    parser.add_argument(
        "--output-format", choices=[*_KINDS, "npz"], help="whatever the name of Y ends in"
    )
    add_state(parser)
    parser.add_argument(
        "--save-state",
        metavar="S",
        help="save the final state: JSON if S ends in .json, arrays if in .npz, else msgpack",
    )
    parser.add_argument(
        "--probe",
        action="append",
        default=[],
        metavar="NAME",
        help="give also what this layer gave; may be repeated. Y is then a JSON object of output and probe, or an .npz with output and probe/NAME",
    )
    add_format(parser)
    add_quiet(parser, "say nothing but what is wrong")
    add_limits(parser)


def add_input(parser: argparse.ArgumentParser) -> None:
    """`--input` and what belongs to it."""
    parser.add_argument(
        "--input", required=True, metavar="X",
        help="numbers [N, T, size] or [T, size], or token ids [N, T] or [T]: .npy, .json, .csv, .jsonl, or - for JSON on standard input",
    )  # fmt: skip
    parser.add_argument("--input-format", choices=_KINDS, help="whatever the name of X ends in")
    parser.add_argument("--lengths", metavar="L", help="valid steps of each row: 5,3,9 or a file")


def action(options: argparse.Namespace) -> int:
    """Reads, runs, writes, chunk by chunk. One sequence without a batch axis comes back without one.

    Nets that are not forward ([run-4]), and those with probes, are run over all of it in one call.
    """
    input_kind, output_kind = _check_files(options)
    model = read_model(options.path, options).model
    plan = compile_model(model)
    whole = bool(options.probe) or not plan.is_forward
    at_once = whole or options.lengths is not None
    source, is_single = open_source(options.input, input_kind, model, whole=at_once)
    if plan.has_time:
        _check_lines(options.output, output_kind, source)
    lengths = lengths_for(options.lengths, source) if options.lengths is not None else None
    given = read_state(options) if options.state is not None else None
    if whole:
        a_pass: Pass = WholePass(plan, given, options.probe)
    else:
        a_pass = session = Session(plan, source.N)
        if given is not None:
            session.restore(given)
    with Targets() as targets:
        state_file = targets.open(options.save_state) if options.save_state is not None else None
        if isinstance(a_pass, WholePass) and options.probe:
            steps = _write_named(
                targets, a_pass, model, source, lengths, options, is_single=is_single
            )
        else:
            sink = _sink(targets, options.output, output_kind, source, plan, is_single=is_single)
            steps = 0
            total = source.T * source.N if source.T is not None else None
            with Progress("run", total or None, quiet=options.quiet) as progress:
                for output, present in _outputs(model, a_pass, source, lengths, options):
                    sink.chunk(output, present)
                    steps += present.shape[1]
                    progress.at(steps * source.N)
            sink.end()
        if state_file is not None:
            state_file.write(state_bytes(options.save_state, a_pass.state(), model))
        targets.commit()
    _report(options, plan, source.N, steps, is_single=is_single)
    return 0


def _report(
    options: argparse.Namespace, plan: Plan, N: int, steps: int, *, is_single: bool
) -> None:
    """What was written where, and its shapes."""

    def shape(width: int, has_time: bool) -> list[int]:
        return ([N, steps, width] if has_time else [N, width])[is_single:]

    own = shape(plan.width, plan.has_time)
    stages = {name: plan.stages[name] for name in options.probe}
    probed = {name: shape(stage.width, stage.has_time) for name, stage in stages.items()}
    if options.format == "json":
        report = {"path": options.path, "output": options.output, "shape": own}
        print(json.dumps({**report, "probe": probed} if probed else report))
    elif options.output != "-" and not options.quiet:
        also = "".join(f", {name} {of}" for name, of in probed.items())
        print(f"OK {safe(options.output)}: float32 {own}{also}", file=sys.stderr)


# --- what fits ------------------------------------------------------------------------------------


def _check_files(options: argparse.Namespace) -> tuple[str, str]:
    """All that can be wrong with the names of the files, before any is read; and their formats."""
    once(options.path, options.input, options.lengths, options.state)
    input_kind = format_of(options.input, ARRAYS, options.input_format)
    output_kind = _output_kind(options)
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
    if options.output == "-" and output_kind in {".npy", ".npz"} and sys.stdout.isatty():
        raise UsageError(
            f"{output_kind} is nothing for a terminal: give --output, or another format"
        )
    return input_kind, output_kind


def _output_kind(options: argparse.Namespace) -> str:
    if not options.probe:
        if options.output_format == "npz":
            raise UsageError("an .npz is for several arrays: choose another format, or add --probe")
        return format_of(options.output, ARRAYS, options.output_format)
    try:
        return format_of(options.output, _NAMED, options.output_format)
    except UsageError:
        raise UsageError(
            f"with --probe {safe(options.output)} is to hold several arrays: give a name that ends in .json or .npz"
        ) from None


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


def lengths_for(text: str, source: Source) -> npt.NDArray[np.int64]:
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


# --- the pass -------------------------------------------------------------------------------------


def _outputs(
    model: Model,
    a_pass: Pass,
    source: Source,
    lengths: npt.NDArray[np.int64] | None,
    options: argparse.Namespace,
) -> Iterator[tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]]:
    """The output of each chunk and which steps of it exist [N, t]; the state goes on ([run-4])."""
    first = 0
    is_whole = isinstance(a_pass, WholePass)
    for chunk in source.chunks(max(1, (source.T or 1) if is_whole else _ROWS // source.N)):
        x = prepared(model, chunk, lengths, options.input)
        t = x.shape[1]
        left = None if lengths is None else np.clip(lengths - first, 0, t)
        ends = np.full(source.N, t) if left is None else left
        yield a_pass.run(x, left), np.arange(t) < ends[:, None]
        first += t
    # A net that looks at the end speaks also of nothing, and a whole pass has a state in any case.
    if not first and (is_whole or not a_pass.plan.has_time):
        empty = np.zeros(_empty(model, source.N), np.int64)
        yield a_pass.run(empty, None), np.zeros((source.N, 0), np.bool_)


def _write_named(
    targets: Targets,
    a_pass: WholePass,
    model: Model,
    source: Source,
    lengths: npt.NDArray[np.int64] | None,
    options: argparse.Namespace,
    *,
    is_single: bool,
) -> int:
    """Writes output and probes as one file; the number of time steps."""
    ((output, present),) = _outputs(model, a_pass, source, lengths, options)
    found: dict[str, Float32 | dict[str, Float32]] = {"output": output, "probe": a_pass.probed}
    kind = _output_kind(options)
    targets.open(options.output).write(named_arrays(found, kind, is_single=is_single))
    steps: int = present.shape[1]
    return steps


def _empty(model: Model, N: int) -> tuple[int, ...]:
    """The shape of an input without time steps."""
    return (N, 0, model.input.size) if isinstance(model.input, FeatureInput) else (N, 0)


def prepared(model: Model, x: Numbers, lengths: object, path: str) -> Numbers:
    """The numbers of a file as the library takes them. Raises UsageError for features in place of ids."""
    if isinstance(model.input, FeatureInput):
        return x.astype(np.float64) if x.dtype.kind in "iu" else x  # as in model files
    if lengths is None and x.dtype.kind == "f":
        check_ids(model, x, path)
    return x


def _sink(
    targets: Targets, path: str, kind: str, source: Source, plan: Plan, *, is_single: bool
) -> Sink:
    if not plan.has_time:
        return VectorSink(targets.open(path).write, kind, is_single=is_single)
    # Lines at standard output can go out as they come; all else is there whole or not at all.
    if path == "-" and kind in {".csv", ".jsonl"}:
        return LinesSink(_write_now, kind)
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
