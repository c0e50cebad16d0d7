"""What the environments of CI systems, as they were recorded, are taken to ask for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scanner.asked import Asked, Told
from scanner.errors import UsageError
from scanner.pipelines import told

BASE, HEAD, MERGE = "b" * 40, "a" * 40, "c" * 40
ZERO = "0" * 40
EVENT = "/event.json"


def _none(path: str) -> bytes:
    raise AssertionError(f"{path} was read")


def _github(
    name: str, payload: object, **variables: str
) -> tuple[dict[str, str], dict[str, object]]:
    environment = {
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": name,
        "GITHUB_EVENT_PATH": EVENT,
        "GITHUB_SHA": MERGE,
    }
    return environment | variables, {EVENT: payload}


def _ask(environment: dict[str, str], files: dict[str, object] | None = None) -> Told | None:
    def read(path: str) -> bytes:
        assert files is not None, f"{path} was read"
        return json.dumps(files[path]).encode()

    return told(environment, read)


PULL_REQUEST: dict[str, Any] = {
    "action": "synchronize",
    "before": "e" * 40,
    "after": HEAD,
    "number": 7,
    "pull_request": {
        "number": 7,
        "title": "x",
        "base": {"ref": "main", "sha": BASE, "repo": {"default_branch": "main"}},
        "head": {"ref": "main", "sha": HEAD, "repo": {"fork": True}},
    },
    "repository": {"default_branch": "main"},
}
PUSH = {
    "ref": "refs/heads/topic",
    "before": BASE,
    "after": HEAD,
    "created": False,
    "forced": False,
    "base_ref": None,
    "repository": {"default_branch": "main"},
}
GITLAB = {
    "CI": "true",
    "GITLAB_CI": "true",
    "CI_COMMIT_SHA": HEAD,
    "CI_COMMIT_BEFORE_SHA": ZERO,
    "CI_DEFAULT_BRANCH": "main",
    "CI_PROJECT_ID": "11",
}
MERGE_REQUEST = GITLAB | {
    "CI_PIPELINE_SOURCE": "merge_request_event",
    "CI_MERGE_REQUEST_IID": "5",
    "CI_MERGE_REQUEST_PROJECT_ID": "11",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
    "CI_MERGE_REQUEST_DIFF_BASE_SHA": BASE,
    "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": "",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": "",
}
BITBUCKET = {"CI": "true", "BITBUCKET_BUILD_NUMBER": "3", "BITBUCKET_COMMIT": HEAD}
AZURE = {"TF_BUILD": "True", "BUILD_SOURCEVERSION": HEAD, "BUILD_REASON": "IndividualCI"}
JENKINS = {"JENKINS_URL": "https://ci.example.org/", "GIT_COMMIT": HEAD, "BRANCH_NAME": "topic"}
CIRCLECI = {"CI": "true", "CIRCLECI": "true", "CIRCLE_SHA1": HEAD}
BUILDKITE = {
    "CI": "true",
    "BUILDKITE": "true",
    "BUILDKITE_COMMIT": "HEAD",
    "BUILDKITE_BRANCH": "topic",
    "BUILDKITE_PULL_REQUEST": "false",
    "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "",
    "BUILDKITE_PIPELINE_DEFAULT_BRANCH": "main",
    "BUILDKITE_SOURCE": "webhook",
    "BUILDKITE_TAG": "",
}
TRAVIS = {
    "CI": "true",
    "TRAVIS": "true",
    "TRAVIS_COMMIT": HEAD,
    "TRAVIS_BRANCH": "topic",
    "TRAVIS_EVENT_TYPE": "push",
    "TRAVIS_PULL_REQUEST": "false",
    "TRAVIS_TAG": "",
}


# No range


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"CI": "true"}, id="unknown system"),
        pytest.param({"GITHUB_ACTIONS": "false", "GITLAB_CI": ""}, id="switched off"),
    ],
)
def test_no_system_that_we_know(environment: dict[str, str]) -> None:
    assert told(environment, _none) is None


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param(
            (GITLAB | {"CI_COMMIT_SHA": "HEAD\n--all"}, {}), r"'HEAD\n--all'", id="line break"
        ),
        pytest.param(
            (TRAVIS | {"TRAVIS_COMMIT_RANGE": "x^{/a}...y"}, {}), "TRAVIS_COMMIT_RANGE", id="search"
        ),
        pytest.param(
            (BITBUCKET | {"BITBUCKET_COMMIT": HEAD[:6]}, {}), "BITBUCKET_COMMIT", id="too short"
        ),
    ],
)
def test_what_names_no_commits_is_refused(
    asked: tuple[dict[str, str], dict[str, object]], expected: str
) -> None:
    with pytest.raises(UsageError) as error:
        _ask(*asked)
    assert expected in str(error.value)


# Ranges: what is asked, base, head, target, merge


@pytest.mark.parametrize(
    ("asked", "what", "expected"),
    [
        pytest.param(
            _github("pull_request", PULL_REQUEST),
            "pull request 7 to main",
            (Asked.REQUEST, BASE, HEAD, "main", MERGE),
            id="github pull_request",
        ),
        pytest.param(
            _github("pull_request_review", PULL_REQUEST),
            "pull request 7 to main",
            (Asked.REQUEST, BASE, HEAD, "main", MERGE),
            id="github review",
        ),
        pytest.param(
            _github("pull_request_target", PULL_REQUEST),
            "pull request 7 to main",
            (Asked.REQUEST, BASE, HEAD, "main", ""),
            id="github pull_request_target",
        ),
        pytest.param(
            _github("merge_group", {"merge_group": {"base_sha": BASE, "head_sha": HEAD}}),
            "merge queue",
            (Asked.REQUEST, BASE, HEAD, "", ""),
            id="github merge_group",
        ),
        pytest.param(
            _github("push", PUSH),
            "push to topic",
            (Asked.PUSH, BASE, HEAD, "main", ""),
            id="github push",
        ),
        pytest.param(
            _github("push", PUSH | {"before": ZERO, "created": True}),
            "push to topic",
            (Asked.PUSH, "", HEAD, "main", ""),
            id="github new branch",
        ),
        pytest.param(
            _github("push", PUSH | {"ref": "refs/heads/a\nb/--x"}),
            "push to a\nb/--x",
            (Asked.PUSH, BASE, HEAD, "main", ""),
            id="github odd branch",
        ),
        pytest.param(
            _github("push", PUSH | {"ref": "refs/tags/v1", "before": ZERO}),
            "tag v1",
            (Asked.EVERYTHING, "", HEAD, "", ""),
            id="github tag",
        ),
        pytest.param(
            _github("schedule", {"schedule": "0 3 * * *"}),
            "schedule",
            (Asked.EVERYTHING, "", MERGE, "", ""),
            id="github schedule",
        ),
        pytest.param(
            _github("workflow_dispatch", {"ref": "refs/heads/main", "inputs": None}),
            "workflow_dispatch",
            (Asked.EVERYTHING, "", MERGE, "", ""),
            id="github manual",
        ),
        pytest.param(
            (MERGE_REQUEST, {}),
            "merge request 5 to main",
            (Asked.REQUEST, "", HEAD, "main", HEAD),
            id="gitlab merge request",
        ),
        pytest.param(
            (
                MERGE_REQUEST
                | {
                    "CI_COMMIT_SHA": MERGE,
                    "CI_MERGE_REQUEST_EVENT_TYPE": "merge_train",
                    "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": "d" * 40,
                    "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": HEAD,
                },
                {},
            ),
            "merge request 5 to main",
            (Asked.REQUEST, "d" * 40, MERGE, "main", MERGE),
            id="gitlab merge train",
        ),
        pytest.param(
            (MERGE_REQUEST | {"CI_PROJECT_ID": "99"}, {}),
            "merge request 5 to main",
            (Asked.REQUEST, "", HEAD, "", HEAD),
            id="gitlab fork",
        ),
        pytest.param(
            (
                GITLAB
                | {
                    "CI_PIPELINE_SOURCE": "external_pull_request_event",
                    "CI_EXTERNAL_PULL_REQUEST_IID": "8",
                    "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME": "main",
                    "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_SHA": BASE,
                    "CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA": HEAD,
                },
                {},
            ),
            "merge request 8 to main",
            (Asked.REQUEST, BASE, HEAD, "main", HEAD),
            id="gitlab external",
        ),
        pytest.param(
            (
                GITLAB
                | {
                    "CI_PIPELINE_SOURCE": "push",
                    "CI_COMMIT_BRANCH": "topic",
                    "CI_COMMIT_BEFORE_SHA": BASE,
                },
                {},
            ),
            "push to topic",
            (Asked.PUSH, BASE, HEAD, "main", ""),
            id="gitlab branch",
        ),
        pytest.param(
            (GITLAB | {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "topic"}, {}),
            "push to topic",
            (Asked.PUSH, "", HEAD, "main", ""),
            id="gitlab new branch",
        ),
        pytest.param(
            (GITLAB | {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_TAG": "v1"}, {}),
            "tag v1",
            (Asked.EVERYTHING, "", HEAD, "", ""),
            id="gitlab tag",
        ),
        pytest.param(
            (GITLAB | {"CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_BRANCH": "main"}, {}),
            "schedule",
            (Asked.EVERYTHING, "", HEAD, "", ""),
            id="gitlab schedule",
        ),
        pytest.param(
            (
                BITBUCKET
                | {
                    "BITBUCKET_PR_ID": "4",
                    "BITBUCKET_BRANCH": "topic",
                    "BITBUCKET_PR_DESTINATION_BRANCH": "main",
                    "BITBUCKET_PR_DESTINATION_COMMIT": BASE[:12],
                },
                {},
            ),
            "pull request 4 to main",
            (Asked.REQUEST, BASE[:12], "", "main", ""),
            id="bitbucket pull request",
        ),
        pytest.param(
            (BITBUCKET | {"BITBUCKET_BRANCH": "topic"}, {}),
            "push to topic",
            (Asked.PUSH, "", HEAD, "", ""),
            id="bitbucket branch",
        ),
        pytest.param(
            (BITBUCKET | {"BITBUCKET_TAG": "v1"}, {}),
            "tag v1",
            (Asked.EVERYTHING, "", HEAD, "", ""),
            id="bitbucket tag",
        ),
        pytest.param(
            (
                AZURE
                | {
                    "BUILD_REASON": "PullRequest",
                    "BUILD_SOURCEBRANCH": "refs/pull/6/merge",
                    "BUILD_SOURCEVERSION": MERGE,
                    "SYSTEM_PULLREQUEST_PULLREQUESTID": "6",
                    "SYSTEM_PULLREQUEST_SOURCECOMMITID": HEAD,
                    "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main",
                },
                {},
            ),
            "pull request 6 to main",
            (Asked.REQUEST, "", MERGE, "main", MERGE),
            id="azure pull request",
        ),
        pytest.param(
            (AZURE | {"BUILD_SOURCEBRANCH": "refs/heads/topic"}, {}),
            "push to topic",
            (Asked.PUSH, "", HEAD, "", ""),
            id="azure branch",
        ),
        pytest.param(
            (AZURE | {"BUILD_SOURCEBRANCH": "refs/tags/v1"}, {}),
            "tag v1",
            (Asked.EVERYTHING, "", HEAD, "", ""),
            id="azure tag",
        ),
        pytest.param(
            (AZURE | {"BUILD_REASON": "Schedule", "BUILD_SOURCEBRANCH": "refs/heads/main"}, {}),
            "Schedule",
            (Asked.EVERYTHING, "", HEAD, "", ""),
            id="azure schedule",
        ),
        pytest.param(
            (JENKINS | {"BRANCH_NAME": "PR-2", "CHANGE_ID": "2", "CHANGE_TARGET": "main"}, {}),
            "change request 2 to main",
            (Asked.REQUEST, "", "", "main", ""),
            id="jenkins change request",
        ),
        pytest.param(
            (JENKINS | {"GIT_PREVIOUS_SUCCESSFUL_COMMIT": BASE}, {}),
            "push to topic",
            (Asked.PUSH, BASE, HEAD, "", ""),
            id="jenkins branch",
        ),
        pytest.param(
            (JENKINS | {"GIT_PREVIOUS_SUCCESSFUL_COMMIT": BASE, "TAG_NAME": "v1"}, {}),
            "tag v1",
            (Asked.EVERYTHING, "", HEAD, "", ""),
            id="jenkins tag",
        ),
        pytest.param(
            (CIRCLECI | {"CIRCLE_BRANCH": "pull/7"}, {}),
            "push to pull/7",
            (Asked.PUSH, "", HEAD, "", ""),
            id="circleci branch",
        ),
        pytest.param(
            (CIRCLECI | {"CIRCLE_TAG": "v1"}, {}),
            "tag v1",
            (Asked.EVERYTHING, "", HEAD, "", ""),
            id="circleci tag",
        ),
        pytest.param(
            (
                BUILDKITE
                | {
                    "BUILDKITE_PULL_REQUEST": "9",
                    "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "release",
                },
                {},
            ),
            "pull request 9 to release",
            (Asked.REQUEST, "", "", "release", ""),
            id="buildkite pull request",
        ),
        pytest.param(
            (
                BUILDKITE
                | {
                    "BUILDKITE_MERGE_QUEUE_BASE_BRANCH": "main",
                    "BUILDKITE_MERGE_QUEUE_BASE_COMMIT": BASE,
                },
                {},
            ),
            "merge queue",
            (Asked.REQUEST, BASE, "", "main", ""),
            id="buildkite merge queue",
        ),
        pytest.param(
            (BUILDKITE, {}),
            "push to topic",
            (Asked.PUSH, "", "", "main", ""),
            id="buildkite branch",
        ),
        pytest.param(
            (BUILDKITE | {"BUILDKITE_SOURCE": "schedule"}, {}),
            "schedule",
            (Asked.EVERYTHING, "", "", "main", ""),
            id="buildkite schedule",
        ),
        pytest.param(
            (
                TRAVIS
                | {
                    "TRAVIS_EVENT_TYPE": "pull_request",
                    "TRAVIS_PULL_REQUEST": "3",
                    "TRAVIS_PULL_REQUEST_SHA": HEAD,
                    "TRAVIS_COMMIT": MERGE,
                    "TRAVIS_BRANCH": "main",
                    "TRAVIS_COMMIT_RANGE": f"{BASE}...{HEAD}",
                },
                {},
            ),
            "pull request 3 to main",
            (Asked.REQUEST, BASE, HEAD, "main", MERGE),
            id="travis pull request",
        ),
        pytest.param(
            (TRAVIS | {"TRAVIS_COMMIT_RANGE": f"{BASE[:12]}...{HEAD[:12]}"}, {}),
            "push to topic",
            (Asked.PUSH, BASE[:12], HEAD, "", ""),
            id="travis branch",
        ),
        pytest.param(
            (TRAVIS, {}),
            "push to topic",
            (Asked.PUSH, "", HEAD, "", ""),
            id="travis new branch",
        ),
        pytest.param(
            (TRAVIS | {"TRAVIS_TAG": "v1", "TRAVIS_COMMIT_RANGE": f"{BASE}...{HEAD}"}, {}),
            "tag v1",
            (Asked.EVERYTHING, "", HEAD, "", ""),
            id="travis tag",
        ),
        pytest.param(
            (TRAVIS | {"TRAVIS_EVENT_TYPE": "cron"}, {}),
            "cron",
            (Asked.EVERYTHING, "", "", "", ""),
            id="travis cron",
        ),
        pytest.param(
            (TRAVIS | {"GITHUB_ACTIONS": "false", "JENKINS_URL": "https://ci.example.org/"}, {}),
            "push to topic",
            (Asked.PUSH, "", HEAD, "", ""),
            id="two at once",
        ),
    ],
)
def test_environment_names_a_range(
    asked: tuple[dict[str, str], dict[str, object]],
    what: str,
    expected: tuple[Asked, str, str, str, str],
) -> None:
    found = _ask(*asked)
    assert found is not None
    assert found.what == what
    assert (found.asked, found.base, found.head, found.target, found.merge) == expected
    assert found.left == asked[0].get("CI_MERGE_REQUEST_DIFF_BASE_SHA", "")


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        pytest.param(_github("push", PUSH), "`fetch-depth: 0`", id="github"),
        pytest.param(
            _github("pull_request_target", PULL_REQUEST), "`ref: refs/pull/7/head`", id="target"
        ),
        pytest.param((MERGE_REQUEST, {}), "`GIT_DEPTH: 0`", id="gitlab"),
        pytest.param((BITBUCKET, {}), "`clone: { depth: full }`", id="bitbucket"),
        pytest.param((AZURE, {}), "`fetchDepth: 0`", id="azure"),
        pytest.param((JENKINS, {}), "`cloneOption(shallow: false)`", id="jenkins"),
        pytest.param((CIRCLECI, {}), "`method: full`", id="circleci"),
        pytest.param((BUILDKITE, {}), "without `--depth`", id="buildkite"),
        pytest.param((TRAVIS, {}), "`depth: false`", id="travis"),
    ],
)
def test_each_system_has_its_line_for_a_full_clone(
    asked: tuple[dict[str, str], dict[str, object]], line: str
) -> None:
    found = _ask(*asked)
    assert found is not None
    assert line in found.deepen
