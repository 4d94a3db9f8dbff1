"""Mistakes in what surrounds the layers: T, time, rows, lengths, states, arguments."""

from collections.abc import Iterator

from conformance.mutants.mutant import Mutant, table

CASES = (
    "sequences", "state", "arithmetic", "elman", "gru", "directions", "final", "last_step",
)  # fmt: skip

INPUT_T = "        return [T(v) for v in x.values[start : start + width]]\n"
STATE_T = "name: {part: [T(v) for v in values] for part, values in parts.items()}"
LENGTH = "        length = steps if lengths is None else lengths[n]\n"
MADE = (
    "        made.append(outputs(net, [input_at(x, n, t) for t in range(length)], row, columns))\n"
)
PADDED = (
    "        made.append(outputs(net, [input_at(x, n, t) for t in range(steps)], row, columns))\n"
    "        for layer in net.layers:\n            if layer.timed:\n"
    "                made[-1][layer.name] = made[-1][layer.name][:length]\n"
)
ZEROS = "        values += [0.0] * (width * (steps - len(row)))\n"
SEQUENCE_MISTAKES = {
    "no-T-on-input": (INPUT_T, INPUT_T.replace("T(v)", "v")),
    "no-T-on-state": (STATE_T, STATE_T.replace("T(v)", "v")),
    "padding-computed": (MADE, MADE.replace("range(length)", "range(steps)")),
    "padding-moves-the-state": (MADE, PADDED),
    "padding-keeps-the-last": (
        ZEROS,
        "        values += (row[-1] if row else [0.0] * width) * (steps - len(row))\n",
    ),
    "padding-first": (
        "        values += [v for vector in row for v in vector]\n" + ZEROS,
        ZEROS + "        values += [v for vector in row for v in vector]\n",
    ),
    "one-step-less": (LENGTH, LENGTH + "        length = max(length - 1, 0)\n"),
    "lengths-of-row-0": (LENGTH, LENGTH.replace("lengths[n]", "lengths[0]")),
    "state-ignored": (
        "before = initial(net, N) if state is None else state",
        "before = initial(net, N)",
    ),
    "state-of-row-0": ("row_of(before, n).items()", "row_of(before, 0).items()"),
    "rows-share-the-state": (
        "    for n in range(N):\n        row = {\n",
        "    row: RowState = {}\n    for n in range(N):\n        row = row or {\n",
    ),
    "time-reversed": (
        "input_at(x, n, t) for t in range(length)",
        "input_at(x, n, length - 1 - t) for t in range(length)",
    ),
    "rows-and-time-exchanged": (
        "start = (n * x.shape[1] + t) * width",
        "start = (t * x.shape[0] + n) * width",
    ),
    "lengths-ignored-in-check": (
        "for t in range(steps if lengths is None else lengths[n]):",
        "for t in range(steps):",
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
        "parts[part].shape != (N, size) for",
        "len(parts[part].values) != N * size for",
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
PROBE = "    check_probe(net, probe or [])\n"
PROBE_MISTAKES = {
    "unknown-left-out": (
        PROBE,
        "    probe = [name for name in probe or [] if name in {layer.name for layer in net.layers}]\n",
    ),
    "input-allowed": (
        "    if any(name not in names for name in probe):\n",
        '    if any(name not in (*names, "input") for name in probe):\n',
    ),
    "judged-first": (
        "    check_arguments(net, x, lengths, state)\n" + PROBE,
        PROBE + "    check_arguments(net, x, lengths, state)\n",
    ),
    "judged-last": (
        PROBE + "    N, steps",
        "    probe, wanted = [name for name in probe or [] if name in {layer.name for layer in net.layers}], probe\n    N, steps",
    ),
    "first-alone": (
        "    return given[net.layers[-1].name], left, {name: given[name] for name in probe or []}\n",
        "    return given[net.layers[-1].name], left, {name: given[name] for name in (probe or [])[:1]}\n",
    ),
    "always-with-time": (
        "steps, layer.size, timed=layer.timed)",
        "steps, layer.size, timed=layer.timed or layer is not net.layers[-1])",
    ),
    "before-the-output": (
        "    return given[net.layers[-1].name], left, {name: given[name] for name in probe or []}\n",
        "    return given[net.layers[-1].name], left, {name: given[net.layers[-1].name] for name in probe or []}\n",
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
    "half-width": (
        "known[before] = (layer.size, layer.timed)",
        "known[before] = (width, layer.timed)",
    ),
    "final-ignored": ('entry.get("output", "sequence") == "final"', "False"),
    "final-by-default": (
        'entry.get("output", "sequence") == "final"',
        'entry.get("output", "final") == "final" and "hidden_size" in entry',
    ),
    "final-if-there": ('entry.get("output", "sequence") == "final"', '"output" in entry'),
    "last-step-with-time": (' and kind != "last_step"', ""),
    "reset-always-after": ('reset=entry.get("reset", "")', 'reset="after"'),
    "reset-always-before": ('reset=entry.get("reset", "")', 'reset="before"'),
    "always-forward": ('direction=entry.get("direction", "forward")', 'direction="forward"'),
    "reads-the-layer-before": (
        'entry.get("inputs", [before])',
        '[before] * len(entry.get("inputs", [0]))',
    ),
    "reads-the-input": ('entry.get("inputs", [before])', 'entry.get("inputs", ["input"])'),
    "merge-concat": (
        'merge=entry.get("merge", "")',
        'merge="concat" if "merge" in entry and "projection_size" not in entry else entry.get("merge", "")',
    ),
}
INITIAL = "layer.parameters.get(role_of(part), [[0.0] * size])[0] * N"
KINDS = "            name: {part: [T(v) for v in values] for part, values in parts.items()}"
INITIAL_MISTAKES = {
    "h0-ignored": (
        INITIAL,
        INITIAL.replace("role_of(part)", 'role_of(part) if part[0] == "c" else ""'),
    ),
    "c0-ignored": (
        INITIAL,
        INITIAL.replace("role_of(part)", 'role_of(part) if part[0] == "h" else ""'),
    ),
    "h0-is-c0": (
        INITIAL,
        INITIAL.replace("role_of(part)", '{"h": "c0", "c": "h0"}[part[0]] + part[1:]'),
    ),
    "h0-in-both": (INITIAL, INITIAL.replace("role_of(part)", '"h0" + part[1:]')),
    "h0-of-forward": (INITIAL, INITIAL.replace("role_of(part)", 'part[0] + "0"')),
    "h0-of-reverse-ignored": (INITIAL, INITIAL.replace("role_of(part)", 'part + "0"')),
    "h0-asks-for-c0": (
        INITIAL,
        '(layer.parameters.get(role_of(part), [[0.0] * size])[0] if layer.type != "lstm" or {"h0", "c0"} <= set(layer.parameters) else [0.0] * size) * N',
    ),
    "h0-of-the-first-row": (
        INITIAL,
        "(layer.parameters.get(role_of(part), [[0.0] * size])[0] + [0.0] * size * N)[:N * size]",
    ),
    "h0-of-another-layer": (
        INITIAL,
        "net.recurrent[0].parameters.get(role_of(part), [[0.0] * size])[0][:size] * N",
    ),
    "h0-at-every-chunk": (
        "before = initial(net, N) if state is None else state",
        'before = state if state is not None and not any("h0" in layer.parameters for layer in net.layers) else initial(net, N)',
    ),
    "h0-where-0": (
        KINDS,
        "            name: {part: [T(v) or w for v, w in zip(values, row_of(initial(net, N), n)[name][part])] for part, values in parts.items()}",
    ),
    "h0-added": (
        KINDS,
        "            name: {part: [T(v) if state is None else add(T(v), w) for v, w in zip(values, row_of(initial(net, N), n)[name][part])] for part, values in parts.items()}",
    ),
}


def mutants() -> Iterator[Mutant]:
    """All of them."""
    yield from table("sequences", "scalar", CASES, SEQUENCE_MISTAKES)
    yield from table("probe", "scalar", ("probe",), PROBE_MISTAKES)
    yield from table(
        "layers",
        "layers",
        ("embedding", "one_hot", "affine", "dense", "arithmetic"),
        LAYER_MISTAKES,
    )
    yield from table(
        "loading",
        "net",
        ("arithmetic", "embedding", "lstm", "final", "last_step", "gru", "directions", "merge"),
        LOADING_MISTAKES,
    )
    yield from table(
        "initial", "scalar", ("initial_state", "final", "state", "directions"), INITIAL_MISTAKES
    )
