"""The report of a run: for people, or as JSON. Its last lines are the claim and the counts."""

import json
from collections import Counter
from typing import Any

from conformance.runner import Runtime
from conformance.verdict import Outcome, Verdict

VERSION = "1.0-draft.1"
# Section 17.2, in its order.
FEATURES = (
    "json", "msgpack", "float16", "embedding", "one_hot", "lstm", "dense", "softmax", "log_softmax",
    "lengths", "state", "step", "decoding", "functions", "convert", "selftest",
)  # fmt: skip
MAX_DETAILS = 6


def counts(outcomes: list[Outcome]) -> tuple[int, int, int]:
    """Passed, failed, skipped."""
    passed = sum(outcome.verdict is Verdict.PASS for outcome in outcomes)
    failed = sum(outcome.verdict.failed for outcome in outcomes)
    return passed, failed, len(outcomes) - passed - failed


def claim(runtime: Runtime, outcomes: list[Outcome]) -> str:
    """The line of [claim-5], over the cases that were not skipped."""
    passed, failed, _ = counts(outcomes)
    classes = set(runtime.classes)
    if "complete" in classes or {"player", "validator"} <= classes:
        kind = "complete"
    else:
        kind = "validator" if "validator" in classes else "player"
    profile = "core"
    if not runtime.features.issuperset(FEATURES):
        profile = "+".join(feature for feature in FEATURES if feature in runtime.features) or "none"
    return f"rnnspec {VERSION} · exact · {kind} · {profile} · {passed}/{passed + failed}"


def text(runtime: Runtime, outcomes: list[Outcome], command: list[str], *, filtered: bool) -> str:
    """For people: every failure with its reasons, what was skipped and why, the claim, the counts."""
    lines: list[str] = []
    for outcome in outcomes:
        if outcome.verdict.failed:
            case = outcome.case
            lines.append(f"{outcome.verdict.value.upper()}  {case.id}  ({case.title})")
            shown = outcome.details[:MAX_DETAILS]
            lines += [f"    {detail}" for detail in shown]
            if len(outcome.details) > len(shown):
                lines.append(f"    … and {len(outcome.details) - len(shown)} more")
            lines.append(f"    it catches: {case.catches}")
            lines.append(f"    see {', '.join(case.requirements)} in SPEC.md; cases/{case.path}")
            lines.append("")
    skipped = Counter(
        outcome.details[0] for outcome in outcomes if outcome.verdict is Verdict.SKIPPED
    )
    lines += [f"{count} skipped, {reason}" for reason, count in sorted(skipped.items())]
    lines.append(f"{runtime.name} {runtime.version} ({runtime.language}): {' '.join(command)}")
    verdicts = Counter(outcome.verdict for outcome in outcomes if outcome.verdict.failed)
    if verdicts:
        lines.append(", ".join(f"{count} {verdict.value}" for verdict, count in verdicts.items()))
    if filtered:
        lines.append("a part of the suite only, so this is no claim:")
    passed, failed, left = counts(outcomes)
    lines.append(claim(runtime, outcomes))
    lines.append(f"{passed} passed, {failed} failed, {left} skipped")
    return "\n".join(lines)


def as_json(
    runtime: Runtime, outcomes: list[Outcome], command: list[str], *, filtered: bool
) -> str:
    """For programs: the same."""
    passed, failed, skipped = counts(outcomes)
    report: dict[str, Any] = {
        "rnnspec": VERSION,
        "runtime": {
            "name": runtime.name,
            "version": runtime.version,
            "language": runtime.language,
            "classes": list(runtime.classes),
            "features": sorted(runtime.features),
            "command": command,
        },
        "filtered": filtered,
        "claim": claim(runtime, outcomes),
        "passed": passed,
        "failed": failed,
        "skipped": skipped,
        "cases": [
            {
                "id": outcome.case.id,
                "verdict": outcome.verdict.value,
                "details": list(outcome.details),
                "seconds": round(outcome.seconds, 4),
            }
            for outcome in outcomes
        ],
    }
    return json.dumps(report, indent=1)
