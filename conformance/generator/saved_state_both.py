"""Saved states of bidirectional layers, and what else a writer must refuse; the section is in `saved_state`."""

import itertools
from typing import Any

from conformance.generator.build import array, int8_tensor, tensor
from conformance.generator.change import put, without
from conformance.generator.saved_state_rows import Saved, one_layer, saved

Json = dict[str, Any]
ARRAYS = ("h", "c", "h_reverse", "c_reverse")


def both(table: Saved) -> None:
    """[saved-1] and [saved-2] for four arrays."""
    table.both(
        "both-four", "the four arrays of a bidirectional lstm, and the two of a gru", "saved-1 saved-2 protocol-10",
        saved({"lstm": list(reversed(ARRAYS)), "gru": ["h", "h_reverse"]}), "an array that is not known",
    )  # fmt: skip
    table.row(
        "both-alone", "h and c_reverse alone: that is judged when a net gets them", "saved-1 saved-3",
        one_layer({"h": tensor([2, 3], [0.5] * 6), "c_reverse": tensor([2, 1], [0.25] * 2)}), "an array that needs another",
    )  # fmt: skip
    base = saved({"memory": list(ARRAYS)})
    rows: dict[str, tuple[Json, str, str | tuple[str, ...]]] = {
        "without-h": (without(base, "state__memory__h", "tensors__memory.h"), "the other three without h", "STRUCTURE_MISSING"),
        "names": (put(put(base, ["state", "memory", "h_backward"], "x"), ["state", "memory", "reverse_h"], "y"), "arrays of other names", "STRUCTURE_UNKNOWN_KEY"),
        "types": (put(base, ["state", "memory"], {"h": "memory.h", "c": 1, "h_reverse": None, "c_reverse": ["x"]}), "arrays that are no strings", "STRUCTURE_TYPE"),
        "rows": (put(base, ["tensors", "memory.c_reverse"], tensor([2, 1], [0.5, 0.5])), "a c_reverse of another N", "TENSOR_SHAPE"),
        "flat": (put(base, ["tensors", "memory.h_reverse"], tensor([2], [0.5, 0.5])), "an h_reverse of rank 1", "TENSOR_SHAPE"),
        "int8": (put(base, ["tensors", "memory.h_reverse"], int8_tensor([1, 2], [1, 2], [0.5, 0.5])), "an h_reverse as int8", "TENSOR_DTYPE"),
        "unknown": (put(base, ["state", "memory", "c_reverse"], "none"), "a c_reverse that is not there", ("TENSOR_UNKNOWN", "TENSOR_UNUSED")),
    }  # fmt: skip
    for name, (document, what, codes) in rows.items():
        table.row(
            f"both-{name}",
            what,
            "saved-1 saved-2",
            document,
            "an array that is ignored, or judged less strictly",
            expect=codes,
        )
    for one, other in itertools.pairwise(ARRAYS):
        names = dict(reversed((base["state"]["memory"] | {one: f"memory.{other}"}).items()))
        table.row(
            f"both-order-{one.replace('_', '-')}", f"{one} and {other} name one tensor: {other} is the second", "saved-2 agree-4",
            without(put(base, ["state", "memory"], names), f"tensors__memory.{one}"), "references in the order of the file", expect="TENSOR_REUSED",
        )  # fmt: skip
    shapes = {"h": [2], "c": [3, 1], "h_reverse": [2, 1], "c_reverse": [3, 2]}
    table.row(
        "both-rows-first", "N is that of the first reference of rank 2 in the order of the table: c's", "saved-2",
        put(
            one_layer({name: tensor(shape, [0.5] * (shape[0] * shape[-1] if len(shape) > 1 else shape[0])) for name, shape in shapes.items()}),
            ["state", "memory"], {name: f"memory.{name}" for name in reversed(ARRAYS)},
        ),
        "an N of the first tensor in the file", expect="TENSOR_SHAPE",
    )  # fmt: skip
    table.row(
        "both-bfloat16", "an h as bfloat16", "saved-2", one_layer({"h": {"dtype": "bfloat16", "shape": [1, 1], "data": "gD8="}}),
        "a state that is narrowed", expect="TENSOR_DTYPE",
    )  # fmt: skip


def written_states() -> dict[str, tuple[Json, str]]:
    """What is to be written."""
    four = {
        name: array([2, 1 + k], [(k + 1) / 4 + j for j in range(2 * (1 + k))])
        for k, name in enumerate(ARRAYS)
    }
    return {
        "four": ({"b": four, "a": {"h_reverse": four["h"], "h": four["c"]}}, "the four arrays of a bidirectional lstm, and two"),
    }  # fmt: skip


def refused_states() -> dict[str, tuple[Json, str]]:
    """What can't be written: one fault each."""
    one = array([2, 2], [0.5] * 4)
    nan, infinite = ({"shape": [1, 1], "bits": word} for word in ("7fc00000", "ff800000"))
    zero = array([1, 1], [0.0])
    rows: dict[str, tuple[Json, str]] = {
        "reverse-rows": ({"a": {"h": one, "h_reverse": array([1, 2], [0.5] * 2)}}, "h_reverse of another N"),
        "reverse-flat": ({"a": {"h": one, "c": one, "c_reverse": array([2], [0.5] * 2)}}, "c_reverse of rank 1"),
        "reverse-nan": ({"a": {"h": zero, "h_reverse": nan}}, "a NaN in h_reverse"),
        "reverse-infinite": ({"a": {"h": zero, "c_reverse": infinite}}, "−∞ in c_reverse"),
        "array": ({"a": {"h": one, "h_backward": one}}, "an array of another name"),
        "reverse-alone": ({"a": {"h_reverse": one, "c_reverse": one}}, "arrays of one direction, without h"),
    }  # fmt: skip
    names = {
        "digit": "1a",
        "slash": "a/b",
        "space": "a b",
        "empty": "",
        "long": "a" * 129,
        "letter": "é",
        "newline": "a\n",
        "proto": "__proto__",
    }
    rows |= {
        f"name-{name}": ({"a": {"h": one}, layer: {"h": one}}, f"a layer called {layer[:9]!r}")
        for name, layer in names.items()
    }
    return rows


STRUCTURES = {
    "short": "0" * 63, "long": "0" * 65, "empty": "", "capital": "A" * 64, "letter": "g" * 64, "newline": "0" * 64 + "\n",
}  # fmt: skip
