"""tensorflowjs against the equations of TensorFlow.js in 50 digits, on models of a writer of our own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rnnspec import compile as compile_model
from rnnspec import run
from rnnspec.importers import Refused, tensorflowjs

from . import fifty_digits as fifty
from . import tensorflowjs_originals as original
from . import tensorflowjs_writer as writer

Json = Any
D, H, T = 3, 4, 24
INPUTS = fifty.loud(T, D)
GATES = {"SimpleRNN": 1, "GRU": 3, "LSTM": 4}


def notes(path: Path) -> str:
    return "\n".join(f"{note.kind}: {note.text}" for note in tensorflowjs.read(path).notes)


def cell(kind: str) -> dict[str, Json]:
    """A loud layer."""
    tall = GATES[kind] * H
    return {
        "kernel": fifty.rows(40, D, tall, 2),
        "recurrent_kernel": fifty.rows(50, H, tall, 1.5),
        "bias": fifty.spread(60, tall),
    }


def lone(kind: str, **config: Json) -> dict[str, Json]:
    settings = {"units": H, "return_sequences": True, "batch_input_shape": [None, None, D], **config}  # fmt: skip
    return writer.model([writer.layer(kind, "cell", cell(kind), **settings)], size=53, groups=2)


def computed(kind: str, **variant: Json) -> list[fifty.Vector]:
    w = {role: fifty.exact(numbers) for role, numbers in cell(kind).items()}
    function: Callable[..., list[fifty.Vector]] = {"LSTM": original.lstm, "GRU": original.gru, "SimpleRNN": original.simple_rnn}[kind]  # fmt: skip
    return function(w, fifty.exact(INPUTS), **variant)


@pytest.mark.parametrize("kind", GATES)
@pytest.mark.parametrize("gates", [None, "hardSigmoid", "sigmoid"])
def test_outputs_are_those_of_the_original(kind: str, gates: str | None, tmp_path: Path) -> None:
    said = {"recurrentActivation": gates} if gates and kind != "SimpleRNN" else {}
    path = writer.write(tmp_path, lone(kind, **said))
    output, _ = run(compile_model(tensorflowjs.read(path).model), [INPUTS])
    variant = {"gate": original.sigmoid} if gates == "sigmoid" and kind != "SimpleRNN" else {}
    assert fifty.away(computed(kind, **variant), output[0].tolist()) < 1e-6


@pytest.mark.parametrize(
    ("kind", "wrong", "least"),
    [
        ("LSTM", {"gate": original.sigmoid}, 0.1),  # Keras 2.3 and later
        ("LSTM", {"gate": original.hard_sigmoid(fifty.Number(1) / 6)}, 0.15),  # Keras 3
        ("LSTM", {"order": "ifoc"}, 0.8),
        ("LSTM", {"order": "icfo"}, 0.7),
        ("LSTM", {"forget": 1}, 0.6),
        ("GRU", {"gate": original.sigmoid}, 0.1),
        ("GRU", {"order": "rzh"}, 1.1),
        ("GRU", {"after": True}, 0.4),
    ],
)
def test_a_wrong_reading_shows(kind: str, wrong: Json, least: float) -> None:
    assert fifty.away(computed(kind), computed(kind, **wrong)) > least


def test_the_default_of_the_gates_is_told_and_an_option(tmp_path: Path) -> None:
    path = writer.write(tmp_path, lone("LSTM"))
    assert "assumed: hard_sigmoid in the gates of cell" in notes(path)
    output, _ = run(compile_model(tensorflowjs.read(path, recurrent_activation="sigmoid").model), [INPUTS])  # fmt: skip
    assert fifty.away(computed("LSTM", gate=original.sigmoid), output[0].tolist()) < 1e-6
    said = writer.write(tmp_path / "said", lone("LSTM", recurrent_activation="hard_sigmoid"))
    assert "in the gates of" not in notes(said)
    null = writer.write(tmp_path / "null", lone("LSTM", recurrent_activation=None))
    gates = tensorflowjs.read(null).document["layers"][0]["activations"]["gates"]
    assert gates == {"function": "linear"}, "getActivation(null)"


def test_softmax_over_the_last_axis_by_its_number(tmp_path: Path) -> None:
    """TensorFlow.js writes axis 1, which is the last behind a layer without return_sequences, and no other."""
    settings = {"units": H, "batch_input_shape": [None, None, D], "recurrent_activation": "sigmoid"}
    for sequences, axis, carried in (
        (False, 1, True),
        (False, -1, True),
        (True, 2, True),
        (True, 1, False),
    ):
        first = writer.layer("LSTM", "cell", cell("LSTM"), return_sequences=sequences, **settings)
        path = writer.write(
            tmp_path, writer.model([first, writer.layer("Softmax", "soft", axis=axis)])
        )
        if carried:
            assert tensorflowjs.read(path).model.output.kind == "probabilities"
        else:
            with pytest.raises(Refused, match="another axis than the features"):
                tensorflowjs.read(path)
