"""Sharing while a render runs: what is finished goes out in the background.

A machine that is taken away in the middle of a run leaves what it had finished to the others.
"""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

from voicepipe.errors import EnvironmentFault, VoicepipeError
from voicepipe.remote.push import Pushed, push
from voicepipe.remote.store import AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Collection

    from voicepipe.bank.take_store import TakeStore
    from voicepipe.remote.pull import SoughtClip
    from voicepipe.remote.record_kinds import Tell
    from voicepipe.remote.revocations import Revocations
    from voicepipe.remote.store import SharedStore


class Pusher:
    """Pushes what it is offered, in a thread of its own, until it is closed."""

    def __init__(
        self,
        store: SharedStore,
        take_store: TakeStore,
        revocations: Revocations,
        tell: Tell,
        known_absent: Collection[str],
    ) -> None:
        """Start.

        Args:
            store: Established.
            take_store: Of the output folder.
            revocations: Revocations, here and there.
            tell: Told, from the thread, of what cannot be shared.
            known_absent: Keys that need not be looked for in the store.
        """
        self._store = store
        self._take_store = take_store
        self._revocations = revocations
        self._tell = tell
        self._absent = known_absent
        self._offered: queue.SimpleQueue[SoughtClip | None] = queue.SimpleQueue()
        self._is_abandoned = False
        self._error: VoicepipeError | None = None
        self._pushed = Pushed(clips=0, takes=0, forbidden=0)
        self._thread = threading.Thread(target=self._run, name="sharing", daemon=True)
        self._thread.start()

    def offer(self, one: SoughtClip) -> None:
        """Have a finished clip and its take pushed soon. Returns at once."""
        self._offered.put(one)

    def close(self, *, abandon: bool = False) -> Pushed:
        """Wait until everything offered has gone.

        Args:
            abandon: Give up what has not begun.

        Returns:
            What went, all in all.

        Raises:
            EnvironmentFault: The store could not be reached, or refused; the rest did not go.
        """
        self._is_abandoned |= abandon
        self._offered.put(None)
        self._thread.join()
        if self._error is not None and not abandon:
            raise EnvironmentFault(self._error.message, remedy=self._error.remedy)
        return self._pushed

    def _run(self) -> None:
        is_open = True
        while is_open:
            batch, is_open = self._next_batch()
            if not batch or self._error is not None or self._is_abandoned:
                continue
            try:
                went = push(
                    self._store,
                    self._take_store,
                    batch,
                    self._revocations,
                    self._tell,
                    known_absent=self._absent,
                )
            except VoicepipeError as error:
                self._error = error
                continue
            self._pushed = self._pushed + went

    def _next_batch(self) -> tuple[list[SoughtClip], bool]:
        """Wait for something, then take what else is there, a handful at most."""
        batch: list[SoughtClip] = []
        one = self._offered.get()
        while one is not None:
            batch.append(one)
            if len(batch) >= AT_ONCE:
                return batch, True
            try:
                one = self._offered.get_nowait()
            except queue.Empty:
                return batch, True
        return batch, False
