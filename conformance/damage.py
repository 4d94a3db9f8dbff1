"""Damaged documents: what people, disks and attackers make of valid ones, from a seed.

Two kinds. Bytes: flips, cuts, insertions, swaps, pieces of another file. Values: members dropped, added, renamed,
moved and exchanged, numbers and strings at their edges, in a document that is then written anew.
"""

import base64
import copy
import json
import random
import struct
from dataclasses import dataclass
from typing import Any

from conformance.generator.write_msgpack import msgpack_bytes, pack

# Where mistakes are made: ends of ranges, things that look like something else, what JSON can't say.
SCALARS: tuple[object, ...] = (
    *(None, True, False, 0, 1, -1, 2, 3, 4, 5, 8, 1.5, -0.0, 4.0, 1e-400, 5e-324, 1e39),
    *(255, 256, 65_535, 65_536, 65_537, 2**31 - 1, 2**31, 2**53, 2**63, 1e308, 0.0078125, 128, 129),
    *("", "a", "1", "float32", "float16", "float64", "tokens", "features", "lstm", "dense"),
    *("elman", "gru", "affine", "last_step", "softmax", "relu", "elu", "scaled_tanh", "final"),
    *("before", "after", "byte", "codepoint", "token", "ACME_x", "x", "ACME_", "A" * 33 + "_x"),
    *("forward", "reverse", "bidirectional", "sum", "multiply", "average", "add", "concat"),
    *("diagonal", "full", "input", "forget", "ctc", "bfloat16", "int8", "layer_norm"),
    *(
        "time_reverse",
        "embedding",
        "one_hot",
        "activation",
        "sequence",
        "logits",
        "gAA=",
        "AAAAAA==",
    ),
    *("sample", "greedy", "W", "b", "__proto__", "\u0000", "\ud83d\ude00", "1.0-draft.1"),
    *("1.0-draft.2", "1.0-draft.3", "1.0", 7.888609052210118e-31, 9.5367431640625e-07, -1e38, 2e38),
    # The least clip and epsilon, the least scale and what is below them; the largest clip.
    *(2.0**-50, 8.881784197001252e-16, 8.8e-16, 2.0**-126, 1.17e-38, 1e38, 1.0000000000000002e38),
    *([], {}, [0], [[]], [1, 2], ["ACME_x"], {"a": 1}, {"W": "W"}, {"ACME_x": None}, {"x": 1}),
    *(["input"], ["input", "input"], ["x"], [1.5, -0.0], {"h": "h", "c": "c", "h_reverse": "x"}),
    *({"function": "tanh"}, {"function": "elu"}, {"function": "elu", "alpha": 1}),
)
KEYS = (
    *("", "W", "R", "b", "rb", "h0", "c0", "s", "t", "E", "h", "c", "size", "name", "type", "kind"),
    *("data", "shape", "unit", "separator", "unknown", "start", "activation", "activations"),
    *("gates", "candidate", "output", "function", "alpha", "beta", "reset", "top_k", "top_p"),
    *("inputs", "direction", "merge", "peephole", "coupled", "clip", "cell_clip", "epsilon"),
    *("projection_size", "projection_clip", "p", "Q", "qb", "gamma", "axis", "scale", "blank"),
    *("W_reverse", "R_reverse", "b_reverse", "rb_reverse", "p_reverse", "Q_reverse", "h0_reverse"),
    *("c0_reverse", "h_reverse", "c_reverse"),
    *("extensions", "extensions_required", "ACME_x", "__proto__"),
)
LONGEST_NAME = 128  # [doc-5]
BULK = {"data", "scale", "tokens", "metadata"}  # most of the values, and the least telling
# Words that can stand for each other, so that what is damaged is what the document means.
GROUPS = (
    ("forward", "reverse", "bidirectional"),
    ("concat", "sum", "multiply", "average"),
    ("add", "multiply", "concat"),
    ("dense", "affine", "layer_norm", "activation", "last_step", "time_reverse", "elman", "gru"),
    ("embedding", "one_hot"),
    ("elman", "lstm", "gru"),
    ("sequence", "final"),
    ("before", "after"),
    ("diagonal", "full"),
    ("input", "forget"),
    ("float32", "float16", "bfloat16", "int8"),
    ("greedy", "sample", "ctc"),
    ("logits", "log_probabilities", "probabilities", "values"),
    ("softmax", "log_softmax", "tanh", "elu", "hard_sigmoid", "relu"),
    ("byte", "codepoint", "token"),
)
TEXT_BYTES = b'{}[]",:\\/-+.0123456789eEtfnu \t\n\r\x00\x1f\x7f\x80\xbf\xc0\xc3\xe0\xed\xf0\xf4\xff'


@dataclass(frozen=True)
class How:
    """What is damaged, as shares of all documents and of all changes."""

    values: float = 0.6  # of the documents: values, else bytes
    gentle: float = 0.5  # of the changes of values: to a value of the same type


AT_RANDOM = How()
FITTING = How(values=1.0, gentle=0.9)  # so that most parts are sound and do not fit each other


def damaged(source: bytes, other: bytes, rng: random.Random, how: How = AT_RANDOM) -> bytes:
    """One damaged document, made of `source` and perhaps a piece of `other`."""
    document = _parsed(source)
    if document is not None and rng.random() < how.values:
        value: Any = copy.deepcopy(document)
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            value = _change(value, rng, how.gentle)
        written = _written(value, rng)
        return written if rng.random() < 0.9 else _bytes(written, other, rng)
    return _bytes(source, other, rng)


def _parsed(source: bytes) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(source.decode("utf-8"))
    except ValueError:  # msgpack, or not valid to begin with
        return None


def _written(value: Any, rng: random.Random) -> bytes:  # noqa: ANN401 - any JSON
    if rng.random() < 0.3:
        try:
            # With tensor data as bytes, if they still are data; else as they stand.
            return (msgpack_bytes if rng.random() < 0.7 else pack)(value)
        except (ValueError, TypeError, OverflowError, AttributeError, struct.error):
            pass  # what msgpack can't hold
    separators = rng.choice(((",", ":"), (", ", ": "), (" ,\n", "\t:\r")))
    text = json.dumps(value, separators=separators, ensure_ascii=rng.random() < 0.5)
    return text.encode("utf-8", "surrogatepass")


# --- values ---------------------------------------------------------------------------------------


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401 - any JSON
    found = [path]
    if isinstance(value, dict):
        for key, member in value.items():
            found += _places(member, (*path, key))
    elif isinstance(value, list):
        for index, element in enumerate(value[:40]):
            found += _places(element, (*path, index))
    return found


def _change(value: Any, rng: random.Random, gentle: float) -> Any:  # noqa: ANN401 - any JSON
    """One change: a share keeps the type, so that the parts are sound and do not fit."""
    places = [path for path in _places(value) if path]
    if not places:
        return rng.choice(SCALARS)
    telling = [path for path in places if BULK.isdisjoint(path)]
    stored = [path for path in places if path[-1] in ("data", "scale")]
    path = rng.choice(rng.choice((telling, telling, telling, telling, stored, places)) or places)
    parent = _at(value, path[:-1])
    if rng.random() < gentle and _gentle(value, places, path, rng):
        return value
    _rough(value, places, parent, path[-1], rng)
    return value


def _gentle(
    value: Any,  # noqa: ANN401 - any JSON
    places: list[tuple[Any, ...]],
    path: tuple[Any, ...],
    rng: random.Random,
) -> bool:
    """Another value of the same type; False where that is the same value."""
    parent, last = _at(value, path[:-1]), path[-1]
    old = copy.deepcopy(parent[last])
    words = [word for group in GROUPS if old in group for word in group]
    if words and rng.random() < 0.7:
        parent[last] = rng.choice(words)
    elif last in ("data", "scale") and isinstance(old, str):
        parent[last] = _stored(old, rng)
    elif isinstance(old, str):
        parent[last] = rng.choice(_names(value, places, path) or [""])
    elif isinstance(old, int | float):
        parent[last] = old + rng.choice((-1, 1, 2, -old))
    elif isinstance(old, list) and old:
        kind = rng.randrange(3)
        if kind == 0:
            parent[last].append(copy.deepcopy(rng.choice(old)))
        elif kind == 1:
            parent[last].pop(rng.randrange(len(old)))
        else:
            rng.shuffle(parent[last])
    else:
        alike = [other for other in places if type(_at(value, other)) is type(old)]
        parent[last] = copy.deepcopy(_at(value, rng.choice(alike)))
    return bool(parent[last] != old)


def _stored(text: str, rng: random.Random) -> str:
    """Tensor data with two bytes that are −128, or make an infinity, a NaN or a zero."""
    try:
        data = bytearray(base64.b64decode(text))
    except ValueError:
        return text
    place = rng.randrange(len(data) + 1)
    edges = (b"\x80\x7f", b"\x00\x7c", b"\x80\x80", b"\xff\xff", b"\x00\x00")
    data[place : place + 2] = rng.choice(edges)[: len(data) - place]
    return base64.b64encode(data).decode("ascii")


def _rough(
    value: Any,  # noqa: ANN401 - any JSON
    places: list[tuple[Any, ...]],
    parent: Any,  # noqa: ANN401 - the list or object that is changed
    last: Any,  # noqa: ANN401 - an index or a key
    rng: random.Random,
) -> None:
    """Anything in the place of anything."""
    kind = rng.randrange(8)
    if kind == 0:
        del parent[last]
    elif kind == 1 and isinstance(parent, dict):
        parent[rng.choice((*KEYS, *map(str, parent)))] = copy.deepcopy(rng.choice(SCALARS))
    elif kind == 2 and isinstance(parent, dict):
        parent[rng.choice(KEYS) + str(last)[: rng.randrange(4)]] = parent.pop(last)
    elif kind == 3:
        parent[last] = copy.deepcopy(_at(value, rng.choice(places)))
    elif kind == 4 and isinstance(parent[last], list) and parent[last]:
        parent[last].append(copy.deepcopy(rng.choice((*parent[last], *SCALARS))))
    elif kind == 5 and isinstance(parent[last], int | float):
        parent[last] += rng.choice((-1, 1, 0.5, 2**31))
    elif kind == 6 and isinstance(parent[last], str):
        text = parent[last]
        cut = rng.randrange(len(text) + 1)
        parent[last] = (
            text[:cut] + rng.choice(("", "=", "A", "\n", "é", "x" * 130)) + text[cut + 1 :]
        )
    else:
        parent[last] = copy.deepcopy(rng.choice(SCALARS))


def _names(value: Any, places: list[tuple[Any, ...]], path: tuple[Any, ...]) -> list[str]:  # noqa: ANN401 - any JSON
    """What stands in the document under the same key, or could be meant by it; else any string."""
    key = _key(path)
    keys = {"inputs": ("inputs", "name"), "name": ("inputs", "name")}.get(key, (key,))
    strings = [other for other in places if isinstance(_at(value, other), str)]
    alike = [other for other in strings if _key(other) in keys]
    found = [_at(value, other) for other in (alike if len(alike) > 1 else strings)]
    return [word for word in found if len(word) <= LONGEST_NAME]


def _key(path: tuple[Any, ...]) -> str:
    """The last key of a path, which may lead on into a list."""
    return next((part for part in reversed(path) if isinstance(part, str)), "")


def _at(value: Any, path: tuple[Any, ...]) -> Any:  # noqa: ANN401 - any JSON
    for part in path:
        value = value[part]
    return value


# --- bytes ----------------------------------------------------------------------------------------


def _bytes(source: bytes, other: bytes, rng: random.Random) -> bytes:
    data = bytearray(source)
    for _ in range(rng.choice((1, 1, 2, 4))):
        at = rng.randrange(len(data) + 1)
        kind = rng.randrange(7)
        if kind == 0 and at < len(data):
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            del data[at:]
        elif kind == 2:
            data[at:at] = bytes([rng.choice(TEXT_BYTES)])
        elif kind == 3:
            del data[at : at + rng.choice((1, 1, 2, 7))]
        elif kind == 4 and at < len(data):
            data[at] = rng.randrange(256)
        elif kind == 5:
            start = rng.randrange(len(other) + 1)
            data[at : at + rng.randrange(9)] = other[start : start + rng.randrange(12)]
        else:
            end = rng.randrange(len(data) + 1)
            data[at:at] = data[min(at, end) : max(at, end)][:64]
    return bytes(data)
