"""sketch-rnn: its decoder, its encoder and its first state, in 50 digits; 16-bit weights, every bit of them; near-misses."""

import base64
import copy
import json
import random
import struct
from collections.abc import Callable
from decimal import localcontext
from pathlib import Path
from typing import Any

import pytest

from rnnspec import compile as compile_model
from rnnspec import importers, run
from rnnspec.importers import Refused, Source, sketchrnn
from rnnspec.limits import Limits

from . import fifty_digits as fifty
from . import in_three_languages as languages
from .test_hostile import damaged, judged

Json = Any
H, E, Z = 3, 2, 2  # units of the decoder and of the encoder, size of z
OUT = 3 + 6 * 20
PEN = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
STROKES = [[0.0] * 5, *([*offset, *PEN[k % 2]] for k, offset in enumerate(fifty.loud(6, 2)))]
LATENT = [1.25, -0.75]
SHAPES = {
    "gen": [[H, OUT], [OUT], [5, 4 * H], [H, 4 * H], [4 * H]],
    "vae": [
        [5, 4 * E], [E, 4 * E], [4 * E], [5, 4 * E], [E, 4 * E], [4 * E],
        [2 * E, Z], [Z], [2 * E, Z], [Z], [Z, 2 * H], [2 * H],
        [H, OUT], [OUT], [5 + Z, 4 * H], [H, 4 * H], [4 * H],
    ],
}  # fmt: skip


def count(shape: list[int]) -> int:
    return shape[0] * (shape[1] if len(shape) > 1 else 1)


def quantised(mode: str) -> list[list[int]]:
    """Integers of 16 bits; weights to ±1.5, for 32767 is 10."""
    return [
        [round(4915 * w) for w in fifty.spread(k + 7, count(shape))]
        for k, shape in enumerate(SHAPES[mode])
    ]


def f32(value: float) -> float:
    (found,) = struct.unpack("<f", struct.pack("<f", value))
    return float(found)


def widened(mode: str) -> list[Json]:
    """What a Float32Array holds after divide(32767) and multiply(10)."""
    found: list[Json] = []
    for shape, numbers in zip(SHAPES[mode], quantised(mode), strict=True):
        flat = [f32(f32(q / 32767) * 10) for q in numbers]
        width = shape[-1]
        found.append(
            [flat[k : k + width] for k in range(0, len(flat), width)] if len(shape) == 2 else flat
        )
    return found


def written(mode: str = "gen", lists: bool = False, **info: Json) -> Json:
    """The JSON, as the converter writes it."""
    told = {
        "mode": mode, "version": 6, "name": "bird", "scale_factor": 39.5, "max_seq_len": 125,
        "r_loss": -0.21, "kl_loss": 0.0, "training_size": 70000, **info,
    }  # fmt: skip
    blobs: list[Json] = quantised(mode)
    if not lists:
        blobs = [base64.b64encode(struct.pack(f"<{len(b)}h", *b)).decode() for b in blobs]
    return [told, SHAPES[mode], blobs]


def write(folder: Path, value: Json, name: str = "bird.gen.json") -> Path:
    path = folder / name
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


# --- what the program computes ------------------------------------------------------------------------------


def transposed(matrix: list[list[float]]) -> Json:
    return [list(column) for column in zip(*matrix, strict=True)]


def cell(W_xh: Json, W_hh: Json, bias: Json, h: Json = None, c: Json = None) -> dict[str, Json]:
    units = len(W_hh)
    given = {"ih": transposed(W_xh), "hh": transposed(W_hh), "b": bias}
    none = fifty.exact([0.0] * units)
    return {name: fifty.exact(w) for name, w in given.items()} | {"h": h or none, "c": c or none}


def head(w: Json, b: Json, flow: list[fifty.Vector]) -> list[fifty.Vector]:
    return fifty.head(fifty.exact(transposed(w)), fifty.exact(b), flow)


def start(mode_tanh: bool = False, swapped: bool = False) -> tuple[fifty.Vector, fifty.Vector]:
    """h and c, made of the latent vector."""
    w = widened("vae")
    with localcontext() as context:
        context.prec = fifty.DIGITS
        z = fifty.exact(LATENT)
        z = [fifty.tanh(a) for a in z] if mode_tanh else z
        (made,) = head(w[10], w[11], [z])
        made = [fifty.tanh(a) for a in made]
    c, h = made[:H], made[H:]
    return (c, h) if swapped else (h, c)


def decoder(
    mode: str, order: str = "igfo", forget: int = 1, begin: bool = True, swapped: bool = False
) -> list[fifty.Vector]:
    """The parameters of the mixture after each stroke, before softmax, exp and tanh."""
    w = widened(mode)[-5:]
    h, c = start(swapped=swapped) if mode == "vae" and begin else (None, None)
    latent = LATENT if mode == "vae" else []
    inputs = fifty.exact([stroke + latent for stroke in STROKES])
    flow = fifty.lstm(cell(w[2], w[3], w[4], h, c), inputs, order, forget)
    return head(w[0], w[1], flow)


def encoder() -> fifty.Vector:
    w = widened("vae")
    x = fifty.exact(STROKES)
    one = fifty.lstm(cell(*w[:3]), x, "igfo", 1)[-1]
    other = fifty.lstm(cell(*w[3:6]), x[::-1], "igfo", 1)[-1]
    return head(w[6], w[7], [one + other])[0] + head(w[8], w[9], [one + other])[0]


# --- outputs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lists", [False, True])
def test_a_decoder(lists: bool, tmp_path: Path) -> None:
    found = importers.read(write(tmp_path, written(lists=lists)))
    assert found.system == "sketchrnn"
    output, _ = run(compile_model(found.model), [STROKES])
    assert fifty.away(decoder("gen"), output[0].tolist()) < 2e-6


def test_a_decoder_with_a_latent_vector_begins_with_a_state_of_it(tmp_path: Path) -> None:
    path = write(tmp_path, written("vae"))
    first, second = (importers.read(path, part=part).model for part in ("start", "decoder"))
    _, state = run(compile_model(first), [[LATENT]])
    h, c = start()
    assert fifty.away([h, c], [state["lstm_1"][k][0].tolist() for k in "hc"]) < 1e-6
    given = [[stroke + LATENT for stroke in STROKES]]
    output, _ = run(compile_model(second), given, state=state)
    assert fifty.away(decoder("vae"), output[0].tolist()) < 2e-6
    alone, _ = run(compile_model(second), given)
    assert fifty.away(decoder("vae"), alone[0].tolist()) > 0.1, "without its state"


def test_an_encoder(tmp_path: Path) -> None:
    found = importers.read(write(tmp_path, written("vae")), part="encoder")
    output, _ = run(compile_model(found.model), [STROKES])
    assert fifty.away([encoder()], [output[0].tolist()]) < 2e-6
    assert found.model.output.labels == ("mu_1", "mu_2", "log_variance_1", "log_variance_2")


@pytest.mark.parametrize(
    ("wrong", "least"),
    [
        ({"order": "ifgo"}, 0.5),
        ({"order": "ifog"}, 0.5),
        ({"order": "igof"}, 0.1),
        ({"forget": 0}, 0.1),
        ({"begin": False}, 0.1),
        ({"swapped": True}, 0.1),  # h before c
    ],
)
def test_a_wrong_reading_shows(wrong: Json, least: float) -> None:
    assert fifty.away(decoder("vae"), decoder("vae", **wrong)) > least


@pytest.mark.parametrize("part", sketchrnn.PARTS)
def test_same_bits_in_three_languages(part: str, tmp_path: Path) -> None:
    found = importers.read(write(tmp_path, written("vae")), part=part)
    rows = {"start": [LATENT], "encoder": STROKES}.get(part, [s + LATENT for s in STROKES])
    bits = languages.outputs(found.model, rows, 1 if part == "decoder" else len(rows))
    assert len(set(bits.values())) == 1, list(bits)
    if languages.missing():
        pytest.skip(f"not built here: {', '.join(languages.missing())}; the others agree")


# --- weights and what is told -------------------------------------------------------------------------------


def test_every_bit_of_a_weight_of_16_bits(tmp_path: Path) -> None:
    value = written()
    numbers = [-32768, -32767, 32767, -1, 0, 1, 3276, 12345]
    numbers += [89 * k for k in range(count(SHAPES["gen"][0]) - len(numbers))]
    value[2][0] = base64.b64encode(struct.pack(f"<{len(numbers)}h", *numbers)).decode()
    document = importers.read(write(tmp_path, value)).document
    found = document["tensors"]["dense_1.W"]["data"].ravel().tolist()
    assert found == [f32(f32(q / 32767) * 10) for q in numbers]
    direct = [f32(q * 10 / 32767) for q in numbers]
    assert sum(a != b for a, b in zip(found, direct, strict=True)) > 20, (
        "in one step it is another number"
    )


def test_the_forget_gate_has_its_one(tmp_path: Path) -> None:
    bias = importers.read(write(tmp_path, written())).document["tensors"]["lstm_1.b"]["data"]
    given = widened("gen")[4]
    assert bias[H : 2 * H].tolist() == [f32(b + 1) for b in given[2 * H : 3 * H]]
    assert bias[:H].tolist() == given[:H]


def test_what_goes_in_and_out_has_names(tmp_path: Path) -> None:
    model = importers.read(write(tmp_path, written("vae"))).model
    assert model.input.names == ("dx", "dy", "pen_down", "pen_up", "end", "z_1", "z_2")  # type: ignore[union-attr]
    labels = model.output.labels
    assert labels is not None
    assert len(labels) == OUT
    assert labels[:5] == ("pen_down", "pen_up", "end", "pi_1", "pi_2")
    assert (labels[23], labels[63], labels[103]) == ("mu_x_1", "log_sigma_x_1", "rho_1")


def test_what_is_left_to_the_caller_is_told(tmp_path: Path) -> None:
    notes = "\n".join(n.text for n in importers.read(write(tmp_path, written())).notes)
    assert "softmax of the 3 pen states and of the 20 pi" in notes
    assert "39.5 in the file" in notes
    assert "mode gen, version 6" in notes


def test_modes_by_their_numbers(tmp_path: Path) -> None:
    value = written()
    for mode in (2, 2.0):
        value[0]["mode"] = mode
        assert importers.read(write(tmp_path, value)).system == "sketchrnn"
    value = written("vae")
    for mode in (0, 1):
        value[0]["mode"] = mode
        assert importers.read(write(tmp_path, value), part="encoder").system == "sketchrnn"


def test_older_generations_are_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, written("vae", version=5))
    with pytest.raises(Refused, match="is of version 5") as refused:
        importers.read(path, part="start")
    assert refused.value.code == "IMPORT_ASK"
    for latent in sketchrnn.LATENTS:
        _, state = run(
            compile_model(importers.read(path, part="start", latent=latent).model), [[LATENT]]
        )
        expected = start(mode_tanh=latent == "tanh")
        assert fifty.away(expected, [state["lstm_1"][k][0].tolist() for k in "hc"]) < 1e-6
    assert fifty.away(start(), start(mode_tanh=True)) > 0.05


def test_a_mixture_of_another_size_is_told(tmp_path: Path) -> None:
    value = written()
    value[1] = [[H, 15], [15], *SHAPES["gen"][2:]]
    value[2][:2] = [base64.b64encode(bytes(2 * n)).decode() for n in (15 * H, 15)]
    found = importers.read(write(tmp_path, value))
    assert any(n.kind == "assumed" and "a mixture of 2" in n.text for n in found.notes)


# --- near-misses --------------------------------------------------------------------------------------------


def changed(change: Callable[[Json], None], mode: str = "gen", **info: Json) -> Callable[[], Json]:
    def made() -> Json:
        value = copy.deepcopy(written(mode, **info))
        change(value)
        return value

    return made


def set_in(*place: Any) -> Callable[[Json], None]:  # noqa: ANN401
    *way, last, new = place

    def change(value: Json) -> None:
        for key in way:
            value = value[key]
        value[last] = new

    return change


def hyper(value: Json) -> None:
    value[1] += [[4]] * 14
    value[2] += ["AAAAAAAAAAA="] * 14


def swapped(value: Json) -> None:
    for k in (1, 2):
        value[k] = value[k][2:] + value[k][:2]


def wider(value: Json) -> None:
    value[1][:2] = [[H, 124], [124]]
    value[2][:2] = [base64.b64encode(bytes(2 * n)).decode() for n in (124 * H, 124)]


NEAR_MISSES: dict[str, tuple[Callable[[], Json], str, str]] = {
    "a hyper cell": (changed(hyper), "IMPORT_UNSUPPORTED", "19 shapes and 19 weights, and a net of mode gen has 5"),
    "a vae that says gen": (changed(set_in(0, "mode", "gen"), "vae"), "IMPORT_UNSUPPORTED", "17 shapes and 17 weights"),
    "another mode": (changed(set_in(0, "mode", "uncond")), "IMPORT_UNSUPPORTED", "the mode is uncond"),
    "mode 3": (changed(set_in(0, "mode", 3)), "IMPORT_UNSUPPORTED", "the mode is 3"),
    "truth as a mode": (changed(set_in(0, "mode", True)), "IMPORT_UNSUPPORTED", "the mode is none"),
    "a list as a mode": (changed(set_in(0, "mode", ["gen"])), "IMPORT_UNSUPPORTED", "the mode is none"),
    "a shape too few": (changed(lambda v: v[1].pop()), "IMPORT_UNSUPPORTED", "4 shapes and 5 weights"),
    "arrays in another order": (changed(swapped), "IMPORT_SHAPE", "the weights stand in another order"),
    "another width": (changed(set_in(1, 2, [4 * H, 5])), "IMPORT_SHAPE", "lstm_W_xh is [12, 5], and [5, 12] fits"),
    "z of another size": (changed(set_in(1, 14, [4 * H, 5 + Z]), "vae"), "IMPORT_SHAPE", "dec_lstm_W_xh is [12, 7], and [7, 12] fits"),
    "a matrix as a bias": (changed(set_in(1, 4, [2, 2 * H])), "IMPORT_SHAPE", "lstm_bias is [2, 6]"),
    "a mixture with one number too many": (changed(wider), "IMPORT_SHAPE", "output_b is [124]"),
    "a blob that was cut": (changed(lambda v: set_in(2, 3, v[2][3][:-4])(v)), "IMPORT_SHAPE", "lstm_W_hh has 69 bytes, and its shape [3, 12] asks for 72"),
    "base64 without its end": (changed(lambda v: set_in(2, 3, v[2][3][:-1])(v)), "IMPORT_MALFORMED", "is no base64"),
    "base64 of another alphabet": (changed(lambda v: set_in(2, 3, "-_" + v[2][3][2:])(v)), "IMPORT_MALFORMED", "is no base64"),
    "weights of 8 bits": (changed(lambda v: set_in(2, 4, v[2][4][:16])(v)), "IMPORT_SHAPE", "lstm_bias has 12 bytes"),
    "floats in a list": (changed(set_in(2, 4, [0.5] * 4 * H)), "IMPORT_MALFORMED", "no integer of 16 bits"),
    "integers of 32 bits": (changed(set_in(2, 4, [40000] * 4 * H)), "IMPORT_MALFORMED", "no integer of 16 bits"),
    "a list that is short": (changed(set_in(2, 4, [1] * 11)), "IMPORT_SHAPE", "lstm_bias has 11 numbers"),
    "a huge shape": (changed(set_in(1, 0, [2**31 - 1, 2**31 - 1])), "IMPORT_LIMIT", "bytes as float32"),
    "a size of 0": (changed(set_in(1, 0, [0, 4])), "IMPORT_MALFORMED", "no list of whole numbers"),
    "a weight that is an object": (changed(set_in(2, 4, {})), "IMPORT_MALFORMED", "no number"),
    "no shapes": (changed(set_in(1, {})), "IMPORT_MALFORMED", "no list of three"),
    "four parts": (changed(lambda v: v.append({})), "IMPORT_MALFORMED", "no list of three"),
    "no mode": (changed(lambda v: v[0].pop("mode")), "IMPORT_MALFORMED", "no list of three"),
    "not a number": (lambda: json.dumps(written()).replace("39.5", "NaN"), "IMPORT_MALFORMED", "is no JSON"),
}  # fmt: skip


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_a_near_miss_is_refused(name: str, tmp_path: Path) -> None:
    make, code, words = NEAR_MISSES[name]
    with pytest.raises(Refused) as refused:
        importers.read(write(tmp_path, make()), "sketchrnn")
    assert (refused.value.code, words in str(refused.value)) == (code, True), refused.value


def test_options_that_do_not_go_with_the_file(tmp_path: Path) -> None:
    gen, vae = (write(tmp_path, written(mode), f"{mode}.json") for mode in ("gen", "vae"))
    cases: list[tuple[Path, Json]] = [
        (gen, {"part": "encoder"}), (gen, {"part": "start"}), (vae, {"part": "all"}),
        (vae, {"latent": "tanh"}), (vae, {"part": "start", "latent": "relu"}),
    ]  # fmt: skip
    for path, options in cases:
        with pytest.raises(Refused) as refused:
            importers.read(path, **options)
        assert refused.value.code == "IMPORT_OPTION", options


def test_another_list_is_not_taken_for_one(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="this is a JSON list"):
        importers.read(write(tmp_path, [{"name": "x"}, [], []]))


def test_weights_longer_than_a_text_may_be(tmp_path: Path) -> None:
    value = written()
    units = 64
    value[1] = [[units, OUT], [OUT], [5, 4 * units], [units, 4 * units], [4 * units]]
    value[2] = [base64.b64encode(bytes(2 * count(s))).decode() for s in value[1]]
    path = write(tmp_path, value)
    assert max(map(len, value[2])) > 1 << 15
    found = sketchrnn.read(Source(path, Limits(string=1000)))
    assert found.model.layers[0].hidden_size == units  # type: ignore[union-attr]
    with pytest.raises(Refused) as refused:
        sketchrnn.read(Source(path, Limits(size=10_000)))
    assert refused.value.code == "IMPORT_LIMIT"


def test_damaged_files(tmp_path: Path) -> None:
    path = write(tmp_path, written("vae"))
    data, pick = path.read_bytes(), random.Random(5)
    seen = set()
    for _ in range(200):
        path.write_bytes(damaged(data, pick))
        seen.add(judged(lambda: importers.read(path, "sketchrnn")))
        judged(lambda: importers.read(path))
    assert {"IMPORT_MALFORMED", "IMPORT_SHAPE"} < seen <= {*importers.CODES, "imported"}


def test_a_file_cut_anywhere_is_refused(tmp_path: Path) -> None:
    text = json.dumps(written())
    for end in range(0, len(text) - 1, 61):
        with pytest.raises(Refused):
            importers.read(write(tmp_path, text[:end]))
