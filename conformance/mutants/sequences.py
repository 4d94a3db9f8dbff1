"""Mistakes in what surrounds the layers: T, time, rows, lengths, states, arguments."""

from collections.abc import Iterator

from conformance.mutants.mutant import Mutant, table

CASES = ("sequences", "state", "arithmetic", "elman", "gru")

INPUT_T = "        return [T(v) for v in x.values[start : start + net.width]]\n    return int"
STATE_T = "name: {part: [T(v) for v in values] for part, values in parts.items()}"
VALID = "            if t < (steps if lengths is None else lengths[n]):\n"
SEQUENCE_MISTAKES = {
    "no-T-on-input": (INPUT_T, INPUT_T.replace("T(v)", "v")),
    "no-T-on-state": (STATE_T, STATE_T.replace("T(v)", "v")),
    "padding-computed": (VALID, "            if True:\n"),
    "padding-moves-the-state": (
        "                output += [] if net.ends else [0.0] * width\n",
        "                step(net, input_at(net, x, n, t), row, columns)\n"
        "                output += [] if net.ends else [0.0] * width\n",
    ),
    "padding-keeps-the-last": (
        "                output += [] if net.ends else [0.0] * width\n",
        "                output += [] if net.ends else output[-width:] if t else [0.0] * width\n",
    ),
    "one-step-more": (VALID, VALID.replace("t <", "t <=")),
    "one-step-less": (VALID, VALID.replace("t <", "t + 1 <")),
    "lengths-ignored-in-check": (
        "for t in range(steps if lengths is None else lengths[n]):",
        "for t in range(steps):",
    ),
    "lengths-of-row-0": (VALID, VALID.replace("lengths[n]", "lengths[0]")),
    "state-ignored": (
        "before = initial(net, N) if state is None else state",
        "before = initial(net, N)",
    ),
    "state-of-row-0": ("row_of(before, n).items()", "row_of(before, 0).items()"),
    "rows-share-the-state": (
        "    after: list[RowState] = []\n    for n in range(N):\n        row = {",
        "    after: list[RowState] = []\n    row: RowState = {}\n    for n in range(N):\n"
        "        row = row or {",
    ),
    "time-reversed": ("input_at(net, x, n, t), row", "input_at(net, x, n, steps - 1 - t), row"),
    "rows-and-time-exchanged": (
        "start = (n * x.shape[1] + t) * net.width",
        "start = (t * x.shape[0] + n) * net.width",
    ),
    "only-last-layer-checked": (
        "        require_finite(y)\n        outputs.append(y)\n        x = y\n    return outputs\n\n\ndef cell",
        "        outputs.append(y)\n        x = y\n    require_finite(y)\n    return outputs\n\n\ndef cell",
    ),
    "nothing-checked": (
        "        if not math.isfinite(v):\n            raise",
        "        if False:\n            raise",
    ),
    "negative-id-wraps": ("or not 0 <= x[n][t] < net.width", "or not x[n][t] < net.width"),
    "id-V": ("or not 0 <= x[n][t] < net.width", "or not 0 <= x[n][t] <= net.width"),
    "fraction-cut": ("x[n][t] != int(x[n][t]) or ", ""),
    "ragged": (" or any(len(row) != len(x[0]) for row in x)", ""),
    "rank-ignored": (
        "len(x.shape) != 3 or x.shape[0] < 1 or x.shape[2]",
        "x.shape[0] < 1 or x.shape[-1]",
    ),
    "no-row": ("or x.shape[0] < 1 or", "or"),
    "length-negative": ("length < 0 or length > steps for", "length > steps for"),
    "length-large": ("length < 0 or length > steps for", "length < 0 for"),
    "lengths-few": ("len(lengths) != N:", "len(lengths) > N:"),
    "lengths-many": ("len(lengths) != N:", "len(lengths) < N:"),
    "nan-input": (
        "if not all(math.isfinite(v) for v in x.values[start : start + net.width]):",
        "if any(math.isinf(v) for v in x.values[start : start + net.width]):",
    ),
    "infinite-input": (
        "if not all(math.isfinite(v) for v in x.values[start : start + net.width]):",
        "if any(math.isnan(v) for v in x.values[start : start + net.width]):",
    ),
    "nan-state": (
        "for v in array.values):\n                raise",
        "for v in array.values if v == v):\n                raise",
    ),
    "infinite-state": (
        "if not all(math.isfinite(v) for v in array.values):\n                raise",
        "if any(math.isnan(v) for v in array.values):\n                raise",
    ),
    "layer-missing": (
        "if set(state) != {layer.name for layer in net.recurrent}:",
        "if not set(state) <= {layer.name for layer in net.recurrent}:",
    ),
    "layer-extra": (
        "if set(state) != {layer.name for layer in net.recurrent}:",
        "if not set(state) >= {layer.name for layer in net.recurrent}:",
    ),
    "array-missing": (
        "if set(parts) != set(layer.parts):",
        "if not set(parts) <= set(layer.parts):",
    ),
    "array-extra": (
        "if set(parts) != set(layer.parts):",
        "if not set(parts) >= set(layer.parts):",
    ),
    "c-of-every-cell": (
        "if set(parts) != set(layer.parts):",
        'if set(parts) not in ({"h"}, {"h", "c"}):',
    ),
    "state-size-alone": (
        "array.shape != (N, layer.size) for",
        "len(array.values) != N * layer.size for",
    ),
    "state-first": (
        "    if lengths is not None and len(lengths) != N:\n",
        "    if state is not None:\n        check_state(net, N, state)\n"
        "    if lengths is not None and len(lengths) != N:\n",
    ),
    "lengths-after-input": (
        "    if lengths is not None and any(length < 0 or length > steps for length in lengths):\n"
        '        raise RunError("RUN_LENGTH")\n    for n in range(N):\n'
        "        for t in range(steps if lengths is None else lengths[n]):\n",
        "    for n in range(N):\n"
        "        if lengths is not None and not 0 <= lengths[n] <= steps:\n"
        '            raise RunError("RUN_LENGTH")\n'
        "        for t in range(steps if lengths is None else lengths[n]):\n",
    ),
}

LAYER_MISTAKES = {
    "embedding-column": (
        'list(layer.parameters["E"][token])',
        '[row[token % layer.size] for row in layer.parameters["E"]][:layer.size]',
    ),
    "one-hot-from-1": ("1.0 if j == token else", "1.0 if j == token - 1 else"),
    "affine-exchanged": (
        'layer.parameters["s"], layer.parameters["t"]',
        'layer.parameters["t"], layer.parameters["s"]',
    ),
    "affine-shift-first": ("T(add(mul(x[j], s[j]), t[j]))", "T(mul(add(x[j], t[j]), s[j]))"),
    "affine-fma": ("T(add(mul(x[j], s[j]), t[j]))", "T(add(x[j] * s[j], t[j]))"),
    "affine-binary64": ("T(add(mul(x[j], s[j]), t[j]))", "T(f32(x[j] * s[j] + t[j]))"),
    "affine-T-on-product": ("T(add(mul(x[j], s[j]), t[j]))", "T(add(T(mul(x[j], s[j])), t[j]))"),
    "affine-first-element": ("mul(x[j], s[j])", "mul(x[j], s[0])"),
    "dense-without-T": (
        "[T(a[j]) for j in range(layer.size)]",
        "[a[j] for j in range(layer.size)]",
    ),
    "dense-relu": (
        "[T(a[j]) for j in range(layer.size)]",
        "[max(T(a[j]), 0.0) for j in range(layer.size)]",
    ),
}
LOADING_MISTAKES = {
    "no-T-on-parameters": ("[[T(v) for v in row]", "[[v for v in row]"),
    "half-width": ("inputs = layers[-1].size\n", "inputs = width\n"),
    "final-ignored": ('entry.get("output", "sequence") == "final"', "False"),
    "final-by-default": (
        'entry.get("output", "sequence") == "final"',
        'entry.get("output", "final") == "final" and "hidden_size" in entry',
    ),
    "final-if-there": ('entry.get("output", "sequence") == "final"', '"output" in entry'),
    "last-step-left-out": ('if layer.final or layer.type == "last_step":', "if layer.final:"),
    "reset-always-after": ('reset=entry.get("reset", "")', 'reset="after"'),
    "reset-always-before": ('reset=entry.get("reset", "")', 'reset="before"'),
}
INITIAL = 'layer.parameters.get(part + "0", [zeros])[0] * N'
INITIAL_MISTAKES = {
    "h0-ignored": (
        INITIAL,
        'layer.parameters.get(part + "0" if part == "c" else "", [zeros])[0] * N',
    ),
    "c0-ignored": (
        INITIAL,
        'layer.parameters.get(part + "0" if part == "h" else "", [zeros])[0] * N',
    ),
    "h0-is-c0": (INITIAL, 'layer.parameters.get({"h": "c0", "c": "h0"}[part], [zeros])[0] * N'),
    "h0-in-both": (INITIAL, 'layer.parameters.get("h0", [zeros])[0] * N'),
    "h0-asks-for-c0": (
        INITIAL,
        '(layer.parameters.get(part + "0", [zeros])[0] if layer.type != "lstm" or {"h0", "c0"} <= set(layer.parameters) else zeros) * N',
    ),
    "h0-of-the-first-row": (
        INITIAL,
        '(layer.parameters.get(part + "0", [zeros])[0] + zeros * N)[:N * layer.size]',
    ),
    "h0-of-another-layer": (
        INITIAL,
        'net.recurrent[0].parameters.get(part + "0", [zeros])[0][:layer.size] * N',
    ),
    "h0-at-every-chunk": (
        "before = initial(net, N) if state is None else state",
        'before = state if state is not None and not any("h0" in layer.parameters for layer in net.layers) else initial(net, N)',
    ),
    "h0-where-0": (
        "            name: {part: [T(v) for v in values] for part, values in parts.items()}",
        "            name: {part: [T(v) or w for v, w in zip(values, row_of(initial(net, N), n)[name][part])] for part, values in parts.items()}",
    ),
    "h0-added": (
        "            name: {part: [T(v) for v in values] for part, values in parts.items()}",
        "            name: {part: [T(v) if state is None else add(T(v), w) for v, w in zip(values, row_of(initial(net, N), n)[name][part])] for part, values in parts.items()}",
    ),
}
FINAL = 'return state[layer.name]["h"]'
LAST = "return [0.0] * layer.size if last is None else last"
STEP_LINE = "                last = step(net, input_at(net, x, n, t), row, columns)[-1]\n"
REGION = (
    STEP_LINE + "                output += [] if net.ends else last\n"
    "            else:\n                output += [] if net.ends else [0.0] * width\n"
    "        if net.ends:\n            left = ended(net, row, last)\n"
)
FINAL_MISTAKES = {
    "final-of-the-call": (FINAL, f"{FINAL} if last is not None else [0.0] * layer.size"),
    "final-initial": (
        FINAL,
        f'{FINAL} if last is not None else (initial(net, 1)[layer.name]["h"].values)',
    ),
    "final-step-before": (
        REGION,
        REGION.replace(STEP_LINE, "                earlier = dict(row)\n" + STEP_LINE).replace(
            "ended(net, row, last)", "ended(net, row if last is None else earlier, last)"
        ),
    ),
    "final-first-step": (
        REGION,
        REGION.replace(
            STEP_LINE, STEP_LINE + "                early = dict(row) if t == 0 else early\n"
        ).replace("ended(net, row, last)", "ended(net, row if last is None else early, last)"),
    ),
    "last-is-first": (
        REGION,
        REGION.replace(
            STEP_LINE, STEP_LINE + "                early = last if t == 0 else early\n"
        ).replace("ended(net, row, last)", "ended(net, row, last and early)"),
    ),
    "final-c": (FINAL, 'return state[layer.name].get("c", state[layer.name]["h"])'),
    "last-of-none-is-one": (LAST, "return [1.0] * layer.size if last is None else last"),
    "last-of-none-skips-the-rest": (
        "            output += [left, *behind(net, left, columns)][-1]\n",
        "            output += [left, *behind(net, left, columns)][-1] if last or net.layers[net.timed - 1].final else [0.0] * width\n",
    ),
    "none-skips-the-rest": (
        "            output += [left, *behind(net, left, columns)][-1]\n",
        "            output += [left, *behind(net, left, columns)][-1] if last else (left * width)[:width]\n",
    ),
    "last-of-the-row-before": (
        "        last: Vector | None = None\n",
        "        last = last if n else None\n",
    ),
    "last-at-T-1": (
        "            left = ended(net, row, last)\n",
        "            if steps and net.layers[net.timed - 1].type == 'last_step':\n"
        "                last = step(net, input_at(net, x, n, steps - 1), dict(row), columns)[-1]\n"
        "            left = ended(net, row, last)\n",
    ),
    "final-at-T-1": (
        "            left = ended(net, row, last)\n",
        "            for t in range(lengths[n] if lengths else steps, steps):\n"
        "                step(net, input_at(net, x, n, t), row, columns)\n"
        "            left = ended(net, row, last)\n",
    ),
    "behind-at-every-step": (
        "                output += [] if net.ends else last\n",
        "                output += [] if net.ends else last\n"
        "                if net.ends:\n                    behind(net, ended(net, row, last), columns)\n",
    ),
    "behind-not-checked": (
        "        require_finite(y)\n        outputs.append(y)\n        x = y\n    return outputs\n\n\n# --- 14",
        "        outputs.append(y)\n        x = y\n    return outputs\n\n\n# --- 14",
    ),
    "behind-last-checked": (
        "        require_finite(y)\n        outputs.append(y)\n        x = y\n    return outputs\n\n\n# --- 14",
        "        outputs.append(y)\n        x = y\n    require_finite(x)\n    return outputs\n\n\n# --- 14",
    ),
    "behind-left-out": ("[left, *behind(net, left, columns)][-1]", "left"),
    "time-axis": ("Array((N, width) if net.ends else", "Array((N, 1, width) if net.ends else"),
    "h-not-checked": (
        "            y = cell(layer, x, state, columns)\n",
        "            y = cell(layer, x, state, columns)\n            outputs.append(y)\n            x = y\n            continue\n",
    ),
}


def mutants() -> Iterator[Mutant]:
    """All of them."""
    yield from table("sequences", "scalar", CASES, SEQUENCE_MISTAKES)
    yield from table(
        "layers",
        "layers",
        ("embedding", "one_hot", "affine", "dense", "arithmetic"),
        LAYER_MISTAKES,
    )
    yield from table(
        "loading",
        "net",
        ("arithmetic", "embedding", "lstm", "final", "last_step", "gru"),
        LOADING_MISTAKES,
    )
    yield from table("initial", "scalar", ("initial_state", "final", "state"), INITIAL_MISTAKES)
    yield from table(
        "final", "scalar", ("final", "last_step", "arithmetic", "elman", "lstm"), FINAL_MISTAKES
    )
