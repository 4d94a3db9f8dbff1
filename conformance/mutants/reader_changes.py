"""The small changes that can be made to a reader's source, one at a time, read off its syntax tree.

Each change is (function, what is changed, the whole text after it). What states no rule is left alone:
assertions, annotations, docstrings, imports, decorators and formatted strings.
"""

import ast
import math
import re
from collections.abc import Iterator

from conformance.mutants.reader_grammars import grammar_changes
from conformance.mutants.reader_orders import order_changes
from conformance.mutants.source_text import SourceText

Change = tuple[str, str]  # what is changed, and the text after it

SHIFTED: dict[type[ast.cmpop], str] = {
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.In: "not in",
    ast.NotIn: "in",
    ast.Is: "is not",
    ast.IsNot: "is",
}
WRITTEN: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
}
OPERATORS: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "+"),
    ast.FloorDiv: ("//", "*"),
    ast.Pow: ("**", "*"),
    ast.LShift: ("<<", ">>"),
    ast.BitAnd: ("&", "|"),
}
# Functions that are left out: f(x) becomes x.
LEFT_OUT = ("_after_t", "_bare", "abs", "plain", "round_to_float32", "sorted", "step")
# Functions in whose place another is called.
OTHERS = {
    "all": ("any",),
    "any": ("all",),
    "fullmatch": ("match", "search"),
    "lstrip": ("strip", "rstrip"),
    "max": ("min",),
    "setdefault": ("__setitem__",),
    "startswith": ("endswith", "__eq__", "__contains__"),
}
# Functions whose last arguments have defaults: how many stand without one.
NEEDED = {"add": 2, "integer": 1, "list_of": 1, "members": 3, "named": 1, "reference": 3}
WORD_LISTS = ("word", "roles", "dict.fromkeys")


def changes(text: str) -> Iterator[tuple[str, str, str]]:
    """All of them, in the order of the source."""
    source = SourceText(text)
    for where, node, inside in rules(ast.parse(text)):
        for what, changed in (
            *statement_changes(source, node, inside=inside),
            *expression_changes(source, node),
            *order_changes(source, node),
        ):
            if changed != text:
                yield where, what, changed


def rules(tree: ast.Module) -> Iterator[tuple[str, ast.AST, bool]]:
    """Every node that can state a rule: its function, and whether it stands inside a branch or loop."""

    def visit(node: ast.AST, where: str, *, inside: bool) -> Iterator[tuple[str, ast.AST, bool]]:
        match node:
            case ast.Assert() | ast.Import() | ast.ImportFrom() | ast.JoinedStr():
                return
            case ast.Expr(value=ast.Constant()):  # a docstring
                return
            case ast.Assign(targets=[ast.Name(id="Value" | "Check" | "Path" | "Size" | "Arrays")]):
                return  # a type
            case ast.AnnAssign(annotation=ast.Name(id="TypeAlias")):
                return
            case ast.AnnAssign(value=None):
                return
            case ast.AnnAssign(value=ast.expr() as value):
                yield from visit(value, where, inside=inside)
                return
            case ast.FunctionDef(name=name, args=arguments, body=body):
                inner = f"{where}.{name}" if where != "constants" else name
                yield inner, node, False
                for part in (*arguments.defaults, *arguments.kw_defaults, *body):
                    if part is not None:
                        yield from visit(part, inner, inside=False)
                return
            case ast.ClassDef(name=name, body=body):
                for statement in body:
                    yield from visit(statement, name, inside=False)
                return
        yield where, node, inside
        deeper = inside or isinstance(node, ast.If | ast.For | ast.While | ast.match_case)
        for child in ast.iter_child_nodes(node):
            yield from visit(child, where, inside=deeper)

    for statement in tree.body:
        yield from visit(statement, "constants", inside=False)


def statement_changes(source: SourceText, node: ast.AST, *, inside: bool) -> Iterator[Change]:
    """A statement left out, a branch always or never taken."""
    match node:
        case ast.Raise() | ast.Continue() | ast.Break() | ast.AugAssign():
            yield f"no {source.short(node)}", source.put(node, "pass")
        case ast.Expr(value=ast.Call()):
            yield f"no {source.short(node)}", source.put(node, "pass")
        case ast.Return() if inside:
            yield f"no {source.short(node)}", source.put(node, "pass")
        case ast.If(test=test, body=body):
            yield f"always {source.short(test)}", source.put(test, "True")
            if not isinstance(body[0], ast.Raise | ast.Continue | ast.Break) and not (
                len(body) == 1 and isinstance(body[0], ast.Expr)
            ):
                yield f"never {source.short(test)}", source.put(test, "False")
        case ast.IfExp(test=test):
            yield f"always {source.short(test)}", source.put(test, "True")
            yield f"never {source.short(test)}", source.put(test, "False")
        case ast.comprehension(ifs=conditions):
            for condition in conditions:
                yield f"not asked {source.short(condition)}", source.put(condition, "True")
    if isinstance(node, ast.AugAssign) and type(node.op) in OPERATORS:
        sign, other = OPERATORS[type(node.op)]
        line = source.words(node).replace(f" {sign}= ", f" {other}= ", 1)
        yield f"{source.short(node)} with {other}=", source.put(node, line)


def expression_changes(source: SourceText, node: ast.AST) -> Iterator[Change]:
    """Conditions, constants, words and calls."""
    match node:
        case ast.Compare(left=left, ops=operators, comparators=others):
            parts = [left, *others]
            words = [source.words(p) for p in parts]
            if isinstance(left, ast.NamedExpr):
                words[0] = f"({words[0]})"
            signs = [WRITTEN[type(operator)] for operator in operators]
            for k, operator in enumerate(operators):
                shifted = [*signs[:k], SHIFTED[type(operator)], *signs[k + 1 :], ""]
                pairs = zip(words, shifted, strict=True)
                text = " ".join(f"{word} {sign}" for word, sign in pairs).rstrip()
                what = f"{shifted[k]} in {source.short(node)}"
                yield what, source.put(node, text)
        case ast.BoolOp(op=both, values=operands):
            word = "or" if isinstance(both, ast.And) else "and"
            joined = f" {word} ".join(f"({source.words(operand)})" for operand in operands)
            yield f"{word} in {source.short(node)}", source.put(node, f"({joined})")
            for left_out in operands:
                kept = " and " if word == "or" else " or "
                rest = kept.join(f"({source.words(o)})" for o in operands if o is not left_out)
                yield f"without {source.short(left_out)}", source.put(node, f"({rest})")
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield f"no sign of {source.short(node)}", source.put(node, f"({source.words(operand)})")
        case ast.BinOp(left=one, op=ast.BitOr(), right=other):
            for side in (one, other):
                yield f"{source.short(side)} alone", source.put(node, f"({source.words(side)})")
        case ast.BinOp(op=operator) if type(operator) in OPERATORS:
            new = OPERATORS[type(operator)][1]
            text = f"({source.words(node.left)}) {new} ({source.words(node.right)})"
            yield f"{new} in {source.short(node)}", source.put(node, f"({text})")
        case ast.Constant():
            yield from constant_changes(source, node)
        case ast.Dict(values=[_, *_]):
            for key, value in zip(node.keys, node.values, strict=True):
                if key is not None:
                    name = source.short(key)
                    yield f"without the entry {name}", source.without(key, value)
        case ast.Tuple(elts=[_, *_]) | ast.List(elts=[_, *_]) | ast.Set(elts=[_, *_]):
            if all(isinstance(element, ast.Constant | ast.Tuple) for element in node.elts):
                for element in node.elts:
                    yield f"without {source.short(element)}", source.without_element(node, element)
        case ast.MatchOr(patterns=patterns):
            for pattern in patterns:
                rest = " | ".join(source.words(p) for p in patterns if p is not pattern)
                yield f"without {source.short(pattern)}", source.put(node, rest)
        case ast.Call():
            yield from call_changes(source, node)


def constant_changes(source: SourceText, node: ast.Constant) -> Iterator[Change]:
    """A number one more and one less; a byte or a byte order of a constant."""
    value, words = node.value, source.short(node)
    match value:
        case bool():
            yield f"{value} is {not value}", source.put(node, str(not value))
        case int():
            yield f"{words} + 1", source.put(node, str(value + 1))
            yield f"{words} - 1", source.put(node, f"({value - 1})")
        case float() if value:
            for name, end in (("next above", math.inf), ("next below", -math.inf)):
                yield f"{words} is the {name}", source.put(node, repr(math.nextafter(value, end)))
        case bytes():
            for k in range(len(value)):
                rest = value[:k] + value[k + 1 :]
                yield f"{words} without {value[k : k + 1]!r}", source.put(node, repr(rest))
        case str() if re.fullmatch("[<>][a-zA-Z]", value):
            other = {"<": ">", ">": "<"}[value[0]] + value[1:]
            yield f"{words} in the other byte order", source.put(node, repr(other))


def call_changes(source: SourceText, node: ast.Call) -> Iterator[Change]:
    """A call left out, another function called, an argument left out, a place one further."""
    called = source.words(node.func)
    name = called.rpartition(".")[2]
    arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
    if called in LEFT_OUT:
        yield f"{source.short(node)} without {called}", source.put(node, source.words(node.args[0]))
    for other in OTHERS.get(name, ()):
        words = called.removesuffix(name) + other
        yield f"{other} in the place of {source.short(node.func)}", source.put(node.func, words)
    if name in NEEDED and len(arguments) > NEEDED[name]:
        last = arguments[-1]
        if not node.keywords:
            yield f"without {source.short(last)}", source.without_argument(node, last)
    if called.removeprefix("self.") in WORD_LISTS:
        for word in node.args:
            if isinstance(word, ast.Constant):
                yield f"without {source.short(word)}", source.without_argument(node, word)
    if name == "FaultError":
        place = source.words(node.args[-1])
        for sign in "+-":
            what = f"{source.short(node)} at {sign} 1"
            yield what, source.put(node.args[-1], f"({place}) {sign} 1")
    if called == "re.compile":
        yield from grammar_changes(source, node.args[0])
