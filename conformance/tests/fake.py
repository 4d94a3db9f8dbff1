"""A tiny adapter that knows every answer, and one way to fail: `fake.py ANSWERS.json MODE`.

ANSWERS.json is a list of [request, answer]; a request is matched without its `seq`.
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

GREETING: dict[str, Any] = {
    "name": "fake",
    "version": "0",
    "language": "Python",
    "formats": ["1.0-draft.3"],
    "classes": ["player", "validator"],
    "levels": ["exact"],
    "features": [
        *("json", "msgpack", "dense", "one_hot", "lstm", "float16", "convert", "step"),
        *("extensions", "try_anyway", "saved_state"),
    ],
}


def say(seq: int, **answer: object) -> None:
    print(json.dumps({"seq": seq, **answer}), flush=True)


def flip(answer: dict[str, Any]) -> dict[str, Any]:
    """The last bit of the first output."""
    text = json.dumps(answer)
    at = text.index('"bits": "') + len('"bits": "') + 7
    return dict(json.loads(text[:at] + f"{int(text[at], 16) ^ 1:x}" + text[at + 1 :]))


def respond(mode: str, seq: int, answer: dict[str, Any], others: list[dict[str, Any]]) -> None:
    result = answer.get("result", {})
    match mode:
        case "crash":
            sys.stderr.write("the last words\n")
            sys.exit(3)
        case "crash-in-line":
            sys.stdout.write('{"seq": ')
            sys.stdout.flush()
            sys.exit(0)
        case "hang":
            time.sleep(60)
        case "garbage":
            print("Hello!", flush=True)
        case "not-utf8":
            sys.stdout.buffer.write(b'{"seq": "\xff"}\n')
            sys.stdout.flush()
        case "not-object":
            print("[1]", flush=True)
        case "noise":
            print("loading …", flush=True)
            say(seq, **answer)
        case "out-of-order":
            say(seq + 1, **answer)
        case "seq-true":
            print(json.dumps({"seq": True, **answer}), flush=True)
        case "two-kinds":
            say(seq, **answer, skipped={"feature": "json"})
        case "result-list":
            say(seq, result=[])
        case "other-case":
            say(seq, **next(other for other in others if other != answer))
        case "other-run":
            say(
                seq,
                **next(one for one in others if one != answer and '"bits": "' in json.dumps(one)),
            )
        case "skips":
            say(seq, skipped={"feature": "dense"})
        case "always-valid":
            say(seq, result={"findings": [], "structure": "0" * 64, "fingerprint": "0" * 64})
        case "always-error":
            say(seq, error={"code": "SYNTAX_END"})
        case "own-fault":
            say(seq, error={"message": "out of memory"})
        case "wrong-bits":
            say(seq, **(flip(answer) if '"bits": "' in json.dumps(answer) else answer))
        case "bad-hex":
            text = json.dumps(answer)
            say(seq, **json.loads(text.replace('"bits": "', '"bits": "g')))
        case "one-finding-less":
            say(seq, result={**result, "findings": result.get("findings", [])[1:]})
        case "place-off-by-one":
            moved = [{**f, "place": 99} for f in result.get("findings", [])]
            say(seq, result={**result, "findings": moved})
        case "finding-without-stage":
            say(seq, result={**result, "findings": [{"code": "X", "place": 0}]})
        case "other-state-bit":
            text = json.dumps(result["state"])
            at = text.index('"bits": "') + len('"bits": "') + 7
            state = json.loads(text[:at] + f"{int(text[at], 16) ^ 1:x}" + text[at + 1 :])
            say(seq, result={**result, "state": state})
        case "no-state":
            say(seq, result={"findings": result.get("findings", [])})
        case "no-digests":
            say(seq, result={"findings": result.get("findings", [])})
        case _:
            say(seq, **answer)


def main() -> int:
    answers = [tuple(pair) for pair in json.loads(Path(sys.argv[1]).read_text())]
    mode = sys.argv[2]
    if mode == "deaf":
        say(1, result=GREETING)
        time.sleep(60)
    for line in sys.stdin:
        request = json.loads(line)
        seq = request.pop("seq")
        if request["command"] == "start":
            if mode == "mute":
                return 0
            greeting = dict(GREETING)
            if mode == "player":
                greeting["classes"] = ["player"]
            if mode == "greets-badly":
                del greeting["levels"]
            if mode == "boasts":
                greeting["features"] = ["telepathy"]
            say(seq, result=greeting)
        elif request["command"] == "stop":
            say(seq, result={} if mode != "talks-at-stop" else {"bye": 1})
            if mode == "stays":
                time.sleep(60)
            if mode == "talks-after-stop":
                print("goodbye", flush=True)
            if mode == "leaves-a-child":
                subprocess.Popen(["sleep", "60"])
            return 4 if mode == "ends-badly" else 0
        else:
            answer = next(answer for known, answer in answers if known == request)
            if mode == "player":
                answer = {"error": {"code": "OWN"}} if _is_refusal(answer) else answer
            respond(mode, seq, answer, [other for _, other in answers])
    return 0


def _is_refusal(answer: dict[str, Any]) -> bool:
    return "error" in answer or '"severity": "error"' in json.dumps(answer)


if __name__ == "__main__":
    sys.exit(main())
