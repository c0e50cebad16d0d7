"""What an audit keeps of itself for the next one."""

from __future__ import annotations

from pathlib import Path

from scanner import memory as memory_of
from scanner.inventory import Inventory
from scanner.memory import Memory
from scanner.packs import BLOB
from scanner.sources.objects import TEXTS, Store, present
from scanner.trace import Trace


def recalled(kept: str, folders: list[Path], id_size: int) -> Memory:
    """What is kept under a name, as far as it is of use for these object folders; `id_size` is
    20 or 32 bytes."""
    return memory_of.recall(kept).fitting(*present(folders, id_size))


def whole(kept: str, total: Inventory, store: Store, trace: Trace) -> None:
    """Keeps under a name what was seen, unless there is more that could not be than single
    objects."""
    if total.timeouts or total.lost or store.unread:
        return
    packs, loose = store.names()
    unread = [held for held in total.unread if not held.policy]
    loose -= {held.id.hex() for held in unread if held.loose}  # is looked at anew
    suspects = {(one.id.hex(), one.type) for one in total.found}
    blobs = {id_ for id_, kind in suspects if kind == BLOB}
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
            tuple((one.id.hex(), one.type, one.reason or "") for one in unread if not one.loose),
            total.blobs,
            total.size,
        ),
    )


def part(kept: str, before: Memory, total: Inventory, store: Store) -> None:
    """Keeps under a name what was seen of packs until the audit was ended, so that the next one
    goes on there.

    What earlier audits had seen (`before`) stays. Loose objects, which are few, are looked at
    anew, and so is where a rule gave up.
    """
    packed = Inventory(total.id_size, store.ids)
    packed.recall(before)
    shares = set(before.shares)
    for piece, harvest in total.done:
        share = store.share(piece)
        if share and piece.kinds == TEXTS and not harvest.timeouts:
            shares.add(share)
            packed.add(None, harvest)
    unread = [held for held in packed.unread if not held.policy]
    found = {(one.id.hex(), one.type) for one in packed.found}
    memory_of.keep(
        kept,
        before._replace(
            suspects=tuple({*before.suspects, *found}),
            missing=frozenset(id_.hex() for id_ in packed.missing),
            skipped=tuple(sorted(packed.skipped())),
            unread=tuple((one.id.hex(), one.type, one.reason or "") for one in unread),
            blobs=packed.blobs,
            size=packed.size,
            shares=frozenset(shares),
            begun=store.names()[0],
        ),
    )
