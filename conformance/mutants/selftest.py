"""Mistakes in the self-test, and in the step interface."""

from collections.abc import Iterator

from conformance.mutants.mutant import Mutant, table

SELFTEST_MISTAKES = {
    "tolerance-absolute": (
        "if valid and abs(y - r) > tolerance * max(1.0, abs(r)):",
        "if valid and abs(y - r) > tolerance:",
    ),
    "tolerance-relative": (
        "if valid and abs(y - r) > tolerance * max(1.0, abs(r)):",
        "if valid and abs(y - r) > tolerance * abs(r):",
    ),
    "tolerance-sum": (
        "if valid and abs(y - r) > tolerance * max(1.0, abs(r)):",
        "if valid and abs(y - r) > tolerance * (1.0 + abs(r)):",
    ),
    "tolerance-below": (
        "if valid and abs(y - r) > tolerance * max(1.0, abs(r)):",
        "if valid and abs(y - r) >= tolerance * max(1.0, abs(r)):",
    ),
    "tolerance-one-sided": (
        "if valid and abs(y - r) > tolerance * max(1.0, abs(r)):",
        "if valid and y - r > tolerance * max(1.0, abs(r)):",
    ),
    "padding-compared": ("if valid and abs(y - r)", "if abs(y - r)"),
    "exact-with-tolerance": (
        "        return all(to_wire(a) == to_wire(b) for a, b in pairs)\n",
        "        return all(abs(y - r) <= 1e-6 for a, b in pairs for y, r in zip(a.values, b.values))\n",
    ),
    "final-state-ignored": ('if "final_state" in example else {}', "if False else {}"),
    "state-ignored": ('if "state" in example else None', "if False else None"),
    "lengths-ignored": ('lengths = example.get("lengths")', "lengths = None"),
    "c-ignored": (
        "for part, array in parts.items()]\n    if example",
        "for part, array in parts.items() if part == 'h']\n    if example",
    ),
    "kinds-counted-together": ('"exact": kinds.count("exact")', '"exact": len(kinds)'),
    "references-not-run": (
        "enumerate(net.examples) if not",
        'enumerate(net.examples) if example["kind"] == "exact" and not',
    ),
    "stops-at-first": (
        "    failed = [",
        "    failed = [n for n, example in enumerate(net.examples) if not passes(net, example)][:1]\n"
        "    failed = failed or [",
    ),
    "step-keeps-the-first-state": (
        "output, state = run(net, one_step(net, x, t), None, state)",
        "output, _ = run(net, one_step(net, x, t), None, state)\n"
        "                    state = state or _",
    ),
}


def mutants() -> Iterator[Mutant]:
    """All of them."""
    yield from table("selftest", "answer", ("selftest", "sequences"), SELFTEST_MISTAKES)
