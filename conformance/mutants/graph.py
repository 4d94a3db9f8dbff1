"""Mistakes in the graph of layers, in directions, in what ends time, and in layers of several inputs."""

from collections.abc import Iterator

from conformance.mutants.mutant import Mutant, table

CASES = ("directions", "merge", "final", "last_step", "probe", "overflow", "differs", "elman")
GIVEN = "        given = [made[name] for name in layer.reads]\n"
CHECKED = "        for v in y:\n            require_finite(v)\n"
LAST = "return x[-1:] if x else [[0.0] * layer.size]"
TURNED = "return [x[len(x) - 1 - t] for t in range(len(x))]"
STEPS = 'for t in reversed(steps) if layer.direction == "reverse" else steps:'
PLACED = '        y[t] = state["h"]\n'
TAKEN = "        old = {part: state[layer.name][part + suffix] for part in half.parts}\n"
KEPT = "        state[layer.name] |= {part + suffix: values for part, values in new.items()}\n"
RESULT = '        results.append([new["h"]] if layer.final else y)\n'
BEHIND = RESULT + "    if len(results) == 1:\n"
MERGED = "return [both_directions(layer.merge, y, w) for y, w in zip(*results, strict=True)]"
ROW = {
    # who reads whom
    "inputs-reversed": (GIVEN, GIVEN.replace("layer.reads]", "reversed(layer.reads)]")),
    "inputs-sorted": (GIVEN, GIVEN.replace("layer.reads]", "sorted(layer.reads)]")),
    "inputs-once": (GIVEN, GIVEN.replace("layer.reads]", "dict.fromkeys(layer.reads)]")),
    "first-input-alone": (GIVEN, GIVEN.replace("layer.reads]", "layer.reads[:1]]")),
    "first-two-inputs": (GIVEN, GIVEN.replace("layer.reads]", "layer.reads[:2]]")),
    "input-of-the-net-left-out": (GIVEN, GIVEN.replace("layer.reads]", 'layer.reads if name != "input" or len(layer.reads) == 1]')),
    # what is not finite
    "only-last-layer-checked": (CHECKED, "        if layer is net.layers[-1]:\n            for v in y:\n                require_finite(v)\n"),
    "merged-not-checked": (CHECKED, CHECKED.replace("for v in y:", "for v in [] if layer.merge else y:")),
    "several-inputs-not-checked": (CHECKED, CHECKED.replace("for v in y:", "for v in [] if len(given) > 1 else y:")),
    "norm-not-checked": (CHECKED, CHECKED.replace("for v in y:", 'for v in [] if layer.type == "layer_norm" else y:')),
    "untimed-not-checked": (CHECKED, CHECKED.replace("for v in y:", "for v in y if layer.timed else []:")),
    "untimed-last-checked": (CHECKED, CHECKED.replace("for v in y:", "for v in y if layer.timed or layer is net.layers[-1] else []:")),
    "nothing-checked": ("        if not math.isfinite(v):\n            raise", "        if False:\n            raise"),
    "steps-of-a-final-checked": (
        BEHIND,
        RESULT + "        every = [*every, y] if suffix else [y]\n"
        "    for a, b in zip(*every) if len(every) == 2 else ():\n"
        "        require_finite(both_directions(layer.merge, a, b))\n" + BEHIND.replace(RESULT, ""),
    ),
    # last_step, final
    "last-is-first": (LAST, "return x[:1] if x else [[0.0] * layer.size]"),
    "last-before-last": (LAST, "return x[-2:][:1] if x else [[0.0] * layer.size]"),
    "last-of-none-is-one": (LAST, LAST.replace("[[0.0]", "[[1.0]")),
    "final-c": (RESULT, RESULT.replace('new["h"]', 'new.get("c", new["h"])')),
    "final-is-last-output": (RESULT, RESULT.replace('[new["h"]]', '(y[-1:] or [new["h"]])')),
    "final-is-first-output": (RESULT, RESULT.replace('[new["h"]]', '(y[:1] or [new["h"]])')),
    "final-of-none-is-zero": (RESULT, RESULT.replace('[new["h"]]', '([new["h"]] if x else [[0.0] * len(new["h"])])')),
    "final-step-before": (RESULT, RESULT.replace('[new["h"]]', '([new["h"]] if len(y) < 2 else [y[1] if half.direction == "reverse" else y[-2]])')),
    "final-of-both-at-the-end": (RESULT, RESULT.replace('[new["h"]]', '([new["h"]] if not suffix else y[-1:] or [new["h"]])')),
    # directions
    "reverse-is-forward": (STEPS, "for t in steps:"),
    "all-reverse": (STEPS, "for t in reversed(steps):"),
    "second-direction-forward": (TAKEN, TAKEN + '        half = __import__("dataclasses").replace(half, direction="forward") if suffix else half\n'),
    "reverse-in-computed-order": (PLACED, '        y[t if layer.direction == "forward" else len(x) - 1 - t] = state["h"]\n'),
    "both-in-computed-order": (
        "        results.append(",
        "        y = y[::-1] if suffix else y\n        results.append(",
    ),
    "reverse-state-ignored": (TAKEN, TAKEN + '        old = {part: [0.0] * len(v) for part, v in old.items()} if half.direction == "reverse" else old\n'),
    "reverse-state-of-forward": (TAKEN, TAKEN.replace("part + suffix", "part")),
    "reverse-state-after-forward": (TAKEN, TAKEN.replace("old = {", "old = dict(new) if suffix else {")),
    "reverse-state-not-kept": (KEPT, "        if not suffix:\n    " + KEPT),
    "states-exchanged": (
        "    if len(results) == 1:\n",
        "    if len(results) == 2:\n        own = state[layer.name]\n"
        "        state[layer.name] = {p + w: own[p + v] for v, w in ((\"\", \"_reverse\"), (\"_reverse\", \"\")) for p in layer.own_parts}\n"
        "    if len(results) == 1:\n",
    ),
    "state-of-the-last-step": (
        "    return y, state\n",
        '    return y, (state if layer.direction == "forward" or not y else state | {"h": y[-1]})\n',
    ),
    "w-before-y": (MERGED, MERGED.replace("y, w)", "w, y)", 1)),
    "merged-forward-alone": (MERGED, MERGED.replace("y, w)", "y, y)", 1)),
    "time-not-turned": (TURNED, "return x"),
    "time-turned-one-off": (TURNED, "return [x[-t] for t in range(len(x))]"),
}  # fmt: skip

MERGE = "y = [T(operation(y[j], other[j])) for j in range(layer.size)]"
LAYERS = {
    "concat-reversed": ("return [v for part in x for v in part]", "return [v for part in reversed(x) for v in part]"),
    "concat-interleaved": ("return [v for part in x for v in part]", "return [v for vs in zip(*x) for v in vs] if len({len(p) for p in x}) == 1 else [v for part in x for v in part]"),
    "concat-two": ("return [v for part in x for v in part]", "return [v for part in [*x[:2], *x[:1] * (len(x) - 2)] for v in part][:layer.size]"),
    "backwards": ("    y = x[0]\n    for other in x[1:]:\n", "    y = x[-1]\n    for other in x[-2::-1]:\n"),
    "T-at-the-end": (
        "    y = x[0]\n    for other in x[1:]:\n        " + MERGE + "\n    return y\n",
        "    y = x[0]\n    for other in x[1:]:\n        " + MERGE.replace("T(operation(y[j], other[j]))", "operation(y[j], other[j])") + "\n    return [T(v) for v in y]\n",
    ),
    "binary64": (MERGE, "y = [T(y[j] + other[j] if layer.type == 'add' else y[j] * other[j]) for j in range(layer.size)]"),
    "two-inputs": ("for other in x[1:]:", "for other in x[1:2]:"),
    "add-always": ("operation = add if layer.type == \"add\" else mul", "operation = add"),
    "multiply-always": ("operation = add if layer.type == \"add\" else mul", "operation = mul"),
    "average-of-halves": ("T(mul(add(y[j], w[j]), 0.5))", "T(add(mul(y[j], 0.5), mul(w[j], 0.5)))"),
    "average-T-before": ("T(mul(add(y[j], w[j]), 0.5))", "mul(T(add(y[j], w[j])), 0.5)"),
    "concat-interleaved-directions": ("return [*y, *w]", "return [v for pair in zip(y, w) for v in pair]"),
    "concat-w-first": ("return [*y, *w]", "return [*w, *y]"),
}  # fmt: skip

N = "n = float(layer.inputs)"
M = "m = div(sum16(x), n)"
V = "v = div(sum16([mul(d[j], d[j]) for j in range(len(d))]), n)"
Q = "q = div(1.0, root(add(v, layer.epsilon)))"
Y = "return [T(add(mul(mul(d[j], q), gamma[j]), beta[j])) for j in range(len(d))]"
D = "d = [T(sub(v, m)) for v in x]"
NORM = {
    "n-less-1": (V, V.replace("len(d))]), n)", "len(d))]), max(n - 1.0, 1.0))")),
    "mean-n-less-1": (M, M.replace("n)", "max(n - 1.0, 1.0))")),
    "one-pass": (V, "v = T(sub(div(sum16([mul(w, w) for w in x]), n), mul(m, m)))\n    v = v if v > 0 else 0.0"),
    "epsilon-outside": (Q, "q = div(1.0, add(root(v), layer.epsilon))"),
    "epsilon-left-out": (Q, "q = div(1.0, root(v)) if v else 0.0"),
    "epsilon-1e-5": (Q, Q.replace("layer.epsilon", "f32(1e-5)")),
    "epsilon-maximum": (Q, "q = div(1.0, root(max(v, layer.epsilon)))"),
    "epsilon-squared": (Q, Q.replace("layer.epsilon", "mul(layer.epsilon, layer.epsilon)")),
    "root-in-binary64": (Q, "q = f32(1.0 / math.sqrt(add(v, layer.epsilon)))"),
    "divided": (Y, Y.replace("mul(d[j], q)", "div(d[j], root(add(v, layer.epsilon)))")),
    "gamma-first": (Y, Y.replace("mul(mul(d[j], q), gamma[j])", "mul(d[j], mul(q, gamma[j]))")),
    "gamma-times-d-first": (Y, Y.replace("mul(mul(d[j], q), gamma[j])", "mul(mul(d[j], gamma[j]), q)")),
    "fma": (Y, Y.replace("mul(mul(d[j], q), gamma[j])", "mul(d[j], q) * gamma[j]")),
    "gamma-plus-1": (Y, Y.replace("gamma[j]", "add(gamma[j], 1.0)")),
    "gamma-of-0": (Y, Y.replace("gamma[j]", "gamma[0]")),
    "beta-of-0": (Y, Y.replace("beta[j]", "beta[0]")),
    "exchanged": ('layer.parameters["gamma"], layer.parameters["beta"]', 'layer.parameters["beta"], layer.parameters["gamma"]'),
    "beta-before-gamma": (Y, Y.replace("add(mul(mul(d[j], q), gamma[j]), beta[j])", "mul(add(mul(d[j], q), beta[j]), gamma[j])")),
    "mean-of-quotients": (M, "m = sum16([div(w, n) for w in x])"),
    "mean-by-product": (M, "m = mul(sum16(x), div(1.0, n))"),
    "variance-by-product": (V, V.replace("div(", "mul(").replace(", n)", ", div(1.0, n))")),
    "mean-plain": (M, "m = 0.0\n    for w in x:\n        m = add(m, w)\n    m = div(m, n)"),
    "variance-plain": (V, "v = 0.0\n    for w in d:\n        v = add(v, mul(w, w))\n    v = div(v, n)"),
    "mean-binary64": (M, "m = f32(sum(x) / n)"),
    "v-T": (V, V + "\n    v = T(v)"),
    "m-T": (M, M + "\n    m = T(m)"),
    "y-of-x": (Y, Y.replace("mul(d[j], q)", "mul(x[j], q)")),
    "variance-of-x": (V, V.replace("mul(d[j], d[j])", "mul(x[j], x[j])")),
    "absolute": (V, V.replace("mul(d[j], d[j])", "abs(d[j])")),
    "v-kept-finite": (V, V + "\n    v = min(v, 3e38)"),
}  # fmt: skip


def mutants() -> Iterator[Mutant]:
    """All of them."""
    yield from table("graph", "row", CASES, ROW)
    yield from table("merge", "layers", ("merge", "directions", "overflow"), LAYERS)
    yield from table("layer_norm", "layers", ("layer_norm", "overflow"), NORM)
