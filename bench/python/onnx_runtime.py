"""ONNX Runtime, in two ways: `run` with a dictionary of arrays, and IOBinding over buffers made beforehand."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import onnxruntime

from bench.catalogue import CALLS, Float32
from bench.python.contest import Contestant, Task, around


def session_of(data: bytes) -> Any:
    """A session with one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


class Run(Contestant):
    """`session.run`; the states of one call are in the dictionary of the next."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self._session = session_of((task.folder / f"{task.net.name}.onnx").read_bytes())
        self._states = [end.name for end in self._session.get_inputs() if end.name != "input"]
        self._names = ["output", *(f"{name}_next" for name in self._states)]
        self._pieces = [np.ascontiguousarray(x.swapaxes(0, 1)) for x in task.pieces()]
        shape = (1, CALLS[task.mode][0], task.net.hidden)
        self._zero = {name: np.zeros(shape, np.float32) for name in self._states}
        self._after = self._zero

    def turn(self, calls: int) -> None:
        """See Contestant."""
        session, names, states = self._session, self._names, self._states
        if not self.task.is_carried:
            for x in around(self._pieces, calls):
                session.run(names[:1], {"input": x, **self._zero})
            return
        after = self._after
        for x in around(self._pieces, calls):
            _, *given = session.run(names, {"input": x, **after})
            after = dict(zip(states, given, strict=True))
        self._after = after

    def outputs(self) -> Iterator[Float32]:
        """See Contestant."""
        after = self._zero
        for x in self._pieces:
            output, *given = self._session.run(self._names, {"input": x, **after})
            after = dict(zip(self._states, given, strict=True))
            yield output.swapaxes(0, 1)


class Bound(Contestant):
    """IOBinding: input and output stay where they are, and two sets of states change places."""

    def __init__(self, task: Task) -> None:
        self.task = task
        rows, steps = CALLS[task.mode]
        self._session = session_of((task.folder / f"{task.net.name}.onnx").read_bytes())
        states = [end.name for end in self._session.get_inputs() if end.name != "input"]
        self._pieces = [np.ascontiguousarray(x.swapaxes(0, 1)) for x in task.pieces()]
        self._x = self._pieces[0].copy()
        self._y = np.zeros((steps, rows, task.net.width), np.float32)
        shape = (1, rows, task.net.hidden)
        self._arrays = [{name: np.zeros(shape, np.float32) for name in states} for _ in range(2)]
        value = onnxruntime.OrtValue.ortvalue_from_numpy  # the array's own memory
        x, y = value(self._x), value(self._y)
        sets = [{name: value(array) for name, array in one.items()} for one in self._arrays]
        self._bindings = []
        for given, after in ((0, 1), (1, 0)):
            binding = self._session.io_binding()
            binding.bind_ortvalue_input("input", x)
            binding.bind_ortvalue_output("output", y)
            for name in states:
                binding.bind_ortvalue_input(name, sets[given][name])
                if task.is_carried:
                    binding.bind_ortvalue_output(f"{name}_next", sets[after][name])
            self._bindings.append(binding)
        self._calls = 0

    def turn(self, calls: int) -> None:
        """See Contestant."""
        run, x, bindings = self._session.run_with_iobinding, self._x, self._bindings
        if not self.task.is_carried:
            for piece in around(self._pieces, calls):
                x[...] = piece
                run(bindings[0])
            return
        for k, piece in enumerate(around(self._pieces, calls), self._calls):
            x[...] = piece
            run(bindings[k & 1])
        self._calls += calls

    def outputs(self) -> Iterator[Float32]:
        """See Contestant."""
        self._calls = 0
        for array in self._arrays[0].values():
            array[...] = 0
        for piece in self._pieces:
            self._x[...] = piece
            binding = self._bindings[self._calls & 1 if self.task.is_carried else 0]
            self._session.run_with_iobinding(binding)
            self._calls += 1
            yield self._y.swapaxes(0, 1)


WAYS = {"run": Run, "io binding": Bound}


def versions() -> dict[str, str]:
    """Of what was timed."""
    return {"onnxruntime": onnxruntime.__version__}
