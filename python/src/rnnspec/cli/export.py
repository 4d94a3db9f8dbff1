"""`rnnspec export`: a model → another system's file."""

import argparse
import json
from collections.abc import Callable
from typing import Final

from rnnspec import fingerprint
from rnnspec.cli.files import Refused, UsageError, read_model
from rnnspec.cli.options import add_format, add_limits, add_model, add_quiet
from rnnspec.cli.targets import Targets
from rnnspec.cli.text import plural, safe, shown
from rnnspec.importers import Refused as NotCarried
from rnnspec.importers.npz import to_npz
from rnnspec.importers.to_onnx import to_onnx

NAME = "export"
SUMMARY = "write a model as another system's file"
EXAMPLES = [
    "rnnspec export model.rnn --to onnx -o model.onnx",
    "rnnspec export model.rnn --to onnx -o - | wc -c",
    "rnnspec export model.rnn --to npz -o model.npz   # numpy.load reads it; rnnspec import brings it back",
]

# System → the bytes of its file. PyTorch has no file that says how to compute: rnnspec.to_torch gives a module.
SYSTEMS: Final[dict[str, Callable[..., bytes]]] = {"onnx": to_onnx, "npz": to_npz}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    add_model(parser)
    parser.add_argument("--to", choices=list(SYSTEMS), required=True, help="the system")
    parser.add_argument(
        *("-o", "--output"),
        metavar="OUT",
        required=True,
        help="the file to write, or - for standard output",
    )
    parser.add_argument(
        "--lengths",
        action="store_true",
        help="of ONNX: the graph has an input `lengths`, the valid steps of each row (default: rows are whole)",
    )
    add_format(parser)
    add_quiet(parser, "say nothing but what is wrong")
    add_limits(parser)


def action(options: argparse.Namespace) -> int:
    """Reads, converts, writes. Exit code 1 for what the other system does not carry."""
    model = read_model(options.path, options).model
    if options.lengths and options.to != "onnx":
        raise UsageError("--lengths is for --to onnx: of numpy arrays nothing is computed")
    try:
        data = SYSTEMS[options.to](model, **({"lengths": True} if options.lengths else {}))
    except NotCarried as error:
        if options.format == "json":
            refused = {"code": error.code, "message": str(error)}
            print(json.dumps({"path": options.path, "refused": refused}))
            return 1
        raise Refused(f"{shown(options.path)}: {error}") from None
    with Targets() as targets:
        targets.open(options.output).write(data)
        targets.commit()
    if options.format == "json":
        facts = {"path": options.path, "system": options.to, "written": options.output}
        print(json.dumps({**facts, "bytes": len(data), "fingerprint": fingerprint(model)}))
    elif not options.quiet and options.output != "-":
        print(f"OK {safe(options.output)}: {options.to}, {plural(len(data), 'byte')}")
    return 0
