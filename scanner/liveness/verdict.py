"""What a provider's answer says of a key."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from scanner.fingerprints import MASK
from scanner.liveness.answer import Answer
from scanner.liveness.questions import Question
from scanner.models import Liveness, Verdict
from scanner.positions import harmless
from scanner.rules import Check
from scanner.veil import Veil

REJECTED = "revoked, mistyped or never valid"
_LIVE = {
    402: "accepted, but a payment is due",
    403: "accepted, but not permitted to make this call",
}
_ELSEWHERE = "rejected here, but it may be good elsewhere: --endpoint {}=URL asks there"
_DOUBTFUL = "rejected together with what stands beside it, but there are others in the same file"
_HEADER = "header "
_LONGEST = 100  # characters of a detail
_SHOWN = 2  # characters of a part of a personal detail
_UNREADABLE: Any = object()


def of(question: Question, answer: Answer, at: str) -> Liveness:
    """The verdict on the question's key; `at` is the time of the answer, in ISO 8601.

    What the answer tells of a live key comes along, without the key and with what is personal
    redacted. An answer that tells too many requests is none: see `waiting.is_limited`.
    """
    verdict, reason = _verdict(question.check, answer)
    if verdict is Verdict.REJECTED and question.check.elsewhere and not question.named:
        verdict, reason = Verdict.UNKNOWN, _ELSEWHERE.format(question.check.provider)
    elif verdict is Verdict.REJECTED and question.doubtful:
        verdict, reason = Verdict.UNKNOWN, _DOUBTFUL
    elif verdict is Verdict.REJECTED:  # an installation elsewhere may know it: say who was asked
        reason = f"{reason}, says {harmless(urlsplit(question.base).hostname or '')}"
    details = tuple(_details(question, answer)) if verdict is Verdict.LIVE else ()
    return Liveness(verdict, reason, at, details)


def _verdict(check: Check, answer: Answer) -> tuple[Verdict, str]:
    status = answer.status
    if 300 <= status < 400:
        return Verdict.UNKNOWN, "answered with a redirect, which is not followed"
    if status < 500 and _says_rejected(check, answer):
        return Verdict.REJECTED, REJECTED
    if status in check.live:
        return _accepted(check, answer)
    return _other(check, status)


def _other(check: Check, status: int) -> tuple[Verdict, str]:
    if status in check.rejected:
        return Verdict.REJECTED, REJECTED
    if status >= 500:
        return Verdict.UNKNOWN, f"the server failed (status {status})"
    return Verdict.UNKNOWN, f"answered with status {status}, which tells nothing of the key"


def _says_rejected(check: Check, answer: Answer) -> bool:
    if not check.rejected_if:
        return False
    content = _content(answer)
    return any(_text(_at(content, path)) in values for path, values in check.rejected_if)


def _accepted(check: Check, answer: Answer) -> tuple[Verdict, str]:
    """A status that says live; what the answer holds may have to say so too."""
    if _is_unreadable(check, answer):
        what = "is no whole JSON" if answer.whole else "is too long"
        return Verdict.UNKNOWN, f"the answer {what} and cannot be read"
    if check.live_if and not _at(_content(answer), check.live_if):
        if answer.status in check.rejected:
            return Verdict.REJECTED, REJECTED
        return Verdict.UNKNOWN, "the answer says neither that the key is live nor that it is not"
    plain = "accepted" if answer.status < 300 else f"accepted (status {answer.status})"
    return Verdict.LIVE, _LIVE.get(answer.status, plain)


def _is_unreadable(check: Check, answer: Answer) -> bool:
    """Whether the answer should be JSON, and is not.

    Where nothing in it decides, one that is too long for us is as good as any.
    """
    paths = [path for _, path in check.details if not path.startswith(_HEADER)]
    good = 200 <= answer.status < 300 and check.method != "HEAD"
    expected = check.live_if or (answer.whole and good and (paths or _is_json(answer)))
    return bool(expected) and _content(answer) is _UNREADABLE


def _is_json(answer: Answer) -> bool:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return bool(answer.body) and (kind == "application/json" or kind.endswith("+json"))


def _content(answer: Answer) -> Any:
    try:
        return json.loads(answer.body) if answer.whole else _UNREADABLE
    except (ValueError, RecursionError):
        return _UNREADABLE


def _at(content: Any, path: str) -> Any:
    """What stands at a dotted path: names of objects, numbers in lists; None when nothing does."""
    for name in path.split("."):
        if isinstance(content, dict):
            content = content.get(name)
        elif isinstance(content, list) and name.isdecimal() and int(name) < len(content):
            content = content[int(name)]
        else:
            return None
    return content


def _text(value: Any) -> str:
    """A value as text: a string, a number, true or false, or a list of those; else empty."""
    if isinstance(value, list):
        return ", ".join(text for one in value if (text := _plain(one)))
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else ""


def _details(question: Question, answer: Answer) -> Iterator[tuple[str, str]]:
    check = question.check
    hide = _hider(question)
    content = _content(answer)
    for name, path in check.details:
        header = path.removeprefix(_HEADER)
        value = answer.headers.get(header.lower(), "") if header != path else _at(content, path)
        whole = _text(value).encode("utf-8", "replace").decode()  # JSON can hold half a character
        text = harmless(hide(whole)).strip()
        if text and name in check.personal:
            text = _redacted(text)
        if text:
            yield name, text if len(text) <= _LONGEST else text[: _LONGEST - 1] + MASK


def _hider(question: Question) -> Callable[[str], str]:
    """What takes the question's secrets out of a text: a server may send them back."""
    secrets = [question.secret, *(secret for _, secret in question.companions)]
    veil = Veil(secret.reveal() for secret in secrets)

    def hide(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret.reveal().decode("utf-8", "replace"), secret.redacted)
        return veil.over(text)

    return hide


def _redacted(text: str) -> str:
    """The first characters of each part of a name or an address: `ad… lo…`, `ad…@ex…`."""
    return " ".join(
        "@".join(part[:_SHOWN] + MASK if len(part) > _SHOWN else MASK for part in word.split("@"))
        for word in text.split()
    )
