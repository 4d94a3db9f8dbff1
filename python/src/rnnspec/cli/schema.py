"""`rnnspec schema`: the published JSON Schema."""

import argparse
import json

from rnnspec.cli.files import UsageError
from rnnspec.cli.shipped import bundle, schemas
from rnnspec.cli.text import did_you_mean, safe

NAME = "schema"
SUMMARY = "print the JSON Schema of model files"
EXAMPLES = [
    "rnnspec schema > rnnspec.schema.json   # all of it, for an editor",
    "rnnspec schema --part lstm",
    "rnnspec schema --list",
]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--part", metavar="NAME", help="one part as it is published, such as lstm")
    what.add_argument("--list", action="store_true", help="the names of the parts")


def action(options: argparse.Namespace) -> int:
    """Prints the schema as one document, or a part."""
    parts = schemas()
    if options.list:
        print("\n".join(parts))
        return 0
    if options.part is not None and options.part not in parts:
        name = options.part
        raise UsageError(f"there is no part {safe(name)}{did_you_mean(name, parts)}; `rnnspec schema --list` names all")  # fmt: skip
    document = bundle() if options.part is None else parts[options.part]
    print(json.dumps(document, indent=2, ensure_ascii=False))
    return 0
