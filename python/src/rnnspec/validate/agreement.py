"""Agreement: whether the parts of a document fit each other (SPEC 10)."""

import math
from collections.abc import Mapping
from typing import cast

import numpy as np

from rnnspec import codes, layout
from rnnspec.issue import child, escaped, quoted
from rnnspec.json_reader import Decimals, Value
from rnnspec.tensor import STORAGE, Stored, first_nonfinite
from rnnspec.validate.findings import (
    FUNCTION_KINDS,
    SPECIAL_IDS,
    Findings,
    Object,
    described,
    listed,
    members_of,
    sizes,
)


class Agreement:
    """Whether the parts fit each other (SPEC 10), in a document of sound structure.

    None stands for a size that is unknown because of another finding.
    """

    def __init__(
        self,
        document: Object,
        data: Mapping[str, Decimals | bytes | memoryview],
        findings: Findings,
    ) -> None:
        self.add = findings.add
        self.data = data
        self.input = members_of(document["input"])
        self.vocabularies = members_of(document.get("vocabularies", {}))
        self.layers = [members_of(layer) for layer in cast(list[Value], document["layers"])]
        self.output = members_of(document["output"])
        self.examples = [members_of(e) for e in cast(list[Value], document.get("examples", []))]
        self.tensors = {n: members_of(t) for n, t in members_of(document["tensors"]).items()}
        self.has_decoding = "decoding" in document
        self.referred: set[str] = set()  # tensors
        self.arrays: dict[str, Stored] = {}  # what the tensors hold, when all is well

    def document(self) -> None:
        """All of section 10. The order matters where a tensor is referred to twice."""
        self.check_names()
        self.check_vocabularies()
        width = self.check_layers()
        self.check_output(width)
        for k, example in enumerate(self.examples):
            self.check_example(example, f"/examples/{k}", width)
        for name, tensor in self.tensors.items():
            if name not in self.referred:
                self.add(codes.TENSOR_UNUSED, child("/tensors", name), got=quoted(name))
            self.check_tensor(name, tensor)

    def check_names(self) -> None:
        """[agree-1]."""
        seen: set[str] = set()
        for k, layer in enumerate(self.layers):
            name, at = cast(str, layer["name"]), f"/layers/{k}/name"
            if name in seen:
                self.add(codes.NAME_REPEATED, at, got=quoted(name))
            if name == "input":
                self.add(codes.NAME_RESERVED, at, got=quoted(name))
            seen.add(name)

    def check_vocabularies(self) -> None:
        """[agree-2], [vocabulary-4]."""
        used = [
            (part[member], at)
            for part, member, at in (
                (self.input, "vocabulary", "/input/vocabulary"),
                (self.output, "vocabulary", "/output/vocabulary"),
            )
            if member in part
        ]
        for name, at in used:
            if name not in self.vocabularies:
                expected = listed(list(self.vocabularies))
                self.add(codes.VOCABULARY_UNKNOWN, at, expected=expected, got=described(name))
        for name, vocabulary in self.vocabularies.items():
            at = child("/vocabularies", name)
            if name not in {used_name for used_name, _ in used}:
                self.add(codes.VOCABULARY_UNUSED, at, got=quoted(name))
            self.check_vocabulary(members_of(vocabulary), at)

    def check_vocabulary(self, vocabulary: Object, at: str) -> None:
        """Special ids, and tokens that are repeated or empty."""
        tokens = cast(list[str], vocabulary["tokens"])
        special = {
            name: cast(float, vocabulary[name]) for name in SPECIAL_IDS if name in vocabulary
        }
        for name, token in special.items():
            if token >= len(tokens):
                expected, got = len(tokens) - 1, described(token)
                self.add(codes.ID_RANGE, child(at, name), expected=expected, got=got)
        seen: set[str] = set()
        for k, text in enumerate(tokens):
            if not text and k not in special.values():
                words = listed(SPECIAL_IDS)
                self.add(codes.VOCABULARY_EMPTY, f"{at}/tokens/{k}", expected=words)
            elif text and text in seen:
                self.add(codes.VOCABULARY_REPEATED, f"{at}/tokens/{k}", got=quoted(text))
            seen.add(text)

    def tokens(self, part: Object) -> int | None:
        """V of the vocabulary that input or output names."""
        vocabulary = self.vocabularies.get(cast(str, part.get("vocabulary", "")))
        return len(cast(list[str], members_of(vocabulary)["tokens"])) if vocabulary else None

    def check_layers(self) -> int | None:
        """[agree-3], [agree-5]: the parameters of each layer. Gives the width of the output."""
        tokens = self.input["kind"] == "tokens"
        width = None if tokens else int(cast(float, self.input["size"]))
        for k, layer in enumerate(self.layers):
            layer_type = cast(str, layer["type"])
            wants_tokens, gets_tokens = layer_type in layout.TOKEN_LAYERS, tokens and k == 0
            sizes: dict[layout.Letter, int | None] = {"I": width, "V": None, "H": None}
            if wants_tokens != gets_tokens:
                expected = listed(layout.TOKEN_LAYERS) if gets_tokens else "a layer for numbers"
                self.add(codes.LAYER_INPUT, f"/layers/{k}/type", expected=expected, got=layer_type)
                sizes["I"] = None
            elif wants_tokens:
                sizes["V"] = self.tokens(self.input)
            if layer_type in layout.SIZE_MEMBER:
                sizes["H"] = int(cast(float, layer[layout.SIZE_MEMBER[layer_type]]))
            names = members_of(layer.get("parameters", {}))
            for role, parameter in layout.PARAMETERS[layer_type].items():
                if role in names:
                    shape = layout.shape(parameter, sizes)
                    self.refer(cast(str, names[role]), f"/layers/{k}/parameters/{role}", shape)
            width = layout.width(layer_type, sizes)
        return width

    def refer(
        self, name: str, at: str, shape: tuple[int | None, ...] | None, *, example: bool = False
    ) -> None:
        """A reference to a tensor ([agree-4], [agree-5]); None in a shape is any size."""
        if name not in self.tensors:
            self.add(codes.TENSOR_UNKNOWN, at, got=quoted(name))
            return
        if name in self.referred:
            self.add(codes.TENSOR_REUSED, at, got=quoted(name))
            return
        self.referred.add(name)
        tensor = self.tensors[name]
        found = sizes(tensor["shape"])
        if shape is not None and not (
            len(found) == len(shape)
            and all(want in {None, got} for want, got in zip(shape, found, strict=True))
        ):
            expected = str(["any" if size is None else size for size in shape]).replace("'", "")
            self.add(codes.TENSOR_SHAPE, at, name=quoted(name), expected=expected, got=list(found))
        if example and tensor["dtype"] != "float32":
            got = tensor["dtype"]
            self.add(codes.TENSOR_DTYPE, at, name=quoted(name), expected="float32", got=got)

    def check_output(self, width: int | None) -> None:
        """[agree-7], [agree-8]."""
        kind = cast(str, self.output["kind"])
        function = cast(str, self.layers[-1].get("function", ""))
        wanted = FUNCTION_KINDS.get(function)
        if (kind != wanted) if wanted else (kind in FUNCTION_KINDS.values()):
            self.add(
                codes.OUTPUT_KIND, "/output/kind", expected=wanted or "logits, values", got=kind
            )
        tokens = self.tokens(self.output)
        if width is not None and tokens is not None and tokens != width:
            self.add(codes.VOCABULARY_SIZE, "/output/vocabulary", expected=width, got=tokens)
        size = int(cast(float, self.input["size"])) if "size" in self.input else None
        for part, at, want in (
            (self.output, "/output/labels", width),
            (self.input, "/input/names", size),
            (self.input, "/input/units", size),
        ):
            texts = cast(list[Value] | None, part.get(at.rpartition("/")[2]))
            if texts is not None and want is not None and len(texts) != want:
                self.add(codes.LABELS_COUNT, at, expected=want, got=len(texts))
        if self.has_decoding and "vocabulary" not in self.output:
            self.add(codes.DECODING_OUTPUT, "/decoding")

    def check_example(self, example: Object, at: str, width: int | None) -> None:
        """[agree-9]. N and T are those of the input."""
        rows, steps = self.check_example_input(example["input"], f"{at}/input")
        lengths = cast(list[float] | None, example.get("lengths"))
        if lengths is not None and rows is not None and len(lengths) != rows:
            self.add(codes.LABELS_COUNT, f"{at}/lengths", expected=rows, got=len(lengths))
        elif lengths is not None and steps is not None:
            for k, length in enumerate(lengths):
                if length > steps:
                    got = described(length)
                    self.add(codes.ID_RANGE, f"{at}/lengths/{k}", expected=steps, got=got)
        for member in ("state", "output", "final_state"):
            if member == "output":
                known = rows is not None and steps is not None and width is not None
                shape = (rows, steps, width) if known else None
                self.refer(cast(str, example[member]), f"{at}/output", shape, example=True)
            elif member in example:
                self.check_state(members_of(example[member]), f"{at}/{member}", rows)

    def check_example_input(self, value: Value, at: str) -> tuple[int | None, int | None]:
        """The input of an example; gives N and T, as far as they are known."""
        tokens = self.input["kind"] == "tokens"
        if isinstance(value, str):
            size = None if tokens else int(cast(float, self.input["size"]))
            if tokens:
                expected = "a list of lists of ids"
                self.add(codes.EXAMPLE_INPUT, at, expected=expected, got=described(value))
            self.refer(value, at, None if tokens else (None, None, size), example=not tokens)
            shape = sizes(self.tensors[value]["shape"]) if value in self.tensors else ()
            return (None, None) if tokens or len(shape) != 3 else shape[:2]
        if not tokens:
            expected = "the name of a tensor"
            self.add(codes.EXAMPLE_INPUT, at, expected=expected, got="a list")
            return None, None
        rows = cast(list[list[float]], value)
        count = self.tokens(self.input)
        for n, row in enumerate(rows):
            if len(row) != len(rows[0]):
                expected, got = f"{len(rows[0])} ids as in the first list", len(row)
                self.add(codes.EXAMPLE_INPUT, f"{at}/{n}", expected=expected, got=got)
            elif count is not None:
                for t, token in enumerate(row):
                    if token >= count:
                        got_id = described(token)
                        place = f"{at}/{n}/{t}"
                        self.add(codes.ID_RANGE, place, expected=count - 1, got=got_id)
        return len(rows), len(rows[0])

    def check_state(self, state: Object, at: str, rows: int | None) -> None:
        """The names of a state's tensors, and whether every recurrent layer has its own."""
        recurrent: dict[str, tuple[str, int | None]] = {}  # name → type, H
        for layer in self.layers:
            layer_type, name = cast(str, layer["type"]), cast(str, layer["name"])
            if layer_type in layout.STATES:
                own = int(cast(float, layer[layout.SIZE_MEMBER[layer_type]]))
                recurrent[name] = (layer_type, None if name in recurrent else own)
        for name, value in state.items():
            arrays, place = members_of(value), child(at, name)
            layer_type, size = recurrent.get(name, ("", None))
            if name not in recurrent:
                expected = listed(list(recurrent))
                self.add(codes.LAYER_UNKNOWN, place, expected=expected, got=quoted(name))
            for role in ("h", "c"):
                known = rows is not None and size is not None
                shape = (rows, size) if known else None
                if role in arrays:
                    self.refer(cast(str, arrays[role]), child(place, role), shape, example=True)
                elif role in layout.STATES.get(layer_type, ()):
                    expected = f"{name} with {listed(layout.STATES[layer_type])}"
                    self.add(codes.STATE_INCOMPLETE, place, name=name, expected=escaped(expected))
        for name in recurrent:
            if name not in state:
                self.add(codes.STATE_INCOMPLETE, at, name=name, expected=listed(list(recurrent)))

    def check_tensor(self, name: str, tensor: Object) -> None:
        """[agree-6], the first that applies; what is sound becomes an array."""
        at = child(child("/tensors", name), "data")
        data, shape = self.data[at], sizes(tensor["shape"])
        dtype = cast(str, tensor["dtype"])
        elements = math.prod(shape)
        if isinstance(data, Decimals):
            if dtype != "float32":
                self.add(codes.TENSOR_ENCODING, at, got=dtype)
                return
            expected, got, unit = elements, data.values.size, "numbers"
        else:
            expected, got, unit = elements * STORAGE[dtype].itemsize, len(data), "bytes"
        if got != expected:
            self.add(codes.TENSOR_LENGTH, at, expected=f"{expected} {unit}", got=got)
            return
        array: Stored = data.values if isinstance(data, Decimals) else _stored(data, dtype)
        bad = first_nonfinite(array)
        if bad is not None:
            self.add(codes.TENSOR_NONFINITE, at, name=bad, got=f"{array[bad]}")
            return
        self.arrays[name] = array.reshape(shape)


def _stored(data: bytes | memoryview, dtype: str) -> Stored:
    return cast(Stored, np.frombuffer(data, STORAGE[dtype]))
