r"""What PyTorch computes with the float16-rounded parameters: what a runtime is compared with.

    python reference.py --params build/params.npz --vocab build/vocab.json \
        --heldout build/heldout.txt --out build/reference.npz

Three runs from the zero state over held-out text: `short` (16 steps), `long` (64 steps),
`thousand` (1,000 steps). For each run R the output holds

    R.ids           int64 [1, T]           the input
    R.logits        float32 [1, T, V]      float32 modules, parameters widened from float16
    R.logits64      float64 [1, T, V]      everything in float64: the truth to measure against
    R.h, R.c        float32 [layers, 1, H] final states (R.h64, R.c64 in float64)

and `torch`, `numpy`, `python`: the versions; `params_sha256`: of the .npz that was read.
"""

import argparse
import hashlib
import json
import platform
from pathlib import Path

import numpy as np
import torch
from model import load, write

RUNS = {
    "short": (0, 16),
    "long": (50_000, 64),
    "thousand": (100_000, 1_000),
}  # first newline at or after; steps


def main():
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("params", "vocab", "heldout", "out"):
        p.add_argument("--" + name, required=True, type=Path)
    args = p.parse_args()
    torch.set_num_threads(1)

    symbols = json.loads(args.vocab.read_text(encoding="utf-8"))
    text = args.heldout.read_bytes().decode("utf-8")
    out = {
        "torch": np.array(torch.__version__),
        "numpy": np.array(np.__version__),
        "python": np.array(platform.python_version()),
        "params_sha256": np.array(hashlib.sha256(args.params.read_bytes()).hexdigest()),
    }
    nets = {"": load(args.params, torch.float32), "64": load(args.params, torch.float64)}
    for name, (place, steps) in RUNS.items():
        start = text.index("\n", place)
        ids = [symbols.index(c) for c in text[start : start + steps]]
        assert len(ids) == steps
        out[name + ".ids"] = np.array([ids], dtype=np.int64)
        for suffix, net in nets.items():
            with torch.no_grad():
                logits, (h, c) = net(torch.tensor(ids)[:, None])
            out[f"{name}.logits{suffix}"] = logits.transpose(0, 1).numpy().copy()
            out[f"{name}.h{suffix}"], out[f"{name}.c{suffix}"] = h.numpy(), c.numpy()
        worst = {
            k: float(np.abs(out[f"{name}.{k}"] - out[f"{name}.{k}64"]).max())
            for k in ("logits", "h", "c")
        }
        print(
            f"{name}: {steps} steps from {text[start : start + 32]!r}; largest |logit| "
            f"{np.abs(out[name + '.logits64']).max():.3f}; float32 against float64: "
            + ", ".join(f"{k} {v:.2e}" for k, v in worst.items())
        )
    write(args.out, lambda f: np.savez(f, **out))


if __name__ == "__main__":
    main()
