"""14.2: what other systems define otherwise, a case for each row of the table there."""

from collections.abc import Iterator

from conformance.case import Case
from conformance.generator.build import LSTM_ACTIVATIONS
from conformance.generator.nets import Json, Numbers, array, builder, packed_case, run_case

SECTION = "differs"
LINEAR = {"function": "linear"}


def same_twice(net: builder, name: str, other: str) -> None:
    """Gives the last layer the values of an earlier one."""
    for tensor in [t for t in net.tensors if t.startswith(name + ".")]:
        net.tensors[other + tensor.removeprefix(name)] = dict(net.tensors[tensor])


def cases() -> Iterator[Case]:
    """Every case of the section."""
    x = [{"input": Numbers(1).array([1, 3, 2], -2, 1)}]
    yield packed_case(
        "differs/length-0",
        "A row of length 0: its state stays, and so does `final`",
        ["run-2", "final-1"],
        "zeros for a row of length 0, as ONNX Runtime gives them; or a refusal, as PyTorch's",
        builder(2, 2, -2, 0).lstm(2, final=True, initial=True).document(),
        [{"input": Numbers(3).array([2, 2, 2], -2, 1), "lengths": [0, 2]}],
    )
    clipped = builder(2, 4, -1, 1).lstm(2, clip=0.75).reading("input").lstm(2, cell_clip=0.75)
    same_twice(clipped, "lstm0", "lstm1")
    state = {part: array([1, 2], [2.5, -3.0]) for part in ("h", "c")}
    yield packed_case(
        "differs/clip",
        "The same LSTM twice, with clip and with cell_clip, from a large c",
        ["clip-1", "cell-clip-1"],
        "ONNX's clip, which spares the cell, taken for TensorFlow's, which cuts it, or the other way round",
        clipped.plain("concat", "lstm0", "lstm1").document(),
        x,
        state={"lstm0": state, "lstm1": state},
    )
    coupled = builder(2, 5, -2, 0).lstm(2, coupled="forget").reading("input")
    coupled.lstm(2, coupled="input")
    same_twice(coupled, "lstm0", "lstm1")
    yield packed_case(
        "differs/coupled",
        "The same weights with coupled = forget and with coupled = input",
        ["coupled-1", "layer-2"],
        "ONNX Runtime's f = 1 − i taken for TensorFlow's i = 1 − f, or the other way round",
        coupled.plain("concat", "lstm0", "lstm1").document(),
        x,
    )
    both: Json = {"direction": "bidirectional", "merge": "concat"}
    last = builder(2, 6, -2, 0).elman(2, **both).last_step().reading("input")
    last.elman(2, **both, final=True)
    same_twice(last, "elman0", "elman2")
    yield packed_case(
        "differs/last-output",
        "The same bidirectional layer twice: behind last_step, and with output final",
        ["last-step-1", "final-1", "direction-2"],
        "PyTorch's out[:, -1], whose second half is the reverse direction's first step, taken for h_n",
        last.plain("concat", "last_step1", "elman2").document(),
        [{"input": Numbers(7).array([2, 3, 2], -2, 1), "lengths": [3, 2]}],
    )
    turned = builder(2, 8, -2, 0).gru(2, "after", direction="reverse").plain("time_reverse")
    yield packed_case(
        "differs/go-backwards",
        "A reverse layer and time_reverse: outputs in the order that they are computed in",
        ["direction-1", "time-reverse-1"],
        "Keras' go_backwards, which leaves that order, taken for reverse",
        turned.plain("concat", "gru0", "time_reverse1").document(),
        x,
    )
    yield packed_case(
        "differs/masked",
        "Steps past the length are +0, and a dense layer behind does not see them",
        ["run-1"],
        "the last output repeated at masked steps, as Keras does",
        builder(2, 9, -2, 0).gru(2, "after").dense(2).document(),
        [{"input": Numbers(10).array([2, 3, 2], -2, 1), "lengths": [1, 2]}],
    )
    resets = builder(2, 11, -2, 0).gru(2, "before").reading("input")
    resets.gru(2, "after", rb=False)
    same_twice(resets, "gru0", "gru1")
    h = array([1, 2], [1.5, -0.75])
    yield packed_case(
        "differs/reset",
        "The same weights with reset before and after the product",
        ["gru-2", "gru-3"],
        "ONNX's default for Keras' and PyTorch's, or the other way round",
        resets.plain("concat", "gru0", "gru1").document(),
        x,
        state={"gru0": {"h": h}, "gru1": {"h": h}},
    )
    kept = {"W": [0.0] * 6, "R": [0.0] * 12, "b": [0.0, 0.0, 40.0, 1.0, 0.3, 0.4]}
    yield run_case(
        "differs/z-at-1",
        "z = 1 keeps h to the last bit, where n is far larger; in the other unit z is 0.73",
        ["gru-4"],
        "n + z × (h − n), which loses h beside n",
        builder(1, 0)
        .gru(2, "after", {"gates": {"function": "sigmoid"}, "candidate": LINEAR},
             **(kept | {"W": [0.0] * 4 + [4096.0, 3.0]}), rb=False)
        .document(),
        [{"input": array([1, 2, 1], [100.0, 1.0])}],
        state={"gru0": {"h": array([1, 2], [0.3333333432674408, 0.75])}},
    )  # fmt: skip
    yield run_case(
        "differs/softplus",
        "softplus in an Elman cell: of 88, 89, 100 and 1e30 it is the number itself",
        ["activation-1", "elman-1"],
        "log(1 + exp(x)), which is infinite from 88.7 on",
        builder(1, 0).elman(1, {"function": "softplus"}, W=[1.0], R=[0.0], bias=False).document(),
        [{"input": array([1, 4, 1], [88.0, 89.0, 100.0, 1e30])}],
    )
    order = builder(1, 0).lstm(
        1, LSTM_ACTIVATIONS, W=[0.5, -0.25, 1.0, 0.75], R=[0.0] * 4, bias=False, c0=[1.5],
        p=[0.25, -1.0, 2.0], peephole="diagonal",
    )  # fmt: skip
    yield run_case(
        "differs/peephole",
        "Three different peepholes in the order i, f, o",
        ["peephole-1", "layer-6"],
        "ONNX's and WebNN's order i, o, f taken over",
        order.document(),
        [{"input": array([1, 2, 1], [1.0, -0.5])}],
    )
