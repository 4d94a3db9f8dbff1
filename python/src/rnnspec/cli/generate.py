"""`rnnspec generate`: let a net write."""

import argparse
import json
import sys

from rnnspec import compile as compile_model
from rnnspec import generate as generate_ids
from rnnspec.cli.files import read_model
from rnnspec.cli.text import prose
from rnnspec.vocabulary import decode

NAME = "generate"
SUMMARY = "let a net over characters write text, token by token"
EXAMPLES = [
    "rnnspec generate model.rnn --prime 'It was ' --count 400 --seed 7",
    "rnnspec generate model.rnn --prime 'It was ' --temperature 0.5",
    "rnnspec generate model.rnn --prime 'It was ' --greedy --format json | jq .ids",
]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("path", metavar="MODEL", help="a model file, or - for standard input")
    parser.add_argument(
        "--prime", default="", metavar="TEXT", help="text to start from; it is not printed again"
    )
    parser.add_argument(
        "--count", type=int, default=500, metavar="N", help="tokens at most (default: 500)"
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="S",
        help="0 to 4294967295; one seed, one text, in every language (default: 0)",
    )
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument(
        "--temperature",
        type=float,
        metavar="T",
        help="sample with this temperature, 0.0078125 to 128 (default: as the file says)",
    )
    mode.add_argument("--greedy", action="store_true", help="always take the likeliest token")
    parser.add_argument(
        "--format", choices=["text", "json"], default="text", help="how to print (default: text)"
    )


def action(options: argparse.Namespace) -> int:
    """Prints the text as it comes; as JSON, text and ids when all is there."""
    model, _ = read_model(options.path)
    ids = generate_ids(
        compile_model(model),
        options.prime,
        count=options.count,
        mode="greedy" if options.greedy else "sample" if options.temperature is not None else None,
        temperature=options.temperature,
        seed=options.seed,
    )
    vocabulary = model.output_vocabulary
    assert vocabulary is not None, "generate_ids refuses a model without one"
    if options.format == "json":
        found = list(ids)
        print(json.dumps({"text": decode(vocabulary, found), "ids": found}))
        return 0
    show = prose if sys.stdout.isatty() else str
    try:
        for token in ids:
            print(show(decode(vocabulary, [token])), end="", flush=True)
    finally:
        print()  # so that a fault stands on a line of its own
    return 0
