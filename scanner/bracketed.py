"""The characters and sets of characters in a pattern of Go's (RE2) or Rust's."""

from __future__ import annotations

from scanner import charsets
from scanner.charsets import Ranges
from scanner.patterntree import Untranslatable

_CONTROLS = {"a": 7, "f": 12, "t": 9, "n": 10, "r": 13, "v": 11}


class Cursor:
    """Where the reading of one pattern stands, and the flags that hold there."""

    def __init__(self, pattern: str, rust: bool) -> None:
        """`rust` says whose syntax it is."""
        self.text, self.rust = pattern, rust
        self.at = 0
        self.flags: frozenset[str] = frozenset()

    def peek(self, text: str) -> bool:
        """Whether a text comes next."""
        return self.text.startswith(text, self.at)

    def take(self, text: str) -> bool:
        """Whether a text comes next, which is then behind us."""
        found = self.peek(text)
        self.at += len(text) * found
        return found

    def next(self) -> str:
        """The next character, which is then behind us; Untranslatable at the end."""
        if self.at >= len(self.text):
            raise Untranslatable("it ends in the middle")
        self.at += 1
        return self.text[self.at - 1]

    def until(self, end: str) -> str:
        """The text up to an end, both of which are then behind us."""
        stop = self.text.find(end, self.at)
        if stop < 0:
            raise Untranslatable(f"no `{end}` after `{self.text[self.at : self.at + 10]}`")
        found = self.text[self.at : stop]
        self.at = stop + len(end)
        return found

    def set_escape(self, one: str) -> Ranges | None:
        r"""The set of `\d`, `\W`, `\pL` and their like."""
        if one.lower() in charsets.PERL:
            found = charsets.named(charsets.PERL[one.lower()])
            if self.rust and one in "sS":
                found = charsets.union([*found, (11, 11)])
            return charsets.complement(found) if one.isupper() else found
        if one not in "pP":
            return None
        name = self.until("}") if self.take("{") else self.next()
        negative = (one == "P") != name.startswith("^")
        known = charsets.category(name.lstrip("^"))
        if known is None:
            raise Untranslatable(f"the class `\\{one}{{{name}}}`")
        if not negative:
            return known
        # Outside of ASCII, where we do not know, every character.
        return charsets.complement(charsets.common(known, charsets.named("\x00\x7f")))

    def code(self, one: str) -> int:
        """The character that an escape stands for, behind its backslash."""
        if one in _CONTROLS:
            return _CONTROLS[one]
        if one == "x" or (self.rust and one in "uU"):
            width = {"x": 2, "u": 4, "U": 8}[one]
            digits = self.until("}") if self.take("{") else self._digits(width)
            return _number(digits, 16)
        if one == "0" and not self.rust:
            return _number("0" + self._octal(2), 8)
        if one in "123456789":
            more = "" if self.rust or one in "89" else self._octal(2)
            if not more:
                raise Untranslatable(f"the back-reference `\\{one}`")
            return _number(one + more, 8)
        if one.isalnum() or ord(one) > 0x7F:
            raise Untranslatable(f"the escape `\\{one}`, which this syntax does not have")
        return ord(one)

    def _digits(self, count: int) -> str:
        return "".join(self.next() for _ in range(count))

    def _octal(self, most: int) -> str:
        begin = self.at
        while self.at < min(len(self.text), begin + most) and self.text[self.at] in "01234567":
            self.at += 1
        return self.text[begin : self.at]

    def bracket(self) -> Ranges:
        """The set of a bracket expression, whose `[` is behind us."""
        negative = self.take("^")
        found: list[tuple[int, int]] = []
        first = True
        while first or not self.peek("]"):
            if self.rust and (self.peek("&&") or self.peek("--") or self.peek("~~")):
                return self._combined(charsets.union(found), negative)
            found += self._member()
            first = False
        self.at += 1
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
        while not self.take("]"):
            if self.peek("&&") or self.peek("--") or self.peek("~~"):
                raise Untranslatable("several operators of sets in one bracket")
            found += self._member()
        return charsets.union(found)

    def _finished(self, found: Ranges, negative: bool) -> Ranges:
        if "i" in self.flags:
            found = charsets.folded(found)
        return charsets.complement(found) if negative else found

    def _member(self) -> Ranges:
        """A character, range or class inside of brackets."""
        if self.take("[:"):
            name = self.until(":]")
            if name.lstrip("^") not in charsets.POSIX:
                raise Untranslatable(f"the class `[:{name}:]`")
            found = charsets.named(charsets.POSIX[name.lstrip("^")])
            return charsets.complement(found) if name.startswith("^") else found
        one = self.next()
        if self.rust and one == "[":
            return self.bracket()
        if self.rust and "x" in self.flags and one.isspace():
            return ()
        if one == "\\":
            one = self.next()
            found_set = self.set_escape(one)
            if found_set is not None:
                return found_set
            low = self.code(one)
        else:
            low = ord(one)
        high = low
        if self.peek("-") and not self.peek("-]") and not (self.rust and self.peek("--")):
            self.at += 1
            one = self.next()
            high = self.code(self.next()) if one == "\\" else ord(one)
        if high < low:
            raise Untranslatable("a range whose end is before its start")
        return ((low, high),)


def _number(digits: str, base: int) -> int:
    try:
        code = int(digits, base)
    except ValueError as error:
        raise Untranslatable(f"the number `{digits}` of a character") from error
    if not 0 <= code <= charsets.LAST:
        raise Untranslatable(f"the number `{digits}` of a character")
    return code
