"""Certifying a withdrawal: gathering what was removed, what is kept and why, and what is still out.

The certificate lies beside the consent log, whose next line names it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from voicepipe.bank.layout import OBJECT_SUFFIX
from voicepipe.bank.take_store import TakeStore
from voicepipe.clock import utc_now
from voicepipe.consent.log import Change
from voicepipe.errors import UsageError
from voicepipe.hashing import sha256_of_file
from voicepipe.pipeline.certificate import issue_certificate, log_beside
from voicepipe.pipeline.suspension import log_change
from voicepipe.pipeline.takedown import exported_rows, published_rows
from voicepipe.voices.catalog import load_catalog
from voicepipe.voices.consent_logs import log_path
from voicepipe.voices.voice import VoiceId

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from voicepipe.bank.revocation import PublishedFile
    from voicepipe.hashing import Json
    from voicepipe.pipeline.certificate import Certificate
    from voicepipe.pipeline.removal_inventory import RemovalInventory
    from voicepipe.pipeline.revoked_exports import Copies
    from voicepipe.pipeline.store_revocation import StorePurge
    from voicepipe.pipeline.suspension import Statement
    from voicepipe.remote.revocations import Revocation
    from voicepipe.settings import Settings

_SAYS_SO = "says that consent was withdrawn, so that nothing renders again"
_PROVES = "proves what had been agreed to"
_RECORDING = "a recording of the person's own, put here by people: theirs to return or to destroy"
_SHARED = "another voice's record names the same bytes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """What a revocation came to."""

    revocation: Revocation
    date: datetime.date
    inventory: RemovalInventory
    shared: StorePurge
    published: tuple[PublishedFile, ...]
    copies: Copies
    said: Statement


def require_there(shipped: Sequence[Path]) -> None:
    """Go on only when everything a person wants looked through is there.

    Raises:
        UsageError: Names what is not.
    """
    for path in shipped:
        if not path.exists():
            raise UsageError(
                f"{path} is not there", remedy="name a file, a folder or a zip archive"
            )


def certify(
    root: Path, settings: Settings, removal: Removal, folder: Path | None
) -> tuple[Certificate, bool]:
    """Write the certificate of a removal, and name it in the consent log.

    Args:
        root: The project root.
        settings: Name the folders.
        removal: As far as it came.
        folder: Where the certificate goes; None: the voices' folder.

    Returns:
        The certificate in force, and whether it is new.

    Raises:
        InputError: Something else has its name.
        EnvironmentFault: It cannot be written, or the log does not hold together.
    """
    voice, out = removal.revocation.voice, root / settings.out
    path_of_log = log_path(f"{settings.voices}/{voice}.yaml")
    log = log_beside(root / path_of_log)
    gone = removal.inventory.gone(removal.shared.done)
    published = published_rows(removal.published, out)
    takedown = [
        *({**row, "path": f"{settings.out}/{row['path']}"} for row in published),
        *exported_rows(removal.copies.files, root),
    ]
    facts: dict[str, Json] = {
        "voice": voice,
        "consents": list(removal.revocation.consents),
        "bank": settings.bank,
        "date": str(removal.date),
        "issued": utc_now(),
        "by": removal.said.by,
        "note": removal.said.note,
        "consent_log": {
            "file": path_of_log,
            "head": None if log.last is None else log.last.hash,
            "lines": len(log.entries),
        },
        "removed": [asdict(one) for one in gone],
        "kept": [*_kept(root, settings, removal)],
        "takedown": takedown,
        "unreachable": [asdict(one) for one in removal.copies.unreachable],
        "remains": list(removal.shared.remains),
    }
    made, is_new = issue_certificate(folder or root / settings.voices, voice, facts)
    removal.inventory.settle(gone)
    if is_new:
        note = f"{made.path.name} {made.hash}"
        with suppress(UsageError):  # the voice's file is gone, and its record with it
            log_change(
                root,
                settings,
                voice,
                Change.CERTIFIED,
                replace(removal.said, note=note),
            )
    return made, is_new


def _kept(root: Path, settings: Settings, removal: Removal) -> Iterator[dict[str, Json]]:
    """Name what stays, file by file, and why."""
    voice = removal.revocation.voice
    file = f"{settings.voices}/{voice}.yaml"
    yield from _rows(root, [file], _SAYS_SO)
    found = load_catalog(root, settings)[0].voices.get(VoiceId(voice))
    if found is not None:
        evidence = "" if found.consent is None else found.consent.evidence
        yield from _rows(root, [evidence], _PROVES)
        paths = {clip.path for clip in found.clips} | {clip.path for clip in found.auxiliary}
        paths |= {clip.path for clip in found.sounds}
        yield from _rows(root, sorted(paths), _RECORDING)
    recordings = set(removal.revocation.recordings)
    overrides = root / settings.overrides
    if recordings and overrides.is_dir():
        files = (path for path in sorted(overrides.rglob("*")) if path.is_file())
        named = [path.relative_to(root).as_posix() for path in files]
        rows = _rows(root, named, _RECORDING)
        yield from (row for row in rows if row["sha256"] in recordings)
    objects = TakeStore(root / settings.out).objects
    shared = sorted({one.sha256 for one in removal.published if objects.has(one.sha256)})
    stored = [objects.path(one, OBJECT_SUFFIX).relative_to(root).as_posix() for one in shared]
    yield from _rows(root, stored, _SHARED)


def _rows(root: Path, paths: Sequence[str], why: str) -> Iterator[dict[str, Json]]:
    for path in paths:
        with suppress(OSError):  # what is not there is not kept
            if path:
                yield {"where": path, "sha256": sha256_of_file(root / path), "why": why}
