"""The same net with examples in it (SPEC.md 9.3): what the call has given, the same with one bit changed, and as a reference."""

import base64
from typing import Any

from conformance.case import Case
from conformance.soak.shrink import steps_of
from conformance.soak.task import Question, Task, written

Json = dict[str, Any]
WANTED: Json = {"exact": 2, "reference": 1, "failed": [1]}
SOURCE: Json = {"source": {"system": "soak", "version": "1"}, "tolerance": 0}


def self_test(task: Task, expect: Json) -> Case | None:
    """The case; None where the first chunk gave no output, or has no steps to record."""
    chunk, answered = task.call.request["chunks"][0], expect["chunks"][0]
    if "output" not in answered or not steps_of(chunk["input"]):
        return None
    writer = _Writer(task)
    changed = answered | {"output": _another_bit(answered["output"])}
    examples = [
        {"kind": "exact"} | writer.example(chunk, answered),
        {"kind": "exact"} | writer.example(chunk, changed),
        {"kind": "reference"} | SOURCE | writer.example(chunk, answered),
    ]
    net = task.net | {"examples": examples, "tensors": task.net["tensors"] | writer.tensors}
    return Question(task.call.id, "selftest", written(net, task.row), {}).case(WANTED)


class _Writer:
    """Puts arrays of the protocol into tensors."""

    def __init__(self, task: Task) -> None:
        self.is_msgpack = task.row["encoding"] == "msgpack"
        self.given = task.call.request.get("state")
        self.tensors: Json = {}

    def example(self, chunk: Json, answered: Json) -> Json:
        """The members that both kinds have."""
        given = chunk["input"]
        found: Json = {"input": self.tensor(given) if isinstance(given, dict) else given}
        if "lengths" in chunk:
            found["lengths"] = chunk["lengths"]
        if self.given is not None:
            found["state"] = self.state(self.given)
        found["output"] = self.tensor(answered["output"])
        return found | {"final_state": self.state(answered["state"])}

    def state(self, state: Json) -> Json:
        """Names of tensors in the place of arrays."""
        return {
            layer: {part: self.tensor(array) for part, array in arrays.items()}
            for layer, arrays in state.items()
        }

    def tensor(self, array: Json) -> str:
        """The name of a tensor with these bits."""
        name = f"example.{len(self.tensors)}"
        words = bytes.fromhex(array["bits"])
        data = b"".join(words[k : k + 4][::-1] for k in range(0, len(words), 4))
        stored = data if self.is_msgpack else base64.b64encode(data).decode("ascii")
        self.tensors[name] = {"dtype": "float32", "shape": array["shape"], "data": stored}
        return name


def _another_bit(array: Json) -> Json:
    """The last bit of the first element changed: where that was 0, to a subnormal number."""
    bits = array["bits"]
    return array | {"bits": f"{int(bits[:8], 16) ^ 1:08x}" + bits[8:]}
