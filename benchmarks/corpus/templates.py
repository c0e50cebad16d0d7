"""Read a template and fill it: text with marks in double angle brackets.

<<kind@surroundings>>            plant a key; `kind#label` plants the same one again in this file
<<kind@surroundings|step|...>>   plant it, written down in steps (`writing.WRITERS`)
<<~name>>  <<~name:number>>      draw something harmless (`harmless.HARMLESS`, `FILLER`)
<<?name>>                        draw something on which opinions differ; scored neither way
<<!reason>>                      at a line's end: this line must not be reported
<<%i>>  <<%esc>>                 the round of a repeat; an escape character
<<*repeat N>> ... <<*end>>       on lines of their own
<<*encoding NAME>>  <<*crlf>>    on the first lines: how the file is stored
"""

import re
from dataclasses import dataclass, field
from random import Random

from benchmarks.corpus import harmless, keys, writing

MARK = re.compile(r"<<([~?%!*]?)([^<>\n]+)>>")
KEY = re.compile(
    r"(?P<name>[a-z0-9_]+)(?:#(?P<label>\w+))?@(?P<where>[a-z0-9-]+)(?P<steps>(?:\|.*)?)", re.S
)
CHARACTERS = {"esc": "\x1b", "tab": "\t"}


class TemplateError(Exception):
    """A template that means nothing."""


@dataclass(frozen=True)
class Span:
    """A stretch of the filled text and what it is; offsets in characters."""

    start: int
    end: int
    role: str  # "key", "harmless" or "neutral"
    kind: str
    secret: str
    surroundings: str = ""
    note: str = ""


@dataclass
class Filling:
    """A template being filled."""

    random: Random
    text: str = ""
    spans: list[Span] = field(default_factory=list)
    labelled: dict[str, str] = field(default_factory=dict)
    encoding: str = "utf-8"
    newline: str = "\n"

    def put(self, written: str, role: str, kind: str, **details: str) -> None:
        """Append text and remember what it is; `details` are the other fields of a span."""
        start = len(self.text)
        self.text += written
        self.spans.append(Span(start, len(self.text), role, kind, **details))


def fill(template: str, random: Random) -> Filling:
    """Fill a whole template."""
    filling = Filling(random)
    _fill_lines(template.splitlines(keepends=True), filling, 0)
    return filling


def _fill_lines(lines: list[str], filling: Filling, number: int) -> None:
    """Fill lines, rounds of a repeat included; `number` is the enclosing round."""
    position = 0
    while position < len(lines):
        line = lines[position]
        position += 1
        if not line.startswith("<<*"):
            _fill_line(line, filling, number)
            continue
        word, _, argument = line.strip()[3:-2].partition(" ")
        if word == "repeat":
            end = _end_of_repeat(lines, position)
            for index in range(int(argument)):
                _fill_lines(lines[position:end], filling, index)
            position = end + 1
        else:
            _direct(word, argument, filling)


def _end_of_repeat(lines: list[str], position: int) -> int:
    """Find the line that ends a repeat; repeats do not nest."""
    for index in range(position, len(lines)):
        if lines[index].startswith("<<*end>>"):
            return index
    raise TemplateError("a repeat without an end")


def _direct(word: str, argument: str, filling: Filling) -> None:
    """Follow a directive about how the file is stored."""
    if word == "encoding":
        filling.encoding = argument
    elif word == "crlf":
        filling.newline = "\r\n"
    else:
        raise TemplateError(f"unknown directive: {word}")


def _fill_line(line: str, filling: Filling, number: int) -> None:
    """Fill the marks of one line."""
    position, line_start = 0, len(filling.text)
    for mark in MARK.finditer(line):
        filling.text += line[position : mark.start()]
        position = mark.end()
        sign, body = mark.groups()
        if sign == "!":
            stop = len(filling.text)
            filling.spans.append(
                Span(line_start, stop, "harmless", body, filling.text[line_start:stop])
            )
        elif sign == "%":
            filling.text += str(number) if body == "i" else CHARACTERS[body]
        elif sign:
            _fill_drawn(sign, body, number, filling)
        else:
            _fill_key(body, filling)
    filling.text += line[position:]


def _fill_drawn(sign: str, body: str, number: int, filling: Filling) -> None:
    """Draw what is harmless (recorded), filler (not recorded) or neutral."""
    body, *steps = body.split("|")
    name, _, argument = body.partition(":")
    amount = number if argument == "i" else int(argument or 0)
    table = harmless.NEUTRAL if sign == "?" else harmless.HARMLESS | harmless.FILLER
    if name not in table:
        raise TemplateError(f"unknown name: {name}")
    text = table[name](filling.random, amount)
    written = writing.write(text, steps, filling.random)
    if name in harmless.FILLER:
        filling.text += written
    else:
        filling.put(written, "neutral" if sign == "?" else "harmless", name, secret=text)


def _fill_key(body: str, filling: Filling) -> None:
    """Plant one key."""
    parts = KEY.fullmatch(body)
    if parts is None or parts["name"] not in keys.KEYS:
        raise TemplateError(f"unknown key: {body}")
    kind = keys.KEYS[parts["name"]]
    label = parts["label"] and f"{parts['name']}#{parts['label']}"
    secret = filling.labelled.get(label or "") or kind.draw(filling.random)
    if label:
        filling.labelled[label] = secret
    steps = parts["steps"][1:].split("|") if parts["steps"] else []
    written = writing.write(secret, steps, filling.random)
    note = "written as " + ", ".join(step.partition(":")[0] for step in steps) if steps else ""
    filling.put(written, "key", kind.kind, secret=secret, surroundings=parts["where"], note=note)
