"""The order in which a PyTorch net's modules compute: what their shapes prove, and else what the user says."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from rnnspec.importers.pattern import FUNCTIONS, Notes
from rnnspec.importers.refusal import Refused, ask, unsupported, wrong_option
from rnnspec.importers.torch_names import Module, Norm, Plain, Recurrent, shown

_SEARCHED: Final = 7  # modules whose orders are tried one by one


@dataclass(frozen=True)
class Embedding:
    """A table of which ids choose rows."""

    plain: Plain


@dataclass(frozen=True)
class Function:
    """An activation between modules, which has no parameters: the user named it."""

    name: str


Link = Recurrent | Plain | Norm | Embedding | Function


def chain(
    modules: Mapping[str, Module], order: Sequence[str] | None, input_kind: str | None, notes: Notes
) -> list[Link]:
    """The links from the input to the output. Raises Refused."""
    if not any(isinstance(module, Recurrent) for module in modules.values()):
        raise unsupported(
            "there is no recurrent module: expected names such as lstm.weight_ih_l0 and lstm.weight_hh_l0"
        )
    found = (
        _said(modules, order, input_kind)
        if order is not None
        else _proved(list(modules.values()), input_kind)
    )
    for k, (before, after) in enumerate(pairwise(found)):
        if isinstance(before, Plain) and isinstance(after, Plain) and order is None:
            names = [_name(link) for link in found]
            raise ask(
                f"{before} and {after} follow each other, and no file of weights says what stands between: give the "
                f"whole order, such as --modules {','.join([*names[: k + 1], 'relu', *names[k + 1 :]])}, with one of "
                f"{', '.join(FUNCTIONS)} where it computes (linear is none)"
            )
    notes.understood(" → ".join(_told(link) for link in found))
    if order is None:
        notes.assumed(
            "nothing but these modules computes: no activation between them and no skip, which no file of weights shows; "
            "--modules says otherwise"
        )
    return found


def _name(link: Link) -> str:
    return link.plain.name if isinstance(link, Embedding) else link.name


def _told(link: Link) -> str:
    if isinstance(link, Function):
        return link.name
    if isinstance(link, Embedding):
        return f"{link.plain} as Embedding"
    if isinstance(link, Norm):
        return f"{link} as LayerNorm"
    return str(link) if isinstance(link, Recurrent) else f"{link} as Linear"


def _said(
    modules: Mapping[str, Module], order: Sequence[str], input_kind: str | None
) -> list[Link]:
    """The order of --modules. Raises Refused where it does not fit."""
    names = [name.strip() for name in order]
    for name in names:
        if name not in modules and name not in FUNCTIONS:
            raise wrong_option(
                f"--modules: there is no module {shown(name)}, only {_list(modules)}, and the functions "
                f"{', '.join(FUNCTIONS)}"
            )
        if name in modules and names.count(name) > 1:
            raise wrong_option(
                f"--modules names {shown(name)} twice, and the format has each weight once"
            )
    missing = [name for name in modules if name not in names]
    if missing:
        raise wrong_option(
            f"--modules lacks {_list(missing)}: add it, or leave its parameters out with --ignore '{missing[0]}*'"
        )
    links: list[Link] = []
    width: int | None = None
    for k, name in enumerate(names):
        module = modules.get(name)
        if module is None:
            links.append(Function(name))
            continue
        ways = _ways(
            module, width, first=k == 0, after=_rest(modules, names[k + 1 :]), kind=input_kind
        )
        if len(ways) > 1:
            raise _either(module)
        if not ways:
            raise wrong_option(
                f"--modules: {module} does not fit behind "
                + (f"{width} numbers" if width else "the input")
                + ": correct the order"
            )
        link, width = ways[0]
        links.append(link)
    return links


def _rest(modules: Mapping[str, Module], names: Sequence[str]) -> list[Module]:
    return [modules[name] for name in names if name in modules][:1]


def _proved(modules: list[Module], input_kind: str | None) -> list[Link]:
    """The only order that the shapes allow. Raises Refused if there is another, or none."""
    if len(modules) > _SEARCHED:
        raise ask(
            f"there are {len(modules)} modules, {_list(m.name for m in modules)}: give their order, with --modules"
        )
    found: list[list[Link]] = []
    _search([], None, modules, input_kind, found)
    if not found:
        raise unsupported(
            f"the modules {_list(m.name for m in modules)} do not fit into one chain: leave out what the output does "
            "not need, with --ignore 'NAME*'; of an encoder and a decoder bring over one and then the other so, or both at "
            "once, naming the decoder's with --decoder 'NAME*'"
        )
    if len(found) > 1:
        orders = [[_name(link) for link in links] for links in found]
        if orders[0] == orders[1]:
            raise _either(next(m for m in modules if m.name == orders[0][0]))
        raise ask(
            f"the shapes allow several orders, such as {' or '.join(','.join(order) for order in orders)}: "
            "say which, with --modules"
        )
    return found[0]


def _search(
    links: list[Link],
    width: int | None,
    left: list[Module],
    input_kind: str | None,
    found: list[list[Link]],
) -> None:
    """Adds to `found` every order that begins with `links`, until there are two."""
    if not left:
        found.append(links)
    for module in left:
        rest = [other for other in left if other is not module]
        for link, after in _ways(module, width, first=not links, after=rest, kind=input_kind):
            if len(found) < 2:
                _search([*links, link], after, rest, input_kind, found)


def _ways(
    module: Module, width: int | None, *, first: bool, after: Sequence[Module], kind: str | None
) -> list[tuple[Link, int]]:
    """What the module may be behind `width` numbers, and how wide its output is then; one of `after` comes next."""
    ways: list[tuple[Link, int]] = []
    behind = module.behind(width)
    if isinstance(module, Recurrent | Norm):
        if behind is not None:
            ways.append((module, behind))
    elif (
        not module.is_embedding
        and behind is not None
        and (kind != "tokens" or not _bare(module, first))
    ):
        ways.append((module, behind))
    if (
        isinstance(module, Plain)
        and _bare(module, first)
        and not module.is_linear
        and kind != "features"
    ):
        ways.append((Embedding(module), module.weight.shape[1]))
    return [way for way in ways if not after or any(m.behind(way[1]) for m in after)]


def _bare(module: Plain, first: bool) -> bool:
    """Whether its shapes allow an Embedding: no bias, and nothing before it."""
    return first and module.bias is None


def _either(module: Module) -> Refused:
    return ask(
        f"{module} may be an Embedding or a Linear without bias: give --input-kind tokens, if ids go in and it is an "
        "Embedding, or --input-kind features, if it is a Linear"
    )


def _list(names: Iterable[str]) -> str:
    return ", ".join(shown(name) for name in names)
