"""The worked examples in SPEC.md, written by the scalar oracle: nobody types a number.

Each stands between `<!-- example:NAME:begin -->` and `<!-- example:NAME:end -->`.
"""

from collections.abc import Iterator
from pathlib import Path

from conformance import spec_options
from conformance.generator import dense as dense_cases
from conformance.generator import elman as elman_cases
from conformance.generator import gru as gru_cases
from conformance.generator import lstm as lstm_cases
from conformance.generator import softmax as softmax_cases
from conformance.oracle import cells, layers
from conformance.oracle.float32 import T, add, f32, mul, sub
from conformance.oracle.functions import exp, log, sum16, tanh
from conformance.spec_layout import named, net_of, number, parameters, vector

SPEC = Path(__file__).parent.parent / "SPEC.md"


def elman() -> Iterator[str]:
    """13.3."""
    net = net_of(elman_cases.spec_example().document())
    yield "I = 2, H = 2, tanh, two steps from the initial state. Stored decimals are rounded to binary32; every"
    yield "number is followed by its bits."
    yield ""
    yield "```"
    yield from parameters(net)
    h = [0.0] * 2
    for t in range(2):
        x = elman_cases.SPEC_INPUT[2 * t : 2 * t + 2]
        new = cells.elman(net.layers[0], x, h)
        yield ""
        yield f"t = {t}, x = {vector(x)}"
        yield from named("a", new.a)
        yield from named("h'", new.h)
        h = new.h
    yield "```"


def lstm() -> Iterator[str]:
    """13.4."""
    net = net_of(lstm_cases.spec_example().document())
    layer = net.layers[0]
    yield "I = 2, H = 2, two steps from the initial state. Stored decimals are rounded to binary32; every number is"
    yield "followed by its bits."
    yield ""
    yield "```"
    yield from parameters(net)
    h, c = [0.0] * 2, [0.0] * 2
    for t in range(2):
        x = lstm_cases.SPEC_INPUT[2 * t : 2 * t + 2]
        new = cells.lstm(layer, x, h, c)
        yield ""
        yield f"t = {t}, x = {vector(x)}"
        yield from named("a", new.a)
        for name, values in (("i", new.i), ("f", new.f), ("g", new.g), ("o", new.o)):
            yield from named(name, values)
        yield from named("f×c", [mul(f, old) for f, old in zip(new.f, c, strict=True)])
        yield from named("i×g", [mul(i, g) for i, g in zip(new.i, new.g, strict=True)])
        yield from named("c'", new.c)
        yield from named("tanh(c')", [tanh(v) for v in new.c])
        yield from named("h'", new.h)
        h, c = new.h, new.c
    yield "```"


def gru() -> Iterator[str]:
    """13.5."""
    yield "I = 2, H = 2, sigmoid and tanh, one step from h0 = h: with `reset` = `after`, then the same weights without"
    yield "rb and with `reset` = `before`."
    yield ""
    yield "```"
    x = gru_cases.SPEC_INPUT
    for reset in ("after", "before"):
        net = net_of(gru_cases.spec_example(reset).document())
        layer = net.layers[0]
        (h,) = layer.parameters["h0"]
        new = cells.gru(layer, x, h)
        if reset == "after":
            yield from parameters(net)
            yield f"x = {vector(x)}"
        yield ""
        yield f"reset = {reset}"
        for name, values in (("r", new.r), ("z", new.z)):
            yield from named(name, values)
        if reset == "after":
            yield from named("p", new.p)
            yield from named("d", new.d)
            yield from named("r×d", [T(mul(r, d)) for r, d in zip(new.r, new.d, strict=True)])
        else:
            yield from named("u", new.u)
            cells_of_a = [f"a[{k}]".ljust(15) + number(new.a[k]) for k in (4, 5)]
            yield "    ".join(cells_of_a)
        yield from named("n", new.n)
        kept = zip(new.z, h, strict=True)
        brought = zip(new.z, new.n, strict=True)
        yield from named("(1−z)×n", [mul(sub(1.0, z), n) for z, n in brought])
        yield from named("z×h", [mul(z, old) for z, old in kept])
        yield from named("h'", new.h)
    yield "```"


def dense() -> Iterator[str]:
    """13.6."""
    net = net_of(dense_cases.spec_example().document())
    layer = net.layers[0]
    x = [f32(v) for v in dense_cases.SPEC_INPUT]
    assert layer.bias is not None
    yield "Three in, two out, every product and every value of the accumulator:"
    yield ""
    yield "```"
    yield from parameters(net)
    yield f"x = {vector(x)}"
    for j in range(layer.size):
        a = add(0.0, layer.bias[j])
        yield ""
        yield f"column {j}".ljust(15) + " " * 23 + "    a        " + number(a)
        for k, v in enumerate(x):
            product = mul(v, layer.parameters["W"][k][j])
            a = add(a, product)
            yield f"x[{k}] × W[{k},{j}]".ljust(15) + number(product) + "    a        " + number(a)
        yield f"y[{j}]".ljust(15) + number(layers.dense(layer, x)[j])
    yield "```"


def softmax() -> Iterator[str]:
    """13.7 and 13.8."""
    x = softmax_cases.SPEC_INPUT
    m = layers.largest(x)
    e = [exp(sub(v, m)) for v in x]
    s = sum16(e)
    yield "Both, of one vector:"
    yield ""
    yield "```"
    yield f"x = {vector(x)}"
    yield ""
    yield "m".ljust(15) + number(m)
    yield from named("x−m", [sub(v, m) for v in x], 3)
    yield from named("e", e, 3)
    yield "s".ljust(15) + number(s)
    yield "log(s)".ljust(15) + number(log(s))
    yield from named("softmax", layers.softmax(x), 3)
    yield from named("log_softmax", layers.log_softmax(x), 3)
    yield "```"


EXAMPLES = {
    "elman": elman,
    "lstm": lstm,
    "peephole": spec_options.peephole,
    "projection": spec_options.projection,
    "gru": gru,
    "dense": dense,
    "softmax": softmax,
    "layer_norm": spec_options.layer_norm,
    "directions": spec_options.directions,
}


def filled(text: str) -> str:
    """SPEC.md with its examples computed anew."""
    for name, lines in EXAMPLES.items():
        begin, end = (f"<!-- example:{name}:{mark} -->" for mark in ("begin", "end"))
        if text.count(begin) != 1 or text.count(end) != 1:
            raise ValueError(f"SPEC.md has no place for the example {name}")
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        text = (
            f"{before}{begin}\n*Informative, a worked example.* "
            + "\n".join(lines())
            + f"\n{end}{after}"
        )
    return text


def spec_examples(*, check: bool) -> int:
    """`python -m conformance spec-examples`: writes them; or 1 if they are not what they should be."""
    text = SPEC.read_text(encoding="utf-8")
    made = filled(text)
    if check:
        print("spec-examples: " + ("as computed" if made == text else "SPEC.md differs"))
        return int(made != text)
    if made != text:
        SPEC.write_text(made, encoding="utf-8")
    return 0
