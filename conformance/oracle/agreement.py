"""The stage agreement (SPEC 10): whether the parts of a sound document fit each other."""

from typing import Any

from conformance.oracle.finding import WARNING
from conformance.oracle.layer_agreement import Flow, LayerAgreement
from conformance.oracle.layer_structure import RECURRENT
from conformance.oracle.references import ARRAYS, Size
from conformance.oracle.values import Value, plain, step

SPECIAL = ("unknown", "start", "end", "padding")


class Agreement(LayerAgreement):
    """Judges one document that has no finding so far; afterwards `findings` holds what was found."""

    def __init__(self, document: dict[str, Value]) -> None:
        super().__init__(document["tensors"])
        plain_document = plain(document)
        assert isinstance(plain_document, dict)
        self.net: dict[str, Any] = plain_document
        self.vocabularies: dict[str, dict[str, Any]] = self.net.get("vocabularies", {})

    def document(self) -> None:
        """Everything; tensors are referred to in the order of [agree-4]."""
        self.names()
        self.check_vocabularies()
        given = self.net["input"]
        is_tokens = given["kind"] == "tokens"
        width = self.vocabulary_size(given["vocabulary"]) if is_tokens else given["size"]
        last = self.layers(Flow(width, timed=True, is_tokens=is_tokens))
        self.output(last.width)
        for index, example in enumerate(self.net.get("examples", [])):
            self.example(example, f"/examples/{index}", last)
        self.check_tensors()

    # --- names and vocabularies -------------------------------------------------------------------

    def names(self) -> None:
        """[agree-1]."""
        earlier: set[str] = set()
        for index, layer in enumerate(self.net["layers"]):
            place = f"/layers/{index}/name"
            if layer["name"] == "input":
                self.add("NAME_RESERVED", place)
            if layer["name"] in earlier:
                self.add("NAME_REPEATED", place)
            earlier.add(layer["name"])

    def check_vocabularies(self) -> None:
        """[agree-2] and the warnings of [vocabulary-4]."""
        used: set[str] = set()
        for part in ("input", "output"):
            name = self.net[part].get("vocabulary")
            if name is not None:
                used.add(name)
                if name not in self.vocabularies:
                    self.add("VOCABULARY_UNKNOWN", f"/{part}/vocabulary")
        for name, vocabulary in self.vocabularies.items():
            place = step("/vocabularies", name)
            if name not in used:
                self.add("VOCABULARY_UNUSED", place)
            self.special_ids(vocabulary, place)
            self.token_warnings(vocabulary, place)

    def special_ids(self, vocabulary: dict[str, Any], place: str) -> None:
        """An id must be one of the vocabulary."""
        for special in SPECIAL:
            if vocabulary.get(special, 0) >= len(vocabulary["tokens"]):
                self.add("ID_RANGE", step(place, special))

    def token_warnings(self, vocabulary: dict[str, Any], place: str) -> None:
        """Tokens that are not special may repeat and be empty, with a warning."""
        special = {vocabulary[name] for name in SPECIAL if name in vocabulary}
        earlier: set[str | int] = set()
        for index, token in enumerate(vocabulary["tokens"]):
            if index in special:
                continue
            where = f"{place}/tokens/{index}"
            if token == "":
                self.add("VOCABULARY_EMPTY", where, WARNING)
            elif token in earlier:
                self.add("VOCABULARY_REPEATED", where, WARNING)
            earlier.add(token)

    def vocabulary_size(self, name: str | None) -> Size:
        """V of a vocabulary by name, if it is known."""
        if name is None or name not in self.vocabularies:
            return None
        return len(self.vocabularies[name]["tokens"])

    # --- output and decoding ----------------------------------------------------------------------

    def output(self, width: Size) -> None:
        """[agree-7] and [agree-8]; the names of the input too."""
        output, features = self.net["output"], self.net["input"]
        asked = {"softmax": "probabilities", "log_softmax": "log_probabilities"}.get(
            self.net["layers"][-1].get("function")
        )
        distributions = ("probabilities", "log_probabilities")
        if output["kind"] != asked and (asked or output["kind"] in distributions):
            self.add("OUTPUT_KIND", "/output/kind")
        tokens = self.vocabulary_size(output.get("vocabulary"))
        if tokens is not None and width is not None and tokens != width:
            self.add("VOCABULARY_SIZE", "/output/vocabulary")
        if width is not None and len(output.get("labels", range(width))) != width:
            self.add("LABELS_COUNT", "/output/labels")
        for member in ("names", "units"):
            if member in features and len(features[member]) != features["size"]:
                self.add("LABELS_COUNT", f"/input/{member}")
        decoding = self.net.get("decoding")
        if decoding is None:
            return
        if "vocabulary" not in output:
            self.add("DECODING_OUTPUT", "/decoding")
        elif tokens is not None and decoding.get("blank", 0) >= tokens:
            self.add("ID_RANGE", "/decoding/blank")

    # --- examples ---------------------------------------------------------------------------------

    def example(self, example: dict[str, Any], place: str, last: Flow) -> None:
        """[agree-9], and the tensors of one example in the order of its table."""
        rows, steps = self.example_input(example["input"], f"{place}/input")
        lengths = example.get("lengths")
        if lengths is not None and rows is not None:
            self.lengths(lengths, f"{place}/lengths", rows, steps)
        if "state" in example:
            self.state(example["state"], f"{place}/state", rows)
        shapes: dict[bool | None, list[Size]] = {
            True: [rows, steps, last.width],
            False: [rows, last.width],
        }
        self.reference(example["output"], f"{place}/output", shapes.get(last.timed), "float32")
        if "final_state" in example:
            self.state(example["final_state"], f"{place}/final_state", rows)

    def example_input(self, given: str | list[list[int]], place: str) -> tuple[Size, Size]:
        """The input of an example; gives N and T, as far as they are known."""
        takes_tokens = self.net["input"]["kind"] == "tokens"
        if isinstance(given, list):
            if not takes_tokens:
                self.add("EXAMPLE_INPUT", place)
                return None, None
            self.token_rows(given, place)
            return len(given), len(given[0])
        if takes_tokens:
            self.add("EXAMPLE_INPUT", place)
            self.reference(given, place, None)
            return None, None
        shape = self.tensors[given]["shape"] if given in self.tensors else []
        rows, steps = (shape[0], shape[1]) if len(shape) == 3 else (None, None)
        # Rank 3 and the last size are what can be wrong: N and T are what this shape says.
        wanted = [rows or 1, steps or 1, self.net["input"]["size"]]
        self.reference(given, place, wanted, "float32")
        return rows, steps

    def token_rows(self, rows: list[list[int]], place: str) -> None:
        """Lists of one length, and ids of the vocabulary."""
        tokens = self.vocabulary_size(self.net["input"]["vocabulary"])
        for n, row in enumerate(rows):
            if len(row) != len(rows[0]):
                self.add("EXAMPLE_INPUT", f"{place}/{n}")
                continue
            for t, token in enumerate(row):
                if tokens is not None and token >= tokens:
                    self.add("ID_RANGE", f"{place}/{n}/{t}")

    def lengths(self, lengths: list[int], place: str, rows: int, steps: Size) -> None:
        """N numbers, none above T."""
        if len(lengths) != rows:
            self.add("LABELS_COUNT", place)
            return
        for n, length in enumerate(lengths):
            if steps is not None and length > steps:
                self.add("ID_RANGE", f"{place}/{n}")

    def state(self, state: dict[str, dict[str, str]], place: str, rows: Size) -> None:
        """Exactly the recurrent layers, each with its arrays."""
        recurrent = {
            layer["name"]: arrays_of(layer)
            for layer in self.net["layers"]
            if layer["type"] in RECURRENT
        }
        for name in recurrent:
            if name not in state:
                self.add("STATE_INCOMPLETE", place)
        for name, arrays in state.items():
            where = step(place, name)
            wanted = recurrent.get(name, {})
            if name not in recurrent:
                self.add("LAYER_UNKNOWN", where)
            for array in wanted:
                if array not in arrays:
                    self.add("STATE_INCOMPLETE", where)
            for array in ARRAYS:
                if array not in arrays:
                    continue
                if name in recurrent and array not in wanted:
                    self.add("LAYER_UNKNOWN", f"{where}/{array}")
                shape = [rows, wanted.get(array)]
                self.reference(arrays[array], f"{where}/{array}", shape, "float32")


def arrays_of(layer: dict[str, Any]) -> dict[str, int]:
    """The arrays of a recurrent layer's state, and how wide they are (9.3)."""
    hidden: int = layer["hidden_size"]
    arrays: dict[str, int] = {"h": layer.get("projection_size", hidden)}
    if layer["type"] == "lstm":
        arrays["c"] = hidden
    if layer.get("direction") == "bidirectional":
        arrays |= {f"{array}_reverse": size for array, size in arrays.items()}
    return arrays
