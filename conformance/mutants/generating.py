"""Mistakes in generating: prime, end, options and their order; in the texts of section 7."""

from collections.abc import Iterator

from conformance.mutants.mutant import Mutant, table

CASES = ("decoding", "top_k_top_p", "initial_state", "state_given")
START = """    if "start" in special and (not fed or given is None):
        fed = [special["start"], *fed]
"""
STATE = "    ids: list[int] = []\n    x: Vector = []\n"
FIRST = "    mode = mode_of(net, options)\n    if not net.generates"
TEMPERATURE = (
    'temperature = file.get("temperature") if options.temperature is None else options.temperature'
)
GENERATING = {
    "start-after-prime": (
        START,
        START.replace('[special["start"], *fed]', '[*fed, special["start"]]'),
    ),
    "start-only-without-prime": (START, START.replace("(not fed or given is None)", "not fed")),
    "start-with-every-state": (START, START.replace(" and (not fed or given is None)", "")),
    "start-never-with-a-state": (
        START,
        START.replace("(not fed or given is None)", "given is None"),
    ),
    "start-not-repeated": (
        START,
        START.replace(
            "(not fed or given is None)",
            'fed[:1] != [special["start"]] and (not fed or given is None)',
        ),
    ),
    "start-0-is-none": (START, START.replace('"start" in special', 'special.get("start")')),
    "end-0-is-none": ('token == special.get("end")', 'token == (special.get("end") or None)'),
    "end-returned": (
        '        if token == special.get("end"):\n            break\n        ids.append(token)\n',
        '        ids.append(token)\n        if token == special.get("end"):\n            break\n',
    ),
    "end-ignored": ('token == special.get("end")', "False"),
    "end-in-prime": (
        STATE,
        '    if special.get("end") in asked:\n        return []\n' + STATE,
    ),
    "padding-ends": (
        'token == special.get("end")',
        'token in (special.get("end"), special.get("padding"))',
    ),
    "special-left-out": (
        "        ids.append(token)\n",
        "        if token not in special.values():\n            ids.append(token)\n",
    ),
    "fed-at-once": (
        "        fed = [token]\n    return ids",
        "        fed = []\n        x = feed(net, token, state)\n    return ids",
    ),
    "state-forgotten": (
        "        fed = [token]\n",
        "        fed = [token]\n        state = row_of(initial(net, 1), 0)\n",
    ),
    "fed-twice": ("        fed = [token]\n", "        fed = [token, token]\n"),
    "only-last-of-prime": ("    if not fed:\n", "    fed = fed[-1:]\n    if not fed:\n"),
    "one-too-many": ("while len(ids) < count:", "while len(ids) <= count:"),
    "at-least-one": (
        "while len(ids) < count:",
        "while not ids or len(ids) < count:",
    ),
    "probabilities": ("return last.reads[0] if", "return last.name if"),
    "log-softmax-not-seen": ('in ("softmax", "log_softmax")', 'in ("softmax",)'),
    "mode-of-the-file": (
        'options.mode or net.decoding.get("mode", "greedy")',
        'net.decoding.get("mode", options.mode or "greedy")',
    ),
    "mode-default-sample": (
        'net.decoding.get("mode", "greedy")',
        'net.decoding.get("mode", "sample")',
    ),
    "temperature-of-the-file": (
        TEMPERATURE,
        'temperature = file.get("temperature", options.temperature)',
    ),
    "temperature-default-1": (
        '    if temperature is None and mode == "sample":\n        raise RunError("RUN_OPTION")\n',
        "",
    ),
    "temperature-not-judged-in-greedy": (
        "1.0 if temperature is None else rounded(",
        '1.0 if temperature is None or mode == "greedy" else rounded(',
    ),
    "judged-before-rounding": (
        "    if not low <= value <= high:\n",
        "    if not low <= number <= high:\n",
    ),
    "range-below": ("    if not low <= value <= high:\n", "    if not low < value <= high:\n"),
    "range-above": ("    if not low <= value <= high:\n", "    if not low <= value < high:\n"),
    "cut-to-range": (
        '    if not low <= value <= high:\n        raise RunError("RUN_OPTION")\n',
        "    value = max(low, min(value, high))\n",
    ),
    "whole-cut-to-range": (
        '    if number != int(number) or not low <= number <= high:\n        raise RunError("RUN_OPTION")\n',
        "    number = max(low, min(number, high))\n",
    ),
    "whole-fraction": ("if number != int(number) or not low", "if not low"),
    "seed-cut": ("whole(options.seed, 0, WORD)", "int(options.seed) & WORD"),
    "seed-31-bits": ("whole(options.seed, 0, WORD)", "whole(options.seed, 0, WORD // 2)"),
    "seed-not-judged-in-greedy": (
        "Generator(whole(options.seed, 0, WORD))",
        'Generator(whole(options.seed, 0, WORD) if options.mode == "sample" else 0)',
    ),
    "count-not-judged": ("whole(options.count, 0, 2**31 - 1)", "options.count"),
    "count-16-bits": ("whole(options.count, 0, 2**31 - 1)", "whole(options.count, 0, 2**16 - 1)"),
    "count-32-bits": ("whole(options.count, 0, 2**31 - 1)", "whole(options.count, 0, 2**32 - 1)"),
    "count-from-1": ("whole(options.count, 0, 2**31 - 1)", "whole(options.count, 1, 2**31 - 1)"),
    "option-after-token": (
        "    choice = judged(net, options)\n",
        "    if not isinstance(prime, str) and any(not 0 <= k < net.width for k in prime):\n"
        '        raise RunError("RUN_TOKEN")\n'
        "    choice = judged(net, options)\n",
    ),
    "option-before-decoding": (FIRST, "    whole(options.seed, 0, WORD)\n" + FIRST),
    "prime-before-decoding": (
        FIRST,
        '    if not prime:\n        raise RunError("RUN_PRIME")\n' + FIRST,
    ),
    "prime-before-option": (
        "    generator = Generator(whole(options.seed, 0, WORD))\n",
        '    if not prime and net.vocabulary and "start" not in net.vocabulary.special:\n'
        '        raise RunError("RUN_PRIME")\n    generator = Generator(whole(options.seed, 0, WORD))\n',
    ),
    "id-negative": (
        "any(k != int(k) or not 0 <= k < net.width for k in asked)",
        "any(k >= net.width for k in asked)",
    ),
    "id-fraction": ("any(k != int(k) or not 0", "any(not 0"),
    "id-V": ("0 <= k < net.width for k in asked", "0 <= k <= net.width for k in asked"),
    "other-vocabulary": ("if not net.generates or net", "if net"),
    "empty-text-ends": (
        "        ids.append(token)\n",
        "        ids.append(token)\n        if not net.vocabulary.tokens[token]:\n            break\n",
    ),
}

TOP_K = 'top_k = file.get("top_k") if options.top_k is None else options.top_k'
TOP_P = 'top_p = file.get("top_p") if options.top_p is None else options.top_p'
OPTIONS = {
    "top_k-of-the-file": (TOP_K, 'top_k = file.get("top_k", options.top_k)'),
    "top_p-of-the-file": (TOP_P, 'top_p = file.get("top_p", options.top_p)'),
    "top_k-not-of-the-file": (TOP_K, "top_k = options.top_k"),
    "top_p-not-of-the-file": (TOP_P, "top_p = options.top_p"),
    "top_k-drops-the-file": (
        TOP_P,
        TOP_P
        + "\n    top_p = None if options.top_k is not None and options.top_p is None else top_p",
    ),
    "top_p-drops-the-file": (
        TOP_K,
        TOP_K
        + "\n    top_k = None if options.top_p is not None and options.top_k is None else top_k",
    ),
    "top_k-0-is-none": ("None if top_k is None else whole", "None if not top_k else whole"),
    "top_p-0-is-none": ("None if top_p is None else rounded", "None if not top_p else rounded"),
    "top_k-32-bits": ("whole(top_k, 1, 2**31 - 1)", "whole(top_k, 1, 2**32 - 1)"),
    "top_k-up-to-V": ("whole(top_k, 1, 2**31 - 1)", "whole(top_k, 1, net.width)"),
    "top_p-from-0": ("rounded(top_p, 2.0**-20, 1.0)", "rounded(top_p, 0.0, 1.0)"),
    "top_p-binary64": ("rounded(top_p, 2.0**-20, 1.0)", "rounded(top_p, 2.0**-20, 1.0) and top_p"),
    "top_k-not-judged-in-greedy": (
        "None if top_k is None else whole",
        'None if top_k is None or mode == "greedy" else whole',
    ),
    "top_p-not-judged-in-greedy": (
        "None if top_p is None else rounded",
        'None if top_p is None or mode == "greedy" else rounded',
    ),
}
TEXTS = {
    "last-id": ("found.setdefault(token, id)", "found[token] = id"),
    "utf16": (
        "        return list(text)\n",
        "        return [chr(u) for u in memoryview(text.encode('utf-16-le')).cast('H')]\n",
    ),
    "nfc": (
        "    known = vocabulary.ids_with_text()\n    ids: list[int] = []\n",
        "    import unicodedata\n    text = unicodedata.normalize('NFC', text)\n"
        "    known = vocabulary.ids_with_text()\n    ids: list[int] = []\n",
    ),
    "unknown-skipped": ('ids.append(vocabulary.special["unknown"])', "pass"),
    "lacking-skipped": ('            raise RunError("RUN_TEXT")\n', "            pass\n"),
    "special-give-text": (
        " for id in ids if not vocabulary.is_special(int(id))]",
        " for id in ids]",
    ),
    "only-end-silent": (
        "return id in self.special.values()",
        'return id == self.special.get("end")',
    ),
    "padding-gives-text": (
        "return id in self.special.values()",
        'return id in [v for k, v in self.special.items() if k != "padding"]',
    ),
}


def mutants() -> Iterator[Mutant]:
    """All of them."""
    yield from table("generating", "decode", CASES, GENERATING)
    yield from table("generating", "decode", (*CASES, "final", "last_step"), OPTIONS)
    seed = {"seed-default-1": ('request.get("seed", 0)', 'request.get("seed", 1)')}
    yield from table("generating", "answer", CASES, seed)
    yield from table("texts", "vocabulary", ("decoding", "texts"), TEXTS)
