"""Saved states (SPEC 14.1): read to findings or a state, and what a writer must refuse."""

import re
from dataclasses import dataclass
from typing import Any

from conformance.oracle.checks import NAME_GRAMMAR
from conformance.oracle.finding import FaultError, Finding, Limits, RunError
from conformance.oracle.reader import is_faulty, parse
from conformance.oracle.references import ARRAYS, References
from conformance.oracle.structure import Structure
from conformance.oracle.tensors import content
from conformance.oracle.values import Value, plain, step

DIGEST_GRAMMAR = re.compile("[0-9a-f]{64}")

# Layer → name of an array → (shape, the bits of its elements).
Arrays = dict[str, dict[str, tuple[list[int], list[int]]]]


@dataclass(frozen=True)
class SavedState:
    """What reading gives: every finding; and, if none is an error, what the document holds."""

    findings: list[Finding]
    state: Arrays | None = None
    document: dict[str, Any] | None = None  # its other members


class SavedStructure(Structure):
    """[saved-1]."""

    def document(self, value: Value) -> None:
        """The top level."""
        assert isinstance(value, dict)  # the stage bytes saw to that
        if not self.version(value):
            return
        self.members(
            value,
            "",
            required={
                "rnnspec": self.string,
                "state": self.named(self.arrays),
                "tensors": self.named(self.tensor),
            },
            optional={
                "$schema": self.string,
                "metadata": self.metadata,
                "structure": self.digest,
            },
        )

    def digest(self, value: Value, place: str) -> None:
        """64 characters of hexadecimal."""
        if not isinstance(value, str):
            self.add("STRUCTURE_TYPE", place)
        elif not DIGEST_GRAMMAR.fullmatch(value):
            self.add("STRUCTURE_ENUM", place)


class SavedAgreement(References):
    """[saved-2]."""

    def document(self, state: Any) -> None:  # noqa: ANN401 — judged before
        """The references in file order, those of a layer in the order of the table."""
        references = [
            (arrays[array], step("/state", layer) + f"/{array}")
            for layer, arrays in state.items()
            for array in ARRAYS
            if array in arrays
        ]
        shapes = [self.tensors[name]["shape"] for name, _ in references if name in self.tensors]
        rows = next((shape[0] for shape in shapes if len(shape) == 2), None)
        for name, place in references:
            first = name not in self.seen
            self.reference(name, place, None, "float32")
            if name in self.tensors and first:
                shape = self.tensors[name]["shape"]
                if len(shape) != 2 or shape[0] != rows:
                    self.add("TENSOR_SHAPE", place)
        self.check_tensors()


def read_state(
    data: bytes, limits: dict[str, int] | None = None, *, try_anyway: bool = False
) -> SavedState:
    """Read one saved state; the arguments are those of `reader.read`."""
    bounds = Limits.of(limits)
    try:
        value, is_msgpack = parse(data, bounds)
    except FaultError as fault:
        return SavedState([fault.finding])
    structure = SavedStructure(bounds, is_msgpack=is_msgpack, try_anyway=try_anyway)
    structure.document(value)
    if is_faulty(structure.findings):
        return SavedState(structure.findings)
    assert isinstance(value, dict)
    document: Any = plain({name: part for name, part in value.items() if name != "tensors"})
    agreement = SavedAgreement(value["tensors"])
    agreement.document(document["state"])
    findings = structure.findings + agreement.findings
    if is_faulty(findings):
        return SavedState(findings)
    assert isinstance(value["tensors"], dict)
    tensors = {
        name: content(entry) for name, entry in value["tensors"].items() if isinstance(entry, dict)
    }
    state = {
        layer: {
            array: (tensors[name]["shape"], tensors[name]["bits"]) for array, name in arrays.items()
        }
        for layer, arrays in document["state"].items()
    }
    return SavedState(findings, state, document)


# --- on the wire ----------------------------------------------------------------------------------


def to_wire(state: Arrays) -> dict[str, Any]:
    """The form of a state in the protocol."""
    return {
        layer: {
            array: {"shape": shape, "bits": "".join(f"{word:08x}" for word in words)}
            for array, (shape, words) in arrays.items()
        }
        for layer, arrays in state.items()
    }


def of_wire(state: dict[str, Any]) -> Arrays:
    """The state of such a form."""
    return {
        layer: {
            array: (entry["shape"], [int(word, 16) for word in re.findall(".{8}", entry["bits"])])
            for array, entry in arrays.items()
        }
        for layer, arrays in state.items()
    }


def check_writable(state: Arrays, structure: str | None = None) -> None:
    """[saved-4]: what a writer must refuse, in the order that stands there."""
    if structure is not None and not DIGEST_GRAMMAR.fullmatch(structure):
        raise RunError("STRUCTURE_ENUM")
    if not all(NAME_GRAMMAR.fullmatch(layer) for layer in state):
        raise RunError("STRUCTURE_NAME")
    every = [entry for arrays in state.values() for entry in arrays.values()]
    shapes = [shape for shape, _ in every]
    if any("h" not in arrays or set(arrays) - set(ARRAYS) for arrays in state.values()):
        raise RunError("RUN_STATE")
    if any(len(shape) != 2 or 0 in shape or shape[0] != shapes[0][0] for shape in shapes):
        raise RunError("RUN_STATE")
    if any(not is_finite(word) for _, words in every for word in words):
        raise RunError("RUN_NONFINITE_INPUT")


def is_finite(word: int) -> bool:
    """Of a binary32 by its bits."""
    return word & 0x7F800000 != 0x7F800000
