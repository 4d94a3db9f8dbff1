"""The nets as ONNX graphs with nothing in them but the net: for peers, who shall not pay for our export.

What `rnnspec export` writes takes and gives the batch first and lets states be left out, which costs a few operators at
each call. Here time comes first and states are those of ONNX's own operators:

    input   int64 [time, batch] of ids, or float32 [time, batch, 1]
    output  float32 [time, batch, width]
    h1, c1, h2, … [1, batch, H] in, h1_next, … out
"""

import numpy as np

from bench.catalogue import Float32, Net
from rnnspec import __version__
from rnnspec.importers.onnx_writer import Graph

OPERATORS = {"lstm": "LSTM", "gru": "GRU", "elman": "RNN"}
# Where our blocks stand in ONNX's order: i, o, f, c of ours i, f, g, o; z, r, h of ours r, z, n.
ORDERS = {"lstm": (0, 3, 1, 2), "gru": (1, 0, 2), "elman": (0,)}


def roles(net: Net, weights: dict[str, Float32], name: str) -> dict[str, Float32]:
    """W [1, GH, I], R [1, GH, H] and B [1, 2GH] of one layer, as ONNX has them."""
    H, order = net.hidden, ORDERS[net.kind]

    def turned(matrix: Float32) -> Float32:
        blocks = [matrix[..., k * H : (k + 1) * H] for k in order]
        return np.ascontiguousarray(np.concatenate(blocks, axis=-1).T[None])

    b = turned(weights[f"{name}.b"])
    recurrent = np.zeros_like(b)
    if net.kind == "gru":
        recurrent[:, 2 * H :] = weights[f"{name}.rb"]
    W, R = turned(weights[f"{name}.W"]), turned(weights[f"{name}.R"])
    return {"W": W, "R": R, "B": np.concatenate([b, recurrent], axis=1)}


def lean_onnx(net: Net, weights: dict[str, Float32]) -> bytes:
    """The bytes of the graph."""
    graph, H = Graph(net.name), net.hidden
    if net.text:
        graph.input("input", "int64", ("time", "batch"))
        x = graph.node("Gather", [graph.array("E", weights["embedding.E"]), "input"], "x", axis=0)
    else:
        graph.input("input", "float32", ("time", "batch", 1))
        x = "input"
    one = graph.array("one", np.array([1], np.int64))
    graph.output("output", ("time", "batch", net.width))
    attributes = {"linear_before_reset": 1} if net.kind == "gru" else {}
    for k in range(1, net.layers + 1):
        states = [f"{key}{k}" for key in ("h", "c")[: 2 if net.kind == "lstm" else 1]]
        for state in states:
            graph.input(state, "float32", (1, "batch", H))
            graph.output(f"{state}_next", (1, "batch", H))
        named = {
            role: graph.array(f"{role}{k}", array)
            for role, array in roles(net, weights, f"{net.kind}{k}").items()
        }
        inputs = [x, named["W"], named["R"], named["B"], "", *states]
        outputs = [f"Y{k}", *(f"{state}_next" for state in states)]
        graph.node(OPERATORS[net.kind], inputs, outputs, hidden_size=H, **attributes)
        x = graph.node("Squeeze", [f"Y{k}", one], f"y{k}")
    dense = [graph.array(f"dense.{role}", weights[f"dense.{role}"]) for role in ("W", "b")]
    product = graph.node("MatMul", [x, dense[0]], "product")
    if net.text:
        total = graph.node("Add", [product, dense[1]], "sum")
        graph.node("Softmax", [total], "output", axis=-1)
    else:
        graph.node("Add", [product, dense[1]], "output")
    return graph.data(__version__, {})
