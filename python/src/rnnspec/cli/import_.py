"""`rnnspec import`: bring a net of another system over."""

import argparse
import json
import sys
from dataclasses import replace
from typing import Any

from rnnspec import Limits, fingerprint, importers, structure, to_bytes
from rnnspec.cli.arrays import read_array
from rnnspec.cli.files import Refused, UsageError, cannot_read, read_bytes, suffix
from rnnspec.cli.options import add_format, add_limits
from rnnspec.cli.targets import Targets
from rnnspec.cli.text import plural, safe, shown

NAME = "import"
SUMMARY = "bring a net of another system over, and say what was changed"
EXAMPLES = [
    "rnnspec import --list",
    "rnnspec import --list --from keras",
    "rnnspec import charRNN/darwin -o darwin.rnn",
    "rnnspec import demos/lstm -o pi.rnn --input-kind tokens --tokens 0123456789",
    "rnnspec import net.json --input-kind features --dry-run --format json | jq .notes",
    "rnnspec import net.json -o net.rnn --input-kind features --reference x.npy y.npy --source numpy 2.4",
    "rnnspec import g2p.npz -o encoder.rnn --vocabulary letters.json --decoder-output decoder.rnn --decoder 'dec_*' "
    "--decoder-vocabulary sounds.json --decoder-start '<s>' --decoder-end '</s>'",
]

_STEPS = 8
_TOLERANCE = 1e-5


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options: those of every import, then those of the systems, from the registry."""
    parser.add_argument(
        "path",
        metavar="FILE_OR_FOLDER",
        nargs="?",
        help="what to import; - is standard input, for a file that needs no other beside it",
    )
    parser.add_argument(
        *("-o", "--output"),
        metavar="OUT",
        help="the model file to write, JSON if it ends in .json; - is standard output, as msgpack",
    )
    parser.add_argument(
        "--decoder-output",
        metavar="OUT",
        help="the second model file to write, where an encoder and a decoder come out",
    )
    parser.add_argument(
        "--from",
        dest="system",
        choices=list(importers.SYSTEMS),
        help="the system, where the content does not tell",
    )
    parser.add_argument(
        "--list", action="store_true", help="show all systems and their options, or that of --from"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="do and say everything, and write nothing"
    )
    parser.add_argument(
        "--name", metavar="TEXT", help="the model's name (default: that of the file or folder)"
    )
    parser.add_argument("--license", metavar="TEXT", help="the model's licence, such as MIT")
    add_format(parser)
    add_limits(parser)
    group = parser.add_argument_group("examples in the file, for `rnnspec selftest`")
    group.add_argument(
        "--exact",
        type=int,
        default=_STEPS,
        metavar="STEPS",
        help=f"steps of the exact example, 0 for none (default: {_STEPS})",
    )
    group.add_argument(
        "--reference",
        nargs=2,
        metavar=("X", "Y"),
        help="an input, and what the original gave for it (.npy, .json, .csv): compared, and kept as an example",
    )
    group.add_argument(
        "--source",
        nargs=2,
        metavar=("SYSTEM", "VERSION"),
        help="what computed the reference, such as TensorFlow 1.4",
    )
    group.add_argument(
        "--tolerance",
        type=float,
        default=_TOLERANCE,
        metavar="T",
        help=f"how far from the reference y the net may be, T*max(1, |y|) (default: {_TOLERANCE:g})",
    )
    _add_options_of_systems(parser)


def _add_options_of_systems(parser: argparse.ArgumentParser) -> None:
    """A group for each system, and one for what several share."""
    systems = importers.SYSTEMS.values()
    shared = parser.add_argument_group("options of several systems")
    declared: set[str] = set()
    for system in systems:
        own = parser.add_argument_group(f"options of {system.name}")
        for option in system.options:
            if option.name in declared:
                continue
            declared.add(option.name)
            users = [user for user in systems if option.name in {o.name for o in user.options}]
            settings: dict[str, Any] = {"choices": option.choices} if option.choices else {}
            if option.repeated:
                settings["action"] = "append"
            (shared if len(users) > 1 else own).add_argument(
                option.flag,
                dest=_destination(option.name),
                default=argparse.SUPPRESS,
                type=option.type,
                metavar=option.metavar or None,
                help=f"{option.help}{_default(system, option)}".replace("%", "%%"),
                **settings,
            )


def _destination(name: str) -> str:
    return f"option_{name}"


def _default(system: importers.System, option: importers.Option) -> str:
    default = system.default(option)
    return "" if default in {None, ()} else f" (default: {default})"


def action(options: argparse.Namespace) -> int:
    """Recognises, reads, compares, writes. Exit code 1 for what is refused."""
    if options.list:
        print(_listed(options.format, options.system))
        return 0
    _check(options)
    limits = replace(importers.IMPORT_LIMITS, **dict(options.limit))
    given = {
        name.removeprefix("option_"): value
        for name, value in vars(options).items()
        if name.startswith("option_")
    }
    try:
        source = _source(options.path, limits)
        found = importers.read(source, options.system, **given)
        found = _with_examples(found, options)
        found = found.with_members(name=options.name, license=options.license)
        models = _outputs(found, options)
        files = [
            to_bytes(model.model, "json" if suffix(path or "") == ".json" else "msgpack")
            for path, model in models
        ]
    except importers.Refused as error:
        if options.format == "json":
            refused = {"code": error.code, "message": str(error)}
            print(json.dumps({"path": options.path, "refused": refused}))
            return 1
        raise Refused(f"{shown(options.path)}: {error}") from None
    except OSError as error:
        raise cannot_read(error.filename or options.path, error) from None
    if not options.dry_run:
        with Targets() as targets:
            for (path, _), data in zip(models, files, strict=True):
                targets.open(path).write(data)
            targets.commit()
    reports = [
        _report(model, len(data), None if options.dry_run else path, options)
        for (path, model), data in zip(models, files, strict=True)
    ]
    if options.format == "json":
        report, *decoder = reports
        print(json.dumps({**report, **({"decoder": decoder[0]} if decoder else {})}))
    else:
        print("\n".join(reports), file=sys.stderr if options.output == "-" else sys.stdout)
    return 0


def _source(path: str, limits: Limits) -> importers.Source:
    """What the path names; - is standard input. Raises Refused, UsageError and OSError."""
    if path != "-":
        return importers.Source(path, limits)
    return importers.Piped(read_bytes(path, limits.size), "stdin", limits)


def _outputs(
    found: importers.Import, options: argparse.Namespace
) -> list[tuple[str, importers.Import]]:
    """What goes into which file. Raises UsageError."""
    if found.decoder is None:
        if options.decoder_output is not None:
            raise UsageError(
                "--decoder-output: one model came out; --decoder names a decoder in it"
            )
        return [(options.output, found)]
    if options.decoder_output is None and not options.dry_run:
        raise UsageError(
            "expected --decoder-output OUT, the second file: an encoder and a decoder came out"
        )
    return [(options.output, found), (options.decoder_output, found.decoder)]


def _check(options: argparse.Namespace) -> None:
    """Raises UsageError for options that do not go together."""
    if options.path is None:
        raise UsageError("expected a file or folder to import, or --list")
    if options.output is None and not options.dry_run:
        raise UsageError("expected -o OUT, the model file to write, or --dry-run")
    if options.decoder_output is not None and options.decoder_output in {"-", options.output}:
        raise UsageError("--decoder-output: expected a file, and another one than -o names")
    if options.output == "-" and options.format == "json":
        raise UsageError(
            "the model and --format json would both go to standard output: name a file"
        )
    if options.output == "-" and sys.stdout.isatty():
        raise UsageError("msgpack is nothing for a terminal: name a file")
    if options.exact < 0:
        raise UsageError("--exact: expected a number of steps, 0 for none")
    if (options.reference is None) != (options.source is None):
        raise UsageError("--reference X Y and --source SYSTEM VERSION go together")
    if not 0 <= options.tolerance <= 1:
        raise UsageError("--tolerance: expected a number from 0 to 1")


def _with_examples(found: importers.Import, options: argparse.Namespace) -> importers.Import:
    """With the examples that were asked for. Raises Refused, UsageError, and RnnspecError as `run` does."""
    if options.reference:
        x, y = map(read_array, options.reference)
        system, version = options.source
        found = found.with_reference(x, y, system, version, options.tolerance)
    has_one = any(example.kind == "exact" for example in found.model.examples or ())
    return found.with_exact(options.exact) if options.exact and not has_one else found


def _report(
    found: importers.Import, size: int, written: str | None, options: argparse.Namespace
) -> Any:  # noqa: ANN401  a text, or for programs an object
    """What was understood and changed, and what the model is now."""
    model = found.model
    kinds = [example.kind for example in model.examples or ()]
    parameters = sum(
        model.tensors[name].array.size
        for layer in model.layers
        for name in getattr(layer, "parameters", {}).values()
    )
    if options.format == "json":
        return {
            "path": options.path,
            "system": found.system,
            "notes": [{"kind": note.kind, "text": note.text} for note in found.notes],
            "layers": len(model.layers),
            "parameters": parameters,
            "examples": {kind: kinds.count(kind) for kind in ("exact", "reference")},
            "structure": structure(model),
            "fingerprint": fingerprint(model),
            "written": written,
            "bytes": size,
        }
    examples = [plural(kinds.count(kind), f"{kind} example") for kind in dict.fromkeys(kinds)]
    facts = [plural(len(model.layers), "layer"), plural(parameters, "parameter"), *examples]
    where = (
        "nothing written" if written is None else "<stdout>" if written == "-" else safe(written)
    )
    return "\n".join(
        [
            f"{shown(options.path)}: {importers.SYSTEMS[found.system].title}",
            *(f"  {note.kind:10}  {safe(note.text)}" for note in found.notes),
            f"OK {where}: {', '.join(facts)}, {plural(size, 'byte')}",
        ]
    )


def _listed(style: str, system: str | None) -> str:
    """The registry, or one system of it, for people or for programs."""
    systems = [one for one in importers.SYSTEMS.values() if system in {None, one.name}]
    if style == "json":
        return json.dumps([_as_object(one) for one in systems])
    return "\n\n".join(map(_as_text, systems))


def _as_text(system: importers.System) -> str:
    rows = [
        *(("reads" if k == 0 else "", text) for k, text in enumerate(system.reads)),
        *(("versions" if k == 0 else "", text) for k, text in enumerate(system.versions)),
        *(("carries" if k == 0 else "", text) for k, text in enumerate(system.carries)),
        *(("refuses" if k == 0 else "", text) for k, text in enumerate(system.refuses)),
        *(("limits" if k == 0 else "", text) for k, text in enumerate(system.limits)),
    ]
    for k, option in enumerate(system.options):
        values = "|".join(option.choices) or option.metavar
        rows.append(("options" if k == 0 else "", f"{option.flag} {values}"))
        rows.append(("", f"    {option.help}{_default(system, option)}"))
    lines = [f"  {head:8}  {text}" for head, text in rows]
    return "\n".join([f"{system.name}: {system.title}", *lines])


def _as_object(system: importers.System) -> dict[str, Any]:
    return {
        "name": system.name,
        "title": system.title,
        "reads": list(system.reads),
        "versions": list(system.versions),
        "carries": list(system.carries),
        "refuses": list(system.refuses),
        "limits": list(system.limits),
        "options": [
            {
                "name": option.name,
                "help": option.help,
                "choices": list(option.choices),
                "default": system.default(option),
                "repeated": option.repeated,
            }
            for option in system.options
        ],
    }
