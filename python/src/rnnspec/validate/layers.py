"""Layers: the structure of one layer by itself (SPEC 8)."""

from typing import Final

from rnnspec import codes, layout
from rnnspec.json_reader import Value
from rnnspec.validate.checks import Check, accept
from rnnspec.validate.envelope import Envelope
from rnnspec.validate.findings import Object, members_of

_LARGEST_NUMBER: Final = 1e38  # of an activation, and of a clip
_SMALLEST_NUMBER: Final = 2.0**-50  # of a clip, and of an epsilon


class LayerStructure(Envelope):
    """The layers of a model."""

    def layers(self, value: Value, at: str) -> bool:
        """Section 8."""
        if isinstance(value, list) and len(value) > self.limits.layers:
            limit, got = self.limits.layers, len(value)
            return self.fault(codes.LIMIT_LAYERS, at, limit=limit, got=got)
        return self.elements(self.layer, 1)(value, at)

    def layer(self, value: Value, at: str) -> bool:
        """One of the types that layout knows."""
        layer_type = self.tag(value, at, "type", layout.TYPES)
        if layer_type is None:
            return False
        layer = members_of(value)
        merging = layer_type in layout.MERGING_LAYERS
        checks: dict[str, Check] = {"name": self.name, "type": accept}
        if merging:
            checks["inputs"] = self.elements(self.string, 2)
        else:
            checks["inputs?"] = self.elements(self.string, 1, 1)
        if layer_type == "activation":
            functions = (*layout.FUNCTIONS, *layout.VECTOR_FUNCTIONS)
            function = self.tag(value, at, "function", functions)
            if function is None:
                return False
            checks |= {"function": accept, **self.numbers(function)}
        if size := layout.SIZE_MEMBER.get(layer_type):
            checks[size] = self.size()
        if layer_type == "layer_norm":
            checks["epsilon"] = self.number(_SMALLEST_NUMBER, 1)
        if layer_type in layout.STATES:
            checks |= self.recurrent(layer_type, layer)
        if roles := layout.parameters(layer):
            checks["parameters"] = self.table(
                {role + "?" * (not of.required): self.string for role, of in roles.items()}
            )
        return self.members(value, at, {**checks, "extensions?": self.extensions})

    def recurrent(self, layer_type: str, layer: Object) -> dict[str, Check]:
        """The members of a recurrent layer but its parameters."""
        clip = self.number(_SMALLEST_NUMBER, _LARGEST_NUMBER)
        checks: dict[str, Check] = {}
        if layer_type == "elman":
            checks["activation"] = self.activation
        if layer_type == "gru":
            checks["reset"] = self.word("before", "after")
        if names := layout.ACTIVATIONS.get(layer_type):
            checks["activations"] = self.table(dict.fromkeys(names, self.activation))
        if layer_type == "lstm":
            checks["peephole?"] = self.word("diagonal", "full")
            checks["coupled?"] = self.word(*layout.COUPLED)
            checks["cell_clip?"] = clip
            checks["projection_size?"] = self.size()
            if "projection_size" in layer:
                checks["projection_clip?"] = clip
        checks["clip?"] = clip
        checks["direction?"] = self.word(*layout.DIRECTIONS)
        direction = layer.get("direction", layout.DIRECTIONS[0])
        if direction == "bidirectional":
            checks["merge"] = self.word(*layout.MERGES)
        elif direction not in layout.DIRECTIONS:  # nobody can tell whether it should be there
            checks["merge?"] = self.word(*layout.MERGES)
        checks["output?"] = self.word(*layout.OUTPUTS)
        return checks

    def size(self) -> Check:
        """A width."""
        return self.integer(1, layout.LARGEST_SIZE)

    def activation(self, value: Value, at: str) -> bool:
        """The object of an elementwise function."""
        function = self.tag(value, at, "function", tuple(layout.FUNCTIONS))
        return function is not None and self.members(
            value, at, {"function": accept, **self.numbers(function)}
        )

    def numbers(self, function: str) -> dict[str, Check]:
        """The numbers that a function asks for."""
        check = self.number(-_LARGEST_NUMBER, _LARGEST_NUMBER)
        return dict.fromkeys(layout.FUNCTIONS.get(function, ()), check)
