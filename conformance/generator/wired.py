"""Nets whose layers name their inputs, in few words; for the sections that judge how layers fit."""

from typing import Any

from conformance.generator.build import (
    GRU_ACTIVATIONS,
    LSTM_ACTIVATIONS,
    TANH,
    dense_net,
    tensor,
    token_net,
)

Json = dict[str, Any]
HEADS: dict[str, Json] = {
    "elman": {"activation": TANH},
    "lstm": {"activations": LSTM_ACTIVATIONS},
    "gru": {"reset": "after", "activations": GRU_ACTIVATIONS},
    "layer_norm": {"epsilon": 0.001},
    "activation": TANH,
}
BLOCKS = {"elman": 1, "lstm": 4, "gru": 3}
SIZED = ("dense", "embedding")


def layer(name: str, type: str, *inputs: str, size: int | None = None, **members: Any) -> Json:  # noqa: ANN401
    """A layer without parameters; `size` is that of a dense layer, or H."""
    given: Json = {"name": name, "type": type}
    if inputs:
        given["inputs"] = list(inputs)
    if size is not None:
        given["size" if type in SIZED else "hidden_size"] = size
    return given | HEADS.get(type, {}) | members


def net(*layers: Json, size: int = 2, wide: dict[str, int] | None = None, **more: Any) -> Json:  # noqa: ANN401
    """These layers over features of this size, each with the parameters that it needs.

    The width of what a layer reads is known for inputs that exist; `wide` says it for others.
    """
    widths = {"input": size}
    return dense_net(
        input={"kind": "features", "size": size}, **_parts(layers, widths, wide), **more
    )


def of_tokens(*layers: Json, wide: dict[str, int] | None = None, **more: Any) -> Json:  # noqa: ANN401
    """These layers over three tokens."""
    base = {name: token_net("abc")[name] for name in ("input", "vocabularies")}
    return dense_net(**base, **_parts(layers, {"input": 3}, wide), **more)


def _parts(layers: tuple[Json, ...], widths: dict[str, int], wide: dict[str, int] | None) -> Json:
    written: list[Json] = []
    tensors: Json = {}
    before = "input"
    for given in layers:
        read = [widths.get(name, 1) for name in given.get("inputs", [before])]
        width = sum(read) if given["type"] == "concat" else read[0]
        width = (wide or {}).get(given["name"], width)
        shapes = shapes_of(given, width)
        names = {role: f"{given['name']}.{role}" for role in shapes}
        tensors |= {names[role]: filled(shape) for role, shape in shapes.items()}
        written.append(given | ({"parameters": names} if names else {}))
        before = given["name"]
        widths.setdefault(before, width_of(given, width))
    return {"layers": written, "tensors": tensors}


def width_of(given: Json, width: int) -> int:
    """Of a layer's output; `width` is that of what it reads."""
    sizes = [given[m] for m in ("size", "projection_size", "hidden_size") if m in given]
    own: int = sizes[0] if sizes else width
    return 2 * own if given.get("merge") == "concat" else own


def shapes_of(given: Json, width: int) -> dict[str, list[int]]:
    """The parameters of a layer, those that may be absent of a dense layer and of a cell left out."""
    kind = given["type"]
    if kind == "dense":
        return {"W": [width, given["size"]]}
    if kind == "embedding":
        return {"E": [width, given["size"]]}
    if kind == "affine":
        return {"s": [width], "t": [width]}
    if kind == "layer_norm":
        return {"gamma": [width], "beta": [width]}
    return {} if kind not in BLOCKS else cell_shapes(given, width)


def cell_shapes(given: Json, width: int, *, every: bool = False) -> dict[str, list[int]]:
    """Those of a cell; with `every` also b, rb, qb, h0 and c0."""
    kind: str = given["type"]
    hidden: int = given["hidden_size"]
    out: int = given.get("projection_size", hidden)
    blocks = BLOCKS[kind] - ("coupled" in given)
    shapes: dict[str, list[int]] = {"W": [width, blocks * hidden], "R": [out, blocks * hidden]}
    if "peephole" in given:
        diagonal = given["peephole"] == "diagonal"
        shapes["p"] = [blocks - 1, hidden] if diagonal else [hidden, (blocks - 1) * hidden]
    if "projection_size" in given:
        shapes["Q"] = [hidden, out]
    if every:
        shapes |= {"b": [blocks * hidden], "h0": [out]}
        shapes |= {"c0": [hidden]} if kind == "lstm" else {}
        shapes |= {"qb": [out]} if "projection_size" in given else {}
        shapes |= {"rb": [hidden]} if given.get("reset") == "after" else {}
    if given.get("direction") == "bidirectional":
        shapes |= {f"{role}_reverse": shape for role, shape in shapes.items()}
    return shapes


def filled(shape: list[int]) -> Json:
    """A tensor of small whole numbers."""
    count = 1
    for size in shape:
        count *= size
    return tensor(shape, [float(k % 9 + 1) for k in range(count)])


def with_every(given: Json, width: int = 1, **more: Any) -> Json:  # noqa: ANN401
    """A net of one cell with all the parameters it may have."""
    shapes = cell_shapes(given, width, every=True)
    whole = given | {"parameters": {role: role for role in shapes}}
    tensors = {role: filled(shape) for role, shape in shapes.items()}
    return dense_net(
        input={"kind": "features", "size": width}, layers=[whole], tensors=tensors, **more
    )


__all__ = ["cell_shapes", "filled", "layer", "net", "of_tokens", "with_every"]
