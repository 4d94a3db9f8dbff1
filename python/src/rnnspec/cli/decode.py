"""`rnnspec decode`: the best path of a CTC net, as text."""

import argparse
import json
import sys

import numpy as np

from rnnspec import compile as compile_model
from rnnspec import ctc
from rnnspec.cli.arrays import ARRAYS, format_of
from rnnspec.cli.files import once, read_model
from rnnspec.cli.options import add_format, add_limits, add_model
from rnnspec.cli.run import add_input, lengths_for, prepared
from rnnspec.cli.sources import ArraySource, open_source
from rnnspec.cli.states import add_state, read_state
from rnnspec.cli.text import prose

NAME = "decode"
SUMMARY = "write what a CTC net heard or read: its best path, as text"
EXAMPLES = [
    "rnnspec decode model.rnn --input speech.npy",
    "rnnspec decode model.rnn --input speech.npy --blank 0",
    "rnnspec decode model.rnn --input batch.npy --lengths 80,95,61   # a line a sequence",
    "rnnspec decode model.rnn --input speech.npy --format json | jq .ids",
]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    add_model(parser)
    add_input(parser)
    parser.add_argument(
        "--blank",
        type=int,
        metavar="ID",
        help="the token id that stands for no token (default: as the file says)",
    )
    add_state(parser)
    add_format(parser)
    add_limits(parser)


def action(options: argparse.Namespace) -> int:
    """Prints the text, a line a sequence; as JSON, text and ids, lists of them for a batch."""
    once(options.path, options.input, options.lengths, options.state)
    kind = format_of(options.input, ARRAYS, options.input_format)
    model = read_model(options.path, options).model
    source, is_single = open_source(options.input, kind, model, whole=True)
    assert isinstance(source, ArraySource), "it is read whole"
    lengths = lengths_for(options.lengths, source) if options.lengths is not None else None
    ids, texts = ctc(
        compile_model(model),
        prepared(model, np.asarray(source.x), lengths, options.input),
        lengths,
        read_state(options) if options.state is not None else None,
        options.blank,
    )
    if options.format == "json":
        found = {"text": texts[0], "ids": ids[0]} if is_single else {"text": texts, "ids": ids}
        print(json.dumps(found))
        return 0
    show = prose if sys.stdout.isatty() else str
    for text in texts:
        print(show(text))
    return 0
