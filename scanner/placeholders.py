"""Tells a stand-in for a secret (a template, a sample, a mask) from a secret.

Words count only from six letters on: a random base62 string of 40 characters holds a given
six-letter word, in any mix of cases, once in about fifteen million, so that a word never
hides a key by chance. Shorter stand-ins (`test`, `your`) are left to the randomness model.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

_TEMPLATE = rb"""
      \$\{[^{}]*(?:\}|$) | ^\$\( | \$\([\w ./-]+\)       # ${X} $(x)
    | \#\{[^{}]*\} | \{\{[^{}]*(?:\}\}|$) | ^[^{]*\}\}$   # #{x} {{ x }}
    | %\(\w+\) | %[sdr]\W*%[sdr] | <%.*%> | ^<%=? | \{%.*%\}             # %(x)s <%= x %> {% x %}
    | ^\$[A-Z_][A-Z0-9_]*$ | ^\$[a-z_]+[A-Za-z_]*\d?$   # $VAR $var
    | ^%[A-Za-z_]\w*%$ | ^@[\w.-]+@$ | ^@[A-Z_]+$       # %VAR% @VAR@
    | ^__?[A-Z0-9_]+__?$                                # __VAR__
    | ^\{[\w.:\ -]+\}$ | ^\[[\w.:\ -]+\]$               # {var} [var]
    | ^<{1,2}[^<>]*>{1,2}$ | ^<[A-Za-z][\w\ -]*$         # <token> <<x>> <token
    | ^&\w+; | &lt;
    | ^(?:env|vault|op|ref\+\w+|secretref|keyvault|ssm|arn|file|data|gcpsm|awssm):
    | ^Ag[AB][A-Za-z0-9+/]{300}                         # Bitnami's sealed secrets
    | ^!(?:vault|Ref|GetAtt|Sub|ImportValue|Join|secret|env|ENV|reference|include)\b
    | ^ENC[\(\[] | ^\{cipher\} | ^\$ANSIBLE_VAULT | ^AQICAH   # encrypted values
    | (?:process\.env|os\.environ|getenv|secrets\.|vars\.|config\.|settings\.)[\w.\[\(]
    """
_MASK = re.compile(rb"(?i)x{5}|\*{3}|\.{3}|\xe2\x80\xa6|\xe2\x80\xa2|#{4}|-{4}|_{6}|0{9}|\?{3}")
_REMEMBERED = 1024  # answers: the same values stand in version after version of a file
_TELLING = 600  # bytes that are looked at; a longer secret shows there what it is
_SURROUNDED = 8  # bytes on each side of a sample word inside a random string
_WORDS = rb"""(?i)
      example | sample | placehold | redacted | obfuscat | sanitized | truncated | undefined
    | removed | change_?-?me | replace_?-?me | fixme | todo[_-] | your[_-] | insert[_-] | hidden[_-]
    | (?:dummy|fake|mock)[_-]?(?:key|tok|sec|pas|val) | test[_-](?:key|tok|sec|pas|val|api)
    | not[_-]?a?[_-]?real | super[_-]?secret | mysecret | my[_-](?:secret|token|key|api)
    | secret[_-]?here | (?:key|token|value)[_-]?here | <hidden>
    | foobar | foobaz | qwerty | asdfgh | lorem | ipsum | 123456789 | abcdefgh
    | deadbeef | cafebabe | badc0ffee | decafbad
    """


@cache
def _compiled(pattern: bytes) -> re.Pattern[bytes]:
    """Compiled when first needed: most runs, above all of hooks, need none of these."""
    return re.compile(pattern, re.VERBOSE | re.DOTALL)


@lru_cache(_REMEMBERED)
def is_template(text: bytes) -> bool:
    """Whether `text` refers to a secret kept elsewhere, or is to be filled in."""
    return _compiled(_TEMPLATE).search(text, 0, _TELLING) is not None


@lru_cache(_REMEMBERED)
def is_placeholder(text: bytes) -> bool:
    """Whether `text` stands in for a secret: template, mask (`xxxxx`, `...`) or sample word.

    A word that random text surrounds on both sides says nothing: it got there by chance, or
    to hide the rest.
    """
    return _MASK.search(text) is not None or is_template(text) or _is_marked(text)


def _is_marked(text: bytes) -> bool:
    for word in _compiled(_WORDS).finditer(text, 0, _TELLING):
        before, behind = text[: word.start()], text[word.end() :]
        if min(len(before), len(behind)) < _SURROUNDED:
            return True
        if not (before[-1:].isalnum() and behind[:1].isalnum()):
            return True
    return False


# What samples and tests are full of: alone or together, with digits and marks around.
_WEAK_WORDS = b"""
    password passwd passw pass pwd passphrase secret secrets token key apikey api test tests
    testing tester admin administrator root user username guest demo default example sample
    dummy fake mock foo bar baz qux change me it letmein welcome qwerty abc abcd xyz asdf
    hello world none null nil undefined empty true false yes no string str text value
    varchar char required optional postgres postgresql mysql mongo redis rabbitmq db
    database mongodb elastic elasticsearch oracle sa dev prod production staging local
    localhost docker my new old your some any thing something anything whatever blank super
    top very hidden redacted masked unknown temp tmp invalid wrong bad good correct
    incorrect valid alice bob john jane joe doe minio keycloak grafana jenkins sonar vagrant
    ansible nexus nobody anonymous basic bearer auth login hunter for the not real a to of
    is enter
""".split()
_WEAK = b"(?:[^a-z]*(?:" + b"|".join(sorted(_WEAK_WORDS, reverse=True)) + rb"))+[^a-z]*|[0-9]*"
_LEET = bytes.maketrans(b"0134@$5!", b"oieaassi")
_LONGEST_WEAK = 40  # bytes; nobody joins more sample words than that


def is_weak_sample(text: bytes) -> bool:
    """Whether a password is made of the words that samples and tests are full of.

    Digits and marks around the words do not make it another (`Passw0rd123!`, `test_1`).
    """
    if len(text) > _LONGEST_WEAK:
        return False
    lowered = text.lower()
    plain = lowered.rstrip(b"0123456789!@#$.").translate(_LEET)
    weak = _compiled(_WEAK)
    return weak.fullmatch(lowered) is not None or weak.fullmatch(plain) is not None
