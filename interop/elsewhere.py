"""The other runtimes: what they give for a model and a call, and whether its bits are those of the Python runtime."""

import base64
import shlex
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt

import rnnspec
from conformance.protocol import Adapter, Failure

Array = npt.NDArray[Any]
State = Mapping[str, Mapping[str, Array]]
TIMEOUT = 60.0  # seconds for an answer


class Elsewhere:
    """Adapters (SPEC.md 17), for as long as a `with` lasts; without commands there is nothing to compare with."""

    def __init__(self, commands: Sequence[str]) -> None:
        self._adapters = [Adapter(shlex.split(command), TIMEOUT) for command in commands]
        self.languages: list[str] = []

    def __enter__(self) -> Self:
        for adapter in self._adapters:
            adapter.start()
            name = str(adapter.greeting["language"])
            self.languages.append(name[:1].upper() + name[1:])
        return self

    def __exit__(self, *_: object) -> None:
        for adapter in self._adapters:
            adapter.kill()

    def others(
        self,
        model: rnnspec.Model,
        x: Array,
        lengths: Sequence[int] | None,
        state: State | None,
        ours: tuple[Array, State],
    ) -> list[str]:
        """The languages whose bits differ from ours, output or state. `x` is [N, T] of ids or [N, T, I]."""
        chunk: dict[str, Any] = {"input": x.tolist() if x.ndim == 2 else _wire(x)}
        if lengths is not None:
            chunk["lengths"] = list(map(int, lengths))
        data = base64.b64encode(rnnspec.to_bytes(model, "msgpack")).decode("ascii")
        request: dict[str, Any] = {"command": "run", "chunks": [chunk], "document": data}
        if state is not None:
            request["state"] = _parts(state)
        wanted = {"output": _wire(ours[0]), "state": _parts(ours[1])}
        return [
            language
            for language, adapter in zip(self.languages, self._adapters, strict=True)
            if _answer(adapter, request) != wanted
        ]


def _answer(adapter: Adapter, request: dict[str, Any]) -> dict[str, Any]:
    answer = adapter.ask(request)
    if isinstance(answer, Failure) or answer.kind != "result":
        raise RuntimeError(f"{adapter.command}: {answer}")
    (found,) = answer.value["chunks"]
    return {"output": found["output"], "state": found["state"]}


def _parts(state: State) -> dict[str, Any]:
    return {layer: {key: _wire(a) for key, a in arrays.items()} for layer, arrays in state.items()}


def _wire(values: Array) -> dict[str, Any]:
    """As the protocol has it."""
    numbers = np.ascontiguousarray(values, ">f4")
    return {"shape": list(numbers.shape), "bits": numbers.tobytes().hex()}
