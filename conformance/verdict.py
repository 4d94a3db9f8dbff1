"""The words of a report: what a case came to."""

import json
import re
from dataclasses import dataclass
from enum import Enum
from typing import Any

from conformance.case import Case

# No case is over 256 KiB, so no right answer is: what is longer, or deeper, is kept as its beginning.
MAX_ANSWER = 262_144  # characters of JSON
MAX_DEPTH = 64
MAX_START = 1_000

MIN_WORDS = 2  # different float32 that make an answer telling
MIN_IDS = 4


class Verdict(Enum):
    """What became of one case."""

    PASS = "pass"  # noqa: S105 — no password
    MISMATCH = "mismatch"  # a wrong answer: the runtime is wrong
    WRONG_CASE = "answer of another case"  # the right answer to an earlier case
    MALFORMED = "malformed"  # no answer of the protocol: the adapter is wrong
    OUT_OF_ORDER = "out of order"  # an answer with the `seq` of another request
    TWICE = "answered twice"  # a second answer to one request
    CRASH = "crash"  # the process ended
    CLOSED = "closed output"  # the process closed its output and lives on
    TIMEOUT = "timeout"  # no answer in time
    ENDLESS = "endless line"  # megabytes without a newline
    SKIPPED = "skipped"  # it needs a feature that is not declared
    WRONGLY_SKIPPED = "wrongly skipped"  # it needs only features that are declared [claim-3]
    NOT_ASKED = "not asked"  # the adapter was given up before

    @property
    def failed(self) -> bool:
        """Whether it counts against the runtime."""
        return self not in (Verdict.PASS, Verdict.SKIPPED)


@dataclass(frozen=True)
class Outcome:
    """One case and its verdict; `details` says why, a line each; `got` is the answer of a failed case."""

    case: Case
    verdict: Verdict
    details: tuple[str, ...]
    seconds: float
    got: dict[str, Any] | None = None


def kept(kind: str, value: dict[str, Any]) -> dict[str, Any]:
    """An answer as a report keeps it: `{kind: value}`, or `{"cut": characters, "start": …}`.

    Cut is what is too long, too deep, or no JSON (Python reads NaN).
    """
    answer = {kind: value}
    if not is_shallow(answer, MAX_DEPTH):
        return {"cut": 0, "start": f"an answer of more than {MAX_DEPTH} levels"}
    try:
        text = json.dumps(answer, allow_nan=False)
    except ValueError:
        text = json.dumps(answer)
    else:
        if len(text) <= MAX_ANSWER:
            return answer
    return {"cut": len(text), "start": text[:MAX_START]}


def is_shallow(value: object, depth: int) -> bool:
    """Whether a value of JSON has at most so many levels."""
    if not isinstance(value, dict | list):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return depth > 0 and all(is_shallow(element, depth - 1) for element in inner)


def is_telling(kind: str, value: dict[str, Any]) -> bool:
    """Whether an answer holds so much that two cases hardly share it: some different numbers."""
    if kind != "result":
        return False
    text = json.dumps(value)
    words = {
        bits[at : at + 8]
        for bits in re.findall(r'"bits": "([0-9a-f]+)"', text)
        for at in range(0, len(bits), 8)
    }
    ids = value.get("ids")
    return len(words) >= MIN_WORDS or (isinstance(ids, list) and len(set(map(str, ids))) >= MIN_IDS)
