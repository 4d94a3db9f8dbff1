"""Trains the net.

    python train.py --text r-cran-janeaustenr_1.0.0-1_all.deb --out build

writes into build/: params.npz (float16, named as in PyTorch's state_dict), vocab.json, heldout.txt,
log.jsonl (one line for each export) and checkpoint.pt. params.npz is written anew every
--export-minutes, so that there is something to try early. With --resume the run in
build/checkpoint.pt goes on.
"""

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import text
import torch
from model import CharNet, float16_parameters, load, write
from torch import nn


def arguments():
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument(
        "--text", required=True, help="the .deb file, or the data folder of the installed package"
    )
    p.add_argument("--out", required=True, type=Path, help="the build folder")
    p.add_argument("--steps", type=int, default=10_000, help="updates in all (default %(default)s)")
    p.add_argument(
        "--minutes",
        type=float,
        default=math.inf,
        help="stop after so many minutes of training in all, earlier runs included; the learning rate "
        "follows whichever of --steps and --minutes is used up faster (default: no limit)",
    )
    p.add_argument(
        "--resume", action="store_true", help="go on from checkpoint.pt in the build folder"
    )
    p.add_argument("--export-minutes", type=float, default=2.0)
    p.add_argument("--batch", type=int, default=64)
    p.add_argument(
        "--time", type=int, default=96, help="steps of truncated back-propagation; state is carried"
    )
    p.add_argument("--rate", type=float, default=4e-3, help="highest learning rate")
    p.add_argument(
        "--cell-penalty",
        type=float,
        default=1e-3,
        help="weight of the mean square of the cell states; without it some cells only ever grow",
    )
    p.add_argument("--seed", type=int, default=1811)
    p.add_argument("--threads", type=int, default=2)
    return p.parse_args()


class Rows:
    """Rows that read on through the text; now and then one jumps to a newline and a zero state."""

    def __init__(self, ids, batch, steps, rng):
        self.ids, self.steps, self.rng = ids, steps, rng
        newlines = np.flatnonzero(ids == 0)
        self.starts = newlines[newlines < len(ids) - steps - 1]
        self.at = self.rng.choice(self.starts, batch)

    def next(self):
        """Ids [time + 1, batch], keep [batch] (0 where the state starts at zero)."""
        jump = self.rng.random(len(self.at)) < 1 / 32
        jump |= self.at + self.steps + 1 > len(self.ids)
        self.at = np.where(jump, self.rng.choice(self.starts, len(self.at)), self.at)
        block = self.ids[self.at + np.arange(self.steps + 1)[:, None]]
        self.at = self.at + self.steps
        return torch.from_numpy(block), torch.from_numpy((~jump).astype(np.float32))


@torch.no_grad()
def bits_per_character(net, ids, rows=32, warm=200):
    """Bits per character. Every row first reads `warm` characters that are not counted."""
    size = (len(ids) - 1) // rows
    first = np.arange(rows) * size
    block = torch.from_numpy(
        np.stack([ids[np.maximum(np.arange(a - warm, a + size + 1), 0)] for a in first], axis=1)
    )
    state, total = None, 0.0
    for at in range(0, warm + size, 500):
        end = min(at + 500, warm + size)
        logits, state = net(block[at:end], state)
        loss = nn.functional.cross_entropy(
            logits.transpose(1, 2), block[at + 1 : end + 1], reduction="none"
        ).double()
        total += loss[max(0, warm - at) :].sum().item()
    return total / (rows * size) / math.log(2)


def main():
    args = arguments()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)

    training_text, held_out_text = text.prepare(args.text)
    symbols = text.alphabet(training_text + held_out_text)
    number = {s: i for i, s in enumerate(symbols)}
    training = np.array([number[s] for s in training_text])
    held_out = np.array([number[s] for s in held_out_text])
    train_sample = training[1_000_000 : 1_000_000 + len(held_out)]
    write(
        args.out / "vocab.json", lambda f: f.write(json.dumps(symbols, ensure_ascii=False).encode())
    )
    write(args.out / "heldout.txt", lambda f: f.write(held_out_text.encode()))

    net = CharNet(len(symbols))
    with torch.no_grad():
        for layer in range(net.lstm.num_layers):  # forget gates start open
            getattr(net.lstm, f"bias_ih_l{layer}")[
                net.lstm.hidden_size : 2 * net.lstm.hidden_size
            ] += 1
    optimiser = torch.optim.AdamW(
        net.parameters(), lr=args.rate, betas=(0.9, 0.99), weight_decay=0.01
    )
    rows = Rows(training, args.batch, args.time, np.random.default_rng(args.seed))
    zeros = torch.zeros(net.lstm.num_layers, args.batch, net.lstm.hidden_size)
    state, step, seconds = (zeros, zeros), 0, 0.0
    print(
        f"{len(training):,} characters to train on, {len(held_out):,} held out, {len(symbols)} symbols, "
        f"{sum(p.numel() for p in net.parameters()):,} parameters",
        flush=True,
    )

    if args.resume:
        saved = torch.load(args.out / "checkpoint.pt", weights_only=False)  # our own file
        net.load_state_dict(saved["net"])
        optimiser.load_state_dict(saved["optimiser"])
        rows.at, rows.rng = saved["at"], saved["rng"]
        state, step, seconds = saved["state"], saved["step"], saved["seconds"]

    def export():
        parameters = float16_parameters(net)
        write(args.out / "params.npz", lambda f: np.savez(f, **parameters))
        write(
            args.out / "checkpoint.pt",
            lambda f: torch.save(
                {
                    "net": net.state_dict(),
                    "optimiser": optimiser.state_dict(),
                    "at": rows.at,
                    "rng": rows.rng,
                    "state": state,
                    "step": step,
                    "seconds": seconds,
                },
                f,
            ),
        )
        rounded = load(args.out / "params.npz")
        line = {
            "step": step,
            "minutes": round(seconds / 60, 2),
            "rate": optimiser.param_groups[0]["lr"],
            "train_bpc": bits_per_character(net, train_sample),
            "heldout_bpc": bits_per_character(net, held_out),
            "heldout_bpc_float16": bits_per_character(rounded, held_out),
            "largest_cell": float(state[1].detach().abs().max()),
            "largest_parameter": max(float(np.abs(v).max()) for v in parameters.values()),
        }
        with (args.out / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")
        print(line, flush=True)

    exported = begun = time.monotonic()
    before = seconds
    while True:
        part = max(step / args.steps, seconds / (60 * args.minutes))
        if part >= 1:
            break
        rate = (
            args.rate
            * min(1.0, (step + 1) / 200)
            * (0.002 + 0.998 * 0.5 * (1 + math.cos(math.pi * part)))
        )
        for group in optimiser.param_groups:
            group["lr"] = rate
        block, keep = rows.next()
        state = tuple(s.detach() * keep[None, :, None] for s in state)
        logits, state = net(block[:-1], state)
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), block[1:].flatten())
        loss = loss + args.cell_penalty * state[1].square().mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        step += 1
        seconds = before + time.monotonic() - begun
        if time.monotonic() - exported > 60 * args.export_minutes:
            export()
            exported = time.monotonic()
    state = tuple(s.detach() for s in state)
    export()


if __name__ == "__main__":
    main()
