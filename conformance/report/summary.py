"""What a run comes to in one line: the counts, and the claim of [claim-5]."""

from collections.abc import Iterable

from conformance.runner import Runtime
from conformance.verdict import Verdict

VERSION = "1.0-draft.2"
# Section 17.2, in its order.
FEATURES = (
    "json", "msgpack", "float16", "extensions", "try_anyway", "byte", "token", "embedding", "one_hot",
    "elman", "lstm", "gru", "dense", "affine", "activations", "softmax", "log_softmax", "final",
    "last_step", "initial_state", "lengths", "state", "saved_state", "step", "decoding", "top_k_top_p",
    "functions", "convert", "selftest",
)  # fmt: skip


def counts(verdicts: Iterable[Verdict]) -> tuple[int, int, int]:
    """Passed, failed, skipped."""
    every = list(verdicts)
    passed = sum(verdict is Verdict.PASS for verdict in every)
    failed = sum(verdict.failed for verdict in every)
    return passed, failed, len(every) - passed - failed


def claim(runtime: Runtime, verdicts: Iterable[Verdict]) -> str:
    """The line of [claim-5], over the cases that were not skipped."""
    passed, failed, _ = counts(verdicts)
    classes = set(runtime.classes)
    if "complete" in classes or {"player", "validator"} <= classes:
        kind = "complete"
    else:
        kind = "validator" if "validator" in classes else "player"
    profile = "core"
    if not runtime.features.issuperset(FEATURES):
        profile = "+".join(feature for feature in FEATURES if feature in runtime.features) or "none"
    return f"rnnspec {VERSION} · {runtime.level} · {kind} · {profile} · {passed}/{passed + failed}"
