"""rnnspec: a portable file format for recurrent nets, with runtimes that agree to the last bit.

    model = rnnspec.load("shakespeare.rnn")
    plan = rnnspec.compile(model)
    output, state = rnnspec.run(plan, [[0, 4, 2]])

SPEC.md says what a file holds and which bits come out of it. Everything that is wrong with a file,
a state or a call is raised as one RnnspecError, a ValueError with a list of issues.
"""

from typing import Final

from rnnspec.build import build
from rnnspec.decoding import generate, generate_text
from rnnspec.digest import fingerprint, structure
from rnnspec.issue import Issue, RnnspecError
from rnnspec.limits import Limits
from rnnspec.load import load
from rnnspec.model import (
    FORMAT_VERSION,
    Activation,
    ActivationLayer,
    AffineLayer,
    Decoding,
    DenseLayer,
    ElmanLayer,
    EmbeddingLayer,
    Example,
    FeatureInput,
    GruLayer,
    LastStepLayer,
    LstmLayer,
    Model,
    OneHotLayer,
    Output,
    Source,
    TokenInput,
    Vocabulary,
)
from rnnspec.plan import Plan, compile  # noqa: A004 - the word of SPEC.md in all three languages
from rnnspec.run import Session, State, run
from rnnspec.save import save, to_bytes
from rnnspec.saved_state import load_state, save_state, state_to_bytes, validate_state
from rnnspec.selftest import SelfTest, selftest
from rnnspec.tensor import Tensor
from rnnspec.validate import validate
from rnnspec.vocabulary import TextDecoder, decode, encode

__version__: Final = "0.1.0.dev0"

__all__ = [
    "FORMAT_VERSION",
    "Activation",
    "ActivationLayer",
    "AffineLayer",
    "Decoding",
    "DenseLayer",
    "ElmanLayer",
    "EmbeddingLayer",
    "Example",
    "FeatureInput",
    "GruLayer",
    "Issue",
    "LastStepLayer",
    "Limits",
    "LstmLayer",
    "Model",
    "OneHotLayer",
    "Output",
    "Plan",
    "RnnspecError",
    "SelfTest",
    "Session",
    "Source",
    "State",
    "Tensor",
    "TextDecoder",
    "TokenInput",
    "Vocabulary",
    "__version__",
    "build",
    "compile",
    "decode",
    "encode",
    "fingerprint",
    "generate",
    "generate_text",
    "load",
    "load_state",
    "run",
    "save",
    "save_state",
    "selftest",
    "state_to_bytes",
    "structure",
    "to_bytes",
    "validate",
    "validate_state",
]
