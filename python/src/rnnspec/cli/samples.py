"""A sample for each code: a small change to a sound file, or a call, that gives it.

`explain` makes the finding from it when it is asked, so that what it shows is never out of date.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from rnnspec import FORMAT_VERSION, Issue, Limits, Plan, RnnspecError, Session, generate, load, run
from rnnspec import compile as compile_model
from rnnspec.cli.advice import advice
from rnnspec.validate import read

Json = Any  # what the standard library makes of JSON

ABSENT: Final = object()  # in place of a value: the member is taken out

SOUND: Final[Json] = {
    "rnnspec": FORMAT_VERSION,
    "license": "CC0-1.0",
    "input": {"kind": "tokens", "vocabulary": "letters"},
    "vocabularies": {"letters": {"unit": "codepoint", "tokens": ["a", "b"]}},
    "layers": [
        {"name": "read", "type": "one_hot"},
        {
            "name": "memory",
            "type": "lstm",
            "hidden_size": 1,
            "activations": {
                "gates": {"function": "sigmoid"},
                "candidate": {"function": "tanh"},
                "output": {"function": "tanh"},
            },
            "parameters": {"W": "W", "R": "R", "b": "b"},
        },
        {"name": "write", "type": "dense", "size": 2, "parameters": {"W": "V"}},
    ],
    "output": {"kind": "logits", "vocabulary": "letters"},
    "examples": [
        {
            "kind": "reference",
            "source": {"system": "by hand", "version": "1"},
            "tolerance": 1,
            "input": [[0, 1]],
            "output": "y",
        }
    ],
    "tensors": {
        "W": {"dtype": "float32", "shape": [2, 4], "data": [1, 2, 3, 4, 5, 6, 7, 8]},
        "R": {"dtype": "float32", "shape": [1, 4], "data": [1, 2, 3, 4]},
        "b": {"dtype": "float32", "shape": [4], "data": [0, 1, 0, 0]},
        "V": {"dtype": "float32", "shape": [1, 2], "data": [1, -1]},
        "y": {"dtype": "float32", "shape": [1, 2, 2], "data": [0, 0, 0, 0]},
    },
}


@dataclass(frozen=True, slots=True)
class Sample:
    """What gives a code, and in words."""

    words: str
    bytes: bytes = b""
    limits: Mapping[str, int] = field(default_factory=dict)
    try_anyway: bool = False
    call: Callable[[Plan], object] | None = None  # of the model in `bytes`

    def findings(self) -> list[Issue]:
        """All that is found."""
        try:
            if self.call:
                self.call(compile_model(load(self.bytes)))
                return []
            reading = read(self.bytes, Limits(**self.limits), try_anyway=self.try_anyway)
        except RnnspecError as error:
            return list(error.issues)
        return [*reading.issues, *advice(reading)]


def _file(data: bytes, **limits: int) -> Sample:
    is_text = data.isascii() and data.decode("ascii").isprintable()
    shown = data.decode("ascii") if is_text else data.hex(" ")
    words = f"the file {shown}" if data else "an empty file"
    return Sample(words + _limited(limits), data, limits)


def _change(pointer: str, value: Json, *more: Json, **limits: int) -> Sample:
    """A sound file with some members changed: pairs of pointer and value."""
    changes = [(pointer, value), *zip(more[::2], more[1::2], strict=True)]
    document = json.loads(json.dumps(SOUND))
    words = []
    for at, new in changes:
        *path, last = at.split("/")[1:]
        inside = document
        for step in path:
            inside = inside[int(step)] if isinstance(inside, list) else inside[step]
        if new is ABSENT:
            del inside[last]
            words.append(f"no {at}")
            continue
        inside[int(last) if isinstance(inside, list) else last] = new
        words.append(f"{at} = {json.dumps(new)}")
    return Sample(f"{' and '.join(words)}{_limited(limits)}", json.dumps(document).encode(), limits)


def _tried(pointer: str, value: Json) -> Sample:
    sample = _change(pointer, value)
    return replace(sample, words=f"{sample.words} with --try-anyway", try_anyway=True)


def _limited(limits: Mapping[str, int]) -> str:
    return "".join(f" with --limit {name}={number}" for name, number in limits.items())


def _call(words: str, call: Callable[[Plan], object], *changes: Json) -> Sample:
    """A call with the sound file, or with some members of it changed."""
    if not changes:
        return Sample(words, json.dumps(SOUND).encode(), call=call)
    changed = _change(*changes)
    return replace(changed, words=f"{changed.words} and {words}", call=call)


_SCALAR: Final = {"dtype": "float32", "shape": [1], "data": [1]}
_INT8: Final = {"dtype": "int8", "shape": [1, 2], "axis": 0, "scale": [0.5], "data": "Af8="}
_ADD: Final = {"name": "write", "type": "add", "inputs": ["read", "memory"]}
_ZEROS: Final = {"h": np.zeros((1, 2)), "c": np.zeros((1, 2))}

SAMPLES: Final[Mapping[str, Sample]] = {
    "BYTES_EMPTY": _file(b""),
    "LIMIT_SIZE": _file(b'{"name": "a"}', size=10),
    "BYTES_FOREIGN": _file(b"<!doctype html>"),
    "BYTES_BOM": _file(b'\xef\xbb\xbf{"name": "a"}'),
    "BYTES_UNRECOGNISED": _file(b"hello"),
    "BYTES_UTF8": _file(b'{"name": "\xe9"}'),
    "SYNTAX_UNEXPECTED": _file(b'{"name": NaN}'),
    "SYNTAX_END": _file(b'{"name": "a'),
    "SYNTAX_TRAILING": _file(b"{} {}"),
    "SYNTAX_DUPLICATE_KEY": _file(b'{"name": "a", "name": "b"}'),
    "SYNTAX_SURROGATE": _file(b'{"name": "\\ud83d"}'),
    "SYNTAX_UTF8": _file(b"\x81\xa1\xe9\x01"),
    "SYNTAX_NUMBER_RANGE": _file(b'{"metadata": 1e400}'),
    "SYNTAX_KEY": _file(b"\x81\x01\x02"),
    "SYNTAX_FORMAT": _file(b"\x81\xa1a\xc1"),
    "LIMIT_DEPTH": _file(b'{"metadata": [[]]}', depth=2),
    "LIMIT_STRING": _file(b'{"name": "Shakespeare"}', string=4),
    "LIMIT_NUMBER": _file(b'{"metadata": 3.14159}', number=4),
    "LIMIT_MEMBERS": _file(b'{"name": "a", "version": "1"}', members=1),
    "LIMIT_VALUES": _file(b'{"metadata": [1, 2]}', values=2),
    "VERSION_MISSING": _change("/rnnspec", ABSENT),
    "VERSION_MALFORMED": _change("/rnnspec", 1),
    "VERSION_UNSUPPORTED": _change("/rnnspec", "7.0"),
    "VERSION_TRIED": _tried("/rnnspec", "7.0"),
    "EXTENSION_UNKNOWN": _change("/extensions_required", ["ACME_noise"]),
    "STRUCTURE_TYPE": _change("/layers/1/hidden_size", "one"),
    "STRUCTURE_MISSING": _change("/output/kind", ABSENT),
    "STRUCTURE_UNKNOWN_KEY": _change("/layers/1/hiden_size", 1),
    "STRUCTURE_ENUM": _change("/layers/2/type", "Dense"),
    "STRUCTURE_RANGE": _change("/layers/2/size", 0),
    "STRUCTURE_NAME": _change("/layers/2/name", "2nd"),
    "STRUCTURE_LENGTH": _change("/layers", []),
    "STRUCTURE_TOKEN": _change("/vocabularies/letters/tokens/1", "ab"),
    "STRUCTURE_BASE64": _change("/tensors/V/data", "AACAPwAAgL8"),
    "LIMIT_LAYERS": _change("/layers/2/name", "write", layers=2),
    "LIMIT_ELEMENTS": _change("/layers/2/name", "write", elements=7),
    "NAME_REPEATED": _change("/layers/2/name", "memory"),
    "NAME_RESERVED": _change("/layers/2/name", "input"),
    "VOCABULARY_UNKNOWN": _change("/output/vocabulary", "words"),
    "VOCABULARY_UNUSED": _change(
        "/vocabularies/words", {"unit": "codepoint", "tokens": ["a", "b"]}
    ),
    "VOCABULARY_SIZE": _change("/layers/2/size", 3),
    "LABELS_COUNT": _change("/output/labels", ["yes"]),
    "ID_RANGE": _change("/vocabularies/letters/unknown", 2),
    "LAYER_INPUT": _change("/layers/2", {"name": "write", "type": "one_hot"}),
    "INPUT_UNKNOWN": _change("/layers/2/inputs", ["memroy"]),
    "INPUT_WIDTH": _change("/layers/2", _ADD),
    "LAYER_UNUSED": _change("/layers/2/inputs", ["read"]),
    "TENSOR_UNKNOWN": _change("/layers/2/parameters/W", "U"),
    "TENSOR_REUSED": _change("/layers/2/parameters/b", "V"),
    "TENSOR_UNUSED": _change("/tensors/old", _SCALAR),
    "TENSOR_SHAPE": _change("/tensors/V/shape", [2, 1]),
    "TENSOR_DTYPE": _change(
        "/tensors/y", {"dtype": "float16", "shape": [1, 2, 2], "data": "AAAAAAAAAAA="}
    ),
    "TENSOR_ENCODING": _change("/tensors/V/dtype", "float16"),
    "TENSOR_LENGTH": _change("/tensors/V/data", [1]),
    "TENSOR_SCALE": _change("/tensors/V", {**_INT8, "scale": [0]}),
    "TENSOR_QUANTUM": _change("/tensors/V", {**_INT8, "data": "gAE="}),
    "TENSOR_NONFINITE": _change("/tensors/V/data", [1, 1e39]),
    "OUTPUT_KIND": _change("/output/kind", "probabilities"),
    "DECODING_OUTPUT": _change("/decoding", {"mode": "greedy"}, "/output/vocabulary", ABSENT),
    "EXAMPLE_INPUT": _change("/examples/0/input", [[0, 1], [0]]),
    "LAYER_UNKNOWN": _change("/examples/0/state", {"write": {"h": "y"}}),
    "STATE_INCOMPLETE": _change("/examples/0/state", {}),
    "VOCABULARY_REPEATED": _change("/vocabularies/letters/tokens/1", "a"),
    "VOCABULARY_EMPTY": _change("/vocabularies/letters/tokens/1", ""),
    "RUN_SHAPE": _call("rnnspec.run(plan, [0, 1])", lambda plan: run(plan, [0, 1])),
    "RUN_NONFINITE_INPUT": _call(
        'rnnspec.run(plan, [[0]], state={"memory": {"h": [[nan]], "c": [[0]]}})',
        lambda plan: run(plan, [[0]], state={"memory": {"h": [[np.nan]], "c": [[0]]}}),
    ),
    "RUN_TOKEN": _call("rnnspec.run(plan, [[0, 2]])", lambda plan: run(plan, [[0, 2]])),
    "RUN_LENGTH": _call(
        "rnnspec.run(plan, [[0, 1]], lengths=[3])", lambda plan: run(plan, [[0, 1]], [3])
    ),
    "RUN_STATE": _call(
        'Session(plan).restore({"memory": a state of another size})',
        lambda plan: Session(plan).restore({"memory": _ZEROS}),
    ),
    "RUN_DIRECTION": _call("Session(plan)", Session, "/layers/1/direction", "reverse"),
    "RUN_TEXT": _call('rnnspec.generate(plan, "abc")', lambda plan: generate(plan, "abc")),
    "RUN_PRIME": _call('rnnspec.generate(plan, "")', lambda plan: generate(plan, "")),
    "RUN_OPTION": _call(
        'rnnspec.generate(plan, "a", temperature=0)',
        lambda plan: generate(plan, "a", temperature=0),
    ),
    "ADVICE_LICENSE": _change("/license", ABSENT),
    "ADVICE_ZERO": _change("/tensors/V/data", [0, 0]),
    "ADVICE_HUGE": _change("/tensors/V/data", [1, 20000]),
    "ADVICE_DEAD_UNITS": _change("/tensors/V/data", [0, 0]),
    "ADVICE_SATURATED_UNITS": _change("/tensors/b/data", [100, 0, 0, 0]),
}

# Codes that the sound file above can't give, and what does.
WITHOUT_SAMPLE: Final[Mapping[str, str]] = {
    "RUN_NONFINITE": "a net whose numbers grow past 3.4e38, such as a dense layer with the weight 3e38 and the input 2",
    "RUN_DECODING": "a net that reads features, or whose output has another vocabulary than its input",
    "ADVICE_SCHEMA_DISAGREES": "nothing that we know: if we did, it would be mended",
}
