"""[doc-4]: the ranges of clips, sizes and epsilon; for `cell_options`."""

import math
from typing import Any

from conformance.generator.build import dense_net, json_bytes
from conformance.generator.change import put
from conformance.generator.table import Table
from conformance.generator.wired import filled, layer, net

Json = dict[str, Any]
LOW, HIGH = 2.0**-50, 1e38
LAYER: list[str | int] = ["layers", 0]
NORM = dense_net(
    layers=[{"name": "n", "type": "layer_norm", "epsilon": 0.001, "parameters": {"gamma": "g", "beta": "b"}}],
    tensors={"g": filled([1]), "b": filled([1])},
)  # fmt: skip
ELMAN = net(layer("c", "elman", size=1), size=1)
GRU = net(layer("c", "gru", size=1), size=1)
LSTM = net(layer("c", "lstm", size=1, projection_size=1), size=1)

# Member → net, values in its range, those out of it.
RANGES: dict[str, tuple[Json, str, tuple[float, ...], tuple[float, ...]]] = {
    "clip-elman": (ELMAN, "clip", (LOW, HIGH), (math.nextafter(LOW, 0), math.nextafter(HIGH, math.inf))),
    "clip-gru": (GRU, "clip", (LOW, HIGH), (-1,)),
    "clip-lstm": (LSTM, "clip", (LOW, HIGH), (0,)),
    "cell-clip": (LSTM, "cell_clip", (LOW, HIGH), (0, math.nextafter(LOW, 0), math.nextafter(HIGH, math.inf))),
    "projection-clip": (LSTM, "projection_clip", (LOW, HIGH), (math.nextafter(LOW, 0), math.nextafter(HIGH, math.inf))),
    "epsilon": (NORM, "epsilon", (LOW, 1, 1e-5), (0, -1e-5, math.nextafter(LOW, 0), math.nextafter(1, 2), 2)),
    "projection-size": (LSTM, "projection_size", (), (0, -1, 65_537, 1e300)),
}  # fmt: skip


def ranges(table: Table) -> None:
    """Both bounds are in the range; a clip of 0 is none."""
    for name, (document, member, inside, outside) in RANGES.items():
        table.features = None
        for k, value in enumerate(inside):
            table.row(
                f"range-{name}-inside-{k}", f"{member} of {value}", "doc-4 digest-2", put(document, [*LAYER, member], value),
                "a bound that is taken for outside",
            )  # fmt: skip
        table.features = ["json"]
        for k, value in enumerate(outside):
            table.row(
                f"range-{name}-outside-{k}", f"{member} of {value}", "doc-4", put(document, [*LAYER, member], value),
                "a number that is clamped, or taken for none", expect="STRUCTURE_RANGE",
            )  # fmt: skip
    for value, name in ((0.5, "half"), (1.0000001, "more"), (True, "true")):
        table.row(
            f"range-projection-size-{name}", f"projection_size of {value}", "doc-3", put(LSTM, [*LAYER, "projection_size"], value),
            "a fraction that is cut off", expect="STRUCTURE_TYPE",
        )  # fmt: skip
    table.row(
        "range-types", "clips that are no numbers", "doc-3 stage-3",
        put(LSTM, LAYER, LSTM["layers"][0] | {"clip": "1", "cell_clip": None, "projection_clip": True}),
        "null for no clip, or text that is read as a number", expect="STRUCTURE_TYPE",
    )  # fmt: skip
    table.row(
        "range-projection-size-largest", "a projection_size of 65,536, by tensors that are not there", "doc-4 agree-4",
        put(put(LSTM, [*LAYER, "projection_size"], 65_536), ["tensors"], {}), "a bound that is taken for outside",
        expect="TENSOR_UNKNOWN",
    )  # fmt: skip
    table.features = None
    # What is a binary64 in the file is a binary32 in the net and in the digests.
    for name, text in (
        ("tenth", "0.1"),
        ("tenth-binary32", "0.100000001490116119384765625"),
        ("integer", "5"),
        ("two-roundings", "1388.034851074218749999999"),
    ):
        clip = json_bytes(
            put(put(LSTM, [*LAYER, "clip"], 777), [*LAYER, "cell_clip"], 777)
        ).replace(b"777", text.encode())
        norm = json_bytes(put(NORM, [*LAYER, "epsilon"], 777)).replace(b"777", text.encode())
        table.row(
            f"digest-clip-{name}", f"clips spelled {text}", "digest-2", clip, "a clip as integer, float 64, or cut",
        )  # fmt: skip
        if text not in ("5", "1388.034851074218749999999"):
            table.row(
                f"digest-epsilon-{name}", f"an epsilon spelled {text}", "digest-2", norm, "an epsilon as float 64",
            )  # fmt: skip
