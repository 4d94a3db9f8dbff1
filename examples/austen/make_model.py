"""The trained parameters as a file: from train.py's .npz to austen.rnn.

    python examples/austen/make_model.py --params build/params.npz --vocab build/vocab.json \
        --reference build/reference.npz --out examples/austen/austen.rnn

Run from the root of the project, with its `.venv`. PyTorch is not needed here: what it computed
comes from reference.py and goes into the file as `reference` examples. The `exact` examples come from
the conformance suite's scalar oracle, not from the runtime that reads them later.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

import rnnspec
from conformance.oracle import net as oracle_net
from conformance.oracle import reader, scalar

RUNS = ("short", "long")  # 16 and 64 steps of held-out text
LAYERS = ("lstm1", "lstm2")
TOLERANCE = 5e-5  # relative above 1: float32 PyTorch is itself 1.1e-5 from float64 on these logits
Tensors = dict[str, rnnspec.Tensor]
Arrays = dict[str, npt.NDArray[np.float32]]


def main() -> None:
    """Reads, builds, checks, writes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("params", "vocab", "reference", "out"):
        parser.add_argument("--" + name, required=True, type=Path)
    arguments = parser.parse_args()

    params = np.load(arguments.params)
    tokens = json.loads(arguments.vocab.read_text(encoding="utf-8"))
    reference = np.load(arguments.reference)

    model = with_references(bare_model(params, tokens), reference)
    model = with_exact(model, reference)
    result = rnnspec.selftest(rnnspec.compile(model))
    if result.failed:
        raise SystemExit(f"examples that fail: {result.failed}")
    rnnspec.save(model, arguments.out)
    print(
        f"{arguments.out}: {arguments.out.stat().st_size:,} bytes, {rnnspec.fingerprint(model)}, "
        f"{result.exact} exact and {result.reference} reference examples hold"
    )


def bare_model(params: "np.lib.npyio.NpzFile", tokens: list[str]) -> rnnspec.Model:
    """Layers and parameters. PyTorch's matrices are [outputs, inputs], its gates i, f, g, o."""
    tensors: Tensors = {"embedding.E": rnnspec.Tensor(params["embedding.weight"])}
    layers: list[rnnspec.EmbeddingLayer | rnnspec.LstmLayer | rnnspec.DenseLayer] = [
        rnnspec.EmbeddingLayer(
            name="embedding",
            size=params["embedding.weight"].shape[1],
            parameters={"E": "embedding.E"},
        )
    ]
    for k, name in enumerate(LAYERS):
        tensors[f"{name}.W"] = transposed(params[f"lstm.weight_ih_l{k}"])
        tensors[f"{name}.R"] = transposed(params[f"lstm.weight_hh_l{k}"])
        # train.py puts the sum of PyTorch's two biases into the first and leaves the second at zero.
        assert not params[f"lstm.bias_hh_l{k}"].any()
        tensors[f"{name}.b"] = rnnspec.Tensor(params[f"lstm.bias_ih_l{k}"])
        layers.append(
            rnnspec.LstmLayer(
                name=name,
                hidden_size=params[f"lstm.weight_hh_l{k}"].shape[1],
                parameters={role: f"{name}.{role}" for role in ("W", "R", "b")},
            )
        )
    tensors["dense.W"] = transposed(params["linear.weight"])
    tensors["dense.b"] = rnnspec.Tensor(params["linear.bias"])
    layers.append(
        rnnspec.DenseLayer(
            name="dense", size=len(tokens), parameters={"W": "dense.W", "b": "dense.b"}
        )
    )
    return rnnspec.Model(
        name="austen",
        version="1",
        description="Writes like Jane Austen, character by character: two LSTM layers of 136 units, "
        "trained on her six novels.",
        license="CC0-1.0; the novels are in the public domain",
        input=rnnspec.TokenInput(vocabulary="characters"),
        vocabularies={"characters": rnnspec.Vocabulary(tokens=tuple(tokens))},
        layers=tuple(layers),
        output=rnnspec.Output(kind="logits", vocabulary="characters"),
        decoding=rnnspec.Decoding(mode="sample", temperature=0.6),
        tensors=tensors,
    )


def with_references(model: rnnspec.Model, reference: "np.lib.npyio.NpzFile") -> rnnspec.Model:
    """Adds what PyTorch computed."""
    tensors, examples = dict(model.tensors), list(model.examples or ())
    for run in RUNS:
        final = {
            layer: {part: reference[f"{run}.{part}"][k] for part in ("h", "c")}
            for k, layer in enumerate(LAYERS)
        }
        example = example_of(f"pytorch.{run}", reference[f"{run}.logits"], final, tensors)
        examples.append(
            rnnspec.Example(
                kind="reference",
                source=rnnspec.Source(system="PyTorch", version=str(reference["torch"])),
                tolerance=TOLERANCE,
                input=tuple(map(tuple, reference[f"{run}.ids"].tolist())),
                **example,
            )
        )
    return replace(model, tensors=tensors, examples=tuple(examples))


def with_exact(model: rnnspec.Model, reference: "np.lib.npyio.NpzFile") -> rnnspec.Model:
    """Adds what the scalar oracle computes."""
    document = reader.read(rnnspec.to_bytes(model, "msgpack")).document
    if document is None:
        raise SystemExit("the oracle refuses what the writer wrote")
    net = oracle_net.load(document)
    tensors, examples = dict(model.tensors), []
    for run in RUNS:
        ids = reference[f"{run}.ids"].tolist()
        output, state = scalar.run(net, ids)
        final = {
            layer: {part: as_array(array) for part, array in arrays.items()}
            for layer, arrays in state.items()
        }
        example = example_of(f"exact.{run}", as_array(output), final, tensors)
        examples.append(rnnspec.Example(kind="exact", input=tuple(map(tuple, ids)), **example))
    return replace(model, tensors=tensors, examples=(*examples, *(model.examples or ())))


def example_of(
    prefix: str, output: npt.NDArray[np.float32], final: dict[str, Arrays], tensors: Tensors
) -> dict[str, object]:
    """Stores an example's arrays as tensors and gives the members that name them."""
    tensors[f"{prefix}.output"] = rnnspec.Tensor(output)
    names = {
        layer: {part: f"{prefix}.{layer}.{part}" for part in arrays}
        for layer, arrays in final.items()
    }
    for layer, parts in names.items():
        for part, name in parts.items():
            tensors[name] = rnnspec.Tensor(np.ascontiguousarray(final[layer][part]))
    return {"output": f"{prefix}.output", "final_state": names}


def as_array(array: oracle_net.Array) -> npt.NDArray[np.float32]:
    """The oracle's numbers, which are float32 already."""
    return np.array(array.values, np.float32).reshape(array.shape)


def transposed(matrix: npt.NDArray[np.float16]) -> rnnspec.Tensor:
    """[outputs, inputs] as [inputs, outputs] (SPEC [layer-1])."""
    return rnnspec.Tensor(np.ascontiguousarray(matrix.T))


if __name__ == "__main__":
    main()
