"""GitHub's events: what is broken, or names no commits, is told with the file's name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scanner.asked import Told
from scanner.errors import UsageError
from scanner.events import github

BASE, HEAD, ZERO = "b" * 40, "a" * 40, "0" * 40
EVENT = "/event.json"
PUSH: dict[str, Any] = {"ref": "refs/heads/topic", "before": BASE, "after": HEAD}


def _github(name: str, payload: object, **variables: str) -> Told:
    def read(path: str) -> bytes:
        assert path == EVENT
        if isinstance(payload, OSError):
            raise payload
        return payload if isinstance(payload, bytes) else json.dumps(payload).encode()

    environment = {"GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": EVENT, "GITHUB_SHA": HEAD}
    return github(environment | variables, read)


@pytest.mark.parametrize(
    ("name", "payload", "variables", "expected"),
    [
        pytest.param("push", PUSH, {"GITHUB_EVENT_PATH": ""}, "PATH is not set", id="no path"),
        pytest.param(
            "push", FileNotFoundError(2, "No such file"), {}, "/event.json: No such", id="no file"
        ),
        pytest.param("push", b"{", {}, "/event.json: ", id="cut short"),
        pytest.param("push", b"\xff\xfe", {}, "/event.json: ", id="no text"),
        pytest.param("push", [], {}, "Expected `object`", id="a list"),
        pytest.param(
            "pull_request", {"pull_request": {"number": 7}}, {}, "base", id="half a request"
        ),
        pytest.param(
            "push", PUSH | {"before": "--upload-pack=x"}, {}, "before: ", id="option of git's"
        ),
        pytest.param("push", PUSH | {"before": "main"}, {}, "is no id", id="a name"),
        pytest.param("push", PUSH | {"before": None}, {}, "before", id="null"),
        pytest.param("push", PUSH | {"after": ZERO}, {}, "deleted", id="branch deleted"),
        pytest.param("push", {}, {}, "deleted", id="push of nothing"),
        pytest.param("workflow_run", {}, {}, "workflow_run: names no", id="other event"),
        pytest.param("issue_comment", {"issue": {}}, {}, "use --base", id="comment"),
        pytest.param("", {}, {}, "GITHUB_EVENT_NAME is not set", id="no event"),
        pytest.param("schedule", {}, {"GITHUB_SHA": "main"}, "GITHUB_SHA: ", id="no commit"),
    ],
)
def test_what_names_no_commits_is_refused(
    name: str, payload: object, variables: dict[str, str], expected: str
) -> None:
    with pytest.raises(UsageError) as error:
        _github(name, payload, **variables)
    assert expected in str(error.value)


def test_what_an_event_holds_besides_does_not_matter() -> None:
    event = PUSH | {"commits": [{"id": 1}], "repository": {"id": 2}, "pull_request": None}
    found = _github("push", event)
    assert (found.base, found.head, found.target) == (BASE, HEAD, "")
