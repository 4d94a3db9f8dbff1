"""Agreement: whether the parts of a document fit each other (SPEC 10)."""

from collections.abc import Mapping
from typing import cast

from rnnspec import codes, graph, layout
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
        self.decoding = members_of(document["decoding"]) if "decoding" in document else None
        self.size = None if self.reads_tokens else int(cast(float, self.input["size"]))
        self.nodes = graph.nodes(self.layers, self.size, self.tokens(self.input))
        self.width = self.nodes[-1].width  # of the output
        self.has_time = self.nodes[-1].has_time

    def document(self) -> None:
        """All of section 10. The order matters where a tensor is referred to twice."""
        self.check_names()
        self.check_vocabularies()
        self.check_layers()
        self.check_output()
        for k, example in enumerate(self.examples):
            self.check_example(example, f"/examples/{k}")
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

    def check_layers(self) -> None:
        """[agree-3], [agree-5]: what each layer reads, and its parameters."""
        knows_all = True
        for k, (layer, node) in enumerate(zip(self.layers, self.nodes, strict=True)):
            at = f"/layers/{k}"
            for i, place in enumerate(node.reads):
                if place is None:
                    knows_all = False
                    names = cast(list[str], layer["inputs"])
                    self.add(codes.INPUT_UNKNOWN, f"{at}/inputs/{i}", got=quoted(names[i]))
            if node.is_misplaced:
                got, expected = layer["type"], _readable(layer, node)
                self.add(codes.LAYER_INPUT, f"{at}/type", expected=expected, got=got)
            if node.is_misfit:
                expected = "one width"
                if layer["type"] == "concat":
                    expected = f"at most {layout.LARGEST_SIZE} in all"
                got = listed(map(str, node.widths))
                self.add(codes.INPUT_WIDTH, f"{at}/inputs", expected=expected, got=got)
            tensors = members_of(layer.get("parameters", {}))
            for role, parameter in layout.parameters(layer).items():
                if role in tensors:
                    shape = layout.shape(parameter, node.sizes)
                    self.refer(cast(str, tensors[role]), f"{at}/parameters/{role}", shape)
        for k in graph.unread(self.nodes) if knows_all else ():
            self.add(
                codes.LAYER_UNUSED, f"/layers/{k}", name=quoted(cast(str, self.layers[k]["name"]))
            )

    def check_output(self) -> None:
        """[agree-7], [agree-8]."""
        width = self.width
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
        for part, at, want in (
            (self.output, "/output/labels", width),
            (self.input, "/input/names", self.size),
            (self.input, "/input/units", self.size),
        ):
            texts = cast(list[Value] | None, part.get(at.rpartition("/")[2]))
            if texts is not None and want is not None and len(texts) != want:
                self.add(codes.LABELS_COUNT, at, expected=want, got=len(texts))
        if self.decoding is not None and "vocabulary" not in self.output:
            self.add(codes.DECODING_OUTPUT, "/decoding")
        blank = cast(float | None, self.decoding.get("blank")) if self.decoding else None
        if blank is not None and tokens is not None and blank >= tokens:
            got = described(blank)
            self.add(codes.ID_RANGE, "/decoding/blank", expected=tokens - 1, got=got)

    def check_example(self, example: Object, at: str) -> None:
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
                shape = (rows, steps, self.width) if self.has_time else (rows, self.width)
                known = None if self.has_time is None or None in shape else shape
                self.refer(cast(str, example[member]), f"{at}/output", known, float32=True)
            elif member in example:
                self.check_state(members_of(example[member]), f"{at}/{member}", rows)

    def check_example_input(self, value: Value, at: str) -> tuple[int | None, int | None]:
        """The input of an example; gives N and T, as far as they are known."""
        tokens = self.reads_tokens
        if isinstance(value, str):
            if tokens:
                expected = "a list of lists of ids"
                self.add(codes.EXAMPLE_INPUT, at, expected=expected, got=described(value))
            self.refer(value, at, None if tokens else (None, None, self.size), float32=not tokens)
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
        recurrent: dict[str, dict[str, int | None]] = {}  # name → array → its width
        for layer, node in zip(self.layers, self.nodes, strict=True):
            if own := layout.states(layer):
                name = cast(str, layer["name"])
                known = name not in recurrent  # of several layers of one name, no width is known
                recurrent[name] = {
                    array: node.sizes[letter] if known else None for array, letter in own.items()
                }
        for name, value in state.items():
            arrays, place = members_of(value), child(at, name)
            if name not in recurrent:
                expected = listed(list(recurrent))
                self.add(codes.LAYER_UNKNOWN, place, expected=expected, got=quoted(name))
            own_arrays = recurrent.get(name, {})
            for array in layout.ARRAYS:
                array_place = child(place, array)
                if array in arrays:
                    if name in recurrent and array not in own_arrays:
                        expected, got = listed(own_arrays), quoted(array)
                        self.add(codes.LAYER_UNKNOWN, array_place, expected=expected, got=got)
                    size = own_arrays.get(array)
                    shape = None if None in {rows, size} else (rows, size)
                    self.refer(cast(str, arrays[array]), array_place, shape, float32=True)
                elif array in own_arrays:
                    expected = f"{escaped(name)} with {listed(own_arrays)}"
                    self.add(codes.STATE_INCOMPLETE, place, name=quoted(name), expected=expected)
        for name in recurrent:
            if name not in state:
                self.add(
                    codes.STATE_INCOMPLETE, at, name=quoted(name), expected=listed(list(recurrent))
                )


def _readable(layer: Object, node: graph.Node) -> str:
    """What a layer could read, or what could read that ([agree-3])."""
    if layer["type"] in layout.TOKEN_LAYERS:
        return "the `input` of a net of tokens"
    if node.reads_ids:
        return f"{listed(layout.TOKEN_LAYERS)} for tokens"
    if layer["type"] in layout.MERGING_LAYERS:
        return "inputs that all have time, or that all have none"
    return "an input with time"
