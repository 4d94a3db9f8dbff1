"""Mistakes in choosing a token: greedy, weights, draws, the generator, which ids are kept."""

from collections.abc import Iterator

from conformance.mutants.mutant import Mutant, table

CASES = ("decoding", "top_k_top_p")

W_LINE = "math.floor(exp(div(sub(x[k], m), t)) * 2.0**31)"
DRAW = "return ((hi >> 5) * 2**26 + (lo >> 6)) * 2.0**-53"
CHOICE = """    cumulated = 0
    for k in ids:
        cumulated += w[k]
        if cumulated > r:
            return k
"""
SEEDING = "fmix((seed + (i + 1) * 0x9E3779B9) & WORD) for i in range(4)"
SUM = "    S = sum(w[k] for k in ids)\n    r = math.floor(u * S)\n    r = min(r, S - 1)\n"
DRAWING = {
    "greedy-last": ("if x[best] < x[k]:", "if x[best] <= x[k]:"),
    "greedy-from-zero": ("    best = 0\n", "    best = 0\n    x = [max(v, 0.0) for v in x]\n"),
    "greedy-draws": (
        "            return greedy(x)\n",
        "            generator.draw()\n            return greedy(x)\n",
    ),
    "temperature-multiplies": (W_LINE, W_LINE.replace("div(", "mul(")),
    "temperature-reciprocal": (
        W_LINE,
        W_LINE.replace("div(sub(x[k], m), t)", "mul(sub(x[k], m), div(1.0, t))"),
    ),
    "temperature-before-maximum": (
        W_LINE,
        W_LINE.replace("div(sub(x[k], m), t)", "sub(div(x[k], t), div(m, t))"),
    ),
    "temperature-binary64": ("    value = f32(number)\n", "    value = number\n"),
    "temperature-ignored": (W_LINE, W_LINE.replace("div(sub(x[k], m), t)", "sub(x[k], m)")),
    "no-maximum": (W_LINE, W_LINE.replace("sub(x[k], m)", "x[k]")),
    "weights-rounded": (W_LINE, W_LINE.replace("math.floor(", "round(")),
    "weights-up": (W_LINE, W_LINE.replace("math.floor(", "math.ceil(")),
    "weights-at-least-1": (W_LINE, f"max(1, {W_LINE})"),
    "weights-plus-1": (W_LINE, f"1 + {W_LINE}"),
    "weights-2^30": (W_LINE, W_LINE.replace("2.0**31", "2.0**30")),
    "weights-2^32": (W_LINE, W_LINE.replace("2.0**31", "2.0**32")),
    "weights-2^31-1": (W_LINE, W_LINE.replace("2.0**31", "(2.0**31 - 1)")),
    "weights-24-bits": (W_LINE, W_LINE.replace("2.0**31", "2.0**24")),
    "weights-signed": (W_LINE, f"({W_LINE} + 2**31) % 2**32 - 2**31"),
    "sum-32-bits": ("    S = sum(w[k] for k in ids)\n", "    S = sum(w[k] for k in ids) & WORD\n"),
    "sum-binary32": (
        CHOICE,
        CHOICE.replace("cumulated += w[k]", "cumulated = f32(cumulated + w[k])"),
    ),
    "binary32-probabilities": (
        SUM,
        "    S = sum(w[k] for k in ids)\n    w = [f32(v / S) for v in w]\n    r = f32(u)\n",
    ),
    "binary64-probabilities": (
        SUM,
        "    S = sum(w[k] for k in ids)\n    w = [v / S for v in w]\n    r = u\n",
    ),
    "at-least": ("if cumulated > r:", "if cumulated >= r:"),
    "above-plus-1": ("if cumulated > r:", "if cumulated > r + 1:"),
    "r-rounded": ("r = math.floor(u * S)", "r = round(u * S)"),
    "r-up": ("r = math.floor(u * S)", "r = math.ceil(u * S)"),
    "r-of-S-1": ("r = math.floor(u * S)", "r = math.floor(u * (S - 1))"),
    "r-exact-product": ("r = math.floor(u * S)", "r = int(u * 2**53) * S >> 53"),
    "r-not-limited": ("    r = min(r, S - 1)\n", ""),
    "from-the-end": (CHOICE, CHOICE.replace("in ids", "in reversed(ids)")),
    "by-weight": (
        CHOICE,
        CHOICE.replace("in ids", "in sorted(ids, key=lambda q: -w[q])"),
    ),
    "lo-before-hi": (
        "hi = self.word()\n        lo = self.word()",
        "lo = self.word()\n        hi = self.word()",
    ),
    "one-word": ("        lo = self.word()\n", "        lo = 0\n"),
    "one-word-twice": ("        lo = self.word()\n", "        lo = hi\n"),
    "draw-24-bits": (DRAW, "return (hi >> 8) * 2.0**-24"),
    "draw-32-bits": (DRAW, "return hi * 2.0**-32"),
    "draw-6-5": (DRAW, "return ((hi >> 6) * 2**27 + (lo >> 5)) * 2.0**-53"),
    "draw-low-bits": (DRAW, "return ((hi & 0x7FFFFFF) * 2**26 + (lo & 0x3FFFFFF)) * 2.0**-53"),
    "draw-above": (DRAW, "return (((hi >> 5) * 2**26 + (lo >> 6)) + 0.5) * 2.0**-53"),
    "xoshiro128+": (
        "result = (rotl((s[1] * 5) & WORD, 7) * 9) & WORD",
        "result = (s[0] + s[3]) & WORD",
    ),
    "xoshiro128++": (
        "result = (rotl((s[1] * 5) & WORD, 7) * 9) & WORD",
        "result = (rotl((s[0] + s[3]) & WORD, 7) + s[0]) & WORD",
    ),
    "xoshiro-1.0": (
        "result = (rotl((s[1] * 5) & WORD, 7) * 9) & WORD",
        "result = (rotl((s[0] * 5) & WORD, 7) * 9) & WORD",
    ),
    "seed-without-increment": (SEEDING, SEEDING.replace("(i + 1) * ", "i * ")),
    "seed-multiplied": (
        SEEDING,
        SEEDING.replace("(seed + (i + 1) * 0x9E3779B9)", "((seed + i + 1) * 0x9E3779B9)"),
    ),
    "seed-raw": (SEEDING, "(seed + i) & WORD or 1 for i in range(4)"),
    "splitmix32": (
        "    z ^= z >> 16\n    z = (z * 0x85EBCA6B) & WORD\n    z ^= z >> 13\n"
        "    z = (z * 0xC2B2AE35) & WORD\n    z ^= z >> 16\n",
        "    z ^= z >> 16\n    z = (z * 0x21F0AAAD) & WORD\n    z ^= z >> 15\n"
        "    z = (z * 0x735A2D97) & WORD\n    z ^= z >> 15\n",
    ),
}

ORDER = "order = sorted(range(len(w)), key=lambda k: (-w[k], k))"
CUT = "        order = order[:top_k]\n"
Q_LINE = "        Q = sum(w[k] for k in order)\n"
ENOUGH = "if cumulated >= top_p * Q:"
KEPT = {
    "ties-by-higher-id": (ORDER, ORDER.replace("(-w[k], k)", "(-w[k], -k)")),
    "smallest-first": (ORDER, ORDER.replace("-w[k]", "w[k]")),
    "by-id": (ORDER, "order = list(range(len(w)))"),
    "all-ties-kept": (CUT, "        order = [k for k in order if w[k] >= w[order[:top_k][-1]]]\n"),
    "one-more": (CUT, CUT.replace("[:top_k]", "[: top_k + 1]")),
    "one-less": (CUT, CUT.replace("[:top_k]", "[: max(1, top_k - 1)]")),
    "k-ignored": (CUT, "        pass\n"),
    "k-beyond-V": (CUT, "        order = order[:top_k] if top_k <= len(w) else order[:1]\n"),
    "p-ignored": (ENOUGH, "if False:"),
    "p-of-all-weights": (Q_LINE, "        Q = sum(w)\n"),
    "p-exclusive": (ENOUGH, "if cumulated > top_p * Q:"),
    "p-exact-product": (ENOUGH, "if cumulated * 2**60 >= int(top_p * 2**60) * Q:"),
    "p-binary32-product": (ENOUGH, "if cumulated >= f32(top_p * Q):"),
    "p-quotient": (ENOUGH, "if cumulated / Q >= top_p:"),
    "p-binary32-quotient": (ENOUGH, "if f32(cumulated / Q) >= top_p:"),
    "p-last-left-out": ("order = order[: place + 1]", "order = order[: place or 1]"),
    "p-one-more": ("order = order[: place + 1]", "order = order[: place + 2]"),
    "p-share-of-one": (ENOUGH, "if w[k] < (1 - top_p) * Q:"),
    "p-before-k": (
        "    if top_k is not None:\n" + CUT + "    if top_p",
        "    if top_k is not None and top_p is not None:\n"
        "        both = set(kept(w, None, top_p)) & set(order[:top_k])\n"
        "        return sorted(both)\n"
        "    if top_k is not None:\n" + CUT + "    if top_p",
    ),
    "k-without-p": ("    if top_p is not None:\n", "    if top_p is not None and top_k is None:\n"),
    "in-order-of-weight": ("    return sorted(order)\n", "    return order\n"),
    "sum-of-all": ("    S = sum(w[k] for k in ids)\n", "    S = sum(w)\n"),
    "no-draw-for-one": (
        "        return choose(w, kept(w, self.top_k, self.top_p), generator.draw())\n",
        "        ids = kept(w, self.top_k, self.top_p)\n"
        "        return ids[0] if len(ids) == 1 else choose(w, ids, generator.draw())\n",
    ),
    "greedy-of-one": (
        "        return choose(w, kept(w, self.top_k, self.top_p), generator.draw())\n",
        "        if self.top_k == 1:\n            return len(x) - 1 - greedy(x[::-1])\n"
        "        return choose(w, kept(w, self.top_k, self.top_p), generator.draw())\n",
    ),
    "without-temperature": (
        "kept(w, self.top_k, self.top_p)",
        "kept(weights(x, 1.0), self.top_k, self.top_p)",
    ),
    "by-logits": (
        "kept(w, self.top_k, self.top_p)",
        "sorted(sorted(range(len(x)), key=lambda k: -x[k])[: self.top_k or len(x)]) if self.top_p is None else kept(w, self.top_k, self.top_p)",
    ),
}


def mutants() -> Iterator[Mutant]:
    """All of them."""
    yield from table("decoding", "decode", CASES, DRAWING)
    yield from table("kept", "decode", CASES, KEPT)
