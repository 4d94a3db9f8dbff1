"""Models for the exporters of small players, with arrays by layer and role, and nothing from the code under test."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

import rnnspec

Document = dict[str, Any]
Numbers = list[list[list[float]]] | npt.NDArray[np.float32]
TANH = {"function": "tanh"}
SIGMOID = {"function": "sigmoid"}
GATES = {"gates": SIGMOID, "candidate": TANH}
I, H = 1, 3  # noqa: E741  as SPEC.md has it

SHAPES = {
    "lstm": {"W": (I, 4 * H), "R": (H, 4 * H), "b": (4 * H,)},
    "gru": {"W": (I, 3 * H), "R": (H, 3 * H), "b": (3 * H,), "rb": (H,)},
    "elman": {"W": (I, H), "R": (H, H), "b": (H,)},
}
USUAL: Mapping[str, Document] = {
    "lstm": {"hidden_size": H, "activations": {**GATES, "output": TANH}},
    "gru": {"hidden_size": H, "reset": "after", "activations": GATES},
    "elman": {"hidden_size": H, "activation": TANH},
}


def drawn(*shape: int, seed: int = 0) -> npt.NDArray[np.float32]:
    """Loud numbers that float32 holds."""
    return np.random.default_rng([seed, *shape]).normal(size=shape).astype(np.float32)


def layer(kind: str, name: str = "a", /, **members: object) -> Document:
    """A layer; of a recurrent one the members that it must have."""
    return {"name": name, "type": kind, **USUAL.get(kind, {}), **members}


def model(
    layers: list[Document],
    arrays: Mapping[str, Any],
    width: int = I,
    kind: str = "values",
    **members: object,
) -> rnnspec.Model:
    """A checked model. `arrays` are by LAYER.ROLE: arrays, or shapes to draw."""
    for one in layers:
        roles = [name for name in arrays if name.startswith(f"{one['name']}.")]
        if roles:
            one["parameters"] = {name.partition(".")[2]: name for name in roles}
    tensors = {
        name: drawn(*given, seed=k) if isinstance(given, tuple) else given
        for k, (name, given) in enumerate(arrays.items())
    }
    usual: Document = {"input": {"kind": "features", "size": width}, "output": {"kind": kind}}
    return rnnspec.build({**usual, **members, "layers": layers, "tensors": tensors})


def of_cell(kind: str, extra: Mapping[str, Any] | None = None, **members: object) -> rnnspec.Model:
    """One recurrent layer "a" of 1 in and 3 out, and a dense layer "head" of 1."""
    arrays = {f"a.{role}": shape for role, shape in SHAPES[kind].items()}
    arrays |= {"head.W": (H, 1), "head.b": (1,), **(extra or {})}
    layers = [layer(kind, "a", **members), layer("dense", "head", size=1)]
    return model(layers, arrays)


def bits_of(one: rnnspec.Model, x: Numbers) -> list[bytes]:
    """The output and all states for x."""
    y, state = rnnspec.run(rnnspec.compile(one), x)
    return [y.tobytes(), *(a.tobytes() for arrays in state.values() for a in arrays.values())]


_PEEP = {"a.p": (3, H)}
_BACK = {f"a.{role}_reverse": shape for role, shape in SHAPES["lstm"].items()}
# What none of them carries: how it is made, and what the sentence says, with the place.
NOT_PLAIN: dict[str, tuple[Any, str]] = {
    "reverse": (lambda: of_cell("lstm", direction="reverse"), '"a" (/layers/0) can\'t go over: {} has no direction reverse'),
    "bidirectional": (lambda: model([layer("lstm", direction="bidirectional", merge="sum"), layer("dense", "head", size=1)], {**{f"a.{r}": s for r, s in SHAPES["lstm"].items()}, **_BACK, "head.W": (H, 1)}), "no direction bidirectional"),
    "final": (lambda: of_cell("lstm", output="final"), "no output final; let the layer give its sequence"),
    "clip": (lambda: of_cell("lstm", clip=1.0), "no clip in a cell; train it without clip"),
    "cell_clip": (lambda: of_cell("lstm", cell_clip=1.0), "no cell_clip in a cell"),
    "peephole": (lambda: of_cell("lstm", _PEEP, peephole="diagonal"), "no peephole in a cell; train it without peepholes"),
    "coupled": (lambda: of_cell("lstm", {"a.W": (I, 3 * H), "a.R": (H, 3 * H), "a.b": (3 * H,)}, coupled="input"), "no coupled in a cell"),
    "projection": (lambda: of_cell("lstm", {"a.R": (2, 4 * H), "a.Q": (H, 2), "head.W": (2, 1)}, projection_size=2), "no projection_size in a cell"),
    "gates": (lambda: of_cell("lstm", activations={"gates": {"function": "hard_sigmoid", "alpha": 0.2, "beta": 0.5}, "candidate": TANH, "output": TANH}), "sigmoid alone as the activation of gates in a cell, and this is hard_sigmoid; train it with sigmoid"),
    "output": (lambda: of_cell("lstm", activations={**GATES, "output": {"function": "relu"}}), "tanh alone as the activation of output in a cell"),
    "last_step": (lambda: model([layer("lstm"), layer("last_step", "last")], {f"a.{r}": s for r, s in SHAPES["lstm"].items()}), '"last" (/layers/1) can\'t go over: {} has no last_step'),
    "layer_norm": (lambda: model([layer("layer_norm", epsilon=0.5)], {"a.gamma": (I,), "a.beta": (I,)}), "has no layer_norm"),
    "add": (lambda: model([layer("dense", size=I), layer("add", "sum", inputs=["a", "input"])], {"a.W": (I, I)}), '"sum" (/layers/1) can\'t go over: {} has no add'),
    "a skip": (lambda: model([layer("dense", size=I), layer("dense", "b", size=I, inputs=["input"]), layer("concat", "c", inputs=["a", "b"])], {"a.W": (I, I), "b.W": (I, I)}), "layers one behind the other alone, and this one reads input"),
}  # fmt: skip
