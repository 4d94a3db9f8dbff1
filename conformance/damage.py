"""Damaged documents: what people, disks and attackers make of valid ones, from a seed.

Two kinds. Bytes: flips, cuts, insertions, swaps, pieces of another file. Values: members dropped, added, renamed,
moved and exchanged, numbers and strings at their edges, in a document that is then written anew.
"""

import copy
import json
import random
from typing import Any

from conformance.generator.write_msgpack import pack

# Where mistakes are made: ends of ranges, things that look like something else, what JSON can't say.
SCALARS: tuple[object, ...] = (
    *(None, True, False, 0, 1, -1, 2, 3, 4, 5, 8, 1.5, -0.0, 4.0, 1e-400, 5e-324, 1e39),
    *(255, 256, 65_535, 65_536, 65_537, 2**31 - 1, 2**31, 2**53, 2**63, 1e308, 0.0078125, 128, 129),
    *("", "a", "1", "float32", "float16", "float64", "tokens", "features", "lstm", "dense"),
    *("elman", "gru", "affine", "last_step", "softmax", "relu", "elu", "scaled_tanh", "final"),
    *("before", "after", "byte", "codepoint", "token", "ACME_x", "x", "ACME_", "A" * 33 + "_x"),
    *("sample", "greedy", "input", "W", "b", "__proto__", "\u0000", "\ud83d\ude00", "1.0-draft.1"),
    *("1.0-draft.2", "1.0-draft.3", "1.0", 7.888609052210118e-31, 9.5367431640625e-07, -1e38, 2e38),
    *([], {}, [0], [[]], [1, 2], ["ACME_x"], {"a": 1}, {"W": "W"}, {"ACME_x": None}, {"x": 1}),
    *({"function": "tanh"}, {"function": "elu"}, {"function": "elu", "alpha": 1}),
)
KEYS = (
    *("", "W", "R", "b", "rb", "h0", "c0", "s", "t", "E", "h", "c", "size", "name", "type", "kind"),
    *("data", "shape", "unit", "separator", "unknown", "start", "activation", "activations"),
    *("gates", "candidate", "output", "function", "alpha", "beta", "reset", "top_k", "top_p"),
    *("extensions", "extensions_required", "ACME_x", "__proto__"),
)
TEXT_BYTES = b'{}[]",:\\/-+.0123456789eEtfnu \t\n\r\x00\x1f\x7f\x80\xbf\xc0\xc3\xe0\xed\xf0\xf4\xff'


def damaged(source: bytes, other: bytes, rng: random.Random) -> bytes:
    """One damaged document, made of `source` and perhaps a piece of `other`."""
    document = _parsed(source)
    if document is not None and rng.random() < 0.6:
        value: Any = copy.deepcopy(document)
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            value = _change(value, rng)
        written = _written(value, rng)
        return written if rng.random() < 0.8 else _bytes(written, other, rng)
    return _bytes(source, other, rng)


def _parsed(source: bytes) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(source.decode("utf-8"))
    except ValueError:  # msgpack, or not valid to begin with
        return None


def _written(value: Any, rng: random.Random) -> bytes:  # noqa: ANN401 - any JSON
    if rng.random() < 0.3:
        try:
            return pack(value)
        except (ValueError, TypeError, OverflowError):  # numbers that msgpack can't hold
            pass
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


def _change(value: Any, rng: random.Random) -> Any:  # noqa: ANN401 - any JSON
    places = [path for path in _places(value) if path]
    if not places:
        return rng.choice(SCALARS)
    path = rng.choice(places)
    parent = value
    for part in path[:-1]:
        parent = parent[part]
    last = path[-1]
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
        elements = parent[last]
        if rng.random() < 0.5:
            elements.append(copy.deepcopy(rng.choice((*elements, *SCALARS))))
        else:
            elements.pop(rng.randrange(len(elements)))
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
    return value


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
