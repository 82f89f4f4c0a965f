"""Clips of a published version, chosen by a person, with what the project says of their lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.bank.versions import LATEST_NAME, load_version
from voicepipe.bank.versions import resolve as resolve_version
from voicepipe.errors import UsageError
from voicepipe.pipeline.project import load_project
from voicepipe.pipeline.selection import EVERYTHING, Selection, resolve

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.bank.manifest import BankManifest, ManifestEntry
    from voicepipe.pipeline.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedClips:
    """Some clips of a version."""

    project: Project
    manifest: BankManifest
    entries: tuple[ManifestEntry, ...]
    """In the manifest's order."""


def published_clips(
    root: Path, selection: Selection = EVERYTHING, *, bank: str = "", version: str = LATEST_NAME
) -> PublishedClips:
    """Find clips of a published version.

    Args:
        root: The folder `voicepipe.yaml` is in.
        selection: As a person wrote it.
        bank: Empty: the project's.
        version: `latest`, a name such as `v0002`, or the beginning of its content's hash.

    Raises:
        InputError: The settings cannot be used.
        UsageError: There is no such version, a name the project does not have, or no such clip.
        EnvironmentFault: The manifest is damaged, or cannot be read.
    """
    project = load_project(root)
    found = resolve_version(project.out, bank or project.settings.bank, version)
    manifest = load_version(found)
    if selection.is_everything:
        return PublishedClips(project=project, manifest=manifest, entries=manifest.entries)
    resolved = resolve(project, selection)
    chosen = {
        (line.id, language)
        for line in project.lines
        for language in line.texts
        if resolved.has(line, language)
    }
    entries = tuple(e for e in manifest.entries if (e.line, e.language) in chosen)
    if not entries:
        raise UsageError(
            f"{found.bank} {found.name} holds no such clip",
            remedy="`voicepipe bank show` lists what it holds; `voicepipe render` makes more",
        )
    return PublishedClips(project=project, manifest=manifest, entries=entries)
