"""`rnnspec diff`: what differs between two models?"""

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from rnnspec import Example, Model, RnnspecError, fingerprint, run, structure
from rnnspec import compile as compile_model
from rnnspec.cli.arrays import decimals
from rnnspec.cli.color import output_style
from rnnspec.cli.files import Unsound, once, read_model
from rnnspec.cli.info import plain, storage
from rnnspec.cli.options import add_format, add_limits, add_quiet
from rnnspec.cli.text import plural, safe, shown
from rnnspec.issue import child, escaped
from rnnspec.layout import DIRECTIONS, OUTPUTS
from rnnspec.plan import Plan

NAME = "diff"
SUMMARY = "compare two models: structure, weights, and what they give"
EXAMPLES = [
    "rnnspec diff model.rnn model.rnn.json   # the same model in two encodings: exit code 0",
    "rnnspec diff before.rnn after.rnn --format json | jq .weights",
    "rnnspec diff --quiet a.rnn b.rnn && echo same",
]

_DIFFERENT: Final = 1
_TROUBLE: Final = 2
_MOST: Final = 5  # places of a structure that are named
_MISSING: Final = object()
_DEFAULTS: Final = {"output": OUTPUTS[0], "direction": DIRECTIONS[0]}  # of a layer ([digest-4])


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("path", metavar="A", help="a model file, or - for standard input")
    parser.add_argument("other", metavar="B", help="another")
    add_format(parser)
    add_quiet(parser, "only the exit code: 0 equal, 1 different, 2 trouble")
    add_limits(parser)


def action(options: argparse.Namespace) -> int:
    """Exit code 0 for equal fingerprints, 1 for different ones, 2 for trouble, as diff has it."""
    once(options.path, options.other)
    try:
        a, b = (read_model(path, options).model for path in (options.path, options.other))
    except Unsound as error:
        print(error, file=sys.stderr)
        return _TROUBLE
    report = compared(a, b)
    if options.format == "json":
        print(json.dumps({"a": options.path, "b": options.other, **report}, indent=2))
    elif not options.quiet:
        _print_text(options, report)
    return 0 if report["equal"] else _DIFFERENT


def compared(a: Model, b: Model) -> dict[str, Any]:
    """All that differs. Equal is what has one fingerprint (SPEC 11).

    So names, metadata, examples, extensions, storage and encoding do not count.
    """
    places = list(_places(_canonical(a), _canonical(b), ""))
    return {
        "equal": fingerprint(a) == fingerprint(b),
        "structure": {
            "equal": structure(a) == structure(b),
            "differences": len(places),
            "first": [{"pointer": at, "a": x, "b": y} for at, x, y in places[:_MOST]],
        },
        "weights": list(_weights(a, b)),
        "outputs": _outputs(a, b),
    }


# --- structure ------------------------------------------------------------------------------------


def _canonical(model: Model) -> dict[str, Any]:
    """What the digests are about, with shapes for tensors."""
    layers = []
    for told in model.layer_members():  # without the default of `inputs`
        members = _rounded(plain(told))
        if "parameters" in members:
            members["parameters"] = {
                role: list(model.tensors[name].shape)
                for role, name in members["parameters"].items()
            }
        for name, default in _DEFAULTS.items():
            if members.get(name) == default:
                del members[name]
        layers.append(_without_extensions(members))
    form = {
        "input": _rounded(plain(model.input)),
        "vocabularies": {
            name: _without_extensions(plain(vocabulary))
            for name, vocabulary in (model.vocabularies or {}).items()
        },
        "layers": layers,
        "output": plain(model.output),
    }
    return {**form, "decoding": _rounded(plain(model.decoding))} if model.decoding else form


def _rounded(value: Any) -> Any:  # noqa: ANN401  any JSON
    """With each number as the digests take it: as binary32 ([digest-2])."""
    if isinstance(value, dict):
        return {
            name: member if name == "extensions" else _rounded(member)
            for name, member in value.items()
        }
    if isinstance(value, list):
        return [_rounded(element) for element in value]
    return float(decimals(np.array(value, np.float32))) if isinstance(value, float) else value


def _without_extensions(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if name != "extensions"}


def _places(a: object, b: object, at: str) -> Iterator[tuple[str, str, str]]:
    """Where two values differ, outermost first: pointer, and both in words."""
    if isinstance(a, dict) and isinstance(b, dict):
        for name in dict.fromkeys([*a, *b]):
            yield from _places(a.get(name, _MISSING), b.get(name, _MISSING), child(at, name))
    elif isinstance(a, list) and isinstance(b, list):
        if len(a) != len(b) or not any(isinstance(element, dict | list) for element in a):
            if a != b:
                yield at, _words(a), _words(b)
            return
        for k, (x, y) in enumerate(zip(a, b, strict=True)):
            yield from _places(x, y, child(at, k))
    elif a != b:
        yield at, _words(a), _words(b)


def _words(value: object) -> str:
    if value is _MISSING:
        return "nothing"
    if isinstance(value, list) and len(value) > 3:
        return f"a list of {len(value):,}"
    return escaped(json.dumps(value, ensure_ascii=False))


# --- weights --------------------------------------------------------------------------------------


def _weights(a: Model, b: Model) -> Iterator[dict[str, Any]]:
    """The farthest element of each parameter that both have in one shape, layer by layer."""
    for k, (x, y) in enumerate(zip(a.layers, b.layers, strict=False)):
        if x.type != y.type:
            continue
        theirs = getattr(y, "parameters", {})
        for role, name in getattr(x, "parameters", {}).items():
            if role not in theirs:
                continue
            before, after = a.tensors[name].values, b.tensors[theirs[role]].values
            if before.shape != after.shape:
                continue
            distance = np.abs(after.astype(np.float64) - before)
            at = np.unravel_index(int(distance.argmax()), distance.shape)
            yield {
                "layer": k,
                "name": x.name,
                "role": role,
                "largest": float(distance.max()),
                "at": [int(index) for index in at],
                "changed": int(np.count_nonzero(distance)),
                "of": int(distance.size),
                "dtypes": [storage(a.tensors[name]), storage(b.tensors[theirs[role]])],
            }


# --- outputs --------------------------------------------------------------------------------------


def _outputs(a: Model, b: Model) -> list[dict[str, Any]]:
    """The farthest output of both on the inputs of the examples of both."""
    plans = compile_model(a), compile_model(b)
    found = []
    for owner, model in (("a", a), ("b", b)):
        for index, example in enumerate(model.examples or ()):
            facts = {"examples_of": owner, "example": index}
            try:
                ours, theirs = (_given(plan, model, example) for plan in plans)
            except RnnspecError as error:
                found.append({**facts, "failed": escaped(str(error))})
                continue
            if ours.shape != theirs.shape:
                failed = f"the outputs are {list(ours.shape)} and {list(theirs.shape)}"
                found.append({**facts, "failed": failed})
                continue
            distance = np.abs(ours.astype(np.float64) - theirs)
            found.append({**facts, "largest": float(distance.max())})
    return found


def _given(plan: Plan, owner: Model, example: Example) -> np.ndarray[Any, np.dtype[np.float32]]:
    """What a net gives for an example of any model."""
    tensors = owner.tensors
    state = {
        layer: {array: tensors[name].values for array, name in arrays.items()}
        for layer, arrays in (example.state or {}).items()
    }
    given = tensors[example.input].values if isinstance(example.input, str) else example.input
    return run(plan, given, example.lengths, state or None)[0]


# --- text -----------------------------------------------------------------------------------------


def _print_text(options: argparse.Namespace, report: dict[str, Any]) -> None:
    style = output_style(options.color)
    found = report["structure"]
    if found["equal"]:
        print(f"structure  {style.paint('ok', 'equal')}")
    else:
        print(f"structure  {style.paint('error', 'different')}")
    for place in found["first"]:
        print(f"  {safe(place['pointer'])}: {place['a']} | {place['b']}")
    if found["differences"] > _MOST:
        print(f"  and {plural(found['differences'] - _MOST, 'more place')}")
    print("weights    the largest difference")
    for weight in report["weights"]:
        where = f"{weight['name']} {weight['role']}"
        before, after = weight["dtypes"]
        notes = [f"stored as {before} | {after}"] if before != after else []
        if weight["changed"]:
            count = f"{weight['changed']:,} of {weight['of']:,} differ"
            notes = [f"at {weight['at']}", count, *notes]
        print(f"  {where:<24}{weight['largest']:<12.4g}{', '.join(notes)}".rstrip())
    _print_outputs(report["outputs"])
    verdict = style.paint("ok", "EQUAL") if report["equal"] else style.paint("error", "DIFFERENT")
    print(f"{verdict} {shown(options.path)} {shown(options.other)}")


def _print_outputs(outputs: list[dict[str, Any]]) -> None:
    if not outputs:
        print("outputs    neither has an example to run")
        return
    print("outputs    the largest difference")
    for output in outputs:
        name = f"example {output['example']} of {output['examples_of'].upper()}"
        if "failed" in output:
            print(f"  {name:<24}can't be compared: {output['failed']}")
        else:
            print(f"  {name:<24}{output['largest']:.4g}")
