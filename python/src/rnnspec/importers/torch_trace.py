"""torch_trace: follows a module's forward, as torch.fx writes it down, through modules that are known."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import torch
from torch import fx, nn

from rnnspec.importers.onnx_reading import Reading
from rnnspec.importers.onnx_values import Const
from rnnspec.importers.refusal import Refused, unsupported
from rnnspec.importers.torch_calls import CALLS
from rnnspec.importers.torch_leaves import LEAVES, Result, array_of

Replace: TypeAlias = Mapping[type, Callable[[Any], nn.Module]]

_REST: Final = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


class _Tracer(fx.Tracer):  # type: ignore[misc]  # of torch, which is not typed here
    """Modules that are known are not looked into, nor those that the user replaces."""

    def __init__(self, replace: Replace) -> None:
        super().__init__()
        self._replace = replace

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        """As fx asks."""
        return (
            type(m) in self._replace
            or leaf_of(m) is not None
            or bool(super().is_leaf_module(m, module_qualified_name))
        )


def leaf_of(module: nn.Module) -> type | None:
    """The class of torch.nn that a module is, a subclass with the same forward too."""
    for kind in LEAVES:
        if isinstance(module, kind) and type(module).forward is kind.forward:  # type: ignore[attr-defined]  # a module
            return kind
    return None


class Trace:
    """One import on its way to a draft."""

    def __init__(self, reading: Reading, replace: Replace) -> None:
        self.reading = reading
        self._replace = replace

    def call(self, module: nn.Module, whence: str, inputs: Sequence[Any]) -> Result:
        """What a module gives. Raises Refused."""
        kind = leaf_of(module)
        if type(module) in self._replace:
            return self.call(self._replace[type(module)](module), whence, inputs)
        if kind is not None:
            return LEAVES[kind](self.reading, whence, module, inputs)
        if type(module).__module__.startswith("torch.nn") and not isinstance(module, nn.Sequential):
            raise unsupported(
                f'the module "{whence}" ({type(module).__name__}) is not carried: from_torch(…, replace=…) can put '
                "another in its place"
            )
        return self._forward(module, whence, inputs)

    def _forward(self, module: nn.Module, whence: str, inputs: Sequence[Any]) -> Result:
        inside = bool(whence)
        whence = whence or type(module).__name__
        more = list(inspect.signature(module.forward).parameters.values())[len(inputs) :]
        for parameter in more:
            if parameter.default is parameter.empty and parameter.kind not in _REST:
                raise unsupported(
                    f'forward of "{whence}" wants {parameter.name} too, and a net reads one input: states belong to a '
                    f"call here; give {parameter.name} the default None"
                )
        left_out = {one.name: None for one in more if one.default is None}
        try:
            graph = _Tracer(self._replace).trace(module, left_out)
        except Exception as error:  # noqa: BLE001  whatever a forward raises that is not made for tracing
            reason = str(error).strip().splitlines() or [type(error).__name__]
            raise unsupported(
                f'forward of "{whence}" can\'t be followed by torch.fx ({reason[0][:160]}): steps that hang on the data, or '
                "loops over time, go into modules that from_torch(…, replace=…) puts others in place of"
            ) from None
        values: dict[Any, Any] = {}
        given = list(inputs)
        for node in graph.nodes:
            arguments = fx.node.map_arg((node.args, node.kwargs), values.__getitem__)
            if node.op == "placeholder":
                values[node] = given.pop(0) if given else None
            elif node.op == "get_attr":
                values[node] = Const(array_of(_attribute(module, node.target)), str(node.target))
            elif node.op == "call_module":
                name = f"{whence}.{node.target}" if inside else str(node.target)
                values[node] = self.call(module.get_submodule(node.target), name, arguments[0])
            elif node.op == "output":
                return arguments[0][0]
            else:
                values[node] = self._computed(node, *arguments)
        raise AssertionError("fx ends with an output")

    def _computed(self, node: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Result:  # noqa: ANN401  of fx
        name = (
            node.target
            if node.op == "call_method"
            else getattr(node.target, "__name__", str(node.target))
        )
        found = CALLS.get(name)
        if found is None:
            raise unsupported(
                f'the call "{node}" ({name}) is not carried: what it computes is not among the layers of the format; '
                "a module of its own can be replaced, with from_torch(…, replace=…)"
            )
        try:
            return found(self.reading, str(node), args, kwargs)
        except Refused:
            raise
        except (ArithmeticError, AttributeError, IndexError, KeyError, TypeError, ValueError):
            raise unsupported(
                f'the call "{node}" ({name}) has arguments that are not followed here'
            ) from None


def _attribute(module: nn.Module, path: str) -> torch.Tensor:
    value: Any = module
    for part in path.split("."):
        value = getattr(value, part)
    if not isinstance(value, torch.Tensor):
        raise unsupported(f'forward reads "{path}", which is no tensor')
    return value
