"""torch_calls: functions and methods of tensors, as a forward calls them, by name."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np

from rnnspec.importers.onnx_reading import Reading
from rnnspec.importers.onnx_values import Const, Flow, Size, Sizes, known, size_of
from rnnspec.importers.torch_leaves import Result, cut, do

Call: TypeAlias = Callable[[Reading, str, Sequence[Any], Mapping[str, Any]], Result]

_SAME: Final = ("contiguous", "float", "to", "clone", "detach", "type_as", "double")
_PLAIN: Final = {"relu": "Relu", "tanh": "Tanh", "sigmoid": "Sigmoid", "softsign": "Softsign"}


def _sizes_of(x: Any) -> tuple[Size, ...]:  # noqa: ANN401  whatever stands in a call
    if isinstance(x, Flow):
        return tuple(size_of(axis) for axis in x.axes)
    return tuple(int(n) for n in x.array.shape)


def _size(_: Reading, __: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Result:
    sizes = _sizes_of(args[0])
    axis = args[1] if len(args) > 1 else kwargs.get("dim")
    return Sizes(sizes) if axis is None else _one_size(sizes[axis])


def _one_size(size: Size) -> Any:  # noqa: ANN401  a number, where it is known
    return size if isinstance(size, int) else Sizes((size,), is_vector=False)


def _getattr(reading: Reading, name: str, args: Sequence[Any], _: Mapping[str, Any]) -> Result:
    if args[1] == "shape":
        return _size(reading, name, args[:1], {})
    return None  # device and dtype: nothing hangs on them here


def _getitem(reading: Reading, name: str, args: Sequence[Any], _: Mapping[str, Any]) -> Result:
    x, at = args
    if isinstance(x, tuple | list):
        return x[at]
    if isinstance(x, Sizes):
        return _one_size(x.items[at])
    places = list(at) if isinstance(at, tuple) else [at]
    if Ellipsis in places:
        k = places.index(Ellipsis)
        rank = len(_sizes_of(x)) - sum(place is not None for place in places) + 1
        places[k : k + 1] = [slice(None)] * rank
    axis = 0
    for place in places:
        if place is None:
            x = do(reading, "Unsqueeze", name, [x, np.array([axis])])
            axis += 1
        elif isinstance(place, int):
            x = do(reading, "Gather", name, [x, np.array(place)], axis=axis)
        elif place == slice(None):
            axis += 1
        else:
            x = do(
                reading,
                "Slice",
                name,
                [x, *_bounds(place), np.array([axis]), np.array([place.step or 1])],
            )
            axis += 1
    return x


def _bounds(part: slice) -> list[Any]:
    return [
        np.array([0 if part.start is None else part.start]),
        np.array([2**31 if part.stop is None else part.stop]),
    ]


def _numbers(args: Sequence[Any]) -> list[Any]:
    """f(x, 1, 2) and f(x, (1, 2)) alike."""
    return list(args[0]) if len(args) == 1 and isinstance(args[0], tuple | list) else list(args)


def _items(given: Sequence[Any]) -> tuple[Size, ...]:
    items: list[Size] = []
    for size in given:
        items += size.items if isinstance(size, Sizes) else [int(size)]
    return tuple(items)


def _view(reading: Reading, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Result:
    given = _numbers(args[1:]) if len(args) > 1 else list(kwargs["shape"])
    return do(reading, "Reshape", name, [args[0], Sizes(_items(given))])


def _permute(reading: Reading, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Result:
    given = _numbers(args[1:]) if len(args) > 1 else list(kwargs["dims"])
    return do(reading, "Transpose", name, args[:1], perm=tuple(given))


def _transpose(
    reading: Reading, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> Result:
    rank = len(_sizes_of(args[0]))
    a, b = args[1:] if len(args) > 1 else (kwargs["dim0"], kwargs["dim1"])
    order = list(range(rank))
    order[a], order[b] = order[b], order[a]
    return do(reading, "Transpose", name, args[:1], perm=tuple(order))


def _axis(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:  # noqa: ANN401  one, several or none
    return args[1] if len(args) > 1 else kwargs.get("dim")


def _squeeze(reading: Reading, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Result:
    axis = _axis(args, kwargs)
    x = args[0]
    if axis is not None and isinstance(x, Flow) and known(x.axes[axis]) != 1:
        return x  # as torch does
    return do(reading, "Squeeze", name, [x, None if axis is None else np.array([axis])])


def _unsqueeze(
    reading: Reading, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> Result:
    return do(reading, "Unsqueeze", name, [args[0], np.array([_axis(args, kwargs)])])


def _flatten(reading: Reading, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Result:
    start = args[1] if len(args) > 1 else kwargs.get("start_dim", 0)
    end = args[2] if len(args) > 2 else kwargs.get("end_dim", -1)
    sizes = _sizes_of(args[0])
    first, last = start % len(sizes), end % len(sizes)
    kept: list[Size] = [*sizes[:first], -1, *sizes[last + 1 :]]
    return do(reading, "Reshape", name, [args[0], Sizes(tuple(kept))])


def _flip(reading: Reading, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Result:
    x = args[0]
    for axis in _numbers(args[1:]) if len(args) > 1 else _numbers([kwargs["dims"]]):
        places = [np.array([n]) for n in (-1, -(2**31), axis, -1)]
        x = do(reading, "Slice", name, [x, *places])
    return x


def _cat(reading: Reading, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Result:
    axis = _axis(args, kwargs)
    return do(reading, "Concat", name, list(args[0]), axis=0 if axis is None else axis)


def _chunk(reading: Reading, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Result:
    count = args[1] if len(args) > 1 else kwargs["chunks"]
    axis = args[2] if len(args) > 2 else kwargs.get("dim", 0)
    size = _sizes_of(args[0])[axis]
    if not isinstance(size, int):
        raise TypeError("a free size")
    each = -(-size // count)
    ends = [(k, min(k + each, size)) for k in range(0, size, each)]
    return tuple(
        do(reading, "Slice", name, [args[0], *[np.array([n]) for n in (a, b, axis, 1)]])
        for a, b in ends
    )


def _arithmetic(op: str) -> Call:
    def call(reading: Reading, name: str, args: Sequence[Any], _: Mapping[str, Any]) -> Result:
        a, b = (
            float(x) if isinstance(x, int) and not isinstance(y, Sizes) else x
            for x, y in zip(args, args[::-1], strict=True)
        )
        if isinstance(a, float) and isinstance(b, float):
            raise TypeError("numbers alone")
        return do(reading, op, name, [a, b])

    return call


def _divide(reading: Reading, name: str, args: Sequence[Any], _: Mapping[str, Any]) -> Result:
    return do(reading, "Mul", name, [args[0], 1 / float(args[1])])


def _negate(reading: Reading, name: str, args: Sequence[Any], _: Mapping[str, Any]) -> Result:
    return do(reading, "Mul", name, [args[0], -1.0])


def _plain(op: str) -> Call:
    def call(reading: Reading, name: str, args: Sequence[Any], _: Mapping[str, Any]) -> Result:
        return do(reading, op, name, args[:1])

    return call


def _soft(op: str) -> Call:
    def call(reading: Reading, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Result:
        return do(reading, op, name, args[:1], axis=_axis(args, kwargs))

    return call


def _with_alpha(op: str, argument: str, usual: float) -> Call:
    def call(reading: Reading, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Result:
        alpha = args[1] if len(args) > 1 else kwargs.get(argument, usual)
        return do(reading, op, name, args[:1], alpha=float(alpha))

    return call


def _softplus(
    reading: Reading, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> Result:
    if len(args) > 1 or kwargs.get("beta", 1) != 1 or kwargs.get("threshold", 20) < 15:
        raise ValueError("a beta")
    return do(reading, "Softplus", name, args[:1])


def _cutting(usual: tuple[float | None, float | None], names: tuple[str, str]) -> Call:
    def call(reading: Reading, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Result:
        given = [kwargs.get(key, value) for key, value in zip(names, usual, strict=True)]
        given[: len(args) - 1] = args[1:3]
        return cut(reading, name, args[0], *given)

    return call


def _hard_sigmoid(reading: Reading, name: str, args: Sequence[Any], _: Mapping[str, Any]) -> Result:
    return do(reading, "HardSigmoid", name, args[:1], alpha=1 / 6, beta=0.5)


def _dropout(_: Reading, __: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Result:
    if args[2] if len(args) > 2 else kwargs.get("training", True):
        raise ValueError("in training")
    return args[0]


def _one_hot(reading: Reading, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Result:
    count = args[1] if len(args) > 1 else kwargs["num_classes"]
    return do(reading, "OneHot", name, [args[0], np.array(count), np.array([0.0, 1.0])], axis=-1)


def _zeros(_: Reading, __: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Result:
    items = _items(_numbers(args) if args else list(kwargs["size"]))
    return Const(np.zeros([n if isinstance(n, int) else 1 for n in items], np.float32), "zeros")


def _expand(reading: Reading, name: str, args: Sequence[Any], _: Mapping[str, Any]) -> Result:
    shape = args[0].array.shape
    items = _items(_numbers(args[1:]))
    kept = tuple(shape[k - len(items)] if size == -1 else size for k, size in enumerate(items))
    return do(reading, "Expand", name, [args[0], Sizes(kept)])


def _first(_: Reading, __: str, args: Sequence[Any], ___: Mapping[str, Any]) -> Result:
    return args[0]


def _nothing(_: Reading, __: str, ___: Sequence[Any], ____: Mapping[str, Any]) -> Result:
    return None


CALLS: Final[dict[str, Call]] = {
    **dict.fromkeys(_SAME, _first),
    **{name: _plain(op) for name, op in _PLAIN.items()},
    "_assert_is_none": _nothing,
    "add": _arithmetic("Add"),
    "cat": _cat,
    "chunk": _chunk,
    "clamp": _cutting((None, None), ("min", "max")),
    "concat": _cat,
    "dropout": _dropout,
    "elu": _with_alpha("Elu", "alpha", 1.0),
    "expand": _expand,
    "flatten": _flatten,
    "flip": _flip,
    "getattr": _getattr,
    "getitem": _getitem,
    "hardsigmoid": _hard_sigmoid,
    "hardtanh": _cutting((-1.0, 1.0), ("min_val", "max_val")),
    "leaky_relu": _with_alpha("LeakyRelu", "negative_slope", 0.01),
    "log_softmax": _soft("LogSoftmax"),
    "mul": _arithmetic("Mul"),
    "neg": _negate,
    "one_hot": _one_hot,
    "permute": _permute,
    "reshape": _view,
    "size": _size,
    "softmax": _soft("Softmax"),
    "softplus": _softplus,
    "squeeze": _squeeze,
    "sub": _arithmetic("Sub"),
    "transpose": _transpose,
    "truediv": _divide,
    "unsqueeze": _unsqueeze,
    "view": _view,
    "zeros": _zeros,
}
