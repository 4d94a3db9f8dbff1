"""The encoder and the decoder of one file, against PyTorch's equations, and what must be refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec import importers
from rnnspec.importers import Refused, Source, pytorch
from rnnspec.limits import Limits

from .originals import Array, sigmoid
from .test_cli_import import call
from .test_tensorflow1 import notes, ran

LETTERS = "abcde"
SOUNDS = ("<s>", "</s>", "K", "AA1", "TH", "IY0")
WORD = [2, 0, 4, 1, 3]
SEED = 53  # of weights that speak several tokens and then end
OPTIONS: dict[str, Any] = {
    "tokens": LETTERS,
    "decoder": ("dec.*", "dec_emb*", "fc.*"),
    "decoder_tokens": SOUNDS,
    "decoder_start": "<s>",
    "decoder_end": "</s>",
    "decoder_separator": " ",
}


def weights(seed: int = 1, gates: int = 3, layers: int = 1, size: int = 4) -> dict[str, Array]:
    """An encoder and a decoder with loud weights, by PyTorch's names."""
    random = np.random.default_rng(seed)

    def loud(*shape: int) -> Array:
        return random.normal(size=shape).astype(np.float32).astype(np.float64)

    found = {"enc_emb.weight": loud(5, 3), "dec_emb.weight": loud(6, 2)}
    for name, width in (("enc", 3), ("dec", 2)):
        for k in range(layers):
            into = size if k else width
            found |= {
                f"{name}.weight_ih_l{k}": loud(gates * size, into),
                f"{name}.weight_hh_l{k}": loud(gates * size, size),
                f"{name}.bias_ih_l{k}": loud(gates * size),
                f"{name}.bias_hh_l{k}": loud(gates * size),
            }
    return found | {"fc.weight": loud(6, size), "fc.bias": loud(6)}


def write(path: Path, arrays: dict[str, Array]) -> Path:
    with path.open("wb") as file:
        np.savez(file, **{name: w.astype(np.float32) for name, w in arrays.items()})  # type: ignore[arg-type]  # the stub takes allow_pickle for one of them
    return path


def gru(w: dict[str, Array], name: str, x: Array, h: Array) -> Array:
    """One step of nn.GRU: gates r, z, n, the reset behind the product."""
    given = np.split(w[f"{name}.weight_ih_l0"] @ x + w[f"{name}.bias_ih_l0"], 3)
    memory = np.split(w[f"{name}.weight_hh_l0"] @ h + w[f"{name}.bias_hh_l0"], 3)
    r, z = sigmoid(given[0] + memory[0]), sigmoid(given[1] + memory[1])
    n = np.tanh(given[2] + r * memory[2])
    stepped: Array = (1 - z) * n + z * h
    return stepped


def encoded(w: dict[str, Array], ids: list[int]) -> Array:
    h = np.zeros(4)
    for token in ids:
        h = gru(w, "enc", w["enc_emb.weight"][token], h)
    return h


def spoken(w: dict[str, Array], h: Array, count: int = 12) -> list[int]:
    """Greedy, <s> first, until </s>. Fails where two logits are close."""
    ids = [0]
    while len(ids) <= count:
        h = gru(w, "dec", w["dec_emb.weight"][ids[-1]], h)
        logits = w["fc.weight"] @ h + w["fc.bias"]
        first, second = np.sort(logits)[[-1, -2]]
        assert first - second > 1e-3
        if logits.argmax() == 1:
            break
        ids.append(int(logits.argmax()))
    return ids[1:]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "net"


def pair(path: Path, arrays: dict[str, Array], **options: Any) -> tuple[Any, Any]:  # noqa: ANN401  of the importer
    found = importers.read(write(path, arrays), **{**OPTIONS, **options})
    assert found.decoder is not None
    return found, found.decoder


def test_the_encoder_gives_its_state_and_the_decoder_speaks(path: Path) -> None:
    w = weights(seed=SEED)
    encoder, decoder = pair(path, w)
    expected = encoded(w, WORD)
    output, state = rnnspec.run(rnnspec.compile(encoder.model), [WORD])
    assert np.abs(output[0] - expected).max() < 1e-5
    assert np.abs(state["gru_1"]["h"][0] - expected).max() < 1e-5
    ids = spoken(w, expected)
    assert 1 < len(set(ids)) < len(ids) < 12
    assert 0 not in ids
    plan = rnnspec.compile(decoder.model)
    assert list(rnnspec.generate(plan, [], 12, mode="greedy", state=state)) == ids
    assert ids != spoken(w, np.zeros(4))  # the state matters
    assert list(rnnspec.generate(plan, [], 12, mode="greedy")) == spoken(w, np.zeros(4))
    text = "".join(rnnspec.generate_text(plan, [], 12, mode="greedy", state=state))
    assert text == " ".join(SOUNDS[k] for k in ids)


@pytest.mark.parametrize(("gates", "kind"), [(1, "elman"), (3, "gru"), (4, "lstm")])
@pytest.mark.parametrize("layers", [1, 3])
def test_the_states_of_all_kinds_fit(gates: int, kind: str, layers: int, path: Path) -> None:
    options = {"nonlinearity": "relu"} if gates == 1 else {}
    encoder, decoder = pair(path, weights(gates=gates, layers=layers), **options)
    output, state = rnnspec.run(rnnspec.compile(encoder.model), [WORD])
    assert list(state) == [f"{kind}_{k + 1}" for k in range(layers)]
    assert output.shape == (1, 4)
    with_state, _ = rnnspec.run(rnnspec.compile(decoder.model), [[0, 2]], state=state)
    assert with_state.shape == (1, 2, 6)
    assert np.abs(with_state[0] - ran(decoder, [[0, 2]])).max() > 0.01


def test_names_notes_and_examples(path: Path) -> None:
    encoder, decoder = pair(path, weights())
    assert (encoder.model.name, decoder.model.name) == ("net-encoder", "net-decoder")
    assert "gru_1 goes to the decoder" in notes(encoder, "understood")
    assert "gru_1 comes from the encoder" in notes(decoder, "understood")
    assert '"<s>" goes in first' in notes(decoder, "understood")
    found = encoder.with_members(name="Ann", license="MIT").with_exact(3)
    for half, name in ((found, "Ann-encoder"), (found.decoder, "Ann-decoder")):
        assert (half.model.name, half.model.license) == (name, "MIT")
        assert rnnspec.selftest(rnnspec.compile(half.model)).exact == 1


def test_an_order_with_activations(path: Path) -> None:
    w = weights()
    w["fc2.weight"], w["fc2.bias"] = w.pop("fc.weight"), w.pop("fc.bias")
    w["fc1.weight"], w["fc1.bias"] = np.eye(4), np.zeros(4)
    decoder = (*OPTIONS["decoder"][:2], "fc?.*")
    order = "enc_emb,tanh,enc,dec_emb,relu,dec,fc1,relu,fc2"
    found, other = pair(path, w, decoder=decoder, modules=order)
    functions = [layer.type for layer in found.model.layers]
    assert functions == ["embedding", "activation", "gru"]
    assert [layer.type for layer in other.model.layers] == [
        *("embedding", "activation", "gru", "dense", "activation", "dense")
    ]


def test_a_layer_norm_of_one_half(path: Path) -> None:
    w = {**weights(), "dec.norm.weight": np.full(4, 2.0), "dec.norm.bias": np.ones(4)}
    order = "enc_emb,enc,dec_emb,dec,dec.norm,fc"
    encoder, decoder = pair(path, w, layer_norm=1e-5, modules=order)
    assert "layer_norm" not in [layer.type for layer in encoder.model.layers]
    assert "layer_norm" in [layer.type for layer in decoder.model.layers]


# --- what is refused -------------------------------------------------------------------------------------

W = weights()
BOTH: dict[str, Array | None] = {f"enc.{name}_l0_reverse": W[f"enc.{name}_l0"] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}  # fmt: skip
OF_DECODER: dict[str, Array | None] = {
    f"dec.{name.partition('.')[2]}": array for name, array in BOTH.items()
}
OF_DECODER["dec.weight_ih_l0_reverse"] = W["dec.weight_ih_l0"]
SMALLER: dict[str, Array | None] = {name: array for name, array in weights(size=3).items() if name.startswith(("dec.", "fc"))}  # fmt: skip
LSTM: dict[str, Array | None] = {
    name: array for name, array in weights(gates=4).items() if name.startswith("dec.")
}
DEEPER: dict[str, Array | None] = {
    name: array for name, array in weights(layers=2).items() if name.startswith("dec.")
}
NEAR_MISSES: dict[str, tuple[dict[str, Array | None], dict[str, Any], str, str]] = {
    "an encoder of two directions": (BOTH, {}, "IMPORT_UNSUPPORTED", "of the encoder has two directions"),
    "a decoder of two directions": (
        {**OF_DECODER, "fc.weight": np.ones((6, 8))}, {}, "IMPORT_UNSUPPORTED", "of the decoder has two directions"),
    "a smaller decoder": (SMALLER, {}, "IMPORT_SHAPE", "the state of GRU of 4, and the decoder begins with that of GRU of 3"),
    "a decoder of another kind": (LSTM, {}, "IMPORT_SHAPE", "LSTM of 4: only an equal one can go over"),
    "a deeper decoder": (DEEPER, {}, "IMPORT_SHAPE", "that of GRU of 4, GRU of 4"),
    "a bridge behind the encoder": (
        {"bridge.weight": np.ones((4, 4)), "bridge.bias": np.ones(4)}, {}, "IMPORT_UNSUPPORTED",
        '"bridge" stands behind the encoder'),
    "attention": ({"dec.weight_ih_l0": np.ones((12, 6))}, {}, "IMPORT_UNSUPPORTED", "do not fit into one chain"),
    "an embedding of both": ({"dec_emb.weight": None, "dec.weight_ih_l0": np.ones((12, 3))},
                             {"decoder": ("dec.*", "fc.*")}, "IMPORT_UNSUPPORTED", "the decoder has no Embedding"),
    "a decoder without output layer": (
        {"fc.weight": None, "fc.bias": None}, {"decoder": ("dec.*", "dec_emb*")}, "IMPORT_SHAPE", "gives 4 numbers a step"),
    "the output layer with the encoder": (
        {}, {"decoder": ("dec.*", "dec_emb*")}, "IMPORT_UNSUPPORTED", '"fc" stands behind the encoder'),
    "a pattern without effect": ({}, {"decoder": ("decoder.*",)}, "IMPORT_OPTION", "no such parameter"),
    "everything": ({}, {"decoder": ("*",)}, "IMPORT_OPTION", "nothing is left for an encoder"),
    "no encoder": ({}, {"decoder": ("*c.*", "dec_emb*")}, "IMPORT_UNSUPPORTED", "no recurrent module"),
    "steps": ({}, {"steps": "last"}, "IMPORT_OPTION", "a decoder every step"),
    "no vocabulary of the decoder": ({}, {"decoder_tokens": None}, "IMPORT_ASK", "--decoder-vocabulary FILE"),
    "no vocabulary of the encoder": ({}, {"tokens": None}, "IMPORT_ASK", "--vocabulary FILE"),
    "no start": ({}, {"decoder_start": None}, "IMPORT_ASK", "which token goes in first: give --decoder-start"),
    "no end": ({}, {"decoder_end": None}, "IMPORT_ASK", "which token ends what comes out: give --decoder-end"),
    "a start that is no token": ({}, {"decoder_start": "<go>"}, "IMPORT_OPTION", "has it 0 times"),
    "an end that stands twice": (
        {}, {"decoder_tokens": ("<s>", "</s>", "</s>", "a", "b", "c")}, "IMPORT_OPTION", "has it 2 times"),
    "a vocabulary of another net": ({}, {"decoder_tokens": SOUNDS[:5]}, "IMPORT_SHAPE", "has 5 tokens, and the net reads 6"),
    "a separator of nothing": ({}, {"decoder_separator": ""}, "IMPORT_OPTION", "is no empty text"),
    "a separator between characters": (
        {}, {"decoder_tokens": "<>abcd", "decoder_start": "<", "decoder_end": ">"}, "IMPORT_OPTION", "of several characters"),
    "an order without the decoder": ({}, {"modules": "enc_emb,enc"}, "IMPORT_OPTION", "--modules lacks"),
    "an order that mixes": (
        {}, {"modules": "enc_emb,dec_emb,enc,dec,fc"}, "IMPORT_OPTION", '--modules lacks "enc"'),
    "a nonlinearity of a GRU": ({}, {"nonlinearity": "relu"}, "IMPORT_OPTION", "--nonlinearity"),
    "an eps without a norm": ({}, {"layer_norm": 1e-5}, "IMPORT_OPTION", "--layer-norm"),
    "options of a decoder without one": (
        {}, {"decoder": ()}, "IMPORT_OPTION", "--decoder-tokens: there is no decoder without --decoder"),
    "a number that is none": ({"fc.bias": np.full(6, np.nan)}, {}, "IMPORT_MALFORMED", "holds nan"),
}  # fmt: skip


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_a_near_miss_is_refused(name: str, path: Path) -> None:
    changes, options, code, words = NEAR_MISSES[name]
    arrays = {key: array for key, array in {**W, **changes}.items() if array is not None}
    with pytest.raises(Refused) as refused:
        pytorch.read(write(path, arrays), **{**OPTIONS, **options})
    assert (refused.value.code, words in str(refused.value)) == (code, True), refused.value


def test_the_limit_holds_for_both_halves_together(path: Path) -> None:
    """Of float16, so that the file is half as large as its numbers."""
    arrays = weights(size=32)
    total = 4 * sum(array.size for array in arrays.values())
    with path.open("wb") as file:
        np.savez(file, **{name: w.astype(np.float16) for name, w in arrays.items()})  # type: ignore[arg-type]  # as above
    assert path.stat().st_size < 0.8 * total
    pytorch.read(Source(path, Limits(size=total)), **OPTIONS)
    for size in (total - 1, 100):
        with pytest.raises(Refused) as refused:
            pytorch.read(Source(path, Limits(size=size)), **OPTIONS)
        assert refused.value.code == "IMPORT_LIMIT"


# --- the command line ------------------------------------------------------------------------------------


def arguments(folder: Path) -> tuple[object, ...]:
    path = write(folder / "net.npz", weights(seed=SEED))
    (folder / "sounds.json").write_text(json.dumps(SOUNDS))
    decoder = [part for name in OPTIONS["decoder"] for part in ("--decoder", name)]
    special = ("--decoder-start", "<s>", "--decoder-end", "</s>", "--decoder-separator", " ")
    vocabulary = ("--tokens", LETTERS, "--decoder-vocabulary", folder / "sounds.json")
    return (path, *decoder, *special, *vocabulary)


def test_one_command_writes_both_files(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    given = arguments(tmp_path)
    one, other = tmp_path / "encoder.rnn", tmp_path / "decoder.rnn.json"
    code, out, err = call(capfd, *given, "-o", one, "--decoder-output", other)
    assert (code, err) == (0, "")
    assert [line.split(":")[0] for line in out.splitlines() if line.startswith("OK")] == [
        f"OK {one}",
        f"OK {other}",
    ]
    assert other.read_bytes().startswith(b"{")
    _, state = rnnspec.run(rnnspec.compile(rnnspec.load(one)), [WORD])
    plan = rnnspec.compile(rnnspec.load(other))
    w = weights(seed=SEED)
    assert list(rnnspec.generate(plan, [], 12, mode="greedy", state=state)) == spoken(w, encoded(w, WORD))  # fmt: skip


def test_a_report_for_programs(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    given = arguments(tmp_path)
    one, other = tmp_path / "encoder.rnn", tmp_path / "decoder.rnn"
    code, out, _ = call(capfd, *given, "-o", one, "--decoder-output", other, "--format", "json")
    report = json.loads(out)
    assert (code, report["written"], report["decoder"]["written"]) == (0, str(one), str(other))
    assert report["decoder"]["bytes"] == other.stat().st_size
    assert report["decoder"]["fingerprint"] == rnnspec.fingerprint(rnnspec.load(other))
    code, out, _ = call(capfd, *given, "--dry-run")
    assert (code, out.count("OK nothing written")) == (0, 2)
    code, out, err = call(capfd, *given, "-o", "-", "--decoder-output", other)
    assert (code, err.count("OK")) == (0, 2)


@pytest.mark.parametrize("more", [(), ("--decoder-output", "-"), ("--decoder-output", "same.rnn")])
def test_two_models_need_two_files(
    more: tuple[str, ...],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = arguments(tmp_path)
    monkeypatch.chdir(tmp_path)
    code, out, err = call(capfd, *given, "-o", "same.rnn", *more)
    assert (code, out, "--decoder-output" in err) == (2, "", True)
    assert not (tmp_path / "same.rnn").exists()


def test_one_model_needs_one_file(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = arguments(tmp_path)[0]
    given = (path, "--ignore", "dec*", "--ignore", "fc*", "--tokens", LETTERS)
    code, _, err = call(capfd, *given, "-o", tmp_path / "a", "--decoder-output", tmp_path / "b")
    assert (code, "one model came out" in err) == (2, True)
    assert not (tmp_path / "a").exists()
