"""`rnnspec generate`: let a net write."""

import argparse
import json
import sys
from collections.abc import Iterator

from rnnspec import TextDecoder, Vocabulary
from rnnspec import compile as compile_model
from rnnspec import generate as generate_ids
from rnnspec.cli.files import UsageError, once, read_bytes, read_model
from rnnspec.cli.options import add_format, add_limits, add_model
from rnnspec.cli.states import add_state, read_state
from rnnspec.cli.text import prose, shown

NAME = "generate"
SUMMARY = "let a net over tokens write text, token by token"
EXAMPLES = [
    "rnnspec generate model.rnn --prime 'It was ' --count 400 --seed 7",
    "rnnspec generate model.rnn --prime 'It was ' --temperature 0.5 --top-k 20",
    "rnnspec generate model.rnn --prime-file begin.txt --until '. ' --top-p 0.9",
    "rnnspec generate model.rnn --prime 'It was ' --greedy --format json | jq .ids",
    "rnnspec run encoder.rnn --input x.npy --output y.npy --save-state s.rnn",
    "rnnspec generate decoder.rnn --state s.rnn   # begins with the vocabulary's start token",
]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    add_model(parser)
    prime = parser.add_mutually_exclusive_group()
    prime.add_argument(
        "--prime", default="", metavar="TEXT", help="text to start from; it is not printed again"
    )
    prime.add_argument(
        "--prime-file",
        metavar="FILE",
        help="a file of UTF-8 to start from, its last newline too; - is standard input",
    )
    parser.add_argument(
        "--count", type=int, default=500, metavar="N", help="tokens at most (default: 500)"
    )
    parser.add_argument(
        "--until", metavar="TEXT", help="end with the first place where this text has been written"
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="S",
        help="0 to 4294967295; one seed, one text, in every language (default: 0)",
    )
    parser.add_argument(
        "--temperature",
        type=float,
        metavar="T",
        help="sample with this temperature, 0.0078125 to 128 (default: as the file says)",
    )
    parser.add_argument(
        "--top-k", type=int, metavar="K", help="sample from the K likeliest tokens only"
    )
    parser.add_argument(
        "--top-p",
        type=float,
        metavar="P",
        help="sample from the likeliest tokens that together have the probability P",
    )
    parser.add_argument("--greedy", action="store_true", help="always take the likeliest token")
    add_state(parser, "; the vocabulary's start token is then fed only without a prime")
    add_format(parser)
    add_limits(parser)


def action(options: argparse.Namespace) -> int:
    """Prints the text as it comes; as JSON, text and ids when all is there."""
    sampling = {name: getattr(options, name) for name in ("temperature", "top_k", "top_p")}
    if options.greedy and any(value is not None for value in sampling.values()):
        raise UsageError("--greedy draws nothing: leave out --temperature, --top-k and --top-p")
    if options.until == "":
        raise UsageError("--until needs a text of at least one character")
    once(options.path, options.prime_file, options.state)
    prime = options.prime if options.prime_file is None else _text(options.prime_file)
    model = read_model(options.path, options).model
    ids = generate_ids(
        compile_model(model),
        prime,
        count=options.count,
        mode="greedy" if options.greedy else "sample" if _samples(sampling) else None,
        seed=options.seed,
        state=read_state(options) if options.state is not None else None,
        **sampling,
    )
    vocabulary = model.output_vocabulary
    assert vocabulary is not None, "generate_ids refuses a model without one"
    taken: list[int] = []
    pieces = _until(_pieces(vocabulary, _noted(ids, taken)), options.until)
    if options.format == "json":
        text = "".join(pieces)
        print(json.dumps({"text": text, "ids": taken}))
        return 0
    show = prose if sys.stdout.isatty() else str
    try:
        for piece in pieces:
            if piece:
                print(show(piece), end="", flush=True)
    finally:
        print()  # so that a fault stands on a line of its own
    return 0


def _samples(sampling: dict[str, float | None]) -> bool:
    return any(value is not None for value in sampling.values())


def _text(path: str) -> str:
    try:
        return read_bytes(path).decode()
    except UnicodeDecodeError as error:
        raise UsageError(f"can't read {shown(path)} as a prime: it is no UTF-8, at byte {error.start}") from None  # fmt: skip


def _noted(ids: Iterator[int], taken: list[int]) -> Iterator[int]:
    for token in ids:
        taken.append(token)
        yield token


def _pieces(vocabulary: Vocabulary, ids: Iterator[int]) -> Iterator[str]:
    """The text as it becomes certain."""
    decoder = TextDecoder(vocabulary)
    for token in ids:
        yield decoder.piece(token)
    yield decoder.end()


def _until(pieces: Iterator[str], end: str | None) -> Iterator[str]:
    """The pieces, up to the first end of `end` in all of them together."""
    tail = ""  # what may be the beginning of `end`
    for piece in pieces:
        if end is None:
            yield piece
            continue
        at = (tail + piece).find(end)
        if at >= 0:
            yield piece[: at + len(end) - len(tail)]
            return
        yield piece
        tail = (tail + piece)[1 - len(end) :] if len(end) > 1 else ""
