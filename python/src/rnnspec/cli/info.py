"""`rnnspec info`: what is in a file?"""

import argparse
import json
import math
from typing import Any

from rnnspec import FORMAT_VERSION, Model, fingerprint, structure
from rnnspec.cli.files import read_model
from rnnspec.cli.text import plural, safe

NAME = "info"
SUMMARY = "show the layers, sizes, parameters and digests of a model"
EXAMPLES = ["rnnspec info model.rnn", "rnnspec info model.rnn --format json | jq .fingerprint"]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("path", metavar="MODEL", help="a model file, or - for standard input")
    parser.add_argument(
        "--format", choices=["text", "json"], default="text", help="how to report (default: text)"
    )


def action(options: argparse.Namespace) -> int:
    """Prints the facts."""
    facts = _facts(options.path, *read_model(options.path))
    if options.format == "json":
        print(json.dumps(facts, indent=2))
    else:
        _print_text(facts)
    return 0


def _elements(model: Model, layer: Any) -> int:  # noqa: ANN401  any of the layer types
    names = getattr(layer, "parameters", {}).values()
    return sum(math.prod(model.tensors[name].shape) for name in names)


def _facts(path: str, model: Model, data: bytes) -> dict[str, Any]:
    # JSON may start after white space, msgpack never does (SPEC [bytes-5]).
    encoding = "json" if data.lstrip(b"\t\n\r ").startswith(b"{") else "msgpack"
    layers = [
        {
            "name": layer.name,
            "type": layer.type,
            **({"size": size} if (size := _size(layer)) is not None else {}),
            **({"function": layer.function} if hasattr(layer, "function") else {}),
            "parameters": _elements(model, layer),
            "tensors": {
                role: {
                    "shape": list(model.tensors[name].shape),
                    "dtype": model.tensors[name].dtype,
                }
                for role, name in getattr(layer, "parameters", {}).items()
            },
        }
        for layer in model.layers
    ]
    kinds = [example.kind for example in model.examples or ()]
    return {
        "path": path,
        "format": FORMAT_VERSION,
        "encoding": encoding,
        "bytes": len(data),
        "name": model.name,
        "version": model.version,
        "description": model.description,
        "license": model.license,
        "input": _plain(model.input),
        "vocabularies": {
            name: {"unit": vocabulary.unit, "tokens": len(vocabulary.tokens)}
            for name, vocabulary in (model.vocabularies or {}).items()
        },
        "layers": layers,
        "parameters": sum(layer["parameters"] for layer in layers),
        "output": _plain(model.output),
        "decoding": _plain(model.decoding) if model.decoding else None,
        "examples": {"exact": kinds.count("exact"), "reference": kinds.count("reference")},
        "structure": structure(model),
        "fingerprint": fingerprint(model),
    }


def _size(layer: Any) -> int | None:  # noqa: ANN401  any of the layer types
    return getattr(layer, "size", getattr(layer, "hidden_size", None))


def _plain(part: Any) -> dict[str, Any]:  # noqa: ANN401  any part of a model
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in part.members().items()
    }


def _print_text(facts: dict[str, Any]) -> None:
    for key in ("name", "version", "description", "license"):
        if facts[key]:
            print(f"{key:<12}{safe(facts[key])}")
    print(f"{'format':<12}{facts['format']}, {facts['encoding']}, {facts['bytes']:,} bytes")
    shown = {"input": facts["input"], "output": facts["output"], "decoding": facts["decoding"]}
    for key, part in shown.items():
        if part:
            print(f"{key:<12}{', '.join(_member(name, value) for name, value in part.items())}")
    for name, vocabulary in facts["vocabularies"].items():
        print(f"{'vocabulary':<12}{name}: {plural(vocabulary['tokens'], vocabulary['unit'])}")
    print("layers")
    rows = [(layer["name"], _kind(layer), f"{layer['parameters']:,}") for layer in facts["layers"]]
    names, kinds, counts = (max(map(len, column)) for column in zip(*rows, strict=True))
    for layer, (name, kind, count) in zip(facts["layers"], rows, strict=True):
        tensors = ", ".join(
            f"{role} {tensor['shape']} {tensor['dtype']}"
            for role, tensor in layer["tensors"].items()
        )
        print(f"  {name:<{names}}  {kind:<{kinds}}  {count:>{counts}}  {tensors}".rstrip())
    print(f"{'parameters':<12}{facts['parameters']:,}")
    examples = facts["examples"]
    print(f"{'examples':<12}{examples['exact']} exact, {examples['reference']} reference")
    print(f"{'structure':<12}{facts['structure']}")
    print(f"{'fingerprint':<12}{facts['fingerprint']}")


def _kind(layer: dict[str, Any]) -> str:
    return " ".join(str(layer[key]) for key in ("type", "size", "function") if key in layer)


def _member(name: str, value: object) -> str:
    if isinstance(value, list):
        return f"{len(value)} {name}"
    return safe(str(value)) if name == "kind" else f"{name} {safe(str(value))}"
