"""`rnnspec info`: what is in a file, and what runs it?"""

import argparse
import importlib.metadata
import json
import math
import platform
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import numpy as np

from rnnspec import FORMAT_VERSION, Model, Tensor, __version__, fingerprint, runtime, structure
from rnnspec.cli.files import Given, UsageError, read_model
from rnnspec.cli.options import add_format, add_limits, limits_of
from rnnspec.cli.text import plural, safe
from rnnspec.layout import INPUT, is_forward
from rnnspec.save import Encoding, Numbers, pieces

NAME = "info"
SUMMARY = "show the layers, sizes, parameters and digests of a model"
EXAMPLES = [
    "rnnspec info model.rnn",
    "rnnspec info model.rnn --format json | jq .fingerprint",
    "rnnspec info --runtime",
]

_ENCODINGS: Final[dict[str, tuple[Encoding, Numbers]]] = {
    "JSON, base64": ("json", "base64"),
    "JSON, decimal": ("json", "decimal"),
    "msgpack": ("msgpack", "base64"),
}
# The options of layers, as text tells them.
_OPTIONS: Final = {
    "projection_size": "projection",
    "projection_clip": "projection clip",
    "peephole": "peephole",
    "coupled": "coupled",
    "clip": "clip",
    "cell_clip": "cell clip",
    "epsilon": "epsilon",
}
_FEW: Final = 1_000_000  # elements that are written three times before anybody waits


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument(
        "path", nargs="?", metavar="MODEL", help="a model file, or - for standard input"
    )
    parser.add_argument(
        "--sizes",
        action=argparse.BooleanOptionalAction,
        help="how large the model is in each encoding, plain and gzipped (default: if it has at most 1,000,000 numbers)",
    )
    parser.add_argument(
        "--runtime", action="store_true", help="what runs models here: versions, path, limits"
    )
    add_format(parser)
    add_limits(parser)


def action(options: argparse.Namespace) -> int:
    """Prints the facts."""
    if options.path is None and not options.runtime:
        raise UsageError("give a model, or --runtime")
    facts: dict[str, Any] = {}
    if options.path is not None:
        given = read_model(options.path, options)
        facts = _facts(options.path, given)
        few = sum(tensor.array.size for tensor in given.model.tensors.values()) <= _FEW
        wanted = few if options.sizes is None else options.sizes
        facts["sizes"] = _sizes(given.model) if wanted else None
    if options.runtime:
        facts["runtime"] = _runtime(options)
    if options.format == "json":
        print(json.dumps(facts, indent=2))
        return 0
    if options.path is not None:
        _print_model(facts)
    if options.runtime:
        _print_runtime(facts["runtime"])
    return 0


# --- facts ----------------------------------------------------------------------------------------


def _facts(path: str, given: Given) -> dict[str, Any]:
    model, data, version = given
    # JSON may start after white space, msgpack never does (SPEC [bytes-5]).
    encoding = "json" if data.lstrip(b"\t\n\r ").startswith(b"{") else "msgpack"
    layers = [_layer(model, layer) for layer in model.layers]
    backward = {
        layer.name: getattr(layer, "direction", layer.type)
        for layer in model.layers
        if not is_forward(layer.members())
    }
    kinds = [example.kind for example in model.examples or ()]
    return {
        "path": path,
        "format": version,
        "encoding": encoding,
        "bytes": len(data),
        "name": model.name,
        "version": model.version,
        "description": model.description,
        "license": model.license,
        "input": plain(model.input),
        "vocabularies": {
            name: {"unit": vocabulary.unit, "tokens": len(vocabulary.tokens)}
            for name, vocabulary in (model.vocabularies or {}).items()
        },
        "layers": layers,
        "forward": not backward,
        "backward": backward,
        "parameters": sum(layer["parameters"] for layer in layers),
        "output": plain(model.output),
        "decoding": plain(model.decoding) if model.decoding else None,
        "examples": {"exact": kinds.count("exact"), "reference": kinds.count("reference")},
        "structure": structure(model),
        "fingerprint": fingerprint(model),
    }


def _layer(model: Model, layer: Any) -> dict[str, Any]:  # noqa: ANN401  any of the layer types
    """The members of a layer, with its tensors in place of their names."""
    roles = getattr(layer, "parameters", {})
    members = {
        name: value
        for name, value in plain(layer).items()
        if name not in {"parameters", "extensions"}
    }
    return {
        **members,
        "parameters": sum(math.prod(model.tensors[name].shape) for name in roles.values()),
        "tensors": {role: _tensor(model.tensors[name]) for role, name in roles.items()},
    }


def _tensor(tensor: Tensor) -> dict[str, Any]:
    facts = {"shape": list(tensor.shape), "dtype": tensor.dtype}
    return facts if tensor.axis is None else {**facts, "axis": tensor.axis}


def storage(tensor: Tensor) -> str:
    """`float32`, or `int8 axis 1`: how a tensor is stored."""
    return tensor.dtype if tensor.axis is None else f"{tensor.dtype} axis {tensor.axis}"


def plain(part: Any) -> Any:  # noqa: ANN401  any part of a model
    """A part of a model as JSON values: members, lists, names of tensors."""
    if members := getattr(part, "members", None):
        return {name: plain(value) for name, value in members().items()}
    if isinstance(part, Mapping):
        return {name: plain(value) for name, value in part.items()}
    return [plain(element) for element in part] if isinstance(part, tuple) else part


def _sizes(model: Model) -> dict[str, dict[str, int]]:
    """Bytes of each encoding, plain and gzipped as servers do it."""
    found = {}
    for name, (encoding, numbers) in _ENCODINGS.items():
        plain = gzipped = 0
        gzip = zlib.compressobj(level=6, wbits=31)
        for piece in pieces(model, encoding, numbers):
            plain += len(piece)
            gzipped += len(gzip.compress(piece))
        found[name] = {"bytes": plain, "gzip": gzipped + len(gzip.flush())}
    return found


def _runtime(options: argparse.Namespace) -> dict[str, Any]:
    path = runtime()
    return {
        "rnnspec": __version__,
        "formats": [FORMAT_VERSION],
        "path": path.kernel,
        "why": path.why,
        "library": path.library,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "numpy": np.__version__,
        "platform": f"{platform.system()} {platform.machine()}",
        "jsonschema": _installed("jsonschema"),
        "msgpack": _installed("msgpack"),
        "limits": asdict(limits_of(options)),
    }


def _installed(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


# --- text -----------------------------------------------------------------------------------------


def _print_model(facts: dict[str, Any]) -> None:
    for key in ("name", "version", "description", "license"):
        if facts[key]:
            _print(key, safe(facts[key]))
    _print("format", f"{facts['format']}, {facts['encoding']}, {facts['bytes']:,} bytes")
    for key in ("input", "output", "decoding"):
        if facts[key]:
            _print(key, ", ".join(_member(name, value) for name, value in facts[key].items()))
    for name, vocabulary in facts["vocabularies"].items():
        _print("vocabulary", f"{name}: {plural(vocabulary['tokens'], vocabulary['unit'])}")
    _print_layers(facts["layers"])
    if not facts["forward"]:
        why = ", ".join(f"{name} is {word}" for name, word in facts["backward"].items())
        _print("forward", f"no, {why}: `rnnspec run` takes whole sequences")
    _print("parameters", f"{facts['parameters']:,}")
    examples = facts["examples"]
    _print("examples", f"{examples['exact']} exact, {examples['reference']} reference")
    _print("structure", facts["structure"])
    _print("fingerprint", facts["fingerprint"])
    _print_sizes(facts)


def _print_sizes(facts: dict[str, Any]) -> None:
    if facts["sizes"] is None:
        print("sizes       not computed: --sizes does it")
        return
    print("sizes       on the wire, in bytes")
    for name, size in facts["sizes"].items():
        print(f"  {name:<14}{size['bytes']:>14,}{size['gzip']:>14,} gzipped")
    dtypes = {tensor["dtype"] for layer in facts["layers"] for tensor in layer["tensors"].values()}
    if others := sorted(dtypes - {"float32"}):
        verb = "is" if len(others) == 1 else "are"
        print(f"  ({' and '.join(others)} {verb} base64 in both kinds of JSON)")


def _print_layers(layers: list[dict[str, Any]]) -> None:
    """A line a layer. What they read is told if not each reads the one before it."""
    print("layers")
    before = [INPUT, *(layer["name"] for layer in layers)]
    branches = [layer["inputs"] for layer in layers] != [[name] for name in before[:-1]]
    rows = [
        (
            layer["name"],
            f"<- {', '.join(layer['inputs'])}" if branches else "",
            _kind(layer),
            f"{layer['parameters']:,}",
        )
        for layer in layers
    ]
    names, inputs, kinds, counts = (max(map(len, column)) for column in zip(*rows, strict=True))
    for layer, (name, reads, kind, count) in zip(layers, rows, strict=True):
        tensors = ", ".join(
            f"{role} {tensor['shape']} {tensor['dtype']}"
            + (f" axis {tensor['axis']}" if "axis" in tensor else "")
            for role, tensor in layer["tensors"].items()
        )
        read = f"{reads:<{inputs}}  " if branches else ""
        print(f"  {name:<{names}}  {read}{kind:<{kinds}}  {count:>{counts}}  {tensors}".rstrip())
        if options := _options(layer):
            print(f"  {'':<{names}}  {'':<{len(read)}}{options}")


def _print_runtime(runtime: dict[str, Any]) -> None:
    for key, value in runtime.items():
        if key == "limits":
            print("limits")
            for name, limit in value.items():
                print(f"  {name:<10}{limit:>13,}")
        else:
            shown = ", ".join(value) if isinstance(value, list) else value
            _print(key, safe(shown) if shown else "none" if key == "library" else "not installed")


def _print(key: str, value: str) -> None:
    print(f"{key:<12}{value}")


def _kind(layer: dict[str, Any]) -> str:
    """`lstm 64 sigmoid/tanh/tanh`: type, size, and the functions it is made with."""
    words = [str(layer[key]) for key in ("type", "size", "hidden_size") if key in layer]
    if "activations" in layer:
        words.append("/".join(map(_function, layer["activations"].values())))
    if "activation" in layer:
        words.append(_function(layer["activation"]))
    if "function" in layer:
        words.append(_function(layer))
    words += [f"reset {layer['reset']}"] if "reset" in layer else []
    if layer.get("direction", "forward") != "forward":
        words.append(" ".join(layer[key] for key in ("direction", "merge") if key in layer))
    words += [layer["output"]] if layer.get("output", "sequence") != "sequence" else []
    return " ".join(words)


def _options(layer: dict[str, Any]) -> str:
    """`projection 2, clip 50`: what a layer has beyond the ordinary."""
    given = {word: layer[key] for key, word in _OPTIONS.items() if key in layer}
    return ", ".join(
        f"{word} {value:g}" if isinstance(value, float) else f"{word} {value}"
        for word, value in given.items()
    )


def _function(activation: dict[str, Any]) -> str:
    numbers = [f"{activation[key]:g}" for key in ("alpha", "beta") if key in activation]
    return str(activation["function"]) + (f"({', '.join(numbers)})" if numbers else "")


def _member(name: str, value: object) -> str:
    if isinstance(value, list):
        return f"{len(value)} {name}"
    return safe(str(value)) if name == "kind" else f"{name} {safe(str(value))}"
