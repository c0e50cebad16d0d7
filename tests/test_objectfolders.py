from pathlib import Path

import pytest

from scanner.objectfolders import loose_in, packs_in


def test_packs_are_listed_in_order(tmp_path: Path) -> None:
    assert packs_in(tmp_path) == []
    (tmp_path / "pack").mkdir()
    for name in ("pack-b.pack", "pack-a.pack", "pack-a.idx", "tmp_pack_x", "pack-c.keep"):
        (tmp_path / "pack" / name).touch()
    assert [path.name for path in packs_in(tmp_path)] == ["pack-a.pack", "pack-b.pack"]


@pytest.mark.parametrize("size", [20, 32])
def test_loose_objects_are_told_by_their_names(tmp_path: Path, size: int) -> None:
    good = ["00" + "a" * (2 * size - 2), "ff" + "0" * (2 * size - 2)]
    bad = ["00/short", "00/" + "g" * (2 * size - 2), "00/" + "A" * (2 * size - 2), "pack/x",
           "AB/" + "0" * (2 * size - 2), "00/" + "a" * (2 * size - 1), "info/packs"]  # fmt: skip
    for name in [*(f"{name[:2]}/{name[2:]}" for name in good), *bad]:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    (tmp_path / "12").touch()
    found = list(loose_in(tmp_path, size))
    assert found == [(name, tmp_path / name[:2] / name[2:]) for name in good]
