"""What CI systems tell of the commits to scan, out of their variables.

Where the variables are described (for GitHub, see `events`):
    GitLab     https://docs.gitlab.com/ci/variables/predefined_variables/
    Bitbucket  https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/
    Azure      https://learn.microsoft.com/azure/devops/pipelines/build/variables
    Jenkins    the page `env-vars.html` of each server, and that of its git plugin
    CircleCI   https://circleci.com/docs/variables/
    Buildkite  https://buildkite.com/docs/pipelines/configure/environment-variables
    Travis     https://docs.travis-ci.com/user/environment-variables/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from scanner.asked import BRANCH, TAG, Asked, Environment, Read, Told, id_of, variable
from scanner.events import github


def told(environment: Environment, read: Read) -> Told | None:
    """What the CI system that runs us tells, or nothing when there is none that we know.

    `read` gives a file's bytes. Raises UsageError for an event that names no commits, and for
    variables that hold something else than they should.
    """
    for marker, system in _SYSTEMS.items():
        if environment.get(marker, "") not in ("", "false"):
            return system(environment, read)
    return None


def _gitlab(environment: Environment, _read: Read) -> Told:
    get = environment.get
    told = Told(
        "GitLab CI",
        get("CI_PIPELINE_SOURCE", ""),
        Asked.EVERYTHING,
        "`GIT_DEPTH: 0` under `variables:`",
        head=variable(environment, "CI_COMMIT_SHA"),
    )
    for kind in ("CI_MERGE_REQUEST", "CI_EXTERNAL_PULL_REQUEST"):
        if get(f"{kind}_IID"):
            return _merge_request(told, kind, environment)
    if get("CI_COMMIT_TAG"):
        return told._replace(what=f"tag {get('CI_COMMIT_TAG')}")
    # A pipeline that another one starts is about the same commits.
    if told.what not in ("push", "external", "parent_pipeline", ""):
        return told
    return told._replace(
        what=f"push to {get('CI_COMMIT_BRANCH', '')}",
        asked=Asked.PUSH,
        base=variable(environment, "CI_COMMIT_BEFORE_SHA"),
        target=get("CI_DEFAULT_BRANCH", ""),
    )


def _merge_request(told: Told, kind: str, environment: Environment) -> Told:
    get = environment.get
    # In pipelines for merged results and merge trains alone. The base of the diff can be that of
    # an earlier target.
    base = variable(environment, f"{kind}_TARGET_BRANCH_SHA")
    target = get(f"{kind}_TARGET_BRANCH_NAME", "")
    # In a pipeline of the fork, `origin` is the fork, whose branches are the requester's own.
    own = get("CI_MERGE_REQUEST_PROJECT_ID", "") in ("", get("CI_PROJECT_ID", ""))
    return told._replace(
        what=f"merge request {get(f'{kind}_IID')} to {target}",
        asked=Asked.REQUEST,
        base=base,
        left=variable(environment, f"{kind}_DIFF_BASE_SHA"),
        target=target if own else "",
        merge=told.head,
        source=variable(environment, f"{kind}_SOURCE_BRANCH_SHA"),
    )


def _bitbucket(environment: Environment, _read: Read) -> Told:
    get = environment.get
    told = Told("Bitbucket Pipelines", "", Asked.PUSH, "`clone: { depth: full }`")
    if get("BITBUCKET_PR_ID"):
        # HEAD has been merged with the target, if that had anything new.
        target = get("BITBUCKET_PR_DESTINATION_BRANCH", "")
        return told._replace(
            what=f"pull request {get('BITBUCKET_PR_ID')} to {target}",
            asked=Asked.REQUEST,
            base=variable(environment, "BITBUCKET_PR_DESTINATION_COMMIT"),
            target=target,
        )
    return _branch_or_tag(
        told, environment, "BITBUCKET_COMMIT", "BITBUCKET_BRANCH", "BITBUCKET_TAG"
    )


def _azure(environment: Environment, _read: Read) -> Told:
    get = environment.get
    ref, reason = get("BUILD_SOURCEBRANCH", ""), get("BUILD_REASON", "")
    told = Told(
        "Azure Pipelines",
        reason,
        Asked.EVERYTHING,
        "`fetchDepth: 0` under `- checkout: self`",
        head=variable(environment, "BUILD_SOURCEVERSION"),
    )
    if get("SYSTEM_PULLREQUEST_TARGETBRANCH"):
        target = get("SYSTEM_PULLREQUEST_TARGETBRANCH", "").removeprefix(BRANCH)
        number = get("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER") or get(
            "SYSTEM_PULLREQUEST_PULLREQUESTID", ""
        )
        source = variable(environment, "SYSTEM_PULLREQUEST_SOURCECOMMITID")
        return told._replace(
            what=f"pull request {number} to {target}",
            asked=Asked.REQUEST,
            target=target,
            merge=told.head,
            source=source,
        )
    if ref.startswith(TAG):
        return told._replace(what=f"tag {ref.removeprefix(TAG)}")
    if reason in ("Schedule", "Manual"):
        return told
    return told._replace(what=f"push to {ref.removeprefix(BRANCH)}", asked=Asked.PUSH)


def _jenkins(environment: Environment, _read: Read) -> Told:
    get = environment.get
    told = Told(
        "Jenkins", "", Asked.PUSH, "`cloneOption(shallow: false)` among the extensions of checkout"
    )
    if get("CHANGE_TARGET"):
        target = get("CHANGE_TARGET", "")
        what = f"change request {get('CHANGE_ID', '')} to {target}"
        return told._replace(what=what, asked=Asked.REQUEST, target=target)
    told = told._replace(base=variable(environment, "GIT_PREVIOUS_SUCCESSFUL_COMMIT"))
    return _branch_or_tag(told, environment, "GIT_COMMIT", "BRANCH_NAME", "TAG_NAME")


def _circleci(environment: Environment, _read: Read) -> Told:
    # It tells nothing of a request's target; docs/ci.md has what to add to the pipeline.
    told = Told("CircleCI", "", Asked.PUSH, "`method: full` under `- checkout:`")
    return _branch_or_tag(told, environment, "CIRCLE_SHA1", "CIRCLE_BRANCH", "CIRCLE_TAG")


def _buildkite(environment: Environment, _read: Read) -> Told:
    get = environment.get
    told = Told(
        "Buildkite",
        get("BUILDKITE_SOURCE", ""),
        Asked.PUSH,
        "BUILDKITE_GIT_CLONE_FLAGS and BUILDKITE_GIT_FETCH_FLAGS without `--depth`",
        target=get("BUILDKITE_PIPELINE_DEFAULT_BRANCH", ""),
    )
    if get("BUILDKITE_MERGE_QUEUE_BASE_COMMIT"):
        base = variable(environment, "BUILDKITE_MERGE_QUEUE_BASE_COMMIT")
        target = get("BUILDKITE_MERGE_QUEUE_BASE_BRANCH", "")
        return told._replace(what="merge queue", asked=Asked.REQUEST, base=base, target=target)
    if get("BUILDKITE_PULL_REQUEST", "false") not in ("", "false"):
        target = get("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "")
        what = f"pull request {get('BUILDKITE_PULL_REQUEST')} to {target}"
        return told._replace(what=what, asked=Asked.REQUEST, target=target)
    if told.what in ("schedule", "ui", "api"):
        return told._replace(asked=Asked.EVERYTHING)
    return _branch_or_tag(told, environment, "", "BUILDKITE_BRANCH", "BUILDKITE_TAG")


def _travis(environment: Environment, _read: Read) -> Told:
    get = environment.get
    range_ = get("TRAVIS_COMMIT_RANGE", "")
    told = Told(
        "Travis CI",
        get("TRAVIS_EVENT_TYPE", ""),
        Asked.PUSH,
        "`depth: false` under `git:`",
        base=id_of("TRAVIS_COMMIT_RANGE", range_.partition("..")[0]),
    )
    if get("TRAVIS_PULL_REQUEST", "false") not in ("", "false"):
        source = variable(environment, "TRAVIS_PULL_REQUEST_SHA")
        target = get("TRAVIS_BRANCH", "")
        return told._replace(
            what=f"pull request {get('TRAVIS_PULL_REQUEST')} to {target}",
            asked=Asked.REQUEST,
            head=source,
            source=source,
            target=target,
            merge=variable(environment, "TRAVIS_COMMIT"),
        )
    if told.what in ("cron", "api"):
        return told._replace(asked=Asked.EVERYTHING, base="")
    return _branch_or_tag(told, environment, "TRAVIS_COMMIT", "TRAVIS_BRANCH", "TRAVIS_TAG")


def _branch_or_tag(
    told: Told, environment: Environment, commit: str, branch: str, tag: str
) -> Told:
    """A pipeline of a branch or a tag, out of the variables with these names."""
    told = told._replace(head=variable(environment, commit))
    if environment.get(tag):
        return told._replace(what=f"tag {environment[tag]}", asked=Asked.EVERYTHING, base="")
    return told._replace(what=f"push to {environment.get(branch, '')}")


_SYSTEMS: Mapping[str, Callable[[Environment, Read], Told]] = {
    "GITHUB_ACTIONS": github,
    "GITLAB_CI": _gitlab,
    "BITBUCKET_BUILD_NUMBER": _bitbucket,
    "TF_BUILD": _azure,
    "CIRCLECI": _circleci,
    "BUILDKITE": _buildkite,
    "TRAVIS": _travis,
    "JENKINS_URL": _jenkins,
}
