"""What was made of objects, found by which objects they are: comparing them costs more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Made = TypeVar("Made")


class ByIdentity(Generic[Made]):
    """Values by objects that are never changed; both are kept alive."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, ...], tuple[tuple[object, ...], Made]] = {}

    def get(self, objects: tuple[object, ...], make: Callable[[], Made]) -> Made:
        """Give what was made of these objects, or make it."""
        key = tuple(map(id, objects))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = (objects, make())
        return known[1]
