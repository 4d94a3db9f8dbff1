"""SPEC.md 13: the layers without a state, at one time step of one row."""

from conformance.oracle.chain import Preactivations, Vector, preactivations
from conformance.oracle.float32 import T, add, div, mul, root, sub
from conformance.oracle.functions import exp, log, sum16
from conformance.oracle.net import Layer


def embedding(layer: Layer, token: int) -> Vector:
    """[embedding-1]."""
    return list(layer.parameters["E"][token])


def one_hot(layer: Layer, token: int) -> Vector:
    """[one-hot-1]."""
    return [1.0 if j == token else 0.0 for j in range(layer.size)]


def dense(layer: Layer, x: Vector, columns: Preactivations = preactivations) -> Vector:
    """[dense-1]."""
    a = columns(layer, x, None, range(layer.size))
    return [T(a[j]) for j in range(layer.size)]


def affine(layer: Layer, x: Vector) -> Vector:
    """[affine-1]."""
    (s,), (t,) = layer.parameters["s"], layer.parameters["t"]
    return [T(add(mul(x[j], s[j]), t[j])) for j in range(layer.size)]


def elementwise(layer: Layer, x: Vector) -> Vector:
    """[activation-2]."""
    return [layer.activations["activation"](v) for v in x]


def largest(x: Vector) -> float:
    """The m of [softmax-1]."""
    m = x[0]
    for k in range(1, len(x)):
        m = x[k] if m < x[k] else m  # noqa: FURB136 - as SPEC.md writes it
    return m


def softmax(x: Vector) -> Vector:
    """[softmax-1]."""
    m = largest(x)
    e = [exp(sub(x[k], m)) for k in range(len(x))]
    s = sum16(e)
    return [T(div(e[k], s)) for k in range(len(x))]


def log_softmax(x: Vector) -> Vector:
    """[log-softmax-1]."""
    m = largest(x)
    e = [exp(sub(x[k], m)) for k in range(len(x))]
    s = sum16(e)
    return [T(sub(sub(x[k], m), log(s))) for k in range(len(x))]


def layer_norm(layer: Layer, x: Vector) -> Vector:
    """[layer-norm-1]."""
    (gamma,), (beta,) = layer.parameters["gamma"], layer.parameters["beta"]
    n = float(layer.inputs)
    m = div(sum16(x), n)
    d = [T(sub(v, m)) for v in x]
    v = div(sum16([mul(d[j], d[j]) for j in range(len(d))]), n)
    q = div(1.0, root(add(v, layer.epsilon)))
    return [T(add(mul(mul(d[j], q), gamma[j]), beta[j])) for j in range(len(d))]


# --- layers of several inputs ---------------------------------------------------------------------


def merged(layer: Layer, x: list[Vector]) -> Vector:
    """[merge-1]: add, multiply, concat; one vector for each of `inputs`, in their order."""
    if layer.type == "concat":
        return [v for part in x for v in part]
    operation = add if layer.type == "add" else mul
    y = x[0]
    for other in x[1:]:
        y = [T(operation(y[j], other[j])) for j in range(layer.size)]
    return y


def both_directions(merge: str, y: Vector, w: Vector) -> Vector:
    """[direction-2]: the outputs of the forward and of the reverse direction."""
    match merge:
        case "concat":
            return [*y, *w]
        case "sum":
            return [T(add(y[j], w[j])) for j in range(len(y))]
        case "multiply":
            return [T(mul(y[j], w[j])) for j in range(len(y))]
    assert merge == "average"
    return [T(mul(add(y[j], w[j]), 0.5)) for j in range(len(y))]
