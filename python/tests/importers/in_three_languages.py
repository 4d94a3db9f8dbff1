"""The output of a model in every language whose adapter is built here (SPEC 17.1)."""

import base64
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

from rnnspec import Model, to_bytes

ROOT = Path(__file__).resolve().parents[3]
ADAPTERS = {
    "python": [sys.executable, "-m", "rnnspec.adapter"],
    "js": ["node", "js/src/adapter.js"],
    "java": ["java", "-cp", "java/target/classes", "rnnspec.Adapter"],
}
NEEDED = {"js": "js/src/adapter.js", "java": "java/target/classes/rnnspec/Adapter.class"}


def missing() -> list[str]:
    """The languages that can't be run here."""
    return [
        language
        for language, path in NEEDED.items()
        if not (ROOT / path).exists() or shutil.which(ADAPTERS[language][0]) is None
    ]


def outputs(model: Model, steps: list[list[float]] | list[int], blocks: int) -> dict[str, str]:
    """Language → bits of all steps, vectors or ids, from blocks of so many; with ", at once" behind it, from one call."""

    def chunk(part: list[list[float]] | list[int]) -> object:
        if isinstance(part[0], int):
            return {"input": [part]}
        numbers = np.array([part], ">f4")
        return {"input": {"shape": list(numbers.shape), "bits": numbers.tobytes().hex()}}

    document = base64.b64encode(to_bytes(model, "msgpack")).decode()
    cut = [chunk(steps[k : k + blocks]) for k in range(0, len(steps), blocks)]
    requests = [
        {"seq": 0, "command": "run", "document": document, "chunks": [chunk(steps)]},
        {"seq": 1, "command": "run", "document": document, "chunks": cut},
        {"seq": 2, "command": "stop"},
    ]
    found = {}
    for language, command in ADAPTERS.items():
        if language in missing():
            continue
        done = subprocess.run(
            command,
            input="".join(json.dumps(line) + "\n" for line in requests),
            capture_output=True,
            encoding="utf-8",
            cwd=ROOT,
            timeout=120,
            check=True,
        )
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        for name, answer in zip((f"{language}, at once", language), answers, strict=False):
            found[name] = "".join(part["output"]["bits"] for part in answer["result"]["chunks"])
    return found
