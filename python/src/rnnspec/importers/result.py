"""Import: what an importer gives. A document, how it came about, and examples that prove it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from rnnspec import Model, RnnspecError, TokenInput, build, run
from rnnspec import compile as compile_model
from rnnspec.importers.net import Net, tensor
from rnnspec.importers.pattern import Document, Note, Notes
from rnnspec.importers.refusal import Refused, unsupported
from rnnspec.tensor import Float32

Numbers = npt.NDArray[Any]  # of integers or floats

_STEP: Final = 0.6180339887498949  # of a turn: spreads values evenly, and never repeats soon


@dataclass(frozen=True)
class Import:
    """A net that came over. Nothing in it changes: the methods `with_…` give another one."""

    system: str
    document: Document  # as in a file, with numpy arrays as the data of tensors
    notes: tuple[Note, ...]
    decoder: "Import | None" = None  # of an encoder; a second model, to which its state is given

    @cached_property
    def model(self) -> Model:
        """The checked model, for `rnnspec.save` and `rnnspec.compile`.

        Raises Refused where the net breaks a rule of SPEC.md that no importer looked at.
        """
        try:
            return build(self.document)
        except RnnspecError as error:
            raise unsupported(
                f"the format can't hold this net: {error.issues[0].message}"
            ) from None

    def with_members(self, **members: str | None) -> "Import":
        """With `name`, `version`, `description` or `license` of the model; None leaves one as it is.

        Of an encoder and a decoder both get them, the name with -encoder and -decoder behind it.
        """
        given = {name: text for name, text in members.items() if text is not None}
        if self.decoder is None:
            return replace(self, document={**self.document, **given})
        first, second = (
            {**given, **({"name": f"{given['name']}-{which}"} if "name" in given else {})}
            for which in ("encoder", "decoder")
        )
        decoder = self.decoder.with_members(**second)
        return replace(self, document={**self.document, **first}, decoder=decoder)

    def with_exact(self, steps: int) -> "Import":
        """With one exact example of so many steps (at least 1): what this net gives here, bit for bit.

        A decoder gets one too, from its initial state.
        """
        given = _input(self.model, steps)
        output, _ = run(compile_model(self.model), given)
        decoder = self.decoder.with_exact(steps) if self.decoder else None
        return replace(self._with_example({"kind": "exact"}, given, output), decoder=decoder)

    def with_reference(
        self, given: Numbers, output: Numbers, system: str, version: str, tolerance: float = 1e-5
    ) -> "Import":
        """With what the original computed: ids `[T]` or `[N, T]`, features `[T, I]` or `[N, T, I]`; its output likewise.

        Raises Refused if this net does not give it within `tolerance · max(1, |r|)`, and RnnspecError
        for an input that does not fit the net.
        """
        tokens = self.model.input.kind == "tokens"
        if given.ndim == (1 if tokens else 2):  # one row
            given, output = given[None], output[None]
        if tokens and given.dtype.kind != "i":
            given = given.astype(np.int64)
        ran, _ = run(compile_model(self.model), given if tokens else given.astype(np.float32))
        wide = output.astype(np.float64)
        if ran.shape != wide.shape:
            raise Refused(
                "IMPORT_MISMATCH",
                f"the net gives {list(ran.shape)} numbers for that input, and the reference has "
                f"{list(wide.shape)}: give input and output of the same steps",
            )
        away = float((np.abs(ran - wide) / np.maximum(1, np.abs(wide))).max())
        if not away <= tolerance:
            raise Refused(
                "IMPORT_MISMATCH",
                f"the net misses what {system} gave by {away:.2g}, and {tolerance:g} is allowed: an option "
                "may be wrong (see what was assumed), or the reference belongs to another checkpoint",
            )
        notes = Notes(self.notes)
        notes.understood(f"what {system} {version} gave, within {away:.1g}")
        source = {"system": system, "version": version}
        kind = {"kind": "reference", "source": source, "tolerance": tolerance}
        added = self._with_example(kind, given, output.astype(np.float32))
        return replace(added, notes=tuple(notes))

    def _with_example(self, kind: Mapping[str, Any], given: Any, output: Float32) -> "Import":  # noqa: ANN401  ids or features
        examples = list(self.document.get("examples", ()))
        tensors = dict(self.document["tensors"])
        number = len(examples) + 1
        while f"example_{number}.output" in tensors or f"example_{number}.input" in tensors:
            number += 1
        name = f"example_{number}"
        reference: object = np.asarray(given).tolist()
        if self.model.input.kind == "features":
            reference = f"{name}.input"
            tensors[reference] = tensor(given)
        tensors[f"{name}.output"] = tensor(output)
        examples.append({**kind, "input": reference, "output": f"{name}.output"})
        document = {**self.document, "examples": examples, "tensors": tensors}
        return replace(self, document=document)


def imported(system: str, net: Net) -> Import:
    """The end of every `read`. The notes stand in the metadata too, for whoever finds the file later."""
    told = [f"{note.kind}: {note.text}" for note in net.notes]
    metadata = {"imported_from": system, "import_notes": told}
    return Import(system, {**net.document(), "metadata": metadata}, tuple(net.notes))


def _input(model: Model, steps: int) -> Any:  # noqa: ANN401  ids [1, T] or features [1, T, I]
    """An input that is the same on every machine and visits many tokens."""
    if isinstance(model.input, TokenInput):
        vocabulary = model.input_vocabulary
        assert vocabulary is not None, "a checked model has it"
        count = len(vocabulary.tokens)
        return [[math.floor((k + 1) * _STEP % 1 * count) for k in range(steps)]]
    width = model.input.size
    turns = np.arange(1, steps * width + 1) * _STEP % 1
    return (2 * turns - 1).astype(np.float32).reshape(1, steps, width)
