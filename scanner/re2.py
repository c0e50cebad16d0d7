"""Regular expressions as Go (RE2) and Rust write them, read into a tree.

https://github.com/google/re2/wiki/Syntax, https://pkg.go.dev/regexp/syntax and
https://docs.rs/regex/latest/regex/#syntax say what there is. Neither has look-around or
back-references; flags are resolved here, so that the tree needs none.
"""

from __future__ import annotations

from scanner import charsets
from scanner.bracketed import Cursor
from scanner.patterntree import (
    Char,
    Choice,
    Edge,
    Group,
    Node,
    Repeat,
    Sequence,
    Set,
    Untranslatable,
)

_MOST_DEEP = 100  # groups inside groups; a file may be hostile
_MOST_REPEATS = 1000  # RE2's own limit


def parse(pattern: str, *, rust: bool = False) -> Node:
    """The tree of a pattern in RE2's syntax, or with `rust` in that of Rust's `regex`.

    Raises Untranslatable with the reason for anything else.
    """
    return _Parser(pattern, rust).whole()


class _Parser(Cursor):
    """Where the reading of one pattern stands."""

    def __init__(self, pattern: str, rust: bool) -> None:
        super().__init__(pattern, rust)
        self._groups = self._depth = 0

    def whole(self) -> Node:
        found = self._choice()
        if self.at < len(self.text):
            raise Untranslatable("a `)` too many")
        return found

    def _choice(self) -> Node:
        branches = [self._sequence()]
        while self.take("|"):
            branches.append(self._sequence())
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def _sequence(self) -> Node:
        items: list[Node] = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            if "x" in self.flags and self._skip():
                continue
            if self.take(r"\Q"):
                stop = self.text.find(r"\E", self.at)
                literal = self.text[self.at : stop if stop >= 0 else None]
                self.at += len(literal) + (2 if stop >= 0 else 0)
                items += [self._char(one) for one in literal]
                self._repeats(items, bool(literal))
                continue
            item = self._atom()
            if item is not None:
                items.append(item)
            self._repeats(items, item is not None)
        return items[0] if len(items) == 1 else Sequence(tuple(items))

    def _skip(self) -> bool:
        """A blank or a comment of a verbose pattern."""
        if self.text[self.at].isspace():
            self.at += 1
            return True
        if not self.peek("#"):
            return False
        stop = self.text.find("\n", self.at)
        self.at = len(self.text) if stop < 0 else stop + 1
        return True

    def _repeats(self, items: list[Node], repeatable: bool) -> None:
        while "x" in self.flags and self.at < len(self.text) and self._skip():
            continue
        bounds = self._bounds()
        if bounds is None:
            return
        if not repeatable or not items:
            raise Untranslatable("a repeat of nothing")
        lazy = self.take("?")
        if not lazy and self.peek("+"):
            raise Untranslatable("a possessive repeat, or one of a repeat")
        if bounds[1] is not None and bounds[0] > bounds[1]:
            raise Untranslatable("a repeat whose least is over its most")
        if not self.rust and max(bounds[0], bounds[1] or 0) > _MOST_REPEATS:
            raise Untranslatable(f"a repeat over {_MOST_REPEATS} times, which RE2 refuses")
        items[-1] = Repeat(items[-1], *bounds, greedy=lazy == ("U" in self.flags))
        if self._bounds() is not None:
            if not self.rust:
                raise Untranslatable("a repeat of a repeat, which RE2 refuses")
            raise Untranslatable("a repeat of a repeat")

    def _bounds(self) -> tuple[int, int | None] | None:
        """The least and the most of a repeat that begins here, if one does."""
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.take(sign):
                return bounds
        stop = self.text.find("}", self.at)
        if not self.peek("{") or stop < 0:
            return None
        low, comma, high = self.text[self.at + 1 : stop].partition(",")
        if not _is_number(low) or (high and not _is_number(high)):
            return None  # a brace like any other character
        self.at = stop + 1
        return int(low), (int(high) if high else None) if comma else int(low)

    def _atom(self) -> Node | None:
        one = self.next()
        if one == "(":
            return self._group()
        if one == "[":
            return Set(self.bracket())
        if one == "\\":
            return self._escape()
        if one == ".":
            everything = ((0, charsets.LAST),)
            return Set(everything if "s" in self.flags else charsets.complement(((10, 10),)))
        if one in "^$":
            return Edge(one if "m" in self.flags else "A" if one == "^" else "z")
        if one in "*+?":
            raise Untranslatable("a repeat of nothing")
        return self._char(one)

    def _char(self, one: str) -> Char:
        return Char(one, "i" in self.flags and one.isalpha())

    def _group(self) -> Node | None:
        name: str | None = None
        outside = self.flags
        capturing = not self.take("?")
        if not capturing:
            if self.peek("=") or self.peek("!") or self.peek("<=") or self.peek("<!"):
                raise Untranslatable("look-around, which this syntax does not have")
            if self.take("P<") or self.take("<"):
                name, capturing = self.until(">"), True
            elif self._set_flags():
                return None
        self._depth += 1
        if self._depth > _MOST_DEEP:
            raise Untranslatable(f"groups inside groups, over {_MOST_DEEP} deep")
        number = self._groups = self._groups + capturing
        inside = self._choice()
        if not self.take(")"):
            raise Untranslatable("a `)` is missing")
        self._depth -= 1
        self.flags = outside
        return Group(inside, number, name) if capturing else inside

    def _set_flags(self) -> bool:
        """Sets flags; says whether they hold for what follows, rather than for a group."""
        on = True
        while (one := self.next()) not in ":)":
            if one == "-":
                on = False
            elif one in ("imsUxuR" if self.rust else "imsU"):
                self.flags = self.flags | {one} if on else self.flags - {one}
            else:
                raise Untranslatable(f"the flag or group `(?{one}`")
        return one == ")"

    def _escape(self) -> Node:
        one = self.next()
        if one in "AzbB":
            if self.rust and one == "b" and self.peek("{"):
                raise Untranslatable(r"`\b{...}`")
            return Edge(one)
        if one == "C":
            return Set(((0, charsets.LAST),))
        found = self.set_escape(one)
        if found is not None:
            return Set(charsets.folded(found) if "i" in self.flags else found)
        return self._char(chr(self.code(one)))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6
