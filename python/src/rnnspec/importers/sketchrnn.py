"""sketchrnn: nets of sketch-rnn-js, which draws, out of its JSON of 16-bit weights.

The decoder is an LSTM over strokes, [dx, dy, pen down, pen up, end], and a layer that gives the parameters of a mixture:

    i, g, f, o = [x, h] · [W_xh; W_hh] + bias
    c' = sigmoid(f + 1) · c + sigmoid(i) · tanh(g)
    h' = sigmoid(o) · tanh(c')

A vae has an encoder too, and its decoder reads a latent vector z at every step and begins with a state made of it,
[c, h] = tanh(z · enc_w + enc_b).
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from rnnspec.importers import arrays
from rnnspec.importers.net import LSTM, Net
from rnnspec.importers.pattern import Option, System, chosen
from rnnspec.importers.refusal import ask, misfit, wrong_option
from rnnspec.importers.result import Import, imported
from rnnspec.importers.sketchrnn_file import File, glance, read_file
from rnnspec.importers.source import Source, StrPath
from rnnspec.tensor import Float32

PARTS: Final = ("decoder", "start", "encoder")
LATENTS: Final = ("plain", "tanh")
_ORDER: Final = "igfo"
_FORGET: Final = 1.0  # added at run time there
_STROKE: Final = ("dx", "dy", "pen_down", "pen_up", "end")
_PEN: Final = ("pen_down", "pen_up", "end")
_MIXTURE: Final = ("pi", "mu_x", "mu_y", "log_sigma_x", "log_sigma_y", "rho")
_MIXTURES: Final = 20  # in sketch-rnn-js itself, which can run no other
_PLAIN_SINCE: Final = 6  # the version from which z is no longer squashed
_OPEN: Final = 32.0  # the tanh of it is 1


def recognise(source: Source) -> bool:
    """A list of an object with a mode, a list of shapes and a list of weights."""
    return glance(source)


def read(path: Source | StrPath, *, part: str = PARTS[0], latent: str | None = None) -> Import:
    """The decoder in a .json of sketch-rnn-js; of a vae also its encoder, or what makes a state of z, as `part` says.

    The options are those of `rnnspec import --list`. Raises Refused, and OSError where there is no file.
    """
    net = Net(Source.of(path))
    chosen("part", part, PARTS)
    if latent is not None:
        chosen("latent", latent, LATENTS)
    file = read_file(net.source)
    if part != PARTS[0] and not file.vae:
        raise wrong_option(f"--part {part}: the file is of mode gen, and has a decoder alone")
    if latent is not None and part != "start":
        raise wrong_option(
            "--latent says how a state is made of z: leave it out, or give --part start"
        )
    _check_shapes(file)
    net.output = {"kind": "values"}
    version = file.info.get("version")
    net.notes.understood(
        f"the {part} of a net of mode {'vae' if file.vae else 'gen'}"
        + (f", version {version:g}" if isinstance(version, float) else "")
    )
    match part:
        case "decoder":
            _decoder(net, file)
        case "encoder":
            _encoder(net, file)
        case _:
            _start(net, file, latent)
    net.notes.changed(
        "integers of 16 bits widened to float32 as sketch-rnn-js does, q / 32767 × 10"
    )
    return imported(SYSTEM.name, net)


# --- shapes -------------------------------------------------------------------------------------------------


def _check_shapes(file: File) -> None:
    """Raises Refused where an array does not fit its neighbours."""
    w = file.weights
    dec = "dec_" if file.vae else ""
    units = _first(w[f"{dec}lstm_W_hh"])
    out = _first(w[f"{dec}output_b"])
    wanted: dict[str, tuple[int, ...]] = {}
    width = len(_STROKE)
    if file.vae:
        latent, inner = _first(w["enc_w"]), _first(w["enc_fw_lstm_W_hh"])
        for way in ("fw", "bw"):
            wanted |= _cell(f"enc_{way}_", width, inner)
        for name in ("mu", "sigma"):
            wanted |= {f"enc_{name}_w": (2 * inner, latent), f"enc_{name}_b": (latent,)}
        wanted |= {"enc_w": (latent, 2 * units), "enc_b": (2 * units,)}
        width += latent
    wanted |= _cell(dec, width, units)
    wanted |= {f"{dec}output_w": (units, out), f"{dec}output_b": (out,)}
    for name, shape in wanted.items():
        if w[name].shape != shape:
            raise misfit(
                f"{name} is {list(w[name].shape)}, and {list(shape)} fits a net of {units} units over strokes of {len(_STROKE)} "
                "numbers: the weights stand in another order, or the cell is another one"
            )
    if out < 9 or (out - len(_PEN)) % len(_MIXTURE):
        raise misfit(
            f"{dec}output_b is [{out}], and a mixture has 3 + 6 · its parts, [{len(_PEN) + _MIXTURES * len(_MIXTURE)}] with {_MIXTURES}: "
            "the weights stand in another order"
        )


def _cell(prefix: str, width: int, units: int) -> dict[str, tuple[int, ...]]:
    return {
        f"{prefix}lstm_W_xh": (width, 4 * units),
        f"{prefix}lstm_W_hh": (units, 4 * units),
        f"{prefix}lstm_bias": (4 * units,),
    }


def _first(array: Float32) -> int:
    return array.shape[0] if array.ndim else 0


# --- parts --------------------------------------------------------------------------------------------------


def _decoder(net: Net, file: File) -> None:
    w = file.weights
    dec = "dec_" if file.vae else ""
    names = [*_STROKE]
    if file.vae:
        names += _numbered("z", len(w["enc_w"]))
    _features(net, names)
    net.layer("lstm", hidden_size=len(w[f"{dec}lstm_W_hh"]), activations=LSTM, **_arrays(file, dec))
    size = len(w[f"{dec}output_b"])
    net.layer("dense", size=size, W=w[f"{dec}output_w"], b=w[f"{dec}output_b"])
    count = (size - len(_PEN)) // len(_MIXTURE)
    labels = [*_PEN, *(label for kind in _MIXTURE for label in _numbered(kind, count))]
    net.output = {"kind": "values", "labels": labels}
    net.notes.changed(
        f"what comes out is what sketch-rnn-js has before its last functions: softmax of the {len(_PEN)} pen states and of the "
        f"{count} pi, exp of the log_sigma, tanh of the rho, and drawing a stroke are the caller's"
    )
    if count != _MIXTURES:
        net.notes.assumed(
            f"a mixture of {count}; sketch-rnn-js itself can run mixtures of {_MIXTURES} alone"
        )
    _told(net)
    scale = file.info.get("scale_factor")
    if isinstance(scale, float):
        net.notes.changed(
            f"dx and dy go in divided by the scale factor, {scale:g} in the file, and come out so; the page divides that factor by "
            "its own for pixels"
        )
    if file.vae:
        net.notes.assumed(
            "z goes in with every stroke, and the state that is made of it is given to the call: --part start makes a net of that; "
            "from zeros it is not the original"
        )


def _encoder(net: Net, file: File) -> None:
    w = file.weights
    _features(net, _STROKE)
    back = {f"{role}_reverse": array for role, array in _arrays(file, "enc_bw_").items()}
    net.layer(
        "lstm",
        hidden_size=len(w["enc_fw_lstm_W_hh"]),
        activations=LSTM,
        direction="bidirectional",
        merge="concat",
        output="final",
        **_arrays(file, "enc_fw_"),
        **back,
    )
    W = np.hstack([w["enc_mu_w"], w["enc_sigma_w"]])
    b = np.concatenate([w["enc_mu_b"], w["enc_sigma_b"]])
    net.layer("dense", size=len(b), W=W, b=b)
    count = len(b) // 2
    labels = [*_numbered("mu", count), *_numbered("log_variance", count)]
    net.output = {"kind": "values", "labels": labels}
    net.notes.changed(
        "mu and the logarithm of the variance come out; z = mu + sqrt(exp(log_variance)) × noise is the caller's"
    )
    _told(net)


def _start(net: Net, file: File, latent: str | None) -> None:
    """One step of a cell that remembers nothing: its i is 1, its f is 0, its g makes c, and its o makes h."""
    version = file.info.get("version")
    if latent is None:
        if not isinstance(version, float) or version < _PLAIN_SINCE:
            raise ask(
                f"the file is of version {f'{version:g}' if isinstance(version, float) else 'unknown'}, and before {_PLAIN_SINCE} sketch-rnn-js "
                "takes the tanh of z in get_init_state_from_latent_vector and z itself in decode: give --latent tanh or --latent plain"
            )
        latent = LATENTS[0]
    w, b = file.weights["enc_w"], file.weights["enc_b"]
    size = len(b) // 2
    _features(net, _numbered("z", len(w)))
    if latent == "tanh":
        net.layer("activation", function="tanh")
    none = np.zeros((len(w), size), np.float32)
    net.layer(
        "lstm",
        hidden_size=size,
        activations={
            "gates": {"function": "tanh"},
            "candidate": {"function": "tanh"},
            "output": {"function": "hard_sigmoid", "alpha": 0.0, "beta": 1.0},
        },
        output="final",
        W=np.hstack([none, none, w[:, :size], w[:, size:]]),
        R=np.zeros((size, 4 * size), np.float32),
        b=np.concatenate(
            [np.full(size, _OPEN, np.float32), np.zeros(size, np.float32), b[:size], b[size:]]
        ),
    )
    net.notes.changed(
        "[c, h] = tanh(z · enc_w + enc_b) written as one step of an LSTM that remembers nothing: give it z as one step, and the "
        "state that it ends with to the decoder, whose layer has the same name"
    )


def _arrays(file: File, prefix: str) -> dict[str, Float32]:
    """W, R and b of a cell in SPEC's order, the constant of the forget gate in its bias."""
    roles = {"W": "lstm_W_xh", "R": "lstm_W_hh", "b": "lstm_bias"}
    found = {
        role: arrays.blocks(file.weights[prefix + name], _ORDER, "ifgo")
        for role, name in roles.items()
    }
    size = len(found["R"])
    found["b"][size : 2 * size] += np.float32(_FORGET)
    return found


def _features(net: Net, names: Sequence[str]) -> None:
    net.input = {"kind": "features", "size": len(names), "names": [*names]}


def _numbered(word: str, count: int) -> list[str]:
    return [f"{word}_{k + 1}" for k in range(count)]


def _told(net: Net) -> None:
    net.notes.changed(
        "gates from i, g, f, o to i, f, g, o; the 1 that sketch-rnn-js adds to the forget gate is in its bias"
    )


SYSTEM: Final = System(
    name="sketchrnn",
    title="Nets of sketch-rnn-js, which draw",
    reads=(
        "a JSON list of info, shapes and weights in base64",
        "the .full.json before it, with weights as lists of integers",
    ),
    versions=("sketch-rnn-js of 2017 and later, with models of version 1 to 6",),
    carries=(
        "the decoder of mode gen, an LSTM with the parameters of a mixture",
        "of mode vae the decoder, the encoder, and what makes a state of z, each a model",
        "weights of 16 bits, widened as sketch-rnn-js does",
    ),
    refuses=("cells with layer normalisation, and hyper cells", "arrays in another order"),
    limits=("256 MiB, also as float32",),
    options=(
        Option(
            name="part",
            choices=PARTS,
            help="of a vae: the decoder, what makes the state that it begins with of z, or the encoder",
        ),
        Option(
            name="latent",
            choices=LATENTS,
            help=f"with --part start: whether the state is made of z or of its tanh (default: plain, from version {_PLAIN_SINCE} on)",
        ),
    ),
    recognise=recognise,
    read=read,
)
