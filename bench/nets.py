"""The nets of the benchmarks, into build/bench/: files, graphs, plain arrays, input and our output.

    python -m bench.nets [--out FOLDER]

bench/README.md says what each file is. Run by the interpreter of the runtime: it needs numpy and rnnspec alone.
"""

import argparse
import json
from pathlib import Path
from typing import Any, Final

import numpy as np

import rnnspec
from bench.catalogue import (
    EMBEDDING,
    FOLDER,
    NETS,
    TOKENS,
    Float32,
    Net,
    audio,
    inputs_of,
    tokens,
)
from bench.lean_onnx import lean_onnx

OUTPUT = 128  # steps of our output that go along
BLOCKS: Final = {"lstm": 4, "gru": 3, "elman": 1}
SIGMOID, TANH = {"function": "sigmoid"}, {"function": "tanh"}
EQUATIONS: Final[dict[str, dict[str, Any]]] = {
    "lstm": {"activations": {"gates": SIGMOID, "candidate": TANH, "output": TANH}},
    "gru": {"reset": "after", "activations": {"gates": SIGMOID, "candidate": TANH}},
    "elman": {"activation": TANH},
}


def model_of(net: Net) -> rnnspec.Model:
    """The net with weights that are float16 numbers, stored as float32.

    Weights are a few times larger than PyTorch draws them, so that states move, the softmax has preferences, and a
    wrong number shows.
    """
    rng = np.random.default_rng(net.seed)
    tensors: dict[str, Float32] = {}

    def drawn(name: str, *shape: int, bound: float) -> str:
        values = rng.uniform(-bound, bound, shape)
        tensors[name] = values.astype(np.float16).astype(np.float32)
        return name

    layers: list[dict[str, Any]] = []
    width = 1
    if net.text:
        width = EMBEDDING
        E = drawn("embedding.E", TOKENS, EMBEDDING, bound=1.0)
        layers.append(
            {"name": "embedding", "type": "embedding", "size": width, "parameters": {"E": E}}
        )
    H, G = net.hidden, BLOCKS[net.kind]
    for k in range(1, net.layers + 1):
        name = f"{net.kind}{k}"
        shapes = {"W": (width, G * H), "R": (H, G * H), "b": (G * H,)}
        if net.kind == "gru":
            shapes["rb"] = (H,)
        parameters = {
            role: drawn(f"{name}.{role}", *shape, bound=2 / np.sqrt(H))
            for role, shape in shapes.items()
        }
        layers.append(
            {
                "name": name,
                "type": net.kind,
                "hidden_size": H,
                **EQUATIONS[net.kind],
                "parameters": parameters,
            }
        )
        width = H
    parameters = {
        "W": drawn("dense.W", width, net.width, bound=(24 if net.text else 2) / np.sqrt(H)),
        "b": drawn("dense.b", net.width, bound=0.1),
    }
    layers.append({"name": "dense", "type": "dense", "size": net.width, "parameters": parameters})
    document: dict[str, Any] = {
        "name": net.name,
        "input": {"kind": "features", "size": 1},
        "layers": layers,
        "output": {"kind": "values"},
        "tensors": tensors,
    }
    if net.text:
        layers.append({"name": "softmax", "type": "activation", "function": "softmax"})
        document["input"] = {"kind": "tokens", "vocabulary": "characters"}
        document["output"] = {"kind": "probabilities", "vocabulary": "characters"}
        characters = [chr(0x30 + k) for k in range(TOKENS)]
        document["vocabularies"] = {"characters": {"unit": "codepoint", "tokens": characters}}
    return rnnspec.build(document)


def weights_of(model: rnnspec.Model) -> dict[str, Float32]:
    """The arrays by their names in the file, such as `lstm1.W`."""
    return {name: np.asarray(tensor.values) for name, tensor in model.tensors.items()}


def write(net: Net, folder: Path) -> None:
    """All files of one net."""
    model = model_of(net)
    (folder / f"{net.name}.rnn").write_bytes(rnnspec.to_bytes(model, "msgpack"))
    half = rnnspec.to_bytes(model, "msgpack", dtype="float16")
    (folder / f"{net.name}.float16.rnn").write_bytes(half)
    (folder / f"{net.name}.onnx").write_bytes(lean_onnx(net, weights_of(model)))
    places, offset = [], 0
    arrays = weights_of(model)
    for name, array in arrays.items():
        places.append({"name": name, "shape": list(array.shape), "offset": offset})
        offset += array.size
    (folder / f"{net.name}.weights.json").write_text(json.dumps(places, indent=1) + "\n")
    flat = np.concatenate([array.ravel() for array in arrays.values()])
    flat.astype("<f4").tofile(folder / f"{net.name}.weights.f32")
    given = inputs_of(net)[:1, :OUTPUT]
    output, _ = rnnspec.run(rnnspec.compile(model), given)
    halved, _ = rnnspec.run(rnnspec.compile(rnnspec.load(half)), given)
    if not np.array_equal(output.view(np.uint32), halved.view(np.uint32)):
        raise SystemExit(f"nets: {net.name} gives other bits from its float16 file")
    output[0].astype("<f4").tofile(folder / f"{net.name}.output.f32")


def table() -> dict[str, dict[str, Any]]:
    """What nets.json says."""
    return {
        net.name: {
            "kind": net.kind,
            "layers": net.layers,
            "hidden": net.hidden,
            "input": EMBEDDING if net.text else 1,
            "output": net.width,
            "tokens": TOKENS if net.text else None,
            "modes": net.modes,
        }
        for net in NETS.values()
    }


def main() -> None:
    """Writes everything."""
    parser = argparse.ArgumentParser(description="the nets of the benchmarks")
    parser.add_argument("--out", type=Path, default=FOLDER)
    folder: Path = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    tokens().astype("<i4").tofile(folder / "tokens.i32")
    audio().astype("<f4").tofile(folder / "audio.f32")
    for net in NETS.values():
        write(net, folder)
    (folder / "nets.json").write_text(json.dumps(table(), indent=1) + "\n")
    print(f"{len(NETS)} nets in {folder}")


if __name__ == "__main__":
    main()
