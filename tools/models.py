"""Imports the real models that this repository does not hold, and runs them in three languages.

    python tools/models.py [LANGUAGE=COMMAND …]

RNNSPEC_MODELS names their folder (default: ../shared/models). Where it is absent, that is said, and
nothing fails. Each line of the table is one check; one that fails, or bits that differ between the
languages, end in exit code 1.
"""

import base64
import hashlib
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from rnnspec import importers, to_bytes

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

    model: str  # the folder's name
    options: Mapping[str, Any]  # of the import
    what: str
    request: Callable[[Path], Message]  # from the folder; without the document
    judge: Callable[[Path, Message], str]  # what the answer shows; raises AssertionError


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


PI = {"input_kind": "tokens", "tokens": "0123456789"}
CHECKS = (
    Check("deeplearnjs_pi_lstm", PI, "the published digits", digits_request, digits),
    Check("ml5_charrnn_darwin", {"output_kind": "log_probabilities"}, "log-probabilities", darwin_request, darwin),
    Check("ml5_charrnn_darwin", {}, "2,000 characters, seed 1", text_request, text),
)  # fmt: skip


@cache
def imported(folder: Path, options: tuple[tuple[str, Any], ...]) -> str:
    """The model as a document of the protocol."""
    found = importers.read(folder, **dict(options))
    return base64.b64encode(to_bytes(found.model, "msgpack")).decode()


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
            "document": imported(models / check.model, tuple(check.options.items())),
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
        print(f"{'ok  ' if good else 'FAIL'} {check.model:20} {check.what:25} {words} ({bits})")
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
