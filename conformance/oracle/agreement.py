"""The stage agreement (SPEC 10): whether the parts of a sound document fit each other."""

from typing import Any

from conformance.oracle.finding import WARNING
from conformance.oracle.references import References, Size
from conformance.oracle.values import Value, plain, step

SPECIAL = ("unknown", "start", "end", "padding")
FROM_TOKENS = ("embedding", "one_hot")
RECURRENT = {"elman": ("h",), "lstm": ("h", "c"), "gru": ("h",)}
WITHOUT_MEMORY = ("dense", "affine", "activation")  # what may stand behind a layer without time


class Agreement(References):
    """Judges one document that has no finding so far; afterwards `findings` holds what was found."""

    def __init__(self, document: dict[str, Value]) -> None:
        super().__init__(document["tensors"])
        plain_document = plain(document)
        assert isinstance(plain_document, dict)
        self.net: dict[str, Any] = plain_document
        self.vocabularies: dict[str, dict[str, Any]] = self.net.get("vocabularies", {})
        # [layer-5]: whether the output has no time.
        self.timeless = any(is_timeless(layer) for layer in self.net["layers"])

    def document(self) -> None:
        """Everything; tensors are referred to in the order of [agree-4]."""
        self.names()
        self.check_vocabularies()
        width = self.layers()
        self.output(width)
        for index, example in enumerate(self.net.get("examples", [])):
            self.example(example, f"/examples/{index}", width)
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

    # --- layers -----------------------------------------------------------------------------------

    def layers(self) -> Size:
        """[agree-3], and the parameters of each layer; gives the width of the output."""
        takes_tokens = self.net["input"]["kind"] == "tokens"
        width: Size = self.net["input"].get("size")
        tokens = self.vocabulary_size(self.net["input"].get("vocabulary"))
        timeless = False
        for index, layer in enumerate(self.net["layers"]):
            place = f"/layers/{index}"
            fits = (layer["type"] in FROM_TOKENS) == (takes_tokens and index == 0)
            fits = fits and not (timeless and layer["type"] not in WITHOUT_MEMORY)
            timeless = timeless or is_timeless(layer)
            if not fits:
                self.add("LAYER_INPUT", f"{place}/type")
            width = self.layer(layer, place, width if fits else None, tokens if fits else None)
        return width

    def layer(self, layer: dict[str, Any], place: str, width: Size, tokens: Size) -> Size:
        """The parameters of one layer, of known or unknown I and V; gives its own width."""
        shapes: dict[str, list[Size]] = {}
        match layer:
            case {"type": "embedding", "size": int(size)}:
                own: Size = size
                shapes = {"E": [tokens, size]}
            case {"type": "one_hot"}:
                own = tokens
            case {"type": "elman" | "lstm" | "gru" as cell, "hidden_size": int(hidden)}:
                own = hidden
                columns = {"elman": 1, "lstm": 4, "gru": 3}[cell] * hidden
                shapes = {"W": [width, columns], "R": [hidden, columns], "b": [columns]}
                shapes |= {role: [hidden] for role in ("rb", "h0", "c0")}
            case {"type": "dense", "size": int(size)}:
                own = size
                shapes = {"W": [width, size], "b": [size]}
            case {"type": "affine"}:
                own = width
                shapes = {"s": [width], "t": [width]}
            case _:
                own = width
        parameters = layer.get("parameters", {})
        for role, shape in shapes.items():
            if role in parameters:
                self.reference(parameters[role], f"{place}/parameters/{role}", shape)
        return own

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
        if "decoding" in self.net and "vocabulary" not in output:
            self.add("DECODING_OUTPUT", "/decoding")

    # --- examples ---------------------------------------------------------------------------------

    def example(self, example: dict[str, Any], place: str, width: Size) -> None:
        """[agree-9], and the tensors of one example in the order of its table."""
        rows, steps = self.example_input(example["input"], f"{place}/input")
        lengths = example.get("lengths")
        if lengths is not None and rows is not None:
            self.lengths(lengths, f"{place}/lengths", rows, steps)
        if "state" in example:
            self.state(example["state"], f"{place}/state", rows)
        shape = [rows, width] if self.timeless else [rows, steps, width]
        self.reference(example["output"], f"{place}/output", shape, "float32")
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
        """Exactly the recurrent layers, each with its arrays `[N, H]`."""
        recurrent = {
            layer["name"]: layer for layer in self.net["layers"] if layer["type"] in RECURRENT
        }
        for name in recurrent:
            if name not in state:
                self.add("STATE_INCOMPLETE", place)
        for name, arrays in state.items():
            where = step(place, name)
            layer = recurrent.get(name)
            wanted = () if layer is None else RECURRENT[layer["type"]]
            if layer is None:
                self.add("LAYER_UNKNOWN", where)
            elif "c" in wanted and "c" not in arrays:
                self.add("STATE_INCOMPLETE", where)
            for array in ("h", "c"):
                if array not in arrays:
                    continue
                if layer is not None and array not in wanted:
                    self.add("LAYER_UNKNOWN", f"{where}/{array}")
                hidden = layer["hidden_size"] if layer is not None and array in wanted else None
                self.reference(arrays[array], f"{where}/{array}", [rows, hidden], "float32")


def is_timeless(layer: dict[str, Any]) -> bool:
    """[layer-5]: whether a layer's output has no time."""
    return layer["type"] == "last_step" or layer.get("output") == "final"
