"""`rnnspec convert`: JSON or msgpack, float32 or float16."""

import argparse
import sys
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from rnnspec import (
    Example,
    Model,
    Plan,
    RnnspecError,
    State,
    Tensor,
    compile,  # noqa: A004  the word of SPEC.md in all three languages
    fingerprint,
    run,
    selftest,
    to_bytes,
)
from rnnspec.cli.files import Refused, UsageError, read_model, suffix, write_all
from rnnspec.cli.text import plural, safe
from rnnspec.save import Encoding

NAME = "convert"
SUMMARY = "write a model in the other encoding, or with other storage"
EXAMPLES = [
    "rnnspec convert model.rnn model.rnn.json",
    "rnnspec convert model.rnn.json model.rnn --dtype float16",
    "rnnspec convert model.rnn model.rnn.json --dtype float32 --numbers decimal",
    "rnnspec convert model.rnn - --to json | jq .layers",
]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("path", metavar="IN", help="a model file, or - for standard input")
    parser.add_argument("target", metavar="OUT", help="the file to write, or - for standard output")
    parser.add_argument(
        "--to", choices=["json", "msgpack"], help="encoding (default: json if OUT ends in .json)"
    )
    parser.add_argument("--dtype", choices=["float32", "float16"], help="storage of the parameters")
    parser.add_argument(
        "--numbers",
        choices=["base64", "decimal"],
        help="in JSON, float32 as base64 or as decimals for people (default: base64); float16 is always base64",
    )


def action(options: argparse.Namespace) -> int:
    """Reads, converts, writes, and says on standard error what became of size and fingerprint."""
    encoding: Encoding = options.to or ("json" if suffix(options.target) == ".json" else "msgpack")
    if options.numbers and encoding != "json":
        raise UsageError("--numbers is for JSON: add --to json, or give a name that ends in .json")
    if encoding == "msgpack" and options.target == "-" and sys.stdout.isatty():
        raise UsageError("msgpack is nothing for a terminal: give a file name, or --to json")
    model, data = read_model(options.path)
    converted = stored_as(model, options.dtype) if options.dtype else model
    try:
        written = to_bytes(converted, encoding, numbers=options.numbers or "base64")
    except ValueError as error:  # RnnspecError too: a limit that only the other encoding passes
        raise Refused(f"can't write this model as {encoding}: {safe(str(error))}") from None
    if options.numbers == "decimal" and _has_float16(converted):
        print(
            "note: float16 tensors stay base64; --dtype float32 makes them decimals",
            file=sys.stderr,
        )
    write_all({options.target: written})
    same = "same" if fingerprint(converted) == fingerprint(model) else "another"
    target = "<stdout>" if options.target == "-" else safe(options.target)
    print(
        f"OK {target}: {encoding}, {len(written):,} bytes (was {len(data):,}), {same} fingerprint"
        + _change(model, converted),
        file=sys.stderr,
    )
    return 0


def _has_float16(model: Model) -> bool:
    return any(tensor.dtype == "float16" for tensor in model.tensors.values())


def _parameters(model: Model) -> list[str]:
    """The tensors that are parameters: each is named once in a sound model."""
    return [name for layer in model.layers for name in getattr(layer, "parameters", {}).values()]


def _change(model: Model, converted: Model) -> str:
    """How far the parameters moved, if they did."""
    largest = max(
        (
            float(np.abs(converted.tensors[name].values - model.tensors[name].values).max())
            for name in _parameters(model)
        ),
        default=0.0,
    )
    return f", parameters changed by at most {largest:.2g}" if largest else ""


def stored_as(model: Model, dtype: str) -> Model:
    """The model with its parameters stored as float32 or float16, and its examples still true.

    Where that changes a value, exact examples are computed anew (SPEC [example-3]); reference ones stay what the
    other system computed, and those that no longer hold are dropped, with a note on standard error.
    Raises Refused for a value that float16 can't hold.
    """
    tensors = dict(model.tensors)
    for name in _parameters(model):
        tensors[name] = _stored(name, tensors[name], dtype)
    changed = replace(model, tensors=tensors)
    if fingerprint(changed) == fingerprint(model):
        return changed
    return _with_true_examples(changed)


def _stored(name: str, tensor: Tensor, dtype: str) -> Tensor:
    values = tensor.values
    if dtype == "float32":
        return Tensor(values)
    with np.errstate(over="ignore"):
        half = values.astype(np.float16)  # from float32 in one rounding, ties to even
    if not np.isfinite(half).all():
        largest = float(np.abs(values).max())
        raise Refused(
            f"tensor {name} holds {largest:g}, and float16 ends at 65504: keep --dtype float32"
        )
    return Tensor(half)


def _with_true_examples(model: Model) -> Model:
    tensors = dict(model.tensors)
    plan = compile(model)
    for example in model.examples or ():
        if example.kind == "exact":
            try:
                output, final = _run(plan, example)
            except RnnspecError:
                continue  # it overflows now: a failed example
            tensors[example.output] = Tensor(output)
            for layer, arrays in (example.final_state or {}).items():
                for array, name in arrays.items():
                    tensors[name] = Tensor(final[layer][array])
    model = replace(model, tensors=tensors)
    failed = set(selftest(compile(model)).failed)
    if not failed:
        return model
    print(
        f"note: {plural(len(failed), 'example')} dropped: with these weights the net no "
        "longer gives them within their tolerance",
        file=sys.stderr,
    )
    examples = model.examples or ()
    for index in failed:
        for name in _references(examples[index]):
            del tensors[name]
    kept = tuple(example for index, example in enumerate(examples) if index not in failed)
    return replace(model, tensors=tensors, examples=kept)


def _run(plan: Plan, example: Example) -> tuple[npt.NDArray[np.float32], State]:
    """What the net gives for the input of an example."""
    tensors = plan.model.tensors
    state = {
        layer: {array: tensors[name].values for array, name in arrays.items()}
        for layer, arrays in (example.state or {}).items()
    }
    given = tensors[example.input].values if isinstance(example.input, str) else example.input
    return run(plan, given, example.lengths, state or None)


def _references(example: Example) -> list[str]:
    """The tensors that an example names, each once (SPEC [agree-4])."""
    names = [example.output, *([example.input] if isinstance(example.input, str) else [])]
    for state in (example.state, example.final_state):
        names += [name for arrays in (state or {}).values() for name in arrays.values()]
    return names
