"""rtneural's other JSON, of PyTorch models: against the real PyTorch, its equations in 50 digits, and what must be refused.

rtneural_torch_files/ is of PyTorch 2.13.0, its script beside it.
"""

import json
import random
from collections.abc import Callable
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnspec import compile as compile_model
from rnnspec import importers, run
from rnnspec.importers import CODES, Refused, pytorch, rtneural

from . import fifty_digits as fifty
from . import in_three_languages as languages
from .test_hostile import damaged, judged

Json = Any
FILES = Path(__file__).parent / "rtneural_torch_files"
EXPECTED = json.loads((FILES / "expected.json").read_text("utf-8"))["nets"]
# Of the nets whose order or activation no file of weights shows.
OPTIONS = {
    "lstm_tanh": {"modules": "lstm,dense1,tanh,dense2"},
    "head_first": {"modules": "rec,head"},
}


def raw(name: str) -> Json:
    return json.loads((FILES / f"{name}.json").read_text("utf-8"))


def read(name: str, **options: Any) -> importers.Import:  # noqa: ANN401  of the importer
    return importers.read(FILES / f"{name}.json", **{**OPTIONS.get(name, {}), **options})


def output(found: importers.Import, name: str) -> np.ndarray[Any, Any]:
    y, _ = run(compile_model(found.model), np.array([EXPECTED[name]["input"]], np.float32))
    return np.asarray(y[0], np.float64)


def original(name: str, mistake: str = "") -> list[fifty.Vector]:
    """PyTorch's equations in 50 digits; a mistake in them is there to see that it matters."""
    w = {key: fifty.exact(value) for key, value in raw(name).items()}
    cell = "rec" if "rec.weight_ih_l0" in w else "lstm"
    flow = fifty.exact(EXPECTED[name]["input"])
    count = sum(key.startswith(f"{cell}.weight_hh_l") for key in w)
    for k in range(1 if mistake == "first layer alone" else count):
        ih, hh = w[f"{cell}.weight_ih_l{k}"], w[f"{cell}.weight_hh_l{k}"]
        zeros = [Decimal(0)] * len(hh)
        into, back = (w.get(f"{cell}.bias_{part}_l{k}", zeros) for part in ("ih", "hh"))
        if mistake == "one bias":
            back = zeros
        start = [Decimal(0)] * len(hh[0])
        parts = {"ih": ih, "hh": hh, "h": start, "c": start}
        if len(hh) == 3 * len(hh[0]):
            order = "zrn" if mistake == "gates swapped" else "rzn"
            flow = fifty.gru({**parts, "b_ih": into, "b_hh": back}, flow, order)
        else:
            order = "ifog" if mistake == "gates swapped" else "ifgo"
            flow = fifty.lstm({**parts, "b": fifty.plus(into, back)}, flow, order)
    for head in [key.removesuffix(".weight") for key in w if key.endswith(("dense.weight", "dense1.weight", "head.weight", "dense2.weight"))]:  # fmt: skip
        weight = w[f"{head}.weight"]
        flow = fifty.head(weight, w.get(f"{head}.bias", [Decimal(0)] * len(weight)), flow)
        if head == "dense1" and mistake != "no tanh":
            with localcontext() as context:
                context.prec = fifty.DIGITS
                flow = [[fifty.tanh(a) for a in row] for row in flow]
    return flow


@pytest.mark.parametrize("name", EXPECTED)
def test_outputs_are_those_of_pytorch(name: str) -> None:
    found = read(name)
    assert found.system == "rtneural"
    y = output(found, name)
    assert np.abs(y - np.array(EXPECTED[name]["output"])).max() < 3e-6
    assert fifty.away(original(name), y.tolist()) < 3e-6
    assert np.abs(y).max() > 0.5  # loud


@pytest.mark.parametrize(
    ("name", "mistake", "least"),
    [
        ("lstm", "gates swapped", 0.5),
        ("lstm", "one bias", 0.5),
        ("gru", "gates swapped", 0.5),
        ("gru", "one bias", 0.2),
        ("lstm_stack", "first layer alone", 0.5),  # RTNeural #148
        ("gru_stack", "first layer alone", 0.5),
        ("lstm_tanh", "no tanh", 0.5),
    ],
)
def test_a_wrong_reading_shows(name: str, mistake: str, least: float) -> None:
    assert fifty.away(original(name, mistake), EXPECTED[name]["output"]) > least


@pytest.mark.parametrize("name", EXPECTED)
def test_pytorch_reads_the_same_net(name: str) -> None:
    """The same file by the other importer, which asks for what this one takes from the file's order: the same bits."""
    modules = OPTIONS.get(name, {"modules": "lstm,dense"})["modules"]
    other = pytorch.read(FILES / f"{name}.json", input_kind="features", modules=modules)
    assert output(read(name), name).tobytes() == output(other, name).tobytes()


def test_the_order_of_the_file_and_its_missing_activation_are_told() -> None:
    found = importers.read(FILES / "lstm_tanh.json")
    (told,) = [note.text for note in found.notes if "no activation" in note.text]
    assert "--modules lstm,dense1,tanh,dense2" in told
    away = np.abs(output(found, "lstm_tanh") - output(read("lstm_tanh"), "lstm_tanh")).max()
    assert away > 0.5


@pytest.mark.parametrize("name", ["lstm_stack", "gru_stack", "lstm_tanh"])
def test_same_bits_in_three_languages_and_in_blocks(name: str) -> None:
    model, steps = read(name).model, EXPECTED[name]["input"]
    bits = {**languages.outputs(model, steps, 1), **languages.outputs(model, steps, 17)}
    assert len(set(bits.values())) == 1, list(bits)
    if languages.missing():
        pytest.skip(f"not built here: {', '.join(languages.missing())}; the others agree")


def test_one_hot_tokens() -> None:
    found = read("gru", input_kind="tokens", tokens="ab")
    assert [layer.type for layer in found.model.layers] == ["one_hot", "gru", "dense"]
    assert found.document["output"]["kind"] == "logits"


@pytest.mark.parametrize("sizes", ["2,5,2", " 2, 5,2"])
def test_the_sizes_that_a_caller_states(sizes: str) -> None:
    assert read("gru", sizes=sizes).system == "rtneural"
    assert read("lstm_stack", sizes="2,4,4,4,1").system == "rtneural"


@pytest.mark.parametrize("sizes", ["2,6,2", "1,5,2", "2,5", "2,5,2,1", "2,5,x", "", "2,-5,2", "2,5.0,2", "1e9"])  # fmt: skip
def test_other_sizes_are_refused(sizes: str) -> None:
    with pytest.raises(Refused, match="--sizes") as refused:
        read("gru", sizes=sizes)
    assert refused.value.code == "IMPORT_OPTION"


# --- told apart, and refused --------------------------------------------------------------------------------------


def of(name: str, **members: Json) -> Callable[[], Json]:
    """A file with other members; `...` leaves one out."""

    def made() -> Json:
        return {key: value for key, value in {**raw(name), **members}.items() if value is not ...}

    return made


ONES = [[0.5] * 5] * 5
RNN = {"lstm.weight_ih_l0": [[0.5]] * 5, "lstm.weight_hh_l0": ONES, "lstm.bias_ih_l0": [0.5] * 5, "lstm.bias_hh_l0": [0.5] * 5}  # fmt: skip
BACK = {key.replace("_l0", "_l0_reverse"): value for key, value in raw("lstm").items() if "_l0" in key}  # fmt: skip
LEFT_TO_PYTORCH: dict[str, Callable[[], Json]] = {
    "an nn.RNN": lambda: {**RNN, "dense.weight": [[0.5] * 5], "dense.bias": [0.5]},
    "two directions": of("lstm", **BACK),
    "a projection": of("lstm", **{"lstm.weight_hr_l0": [[0.5] * 6] * 3}),
    "an embedding": of("gru", **{"embedding.weight": [[0.5, 0.5]] * 3}),
    "other names": of("gru", h0=[0.5] * 5),
}


@pytest.mark.parametrize("name", LEFT_TO_PYTORCH)
def test_what_rtneural_does_not_load_is_left_to_pytorch(name: str, tmp_path: Path) -> None:
    path = write(tmp_path, LEFT_TO_PYTORCH[name]())
    assert importers.recognise(path).name == "pytorch"


def test_guitarml_and_aida_x_are_not_taken_for_it(tmp_path: Path) -> None:
    about = {"model": "SimpleRNN", "input_size": 1, "skip": 1, "output_size": 1, "unit_type": "LSTM"}  # fmt: skip
    guitarml = {"model_data": about, "state_dict": raw("lstm")}
    assert importers.recognise(write(tmp_path, guitarml)).name == "guitarml"
    nested = {"state_dict": raw("lstm")}
    with pytest.raises(Refused) as refused:
        importers.recognise(write(tmp_path, nested))
    assert refused.value.code == "IMPORT_UNRECOGNISED"


def write(folder: Path, value: Json) -> Path:
    path = folder / "net.json"
    path.write_text(json.dumps(value))
    return path


NEAR_MISSES: dict[str, tuple[Callable[[], Json], dict[str, str], str, str]] = {
    "a stack without its second layer": (of("gru_stack", **{f"lstm.{role}_l1": ... for role in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}, **{"lstm.weight_ih_l2": [[0.5] * 4] * 12}), {}, "IMPORT_MALFORMED", "no weight_ih in its layer 1"),
    "one bias of two": (of("lstm", **{"lstm.bias_hh_l0": ...}), {}, "IMPORT_MALFORMED", "bias_ih alone"),
    "a transposed matrix": (of("lstm", **{"lstm.weight_ih_l0": [[0.5] * 24]}), {}, "IMPORT_SHAPE", "does not fit"),
    "a head of another net": (of("lstm", **{"dense.weight": [[0.5] * 7]}), {}, "IMPORT_ASK", "do not fit together in the order of the file"),
    "the head before the cell": (lambda: raw("head_first"), {}, "IMPORT_ASK", "with --modules"),
    "an order that does not fit": (of("lstm_stack"), {"modules": "dense,lstm"}, "IMPORT_OPTION", "--modules"),
    "a module that is none": (of("lstm"), {"modules": "lstm,head"}, "IMPORT_OPTION", "no module"),
    "a function that is none": (of("lstm"), {"modules": "lstm,gelu,dense"}, "IMPORT_OPTION", "gelu"),
    "other gates": (of("lstm"), {"recurrent_activation": "hard_sigmoid", "keras_version": "2"}, "IMPORT_OPTION", "PyTorch's cells have sigmoid"),
    "a convolution": (of("lstm", **{"conv.weight": [[[0.5]]], "conv.bias": [0.5]}), {}, "IMPORT_UNSUPPORTED", "convolution"),
    "a normalisation": (of("lstm", **{"norm.weight": [0.5] * 6, "norm.bias": [0.5] * 6}), {}, "IMPORT_UNSUPPORTED", "is a normalisation"),
    "an nn.RNN": (LEFT_TO_PYTORCH["an nn.RNN"], {}, "IMPORT_UNSUPPORTED", "nn.LSTM and nn.GRU alone"),
    "two directions": (LEFT_TO_PYTORCH["two directions"], {}, "IMPORT_UNSUPPORTED", "go forward"),
    "lists of two lengths": (of("lstm", **{"dense.weight": [[0.5] * 6, [0.5]]}), {}, "IMPORT_MALFORMED", "not of one length"),
    "text": (of("lstm", **{"dense.bias": ["0.5"]}), {}, "IMPORT_MALFORMED", "no number"),
    "a number beyond float32": (of("lstm", **{"dense.bias": [1e39]}), {}, "IMPORT_MALFORMED", "inf"),
    "deep lists": (of("lstm", **{"dense.bias": [[[[[0.5]]]]]}), {}, "IMPORT_MALFORMED", "nested deeper"),
    "nothing in a list": (of("lstm", **{"dense.bias": []}), {}, "IMPORT_MALFORMED", "empty"),
}  # fmt: skip


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_a_near_miss_is_refused(name: str, tmp_path: Path) -> None:
    value, options, code, words = NEAR_MISSES[name]
    with pytest.raises(Refused) as refused:
        rtneural.read(write(tmp_path, value()), **options)
    assert (refused.value.code, words in str(refused.value)) == (code, True), refused.value


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_file(seed: int, tmp_path: Path) -> None:
    pick = random.Random(seed)
    data = (FILES / "gru_without_bias.json").read_bytes()
    path = tmp_path / "net.json"
    seen = set()
    for _ in range(80):
        path.write_bytes(damaged(data, pick))
        seen.add(judged(lambda: rtneural.read(path)))
        judged(lambda: importers.read(path))
    assert {"IMPORT_MALFORMED"} < seen <= {*CODES, "imported"}
