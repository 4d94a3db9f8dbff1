"""Lets the net write, in PyTorch.

python sample.py --params build/params.npz --vocab build/vocab.json --prime "Emma"
"""

import argparse
import json
from pathlib import Path

import torch
from model import load


@torch.no_grad()
def main():
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("--params", required=True, type=Path)
    p.add_argument("--vocab", required=True, type=Path)
    p.add_argument("--prime", default="", help="text to go on from; a newline is put before it")
    p.add_argument("--temperature", type=float, default=0.7)
    p.add_argument("--characters", type=int, default=800)
    p.add_argument("--seed", type=int, default=1)
    args = p.parse_args()
    torch.set_num_threads(1)
    symbols = json.loads(args.vocab.read_text(encoding="utf-8"))
    net = load(args.params)
    generator = torch.Generator().manual_seed(args.seed)
    ids, state, out = [symbols.index(c) for c in "\n" + args.prime], None, args.prime
    for _ in range(args.characters):
        logits, state = net(torch.tensor(ids)[:, None], state)
        weights = torch.softmax(logits[-1, 0].double() / args.temperature, 0)
        ids = [int(torch.multinomial(weights, 1, generator=generator))]
        out += symbols[ids[0]]
    print(out)


if __name__ == "__main__":
    main()
