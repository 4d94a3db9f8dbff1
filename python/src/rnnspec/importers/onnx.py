"""onnx: an .onnx file with the operators RNN, LSTM or GRU; read without the onnx package.

The graph is followed from the output that is wanted back to the input, and every operator on the way is known or
refused. States and lengths that are inputs of the graph belong to a call here, not to the file.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from rnnspec.importers import ends
from rnnspec.importers.net import Net
from rnnspec.importers.npz_file import read_npy
from rnnspec.importers.onnx_file import NODES, OnnxFile, looks_like_onnx, read_onnx
from rnnspec.importers.onnx_reading import Reading
from rnnspec.importers.onnx_tensors import FIELDS, read_tensor
from rnnspec.importers.onnx_values import Flow, told
from rnnspec.importers.onnx_walk import CELLS, Walk, chosen_output
from rnnspec.importers.pattern import ENDS, Notes, Option, System, chosen
from rnnspec.importers.refusal import malformed, named, unsupported, wrong_option
from rnnspec.importers.result import Import, imported
from rnnspec.importers.source import Source, StrPath, json_value
from rnnspec.importers.stored import Stored

OLDEST: Final = 7
NEWEST: Final = 26
METADATA: Final = "rnnspec"  # the key under which our own export keeps the ends of a net
_RESETS: Final = ("before", "after")


def recognise(source: Source) -> bool:
    """A ModelProto, by its fields."""
    return not source.is_folder and looks_like_onnx(source.data())


def read(
    path: Source | StrPath,
    *,
    input_kind: str | None = None,
    output_kind: str | None = None,
    vocabulary: StrPath | None = None,
    tokens: Sequence[str] | None = None,
    initializer: Sequence[str] = (),
    graph_output: str | None = None,
    reset: str | None = None,
) -> Import:
    """The net in an .onnx file.

    The options are those of `rnnspec import --list`; `initializer` has texts NAME=FILE. Raises Refused, and OSError
    where there is no file.
    """
    source = Source.of(path)
    net = Net(source)
    if reset is not None:
        chosen("reset", reset, _RESETS)
    file = read_onnx(source)
    if not OLDEST <= file.opset <= NEWEST:
        raise unsupported(
            f"the graph is of operator set {file.opset}, and {OLDEST} to {NEWEST} are read: export it again, with "
            "opset 17 for instance"
        )
    arrays = {**file.initializers, **_given_arrays(initializer, file, source)}
    walk = Walk(file, arrays, reset)
    output = chosen_output(walk, graph_output)
    flow = walk.flow(output)
    reading = walk.reading
    _check_lengths(reading)
    own = _own(file, source)
    last, width = reading.last(flow, f'the output "{named(output)}"')
    _input(net, walk, own, input_kind, vocabulary, tokens)
    reading.draft.finish(last, net, net.layers[-1]["name"] if net.layers else "input")
    _tell(net.notes, walk, flow, output)
    _finish(net, width, own, output_kind)
    return imported(SYSTEM.name, net)


def _given_arrays(given: Sequence[str], file: OnnxFile, source: Source) -> dict[str, Stored]:
    """The arrays of --initializer. Raises Refused; OSError where there is no file."""
    inputs = [end.name for end in file.inputs]
    found = {}
    for pair in given:
        name, equals, path = pair.partition("=")
        if not equals or not path:
            raise wrong_option(f"--initializer {named(pair)}: expected NAME=FILE")
        if name not in inputs:
            raise wrong_option(
                f"--initializer {named(name)}: the graph has no such input, only {', '.join(map(named, inputs))}"
            )
        at = Source(Path(path), source.limits)
        found[name] = read_npy(at) if at.data().startswith(b"\x93NUMPY") else read_tensor(at)
    return found


def _check_lengths(reading: Reading) -> None:
    """Raises Refused where lengths would mean something else here than in the graph."""
    some = [node for node, takes in reading.with_lengths if takes]
    others = [node for node, takes in reading.with_lengths if not takes]
    if not reading.with_lengths:
        raise unsupported(
            "the output does not hang on a recurrent operator: expected RNN, LSTM or GRU in the graph"
        )
    if some and others:
        raise unsupported(
            f"{some[0]} has sequence_lens, and {others[0]} has not: rows have one length for the whole net here"
        )
    if some and reading.counting:
        raise unsupported(
            f"{reading.counting[0]} counts steps from the array's end, and rows end before it, by sequence_lens: use "
            "Y_h, which is each row's last"
        )


def _own(file: OnnxFile, source: Source) -> dict[str, Any]:
    """What our own export left in the metadata: input, vocabularies, output, decoding. Raises Refused."""
    text = file.metadata.get(METADATA)
    value = json_value(text.encode(), "the metadata", source.limits) if text else {}
    if not isinstance(value, dict) or any(
        not isinstance(member, dict) for member in value.values()
    ):
        raise malformed(
            f"the metadata {METADATA} is none that rnnspec writes: export the model again"
        )
    return value


def _input(
    net: Net,
    walk: Walk,
    own: dict[str, Any],
    input_kind: str | None,
    vocabulary: StrPath | None,
    tokens: Sequence[str] | None,
) -> None:
    """What goes in. Raises Refused."""
    table = walk.reading.table
    is_own = own and vocabulary is None and tokens is None and input_kind is None
    if is_own and own.get("input", {}).get("kind") == ("features" if table is None else "tokens"):
        net.input, net.vocabularies = own["input"], own.get("vocabularies", {})
        net.decoding = own.get("decoding", {})
        net.notes.understood("the ends of the net, as rnnspec left them in the metadata")
    elif table is not None:
        if input_kind == "features":
            raise wrong_option("--input-kind features: the net reads ids, by which it chooses rows")
        ends.token_input(net, table, vocabulary, tokens)
    else:
        width = walk.features()
        ends.plain_input(net, width, input_kind or "features", vocabulary, tokens)
        if input_kind is None:
            net.notes.assumed(
                f"{width} features a step go in; --input-kind tokens, if they are one-hot vectors of tokens"
            )


def _finish(net: Net, width: int, own: dict[str, Any], output_kind: str | None) -> None:
    """What comes out. Raises Refused."""
    if own and output_kind is None and net.input is own.get("input"):
        net.output = own.get("output", {"kind": "values"})
    else:
        ends.close(net, width, output_kind)


def _tell(notes: Notes, walk: Walk, flow: Flow, output: str) -> None:
    file, reading = walk.file, walk.reading
    cells = [node for node in walk.needed if node.op in CELLS]
    notes.understood(
        f'"{named(output)}" with the axes {told(flow.axes)}; the model gives batch, time, features'
    )
    notes.understood(
        ", ".join(map(str, cells[:8])) + (f" and {len(cells) - 8} more" if len(cells) > 8 else "")
    )
    notes.changed(
        "gates put into the order of SPEC.md, matrices turned to [inputs, outputs], two biases added up where one is kept"
    )
    states = sorted({name for name in walk.states if name not in walk.arrays})
    if states:
        notes.changed(
            f"{', '.join(map(named, states))}: inputs of the graph that hold a state; give it to the call"
        )
    others = [named(end.name) for end in file.outputs if end.name != output]
    if others:
        notes.left_out(f"the outputs {', '.join(others[:8])}; a call gives every state back")
    if any(takes for _, takes in reading.with_lengths):
        notes.changed(
            "sequence_lens are the lengths of a call; a row of length 0 keeps its state, and ONNX Runtime makes it zeros"
        )
    if any("softplus" in str(layer.members) for layer in reading.draft.layers):
        notes.changed(
            "softplus gives the number itself above 88.7, where ONNX Runtime gives infinity"
        )
    if any(atom.size is not None for atom in walk.free()):
        notes.changed("fixed sizes of batch and time are free")


SYSTEM: Final = System(
    name="onnx",
    title="ONNX graphs with the operators RNN, LSTM or GRU; without the onnx package",
    reads=(
        "an .onnx file; weights in files beside it too, as PyTorch's exporter writes them",
        "weights as initializers, or made of such by Slice, Concat, Transpose and the like, or given as files",
    ),
    versions=(f"operator sets {OLDEST} to {NEWEST}",),
    carries=(
        "all attributes of RNN, LSTM and GRU, layout and peepholes too, but for the activation Affine",
        "Gather and OneHot of ids, MatMul, Gemm, Add, Sub, Mul, Concat, activations, Softmax, LogSoftmax, LayerNormalization",
        "the glue that PyTorch and tf2onnx write around them: Squeeze, Transpose, Reshape, Slice, Shape and the like",
        "states and sequence_lens that are inputs of the graph: they are given to a call here",
    ),
    refuses=(
        "every other operator, by its name",
        "operators of other domains, loops, branches, sparse and quantised weights",
        "states that go from one operator to another, lengths and row-wise states in the file",
    ),
    limits=(
        "256 MiB, files beside it included",
        f"{FIELDS:,} fields and {NODES:,} nodes",
    ),
    options=(
        *ENDS,
        Option(
            name="initializer",
            repeated=True,
            metavar="NAME=FILE",
            help="the numbers of an input of the graph, as .npy or as a TensorProto; may be given again",
        ),
        Option(
            name="graph_output",
            metavar="NAME",
            help="which output of the graph the model gives (default: the only one that is no state)",
        ),
        Option(
            name="reset",
            choices=_RESETS,
            help="where GRUs apply the reset gate, before or after the product (default: as the file says)",
        ),
    ),
    recognise=recognise,
    read=read,
)
