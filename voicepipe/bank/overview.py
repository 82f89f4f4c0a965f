"""One row a version, for listings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.bank.manifest import NOT_RENDERED
from voicepipe.bank.versions import latest, load_version, versions
from voicepipe.errors import EnvironmentFault

if TYPE_CHECKING:
    from pathlib import Path

from voicepipe.bank.versions import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """What a listing says of a version."""

    version: Version
    is_latest: bool
    created: str = ""
    content_sha256: str = ""
    languages: tuple[str, ...] = ()
    n_clips: int = 0
    n_failed: int = 0
    """Lines that were tried."""
    n_missing: int = 0
    """Lines that were not tried, since they were not in the render's selection."""
    duration_s: float = 0.0
    size_bytes: int = 0
    fault: str = ""
    """Why the manifest cannot be read; then the other fields are empty."""


def list_versions(out: Path, bank: str) -> tuple[VersionRow, ...]:
    """Sum up every version of a bank, oldest first; a damaged one says what is wrong with it.

    Raises:
        UsageError: That cannot be the name of a bank.
        EnvironmentFault: The folder cannot be read.
    """
    newest = latest(out, bank)
    return tuple(_row(version, is_latest=version == newest) for version in versions(out, bank))


def _row(version: Version, *, is_latest: bool) -> VersionRow:
    try:
        manifest = load_version(version)
    except EnvironmentFault as fault:
        return VersionRow(version=version, is_latest=is_latest, fault=fault.message)
    n_missing = sum(row["reason"] == NOT_RENDERED for row in manifest.failed)
    return VersionRow(
        version=version,
        is_latest=is_latest,
        created=manifest.created,
        content_sha256=manifest.content_sha256,
        languages=manifest.languages,
        n_clips=len(manifest.entries),
        n_failed=len(manifest.failed) - n_missing,
        n_missing=n_missing,
        duration_s=sum(entry.duration_s for entry in manifest.entries),
        size_bytes=sum(entry.size_bytes for entry in manifest.entries),
    )
