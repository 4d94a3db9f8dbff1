"""keras_functions: activations by Keras' names, with the constants of their generation."""

from typing import Any, Final

from rnnspec.importers.keras_config import Layer
from rnnspec.importers.refusal import ask, named, unsupported
from rnnspec.json_reader import Value

Function = dict[str, Any]

# Names that mean the same in every generation.
_PLAIN: Final[dict[str, Function]] = {
    "linear": {"function": "linear"},
    "tanh": {"function": "tanh"},
    "sigmoid": {"function": "sigmoid"},
    "relu": {"function": "relu"},
    "softplus": {"function": "softplus"},
    "softsign": {"function": "softsign"},
    "hard_tanh": {"function": "hard_tanh"},
    "elu": {"function": "elu", "alpha": 1.0},
    "leaky_relu": {"function": "leaky_relu", "alpha": 0.2},
}
_WHOLE: Final = ("softmax", "log_softmax")
_SLOPES: Final = {2: 0.2, 3: 1 / 6}  # of hard_sigmoid


def function_of(layer: Layer, member: str, usual: Value, generation: int | None) -> Function:
    """The activation that a member of a layer's config names; `usual` where there is none. Raises Refused."""
    value = layer.config.get(member, usual)
    name: Value = "linear" if value is None else value
    if isinstance(value, dict) and isinstance(value.get("config"), str):
        # A function of Keras' own, spelled out; one of a program has its own name as registered.
        own = value.get("module") in ("builtins", "keras.activations")
        if own and value.get("registered_name") in (None, "function"):
            name = value["config"]
    if name == "hard_sigmoid":
        return _hard_sigmoid(layer, generation)
    if isinstance(name, str) and name in _PLAIN:
        return dict(_PLAIN[name])
    if isinstance(name, str) and name in _WHOLE:
        return {"function": name}
    shown = (
        name.get("registered_name") or name.get("class_name") if isinstance(name, dict) else name
    )
    raise unsupported(
        f"{member} of {layer} is {named(str(shown))}, and known are "
        f"{', '.join((*_PLAIN, 'hard_sigmoid', *_WHOLE))}: train it with one of these"
    )


def cell_function_of(layer: Layer, member: str, usual: Value, generation: int | None) -> Function:
    """The same for what a cell computes with. Raises Refused for a function of a whole vector."""
    found = function_of(layer, member, usual, generation)
    if found["function"] in _WHOLE:
        raise unsupported(
            f"{member} of {layer} is {found['function']}, which no cell can have: train it with tanh or sigmoid"
        )
    return found


def layer_function(layer: Layer, generation: int | None) -> Function:
    """What a layer that is nothing but an activation computes. Raises Refused."""
    match layer.kind:
        case "Activation":
            return function_of(layer, "activation", None, generation)
        case "ReLU":
            return _relu(layer)
        case "LeakyReLU":
            slope = layer.number("negative_slope", layer.number("alpha", 0.3))
            return {"function": "leaky_relu", "alpha": slope}
        case "ELU":
            return {"function": "elu", "alpha": layer.number("alpha", 1.0)}
        case "ThresholdedReLU":
            return {"function": "thresholded_relu", "alpha": layer.number("theta", 1.0)}
        case _:  # Softmax
            return {"function": "softmax"}


def _relu(layer: Layer) -> Function:
    slope = layer.config.get("negative_slope", 0.0) or 0.0
    if layer.config.get("max_value") is not None or layer.number("threshold", 0.0) != 0:
        raise unsupported(
            f"{layer} has a max_value or a threshold, which no activation here has: train it without"
        )
    if slope:
        return {"function": "leaky_relu", "alpha": slope}
    return {"function": "relu"}


def _hard_sigmoid(layer: Layer, generation: int | None) -> Function:
    if generation is None:
        raise ask(
            f"{layer} computes with hard_sigmoid, which has the slope 0.2 in Keras 2 and 1/6 in Keras 3, and nothing "
            "says which wrote this: give --keras-version 2 or --keras-version 3"
        )
    return {"function": "hard_sigmoid", "alpha": _SLOPES[generation], "beta": 0.5}
