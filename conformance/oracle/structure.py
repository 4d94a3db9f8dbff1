"""The stage structure (SPEC 5 to 9): every value against the tables, all findings collected."""

import re

from conformance.oracle.checks import EXTENSION_GRAMMAR, Check
from conformance.oracle.finding import WARNING, Limits
from conformance.oracle.layer_structure import MAX_SIZE, LayerStructure
from conformance.oracle.references import ARRAYS
from conformance.oracle.tensors import product, strict_base64
from conformance.oracle.values import Value, is_integer, step

VERSION = "1.0-draft.3"
NUMBER = "(0|[1-9][0-9]{0,8})"
VERSION_GRAMMAR = re.compile(rf"{NUMBER}\.{NUMBER}(-draft\.{NUMBER})?")
MAX_TOKENS = 2_097_152
MAX_DIMENSION = 2_147_483_647
UNITS = ("byte", "codepoint", "token")
DTYPES = ("float32", "float16", "bfloat16", "int8")


class Structure(LayerStructure):
    """Judges one document; afterwards `findings` holds what was found."""

    def __init__(self, limits: Limits, *, is_msgpack: bool, try_anyway: bool = False) -> None:
        super().__init__(limits)
        self.is_msgpack = is_msgpack
        self.try_anyway = try_anyway

    def document(self, value: Value) -> None:
        """The top level; the version [version-1] and what is required [extension-3] come first."""
        assert isinstance(value, dict)  # the stage bytes saw to that
        if not self.version(value) or not self.extensions_known(value):
            return
        self.members(
            value,
            "",
            required={
                "rnnspec": self.string,
                "input": self.input,
                "layers": self.layers,
                "output": self.output,
                "tensors": self.named(self.tensor),
            },
            optional={
                "$schema": self.string,
                "name": self.string,
                "version": self.string,
                "description": self.string,
                "license": self.string,
                "metadata": self.metadata,
                "vocabularies": self.named(self.vocabulary),
                "decoding": self.decoding,
                "examples": self.list_of(self.example),
                "extensions": self.extensions,
                "extensions_required": self.list_of(self.extension_name),
            },
        )

    # --- 5.1 and 5.3: what is judged before everything else -----------------------------------------

    def version(self, value: dict[str, Value]) -> bool:
        """[version-1], [version-2] and [version-4]: whether to go on."""
        if "rnnspec" not in value:
            self.add("VERSION_MISSING", "")
            return False
        version = value["rnnspec"]
        if not isinstance(version, str) or not VERSION_GRAMMAR.fullmatch(version):
            self.add("VERSION_MALFORMED", "/rnnspec")
            return False
        if version != VERSION and self.try_anyway:
            self.add("VERSION_TRIED", "/rnnspec", WARNING)
        elif version != VERSION:
            self.add("VERSION_UNSUPPORTED", "/rnnspec")
            return False
        return True

    def extensions_known(self, value: dict[str, Value]) -> bool:
        """[extension-3]: this draft knows no extension at all."""
        required = value.get("extensions_required")
        unknown = [
            index
            for index, name in enumerate(required if isinstance(required, list) else [])
            if isinstance(name, str) and EXTENSION_GRAMMAR.fullmatch(name)
        ]
        for index in unknown:
            self.add("EXTENSION_UNKNOWN", f"/extensions_required/{index}")
        return not unknown

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

    def tensor(self, value: Value, place: str) -> None:
        """One tensor. With no dtype to go by, `axis` and `scale` may stand or not."""
        dtype = value.get("dtype") if isinstance(value, dict) else None
        required: dict[str, Check] = {
            "dtype": self.word(*DTYPES),
            "shape": self.matrix_shape if dtype == "int8" else self.shape,
            "data": self.data,
        }
        of_int8: dict[str, Check] = {"axis": self.integer(0, 1), "scale": self.data}
        if dtype == "int8":
            required |= of_int8
        elif dtype in DTYPES:
            of_int8 = {}
        self.members(value, place, required, of_int8 | {"extensions": self.extensions})

    def matrix_shape(self, value: Value, place: str) -> None:
        """[tensor-8]: two sizes."""
        self.shape(value, place, low=2, high=2)

    def shape(self, value: Value, place: str, *, low: int = 1, high: int = 3) -> None:
        """One to three sizes, and their product [tensor-5]."""
        before = len(self.findings)
        self.list_of(self.integer(1, MAX_DIMENSION), low, high)(value, place)
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

    def vocabulary(self, value: Value, place: str) -> None:
        """One vocabulary."""
        unit = self.variant(value, place, "unit", UNITS)
        if unit is None:
            return
        token = {"byte": self.byte, "codepoint": self.codepoint, "token": self.string}[unit]
        optional: dict[str, Check] = {"extensions": self.extensions}
        optional |= dict.fromkeys(("unknown", "start", "end", "padding"), self.integer(0))
        if unit == "token":
            optional["separator"] = self.separator
        self.members(
            value,
            place,
            required={"unit": self.skip, "tokens": self.list_of(token, 1, MAX_TOKENS)},
            optional=optional,
        )

    def byte(self, value: Value, place: str) -> None:
        """[vocabulary-1]: a number from 0 to 255, or the empty string."""
        if not isinstance(value, float | str):
            self.add("STRUCTURE_TYPE", place)
        elif value != "" and not (
            isinstance(value, float) and is_integer(value) and 0 <= value <= 255
        ):
            self.add("STRUCTURE_TOKEN", place)

    def codepoint(self, value: Value, place: str) -> None:
        """[vocabulary-1]; Python's strings are sequences of scalar values here."""
        if not isinstance(value, str):
            self.add("STRUCTURE_TYPE", place)
        elif len(value) > 1:
            self.add("STRUCTURE_TOKEN", place)

    def separator(self, value: Value, place: str) -> None:
        """[vocabulary-1]: at least one character."""
        if not isinstance(value, str):
            self.add("STRUCTURE_TYPE", place)
        elif value == "":
            self.add("STRUCTURE_TOKEN", place)

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
        """9.2. With no mode to go by, its companions may stand or not."""
        mode = value.get("mode") if isinstance(value, dict) else None
        required: dict[str, Check] = {"mode": self.word("greedy", "sample", "ctc")}
        blank: dict[str, Check] = {"blank": self.integer(0)}
        temperature: dict[str, Check] = {"temperature": self.number(0.0078125, 128)}
        cuts: dict[str, Check] = {
            "top_k": self.integer(1, 2**31 - 1),
            "top_p": self.number(2.0**-20, 1),
        }
        if mode == "sample":
            self.members(value, place, required | temperature, cuts)
        elif mode == "ctc":
            self.members(value, place, required | blank)
        elif mode == "greedy":
            self.members(value, place, required)
        else:
            self.members(value, place, required, temperature | cuts | blank)

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
        for key, member in value.items():
            self.arrays(member, step(place, key))

    def arrays(self, value: Value, place: str) -> None:
        """The arrays of one layer: names of tensors."""
        self.members(value, place, {"h": self.string}, dict.fromkeys(ARRAYS[1:], self.string))
