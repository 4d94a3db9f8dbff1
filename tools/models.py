"""Imports the real models that this repository does not hold, and runs them in three languages.

    python tools/models.py [LANGUAGE=COMMAND …]

RNNSPEC_MODELS names their folder (default: ../shared/models). Where it is absent, that is said, and
nothing fails. Each line of the table is one check: what is imported, how far it is from what was recorded
and how far it may be; or what is refused, and why. A check that fails, bits that differ between the
languages, and a file in the folder of which no line speaks end in exit code 1.
"""

import base64
import hashlib
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import keras_models as keras
from rnnspec import compile as compile_model
from rnnspec import importers, to_bytes
from rnnspec import run as run_model
from rnnspec.importers import onnx_file, onnx_tensors

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT = 120  # seconds for all requests to one adapter
ADAPTERS = {
    "python": f"{sys.executable} -m rnnspec.adapter",
    "js": "node js/src/adapter.js",
    "java": "java -cp java/target/classes rnnspec.Adapter",
}

Message = dict[str, Any]


@dataclass(frozen=True)
class Check:
    """A request about one imported model, and what the answer must say."""

    model: str  # the name of the folder, or of a file in it
    options: Mapping[str, Any] | Callable[[Path], Mapping[str, Any]]  # of the import
    what: str
    request: Callable[[Path], Message]  # from the folder or file; without the document
    judge: Callable[[Path, Message], str]  # what the answer shows; raises AssertionError
    # What is imported, where it is made of the folder or file.
    source: Callable[[Path], Path] = lambda path: path
    decoder: bool = False  # whether it is about the decoder, of an import that gives an encoder too


def digits_request(folder: Path) -> Message:
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    count = len(expected["expected"])
    prime = [expected["prime"]]  # the id of a digit is the digit
    return {"command": "decode", "prime": prime, "count": count, "mode": "greedy"}


def digits(folder: Path, result: Message) -> str:
    expected = json.loads((folder / "expected.json").read_text("utf-8"))["expected"]
    assert result["ids"] == expected, f"got {result['text']}"
    return f"{result['text']}, all {len(expected)}"


def darwin_request(folder: Path) -> Message:
    ids = np.load(folder / "expected_derived.npz")["ids"].tolist()
    return {"command": "run", "chunks": [{"input": [ids[:-1]]}]}


def darwin(folder: Path, result: Message) -> str:
    expected = np.load(folder / "expected_derived.npz")["logprobs"]
    output = result["chunks"][0]["output"]
    got = np.frombuffer(bytes.fromhex(output["bits"]), ">f4").reshape(output["shape"])[0]
    away = float(np.abs(got - expected).max())
    assert away <= 1e-5, f"{away:.2g} away"
    return f"{away:.1g} away, 1e-05 allowed"


def text_request(_: Path) -> Message:
    sampling = {"mode": "sample", "temperature": 0.5, "seed": 1}
    return {"command": "decode", "prime": "the ", "count": 2000, **sampling}


def text(_: Path, result: Message) -> str:
    assert len(result["text"]) == 2000, f"got {len(result['text'])} characters"
    return "SHA-256 " + hashlib.sha256(result["text"].encode()).hexdigest()[:16]


def array(given: npt.ArrayLike) -> Message:
    """As the protocol has it."""
    numbers = np.ascontiguousarray(given, ">f4")
    return {"shape": list(numbers.shape), "bits": numbers.tobytes().hex()}


def numbers_of(given: Message) -> npt.NDArray[np.float32]:
    return np.frombuffer(bytes.fromhex(given["bits"]), ">f4").reshape(given["shape"])


def flow(path: Path) -> tuple[list[int], Any, float]:
    """HarmonE: the rows that belong to this checkpoint, the scaled windows, and the scale."""
    rows = json.loads((path.parent / "expected_rows.json").read_text("utf-8"))
    values = np.loadtxt(path.parent / "synthetic_data_50k.csv", skiprows=1)
    scaled = (values - rows["min"]) / (rows["max"] - rows["min"])
    return rows["A"]["rows"], scaled, rows["max"] - rows["min"]


def harmone_request(path: Path) -> Message:
    rows, scaled, _ = flow(path)
    return {
        "command": "run",
        "chunks": [{"input": array([scaled[k : k + 10, None] for k in rows])}],
    }


def harmone(path: Path, result: Message) -> str:
    rows, _, scale = flow(path)
    lines = (path.parent / "A_predictions.csv").read_text("utf-8").splitlines()[1:]
    expected = np.array([float(lines[k].split(",")[1]) for k in rows])
    away = float(np.abs(numbers_of(result["chunks"][0]["output"])[:, 0] * scale - expected).max())
    assert away <= 1e-4, f"{away:.2g} away"
    return f"{len(rows)} predictions, {away:.1g} away, 0.0001 allowed"


def g2p(path: Path) -> Message:
    found: Message = json.loads((path.parent / "expected.json").read_text("utf-8"))
    return found


def rows_of(sequences: list[list[int]]) -> Message:
    """A batch of sequences of several lengths."""
    longest = max(map(len, sequences))
    padded = [[*row, *[0] * (longest - len(row))] for row in sequences]
    return {"input": padded, "lengths": [len(row) for row in sequences]}


def pair_options(path: Path) -> Message:
    """Of one import, which gives both models."""
    special = {"decoder_start": "<s>", "decoder_end": "</s>", "decoder_separator": " "}
    tokens = {
        key: tuple(g2p(path)[name])
        for key, name in (("tokens", "graphemes"), ("decoder_tokens", "phonemes"))
    }
    return {"decoder": ("dec_*", "fc_*"), **tokens, **special}


def encoder_request(path: Path) -> Message:
    expected = g2p(path)
    ids = {token: k for k, token in enumerate(expected["graphemes"])}
    words = [[*map(ids.__getitem__, word), ids["</s>"]] for word in expected["words"]]
    return {"command": "run", "chunks": [rows_of(words)]}


def encoder(path: Path, result: Message) -> str:
    expected = g2p(path)
    assert set(expected["words"]) == set(WORDS), "words that no check spells"
    at = list(expected["words"]).index("activationist")
    h = numbers_of(result["chunks"][0]["output"])[at]
    away = float(np.abs(h - expected["encoder_final_h_activationist"]).max())
    assert away <= 1e-5, f"{away:.2g} away"
    return f"{away:.1g} away, 1e-05 allowed"


def decoder_request(word: str, path: Path) -> Message:
    """The encoder's last state goes in: that of the check before, which has the same bits in every language."""
    words = list(g2p(path)["words"])
    chunk = encoder_request(path)["chunks"][0]
    encoder = compile_model(importers.read(path, **pair_options(path)).model)
    _, state = run_model(encoder, chunk["input"], lengths=chunk["lengths"])
    row = slice(words.index(word), words.index(word) + 1)
    handed = {
        name: {key: array(h[row]) for key, h in arrays.items()} for name, arrays in state.items()
    }
    return {"command": "decode", "prime": [], "count": 20, "mode": "greedy", "state": handed}


def decoder(word: str, path: Path, result: Message) -> str:
    """Exactly these, and then the end, long before the count."""
    expected = g2p(path)["words"][word]
    assert result["text"] == expected, f"got {result['text']}"
    assert len(result["ids"]) == len(expected.split()), f"got {result['ids']}"
    return str(result["text"])


def away_from(expected: npt.ArrayLike, given: npt.ArrayLike) -> str:
    """How far, in parts of max(1, |r|). Raises AssertionError beyond 1e-5."""
    wanted = np.asarray(expected, np.float64)
    away = float((np.abs(np.asarray(given) - wanted) / np.maximum(1, np.abs(wanted))).max())
    assert away <= 1e-5, f"{away:.2g} away"
    return f"{away:.1g} away, 1e-05 allowed"


def obama_request(path: Path) -> Message:
    ids = np.load(path.parent / "expected_derived.npz")["ids0"].tolist()
    return {"command": "run", "chunks": [{"input": [ids[:-1]]}]}


def obama(path: Path, result: Message) -> str:
    expected = np.load(path.parent / "expected_derived.npz")["logprobs"]
    return away_from(expected, numbers_of(result["chunks"][0]["output"])[0])


def charrnnjs_cases(path: Path) -> list[Message]:
    found = json.loads((path.parent / "expected_charrnnjs.json").read_text("utf-8"))
    cases: list[Message] = found["cases"]
    return cases


def charrnnjs_request(path: Path) -> Message:
    """Each text a row; the ids of its bytes."""
    ids = json.loads(path.read_text("utf-8"))["vocab"]
    texts = [[ids[byte] for byte in case["bytes"]] for case in charrnnjs_cases(path)]
    return {"command": "run", "chunks": [rows_of(texts)]}


def charrnnjs(path: Path, result: Message) -> str:
    output = numbers_of(result["chunks"][0]["output"])
    cases = charrnnjs_cases(path)
    last = [row[len(case["bytes"]) - 1] for row, case in zip(output, cases, strict=True)]
    return f"{len(cases)} texts, {away_from([case['probs_after'] for case in cases], last)}"


def recurrentjs_case(path: Path) -> Message:
    found = json.loads((path.parent / "expected.json").read_text("utf-8"))
    case: Message = found["cases"][path.name]
    return case


def recurrentjs_request(path: Path) -> Message:
    return {"command": "run", "chunks": [{"input": [recurrentjs_case(path)["ids"]]}]}


def recurrentjs(path: Path, result: Message) -> str:
    expected = recurrentjs_case(path)
    (chunk,) = result["chunks"]
    got, wanted = [numbers_of(chunk["output"])[0].ravel()], [np.ravel(expected["logits"])]
    for layer, h, c in zip(
        sorted(chunk["state"]), expected["final_h"], expected["final_c"], strict=True
    ):
        got += [numbers_of(chunk["state"][layer][key])[0] for key in "hc"]
        wanted += [np.array(h), np.array(c)]
    return f"logits and states, {away_from(np.concatenate(wanted), np.concatenate(got))}"


def onnx_inputs(path: Path) -> dict[str, npt.NDArray[Any]]:
    """The inputs of one of ONNX's node tests, by their names in the graph."""
    ends = onnx_file.read_onnx(importers.Source(path)).inputs
    files = [path.parent / f"test_data_set_0/input_{k}.pb" for k in range(len(ends))]
    return {end.name: pb(file) for end, file in zip(ends, files, strict=True)}


def pb(path: Path) -> npt.NDArray[Any]:
    """A TensorProto in a file of its own."""
    return onnx_tensors.numbers(onnx_tensors.read_tensor(importers.Source(path)))


def onnx_options(path: Path) -> Message:
    """All weights come from files; lengths belong to the call."""
    folder = path.parent / "test_data_set_0"
    weights = [
        f"{name}={folder / f'input_{k}.pb'}"
        for k, name in enumerate(onnx_inputs(path))
        if name not in {"X", "sequence_lens"}
    ]
    return {"initializer": tuple(weights)}


def onnx_request(path: Path) -> Message:
    given = onnx_inputs(path)
    x = given["X"] if "batchwise" in str(path) else given["X"].swapaxes(0, 1)
    chunk: Message = {"input": array(x)}
    if "sequence_lens" in given:
        chunk["lengths"] = given["sequence_lens"].tolist()
    return {"command": "run", "chunks": [chunk]}


def onnx_node(path: Path, result: Message) -> str:
    """Y [N, T, 1, H] and Y_h [N, 1, H] with the batch first, else Y_h [1, N, H] alone."""
    (chunk,) = result["chunks"]
    output = numbers_of(chunk["output"])
    expected = pb(path.parent / "test_data_set_0/output_0.pb")
    if "batchwise" not in str(path):
        return away_from(expected[0], output)
    (state,) = (numbers_of(arrays["h"]) for arrays in chunk["state"].values())
    last = pb(path.parent / "test_data_set_0/output_1.pb")
    wanted = np.concatenate([expected[:, :, 0].ravel(), last[:, 0].ravel()])
    return away_from(wanted, np.concatenate([output.ravel(), state.ravel()]))


def rtneural_request(path: Path) -> Message:
    x = np.loadtxt(path.parent / f"{path.stem}_x_python.csv")
    blocks = [x[k : k + FRAMES] for k in range(0, len(x), FRAMES)]
    return {"command": "run", "chunks": [{"input": array(part[None, :, None])} for part in blocks]}


def rtneural(path: Path, result: Message) -> str:
    """The blocks, one after the other; the tests cut the steps into other ones."""
    expected = np.loadtxt(path.parent / f"{path.stem}_y_python.csv")
    output = np.concatenate([numbers_of(chunk["output"])[0, :, 0] for chunk in result["chunks"]])
    away = float(np.abs(output - expected).max())
    assert away <= 1e-6, f"{away:.2g} away"
    return f"blocks of {FRAMES}, {away:.1g} away, 1e-06 allowed"


FRAMES = 64  # of a block of audio
ONNX_NODE = tuple(
    f"onnx_node/test_{name}/model.onnx"
    for name in (
        *(f"simple_rnn_{kind}" for kind in ("batchwise", "defaults", "with_initial_bias")),
        *("rnn_seq_length", "gru_seq_length", "lstm_with_peepholes"),
        *(
            f"{cell}_{kind}"
            for cell in ("gru", "lstm")
            for kind in ("batchwise", "defaults", "with_initial_bias")
        ),
    )
)
VIKING = "viking_torchrnn_t7/checkpoint_1000.t7"
OBAMA = "obama_charrnn_t7/obama_rnn.t7"
MICRO, GRAHAM = "recurrentjs/microNet.json", "recurrentjs/PaulGrahamModel.json"
HARMONE = "harmone_pytorch/A_lstm_model.pth"
HARMONE_OPTIONS = {"input_kind": "features", "modules": "lstm,fc", "steps": "last"}
G2P = "g2p_npz/checkpoint20.npz"
WORDS = ("activationist", "hyperparameter", "blorptastic", "karpathy", "zzyzx")
PI = {"input_kind": "tokens", "tokens": "0123456789"}
CHECKS = (
    Check("deeplearnjs_pi_lstm", PI, "the published digits", digits_request, digits),
    Check(HARMONE, HARMONE_OPTIONS, "logged predictions", harmone_request, harmone),
    *(Check(f"rtneural/{name}.json", {}, "RTNeural's own output", rtneural_request, rtneural) for name in ("lstm_1d", "gru_1d", "lstm_torch")),
    Check(G2P, pair_options, "the encoder's last state", encoder_request, encoder),
    *(
        Check(G2P, pair_options, f"phonemes, {word}", partial(decoder_request, word), partial(decoder, word), decoder=True)
        for word in WORDS
    ),
    Check(OBAMA, {}, "log-probabilities", obama_request, obama),
    Check(VIKING, {}, "2,000 characters, seed 1", text_request, text),
    Check("charrnnjs_bytes/small.json", {}, "probabilities", charrnnjs_request, charrnnjs),
    Check(MICRO, {}, "of recurrent.js", recurrentjs_request, recurrentjs),
    Check(GRAHAM, {}, "of recurrent.js", recurrentjs_request, recurrentjs),
    Check("ml5_charrnn_darwin", {"output_kind": "log_probabilities"}, "log-probabilities", darwin_request, darwin),
    Check("ml5_charrnn_darwin", {}, "2,000 characters, seed 1", text_request, text),
    *(Check(name, onnx_options, "ONNX's own output", onnx_request, onnx_node) for name in ONNX_NODE),
    Check(keras.EMG, {"input_kind": "features"}, "the TFLite export's output", keras.emg_request, keras.emg),
    Check(keras.HACKER_NEWS, {}, "probabilities and states", keras.textgenrnn_request, keras.textgenrnn),
    Check(keras.TEXTGENRNN, {}, "probabilities", keras.textgenrnn_request, keras.likeliest),
    *(Check(f"{keras.FIXTURES}/{kind}.json", keras.layer_options(name), name, keras.layer_request(name),
            keras.layer_judge(name), keras.layer_file(name)) for name, kind in keras.LAYERS.items()),
)  # fmt: skip


@dataclass(frozen=True)
class Refusal:
    """A file that must not be imported: the code, and words of the sentence."""

    model: str
    code: str
    words: str
    options: Mapping[str, Any] = field(default_factory=dict)


REFUSALS = (
    Refusal("rtneural/bad_lstm.json", "IMPORT_OPTION", "the net in the file is 1,20,1", {"sizes": "1,16,1"}),
    Refusal("keras3_emg/rnn2_120ms.tflite", "IMPORT_UNSUPPORTED", "TensorFlow Lite"),
    Refusal("viking_torchrnn_t7/checkpoint_1000.json", "IMPORT_UNRECOGNISED", "these members: i, val_loss_history"),
    Refusal("textgenrnn_keras_h5/textgenrnn_vocab.json", "IMPORT_UNSUPPORTED", "--vocabulary"),
    Refusal("keras_layer_fixtures/configs.json", "IMPORT_UNRECOGNISED", "these members: recurrent.SimpleRNN.0"),
)  # fmt: skip
# No models: licences and notes, inputs and recorded outputs, and what a model is read with.
BESIDE = (
    "README.md",
    "*/README.md",
    "*/LICENSE*",
    "*/expected*",
    "onnx_node/*/test_data_set_0/*.pb",
    "rtneural/*_python.csv",
    "harmone_pytorch/*.csv",
    "charrnnjs_bytes/small.dat",
)


def refused(models: Path, given: Refusal) -> str:
    """The sentence. Raises AssertionError where it is imported, or refused otherwise."""
    answer: importers.Refused | None = None
    try:
        importers.read(models / given.model, **given.options)
    except importers.Refused as error:
        answer = error
    assert answer is not None, "it was imported"
    assert answer.code == given.code, answer
    assert given.words in str(answer), answer
    return f"{answer.code}: {answer}"


def unspoken(models: Path) -> list[str]:
    """The files of which no line of the table speaks."""
    spoken = {row.model for row in CHECKS} | {row.model for row in REFUSALS}
    return [
        str(name)
        for name in sorted(path.relative_to(models) for path in models.rglob("*") if path.is_file())
        if not any(name.match(pattern) for pattern in BESIDE)
        and not {str(name), *map(str, name.parents)} & spoken
    ]


@cache
def imported(folder: Path, options: tuple[tuple[str, Any], ...], decoder: bool) -> str:
    """The model as a document of the protocol, or its decoder."""
    found = importers.read(folder, **dict(options))
    if decoder:
        assert found.decoder is not None, f"{folder} gave no decoder"
        found = found.decoder
    return base64.b64encode(to_bytes(found.model, "msgpack")).decode()


def options_of(check: Check, models: Path) -> Mapping[str, Any]:
    given = check.options
    return given(models / check.model) if callable(given) else given


def ask(command: str, requests: list[Message]) -> list[Message]:
    """The results of an adapter, in order. Raises AssertionError if one is no result."""
    lines = [{"seq": k, **request} for k, request in enumerate([*requests, {"command": "stop"}])]
    done = subprocess.run(
        shlex.split(command),
        input="".join(json.dumps(line) + "\n" for line in lines),
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        timeout=TIMEOUT,
        check=False,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(lines), f"{command} ended early: {done.stderr[-500:]}"
    for answer in answers:
        assert "result" in answer, f"{command} answered {str(answer)[:200]}"
    return [answer["result"] for answer in answers[:-1]]


def run(models: Path, adapters: Mapping[str, str]) -> int:
    """Prints the table; 1 if a check fails."""
    requests = [
        {
            **check.request(models / check.model),
            "document": imported(
                check.source(models / check.model),
                tuple(options_of(check, models).items()),
                check.decoder,
            ),
        }
        for check in CHECKS
    ]
    try:
        results = {language: ask(command, requests) for language, command in adapters.items()}
    except AssertionError as error:
        print(f"FAIL {error}")
        return 1
    failed = 0
    for k, check in enumerate(CHECKS):
        answers = {language: results[language][k] for language in adapters}
        shown = {}
        for language, answer in answers.items():
            try:
                shown[language] = check.judge(models / check.model, answer)
            except AssertionError as error:
                shown[language] = f"FAILED: {error}"
        same = len({json.dumps(answer, sort_keys=True) for answer in answers.values()}) == 1
        good = same and not any("FAILED" in words for words in shown.values())
        failed += not good
        first = next(iter(shown.values()))
        words = first if good else "; ".join(f"{k}: {v}" for k, v in shown.items())
        bits = f"same bits in {', '.join(adapters)}" if same else "DIFFERENT BITS"
        print(f"{'ok  ' if good else 'FAIL'} {check.model:50} {check.what:25} {words} ({bits})")
    for row in REFUSALS:
        try:
            print(f"ok   {row.model:50} {'refused':25} {refused(models, row)}")
        except AssertionError as error:
            failed += 1
            print(f"FAIL {row.model:50} {'refused':25} {error}")
    for name in unspoken(models):
        failed += 1
        print(f"FAIL {name:50} no line speaks of it: add a check, or a refusal")
    return 1 if failed else 0


def main(arguments: list[str]) -> int:
    models = Path(os.environ.get("RNNSPEC_MODELS") or ROOT.parent / "shared/models")
    if not models.is_dir():
        print(f"models: left out, there is no folder {models}; RNNSPEC_MODELS names another one")
        return 0
    adapters = dict(argument.split("=", 1) for argument in arguments) or ADAPTERS
    return run(models, adapters)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
