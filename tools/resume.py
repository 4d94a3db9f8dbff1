"""Saves a state in one language and goes on from it in the others: the bits must be those of one process.

    python tools/resume.py NAME=COMMAND...

Each NAME=COMMAND is a runtime's adapter (SPEC.md, section 17). Every one of them runs each net of
resume_nets.py over the first part of its input and writes its state, in JSON and in msgpack; every one
reads what every one wrote and runs the rest. Exit 1 unless all outputs and states are the same bits as
those of the first runtime, which saves nothing; in a net that only goes forward, those of one single call.
"""

import hashlib
import json
import shlex
import subprocess
import sys

from resume_nets import ROOT, TEXT, Json, Net, both_ways, shipped

ENCODINGS = ("json", "msgpack")


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

    def run(self, net: Net, *inputs: Json, state: Json = None) -> Json:
        """What the net gives for the last of some inputs."""
        given = {} if state is None else {"state": state}
        chunks = [{"input": each} for each in inputs]
        answered = self.ask("run", document=net.document, chunks=chunks, **given)["chunks"]
        if len(answered) != len(chunks) or "code" in answered[-1]:
            raise SystemExit(f"resume: {self.name} fails on {net.name}: {str(answered[-1])[:200]}")
        return answered[-1]


def digest(chunk: Json, steps: int) -> str:
    """SHA-256 of the last steps' output of each row, and of the state after them."""
    rows, time, width = chunk["output"]["shape"]
    assert time >= steps
    bits = chunk["output"]["bits"]
    row, tail = 8 * time * width, 8 * steps * width
    told = [bits[(n + 1) * row - tail : (n + 1) * row] for n in range(rows)]
    for layer in sorted(chunk["state"]):
        for name in sorted(chunk["state"][layer]):
            told += [layer, name, chunk["state"][layer][name]["bits"]]
    return hashlib.sha256(" ".join(told).lower().encode()).hexdigest()


def steps_of(given: Json) -> int:
    """T of an input: of ids, or of an array."""
    return int(given["shape"][1]) if isinstance(given, dict) else len(given[0])


def other_bits(net: Net, adapters: list[Adapter]) -> int:
    """Prints a line for each writer, encoding and reader; gives how many are wrong."""
    steps = steps_of(net.second)
    inputs = (net.first, net.second) if net.whole is None else (net.whole,)
    wanted = digest(adapters[0].run(net, *inputs), steps)
    wrong = 0
    for writer in adapters:
        state = writer.run(net, net.first)["state"]
        for encoding in ENCODINGS:
            saved = writer.ask("write_state", state=state, encoding=encoding)["document"]
            for reader in adapters:
                read = reader.ask("read_state", document=saved)["state"]
                got = digest(reader.run(net, net.second, state=read), steps)
                wrong += got != wanted
                print(
                    f"{'same bits' if got == wanted else 'OTHER BITS':10} {got[:16]}  {net.name}: saved "
                    f"by {writer.name} as {encoding}, resumed in {reader.name}"
                )
    return wrong


def main(arguments: list[str]) -> int:
    """Every net."""
    named = [argument.partition("=") for argument in arguments]
    if not named or not all(command for _, _, command in named):
        raise SystemExit(__doc__)
    adapters = [Adapter(name, command) for name, _, command in named]
    try:
        text = TEXT.read_text("utf-8")
        ids = {"document": shipped([]).document, "vocabulary": "characters", "text": text}
        tokens = adapters[0].ask("encode", **ids)["ids"]
        wrong = sum(other_bits(net, adapters) for net in (shipped(tokens), both_ways()))
    finally:
        for adapter in adapters:
            adapter.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
