"""Documents that are saved states, and cases of the command `read_state` about them."""

from dataclasses import dataclass, field
from typing import Any

from conformance.case import Case, Document
from conformance.generator.build import VERSION, tensor
from conformance.generator.features import full_features
from conformance.generator.write_json import tight_bytes
from conformance.generator.write_msgpack import msgpack_bytes
from conformance.oracle.finding import ERROR
from conformance.oracle.saved_state import read_state, to_wire


def saved(layers: dict[str, list[str]], **more: Any) -> dict[str, Any]:  # noqa: ANN401 — faulty ones too
    """A saved state of these layers and arrays, each of one row of two elements of its own."""
    names = [(layer, array) for layer, arrays in layers.items() for array in arrays]
    tensors = {
        f"{layer}.{array}"[-128:]: tensor([1, 2], [0.5 + k, -0.125 * k])
        for k, (layer, array) in enumerate(names)
    }
    state = {
        layer: {array: f"{layer}.{array}"[-128:] for array in arrays}
        for layer, arrays in layers.items()
    }
    members: dict[str, Any] = {"rnnspec": VERSION}
    members |= {
        name: more.pop(name) for name in ("rnnspec", "metadata", "structure") if name in more
    }
    return members | {"state": state, "tensors": tensors} | more


def one_layer(arrays: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A saved state of one layer with these tensors as its arrays."""
    state = {"memory": {array: f"memory.{array}" for array in arrays}}
    tensors = {f"memory.{array}": entry for array, entry in arrays.items()}
    return {"rnnspec": VERSION, "state": state, "tensors": tensors}


@dataclass
class Saved:
    """Collects cases of the command `read_state`, one row each; compare `table.Table`."""

    section: str
    cases: list[Case] = field(default_factory=list)

    def row(
        self,
        name: str,
        title: str,
        requirement: str,
        source: bytes | dict[str, Any] | Document,
        catches: str,
        *,
        limits: dict[str, int] | None = None,
        try_anyway: bool = False,
        expect: str | tuple[str, ...] = "",
    ) -> None:
        """One case; the answer is the oracle's, and `expect` the codes that must come out."""
        if isinstance(source, dict):
            source = tight_bytes(source)
        document = source if isinstance(source, Document) else Document(source)
        result = read_state(document.data, limits, try_anyway=try_anyway)
        found = sorted(result.findings, key=lambda finding: finding.sort_key())
        got = tuple(sorted({finding.code for finding in found}))
        wanted = tuple(sorted((expect,) if isinstance(expect, str) and expect else expect))
        if got != wanted:
            raise ValueError(f"{self.section}/{name}: the table says {wanted}, the oracle {got}")
        answer: dict[str, Any] = {"findings": [finding.to_json() for finding in found]}
        if len(found) > 100:  # [stage-3]: any hundred of these
            answer["any"] = 100
        if result.state is not None:
            answer["state"] = to_wire(result.state)
        elif not any(finding.severity == ERROR for finding in found):
            raise ValueError(f"{self.section}/{name}: neither a state nor an error")
        encoding = "json" if document.data.lstrip(b"\t\n\r ")[:1] == b"{" else "msgpack"
        features = ("saved_state", encoding, *full_features(document.data))
        features += ("try_anyway",) if try_anyway else ()
        request: dict[str, Any] = {} if limits is None else {"limits": limits}
        self.cases.append(
            Case(
                id=f"{self.section}/{name}",
                title=title,
                requirements=tuple(requirement.split()),
                features=features,
                catches=catches,
                command="read_state",
                document=document,
                request=request | ({"try_anyway": True} if try_anyway else {}),
                expect=answer,
            )
        )

    def both(
        self,
        name: str,
        title: str,
        requirement: str,
        source: dict[str, Any],
        catches: str,
        *,
        expect: str | tuple[str, ...] = "",
    ) -> None:
        """Two cases: the document in JSON and in msgpack."""
        for encoding, data in (("json", tight_bytes(source)), ("msgpack", msgpack_bytes(source))):
            self.row(
                f"{name}-{encoding}",
                f"{title} ({encoding})",
                requirement,
                data,
                catches,
                expect=expect,
            )
