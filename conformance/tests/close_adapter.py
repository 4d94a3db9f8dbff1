"""The oracle's adapter with the features of a peer and the level `close` alone: `close_adapter.py [LIE]`.

Its own lie is `large`: outputs that are off by a thousandth.
"""

import sys
from typing import Any

from conformance.oracle.float32 import bits, f32, from_bits
from conformance.tests import oracle_adapter

honest = oracle_adapter.reply

oracle_adapter.GREETING |= {
    "levels": ["close"],
    "features": ["json", "msgpack", "embedding", "dense", "lstm", "state", "lengths", "decoding"],
}


def reply(request: dict[str, Any], lie: str) -> dict[str, Any]:
    """What is answered."""
    answer = honest(request, lie)
    for chunk in answer.get("result", {}).get("chunks", []) if lie == "large" else ():
        text = chunk["output"]["bits"]
        words = [from_bits(int(text[k : k + 8], 16)) for k in range(0, len(text), 8)]
        chunk["output"]["bits"] = "".join(f"{bits(f32(1.001 * word)):08x}" for word in words)
    return answer


oracle_adapter.reply = reply

if __name__ == "__main__":
    sys.exit(oracle_adapter.main())
