"""onnx_walk: follows a graph from one of its outputs back to the input, and reads the operators on the way."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final

from rnnspec.importers.onnx_cells import recurrent
from rnnspec.importers.onnx_file import Node, OnnxFile
from rnnspec.importers.onnx_glue import GLUE
from rnnspec.importers.onnx_layers import LAYERS
from rnnspec.importers.onnx_reading import Reading
from rnnspec.importers.onnx_shapes import Operator
from rnnspec.importers.onnx_tensors import numbers
from rnnspec.importers.onnx_values import (
    BATCH,
    TIME,
    Atom,
    Const,
    Flow,
    Given,
    Value,
    feature_count,
    refused,
)
from rnnspec.importers.refusal import Refused, ask, malformed, named, unsupported, wrong_option
from rnnspec.importers.stored import Stored

OURS: Final = "rnnspec"  # the producer of our own export, which puts the output before the states
CELLS: Final[dict[str, Operator]] = dict.fromkeys(("RNN", "LSTM", "GRU"), recurrent)
OPERATORS: Final = {**GLUE, **LAYERS, **CELLS}
_STATES: Final = (5, 6)  # the inputs initial_h and initial_c of a recurrent operator
_OTHERS: Final = (1, 2, 3, 4, 7)  # W, R, B, sequence_lens, P
_INPUTS: Final = 8  # as many as any operator but Concat has
_PASSES: Final = frozenset(GLUE) - {
    "Shape",
    "ConstantOfShape",
    "Constant",
}  # what comes in goes out
_LOOPS: Final = "export the net with its recurrent operators, not unrolled or as a loop"
_LOOPS_OF_KERAS: Final = f"it belongs to a loop; {_LOOPS}, and of a SimpleRNN, or a GRU with reset_after=False, import Keras' own file"
_HINTS: Final = {
    "Loop": _LOOPS,
    "Scan": _LOOPS,
    "If": "export the net in evaluation mode, without branches",
    "BatchNormalization": "fold it into the layer before it",
    "ReduceMean": "if it is a LayerNorm, export with opset 17 or later, where that is one operator",
}


class Walk:
    """One graph, with all arrays that are known, on its way to a draft."""

    def __init__(self, file: OnnxFile, arrays: Mapping[str, Stored], reset: str | None) -> None:
        self.file = file
        self.arrays = arrays
        self.reading = Reading(file.opset, file.producer, reset)
        self.needed: list[Node] = []
        self._makers = {name: node for node in file.nodes for name in node.outputs if name}
        self._values: dict[str, Value] = {}
        self._x: Flow | None = None

    @cached_property
    def states(self) -> set[str]:
        """The graph inputs that become states."""
        return self._inputs_at(_STATES)

    def flow(self, output: str) -> Flow:
        """What the output of this name is. Raises Refused."""
        wanted = {output}
        for node in reversed(self.file.nodes):
            if wanted.intersection(node.outputs):
                self.needed.insert(0, node)
                wanted.update(filter(None, node.inputs))
        self._place_inputs(wanted)
        for node in self.needed:
            inputs = [self._value(node, name) if name else None for name in node.inputs]
            for name, value in zip(node.outputs, self._run(node, inputs), strict=False):
                self._values[name] = value
        found = self._values.get(output)
        if not isinstance(found, Flow):
            raise unsupported(
                f'the output "{named(output)}" hangs on no layer: --graph-output names another'
            )
        return found

    def features(self) -> int:
        """How many the net's input has at each step. Raises Refused."""
        assert self._x is not None, "a flow was found"
        return feature_count(self._x)

    def free(self) -> Iterator[Atom]:
        """The atoms of the input that are free in a model."""
        assert self._x is not None, "a flow was found"
        return (atom for axis in self._x.axes for atom in axis if atom.role in {BATCH, TIME})

    def _place_inputs(self, wanted: set[str]) -> None:
        """Which inputs of the graph hold states and the like, and which is the sequence. Raises Refused."""
        held = self.states | self._inputs_at(_OTHERS)
        rest = []
        for end in self.file.inputs:
            if end.name in self.arrays or end.name not in wanted:
                continue
            if end.name in held:
                self._values[end.name] = Given(end.name)
            else:
                rest.append(end)
        if not rest:
            raise unsupported(
                "the output hangs on no input of the graph: --graph-output names another"
            )
        if len(rest) > 1:
            raise ask(
                f"a net reads one input, and the graph reads {', '.join(named(end.name) for end in rest)}: give the "
                "arrays among them with --initializer NAME=FILE; of several sequences none can be read"
            )
        (end,) = rest
        if end.shape is None:
            raise unsupported(
                f'the input "{named(end.name)}" has no shape: export the net with one'
            )
        axes = tuple((Atom(None, size),) for size in end.shape)
        self._values[end.name] = self._x = Flow(axes, (0,))

    def _inputs_at(self, places: tuple[int, ...]) -> set[str]:
        """The graph inputs that reach these inputs of recurrent operators, through glue alone."""
        names = {end.name for end in self.file.inputs} - set(self.arrays)
        todo = [
            node.inputs[place]
            for node in self.needed
            if node.op in CELLS
            for place in places
            if place < len(node.inputs)
        ]
        seen: set[str] = set()
        while todo:
            name = todo.pop()
            if name in seen:
                continue
            seen.add(name)
            maker = self._makers.get(name)
            if maker is not None and maker.op in _PASSES:
                todo += maker.inputs if maker.op == "Concat" else maker.inputs[:1]
        return names & seen

    def _value(self, node: Node, name: str) -> Value:
        if name not in self._values:
            if name not in self.arrays:
                raise malformed(
                    f'{node} takes "{named(name)}", which nothing before it gives: export the net again'
                )
            self._values[name] = Const(numbers(self.arrays[name]), name)
        return self._values[name]

    def _run(self, node: Node, inputs: list[Value | None]) -> list[Value]:
        operator = OPERATORS.get(node.op) if not node.domain else None
        if operator is None:
            loops = any(other.op in {"Loop", "Scan"} for other in self.file.nodes)
            hint = _HINTS.get(node.op) or (_LOOPS_OF_KERAS if loops else None)
            if self.file.producer == OURS:  # nothing else of ours is unknown here
                hint = "the lengths of rows belong to a call here; export the model again without --lengths"
            raise refused(
                node, "is an operator that is not carried" + (f": {hint}" if hint else "")
            )
        if node.op != "Concat":
            inputs += [None] * (_INPUTS - len(inputs))
        try:
            return operator(self.reading, node, inputs)
        except Refused:
            raise
        except (
            ArithmeticError,
            IndexError,
            TypeError,
            ValueError,
        ):  # an array or attribute of a strange form
            raise malformed(
                f"{node} has inputs or attributes that do not fit it: export the net again"
            ) from None

    # --- outputs ------------------------------------------------------------------------------------------

    def state_of(self, output: str) -> int | None:
        """1 for what comes from Y_h alone, 2 from Y_c; None for everything else."""
        found: set[int | None] = set()
        todo, seen = [output], set[str]()
        while todo:
            name = todo.pop()
            if name in seen:
                continue
            seen.add(name)
            maker = self._makers.get(name)
            if maker is None:
                found.add(None)
            elif maker.op in CELLS:
                found.add(maker.outputs.index(name) or None)
            elif maker.op in _PASSES:
                todo += maker.inputs if maker.op == "Concat" else maker.inputs[:1]
            else:
                found.add(None)
        return found.pop() if len(found) == 1 else None


def chosen_output(walk: Walk, wanted: str | None) -> str:
    """The output of the graph that the model gives. Raises Refused."""
    names = [end.name for end in walk.file.outputs]
    told = ", ".join(map(named, names)) or "none"
    if wanted is not None:
        if wanted not in names:
            raise wrong_option(f"--graph-output {named(wanted)}: there is none, only {told}")
        return wanted
    if walk.file.producer == OURS and names:
        return names[0]
    kinds = {name: walk.state_of(name) for name in names}
    # The one that is no state; where all are states, the one that is of h.
    for kind in (None, 1):
        found = [name for name in names if kinds[name] == kind]
        if len(found) == 1:
            return found[0]
        if found:
            break
    raise ask(
        f"the graph has the outputs {told}: say which the model gives, with --graph-output NAME"
    )
