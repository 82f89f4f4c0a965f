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
from voicepipe.bank.take_store import Vault
from voicepipe.errors import EnvironmentFault
from voicepipe.pipeline.render.planning import WORK, Available, plan_with
from voicepipe.remote.address import parse_address
from voicepipe.remote.pull import Pulled, Wish, pull, pull_takes
from voicepipe.remote.push import Pushed, push
from voicepipe.remote.pusher import Pusher
from voicepipe.remote.record_kinds import keys_there, records_of
from voicepipe.remote.revocations import Ban, Bans, local_bans, note_ban, shared_bans
from voicepipe.remote.store import open_store
from voicepipe.remote.sync_state import mark_shared, note_store, shared_version
from voicepipe.workers.events import ClipDone, StoreNote

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from voicepipe.bank.manifest import BankManifest
    from voicepipe.bank.plan import PlanStep
    from voicepipe.pipeline.project import Project
    from voicepipe.pipeline.render.planning import Planned
    from voicepipe.remote.address import StoreAddress
    from voicepipe.remote.store import SharedStore
    from voicepipe.settings import Settings
    from voicepipe.workers.cluster import ClusterCrew
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
    return Sharing(project, address, on_event=on_event, pushes=pushes)


def noted_in_folder(address: StoreAddress | None) -> Bans:
    """Read the withdrawals noted in a store that is a folder: that costs nothing.

    A bucket is asked whenever something is to be made or shared.

    Raises:
        EnvironmentFault: A note is damaged.
    """
    is_folder = address is not None and address.scheme == "file"
    return local_bans(Path(address.root)) if address is not None and is_folder else Bans()


def wish_of(planned: Planned, step: PlanStep) -> Wish:
    """Say what of a step could be shared; the step is not a DROP."""
    want = planned.want_of(step)
    return Wish(
        clip_key=want.clip.clip_key,
        take_key="" if want.clip.source == RECORDED else step.take_key,
        voice=want.metadata.voice,
        consent=want.metadata.consent,
        needs_take=step.pinned,
    )


class Sharing:
    """One command's dealings with a shared store. Opens it when it is needed first."""

    def __init__(
        self,
        project: Project,
        address: StoreAddress,
        *,
        on_event: Callable[[RenderEvent], None] = lambda _: None,
        pushes: bool = True,
    ) -> None:
        """Ask nothing yet.

        Args:
            project: Read and sound.
            address: The store.
            on_event: Told of what came and of what is wrong there.
            pushes: False: nothing is written there.
        """
        self._project = project
        self._address = address
        self._on_event = on_event
        self._pushes = pushes
        self._vault = Vault(project.out)
        self._store: SharedStore | None = None
        self._bans = Bans()
        self._damaged: frozenset[str] = frozenset()
        self._is_empty = False

    @property
    def withdrawn(self) -> Bans:
        """The withdrawals this store is known to hold; a bucket is only asked with `ask`."""
        return self._bans | noted_in_folder(self._address)

    def ask(self) -> Bans:
        """Read the withdrawals noted in the store at this moment.

        Raises:
            EnvironmentFault: The store cannot be reached, or a note is damaged.
        """
        store = self._opened()
        if not self._is_empty:
            self._bans |= shared_bans(store)
        return self._bans

    def keep_notes(self) -> None:
        """Note in the output folder what the store says was withdrawn; the caller holds its lock.

        From then on it stands without the store, too.

        Raises:
            EnvironmentFault: A note cannot be written.
        """
        known = local_bans(self._project.out)
        for ban in self.withdrawn.as_tuple():
            if (known | Bans([ban])).of(ban.voice) != known.of(ban.voice):
                note_ban(self._project.out, ban)

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
        return len(pull_takes(store, self._vault, keys, self.ask(), self._warn))

    def look(self, planned: Planned) -> Available:
        """Find out what of a plan's work the store has; writes nothing anywhere.

        Raises:
            EnvironmentFault: The store cannot be reached.
        """
        store = self._opened()
        steps = planned.plan.of(*WORK, Action.LOST)
        wishes = [wish_of(planned, step) for step in steps]
        allowed = [wish for wish in wishes if not self._bans.forbid(wish.voice, wish.consent)]
        if self._is_empty or not allowed:
            return Available()
        clips = keys_there(store, CLIPS, {wish.clip_key for wish in allowed})
        lacking = {wish.take_key for wish in allowed if wish.clip_key not in clips} - {""}
        takes = keys_there(store, TAKES, lacking - planned.have_takes)
        pinned = {wish.take_key for wish in allowed if wish.needs_take} & takes
        if pinned and self._bans.as_tuple():  # an older take may be another voice's
            records, _ = records_of(store, TAKES, pinned, self._warn)
            takes -= {
                key
                for key, one in records.items()
                if self._bans.forbid(one.record.voice, one.record.consent)
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
        wishes = [wish_of(planned, step) for step in steps]
        came = pull(store, self._vault, wishes, self._bans, self._warn)
        self._damaged = came.damaged
        if came.forbidden:
            self._warn(
                f"{len(came.forbidden)} takes or clips in {self._address} were left there: their "
                "voices are withdrawn; `voicepipe voices revoke` removes them"
            )
        if not (came.clips or came.takes):
            return planned, came
        self._tell(f"{len(came.clips)} clips and {len(came.takes)} takes from {self._address}")
        return plan_with(planned, Available(clips=came.clips, takes=came.takes)), came

    @contextmanager
    def pushing(
        self, planned: Planned, steps: Iterable[PlanStep]
    ) -> Iterator[Callable[[RenderEvent], None]]:
        """Push what is finished while the work goes on.

        Yields:
            A function to be called with every event. A store that fails meanwhile stops no
            render: `catch_up` says so afterwards.
        """
        wishes = {(step.line, step.language): wish_of(planned, step) for step in steps}
        if not self._pushes or not wishes:
            yield lambda _: None
            return
        absent = {wish.clip_key for wish in wishes.values()} | self._damaged
        absent |= {wish.take_key for wish in wishes.values()} - planned.have_takes
        said: list[str] = []
        pusher = Pusher(
            self._opened(writing=True), self._vault, self._bans, said.append, frozenset(absent)
        )

        def note(event: RenderEvent) -> None:
            if isinstance(event, ClipDone) and (event.line_id, event.language) in wishes:
                pusher.offer(wishes[event.line_id, event.language])

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
    def crew(
        self, address: str, jobs: Sequence[ClipJob], *, most: int = 0
    ) -> Iterator[ClusterCrew]:
        """Connect to a cluster whose nodes share what they make.

        Args:
            address: `auto` or `ray://host:port`.
            jobs: To be rendered there, by number.
            most: No more workers than this; 0: as many as there are.

        Raises:
            UsageError: The address is none.
            EnvironmentFault: Ray is not installed, or no cluster answers.
        """
        from voicepipe.workers.cluster import ClusterCrew  # noqa: PLC0415 -- few have a cluster

        crew = ClusterCrew(
            address,
            jobs,
            root=self._project.root,
            out=self._project.out,
            store=self._opened(writing=True),
            bans=self._bans,
            tell=self._warn,
            most=most,
        )
        with closing(crew):
            yield crew

    def catch_up(self, planned: Planned, manifest: BankManifest) -> None:
        """Push what a published version has and the store has not, and remember that it has.

        Raises:
            EnvironmentFault: The store cannot be reached, or refuses; the version stays published.
        """
        if not self._pushes:
            return
        out, bank = self._project.out, self._project.settings.bank
        store_id = self._store.id if self._store is not None else ""
        known = shared_version(out, self._address, bank, store_id)
        if known == manifest.version:
            return
        store = self._opened(writing=True)
        known = shared_version(out, self._address, bank, store.id)
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
        wishes = [
            replace(wish, take_key="" if wish.take_key in takes else wish.take_key)
            for wish in (wish_of(planned, step) for step in steps)
            if wish.clip_key not in clips or wish.take_key not in takes | {""}
        ]
        self._tally(
            push(store, self._vault, wishes, self._bans, self._warn, known_absent=self._damaged)
        )
        mark_shared(out, self._address, bank, store.id, manifest.version)

    def _opened(self, *, writing: bool = False) -> SharedStore:
        if self._store is None:
            store = open_store(self._address)
            self._is_empty = not store.found()
            if self._is_empty:
                self._tell(f"{self._address}: nothing is shared here yet")
            self._bans = (
                local_bans(self._project.out)
                | _revoked(self._project)
                | (Bans() if self._is_empty else shared_bans(store))
            )
            self._store = store
        if writing and not self._store.id:
            self._store.establish()
            note_store(self._project.out, self._address, self._store.id)
        return self._store

    def _tally(self, went: Pushed) -> None:
        if went.clips or went.takes:
            self._tell(f"{went.clips} clips and {went.takes} takes shared in {self._address}")
        if went.forbidden:
            self._warn(f"{went.forbidden} takes or clips of withdrawn voices were not shared")

    def _tell(self, message: str) -> None:
        self._on_event(StoreNote(message=message))

    def _warn(self, message: str) -> None:
        self._on_event(StoreNote(message=message, is_warning=True))


def _revoked(project: Project) -> Bans:
    return Bans(
        Ban(voice=voice.id, consents=(voice.consent.id,))
        for voice in project.catalog.voices.values()
        if voice.consent is not None and voice.consent.revoked is not None
    )
