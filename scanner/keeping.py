"""What an audit keeps of itself for the next one."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from scanner import memory as memory_of
from scanner.inventory import Inventory
from scanner.memory import Memory
from scanner.packindex import split
from scanner.packs import BLOB
from scanner.sources.objects import TEXTS, Held, Store, ids_in, present
from scanner.trace import Trace


def recalled(kept: str, folders: list[Path], id_size: int) -> Memory:
    """What is kept under a name, as far as it is of use for these object folders; `id_size` is
    20 or 32 bytes."""
    ids = partial(ids_in, folders, id_size)
    return memory_of.recall(kept).fitting(*present(folders, id_size), ids, id_size)


def whole(kept: str, total: Inventory, store: Store, trace: Trace) -> None:
    """Keeps under a name what was seen, unless there is more that could not be than single
    objects."""
    if total.timeouts or total.lost or store.unread:
        return
    packs, loose = store.names()
    anew = {held.id for held in _unread(total) if held.loose}
    loose -= {id_.hex() for id_ in anew}
    ids = store.ids()
    if anew:
        ids = b"".join(id_ for id_ in split(ids, total.id_size) if id_ not in anew)
    suspects = _suspects(total)
    blobs = {id_ for id_, kind in suspects if kind == BLOB}
    blobs |= {held.id.hex() for held in _unread(total)}  # they may be read another time
    introductions = trace.introductions(blobs)
    memory_of.keep(
        kept,
        Memory(
            packs,
            loose,
            tuple(suspects),
            tuple((id_, one) for id_ in sorted(blobs) for one in dict.fromkeys(introductions[id_])),
            frozenset(id_.hex() for id_ in total.missing),
            tuple(sorted(total.skipped())),
            _tried_again(total),
            total.blobs,
            total.size,
            ids=ids,
        ),
    )


def part(kept: str, before: Memory, total: Inventory, store: Store) -> None:
    """Keeps under a name what was seen of packs until the audit was ended, so that the next one
    goes on there.

    What earlier audits had seen (`before`) stays. Loose objects, which are few, are looked at
    anew, and so is where a rule gave up. Where packs had been made anew, nothing is kept: what was
    known before is worth more.
    """
    if before.objects:
        return
    packed = Inventory(total.id_size, total.absent)
    packed.recall(before)
    shares = set(before.shares)
    for piece, harvest in total.done:
        share = store.share(piece)
        if share and piece.kinds == TEXTS and not harvest.timeouts:
            shares.add(share)
            packed.add(harvest)
    memory_of.keep(
        kept,
        before._replace(
            suspects=tuple({*before.suspects, *_suspects(packed)}),
            missing=frozenset(id_.hex() for id_ in packed.missing),
            skipped=tuple(sorted(packed.skipped())),
            unread=_tried_again(packed),
            blobs=packed.blobs,
            size=packed.size,
            shares=frozenset(shares),
            begun=store.names()[0],
        ),
    )


def _suspects(total: Inventory) -> set[tuple[str, int]]:
    return {(one.id.hex(), one.type) for one in total.found}


def _unread(total: Inventory) -> list[Held]:
    return [held for held in total.unread if not held.policy]


def _tried_again(total: Inventory) -> tuple[tuple[str, int, str], ...]:
    """What could not be read of packs; loose objects are looked at anew anyway."""
    unread = (held for held in _unread(total) if not held.loose)
    return tuple((held.id.hex(), held.type, held.reason or "") for held in unread)
