"""Mutants of the reader's oracle: every small change of every rule of sections 2 to 11 and 14.1."""

from collections.abc import Iterator

from conformance.mutants.mutant import Mutant, source
from conformance.mutants.reader_changes import changes

# Module → (where it is counted, the sections whose cases are asked first). Each imports earlier ones.
PLACES: dict[str, tuple[str, tuple[str, ...]]] = {
    "finding": ("limits", ("limits",)),
    "values": ("structure", ("document", "json")),
    "utf8": ("bytes", ("bytes", "msgpack", "texts")),
    "tensors": ("tensors", ("tensors", "float16", "bfloat16", "int8", "decimals", "digests")),
    "checks": ("structure", ("document", "layers", "extensions", "limits")),
    "layer_structure": (
        "layers",
        ("layers", "cells", "cell_options", "wiring", "activation_objects", "limits"),
    ),
    "json_reader": (
        "json",
        ("json", "limits", "bytes", "tensors", "int8", "convert", "saved_state"),
    ),
    "msgpack_reader": ("msgpack", ("msgpack", "limits", "bytes", "convert", "saved_state")),
    "references": ("agreement", ("agreement", "cells", "tensors", "int8", "saved_state")),
    "structure": (
        "structure",
        ("document", "vocabulary", "versions", "extensions", "tensors", "int8", "layers"),
    ),
    "layer_agreement": ("agreement", ("wiring", "cell_options", "cells", "agreement", "layers")),
    "agreement": ("agreement", ("agreement", "cells", "cell_options", "vocabulary", "layers")),
    "reader": ("bytes", ("bytes", "document")),
    "saved_state": ("saved states", ("saved_state",)),
    "digest": (
        "digests",
        ("digests", "cell_options", "wiring", "activation_objects", "vocabulary"),
    ),
    "vocabulary": ("vocabularies", ("texts", "vocabulary")),
}
MODULES = tuple(PLACES)
# What serves the harness and states no rule of SPEC.md.
NO_RULE = (
    "finding.Finding.to_json", "finding.Finding.sort_key", "finding.Limits.of",
    "finding.FaultError.__init__", "finding.RunError.__init__", "reader.ReadResult.tensors",
    "saved_state.to_wire", "saved_state.of_wire",
)  # fmt: skip
# [digest-4]: what the canonical form leaves out, kept in it.
FORM = '("input", "layers", "output")'
KEPT = (
    "rnnspec", "$schema", "name", "version", "description", "license", "metadata", "examples",
    "extensions", "extensions_required",
)  # fmt: skip


def mutants() -> Iterator[Mutant]:
    """All of them."""
    for module, (section, cases) in PLACES.items():
        text = source(module)
        found = [change for change in changes(text) if f"{module}.{change[0]}" not in NO_RULE]
        if module == "digest":
            found += kept(text)
        seen: dict[str, int] = {}
        for where, what, changed in found:
            name = f"{module}.{where}: {what}"
            number = seen[name] = seen.get(name, 0) + 1
            name += f" ({number})" if number > 1 else ""
            yield Mutant(name, section, module, changed, cases, where)


def kept(text: str) -> Iterator[tuple[str, str, str]]:
    """The canonical form with one more member."""
    for name in KEPT:
        more = f'{FORM[:-1]}, *({{"{name}"}} & set(document)))'
        yield "canonical", f"{name} kept", text.replace(FORM, more)
