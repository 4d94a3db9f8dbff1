"""Trains a small LSTM to sound like an amplifier, and writes it as amp.rnn.

    PYTHONPATH=.:python/src build/interop-venv/bin/python examples/amp/train.py --out examples/amp/amp.rnn

The amplifier is a few lines below: a coupling capacitor, a tube that saturates more on one side, a loudspeaker that lets
no treble through. The net hears plucked strings and noise at all levels, and learns what comes out. About three minutes
on one core; the same seed on the same machine and the same PyTorch gives the same file.
"""

import argparse
import math
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from pluck import RATE, pluck
from torch import nn

import rnnspec
from conformance.oracle import net as oracle_net
from conformance.oracle import reader, scalar

HIDDEN = 16
SEED = 7
STEPS, BATCH, BURN_IN, ROUNDS = 1024, 48, 256, 1500
SETTLE = RATE // 2  # steps of silence after which the net is where its file begins
REFERENCE, EXACT = 64, 24  # steps of the examples in the file


def amplifier(x):
    """What the net is to learn: samples in, samples out, at RATE."""
    drive, bias = 8.0, 0.3
    high, low = (1 - math.exp(-2 * math.pi * f / RATE) for f in (90.0, 4500.0))
    slow = smooth = 0.0
    y = []
    for sample in x:
        slow += high * (sample - slow)
        tube = math.tanh(drive * (sample - slow) + bias) - math.tanh(bias)
        smooth += low * (tube - smooth)
        y.append(0.6 * smooth)
    return y


def lesson(seed, seconds):
    """Strings of every pitch and level, and noise, one after the other; what the amplifier makes of them."""
    chance = random.Random(seed)  # noqa: S311  notes, and no secret
    x = []
    while len(x) < seconds * RATE:
        level, steps = 0.9 * chance.random() ** 2, RATE // 2
        part = pluck(chance.uniform(70, 700), steps, chance)
        if chance.random() < 0.2:
            part = [sample * level * 0.5 for sample in pluck(60, steps, chance, damping=1.0)]
        x += [level * sample for sample in part]
    return np.array([x, amplifier(x)], np.float32)


class Net(nn.Module):
    """One LSTM, and a number made of its state."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, HIDDEN, batch_first=True)
        self.head = nn.Linear(HIDDEN, 1)

    def forward(self, x, state=None):
        h, state = self.lstm(x, state)
        return self.head(h), state


def trained(audio):
    net = Net()
    optimiser = torch.optim.Adam(net.parameters(), lr=8e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, ROUNDS, 1e-4)
    x, y = (torch.from_numpy(one)[:, None] for one in audio)
    starts = np.random.default_rng(SEED)
    for number in range(1, ROUNDS + 1):
        first = starts.integers(0, len(x) - STEPS, BATCH)
        given, wanted = (torch.stack([one[k : k + STEPS] for k in first]) for one in (x, y))
        found, _ = net(given)
        away = ((found - wanted)[:, BURN_IN:] ** 2).mean() / (wanted[:, BURN_IN:] ** 2).mean()
        optimiser.zero_grad()
        away.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if number % 100 == 0:
            print(f"{number}: error to signal {away.item():.5f}", flush=True)
    return net


def model_of(net, state):
    """The net, which begins with `state` (h and c)."""
    p = {name: value.detach().numpy() for name, value in net.state_dict().items()}
    arrays = {
        "lstm_1.W": p["lstm.weight_ih_l0"].T,
        "lstm_1.R": p["lstm.weight_hh_l0"].T,
        "lstm_1.b": p["lstm.bias_ih_l0"] + p["lstm.bias_hh_l0"],
        "lstm_1.h0": state[0].numpy().reshape(-1),
        "lstm_1.c0": state[1].numpy().reshape(-1),
        "dense_1.W": p["head.weight"].T,
        "dense_1.b": p["head.bias"],
    }
    tanh, sigmoid = (rnnspec.Activation(function=name) for name in ("tanh", "sigmoid"))
    return rnnspec.Model(
        name="amp",
        version="1",
        description="A small tube amplifier that never was: an LSTM of 16 units, trained on strings that are none.",
        license="CC0-1.0",
        input=rnnspec.FeatureInput(size=1, sample_rate=RATE),
        layers=(
            rnnspec.LstmLayer(
                name="lstm_1",
                hidden_size=HIDDEN,
                activations={"gates": sigmoid, "candidate": tanh, "output": tanh},
                parameters={role: f"lstm_1.{role}" for role in ("W", "R", "b", "h0", "c0")},
            ),
            rnnspec.DenseLayer(
                name="dense_1", size=1, parameters={"W": "dense_1.W", "b": "dense_1.b"}
            ),
        ),
        output=rnnspec.Output(kind="values"),
        tensors={name: rnnspec.Tensor(np.ascontiguousarray(a)) for name, a in arrays.items()},
    )


def with_reference(model, net, state, x):
    """With what PyTorch gives for some loud steps, so that `rnnspec selftest` proves the file."""
    with torch.no_grad():
        y, _ = net(torch.from_numpy(x), state)
    example = rnnspec.Example(
        kind="reference",
        source=rnnspec.Source(system="PyTorch", version=torch.__version__.partition("+")[0]),
        tolerance=1e-5,
        input="example.x",
        output="example.y",
    )
    tensors = {"example.x": rnnspec.Tensor(x), "example.y": rnnspec.Tensor(y.numpy())}
    return replace(model, tensors={**model.tensors, **tensors}, examples=(example,))


def with_exact(model):
    """With the bits of some of these steps, from the conformance suite's scalar oracle: no runtime proves itself."""
    document = reader.read(rnnspec.to_bytes(model, "msgpack")).document
    x = np.ascontiguousarray(model.tensors["example.x"].values[:, :EXACT])
    given = oracle_net.Array(x.shape, x.reshape(-1).tolist())
    y, _ = scalar.run(oracle_net.load(document), given)
    y = np.array(y.values, np.float32).reshape(y.shape)
    example = rnnspec.Example(kind="exact", input="exact.x", output="exact.y")
    tensors = {"exact.x": rnnspec.Tensor(x), "exact.y": rnnspec.Tensor(y)}
    return replace(model, tensors={**model.tensors, **tensors}, examples=(example, *model.examples))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    net = trained(lesson(SEED, 40))
    heard, wanted = lesson(SEED + 1, 4)
    with torch.no_grad():
        _, state = net(torch.zeros(1, SETTLE, 1))
        found, _ = net(torch.from_numpy(heard)[None, :, None], state)
    away = found[0, :, 0].numpy() - wanted
    print(f"strings it never heard: error to signal {(away**2).sum() / (wanted**2).sum():.4f}")
    loudest = int(np.abs(heard).argmax())
    x = heard[None, loudest : loudest + REFERENCE, None]
    model = with_reference(model_of(net, state), net, state, np.ascontiguousarray(x))
    model = with_exact(model)
    rnnspec.save(model, options.out)
    print(f"{options.out}: {options.out.stat().st_size:,} bytes, {rnnspec.fingerprint(model)}")


if __name__ == "__main__":
    main()
