"""A render and the shared store: what others have made comes first, what we made goes out.

The output folder stays the working store. Nothing is asked of the network when there is nothing
to make and all that was published is shared.
"""

from __future__ import annotations

import os
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from voicepipe.bank.plan import RECORDED, Action
from voicepipe.bank.records import CLIPS, TAKES
from voicepipe.bank.take_store import TakeStore
from voicepipe.errors import EnvironmentFault
from voicepipe.pipeline.permissions import revoked_in_files
from voicepipe.pipeline.render.planning import WORK, Available, plan_with
from voicepipe.remote.address import parse_address
from voicepipe.remote.pull import Pulled, SoughtClip, pull, pull_takes
from voicepipe.remote.push import Pushed, push
from voicepipe.remote.pusher import Pusher
from voicepipe.remote.record_kinds import keys_there, records_of
from voicepipe.remote.revocations import (
    Revocations,
    local_revocations,
    note_revocation,
    shared_revocations,
)
from voicepipe.remote.store import open_store
from voicepipe.remote.sync_state import note_store, save_sync_state, synced_version
from voicepipe.workers.events import ClipDone, StoreNote

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from voicepipe.bank.manifest import BankManifest
    from voicepipe.bank.plan import PlanStep
    from voicepipe.pipeline.project import Project
    from voicepipe.pipeline.render.planning import Planned
    from voicepipe.qc.examining import ExaminerSetup
    from voicepipe.remote.address import StoreAddress
    from voicepipe.remote.store import SharedStore
    from voicepipe.settings import Settings
    from voicepipe.workers.cluster import ClusterBackend
    from voicepipe.workers.events import RenderEvent
    from voicepipe.workers.jobs import ClipJob

OFF: Final = "off"
"""Instead of an address: share nothing this time, whatever the settings say."""
VARIABLE: Final = "VOICEPIPE_STORE"
"""Environment variable that names a store for a whole machine; it wins over the settings."""


def store_address(settings: Settings, asked: str = "") -> StoreAddress | None:
    """Choose the store: the one asked for, the environment's, or that of the settings.

    Args:
        settings: Of the project.
        asked: An address, `off`, or empty.

    Raises:
        UsageError: It is not an address, or carries credentials.
    """
    url = asked or os.environ.get(VARIABLE, "") or settings.store
    return None if url in ("", OFF) else parse_address(url)


def sharing_of(
    project: Project,
    asked: str = "",
    *,
    on_event: Callable[[RenderEvent], None] = lambda _: None,
    pushes: bool = True,
) -> Sharing | None:
    """Prepare to share, if there is a store; nothing is asked of it yet.

    Raises:
        UsageError: It is not an address, or carries credentials.
    """
    address = store_address(project.settings, asked)
    if address is None:
        return None
    return Sharing(
        project.root,
        project.settings,
        address,
        revoked=revoked_in_files(project.catalog),
        on_event=on_event,
        pushes=pushes,
    )


def noted_in_folder(address: StoreAddress | None) -> Revocations:
    """Read the revocations noted in a store that is a folder: that costs nothing.

    A bucket is asked whenever something is to be made or shared.

    Raises:
        EnvironmentFault: A note is damaged.
    """
    is_folder = address is not None and address.scheme == "file"
    return (
        local_revocations(Path(address.root))
        if address is not None and is_folder
        else Revocations()
    )


def sought_of(planned: Planned, step: PlanStep) -> SoughtClip:
    """Say what of a step could be shared; the step is not a DROP."""
    clip_request = planned.clip_request_of(step)
    return SoughtClip(
        clip_key=clip_request.clip.clip_key,
        take_key="" if clip_request.clip.source == RECORDED else step.take_key,
        voice=clip_request.metadata.voice,
        consent=clip_request.metadata.consent,
        needs_take=step.pinned,
    )


class Sharing:
    """One command's dealings with a shared store. Opens it when it is needed first."""

    def __init__(
        self,
        root: Path,
        settings: Settings,
        address: StoreAddress,
        *,
        revoked: Revocations,
        on_event: Callable[[RenderEvent], None] = lambda _: None,
        pushes: bool = True,
    ) -> None:
        """Ask nothing yet.

        Args:
            root: The project's folder.
            settings: Of the project.
            address: The store.
            revoked: What the voices' files revoke.
            on_event: Told of what came and of what is wrong there.
            pushes: False: nothing is written there.
        """
        self._root = root
        self._out = root / settings.out
        self._bank = settings.bank
        self._address = address
        self._on_event = on_event
        self._pushes = pushes
        self._take_store = TakeStore(self._out)
        self._store: SharedStore | None = None
        self._revoked_in_files = revoked
        self._revocations = Revocations()
        self._damaged: frozenset[str] = frozenset()
        self._is_empty = False

    @property
    def revoked(self) -> Revocations:
        """The revocations this store is known to hold; a bucket is only asked with `ask`."""
        return self._revocations | noted_in_folder(self._address)

    def ask(self) -> Revocations:
        """Read the revocations noted in the store at this moment.

        Raises:
            EnvironmentFault: The store cannot be reached, or a note is damaged.
        """
        store = self._opened()
        if not self._is_empty:
            self._revocations |= shared_revocations(store)
        return self._revocations

    def keep_notes(self) -> None:
        """Note in the output folder what the store says was revoked; the caller holds its lock.

        From then on it stands without the store, too.

        Raises:
            EnvironmentFault: A note cannot be written.
        """
        known = local_revocations(self._out)
        for revocation in self.revoked.as_tuple():
            if (known | Revocations([revocation])).of(revocation.voice) != known.of(
                revocation.voice
            ):
                note_revocation(self._out, revocation)

    def fetch_takes(self, keys: Collection[str]) -> int:
        """Fetch takes that people have pinned and that are not here, whoever spoke them.

        Returns:
            How many came.

        Raises:
            EnvironmentFault: The store cannot be reached, or the disk is full; what came is kept.
        """
        store = self._opened(writing=self._pushes) if keys else None
        if store is None or self._is_empty:
            return 0
        return len(pull_takes(store, self._take_store, keys, self.ask(), self._warn))

    def lookup(self, planned: Planned) -> Available:
        """Find out what of a plan's work the store has; writes nothing anywhere.

        Raises:
            EnvironmentFault: The store cannot be reached.
        """
        store = self._opened()
        steps = planned.plan.of(*WORK, Action.LOST)
        sought = [sought_of(planned, step) for step in steps]
        allowed = [one for one in sought if not self._revocations.forbid(one.voice, one.consent)]
        if self._is_empty or not allowed:
            return Available()
        clips = keys_there(store, CLIPS, {one.clip_key for one in allowed})
        lacking = {one.take_key for one in allowed if one.clip_key not in clips} - {""}
        takes = keys_there(store, TAKES, lacking - planned.have_takes)
        pinned = {one.take_key for one in allowed if one.needs_take} & takes
        if pinned and self._revocations.as_tuple():  # an older take may be another voice's
            records, _ = records_of(store, TAKES, pinned, self._warn)
            takes -= {
                key
                for key, one in records.items()
                if self._revocations.forbid(one.record.voice, one.record.consent)
            }
        return Available(clips=frozenset(clips), takes=frozenset(takes))

    def pulled(self, planned: Planned, steps: Sequence[PlanStep]) -> tuple[Planned, Pulled]:
        """Fetch what others have made of some steps, and plan again.

        Raises:
            EnvironmentFault: The store cannot be reached, or the disk is full; what came is kept.
        """
        nothing = Pulled(
            clips=frozenset(), takes=frozenset(), damaged=frozenset(), forbidden=frozenset()
        )
        if not steps:
            return planned, nothing
        store = self._opened(writing=self._pushes)
        if self._is_empty:
            return planned, nothing
        sought = [sought_of(planned, step) for step in steps]
        result = pull(store, self._take_store, sought, self._revocations, self._warn)
        self._damaged = result.damaged
        if result.forbidden:
            self._warn(
                f"{len(result.forbidden)} takes or clips in {self._address} were left there: their "
                "voices are revoked; `voicepipe voices revoke` removes them"
            )
        if not (result.clips or result.takes):
            return planned, result
        self._tell(f"{len(result.clips)} clips and {len(result.takes)} takes from {self._address}")
        return plan_with(planned, Available(clips=result.clips, takes=result.takes)), result

    @contextmanager
    def pushing(
        self, planned: Planned, steps: Iterable[PlanStep]
    ) -> Iterator[Callable[[RenderEvent], None]]:
        """Push what is finished while the work goes on.

        Yields:
            A function to be called with every event. A store that fails meanwhile stops no
            render: `catch_up` says so afterwards.
        """
        sought = {(step.line, step.language): sought_of(planned, step) for step in steps}
        if not self._pushes or not sought:
            yield lambda _: None
            return
        absent = {one.clip_key for one in sought.values()} | self._damaged
        absent |= {one.take_key for one in sought.values()} - planned.have_takes
        said: list[str] = []
        pusher = Pusher(
            self._opened(writing=True),
            self._take_store,
            self._revocations,
            said.append,
            frozenset(absent),
        )

        def note(event: RenderEvent) -> None:
            if isinstance(event, ClipDone) and (event.line_id, event.language) in sought:
                pusher.offer(sought[event.line_id, event.language])

        try:
            yield note
        except BaseException:
            pusher.close(abandon=True)
            raise
        try:
            self._tally(pusher.close())
        except EnvironmentFault as fault:
            said.append(f"{fault.message}; what was not shared is tried again at the end")
        for text in said:
            self._warn(text)

    @contextmanager
    def backend(
        self, address: str, jobs: Sequence[ClipJob], examiner: ExaminerSetup | None, *, most: int
    ) -> Iterator[ClusterBackend]:
        """Connect to a cluster whose nodes share what they make.

        Args:
            address: `auto` or `ray://host:port`.
            jobs: To be rendered there, by number.
            examiner: Who listens there to finished clips; None: nobody.
            most: No more workers than this; 0: as many as there are.

        Raises:
            UsageError: The address is none.
            EnvironmentFault: Ray is not installed, or no cluster answers.
        """
        from voicepipe.workers.cluster import ClusterBackend  # noqa: PLC0415 -- few have a cluster

        backend = ClusterBackend(
            address,
            jobs,
            examiner=examiner,
            root=self._root,
            out=self._out,
            store=self._opened(writing=True),
            revocations=self._revocations,
            tell=self._warn,
            most=most,
        )
        with closing(backend):
            yield backend

    def catch_up(self, planned: Planned, manifest: BankManifest) -> None:
        """Push what a published version has and the store has not, and save_stamp that it has.

        Raises:
            EnvironmentFault: The store cannot be reached, or refuses; the version stays published.
        """
        if not self._pushes:
            return
        out, bank = self._out, self._bank
        store_id = self._store.id if self._store is not None else ""
        known = synced_version(out, self._address, bank, store_id)
        if known == manifest.version:
            return
        store = self._opened(writing=True)
        known = synced_version(out, self._address, bank, store.id)
        is_known = planned.previous is not None and planned.previous.version == known
        there = planned.previous.entries if is_known and planned.previous is not None else ()
        clips = {entry.clip_key for entry in there}
        takes = {entry.take_key for entry in there}
        held = {(entry.line, entry.language) for entry in manifest.entries}
        steps = [
            step
            for step in planned.plan.steps
            if step.action is not Action.DROP and (step.line, step.language) in held
        ]
        sought = [
            replace(one, take_key="" if one.take_key in takes else one.take_key)
            for one in (sought_of(planned, step) for step in steps)
            if one.clip_key not in clips or one.take_key not in takes | {""}
        ]
        self._tally(
            push(
                store,
                self._take_store,
                sought,
                self._revocations,
                self._warn,
                known_absent=self._damaged,
            )
        )
        save_sync_state(out, self._address, bank, store.id, manifest.version)

    def _opened(self, *, writing: bool = False) -> SharedStore:
        if self._store is None:
            store = open_store(self._address)
            self._is_empty = not store.found()
            if self._is_empty:
                self._tell(f"{self._address}: nothing is shared here yet")
            self._revocations = (
                local_revocations(self._out)
                | self._revoked_in_files
                | (Revocations() if self._is_empty else shared_revocations(store))
            )
            self._store = store
        if writing and not self._store.id:
            self._store.establish()
            note_store(self._out, self._address, self._store.id)
        return self._store

    def _tally(self, went: Pushed) -> None:
        if went.clips or went.takes:
            self._tell(f"{went.clips} clips and {went.takes} takes shared in {self._address}")
        if went.forbidden:
            self._warn(f"{went.forbidden} takes or clips of revoked voices were not shared")

    def _tell(self, message: str) -> None:
        self._on_event(StoreNote(message=message))

    def _warn(self, message: str) -> None:
        self._on_event(StoreNote(message=message, is_warning=True))
