"""Structure: each value of a model's document by itself (SPEC 5 to 9)."""

from rnnspec import codes
from rnnspec.issue import quoted
from rnnspec.json_reader import Value
from rnnspec.layout import LARGEST_SIZE
from rnnspec.validate.checks import Check, accept, is_extension_name
from rnnspec.validate.findings import KINDS, SPECIAL_IDS, Object, described
from rnnspec.validate.layers import LayerStructure


class Structure(LayerStructure):
    """Each value of a model by itself."""

    def document(self, document: Object) -> None:
        """The top level ([doc-1])."""
        if not self.version(document) or not self.required_extensions(document):
            return
        self.members(
            document,
            "",
            {
                "rnnspec": accept,
                **dict.fromkeys(("$schema?", "name?", "version?"), self.string),
                **dict.fromkeys(("description?", "license?"), self.string),
                "metadata?": self.anything,
                "input": self.input,
                "vocabularies?": self.named(self.vocabulary),
                "layers": self.layers,
                "output": self.output,
                "decoding?": self.decoding,
                "examples?": self.elements(self.example),
                "extensions?": self.extensions,
                "extensions_required?": self.elements(self.extension_name),
                "tensors": self.named(self.tensor),
            },
        )

    def required_extensions(self, document: Object) -> bool:
        """[extension-3]: whether the rest is to be judged. No extension is known yet."""
        required = document.get("extensions_required")
        sound = True
        for k, name in enumerate(required if isinstance(required, list) else ()):
            if isinstance(name, str) and is_extension_name(name):
                place, expected = f"/extensions_required/{k}", "none: this reader knows none"
                sound = self.fault(
                    codes.EXTENSION_UNKNOWN, place, expected=expected, got=quoted(name)
                )
        return sound

    def input(self, value: Value, at: str) -> bool:
        """5.2."""
        kind = self.tag(value, at, "kind", ("tokens", "features"))
        if kind == "tokens":
            return self.members(value, at, {"kind": accept, "vocabulary": self.string})
        return kind == "features" and self.members(
            value,
            at,
            {
                "kind": accept,
                "size": self.integer(1, LARGEST_SIZE),
                "names?": self.elements(self.string),
                "units?": self.elements(self.string),
                "sample_rate?": self.number(0.001, 1e9),
            },
        )

    # --- section 7 ---

    def vocabulary(self, value: Value, at: str) -> bool:
        """Section 7."""
        units = {"byte": self.byte, "codepoint": self.codepoint, "token": self.string}
        unit = self.tag(value, at, "unit", tuple(units))
        return unit is not None and self.members(
            value,
            at,
            {
                "unit": accept,
                "tokens": self.elements(units[unit], 1, 2_097_152),
                **({"separator?": self.separator} if unit == "token" else {}),
                **{f"{name}?": self.integer(0) for name in SPECIAL_IDS},
                "extensions?": self.extensions,
            },
        )

    def byte(self, value: Value, at: str) -> bool:
        """A token of the unit `byte` ([vocabulary-1])."""
        if not isinstance(value, float | str):
            return self.wrong(value, at, "a number, or the empty string")
        if isinstance(value, str) and value == "":
            return True
        if isinstance(value, float) and value.is_integer() and 0 <= value <= 255:
            return True
        expected = "an integer from 0 to 255, or the empty string"
        return self.fault(codes.STRUCTURE_TOKEN, at, expected=expected, got=described(value))

    def codepoint(self, value: Value, at: str) -> bool:
        """A token of the unit `codepoint` ([vocabulary-1])."""
        if isinstance(value, str) and len(value) > 1:
            expected = "the empty string or one character"
            return self.fault(codes.STRUCTURE_TOKEN, at, expected=expected, got=quoted(value))
        return self.string(value, at)

    def separator(self, value: Value, at: str) -> bool:
        """[vocabulary-1]."""
        if value == "":
            expected, got = "a separator of at least one character", "none"
            return self.fault(codes.STRUCTURE_TOKEN, at, expected=expected, got=got)
        return self.string(value, at)

    # --- section 9 ---

    def output(self, value: Value, at: str) -> bool:
        """9.1."""
        return self.tag(value, at, "kind", KINDS) is not None and self.members(
            value,
            at,
            {
                "kind": accept,
                "vocabulary?": self.string,
                "labels?": self.elements(self.string),
            },
        )

    def decoding(self, value: Value, at: str) -> bool:
        """9.2."""
        modes = ("greedy", "sample", "ctc")
        checks: dict[str, Check] = {"mode": self.word(*modes)}
        mode = value.get("mode") if isinstance(value, dict) else None
        # Where the mode is not known, neither is whether the others should be there.
        if mode == "sample" or mode not in modes:
            checks["temperature" if mode == "sample" else "temperature?"] = self.number(2**-7, 2**7)
            checks["top_k?"] = self.integer(1, 2**31 - 1)
            checks["top_p?"] = self.number(2**-20, 1)
        if mode == "ctc" or mode not in modes:
            checks["blank" if mode == "ctc" else "blank?"] = self.integer(0)
        return self.table(checks)(value, at)

    def example(self, value: Value, at: str) -> bool:
        """9.3."""
        kind = self.tag(value, at, "kind", ("exact", "reference"))
        reference: dict[str, Check] = {
            "source": self.table({"system": self.string, "version": self.string}),
            "tolerance": self.number(0, 1),
        }
        state = self.mapping(self.table(self.arrays()))
        return kind is not None and self.members(
            value,
            at,
            {
                "kind": accept,
                **(reference if kind == "reference" else {}),
                "input": self.example_input,
                "lengths?": self.elements(self.integer(0)),
                "state?": state,
                "output": self.string,
                "final_state?": state,
            },
        )

    def example_input(self, value: Value, at: str) -> bool:
        """Lists of ids, or the name of a tensor."""
        if isinstance(value, list):
            return self.elements(self.elements(self.integer(0), 1), 1)(value, at)
        expected = "a list of lists of ids, or the name of a tensor"
        return isinstance(value, str) or self.wrong(value, at, expected)
