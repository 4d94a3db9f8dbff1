"""Agreement: whether the parts of a document fit each other (SPEC 10)."""

from collections.abc import Mapping
from typing import cast

from rnnspec import codes, layout
from rnnspec.issue import child, escaped, listed, quoted
from rnnspec.json_reader import Value
from rnnspec.validate.findings import (
    SPECIAL_IDS,
    Data,
    Findings,
    Object,
    described,
    members_of,
    sizes,
)
from rnnspec.validate.references import References


class Agreement(References):
    """Whether the parts fit each other (SPEC 10), in a document of sound structure.

    None stands for a size that is unknown because of another finding.
    """

    def __init__(self, document: Object, data: Mapping[str, Data], findings: Findings) -> None:
        super().__init__(document, data, findings)
        self.input = members_of(document["input"])
        self.vocabularies = members_of(document.get("vocabularies", {}))
        self.layers = [members_of(layer) for layer in cast(list[Value], document["layers"])]
        self.output = members_of(document["output"])
        self.examples = [members_of(e) for e in cast(list[Value], document.get("examples", []))]
        self.reads_tokens = self.input["kind"] == "tokens"
        self.has_decoding = "decoding" in document
        self.has_time = True  # of the layers that are judged

    def document(self) -> None:
        """All of section 10. The order matters where a tensor is referred to twice."""
        self.check_names()
        self.check_vocabularies()
        width = self.check_layers()
        self.check_output(width)
        for k, example in enumerate(self.examples):
            self.check_example(example, f"/examples/{k}", width)
        self.check_tensors()

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
        tokens = cast(list[str | float], vocabulary["tokens"])
        special = {
            name: cast(float, vocabulary[name]) for name in SPECIAL_IDS if name in vocabulary
        }
        for name, number in special.items():
            if number >= len(tokens):
                expected, got = len(tokens) - 1, described(number)
                self.add(codes.ID_RANGE, child(at, name), expected=expected, got=got)
        seen: set[float | str] = set()
        for k, token in enumerate(tokens):
            if k in special.values():
                continue
            if token == "":
                words = listed(SPECIAL_IDS)
                self.add(codes.VOCABULARY_EMPTY, f"{at}/tokens/{k}", expected=words)
            elif token in seen:
                got = described(token)
                self.add(codes.VOCABULARY_REPEATED, f"{at}/tokens/{k}", got=got)
            seen.add(token)

    def tokens(self, part: Object) -> int | None:
        """V of the vocabulary that input or output names."""
        vocabulary = self.vocabularies.get(cast(str, part.get("vocabulary", "")))
        return len(cast(list[str], members_of(vocabulary)["tokens"])) if vocabulary else None

    def check_layers(self) -> int | None:
        """[agree-3], [agree-5]: the parameters of each layer. Gives the width of the output."""
        width = None if self.reads_tokens else int(cast(float, self.input["size"]))
        for k, layer in enumerate(self.layers):
            layer_type = cast(str, layer["type"])
            sizes: dict[layout.Letter, int | None] = {"I": width, "V": None, "H": None}
            if expected := self.other_layers(k, layer_type):
                self.add(codes.LAYER_INPUT, f"/layers/{k}/type", expected=expected, got=layer_type)
                sizes["I"] = None
            elif layer_type in layout.TOKEN_LAYERS:
                sizes["V"] = self.tokens(self.input)
            if layer_type in layout.SIZE_MEMBER:
                sizes["H"] = int(cast(float, layer[layout.SIZE_MEMBER[layer_type]]))
            names = members_of(layer.get("parameters", {}))
            for role, parameter in layout.PARAMETERS[layer_type].items():
                if role in names:
                    shape = layout.shape(parameter, sizes)
                    self.refer(cast(str, names[role]), f"/layers/{k}/parameters/{role}", shape)
            width = layout.width(layer_type, sizes)
            if layout.takes_time_away(layer_type, layer.get("output")):
                self.has_time = False
        return width

    def other_layers(self, k: int, layer_type: str) -> str:
        """Which layers could stand at place k, if this one can't ([agree-3]); else nothing."""
        gets_tokens = self.reads_tokens and k == 0
        if gets_tokens != (layer_type in layout.TOKEN_LAYERS):
            return listed(layout.TOKEN_LAYERS) if gets_tokens else "a layer for numbers"
        if not self.has_time and layer_type not in layout.TIMELESS_LAYERS:
            return listed(layout.TIMELESS_LAYERS)
        return ""

    def check_output(self, width: int | None) -> None:
        """[agree-7], [agree-8]."""
        kind = cast(str, self.output["kind"])
        function = cast(str, self.layers[-1].get("function", ""))
        wanted = layout.VECTOR_FUNCTIONS.get(function)
        if (kind != wanted) if wanted else (kind in layout.VECTOR_FUNCTIONS.values()):
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
                shape = (rows, steps, width) if self.has_time else (rows, width)
                known = None if None in shape else shape
                self.refer(cast(str, example[member]), f"{at}/output", known, float32=True)
            elif member in example:
                self.check_state(members_of(example[member]), f"{at}/{member}", rows)

    def check_example_input(self, value: Value, at: str) -> tuple[int | None, int | None]:
        """The input of an example; gives N and T, as far as they are known."""
        tokens = self.reads_tokens
        if isinstance(value, str):
            size = None if tokens else int(cast(float, self.input["size"]))
            if tokens:
                expected = "a list of lists of ids"
                self.add(codes.EXAMPLE_INPUT, at, expected=expected, got=described(value))
            self.refer(value, at, None if tokens else (None, None, size), float32=not tokens)
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
            own_roles = layout.STATES.get(layer_type, ("h", "c"))
            if name not in recurrent:
                expected = listed(list(recurrent))
                self.add(codes.LAYER_UNKNOWN, place, expected=expected, got=quoted(name))
            for role in ("h", "c"):
                role_place = child(place, role)
                if role in arrays and role not in own_roles:
                    expected, got = f"h alone for {layer_type}", quoted(role)
                    self.add(codes.LAYER_UNKNOWN, role_place, expected=expected, got=got)
                if role in arrays:
                    known = None not in {rows, size} and role in own_roles
                    shape = (rows, size) if known else None
                    self.refer(cast(str, arrays[role]), role_place, shape, float32=True)
                elif role in own_roles and name in recurrent:
                    expected = f"{escaped(name)} with {listed(own_roles)}"
                    self.add(codes.STATE_INCOMPLETE, place, name=quoted(name), expected=expected)
        for name in recurrent:
            if name not in state:
                self.add(
                    codes.STATE_INCOMPLETE, at, name=quoted(name), expected=listed(list(recurrent))
                )
