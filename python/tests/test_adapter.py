import base64
import json
import subprocess
import sys

import numpy as np

import rnnspec

from .nets import Json, as_json, character_net, document, feature_net


def talk(*requests: Json) -> list[Json]:
    lines = "".join(json.dumps({"seq": k, **request}) + "\n" for k, request in enumerate(requests))
    command = [sys.executable, "-W", "error", "-m", "rnnspec.adapter"]
    done = subprocess.run(command, input=lines.encode(), capture_output=True, check=True)
    assert done.stderr == b""
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer.pop("seq") for answer in answers] == list(range(len(requests)))
    return answers


def encoded(model: rnnspec.Model) -> str:
    return base64.b64encode(rnnspec.to_bytes(model, "msgpack")).decode()


def test_a_conversation() -> None:
    net = encoded(character_net())
    start, findings, ran, decoded, converted, tested, stopped = talk(
        {"command": "start", "protocol": 1},
        {"command": "validate", "document": base64.b64encode(as_json(document())).decode()},
        {"command": "run", "document": net, "chunks": [{"input": [[0, 1], [2, 3]], "lengths": [2, 1]}]},
        {"command": "decode", "document": net, "prime": "ab", "count": 3},
        {"command": "convert", "document": net, "encoding": "json"},
        {"command": "selftest", "document": net},
        {"command": "stop"},
    )  # fmt: skip
    assert start["result"]["language"] == "python"
    model = rnnspec.load(as_json(document()))
    assert findings["result"] == {
        "findings": [],
        "structure": rnnspec.structure(model),
        "fingerprint": rnnspec.fingerprint(model),
    }
    output, state = rnnspec.run(rnnspec.compile(character_net()), [[0, 1], [2, 3]], [2, 1])
    (chunk,) = ran["result"]["chunks"]
    assert chunk["output"] == {"shape": [2, 2, 7], "bits": output.astype(">f4").tobytes().hex()}
    assert chunk["state"]["lstm1"]["c"]["bits"] == state["lstm1"]["c"].astype(">f4").tobytes().hex()
    assert len(decoded["result"]["ids"]) == len(decoded["result"]["text"]) == 3
    again = rnnspec.load(base64.b64decode(converted["result"]["document"]))
    assert again == character_net()
    assert tested["result"] == {"exact": 0, "reference": 0, "failed": []}
    assert stopped == {"result": {}}


def test_faults_are_answered_and_the_process_goes_on() -> None:
    net = encoded(feature_net())
    zeros = {"shape": [1, 1, 3], "bits": "0" * 24}
    bad, unknown, start, limits, chunks, steps, function = talk(
        {"command": "run", "document": "", "chunks": []},
        {"command": "sing"},
        {"command": "start", "protocol": 2},
        {"command": "validate", "document": net, "limits": {"elements": 7}},
        {"command": "run", "document": net, "chunks": [
            {"input": zeros}, {"input": {"shape": [1, 1, 2], "bits": "0" * 16}}, {"input": zeros},
        ]},
        {"command": "run", "document": net, "interface": "step", "chunks": [
            {"input": {"shape": [1, 3, 3], "bits": "0" * 24 + "7f800000" * 3 + "0" * 24}},
            {"input": {"shape": [1, 0, 3], "bits": ""}},
        ]},
        {"command": "evaluate", "function": "exp", "input": {"shape": [2], "bits": "7fc000003f800000"}},
    )  # fmt: skip
    assert bad == {"error": {"code": "BYTES_EMPTY"}}
    assert "KeyError" in unknown["error"]["message"]
    assert "protocol 1" in start["error"]["message"]
    assert {f["code"] for f in limits["result"]["findings"]} == {"LIMIT_ELEMENTS"}
    first, second, third = chunks["result"]["chunks"]
    assert (second["code"], second["state"]) == ("RUN_SHAPE", first["state"])
    assert "output" in third
    once, nothing = steps["result"]["chunks"]
    assert once == {"code": "RUN_NONFINITE_INPUT", "state": first["state"]}
    assert nothing["output"] == {"shape": [1, 0, 2], "bits": ""}
    assert nothing["state"] == first["state"]
    assert np.frombuffer(bytes.fromhex(function["result"]["output"]["bits"]), ">f4")[1] == np.float32(np.e)  # fmt: skip
