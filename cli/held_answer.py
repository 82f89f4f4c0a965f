"""The JSON document of a run, held back until its exit code is known.

So a run that fails or is stopped after it had its document still writes one document, not two.
"""

from __future__ import annotations

import contextlib
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from voicepipe.hashing import Json


class HeldAnswer:
    """Where a verb's document waits for the end of the run."""

    def __init__(self) -> None:
        self.document: dict[str, Json] | None = None

    def hold(self, document: Mapping[str, Json]) -> None:
        """Keep the document of this run."""
        assert self.document is None, "a run has one JSON document"
        self.document = dict(document)


_CURRENT: ContextVar[HeldAnswer | None] = ContextVar("held_answer", default=None)


def held_answer() -> HeldAnswer | None:
    """Give what holds this run's document; None outside of `holding_answer`."""
    return _CURRENT.get()


@contextlib.contextmanager
def holding_answer() -> Iterator[HeldAnswer]:
    """Hold back the JSON document that a verb gives inside."""
    held = HeldAnswer()
    token = _CURRENT.set(held)
    try:
        yield held
    finally:
        _CURRENT.reset(token)
