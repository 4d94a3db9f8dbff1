"""An adapter that asks the oracle, and lies in one way: `oracle_adapter.py [LIE]`.

The soak compares runtimes with the same oracle: an honest one has no differences, and each lie must be found.
"""

import base64
import json
import struct
import sys
from typing import Any

from conformance.compare_documents import TOP_LEVEL
from conformance.generator.build import VERSION, json_bytes, msgpack_bytes
from conformance.oracle import digest
from conformance.oracle.answer import answer
from conformance.oracle.finding import Finding
from conformance.oracle.net import load
from conformance.oracle.reader import read
from conformance.oracle.saved_state import read_state, to_wire

Json = dict[str, Any]
WORDS = {"float32": "I", "float16": "H", "bfloat16": "H", "int8": "B"}
MEMBERS = ("dtype", "shape", "axis", "extensions")  # of a tensor, beside its numbers
GREETING = {
    "name": "oracle",
    "version": "0",
    "language": "Python",
    "formats": [VERSION],
    "classes": ["complete"],
    "levels": ["exact"],
    "features": [],
}


def flip(array: Json) -> None:
    """The last bit of the last element."""
    bits = array["bits"]
    if bits:
        array["bits"] = bits[:-1] + f"{int(bits[-1], 16) ^ 1:x}"


def reply(request: Json, lie: str) -> Json:
    """What is answered."""
    command = request["command"]
    if command == "write_state":
        return {"result": {"document": base64.b64encode(written(request)).decode()}}
    data = base64.b64decode(request["document"])
    if command == "convert":
        return {"result": {"document": base64.b64encode(converted(data, request)).decode()}}
    if command in ("validate", "read_state"):
        return {"result": read_by_oracle(command, data, lie)}
    document = read(data).document
    assert document is not None
    found_answer = answer(command, load(document), request)
    chunks = found_answer.get("result", {}).get("chunks", [])
    for chunk in chunks:
        if lie == "output" and "output" in chunk:
            flip(chunk["output"])
        if lie == "state":
            for arrays in chunk.get("state", {}).values():
                flip(arrays["h"])
        if lie == "code" and "code" in chunk:
            chunk["code"] = "RUN_SHAPE"
        if lie == "probe":
            for array in chunk.get("probe", {}).values():
                flip(array)
    ids = found_answer.get("result", {}).get("ids", [])
    if lie == "text" and command == "decode" and ids:
        ids[-1] += 1
    if lie == "selftest" and command == "selftest":
        found_answer["result"]["failed"] = []
    if lie == "ctc" and command == "ctc":
        found_answer["result"]["ids"] = [row[:-1] for row in ids]
    return found_answer


def read_by_oracle(command: str, data: bytes, lie: str) -> Json:
    """The findings, and what is known of a document without errors."""
    if command == "read_state":
        saved = read_state(data)
        found: Json = {"findings": told(saved.findings, lie)}
        if saved.state is not None:
            found["state"] = to_wire(saved.state)
            if lie == "saved" and saved.state:
                flip(next(iter(found["state"].values()))["h"])
        return found
    result = read(data)
    found = {"findings": told(result.findings, lie)}
    if result.document is not None:
        found["structure"] = digest.structure(result.document)
        found["fingerprint"] = digest.fingerprint(result.document)
        if lie == "digest":
            found["fingerprint"] = "0" * 64
    return found


def told(findings: list[Finding], lie: str) -> list[Json]:
    """As the protocol has them, at most a hundred; one less for the lie."""
    return [finding.to_json() for finding in findings[lie == "finding" :][:100]]


def converted(data: bytes, request: Json) -> bytes:
    """The document in an encoding: every member as it is, tensor data as bytes or base64."""
    document = read(data).document
    assert document is not None
    is_json = request["encoding"] == "json"

    def stored(words: list[int], code: str) -> str | bytes:
        packed = struct.pack(f"<{len(words)}{code}", *words)
        return base64.b64encode(packed).decode() if is_json else packed

    tensors = {}
    for name, read_entry in document["tensors"].items():
        entry = {member: read_entry[member] for member in MEMBERS if member in read_entry}
        if "scale" in read_entry:
            entry["scale"] = stored(read_entry["scale"], "I")
        tensors[name] = entry | {"data": stored(read_entry["bits"], WORDS[entry["dtype"]])}
    write = json_bytes if is_json else msgpack_bytes
    ordered = {member: document[member] for member in TOP_LEVEL if member in document}
    return write(small(ordered) | {"tensors": tensors})


def small(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Integers that no msgpack integer holds are floats again."""
    match value:
        case dict():
            return {name: small(part) for name, part in value.items()}
        case list():
            return [small(part) for part in value]
        case int() if abs(value) > 2**53:
            return float(value)
    return value


def written(request: Json) -> bytes:
    """A saved state."""
    tensors: Json = {}
    state: Json = {}
    for layer, arrays in request["state"].items():
        state[layer] = {}
        for part, array in arrays.items():
            name = f"{layer}.{part}"
            data = b"".join(
                bytes.fromhex(array["bits"][k : k + 8])[::-1]
                for k in range(0, len(array["bits"]), 8)
            )
            text = base64.b64encode(data).decode()
            tensors[name] = {"dtype": "float32", "shape": array["shape"], "data": text}
            state[layer][part] = name
    document = {"rnnspec": VERSION, "structure": request["structure"], "state": state}
    write = json_bytes if request["encoding"] == "json" else msgpack_bytes
    return write(document | {"tensors": tensors})


def main() -> int:
    lie = sys.argv[1] if len(sys.argv) > 1 else ""
    for line in sys.stdin:
        request = json.loads(line)
        answered: Json = {"result": {}}
        if request["command"] == "start":
            answered = {"result": GREETING}
        elif request["command"] != "stop":
            answered = reply(request, lie)
        print(json.dumps({"seq": request["seq"]} | answered), flush=True)
        if request["command"] == "stop":
            break
    return 0


if __name__ == "__main__":
    sys.exit(main())
