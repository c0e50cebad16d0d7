"""`[rules.liveness]` tables: every way to break one is told, and the shipped ones are sound."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from scanner import rulefiles, rules
from scanner.errors import ConfigError
from scanner.rules import Check, Compiled, Rule, files_in, shipped

RuleFile = Callable[..., Path]
Change = dict[str, object]

_SOUND: Change = {
    "base": "https://api.example.org/v1",
    "path": "/me",
    "headers": {"Authorization": "Bearer {secret}"},
    "reference": "https://example.org/docs/me",
}
_SIGNED: Change = {"headers": {}, "sign": "aws-sigv4 sts us-east-1"}


def _toml(value: object) -> str:
    """A value in TOML; JSON's strings, lists, numbers and booleans are TOML's too."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {_toml(v)}" for k, v in value.items()) + "}"
    return json.dumps(value)


def _write(rule_file: RuleFile, path: Path, change: Change, rule: Change | None = None) -> Path:
    """A rule file with one rule and its check; keys are left out where the change says None."""
    rule_file(path, rule or {})
    table = {key: value for key, value in (_SOUND | change).items() if value is not None}
    lines = [f"{key} = {_toml(value)}\n" for key, value in table.items()]
    path.write_text(path.read_text() + "[rules.liveness]\n" + "".join(lines))
    return path


def _problems(*files: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        rulefiles.read(files, thorough=False)
    return caught.value.problems


def _read(*files: Path) -> dict[str, Rule]:
    return rulefiles.read(files, thorough=False).by_id()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({"url": "https://x.org"}, "unknown field `url`", id="unknown key"),
        pytest.param({"bse": "https://x.org"}, "did you mean `base`?", id="misspelt key"),
        pytest.param({"base": None}, "required field `base`", id="no base"),
        pytest.param({"path": None}, "required field `path`", id="no path"),
        pytest.param({"reference": None}, "required field `reference`", id="no reference"),
        pytest.param({"live": "200"}, "Expected `array`", id="text for list"),
        pytest.param({"live": ["200"]}, "Expected `int`", id="text for status"),
        pytest.param({"elsewhere": "yes"}, "Expected `bool`", id="text for a boolean"),
        pytest.param({"headers": {"Accept": 1}}, "Expected `str`", id="number for header"),
        pytest.param({"base": "http://api.example.org"}, "must be https://host", id="http"),
        pytest.param({"base": "api.example.org"}, "must be https://host", id="no scheme"),
        pytest.param({"base": "https://"}, "must be https://host", id="no host"),
        pytest.param({"base": "https://[::1"}, "must be https://host", id="no address"),
        pytest.param({"base": "https://x.org:port"}, "must be https://host", id="no port"),
        pytest.param({"base": "https://x.org?a=b"}, "must be https://host", id="query in base"),
        pytest.param({"base": "https://x.org#a"}, "must be https://host", id="fragment in base"),
        pytest.param({"base": "https://u:p@x.org"}, "must be https://host", id="user in base"),
        pytest.param({"base": "https://{id}.x.org"}, "must be https://host", id="name in base"),
        pytest.param({"base": "https://x .org"}, "must be https://host", id="space in base"),
        pytest.param({"path": "me"}, "must begin with /", id="relative path"),
        pytest.param({"path": ""}, "must begin with /", id="empty path"),
        pytest.param({"method": "DELETE"}, "method 'DELETE'; only GET, HEAD, POST", id="delete"),
        pytest.param({"method": "get"}, "method 'get'", id="method in lower case"),
        pytest.param({"method": "POST"}, "POST and `body` go together", id="POST without body"),
        pytest.param(
            {"body": "", "content_type": "text/plain"}, "POST and `body` go", id="body of a GET"
        ),
        pytest.param(
            {"method": "POST", "body": "{}x"}, "needs a `content_type`", id="body of no type"
        ),
        pytest.param({"headers": {}}, "`{secret}` must stand in one place, not in 0", id="nowhere"),
        pytest.param({"path": "/{secret}"}, "in one place, not in 2", id="two places"),
        pytest.param({"basic": "{secret}:"}, "in one place, not in 2", id="basic besides"),
        pytest.param({"sign": _SIGNED["sign"]}, "in one place, not in 2", id="sign besides"),
        pytest.param({"path": "/{account}/me"}, "account: not in `needs`", id="unknown name"),
        pytest.param({"needs": {"id": "acme-key"}}, "id of `needs` is not used", id="idle need"),
        pytest.param(
            {"path": "/{id}", "needs": {"id": "acme-id"}},
            "`needs` names 'acme-id', a rule that there is not",
            id="unknown need",
        ),
        pytest.param(
            {**_SIGNED, "sign": "aws-sigv2 sts", "needs": {"id": "acme-key"}},
            "`sign` must be like: aws-sigv4 sts us-east-1",
            id="unknown signature",
        ),
        pytest.param(_SIGNED, "`sign` needs the rule of the key's `id`", id="sign without id"),
        pytest.param(
            {"optional": {"token": "acme-key"}}, "`optional` is for the `token`", id="no signature"
        ),
        pytest.param(
            {**_SIGNED, "needs": {"id": "acme-key"}, "optional": {"session": "acme-key"}},
            "`optional` is for the `token`",
            id="unknown optional",
        ),
        pytest.param(
            {**_SIGNED, "needs": {"id": "acme-key"}, "optional": {"token": "acme-token"}},
            "`optional` names 'acme-token', a rule that there is not",
            id="optional of no rule",
        ),
        pytest.param(
            {"serves": ["acme-old"]}, "`serves` names 'acme-old', a rule that", id="serves no rule"
        ),
        pytest.param(
            {"serves": ["acme-key"]}, "'acme-key', which has a check already", id="serves itself"
        ),
        pytest.param({"prefixes": ["ac", ""]}, "an empty prefix", id="empty prefix"),
        pytest.param({"live": [2]}, "2 is no status", id="no status"),
        pytest.param({"rejected": [600]}, "600 is no status", id="no status to reject"),
        pytest.param({"rejected": [403]}, "403 cannot be both live and rejected", id="both"),
        pytest.param({"live": [302]}, "a redirect tells nothing", id="redirect"),
        pytest.param({"personal": ["email"]}, "email of `personal` is not", id="personal"),
        pytest.param({"rate": "5"}, "'5' is no rate; write it like 10/1s", id="rate"),
        pytest.param({"rate": "0/1s"}, "'0/1s' is no rate", id="no rate at all"),
        pytest.param({"rate_per_key": ["9/1s", "9/1m"]}, "'9/1m' is no rate", id="rate per key"),
        pytest.param({"reference": "docs"}, "where the call is documented", id="no address"),
    ],
)
def test_broken_check_is_told_with_file_and_rule(
    tmp_path: Path, rule_file: RuleFile, change: Change, expected: str
) -> None:
    path = _write(rule_file, tmp_path / "own.toml", change)
    problems = _problems(path)
    head = f"{path}: rule 'acme-key': "
    assert [problem for problem in problems if not problem.startswith(head)] == []
    assert any(expected in problem for problem in problems)


def test_all_problems_of_a_check_are_told_together(tmp_path: Path, rule_file: RuleFile) -> None:
    change: Change = {"base": "x", "path": "y", "headers": {}, "live": [1], "rate": "z"}
    problems = _problems(_write(rule_file, tmp_path / "own.toml", change))
    assert len(problems) == len(change)


def test_rule_that_two_checks_serve_is_told(tmp_path: Path, rule_file: RuleFile) -> None:
    rule_file(tmp_path / "c.toml", {"id": "c"})
    for name in ("a", "b"):
        _write(rule_file, tmp_path / f"{name}.toml", {"serves": ["c"]}, {"id": name})
    (problem,) = _problems(*sorted(tmp_path.glob("*.toml")))
    assert problem == (
        f"{tmp_path / 'b.toml'}: rule 'b': liveness: `serves` names 'c', which has a check already"
    )


def test_rule_that_is_broken_itself_is_not_told_to_be_missing(
    tmp_path: Path, rule_file: RuleFile
) -> None:
    broken = rule_file(tmp_path / "broken.toml", {"id": "acme-old", "regex": "("})
    own = _write(rule_file, tmp_path / "own.toml", {"serves": ["acme-old"]})
    assert all(problem.startswith(f"{broken}: ") for problem in _problems(broken, own))


def test_defaults_are_filled_in(tmp_path: Path, rule_file: RuleFile) -> None:
    path = _write(rule_file, tmp_path / "own.toml", {}, {"family": "acme"})
    assert _read(path)["acme-key"].liveness == Check(
        provider="acme",
        method="GET",
        base="https://api.example.org/v1",
        path="/me",
        headers=(("Authorization", "Bearer {secret}"),),
        basic=None,
        body=None,
        content_type=None,
        sign=None,
        needs=(),
        live=(*range(200, 300), 402, 403),
        rejected=(401,),
        live_if=None,
        rejected_if=(),
        details=(),
        personal=(),
        rate="5/1s",
        rate_per_key=(),
        reference="https://example.org/docs/me",
        optional=(),
        serves=(),
        prefixes=(),
        elsewhere=False,
    )


def test_rule_without_a_table_has_no_check(tmp_path: Path, rule_file: RuleFile) -> None:
    assert _read(rule_file(tmp_path / "own.toml", {}))["acme-key"].liveness is None


_EVERYTHING: Change = {
    "provider": "acme",
    "method": "POST",
    "base": "https://api.example.org",
    "path": "/me?a=b",
    "headers": {"Accept": "application/json"},
    "body": "Action=Who",
    "content_type": "application/x-www-form-urlencoded",
    "sign": "aws-sigv4 sts us-east-1",
    "needs": {"id": "acme-id"},
    "optional": {"token": "acme-token"},
    "serves": ["acme-old"],
    "prefixes": ["acme_"],
    "elsewhere": True,
    "live": [200],
    "rejected": [],
    "live_if": "ok",
    "rejected_if": {"Error.Code": ["Bad", "Worse"]},
    "details": {"account": "Account", "scopes": "header X-Scopes"},
    "personal": ["account"],
    "rate": "2/1s",
    "rate_per_key": ["100/60s"],
    "reference": "https://example.org/docs",
}


def _frozen(value: object) -> object:
    if isinstance(value, dict):
        return tuple((name, _frozen(one)) for name, one in value.items())
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


@pytest.fixture
def full(tmp_path: Path, rule_file: RuleFile) -> list[Path]:
    """Files of a rule whose check gives every key, and of the rules that it names."""
    others = [{"id": name} for name in ("acme-id", "acme-token", "acme-old")]
    own = _write(rule_file, tmp_path / "own.toml", _EVERYTHING)
    return [rule_file(tmp_path / "others.toml", *others), own]


def test_given_values_are_kept(full: list[Path]) -> None:
    check = _read(*full)["acme-key"].liveness
    assert check is not None
    given = {name: _frozen(value) for name, value in _EVERYTHING.items()}
    assert check._asdict() == given | {"basic": None}  # which a signature leaves no place for


def test_a_key_may_be_sent_as_user_and_password(tmp_path: Path, rule_file: RuleFile) -> None:
    change: Change = {"headers": {}, "basic": "api:{secret}"}
    check = _read(_write(rule_file, tmp_path / "own.toml", change))["acme-key"].liveness
    assert check is not None
    assert (check.basic, check.headers) == ("api:{secret}", ())


def test_a_slash_at_the_end_of_a_base_is_dropped(tmp_path: Path, rule_file: RuleFile) -> None:
    path = _write(rule_file, tmp_path / "own.toml", {"base": "https://api.example.org/v1/"})
    check = _read(path)["acme-key"].liveness
    assert check is not None
    assert check.base + check.path == "https://api.example.org/v1/me"


def test_a_served_rule_has_the_check_and_others_of_the_family_have_none(
    tmp_path: Path, rule_file: RuleFile
) -> None:
    family = [{"id": name, "family": "acme"} for name in ("served", "other")]
    others = rule_file(tmp_path / "others.toml", *family)
    own = _write(rule_file, tmp_path / "own.toml", {"serves": ["served"]}, {"family": "acme"})
    read = _read(own, others)
    assert read["served"].liveness == read["acme-key"].liveness is not None
    assert read["other"].liveness is None


def test_checks_go_through_the_artefact(full: list[Path]) -> None:
    read = rulefiles.read(full, thorough=False)
    loaded = rules.load(rules.dump(Compiled(read, (b"",) * len(read.rules), b""))).rules
    for before, after in zip(read.rules, loaded.rules, strict=True):
        assert after.liveness == before.liveness
        assert type(after.liveness) is type(before.liveness)


# The shipped rules

_IN_PATH = {
    "telegram": "the Bot API takes the token in the path alone",
    "mapbox": "its APIs take the token in the query alone",
}
_FEWEST_PROVIDERS = 36  # ByteEngine, ByteStack and at least 34 more


@pytest.fixture(scope="module")
def asked() -> dict[str, Check]:
    """The checks of the shipped rules, by the id of the rule."""
    read = rulefiles.read(files_in(shipped()), thorough=False).rules
    return {rule.id: rule.liveness for rule in read if rule.liveness}


def test_shipped_checks_ask_many_providers(asked: dict[str, Check]) -> None:
    providers = {check.provider for check in asked.values()}
    assert {"byteengine", "bytestack", "github", "aws"} <= providers
    assert len(providers) >= _FEWEST_PROVIDERS


def test_shipped_checks_ask_by_https_and_say_where_that_is_documented(
    asked: dict[str, Check],
) -> None:
    for check in asked.values():
        assert urlsplit(check.base).scheme == urlsplit(check.reference).scheme == "https"
    vague = {c.provider for c in asked.values() if urlsplit(c.reference).path in ("", "/")}
    # Facts about these two were handed over with their documentation's address alone; the others
    # have one long page.
    assert vague - {"byteengine", "bytestack"} == {"netlify"}


def test_shipped_checks_keep_keys_out_of_urls_where_headers_do(asked: dict[str, Check]) -> None:
    in_path = {check.provider for check in asked.values() if "{secret}" in check.path}
    assert in_path == set(_IN_PATH)


def test_one_provider_is_asked_at_one_address(asked: dict[str, Check]) -> None:
    bases: dict[str, set[str]] = {}
    for check in asked.values():
        bases.setdefault(check.provider, set()).add(check.base)
    assert {provider: urls for provider, urls in bases.items() if len(urls) > 1} == {}


def test_shipped_posts_are_known_to_change_nothing(asked: dict[str, Check]) -> None:
    posts = {check.provider: check.body for check in asked.values() if check.method == "POST"}
    assert posts == {
        "aws": "Action=GetCallerIdentity&Version=2011-06-15",
        "linear": '{"query":"query { viewer { id name } organization { urlKey } }"}',
        "slack": "",  # auth.test
    }


def test_personal_details_are_marked(asked: dict[str, Check]) -> None:
    names = {"email", "login", "username", "full_name", "firstname", "handle", "arn", "user"}
    for check in asked.values():
        telling = {name for name, path in check.details if path.rpartition(".")[2].lower() in names}
        bots = {"discord", "telegram"}  # their accounts are programs
        assert check.provider in bots or telling <= set(check.personal), check.provider


@pytest.mark.parametrize(
    ("rule_id", "path", "limits"),
    [
        pytest.param("byteengine-api-key", "/workers", ("1000/60s", "100/10s"), id="ByteEngine"),
        pytest.param("bytestack-api-key", "/jobs", (), id="ByteStack"),
    ],
)
def test_the_two_providers_at_the_centre_are_asked_as_documented(
    asked: dict[str, Check], rule_id: str, path: str, limits: tuple[str, ...]
) -> None:
    check = asked[rule_id]
    assert (check.method, check.path, check.rate_per_key) == ("GET", path, limits)
    assert check.headers == (("Authorization", "Bearer {secret}"),)
    assert {200, 402, 403} <= set(check.live)
    assert check.rejected == (401,)


@pytest.mark.parametrize(
    "rule_id",
    [
        pytest.param("github-refresh-token", id="for another host"),
        pytest.param("slack-refresh-token", id="for another call"),
        pytest.param("gitlab-runner-token", id="no user's"),
        pytest.param("stripe-organization-key", id="needs another header"),
        pytest.param("openai-admin-key", id="for another API"),
    ],
)
def test_keys_that_their_family_cannot_ask_for_are_not_asked_about(
    asked: dict[str, Check], rule_id: str
) -> None:
    read: dict[str, Any] = rulefiles.read(files_in(shipped()), thorough=False).by_id()
    assert rule_id in read
    assert rule_id not in asked


def test_a_key_of_a_shared_form_is_asked_of_its_own_provider(asked: dict[str, Check]) -> None:
    shared = ["stripe-secret-key", "clerk-live-secret-key", "workos-api-key"]
    assert [asked[name].provider for name in shared] == ["stripe", "clerk", "workos"]
