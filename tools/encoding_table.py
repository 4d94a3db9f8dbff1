"""What a net weighs in each encoding, and what the encoding costs in accuracy: docs/encodings.md.

    python tools/encoding_table.py --out docs/encodings.md examples/austen/austen.rnn darwin.rnn …

Each net reads 1,000 tokens that it has written itself. The log-probabilities after each of them are compared with those of the same
net in float32. Exit code 1 if a net stored as float32 is not smaller as JSON with 5 digits than as msgpack with float32,
both gzipped.
"""

import argparse
import datetime as dt
import gzip
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

import rnnspec
from rnnspec.save import with_digits, with_dtype
from rnnspec.tensor import Axis, Dtype

STEPS = 1000
DIGITS = range(7, 2, -1)
NARROWED: tuple[tuple[str, Dtype, Axis | None], ...] = (
    ("float16", "float16", None),
    ("bfloat16", "bfloat16", None),
    ("int8, a scale a row", "int8", 0),
    ("int8, a scale a column", "int8", 1),
)
Float64 = npt.NDArray[np.float64]

HEAD = """\
# Encodings

Written by `make encodings` on {date}, with rnnspec {version} and gzip at level 9.

Without examples, so that only the net is weighed. N digits are the float32 parameters cut to N significant digits, rounded half to
even. int8 holds the matrices, with a scale for each row or column; the vectors beside them stay float32. Δ log p and the flips of the
likeliest token are against the same net in float32, over {steps:,} tokens which the net has written itself (from id 0, temperature 1,
seed 1), and all tokens of the vocabulary.
"""


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    numbers: str
    encoding: str
    size: int
    gzipped: int
    distance: float
    flips: int


def bare(model: rnnspec.Model) -> rnnspec.Model:
    """The net without its examples, its parameters as float32."""
    names = {name for layer in model.layers for name in getattr(layer, "parameters", {}).values()}
    tensors = {
        name: rnnspec.narrow(tensor.values, "float32")
        for name, tensor in model.tensors.items()
        if name in names
    }
    return replace(model, examples=None, tensors=tensors)


def tokens(model: rnnspec.Model) -> list[int]:
    """What the net writes."""
    written = rnnspec.generate(
        rnnspec.compile(model), [0], STEPS, mode="sample", temperature=1, seed=1
    )
    return [0, *written][:STEPS]


def log_probabilities(model: rnnspec.Model, ids: list[int]) -> Float64:
    """After each of the ids, [STEPS, V]; from float32 logits in float64."""
    y: Float64 = rnnspec.run(rnnspec.compile(model), [ids])[0][0].astype(np.float64)
    if model.output.kind == "log_probabilities":
        return y
    if model.output.kind == "probabilities":
        return np.asarray(np.log(np.maximum(y, 2.0**-51)))
    largest = y.max(axis=-1, keepdims=True)
    total: Float64 = np.exp(y - largest).sum(axis=-1, keepdims=True)
    return np.asarray(y - largest - np.log(total))


def forms(
    model: rnnspec.Model,
) -> Iterator[tuple[str, rnnspec.Model, tuple[tuple[str, bytes], ...]]]:
    """Numbers, the net with these numbers, and its files."""
    whole = bare(model)
    yield (
        "float32",
        whole,
        (
            ("msgpack", rnnspec.to_bytes(whole, "msgpack")),
            ("JSON, base64", rnnspec.to_bytes(whole, "json", "base64")),
            ("JSON, decimals", rnnspec.to_bytes(whole, "json", "decimal")),
        ),
    )
    for words, dtype, axis in NARROWED:
        net = with_dtype(whole, dtype, axis)
        files = (
            ("msgpack", rnnspec.to_bytes(net, "msgpack")),
            ("JSON, base64", rnnspec.to_bytes(net, "json", "base64")),
        )
        yield words, net, files
    for digits in DIGITS:
        cut = with_digits(whole, digits)
        yield (
            f"{digits} digits",
            cut,
            (
                ("JSON, decimals", rnnspec.to_bytes(cut, "json", "decimal")),
                ("msgpack, float32", rnnspec.to_bytes(cut, "msgpack")),
            ),
        )


def table(model: rnnspec.Model) -> list[Line]:
    """Every form of a net; the first is float32 as msgpack."""
    ids = tokens(model)
    expected = log_probabilities(model, ids)
    found: list[Line] = []
    for numbers, net, files in forms(model):
        got = log_probabilities(net, ids)
        distance = float(np.abs(got - expected).max())
        flips = int(np.sum(got.argmax(-1) != expected.argmax(-1)))
        found += [
            Line(
                numbers, encoding, len(data), len(gzip.compress(data, 9, mtime=0)), distance, flips
            )
            for encoding, data in files
        ]
    return found


def claim(model: rnnspec.Model, lines: list[Line]) -> tuple[bool, str]:
    """Whether 5 digits as JSON are smaller than float32, gzipped; only asked of a net that is float32."""
    five = next(
        line for line in lines if (line.numbers, line.encoding) == ("5 digits", "JSON, decimals")
    )
    ratio = f"{five.gzipped:,} bytes against {lines[0].gzipped:,}"
    if "float32" not in stored(model):
        return True, (
            "It was trained in float32 and shipped in float16; the original is not part of the project. So the rows of float32 and of digits are of "
            "the shipped values widened, whose last 13 bits are zeros that gzip takes away "
            f"({ratio} for 5 digits and float32): what digits save is seen in a net that is float32."
        )
    smaller = five.gzipped < lines[0].gzipped
    word = "smaller" if smaller else "NOT smaller"
    return (
        smaller,
        f"5 digits as JSON, gzipped, are {word} than float32 as msgpack, gzipped: {ratio}.",
    )


def stored(model: rnnspec.Model) -> set[str]:
    """The dtypes of the parameters."""
    return {
        model.tensors[name].dtype
        for layer in model.layers
        for name in getattr(layer, "parameters", {}).values()
    }


def section(name: str, model: rnnspec.Model, lines: list[Line], sentence: str) -> str:
    """One net's part of the page."""
    parameters = sum(tensor.size for tensor in bare(model).tensors.values())
    rows = [
        "| numbers | encoding | bytes | gzipped | max \\|Δ log p\\| | flips |",
        "|---|---|---:|---:|---:|---:|",
    ]
    rows += [
        f"| {line.numbers} | {line.encoding} | {line.size:,} | {line.gzipped:,} | {_short(line.distance)} | {line.flips} |"
        for line in lines
    ]
    kinds = " and ".join(sorted(stored(model)))
    title = f"## {name}\n\n{parameters:,} parameters, stored as {kinds}. {sentence}\n\n"
    return title + "\n".join(rows) + "\n"


def _short(distance: float) -> str:
    return f"{distance:.1e}" if distance else "0"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="+", type=Path, metavar="MODEL")
    parser.add_argument("--out", type=Path, help="the page; standard output if absent")
    options = parser.parse_args()
    parts, held = [], True
    for path in options.models:
        model = rnnspec.load(path)
        lines = table(model)
        smaller, sentence = claim(model, lines)
        held &= smaller
        parts.append(section(path.name.partition(".")[0], model, lines, sentence))
    head = HEAD.format(
        date=dt.datetime.now(tz=dt.UTC).date(), version=rnnspec.__version__, steps=STEPS
    )
    page = "\n".join([head, *parts])
    if options.out is None:
        print(page)
    else:
        options.out.write_text(page, encoding="utf-8")
    return 0 if held else 1


if __name__ == "__main__":
    raise SystemExit(main())
