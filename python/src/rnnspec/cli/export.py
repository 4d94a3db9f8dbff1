"""`rnnspec export`: a model → another system's file."""

import argparse
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from rnnspec import fingerprint
from rnnspec.cli.files import Refused, UsageError, read_model
from rnnspec.cli.options import add_format, add_limits, add_model, add_quiet
from rnnspec.cli.targets import Targets
from rnnspec.cli.text import plural, safe, shown
from rnnspec.importers import Refused as NotCarried
from rnnspec.importers.exports import TARGETS, Target
from rnnspec.importers.pattern import Notes

NAME = "export"
SUMMARY = "write a model as another system's file"
EXAMPLES = [
    "rnnspec export --list",
    "rnnspec export model.rnn --to onnx -o model.onnx",
    "rnnspec export model.rnn --to onnx -o - | wc -c",
    "rnnspec export model.rnn --to npz -o model.npz   # numpy.load reads it; rnnspec import brings it back",
    "rnnspec export amp.rnn --to nam -o amp.nam",
    "rnnspec export amp.rnn --to rtneural -o amp.json",
    "rnnspec export amp.rnn --to c-header -o amp.h    # for kernel/; --name is what its names begin with",
]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    add_model(parser, nargs="?")
    parser.add_argument(
        "--to",
        choices=list(TARGETS),
        help="the system. PyTorch has no file that says how to compute: rnnspec.to_torch gives a module",
    )
    parser.add_argument(
        *("-o", "--output"),
        metavar="OUT",
        help="the file to write, or - for standard output",
    )
    parser.add_argument(
        "--list",
        action="store_true",
        help="show what each system carries and what it refuses, or that of --to",
    )
    parser.add_argument(
        "--lengths",
        action="store_true",
        help="of onnx: the graph has an input `lengths`, the valid steps of each row (default: rows are whole)",
    )
    parser.add_argument(
        "--name",
        metavar="PREFIX",
        help="of c-header: what its names begin with (default: the model's name, or else its file's)",
    )
    add_format(parser)
    add_quiet(parser, "say nothing but what is wrong")
    add_limits(parser)


def action(options: argparse.Namespace) -> int:
    """Reads, converts, writes. Exit code 1 for what the other system does not carry."""
    if options.list:
        print(_listed(options.format, options.to))
        return 0
    target, given = _checked(options)
    model = read_model(options.path, options).model
    if model.name is None and target.name == "c-header" and options.path != "-":
        model = replace(model, name=Path(options.path).name.partition(".")[0])
    notes = Notes()
    if target.tells:
        given["notes"] = notes
    try:
        data = target.write(model, **given)
    except NotCarried as error:
        if error.code == "IMPORT_OPTION":
            raise UsageError(str(error)) from None
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
        told = {"notes": [asdict(note) for note in notes]} if target.tells else {}
        written = {"bytes": len(data), "fingerprint": fingerprint(model)}
        print(json.dumps({**facts, **told, **written}))
    elif not options.quiet:
        to_stdout = options.output == "-"
        lines = [f"  {note.kind:10}  {safe(note.text)}" for note in notes]
        if not to_stdout:
            lines.append(f"OK {safe(options.output)}: {options.to}, {plural(len(data), 'byte')}")
        if lines:
            print("\n".join(lines), file=sys.stderr if to_stdout else sys.stdout)
    return 0


def _checked(options: argparse.Namespace) -> tuple[Target, dict[str, Any]]:
    """The system, and the options that it has. Raises UsageError for what does not go together."""
    for name, value, what in (
        ("MODEL", options.path, "a model file, or - for standard input"),
        ("--to", options.to, f"one of {', '.join(TARGETS)}"),
        ("-o", options.output, "the file to write, or - for standard output"),
    ):
        if value is None:
            raise UsageError(f"expected {name}, {what}; or --list")
    if options.output == "-" and options.format == "json":
        raise UsageError("the file and --format json would both go to standard output: name a file")
    target = TARGETS[options.to]
    given: dict[str, Any] = {}
    for name in ("lengths", "name"):
        value = getattr(options, name)
        if not value and value != "":
            continue
        if name not in target.options:
            users = [one.name for one in TARGETS.values() if name in one.options]
            raise UsageError(
                f"--{name} is for --to {' or '.join(users)}: {target.name} has no use for it"
            )
        given[name] = value
    return target, given


def _listed(style: str, system: str | None) -> str:
    """The registry, or one system of it, for people or for programs."""
    found = [target for target in TARGETS.values() if system in {None, target.name}]
    if style == "json":
        names = ("name", "title", "writes", "carries", "refuses", "options")
        return json.dumps([{name: getattr(target, name) for name in names} for target in found])
    return "\n\n".join(map(_as_text, found))


def _as_text(target: Target) -> str:
    rows = [("writes", target.writes)]
    for head, texts in (("carries", target.carries), ("refuses", target.refuses)):
        rows += [(head if k == 0 else "", text) for k, text in enumerate(texts)]
    rows += [("options" if k == 0 else "", f"--{name}") for k, name in enumerate(target.options)]
    lines = [f"  {head:8}  {text}" for head, text in rows]
    return "\n".join([f"{target.name}: {target.title}", *lines])
