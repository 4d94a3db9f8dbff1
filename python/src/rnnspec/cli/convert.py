"""`rnnspec convert`: JSON or msgpack, another dtype, or fewer digits."""

import argparse
import json
import sys
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from rnnspec import Limits, Model, RnnspecError, fingerprint, load
from rnnspec.cli.files import Refused, UsageError, read_model, suffix
from rnnspec.cli.options import add_format, add_limits, add_model, add_quiet, limits_of
from rnnspec.cli.storage import Conversion, stored
from rnnspec.cli.targets import Target, Targets
from rnnspec.cli.text import plural, safe
from rnnspec.save import Encoding, pieces
from rnnspec.tensor import DTYPES

NAME = "convert"
SUMMARY = "write a model in the other encoding, or with other storage"
EXAMPLES = [
    "rnnspec convert model.rnn model.rnn.json",
    "rnnspec convert model.rnn.json model.rnn --dtype float16",
    "rnnspec convert model.rnn quarter.rnn --dtype int8 --axis 1   # a scale for each column",
    "rnnspec convert model.rnn small.rnn.json --digits 5   # gzipped, smaller than float32",
    "rnnspec convert model.rnn - --to json | jq .layers",
]

_MOST_DIGITS: Final = 9  # which tell all float32 values apart


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    add_model(parser, metavar="IN")
    parser.add_argument("target", metavar="OUT", help="the file to write, or - for standard output")
    parser.add_argument(
        "--to", choices=["json", "msgpack"], help="encoding (default: json if OUT ends in .json)"
    )
    parser.add_argument(
        "--dtype",
        choices=DTYPES,
        help="storage of the parameters; int8 holds matrices, and vectors stay as they are",
    )
    parser.add_argument(
        "--axis",
        type=int,
        choices=(0, 1),
        metavar="A",
        help="with int8: 0 for a scale for each row, 1 for each column",
    )
    parser.add_argument(
        "--digits",
        type=int,
        choices=range(1, _MOST_DIGITS + 1),
        metavar="N",
        help="parameters as float32 decimals of at most N significant digits, 1 to 9, rounded half to even (JSON)",
    )
    parser.add_argument(
        "--numbers",
        choices=["base64", "decimal"],
        help="in JSON, float32 as base64 or as decimals for people (default: base64); other dtypes are always base64",
    )
    add_format(parser)
    add_quiet(parser, "say nothing but what is wrong")
    add_limits(parser)


def action(options: argparse.Namespace) -> int:
    """Reads, converts, writes, reads again, and says what became of size and fingerprint.

    The result goes to its file piece by piece: in memory are the model as it was read, its changed
    parameters and, when these are written and let go, what is read again.
    """
    encoding: Encoding = options.to or ("json" if suffix(options.target) == ".json" else "msgpack")
    _check(options, encoding)
    numbers = options.numbers or ("decimal" if options.digits else "base64")
    model, data, _ = read_model(options.path, options)
    facts = {"path": options.path, "target": options.target, "encoding": encoding}
    sizes, before = {"bytes": 0, "bytes_before": len(data)}, fingerprint(model)
    conversion = stored(model, options.dtype, options.digits, options.axis)
    del data, model
    with Targets() as targets:
        target = targets.open(options.target)
        sizes["bytes"] = _write(target, conversion.model, encoding, numbers)
        _read_again(target, conversion.model, encoding, limits_of(options))
        targets.commit()
    report = {
        **facts,
        **sizes,
        "fingerprint": fingerprint(conversion.model),
        "fingerprint_before": before,
        "largest_change": conversion.changes[0].largest if conversion.changes else 0.0,
        "changes": [
            {"layer": change.layer, "role": change.role, "largest": change.largest}
            for change in conversion.changes
        ],
        "exact_examples_anew": conversion.anew,
        "examples_dropped": list(conversion.dropped),
    }
    if options.format == "json":
        print(json.dumps(report, indent=2))
    elif not options.quiet:
        for note in _notes(conversion, numbers):
            print(f"note: {note}", file=sys.stderr)
        print(_verdict(report), file=sys.stderr)
    return 0


def _check(options: argparse.Namespace, encoding: Encoding) -> None:
    """Options that contradict each other. Raises UsageError."""
    for name in ("numbers", "digits"):
        if getattr(options, name) and encoding != "json":
            raise UsageError(
                f"--{name} is for JSON: add --to json, or give a name that ends in .json"
            )
    if options.digits and options.dtype not in {None, "float32"}:
        raise UsageError(f"--digits makes float32 decimals: leave out --dtype {options.dtype}")
    if options.dtype == "int8" and options.axis is None:
        raise UsageError("int8 needs --axis: 0 for a scale for each row, or 1 for each column")
    if options.dtype != "int8" and options.axis is not None:
        raise UsageError("--axis belongs to --dtype int8")
    if options.digits and options.numbers == "base64":
        raise UsageError("--digits makes decimals: leave out --numbers base64")
    if options.target == "-" and options.format == "json":
        raise UsageError("standard output is the model: give a file name, or leave out --format")
    if encoding == "msgpack" and options.target == "-" and sys.stdout.isatty():
        raise UsageError("msgpack is nothing for a terminal: give a file name, or --to json")


def _write(target: Target, model: Model, encoding: Encoding, numbers: Any) -> int:  # noqa: ANN401  one of two words
    """The number of bytes written."""
    size = 0
    for piece in _pieces(model, encoding, numbers):
        target.write(piece)
        size += len(piece)
    return size


def _pieces(model: Model, encoding: Encoding, numbers: Any) -> Iterable[bytes | memoryview]:  # noqa: ANN401  as above
    try:
        yield from pieces(model, encoding, numbers)
    except ValueError as error:
        raise Refused(f"can't write this model as {encoding}: {safe(str(error))}") from None


def _read_again(target: Target, model: Model, encoding: Encoding, limits: Limits) -> None:
    """Raises Refused if the file is not what was to be written."""
    try:
        written = load(target.written(), limits)
    except RnnspecError as error:  # a limit that only the other encoding passes
        raise Refused(f"can't write this model as {encoding}: {safe(str(error))}") from None
    # Metadata may hold any spelling of a number and is compared by nobody.
    if replace(written, metadata=None) != replace(model, metadata=None):
        raise Refused(f"the model does not come back as it was written as {encoding}")


def _notes(conversion: Conversion, numbers: str) -> list[str]:
    notes = []
    if conversion.anew:
        notes.append(f"{plural(conversion.anew, 'exact example')} computed anew")
    if conversion.dropped:
        notes.append(
            f"{plural(len(conversion.dropped), 'example')} dropped: with these weights the net no "
            "longer gives them within their tolerance"
        )
    others = {tensor.dtype for tensor in conversion.model.tensors.values()} - {"float32"}
    if numbers == "decimal" and others:
        dtypes = " and ".join(sorted(others))
        notes.append(f"{dtypes} tensors stay base64; --dtype float32 makes them decimals")
    return notes


def _verdict(report: dict[str, Any]) -> str:
    target = "<stdout>" if report["target"] == "-" else safe(report["target"])
    is_same = report["fingerprint"] == report["fingerprint_before"]
    change = ""
    if report["changes"]:
        farthest = report["changes"][0]
        place = safe(f"{farthest['role']} of {farthest['layer']}")
        change = f", parameters changed by at most {farthest['largest']:.2g} ({place})"
    return (
        f"OK {target}: {report['encoding']}, {report['bytes']:,} bytes (was {report['bytes_before']:,}), "
        f"{'same' if is_same else 'another'} fingerprint{change}"
    )
