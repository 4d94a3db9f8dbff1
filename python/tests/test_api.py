import dataclasses
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import rnnspec
from rnnspec import DenseLayer, FeatureInput, Model, Output, Tensor

from .nets import feature_net

SPEC = Path(__file__).parents[2] / "SPEC.md"


def test_everything_that_is_exported_is_there() -> None:
    assert sorted(rnnspec.__all__) == sorted(set(rnnspec.__all__))
    for name in rnnspec.__all__:
        assert getattr(rnnspec, name).__doc__ or name in {"__version__", "FORMAT_VERSION", "State"}
    for name in ("load", "build", "validate", "save", "run", "selftest", "compile", "generate"):
        assert callable(getattr(rnnspec, name))


def test_the_first_example_of_the_specification() -> None:
    text = SPEC.read_text("utf-8").partition("```json\n")[2].partition("```")[0]
    model = rnnspec.load(text.encode())
    assert rnnspec.run(rnnspec.compile(model), [[[21]]])[0].tolist() == [[[42]]]
    assert rnnspec.FORMAT_VERSION in text


def test_a_model_made_by_hand(tmp_path: Path) -> None:
    model = Model(
        input=FeatureInput(size=1),
        layers=[DenseLayer(name="double", size=1, parameters={"W": "W"})],  # type: ignore[arg-type] # lists are taken too
        output=Output(kind="values"),
        tensors={"W": Tensor(np.array([[2]], np.float32))},
    )
    rnnspec.save(model, tmp_path / "double.rnn.json")
    assert rnnspec.load(tmp_path / "double.rnn.json") == model
    named = dataclasses.replace(model, name="double")
    assert named != model
    assert rnnspec.fingerprint(named) == rnnspec.fingerprint(model)


def test_a_model_can_not_be_changed() -> None:
    model = feature_net()
    with pytest.raises(dataclasses.FrozenInstanceError):
        model.name = "x"  # type: ignore[misc] # that is the point
    with pytest.raises(TypeError):
        model.tensors["W"] = model.tensors["V"]  # type: ignore[index] # that is the point
    for layer in model.layers:
        with pytest.raises(TypeError):
            layer.parameters["W"] = "V"  # type: ignore[index, union-attr] # that is the point
    plan = rnnspec.compile(model)
    with pytest.raises(dataclasses.FrozenInstanceError):
        plan.width = 3  # type: ignore[misc] # that is the point
    for stage in plan.recurrent.values():
        with pytest.raises(ValueError, match="read-only"):
            stage.ways[0].cell.W.W[0, 0] = 1


def test_what_is_given_is_copied() -> None:
    names = {"W": "W"}
    layer = DenseLayer(name="d", size=1, parameters=names)
    names["W"] = "other"
    assert layer.parameters == {"W": "W"}


def test_importing_is_light() -> None:
    """Nothing but numpy and the standard library is loaded."""
    script = "import sys, rnnspec; print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    ).stdout.split()
    allowed = set(sys.stdlib_module_names) | {"numpy", "rnnspec", "__main__", "sitecustomize"}
    assert {name for name in loaded if not name.startswith("_")} <= allowed


def test_the_sources_use_no_function_whose_order_or_value_numpy_leaves_open() -> None:
    """Products and sums of a run are made of +, −, ×, / alone; see cells.chain."""
    folder = Path(rnnspec.__file__).parent
    names = [f"cells/{name}.py" for name in ("chain", "elman", "lstm", "gru")]
    names += ["activation.py", "layer_norm.py", "merge.py", "plan/stages.py", "run/loop.py"]
    for name in names:
        code = re.sub(r'""".*?"""|#[^\n]*', "", (folder / name).read_text("utf-8"), flags=re.DOTALL)
        found = re.findall(r" @ |\bnp\.(?:dot|matmul|sum|einsum|inner|exp\w*|log\w*|tanh|power|fma)\b|\.sum\(", code)  # fmt: skip
        assert found == [], name
