"""Saves a state in one language and goes on from it in the others: the bits must be those of one run.

    python tools/resume.py NAME=COMMAND...

Each NAME=COMMAND is a runtime's adapter (SPEC.md, section 17). Every one of them runs the shipped net
over the first 500 of its 1,000 tokens and writes its state, in JSON and in msgpack; every one reads
what every one wrote and runs the other 500. Exit 1 unless all outputs and states are the same bits
as those of the first runtime's run over all 1,000.
"""

import base64
import hashlib
import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, TypeAlias

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "examples/austen/austen.rnn"
TEXT = ROOT / "examples/austen/thousand.txt"
SAVED_AFTER = 500  # steps
ENCODINGS = ("json", "msgpack")
Json: TypeAlias = Any


class Adapter:
    """A process that answers one line with one line."""

    def __init__(self, name: str, command: str) -> None:
        self.name = name
        self._process = subprocess.Popen(
            shlex.split(command), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._seq = 0
        self.ask("start", protocol=1)

    def close(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.wait()

    def ask(self, command: str, **members: Json) -> Json:
        """The result of a command; anything else ends the program."""
        self._seq += 1
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = {"seq": self._seq, "command": command, **members}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        answer = json.loads(line) if line else {}
        if answer.get("seq") != self._seq or "result" not in answer:
            raise SystemExit(f"resume: {self.name} answers {command} with {line[:200]!r}")
        return answer["result"]

    def encode(self, text: str) -> list[int]:
        """The ids of a text."""
        ids: list[int] = self.ask("encode", document=model(), vocabulary="characters", text=text)[
            "ids"
        ]
        return ids

    def run(self, tokens: list[int], state: Json = None) -> Json:
        """What the net gives for one row of ids."""
        given = {} if state is None else {"state": state}
        return self.ask("run", document=model(), chunks=[{"input": [tokens]}], **given)["chunks"][0]


def model() -> str:
    """The shipped net, as the protocol wants it."""
    return base64.b64encode(MODEL.read_bytes()).decode()


def digest(chunk: Json, steps: int) -> str:
    """SHA-256 of the last steps' output and of the state after them."""
    _, time, width = chunk["output"]["shape"]
    assert time >= steps
    told = [chunk["output"]["bits"][-8 * steps * width :]]
    for layer in sorted(chunk["state"]):
        told += [chunk["state"][layer][name]["bits"] for name in sorted(chunk["state"][layer])]
    return hashlib.sha256(" ".join(told).lower().encode()).hexdigest()


def main(arguments: list[str]) -> int:
    """Prints a line for each writer, encoding and reader."""
    named = [argument.partition("=") for argument in arguments]
    if not named or not all(command for _, _, command in named):
        raise SystemExit(__doc__)
    wrong = 0
    adapters = [Adapter(name, command) for name, _, command in named]
    try:
        tokens = adapters[0].encode(TEXT.read_text("utf-8"))
        first, second = tokens[:SAVED_AFTER], tokens[SAVED_AFTER:]
        wanted = digest(adapters[0].run(tokens), len(second))
        for writer in adapters:
            state = writer.run(first)["state"]
            for encoding in ENCODINGS:
                saved = writer.ask("write_state", state=state, encoding=encoding)["document"]
                for reader in adapters:
                    read = reader.ask("read_state", document=saved)["state"]
                    got = digest(reader.run(second, read), len(second))
                    wrong += got != wanted
                    print(
                        f"{'same bits' if got == wanted else 'OTHER BITS':10} {got[:16]}  saved by "
                        f"{writer.name} as {encoding}, resumed in {reader.name}"
                    )
    finally:
        for adapter in adapters:
            adapter.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
