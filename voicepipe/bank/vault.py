"""Objects and their records together: what is there, and can be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.bank.ledger import clip_ledger, take_ledger
from voicepipe.bank.store import ObjectStore, log_quarantined

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from voicepipe.bank.manifest import BankManifest
    from voicepipe.bank.records import ClipRecord, TakeRecord
    from voicepipe.bank.store import Report


class Vault:
    """The store of one output folder, as workers and the pipeline use it.

    Holds no open files: cheap to make in every process, safe to pickle
    as long as its `report` is.
    """

    def __init__(self, out: Path, *, report: Report = log_quarantined) -> None:
        """Look at an output folder, which need not exist yet.

        Args:
            out: The output folder.
            report: Told of everything that is found damaged and set aside.
        """
        self.out = out
        self.objects = ObjectStore(out, report=report)
        self.takes = take_ledger(out, report=report)
        self.clips = clip_ledger(out, report=report)

    def find_take(self, key: str) -> TakeRecord | None:
        """Get a take's record, only when its sound is there too.

        Raises:
            EnvironmentFault: The disk will not read it.
        """
        record = self.takes.get(key)
        return record if record is not None and self.objects.has(record.object_id) else None

    def find_clip(self, key: str) -> ClipRecord | None:
        """Get a clip's record, only when its sound is there too.

        Raises:
            EnvironmentFault: The disk will not read it.
        """
        record = self.clips.get(key)
        return record if record is not None and self.objects.has(record.object_id) else None

    def known_clips(
        self, previous: BankManifest | None = None, among: Iterable[str] | None = None
    ) -> frozenset[str]:
        """List the clips whose sound is there, without opening a file for each.

        Args:
            previous: A manifest that knows which object most clips are.
            among: Only these keys; None: all.

        Returns:
            Clip keys. Records the manifest does not know are opened, the others are not.

        Raises:
            EnvironmentFault: A folder cannot be read.
        """
        index = {entry.clip_key: entry.sha256 for entry in previous.entries} if previous else {}
        objects = self.objects.ids()
        keys = self.clips.keys()
        if among is not None:
            keys.intersection_update(among)
        known = {key for key in keys if index.get(key) in objects}
        for key in keys - known:
            record = self.clips.get(key)
            if record is not None and record.object_id in objects:
                known.add(key)
        return frozenset(known)

    def known_takes(self, among: Iterable[str] | None = None) -> frozenset[str]:
        """List the takes whose sound is there.

        Args:
            among: Only these keys, whose records are opened; None: all.

        Returns:
            Take keys.

        Raises:
            EnvironmentFault: A folder cannot be read.
        """
        keys = self.takes.keys()
        if among is not None:
            keys.intersection_update(among)
        objects = self.objects.ids()
        found = ((key, self.takes.get(key)) for key in keys)
        return frozenset(key for key, record in found if record and record.object_id in objects)
