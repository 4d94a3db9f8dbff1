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


def test_text_states_and_trying_anyway() -> None:
    top = {**document(), "rnnspec": "1.0-draft.7"}
    text = base64.b64encode(as_json(document())).decode()
    other = base64.b64encode(as_json(top)).decode()
    array = {"shape": [1, 2], "bits": "8000000000000001"}
    ids, refused, whole, pieces, wrong, written, bad, tried, untried = talk(
        {"command": "encode", "document": text, "vocabulary": "v", "text": "😀a"},
        {"command": "encode", "document": text, "vocabulary": "v", "text": "x"},
        {"command": "text", "document": text, "vocabulary": "v", "ids": [2, 1, 0]},
        {"command": "text", "document": text, "vocabulary": "v", "ids": [2, 1, 0], "stream": True},
        {"command": "text", "document": text, "vocabulary": "v", "ids": [3]},
        {"command": "write_state", "state": {"l": {"h": array}}, "encoding": "json", "structure": "0" * 64},
        {"command": "write_state", "state": {"l": {"c": array}}, "encoding": "json"},
        {"command": "validate", "document": other, "try_anyway": True},
        {"command": "validate", "document": other},
    )  # fmt: skip
    assert ids == {"result": {"ids": [2, 0]}}
    assert refused == {"error": {"code": "RUN_TEXT"}}
    assert whole == pieces == {"result": {"text": "😀a"}}
    assert wrong == {"error": {"code": "RUN_TOKEN"}}
    state = rnnspec.load_state(base64.b64decode(written["result"]["document"]))
    assert state["l"]["h"].view(np.uint32).tolist() == [[0x80000000, 1]]
    assert bad == {"error": {"code": "RUN_STATE"}}
    assert [f["code"] for f in tried["result"]["findings"]] == ["VERSION_TRIED"]
    assert tried["result"]["structure"] == rnnspec.structure(rnnspec.load(as_json(document())))
    assert [f["code"] for f in untried["result"]["findings"]] == ["VERSION_UNSUPPORTED"]
    read, broken = talk(
        {"command": "read_state", "document": written["result"]["document"]},
        {"command": "read_state", "document": text},
    )
    assert read == {"result": {"findings": [], "state": {"l": {"h": array}}}}
    assert "state" not in broken["result"]


def test_steps_of_a_net_without_time() -> None:
    net = rnnspec.build(
        {
            "input": {"kind": "features", "size": 1},
            "layers": [
                {
                    "name": "sum",
                    "type": "elman",
                    "hidden_size": 1,
                    "activation": {"function": "linear"},
                    "output": "final",
                    "parameters": {"W": "W", "R": "R"},
                }
            ],
            "output": {"kind": "values"},
            "tensors": {"W": [[1]], "R": [[1]]},
        }
    )
    ones = {"shape": [2, 3, 1], "bits": "3f800000" * 6}
    chunks = [{"input": ones}, {"input": ones}]
    stepped, ran = talk(
        {"command": "run", "document": encoded(net), "interface": "step", "chunks": chunks},
        {"command": "run", "document": encoded(net), "chunks": chunks},
    )
    assert stepped == ran
    assert ran["result"]["chunks"][1]["output"] == {"shape": [2, 1], "bits": "40c00000" * 2}


def test_directions_probes_and_best_paths() -> None:
    top = {
        "input": {"kind": "features", "size": 2},
        "vocabularies": {"v": {"unit": "codepoint", "tokens": ["a", "b"]}},
        "layers": [{"name": "back", "type": "time_reverse"}],
        "output": {"kind": "logits", "vocabulary": "v"},
        "tensors": {},
    }
    net = encoded(rnnspec.build(top))
    x = np.array([[[1, 2], [4, 3]]], np.float32)
    given = {"shape": [1, 2, 2], "bits": x.astype(">f4").tobytes().hex()}
    turned = {"shape": [1, 2, 2], "bits": x[:, ::-1].astype(">f4").tobytes().hex()}
    chunks = {"command": "run", "document": net, "chunks": [{"input": given}]}
    ran, probed, failed, stepped, best, wrong = talk(
        chunks,
        {**chunks, "probe": ["back"]},
        {**chunks, "probe": ["x"]},
        {**chunks, "interface": "step"},
        {"command": "ctc", "document": net, "input": given, "lengths": [2], "blank": 1},
        {"command": "ctc", "document": net, "input": given},
    )
    assert ran["result"]["chunks"] == [{"output": turned, "state": {}}]
    assert probed["result"]["chunks"] == [
        {"output": turned, "state": {}, "probe": {"back": turned}}
    ]
    assert failed["result"]["chunks"] == [{"code": "RUN_OPTION", "state": {}}]
    assert stepped == {"error": {"code": "RUN_DIRECTION"}}
    assert best["result"] == {"ids": [[0]], "text": ["a"]}
    assert wrong == {"error": {"code": "RUN_OPTION"}}


def test_decoding_from_a_state() -> None:
    net, plan = encoded(character_net()), rnnspec.compile(character_net())
    rng = np.random.default_rng(0)
    state = {
        name: {
            role: rng.choice(np.array([-9, 9], np.float32), a.shape)
            for role, a in layer.initial.items()
        }
        for name, layer in plan.recurrent.items()
    }
    written = {
        layer: {name: {"shape": [1, 5], "bits": a.astype(">f4").tobytes().hex()} for name, a in arrays.items()}
        for layer, arrays in state.items()
    }  # fmt: skip
    drawn: Json = {"mode": "sample", "temperature": 2, "seed": 7}
    request = {"command": "decode", "document": net, "prime": [3], "count": 20, **drawn}
    without, given = talk(request, {**request, "state": written})
    assert given["result"]["ids"] == list(rnnspec.generate(plan, [3], 20, state=state, **drawn))
    assert without["result"]["ids"] == list(rnnspec.generate(plan, [3], 20, **drawn))
    assert given != without
