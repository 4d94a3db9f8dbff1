"""tensorflowjs_roles: the weights of each layer by their roles, told by their names.

lstm_LSTM1/kernel                                        TensorFlow.js
lstm/lstm_cell/kernel                                    Keras, converted
bidirectional_1/forward_lstm/lstm_cell/bias
rnn_RNN1/RNNCell_0/recurrent_kernel                      the first of stacked cells
"""

from collections.abc import Mapping, Sequence
from typing import Final

from rnnspec.importers import arrays
from rnnspec.importers.keras_config import Layer
from rnnspec.importers.keras_weights import Roles, parts_of, role_of
from rnnspec.importers.refusal import malformed, named, unsupported
from rnnspec.importers.tensorflowjs_weights import Weight

_DEEPEST: Final = 32  # slashes in a name that are looked at


def read_roles(weights: Mapping[str, Weight], layers: Sequence[Layer]) -> dict[str, Roles]:
    """Name of a layer → its arrays by role; every weight has its place. Raises Refused."""
    learned = {layer.name: layer for layer in layers if parts_of(layer)}
    found: dict[str, Roles] = {name: {} for name in learned}
    for name, weight in weights.items():
        owner = _owner(name, learned)
        if owner is None:
            raise _of_no_layer(weight, list(learned))
        layer = learned[owner]
        inside = name[len(owner) + 1 :].split("/")
        role = role_of(inside, both=layer.kind == "Bidirectional")
        if role not in _wanted(layer) or role in found[owner]:
            raise unsupported(
                f'{layer} has a weight "{named(name)}" that such a layer has not: it was changed by a program, or the weights '
                "belong to another model"
            )
        found[owner][role] = arrays.finite(weight.values(), f"{role} of {layer.name}")
    for name, layer in learned.items():
        missing = sorted(_wanted(layer) - set(found[name]))
        if missing:
            raise malformed(
                f"{layer} has no {missing[0]} in weightsManifest: save or convert the model again, with its weights"
            )
    return found


def _owner(name: str, learned: Mapping[str, Layer]) -> str | None:
    """The layer with the longest name that the name of a weight begins with, up to a slash."""
    end = len(name)
    for _ in range(_DEEPEST):
        end = name.rfind("/", 0, end)
        if end < 0:
            return None
        if name[:end] in learned:
            return name[:end]
    return None


def _wanted(layer: Layer) -> set[str]:
    return {part.prefix + role for part in parts_of(layer) for role in part.roles}


def _of_no_layer(weight: Weight, names: Sequence[str]) -> Exception:
    if weight.name.rpartition("/")[2].isdecimal():
        return unsupported(
            f"{weight} is named as in a .keras file, by its place: import the .keras file that was converted, or convert an "
            ".h5 file of the model"
        )
    shown = ", ".join(map(named, names[:8])) + (", …" if len(names) > 8 else "")
    return unsupported(
        f"{weight} belongs to no layer of the topology, whose layers with weights are {shown or 'none'}: save the model again, "
        "topology and weights together"
    )
