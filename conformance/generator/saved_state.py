"""Section 14.1: saved states, read and written. What is wrong with one is in `saved_state_faults`."""

import base64
import math
import struct
from collections.abc import Iterator
from typing import Any

from conformance.case import Case
from conformance.generator.build import array, json_bytes, msgpack_bytes, tensor
from conformance.generator.change import put
from conformance.generator.saved_state_both import STRUCTURES, both, refused_states, written_states
from conformance.generator.saved_state_faults import faults
from conformance.generator.saved_state_rows import Saved, one_layer, saved
from conformance.generator.write_json import decimal
from conformance.oracle.finding import RunError
from conformance.oracle.float32 import from_bits
from conformance.oracle.saved_state import check_writable, of_wire

SECTION = "saved_state"

# Bits that are hard to keep: −0, subnormals, what T flushes, the decimal that does not come back.
WORDS = (
    "00000000", "80000000", "00000001", "80000001", "007fffff", "00800000", "15ae43fd", "15ae43fe",
    "25ffffff", "a5ffffff", "26000000", "a6000000", "3f800000", "3f800001", "3f7fffff", "bf7fffff",
    "7f7fffff", "ff7fffff", "34000000", "4b800001", "3dcccccd", "40490fdb", "5015f0c1", "0da24260",
)  # fmt: skip

DIGEST = "0123456789abcdef" * 4


def cases() -> Iterator[Case]:
    """[saved-1] to [saved-4]."""
    table = Saved(SECTION)
    sound(table)
    faults(table)
    both(table)
    yield from table.cases
    yield from written()
    yield from refused()


def sound(table: Saved) -> None:
    """What may stand in a saved state, and the bits that come out."""
    words = base64.b64encode(b"".join(bytes.fromhex(word)[::-1] for word in WORDS)).decode()
    rows: dict[str, tuple[dict[str, Any], str]] = {
        "lstm": (saved({"memory": ["h", "c"]}), "one LSTM"),
        "several": (saved({"one": ["h"], "two": ["h", "c"], "three": ["h"]}), "three layers in file order"),
        "sizes": (
            one_layer({"h": tensor([2, 3], [0.5] * 6), "c": tensor([2, 1], [0.25] * 2)}),
            "h and c of different sizes: that is judged when a net gets them",
        ),
        "rows-8": (one_layer({"h": tensor([8, 2], [k / 8 for k in range(16)])}), "eight rows of a batch"),
        "empty": (saved({}), "the state of a net without recurrent layers"),
        "members": (
            saved({"memory": ["h"]}, metadata={"any": [None, {"tensors": 1}]}, structure=DIGEST)
            | {"$schema": "nothing"},
            "every member",
        ),
        "order": (
            dict(reversed(saved({"memory": ["h"]}, structure=DIGEST).items())),
            "the members in the opposite order",
        ),
        "c-first": (saved({"memory": ["c", "h"]}), "c before h"),
        "names": (
            saved({name: ["h"] for name in ("a", "Z", "a.b-c_d", "constructor", "toString", "input", "a" * 128)}),
            "layers with every kind of name, also those that a net reserves",
        ),
        "bits": (
            one_layer({"h": {"dtype": "float32", "shape": [2, 12], "data": words}}),
            "−0, subnormals, tiny numbers and long decimals: read as they are, without T",
        ),
        "extensions": (
            put(saved({"memory": ["h"]}), ["tensors", "memory.h", "extensions"], {"ACME_x": 1}),
            "extensions in a tensor",
        ),
    }  # fmt: skip
    for name, (document, what) in rows.items():
        for encoding, data in (
            ("json", json_bytes(document)),
            ("msgpack", msgpack_bytes(document)),
        ):
            if (name, encoding) != ("bits", "json"):
                table.row(
                    f"read-{name}-{encoding}", f"{what} ({encoding})", "saved-1 saved-2 saved-3 protocol-10", data,
                    "a state that is refused, or whose bits change on the way",
                )  # fmt: skip
    table.row(
        "read-bits-base64", "−0, subnormals, tiny numbers and long decimals, as base64", "saved-1 tensor-1 tensor-3",
        rows["bits"][0], "a state that T has changed",
    )  # fmt: skip
    # A stored −0 has no shortest decimal: -0 means 0 [json-6].
    decimals = [
        "-1e-99" if word == "80000000" else decimal(from_bits(int(word, 16))) for word in WORDS
    ]
    listed = json_bytes(one_layer({"h": tensor([1, len(decimals)], [1.0] * len(decimals))}))
    ones = b"[" + b", ".join([b"1"] * len(decimals)) + b"]"
    table.row(
        "read-bits-decimals", "the same as decimals", "saved-1 tensor-2",
        listed.replace(ones, ("[" + ", ".join(decimals) + "]").encode()), "a decimal that is rounded once",
    )  # fmt: skip
    for name, (version, codes) in {
        "tried": ("1.0-draft.2", "VERSION_TRIED"), "tried-old": ("1.0-draft.1", "VERSION_TRIED"), "tried-this": ("1.0-draft.3", ""),
    }.items():  # fmt: skip
        for encoding, data in (
            ("json", json_bytes(saved({"memory": ["h"]}, rnnspec=version))),
            ("msgpack", msgpack_bytes(saved({"memory": ["h"]}, rnnspec=version))),
        ):
            table.row(
                f"read-{name}-{encoding}", f"the version {version}, tried anyway ({encoding})", "saved-1 version-4", data,
                "a state whose version can't be tried", try_anyway=True, expect=codes,
            )  # fmt: skip
    table.row(
        "read-tried-unknown", "a future version with a future member, tried anyway", "saved-1 version-4",
        saved({"memory": ["h"]}, rnnspec="1.1", future=1), "a member that is ignored because the version is new",
        try_anyway=True, expect=("STRUCTURE_UNKNOWN_KEY", "VERSION_TRIED"),
    )  # fmt: skip


# --- writing --------------------------------------------------------------------------------------


def words_array(shape: list[int], words: list[str]) -> dict[str, Any]:
    """An array of the protocol by its bits."""
    return {"shape": shape, "bits": "".join(words)}


def states() -> dict[str, tuple[dict[str, Any], str]]:
    """What is to be written."""
    count = 40
    spread = [
        struct.unpack("<f", struct.pack("<f", math.ldexp(1 + k / 7, 3 * k - 60)))[0]
        for k in range(count)
    ]
    return {
        "bits": (
            {"memory": {"h": words_array([2, 12], list(WORDS)), "c": words_array([2, 12], list(reversed(WORDS)))}},
            "−0, subnormals, tiny numbers and long decimals: every bit is kept",
        ),
        "spread": ({"cell": {"h": array([4, 10], spread)}}, "numbers of every size"),
        "several": (
            {
                "z": {"h": array([3, 1], [1.0, 2.0, 3.0])},
                "a": {"h": array([3, 2], [0.5] * 6), "c": array([3, 2], [0.25] * 6)},
                "m": {"h": array([3, 4], [k / 4 for k in range(12)])},
            },
            "three layers in an order of their own",
        ),
        "names": (
            {name: {"h": array([1, 1], [1.0])} for name in ("a.b", "a-b", "a_b", "constructor", "toString", "h", "c", "a" * 128)},
            "layers with names that a tensor's name is made of, long ones too",
        ),
        "collide": (
            {"a": {"h": array([1, 1], [1.0]), "c": array([1, 1], [2.0])}, "a.h": {"h": array([1, 1], [3.0])}, "a.c": {"h": array([1, 1], [4.0])}, "a.h.h": {"h": array([1, 1], [5.0])}},
            "layers whose names and arrays could make the same name of a tensor",
        ),
        "empty": ({}, "a net without recurrent layers"),
    }  # fmt: skip


def written() -> Iterator[Case]:
    """[saved-4]: the harness reads what was written and compares every bit."""
    for name, (state, what) in (states() | written_states()).items():
        for encoding in ("json", "msgpack"):
            for digest in ("", DIGEST) if name in ("several", "empty") else ("",):
                request: dict[str, Any] = {"state": state, "encoding": encoding}
                yield write_case(
                    f"saved_state/write-{name}-{encoding}{'-structure' if digest else ''}",
                    what + (", with a structure digest" if digest else ""),
                    "a bit, an array, a name or a digest that is lost on the way",
                    request | ({"structure": digest} if digest else {}),
                    {"encoding": encoding},
                )


def refused() -> Iterator[Case]:
    """[saved-4]: what can't be written."""
    one = array([2, 2], [0.5] * 4)
    rows: dict[str, tuple[dict[str, Any], str]] = {
        "rows": ({"a": {"h": one}, "b": {"h": array([1, 2], [0.5] * 2)}}, "layers of two N"),
        "rows-inside": ({"a": {"h": one, "c": array([3, 2], [0.5] * 6)}}, "h and c of two N"),
        "flat": ({"a": {"h": array([2], [0.5] * 2)}}, "h of rank 1"),
        "deep": ({"a": {"h": array([1, 2, 1], [0.5] * 2)}}, "h of rank 3"),
        "flat-later": ({"a": {"h": one}, "b": {"h": one, "c": array([2], [0.5] * 2)}}, "a later c of rank 1"),
        "no-rows": ({"a": {"h": array([0, 2], [])}}, "no rows"),
        "no-width": ({"a": {"h": array([2, 0], [])}}, "no elements in a row"),
        "without-h": ({"a": {"c": one}}, "a layer without h"),
        "without-arrays": ({"a": {}}, "a layer without arrays"),
        "infinite": ({"a": {"h": words_array([1, 2], ["3f800000", "7f800000"])}}, "an infinite element"),
        "minus-infinite": ({"a": {"h": words_array([1, 1], ["00000000"]), "c": words_array([1, 1], ["ff800000"])}}, "an element −∞ in c"),
        "nan-minus": ({"a": {"h": words_array([1, 1], ["ffffffff"])}}, "a NaN of all bits"),
        "nan": ({"a": {"h": one}, "b": {"h": words_array([2, 1], ["3f800000", "7fc00000"])}}, "a NaN in the second layer"),
    }  # fmt: skip
    for name, (state, what) in (rows | refused_states()).items():
        try:
            check_writable(of_wire(state))
        except RunError as fault:
            code = fault.code
        else:
            raise ValueError(f"saved_state/refuse-{name}: the oracle writes it")
        for encoding in ("json", "msgpack"):
            if encoding == "json" or name in rows:
                yield write_case(
                    f"saved_state/refuse-{name}-{encoding}", what,
                    "a state that is written and can't be read, or is read as another",
                    {"state": state, "encoding": encoding}, {"error": {"code": code}},
                )  # fmt: skip
    for name, digest in STRUCTURES.items():
        for encoding in ("json", "msgpack") if name == "short" else ("json",):
            yield write_case(
                f"saved_state/refuse-structure-{name}-{encoding}", f"a structure digest: {name}",
                "a digest that is written and can't be read",
                {"state": {"a": {"h": one}}, "encoding": encoding, "structure": digest},
                {"error": {"code": "STRUCTURE_ENUM"}},
            )  # fmt: skip


def both_ways(state: dict[str, Any]) -> tuple[str, ...]:
    """The feature that knows the arrays of the other direction."""
    reverse = any(name.endswith("_reverse") for arrays in state.values() for name in arrays)
    return ("bidirectional",) if reverse else ()


def write_case(
    id: str, title: str, catches: str, request: dict[str, Any], expect: dict[str, Any]
) -> Case:
    """A case of the command `write_state`."""
    return Case(
        id=id,
        title=title,
        requirements=("saved-4", "protocol-10"),
        features=("saved_state", request["encoding"], *both_ways(request["state"])),
        catches=catches,
        command="write_state",
        request=request,
        expect=expect,
    )
