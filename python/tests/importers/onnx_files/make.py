"""Makes the files beside it with PyTorch 2.13.0, onnx 1.23.2 and ONNX Runtime 1.31.1, which are not needed to test them:

    build/interop-venv/bin/python python/tests/importers/onnx_files/make.py

NAME.onnx is a graph, NAME.npz its inputs and what ONNX Runtime gave for them, by the names of the graph. torch_* are
written by PyTorch's exporter, tf_* with the operators that tf2onnx 1.16 puts around an LSTM of Keras, all_* with every
attribute of the recurrent operators.
"""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

HERE = Path(__file__).resolve().parent
N, T, I, H, V = 3, 7, 4, 5, 11  # noqa: E741  the letters of SPEC.md


def keep(name: str, given: dict[str, np.ndarray]) -> None:
    """NAME.npz: what goes in and what comes out."""
    session = onnxruntime.InferenceSession(
        HERE / f"{name}.onnx", providers=["CPUExecutionProvider"]
    )
    names = [end.name for end in session.get_outputs()]
    found = dict(zip(names, session.run(names, given), strict=True))
    parts: dict[str, Any] = {f"in.{key}": array for key, array in given.items()}
    np.savez(HERE / f"{name}.npz", **parts, **{f"out.{key}": a for key, a in found.items()})


# --- PyTorch ----------------------------------------------------------------------------------------------


class Language(nn.Module):  # type: ignore[misc]  # of torch, which is not typed here
    def __init__(self) -> None:
        super().__init__()
        self.emb, self.lstm, self.fc = (
            nn.Embedding(V, I),
            nn.LSTM(I, H, 2, batch_first=True),
            nn.Linear(H, V),
        )

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return torch.log_softmax(self.fc(self.lstm(self.emb(ids))[0]), -1)


class Both(nn.Module):  # type: ignore[misc]  # of torch, which is not typed here
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(I, H, 2, batch_first=True, bidirectional=True)
        self.norm, self.fc = nn.LayerNorm(2 * H), nn.Linear(2 * H, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.lstm(x)[1][0]
        return self.fc(torch.relu(self.norm(torch.cat((h[-2], h[-1]), 1))))


class States(nn.Module):  # type: ignore[misc]  # of torch, which is not typed here
    def __init__(self) -> None:
        super().__init__()
        self.gru, self.fc = nn.GRU(I, H, 2), nn.Linear(H, 2)

    def forward(self, x: torch.Tensor, h: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        y, h = self.gru(x, h)
        return self.fc(y), h


class Last(nn.Module):  # type: ignore[misc]  # of torch, which is not typed here
    def __init__(self) -> None:
        super().__init__()
        self.rnn, self.fc = (
            nn.RNN(I, H, nonlinearity="relu", batch_first=True, bidirectional=True),
            nn.Linear(2 * H, 2),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.tanh(self.fc(self.rnn(x)[0][:, -1]))


class Start(nn.Module):  # type: ignore[misc]  # of torch, which is not typed here
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(I, H, batch_first=True)
        self.h, self.c = nn.Parameter(torch.randn(1, 1, H)), nn.Parameter(torch.randn(1, 1, H))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        state = [part.expand(-1, x.size(0), -1).contiguous() for part in (self.h, self.c)]
        y, _ = self.lstm(x, (state[0], state[1]))
        return y.flip(1) + y * 0.5


class Step(nn.Module):  # type: ignore[misc]  # of torch, which is not typed here
    def __init__(self) -> None:
        super().__init__()
        self.lstm, self.fc = nn.LSTM(I, H, batch_first=True), nn.Linear(H, 2)

    def forward(
        self, x: torch.Tensor, h: torch.Tensor, c: torch.Tensor
    ) -> tuple[torch.Tensor, ...]:
        y, (h, c) = self.lstm(x, (h, c))
        return self.fc(y), h, c


def exported(
    name: str, module: nn.Module, given: dict[str, torch.Tensor], free: dict[str, Any] | None
) -> None:
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn_like(parameter) * 0.6)
    path = HERE / f"{name}.onnx"
    module.eval()
    names = list(given)
    torch.onnx.export(
        module, tuple(given.values()), path, input_names=names, dynamic_axes=free, dynamo=False
    )
    model = onnx.load(path)
    for node in model.graph.node:
        node.ClearField("doc_string")
    onnx.save(model, path)
    keep(name, {key: tensor.numpy() for key, tensor in given.items()})


def torch_files() -> None:
    torch.manual_seed(1)
    x, free = torch.randn(N, T, I), {"x": {0: "n", 1: "t"}}
    exported("torch_language", Language(), {"x": torch.randint(0, V, (N, T))}, free)
    exported("torch_both", Both(), {"x": x}, free)
    exported("torch_states", States(), {"x": x.transpose(0, 1).contiguous(), "h": torch.randn(2, N, H)}, {"x": {0: "t", 1: "n"}, "h": {1: "n"}})  # fmt: skip
    exported("torch_last", Last(), {"x": x}, free)
    exported("torch_start", Start(), {"x": x}, free)
    exported("torch_step", Step(), {"x": torch.randn(1, 1, I), "h": torch.randn(1, 1, H), "c": torch.randn(1, 1, H)}, None)  # fmt: skip


# --- operators by hand ------------------------------------------------------------------------------------


class Graph:
    def __init__(self) -> None:
        self.rng = np.random.default_rng(2)
        self.nodes: list[Any] = []
        self.arrays: list[Any] = []

    def array(self, name: str, *shape: int) -> str:
        values = (self.rng.normal(size=shape) * 0.6).astype(np.float32)
        self.arrays.append(numpy_helper.from_array(values, name))
        return name

    def whole(self, name: str, *values: int) -> str:
        self.arrays.append(numpy_helper.from_array(np.array(values, np.int64), name))
        return name

    def node(self, op: str, inputs: list[str], outputs: list[str], **attributes: Any) -> None:  # noqa: ANN401  of ONNX
        self.nodes.append(
            helper.make_node(
                op, inputs, outputs, name=f"the_{outputs[0] or outputs[-1]}", **attributes
            )
        )

    def save(
        self,
        name: str,
        given: dict[str, np.ndarray],
        outputs: list[str],
        free: dict[str, list[Any]],
        **options: Any,  # noqa: ANN401  of ONNX
    ) -> None:
        kinds = {np.dtype(np.int32): TensorProto.INT32, np.dtype(np.float32): TensorProto.FLOAT}
        ends = [
            helper.make_tensor_value_info(k, kinds[a.dtype], free.get(k, a.shape))
            for k, a in given.items()
        ]
        outs = [helper.make_tensor_value_info(k, TensorProto.FLOAT, None) for k in outputs]
        graph = helper.make_graph(self.nodes, name, ends, outs, self.arrays)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.save(model, HERE / f"{name}.onnx", **options)
        keep(name, given)


def tf_lstm() -> None:
    """As tf2onnx writes a Keras LSTM with return_sequences and a Dense of each step."""
    graph = Graph()
    graph.node("Transpose", ["x"], ["turned"], perm=[1, 0, 2])
    weights = [
        graph.array("W", 1, 4 * H, I),
        graph.array("R", 1, 4 * H, H),
        graph.array("B", 1, 8 * H),
    ]
    graph.node("Shape", ["x"], ["shape"])
    graph.node(
        "Slice",
        ["shape", graph.whole("zero", 0), graph.whole("one", 1), graph.whole("at", 0)],
        ["rows"],
    )
    graph.node("Concat", [graph.whole("d", 1), "rows", graph.whole("h", H)], ["wide"], axis=0)
    graph.node("ConstantOfShape", ["wide"], ["zeros"])
    graph.node(
        "LSTM",
        ["turned", *weights, "", "zeros", "zeros"],
        ["Y", "Y_h", "Y_c"],
        hidden_size=H,
        direction="forward",
    )
    graph.node("Squeeze", ["Y", graph.whole("axis", 1)], ["squeezed"])
    graph.node("Transpose", ["squeezed"], ["back"], perm=[1, 0, 2])
    graph.node("Reshape", ["back", graph.whole("flat", -1, H)], ["flattened"])
    graph.node("MatMul", ["flattened", graph.array("kernel", H, 2)], ["product"])
    graph.node("Add", ["product", graph.array("bias", 2)], ["sum"])
    graph.node("Shape", ["back"], ["sizes"])
    graph.node("Slice", ["sizes", "zero", graph.whole("two", 2), "at"], ["steps"])
    graph.node("Concat", ["steps", graph.whole("width", 2)], ["whole"], axis=0)
    graph.node("Reshape", ["sum", "whole"], ["dense"])
    x = graph.rng.normal(size=(N, T, I)).astype(np.float32)
    graph.save("tf_lstm", {"x": x}, ["dense"], {"x": ["n", "t", I]})


def tf_both() -> None:
    """As tf2onnx writes a Bidirectional GRU with merge_mode sum, of the last state."""
    graph = Graph()
    graph.node("Transpose", ["x"], ["turned"], perm=[1, 0, 2])
    weights = [
        graph.array("W", 2, 3 * H, I),
        graph.array("R", 2, 3 * H, H),
        graph.array("B", 2, 6 * H),
    ]
    graph.node(
        "GRU",
        ["turned", *weights],
        ["Y", "Y_h"],
        hidden_size=H,
        direction="bidirectional",
        linear_before_reset=1,
    )
    graph.node("Split", ["Y_h"], ["forward", "reverse"], axis=0)
    for half in ("forward", "reverse"):
        graph.node("Squeeze", [half, graph.whole(f"{half}_axis", 0)], [f"{half}_h"])
    graph.node("Add", ["forward_h", "reverse_h"], ["y"])
    x = graph.rng.normal(size=(N, T, I)).astype(np.float32)
    graph.save("tf_both", {"x": x}, ["y"], {"x": ["n", "t", I]})


def all_lstm() -> None:
    graph = Graph()
    weights = [
        graph.array("W", 2, 4 * H, I),
        graph.array("R", 2, 4 * H, H),
        graph.array("B", 2, 8 * H),
    ]
    graph.node(
        "Slice",
        [
            graph.array("starts", 4, 1, H),
            graph.whole("zero", 0),
            graph.whole("two", 2),
            graph.whole("at", 0),
        ],
        ["h0"],
    )
    graph.node("Expand", ["h0", graph.whole("rows", 2, N, H)], ["h"])
    inputs = ["x", *weights, "lengths", "h", "c", graph.array("P", 2, 3 * H)]
    functions = ["HardSigmoid", "Tanh", "ScaledTanh", "Sigmoid", "LeakyRelu", "Softsign"]
    graph.node("LSTM", inputs, ["Y", "Y_h", "Y_c"], hidden_size=H, direction="bidirectional", activations=functions,
               activation_alpha=[0.25, 1.2, 0.1], activation_beta=[0.4, 0.7], clip=1.5, input_forget=1)  # fmt: skip
    graph.node("Transpose", ["Y"], ["turned"], perm=[2, 0, 1, 3])
    graph.node("Reshape", ["turned", graph.whole("shape", 0, 0, 2 * H)], ["y"])
    x, c = (graph.rng.normal(size=shape).astype(np.float32) for shape in ((T, N, I), (2, N, H)))
    given = {"x": x, "lengths": np.array([7, 2, 5], np.int32), "c": c}
    graph.save("all_lstm", given, ["y", "Y_h", "Y_c"], {})


def all_gru() -> None:
    graph = Graph()
    weights = [
        graph.array("W", 1, 3 * H, I),
        graph.array("R", 1, 3 * H, H),
        graph.array("B", 1, 6 * H),
    ]
    graph.node("GRU", ["x", *weights, "lengths"], ["Y", ""], hidden_size=H, direction="reverse", clip=0.8,
               activations=["Sigmoid", "Elu"], activation_alpha=[0.7])  # fmt: skip
    weights = [graph.array("W2", 1, H, H), graph.array("R2", 1, H, H)]
    graph.node("Squeeze", ["Y", graph.whole("axis", 1)], ["squeezed"])
    graph.node(
        "RNN",
        ["squeezed", *weights, "", "lengths"],
        ["", "Y_h"],
        hidden_size=H,
        activations=["ThresholdedRelu"],
        activation_alpha=[0.1],
    )
    x = graph.rng.normal(size=(T, N, I)).astype(np.float32)
    graph.save("all_gru", {"x": x, "lengths": np.array([7, 2, 5], np.int32)}, ["Y_h"], {})


def external() -> None:
    """The weights in a file beside the graph, as PyTorch's newer exporter leaves them."""
    model = onnx.load(HERE / "torch_both.onnx")
    (HERE / "external.onnx.data").unlink(missing_ok=True)
    onnx.save(
        model,
        HERE / "external.onnx",
        save_as_external_data=True,
        location="external.onnx.data",
        size_threshold=64,
    )
    with np.load(HERE / "torch_both.npz") as file:
        np.savez(HERE / "external.npz", **file)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    torch_files()
    tf_lstm()
    tf_both()
    all_lstm()
    all_gru()
    external()
