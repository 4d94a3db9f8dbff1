"""onnx_functions: the activations of recurrent operators, with their constants."""

from typing import Any, Final

from rnnspec.importers.onnx_file import Node
from rnnspec.importers.onnx_values import refused

# In small letters, as ONNX Runtime compares them: our name, and the members that it takes with ONNX's defaults.
FUNCTIONS: Final[dict[str, tuple[str, dict[str, float | None]]]] = {
    "tanh": ("tanh", {}),
    "sigmoid": ("sigmoid", {}),
    "relu": ("relu", {}),
    "softplus": ("softplus", {}),
    "softsign": ("softsign", {}),
    "leakyrelu": ("leaky_relu", {"alpha": 0.01}),
    "elu": ("elu", {"alpha": 1.0}),
    "thresholdedrelu": ("thresholded_relu", {"alpha": 1.0}),
    "hardsigmoid": ("hard_sigmoid", {"alpha": 0.2, "beta": 0.5}),
    "scaledtanh": ("scaled_tanh", {"alpha": None, "beta": None}),
    "affine": ("linear", {"alpha": None, "beta": None}),
}
_USUAL: Final = {"RNN": ("tanh",), "LSTM": ("sigmoid", "tanh", "tanh"), "GRU": ("sigmoid", "tanh")}


def functions_of(node: Node, directions: int) -> list[list[dict[str, Any]]]:
    """The activations of each direction. Raises Refused."""
    count = len(_USUAL[node.op])
    given = node.attributes.get("activations") or ()
    names = [
        name.decode("latin-1")
        for name in (given if isinstance(given, tuple) else ())
        if isinstance(name, bytes)
    ] or [*_USUAL[node.op] * directions]
    if len(names) != count * directions:
        raise refused(node, f"has {len(names)} activations, and expected are {count * directions}")
    for name in names:
        if name.lower() not in FUNCTIONS:
            raise refused(
                node, f"has the activation {name}, and known are those of ONNX's text of {node.op}"
            )
    left: dict[str, list[float]] = {}
    for constant in ("alpha", "beta"):
        values = node.attributes.get(f"activation_{constant}") or ()
        left[constant] = list(values) if isinstance(values, tuple) else []
        takers = sum(constant in FUNCTIONS[name.lower()][1] for name in names)
        if len(left[constant]) not in {0, takers}:
            raise refused(
                node,
                f"has {len(left[constant])} numbers in activation_{constant}, and {takers} of its activations take "
                "one: nobody can tell which goes where",
            )
    found = []
    for name in names:
        function, constants = FUNCTIONS[name.lower()]
        one: dict[str, Any] = {"function": function}
        for constant, usual in constants.items():
            value = left[constant].pop(0) if left[constant] else usual
            if value is None:
                raise refused(node, f"has the activation {name} without activation_{constant}")
            one[constant] = value
        if name.lower() == "affine" and (one.pop("alpha"), one.pop("beta")) != (1.0, 0.0):
            raise refused(
                node,
                "has the activation Affine, which is carried with alpha = 1 and beta = 0 alone",
            )
        found.append(one)
    return [found[d * count : (d + 1) * count] for d in range(directions)]
