"""How the layers of a document fit each other ([agree-3]): what each reads, how wide, with time or not."""

from dataclasses import dataclass
from typing import Any

from conformance.oracle.layer_structure import MAX_SIZE, MERGING, RECURRENT
from conformance.oracle.references import References, Size
from conformance.oracle.values import step

FROM_TOKENS = ("embedding", "one_hot")
WITHOUT_MEMORY = ("dense", "affine", "layer_norm", "activation", *MERGING)  # may read no time


@dataclass(frozen=True)
class Flow:
    """What a layer gives, or reads: its width and whether it has time, as far as they are known."""

    width: Size
    timed: bool | None
    is_tokens: bool | None = False  # the input of a net of tokens; the width is V then


UNKNOWN = Flow(None, None, None)


class LayerAgreement(References):
    """Judges the layers of one document, and the tensors that they name."""

    net: dict[str, Any]

    def layers(self, source: Flow) -> Flow:
        """Every layer in turn, from the net's input on; gives what the last one gives."""
        made: list[Flow] = []
        first: dict[str, int] = {"input": -1}  # name → the first layer that has it
        read: list[list[int]] = []  # by each layer, as far as they are known
        for index, layer in enumerate(self.net["layers"]):
            place = f"/layers/{index}"
            if "inputs" in layer:
                sources = [first.get(name) for name in layer["inputs"]]
            else:
                sources = [index - 1]
            for number, found in enumerate(sources):
                if found is None:
                    self.add("INPUT_UNKNOWN", f"{place}/inputs/{number}")
            read.append([found for found in sources if found is not None])
            flows = [
                UNKNOWN if found is None else source if found < 0 else made[found]
                for found in sources
            ]
            made.append(self.layer(layer, place, flows))
            first.setdefault(layer["name"], index)
        if not any(finding.code == "INPUT_UNKNOWN" for finding in self.findings):
            self.unused(read)
        return made[-1]

    def unused(self, read: list[list[int]]) -> None:
        """The layers that the last one does not read, directly or through others."""
        used = {len(read) - 1}
        for index in range(len(read) - 1, -1, -1):
            if index in used:
                used |= set(read[index])
            else:
                self.add("LAYER_UNUSED", f"/layers/{index}")

    def layer(self, layer: dict[str, Any], place: str, flows: list[Flow]) -> Flow:
        """One layer and its parameters."""
        given = joined(layer["type"], flows)
        if not self.fits(layer["type"], flows):
            self.add("LAYER_INPUT", f"{place}/type")
            given = UNKNOWN
        elif not self.widths_fit(layer["type"], flows):
            self.add("INPUT_WIDTH", f"{place}/inputs")
            given = Flow(None, given.timed)
        self.parameters(layer, f"{place}/parameters", given.width)
        return Flow(width_of(layer, given.width), timed_of(layer, given.timed))

    @staticmethod
    def fits(kind: str, flows: list[Flow]) -> bool:
        """Whether a layer can read these; what hangs on something unknown is not judged."""
        if kind in FROM_TOKENS:
            return all(flow.is_tokens is not False for flow in flows)
        if any(flow.is_tokens for flow in flows):
            return False
        times = {flow.timed for flow in flows}
        if None in times:
            return True
        return len(times) == 1 and (True in times or kind in WITHOUT_MEMORY)

    @staticmethod
    def widths_fit(kind: str, flows: list[Flow]) -> bool:
        """Those of `add` and `multiply` are equal, and those of `concat` not too many."""
        widths = [flow.width for flow in flows if flow.width is not None]
        if len(widths) < len(flows):
            return True
        return sum(widths) <= MAX_SIZE if kind == "concat" else len(set(widths)) == 1

    def parameters(self, layer: dict[str, Any], place: str, width: Size) -> None:
        """The shapes of section 8; those of the other direction are the same [layer-8]."""
        shapes = shapes_of(layer, width)
        names = layer.get("parameters", {})
        for behind in ("", "_reverse"):
            for role, shape in shapes.items():
                if role + behind in names:
                    self.reference(names[role + behind], step(place, role + behind), shape)


def joined(kind: str, flows: list[Flow]) -> Flow:
    """What several inputs are together."""
    widths = [flow.width for flow in flows if flow.width is not None]
    times = {flow.timed for flow in flows}
    whole = sum(widths) if kind == "concat" else widths[0] if widths else None
    width = whole if len(widths) == len(flows) else None
    return Flow(width, times.pop() if len(times) == 1 else None)


def width_of(layer: dict[str, Any], width: Size) -> Size:
    """The width of a layer's output; `width` is I."""
    own: Size = layer.get("size", layer.get("projection_size", layer.get("hidden_size", width)))
    return 2 * own if layer.get("merge") == "concat" and own is not None else own


def timed_of(layer: dict[str, Any], timed: bool | None) -> bool | None:
    """Whether a layer's output has time, `timed` being whether its inputs have."""
    if layer["type"] in RECURRENT:
        return layer.get("output") != "final"
    if layer["type"] in FROM_TOKENS:
        return True
    return False if layer["type"] == "last_step" else timed


def shapes_of(layer: dict[str, Any], width: Size) -> dict[str, list[Size]]:
    """Role → shape, in the order of the table of section 8; `width` is I, or V."""
    match layer["type"]:
        case "embedding":
            return {"E": [width, layer["size"]]}
        case "dense":
            return {"W": [width, layer["size"]], "b": [layer["size"]]}
        case "affine":
            return {"s": [width], "t": [width]}
        case "layer_norm":
            return {"gamma": [width], "beta": [width]}
        case "elman" | "lstm" | "gru" as cell:
            return cell_shapes(layer, cell, width)
    return {}


def cell_shapes(layer: dict[str, Any], cell: str, width: Size) -> dict[str, list[Size]]:
    """B blocks of H columns; h has the width P."""
    hidden: int = layer["hidden_size"]
    projected: int = layer.get("projection_size", hidden)
    blocks = {"elman": 1, "lstm": 4, "gru": 3}[cell] - ("coupled" in layer)
    columns = blocks * hidden
    diagonal = layer.get("peephole") == "diagonal"
    return {
        "W": [width, columns],
        "R": [projected, columns],
        "b": [columns],
        "rb": [hidden],
        "p": [blocks - 1, hidden] if diagonal else [hidden, (blocks - 1) * hidden],
        "Q": [hidden, projected],
        "qb": [projected],
        "h0": [projected],
        "c0": [hidden],
    }
