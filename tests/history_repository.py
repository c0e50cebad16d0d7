"""A repository that holds one key in each of the places where git keeps anything."""

from __future__ import annotations

import codecs
import hashlib
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import NamedTuple

_BEGINNING = 1_700_000_000  # seconds since 1970 at the first call of git; a minute passes by each
_IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Ada"), ("EMAIL", "ada@example.org"))
}
_SETTINGS = {
    "gc.auto": "0",  # nothing is packed but by `_store`
    "core.autocrlf": "false",
    "protocol.file.allow": "always",
    "advice.graftFileDeprecated": "false",
}
_STEPS_A_PACK = 9
_VERSIONS = 60
_TELLING_VERSION = 30


class Storage(StrEnum):
    """How the objects are kept in the end."""

    LOOSE = "loose"
    PACKED = "one pack"
    SEVERAL = "several packs"  # and the latest objects loose


class Place(NamedTuple):
    """What a perfect report says of one key.

    Where more than one kind or path does, the best is the first. `commit` brought the key in;
    None when no commit leads to it, or when that is left open.
    """

    name: str
    kinds: tuple[str, ...]
    paths: tuple[str, ...]
    commit: str | None = None
    reachable: bool = True
    at_head: bool = False

    @property
    def key(self) -> str:
        """The key that stands in this place and nowhere else."""
        return key(self.name)


Step = Callable[["_Builder"], Iterator[Place]]
_STEPS: list[Step] = []
NAMES: list[str] = []
# Of which places it is settled whether a commit, and which, brought them in.
OF_A_COMMIT: list[str] = []
OF_NO_COMMIT: list[str] = []


def key(name: str) -> str:
    """The ByteEngine key of a place."""
    return "be_" + hashlib.sha256(name.encode()).hexdigest()[:40]


def build(folder: Path, object_format: str, storage: Storage) -> list[Place]:
    """Makes the repository, and beside it the one it borrows objects from; gives all places."""
    builder = _Builder(folder, object_format, storage)
    places: list[Place] = []
    for number, step in enumerate(_STEPS, 1):
        places += step(builder)
        if storage is Storage.SEVERAL and number % _STEPS_A_PACK == 0:
            # Half of the packs with deltas that name their base by id, not by offset.
            by_offset = str(bool(number // _STEPS_A_PACK % 2)).lower()
            builder.git("-c", f"repack.useDeltaBaseOffset={by_offset}", "repack", "-dlq")
    if storage is Storage.PACKED:
        builder.git("repack", "-dlq")  # unreachable objects are kept only where a pack is already
        builder.git("repack", "-adfklq", "--depth=60", "--window=70")
        builder.git("pack-refs", "--all")
    return places


class _Builder:
    """The repository while it grows; its clock goes on by a minute with each call of git."""

    def __init__(self, folder: Path, object_format: str, storage: Storage) -> None:
        self.folder = folder
        self.object_format = object_format
        self.storage = storage
        self._clock = count(_BEGINNING, 60)
        self.init(folder)
        self.add({"README": b"nothing\n"})

    def init(self, folder: Path) -> None:
        """Makes an empty repository of the same object format."""
        folder.mkdir(parents=True)
        self.git("init", "-q", "-b", "main", f"--object-format={self.object_format}", at=folder)

    def git(
        self,
        *arguments: str | bytes,
        stdin: bytes = b"",
        at: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> str:
        """Runs git and gives what it prints, without the line break at its end."""
        now = f"{next(self._clock)} +0000"
        dates = {"GIT_AUTHOR_DATE": now, "GIT_COMMITTER_DATE": now}
        own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        settings = [word for item in _SETTINGS.items() for word in ("-c", "=".join(item))]
        done = subprocess.run(
            ["git", *settings, *arguments],
            cwd=at or self.folder,
            env={**os.environ, **own, **_IDENTITY, **dates, **(environment or {})},
            input=stdin,
            capture_output=True,
            check=True,
        )
        return os.fsdecode(done.stdout).removesuffix("\n")

    def write(self, files: Mapping[str, bytes | None]) -> None:
        """Writes files of the work tree; deletes those without content."""
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(exist_ok=True)
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content)

    def stage(self, files: Mapping[str, bytes | None]) -> None:
        """Writes files and puts them into the index."""
        self.write(files)
        self.git("add", "--all", "--force", "--", *files)

    def commit(self, *options: str, message: str = "change", **environment: str) -> str:
        """Commits the index and gives the commit's id."""
        options = ("-q", "--allow-empty", "-m", message, *options)
        self.git("commit", *options, environment=environment)
        return self.git("rev-parse", "HEAD")

    def add(self, files: Mapping[str, bytes | None]) -> str:
        """Commits files and gives the commit's id."""
        self.stage(files)
        return self.commit()

    def blob(self, content: bytes) -> str:
        """Stores some content that nothing names."""
        return self.git("hash-object", "-w", "--stdin", stdin=content)

    def tree(self, files: Mapping[bytes, bytes]) -> str:
        """Stores a folder that nothing names."""
        entries = (b"100644 blob %s\t%s" % (self.blob(text).encode(), name)
                   for name, text in files.items())  # fmt: skip
        return self.git("mktree", "-z", stdin=b"".join(entry + b"\0" for entry in entries))

    def aside(
        self, ref: str | None, files: Mapping[bytes, bytes], *parents: str, message: str = "aside"
    ) -> str:
        """Makes a commit apart from HEAD and from the work tree; only `ref` leads to it."""
        options = [word for parent in parents for word in ("-p", parent)]
        commit = self.git("commit-tree", *options, "-m", message, self.tree(files))
        if ref:
            self.git("update-ref", ref, commit)
        return commit

    def raw(self, kind: str, *lines: bytes, options: tuple[str, ...] = ()) -> str:
        """Stores a commit or tag written by hand."""
        options = ("-t", kind, *options)
        return self.git("hash-object", "-w", "--stdin", *options, stdin=b"\n".join(lines))


def _holds(*names: str, commit: bool | None = True) -> Callable[[Step], Step]:
    """Takes a step into the plan, together with the names of the places that it makes.

    `commit` tells whether a commit brings them in; None leaves it to the report.
    """

    def take(step: Step) -> Step:
        _STEPS.append(step)
        NAMES.extend(names)
        if commit is not None:
            (OF_A_COMMIT if commit else OF_NO_COMMIT).extend(names)
        return step

    return take


def _line(name: str) -> bytes:
    return f"first line\ntoken = '{key(name)}'\n".encode()


def _file(
    name: str, path: str, commit: str | None, reachable: bool = True, at_head: bool = False
) -> Place:
    return Place(name, ("file",), (path,), commit, reachable, at_head)


def _from_commit(name: str, kinds: tuple[str, ...], commit: str, reachable: bool = True) -> Place:
    """A place in a commit object itself."""
    return Place(name, kinds, (f"commit/{commit}",), commit, reachable)


# Versions of files


@_holds("deep-delta")
def _many_versions(builder: _Builder) -> Iterator[Place]:
    """Sixty versions of a file, each a delta of its neighbour once they are packed."""
    stream = b"".join(map(_version, range(1, _VERSIONS + 1)))
    limit = "0" if builder.storage is Storage.SEVERAL else "100000"
    builder.git("-c", f"fastimport.unpackLimit={limit}", "fast-import", "--quiet", stdin=stream)
    if builder.storage is Storage.SEVERAL:
        builder.git("repack", "-adfq", "--depth=60", "--window=70")
    commits = builder.git("rev-list", "--reverse", "refs/heads/versions").split()
    yield _file("deep-delta", "versions.txt", commits[_TELLING_VERSION - 1])


def _version(number: int) -> bytes:
    """One commit of a file whose lines each change at another version."""
    lines = [f"line {n}: {key(f'filler {n} {n <= number}')[3:]}" for n in range(_VERSIONS)]
    if number == _TELLING_VERSION:
        lines[20] = f"token = '{key('deep-delta')}'"
    content = "\n".join(lines).encode()
    return (
        b"commit refs/heads/versions\ncommitter Ada <ada@example.org> %d +0000\ndata 7\nversion\n"
        b"M 100644 inline versions.txt\ndata %d\n%s\n"
        % (_BEGINNING + number, len(content), content)
    )


@_holds("head-file", "packed-object")
def _head(builder: _Builder) -> Iterator[Place]:
    for name in ("head-file", "packed-object"):
        commit = builder.add({f"{name}.txt": _line(name)})
        yield _file(name, f"{name}.txt", commit, at_head=True)


@_holds("deleted-file")
def _deleted(builder: _Builder) -> Iterator[Place]:
    commit = builder.add({"deleted.txt": _line("deleted-file")})
    builder.add({"deleted.txt": None})
    yield _file("deleted-file", "deleted.txt", commit)


@_holds("changed-file")
def _changed(builder: _Builder) -> Iterator[Place]:
    commit = builder.add({"changed.txt": _line("changed-file")})
    builder.add({"changed.txt": b"harmless now\n"})
    yield _file("changed-file", "changed.txt", commit)


@_holds("older-version")
def _older(builder: _Builder) -> Iterator[Place]:
    builder.add({"older.txt": b"not yet\n"})
    commit = builder.add({"older.txt": b"now\n" + _line("older-version")})
    builder.add({"older.txt": b"not any more\n"})
    yield _file("older-version", "older.txt", commit)


@_holds("grown-file")
def _grown(builder: _Builder) -> Iterator[Place]:
    """A key that all later versions have too: the first brought it in."""
    commit = builder.add({"grown.txt": _line("grown-file")})
    builder.add({"grown.txt": b"before\n" + _line("grown-file")})
    builder.add({"grown.txt": b"before\n" + _line("grown-file") + b"behind\n"})
    yield _file("grown-file", "grown.txt", commit, at_head=True)


@_holds("file-that-came-back")
def _came_back(builder: _Builder) -> Iterator[Place]:
    content = _line("file-that-came-back")
    commit = builder.add({"back.txt": content})
    builder.add({"back.txt": None})
    builder.add({"back.txt": content})
    yield _file("file-that-came-back", "back.txt", commit, at_head=True)


@_holds("renamed-file")
def _renamed(builder: _Builder) -> Iterator[Place]:
    commit = builder.add({"old-name.txt": _line("renamed-file")})
    builder.git("mv", "old-name.txt", "new-name.txt")
    builder.commit()
    yield _file("renamed-file", "old-name.txt", commit, at_head=True)


@_holds("mode-change")
def _mode(builder: _Builder) -> Iterator[Place]:
    commit = builder.add({"mode.sh": _line("mode-change")})
    builder.git("update-index", "--chmod=+x", "mode.sh")
    builder.commit()
    builder.git("checkout", "-q", "--", "mode.sh")
    yield _file("mode-change", "mode.sh", commit, at_head=True)


# Kinds of files


def _escaped(name: str) -> bytes:
    return b'{"token": "%s"}\n' % b"".join(b"\\u%04x" % byte for byte in key(name).encode())


def _percent(name: str) -> bytes:
    return b"https://example.org/?token=%s\n" % b"".join(b"%%%02X" % b for b in key(name).encode())


def _split(name: str) -> bytes:
    return f"const token = '{key(name)[:20]}' +\n  '{key(name)[20:]}';\n".encode()


_CONTENTS: dict[str, Callable[[str], bytes]] = {
    "utf-16-le": lambda name: codecs.BOM_UTF16_LE + _line(name).decode().encode("utf-16-le"),
    "utf-16-be-without-mark": lambda name: _line(name).decode().encode("utf-16-be"),
    "utf-8-mark": lambda name: codecs.BOM_UTF8 + key(name).encode(),
    "crlf": lambda name: _line(name).replace(b"\n", b"\r\n"),
    "latin-1": lambda name: b"caf\xe9 \xfc" + key(name).encode() + b"\xe9\n",
    "binary": lambda name: bytes(range(256)) + key(name).encode() + bytes(range(256)),
    "json-escapes": _escaped,
    "percent-encoding": _percent,
    "split-literal": _split,
    "long-line": lambda name: b"x = 1; " * 22000 + _line(name)[11:-1] + b"; y = 2" * 22000,
}


@_holds(*_CONTENTS)
def _contents(builder: _Builder) -> Iterator[Place]:
    for name, content in _CONTENTS.items():
        commit = builder.add({f"{name}.txt": content(name)})
        yield _file(name, f"{name}.txt", commit, at_head=True)


@_holds("not-diffed", "called-binary", "ignored-but-added", "submodule-url")
def _special_files(builder: _Builder) -> Iterator[Place]:
    builder.add({".gitattributes": b"a.nodiff -diff\na.bin binary\n", ".gitignore": b"*.log\n"})
    url = f"https://user:{key('submodule-url')}@git.example.org/sub.git"
    modules = f'[submodule "sub"]\n\tpath = sub\n\turl = {url}\n'.encode()
    for name, path, content in (
        ("not-diffed", "a.nodiff", _line("not-diffed")),
        ("called-binary", "a.bin", _line("called-binary")),
        ("ignored-but-added", "a.log", _line("ignored-but-added")),
        ("submodule-url", ".gitmodules", modules),
    ):
        yield _file(name, path, builder.add({path: content}), at_head=True)


@_holds("symbolic-link")
def _link(builder: _Builder) -> Iterator[Place]:
    target = builder.blob(f"/srv/{key('symbolic-link')}/data".encode())
    builder.git("update-index", "--add", "--cacheinfo", f"120000,{target},link")
    commit = builder.commit()
    builder.git("checkout", "-q", "--", "link")
    yield Place("symbolic-link", ("symlink",), ("link",), commit, at_head=True)


@_holds("file-name", "folder-name")
def _names(builder: _Builder) -> Iterator[Place]:
    file, folder = f"{key('file-name')}.txt", f"dump-{key('folder-name')}"
    commit = builder.add({file: b"nothing\n"})
    yield Place("file-name", ("file-name",), (file,), commit, at_head=True)
    commit = builder.add({f"{folder}/inside.txt": b"also nothing\n"})
    paths = (folder, f"{folder}/inside.txt", f"{folder}/")
    yield Place("folder-name", ("file-name",), paths, commit, at_head=True)


@_holds("in-folder")
def _in_folder(builder: _Builder) -> Iterator[Place]:
    commit = builder.add({"folder/file.txt": _line("in-folder")})
    yield _file("in-folder", "folder/file.txt", commit, at_head=True)


@_holds("name-with-line-break", "name-without-encoding")
def _odd_names(builder: _Builder) -> Iterator[Place]:
    """Names that not every file system takes, so the work tree never has them."""
    for name, raw, path in (
        ("name-with-line-break", b"line\nbreak.txt", "line\nbreak.txt"),
        ("name-without-encoding", b"not\xffutf.txt", "not%FFutf.txt"),
    ):
        commit = builder.aside(f"refs/heads/{name}", {raw: _line(name)})
        yield _file(name, path, commit)


# Refs


@_holds("branch", "remote-tracking-branch", "lightweight-tag", "pull-request", "original-ref")
def _refs(builder: _Builder) -> Iterator[Place]:
    for name, ref in (
        ("branch", "refs/heads/topic"),
        ("remote-tracking-branch", "refs/remotes/origin/topic"),
        ("lightweight-tag", "refs/tags/light"),
        ("pull-request", "refs/pull/1/head"),
        ("original-ref", "refs/original/refs/heads/main"),
    ):
        commit = builder.aside(ref, {f"{name}.txt".encode(): _line(name)}, "HEAD")
        yield _file(name, f"{name}.txt", commit)


@_holds("orphan-branch")
def _orphan(builder: _Builder) -> Iterator[Place]:
    commit = builder.aside("refs/heads/orphan", {b"root.txt": _line("orphan-branch")})
    builder.aside("refs/heads/orphan", {b"other.txt": b"nothing\n"}, commit)
    yield _file("orphan-branch", "root.txt", commit)


@_holds("branch-name", "tag-name", commit=None)
def _ref_names(builder: _Builder) -> Iterator[Place]:
    for name, folder in (("branch-name", "refs/heads/topics"), ("tag-name", "refs/tags")):
        ref = f"{folder}/{key(name)}"
        builder.git("update-ref", ref, "HEAD")
        yield Place(name, ("ref-name",), (ref,))


# Tags


@_holds("tag-message", "tagger", commit=None)
def _annotated(builder: _Builder) -> Iterator[Place]:
    builder.git("tag", "-a", "noted", "-m", f"Release\n\n{key('tag-message')}")
    yield Place("tag-message", ("tag-message",), ("refs/tags/noted",))
    tagger = {"GIT_COMMITTER_NAME": key("tagger")}
    builder.git("tag", "-a", "signed-off", "-m", "Release", environment=tagger)
    yield Place("tagger", ("author", "tag-message"), ("refs/tags/signed-off",))


@_holds("tag-of-a-tag", "tag-behind-a-tag", commit=None)
def _nested_tag(builder: _Builder) -> Iterator[Place]:
    builder.git("tag", "-a", "inner", "-m", key("tag-behind-a-tag"))
    inner = builder.git("rev-parse", "refs/tags/inner")
    builder.git("tag", "-a", "outer", "-m", key("tag-of-a-tag"), "inner")
    builder.git("update-ref", "-d", "refs/tags/inner")
    yield Place("tag-of-a-tag", ("tag-message",), ("refs/tags/outer",))
    paths = ("refs/tags/outer", "refs/tags/inner", f"tag/{inner}")
    yield Place("tag-behind-a-tag", ("tag-message",), paths)


@_holds("tag-of-a-tree", "tag-of-a-blob", commit=False)
def _tagged_content(builder: _Builder) -> Iterator[Place]:
    content = _line("tag-of-a-tree")
    builder.git("tag", "-a", "tree", "-m", "a tree", builder.tree({b"in-tree.txt": content}))
    paths = ("in-tree.txt", "refs/tags/tree:in-tree.txt", f"blob/{builder.blob(content)}")
    yield Place("tag-of-a-tree", ("file",), paths)
    blob = builder.blob(_line("tag-of-a-blob"))
    builder.git("update-ref", "refs/tags/blob", blob)
    yield Place("tag-of-a-blob", ("file",), ("refs/tags/blob", f"blob/{blob}"))


@_holds("note", commit=None)
def _note(builder: _Builder) -> Iterator[Place]:
    builder.git("notes", "add", "-m", key("note"), "HEAD")
    head = builder.git("rev-parse", "HEAD")
    ref = "refs/notes/commits"
    yield Place("note", ("note", "file"), (f"commit/{head}", head, ref, f"{ref}:{head}"))


# Commits


@_holds("message-title", "message-body", "message-trailer", "message-of-an-empty-commit")
def _messages(builder: _Builder) -> Iterator[Place]:
    kinds = ("commit-message",)
    for name, message in (
        ("message-title", "Use {}"),
        ("message-body", "Title\n\nIt is {} now."),
        ("message-trailer", "Title\n\nBody.\n\nSigned-off-by: Ada <ada@example.org>\nToken: {}"),
    ):
        builder.stage({"messages.txt": name.encode()})
        yield _from_commit(name, kinds, builder.commit(message=message.format(key(name))))
    name = "message-of-an-empty-commit"
    yield _from_commit(name, kinds, builder.commit(message=key(name)))


@_holds("author-name", "author-email", "committer-name", "committer-email")
def _people(builder: _Builder) -> Iterator[Place]:
    for name in ("author-name", "author-email", "committer-name", "committer-email"):
        variable = f"GIT_{name.replace('-', '_').upper()}"
        value = key(name) + ("@example.org" if name.endswith("email") else "")
        commit = builder.commit(**{variable: value})
        yield _from_commit(name, ("author",), commit)


@_holds("signature", "merged-tag", "unknown-header", "message-in-latin-1", "message-behind-nul")
def _by_hand(builder: _Builder) -> Iterator[Place]:
    """Commits with what git's own commands do not write."""
    head = ("author", "commit-message")
    seal = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n {}\n -----END PGP SIGNATURE-----\n\nSigned\n"
    merged = f"mergetag object {builder.git('rev-parse', 'HEAD')}\n type commit\n tag v9\n"
    merged += " tagger Ada <ada@example.org> 1700000000 +0000\n \n Release {}\n\nMerge\n"
    for name, kinds, rest in (
        ("signature", head, seal),
        ("merged-tag", (*head, "tag-message"), merged),
        ("unknown-header", head, "x-token {}\n\nTitle\n"),
        ("message-in-latin-1", ("commit-message",), "encoding ISO-8859-1\n\n\xfc\xe9 {} \xfc\n"),
        ("message-behind-nul", ("commit-message",), "\nTitle\0{}\n"),
    ):
        commit = _handmade(builder, rest.format(key(name)))
        builder.git("update-ref", f"refs/heads/{name}", commit)
        yield _from_commit(name, kinds, commit)


def _handmade(builder: _Builder, rest: str) -> str:
    tree, parent = builder.git("rev-parse", "HEAD^{tree}", "HEAD").split()
    who = b"Ada <ada@example.org> 1700000000 +0000"
    lines = (b"tree " + tree.encode(), b"parent " + parent.encode(), b"author " + who,
             b"committer " + who, rest.encode("latin-1"))  # fmt: skip
    return builder.raw("commit", *lines, options=("--literally",))


# Merges


@_holds("merged-branch", "merge-only")
def _merge(builder: _Builder) -> Iterator[Place]:
    """A merge that brings in what none of its parents has."""
    builder.git("checkout", "-q", "-b", "side")
    side = builder.add({"side.txt": _line("merged-branch")})
    builder.git("checkout", "-q", "main")
    builder.add({"main.txt": b"main\n"})
    builder.git("merge", "-q", "--no-commit", "side")
    builder.stage({"merge.txt": _line("merge-only")})
    yield _file("merged-branch", "side.txt", side, at_head=True)
    yield _file("merge-only", "merge.txt", builder.commit(), at_head=True)


@_holds("octopus-merge")
def _octopus(builder: _Builder) -> Iterator[Place]:
    parents = [
        builder.aside(f"refs/heads/arm-{arm}", {b"arm.txt": str(arm).encode()}) for arm in range(3)
    ]
    parents.insert(0, builder.git("rev-parse", "HEAD"))
    builder.stage({"octopus.txt": _line("octopus-merge")})
    options = [word for parent in parents for word in ("-p", parent)]
    tree = builder.git("write-tree")
    commit = builder.git("commit-tree", *options, "-m", "Octopus", tree)
    builder.git("update-ref", "HEAD", commit)
    yield _file("octopus-merge", "octopus.txt", commit, at_head=True)


# What only reflogs reach, and what nothing does


@_holds("amended-commit", "amended-message")
def _amended(builder: _Builder) -> Iterator[Place]:
    builder.stage({"amended.txt": _line("amended-commit")})
    commit = builder.commit(message=f"Use {key('amended-message')}")
    builder.stage({"amended.txt": b"harmless\n"})
    builder.commit("--amend", message="Use nothing")
    yield _file("amended-commit", "amended.txt", commit, reachable=False)
    yield _from_commit("amended-message", ("commit-message",), commit, reachable=False)


@_holds("older-stash", "stash", "stash-index", "stash-untracked")
def _stashes(builder: _Builder) -> Iterator[Place]:
    builder.write({"README": _line("older-stash")})
    builder.git("stash", "push", "-q")
    older = builder.git("rev-parse", "refs/stash")
    yield _file("older-stash", "README", older, reachable=False)
    builder.stage({"README": _line("stash-index")})
    builder.write({"README": _line("stash"), "untracked.txt": _line("stash-untracked")})
    builder.git("stash", "push", "-q", "--include-untracked")
    ids = builder.git("rev-parse", "refs/stash", "refs/stash^2", "refs/stash^3").split()
    yield _file("stash", "README", ids[0])
    yield _file("stash-index", "README", ids[1])
    yield _file("stash-untracked", "untracked.txt", ids[2])


@_holds("unreachable-commit", "unreachable-message", "unreachable-parent")
def _dangling_commits(builder: _Builder) -> Iterator[Place]:
    parent = builder.aside(None, {b"parent.txt": _line("unreachable-parent")})
    content = {b"lost.txt": _line("unreachable-commit")}
    commit = builder.aside(None, content, parent, message=key("unreachable-message"))
    yield _file("unreachable-parent", "parent.txt", parent, reachable=False)
    yield _file("unreachable-commit", "lost.txt", commit, reachable=False)
    yield _from_commit("unreachable-message", ("commit-message",), commit, reachable=False)


@_holds("unreachable-blob", "unreachable-tree", commit=False)
def _dangling_content(builder: _Builder) -> Iterator[Place]:
    blob = builder.blob(_line("unreachable-blob"))
    yield _file("unreachable-blob", f"blob/{blob}", None)
    content = _line("unreachable-tree")
    builder.tree({b"loose-end.txt": content})
    paths = ("loose-end.txt", f"blob/{builder.blob(content)}")
    yield Place("unreachable-tree", ("file",), paths)


@_holds("unreachable-tag", commit=None)
def _dangling_tag(builder: _Builder) -> Iterator[Place]:
    head = builder.git("rev-parse", "HEAD").encode()
    tagger = b"tagger Ada <ada@example.org> 1700000000 +0000"
    message = key("unreachable-tag").encode() + b"\n"
    lines = (b"object " + head, b"type commit", b"tag lost", tagger, b"", message)
    yield Place("unreachable-tag", ("tag-message",), (f"tag/{builder.raw('tag', *lines)}",))


# The configuration, and other repositories


@_holds("remote-url", "push-url", "extra-header", commit=None)
def _config(builder: _Builder) -> Iterator[Place]:
    for name, setting, value in (
        ("remote-url", "remote.origin.url", "https://user:{}@git.example.org/a.git"),
        ("push-url", "remote.backup.pushurl", "https://{}@git.example.org/b.git"),
        ("extra-header", "http.https://git.example.org/.extraHeader", "Authorization: bearer {}"),
    ):
        builder.git("config", setting, value.format(key(name)))
        yield Place(name, ("git-config",), (".git/config",))


@_holds("alternate")
def _alternate(builder: _Builder) -> Iterator[Place]:
    """A branch of which all objects lie in another repository."""
    lender = builder.folder.with_name(f"{builder.folder.name}-lender")
    builder.init(lender)
    (lender / "lent.txt").write_bytes(_line("alternate"))
    builder.git("add", "lent.txt", at=lender)
    builder.git("commit", "-q", "-m", "lent", at=lender)
    commit = builder.git("rev-parse", "HEAD", at=lender)
    if builder.storage is not Storage.LOOSE:
        builder.git("repack", "-adq", at=lender)
    alternates = builder.folder / ".git" / "objects" / "info" / "alternates"
    alternates.write_text(f"{(lender / '.git' / 'objects').as_posix()}\n")
    builder.git("update-ref", "refs/heads/borrowed", commit)
    yield _file("alternate", "lent.txt", commit)


@_holds("replaced-blob")
def _replaced_blob(builder: _Builder) -> Iterator[Place]:
    commit = builder.add({"replaced.txt": _line("replaced-blob")})
    old = builder.git("rev-parse", "HEAD:replaced.txt")
    builder.git("replace", old, builder.blob(_line("replacement")))
    yield _file("replaced-blob", "replaced.txt", commit, at_head=True)


@_holds("replacement", commit=None)
def _replacement(builder: _Builder) -> Iterator[Place]:
    """The other half of the step before."""
    old, new = builder.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/replace")\
        .split()  # fmt: skip
    yield Place("replacement", ("file",), ("replaced.txt", old, f"blob/{new}"))


@_holds("grafted-away", "grafted-away-by-file")
def _grafts(builder: _Builder) -> Iterator[Place]:
    """Commits with parents that git keeps quiet about."""
    for name in ("grafted-away", "grafted-away-by-file"):
        first = builder.aside(None, {f"{name}.txt".encode(): _line(name)})
        tip = builder.aside(f"refs/heads/{name}", {b"clean.txt": name.encode()}, first)
        if name == "grafted-away":
            builder.git("replace", "--graft", tip)
        else:
            (builder.folder / ".git" / "info" / "grafts").write_text(f"{tip}\n")
        yield _file(name, f"{name}.txt", first)


@_holds("loose-object")
def _loose(builder: _Builder) -> Iterator[Place]:
    commit = builder.add({"loose.txt": _line("loose-object")})
    yield _file("loose-object", "loose.txt", commit, at_head=True)


@_holds("staged-only", commit=False)
def _staged(builder: _Builder) -> Iterator[Place]:
    builder.stage({"staged.txt": _line("staged-only")})
    paths = ("staged.txt", f"blob/{builder.git('rev-parse', ':staged.txt')}")
    yield Place("staged-only", ("file",), paths)
