"""The worked examples of an LSTM's options, of layer_norm and of two directions, by the scalar oracle."""

from collections.abc import Iterator

from conformance.generator import directions as direction_cases
from conformance.generator import layer_norm as norm_cases
from conformance.generator import peephole as peephole_cases
from conformance.generator import projection as projection_cases
from conformance.oracle import cells, layers, row
from conformance.oracle.chain import chain, projected
from conformance.oracle.float32 import T, add, div, mul, root, sub
from conformance.oracle.functions import sum16
from conformance.spec_layout import named, net_of, number, parameters, vector


def line(*cells: tuple[str, float]) -> str:
    """Some named numbers side by side."""
    return "    ".join(name.ljust(15) + number(v) for name, v in cells)


def peephole() -> Iterator[str]:
    """13.4: a diagonal peephole and a coupled gate."""
    net = net_of(peephole_cases.spec_example().document())
    layer = net.layers[0]
    (h,), (c,) = layer.parameters["h0"], layer.parameters["c0"]
    x = peephole_cases.SPEC_INPUT[:1]
    new = cells.lstm(layer, x, h, c)
    p_f, p_o = (part[0] for part in layer.parameters["p"])
    yield "I = 1, H = 1, `peephole` = `diagonal`, `coupled` = `input`: three columns f, g, o, and two blocks of p, f and o."
    yield ""
    yield "```"
    yield from parameters(net)
    yield f"x = {vector(x)}"
    yield ""
    yield line(("a[0] before p", chain(layer, x, h, 0)), ("c × p[0]", mul(c[0], p_f)))
    yield line(("a[0]", new.a[0]), ("f", new.f[0]))
    yield line(("i = 1 − f", new.i[0]), ("g", new.g[0]))
    yield line(("f×c", mul(new.f[0], c[0])), ("i×g", mul(new.i[0], new.g[0])))
    yield line(("c'", new.c[0]), ("c' × p[1]", mul(new.c[0], p_o)))
    yield line(("a[2] before p", chain(layer, x, h, 2)), ("a[2]", new.a[2]))
    yield line(("o", new.o[0]), ("h'", new.h[0]))
    yield "```"


def projection() -> Iterator[str]:
    """13.4: a projection with bias and clip."""
    net = net_of(projection_cases.spec_example().document())
    layer = net.layers[0]
    yield "I = 1, H = 2, P = 1, `projection_clip` = 0.25, two steps from the initial state:"
    yield ""
    yield "```"
    yield from parameters(net)
    h, c = [0.0], [0.0] * 2
    for t in range(2):
        x = projection_cases.SPEC_INPUT[t : t + 1]
        new = cells.lstm(layer, x, h, c)
        yield ""
        yield f"t = {t}, x = {vector(x)}"
        yield from named("c'", new.c)
        yield from named("u", new.u)
        yield line(("a[0]", projected(layer, new.u, 0)), ("h'[0]", new.h[0]))
        h, c = new.h, new.c
    yield "```"


def layer_norm() -> Iterator[str]:
    """13.11."""
    net = net_of(norm_cases.spec_example().document())
    layer = net.layers[0]
    x = norm_cases.SPEC_INPUT
    m = div(sum16(x), 3.0)
    d = [T(sub(v, m)) for v in x]
    v = div(sum16([mul(e, e) for e in d]), 3.0)
    yield "Three elements, `epsilon` = 0.001:"
    yield ""
    yield "```"
    yield from parameters(net)
    yield f"x = {vector(x)}"
    yield ""
    yield line(("sum(x)", sum16(x)), ("m", m))
    yield from named("d", d, 3)
    yield line(
        ("v", v), ("v + ε", add(v, layer.epsilon)), ("q", div(1.0, root(add(v, layer.epsilon))))
    )
    yield from named("y", layers.layer_norm(layer, x), 3)
    yield "```"


def directions() -> Iterator[str]:
    """13.13: two directions over two steps."""
    net = net_of(direction_cases.spec_example().document())
    layer = net.layers[0]
    x = [[v] for v in direction_cases.SPEC_INPUT]
    zeros = {layer.name: {part: [0.0] for part in layer.parts}}
    merged = row.outputs(net, x, zeros)[layer.name]
    yield "A bidirectional `elman` with I = 1, H = 1, tanh and `merge` = `average`, over two steps:"
    yield ""
    yield "```"
    yield from parameters(net)
    yield f"x = {vector([v for step in x for v in step])}"
    yield ""
    forward, reverse = (half for _, half in layer.halves)
    one = cells.elman(forward, x[0], [0.0])
    yield line(("t = 0, a", one.a[0]), ("h' = y", one.h[0]))
    two = cells.elman(forward, x[1], one.h)
    yield line(("t = 1, a", two.a[0]), ("h' = y", two.h[0]))
    last = cells.elman(reverse, x[1], [0.0])
    yield line(("t = 1, a", last.a[0]), ("h_reverse' = w", last.h[0]))
    first = cells.elman(reverse, x[0], last.h)
    yield line(("t = 0, a", first.a[0]), ("h_reverse' = w", first.h[0]))
    yield line(("output at 0", merged[0][0]), ("output at 1", merged[1][0]))
    yield "```"
