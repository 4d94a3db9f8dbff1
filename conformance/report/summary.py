"""What a run comes to in one line: the counts, and the claim of [claim-5]."""

from collections.abc import Iterable

from conformance.runner import Runtime
from conformance.verdict import Outcome, Verdict

VERSION = "1.0-draft.3"
# Section 17.2, in its order.
CORE = (
    "json", "msgpack", "float16", "extensions", "try_anyway", "byte", "token", "embedding", "one_hot",
    "elman", "lstm", "gru", "dense", "affine", "activations", "softmax", "log_softmax", "final",
    "last_step", "initial_state", "lengths", "state", "saved_state", "step", "decoding", "top_k_top_p",
    "functions", "convert", "selftest",
)  # fmt: skip
FULL = (
    "bfloat16", "int8", "inputs", "layer_norm", "add", "multiply", "concat", "clip", "cell_clip",
    "peephole", "coupled", "projection", "reverse", "bidirectional", "time_reverse", "probe",
    "state_given", "ctc",
)  # fmt: skip
FEATURES = (*CORE, *FULL)
PROFILES = {
    "core": frozenset(CORE),
    "full": frozenset(FEATURES),
}  # each with those before it [claim-4]


def counts(verdicts: Iterable[Verdict]) -> tuple[int, int, int]:
    """Passed, failed, skipped."""
    every = list(verdicts)
    passed = sum(verdict is Verdict.PASS for verdict in every)
    failed = sum(verdict.failed for verdict in every)
    return passed, failed, len(every) - passed - failed


def claim(runtime: Runtime, outcomes: Iterable[Outcome]) -> str:
    """The line of [claim-5]: over the cases of the profile, without those that were skipped."""
    declared = [name for name, features in PROFILES.items() if features <= runtime.features]
    if declared:
        profile = declared[-1]
        outcomes = [o for o in outcomes if PROFILES[profile].issuperset(o.case.features)]
    else:
        profile = "+".join(feature for feature in FEATURES if feature in runtime.features) or "none"
    passed, failed, _ = counts(outcome.verdict for outcome in outcomes)
    classes = set(runtime.classes)
    if "complete" in classes or {"player", "validator"} <= classes:
        kind = "complete"
    else:
        kind = "validator" if "validator" in classes else "player"
    return f"rnnspec {VERSION} · {runtime.level} · {kind} · {profile} · {passed}/{passed + failed}"
