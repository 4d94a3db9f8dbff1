"""Net: puts a document together, layer by layer (SPEC 5 to 9)."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from rnnspec.importers.pattern import Document, Notes
from rnnspec.importers.source import Source
from rnnspec.model import FORMAT_VERSION
from rnnspec.tensor import Float32

# The plain LSTM: sigmoid gates, tanh elsewhere.
LSTM: Final = {
    "gates": {"function": "sigmoid"},
    "candidate": {"function": "tanh"},
    "output": {"function": "tanh"},
}


class Net:
    """A document that grows. Layers are named by their type and a number: lstm_1, lstm_2, dense_1."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.notes = Notes()
        self.vocabularies: dict[str, Document] = {}
        self.input: Document = {}
        self.output: Document = {}
        self.decoding: Document = {}
        self.layers: list[dict[str, Any]] = []
        self.tensors: dict[str, dict[str, Any]] = {}

    def layer(self, kind: str, /, **members: object) -> str:
        """Adds a layer and gives its name. Arrays among the members are its parameters by role, the others stand as given.

        net.layer("elman", hidden_size=8, activation={"function": "tanh"}, W=W, R=R, b=b)
        """
        number = 1 + sum(layer["type"] == kind for layer in self.layers)
        name = f"{kind}_{number}"
        roles = {role: value for role, value in members.items() if isinstance(value, np.ndarray)}
        plain = {key: value for key, value in members.items() if key not in roles}
        for role, array in roles.items():
            self.tensors[f"{name}.{role}"] = tensor(array)
        parameters = {"parameters": {role: f"{name}.{role}" for role in roles}} if roles else {}
        self.layers.append({"name": name, "type": kind, **plain, **parameters})
        return name

    def document(self) -> dict[str, Any]:
        """The document, with arrays as the data of its tensors. Members in the order of SPEC 5."""
        members: Mapping[str, Any] = {
            "rnnspec": FORMAT_VERSION,
            "name": self.source.name,
            "input": self.input,
            "vocabularies": self.vocabularies,
            "layers": self.layers,
            "output": self.output,
            "decoding": self.decoding,
            "tensors": self.tensors,
        }
        return {key: value for key, value in members.items() if value or key == "tensors"}


def tensor(array: Float32) -> dict[str, Any]:
    """An array as a member of `tensors`."""
    kept = np.ascontiguousarray(array, np.float32)
    return {"dtype": "float32", "shape": list(kept.shape), "data": kept}
