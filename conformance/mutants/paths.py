"""Mistakes in generating from a given state, and in the best path of CTC."""

from collections.abc import Iterator

from conformance.mutants.mutant import Mutant, table

CASES = ("state_given", "decoding")
FIRST = "    mode = mode_of(net, options)\n    if not net.generates"
JUDGED = "    count = whole(options.count, 0, 2**31 - 1)\n"
GIVEN = "row_of(initial(net, 1) if given is None else given, 0)"
CHECKED = "    if given is not None:\n        check_state(net, 1, given)\n"
FORWARD = " or not net.is_forward"
FROM_A_STATE = {
    "ignored": (GIVEN, "row_of(initial(net, 1), 0)"),
    "always-initial-h": (
        GIVEN,
        "{n: p | ({'h': initial(net, 1)[n]['h'].rows()[0]}) for n, p in row_of(initial(net, 1) if given is None else given, 0).items()}",
    ),
    "without-T": ("{part: [T(v) for v in values] for", "{part: list(values) for"),
    "not-checked": (CHECKED, ""),
    "rows-not-checked": (
        CHECKED,
        CHECKED.replace(
            "net, 1, given",
            "net, next(iter(next(iter(given.values())).values())).shape[0] if given else 1, given",
        ),
    ),
    "checked-before-prime": ("    if not fed:\n", CHECKED + "    if not fed:\n"),
    "checked-before-token": ("    asked = encode(", CHECKED + "    asked = encode("),
    "checked-before-options": (JUDGED, CHECKED + JUDGED),
    "checked-first": (FIRST, CHECKED + FIRST),
    "checked-when-fed": (
        CHECKED,
        CHECKED.replace("is not None:", "is not None and count:"),
    ),
    "fed-into-the-given": (
        "    while len(ids) < count:\n",
        "    while len(ids) < count:\n        state = state if given is None else {n: dict(p) for n, p in row_of(given, 0).items()}\n",
    ),
    "any-direction": (FORWARD, ""),
    "time-reverse-allowed": (
        FORWARD,
        " or any(layer.direction != 'forward' for layer in net.layers)",
    ),
    "ctc-allowed": (' or mode == "ctc"', ""),
    "ctc-of-the-file": (
        ' or mode == "ctc"',
        ' or "ctc" in (options.mode, net.decoding.get("mode"))',
    ),
    "ctc-is-an-option": (
        ' or mode == "ctc":\n        raise RunError("RUN_DECODING")\n',
        ':\n        raise RunError("RUN_DECODING")\n    if mode == "ctc":\n        raise RunError("RUN_OPTION")\n',
    ),
}
BEST = """        best = [
            greedy(logits.rows()[n * steps + t])
            for t in range(steps if lengths is None else lengths[n])
        ]
"""
FIRSTS = "firsts = [k for t, k in enumerate(best) if t == 0 or best[t - 1] != k]"
NO_BLANKS = "paths.append([k for k in firsts if k != nothing])"
NUMBER = 'number = net.decoding.get("blank") if blank is None else blank'
NO_OUTPUT = "    if net.ends or net.output_vocabulary is None:\n"
RUN = "    output, _, found = probed(net, x, lengths, state, probe)\n"
CTC = {
    "blanks-first": (
        "        " + FIRSTS + "\n        " + NO_BLANKS,
        "        best = [k for k in best if k != nothing]\n        "
        + FIRSTS
        + "\n        paths.append(firsts)",
    ),
    "repeats-kept": (FIRSTS, "firsts = best"),
    "blanks-kept": (NO_BLANKS, "paths.append(firsts)"),
    "all-repeats": (FIRSTS, "firsts = list(dict.fromkeys(best))"),
    "repeats-across-rows": (
        FIRSTS,
        "firsts = [k for t, k in enumerate(best) if ([*(paths[-1:] or [[]])[0], -1][-2:-1] if t == 0 else [best[t - 1]]) != [k]]",
    ),
    "trailing-blanks": (
        NO_BLANKS,
        "paths.append([k for t, k in enumerate(firsts) if k != nothing or 0 < t < len(firsts) - 1])",
    ),
    "blank-is-0": (NO_BLANKS, "paths.append([k for k in firsts if k != 0])"),
    "blank-is-last": (NO_BLANKS, "paths.append([k for k in firsts if k != V - 1])"),
    "blank-of-the-file": (NUMBER, 'number = net.decoding.get("blank", blank)'),
    "blank-0-is-none": (NUMBER, 'number = blank or net.decoding.get("blank")'),
    "blank-of-the-caller-alone": (NUMBER, "number = blank"),
    "blank-default-0": (NUMBER, NUMBER + "\n    number = 0 if number is None else number"),
    "blank-up-to-V": ("whole(number, 0, V - 1)", "whole(number, 0, V)"),
    "blank-anything": ("whole(number, 0, V - 1)", "number"),
    "last-of-equals": (BEST, BEST.replace("greedy(", "(lambda v: len(v) - 1 - greedy(v[::-1]))(")),
    "length-ignored": (BEST, BEST.replace("steps if lengths is None else lengths[n]", "steps")),
    "row-0": (BEST, BEST.replace("n * steps", "0 * steps")),
    "state-ignored": (RUN, RUN.replace("state, probe", "None, probe")),
    "probabilities": (
        RUN,
        RUN + "    logits = output\n    found, probe = {name: output}, [name]\n",
    ),
    "time-not-judged": (NO_OUTPUT, "    if net.output_vocabulary is None:\n"),
    "vocabulary-not-judged": (NO_OUTPUT, "    if net.ends:\n"),
    "input-without-T": ("Array(x.shape, [T(v) for v in x.values])", "x"),
    "forward-only": (NO_OUTPUT, NO_OUTPUT.replace("net.ends", "net.ends or not net.is_forward")),
    "arguments-first": (NO_OUTPUT, "    probed(net, x, lengths, state)\n" + NO_OUTPUT),
    "arguments-before-blank": ("    V = len", "    probed(net, x, lengths, state)\n    V = len"),
    "caller-needs-the-mode": (
        NO_OUTPUT,
        NO_OUTPUT.replace("net.ends", 'net.decoding.get("mode") != "ctc" or net.ends'),
    ),
}


def mutants() -> Iterator[Mutant]:
    """All of them."""
    yield from table("from-a-state", "decode", CASES, FROM_A_STATE)
    yield from table("ctc", "decode", ("ctc",), CTC)
