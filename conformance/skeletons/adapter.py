"""An adapter for the rnnspec conformance suite (SPEC.md, section 17.1): a skeleton to fill in.

It reads one JSON object a line and answers each with one line. Only `start` and `stop` are done; all else is
answered with `skipped`. Print nothing else on standard output: use standard error for your own words.
"""

import json
import sys
from typing import Any

Json = dict[str, Any]

GREETING: Json = {
    "name": "my-runtime",  # of your runtime
    "version": "0.0.1",
    "language": "Python",
    "formats": ["1.0-draft.3"],  # versions of the format that you read
    "classes": ["player"],  # player, validator, or complete: SPEC.md, 17.2
    "levels": ["exact"],
    "features": [],  # what you can do so far: begin with json and dense
}


def answer(request: Json) -> Json:
    """`{"result": …}`, `{"error": {"code": …}}` or `{"skipped": {"feature": …}}` for a request."""
    match request["command"]:
        case "start":
            return {"result": GREETING}
        case "stop":
            return {"result": {}}
        # A case for "validate" comes here: base64.b64decode(request["document"]) gives the bytes; answer with the
        # findings of your reader. A player answers an error, or {"findings": []}.
        # A case for "run": from request["chunks"] to {"result": {"chunks": [{"output": …, "state": …}]}}.
        case command:
            # The suite asks only for declared features, and a declared feature must not be skipped.
            return {"skipped": {"feature": command}}


def main() -> None:
    """Line after line, until `stop` or the end of the input."""
    for line in sys.stdin.buffer:
        request = json.loads(line)
        reply = {"seq": request["seq"], **answer(request)}
        # Bytes, as the line ends with "\n" on every system.
        sys.stdout.buffer.write(json.dumps(reply).encode() + b"\n")
        sys.stdout.buffer.flush()  # or the suite waits for ever
        if request["command"] == "stop":
            return


if __name__ == "__main__":
    main()
