"""to_c_header: the constants have the bits of the model, names can't clash, and what the kernel does not know is refused.

That a header compiles and gives the bits of plain numpy is shown by interop/tests, where there is a C compiler.
"""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec.cli import main
from rnnspec.importers import Refused
from rnnspec.importers.pattern import Notes
from rnnspec.importers.to_c_header import to_c_header

from .small_nets import NOT_PLAIN, SHAPES, Document, H, layer, model, of_cell

AMP = Path(__file__).parents[3] / "examples/amp/amp.rnn"
TOKENS: Document = {
    "input": {"kind": "tokens", "vocabulary": "v"},
    "vocabularies": {"v": {"unit": "token", "tokens": ["x", "y"]}},
}


def constant(header: str, name: str) -> bytes:
    """The bits of an array in a header, as C reads it: hexadecimal floats, so there is nothing to round."""
    found = re.search(
        rf"static const float {name}\[([0-9 *]+)\] = \{{\n(.*?)\n\}};", header, re.DOTALL
    )
    assert found is not None, name
    sizes = [int(size) for size in found[1].split("*")]
    words = found[2].replace("\n", " ").rstrip(", ").split(",")
    assert len(words) == np.prod(sizes)
    assert all(word.strip().endswith("f") for word in words)
    wide = [float.fromhex(word.strip().removesuffix("f")) for word in words]
    narrow = np.array(wide, np.float32)
    assert narrow.tolist() == wide
    return narrow.tobytes()


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_the_constants_have_the_bits_of_the_model(dtype: type[np.floating[Any]]) -> None:
    given = of_cell("gru", {"a.h0": (H,)})
    arrays = {name: tensor.array.astype(dtype) for name, tensor in given.tensors.items()}
    arrays["a.b"][:3] = [0, 1e-7, -1]
    stored = model([layer("gru"), layer("dense", "head", size=1)], arrays)
    header = to_c_header(stored, name="n").decode()
    for name, tensor in stored.tensors.items():
        values = tensor.values
        if name == "a.rb":
            values = np.concatenate([np.zeros(2 * H, np.float32), values])
        assert constant(header, "n_" + name.replace(".", "_")) == values.tobytes(), name


def test_numbers_are_after_t() -> None:
    odd = np.array([[2.0**-52, -0.0, 2.0**-51, -(2.0**-149), 1e-30, -1e38]], np.float32)
    header = to_c_header(model([layer("dense", size=6)], {"a.W": odd}), name="n").decode()
    wanted = np.array([0, 0, 2.0**-51, 0, 0, -1e38], np.float32)
    assert constant(header, "n_a_W") == wanted.tobytes()


def test_what_stands_above_all() -> None:
    given = rnnspec.load(AMP)
    header = to_c_header(given).decode()
    assert f" * fingerprint  {rnnspec.fingerprint(given)} " in header
    assert f" * structure    {rnnspec.structure(given)}\n" in header
    assert "#ifndef RNNSPEC_AMP_H\n#define RNNSPEC_AMP_H\n" in header
    assert header.endswith("\n#endif\n")
    for line in (
        "#define AMP_INPUT 1 ",
        "#define AMP_OUTPUT 1\n",
        "#define AMP_SAMPLE_RATE 48000 ",
    ):
        assert line in header
    assert max(map(len, header.splitlines())) <= 120
    assert "$" not in header


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("Big Muff (v2)", "big_muff__v2"),
        ("9 lives", "net"),
        ("RNN", "net"),
        ("net", "net"),
        ("…", "net"),
        (None, "net"),
        ("*/ int main(void) { \\", "int_main_void"),
        ("a\nb??/", "a_b"),
    ],
)
def test_a_name_can_be_anything(name: str | None, prefix: str) -> None:
    header = to_c_header(model([layer("dense", size=1)], {"a.W": (1, 1)}, name=name) if name is not None else model([layer("dense", size=1)], {"a.W": (1, 1)})).decode()  # fmt: skip
    assert f"static inline {prefix}_net *{prefix}_start(" in header
    above = header.partition("#ifndef")[0]
    assert above.count("*/") == 1
    assert "\\" not in above
    assert "?/" not in above


@pytest.mark.parametrize("name", ["", "9", "a b", "a-b", "rnn", "RNN", "_a", "ä", "a" * 49, "a\n"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="--name: expected a letter") as refused:
        to_c_header(rnnspec.load(AMP), name=name)
    assert refused.value.code == "IMPORT_OPTION"


def test_layers_whose_names_would_be_one_are_numbered() -> None:
    layers = [layer("dense", "a.b", size=1), layer("dense", "a-b", size=1)]
    for one, role in zip(layers, ("x", "y"), strict=True):
        one["parameters"] = {"W": role}
    header = to_c_header(model(layers, {"x": (1, 1), "y": (1, 1)}), name="n").decode()
    assert constant(header, "n_layer_0_W") != constant(header, "n_layer_1_W")


def test_what_is_lost_is_told() -> None:
    notes = Notes()
    to_c_header(rnnspec.load(AMP), notes=notes)
    (note,) = notes
    assert note.text.startswith("version, description, license, examples; none of it")


REFUSED: dict[str, tuple[Any, str]] = {
    "a wide affine": (lambda: model([layer("affine")], {"a.s": (65,), "a.t": (65,)}, width=65), "no affine layer of 65 elements, only up to 64"),
    "one-hot as it is": (lambda: model([layer("one_hot")], {}, **TOKENS), '"a" (/layers/0) can\'t go over: the kernel has no one_hot as the last layer'),
    "a function of one-hot": (lambda: model([layer("one_hot"), layer("activation", "f", function="softmax")], {}, kind="probabilities", **TOKENS), "no activation of one-hot vectors"),
    "another elman": (lambda: of_cell("elman", activation={"function": "relu"}), "tanh alone as the activation in a cell, and this is relu"),
    **{name: (made, words.replace("{}", "the kernel")) for name, (made, words) in NOT_PLAIN.items()},
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_kernel_does_not_know_is_refused(name: str) -> None:
    made, words = REFUSED[name]
    with pytest.raises(Refused) as refused:
        to_c_header(made())
    assert refused.value.code == "EXPORT_UNSUPPORTED"
    assert words in str(refused.value)


def test_the_command_line(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    nameless = model(
        [layer("lstm")], {f"a.{role}": shape for role, shape in SHAPES["lstm"].items()}
    )
    source = tmp_path / "Fuzz-Face.v1.rnn"
    rnnspec.save(nameless, source)
    words = ["export", str(source), "--to", "c-header", "-o", "-"]
    assert main(words) == 0
    assert b"fuzz_face_net *fuzz_face_start(" in capfdbinary.readouterr().out
    assert main([*words, "--name", "Amp"]) == 0
    assert b"Amp_net *Amp_start(" in capfdbinary.readouterr().out
    assert main([*words, "--name", "rnn"]) == 2
    assert b"--name: expected a letter" in capfdbinary.readouterr().err
