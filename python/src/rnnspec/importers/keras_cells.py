"""keras_cells: recurrent layers of Keras → layers of SPEC 8, gates and matrices in its order.

LSTM has i, f, c, o, as here; GRU has z, r, h. A layer made for cuDNN has each gate's kernel as cuDNN's own matrix, and
two biases in a row.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from rnnspec.importers.arrays import Float64
from rnnspec.importers.hdf5 import Numbers
from rnnspec.importers.keras_config import Layer
from rnnspec.importers.keras_functions import cell_function_of
from rnnspec.importers.keras_weights import BACKWARD, FORWARD, Roles
from rnnspec.importers.refusal import Refused, misfit, unsupported

_MERGES: Final = {"concat": "concat", "sum": "sum", "mul": "multiply", "ave": "average"}
_GATES: Final = {"SimpleRNN": 1, "LSTM": 4, "CuDNNLSTM": 4, "GRU": 3, "CuDNNGRU": 3}
# In a Bidirectional these may differ between the two, or must.
_OF_ONE: Final = {"name", "go_backwards", "seed", "dtype", "trainable", "batch_input_shape"}

Arrays = dict[str, Float64]


class Cell:
    """A recurrent layer: the type of SPEC 8, its members without direction and output, and its parameters."""

    def __init__(self, layer: Layer, roles: Roles, width: int, generation: int | None) -> None:
        """Raises Refused."""
        self.layer = layer
        self.size = layer.size("units")
        self.changed_by_cudnn = False
        self._generation = generation
        self._gates = _GATES[layer.kind]
        wide = {role: np.asarray(array, np.float64) for role, array in roles.items()}
        tall = self._gates * self.size
        self._check(wide["kernel"], "kernel", (width, tall))
        self._check(wide["recurrent_kernel"], "recurrent_kernel", (self.size, tall))
        match self._gates:
            case 1:
                self.kind, self.members, self.parameters = self._simple(wide)
            case 4:
                self.kind, self.members, self.parameters = self._lstm(wide)
            case _:
                self.kind, self.members, self.parameters = self._gru(wide)

    def _simple(self, wide: Arrays) -> tuple[str, dict[str, Any], Arrays]:
        if "bias" in wide:
            self._check(wide["bias"], "bias", (self.size,))
        return (
            "elman",
            {"hidden_size": self.size, "activation": self._function("activation", "tanh")},
            _named(wide["kernel"], wide["recurrent_kernel"], wide.get("bias")),
        )

    def _lstm(self, wide: Arrays) -> tuple[str, dict[str, Any], Arrays]:
        tall = 4 * self.size
        bias = wide.get("bias")
        if bias is not None and bias.shape == (2 * tall,):
            wide, bias = self._from_cudnn(wide), bias[:tall] + bias[tall:]
        elif bias is not None:
            self._check(bias, "bias", (tall,), (2 * tall,))
        members = {
            "hidden_size": self.size,
            "activations": {
                "gates": self._function("recurrent_activation", "sigmoid"),
                "candidate": self._function("activation", "tanh"),
                "output": self._function("activation", "tanh"),
            },
        }
        return "lstm", members, _named(wide["kernel"], wide["recurrent_kernel"], bias)

    def _gru(self, wide: Arrays) -> tuple[str, dict[str, Any], Arrays]:
        tall = 3 * self.size
        bias = wide.get("bias")
        if bias is not None and bias.shape == (2 * tall,):
            wide, bias = self._from_cudnn(wide), bias.reshape(2, tall)
        after = self._after(bias, tall)
        parts: Arrays = _named(wide["kernel"], wide["recurrent_kernel"], bias)
        if bias is not None and bias.ndim == 2:
            # Only n keeps its two biases apart.
            parts["b"] = bias[0] + np.where(np.arange(tall) < 2 * self.size, bias[1], 0)
            parts["rb"] = bias[1, 2 * self.size :]
        for role in {"W", "R", "b"} & set(parts):
            z, r, n = np.split(parts[role], 3, axis=-1)
            parts[role] = np.concatenate([r, z, n], axis=-1)
        members = {
            "hidden_size": self.size,
            "reset": "after" if after else "before",
            "activations": {
                "gates": self._function("recurrent_activation", "sigmoid"),
                "candidate": self._function("activation", "tanh"),
            },
        }
        return "gru", members, parts

    def _after(self, bias: Float64 | None, tall: int) -> bool:
        """Whether the reset gate works after the product. Keras before 2.1.5 did not say, and knew before alone."""
        usual = self.layer.kind == "CuDNNGRU" or (bias is not None and bias.ndim == 2)
        after = self.layer.flag("reset_after", usual)
        if bias is not None:
            self._check(bias, f"bias with reset_after={after}", (2, tall) if after else (tall,))
        return after

    def _from_cudnn(self, wide: Arrays) -> Arrays:
        """A gate's kernel [I, H] holds the numbers of cuDNN's matrix [H, I], row by row."""
        self.changed_by_cudnn = True
        kernels = np.split(wide["kernel"], self._gates, axis=1)
        recurrent = np.split(wide["recurrent_kernel"], self._gates, axis=1)
        return {
            "kernel": np.hstack([np.ravel(k).reshape(k.shape[::-1]).T for k in kernels]),
            "recurrent_kernel": np.hstack([k.T for k in recurrent]),
        }

    def _function(self, member: str, usual: str) -> dict[str, Any]:
        return cell_function_of(self.layer, member, usual, self._generation)

    def _check(self, array: Numbers, role: str, *shapes: tuple[int, ...]) -> None:
        if array.shape not in shapes:
            raise shape_misfit(self.layer, role, array, shapes[0])


def shape_misfit(layer: Layer, role: str, array: Numbers, expected: tuple[int, ...]) -> Refused:
    """An array that is not as large as the config says."""
    return misfit(
        f"{role} of {layer} is {list(array.shape)}, and the config asks for {list(expected)}: the weights belong to "
        "another config"
    )


def _named(kernel: Float64, recurrent: Float64, bias: Float64 | None) -> Arrays:
    return {"W": kernel, "R": recurrent, **({} if bias is None else {"b": bias})}


def check_recurrent(layer: Layer) -> None:
    """What no weight can change. Raises Refused."""
    if layer.config.get("time_major") is True:
        raise unsupported(
            f"{layer} has time_major, so time comes before the batch: build it with time_major=False, the weights stay"
        )


def two_directions(layer: Layer) -> tuple[Layer, str]:
    """The layer in a Bidirectional, and how the directions are merged in SPEC's words. Raises Refused."""
    inner = layer.wrapped()
    check_recurrent(inner)
    merge = layer.config.get("merge_mode", "concat")
    if not isinstance(merge, str) or merge not in _MERGES:
        raise unsupported(
            f"{layer} has merge_mode {merge}, which leaves two outputs: use concat, sum, mul or ave"
        )
    if inner.flag("go_backwards", False):
        raise unsupported(
            f"{layer} has a forward layer with go_backwards: build it the other way round"
        )
    if layer.config.get("backward_layer") is not None:
        back = layer.wrapped("backward_layer")
        same = back.kind == inner.kind and _comparable(back.config) == _comparable(inner.config)
        if not same or not back.flag("go_backwards", False):
            raise unsupported(
                f"the two directions of {layer} are not built alike: only directions of one size and kind are carried"
            )
    return inner, _MERGES[merge]


def _comparable(config: Mapping[str, Any]) -> dict[str, Any]:
    ends = ("_initializer", "_regularizer", "_constraint")
    return {k: v for k, v in config.items() if k not in _OF_ONE and not k.endswith(ends)}


def halves(roles: Roles) -> tuple[Roles, Roles]:
    """The roles of the two directions."""
    return (
        {k[len(FORWARD) :]: v for k, v in roles.items() if k.startswith(FORWARD)},
        {k[len(BACKWARD) :]: v for k, v in roles.items() if k.startswith(BACKWARD)},
    )
