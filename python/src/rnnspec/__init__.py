"""rnnspec: a portable file format for recurrent nets, with runtimes that agree to the last bit.

    model = rnnspec.load("shakespeare.rnn")
    plan = rnnspec.compile(model)
    output, state = rnnspec.run(plan, [[0, 4, 2]])

SPEC.md says what a file holds and which bits come out of it. Everything that is wrong with a file,
a state or a call is raised as one RnnspecError, a ValueError with a list of issues.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from rnnspec.build import build
from rnnspec.decoding import ctc, generate, generate_text
from rnnspec.digest import fingerprint, structure
from rnnspec.issue import Issue, RnnspecError
from rnnspec.kernel import KernelError, Runtime, runtime
from rnnspec.limits import Limits
from rnnspec.load import load
from rnnspec.model import (
    FORMAT_VERSION,
    Activation,
    ActivationLayer,
    AddLayer,
    AffineLayer,
    ConcatLayer,
    Decoding,
    DenseLayer,
    ElmanLayer,
    EmbeddingLayer,
    Example,
    FeatureInput,
    GruLayer,
    LastStepLayer,
    LayerNormLayer,
    LstmLayer,
    Model,
    MultiplyLayer,
    OneHotLayer,
    Output,
    Source,
    TimeReverseLayer,
    TokenInput,
    Vocabulary,
)
from rnnspec.plan import Plan, compile  # noqa: A004 - the word of SPEC.md in all three languages
from rnnspec.run import Session, State, run
from rnnspec.save import save, to_bytes
from rnnspec.saved_state import load_state, save_state, state_to_bytes, validate_state
from rnnspec.selftest import SelfTest, selftest
from rnnspec.tensor import Tensor, narrow
from rnnspec.validate import validate
from rnnspec.vocabulary import TextDecoder, decode, encode

if TYPE_CHECKING:
    from rnnspec.importers.from_torch import from_torch as from_torch
    from rnnspec.importers.to_c_header import to_c_header as to_c_header
    from rnnspec.importers.to_nam import to_nam as to_nam
    from rnnspec.importers.to_onnx import to_onnx as to_onnx
    from rnnspec.importers.to_rtneural import to_rtneural as to_rtneural
    from rnnspec.importers.to_torch import to_torch as to_torch

__version__: Final = "0.1.0.dev0"

# To and from other systems: imported when they are asked for, and PyTorch with two of them. So they
# are not in __all__, and `from rnnspec import *` works without PyTorch.
_LATER: Final = {
    name: f"rnnspec.importers.{name}"
    for name in ("from_torch", "to_c_header", "to_nam", "to_onnx", "to_rtneural", "to_torch")
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  one of these functions
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATER[name]), name)


__all__ = [
    "FORMAT_VERSION",
    "Activation",
    "ActivationLayer",
    "AddLayer",
    "AffineLayer",
    "ConcatLayer",
    "Decoding",
    "DenseLayer",
    "ElmanLayer",
    "EmbeddingLayer",
    "Example",
    "FeatureInput",
    "GruLayer",
    "Issue",
    "KernelError",
    "LastStepLayer",
    "LayerNormLayer",
    "Limits",
    "LstmLayer",
    "Model",
    "MultiplyLayer",
    "OneHotLayer",
    "Output",
    "Plan",
    "RnnspecError",
    "Runtime",
    "SelfTest",
    "Session",
    "Source",
    "State",
    "Tensor",
    "TextDecoder",
    "TimeReverseLayer",
    "TokenInput",
    "Vocabulary",
    "__version__",
    "build",
    "compile",
    "ctc",
    "decode",
    "encode",
    "fingerprint",
    "generate",
    "generate_text",
    "load",
    "load_state",
    "narrow",
    "run",
    "runtime",
    "save",
    "save_state",
    "selftest",
    "state_to_bytes",
    "structure",
    "to_bytes",
    "validate",
    "validate_state",
]
