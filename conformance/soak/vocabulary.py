"""Random vocabularies of the three units, with what people forget in them; and texts to encode."""

import random
from typing import Any

Json = dict[str, Any]
# Quotes, a line break, U+0000, a combining mark, an emoji with a skin tone, a flag's halves.
CHARACTERS = (
    "aeinorst \n\"'\\\u0000\u0301\u00e9\u00df\u2603\u4e2d\u0416\U0001f44b\U0001f3fd\U0001f1e9\ufeff\u202e"
    "bcdfghjklmpquvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,;:!?-_"
)
PIECES = (
    "a",
    "an",
    "ana",
    "anab",
    "na",
    "n",
    "b",
    "ba",
    "ab",
    " ",
    "\n",
    "é",
    "\U0001f44b\U0001f3fd",
)
SEPARATORS = (" ", "\n", "--", "\u0000", "\U0001f600")
SPECIAL = ("unknown", "start", "end", "padding")


def vocabulary(words: str, special: str, V: int, rng: random.Random) -> Json:
    """An entry of `vocabularies` with V tokens; `words` and `special` are values of options."""
    unit = words.partition(",")[0]
    entry: Json = {"unit": unit, "tokens": _tokens(words, V, rng)}
    if words == "token, separator":
        entry["separator"] = rng.choice(SEPARATORS)
    if special == "yes":
        chosen = rng.sample(SPECIAL, rng.randint(1, 4))
        entry |= {name: rng.randrange(V) for name in SPECIAL if name in chosen}
    for _ in range(V // 16):  # empty and repeated tokens: both are allowed, with a warning
        entry["tokens"][rng.randrange(V)] = rng.choice(("", rng.choice(entry["tokens"])))
    return entry


def _tokens(unit: str, V: int, rng: random.Random) -> list[Any]:
    if unit == "byte":
        letters = list(b"aeinorst \n") + list("é☃\U0001f44b".encode())
        return _some(sorted(set(letters)), sorted(set(range(256)) - set(letters)), V, rng)
    if unit == "codepoint":
        return _some(CHARACTERS[:24], CHARACTERS[24:], V, rng)
    return _some(PIECES, ["".join(rng.choices(PIECES, k=3)) for _ in range(2 * V)], V, rng)


def _some(first: Any, then: Any, V: int, rng: random.Random) -> list[Any]:  # noqa: ANN401 - numbers or strings
    """V of them in any order, the usual ones before the others; repeated, if they are too few."""
    pool = [*rng.sample(first, len(first)), *rng.sample(then, len(then))]
    chosen = [pool[k % len(pool)] for k in range(V)]
    return rng.sample(chosen, V)


def text(entry: Json, rng: random.Random) -> str:
    """A text of the vocabulary's own tokens, and now and then of something else."""
    special = {entry[name] for name in SPECIAL if name in entry}
    words = [token for k, token in enumerate(entry["tokens"]) if k not in special and token != ""]
    chosen = rng.choices(words, k=rng.randint(1, 5)) if words else []
    if entry["unit"] == "byte":
        found = bytes(chosen).decode("utf-8", "ignore")
    else:
        found = entry.get("separator", "").join(chosen)
    return found + (rng.choice(("~", "é", " ")) if rng.random() < 0.1 else "")
