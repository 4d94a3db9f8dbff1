"""The stage structure (SPEC 5 to 9): every value against the tables, all findings collected."""

import re
from collections.abc import Callable

from conformance.oracle.checks import Check, Checks
from conformance.oracle.finding import Limits
from conformance.oracle.tensors import product, strict_base64
from conformance.oracle.values import Value, step

VERSION = "1.0-draft.1"
NUMBER = "(0|[1-9][0-9]{0,8})"
VERSION_GRAMMAR = re.compile(rf"{NUMBER}\.{NUMBER}(-draft\.{NUMBER})?")
NAME_GRAMMAR = re.compile("[A-Za-z][A-Za-z0-9_.-]{0,127}")
MAX_SIZE = 65_536
MAX_TOKENS = 2_097_152
MAX_DIMENSION = 2_147_483_647


class Structure(Checks):
    """Judges one document; afterwards `findings` holds what was found."""

    def __init__(self, limits: Limits, *, is_msgpack: bool) -> None:
        super().__init__()
        self.limits = limits
        self.is_msgpack = is_msgpack

    def document(self, value: Value) -> None:
        """The top level; the version before everything else [version-1]."""
        assert isinstance(value, dict)  # the stage bytes saw to that
        if "rnnspec" not in value:
            self.add("VERSION_MISSING", "")
            return
        version = value["rnnspec"]
        if not isinstance(version, str) or not VERSION_GRAMMAR.fullmatch(version):
            self.add("VERSION_MALFORMED", "/rnnspec")
            return
        if version != VERSION:
            self.add("VERSION_UNSUPPORTED", "/rnnspec")
            return
        self.members(
            value,
            "",
            required={
                "rnnspec": self.string,
                "input": self.input,
                "layers": self.layers,
                "output": self.output,
                "tensors": self.tensors,
            },
            optional={
                "$schema": self.string,
                "name": self.string,
                "version": self.string,
                "description": self.string,
                "license": self.string,
                "metadata": self.metadata,
                "vocabularies": self.vocabularies,
                "decoding": self.decoding,
                "examples": self.list_of(self.example),
            },
        )

    # --- what several parts use -------------------------------------------------------------------

    def metadata(self, value: Value, place: str) -> None:
        """Anything but bytes."""
        if not isinstance(value, dict):
            self.add("STRUCTURE_TYPE", place)
            return
        self.no_bytes(value, place)

    def no_bytes(self, value: Value, place: str) -> None:
        """[doc-3]: bytes stand nowhere but as tensor data."""
        match value:
            case bytes():
                self.add("STRUCTURE_TYPE", place)
            case list():
                for index, element in enumerate(value):
                    self.no_bytes(element, step(place, index))
            case dict():
                for key, member in value.items():
                    self.no_bytes(member, step(place, key))

    def name(self, value: Value, place: str) -> None:
        """The name of a layer."""
        if not isinstance(value, str):
            self.add("STRUCTURE_TYPE", place)
        elif not NAME_GRAMMAR.fullmatch(value):
            self.add("STRUCTURE_NAME", place)

    def named(self, value: Value, place: str, check: Check) -> None:
        """An object of members with names [doc-5]."""
        if not isinstance(value, dict):
            self.add("STRUCTURE_TYPE", place)
            return
        for key, member in value.items():
            if not NAME_GRAMMAR.fullmatch(key):
                self.add("STRUCTURE_NAME", step(place, key))
            check(member, step(place, key))

    # --- 5.2 input --------------------------------------------------------------------------------

    def input(self, value: Value, place: str) -> None:
        """5.2."""
        match self.variant(value, place, "kind", ("tokens", "features")):
            case "tokens":
                self.members(value, place, {"kind": self.skip, "vocabulary": self.string})
            case "features":
                self.members(
                    value,
                    place,
                    required={"kind": self.skip, "size": self.integer(1, MAX_SIZE)},
                    optional={
                        "names": self.list_of(self.string),
                        "units": self.list_of(self.string),
                        "sample_rate": self.number(0.001, 1e9),
                    },
                )

    # --- 6 tensors --------------------------------------------------------------------------------

    def tensors(self, value: Value, place: str) -> None:
        """The table of tensors."""
        self.named(value, place, self.tensor)

    def tensor(self, value: Value, place: str) -> None:
        """One tensor."""
        self.members(
            value,
            place,
            {"dtype": self.word("float32", "float16"), "shape": self.shape, "data": self.data},
        )

    def shape(self, value: Value, place: str) -> None:
        """One to three sizes, and their product [tensor-5]."""
        before = len(self.findings)
        self.list_of(self.integer(1, MAX_DIMENSION), 1, 3)(value, place)
        if len(self.findings) > before:
            return
        assert isinstance(value, list)
        if product(value) > self.limits.elements:
            self.add("LIMIT_ELEMENTS", place)

    def data(self, value: Value, place: str) -> None:
        """[tensor-3] and [tensor-4]."""
        if self.is_msgpack:
            if not isinstance(value, bytes):
                self.add("STRUCTURE_TYPE", place)
        elif isinstance(value, list):
            for index, element in enumerate(value):
                if not isinstance(element, float):
                    self.add("STRUCTURE_TYPE", step(place, index))
                    return
        elif not isinstance(value, str):
            self.add("STRUCTURE_TYPE", place)
        elif strict_base64(value) is None:
            self.add("STRUCTURE_BASE64", place)

    # --- 7 vocabularies ---------------------------------------------------------------------------

    def vocabularies(self, value: Value, place: str) -> None:
        """The table of vocabularies."""
        self.named(value, place, self.vocabulary)

    def vocabulary(self, value: Value, place: str) -> None:
        """One vocabulary."""
        if self.variant(value, place, "unit", ("codepoint",)) is None:
            return
        self.members(
            value,
            place,
            required={"unit": self.skip, "tokens": self.list_of(self.token, 1, MAX_TOKENS)},
            optional=dict.fromkeys(("unknown", "start", "end", "padding"), self.integer(0)),
        )

    def token(self, value: Value, place: str) -> None:
        """[vocabulary-1]; Python's strings are sequences of scalar values here."""
        if not isinstance(value, str):
            self.add("STRUCTURE_TYPE", place)
        elif len(value) > 1:
            self.add("STRUCTURE_TOKEN", place)

    # --- 8 layers ---------------------------------------------------------------------------------

    def layers(self, value: Value, place: str) -> None:
        """The list of layers; too many are not judged [doc-7]."""
        if isinstance(value, list) and len(value) > self.limits.layers:
            self.add("LIMIT_LAYERS", place)
            return
        self.list_of(self.layer, 1)(value, place)

    def layer(self, value: Value, place: str) -> None:
        """One layer, by its type."""
        size = self.integer(1, MAX_SIZE)
        tables: dict[str, tuple[dict[str, Check], dict[str, Check]]] = {
            "embedding": ({"size": size, "parameters": self.roles("E")}, {}),
            "one_hot": ({}, {}),
            "lstm": ({"hidden_size": size, "parameters": self.roles("W", "R", "b?")}, {}),
            "dense": ({"size": size, "parameters": self.roles("W", "b?")}, {}),
            "activation": ({"function": self.word("softmax", "log_softmax")}, {}),
        }
        kind = self.variant(value, place, "type", tuple(tables))
        if kind is not None:
            required, optional = tables[kind]
            common: dict[str, Check] = {"name": self.name, "type": self.skip}
            self.members(value, place, common | required, optional)

    def roles(self, *names: str) -> Check:
        """`parameters`: a string for each role; those with a question mark may be absent."""
        required: dict[str, Check] = {name: self.string for name in names if not name.endswith("?")}
        optional: dict[str, Check] = {
            name.removesuffix("?"): self.string for name in names if name.endswith("?")
        }
        return lambda value, place: self.members(value, place, required, optional)

    # --- 9 output, decoding, examples -------------------------------------------------------------

    def output(self, value: Value, place: str) -> None:
        """9.1."""
        kinds = ("logits", "log_probabilities", "probabilities", "values")
        if self.variant(value, place, "kind", kinds) is not None:
            self.members(
                value,
                place,
                required={"kind": self.skip},
                optional={"vocabulary": self.string, "labels": self.list_of(self.string)},
            )

    def decoding(self, value: Value, place: str) -> None:
        """9.2. With no mode to go by, a temperature may stand or not."""
        mode = value.get("mode") if isinstance(value, dict) else None
        required: dict[str, Check] = {"mode": self.word("greedy", "sample")}
        optional: dict[str, Check] = {}
        if mode == "sample":
            required["temperature"] = self.number(0.0078125, 128)
        elif mode != "greedy":
            optional["temperature"] = self.number(0.0078125, 128)
        self.members(value, place, required, optional)

    def example(self, value: Value, place: str) -> None:
        """9.3."""
        kind = self.variant(value, place, "kind", ("exact", "reference"))
        if kind is None:
            return
        required: dict[str, Check] = {
            "kind": self.skip,
            "input": self.example_input,
            "output": self.string,
        }
        if kind == "reference":
            required |= {"source": self.source, "tolerance": self.number(0, 1)}
        self.members(
            value,
            place,
            required,
            optional={
                "lengths": self.list_of(self.integer(0)),
                "state": self.state,
                "final_state": self.state,
            },
        )

    def source(self, value: Value, place: str) -> None:
        """The system that a reference example came from."""
        self.members(value, place, {"system": self.string, "version": self.string})

    def example_input(self, value: Value, place: str) -> None:
        """The name of a tensor, or lists of ids; which of them is a matter of agreement."""
        if not isinstance(value, str):
            self.list_of(self.list_of(self.integer(0), 1), 1)(value, place)

    def state(self, value: Value, place: str) -> None:
        """Recurrent layer → its arrays; the keys refer to layers and are not judged as names."""
        if not isinstance(value, dict):
            self.add("STRUCTURE_TYPE", place)
            return
        arrays: Callable[[Value, str], None] = lambda member, where: self.members(  # noqa: E731
            member, where, {"h": self.string}, {"c": self.string}
        )
        for key, member in value.items():
            arrays(member, step(place, key))
