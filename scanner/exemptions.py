"""At which paths nothing is told of what is found, or not all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from scanner.pathpatterns import compile_paths

# Whether something that would be told elsewhere is not at a path, as reports show it.
Exemption = Callable[[str], bool]


class Exemptions:
    """Excluded paths, and such as something is accepted at, or a rule does not look at."""

    def __init__(
        self, exclude: Sequence[str] = (), others: Callable[[], Iterable[Exemption]] = tuple
    ) -> None:
        """`exclude` are gitignore patterns; for `others` is asked when they are needed first, as
        most runs need none."""
        self.excluded = compile_paths(exclude)
        self._others = others

    @cached_property
    def _all(self) -> list[Exemption]:
        return [self.excluded, *self._others()]

    def end(self, old: str, new: str) -> bool:
        """Whether what was moved from one path to another comes out of an exemption: of what it
        held there, somebody may not have been told."""
        return old != new and any(exempt(old) and not exempt(new) for exempt in self._all)
