"""Regular expressions as Go (RE2) and Rust write them, read into a tree.

https://github.com/google/re2/wiki/Syntax, https://pkg.go.dev/regexp/syntax and
https://docs.rs/regex/latest/regex/#syntax say what there is. Neither has look-around or
back-references; flags are resolved here, so that the tree needs none.
"""

from __future__ import annotations

from typing import NamedTuple

from scanner import charsets
from scanner.charsets import Ranges

_MOST_DEEP = 100  # groups inside groups; a file may be hostile
_MOST_REPEATS = 1000  # RE2's own limit
_CONTROLS = {"a": 7, "f": 12, "t": 9, "n": 10, "r": 13, "v": 11}
_MEANINGFUL = frozenset("\\.+*?()|[]{}^$")


class Untranslatable(ValueError):
    """A pattern that is none of this syntax, or asks for what cannot be done; says why."""


class Char(NamedTuple):
    """One character; with `fold` in either case."""

    text: str
    fold: bool


class Set(NamedTuple):
    """One character of a set."""

    ranges: Ranges


class Edge(NamedTuple):
    """A place between characters: `A` start and `z` end of the text, `^` and `$` of a line,
    `b` a word's edge, `B` none."""

    kind: str


class Repeat(NamedTuple):
    """The same several times; without `most`, any number of times from `least` on."""

    item: Node
    least: int
    most: int | None
    greedy: bool


class Group(NamedTuple):
    """A capturing group."""

    item: Node
    number: int
    name: str | None


class Sequence(NamedTuple):
    """One after the other."""

    items: tuple[Node, ...]


class Choice(NamedTuple):
    """One of several, the first that fits."""

    items: tuple[Node, ...]


Node = Char | Set | Edge | Repeat | Group | Sequence | Choice


def parse(pattern: str, *, rust: bool = False) -> Node:
    """The tree of a pattern in RE2's syntax, or with `rust` in that of Rust's `regex`.

    Raises Untranslatable with the reason for anything else.
    """
    return _Parser(pattern, rust).whole()


class _Parser:
    """Where the reading of one pattern stands."""

    def __init__(self, pattern: str, rust: bool) -> None:
        self._text, self._rust = pattern, rust
        self._at = self._groups = self._depth = 0
        self._flags: frozenset[str] = frozenset()

    def whole(self) -> Node:
        found = self._choice()
        if self._at < len(self._text):
            raise Untranslatable("a `)` too many")
        return found

    def _peek(self, text: str) -> bool:
        return self._text.startswith(text, self._at)

    def _take(self, text: str) -> bool:
        found = self._peek(text)
        self._at += len(text) * found
        return found

    def _next(self) -> str:
        if self._at >= len(self._text):
            raise Untranslatable("it ends in the middle")
        self._at += 1
        return self._text[self._at - 1]

    def _until(self, end: str) -> str:
        stop = self._text.find(end, self._at)
        if stop < 0:
            raise Untranslatable(f"no `{end}` after `{self._text[self._at : self._at + 10]}`")
        found = self._text[self._at : stop]
        self._at = stop + len(end)
        return found

    def _choice(self) -> Node:
        branches = [self._sequence()]
        while self._take("|"):
            branches.append(self._sequence())
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def _sequence(self) -> Node:
        items: list[Node] = []
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            if "x" in self._flags and self._skip():
                continue
            if self._take(r"\Q"):
                stop = self._text.find(r"\E", self._at)
                literal = self._text[self._at : stop if stop >= 0 else None]
                self._at += len(literal) + (2 if stop >= 0 else 0)
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
        if self._text[self._at].isspace():
            self._at += 1
            return True
        if not self._peek("#"):
            return False
        stop = self._text.find("\n", self._at)
        self._at = len(self._text) if stop < 0 else stop + 1
        return True

    def _repeats(self, items: list[Node], repeatable: bool) -> None:
        while "x" in self._flags and self._at < len(self._text) and self._skip():
            continue
        bounds = self._bounds()
        if bounds is None:
            return
        if not repeatable or not items:
            raise Untranslatable("a repeat of nothing")
        lazy = self._take("?")
        if not lazy and self._peek("+"):
            raise Untranslatable("a possessive repeat, or one of a repeat")
        if bounds[1] is not None and bounds[0] > bounds[1]:
            raise Untranslatable("a repeat whose least is over its most")
        if not self._rust and max(bounds[0], bounds[1] or 0) > _MOST_REPEATS:
            raise Untranslatable(f"a repeat over {_MOST_REPEATS} times, which RE2 refuses")
        items[-1] = Repeat(items[-1], *bounds, greedy=lazy == ("U" in self._flags))
        if self._bounds() is not None:
            if not self._rust:
                raise Untranslatable("a repeat of a repeat, which RE2 refuses")
            raise Untranslatable("a repeat of a repeat")

    def _bounds(self) -> tuple[int, int | None] | None:
        """The least and the most of a repeat that begins here, if one does."""
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._take(sign):
                return bounds
        stop = self._text.find("}", self._at)
        if not self._peek("{") or stop < 0:
            return None
        low, comma, high = self._text[self._at + 1 : stop].partition(",")
        if not _is_number(low) or (high and not _is_number(high)):
            return None  # a brace like any other character
        self._at = stop + 1
        return int(low), (int(high) if high else None) if comma else int(low)

    def _atom(self) -> Node | None:
        one = self._next()
        if one == "(":
            return self._group()
        if one == "[":
            return Set(self._bracket())
        if one == "\\":
            return self._escape()
        if one == ".":
            everything = ((0, charsets.LAST),)
            return Set(everything if "s" in self._flags else charsets.complement(((10, 10),)))
        if one in "^$":
            return Edge(one if "m" in self._flags else "A" if one == "^" else "z")
        if one in "*+?":
            raise Untranslatable("a repeat of nothing")
        return self._char(one)

    def _char(self, one: str) -> Char:
        return Char(one, "i" in self._flags and one.isalpha())

    def _group(self) -> Node | None:
        name: str | None = None
        outside = self._flags
        capturing = not self._take("?")
        if not capturing:
            if self._peek("=") or self._peek("!") or self._peek("<=") or self._peek("<!"):
                raise Untranslatable("look-around, which this syntax does not have")
            if self._take("P<") or self._take("<"):
                name, capturing = self._until(">"), True
            elif self._set_flags():
                return None
        self._depth += 1
        if self._depth > _MOST_DEEP:
            raise Untranslatable(f"groups inside groups, over {_MOST_DEEP} deep")
        number = self._groups = self._groups + capturing
        inside = self._choice()
        if not self._take(")"):
            raise Untranslatable("a `)` is missing")
        self._depth -= 1
        self._flags = outside
        return Group(inside, number, name) if capturing else inside

    def _set_flags(self) -> bool:
        """Sets flags; says whether they hold for what follows, rather than for a group."""
        on = True
        while (one := self._next()) not in ":)":
            if one == "-":
                on = False
            elif one in ("imsUxuR" if self._rust else "imsU"):
                self._flags = self._flags | {one} if on else self._flags - {one}
            else:
                raise Untranslatable(f"the flag or group `(?{one}`")
        return one == ")"

    def _escape(self) -> Node:
        one = self._next()
        if one in "AzbB":
            if self._rust and one == "b" and self._peek("{"):
                raise Untranslatable(r"`\b{...}`")
            return Edge(one)
        if one == "C":
            return Set(((0, charsets.LAST),))
        found = self._set_escape(one)
        if found is not None:
            return Set(charsets.folded(found) if "i" in self._flags else found)
        return self._char(chr(self._code(one)))

    def _set_escape(self, one: str) -> Ranges | None:
        r"""The set of `\d`, `\W`, `\pL` and their like."""
        if one.lower() in charsets.PERL:
            found = charsets.named(charsets.PERL[one.lower()])
            if self._rust and one in "sS":
                found = charsets.union([*found, (11, 11)])
            return charsets.complement(found) if one.isupper() else found
        if one not in "pP":
            return None
        name = self._until("}") if self._take("{") else self._next()
        negative = (one == "P") != name.startswith("^")
        known = charsets.category(name.lstrip("^"))
        if known is None:
            raise Untranslatable(f"the class `\\{one}{{{name}}}`")
        if not negative:
            return known
        # Outside of ASCII, where we do not know, every character.
        return charsets.complement(charsets.common(known, charsets.named("\x00\x7f")))

    def _code(self, one: str) -> int:
        """The character that an escape stands for, behind its backslash."""
        if one in _CONTROLS:
            return _CONTROLS[one]
        if one == "x" or (self._rust and one in "uU"):
            width = {"x": 2, "u": 4, "U": 8}[one]
            digits = self._until("}") if self._take("{") else self._digits(width)
            return _number(digits, 16)
        if one == "0" and not self._rust:
            return _number("0" + self._octal(2), 8)
        if one in "123456789":
            more = "" if self._rust or one in "89" else self._octal(2)
            if not more:
                raise Untranslatable(f"the back-reference `\\{one}`")
            return _number(one + more, 8)
        if one.isalnum() or ord(one) > 0x7F:
            raise Untranslatable(f"the escape `\\{one}`, which this syntax does not have")
        return ord(one)

    def _digits(self, count: int) -> str:
        return "".join(self._next() for _ in range(count))

    def _octal(self, most: int) -> str:
        begin = self._at
        while self._at < min(len(self._text), begin + most) and self._text[self._at] in "01234567":
            self._at += 1
        return self._text[begin : self._at]

    def _bracket(self) -> Ranges:
        """The set of a bracket expression, whose `[` is behind us."""
        negative = self._take("^")
        found: list[tuple[int, int]] = []
        first = True
        while first or not self._peek("]"):
            if self._rust and (self._peek("&&") or self._peek("--") or self._peek("~~")):
                return self._combined(charsets.union(found), negative)
            found += self._member()
            first = False
        self._at += 1
        return self._finished(charsets.union(found), negative)

    def _combined(self, left: Ranges, negative: bool) -> Ranges:
        """`left` and what follows it, joined by Rust's operators of sets."""
        sign = self._digits(2)
        if sign == "~~":
            raise Untranslatable("the symmetric difference `~~` of sets")
        right = self._bracket_rest()
        found = charsets.common(left, right if sign == "&&" else charsets.complement(right))
        return self._finished(found, negative)

    def _bracket_rest(self) -> Ranges:
        found: list[tuple[int, int]] = []
        while not self._take("]"):
            if self._peek("&&") or self._peek("--") or self._peek("~~"):
                raise Untranslatable("several operators of sets in one bracket")
            found += self._member()
        return charsets.union(found)

    def _finished(self, found: Ranges, negative: bool) -> Ranges:
        if "i" in self._flags:
            found = charsets.folded(found)
        return charsets.complement(found) if negative else found

    def _member(self) -> Ranges:
        """A character, range or class inside of brackets."""
        if self._take("[:"):
            name = self._until(":]")
            if name.lstrip("^") not in charsets.POSIX:
                raise Untranslatable(f"the class `[:{name}:]`")
            found = charsets.named(charsets.POSIX[name.lstrip("^")])
            return charsets.complement(found) if name.startswith("^") else found
        one = self._next()
        if self._rust and one == "[":
            return self._bracket()
        if self._rust and "x" in self._flags and one.isspace():
            return ()
        if one == "\\":
            one = self._next()
            found_set = self._set_escape(one)
            if found_set is not None:
                return found_set
            low = self._code(one)
        else:
            low = ord(one)
        high = low
        if self._peek("-") and not self._peek("-]") and not (self._rust and self._peek("--")):
            self._at += 1
            one = self._next()
            high = self._code(self._next()) if one == "\\" else ord(one)
        if high < low:
            raise Untranslatable("a range whose end is before its start")
        return ((low, high),)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6


def _number(digits: str, base: int) -> int:
    try:
        code = int(digits, base)
    except ValueError as error:
        raise Untranslatable(f"the number `{digits}` of a character") from error
    if not 0 <= code <= charsets.LAST:
        raise Untranslatable(f"the number `{digits}` of a character")
    return code
