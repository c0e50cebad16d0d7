"""The values that flow through a scan, from blob to report; all frozen, all without behaviour."""

# Without `from __future__ import annotations`, here and where else named tuples are made that a
# hook needs: each annotation that is a string costs its start some microseconds.
from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """What a thief can do with the secret."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Confidence(StrEnum):
    """How sure a match is a real secret."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Specificity(StrEnum):
    """What the evidence of a rule is; where matches overlap, the stronger evidence wins."""

    GENERIC = "generic"  # a telling name and a random value
    CONTEXT = "context"  # a protocol's own place for credentials: a header, a URL
    FORMAT = "format"  # a documented format that several providers share: JWT, PEM
    PROVIDER = "provider"  # the text proves the provider


class Secret:
    """The bytes of a secret, which show themselves only when asked by name.

    `repr`, `str` and formatting give the redacted form, so that no log line or traceback
    tells the secret. `identity` is what makes two spellings the same secret (a private key
    without its line breaks); equality and hash are those of the identity.
    """

    __slots__ = ("_identity", "_redacted", "_value")

    def __init__(self, value: bytes, redacted: str, identity: bytes | None = None) -> None:
        self._value = value
        self._redacted = redacted
        self._identity = value if identity is None else identity

    def reveal(self) -> bytes:
        """The secret itself, in bytes."""
        return self._value

    @property
    def identity(self) -> bytes:
        """The bytes that tell this secret from others, whatever its spelling."""
        return self._identity

    @property
    def redacted(self) -> str:
        """What may be shown to anybody."""
        return self._redacted

    def __repr__(self) -> str:
        return f"Secret({self._redacted})"

    def __str__(self) -> str:
        return self._redacted

    def __format__(self, spec: str) -> str:
        return format(self._redacted, spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    def __reduce__(self) -> "tuple[type[Secret], tuple[bytes, str, bytes]]":
        # Workers hand their matches to the parent through a pipe, never through a file.
        return Secret, (self._value, self._redacted, self._identity)


class Excerpt(NamedTuple):
    """A line of the scanned text, cut to a readable width, with every secret on it redacted.

    `start` and `end` mark the redacted secret: offsets in characters into `text`, from 0.
    """

    text: str
    start: int
    end: int


class Span(NamedTuple):
    """Where a secret stands in the text that a user opens.

    Lines and columns count from 1, columns in characters; `end_column` is exclusive.
    """

    start_line: int
    start_column: int
    end_line: int
    end_column: int


class LineHash(NamedTuple):
    """What GitHub knows a line by: 64 bits in hex, and which line of its content with that hash
    it is, from 1. It is `exact` when it is the line's own, and not that of the line as shown."""

    digest: str
    number: int
    exact: bool = True


class Match(NamedTuple):
    """One rule's secret at one position of one blob.

    `decoded` names the decoders passed through, outermost first; `span` is in any case the
    position in the undecoded text. `line_hash` is there only when it was asked for.
    """

    rule_id: str
    secret: Secret
    span: Span
    excerpt: Excerpt
    decoded: tuple[str, ...] = ()
    line_hash: LineHash | None = None


class Kind(StrEnum):
    """What carries the text that was scanned."""

    FILE = "file"
    SYMLINK = "symlink"
    STDIN = "stdin"
    FILE_NAME = "file-name"
    COMMIT_MESSAGE = "commit-message"
    AUTHOR = "author"  # the header of a commit: author, committer, signature
    TAG_MESSAGE = "tag-message"
    NOTE = "note"
    REF_NAME = "ref-name"
    GIT_CONFIG = "git-config"


class Commit(NamedTuple):
    """The commit that brought something in.

    `id` in hex, `date` of the author as ISO 8601. `reachable` tells whether a ref leads to it;
    `refs` names some of those refs, and `more_refs` says how many others there are. `at_head`
    tells whether the secret still stands in the tree of HEAD (for a range: of its end), which
    it does at `head_paths`.
    """

    id: str
    author: str
    email: str
    date: str
    subject: str
    reachable: bool = True
    at_head: bool = False
    head_paths: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()
    more_refs: int = 0


class Blob(NamedTuple):
    """Some bytes to scan, and the place where they were found.

    `path` is relative to what is scanned, with `/`, bytes that are no UTF-8 percent-encoded.
    `before` holds earlier versions of the content: a secret that one of them has, and that no
    marker there allows, is not new and not reported. `id` is git's name of the content, in hex.
    """

    kind: Kind
    path: str
    content: bytes
    before: tuple[bytes, ...] = ()
    commit: Commit | None = None
    id: str | None = None


# How `where` ends of a suppression that does not count.
NO_REASON = "no reason given"
EXPIRED = "expired on"  # and the day


class Suppression(NamedTuple):
    """Why a match at a place is not counted: by which means, for what reason, said where."""

    by: str
    reason: str | None
    where: str


class Allowlist(NamedTuple):
    """Findings that the user allows: a match counts as allowed when all that is given holds.

    `paths` are gitignore patterns, `regexes` are searched in the secret, `rules` are ids.
    `path_regexes` are searched in the path, and `line_regexes` in the secret's first line, of
    which 80 characters on each side are known.
    """

    paths: tuple[str, ...]
    regexes: tuple[str, ...]
    rules: tuple[str, ...]
    reason: str | None
    where: str
    path_regexes: tuple[str, ...] = ()
    line_regexes: tuple[str, ...] = ()


class Place(NamedTuple):
    """One occurrence of a finding's secret.

    `commit` brought it in, and `blob` is git's name of the content, both out of git only.
    `distrusted` is what would suppress it if the scanned request had not brought that along, if
    it had not expired, or if a reason were given.
    `line_hash` is that of its first line, if it was asked for.
    """

    kind: Kind
    path: str
    span: Span
    excerpt: Excerpt
    decoded: tuple[str, ...]
    suppressed: Suppression | None
    commit: Commit | None = None
    blob: str | None = None
    distrusted: Suppression | None = None
    line_hash: LineHash | None = None


class Verdict(StrEnum):
    """What the provider says of a key."""

    LIVE = "live"
    REJECTED = "rejected"  # revoked, mistyped or never valid
    UNKNOWN = "unknown"
    NOT_CHECKED = "not-checked"


class Liveness(NamedTuple):
    """The verdict on a key, why, when (UTC, ISO 8601), and what the provider told of it."""

    verdict: Verdict
    reason: str
    checked_at: str | None = None
    details: tuple[tuple[str, str], ...] = ()


class Finding(NamedTuple):
    """One secret under one family, with every place where it stands (at least one).

    Out of git, the place where it came in first is the first. Without `liveness`, nobody asked.
    """

    rule_id: str
    secret: Secret
    fingerprint: str
    places: tuple[Place, ...]
    liveness: Liveness | None = None

    @property
    def suppressed(self) -> Suppression | None:
        """The first place's suppression when all places are suppressed, otherwise nothing."""
        if all(place.suppressed for place in self.places):
            return self.places[0].suppressed
        return None


class Unseen(NamedTuple):
    """Something that was not scanned, and why."""

    what: str
    reason: str


class ScanInfo(NamedTuple):
    """What was scanned, with what, when; times in UTC as ISO 8601.

    `head` is the commit of HEAD and `refs` the number of refs, of a repository only. `origin` is
    the repository's address as a URL, without user and password, and `branch` what is checked
    out: both only where a report tells them.
    """

    command: str
    root: str
    rules_digest: str
    started_at: str
    head: str | None = None
    refs: int | None = None
    origin: str | None = None
    branch: str | None = None


class Gap(NamedTuple):
    """Something that a source did not read; `by_policy` when it was left out on purpose."""

    unseen: Unseen
    by_policy: bool


class Report(NamedTuple):
    """The result of one scan.

    `not_seen` are gaps that make the scan incomplete; `skipped` is what policy left out.
    """

    info: ScanInfo
    findings: tuple[Finding, ...]
    not_seen: tuple[Unseen, ...]
    skipped: tuple[Unseen, ...]
    blobs: int
    bytes: int
    seconds: float
    interrupted: bool = False

    @property
    def complete(self) -> bool:
        """Whether everything that was asked for was seen."""
        return not self.not_seen and not self.interrupted
