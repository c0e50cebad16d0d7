"""`keysweep ci` on real repositories, as the CI systems leave them for a job."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

Run = Callable[..., Any]
Git = Callable[..., str]
Key = Callable[[object], str]
ZERO = "0" * 40


class Shared(NamedTuple):
    """A repository that people push to, with a key in its first commit on `main`, a second
    commit there, and a branch `topic`, with a key of its own, from the first."""

    folder: Path
    first: str
    main: str
    topic: str


@pytest.fixture(autouse=True)
def no_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests may run in a CI system themselves."""
    for name in ("GITHUB_ACTIONS", "GITLAB_CI", "BITBUCKET_BUILD_NUMBER", "TF_BUILD",
                 "CIRCLECI", "BUILDKITE", "TRAVIS", "JENKINS_URL"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)


def _commit(git: Git, folder: Path, subject: str, **files: str) -> str:
    """Commits files with these contents; gives the id."""
    for name, text in files.items():
        (folder / name).write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", subject, "--allow-empty")
    return git(folder, "rev-parse", "HEAD").strip()


@pytest.fixture
def shared(repository: Path, git: Git, key: Key) -> Shared:
    git(repository, "checkout", "-qb", "main")
    first = _commit(git, repository, "first", old=key("old"))
    git(repository, "checkout", "-qb", "topic")
    _commit(git, repository, "in", new=key("new"))
    topic = _commit(git, repository, "out", new="nothing\n")
    git(repository, "checkout", "-q", "main")
    main = _commit(git, repository, "second", other=key("other"))
    return Shared(repository, first, main, topic)


@pytest.fixture
def clone(shared: Shared, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Clones the shared repository, checks a commit out, detached, and goes there."""

    def make(commit: str, *options: str, fetch: str | None = None) -> Path:
        folder = tmp_path / "clone"
        if fetch is None:
            git(tmp_path, "clone", "-q", *options, shared.folder.as_uri(), folder)
        else:  # as actions/checkout does it
            git(tmp_path, "init", "-q", folder)
            git(folder, "remote", "add", "origin", shared.folder.as_uri())
            git(folder, "fetch", "-q", *options, "origin", f"+{fetch}:refs/remotes/origin/ci")
        git(folder, "checkout", "-q", "--detach", commit)
        monkeypatch.chdir(folder)
        return folder

    return make


@pytest.fixture
def found(keysweep: Run) -> Run:
    """Runs `keysweep ci` with these variables; gives status, the line, and subjects found."""

    def call(environment: dict[str, str], *arguments: str) -> tuple[int, str, list[str]]:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            ended = keysweep("ci", "--format", "jsonl", *arguments)
        lines = [json.loads(line) for line in ended.out.splitlines()]
        places = [place for line in lines[1:-1] for place in line["places"]]
        subjects = sorted({p["commit"]["subject"] for p in places if not p["suppressed"]})
        return ended.status, ended.err, subjects

    return call


@pytest.fixture
def github(tmp_path: Path) -> Callable[..., dict[str, str]]:
    """The environment of a GitHub event; `sha` is GITHUB_SHA."""

    def make(name: str, sha: str, **payload: object) -> dict[str, str]:
        path = tmp_path / "event.json"
        path.write_text(json.dumps({"repository": {"default_branch": "main"}} | payload))
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": name,
            "GITHUB_EVENT_PATH": str(path),
            "GITHUB_SHA": sha,
        }

    return make


def _request(base: str, head: str) -> dict[str, object]:
    sides = {"base": {"ref": "main", "sha": base}, "head": {"ref": "topic", "sha": head}}
    return {"pull_request": {"number": 7} | sides}


def _push(before: str, after: str, branch: str = "topic") -> dict[str, object]:
    return {"before": before, "after": after, "ref": f"refs/heads/{branch}"}


def _merge(git: Git, shared: Shared) -> str:
    """What GitHub keeps as refs/pull/7/merge, and the request's own head beside it."""
    git(shared.folder, "update-ref", "refs/pull/7/head", shared.topic)
    git(shared.folder, "checkout", "-q", "--detach", "main")
    git(shared.folder, "merge", "-q", "--no-ff", "-m", "merge", "topic")
    git(shared.folder, "update-ref", "refs/pull/7/merge", "HEAD")
    git(shared.folder, "checkout", "-q", "main")
    return git(shared.folder, "rev-parse", "refs/pull/7/merge").strip()


# Wrong use, and what cannot be told


@pytest.mark.parametrize(
    ("environment", "arguments", "expected"),
    [
        pytest.param({}, [], "no CI system that keysweep knows", id="no system"),
        pytest.param({}, ["--head", "HEAD"], "no CI system", id="no base"),
        pytest.param({}, ["--base", ""], "--base '': no commit", id="a variable that is not set"),
        pytest.param({}, ["--base", "none"], "--base 'none': no commit", id="no such commit"),
        pytest.param({}, ["--base", "origin/none"], "no commit of that name", id="no such branch"),
        pytest.param({}, ["--base=--all"], "--base '--all': no commit", id="option of git's"),
        pytest.param({}, ["--base", "HEAD", "--head", "\x1b[2Jx"], r"\x1b[2Jx", id="escape"),
        pytest.param({"KEYSWEEP_BASE": ZERO}, [], "no commit of that name", id="zeros"),
        pytest.param({"GITLAB_CI": "1", "CI_COMMIT_SHA": "HEAD"}, [], "CI_COMMIT_SHA", id="name"),
        pytest.param({"GITHUB_ACTIONS": "true"}, [], "GITHUB_EVENT_PATH", id="no event"),
    ],
)
def test_wrong_use_names_what_is_wrong(
    *, clone: Run, shared: Shared, found: Run, environment: dict[str, str], arguments: list[str],
    expected: str,
) -> None:  # fmt: skip
    clone(shared.topic)
    status, line, subjects = found(environment, *arguments)
    assert status == 2
    assert expected in line
    assert "\x1b" not in line
    assert subjects == []


def test_no_commit_at_all(found: Run, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    status, line, _ = found({"BUILDKITE": "true", "BUILDKITE_SOURCE": "ui"})
    assert (status, "no commit is checked out" in line) == (2, True)


@pytest.mark.parametrize("target", ["gone", "--upload-pack=touch x", "a\nb", "main^{/x}", "*", ""])
def test_target_that_is_not_there_fails_closed(
    clone: Run, shared: Shared, found: Run, target: str
) -> None:
    folder = clone(shared.topic)
    environment = {
        "BUILDKITE": "true",
        "BUILDKITE_PULL_REQUEST": "1",
        "BUILDKITE_PULL_REQUEST_BASE_BRANCH": target,
    }
    for arguments in ([], ["--fetch-missing"]):
        status, line, subjects = found(environment, *arguments)
        assert status == 3
        assert "of origin is not in this clone" in line
        assert line.count("\n") == 1
        assert subjects == []
    assert sorted(path.name for path in folder.iterdir()) == [".git", "new", "old"]


def test_head_that_is_not_there_fails_closed(
    clone: Run, shared: Shared, found: Run, github: Run, git: Git
) -> None:
    clone(shared.main, "--single-branch", "--branch=main")
    environment = github("pull_request_target", shared.main, **_request(shared.main, shared.topic))
    status, line, subjects = found(environment)
    assert status == 3
    assert "put `ref: refs/pull/7/head` and `fetch-depth: 0` under `with:`" in line
    assert subjects == []


# Ranges


def test_pull_request_is_the_merge_that_is_checked_out(
    clone: Run, shared: Shared, found: Run, github: Run, git: Git
) -> None:
    merge = _merge(git, shared)
    clone("origin/ci", fetch="refs/pull/7/merge")
    # The base of the event is older than what was merged.
    environment = github("pull_request", merge, **_request(shared.first, shared.topic))
    status, line, subjects = found(environment)
    assert (status, subjects) == (1, ["in"])
    assert f"pull request 7 to main: {shared.main[:12]}..{merge[:12]}, 3 commits" in line


def test_merge_that_is_not_the_system_s_own_is_the_request_s(
    clone: Run, shared: Shared, found: Run, github: Run, git: Git
) -> None:
    merge = _merge(git, shared)
    clone("origin/ci", fetch="refs/pull/7/merge")
    environment = github("pull_request", shared.main, **_request(shared.first, merge))
    status, line, subjects = found(environment)
    assert (status, subjects) == (1, ["in", "second"])
    assert f"{shared.first[:12]}..{merge[:12]}, 4 commits\n" in line


def test_pull_request_of_a_fork_whose_branch_is_called_main(
    clone: Run, shared: Shared, found: Run, git: Git, key: Key
) -> None:
    folder = clone(shared.topic)
    git(folder, "checkout", "-q", "-B", "main", "--no-track")
    git(folder, "branch", shared.main[:12], shared.topic)
    git(folder, "branch", "origin/main", shared.topic)
    expected = f"{shared.main[:12]}..{shared.topic[:12]}, 2 commits"
    bitbucket = {
        "BITBUCKET_BUILD_NUMBER": "1",
        "BITBUCKET_PR_ID": "4",
        "BITBUCKET_PR_DESTINATION_BRANCH": "main",
        "BITBUCKET_PR_DESTINATION_COMMIT": shared.main[:12],
    }
    jenkins = {"JENKINS_URL": "x", "CHANGE_ID": "4", "CHANGE_TARGET": "main"}
    for environment in (bitbucket, jenkins, {"KEYSWEEP_BASE": "origin/main"}):
        status, line, subjects = found(environment)
        assert (status, subjects) == (1, ["in"])
        assert expected in line


def test_pull_request_without_findings_of_its_own(
    clone: Run, shared: Shared, found: Run, github: Run, git: Git
) -> None:
    git(shared.folder, "checkout", "-qb", "fine", "main")
    head = _commit(git, shared.folder, "fine", fine="nothing\n")
    clone(head)
    environment = github("pull_request", head, **_request(shared.main, head))
    assert found(environment) == (
        0,
        f"keysweep: GitHub Actions, pull request 7 to main: {shared.main[:12]}..{head[:12]}, "
        "1 commit\n",
        [],
    )


def test_merge_queue(clone: Run, shared: Shared, found: Run, github: Run, git: Git) -> None:
    head = _merge(git, shared)
    clone("origin/ci", fetch="refs/pull/7/merge")
    group = {"base_sha": shared.main, "head_sha": head, "head_ref": "x", "base_ref": "y"}
    status, line, subjects = found(github("merge_group", head, merge_group=group))
    assert (status, subjects) == (1, ["in"])
    assert f"merge queue: {shared.main[:12]}..{head[:12]}, 3 commits" in line


def test_merge_train_leaves_out_the_requests_before_it(
    clone: Run, shared: Shared, found: Run, git: Git, key: Key
) -> None:
    git(shared.folder, "checkout", "-qb", "train", "main")
    _commit(git, shared.folder, "other request", third=key("third"))
    git(shared.folder, "merge", "-q", "--no-ff", "-m", "train", "topic")
    head = git(shared.folder, "rev-parse", "HEAD").strip()
    clone(head)
    environment = {
        "GITLAB_CI": "true",
        "CI_COMMIT_SHA": head,
        "CI_MERGE_REQUEST_IID": "5",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": shared.first,
        "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": shared.main,
        "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": shared.topic,
    }
    status, line, subjects = found(environment)
    assert (status, subjects) == (1, ["in"])
    assert "merge request 5 to main: " in line


def test_push(clone: Run, shared: Shared, found: Run, github: Run) -> None:
    clone(shared.main)
    environment = github("push", shared.main, **_push(shared.first, shared.main, "main"))
    status, line, subjects = found(environment)
    assert (status, subjects) == (1, ["second"])
    assert f"push to main: {shared.first[:12]}..{shared.main[:12]}, 1 commit\n" in line


def test_push_of_a_new_branch(clone: Run, shared: Shared, found: Run, github: Run) -> None:
    clone(shared.topic)
    status, line, subjects = found(github("push", shared.topic, **_push(ZERO, shared.topic)))
    assert (status, subjects) == (1, ["in"])
    assert "2 commits (what is not on the default branch)" in line


def test_first_push_of_the_default_branch(
    clone: Run, shared: Shared, found: Run, github: Run
) -> None:
    clone(shared.main)
    environment = github("push", shared.main, **_push(ZERO, shared.main, "main"))
    status, line, subjects = found(environment)
    assert (status, subjects) == (1, ["first", "second"])
    assert f"everything up to {shared.main[:12]}, 2 commits" in line


def test_new_branch_without_a_default_branch(
    clone: Run, shared: Shared, found: Run, github: Run
) -> None:
    clone("origin/ci", fetch="refs/heads/topic")
    environment = github("push", shared.topic, **_push(ZERO, shared.topic))
    status, line, subjects = found(environment)
    assert (status, subjects) == (1, ["first", "in"])
    assert "3 commits (no earlier commit is known, nor the default branch)" in line
    status, line, subjects = found(environment, "--fetch-missing")
    assert (status, subjects) == (1, ["in"])


def test_forced_push(clone: Run, shared: Shared, found: Run, github: Run) -> None:
    clone(shared.topic)
    gone = "1" * 40
    status, line, subjects = found(github("push", shared.topic, **_push(gone, shared.topic)))
    assert (status, subjects) == (1, ["in"])
    assert "the commit 111111111111 is gone, as after a forced push; what is not on" in line


def test_forced_push_whose_earlier_commit_can_be_fetched(
    clone: Run, shared: Shared, found: Run, github: Run, git: Git
) -> None:
    git(shared.folder, "checkout", "-q", "--detach", "topic~1")
    earlier = _commit(git, shared.folder, "amended", more="nothing\n")
    git(shared.folder, "checkout", "-q", "main")
    clone(shared.topic)
    environment = github("push", shared.topic, **_push(earlier, shared.topic))
    status, line, subjects = found(environment, "--fetch-missing")
    assert (status, subjects) == (0, [])
    assert f"{earlier[:12]}..{shared.topic[:12]}, 1 commit\n" in line


@pytest.mark.parametrize("name", ["schedule", "workflow_dispatch"])
def test_nightly_and_manual_runs_scan_everything(
    clone: Run, shared: Shared, found: Run, github: Run, name: str
) -> None:
    clone(shared.topic)
    status, line, subjects = found(github(name, shared.topic))
    assert (status, subjects) == (1, ["first", "in"])
    assert f"{name}: everything up to {shared.topic[:12]}, 3 commits" in line


def test_tag(clone: Run, shared: Shared, found: Run, git: Git) -> None:
    git(shared.folder, "tag", "-am", "release", "v1", "main")
    clone("v1")
    environment = {"GITLAB_CI": "true", "CI_COMMIT_TAG": "v1", "CI_COMMIT_SHA": shared.main}
    status, line, subjects = found(environment)
    assert (status, subjects) == (1, ["first", "second"])
    assert f"GitLab CI, tag v1: everything up to {shared.main[:12]}, 2 commits" in line


def test_options_outrank_the_environment(
    clone: Run, shared: Shared, found: Run, github: Run
) -> None:
    clone(shared.topic)
    environment = github("push", shared.topic, **_push(shared.first, shared.topic))
    assert found(environment, "--base", "HEAD~1")[::2] == (0, [])
    assert found(environment, "--head", "origin/main")[::2] == (1, ["second"])
    assert found({}, "--base", shared.first, "--head", "HEAD")[::2] == (1, ["in"])
    assert found({"KEYSWEEP_BASE": "HEAD~2", "KEYSWEEP_HEAD": "HEAD~1"})[::2] == (1, ["in"])


def test_names_are_shown_without_escapes(
    clone: Run, shared: Shared, found: Run, github: Run
) -> None:
    clone(shared.main)
    environment = github("push", shared.main, **_push(shared.first, shared.main, "a\x1b[2J\nb"))
    status, line, _ = found(environment)
    assert status == 1
    assert "push to a\\x1b[2J\\x0ab: " in line
    assert line.count("\n") == 1


# Configuration: that of the request does not count, that of the default branch does


def test_configuration_counts_where_nothing_is_asked_for(
    clone: Run, shared: Shared, found: Run, github: Run, git: Git
) -> None:
    text = "exclude = ['old', 'other', 'new']\n"
    head = _commit(git, shared.folder, "exclude", **{".keysweep.toml": text})
    clone(head)
    assert found(github("schedule", head))[::2] == (0, [])
    git(shared.folder, "checkout", "-q", "topic")
    head = _commit(git, shared.folder, "exclude", **{".keysweep.toml": text})
    git(Path.cwd(), "fetch", "-q", "origin")
    environment = github("pull_request", head, **_request(shared.main, head))
    assert found(environment)[::2] == (1, ["in"])


# Shallow and partial clones


@pytest.mark.parametrize(
    "arguments", [pytest.param([], id="stop"), pytest.param(["--fetch-missing"], id="fetch")]
)
@pytest.mark.parametrize("depth", [1, 2])
def test_shallow_clone_of_a_merge(
    *, clone: Run, shared: Shared, found: Run, github: Run, git: Git, depth: int,
    arguments: list[str],
) -> None:  # fmt: skip
    merge = _merge(git, shared)
    folder = clone("origin/ci", f"--depth={depth}", fetch="refs/pull/7/merge")
    environment = github("pull_request", merge, **_request(shared.main, shared.topic))
    status, line, subjects = found(environment, *arguments)
    shallow = git(folder, "rev-parse", "--is-shallow-repository").strip()
    if arguments:
        assert (status, subjects, shallow) == (1, ["in"], "false")
        assert f"{shared.main[:12]}..{merge[:12]}, 3 commits" in line
    else:
        assert (status, subjects, shallow) == (3, [], "true")
        assert "put `fetch-depth: 0` under `with:` of actions/checkout" in line


def test_shallow_clone_that_has_the_range(
    clone: Run, shared: Shared, found: Run, github: Run, git: Git
) -> None:
    last = _commit(git, shared.folder, "third", third="nothing\n")
    clone(last, "--depth=2")
    environment = github("push", last, **_push(shared.main, last, "main"))
    status, line, subjects = found(environment)
    assert (status, subjects) == (0, [])
    assert f"{shared.main[:12]}..{last[:12]}, 1 commit\n" in line


def test_shallow_clone_under_a_nightly_run(
    clone: Run, shared: Shared, found: Run, github: Run
) -> None:
    clone(shared.main, "--depth=1")
    environment = github("schedule", shared.main)
    status, line, subjects = found(environment)
    assert (status, subjects) == (3, [])
    assert "`fetch-depth: 0`" in line
    status, line, subjects = found(environment, "--allow-incomplete")
    assert status == 0
    status, line, subjects = found(environment, "--fetch-missing")
    assert (status, subjects) == (1, ["first", "second"])


def test_shallow_branches_that_share_nothing_known(
    clone: Run, shared: Shared, found: Run, git: Git
) -> None:
    folder = clone(shared.topic, "--depth=1", "--no-single-branch")
    git(folder, "fetch", "-q", "--depth=3", "origin", "topic")
    git(folder, "update-ref", "refs/remotes/origin/main", shared.main)
    environment = {"JENKINS_URL": "x", "CHANGE_ID": "4", "CHANGE_TARGET": "main"}
    status, line, subjects = found(environment)
    assert (status, subjects) == (3, [])
    assert "`cloneOption(shallow: false)`" in line
    assert found(environment, "--fetch-missing")[::2] == (1, ["in"])


def test_shallow_clone_without_the_base(clone: Run, shared: Shared, found: Run) -> None:
    clone(shared.main, "--depth=1")
    status, line, subjects = found({}, "--base", shared.first)
    assert (status, subjects) == (3, [])
    assert "in this shallow clone" in line
    assert found({}, "--base", shared.first, "--fetch-missing")[::2] == (1, ["second"])


def test_head_of_a_fork_is_fetched(
    clone: Run, shared: Shared, found: Run, github: Run, git: Git
) -> None:
    _merge(git, shared)
    git(shared.folder, "branch", "-qD", "topic")
    clone(shared.main, "--depth=1")
    environment = github("pull_request_target", shared.main, **_request(shared.main, shared.topic))
    assert found(environment)[0] == 3
    status, line, subjects = found(environment, "--fetch-missing")
    assert (status, subjects) == (1, ["in"])
    assert f"{shared.main[:12]}..{shared.topic[:12]}, 2 commits" in line


def test_remote_that_cannot_be_reached_is_told(
    clone: Run, shared: Shared, found: Run, github: Run
) -> None:
    clone(shared.main, "--depth=1")
    shared.folder.rename(shared.folder.with_name("moved"))
    status, line, subjects = found(github("schedule", shared.main), "--fetch-missing")
    assert (status, subjects) == (3, [])
    assert "git fetch: fatal: " in line
    assert line.count("\n") == 1


def test_contents_that_a_partial_clone_left_out(
    clone: Run, shared: Shared, found: Run, github: Run, git: Git
) -> None:
    git(shared.folder, "config", "uploadpack.allowFilter", "true")
    clone(shared.topic, "--filter=blob:none", "--no-checkout")
    environment = github("pull_request", shared.topic, **_request(shared.main, shared.topic))
    assert found(environment)[::2] == (3, [])
    assert found(environment, "--fetch-missing")[::2] == (1, ["in"])


def test_merge_request_from_an_old_commit_is_judged_by_its_target_now(
    clone: Run, shared: Shared, found: Run, git: Git, repository: Path, key: Callable[..., str]
) -> None:
    folder = clone(shared.topic)
    left = git(folder, "merge-base", "origin/main", "HEAD").strip()
    environment = {
        "GITLAB_CI": "true",
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_MERGE_REQUEST_IID": "3",
        "CI_COMMIT_SHA": shared.topic,
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": left,
    }
    main = git(folder, "rev-parse", "origin/main").strip()
    _, line, _ = found(environment)
    assert f"{main[:12]}.." in line
    git(folder, "update-ref", "-d", "refs/remotes/origin/main")
    _, line, _ = found(environment)
    assert f"{left[:12]}.." in line
    assert "by the configuration of then" in line
