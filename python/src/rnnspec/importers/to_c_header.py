"""to_c_header: a net as a C header, which plays it with kernel/ alone.

The weights stand in it as constants with exact bits; a function packs them into the caller's memory and builds the list of the
kernel's calls (`rnn_call`), and another runs blocks of time steps. kernel/kernel.h says what the calls do.
"""

import re
from collections.abc import Sequence
from typing import Final

from rnnspec.digest import fingerprint, structure
from rnnspec.importers import c_header_text as text
from rnnspec.importers.c_header_layers import Statements
from rnnspec.importers.pattern import Notes
from rnnspec.importers.plain_chain import tell_what_is_lost
from rnnspec.importers.refusal import wrong_option
from rnnspec.model import FeatureInput, Model

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,47}")
_KERNELS_OWN: Final = "rnn"  # what its names begin with


def to_c_header(model: Model, *, name: str | None = None, notes: Notes | None = None) -> bytes:
    """The text of a C11 header, which is C++17 too; all its names begin with `name`, by default that of the model.

    Other storage than float32 is widened, exactly. `notes` gets what is to be known. Raises Refused for what the kernel
    does not know, naming it, and for a name that is none.
    """
    prefix = _prefix(name, model.name)
    net = Statements(model)
    parts = [_comment(model, net, prefix), text.HEAD, _sizes(model, net), *net.constants]
    parts += [text.MEMORY, *([text.TABLE] if net.has_table else []), text.CALL, _put(net)]
    parts += [*([text.BEGIN] if net.begins else []), _reset(net)]
    word, fault = (
        ("int32_t *", "an id is none, or the net is not finite")
        if net.tokens
        else ("float *", "the input is not finite, or the net is not")
    )
    parts.append(text.USE.replace("INPUT *", word).replace("FAULT", fault))
    if notes is not None:
        tell_what_is_lost(model, notes, ("name", "input.sample_rate"))
    whole = "\n".join(parts).replace("$$", prefix.upper()).replace("$_", f"{prefix}_")
    return whole.encode()


def _prefix(given: str | None, models: str | None) -> str:
    """What all names begin with. Raises Refused for one that C, or the kernel, can't have."""
    if given is None:
        made = re.sub(r"[^A-Za-z0-9_]", "_", models or "net").lower().strip("_")[:48]
        return made if _NAME.fullmatch(made) and made != _KERNELS_OWN else "net"
    if not _NAME.fullmatch(given) or given.lower() == _KERNELS_OWN:
        raise wrong_option(
            f"--name: expected a letter, and then letters, digits and _ (48 at most), and not {_KERNELS_OWN}, which is the kernel's own"
        )
    return given


def _comment(model: Model, net: Statements, prefix: str) -> str:
    """What stands above all: whose net it is, and how it is played."""
    layers = [f"{'layers' if k == 0 else '':11}  {told}" for k, told in enumerate(net.told)]
    return text.comment_of(
        [
            f"{prefix}: a net of rnnspec as a C header; it plays with kernel/ alone. C11, or C++17.",
            "",
            *([] if model.name is None else [f"name         {text.safe(model.name)}"]),
            f"fingerprint  {fingerprint(model)} (SHA-256, SPEC.md 11)",
            f"structure    {structure(model)}",
            *layers,
            "",
            f"    void *memory = malloc({prefix}_bytes(1, 64));",
            f"    {prefix}_net *net = {prefix}_start(memory, 1, 64);",
            f"    if ({prefix}_run(net, input, output, 128)) ...  any number of steps; 0: not finite",
            "",
            "Made by `rnnspec export --to c-header`. Include it in one file of a program.",
        ]
    )


def _sizes(model: Model, net: Statements) -> str:
    """What a program asks for before it runs."""
    given = model.input
    what = "an id of a token" if net.tokens else "numbers"
    lines = [
        f"#define $$_INPUT {net.input_width} /* {what} a time step */",
        f"#define $$_OUTPUT {net.width}",
        f"#define $$_CALLS {net.count}",
        f'#define $$_FINGERPRINT "{fingerprint(model)}"',
    ]
    if net.tokens:
        lines.append(f"#define $$_TOKENS {net.tokens}")
    if isinstance(given, FeatureInput) and given.sample_rate is not None:
        lines.append(f"#define $$_SAMPLE_RATE {given.sample_rate:.17g} /* time steps a second */")
    return "\n".join(lines) + "\n"


def _put(net: Statements) -> str:
    """The function that lays all into memory."""
    lines = [
        "$_memory memory = {base, 0};",
        "$_net *net = ($_net *)$_room(&memory, sizeof($_net));",
    ]
    fields = {"calls": "net->calls", "rows": "rows", "steps": "steps"}
    fields |= {"input_width": "$$_INPUT", "output_width": "$$_OUTPUT"}
    if net.states:
        lines.append("size_t state_size = 0;")
        lines += [f"state_size += (size_t)rows * (size_t){columns};" for columns in net.states]
        lines.append("float *state = $_floats(&memory, state_size);")
        lines.append("float *backup = $_floats(&memory, state_size);")
        fields |= {"state": "state", "backup": "backup", "state_size": "(int64_t)state_size"}
    for buffer, widths, count in (
        ("values", net.values, "(size_t)rows * (size_t)steps"),
        ("products", net.products, "(size_t)rows * (size_t)steps"),
        ("scratch", net.scratch, "(size_t)rows"),
    ):
        if widths:
            wide = f"wide_{buffer}"
            lines += [
                f"/* {buffer}: between two calls, as wide as the widest */",
                f"int32_t {wide} = 0;",
            ]
            lines += [f"{wide} = $_wider({wide}, {width});" for width in dict.fromkeys(widths)]
            lines.append(f"float *{buffer} = $_floats(&memory, {count} * (size_t){wide});")
    lines += [*net.packing, "if (!net) return memory.used;", "rnn_call *call;"]
    lines += [*(["float *next = state;"] if net.states else []), *net.calls]
    lines += [f"net->net.{name} = {value};" for name, value in fields.items()]
    about = (
        "Lays all into memory, or counts it alone where there is no base: the bytes that it takes."
    )
    head = "size_t $_put(unsigned char *base, int32_t rows, int32_t steps)"
    return _function(about, head, [*lines, "return memory.used;"])


def _reset(net: Statements) -> str:
    lines = net.begins or ["(void)net; /* there is no state */"]
    return _function("Back to the initial state.", "void $_reset($_net *net)", lines)


def _function(about: str, head: str, lines: Sequence[str]) -> str:
    body = "\n".join(f"    {line}" for line in lines)
    return f"/* {about} */\nstatic inline {head} {{\n{body}\n}}\n"
