"""The text of a module, changed at the places that its syntax tree names."""

import ast

LONGEST = 60  # of what a name quotes

BRACKETS: dict[type[ast.expr], tuple[str, str]] = {
    ast.Tuple: ("(", ")"),
    ast.List: ("[", "]"),
    ast.Set: ("{", "}"),
}
Placed = ast.expr | ast.stmt | ast.pattern


class SourceText:
    """Offsets are those of the UTF-8, as in the syntax tree."""

    def __init__(self, text: str) -> None:
        self.data = text.encode()
        self.starts = [0]
        for line in text.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line.encode()))

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Where a node begins and ends."""
        assert isinstance(node, Placed)
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        first = self.starts[node.lineno - 1] + node.col_offset
        return first, self.starts[node.end_lineno - 1] + node.end_col_offset

    def words(self, node: ast.AST) -> str:
        """A node as it is written."""
        first, last = self.span(node)
        return self.data[first:last].decode()

    def short(self, node: ast.AST) -> str:
        """The same on one line, cut where it is long."""
        line = " ".join(self.words(node).split())
        return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"

    def replaced(self, first: int, last: int, new: str) -> str:
        """The whole text with other words from one offset to another."""
        return (self.data[:first] + new.encode() + self.data[last:]).decode()

    def put(self, node: ast.AST, new: str) -> str:
        """The whole text with other words in the place of a node."""
        return self.replaced(*self.span(node), new)

    def exchanged(self, one: tuple[int, int], other: tuple[int, int]) -> bytes:
        """The whole text with two spans in each other's place, the first of which stands first."""
        (a, b), (c, d) = one, other
        return self.data[:a] + self.data[c:d] + self.data[b:c] + self.data[a:b] + self.data[d:]

    def after_comma(self, last: int) -> int:
        """The offset behind the comma that follows, if one does."""
        rest = self.data[last:]
        gap = len(rest) - len(rest.lstrip())
        return last + gap + 1 if rest[gap : gap + 1] == b"," else last

    def without(self, key: ast.AST, value: ast.AST) -> str:
        """The whole text without an entry of a dict."""
        return self.replaced(self.span(key)[0], self.after_comma(self.span(value)[1]), "")

    def without_element(self, node: ast.Tuple | ast.List | ast.Set, element: ast.expr) -> str:
        """The whole text without an element of a display."""
        rest = [self.words(other) for other in node.elts if other is not element]
        opening, closing = BRACKETS[type(node)]
        if not rest:
            return self.put(node, "set()" if isinstance(node, ast.Set) else opening + closing)
        return self.put(node, f"{opening}{', '.join(rest)},{closing}")

    def without_argument(self, call: ast.Call, argument: ast.expr) -> str:
        """The whole text without an argument of a call; the others must have no names."""
        rest = [self.words(other) for other in call.args if other is not argument]
        return self.put(call, f"{self.words(call.func)}({', '.join(rest)})")
