"""pytorch: the state_dict of a net, as torch.save, safetensors or numpy.savez wrote it; read without torch.

Names and shapes are all there is. With [i, f, g, o] = W_ih·x + b_ih + W_hh·h + b_hh an nn.LSTM computes

    c' = sigmoid(f) · c + sigmoid(i) · tanh(g)
    h' = sigmoid(o) · tanh(c')

and an nn.GRU, with r = sigmoid(…) and z = sigmoid(…) likewise,

    n  = tanh(W_in·x + b_in + r · (W_hn·h + b_hn))
    h' = (1 − z) · n + z · h

With proj_size the LSTM's h' is W_hr·(sigmoid(o) · tanh(c')). PyTorch itself computes the GRU's h' as n + z · (h − n).
"""

import re
from collections.abc import Sequence
from typing import Final

from rnnspec.importers import ends
from rnnspec.importers.net import Net
from rnnspec.importers.pattern import ENDS, INPUT, Option, System, chosen
from rnnspec.importers.result import Import, imported
from rnnspec.importers.safetensors import is_safetensors
from rnnspec.importers.source import Source, StrPath
from rnnspec.importers.stored import read_all
from rnnspec.importers.torch_files import MAGIC
from rnnspec.importers.torch_names import modules_of
from rnnspec.importers.torch_net import NONLINEARITIES, STEPS, Said, build, planned
from rnnspec.importers.torch_pair import OPTIONS, Decoder, read_pair
from rnnspec.importers.torch_state import arrays_of, needed

_NPZ: Final = re.compile(rb"(weight|w)_hh[A-Za-z0-9_]{0,16}\.npy")
_DUMPED: Final = re.compile(r"(?:.*[._/])?weight_hh_l[0-9]+(?:_reverse)?")


def recognise(source: Source) -> bool:
    """A file of torch.save, a .safetensors file, or arrays named as PyTorch names them, as .npz or JSON."""
    if source.is_folder:
        return False
    data = source.data()
    if data.lstrip(b" \t\r\n").startswith(b"{"):
        return any(_DUMPED.fullmatch(name) for name in source.json_object() or ())
    if data.startswith(b"PK\3\4"):
        return b"/data.pkl" in data or _NPZ.search(data) is not None
    return data[2:].startswith(MAGIC) or is_safetensors(data)


def read(
    path: Source | StrPath,
    *,
    input_kind: str | None = None,
    output_kind: str | None = None,
    vocabulary: StrPath | None = None,
    tokens: Sequence[str] | None = None,
    nonlinearity: str | None = None,
    modules: str | None = None,
    steps: str | None = None,
    layer_norm: float | None = None,
    state_dict: str | None = None,
    ignore: Sequence[str] = (),
    decoder: Sequence[str] = (),
    decoder_vocabulary: StrPath | None = None,
    decoder_tokens: Sequence[str] | None = None,
    decoder_start: str | None = None,
    decoder_end: str | None = None,
    decoder_separator: str | None = None,
) -> Import:
    """The net in a file of weights; with `decoder` the encoder, and the decoder as `decoder` of what is given.

    The options are those of `rnnspec import --list`. Raises Refused, and OSError where there is no file.
    """
    source = Source.of(path)
    net = Net(source)
    stored = needed(arrays_of(source, state_dict, net.notes), ignore, net.notes)
    if input_kind is not None:
        chosen("input_kind", input_kind, INPUT.choices)
    if steps is not None:
        chosen("steps", steps, STEPS)
    order = tuple(modules.split(",")) if modules is not None else None
    said = Said(input_kind, order, nonlinearity, steps, layer_norm)
    other = Decoder(
        decoder, decoder_vocabulary, decoder_tokens, decoder_start, decoder_end, decoder_separator
    )
    other.check()
    if decoder:
        spoken = (vocabulary, tokens, output_kind)
        return read_pair(source, stored, said, other, spoken, net.notes, SYSTEM.name)
    plan = planned(modules_of(stored), said, net.notes)
    values = read_all(stored.values(), source.limits, net.notes)
    width = build(net, plan, values, vocabulary, tokens)
    ends.finish(net, width, output_kind)
    return imported(SYSTEM.name, net)


SYSTEM: Final = System(
    name="pytorch",
    title="PyTorch state_dicts, as torch.save, safetensors or numpy.savez write them; without torch",
    reads=(
        "a .pt or .pth file, the zip of PyTorch 1.6 and later or the legacy file before it, of a CPU or a GPU",
        "a .safetensors file",
        "an .npz file whose arrays have PyTorch's names: enc_w_ih or enc.weight_ih_l0",
        'a JSON file {"emb.weight": [[…]], "lstm.weight_ih_l0": [[…]], …}; of LSTM, GRU and Linear alone it is one of rtneural',
        "float32, float64, float16 and bfloat16",
    ),
    versions=("PyTorch 0.4 to 2.13",),
    carries=(
        "nn.RNN, LSTM, GRU and RNNCell, LSTMCell, GRUCell, in stacks, with or without biases",
        "bidirectional ones, and LSTMs with proj_size",
        "Embedding, Linear and LayerNorm, in one chain with them",
        "checkpoints in which the state_dict is one of several things",
        "an encoder and a decoder in one file, as two models, the state handed over",
    ),
    refuses=(
        "whole modules and TorchScript, which are programs",
        "BatchNorm, GroupNorm, RMSNorm, convolutions, attention",
        "attention between encoder and decoder, and encoders of two directions with a decoder",
        "nets with other branches: bring their halves over one by one, with --ignore",
    ),
    limits=(
        "256 MiB, also when unpacked",
        "4,096 entries of a zip",
        "1,000,000 steps and 16 MiB of a pickle; nothing of it is executed",
    ),
    options=(
        *ENDS,
        Option(name="nonlinearity", choices=NONLINEARITIES, help="what an nn.RNN computes with"),
        Option(
            name="modules",
            metavar="NAMES",
            help="the modules in the order in which they compute, with activations between: emb,lstm,fc1,relu,fc2",
        ),
        Option(
            name="steps",
            choices=STEPS,
            help="which steps have an output: all; last, which is out[:, -1]; or final, which is h_n (default: all)",
        ),
        Option(
            name="layer_norm",
            metavar="EPS",
            type=float,
            help="modules with a vector as weight are LayerNorms with this eps",
        ),
        Option(
            name="state_dict",
            metavar="NAME",
            help="where in a checkpoint the state_dict stands, such as model_state_dict",
        ),
        Option(
            name="ignore",
            repeated=True,
            metavar="NAME",
            help="leave out a parameter; * stands for anything; may be given again",
        ),
        *OPTIONS,
    ),
    recognise=recognise,
    read=read,
)
