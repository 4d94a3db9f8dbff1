"""pytorch against what PyTorch gave and its own equations, and what must be refused.

pytorch_files/ is of PyTorch 2.13.0, its script beside it; .safetensors files are written here.
"""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnspec import importers
from rnnspec.importers import Refused, Source, pytorch
from rnnspec.limits import Limits

from .originals import Array, torch_gru, torch_lstm, torch_rnn
from .test_tensorflow1 import notes, ran

FILES = Path(__file__).parent / "pytorch_files"
FEATURES: dict[str, Any] = {"input_kind": "features"}
RELU: dict[str, Any] = {**FEATURES, "nonlinearity": "relu"}
HEADS: dict[str, Any] = {**FEATURES, "modules": "lstm,fc1,linear,fc2"}
NORMED: dict[str, Any] = {**FEATURES, "layer_norm": 0.01, "modules": "lstm,norm,fc"}
TOKENS: dict[str, Any] = {"tokens": "abcdefghijk"}


def kept(name: str) -> dict[str, Any]:
    """Weights, input and output of a file, in float64."""
    with np.load(FILES / f"{name}.npz") as file:
        return dict(file)


def layer(weights: dict[str, Array], prefix: str = "", suffix: str = "") -> dict[str, Array]:
    names = {"ih": "weight_ih", "hh": "weight_hh", "b_ih": "bias_ih", "b_hh": "bias_hh"}
    found = {role: f"{prefix}{name}{suffix}" for role, name in names.items()}
    return {role: weights[name] for role, name in found.items() if name in weights}


def numpy_files(folder: Path, arrays: dict[str, Any]) -> dict[str, Path]:
    """The same arrays as .npz and .safetensors; [bits, "BF16"] stands for other dtypes."""
    np.savez_compressed(folder / "net.npz", **arrays)
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    data = b""
    for name, array in sorted(arrays.items()):
        raw = array.astype("<f4").tobytes()
        place = [len(data), len(data) + len(raw)]
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": place}
        data += raw
    return {"npz": folder / "net.npz", "safetensors": safetensors(folder, header, data)}


def safetensors(folder: Path, header: Any, data: bytes) -> Path:  # noqa: ANN401  JSON
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (folder / "net.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
    return folder / "net.safetensors"


# --- the same numbers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "numbers", "options"),
    [
        ("language", "language", TOKENS),
        ("gru_legacy_float64", "gru_legacy_float64", FEATURES),
        ("rnn_half", "rnn_half", RELU),
        ("gru_bfloat16_legacy", "gru_bfloat16_legacy", FEATURES),
        ("lstm_cell", "lstm_cell", FEATURES),
        ("gru_cell", "gru_cell", FEATURES),
        ("heads", "heads", HEADS),
        ("checkpoint_cuda", "checkpoint_cuda", FEATURES),
        ("checkpoint_cuda_legacy", "checkpoint_cuda", FEATURES),
        ("views", "views", {**FEATURES, "nonlinearity": "tanh"}),
        ("bidirectional_gru", "bidirectional_gru", FEATURES),
        ("bidirectional_rnn", "bidirectional_rnn", {**FEATURES, "nonlinearity": "tanh"}),
        ("projected", "projected", FEATURES),
        ("projected_both", "projected_both", FEATURES),
        ("normed", "normed", NORMED),
    ],
)
def test_pytorch_gave_the_same(file: str, numbers: str, options: dict[str, Any]) -> None:
    found = pytorch.read(FILES / f"{file}.pt", **options)
    numbers_of = kept(numbers)
    assert importers.recognise(FILES / f"{file}.pt").name == "pytorch"
    output = numbers_of["output"]
    assert np.abs(output).max() > 0.3
    assert np.abs(ran(found, numbers_of["given"]) - output[0]).max() < 2e-5
    # And the example keeps what PyTorch gave.
    given = numbers_of["given"]
    found.with_reference(given, output, "PyTorch", "2.13.0", 2e-5)


def test_the_equations_give_the_same_and_wrong_ones_do_not() -> None:
    w = kept("lstm_cell")
    mine = ran(pytorch.read(FILES / "lstm_cell.pt", **FEATURES), w["given"])
    right, wrong = (torch_lstm(layer(w), w["given"][0], order) for order in ("ifgo", "ifog"))
    assert np.abs(mine - right).max() < 2e-5
    assert np.abs(mine - wrong).max() > 0.1
    w = kept("gru_cell")
    mine = ran(pytorch.read(FILES / "gru_cell.pt", **FEATURES), w["given"])
    assert np.abs(mine - torch_gru(layer(w), w["given"][0])).max() < 2e-5
    assert np.abs(mine - torch_gru(layer(w), w["given"][0], "zrn")).max() > 0.1
    assert np.abs(mine - torch_gru(layer(w), w["given"][0], both=True)).max() > 0.1
    w = kept("views")
    parts = layer(w, "rnn.", "_l0")
    mine = ran(pytorch.read(FILES / "views.pt", **FEATURES, nonlinearity="tanh"), w["given"])
    assert np.abs(mine - torch_rnn(parts, w["given"][0], np.tanh)).max() < 2e-5
    other = pytorch.read(FILES / "views.pt", **RELU)
    assert np.abs(ran(other, w["given"]) - mine).max() > 0.1


def test_npz_safetensors_and_json_give_the_bits_of_the_pt(tmp_path: Path) -> None:
    numbers = kept("language")
    given = numbers.pop("given")
    numbers.pop("output")
    expected = ran(pytorch.read(FILES / "language.pt", **TOKENS), given)
    lists = tmp_path / "net.json"
    lists.write_text(json.dumps({name: array.tolist() for name, array in numbers.items()}))
    for path in (*numpy_files(tmp_path, numbers).values(), lists):
        assert importers.recognise(path).name == "pytorch"
        assert ran(importers.read(path, **TOKENS), given).tobytes() == expected.tobytes()


def test_lists_that_are_none(tmp_path: Path) -> None:
    lists = {name: np.ones(shape).tolist() for name, shape in LSTM.items()}
    path = tmp_path / "net.json"
    for value, code, words in (
        ([[1.0] * 4] * 15 + [[1.0] * 3], "IMPORT_MALFORMED", "not of one length"),
        ([["1"] * 4] * 16, "IMPORT_MALFORMED", "what is no number"),
        ("AAAA", "IMPORT_MALFORMED", "what is no number"),
        ([[1.0] * 4] * 15, "IMPORT_SHAPE", "may be transposed"),
        ([[[1.0]]], "IMPORT_SHAPE", "may be transposed"),
    ):
        path.write_text(json.dumps({**lists, "lstm.weight_hh_l0": value}))
        found = refusal(path, **FEATURES)
        assert found[0] == code, found
        assert words in found[1], found


def test_an_encoder_and_a_decoder_of_one_npz(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    shapes = {"emb": (7, 4), "w_ih": (12, 4), "w_hh": (12, 4), "b_ih": (12,), "b_hh": (12,)}
    arrays = {f"{half}_{n}": random.normal(size=s) for half in ("enc", "dec") for n, s in shapes.items()}  # fmt: skip
    arrays |= {"fc_w": random.normal(size=(7, 4)), "fc_b": random.normal(size=7)}
    path = numpy_files(tmp_path, arrays)["npz"]
    with pytest.raises(Refused, match="of an encoder and a decoder bring over one") as refused:
        importers.read(path, tokens="abcdefg")
    assert refused.value.code == "IMPORT_UNSUPPORTED"
    encoder = importers.read(path, tokens="abcdefg", ignore=["dec_*", "fc_*"], steps="last")
    decoder = importers.read(path, tokens="abcdefg", ignore=["enc_*"])
    assert [x.name for x in encoder.model.layers] == ["embedding_1", "gru_1"]
    assert [x.name for x in decoder.model.layers] == ["embedding_1", "gru_1", "dense_1"]
    assert "dec_emb" in notes(encoder, "left out")


def test_what_is_told() -> None:
    found = pytorch.read(FILES / "language.pt", **TOKENS)
    assert '"emb" [11, 5] as Embedding → "lstm" (LSTM of 6 units, 2 layers) → "fc" [11, 6] as Linear' in notes(found, "understood")  # fmt: skip
    assert "bias_ih and bias_hh added up" in notes(found, "changed")
    assert "--steps last" in notes(found, "assumed")
    assert "dropout" in notes(found, "left out")
    found = pytorch.read(FILES / "checkpoint_cuda.pt", **FEATURES)
    assert "model_state_dict" in notes(found, "understood")
    assert "module." in notes(found, "changed")
    found = pytorch.read(FILES / "gru_legacy_float64.pt", **FEATURES)
    assert "rounded from 64 to 32 bits" in notes(found, "changed")
    assert "b and rb" in notes(found, "changed")


def test_the_last_step_alone() -> None:
    numbers = kept("checkpoint_cuda")
    found = pytorch.read(FILES / "checkpoint_cuda.pt", **FEATURES, steps="last")
    assert np.abs(ran(found, numbers["given"]) - numbers["output"][0, -1]).max() < 2e-5


def test_the_last_step_of_both_directions() -> None:
    numbers = kept("final")
    found = pytorch.read(FILES / "final.pt", **FEATURES, steps="final")
    assert np.abs(ran(found, numbers["given"]) - numbers["output"][0]).max() < 2e-5
    # out[:, -1] is another thing: the reverse direction has seen one step there.
    last = pytorch.read(FILES / "final.pt", **FEATURES, steps="last")
    whole = ran(pytorch.read(FILES / "final.pt", **FEATURES), numbers["given"])
    assert np.abs(ran(last, numbers["given"]) - whole[-1]).max() == 0
    assert np.abs(whole[-1] - numbers["output"][0]).max() > 0.1
    assert "--steps final" in notes(last, "assumed")


# --- what must be asked, or refused ----------------------------------------------------------------------


def refusal(name: str | Path, **options: Any) -> tuple[str, str]:  # noqa: ANN401  of the importer
    with pytest.raises(Refused) as refused:
        _ = importers.read(FILES / name, "pytorch", **options).model
    return refused.value.code, str(refused.value)


@pytest.mark.parametrize(
    ("name", "options", "code", "words"),
    [
        ("views", FEATURES, "IMPORT_ASK", "tanh or relu, and the file does not say which"),
        ("gru_cell", RELU, "IMPORT_OPTION", "leave it out"),
        ("heads", FEATURES, "IMPORT_ASK", "--modules lstm,fc1,relu,fc2"),
        ("heads", HEADS | {"modules": "lstm,fc2,fc1"}, "IMPORT_OPTION", "correct the order"),
        ("heads", HEADS | {"modules": "lstm,fc1"}, "IMPORT_OPTION", 'lacks "fc2"'),
        ("heads", HEADS | {"modules": "lstm,fc1,gelu,fc2"}, "IMPORT_OPTION", 'no module "gelu"'),
        ("heads", HEADS | {"modules": "lstm,lstm,fc1,fc2"}, "IMPORT_OPTION", "twice"),
        ("heads", {}, "IMPORT_ASK", "--modules"),
        ("lstm_cell", {}, "IMPORT_ASK", "--input-kind tokens"),
        ("language", {}, "IMPORT_ASK", "ids of 11 tokens"),
        ("language", TOKENS | {"ignore": ["x*"]}, "IMPORT_OPTION", "no such parameter"),
        ("checkpoint_cuda", FEATURES | {"state_dict": "ema"}, "IMPORT_OPTION", "model_state_dict"),
        ("language", TOKENS | {"steps": "first"}, "IMPORT_OPTION", "all, last"),
        ("refused_extra", FEATURES, "IMPORT_UNSUPPORTED", "--ignore 'extra'"),
        ("refused_rmsnorm", FEATURES, "IMPORT_UNSUPPORTED", "RMSNorm"),
        ("normed", {**FEATURES, "modules": "lstm,norm,fc"}, "IMPORT_ASK", "--layer-norm 1e-5"),
        ("normed", NORMED | {"modules": "norm,lstm,fc"}, "IMPORT_OPTION", "correct the order"),
        ("normed", NORMED | {"layer_norm": 2.0}, "IMPORT_OPTION", "the eps of the LayerNorm"),
        ("projected", {**FEATURES, "layer_norm": 1e-5}, "IMPORT_OPTION", "no module has a vector"),
        ("refused_script", FEATURES, "IMPORT_UNSUPPORTED", "TorchScript"),
        ("refused_module", FEATURES, "IMPORT_UNSAFE", "torch.nn.modules.rnn.LSTM, so it holds a whole module"),
        ("make.py", FEATURES, "IMPORT_MALFORMED", "nothing that torch.save"),
    ],
)  # fmt: skip
def test_asked_or_refused(name: str, options: dict[str, Any], code: str, words: str) -> None:
    found = refusal(name if name.endswith(".py") else f"{name}.pt", **options)
    assert found[0] == code, found
    assert words in found[1], found


LSTM = {
    "lstm.weight_ih_l0": (16, 3),
    "lstm.weight_hh_l0": (16, 4),
    "lstm.bias_ih_l0": (16,),
    "lstm.bias_hh_l0": (16,),
}


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"lstm.bias_hh_l0": None}, "IMPORT_MALFORMED", "PyTorch has both or none"),
        ({"lstm.bias_hh_l0": (12,)}, "IMPORT_SHAPE", "expected 16 numbers"),
        ({"lstm.weight_ih_l0": None}, "IMPORT_MALFORMED", "no weight_ih in its layer 0"),
        ({"lstm.weight_ih_l0": (3, 16)}, "IMPORT_SHAPE", "expected 16 rows"),
        ({"lstm.weight_hh_l0": (4, 16)}, "IMPORT_SHAPE", "may be transposed"),
        ({"lstm.weight_hh_l0": (8, 4)}, "IMPORT_SHAPE", "may be transposed"),
        ({"lstm.weight_hr_l0": (3, 4)}, "IMPORT_SHAPE", "a projection is [P, H]"),
        ({"lstm.bias_hr_l0": (4,)}, "IMPORT_UNSUPPORTED", "no place for"),
        (
            {"lstm.weight_ih_l0_reverse": (16, 3)},
            "IMPORT_MALFORMED",
            "no weight_hh in its layer 0, reverse",
        ),
        (
            {"lstm.weight_ih_l1": (16, 8), "lstm.weight_hh_l1": (16, 4)},
            "IMPORT_SHAPE",
            "several kinds or sizes",
        ),
        ({"norm.weight": (4,)}, "IMPORT_UNSUPPORTED", "RMSNorm"),
        ({"norm.weight": (4,), "norm.bias": (3,)}, "IMPORT_SHAPE", "as many numbers"),
        (
            {"norm.weight": (5,), "norm.bias": (5,)},
            "IMPORT_UNSUPPORTED",
            "do not fit into one chain",
        ),
        ({"lstm.weight_hh_l2": (16, 4)}, "IMPORT_MALFORMED", "no weight_ih in its layer 1"),
        ({"lstm.weight_hh": (16, 4)}, "IMPORT_UNSUPPORTED", "two modules of one name"),
        ({"fc.bias": (4,)}, "IMPORT_MALFORMED", "a bias and no weight"),
        ({"fc.weight": (2, 5)}, "IMPORT_UNSUPPORTED", "do not fit into one chain"),
        ({"fc.weight": (2, 4), "fc.bias": (3,)}, "IMPORT_SHAPE", "expected one for each row"),
        ({"x.weight": (9, 3)}, "IMPORT_ASK", "--tokens"),
        ({"x.weight": (3, 3)}, "IMPORT_ASK", "an Embedding or a Linear without bias"),
        ({"fc.weight": (3, 4)}, "IMPORT_ASK", "the shapes allow several orders"),
        ({"conv.weight": (3, 3, 3)}, "IMPORT_UNSUPPORTED", "convolution"),
        ({"bn.running_mean": (4,)}, "IMPORT_UNSUPPORTED", "BatchNorm"),
        ({"attn.in_proj_weight": (4, 4)}, "IMPORT_UNSUPPORTED", "attention"),
        ({"fc.weight_v": (2, 4)}, "IMPORT_UNSUPPORTED", "remove_weight_norm"),
        ({"h0": (4,)}, "IMPORT_UNSUPPORTED", "a start of the state"),
        (dict.fromkeys(LSTM) | {"fc.weight": (2, 3)}, "IMPORT_UNSUPPORTED", "no recurrent module"),
    ],
)
def test_shapes_and_names(changes: dict[str, Any], code: str, words: str, tmp_path: Path) -> None:
    shapes = {name: shape for name, shape in {**LSTM, **changes}.items() if shape is not None}
    arrays = {name: np.ones(shape, np.float32) for name, shape in shapes.items()}
    options = {} if code == "IMPORT_ASK" else FEATURES
    for path in numpy_files(tmp_path, arrays).values():
        found = refusal(path, **options)
        assert found[0] == code, found
        assert words in found[1], found


def test_the_base_of_those_is_taken(tmp_path: Path) -> None:
    arrays = {name: np.ones(shape, np.float32) for name, shape in LSTM.items()}
    for path in numpy_files(tmp_path, arrays).values():
        assert importers.read(path, **FEATURES).model.layers[0].name == "lstm_1"


def test_numbers_that_are_not_finite(tmp_path: Path) -> None:
    arrays = {name: np.ones(shape, np.float32) for name, shape in LSTM.items()}
    arrays["lstm.weight_hh_l0"][3, 2] = np.nan
    for path in numpy_files(tmp_path, arrays).values():
        assert refusal(path, **FEATURES)[0] == "IMPORT_MALFORMED"


def test_a_limit_for_all_numbers_together() -> None:
    source = Source(FILES / "rnn_half.pt", Limits(size=2000))
    pytorch.read(source, **RELU)
    with pytest.raises(Refused, match="larger than 2,000 bytes") as refused:
        pytorch.read(Source(FILES / "language.pt", Limits(size=2000)), **TOKENS)
    assert refused.value.code == "IMPORT_LIMIT"
