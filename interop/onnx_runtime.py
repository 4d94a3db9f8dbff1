"""The peer ONNX Runtime: the operators RNN, LSTM and GRU, with every activation that both sides know."""

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from interop.cell import Activation, Call, Cell, Form, Result

NAME, VERSION = "ONNX Runtime", onnxruntime.__version__
OPSET, IR = 14, 8
TANH, SIGMOID = Activation("tanh"), Activation("sigmoid")
FUNCTIONS = {
    "tanh": "Tanh",
    "sigmoid": "Sigmoid",
    "relu": "Relu",
    "leaky_relu": "LeakyRelu",
    "elu": "Elu",
    "softplus": "Softplus",
    "softsign": "Softsign",
    "hard_sigmoid": "HardSigmoid",
    "thresholded_relu": "ThresholdedRelu",
    "scaled_tanh": "ScaledTanh",
}
OTHERS = (
    Activation("sigmoid"),
    Activation("relu"),
    Activation("leaky_relu", 0.1),
    Activation("elu", 0.7),
    Activation("softplus"),
    Activation("softsign"),
    Activation("hard_sigmoid", 0.25, 0.4),
    Activation("thresholded_relu", 0.3),
    Activation("scaled_tanh", 1.7159, 2 / 3),
)
HARD, SCALED = OTHERS[6], OTHERS[8]
KINDS = (
    {"RNN tanh": Form("elman", (TANH,))}
    | {f"RNN {a.function}": Form("elman", (a,)) for a in OTHERS}
    | {
        "LSTM": Form("lstm", (SIGMOID, TANH, TANH)),
        "LSTM hard_sigmoid softsign scaled_tanh": Form("lstm", (HARD, OTHERS[5], SCALED)),
        "GRU linear_before_reset=0": Form("gru", (SIGMOID, TANH), "before"),
        "GRU linear_before_reset=1": Form("gru", (SIGMOID, TANH), "after"),
        "GRU lbr=0 hard_sigmoid scaled_tanh": Form("gru", (HARD, SCALED), "before"),
        "GRU lbr=1 hard_sigmoid softsign": Form("gru", (HARD, OTHERS[5]), "after"),
    }
)
SHORTEST = 1  # with a length of 0, ONNX Runtime's state becomes zero: see `zero_length`
ORDER = {"elman": (0,), "lstm": (0, 3, 1, 2), "gru": (1, 0, 2)}  # ONNX: i o f c; z r h


def run(cell: Cell, call: Call) -> Result:
    """The same call, as a model of one operator."""
    H = cell.H

    def blocks(v: np.ndarray) -> np.ndarray:
        """[…, blocks H] in ONNX's order and orientation."""
        parts = np.split(v, len(ORDER[cell.kind]), axis=-1)
        return np.concatenate([parts[k] for k in ORDER[cell.kind]], axis=-1).T

    stored = {
        "W": blocks(cell.W)[None],
        "R": blocks(cell.R)[None],
        "B": np.concatenate([blocks(cell.input_bias), blocks(cell.recurrent_bias)])[None],
    }
    fed = {"X": np.ascontiguousarray(call.x.transpose(1, 0, 2))}
    names = ["X", "W", "R", "B", "", "", ""]
    if call.lengths is not None:
        names[4], fed["lengths"] = "lengths", call.lengths.astype(np.int32)
    if call.h is not None:
        names[5], fed["h"] = "h", call.h[None]
    if call.c is not None:
        names[6], fed["c"] = "c", call.c[None]
    outputs = ["Y", "Y_h"] + (["Y_c"] if cell.kind == "lstm" else [])
    attributes: dict[str, object] = {
        "hidden_size": H,
        "activations": [FUNCTIONS[a.function] for a in cell.activations],
    }
    for name in ("alpha", "beta"):
        if given := [v for a in cell.activations if (v := getattr(a, name)) is not None]:
            attributes[f"activation_{name}"] = given
    if cell.kind == "gru":
        attributes["linear_before_reset"] = int(cell.reset == "after")
    while not names[-1]:
        names.pop()
    operator = {"elman": "RNN", "lstm": "LSTM", "gru": "GRU"}[cell.kind]
    types = {"lengths": TensorProto.INT32}
    graph = helper.make_graph(
        [helper.make_node(operator, names, outputs, **attributes)],
        "one",
        [
            helper.make_tensor_value_info(name, types.get(name, TensorProto.FLOAT), v.shape)
            for name, v in fed.items()
        ],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        [numpy_helper.from_array(np.ascontiguousarray(v), name) for name, v in stored.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    found = session.run(outputs, fed)
    y = found[0][:, 0].transpose(1, 0, 2)  # [T, directions, N, H]
    return Result(y, found[1][0], found[2][0] if cell.kind == "lstm" else None)
