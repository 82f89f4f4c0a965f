"""Which entries of a version a person means."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voicepipe.documents.asked_names import matching, refuse_unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicepipe.bank.manifest import BankManifest, ManifestEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """Filters a person gives; each empty one lets everything through."""

    languages: frozenset[str] = frozenset()
    scenes: frozenset[str] = frozenset()
    speakers: frozenset[str] = frozenset()
    lines: frozenset[str] = frozenset()
    """Ids, with or without variant suffixes, or patterns such as `bridge_*`."""
    verdicts: frozenset[str] = frozenset()

    def has_failed(self, row: Mapping[str, str]) -> bool:
        """Tell whether a line that has no clip, and so no scene or speaker, is meant."""
        is_named = not self.lines or bool(_names_of(row) & self.lines)
        is_spoken = not self.languages or row["language"] in self.languages
        return is_named and is_spoken and not (self.scenes or self.speakers or self.verdicts)


def _names_of(row: Mapping[str, str]) -> set[str]:
    """Give the id of a line that failed, and the one it has in the script."""
    return {row["line"], row["line"].partition("__")[0]}


def resolve_filter(manifest: BankManifest, wanted: EntryFilter) -> EntryFilter:
    """Put a version's own names in place of patterns.

    Raises:
        UsageError: A name that the version does not have, with the closest one it has.
    """
    ids = {name for entry in manifest.entries for name in (entry.line, entry.base_line)}
    ids.update(*(_names_of(row) for row in manifest.failed))
    lines = matching(wanted.lines, ids)
    whose = f"{manifest.bank} {manifest.version}"
    for what, asked, there in (
        ("language", wanted.languages, set(manifest.languages)),
        ("scene", wanted.scenes, {entry.scene for entry in manifest.entries}),
        ("speaker", wanted.speakers, {entry.speaker for entry in manifest.entries}),
        ("line", lines, ids),
    ):
        refuse_unknown(whose, what, asked, there)
    return replace(wanted, lines=lines)


def filter_entries(manifest: BankManifest, meant: EntryFilter) -> tuple[ManifestEntry, ...]:
    """Give the entries of a version that are meant.

    Args:
        manifest: The version.
        meant: As `resolve_filter` gives it.

    Returns:
        In the order of the manifest; none where no clip has all that is asked for.
    """
    return tuple(
        entry
        for entry in manifest.entries
        if (not meant.languages or entry.language in meant.languages)
        and (not meant.scenes or entry.scene in meant.scenes)
        and (not meant.speakers or entry.speaker in meant.speakers)
        and (not meant.verdicts or entry.verdict in meant.verdicts)
        and (not meant.lines or {entry.line, entry.base_line} & meant.lines)
    )
